//! Escapes of strings that async-graphql 7.2.1 does not read: pairs of surrogates (`\uD83D\uDE00`) and code points in
//! braces (`\u{1F600}`), of the specification of September 2025. They become the characters themselves before the
//! document is parsed; blanks behind the string keep all that follows in its place.

use std::borrow::Cow;
use std::ops::Range;

use async_graphql::ServerError;

use super::places::Places;
use super::scan::{block_end, string_end};
use super::{coded, scan};

/// The document with those escapes resolved. One that stands for no character is a syntax error.
pub(super) fn resolve(document: &str) -> Result<Cow<'_, str>, ServerError> {
    if !document.contains("\\u") {
        return Ok(Cow::Borrowed(document));
    }
    let mut resolved = String::with_capacity(document.len());
    let mut taken = 0;
    for range in (Strings { bytes: document.as_bytes(), at: 0, unclosed: false }) {
        resolved.push_str(&document[taken..range.start]);
        let begun = resolved.len();
        let literal = &document[range.clone()];
        resolve_literal(literal, &mut resolved).map_err(|Wrong { at, sentence }| {
            let pos = Places::new(document).of(range.start + at);
            coded(ServerError::new(format!("syntax error: {sentence}"), Some(pos)), "GRAPHQL_PARSE_FAILED")
        })?;
        let blanks = literal.chars().count().saturating_sub(resolved[begun..].chars().count());
        resolved.extend(std::iter::repeat_n(' ', blanks));
        taken = range.end;
    }
    resolved.push_str(&document[taken..]);
    Ok(Cow::Owned(resolved))
}

/// The strings of a document, their quotes included; block strings and comments aside.
struct Strings<'d> {
    bytes: &'d [u8],
    at: usize,
    /// No block string is closed any more.
    unclosed: bool,
}

impl Iterator for Strings<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let bytes = self.bytes;
        loop {
            let start = self.at + bytes.get(self.at..)?.iter().position(|&byte| byte == b'"' || byte == b'#')?;
            if bytes[start] == b'#' {
                self.at = scan::comment_end(bytes, start);
                continue;
            }
            if !self.unclosed && bytes[start..].starts_with(b"\"\"\"") {
                match block_end(bytes, start + 3) {
                    Some(end) => {
                        self.at = end;
                        continue;
                    }
                    None => self.unclosed = true,
                }
            }
            self.at = string_end(bytes, start + 1);
            return Some(start..self.at);
        }
    }
}

/// What is wrong with an escape, and where in its string.
struct Wrong {
    at: usize,
    sentence: String,
}

fn resolve_literal(literal: &str, resolved: &mut String) -> Result<(), Wrong> {
    let mut at = 0;
    while let Some(length) = literal[at..].find('\\') {
        resolved.push_str(&literal[at..at + length]);
        at += length;
        let escape = &literal[at..];
        if let Some((character, length)) = read(escape).map_err(|sentence| Wrong { at, sentence })? {
            push(character, resolved);
            at += length;
        } else {
            let length = escape.chars().take(2).map(char::len_utf8).sum::<usize>();
            resolved.push_str(&escape[..length]);
            at += length;
        }
    }
    resolved.push_str(&literal[at..]);
    Ok(())
}

/// The character that an escape stands for, and the escape's length; `None` where the parser knows it, or knows that it is
/// none.
fn read(escape: &str) -> Result<Option<(char, usize)>, String> {
    if let Some(digits) = escape.strip_prefix("\\u{") {
        let end = digits.find(|digit: char| !digit.is_ascii_hexdigit()).unwrap_or(digits.len());
        let length = 4 + end;
        if end == 0 || !digits[end..].starts_with('}') {
            return Err("`\\u{` is to be followed by hexadecimal digits and `}`".to_owned());
        }
        let character = u32::from_str_radix(&digits[..end], 16).ok().and_then(char::from_u32);
        let wrong = || format!("{} is no character of Unicode", short(&escape[..length]));
        return character.map(|character| Some((character, length))).ok_or_else(wrong);
    }
    let Some(first) = unit(escape) else { return Ok(None) };
    if !(0xD800..0xE000).contains(&first) {
        return Ok(None);
    }
    let second = unit(&escape[6..]).unwrap_or_default();
    match char::decode_utf16([first, second]).next() {
        Some(Ok(character)) => Ok(Some((character, 12))),
        _ => Err(format!("{} is half of a surrogate pair", &escape[..6])),
    }
}

