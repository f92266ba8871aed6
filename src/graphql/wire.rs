//! What a transport handles: requests, answers, and the difference between an answer and a refusal.

use async_graphql::Value;
use async_graphql::parser::parse_query;
pub use async_graphql::parser::types::OperationType;
pub use async_graphql::{Request, Response, ServerError, UploadValue, Variables};

pub use super::guard::{coded, refusal};
use crate::error::{Error, Result};

/// The answer to a request that is not executed.
pub fn refused(error: &Error) -> Response {
    Response::from_errors(vec![refusal(error)])
}

/// An answer as JSON: errors first, so that they are seen, and no `data` where nothing was executed.
pub fn json(response: &Response) -> Result<Vec<u8>> {
    let mut json = vec![b'{'];
    let mut entry = |key: &str, write: &mut dyn FnMut(&mut Vec<u8>) -> serde_json::Result<()>| {
        if json.len() > 1 {
            json.push(b',');
        }
        serde_json::to_writer(&mut json, key)?;
        json.push(b':');
        write(&mut json)
    };
    let mut write = || {
        if response.is_err() {
            entry("errors", &mut |json| serde_json::to_writer(json, &response.errors))?;
        }
        if !is_request_error(response) {
            entry("data", &mut |json| value(&response.data, json))?;
        }
        if !response.extensions.is_empty() {
            entry("extensions", &mut |json| serde_json::to_writer(json, &response.extensions))?;
        }
        Ok(())
    };
    write()
        .map_err(|cause: serde_json::Error| Error::internal(format!("an answer cannot be written as JSON: {cause}")))?;
    json.push(b'}');
    Ok(json)
}

/// A value, of which parts may be written already.
fn value(of: &Value, json: &mut Vec<u8>) -> serde_json::Result<()> {
    let separate = |index: usize, json: &mut Vec<u8>| json.extend((index > 0).then_some(b','));
    match of {
        Value::Object(fields) => {
            json.push(b'{');
            for (index, (name, field)) in fields.iter().enumerate() {
                separate(index, json);
                serde_json::to_writer(&mut *json, name.as_str())?;
                json.push(b':');
                value(field, json)?;
            }
            json.push(b'}');
        }
        Value::List(items) => {
            json.push(b'[');
            for (index, item) in items.iter().enumerate() {
                separate(index, json);
                value(item, json)?;
            }
            json.push(b']');
        }
        Value::Binary(written) => json.extend_from_slice(written),
        scalar => serde_json::to_writer(json, scalar)?,
    }
    Ok(())
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
    code_of(response.errors.first()?)
}

/// The code of an error.
pub fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}
