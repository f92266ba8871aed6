use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::{Africa, America, Asia, Australia, Europe, Pacific, Tz};
use proptest::prelude::*;

use super::super::reading::{EARLIEST, LATEST};
use super::super::zone::tests::zones_and_instants;
use super::*;

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn utc(text: &str) -> i64 {
    text.parse::<DateTime<Utc>>().unwrap().timestamp()
}

fn all(tz: Tz, granularity: Granularity, from: NaiveDate, until: NaiveDate) -> Vec<Bucket> {
    let dates = DateRange { from: Some(from), until: Some(until) };
    buckets(&Zone::of(tz), granularity, dates, EARLIEST, LATEST - 1)
}

fn day(tz: Tz, date: NaiveDate) -> Vec<Bucket> {
    all(tz, Granularity::Hour, date, date.succ_opt().unwrap())
}

/// The lengths of a day's hours that are not one hour, by the minute of the day and in minutes.
fn odd_hours(tz: Tz, date: NaiveDate) -> (usize, Vec<(u16, i64)>) {
    let hours = day(tz, date);
    let odd = hours.iter().filter(|hour| hour.seconds() != 3_600).map(|hour| (hour.slot / 2, hour.seconds() / 60));
    (hours.len(), odd.collect())
}

/// R2
#[test]
fn hours_are_those_of_the_wall_clock() {
    for (tz, date, count, odd) in [
        (Pacific::Auckland, date(2025, 4, 6), 25, vec![]),
        (Pacific::Auckland, date(2025, 9, 28), 23, vec![]),
        (Pacific::Auckland, date(2025, 9, 29), 24, vec![]),
        (Australia::Lord_Howe, date(2025, 4, 6), 24, vec![(60, 90)]),
        (Australia::Lord_Howe, date(2025, 10, 5), 24, vec![(150, 30)]),
        (America::Sao_Paulo, date(2018, 11, 4), 23, vec![]),
        (Africa::Cairo, date(2024, 4, 26), 23, vec![]),
        (America::Havana, date(2025, 11, 2), 25, vec![]),
        (Pacific::Apia, date(2011, 12, 30), 0, vec![]),
        (Europe::Volgograd, date(2020, 12, 27), 25, vec![]),
        (Asia::Kathmandu, date(1986, 1, 1), 24, vec![(15, 45)]),
        (Asia::Kathmandu, date(2025, 1, 1), 24, vec![]),
        (Asia::Kolkata, date(2025, 1, 1), 24, vec![]),
        (America::St_Johns, date(2006, 10, 29), 26, vec![(0, 1), (1_381, 59)]),
    ] {
        assert_eq!(odd_hours(tz, date), (count, odd), "{tz} {date}");
    }
}

/// R2
#[test]
fn the_second_of_two_like_hours_has_a_slot_of_its_own() {
    let slots: Vec<u16> = day(Pacific::Auckland, date(2025, 4, 6)).iter().map(|hour| hour.slot).collect();
    assert_eq!(slots[..5], [0, 120, 240, 241, 360]);
    let slots: Vec<u16> = day(Pacific::Auckland, date(2025, 9, 28)).iter().map(|hour| hour.slot).collect();
    assert_eq!(slots[..4], [0, 120, 360, 480]);
    let slots: Vec<u16> = day(America::Havana, date(2025, 11, 2)).iter().map(|hour| hour.slot).collect();
    assert_eq!(slots[..3], [0, 1, 120]);
}

