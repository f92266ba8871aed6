//! How many requests are worked on at once, of all callers and of one: what is more is turned away, rather than all being
//! slow.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::body::Refused;
use super::rate::Who;
use crate::error::Error;

/// A caller may take one of so many parts of the places.
const PART: usize = 2;
/// Callers that are known before those who ask nothing are forgotten.
const MANY: usize = 1_000;

/// Places for requests that have been read, until their answers are sent. Who is slow to send one takes none.
#[derive(Clone, Debug)]
pub struct Room {
    places: Arc<Semaphore>,
    places_of_one: usize,
    turns_of_one: usize,
    guests: Arc<Mutex<HashMap<Who, Guest>>>,
}

/// What one caller may have.
#[derive(Clone, Debug)]
struct Guest {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub struct Place {
    _permit: OwnedSemaphorePermit,
    _permit_of_one: Option<OwnedSemaphorePermit>,
    turns: Option<Arc<Semaphore>>,
}

impl Room {
    /// For so many at once, of which a caller has a part; and for so many queries of one caller at work, while its others
    /// wait.
    pub fn new(places: usize, turns_of_one: usize) -> Self {
        let places_of_one = (places / PART).max(1);
        Self { places: Arc::new(Semaphore::new(places)), places_of_one, turns_of_one, guests: Arc::default() }
    }

    /// A place; refused with 503 where all are taken, or all that one caller may have.
    pub fn enter(&self, who: Option<Who>) -> Result<Place, Refused> {
        let full = |_| (StatusCode::SERVICE_UNAVAILABLE, Error::unavailable("too many requests at once"));
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(full)?;
        let guest = who.map(|who| self.guest(who));
        let of_one = guest.as_ref().map(|guest| Arc::clone(&guest.places).try_acquire_owned()).transpose();
        Ok(Place { _permit: place, _permit_of_one: of_one.map_err(full)?, turns: guest.map(|guest| guest.turns) })
    }

    fn guest(&self, who: Who) -> Guest {
        // Nothing panics while it is locked.
        let mut guests = self.guests.lock().unwrap_or_else(PoisonError::into_inner);
        if guests.len() >= MANY {
            guests.retain(|_, guest| guest.places.available_permits() < self.places_of_one);
        }
        let new = || Guest {
            places: Arc::new(Semaphore::new(self.places_of_one)),
            turns: Arc::new(Semaphore::new(self.turns_of_one)),
        };
        guests.entry(who).or_insert_with(new).clone()
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

    #[tokio::test]
    async fn one_caller_takes_neither_all_places_nor_all_turns() {
        let room = Room::new(8, 2);
        let mine: Vec<_> = (0..4).map(|_| room.enter(Some(who(1))).unwrap()).collect();
        assert_eq!(room.enter(Some(who(1))).unwrap_err().0, StatusCode::SERVICE_UNAVAILABLE);
        let other = room.enter(Some(who(2))).unwrap();
        let first = mine[0].turn().await;
        let second = mine[1].turn().await;
        assert!(first.is_some() && second.is_some() && mine[2].turn().now_or_never().is_none(), "it waits");
        assert!(other.turn().now_or_never().is_some(), "and another does not");
        drop(first);
        assert!(mine[2].turn().now_or_never().is_some());
        drop(mine);
        assert!(room.enter(Some(who(1))).is_ok(), "places are given back");
    }

    #[tokio::test]
    async fn callers_who_are_gone_are_forgotten_and_those_at_work_are_not() {
        let room = Room::new(8, 2);
        let mine: Vec<_> = (0..4).map(|_| room.enter(Some(who(0))).unwrap()).collect();
        for id in 1..5_000 {
            room.enter(Some(who(id))).unwrap();
        }
        assert!(room.guests.lock().unwrap().len() <= MANY);
        assert!(room.enter(Some(who(0))).is_err(), "its places are taken still");
        drop(mine);
    }
}
