//! What is wrong with a request to an OAuth endpoint (RFC 6749, section 5.2).

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::super::body::Refused;
use super::super::crowd::Full;
use crate::error::Error;

/// The code of an error, as RFC 6749 names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// It lacks a parameter, repeats one, or cannot be read.
    InvalidRequest,
    /// Who the client says it is cannot be believed.
    InvalidClient,
    /// The password or the refresh token is not good.
    InvalidGrant,
    /// The client may not use this grant.
    UnauthorizedClient,
    /// There is no such grant here.
    UnsupportedGrantType,
    /// A token of this kind is not revoked here (RFC 7009, section 2.2.1).
    UnsupportedTokenType,
    /// A scope is unknown, or more than may be had.
    InvalidScope,
    /// Not now: too often, or a part is down. RFC 6749 has this code for authorization endpoints; token endpoints of
    /// others use it the same way.
    TemporarilyUnavailable,
    /// Ours to mend.
    ServerError,
}

impl Code {
    fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }
}

/// Why a request is refused.
#[derive(Debug)]
pub struct Refusal {
    code: Code,
    status: StatusCode,
    description: String,
    /// In how many seconds to come again, where that helps.
    retry_after: Option<u64>,
}

impl Refusal {
    /// With the status that RFC 6749 gives the code.
    pub fn new(code: Code, description: impl Into<String>) -> Self {
        let status = match code {
            Code::InvalidClient => StatusCode::UNAUTHORIZED,
            Code::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Code::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        Self { code, status, description: description.into(), retry_after: None }
    }

    /// A request that cannot be read.
    pub fn invalid_request(description: impl Into<String>) -> Self {
        Self::new(Code::InvalidRequest, description)
    }

    /// Its code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Its sentence.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The same, with another status.
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

/// An error of [`crate::auth`]: what it refuses is the grant, and what it forbids or cannot read is the scope.
impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        if let Some(cause) = error.cause() {
            tracing::error!(code = error.code(), %cause, "an OAuth request cannot be served");
        }
        let code = match error {
            Error::Forbidden(_) | Error::Invalid(_) => Code::InvalidScope,
            Error::Unavailable(_) | Error::RateLimited(..) | Error::Overused(..) => Code::TemporarilyUnavailable,
            Error::Internal(_) => Code::ServerError,
            _ => Code::InvalidGrant,
        };
        let retry_after = error.retry_after();
        let refusal = Self { retry_after, ..Self::new(code, error.to_string()) };
        if matches!(error, Error::RateLimited(..) | Error::Overused(..)) {
            return refusal.with_status(StatusCode::TOO_MANY_REQUESTS);
        }
        refusal
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.code.as_str(), "error_description": describable(&self.description) });
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static(r#"Basic realm="energy-parks", charset="UTF-8""#);
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        unstored(response)
    }
}

/// A request that was refused before its form was looked at: too large, too slow, too many at once.
impl From<Refused> for Refusal {
    fn from((status, error): Refused) -> Self {
        match error {
            Error::Invalid(_) | Error::TooComplex(_) => Self::invalid_request(error.to_string()).with_status(status),
            error => error.into(),
        }
    }
}

/// Who alone takes all that one may have asks too often; who finds all taken is not to blame.
impl From<Full> for Refusal {
    fn from(full: Full) -> Self {
        let sentence = "too many of your requests at once; wait as long as Retry-After says";
        match full {
            Full::OfOne => Error::RateLimited(sentence.to_owned(), Duration::from_secs(1)).into(),
            Full::OfAll => Refused::from(full).into(),
        }
    }
}

/// The characters that a description may hold (RFC 6749, section 5.2); others become marks.
fn describable(text: &str) -> String {
    let fits = |c: char| (' '..='~').contains(&c) && c != '"' && c != '\\';
    text.chars().map(|c| if fits(c) { c } else { '?' }).collect()
}

/// What no cache keeps (RFC 6749, section 5.1).
pub fn unstored(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_takes_all_places_of_one_asks_too_often_and_who_finds_none_left_may_come_again() {
        let told = |full| (Refusal::from(full).status(), Refusal::from(full).retry_after);
        assert_eq!(told(Full::OfOne), (StatusCode::TOO_MANY_REQUESTS, Some(1)));
        assert_eq!(told(Full::OfAll), (StatusCode::SERVICE_UNAVAILABLE, Some(5)));
    }

    #[test]
    fn rfc_6749_5_2_a_description_holds_printable_ascii_without_quotes_and_backslashes() {
        assert_eq!(describable("a \"b\" \\ \u{e9}\n~!"), "a ?b? ? ??~!");
    }
}