/// R2
#[test]
fn a_missing_date_has_no_bucket() {
    let days = all(Pacific::Apia, Granularity::Day, date(2011, 12, 28), date(2012, 1, 2));
    let dates: Vec<NaiveDate> = days.iter().map(|day| day.date).collect();
    assert_eq!(dates, [date(2011, 12, 28), date(2011, 12, 29), date(2011, 12, 31), date(2012, 1, 1)]);
    assert!(days.iter().all(|day| day.seconds() == 86_400));
    assert!(all(Pacific::Apia, Granularity::Day, date(2011, 12, 30), date(2011, 12, 31)).is_empty());
    // The missing date within a range, at its start, at its end, and alone.
    for (from, until, count) in [(28, 33, 4), (30, 33, 2), (28, 31, 2), (30, 31, 0)] {
        let day = |day: i64| Some(date(2011, 12, 1) + TimeDelta::days(day - 1));
        let dates = DateRange { from: day(from), until: day(until) };
        let counted = count_buckets(&Zone::of(Pacific::Apia), Granularity::Day, dates, EARLIEST, LATEST - 1);
        assert_eq!(counted, count, "{dates:?}");
    }
}

/// R10
#[test]
fn long_buckets_begin_with_their_first_dates() {
    let firsts = |granularity, from, until| -> Vec<NaiveDate> {
        all(Europe::Berlin, granularity, from, until).iter().map(|bucket| bucket.date).collect()
    };
    // 2024-01-01 is a Monday.
    let weeks = firsts(Granularity::Week, date(2023, 12, 26), date(2024, 1, 9));
    assert_eq!(weeks, [date(2024, 1, 1), date(2024, 1, 8)]);
    let months = firsts(Granularity::Month, date(2024, 1, 2), date(2024, 3, 2));
    assert_eq!(months, [date(2024, 2, 1), date(2024, 3, 1)]);
    let quarters = firsts(Granularity::Quarter, date(2024, 1, 1), date(2025, 1, 1));
    assert_eq!(quarters, [date(2024, 1, 1), date(2024, 4, 1), date(2024, 7, 1), date(2024, 10, 1)]);
    let years = firsts(Granularity::Year, date(2023, 6, 1), date(2025, 1, 2));
    assert_eq!(years, [date(2024, 1, 1), date(2025, 1, 1)]);
    let quarter = bucket_of(&Zone::of(Europe::Berlin), Granularity::Quarter, utc("2024-03-31T21:59:59Z"));
    assert_eq!((quarter.from, quarter.until), (utc("2023-12-31T23:00:00Z"), utc("2024-03-31T22:00:00Z")));
}

/// R3
#[test]
fn a_bucket_is_in_a_range_when_its_first_date_is_and_is_never_cut() {
    let week = all(Europe::Berlin, Granularity::Week, date(2024, 1, 1), date(2024, 1, 2));
    assert_eq!(week.len(), 1);
    assert_eq!(week[0].seconds(), 7 * 86_400);
    assert!(all(Europe::Berlin, Granularity::Week, date(2024, 1, 2), date(2024, 1, 8)).is_empty());
    assert!(all(Europe::Berlin, Granularity::Day, date(2024, 1, 2), date(2024, 1, 2)).is_empty());
    assert!(all(Europe::Berlin, Granularity::Hour, date(2024, 1, 3), date(2024, 1, 2)).is_empty());
}

/// R10
#[test]
fn the_first_and_last_year_are_whole() {
    for tz in [America::Los_Angeles, Pacific::Tongatapu, Europe::Berlin] {
        let years = buckets(&Zone::of(tz), Granularity::Year, DateRange::default(), EARLIEST, LATEST - 1);
        assert!((200..=201).contains(&years.len()), "{tz}");
        assert!(years.iter().all(|year| (365..=366).contains(&((year.seconds() + 43_200) / 86_400))), "{tz}");
    }
}

/// A minute is where an hour begins if the wall clock shows a whole hour, or another hour or date than just before.
fn begins_hour(tz: Tz, instant: i64) -> bool {
    let shown = |instant: i64| DateTime::from_timestamp(instant, 0).unwrap().with_timezone(&tz).naive_local();
    let (before, now) = (shown(instant - 1), shown(instant));
    (now.minute(), now.second()) == (0, 0) || (before.date(), before.hour()) != (now.date(), now.hour())
}

