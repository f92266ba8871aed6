//! Who the program is that asks (RFC 6749, sections 2.3 and 3.2.1).

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::deed::Deed;
use super::form::{Form, decoded};
use super::refusal::{Code, Refusal};
use crate::app::App;
use crate::auth;
use crate::domain::api_key::ApiKey;
use crate::domain::secret::Secret;
use crate::error::Error;

/// The client of people who sign in with their own name: pages and command lines, which cannot keep a secret.
pub const PUBLIC: &str = "energy-parks";

/// A client whose word was found good.
#[derive(Clone, Debug)]
pub enum Client {
    /// Any program that a user signs in with; it needs no name and has no secret.
    Public,
    /// An API key: its prefix is the client's name, the key itself the secret.
    ApiKey(Box<ApiKey>),
}

impl Client {
    /// The client of a request: by the `Authorization` header, by the parameters `client_id` and `client_secret`, or
    /// nobody in particular.
    pub async fn of(headers: &HeaderMap, form: &mut Form, deed: &mut Deed, app: &App) -> Result<Self, Refusal> {
        let (id, secret) = told(headers, form)?;
        // A whole key may stand in the wrong place: only what may be told of it is.
        deed.on(id.as_deref().and_then(auth::prefix_in));
        match (id, secret) {
            (None, None) => Ok(Self::Public),
            (Some(id), None) if id == PUBLIC => Ok(Self::Public),
            (Some(id), Some(secret)) => {
                let key = auth::check_client(&app.database, &app.meter, &id, &secret, app.now()).await;
                key.map(|key| Self::ApiKey(Box::new(key))).map_err(|error| match error {
                    Error::Unauthenticated(_) => unknown(),
                    error => error.into(),
                })
            }
            _ => Err(unknown()),
        }
    }
}

/// The name and the secret that the request tells.
fn told(headers: &HeaderMap, form: &mut Form) -> Result<(Option<String>, Option<Secret>), Refusal> {
    let (id, secret) = (form.take("client_id"), form.take("client_secret").map(Secret::from));
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    match (given.next(), given.next(), &secret) {
        (None, _, _) => Ok((id, secret)),
        (Some(value), None, None) => {
            let (name, secret) = basic(value)?;
            // Harmless where both say the same.
            if id.is_some_and(|id| id != name) {
                return Err(Refusal::invalid_request("two clients are named"));
            }
            Ok((Some(name), Some(secret).filter(|secret| !secret.is_empty()).map(Secret::from)))
        }
        _ => Err(Refusal::invalid_request("the client authenticates in two ways")),
    }
}

/// The name and secret of `Authorization: Basic`.
fn basic(value: &HeaderValue) -> Result<(String, String), Refusal> {
    let (scheme, rest) = value.to_str().ok().and_then(|text| text.trim().split_once(' ')).ok_or_else(unknown)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(unknown());
    }
    let pair = STANDARD.decode(rest.trim()).map_err(|_| unknown())?;
    let mut halves = pair.splitn(2, |byte| *byte == b':');
    let (Some(name), Some(secret)) = (halves.next(), halves.next()) else { return Err(unknown()) };
    Ok((decoded(name).map_err(|_| unknown())?, decoded(secret).map_err(|_| unknown())?))
}

/// A client that is not known, or shows nothing where it must.
pub fn unknown() -> Refusal {
    Refusal::new(Code::InvalidClient, "the client is not known, or its secret is wrong")
}
