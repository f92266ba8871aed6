//! How many requests are worked on at once, of all callers and of one: what is more is turned away, rather than all being
//! slow.

use std::sync::Arc;

use axum::http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::body::Refused;
use super::parts::Parts;
use super::rate::Who;
use crate::error::Error;

/// A caller may take one of so many parts of the places.
const PART: usize = 2;
/// One of so many parts of the places is there for signing in and out besides.
const SIGN_IN: usize = 8;

/// Places for requests that have been read, until their answers are sent. Who is slow to send one takes none.
#[derive(Clone, Debug)]
pub struct Room {
    places: Arc<Semaphore>,
    of_one: Parts,
    turns: Parts,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub struct Place {
    _permits: Vec<OwnedSemaphorePermit>,
    turns: Option<Arc<Semaphore>>,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// All are taken.
    OfAll,
    /// The caller has all that one may have.
    OfOne,
}

/// Both are shed alike: who asks again a little later is served.
impl From<Full> for Refused {
    fn from(_: Full) -> Self {
        (StatusCode::SERVICE_UNAVAILABLE, Error::unavailable("too many requests at once"))
    }
}

impl Room {
    /// For so many at once, of which a caller has a part; and for so many queries of one caller at work, while its others
    /// wait.
    pub fn new(places: usize, turns_of_one: usize) -> Self {
        let of_one = Parts::of((places / PART).max(1));
        Self { places: Arc::new(Semaphore::new(places)), of_one, turns: Parts::of(turns_of_one) }
    }

    /// A room beside it, so that who takes all places keeps nobody from signing in.
    pub fn beside(places: usize) -> Self {
        Self::new(places.div_ceil(SIGN_IN), 1)
    }

    /// A place for a caller, who is known by its credential, its address or both; refused where all are taken, or all that
    /// the one or the other may have.
    pub fn enter(&self, whos: impl IntoIterator<Item = Who>) -> Result<Place, Full> {
        let mut permits = vec![Arc::clone(&self.places).try_acquire_owned().map_err(|_| Full::OfAll)?];
        let mut turns = None;
        for who in whos {
            permits.push(self.of_one.part(who).try_acquire_owned().map_err(|_| Full::OfOne)?);
            turns.get_or_insert_with(|| self.turns.part(who));
        }
        Ok(Place { _permits: permits, turns })
    }
}

impl Place {
    /// Waits until few enough queries of the same caller are at work; the turn lasts until it is dropped.
    pub async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        let turns = self.turns.clone()?;
        // They are never closed.
        turns.acquire_owned().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;
    use crate::domain::access::UserId;

    fn who(id: i32) -> Who {
        Who::User(UserId(id))
    }

    fn at(address: &str) -> Who {
        Who::at(address.parse().unwrap())
    }

    #[tokio::test]
    async fn one_caller_takes_neither_all_places_nor_all_turns() {
        let room = Room::new(8, 2);
        let mine: Vec<_> = (0..4).map(|_| room.enter([who(1)]).unwrap()).collect();
        assert_eq!(room.enter([who(1)]).unwrap_err(), Full::OfOne);
        let other = room.enter([who(2)]).unwrap();
        let _rest: Vec<_> = (3..6).map(|id| room.enter([who(id)]).unwrap()).collect();
        assert_eq!(room.enter([who(6)]).unwrap_err(), Full::OfAll);
        let first = mine[0].turn().await;
        let second = mine[1].turn().await;
        assert!(first.is_some() && second.is_some() && mine[2].turn().now_or_never().is_none(), "it waits");
        assert!(other.turn().now_or_never().is_some(), "and another does not");
        drop(first);
        assert!(mine[2].turn().now_or_never().is_some());
        drop(mine);
        assert!(room.enter([who(1)]).is_ok(), "places are given back");
    }

    #[tokio::test]
    async fn who_comes_with_a_credential_and_without_one_is_one_caller_by_its_address() {
        let room = Room::new(8, 2);
        let here = at("192.0.2.1");
        let mut mine: Vec<_> = (0..2).map(|_| room.enter([here]).unwrap()).collect();
        mine.extend((0..2).map(|_| room.enter([who(1), here]).unwrap()));
        for more in [vec![here], vec![who(1), here], vec![who(2), here]] {
            assert!(room.enter(more).is_err());
        }
        assert!(room.enter([who(1), at("192.0.2.2")]).is_ok() && room.enter([at("192.0.2.3")]).is_ok());
    }

    #[tokio::test]
    async fn callers_who_are_gone_are_forgotten_and_those_at_work_are_not() {
        let room = Room::new(8, 2);
        let mine: Vec<_> = (0..4).map(|_| room.enter([who(0)]).unwrap()).collect();
        for id in 1..5_000 {
            room.enter([who(id)]).unwrap();
        }
        assert!(room.of_one.known() <= 1_000 && room.turns.known() <= 1_000);
        assert!(room.enter([who(0)]).is_err(), "its places are taken still");
        drop(mine);
    }
}
