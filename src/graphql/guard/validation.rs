//! Whether a document is valid, by the whole chapter 5 of the specification.
//!
//! async-graphql 7.2.1 leaves many of its rules out, so `apollo-compiler` judges the document first, over the same schema
//! ([ADR 9](../../../docs/adr/0009-documents-are-validated-by-apollo-compiler.md)), and [`inputs`] what that leaves out in
//! turn. async-graphql's own validation comes after them, for the values of our scalars.

mod diagnosis;
mod inputs;
#[cfg(test)]
mod limit_tests;
#[cfg(test)]
mod tests;

use std::sync::{Arc, LazyLock};

use apollo_compiler::Schema;
use apollo_compiler::validation::Valid;
use async_graphql::ServerError;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sha2::{Digest as _, Sha256};

use self::diagnosis::Fault;
use super::coded;

/// The schema as the code has it; read when the first document comes, in a few milliseconds.
static SCHEMA: LazyLock<Valid<Schema>> = LazyLock::new(|| {
    Schema::parse_and_validate(crate::graphql::sdl(), "schema.graphql").unwrap_or_else(|wrong| {
        // A test holds that it is valid.
        tracing::error!(errors = %wrong.errors, "the schema is not valid");
        Valid::assume_valid(wrong.partial)
    })
});

/// SHA-256 of a document's text: what is remembered may hold secrets.
type Digest = [u8; 32];

/// What is wrong with a document; nothing where it is valid.
type Verdict = Arc<[Fault]>;

/// Bytes for verdicts.
const KEPT_BYTES: u64 = 4_000_000;
/// What a verdict takes beside its faults.
const BYTES_A_VERDICT: u64 = 150;

/// Judges documents, each text once as long as it is remembered: neither variables nor the caller count.
pub struct Validator {
    judge: fn(&str, bool) -> Vec<Fault>,
    tells: bool,
    verdicts: Cache<Digest, Verdict, Bytes>,
}

impl Validator {
    /// Whether the schema `tells` of itself; if not, no sentence names a part of it that the document does not.
    pub fn new(tells: bool) -> Self {
        Self::judging(|document, tells| diagnosis::faults(&SCHEMA, document, tells), tells)
    }

    /// One to whom every document is valid, for tests of what is not in the schema.
    #[cfg(test)]
    pub fn of_anything() -> Self {
        Self::judging(|_, _| Vec::new(), true)
    }

    fn judging(judge: fn(&str, bool) -> Vec<Fault>, tells: bool) -> Self {
        let usual = usize::try_from(KEPT_BYTES / BYTES_A_VERDICT).unwrap_or_default();
        Self { judge, tells, verdicts: Cache::with_weighter(usual, KEPT_BYTES, Bytes) }
    }

    /// Judges a document that parses, and whose parts were weighed.
    pub(super) fn check(&self, document: &str) -> Result<(), Vec<ServerError>> {
        let digest = Sha256::digest(document).into();
        let verdict = self.verdicts.get(&digest).unwrap_or_else(|| {
            let verdict = Verdict::from((self.judge)(document, self.tells));
            self.verdicts.insert(digest, verdict.clone());
            verdict
        });
        if verdict.is_empty() { Ok(()) } else { Err(verdict.iter().map(Fault::error).collect()) }
    }
}

impl Fault {
    fn error(&self) -> ServerError {
        coded(ServerError::new(self.sentence.as_ref(), self.pos), self.code)
    }
}

/// Verdicts weigh what they hold.
#[derive(Clone, Copy)]
struct Bytes;

impl Weighter<Digest, Verdict> for Bytes {
    fn weight(&self, _: &Digest, verdict: &Verdict) -> u64 {
        let bytes: usize = verdict.iter().map(|fault| size_of::<Fault>() + fault.sentence.len()).sum();
        u64::try_from(bytes).unwrap_or(u64::MAX).saturating_add(BYTES_A_VERDICT)
    }
}
