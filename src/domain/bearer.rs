//! The credential by which something goes on that outlives its request.

use uuid::Uuid;

use super::access::{Scope, Visibility};
use super::api_key::ApiKeyId;

/// By what it was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// The access token of a session.
    Session(Uuid),
    /// An API key, or a token of it.
    ApiKey(ApiKeyId),
    /// What nothing here can end: the command line, or a token of a foreign issuer.
    Unending,
}

/// What the bearer of a credential may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// Which parks exist for it.
    pub visibility: Visibility,
}
