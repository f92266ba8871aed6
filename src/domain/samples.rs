//! Random readings for property tests.

use proptest::prelude::*;

use super::reading::{MAX_MINUTES, Reading};

/// Powers: decimals as files have them, zero, and anything that f64 holds and a reading may.
pub(super) fn megawatts() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => (-5_000..=500_000_i32).prop_map(|thousandths| f64::from(thousandths) / 1000.0),
        1 => Just(0.0),
        1 => any::<f64>().prop_map(|value| if value.is_finite() { value + 0.0 } else { 1.5 }),
    ]
}

/// Powers as real parks have them, for tests that compare sums.
pub(super) fn modest_megawatts() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => (-5_000..=500_000_i32).prop_map(|thousandths| f64::from(thousandths) / 1000.0),
        1 => Just(0.0),
    ]
}

/// Widths: the usual ones, and any.
pub(super) fn widths() -> impl Strategy<Value = u16> {
    prop_oneof![4 => prop::sample::select(vec![1, 5, 10, 15, 30, 60, 1_440]), 1 => 1..=MAX_MINUTES]
}

/// Readings that start in `[from, until)`, in order, without overlaps: stretches of one width and step, with gaps of
/// any number of seconds between and within them.
pub(super) fn readings(from: i64, until: i64) -> impl Strategy<Value = Vec<Reading>> {
    readings_of(from, until, megawatts().boxed(), widths().boxed())
}

/// The same with powers and widths of a kind.
pub(super) fn readings_of(
    from: i64,
    until: i64,
    megawatts: BoxedStrategy<f64>,
    widths: BoxedStrategy<u16>,
) -> impl Strategy<Value = Vec<Reading>> {
    let gap = prop_oneof![4 => Just(0_i64), 2 => (0..40_i64).prop_map(|n| n * 900), 2 => 0..90_000_i64, 1 => 0..3_i64];
    let pause = prop_oneof![5 => Just(0_i64), 1 => (0..4_i64).prop_map(|n| n * 900), 1 => 0..100_i64];
    let stretch = (gap, widths, pause, any::<bool>(), prop::collection::vec(megawatts, 1..60));
    prop::collection::vec(stretch, 0..12).prop_map(move |stretches| {
        let mut readings = Vec::new();
        let mut at = from;
        for (gap, minutes, pause, jitter, values) in stretches {
            at += gap;
            for (place, megawatts) in (0_i64..).zip(values) {
                if at >= until {
                    return readings;
                }
                readings.push(Reading { starts_at: at, minutes, megawatts });
                at += i64::from(minutes) * 60 + pause + if jitter { place * 7 % 5 } else { 0 };
            }
        }
        readings
    })
}
