//! Who is asking: passwords, tokens and API keys become a [`Principal`]; and who may: users, customers, keys.
//!
//! A sign-in opens a session (a family of refresh tokens). Its access tokens are signed and live for minutes; its
//! refresh tokens are random, kept as digests, and good for one use. Every request asks the database whether the
//! session and its user still stand, so that signing out, disabling, deleting and a new password act at once.
//!
//! This room knows nothing of HTTP or GraphQL: it takes the credential's text and the time, and answers with values.

mod account;
mod acting_name;
mod api_key;
mod audit;
mod client;
mod common_passwords;
mod customer;
mod device;
mod first_admin;
mod foreign;
mod key_file;
mod keys;
mod meter;
mod password;
mod principal;
mod public_key;
mod random;
mod session;
mod sign_in;
#[cfg(test)]
mod testing;
mod throttle;
#[cfg(test)]
mod throttle_tests;
mod token;
mod user;
mod verified;

pub use account::{add_user, create_user, delete_user, disable_user, get_user, list_users, set_password};
pub use api_key::{NewApiKey, authenticate_api_key, create_api_key, prefix_in, revoke_api_key, shown_prefix};
pub use audit::{Log, entry, keep_for as keep_audit_for};
pub use client::{ClientToken, check_client, client_token};
pub use customer::{create_customer, delete_customer, get_customer, grant_parks, rename_customer, revoke_parks};
pub use device::{Device, Devices};
pub use first_admin::{FirstAdmin, first_admin};
#[cfg(test)]
pub(crate) use foreign::testing as foreign_testing;
pub use foreign::{ForeignIssuer, ForeignSettings};
pub use key_file::KeySettings;
pub use keys::Keys;
pub use meter::{Left, Meter};
pub use password::{Cost, MIN_PASSWORD, Passwords};
pub use principal::Principal;
pub use session::{Token, Tried, authenticate, logout, refresh, revoke};
pub use sign_in::{SignIn, login};
pub use user::{UserChanges, change_own_password, enable_user, update_user};
