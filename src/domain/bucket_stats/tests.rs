use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::sources::{by_day, days};
use super::*;
use crate::domain::calendar::{self, Granularity};
use crate::domain::park::{EnergyType, ParkDetails, ParkId};
use crate::domain::range::DateRange;
use crate::domain::reading::Reading;
use crate::domain::samples;
use crate::domain::zone::Zone;

/// Zones with changes on whole and half hours, at and over midnight, of whole dates, and without summer time.
const ZONES: [Tz; 10] = [
    Tz::UTC,
    Tz::Europe__Amsterdam,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Auckland,
    Tz::America__Sao_Paulo,
    Tz::America__Havana,
    Tz::America__St_Johns,
    Tz::Pacific__Apia,
    Tz::Asia__Kathmandu,
    Tz::Europe__Volgograd,
];

fn zone() -> impl Strategy<Value = Arc<Zone>> {
    prop::sample::select(ZONES.to_vec()).prop_map(Zone::of)
}

fn granularity() -> impl Strategy<Value = Granularity> {
    prop::sample::select(Granularity::ALL.to_vec())
}

/// Readings of a fortnight or less around changes of the clocks, no wider than an hour.
fn readings() -> impl Strategy<Value = Vec<Reading>> {
    let starts = [
        1_325_030_400, // 2011-12-28: Apia left out the 30th
        1_301_011_200, // 2011-03-25: Europe springs forward
        1_299_888_000, // 2011-03-12: St John's sprang forward a minute after midnight
        1_320_451_200, // 2011-11-05: St John's fell back over midnight in 2010, Havana in the 13th's hour
        1_541_116_800, // 2018-11-02: Sao Paulo had no midnight on the 4th
        1_609_027_200, // 2020-12-27: Volgograd
        1_617_321_600, // 2021-04-02: Auckland and Lord Howe fall back
        1_289_001_600, // 2010-11-06: St John's
    ];
    let widths = prop::sample::select(vec![1, 5, 10, 15, 30, 60]).boxed();
    prop::sample::select(starts.to_vec()).prop_flat_map(move |start| {
        samples::readings_of(start, start + 14 * 86_400, samples::modest_megawatts().boxed(), widths.clone())
    })
}

