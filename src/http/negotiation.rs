//! Which of the two media types an answer has.

use axum::http::{HeaderMap, HeaderValue, header};

/// A media type of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status tells a refused request from an answered one.
    Graphql,
    /// `application/json`: every well-formed request is answered with 200.
    Json,
}

impl Media {
    const BOTH: [Self; 2] = [Self::Graphql, Self::Json];

    fn name(self) -> &'static str {
        match self {
            Self::Graphql => "application/graphql-response+json",
            Self::Json => "application/json",
        }
    }

    /// The value of `Content-Type`.
    pub fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Graphql => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }

    /// The one that the caller likes best; `None` if it takes neither. JSON for those who do not say, as the
    /// specification has it; the newer type for those who name both and like them alike.
    pub fn preferred(headers: &HeaderMap) -> Option<Self> {
        let mut ranges = Vec::new();
        for value in headers.get_all(header::ACCEPT) {
            // What is no text is no media type that we have.
            ranges.extend(value.to_str().unwrap_or_default().split(',').filter_map(Range::parse));
        }
        if !headers.contains_key(header::ACCEPT) {
            return Some(Self::Json);
        }
        let best = Self::BOTH.into_iter().filter_map(|media| {
            // The most specific range that matches decides (RFC 9110, 12.5.1).
            let range = ranges.iter().filter(|range| range.matches(media)).max_by_key(|range| range.specificity())?;
            (range.quality > 0).then_some((range.quality, range.specificity(), media))
        });
        best.reduce(|one, other| {
            let named = one.1 == 2;
            if other.0 > one.0 || (other.0 == one.0 && !named) { other } else { one }
        })
        .map(|(_, _, media)| media)
    }
}

/// A media range of `Accept`.
struct Range {
    kind: String,
    subtype: String,
    /// In thousandths.
    quality: u16,
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let mut quality = 1_000;
        for parameter in parts {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "q" => quality = thousandths(value)?,
                // Answers are UTF-8.
                "charset" if !value.eq_ignore_ascii_case("utf-8") => return None,
                _ => {}
            }
        }
        Some(Self { kind: kind.to_ascii_lowercase(), subtype: subtype.to_ascii_lowercase(), quality })
    }

    fn matches(&self, media: Media) -> bool {
        let (kind, subtype) = media.name().split_once('/').unwrap_or_default();
        (self.kind == "*" && self.subtype == "*")
            || (self.kind == kind && (self.subtype == "*" || self.subtype == subtype))
    }

    fn specificity(&self) -> u8 {
        match (self.kind.as_str(), self.subtype.as_str()) {
            ("*", _) => 0,
            (_, "*") => 1,
            _ => 2,
        }
    }
}

/// A quality between 0 and 1 with at most three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let decimals: u16 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(decimals),
        "1" if decimals == 0 => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preferred(accept: &[&'static str]) -> Option<Media> {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(header::ACCEPT, HeaderValue::from_static(value));
        }
        Media::preferred(&headers)
    }

    #[test]
    fn json_is_for_those_who_do_not_say() {
        assert_eq!(preferred(&[]), Some(Media::Json));
        assert_eq!(preferred(&["*/*"]), Some(Media::Json));
        assert_eq!(preferred(&["application/*"]), Some(Media::Json));
        assert_eq!(preferred(&["text/html,application/xhtml+xml,*/*;q=0.8"]), Some(Media::Json));
    }

    #[test]
    fn the_higher_quality_wins() {
        let both = "application/graphql-response+json;q=0.3, application/json;q=0.4";
        assert_eq!(preferred(&[both]), Some(Media::Json));
        let both = "application/graphql-response+json, application/json;q=0.9";
        assert_eq!(preferred(&[both]), Some(Media::Graphql));
        assert_eq!(preferred(&["application/json", "application/graphql-response+json"]), Some(Media::Graphql));
        assert_eq!(preferred(&["application/graphql-response+json;q=0.1, */*"]), Some(Media::Json));
    }

    #[test]
    fn the_most_specific_range_decides() {
        assert_eq!(preferred(&["application/json;q=0, */*"]), Some(Media::Graphql));
        assert_eq!(preferred(&["application/json;q=0"]), None);
        assert_eq!(preferred(&["APPLICATION/JSON; Charset=\"UTF-8\""]), Some(Media::Json));
    }

    #[test]
    fn what_we_do_not_have_is_not_acceptable() {
        assert_eq!(preferred(&["text/html"]), None);
        assert_eq!(preferred(&["application/json; charset=utf-16"]), None);
        assert_eq!(preferred(&["application/json;q=x"]), None);
        assert_eq!(preferred(&[""]), None);
    }
}
