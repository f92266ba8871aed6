//! The instant at which a request is answered, and for how long its answer would be the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::chrono::{DateTime, Utc};

/// The clock of one request. Clones share what was asked of it.
#[derive(Clone, Debug)]
pub struct Clock {
    /// The instant at which the request is answered.
    pub now: DateTime<Utc>,
    seen: Arc<Seen>,
}

/// The nearest instants that were compared with the clock: Unix seconds.
#[derive(Debug)]
struct Seen {
    latest_past: AtomicI64,
    earliest_future: AtomicI64,
}

impl Clock {
    /// One that stands at that instant.
    pub fn at(now: DateTime<Utc>) -> Self {
        let (latest_past, earliest_future) = (AtomicI64::new(i64::MIN), AtomicI64::new(i64::MAX));
        Self { now, seen: Arc::new(Seen { latest_past, earliest_future }) }
    }

    /// Whether an instant, in Unix seconds, has come. What is told of data by the time goes through here.
    pub fn has_come(&self, instant: i64) -> bool {
        let has_come = instant <= self.now.timestamp();
        if has_come {
            self.seen.latest_past.fetch_max(instant, Ordering::Relaxed);
        } else {
            self.seen.earliest_future.fetch_min(instant, Ordering::Relaxed);
        }
        has_come
    }

    /// From when until when, in Unix seconds, all that was asked has the same answers.
    pub fn same_within(&self) -> std::ops::Range<i64> {
        self.seen.latest_past.load(Ordering::Relaxed)..self.seen.earliest_future.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;
    use crate::domain::chrono::DateTime;

    #[test]
    fn what_was_asked_of_the_clock_bounds_how_long_it_is_so() {
        let clock = Clock::at(DateTime::from_timestamp(100, 500_000_000).unwrap());
        assert_eq!(clock.same_within(), i64::MIN..i64::MAX, "nothing was asked");
        let told = [90, 150, 100, 101, 95].map(|instant| clock.has_come(instant));
        assert_eq!((told, clock.same_within()), ([true, false, true, false, true], 100..101));
    }
}
