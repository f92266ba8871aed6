//! A person or program that signs in with a name and a password, and its sessions.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::access::{Role, Scope, UserId, Visibility};
use super::customer::Customer;

/// A user as it stands in the database, without the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its key.
    pub id: UserId,
    /// Unique; normal form C; compared code point by code point.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The customer whose parks it sees; `None` is staff, who see all.
    pub customer: Option<Customer>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was barred from signing in, if it is.
    pub disabled_at: Option<DateTime<Utc>>,
}

/// One sign-in, and all tokens that come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its key: a UUID of version 7.
    pub id: Uuid,
    /// Who signed in.
    pub user: User,
    /// What its tokens allow, as far as the user's role still does.
    pub scopes: Vec<Scope>,
}

impl Session {
    /// What its tokens allow now: a role may have lost scopes since the sign-in.
    pub fn allowed(&self) -> Vec<Scope> {
        allowed(&self.scopes, &self.user)
    }
}

impl User {
    /// What it may do: what its role does, and for a customer's user no more than concerns the customer's parks.
    pub fn scopes(&self) -> Vec<Scope> {
        let all = self.role.scopes().iter().copied();
        all.filter(|scope| self.customer.is_none() || Scope::OF_CUSTOMERS.contains(scope)).collect()
    }

    /// Which parks exist for it.
    pub fn visibility(&self) -> Visibility {
        Visibility::of(self.customer.as_ref())
    }
}

/// Those of the scopes that the user has.
pub fn allowed(scopes: &[Scope], user: &User) -> Vec<Scope> {
    let has = user.scopes();
    scopes.iter().copied().filter(|scope| has.contains(scope)).collect()
}
