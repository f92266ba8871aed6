//! A park: a wind or solar power plant with its own time zone.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::reading;

/// A park's key: small, since it stands in front of every large table's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParkId(pub i32);

/// What a park makes its power from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EnergyType {
    /// Sun. Stands first, as in the order of names.
    Solar,
    /// Wind.
    Wind,
}

impl EnergyType {
    /// The name kept in the database and shown by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Solar => "SOLAR",
            Self::Wind => "WIND",
        }
    }
}

impl fmt::Display for EnergyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EnergyType {
    type Err = String;

    /// Reads `wind` or `solar` in any case.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_uppercase().as_str() {
            "SOLAR" => Ok(Self::Solar),
            "WIND" => Ok(Self::Wind),
            _ => Err("is neither Wind nor Solar".into()),
        }
    }
}

/// What is told of a park; validated by [`ParkDetails::check`].
#[derive(Clone, Debug, PartialEq)]
pub struct ParkDetails {
    /// Unique; normal form C.
    pub name: String,
    /// The zone whose midnights bound the park's days.
    pub timezone: Tz,
    /// Wind or solar.
    pub energy_type: EnergyType,
    /// Rated power in MW, from one watt to 1,000 TW.
    pub capacity_mw: Option<f64>,
    /// Degrees north, -90 to 90.
    pub latitude: Option<f64>,
    /// Degrees east, -180 to 180.
    pub longitude: Option<f64>,
    /// The usual width of the park's readings in minutes, 1 to 1,440 (R12).
    pub interval_minutes: Option<u16>,
}

impl ParkDetails {
    /// The first field out of its bounds, with what is wrong, as `(field, sentence)`.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        super::text::name(&self.name).map_err(|why| ("park_name", why))?;
        if let Some(why) = self.capacity_mw.and_then(wrong_capacity) {
            return Err(("capacity_mw", why.into()));
        }
        let bounds = [
            ("latitude", self.latitude, -90.0, 90.0, "is not between -90 and 90"),
            ("longitude", self.longitude, -180.0, 180.0, "is not between -180 and 180"),
        ];
        for (field, value, least, most, why) in bounds {
            if value.is_some_and(|value| !(least..=most).contains(&value)) {
                return Err((field, why.into()));
            }
        }
        if self.interval_minutes.is_some_and(|minutes| !(1..=reading::MAX_MINUTES).contains(&minutes)) {
            return Err(("interval_minutes", "is not between 1 and 1440".into()));
        }
        Ok(())
    }
}

/// What is wrong with a rated power in MW. Less than a watt would give factors beyond f64.
fn wrong_capacity(megawatts: f64) -> Option<&'static str> {
    match megawatts {
        _ if megawatts.is_nan() => Some("is not a number"),
        _ if megawatts.abs() > 1e9 => {
            Some("is beyond 1,000,000,000 MW, and no park on earth has 1,000 TW: is it in the right unit?")
        }
        _ if megawatts <= 0.0 => Some("is not above 0"),
        _ if megawatts < 1e-6 => Some("is less than one watt (0.000001 MW): is it in the right unit?"),
        _ => None,
    }
}

/// A park as it stands in the database.
#[derive(Clone, Debug, PartialEq)]
pub struct Park {
    /// Its key.
    pub id: ParkId,
    /// What is told of it.
    pub details: ParkDetails,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Which parks are meant: every field narrows, `None` does not, an empty list matches none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParkFilter {
    /// By key.
    pub ids: Option<Vec<ParkId>>,
    /// By exact name, normal form C.
    pub names: Option<Vec<String>>,
    /// By energy type.
    pub energy_types: Option<Vec<EnergyType>>,
    /// By zone.
    pub timezones: Option<Vec<Tz>>,
    /// By a part of the name, without regard to case.
    pub search: Option<String>,
}

/// The order of a list of parks; ties are broken by name, and names are unique.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ParkOrder {
    /// By name, code point by code point.
    #[default]
    NameAsc,
    /// By name, backwards.
    NameDesc,
}

#[cfg(test)]
mod tests {
    use super::wrong_capacity;

    #[test]
    fn a_wrong_capacity_is_told_why() {
        for good in [1e-6, 0.1, 1e9] {
            assert_eq!(wrong_capacity(good), None, "{good}");
        }
        for (wrong, why) in [
            (0.0, "not above 0"),
            (-5.0, "not above 0"),
            (f64::MIN_POSITIVE, "one watt"),
            (1e308, "1,000 TW"),
            (-1e308, "1,000 TW"),
            (f64::INFINITY, "1,000 TW"),
            (f64::NAN, "not a number"),
        ] {
            assert!(wrong_capacity(wrong).unwrap().contains(why), "{wrong}");
        }
    }
}
