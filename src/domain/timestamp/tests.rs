use chrono::{DateTime, SecondsFormat, Utc};
use proptest::prelude::*;

use super::*;

fn utc(text: &str) -> Stamp {
    Stamp::Instant(text.parse::<DateTime<Utc>>().unwrap().timestamp())
}

fn naive(text: &str) -> Stamp {
    Stamp::Naive(text.parse().unwrap())
}

/// R4
#[test]
fn a_timestamp_without_an_offset_is_naive_whatever_its_form() {
    for text in [
        "2024-01-31 13:30:00",
        "2024-01-31T13:30:00",
        "2024-01-31t13:30:00",
        "2024-01-31 13:30",
        "2024-01-31T13:30",
        "2024/01/31 13:30",
        "2024/01/31T13:30:00.000",
        "2024-01-31 13:30:00.000000000",
        " 2024-01-31 13:30:00\t",
    ] {
        assert_eq!(parse(text), Ok(naive("2024-01-31T13:30:00")), "{text}");
    }
}

/// R4
#[test]
fn a_timestamp_with_an_offset_is_an_instant() {
    for text in [
        "2024-01-31T12:30:00Z",
        "2024-01-31 12:30:00z",
        "2024-01-31T12:30Z",
        "2024-01-31T13:30:00+01:00",
        "2024-01-31 13:30+0100",
        "2024/01/31 13:30:00.0+01",
        "2024-01-31 13:30:00 +01:00",
        "2024-01-31T12:30:00-00:00",
        "2024-01-30T18:30:00-18:00",
        "2024-02-01T06:30:00+18:00",
    ] {
        assert_eq!(parse(text), Ok(utc("2024-01-31T12:30:00Z")), "{text}");
    }
}

#[test]
fn twenty_four_o_clock_is_the_next_midnight() {
    assert_eq!(parse("2023-12-31 24:00"), Ok(naive("2024-01-01T00:00:00")));
    assert_eq!(parse("2024-02-28T24:00:00Z"), Ok(utc("2024-02-29T00:00:00Z")));
    assert_eq!(parse("2099-12-31T24:00:00+01:00"), Ok(utc("2099-12-31T23:00:00Z")));
}

/// R1
#[test]
fn what_is_no_timestamp_is_refused_with_the_reason() {
    for (text, why) in [
        ("", "is empty"),
        ("  ", "is empty"),
        ("yesterday", "is no timestamp"),
        ("1706706000", "is no timestamp"),
        ("2024-01-31", "has no time of day"),
        ("2024-02-30 00:00", "a date that does not exist"),
        ("2023-02-29 00:00:00", "a date that does not exist"),
        ("2024-01-31 24:01", "a time of day that does not exist"),
        ("2024-01-31 25:00", "a time of day that does not exist"),
        ("2024-01-31 23:59:60", "a time of day that does not exist"),
        ("2024-01-31 13:30:00.5", "whole seconds"),
        ("2024-01-31 13:30:00.001Z", "whole seconds"),
        ("2024-01-31 13:30:00.", "is no timestamp"),
        ("2024-01-31 13:30:00+19:00", "between -18:00 and +18:00"),
        ("2024-01-31 13:30:00+01:60", "between -18:00 and +18:00"),
        ("2024-01-31 13:30:00 CET", "is no timestamp"),
        ("2024-01-31 13:30:00ZZ", "is no timestamp"),
        ("2024-01/31 13:30", "is no timestamp"),
        ("2024-01-31_13:30:00", "is no timestamp"),
        ("2024-1-31 13:30", "is no timestamp"),
        ("31.01.2024 13:30", "day or its month first"),
        ("01/31/2024 13:30", "day or its month first"),
        ("1/2/2024", "day or its month first"),
        ("31-01-2024T13:30", "day or its month first"),
        ("1899-12-31 23:59", "1900 and 2099"),
        ("2100-01-01 00:00:00", "1900 and 2099"),
        ("2099-12-31 24:00", "1900 and 2099"),
        ("1900-01-01T00:30:00+01:00", "1900 and 2099"),
        ("9999-12-31 24:00", "1900 and 2099"),
        ("２０２４-01-31 13:30", "is no timestamp"),
    ] {
        match parse(text) {
            Err(reason) => assert!(reason.contains(why), "{text}: {reason}"),
            Ok(stamp) => panic!("{text} is taken as {stamp:?}"),
        }
    }
}

fn nearly_timestamps() -> impl Strategy<Value = String> {
    let form = "[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{0,3})?)?( ?[+-][0-9]{2}(:?[0-9]{2})?|[Zz])?";
    let likely = "20[0-9]{2}-(0[1-9]|1[0-2])-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9]Z?";
    let spoilt = (likely, 0..20usize, any::<u8>()).prop_map(|(text, index, byte): (String, usize, u8)| {
        let mut bytes = text.into_bytes();
        let index = index % bytes.len();
        bytes[index] = byte % 128;
        String::from_utf8(bytes).unwrap()
    });
    prop_oneof![form, likely, spoilt]
}

proptest! {
    #[test]
    fn both_paths_agree(text in nearly_timestamps()) {
        let (usual, any) = (parse_usual(text.as_bytes()), parse_any(text.trim_ascii()));
        if let Some(usual) = usual {
            prop_assert_eq!(Ok(usual), any.clone());
        }
        // The usual path misses no text of its form but the next midnight.
        let is_usual = !text.contains(['/', 't', 'z', '.', '+']) && text.get(11..13) != Some("24");
        if any.is_ok() && is_usual && (text.len() == 19 || text.len() == 20 && text.ends_with('Z')) {
            prop_assert!(usual.is_some(), "{}", text);
        }
    }

    #[test]
    fn what_chrono_writes_is_read_back(instant in EARLIEST..LATEST, offset in -18 * 60..=18 * 60i32, space in any::<bool>()) {
        let zone = chrono::FixedOffset::east_opt(offset * 60).unwrap();
        let time = DateTime::from_timestamp(instant, 0).unwrap().with_timezone(&zone);
        let text = time.to_rfc3339_opts(SecondsFormat::Secs, true);
        let text = if space { text.replace('T', " ") } else { text };
        prop_assert_eq!(parse(&text), Ok(Stamp::Instant(instant)));
        let naive = time.naive_utc();
        prop_assert_eq!(parse(&naive.to_string()), Ok(Stamp::Naive(naive)));
    }

    #[test]
    fn no_text_panics(text in ".*") {
        let _ = parse(&text);
    }
}
