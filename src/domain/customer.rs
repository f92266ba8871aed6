//! A customer: a firm that sees the parks granted to it and no others.

use chrono::{DateTime, Utc};

use super::access::CustomerId;

/// A customer as it stands in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Its key.
    pub id: CustomerId,
    /// Unique; normal form C; compared code point by code point.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}