/// The code unit of an escape of four digits at the start.
fn unit(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

fn push(character: char, resolved: &mut String) {
    match character {
        '"' => resolved.push_str("\\\""),
        '\\' => resolved.push_str("\\\\"),
        '\n' => resolved.push_str("\\n"),
        '\r' => resolved.push_str("\\r"),
        _ => resolved.push(character),
    }
}

/// As much of an escape as a sentence bears.
fn short(escape: &str) -> &str {
    if escape.len() > 20 { "\\u{…}" } else { escape }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(document: &str) -> String {
        resolve(document).unwrap().into_owned()
    }

    fn wrong(document: &str) -> (String, usize, usize) {
        let error = resolve(document).unwrap_err();
        (error.message, error.locations[0].line, error.locations[0].column)
    }

    #[test]
    fn pairs_of_surrogates_and_code_points_in_braces_are_their_characters() {
        assert_eq!(resolved(r#"{ a(x: "\uD83D\uDE00") b }"#).replace(' ', ""), r#"{a(x:"😀")b}"#);
        assert_eq!(resolved(r#""\u{1F600}\u{1f600} \u{0000041}""#).replace("  ", ""), r#""😀😀 A""#);
        assert_eq!(resolved(r#""\u{10FFFF}""#).trim_end(), "\"\u{10FFFF}\"");
    }

    #[test]
    fn what_follows_keeps_its_place() {
        let document = r#"{ a(x: "é\uD83D\uDE00", y: "\u{41}") @b } # ""#;
        let resolved = resolved(document);
        assert_eq!(resolved.chars().count(), document.chars().count());
        let column = |text: &str, what: char| text.chars().position(|one| one == what);
        for what in ['y', '@', '#'] {
            assert_eq!(column(&resolved, what), column(document, what));
        }
    }

    #[test]
    fn characters_that_strings_do_not_bear_stay_escaped() {
        assert_eq!(resolved(r#""\u{22}\u{5C}\u{A}\u{D}\u{7}""#).trim_end(), "\"\\\"\\\\\\n\\r\u{7}\"");
    }

    #[test]
    fn other_escapes_block_strings_and_comments_are_left_alone() {
        for document in [
            r#""\\uD83D \u0041 \" \n \\u{1F600}""#,
            r#""""\uD83D \u{} \""" \u{1F600}""" # "\uD83D""#,
            "# \"\\u{x}\n\"\\u0041\"",
            r#""\u12" "\uD8" "\u""#,
            r#""abc \"#,
            "\"\\é\\u0041\"",
        ] {
            assert_eq!(resolved(document), document);
        }
        assert!(matches!(resolve("{ a }"), Ok(Cow::Borrowed(_))));
    }

    #[test]
    fn an_escape_of_no_character_is_a_syntax_error_that_says_where() {
        let half = |escape: &str| format!("syntax error: {escape} is half of a surrogate pair");
        assert_eq!(wrong("{\n a(x: \"ab\\uD83D\") }"), (half("\\uD83D"), 2, 10));
        assert_eq!(wrong(r#""\uDE00\uD83D""#), (half("\\uDE00"), 1, 2));
        assert_eq!(wrong(r#""\uD83D\u{DE00}""#).0, half("\\uD83D"));
        assert_eq!(wrong(r#""\uD83Dx""#).0, half("\\uD83D"));
        for escape in ["\\u{D83D}", "\\u{110000}", "\\u{FFFFFFFFF}"] {
            assert_eq!(wrong(&format!("\"{escape}\"")).0, format!("syntax error: {escape} is no character of Unicode"));
        }
        for escape in ["\\u{}", "\\u{12", "\\u{1G}", "\\u{ 1}"] {
            assert!(wrong(&format!("\"{escape}\"")).0.ends_with("hexadecimal digits and `}`"), "{escape}");
        }
        assert_eq!(
            wrong(&format!("\"\\u{{1{}}}\"", "0".repeat(100))).0,
            "syntax error: \\u{…} is no character of Unicode"
        );
    }
}
