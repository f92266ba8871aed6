//! How long buckets are.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Months, NaiveDate};

use super::super::zone::add_days;

/// How long buckets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Granularity {
    /// An hour of the wall clock.
    Hour,
    /// A local date.
    Day,
    /// A week from Monday (ISO 8601).
    Week,
    /// A calendar month.
    Month,
    /// Three calendar months, from January, April, July or October.
    Quarter,
    /// A calendar year.
    Year,
}

impl Granularity {
    /// All of them, the shortest first.
    pub const ALL: [Self; 6] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// The name shown by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "HOUR",
            Self::Day => "DAY",
            Self::Week => "WEEK",
            Self::Month => "MONTH",
            Self::Quarter => "QUARTER",
            Self::Year => "YEAR",
        }
    }

    /// The first date of the bucket that the date lies in.
    pub(in crate::domain) fn floor(self, date: NaiveDate) -> NaiveDate {
        let month = match self {
            Self::Hour | Self::Day => return date,
            Self::Week => return date.week(chrono::Weekday::Mon).checked_first_day().unwrap_or(NaiveDate::MIN),
            Self::Month => date.month(),
            Self::Quarter => date.month0() / 3 * 3 + 1,
            Self::Year => 1,
        };
        NaiveDate::from_ymd_opt(date.year(), month, 1).unwrap_or(date)
    }

    /// The first date of the next bucket, from the first date of one.
    pub(super) fn next(self, first: NaiveDate) -> NaiveDate {
        let months = match self {
            Self::Hour | Self::Day => return add_days(first, 1),
            Self::Week => return add_days(first, 7),
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        };
        first.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX)
    }

    /// The first date at or after the date that a bucket begins with.
    pub(super) fn ceil(self, date: NaiveDate) -> NaiveDate {
        let first = self.floor(date);
        if first < date { self.next(first) } else { first }
    }
}

impl fmt::Display for Granularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Granularity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let name = text.to_ascii_uppercase();
        let found = Self::ALL.into_iter().find(|granularity| granularity.as_str() == name);
        found.ok_or_else(|| "is none of HOUR, DAY, WEEK, MONTH, QUARTER, YEAR".into())
    }
}
