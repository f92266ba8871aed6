//! An API key: a program's credential, of a user or of a customer.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::access::{Scope, Visibility};
use super::customer::Customer;
use super::user::{User, allowed};

/// What every key's text begins with.
pub const MARK: &str = "ep";

/// An API key's key in the database: a UUID of version 7, so that keys sort by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ApiKeyId(pub Uuid);

/// For whom a key stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A user: the key does what the user may do, as far as its scopes go.
    User(User),
    /// A customer: the key does with the parks granted to it what its scopes say.
    Customer(Customer),
}

/// How often a key may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Requests a minute; the server's own limit where it is left out.
    pub per_minute: Option<u32>,
    /// Requests a UTC day; as many as come where it is left out.
    pub per_day: Option<i64>,
}

/// An API key as it stands in the database, without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its key.
    pub id: ApiKeyId,
    /// The part of its text that is shown; unique.
    pub prefix: String,
    /// What it is for, in the words of who made it.
    pub name: String,
    /// For whom it stands.
    pub owner: Owner,
    /// What it allows, as far as its owner still may.
    pub scopes: Vec<Scope>,
    /// How often it may be used.
    pub allowance: Allowance,
    /// The requests of the UTC day, as far as they were written down.
    pub used: Used,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself, if it does.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was ended, if it was.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Requests of one UTC day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// The day: days since 1970-01-01.
    pub day: i32,
    /// How many.
    pub count: i64,
}

impl ApiKey {
    /// The part of its text that is shown, as it stands at the text's start.
    pub fn shown_prefix(&self) -> String {
        format!("{MARK}_{}", self.prefix)
    }

    /// Whether it opens anything at that time.
    pub fn stands(&self, now: DateTime<Utc>) -> bool {
        let owner_stands = match &self.owner {
            Owner::User(user) => user.disabled_at.is_none(),
            Owner::Customer(_) => true,
        };
        owner_stands && self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// What it allows now: a user's role may have lost scopes since it was made.
    pub fn allowed(&self) -> Vec<Scope> {
        match &self.owner {
            Owner::User(user) => allowed(&self.scopes, user),
            Owner::Customer(_) => {
                self.scopes.iter().copied().filter(|scope| Scope::OF_CUSTOMERS.contains(scope)).collect()
            }
        }
    }

    /// Which customer it reads for, if any.
    pub fn customer(&self) -> Option<&Customer> {
        match &self.owner {
            Owner::User(user) => user.customer.as_ref(),
            Owner::Customer(customer) => Some(customer),
        }
    }

    /// Which parks exist for its bearer.
    pub fn visibility(&self) -> Visibility {
        Visibility::of(self.customer())
    }
}
