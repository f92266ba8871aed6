//! Slows down who guesses passwords, and never shuts the rightful user out.
//!
//! An attempt is counted as a failure before the password is looked at, and forgiven when it was right: so a thousand
//! that come at once are no more than a thousand that come one by one. What is counted, and how long it closes the door
//! when it goes on, is a [`Rule`]; see `docs/adr/0007-sign-ins-are-throttled-in-the-database.md`.

use std::net::IpAddr;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::device::Known;
use crate::domain::chrono::{DateTime, Utc};
use crate::error::{Error, Result};
use crate::storage::{Database, Digest};

/// After how long without a failure all is forgotten.
const MEMORY: Duration = Duration::from_hours(1);

/// What is counted, how many failures are free, and the longest that it is closed after one more.
#[derive(Clone, Copy, Debug)]
struct Rule {
    what: &'static str,
    free: i32,
    longest: Duration,
}

/// A user at one address or device: the only rule for one from which the user has signed in before.
const PLACE: Rule = Rule { what: "place", free: 10, longest: Duration::from_mins(1) };

/// A user, from all devices together that it has signed in from: their number is the user's own to choose.
const DEVICES: Rule = Rule { what: "devices", free: 50, longest: Duration::from_mins(1) };

/// An address, whoever it tries to be.
const ADDRESS: Rule = Rule { what: "address", free: 50, longest: Duration::from_mins(1) };

/// A user, from all addresses together. It closes for moments only: its rightful owner may be at a new address.
const USER: Rule = Rule { what: "user", free: 100, longest: Duration::from_secs(5) };

/// From where an attempt comes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Origin<'a> {
    /// A device from which the user has signed in before.
    Device(&'a Known),
    /// An address, if that is known.
    Address(Option<IpAddr>),
}

/// An attempt to sign in that was let through, and is counted as failed until it is forgiven.
#[derive(Debug)]
pub(super) struct Attempt {
    subjects: Vec<(Digest, Rule)>,
}

impl Attempt {
    /// Counts an attempt, or refuses it as `RateLimited` with how long to wait. A name that nobody has is counted like
    /// any other.
    pub async fn begin(database: &Database, name: &str, from: Origin<'_>, now: DateTime<Utc>) -> Result<Self> {
        let subjects = subjects(database, name, from).await?;
        let digests: Vec<_> = subjects.iter().map(|(digest, _)| *digest).collect();
        // Looked at first without a lock, so that those who are to wait do not queue with those who write.
        if let Some(until) = database.closed_until(&digests, now).await? {
            return Err(wait(until, now));
        }
        let write = database.write().await?;
        write.forget_old_failures(now - MEMORY).await?;
        for (subject, rule) in &subjects {
            let Some(failures) = write.count_failure(subject, now, now - MEMORY).await? else {
                // Another attempt was first, and has closed it.
                write.rollback().await?;
                let until = database.closed_until(&digests, now).await?;
                return Err(wait(until.unwrap_or(now), now));
            };
            if let Some(delay) = rule.delay(failures) {
                write.close_subject(subject, now, delay).await?;
            }
        }
        write.commit().await?;
        Ok(Self { subjects })
    }

    /// It was the right password after all.
    pub async fn forgive(self, database: &Database) -> Result<()> {
        let write = database.write().await?;
        for (subject, rule) in &self.subjects {
            if rule.what == PLACE.what {
                write.forget_failures(subject).await?;
            } else {
                // The failures of others stay: who has one account must not guess at another between sign-ins.
                write.forgive_failure(subject).await?;
            }
        }
        write.commit().await
    }
}

impl Rule {
    /// For how long it closes after that many failures: doubling from a second on.
    fn delay(self, failures: i32) -> Option<Duration> {
        let beyond = u32::try_from(failures - self.free).ok().filter(|beyond| *beyond > 0)?;
        let delay = Duration::from_secs(1).saturating_mul(1 << (beyond - 1).min(16));
        Some(delay.min(self.longest))
    }

    fn subject(self, parts: &[&str]) -> (Digest, Self) {
        let mut hash = Sha256::new();
        for part in [self.what].iter().chain(parts) {
            hash.update(part.as_bytes());
            // No name and no address holds it.
            hash.update([0]);
        }
        (hash.finalize().into(), self)
    }
}

/// What an attempt counts for, in the order in which every process locks it.
async fn subjects(database: &Database, name: &str, from: Origin<'_>) -> Result<Vec<(Digest, Rule)>> {
    let address = match from {
        Origin::Device(known) => {
            let mut subjects = vec![PLACE.subject(&[name, &known.place()]), DEVICES.subject(&[name])];
            subjects.sort_by_key(|(digest, _)| *digest);
            return Ok(subjects);
        }
        Origin::Address(address) => address,
    };
    let place = address.map(place);
    let mut subjects = vec![PLACE.subject(&[name, place.as_deref().unwrap_or_default()])];
    let is_known = match &place {
        Some(place) => database.has_signed_in_from(name, place).await?,
        None => false,
    };
    if !is_known {
        subjects.push(USER.subject(&[name]));
        subjects.extend(place.map(|place| ADDRESS.subject(&[&place])));
    }
    subjects.sort_by_key(|(digest, _)| *digest);
    Ok(subjects)
}

/// An address as it is counted and remembered: a host's, of IPv6 the network of 64 bits that one host may choose from.
pub(super) fn place(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

fn wait(until: DateTime<Utc>, now: DateTime<Utc>) -> Error {
    let seconds = (until - now).num_milliseconds().div_euclid(1_000) + 1;
    let wait = Duration::from_secs(seconds.unsigned_abs());
    Error::RateLimited(format!("too many sign-ins have failed; try again in {seconds} seconds"), wait)
}
