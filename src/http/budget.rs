//! The memory that the bodies of requests take, all callers' together: what is more is turned away.

use std::sync::Arc;

use axum::http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::body::Refused;
use super::parts::Parts;
use super::rate::Who;
use crate::error::Error;

/// It is counted by so many bytes.
const UNIT: usize = 1 << 10;

/// What a value takes in memory when it is built, beside its text.
pub const VALUE_BYTES: usize = 200;

/// So much of a body is free: what is mostly asked is less, and passes whoever has taken all the rest.
const FREE: usize = 8 << 10;

/// One caller that may not load takes one of so many parts.
const PART: usize = 4;

/// Whose body it is, as far as the budget goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// One that may load rows.
    Loader,
    /// One that is known.
    Reader,
    /// Anyone.
    Stranger,
}

/// What there is: apart for those with a credential and those without, so that neither starve the others.
#[derive(Clone, Debug)]
pub struct Budget {
    known: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
    of_reader: Parts,
    of_stranger: Parts,
}

impl Budget {
    /// A quarter of the bytes is for callers without a credential; the others have enough for the largest body at least.
    pub fn new(bytes: usize, largest: usize) -> Self {
        let known = (bytes - bytes / 4).max(largest).div_ceil(UNIT);
        let strangers = (bytes / 4).div_ceil(UNIT);
        Self {
            known: Arc::new(Semaphore::new(known)),
            strangers: Arc::new(Semaphore::new(strangers)),
            of_reader: Parts::of(known.div_ceil(PART)),
            of_stranger: Parts::of(strangers.div_ceil(PART)),
        }
    }

    /// What a request of a caller takes: nothing yet.
    pub fn share(&self, rank: Rank, whos: impl Iterator<Item = Who>) -> Share {
        let (all, of_one) = match rank {
            Rank::Loader => (&self.known, None),
            Rank::Reader => (&self.known, Some(&self.of_reader)),
            Rank::Stranger => (&self.strangers, Some(&self.of_stranger)),
        };
        let mut of = vec![Arc::clone(all)];
        if let Some(parts) = of_one {
            of.extend(whos.map(|who| parts.part(who)));
        }
        Share { of, bytes: 0, held: Vec::new() }
    }
}

/// What one request takes, until it is dropped.
#[derive(Debug)]
pub struct Share {
    of: Vec<Arc<Semaphore>>,
    bytes: usize,
    held: Vec<OwnedSemaphorePermit>,
}

impl Share {
    /// Takes so many bytes more; refused with 503 where they are not there.
    pub fn take(&mut self, bytes: usize) -> Result<(), Refused> {
        let full = || (StatusCode::SERVICE_UNAVAILABLE, Error::unavailable("too many bytes of bodies at once"));
        let counted = |bytes: usize| bytes.saturating_sub(FREE).div_ceil(UNIT);
        let units = counted(self.bytes + bytes) - counted(self.bytes);
        let units = u32::try_from(units).map_err(|_| full())?;
        for of in &self.of {
            self.held.push(Arc::clone(of).try_acquire_many_owned(units).map_err(|_| full())?);
        }
        self.bytes += bytes;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::UserId;

    fn who(id: i32) -> std::iter::Once<Who> {
        std::iter::once(Who::User(UserId(id)))
    }

    #[test]
    fn what_is_taken_is_there_again_when_it_is_dropped() {
        let budget = Budget::new(8 * UNIT, 0);
        let loader = || budget.share(Rank::Loader, who(1));
        let mut one = loader();
        one.take(FREE).unwrap();
        for _ in 0..6 * UNIT {
            one.take(1).unwrap();
        }
        assert!(one.take(1).is_err() && loader().take(FREE + 1).is_err());
        assert!(loader().take(FREE).is_ok(), "what is small passes");
        let mut strangers: Vec<_> = (0..3).map(|id| budget.share(Rank::Stranger, who(id))).collect();
        let taken = strangers.iter_mut().map(|share| share.take(FREE + UNIT).is_ok()).collect::<Vec<_>>();
        assert_eq!(taken, [true, true, false]);
        drop(one);
        assert!(loader().take(FREE + 6 * UNIT).is_ok());
        assert!(Budget::new(UNIT, 9 * UNIT).share(Rank::Loader, who(1)).take(9 * UNIT).is_ok(), "the largest body");
    }

    #[test]
    fn one_caller_that_may_not_load_takes_a_part_alone() {
        let budget = Budget::new(32 * UNIT, 0);
        for (rank, part) in [(Rank::Reader, 6), (Rank::Stranger, 2)] {
            let share = |id| budget.share(rank, who(id));
            let mut mine = share(1);
            mine.take(FREE + part * UNIT).unwrap();
            assert!(mine.take(UNIT).is_err() && share(1).take(FREE + 1).is_err(), "{rank:?}");
            assert!(share(2).take(FREE + part * UNIT).is_ok());
        }
    }
}
