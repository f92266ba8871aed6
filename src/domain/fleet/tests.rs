use proptest::prelude::*;

use super::*;
use crate::domain::calendar::{Granularity, bucket_of};
use crate::domain::samples;
use crate::domain::zone::Zone;

const FROM: i64 = 1_583_020_800;

fn reading(offset: i64, minutes: u16, megawatts: f64) -> Reading {
    Reading { starts_at: FROM + offset, minutes, megawatts }
}

/// Powers of which every sum is exact in f64.
fn dyadic() -> BoxedStrategy<f64> {
    (-5_000..=500_000_i32).prop_map(|parts| f64::from(parts) / 1_024.0).boxed()
}

fn park() -> impl Strategy<Value = Vec<Reading>> {
    let widths = prop_oneof![3 => prop::sample::select(vec![5, 15, 60]), 1 => samples::widths()].boxed();
    samples::readings_of(FROM, FROM + 86_400, dyadic(), widths)
}

/// Parks whose readings start and end together.
fn aligned_parks() -> impl Strategy<Value = Vec<Vec<Reading>>> {
    (park(), prop::collection::vec(prop::collection::vec(samples::megawatts(), 100), 1..9)).prop_map(
        |(rhythm, powers)| {
            let with = |powers: Vec<f64>| {
                let filled = rhythm.iter().zip(powers.into_iter().cycle());
                filled.map(|(reading, megawatts)| Reading { megawatts, ..*reading }).collect()
            };
            powers.into_iter().map(with).collect()
        },
    )
}

fn slices_of(parks: &[Vec<Reading>]) -> Vec<&[Reading]> {
    parks.iter().map(Vec::as_slice).filter(|readings| !readings.is_empty()).collect()
}

/// R15 in the obvious way: at each bound, who has a reading?
fn obvious(parks: &[&[Reading]]) -> Totals {
    let mut bounds: Vec<_> =
        parks.iter().flat_map(|park| park.iter()).flat_map(|reading| [reading.starts_at, reading.until()]).collect();
    bounds.sort_unstable();
    bounds.dedup();
    let mut totals = Totals::default();
    let mut weighted = 0.0;
    for pair in bounds.windows(2) {
        let at = |park: &&[Reading]| {
            park.iter()
                .find(|reading| reading.starts_at <= pair[0] && pair[0] < reading.until())
                .map(|reading| reading.megawatts)
        };
        let Some(powers) = parks.iter().map(at).collect::<Option<Vec<f64>>>().filter(|powers| !powers.is_empty())
        else {
            continue;
        };
        let total: f64 = powers.iter().sum();
        totals.min = Some(totals.min.map_or(total, |min| min.min(total)));
        totals.max = Some(totals.max.map_or(total, |max| max.max(total)));
        totals.seconds += pair[1] - pair[0];
        weighted += total * float(pair[1] - pair[0]);
    }
    totals.mean = totals.min.map(|_| weighted / float(totals.seconds));
    totals
}

fn is_near(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() <= 1e-9,
        _ => one == other,
    }
}

/// R15
#[test]
fn a_stretch_counts_only_if_every_park_has_a_reading() {
    let one = [reading(0, 15, 1.0), reading(900, 15, 2.0)];
    let two = [reading(450, 15, 10.0)];
    let totals = totals(&[&one, &two]);
    assert_eq!(totals, Totals { min: Some(11.0), max: Some(12.0), mean: Some(11.5), seconds: 900 });
}

/// R10, R15
#[test]
fn a_reading_is_wholly_of_the_bucket_of_its_start() {
    // In Kathmandu an hour ends at a quarter past, so that a reading from the full hour on reaches into the next one.
    let zone = Zone::of(chrono_tz::Tz::Asia__Kathmandu);
    assert_eq!(bucket_of(&zone, Granularity::Hour, FROM).until, FROM + 900);
    let (one, two) = ([reading(0, 60, 1.0)], [reading(0, 30, 2.0)]);
    let totals = totals(&[&one, &two]);
    assert_eq!(totals, Totals { min: Some(3.0), max: Some(3.0), mean: Some(3.0), seconds: 1_800 });
}

/// R15
#[test]
fn completeness_is_the_part_of_the_bucket_that_all_parks_observed() {
    let day = bucket_of(&Zone::of(chrono_tz::Tz::Europe__Amsterdam), Granularity::Day, FROM + 28 * 86_400);
    let readings = [Reading { starts_at: day.from, minutes: 690, megawatts: 1.0 }];
    assert!((totals(&[&readings]).completeness(&day) - 0.5).abs() < f64::EPSILON);
}

#[test]
fn parks_that_never_meet_have_no_totals() {
    assert_eq!(totals(&[&[reading(0, 15, 1.0)], &[reading(900, 15, 2.0)]]), Totals::default());
    assert_eq!(totals(&[]), Totals::default());
}

#[test]
fn decimal_fractions_add_up_to_the_fraction_that_a_reader_expects() {
    let parks: Vec<_> = (0..10).map(|_| [reading(0, 15, 0.1)]).collect();
    let slices: Vec<_> = parks.iter().map(<[Reading; 1]>::as_slice).collect();
    let totals = totals(&slices);
    assert_eq!((totals.min, totals.max, totals.mean), (Some(1.0), Some(1.0), Some(1.0)));
}

#[test]
fn a_small_power_is_not_lost_beside_large_ones() {
    let parks = [1e16, 1.0, -1e16].map(|megawatts| [reading(0, 15, megawatts)]);
    assert_eq!(totals(&[&parks[0], &parks[1], &parks[2]]).max, Some(1.0));
}

#[test]
fn a_total_beyond_f64_is_infinite() {
    let parks = [[reading(0, 15, f64::MAX)], [reading(0, 15, f64::MAX)], [reading(0, 15, 1.0)]];
    let totals = totals(&[&parks[0], &parks[1], &parks[2]]);
    assert_eq!(totals.max, Some(f64::INFINITY));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// R15
    #[test]
    fn totals_equal_those_of_asking_every_park_at_every_bound(
        parks in prop::collection::vec(park(), 0..7),
    ) {
        let parks = slices_of(&parks);
        let (fast, slow) = (totals(&parks), obvious(&parks));
        prop_assert_eq!((fast.min, fast.max, fast.seconds), (slow.min, slow.max, slow.seconds));
        prop_assert!(is_near(fast.mean, slow.mean), "{:?} {:?}", fast, slow);
        prop_assert!(fast.min <= fast.mean && fast.mean <= fast.max);
    }

    /// The quick way through aligned readings gives the bits of the general one.
    #[test]
    fn columns_and_sweep_give_the_same_bits(parks in aligned_parks()) {
        let parks = slices_of(&parks);
        if !parks.is_empty() {
            let (mut columns, mut swept) = (Summary::default(), Summary::default());
            add_columns(&parks, parks[0], &mut columns);
            sweep(&parks, &mut swept);
            let bits = |totals: Totals| [totals.min, totals.max, totals.mean].map(|value| value.map(f64::to_bits));
            let (columns, swept) = (columns.totals(), swept.totals());
            prop_assert_eq!((bits(columns), columns.seconds), (bits(swept), swept.seconds));
        }
    }
}
