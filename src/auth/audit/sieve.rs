//! What of the refusals is entered: anyone can cause any number.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::IpAddr;

use super::super::throttle::place;
use super::entry;
use crate::domain::audit::{Entry, Outcome};
use crate::domain::chrono::{DateTime, Utc};

/// How many entries that anyone can cause are kept a minute; the others are counted.
const REFUSED_A_MINUTE: u64 = 600;
/// How many of these of one caller.
const REFUSED_OF_ONE: u64 = 100;
/// How many callers are counted apart a minute, and of how many it is told that more was held back.
const MAX_CALLERS: usize = 10_000;
const MAX_TOLD: usize = 20;
/// Lets so many refusals of one caller through a minute, and so many of all, and tells of the others in entries of
/// their own: who fails in numbers hides nobody else's failures, and not that there were so many.
#[derive(Debug, Default)]
pub(super) struct Sieve {
    minute: i64,
    passed: u64,
    callers: HashMap<Caller, Count>,
    /// Those of callers that came when too many were counted already.
    others: u64,
}

/// Whose refusals are counted together: those of an address, or of a name where there is none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Caller {
    At(String),
    Named(Option<String>),
}

#[derive(Debug, Default)]
struct Count {
    passed: u64,
    held: u64,
    address: Option<IpAddr>,
}

impl Sieve {
    /// What is entered where this entry comes.
    pub(super) fn pass(&mut self, new: Entry) -> Vec<Entry> {
        let minute = new.at.timestamp().div_euclid(60);
        let mut passed = if minute == self.minute { Vec::new() } else { self.turn(minute, new.at) };
        if new.outcome == Outcome::Done || self.lets_through(&new) {
            passed.push(new);
        }
        passed
    }

    /// Counts a refusal; whether it is entered.
    fn lets_through(&mut self, new: &Entry) -> bool {
        let caller = match new.address {
            Some(address) => Caller::At(place(address)),
            None => Caller::Named(new.actor.clone()),
        };
        if self.callers.len() >= MAX_CALLERS && !self.callers.contains_key(&caller) {
            self.others += 1;
            return false;
        }
        let count = self.callers.entry(caller).or_default();
        count.address = new.address;
        if count.passed >= REFUSED_OF_ONE || self.passed >= REFUSED_A_MINUTE {
            count.held += 1;
            return false;
        }
        count.passed += 1;
        self.passed += 1;
        true
    }

    /// Begins another minute. What was held back in the one before, by who it was: the busiest alone, the others together.
    fn turn(&mut self, minute: i64, now: DateTime<Utc>) -> Vec<Entry> {
        let before = std::mem::replace(self, Self { minute, ..Self::default() });
        let mut held: Vec<_> = before.callers.into_iter().filter(|(_, count)| count.held > 0).collect();
        held.sort_by_key(|(_, count)| Reverse(count.held));
        let rest = before.others + held.iter().skip(MAX_TOLD).map(|(_, count)| count.held).sum::<u64>();
        held.truncate(MAX_TOLD);
        let told = |count, actor, address| Entry {
            actor,
            address,
            detail: Some(format!("{count} more refusals of the minutes before were not entered")),
            ..entry("refusals", Outcome::Refused, now)
        };
        let mut entries: Vec<_> = held
            .into_iter()
            .map(|(caller, count)| match caller {
                Caller::At(_) => told(count.held, None, count.address),
                Caller::Named(name) => told(count.held, name, None),
            })
            .collect();
        if rest > 0 {
            entries.push(told(rest, None, None));
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chrono::TimeDelta;
    use crate::storage::testing::noon;

    fn refused(milliseconds: i64, address: &str) -> Entry {
        let at = noon() + TimeDelta::milliseconds(milliseconds);
        Entry { address: Some(address.parse().unwrap()), ..entry("login", Outcome::Refused, at) }
    }

    #[test]
    fn refusals_beyond_a_number_a_minute_are_told_in_one_entry() {
        let mut sieve = Sieve::default();
        let passed: usize = (0..5_000).map(|at| sieve.pass(refused(at, "192.0.2.1")).len()).sum();
        assert_eq!(passed, 100);
        assert_eq!(sieve.pass(entry("login", Outcome::Done, noon())).len(), 1, "what was done is always entered");
        assert_eq!(sieve.pass(refused(9, "192.0.2.2")).len(), 1, "one caller hides no other");
        let next = sieve.pass(refused(60_000, "192.0.2.3"));
        let told: Vec<_> = next.iter().map(|it| (it.address.unwrap().to_string(), it.detail.as_deref())).collect();
        let of_first = Some("4900 more refusals of the minutes before were not entered");
        assert_eq!(told, [("192.0.2.1".to_owned(), of_first), ("192.0.2.3".to_owned(), None)]);
        assert_eq!(sieve.pass(refused(60_001, "192.0.2.3")).len(), 1);
    }

    #[test]
    fn refusals_of_any_number_of_callers_are_bounded_too_and_none_is_uncounted() {
        let mut sieve = Sieve::default();
        let callers = 20_000;
        let passed: usize =
            (0..callers).map(|host| sieve.pass(refused(0, &format!("10.0.{}.{}", host >> 8, host & 255))).len()).sum();
        assert_eq!(passed, 600);
        let told = sieve.pass(refused(60_000, "192.0.2.1"));
        assert_eq!(told.len(), 1 + MAX_TOLD + 1, "the busiest, the rest, and the new one");
        let counts = told.iter().filter_map(|it| it.detail.as_deref()?.split(' ').next()?.parse::<i32>().ok());
        assert_eq!(counts.sum::<i32>(), callers - 600);
    }
}
