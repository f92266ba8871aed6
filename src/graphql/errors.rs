//! Errors as clients see them: a public sentence and a code.
//!
//! Resolvers return the crate's [`Error`]; async-graphql keeps it as the source of its own. Here each gets its code, the
//! private cause goes to the log, and what is none of ours is given a code by where it arose.

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Response, ServerError};

use super::scalars;
use crate::error::{Cause, Error};

/// Gives the errors of an answer their codes. Whether the schema `tells` of itself: if not, no sentence names a type.
///
/// No extension of async-graphql does it: with one it looks up the type of every field that it resolves.
pub fn publish_all(response: &mut Response, tells: bool) {
    let mut logged: Vec<Cause> = Vec::new();
    for error in &mut response.errors {
        if is_of_validation(error) {
            publish_invalid(error, tells);
        } else if let Some((code, cause)) = publish(error, "BAD_USER_INPUT")
            // A cause that many of them share, as those of one batch do, is logged once.
            && !logged.iter().any(|other| Arc::ptr_eq(other, &cause))
        {
            log(error, code, &cause);
            logged.push(cause);
        }
    }
}

/// Whether validation found it: a place in the document, and none in the answer.
fn is_of_validation(error: &ServerError) -> bool {
    error.path.is_empty() && error.source.is_none() && !error.locations.is_empty()
}

fn publish_invalid(error: &mut ServerError, tells: bool) {
    let wanted = scalars::wanted(&error.message);
    if !tells {
        cut_types(&mut error.message);
    }
    match wanted {
        Some(wanted) => {
            error.message = format!("{}: {wanted}", error.message);
            publish(error, "BAD_USER_INPUT");
        }
        None => {
            publish(error, "GRAPHQL_VALIDATION_FAILED");
        }
    }
}

/// Leaves of a sentence like `Invalid value for argument "a.b", expected type "C"` what the caller has written.
fn cut_types(sentence: &mut String) {
    match sentence.find("\", ") {
        Some(end) if sentence.starts_with("Invalid value for argument \"") => sentence.truncate(end + 1),
        _ => "the request is not valid".clone_into(sentence),
    }
}

/// Sets the code of an error that has none yet. Answers with the private cause, which is to be logged.
fn publish(error: &mut ServerError, otherwise: &'static str) -> Option<(&'static str, Cause)> {
    let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
    if extensions.get("code").is_some() {
        return None;
    }
    let ours = error.source.as_ref().and_then(|source| source.downcast_ref::<Error>());
    let code = ours.map_or(otherwise, Error::code);
    extensions.set("code", code);
    if let Some(seconds) = ours.and_then(Error::retry_after) {
        extensions.set("retryAfter", seconds);
    }
    ours.and_then(Error::cause).map(|cause| (code, cause.clone()))
}

fn log(error: &ServerError, code: &str, cause: &Cause) {
    let path: Vec<_> = error.path.iter().map(|segment| format!("{segment:?}")).collect();
    tracing::error!(code, cause = cause.to_string(), path = path.join("."), "a field could not be resolved");
}
