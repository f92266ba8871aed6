//! Answers that are kept, for whoever asks the same of the same data again.
//!
//! An answer is found by the text of the request, by what its caller may see, and by the version of the data, which is
//! asked for with every request: what was computed before a load or a grant is never found after it, in any process. An
//! answer tells besides between which instants it would be the same. Of equal questions that come at once one is
//! computed.

use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use axum::body::Bytes;
use futures::poll;
use quick_cache::sync::{Cache, DefaultLifecycle, PlaceholderGuard};
use quick_cache::{DefaultHashBuilder, Weighter};
use sha2::{Digest as _, Sha256};

use super::negotiation::Media;
use crate::auth::Principal;
use crate::domain::access::Visibility;
use crate::domain::data_version::DataVersion;

/// An answer of this size counts as one of the many that are kept.
const USUAL_BYTES: usize = 4_000;
/// What keeping an answer takes beside its text.
const ENTRY_BYTES: usize = 200;

/// What is asked, by whom, of which data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    digest: [u8; 32],
    version: DataVersion,
}

/// How a question came.
#[derive(Clone, Copy, Debug)]
pub enum Method {
    /// Its text is a query string.
    Get,
    /// Its text is a body of JSON.
    Post,
}

impl Question {
    /// The question that a text is, answered in that media type.
    pub fn of(principal: &Principal, version: DataVersion, media: Media, method: Method, text: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash.update([media as u8, method as u8]);
        match principal.visibility() {
            Visibility::Everything => hash.update([0]),
            Visibility::Nothing => hash.update([1]),
            Visibility::Customer(customer) => hash.update([&[2], &customer.0.to_be_bytes()[..]].concat()),
        }
        let scopes = principal.scopes.iter().fold(0_u8, |scopes, scope| scopes | 1 << *scope as u8);
        hash.update([scopes]);
        hash.update(text);
        Self { digest: hash.finalize().into(), version }
    }
}

/// An answer that is kept.
#[derive(Debug)]
pub struct Answer {
    /// Its text.
    pub text: Bytes,
    /// From when until when, in Unix seconds, it would be the same.
    pub same_within: Range<i64>,
}

/// Answers within a budget of memory.
#[derive(Clone, Debug)]
pub struct Kept(Option<Arc<Cache<Question, Arc<Answer>, Weights>>>);

/// The right and the duty to compute an answer that others wait for; given up by dropping it.
pub struct Turn<'a>(Option<Guard<'a>>);

type Guard<'a> =
    PlaceholderGuard<'a, Question, Arc<Answer>, Weights, DefaultHashBuilder, DefaultLifecycle<Question, Arc<Answer>>>;

impl Kept {
    /// Of so many bytes; of none nothing is kept.
    pub fn new(bytes: usize) -> Self {
        let weight = u64::try_from(bytes).unwrap_or(u64::MAX);
        Self((bytes > 0).then(|| Arc::new(Cache::with_weighter(bytes / USUAL_BYTES, weight, Weights))))
    }

    /// The answer, if it is kept and holds at that instant.
    pub fn find(&self, question: &Question, now: i64) -> Option<Arc<Answer>> {
        self.0.as_ref()?.get(question).filter(|answer| answer.same_within.contains(&now))
    }

    /// The same, and what somebody else computes now; or else the turn to compute it.
    pub async fn find_or_turn(&self, question: &Question, now: i64) -> Result<Arc<Answer>, Turn<'_>> {
        let Some(cache) = &self.0 else { return Err(Turn(None)) };
        let mut finding = pin!(cache.get_value_or_guard_async(question));
        let (found, has_waited) = match poll!(finding.as_mut()) {
            Poll::Ready(found) => (found, false),
            Poll::Pending => (finding.await, true),
        };
        match found {
            Ok(answer) if answer.same_within.contains(&now) => Ok(answer),
            // Its time is over: whoever comes first with the next replaces it.
            Ok(_) => {
                cache.remove_if(question, |answer| !answer.same_within.contains(&now));
                Err(Turn(None))
            }
            // Whoever had the turn has kept nothing: equal questions are not to fail one after another.
            Err(_) if has_waited => Err(Turn(None)),
            Err(guard) => Err(Turn(Some(guard))),
        }
    }
}

impl Turn<'_> {
    /// Keeps what was computed, and tells it those who wait.
    pub fn keep(self, answer: &Arc<Answer>) {
        if let Some(guard) = self.0 {
            // It may be too large to be kept, or be in nobody's way any more.
            drop(guard.insert(Arc::clone(answer)));
        }
    }
}

/// An answer weighs what it takes.
#[derive(Clone, Copy, Debug)]
pub struct Weights;

impl Weighter<Question, Arc<Answer>> for Weights {
    fn weight(&self, _: &Question, answer: &Arc<Answer>) -> u64 {
        u64::try_from(answer.text.len() + ENTRY_BYTES).unwrap_or(u64::MAX)
    }
}
