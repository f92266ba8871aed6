//! Tokens of a foreign issuer, good and bad, and an issuer that is broken or hostile.

mod claims;
mod groups;
mod issuer;
mod key_ring;
mod signatures;

use serde_json::Value;

use super::testing::{Issuer, Signer};
use super::*;
use crate::storage::testing::{databases, noon};

/// An issuer with one key, and the server that knows it.
struct Scene {
    issuer: Issuer,
    key: Signer,
    foreign: ForeignIssuer,
    database: crate::storage::testing::TestDatabase,
}

impl Scene {
    async fn new() -> Self {
        Self::with(Signer::ed25519("one")).await
    }

    async fn with(key: Signer) -> Self {
        let issuer = Issuer::new(&[&key]).await;
        let foreign = issuer.known();
        Self { issuer, key, foreign, database: databases().await.unwrap().swap_remove(0) }
    }

    async fn who(&self, token: &str) -> Result<Principal> {
        self.who_at(token, noon()).await
    }

    async fn who_at(&self, token: &str, now: DateTime<Utc>) -> Result<Principal> {
        self.foreign.authenticate(&self.database.database, token, now).await
    }

    /// A token whose claims were changed; null takes one away.
    fn token(&self, changes: &Value) -> String {
        let mut claims = self.issuer.claims(noon());
        for (claim, value) in changes.as_object().unwrap() {
            claims[claim] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        self.key.sign(&claims)
    }

    /// The code of a token with such claims, or `good`.
    async fn code(&self, changes: &Value) -> &'static str {
        code(&self.who(&self.token(changes)).await)
    }
}

fn code(outcome: &Result<Principal>) -> &'static str {
    outcome.as_ref().map_or_else(Error::code, |_| "good")
}

const REFUSED: &str = "UNAUTHENTICATED";
