//! The API's own scalars. async-graphql's print `+00:00` and name chrono's types; the contract wants `Z` and plain names.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime as ChronoDateTime, NaiveDate, SecondsFormat};

use crate::domain::chrono;
use crate::domain::chrono_tz::Tz;
use crate::domain::clock;

/// An instant as RFC 3339 with whole seconds, answered in UTC with `Z` (`localTimestamp` with the park's offset).
/// Read with any offset; a fraction of a second is rounded up, which in half-open ranges over whole seconds changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DateTime {
    /// Unix seconds, UTC.
    pub instant: i64,
    /// The offset to show it with, in seconds east; `None` is `Z`.
    pub offset: Option<i32>,
}

impl DateTime {
    /// The instant in UTC.
    pub fn utc(instant: i64) -> Self {
        Self { instant, offset: None }
    }
}

impl From<ChronoDateTime<chrono::Utc>> for DateTime {
    fn from(time: ChronoDateTime<chrono::Utc>) -> Self {
        Self::utc(time.timestamp())
    }
}

/// An instant as RFC 3339 with whole seconds, answered in UTC with `Z` (`localTimestamp` with the park's offset).
/// Read with any offset; a fraction of a second is rounded up, which in half-open ranges over whole seconds changes nothing.
#[Scalar(name = "DateTime", specified_by_url = "https://scalars.graphql.org/andimarek/date-time")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = text_of(value)?;
        let time = ChronoDateTime::parse_from_rfc3339(&text)
            .map_err(|_| InputValueError::custom("is no RFC 3339 date and time, like 2025-04-06T00:00:00Z"))?;
        let up = i64::from(time.timestamp_subsec_nanos() > 0);
        Ok(Self::utc(time.timestamp() + up))
    }

    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        let utc = ChronoDateTime::from_timestamp(self.instant, 0).unwrap_or_default();
        let offset = self.offset.and_then(chrono::FixedOffset::east_opt);
        Value::String(match offset {
            None => utc.to_rfc3339_opts(SecondsFormat::Secs, true),
            Some(offset) => utc.with_timezone(&offset).to_rfc3339_opts(SecondsFormat::Secs, false),
        })
    }
}

/// A calendar date, `YYYY-MM-DD`, in the zone that its field names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date(pub NaiveDate);

/// A calendar date, `YYYY-MM-DD`, in the zone that its field names.
#[Scalar(name = "Date", specified_by_url = "https://scalars.graphql.org/andimarek/local-date")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = text_of(value)?;
        let well_formed = text.len() == 10;
        let date = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().filter(|_| well_formed);
        date.map(Self).ok_or_else(|| InputValueError::custom("is no date like 2025-04-06"))
    }

    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An IANA time zone by its name, like `Pacific/Auckland`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeZone(pub Tz);

/// An IANA time zone by its name, like `Pacific/Auckland`.
#[Scalar(name = "TimeZone", specified_by_url = "https://www.iana.org/time-zones")]
impl ScalarType for TimeZone {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = text_of(value)?;
        text.parse().map(Self).map_err(|_| InputValueError::custom("is no IANA time zone, like Europe/Amsterdam"))
    }

    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.name().to_owned())
    }
}

/// A whole number of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Long(pub i64);

/// A whole number of 64 bits.
#[Scalar(name = "Long")]
impl ScalarType for Long {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => {
                number.as_i64().map(Self).ok_or_else(|| InputValueError::custom("is no 64-bit whole number"))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        self.0.into()
    }
}

/// The clock on which a file's naive timestamps are read: `UTC`, `PARK` (the park's wall clock) or a fixed offset like
/// `+10:00`. A timestamp with its own offset wins over it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock(pub clock::Clock);

/// The clock on which a file's naive timestamps are read: `UTC`, `PARK` (the park's wall clock) or a fixed offset like
/// `+10:00`. A timestamp with its own offset wins over it.
#[Scalar(name = "Clock")]
impl ScalarType for Clock {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = text_of(value)?;
        text.parse().map(Self).map_err(|_| InputValueError::custom("is none of UTC, PARK, or an offset like +10:00"))
    }

    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// What a value of a scalar is to be, for the error of one that is not: validation, which finds it before anything is
/// executed, knows the scalar's name alone.
pub fn wanted(message: &str) -> Option<&'static str> {
    let (_, name) = message.rsplit_once("expected type \"")?;
    match name.strip_suffix('"')? {
        "DateTime" => Some("RFC 3339, like 2025-04-06T00:00:00Z"),
        "Date" => Some("a date like 2025-04-06"),
        "TimeZone" => Some("an IANA time zone, like Europe/Amsterdam"),
        "Long" => Some("a 64-bit whole number"),
        "Clock" => Some("UTC, PARK, or an offset like +10:00"),
        _ => None,
    }
}

fn text_of<T: async_graphql::InputType>(value: Value) -> Result<String, InputValueError<T>> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(InputValueError::expected_type(other)),
    }
}
