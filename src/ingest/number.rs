//! Numbers as files have them (R19).

/// The number that a cell holds, or a sentence without subject that says why it is none. Never NaN, infinite or -0.
pub(super) fn parse(text: &str) -> Result<f64, &'static str> {
    check(text)?;
    finite(text)
}

/// As [`parse`], of a thousandth: kilowatts as megawatts, to the same bits as if they had been written so.
pub(super) fn parse_thousandths(text: &str) -> Result<f64, &'static str> {
    check(text)?;
    if text.bytes().any(|byte| byte.eq_ignore_ascii_case(&b'e')) {
        return finite(text).map(|number| number / 1_000.0 + 0.0);
    }
    finite(&format!("{text}e-3"))
}

/// As [`parse`], of a cell that may be empty.
pub(super) fn parse_optional(text: &str) -> Result<Option<f64>, &'static str> {
    match text {
        "" => Ok(None),
        _ if says_unknown(text) => Err("is not a number: leave the cell empty where nothing is known"),
        _ => parse(text).map(Some),
    }
}

fn finite(text: &str) -> Result<f64, &'static str> {
    let number: f64 = text.parse().map_err(|_| "is not a number")?;
    // Adding 0 turns -0 into 0.
    if number.is_finite() { Ok(number + 0.0) } else { Err("is beyond the range of numbers") }
}

/// Only what a plain decimal number is made of passes: the standard library reads `inf` and `nan` as well.
fn check(text: &str) -> Result<(), &'static str> {
    if !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E')) {
        return Ok(());
    }
    Err(why(text))
}

/// Whether it is one of the words that stand for no number.
fn says_unknown(text: &str) -> bool {
    let body = text.trim_start_matches(['+', '-']).to_ascii_lowercase();
    ["", "nan", "na", "n/a", "null", "none", "inf", "infinity", "#n/a"].contains(&body.as_str())
}

fn why(text: &str) -> &'static str {
    let body = text.trim_start_matches(['+', '-']);
    let starts_so = body.starts_with(|char: char| char.is_ascii_digit() || char == '.');
    if text.is_empty() {
        return "is empty: leave the row out where nothing is known";
    }
    if says_unknown(text) {
        return "is not a number: leave the row out where nothing is known";
    }
    if text.contains(['\n', '\r']) {
        return "holds a line break: is a quotation mark left open?";
    }
    if !starts_so {
        return "is not a number";
    }
    let plain = |text: &str, also: &[char]| text.chars().all(|char| char.is_ascii_digit() || also.contains(&char));
    let marks: [char; 6] = [',', '.', ' ', '\'', '\u{a0}', '\u{202f}'];
    if plain(body, &[',']) && body.matches(',').count() == 1 {
        return "has a decimal comma; write it with a point";
    }
    if plain(body, &marks) {
        return "has a thousands separator; write it without, and with a decimal point";
    }
    if body.ends_with(char::is_alphabetic) || body.ends_with('%') {
        return "has a unit or another word in it; write the number alone";
    }
    "is not a number"
}

#[cfg(test)]
mod tests {
    use super::{parse, parse_optional, parse_thousandths};

    #[test]
    fn plain_decimal_numbers_are_read() {
        for (text, number) in [
            ("10.108", 10.108),
            ("+5", 5.0),
            ("-0.25", -0.25),
            ("1e3", 1_000.0),
            ("1E-3", 0.001),
            (".5", 0.5),
            ("5.", 5.0),
        ] {
            assert_eq!(parse(text), Ok(number), "{text}");
        }
    }

    /// R19
    #[test]
    fn minus_zero_is_zero() {
        for text in ["-0", "-0.000", "-1e-400"] {
            assert_eq!(parse(text).unwrap().to_bits(), 0, "{text}");
            assert_eq!(parse_thousandths(text).unwrap().to_bits(), 0, "{text}");
        }
    }

    /// R19
    #[test]
    fn what_is_no_finite_number_is_rejected_with_the_likely_cause() {
        for (text, cause) in [
            ("", "empty"),
            ("NaN", "not a number"),
            ("-inf", "not a number"),
            ("Infinity", "not a number"),
            ("1e309", "beyond the range"),
            ("-1e999", "beyond the range"),
            ("1,5", "decimal comma"),
            ("-10,108", "decimal comma"),
            ("1,234.5", "thousands separator"),
            ("1 234", "thousands separator"),
            ("1'234.5", "thousands separator"),
            ("1.234,5", "thousands separator"),
            ("5MW", "unit"),
            ("5 kW", "unit"),
            ("0x10", "not a number"),
            ("--5", "not a number"),
            ("1.2.3", "not a number"),
            ("e", "not a number"),
            ("-", "not a number"),
            ("\u{2212}5", "not a number"),
            ("five", "not a number"),
        ] {
            let reason = parse(text).expect_err(text);
            assert!(reason.contains(cause), "{text:?}: {reason}");
            assert_eq!(parse_thousandths(text), Err(reason), "{text:?}");
        }
    }

    #[test]
    fn a_cell_that_may_be_empty_is_not_told_to_leave_its_row_out() {
        assert_eq!(parse_optional(""), Ok(None));
        assert_eq!(parse_optional("64.4"), Ok(Some(64.4)));
        for text in ["NaN", "-", "null", "inf"] {
            assert!(parse_optional(text).unwrap_err().contains("leave the cell empty"), "{text}");
        }
        assert_eq!(parse_optional("1,5"), Err(parse("1,5").unwrap_err()));
    }

    /// R18, R21
    #[test]
    fn kilowatts_are_the_same_megawatts_to_the_bit() {
        for (kilowatts, megawatts) in [("10108", "10.108"), ("10108.3", "10.1083"), ("-7", "-0.007"), ("1e3", "1")] {
            assert_eq!(parse_thousandths(kilowatts), parse(megawatts), "{kilowatts}");
        }
    }
}
