//! The memory that the bodies of requests take, all callers' together: what is more is turned away.

use std::sync::Arc;

use axum::http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::body::Refused;
use crate::error::Error;

/// It is counted by so many bytes.
const UNIT: usize = 1 << 10;

/// What a value takes in memory when it is built, beside its text.
pub const VALUE_BYTES: usize = 200;

/// What there is: apart for those with a credential and those without, so that neither starve the others.
#[derive(Clone, Debug)]
pub struct Budget {
    known: Arc<Semaphore>,
    anonymous: Arc<Semaphore>,
}

impl Budget {
    /// A quarter of the bytes is for callers without a credential; the others have enough for the largest body at least.
    pub fn new(bytes: usize, largest: usize) -> Self {
        let units = |bytes: usize| Arc::new(Semaphore::new(bytes.div_ceil(UNIT)));
        Self { known: units((bytes - bytes / 4).max(largest)), anonymous: units(bytes / 4) }
    }

    /// What a request takes: nothing yet.
    pub fn share(&self, is_known: bool) -> Share {
        let of = if is_known { &self.known } else { &self.anonymous };
        Share { of: Arc::clone(of), bytes: 0, held: None }
    }
}

/// What one request takes, until it is dropped.
#[derive(Debug)]
pub struct Share {
    of: Arc<Semaphore>,
    bytes: usize,
    held: Option<OwnedSemaphorePermit>,
}

impl Share {
    /// Takes so many bytes more; refused with 503 where they are not there.
    pub fn take(&mut self, bytes: usize) -> Result<(), Refused> {
        let full = || (StatusCode::SERVICE_UNAVAILABLE, Error::unavailable("too many bytes of bodies at once"));
        let units = (self.bytes + bytes).div_ceil(UNIT) - self.bytes.div_ceil(UNIT);
        let more = u32::try_from(units).map_err(|_| full())?;
        let more = Arc::clone(&self.of).try_acquire_many_owned(more).map_err(|_| full())?;
        self.bytes += bytes;
        match &mut self.held {
            Some(held) => held.merge(more),
            none => *none = Some(more),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_there_again_when_it_is_dropped() {
        let budget = Budget::new(8 * UNIT, 0);
        let mut one = budget.share(true);
        for _ in 0..6 * UNIT {
            one.take(1).unwrap();
        }
        assert!(one.take(1).is_err() && budget.share(true).take(1).is_err());
        let mut anonymous = budget.share(false);
        assert!(anonymous.take(2 * UNIT).is_ok() && anonymous.take(1).is_err());
        drop(one);
        assert!(budget.share(true).take(6 * UNIT).is_ok());
        assert!(Budget::new(UNIT, 9 * UNIT).share(true).take(9 * UNIT).is_ok(), "the largest body");
    }
}
