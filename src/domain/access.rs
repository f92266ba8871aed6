//! Who may do what: roles, scopes, and which parks exist for whom.

use std::fmt;
use std::str::FromStr;

use super::customer::Customer;

/// One permission, as tokens and API keys carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// See parks.
    ParksRead,
    /// See single readings.
    ReadingsRead,
    /// See aggregates.
    StatsRead,
    /// Load parks and readings, change and delete them.
    ReadingsWrite,
    /// Manage users, customers and keys.
    Admin,
}

impl Scope {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::ParksRead, Self::ReadingsRead, Self::StatsRead, Self::ReadingsWrite, Self::Admin];

    /// Those that a customer's users and keys may have: all that concerns parks.
    pub const OF_CUSTOMERS: [Self; 4] = [Self::ParksRead, Self::ReadingsRead, Self::StatsRead, Self::ReadingsWrite];

    /// The name in tokens: `parks:read`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ParksRead => "parks:read",
            Self::ReadingsRead => "readings:read",
            Self::StatsRead => "stats:read",
            Self::ReadingsWrite => "readings:write",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or_else(|| "is no scope".into())
    }
}

/// Scopes as OAuth writes them (RFC 6749, section 3.3): separated by spaces.
pub fn join_scopes(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

/// Scopes as OAuth writes them; what is wrong if one is unknown.
pub fn split_scopes(text: &str) -> Result<Vec<Scope>, String> {
    text.split_ascii_whitespace().map(str::parse).collect()
}

/// What a user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Reads, loads, and manages users.
    Admin,
    /// Reads and loads.
    Operator,
    /// Reads.
    Reader,
}

impl Role {
    /// The name kept in the database and shown by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "ADMIN",
            Self::Operator => "OPERATOR",
            Self::Reader => "READER",
        }
    }

    /// What the role may do.
    pub fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Admin => &Scope::ALL,
            Self::Operator => &[Scope::ParksRead, Scope::ReadingsRead, Scope::StatsRead, Scope::ReadingsWrite],
            Self::Reader => &[Scope::ParksRead, Scope::ReadingsRead, Scope::StatsRead],
        }
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_uppercase().as_str() {
            "ADMIN" => Ok(Self::Admin),
            "OPERATOR" => Ok(Self::Operator),
            "READER" => Ok(Self::Reader),
            _ => Err("is none of admin, operator, reader".into()),
        }
    }
}

/// A user's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UserId(pub i32);

/// A customer's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CustomerId(pub i32);

/// Which parks exist for a caller. Every read of parks, readings, stats and loads takes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// All parks: the staff.
    Everything,
    /// The parks that are granted to the customer at the time of reading.
    Customer(CustomerId),
    /// No park.
    Nothing,
}

impl Visibility {
    /// Of staff, or of a customer.
    pub fn of(customer: Option<&Customer>) -> Self {
        customer.map_or(Self::Everything, |customer| Self::Customer(customer.id))
    }

    /// The customer whose parks they are, if they are one's.
    pub fn customer(self) -> Option<CustomerId> {
        match self {
            Self::Customer(customer) => Some(customer),
            Self::Everything | Self::Nothing => None,
        }
    }
}
