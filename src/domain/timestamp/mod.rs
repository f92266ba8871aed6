//! Timestamps as files have them: `2024-01-31 13:30`, `2024-01-31T13:30:00+01:00`, `2024/01/31 13:30:00Z` (R1, R4).

#[cfg(test)]
mod tests;

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};

use super::clock;
use super::reading::{EARLIEST, LATEST};

/// A timestamp, as much as it tells by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// It has an offset and so is an instant, in Unix seconds: it wins over any declared clock.
    Instant(i64),
    /// It has none: what it means depends on the clock declared with the load.
    Naive(NaiveDateTime),
}

/// Reads `YYYY-MM-DD HH:MM[:SS[.000]]`, with `T` for the space or `/` for `-`, and with `Z`, `+HH:MM`, `+HHMM`, `+HH`
/// or nothing after it; `24:00` is the next midnight. Else a sentence without subject that says what is wrong.
pub fn parse(text: &str) -> Result<Stamp, String> {
    match parse_usual(text.as_bytes()) {
        Some(stamp) => Ok(stamp),
        None => parse_any(text.trim_ascii()),
    }
}

/// The usual forms, `2024-01-31 13:30:00` and the same with `Z`, without an allocation; `None` is not yet an error.
fn parse_usual(text: &[u8]) -> Option<Stamp> {
    let (text, utc) = match text {
        [text @ .., b'Z'] => (text, true),
        _ => (text, false),
    };
    let text: &[u8; 19] = text.try_into().ok()?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b' ' | b'T', h1, h2, b':', n1, n2, b':', s1, s2] = *text else {
        return None;
    };
    let pair = |tens: u8, ones: u8| {
        let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
        (tens < 10 && ones < 10).then(|| u32::from(tens * 10 + ones))
    };
    let year = pair(y1, y2)? * 100 + pair(y3, y4)?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, pair(m1, m2)?, pair(d1, d2)?)?;
    stamp(date.and_hms_opt(pair(h1, h2)?, pair(n1, n2)?, pair(s1, s2)?)?, utc.then_some(0)).ok()
}

/// Every form, with what is wrong if it is none.
fn parse_any(text: &str) -> Result<Stamp, String> {
    let mut rest = Rest(text.as_bytes());
    let (year, month, day) = date(&mut rest).ok_or_else(|| what_is_wrong(text))?;
    let date = NaiveDate::from_ymd_opt(year, month, day).ok_or("names a date that does not exist")?;
    if rest.0.is_empty() {
        return Err("has no time of day".into());
    }
    let (hour, minute, second) = time(&mut rest).ok_or_else(|| what_is_wrong(text))?;
    if rest.take(b".") {
        let digits = rest.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (fraction, after) = rest.0.split_at(digits);
        if fraction.is_empty() {
            return Err(what_is_wrong(text));
        }
        if fraction.iter().any(|digit| *digit != b'0') {
            return Err("has a fraction of a second; instants are whole seconds".into());
        }
        rest = Rest(after);
    }
    if rest.0.len() > 1 {
        rest.take(b" ");
    }
    let offset = match rest.0 {
        [] => None,
        b"Z" | b"z" => Some(0),
        offset @ [b'+' | b'-', ..] => {
            Some(clock::offset(offset).ok_or("has an offset that is none between -18:00 and +18:00 like +10:00")?)
        }
        _ => return Err(what_is_wrong(text)),
    };
    let next_midnight = (hour, minute, second) == (24, 0, 0);
    let time = if next_midnight { Some(NaiveTime::MIN) } else { NaiveTime::from_hms_opt(hour, minute, second) };
    let time = time.ok_or("names a time of day that does not exist")?;
    stamp(date.checked_add_days(Days::new(next_midnight.into())).ok_or_else(out_of_bounds)?.and_time(time), offset)
}

/// A valid date and time with its offset, if the instant is within bounds on every clock that it may be read on.
fn stamp(wall: NaiveDateTime, offset: Option<i32>) -> Result<Stamp, String> {
    let seconds = wall.and_utc().timestamp();
    let within = |instant: i64| (EARLIEST..LATEST).contains(&instant);
    match offset.map(i64::from) {
        Some(offset) if within(seconds - offset) => Ok(Stamp::Instant(seconds - offset)),
        None if within(seconds) => Ok(Stamp::Naive(wall)),
        _ => Err(out_of_bounds()),
    }
}

fn out_of_bounds() -> String {
    "is not between the years 1900 and 2099".into()
}

/// What is left to read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// Takes one of these bytes, if it stands next.
    fn take(&mut self, bytes: &[u8]) -> bool {
        let Some((_, rest)) = self.0.split_first().filter(|(first, _)| bytes.contains(first)) else { return false };
        self.0 = rest;
        true
    }

    /// Takes a number of so many digits.
    fn number(&mut self, digits: usize) -> Option<u32> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        number.iter().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0')))
    }
}

/// Year, month and day of `YYYY-MM-DD` or `YYYY/MM/DD`, whether or not there is such a date.
fn date(rest: &mut Rest<'_>) -> Option<(i32, u32, u32)> {
    let year = rest.number(4)?;
    let separator = *rest.0.first().filter(|byte| b"-/".contains(byte))?;
    rest.take(&[separator]);
    let month = rest.number(2)?;
    if !rest.take(&[separator]) {
        return None;
    }
    let day = rest.number(2)?;
    Some((i32::try_from(year).ok()?, month, day))
}

/// `THH:MM[:SS]` or with a space.
fn time(rest: &mut Rest<'_>) -> Option<(u32, u32, u32)> {
    if !rest.take(b"Tt ") {
        return None;
    }
    let hour = rest.number(2)?;
    if !rest.take(b":") {
        return None;
    }
    let minute = rest.number(2)?;
    let second = if rest.take(b":") { rest.number(2)? } else { 0 };
    Some((hour, minute, second))
}

/// Names the fault of a text that has none of the forms.
fn what_is_wrong(text: &str) -> String {
    if text.is_empty() {
        return "is empty".into();
    }
    let word = text.split([' ', 'T', 't']).next().unwrap_or(text);
    let mut parts = word.split(['/', '.', '-']);
    let mut digits = |most: usize| {
        parts.next().is_some_and(|part| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
    };
    if digits(2) && digits(2) && digits(4) {
        return "has its day or its month first, and which of the two cannot be known; write it like \
                2024-01-31 13:30:00"
            .into();
    }
    "is no timestamp like 2024-01-31 13:30:00 or 2024-01-31T13:30:00+01:00".into()
}
