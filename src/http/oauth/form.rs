//! The parameters of a request: `application/x-www-form-urlencoded`, each at most once (RFC 6749, section 3.2).

use std::collections::BTreeMap;

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use mime::Mime;
use percent_encoding::percent_decode;

use super::super::body;
use super::refusal::Refusal;

/// More than any token request holds.
const MAX_BYTES: usize = 16 << 10;

/// The parameters that came with a value.
#[derive(Debug)]
pub struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads the body of a request.
    pub async fn of(request: Request) -> Result<(HeaderMap, Self), Refusal> {
        let (parts, body) = request.into_parts();
        check_type(&parts.headers)?;
        let bytes = body::read(body, MAX_BYTES, |_| Ok(())).await?;
        Ok((parts.headers, Self::parse(&bytes)?))
    }

    fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut parameters = BTreeMap::new();
        for pair in bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decoded(halves.next().unwrap_or_default())?;
            let value = decoded(halves.next().unwrap_or_default())?;
            if parameters.insert(name, value).is_some() {
                return Err(Refusal::invalid_request("a parameter stands more than once"));
            }
        }
        // One without a value is one left out.
        parameters.retain(|_, value| !value.is_empty());
        Ok(Self(parameters))
    }

    /// A parameter that may be left out.
    pub fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// A parameter that must be there.
    pub fn need(&mut self, name: &str) -> Result<String, Refusal> {
        self.take(name).ok_or_else(|| Refusal::invalid_request(format!("the parameter {name} is missing")))
    }
}

/// The one type that is read, in UTF-8: what a page of another site may send unasked, but it sets no cookie and
/// carries no credential that the page does not know.
fn check_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let good = given.and_then(|text| text.parse::<Mime>().ok()).is_some_and(|mime| {
        mime.essence_str() == mime::APPLICATION_WWW_FORM_URLENCODED.essence_str()
            && mime.get_param(mime::CHARSET).is_none_or(|charset| charset == mime::UTF_8)
    });
    if good && !headers.contains_key(header::CONTENT_ENCODING) {
        return Ok(());
    }
    Err(Refusal::invalid_request("the body is to be application/x-www-form-urlencoded in UTF-8"))
}

/// A name or value as it was meant (RFC 6749, appendix B).
pub fn decoded(text: &[u8]) -> Result<String, Refusal> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let text = percent_decode(&spaced).decode_utf8();
    text.map(Into::into).map_err(|_| Refusal::invalid_request("a parameter is no UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_6749_appendix_b_names_and_values_are_decoded() {
        let mut form = Form::parse(b"a=+%26%3D%2B%C3%A9&%62==&c").unwrap();
        assert_eq!((form.take("a").as_deref(), form.take("b").as_deref()), (Some(" &=+\u{e9}"), Some("=")));
        assert!(Form::parse(b"a=%FF").is_err());
    }

    #[test]
    fn rfc_6749_3_2_a_parameter_without_a_value_is_one_left_out() {
        let mut form = Form::parse(b"scope=&&=&username=a&scope2").unwrap();
        assert_eq!((form.take("scope"), form.take("scope2"), form.take("")), (None, None, None));
        assert!(form.need("password").is_err());
        assert_eq!(form.need("username").unwrap(), "a");
    }

    #[test]
    fn rfc_6749_3_2_a_parameter_that_stands_twice_is_refused_even_if_empty_or_unknown() {
        for text in ["a=1&a=1", "a=1&a=", "a&a", "%61=1&a=2"] {
            assert!(Form::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
