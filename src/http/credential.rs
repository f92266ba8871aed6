//! The credential that a request carries.

use axum::http::{HeaderMap, HeaderName, header};

use crate::domain::secret::Secret;
use crate::error::{Error, Result};

/// The header of an API key.
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// What a request shows for itself; not checked yet.
pub enum Credential {
    /// `Authorization: Bearer …`.
    Bearer(String),
    /// `X-API-Key: …`.
    ApiKey(Secret),
}

impl Credential {
    /// Whether there is one, good or not.
    pub fn is_shown(headers: &HeaderMap) -> bool {
        headers.contains_key(header::AUTHORIZATION) || headers.contains_key(API_KEY)
    }

    /// The credential, if there is one. One that cannot be read is refused: it was meant as one.
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>> {
        let unreadable = |sentence: &str| Err(Error::Unauthenticated(sentence.to_owned()));
        let mut given = headers.get_all(header::AUTHORIZATION).iter().chain(headers.get_all(API_KEY));
        let Some(value) = given.next() else { return Ok(None) };
        if given.next().is_some() {
            return unreadable("the request carries two credentials");
        }
        let Ok(text) = value.to_str() else { return unreadable("the credential is no text") };
        if headers.contains_key(API_KEY) {
            return Ok(Some(Self::ApiKey(Secret::new(text.trim()))));
        }
        match text.trim().split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                Ok(Some(Self::Bearer(token.trim().to_owned())))
            }
            _ => unreadable("the Authorization header is to be `Bearer` and a token"),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(headers: &[(HeaderName, &'static str)]) -> Result<Option<Credential>> {
        Credential::of(&headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect())
    }

    #[test]
    fn a_bearer_token_is_read_in_any_case_of_its_scheme() {
        for text in ["Bearer abc", "bearer abc", "BEARER  abc "] {
            let credential = of(&[(header::AUTHORIZATION, text)]).unwrap();
            assert!(matches!(credential, Some(Credential::Bearer(token)) if token == "abc"), "{text}");
        }
    }

    #[test]
    fn no_credential_is_nobody() {
        assert!(of(&[]).unwrap().is_none());
    }

    #[test]
    fn what_was_meant_as_a_credential_is_refused_and_not_ignored() {
        for text in ["", "Bearer", "Basic YWRtaW46YQ==", "abc"] {
            assert!(matches!(of(&[(header::AUTHORIZATION, text)]), Err(Error::Unauthenticated(_))), "{text}");
        }
        let two = of(&[(header::AUTHORIZATION, "Bearer a"), (API_KEY, "b")]);
        assert!(matches!(two, Err(Error::Unauthenticated(_))));
    }
}
