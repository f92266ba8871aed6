//! A person or program that signs in with a name and a password.

use chrono::{DateTime, Utc};

use super::access::{Role, UserId};

/// A user as it stands in the database, without the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its key.
    pub id: UserId,
    /// Unique; normal form C; compared code point by code point.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was barred from signing in, if it is.
    pub disabled_at: Option<DateTime<Utc>>,
}
