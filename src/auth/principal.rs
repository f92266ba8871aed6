//! Who is asking, with the questions one may ask of them.

use uuid::Uuid;

use crate::domain::access::{Role, Scope, UserId, Visibility};
use crate::error::{Error, Result};

/// A caller whose credential was found good for this request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The user's key.
    pub user_id: UserId,
    /// The user's name.
    pub name: String,
    /// The user's role now.
    pub role: Role,
    /// What this credential allows: the token's scopes that the role still has.
    pub scopes: Vec<Scope>,
    /// The session that the access token belongs to.
    pub session: Uuid,
}

impl Principal {
    /// `Forbidden` without the scope.
    pub fn may(&self, scope: Scope) -> Result<()> {
        if self.scopes.contains(&scope) {
            return Ok(());
        }
        Err(Error::Forbidden(format!("this needs the scope {scope}, which the credential does not carry")))
    }

    /// Which parks exist for the caller.
    pub fn visibility(&self) -> Visibility {
        Visibility::Everything
    }
}
