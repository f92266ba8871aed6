//! What a load declares about its timestamps: the clock they are read on, what they label, and what is done with a
//! time that happened twice (R4, R5, R8).

use std::fmt;
use std::str::FromStr;

/// The furthest a declared offset may be from UTC, in seconds.
pub const MAX_OFFSET: i32 = 18 * 3_600;

/// The clock on which timestamps without an offset are read (R4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Clock {
    /// Coordinated Universal Time.
    #[default]
    Utc,
    /// The wall clock of the park's zone.
    Park,
    /// A clock that is always so many seconds east of UTC.
    Offset(i32),
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Utc => f.write_str("UTC"),
            Self::Park => f.write_str("PARK"),
            Self::Offset(seconds) => {
                let (sign, minutes) = (if *seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

impl FromStr for Clock {
    type Err = String;

    /// Reads `utc`, `park` in any case, or an offset like `+10:00`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_uppercase().as_str() {
            "UTC" => Ok(Self::Utc),
            "PARK" => Ok(Self::Park),
            _ => offset(text.as_bytes())
                .map(Self::Offset)
                .ok_or_else(|| "is none of UTC, PARK or an offset between -18:00 and +18:00 like +10:00".into()),
        }
    }
}

/// The seconds east of UTC that `+HH:MM`, `+HHMM` or `+HH` means, 18 hours at most.
pub fn offset(text: &[u8]) -> Option<i32> {
    let (sign, hours, minutes) = match text {
        [sign, a, b] => (sign, [a, b], [&b'0', &b'0']),
        [sign, a, b, c, d] | [sign, a, b, b':', c, d] => (sign, [a, b], [c, d]),
        _ => return None,
    };
    let number = |digits: [&u8; 2]| {
        let [tens, ones] = digits.map(|digit| i32::from(digit.wrapping_sub(b'0')));
        (tens < 10 && ones < 10).then_some(tens * 10 + ones)
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let seconds = hours * 3_600 + minutes * 60;
    match sign {
        _ if minutes > 59 || seconds > MAX_OFFSET => None,
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}

/// What a timestamp labels (R8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Label {
    /// The start of its interval.
    #[default]
    Start,
    /// The end of its interval.
    End,
}

impl Label {
    /// The name shown by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "START",
            Self::End => "END",
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Label {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_uppercase().as_str() {
            "START" => Ok(Self::Start),
            "END" => Ok(Self::End),
            _ => Err("is neither START nor END".into()),
        }
    }
}

/// What is done with a time that happened twice but stands only once (R5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Fold {
    /// The row is rejected.
    #[default]
    Reject,
    /// It is the first of the two.
    Earlier,
    /// It is the second of the two.
    Later,
}

impl Fold {
    /// The name shown by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reject => "REJECT",
            Self::Earlier => "EARLIER",
            Self::Later => "LATER",
        }
    }
}

impl fmt::Display for Fold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Fold {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_uppercase().as_str() {
            "REJECT" => Ok(Self::Reject),
            "EARLIER" => Ok(Self::Earlier),
            "LATER" => Ok(Self::Later),
            _ => Err("is none of REJECT, EARLIER, LATER".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R4
    #[test]
    fn a_clock_is_read_in_any_case_and_shown_as_it_is_declared() {
        for (text, clock, shown) in [
            ("utc", Clock::Utc, "UTC"),
            ("Park", Clock::Park, "PARK"),
            ("+10:00", Clock::Offset(36_000), "+10:00"),
            ("-0330", Clock::Offset(-12_600), "-03:30"),
            ("+05", Clock::Offset(18_000), "+05:00"),
            ("-18:00", Clock::Offset(-64_800), "-18:00"),
        ] {
            assert_eq!(text.parse(), Ok(clock), "{text}");
            assert_eq!(clock.to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_clock_is_refused() {
        for text in
            ["", "GMT", "10:00", "+18:01", "-19", "+10:60", "+1:00", "+10:0", "+10-00", "+1a:00", "Europe/Berlin"]
        {
            assert!(text.parse::<Clock>().is_err(), "{text}");
        }
    }

    #[test]
    fn labels_and_folds_are_read_as_they_are_shown() {
        for label in [Label::Start, Label::End] {
            assert_eq!(label.as_str().to_lowercase().parse(), Ok(label));
        }
        for fold in [Fold::Reject, Fold::Earlier, Fold::Later] {
            assert_eq!(fold.as_str().to_lowercase().parse(), Ok(fold));
        }
        assert!("middle".parse::<Label>().is_err() && "both".parse::<Fold>().is_err());
    }
}
