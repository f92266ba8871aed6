//! Changes of a thing: what is left out stays as it is.

use async_graphql::MaybeUndefined;

use crate::error::{Error, Result};

/// A change of what always has a value; `None` where it is left out.
pub fn not_null<T>(field: &str, change: MaybeUndefined<T>) -> Result<Option<T>> {
    match change {
        MaybeUndefined::Undefined => Ok(None),
        MaybeUndefined::Null => Err(Error::Invalid(format!("{field} may not be null; leave it out where it stays"))),
        MaybeUndefined::Value(value) => Ok(Some(value)),
    }
}
