//! How many requests are worked on at once: what is more is turned away, rather than all being slow.

use std::sync::Arc;

use axum::http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::body::Refused;
use crate::error::Error;

/// Places for requests that have been read, until their answers are sent. Who is slow to send one takes none.
#[derive(Clone, Debug)]
pub struct Room(Arc<Semaphore>);

impl Room {
    /// For so many at once.
    pub fn new(places: usize) -> Self {
        Self(Arc::new(Semaphore::new(places)))
    }

    /// A place, until it is dropped; refused with 503 where all are taken.
    pub fn enter(&self) -> Result<OwnedSemaphorePermit, Refused> {
        Arc::clone(&self.0)
            .try_acquire_owned()
            .map_err(|_| (StatusCode::SERVICE_UNAVAILABLE, Error::unavailable("too many requests at once")))
    }
}
