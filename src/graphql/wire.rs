//! What a transport handles: requests, answers, and the difference between an answer and a refusal.

use async_graphql::parser::parse_query;
pub use async_graphql::parser::types::OperationType;
pub use async_graphql::{Request, Response, ServerError, UploadValue, Variables};

pub use super::guard::{coded, refusal};
use crate::error::Error;

/// The answer to a request that is not executed.
pub fn refused(error: &Error) -> Response {
    Response::from_errors(vec![refusal(error)])
}

/// Whether a text parses as a document. It is one's own: nothing bounds it.
pub fn is_document(text: &str) -> bool {
    parse_query(text).is_ok()
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
