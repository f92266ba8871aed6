//! What a transport handles: requests, answers, and the difference between an answer and a refusal.

pub use async_graphql::parser::types::OperationType;
pub use async_graphql::{Request, Response, ServerError, UploadValue, Variables};

use super::guard::refusal;
use crate::error::Error;

/// The answer to a request that is not executed.
pub fn refused(error: &Error) -> Response {
    Response::from_errors(vec![refusal(error)])
}

/// Whether a request failed before any of it was executed: the specification's request error, whose answer has no
/// `data`. The errors of fields have a path.
pub fn is_request_error(response: &Response) -> bool {
    response.is_err() && response.errors.iter().all(|error| error.path.is_empty())
}

/// The code of the first error.
pub fn code(response: &Response) -> Option<&str> {
    match response.errors.first()?.extensions.as_ref()?.get("code")? {
        async_graphql::Value::String(code) => Some(code),
        _ => None,
    }
}
