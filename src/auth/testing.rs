//! What the tests of this room share.

use super::{
    Cost, Device, Devices, Keys, Meter, Passwords, Principal, SignIn, Token, authenticate, create_user, login, logout,
    refresh,
};
use crate::domain::access::{Role, Scope};
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::secret::Secret;
use crate::domain::user::User;
use crate::error::Result;
use crate::storage::Database;

/// The password of every test's user.
pub const PASSWORD: &str = "correct horse";

/// What who signs in wrongly is told.
pub const WRONG: &str = "the username or the password is wrong";

/// The sentence of a refusal, which the outcome must be.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(outcome: Result<T>) -> String {
    let error = outcome.unwrap_err();
    assert_eq!(error.code(), "UNAUTHENTICATED", "{error}");
    error.to_string()
}

/// What the functions under test need.
#[derive(Clone)]
pub struct Bench {
    pub database: Database,
    pub keys: Keys,
    pub passwords: Passwords,
    pub meter: Meter,
    pub devices: Devices,
}

impl Bench {
    pub fn new(database: Database) -> Result<Self> {
        let keys = Keys::from_pem(&Keys::generate_pem()?, "https://parks.example")?;
        Ok(Self {
            database,
            keys,
            passwords: Passwords::new(Cost::LEAST)?,
            meter: Meter::default(),
            devices: Devices::default(),
        })
    }

    pub async fn user(&self, name: &str, role: Role, now: DateTime<Utc>) -> Result<User> {
        create_user(&self.database, &self.passwords, name, role, &Secret::new(PASSWORD), now).await
    }

    pub async fn login(&self, name: &str, password: &str, now: DateTime<Utc>) -> Result<Token> {
        self.login_with(name, password, None, None, now).await
    }

    /// Signs in from a device at an address.
    pub async fn login_on(
        &self,
        device: &Device,
        name: &str,
        password: &str,
        address: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Token> {
        let address = address.map(|address| address.parse().unwrap());
        let sign_in = SignIn { username: name, password: &Secret::new(password), scope: None, address, device };
        login(&self.database, &self.keys, &self.passwords, &self.devices, sign_in, now).await
    }

    pub async fn login_with(
        &self,
        name: &str,
        password: &str,
        scope: Option<&[Scope]>,
        address: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Token> {
        let address = address.map(|address| address.parse().unwrap());
        let device = &Device::default();
        let sign_in = SignIn { username: name, password: &Secret::new(password), scope, address, device };
        login(&self.database, &self.keys, &self.passwords, &self.devices, sign_in, now).await
    }

    pub async fn who(&self, token: &Token, now: DateTime<Utc>) -> Result<Principal> {
        authenticate(&self.database, &self.keys, &self.meter, token.access_token.reveal(), now).await
    }

    pub async fn refresh(&self, token: &Token, now: DateTime<Utc>) -> Result<Token> {
        refresh(&self.database, &self.keys, &token.refresh_token, None, now).await.ended
    }

    pub async fn logout(&self, token: &Token, now: DateTime<Utc>) -> Result<bool> {
        logout(&self.database, &token.refresh_token, now).await.ended
    }
}
