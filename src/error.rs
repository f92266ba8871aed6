//! The one error of the crate: a sentence for anyone, and a cause for the log.
//!
//! Variants are named by what the caller can do. `Display` is the public sentence; a private cause never shows in
//! it. A thing that is not there and a thing that is not yours are the same `NotFound`.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A private cause, for the log alone; shared, since one failure may fail many fields of an answer.
pub type Cause = Arc<dyn StdError + Send + Sync>;

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, by what the caller can do about it.
#[derive(Clone, Debug)]
pub enum Error {
    /// The input is wrong: change it.
    Invalid(String),
    /// There is no such thing, or none for this caller.
    NotFound(String),
    /// It clashes with what stands: look again, then decide.
    Conflict(String),
    /// No valid credential was given: sign in.
    Unauthenticated(String),
    /// The credential does not allow it.
    Forbidden(String),
    /// Too often: wait so long.
    RateLimited(String, Duration),
    /// More often than an allowance of its own lets the caller: so much it is, and so long is the wait.
    Overused(String, u64, Duration),
    /// The question is too large: ask for less.
    TooComplex(String),
    /// A part that is needed is down: try again later.
    Unavailable(Cause),
    /// A defect or a broken store: ours to mend.
    Internal(Cause),
}

impl Error {
    /// A defect or a broken store, told by a sentence for the log.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Internal(Arc::from(cause.into()))
    }

    /// A part that is needed is down.
    pub fn unavailable(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(cause.into()))
    }

    /// The input is wrong.
    pub fn invalid(sentence: impl Into<String>) -> Self {
        Self::Invalid(sentence.into())
    }

    /// There is no such thing.
    pub fn not_found(sentence: impl Into<String>) -> Self {
        Self::NotFound(sentence.into())
    }

    /// The code that the API shows in `extensions.code`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "BAD_USER_INPUT",
            Self::NotFound(_) => "NOT_FOUND",
            Self::Conflict(_) => "CONFLICT",
            Self::Unauthenticated(_) => "UNAUTHENTICATED",
            Self::Forbidden(_) => "FORBIDDEN",
            Self::RateLimited(..) | Self::Overused(..) => "RATE_LIMITED",
            Self::TooComplex(_) => "TOO_COMPLEX",
            Self::Unavailable(_) => "UNAVAILABLE",
            Self::Internal(_) => "INTERNAL",
        }
    }

    /// How long to wait before the same may succeed, where that helps, in whole seconds.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::RateLimited(_, wait) | Self::Overused(_, _, wait) => {
                Some(wait.as_millis().div_ceil(1_000).max(1).try_into().unwrap_or(u64::MAX))
            }
            Self::Unavailable(_) => Some(5),
            _ => None,
        }
    }

    /// The private cause, if there is one.
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Unavailable(cause) | Self::Internal(cause) => Some(cause),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(sentence)
            | Self::NotFound(sentence)
            | Self::Conflict(sentence)
            | Self::Unauthenticated(sentence)
            | Self::Forbidden(sentence)
            | Self::RateLimited(sentence, _)
            | Self::Overused(sentence, ..)
            | Self::TooComplex(sentence) => f.write_str(sentence),
            Self::Unavailable(_) => f.write_str("a part of the service is unavailable; try again later"),
            Self::Internal(_) => f.write_str("something went wrong on our side; it has been logged"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Unavailable(cause) | Self::Internal(cause) => Some(cause.as_ref()),
            _ => None,
        }
    }
}
