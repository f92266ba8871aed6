//! JSON in the making: the same text as the scalars' values would give.

use async_graphql::{ScalarType, Value};
use chrono::{Datelike, NaiveDate, TimeDelta};
use serde::Serialize;

use super::{Asked, Item, Write};
use crate::domain::chrono;
use crate::graphql::scalars::{Date, DateTime};

const DAY: i64 = 86_400;

/// The text so far.
#[derive(Default)]
pub struct Json {
    bytes: Vec<u8>,
    /// The day that was written last, in days since 1970, and its text: neighbours in a list are of one day, mostly.
    day: Option<(i64, [u8; 10])>,
}

impl Json {
    /// A key with its colon.
    pub fn key(key: &str) -> Vec<u8> {
        let mut json = Self::default();
        json.text(key);
        json.bytes.push(b':');
        json.bytes
    }

    /// The text, as a value that the answer's writer puts where it stands.
    pub fn into_value(self) -> Value {
        Value::Binary(self.bytes.into())
    }

    /// A list.
    pub fn list<T>(&mut self, items: &[T], write: impl Fn(&T, &mut Self)) {
        self.bytes.push(b'[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.bytes.push(b',');
            }
            write(item, self);
        }
        self.bytes.push(b']');
    }

    /// An object.
    pub fn object<T>(&mut self, steps: &[(Vec<u8>, Write<T>)], row: &T) {
        self.bytes.push(b'{');
        for (index, (key, write)) in steps.iter().enumerate() {
            if index > 0 {
                self.bytes.push(b',');
            }
            self.bytes.extend_from_slice(key);
            write(row, self);
        }
        self.bytes.push(b'}');
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        self.put(text);
    }

    /// A number; null where it is none.
    pub fn float(&mut self, number: f64) {
        self.put(&number);
    }

    /// A number that may not be known.
    pub fn maybe(&mut self, number: Option<f64>) {
        self.put(&number);
    }

    /// A whole number.
    pub fn whole(&mut self, number: i64) {
        self.put(&number);
    }

    /// A whole number that may not be known.
    pub fn maybe_whole(&mut self, number: Option<i64>) {
        self.put(&number);
    }

    /// Yes or no.
    pub fn flag(&mut self, flag: bool) {
        self.put(&flag);
    }

    /// An instant.
    pub fn instant(&mut self, time: DateTime) {
        let offset = i64::from(time.offset.unwrap_or(0));
        let local = time.instant + offset;
        let (day, second) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        // Of an offset with seconds the text is cut, of which chrono knows how.
        let Some(date) = self.day_text(day).filter(|_| offset % 60 == 0) else {
            return self.put(&time.to_value());
        };
        let [hour, minute, second] = [second / 3_600, second / 60 % 60, second % 60].map(two);
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(&date);
        for (mark, digits) in [(b'T', hour), (b':', minute), (b':', second)] {
            self.bytes.push(mark);
            self.bytes.extend_from_slice(&digits);
        }
        match time.offset {
            None => self.bytes.push(b'Z'),
            Some(offset) => {
                let minutes = i64::from(offset.abs() / 60);
                self.bytes.push(if offset < 0 { b'-' } else { b'+' });
                self.bytes.extend_from_slice(&two(minutes / 60));
                self.bytes.push(b':');
                self.bytes.extend_from_slice(&two(minutes % 60));
            }
        }
        self.bytes.push(b'"');
    }

    /// A date.
    pub fn date(&mut self, date: NaiveDate) {
        match self.day_text((date - NaiveDate::default()).num_days()) {
            Some(text) => {
                self.bytes.push(b'"');
                self.bytes.extend_from_slice(&text);
                self.bytes.push(b'"');
            }
            None => self.put(&Date(date).to_value()),
        }
    }

    /// A day as `YYYY-MM-DD`; none in years of other lengths.
    fn day_text(&mut self, day: i64) -> Option<[u8; 10]> {
        if let Some((known, text)) = self.day
            && known == day
        {
            return Some(text);
        }
        let date = TimeDelta::try_days(day).and_then(|days| NaiveDate::default().checked_add_signed(days))?;
        let year = i64::from(date.year());
        if !(0..=9_999).contains(&year) {
            return None;
        }
        let mut text = *b"0000-00-00";
        for (place, digits) in [(0, year / 100), (2, year % 100), (5, date.month().into()), (8, date.day().into())] {
            text[place..place + 2].copy_from_slice(&two(digits));
        }
        self.day = Some((day, text));
        Some(text)
    }

    fn put(&mut self, value: &(impl Serialize + ?Sized)) {
        // Writing to memory does not fail, and what is no number is written as null.
        if serde_json::to_writer(&mut self.bytes, value).is_err() {
            self.bytes.extend_from_slice(b"null");
        }
    }
}

/// The two digits of a number below 100.
fn two(number: i64) -> [u8; 2] {
    let digit = |number: i64| b'0' + u8::try_from(number % 10).unwrap_or_default();
    [digit(number / 10), digit(number)]
}

impl Item for DateTime {
    fn writer(_asked: &Asked<'_>) -> Option<Write<Self>> {
        Some(Box::new(|time, json| json.instant(*time)))
    }
}

impl Item for i32 {
    fn writer(_asked: &Asked<'_>) -> Option<Write<Self>> {
        Some(Box::new(|number, json| json.whole(i64::from(*number))))
    }
}

impl Item for f64 {
    fn writer(_asked: &Asked<'_>) -> Option<Write<Self>> {
        Some(Box::new(|number, json| json.float(*number)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::scalars::Long;

    fn text(write: impl Fn(&mut Json)) -> String {
        let mut json = Json::default();
        write(&mut json);
        String::from_utf8(json.bytes).unwrap()
    }

    #[test]
    fn instants_and_dates_are_written_as_their_scalars_are() {
        let mut json = Json::default();
        let mut expected = String::new();
        let far = [-70_000_000_000, 260_000_000_000, i64::from(i32::MIN), -1, 0, 1, 951_782_399, 951_782_400];
        let many = (0..20_000).map(|index| -2_208_988_800 + index * 317_077 + index % 61);
        for instant in far.into_iter().chain(many) {
            for offset in [None, Some(0), Some(20_700), Some(-9_000), Some(50_400), Some(1_172), Some(-2_670)] {
                let time = DateTime { instant, offset };
                json.instant(time);
                expected.push_str(&serde_json::to_string(&time.to_value()).unwrap());
            }
            let date = chrono::DateTime::from_timestamp(instant, 0).unwrap().date_naive();
            json.date(date);
            expected.push_str(&serde_json::to_string(&Date(date).to_value()).unwrap());
        }
        assert_eq!(String::from_utf8(json.bytes).unwrap(), expected);
    }

    #[test]
    fn numbers_and_texts_are_written_as_values_are() {
        for number in [0.0, -0.0, 1.0, 1e-7, 1e300, 41.2, f64::MIN_POSITIVE, f64::NAN, f64::INFINITY] {
            let value = async_graphql::to_value(number).unwrap_or_default();
            assert_eq!(text(|json| json.float(number)), serde_json::to_string(&value).unwrap());
        }
        assert_eq!(text(|json| json.maybe(None)), "null");
        assert_eq!(text(|json| json.whole(i64::MIN)), serde_json::to_string(&Long(i64::MIN).to_value()).unwrap());
        for name in ["Süd \"風\"\n", "\u{1}\u{2028}/", ""] {
            assert_eq!(text(|json| json.text(name)), serde_json::to_string(&Value::from(name)).unwrap());
        }
    }
}