fn all_buckets(zone: &Zone, granularity: Granularity, readings: &[Reading]) -> Vec<Bucket> {
    let (Some(first), Some(last)) = (readings.first(), readings.last()) else { return Vec::new() };
    calendar::buckets(zone, granularity, DateRange::default(), first.starts_at, last.starts_at)
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn bucket(zone: Tz, granularity: Granularity, day: &str) -> Bucket {
    let zone = Zone::of(zone);
    calendar::bucket_of(&zone, granularity, zone.day_start(date(day)))
}

/// Readings of one width that fill a bucket from its start, each with its place as its power.
fn fill(bucket: Bucket, minutes: u16, count: u16) -> Vec<Reading> {
    let at = |place: u16| bucket.from + i64::from(place) * i64::from(minutes) * 60;
    (0..count).map(|place| Reading { starts_at: at(place), minutes, megawatts: f64::from(place) }).collect()
}

fn park(capacity_mw: Option<f64>, interval_minutes: Option<u16>) -> Park {
    let details = ParkDetails {
        name: "Bemmel".into(),
        timezone: Tz::UTC,
        energy_type: EnergyType::Wind,
        capacity_mw,
        latitude: None,
        longitude: None,
        interval_minutes,
    };
    Park { id: ParkId(1), details, created_at: DateTime::UNIX_EPOCH, updated_at: DateTime::UNIX_EPOCH }
}

fn stats(bucket: Bucket, readings: &[Reading], capacity_mw: Option<f64>, interval_minutes: Option<u16>) -> BucketStats {
    BucketStats::of_park(&park(capacity_mw, interval_minutes), bucket, Figures::of(readings))
}

/// R2, R20
#[test]
fn a_day_of_23_or_25_hours_expects_the_readings_of_its_hours() {
    for (day, hours, expected) in [("2020-03-29", 23.0, 92), ("2020-10-25", 25.0, 100), ("2020-06-01", 24.0, 96)] {
        let bucket = bucket(Tz::Europe__Amsterdam, Granularity::Day, day);
        let whole = stats(bucket, &fill(bucket, 15, expected), None, Some(15));
        assert_eq!((whole.hours(), whole.count(), whole.expected()), (hours, i64::from(expected), i64::from(expected)));
        assert!((whole.completeness() - 1.0).abs() < f64::EPSILON);
        let half = stats(bucket, &fill(bucket, 15, expected / 2), None, Some(15));
        assert_eq!((half.expected(), half.completeness()), (i64::from(expected), 0.5));
    }
}

/// R2: the changing hours of Lord Howe.
#[test]
fn the_day_of_a_change_at_lord_howe_has_an_hour_of_a_half_or_one_and_a_half() {
    let zone = Zone::of(Tz::Australia__Lord_Howe);
    for (day, odd, hours) in [("2021-04-04", 1.5, 24.5), ("2021-10-03", 0.5, 23.5)] {
        let day = bucket(zone.tz(), Granularity::Day, day);
        assert!((day_hours(day) - hours).abs() < f64::EPSILON);
        let parts = calendar::buckets(&zone, Granularity::Hour, DateRange::default(), day.from, day.until - 1);
        assert_eq!(parts.iter().filter(|hour| (day_hours(**hour) - odd).abs() < f64::EPSILON).count(), 1);
    }
}

fn day_hours(bucket: Bucket) -> f64 {
    stats(bucket, &[], None, None).hours()
}

/// R19
#[test]
fn an_empty_bucket_knows_nothing_but_what_it_misses() {
    let empty = stats(bucket(Tz::UTC, Granularity::Day, "2020-06-01"), &[], Some(10.0), Some(15));
    assert_eq!((empty.count(), empty.expected(), empty.completeness()), (0, 96, 0.0));
    assert_eq!((empty.figures, empty.capacity_factor()), (None, None));
}

/// R20
#[test]
fn without_a_width_of_the_park_the_readings_tell_what_is_missing() {
    let day = bucket(Tz::UTC, Granularity::Day, "2020-06-01");
    assert_eq!(stats(day, &fill(day, 30, 12), None, None).expected(), 48);
    assert_eq!(stats(day, &[], None, None).expected(), 0);
    // 18 h are missing, and a park of 7 minutes' width has 154.3 readings in them.
    assert_eq!(stats(day, &fill(day, 30, 12), None, Some(7)).expected(), 12 + 154);
    // Of 17 minutes' width it has 63.5 and a little.
    assert_eq!(stats(day, &fill(day, 30, 12), None, Some(17)).expected(), 12 + 64);
}

/// R10, R20: nothing is clamped.
#[test]
fn readings_that_reach_over_the_end_make_a_bucket_more_than_complete() {
    let day = bucket(Tz::UTC, Granularity::Day, "2020-06-01");
    let mut readings = fill(day, 60, 24);
    readings[23].minutes = 1_440;
    let stats = stats(day, &readings, None, Some(60));
    assert_eq!((stats.expected(), stats.completeness()), (24, 47.0 / 24.0));
}

/// R17
#[test]
fn the_capacity_factor_rests_on_observed_hours_and_may_exceed_one() {
    let day = bucket(Tz::UTC, Granularity::Day, "2020-06-01");
    let reading = Reading { starts_at: day.from, minutes: 30, megawatts: 12.0 };
    assert_eq!(stats(day, &[reading], Some(10.0), Some(30)).capacity_factor(), Some(1.2));
    assert_eq!(stats(day, &[reading], None, Some(30)).capacity_factor(), None);
}

/// R20
#[test]
fn the_bucket_that_now_falls_in_is_partial() {
    let day = bucket(Tz::UTC, Granularity::Day, "2020-06-01");
    let partial = [day.from - 1, day.from, day.until - 1, day.until]
        .map(|now| stats(day, &[], None, None).is_partial(|instant| instant <= now));
    assert_eq!(partial, [false, true, true, false]);
}

/// R10
#[test]
fn hours_of_wider_readings_are_refused_with_a_sentence() {
    let zone = Zone::of(Tz::UTC);
    let day = bucket(Tz::UTC, Granularity::Day, "2020-06-01");
    let of = |minutes, granularity| {
        let readings = fill(day, minutes, 2);
        of_readings(&zone, granularity, &all_buckets(&zone, granularity, &readings), &readings)
    };
    assert!(of(60, Granularity::Hour).is_ok());
    assert!(of(61, Granularity::Day).is_ok());
    assert!(of(61, Granularity::Hour).unwrap_err().contains("61 minutes"));
}

/// R2: a whole date that never was.
#[test]
fn readings_around_a_missing_date_fall_on_the_dates_beside_it() {
    let zone = Zone::of(Tz::Pacific__Apia);
    let change = zone.day_start(date("2011-12-31"));
    let readings = [-900, 0].map(|offset| Reading { starts_at: change + offset, minutes: 15, megawatts: 1.0 });
    let dates: Vec<_> = by_day(&zone, &readings).map(|(date, readings)| (date, readings.len())).collect();
    assert_eq!(dates, [(date("2011-12-29"), 1), (date("2011-12-31"), 1)]);
}

/// R17: by type over parks with a capacity only.
#[test]
fn parks_without_a_capacity_stand_outside_the_capacity_factor() {
    let day = bucket(Tz::UTC, Granularity::Day, "2020-06-01");
    let parks = [(5.0, Some(10.0)), (30.0, Some(30.0)), (99.0, None)];
    let parks = parks.map(|(megawatts, capacity)| (megawatts, park(capacity, Some(60))));
    let members = parks.each_ref().map(|(megawatts, park)| {
        let readings = [Reading { starts_at: day.from, minutes: 60, megawatts: *megawatts }];
        ParkFigures { park, bucket: day, figures: Figures::of(&readings) }
    });
    let all = BucketStats::of_parks(&members).unwrap();
    assert_eq!((all.capacity_factor(), all.expected(), all.completeness()), (Some(35.0 / 40.0), 72, 1.0 / 24.0));
    assert_eq!(BucketStats::of_parks(&members[2..]).unwrap().capacity_factor(), None);
    assert_eq!(BucketStats::of_parks(&[]), None);
}

/// R20: a park that missed the day asks for its readings all the same, and the bucket runs from bound to bound.
#[test]
fn parks_of_two_zones_meet_on_their_own_dates() {
    let [west, east] =
        [Tz::America__Los_Angeles, Tz::Asia__Tokyo].map(|zone| bucket(zone, Granularity::Day, "2020-06-01"));
    let park = park(None, Some(60));
    let members = [
        ParkFigures { park: &park, bucket: west, figures: Figures::of(&fill(west, 60, 24)) },
        ParkFigures { park: &park, bucket: east, figures: None },
    ];
    let all = BucketStats::of_parks(&members).unwrap();
    assert_eq!((all.bucket.from, all.bucket.until, all.hours()), (east.from, west.until, 40.0));
    assert_eq!((all.count(), all.expected(), all.completeness()), (24, 48, 0.5));
    assert_eq!(all.bucket.date, date("2020-06-01"));
}

/// The figures of a bucket in the obvious way: each reading into its date, each date into its bucket.
fn obvious(zone: &Zone, granularity: Granularity, bucket: &Bucket, readings: &[Reading]) -> Option<Figures> {
    let inside = readings.iter().filter(|reading| bucket.contains(reading.starts_at)).copied();
    if granularity == Granularity::Hour {
        return Figures::of(&inside.collect::<Vec<_>>());
    }
    let mut dates: BTreeMap<NaiveDate, Vec<Reading>> = BTreeMap::new();
    inside.for_each(|reading| dates.entry(zone.date_of(reading.starts_at)).or_default().push(reading));
    Figures::gather(dates.values().filter_map(|readings| Figures::of(readings)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// R10, R23: both ways give the same bits, which are those of the obvious way; no reading is lost.
    #[test]
    fn days_and_readings_give_the_same_bits(zone in zone(), granularity in granularity(), readings in readings()) {
        let buckets = all_buckets(&zone, granularity, &readings);
        let figures = of_readings(&zone, granularity, &buckets, &readings).unwrap();
        let expected: Vec<_> =
            buckets.iter().map(|bucket| obvious(&zone, granularity, bucket, &readings)).collect();
        prop_assert_eq!(&figures, &expected);
        if granularity != Granularity::Hour {
            prop_assert_eq!(&of_days(granularity, &buckets, &days(&zone, &readings)), &expected);
        }
        let counted: i64 = figures.iter().flatten().map(|figures| figures.count).sum();
        prop_assert_eq!(usize::try_from(counted).unwrap(), readings.len());
    }

    /// R14, R16: against sums in whole numbers.
    #[test]
    fn figures_are_those_of_whole_numbers(zone in zone(), granularity in granularity(), readings in readings()) {
        let buckets = all_buckets(&zone, granularity, &readings);
        let figures = of_readings(&zone, granularity, &buckets, &readings).unwrap();
        for (bucket, figures) in buckets.iter().zip(figures) {
            let inside: Vec<_> = readings.iter().filter(|reading| bucket.contains(reading.starts_at)).collect();
            prop_assert_eq!(figures.is_some(), !inside.is_empty());
            let Some(figures) = figures else { continue };
            let kilowatts = |reading: &Reading| (reading.megawatts * 1_000.0).round();
            let sum = inside.iter().map(|reading| kilowatts(reading)).sum::<f64>() / 1_000.0;
            let energy = |reading: &Reading| kilowatts(reading) * f64::from(reading.minutes);
            let net = inside.iter().map(|reading| energy(reading)).sum::<f64>() / 60_000.0;
            let generated = inside.iter().map(|reading| energy(reading).max(0.0)).sum::<f64>() / 60_000.0;
            prop_assert!((figures.sum - sum).abs() <= 1e-9, "{} {}", figures.sum, sum);
            prop_assert!((figures.energy_mwh - net).abs() <= 1e-9, "{} {}", figures.energy_mwh, net);
            prop_assert!((figures.generated_mwh - generated).abs() <= 1e-9);
            prop_assert!(inside.iter().all(|reading| (figures.min..=figures.max).contains(&reading.megawatts)));
        }
    }

    #[test]
    fn a_part_of_the_buckets_has_the_figures_that_it_has_in_the_whole(
        zone in zone(), granularity in granularity(), readings in readings(),
        from in any::<prop::sample::Index>(), until in any::<prop::sample::Index>(),
    ) {
        let buckets = all_buckets(&zone, granularity, &readings);
        let (from, until) = (from.index(buckets.len() + 1), until.index(buckets.len() + 1));
        let part = from.min(until)..from.max(until);
        let whole = of_readings(&zone, granularity, &buckets, &readings).unwrap();
        let of_part = of_readings(&zone, granularity, &buckets[part.clone()], &readings).unwrap();
        prop_assert_eq!(&of_part[..], &whole[part.clone()]);
        if granularity != Granularity::Hour {
            prop_assert_eq!(&of_days(granularity, &buckets[part.clone()], &days(&zone, &readings))[..], &whole[part]);
        }
    }

    /// R14, R17, R20: against whole numbers.
    #[test]
    fn parks_together_are_what_they_are_one_by_one_added_up(
        parks in prop::collection::vec((readings(), prop::option::of(1..50_u16), 1..60_u16), 1..6),
    ) {
        let zone = Zone::of(Tz::Europe__Amsterdam);
        let quarter = bucket(zone.tz(), Granularity::Quarter, "2011-01-01");
        let inside = |readings: &Vec<Reading>| -> Vec<_> {
            readings.iter().filter(|reading| quarter.contains(reading.starts_at)).copied().collect()
        };
        let parks: Vec<_> = parks.iter().map(|(readings, capacity, width)| {
            (inside(readings), park(capacity.map(f64::from), Some(*width)))
        }).collect();
        let members: Vec<_> = parks.iter().map(|(readings, park)| {
            ParkFigures { park, bucket: quarter, figures: Figures::of(readings) }
        }).collect();
        let all = BucketStats::of_parks(&members).unwrap();
        let alone: Vec<_> = members.iter().map(|one| BucketStats::of_park(one.park, one.bucket, one.figures)).collect();
        prop_assert_eq!(all.figures, Figures::gather(members.iter().filter_map(|one| one.figures)));
        prop_assert_eq!(all.expected(), alone.iter().map(BucketStats::expected).sum::<i64>());
        let mean = alone.iter().map(BucketStats::completeness).sum::<f64>() / f64::from(u16::try_from(alone.len()).unwrap());
        prop_assert!((all.completeness() - mean).abs() < 1e-12);
        let rated = || parks.iter().filter(|(readings, park)| !readings.is_empty() && park.details.capacity_mw.is_some());
        let minutes = |readings: &[Reading]| readings.iter().map(|reading| f64::from(reading.minutes)).sum::<f64>();
        let energy: f64 = rated().flat_map(|(readings, _)| readings).map(Reading::energy_mwh).sum();
        let possible: f64 = rated().map(|(readings, park)| park.details.capacity_mw.unwrap() * minutes(readings) / 60.0).sum();
        prop_assert_eq!(all.capacity_factor().is_some(), rated().count() > 0);
        prop_assert!(all.capacity_factor().is_none_or(|factor| (factor - energy / possible).abs() < 1e-9));
        if let [one] = alone[..] {
            prop_assert_eq!(all, one);
        }
    }
}
