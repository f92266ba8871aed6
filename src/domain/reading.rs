//! A reading: the mean power of one park over one interval (R1, R11).

/// Seconds in a UTC day.
pub const DAY_SECONDS: i64 = 86_400;
/// The widest interval of a reading, in minutes (R1).
pub const MAX_MINUTES: u16 = 1_440;
/// The earliest instant a reading may start at: 1900-01-01T00:00:00Z.
pub const EARLIEST: i64 = -2_208_988_800;
/// The instant before which every reading starts: 2100-01-01T00:00:00Z.
pub const LATEST: i64 = 4_102_444_800;
/// The most power in MW that is taken. A power beyond reason is only warned of (R18); this one keeps the sums of however
/// many readings within f64.
pub const MAX_MEGAWATTS: f64 = 1e290;

/// A power in MW as a reading has it, or what is wrong with it.
pub fn megawatts(value: f64) -> Result<f64, &'static str> {
    if value.is_nan() {
        return Err("is not a number");
    }
    // Adding 0 turns -0 into 0.
    if value.abs() <= MAX_MEGAWATTS { Ok(value + 0.0) } else { Err("is beyond the range of numbers") }
}

/// Mean power over `[starts_at, until)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The instant the interval starts at: Unix seconds, UTC.
    pub starts_at: i64,
    /// The interval's width in minutes, 1 to 1,440.
    pub minutes: u16,
    /// Mean power in MW; negative where the park drew power (R16). Never `-0` or NaN; as [`megawatts`] takes it, at most
    /// [`MAX_MEGAWATTS`] either way.
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

#[cfg(test)]
mod tests {
    use super::{MAX_MEGAWATTS, megawatts};

    /// R19
    #[test]
    fn a_power_beyond_what_can_be_summed_up_is_none() {
        assert_eq!(megawatts(-0.0).map(f64::to_bits), Ok(0));
        for good in [-MAX_MEGAWATTS, -0.25, 5e-324, MAX_MEGAWATTS] {
            assert_eq!(megawatts(good), Ok(good));
        }
        for beyond in [MAX_MEGAWATTS.next_up(), -1e291, 1e308, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(megawatts(beyond).unwrap_err().contains("range of numbers"), "{beyond}");
        }
        assert_eq!(megawatts(f64::NAN), Err("is not a number"));
    }
}
