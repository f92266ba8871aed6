//! What one caller may take of something that all share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::rate::Who;

/// Callers that are known before those who have taken nothing are forgotten.
const MANY: usize = 1_000;

/// So much for each caller.
#[derive(Clone, Debug)]
pub struct Parts {
    each: usize,
    taken: Arc<Mutex<HashMap<Who, Arc<Semaphore>>>>,
}

impl Parts {
    /// So much for each.
    pub fn of(each: usize) -> Self {
        Self { each, taken: Arc::default() }
    }

    /// What there is for a caller.
    pub fn part(&self, who: Who) -> Arc<Semaphore> {
        // Nothing panics while it is locked.
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.len() >= MANY {
            taken.retain(|_, part| part.available_permits() < self.each || Arc::strong_count(part) > 1);
        }
        Arc::clone(taken.entry(who).or_insert_with(|| Arc::new(Semaphore::new(self.each))))
    }

    #[cfg(test)]
    pub fn known(&self) -> usize {
        self.taken.lock().unwrap().len()
    }
}
