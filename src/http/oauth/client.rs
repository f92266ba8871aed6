//! Who the program is that asks (RFC 6749, sections 2.3 and 3.2.1).

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::form::{Form, decoded};
use super::refusal::{Code, Refusal};

/// The client of people who sign in with their own name: pages and command lines, which cannot keep a secret.
pub const PUBLIC: &str = "energy-parks";

/// A client whose word was found good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// Any program that a user signs in with; it needs no name and has no secret.
    Public,
}

impl Client {
    /// The client of a request: by the `Authorization` header, by the parameters `client_id` and `client_secret`, or
    /// nobody in particular.
    pub fn of(headers: &HeaderMap, form: &mut Form) -> Result<Self, Refusal> {
        let (id, secret) = (form.take("client_id"), form.take("client_secret"));
        let mut given = headers.get_all(header::AUTHORIZATION).iter();
        let (id, secret) = match (given.next(), given.next(), &secret) {
            (None, _, _) => (id, secret),
            (Some(value), None, None) => {
                let (name, secret) = basic(value)?;
                // Harmless where both say the same.
                if id.is_some_and(|id| id != name) {
                    return Err(Refusal::invalid_request("two clients are named"));
                }
                (Some(name), Some(secret).filter(|secret| !secret.is_empty()))
            }
            _ => return Err(Refusal::invalid_request("the client authenticates in two ways")),
        };
        match (id.as_deref(), secret) {
            (None | Some(PUBLIC), None) => Ok(Self::Public),
            _ => Err(unknown()),
        }
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

fn unknown() -> Refusal {
    Refusal::new(Code::InvalidClient, "the client is not known, or its secret is wrong")
}
