//! A reading: the mean power of one park over one interval (R1, R11).

/// Seconds in a UTC day.
pub const DAY_SECONDS: i64 = 86_400;
/// The widest interval of a reading, in minutes (R1).
pub const MAX_MINUTES: u16 = 1_440;
/// The earliest instant a reading may start at: 1900-01-01T00:00:00Z.
pub const EARLIEST: i64 = -2_208_988_800;
/// The instant before which every reading starts: 2100-01-01T00:00:00Z.
pub const LATEST: i64 = 4_102_444_800;

/// Mean power over `[starts_at, until)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The instant the interval starts at: Unix seconds, UTC.
    pub starts_at: i64,
    /// The interval's width in minutes, 1 to 1,440.
    pub minutes: u16,
    /// Mean power in MW; negative where the park drew power (R16). Never `-0`, NaN or infinite.
    pub megawatts: f64,
}

impl Reading {
    /// The instant the interval ends at: Unix seconds, UTC.
    pub fn until(&self) -> i64 {
        self.starts_at + i64::from(self.minutes) * 60
    }

    /// Energy over the interval in MWh, net: `MW x hours` (R11).
    pub fn energy_mwh(&self) -> f64 {
        self.megawatts * f64::from(self.minutes) / 60.0
    }

    /// Whether the two intervals share any time.
    pub fn overlaps(&self, other: &Reading) -> bool {
        self.starts_at < other.until() && other.starts_at < self.until()
    }

    /// The UTC day the interval starts on, in days since 1970-01-01.
    pub fn day(&self) -> i32 {
        utc_day(self.starts_at)
    }
}

/// The UTC day of an instant, in days since 1970-01-01.
pub fn utc_day(instant: i64) -> i32 {
    let day = instant.div_euclid(DAY_SECONDS);
    i32::try_from(day).unwrap_or(if day < 0 { i32::MIN } else { i32::MAX })
}
