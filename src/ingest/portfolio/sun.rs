//! The sun over a place. Textbook astronomy, to about a degree: shadows need no better.

use crate::domain::reading::DAY_SECONDS;

/// Sine of the sun's height above the horizon: 1 at the zenith, below 0 at night.
pub fn height(instant: i64, latitude: f64, longitude: f64) -> f64 {
    let (north, level) = (sine(latitude / 360.0), cosine(latitude / 360.0));
    // The earth's axis leans by 23.44 degrees, whose sine is 0.3978.
    let declination = 0.3978 * sine(season(instant) - SPRING);
    let breadth = (1.0 - declination * declination).sqrt();
    // Solar noon is where the sun stands, not what any clock shows.
    let hour_angle = day_share(instant) + longitude / 360.0 - 0.5;
    north * declination + level * breadth * cosine(hour_angle)
}

/// How much windier than the year's mean the season is, at most by `swing`: winters are, on either half of the globe.
pub fn winter(instant: i64, latitude: f64, swing: f64) -> f64 {
    let midwinter = if latitude < 0.0 { 0.54 } else { 0.04 };
    1.0 + swing * cosine(season(instant) - midwinter)
}

/// The share of the year at the March equinox.
const SPRING: f64 = 0.216;
const YEAR_SECONDS: i64 = 31_556_952;

/// The share of the (Gregorian mean) year that is over, from 1 January 1970 on.
fn season(instant: i64) -> f64 {
    share(instant, YEAR_SECONDS)
}

fn day_share(instant: i64) -> f64 {
    share(instant, DAY_SECONDS)
}

fn share(instant: i64, period: i64) -> f64 {
    let whole = |seconds: i64| i32::try_from(seconds).map(f64::from).unwrap_or_default();
    whole(instant.rem_euclid(period)) / whole(period)
}

fn cosine(turns: f64) -> f64 {
    sine(turns + 0.25)
}

/// Sine of a part of a full turn, by Taylor's series, off by less than 1e-7: the same bits on every machine.
fn sine(turns: f64) -> f64 {
    let mut turns = turns - turns.round();
    if turns.abs() > 0.25 {
        turns = turns.signum() * 0.5 - turns;
    }
    let x = turns * std::f64::consts::TAU;
    let square = x * x;
    let series = [110.0, 72.0, 42.0, 20.0, 6.0];
    x * series.into_iter().fold(1.0, |sum, divisor| 1.0 - square * sum / divisor)
}

#[cfg(test)]
mod tests {
    use super::{height, sine, winter};

    #[test]
    fn the_series_is_the_sine() {
        for step in -300..300 {
            let turns = f64::from(step) / 100.0;
            assert!((sine(turns) - (turns * std::f64::consts::TAU).sin()).abs() < 1e-7, "{turns}");
        }
    }

    #[test]
    fn the_sun_stands_where_almanacs_have_it() {
        let degrees = |instant, latitude, longitude| height(instant, latitude, longitude).asin().to_degrees();
        // Greenwich, noon of the June solstice 2024: 62 degrees; of the December one: 15 degrees.
        assert!((degrees(1_718_884_800, 51.48, 0.0) - 62.0).abs() < 1.0);
        assert!((degrees(1_734_782_400, 51.48, 0.0) - 15.1).abs() < 1.0);
        // Quito at noon of the March equinox: nearly overhead. Half a day on: as far below.
        assert!(degrees(1_710_868_400, -0.2, -78.5) > 80.0);
        assert!(degrees(1_710_868_400 + 43_200, -0.2, -78.5) < -80.0);
    }

    #[test]
    fn january_is_winter_in_the_north_alone() {
        assert!(winter(1_705_276_800, 53.0, 0.15) > 1.14 && winter(1_705_276_800, -40.0, 0.15) < 0.86);
    }
}
