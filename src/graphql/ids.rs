//! Global ids (Relay's Node): the kind and the key, in base64url, opaque to clients.

use std::fmt;

use async_graphql::ID;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::domain::access::{CustomerId, UserId};
use crate::domain::api_key::ApiKeyId;
use crate::domain::park::ParkId;

/// What an id stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NodeId {
    /// A park.
    Park(ParkId),
    /// A load.
    Load(Uuid),
    /// A user.
    User(UserId),
    /// A customer.
    Customer(CustomerId),
    /// An API key.
    ApiKey(ApiKeyId),
}

impl NodeId {
    /// Reads an id; `None` for one that never was given out.
    pub fn read(id: &ID) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id.as_str()).ok()?).ok()?;
        let (kind, key) = text.split_once(':')?;
        let node = match kind {
            "Park" => Self::Park(ParkId(key.parse().ok()?)),
            "Load" => Self::Load(key.parse().ok()?),
            "User" => Self::User(UserId(key.parse().ok()?)),
            "Customer" => Self::Customer(CustomerId(key.parse().ok()?)),
            "ApiKey" => Self::ApiKey(ApiKeyId(key.parse().ok()?)),
            _ => return None,
        };
        (node.id() == *id).then_some(node)
    }

    /// The id as clients see it.
    pub fn id(self) -> ID {
        ID(URL_SAFE_NO_PAD.encode(self.to_string()))
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Park(ParkId(key)) => write!(f, "Park:{key}"),
            Self::Load(key) => write!(f, "Load:{key}"),
            Self::User(UserId(key)) => write!(f, "User:{key}"),
            Self::Customer(CustomerId(key)) => write!(f, "Customer:{key}"),
            Self::ApiKey(ApiKeyId(key)) => write!(f, "ApiKey:{key}"),
        }
    }
}