fn granularities() -> impl Strategy<Value = Granularity> {
    prop::sample::select(Granularity::ALL.to_vec())
}

proptest! {
    #[test]
    fn buckets_cover_the_time_line_without_hole_or_overlap(
        (tz, first) in zones_and_instants(), days in 0..900i64, seconds in 0..86_400i64, granularity in granularities(),
    ) {
        let zone = Zone::of(tz);
        let last = (first + days * 86_400 + seconds).min(LATEST - 1);
        let all = buckets(&zone, granularity, DateRange::default(), first, last);
        prop_assert!(all.windows(2).all(|pair| pair[0].until == pair[1].from), "{:?}", all);
        prop_assert!(all.iter().all(|bucket| bucket.from < bucket.until));
        prop_assert!(all[0].contains(first) && all[all.len() - 1].contains(last));
        prop_assert_eq!(count_buckets(&zone, granularity, DateRange::default(), first, last), all.len());
        prop_assert_eq!(bucket_of(&zone, granularity, first), all[0]);
        prop_assert_eq!(bucket_of(&zone, granularity, last), all[all.len() - 1]);
        for bucket in &all {
            prop_assert_eq!(bucket_of(&zone, granularity, bucket.from), *bucket);
            prop_assert_eq!(bucket_of(&zone, granularity, bucket.until - 1), *bucket);
            prop_assert_eq!(granularity.floor(zone.date_of(bucket.from)), bucket.date);
            prop_assert_eq!(granularity.floor(zone.date_of(bucket.until - 1)), bucket.date);
        }
        let mut keys: Vec<_> = all.iter().map(|bucket| (bucket.date, bucket.slot)).collect();
        keys.sort_unstable();
        keys.dedup();
        prop_assert_eq!(keys.len(), all.len());
    }

    #[test]
    fn a_range_of_dates_picks_whole_buckets_by_their_first_dates(
        (tz, first) in zones_and_instants(), days in 0..500i64, granularity in granularities(),
        from in prop::option::of(-50..550i64), length in prop::option::of(0..400i64),
    ) {
        let zone = Zone::of(tz);
        let last = (first + days * 86_400).min(LATEST - 1);
        let near = zone.date_of(first);
        let from = from.map(|from| near + TimeDelta::days(from));
        let dates = DateRange { from, until: length.map(|length| from.unwrap_or(near) + TimeDelta::days(length)) };
        let mut expected = buckets(&zone, granularity, DateRange::default(), first, last);
        expected.retain(|bucket| dates.contains(bucket.date));
        prop_assert_eq!(count_buckets(&zone, granularity, dates, first, last), expected.len());
        prop_assert_eq!(buckets(&zone, granularity, dates, first, last), expected);
    }

    #[test]
    fn hours_begin_where_the_wall_clock_begins_one((tz, instant) in zones_and_instants()) {
        let zone = Zone::of(tz);
        let all = buckets(&zone, Granularity::Hour, DateRange::default(), instant - 7_200, instant + 7_200);
        let starts: Vec<i64> = all.iter().map(|hour| hour.from).collect();
        let expected: Vec<i64> = (starts[0]..all[all.len() - 1].until).filter(|at| begins_hour(tz, *at)).collect();
        prop_assert_eq!(starts, expected);
    }

    #[test]
    fn each_local_date_is_made_of_whole_hours((tz, instant) in zones_and_instants()) {
        let zone = Zone::of(tz);
        let day = bucket_of(&zone, Granularity::Day, instant);
        let dates = DateRange { from: Some(day.date), until: day.date.succ_opt() };
        let hours = buckets(&zone, Granularity::Hour, dates, EARLIEST, LATEST);
        if (EARLIEST..LATEST).contains(&day.from) && day.until < LATEST {
            prop_assert_eq!(hours[0].from, day.from);
            prop_assert_eq!(hours[hours.len() - 1].until, day.until);
            prop_assert!(hours.iter().all(|hour| hour.date == day.date));
        }
    }
}
