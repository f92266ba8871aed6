use chrono::{LocalResult, TimeDelta, Utc};
use chrono_tz::{Africa, America, Asia, Australia, Europe, Pacific, TZ_VARIANTS};
use proptest::prelude::*;

use super::*;

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn wall(date: NaiveDate, hour: u32, minute: u32) -> NaiveDateTime {
    date.and_hms_opt(hour, minute, 0).unwrap()
}

fn utc(text: &str) -> i64 {
    text.parse::<DateTime<Utc>>().unwrap().timestamp()
}

fn day_hours(tz: Tz, date: NaiveDate) -> f64 {
    let zone = Zone::of(tz);
    let seconds = zone.day_start(date.succ_opt().unwrap()) - zone.day_start(date);
    f64::from(i32::try_from(seconds).unwrap()) / 3_600.0
}

fn twice(earlier: &str, later: &str) -> Local {
    Local::Twice { earlier: utc(earlier), later: utc(later) }
}

/// R2
#[test]
#[expect(clippy::float_cmp, reason = "quarters of an hour are exact")]
fn days_have_as_many_hours_as_the_zone_gives_them() {
    for (tz, date, hours) in [
        (Pacific::Auckland, date(2025, 4, 6), 25.0),
        (Pacific::Auckland, date(2025, 9, 28), 23.0),
        (Pacific::Auckland, date(2025, 6, 1), 24.0),
        (Australia::Lord_Howe, date(2025, 4, 6), 24.5),
        (Australia::Lord_Howe, date(2025, 10, 5), 23.5),
        (America::Sao_Paulo, date(2018, 11, 4), 23.0),
        (Africa::Cairo, date(2024, 4, 26), 23.0),
        (America::Havana, date(2025, 11, 2), 25.0),
        (Pacific::Apia, date(2011, 12, 30), 0.0),
        (Pacific::Apia, date(2011, 12, 29), 24.0),
        (Europe::Volgograd, date(2020, 12, 27), 25.0),
        (America::St_Johns, date(2006, 10, 29), 25.0),
        (Asia::Kathmandu, date(1986, 1, 1), 23.75),
        (Asia::Kathmandu, date(2025, 1, 1), 24.0),
        (Pacific::Kwajalein, date(1969, 9, 30), 47.0),
    ] {
        assert_eq!(day_hours(tz, date), hours, "{tz} {date}");
    }
}

/// R2
#[test]
fn a_day_without_midnight_starts_at_the_first_instant_after() {
    let (sao_paulo, cairo) = (Zone::of(America::Sao_Paulo), Zone::of(Africa::Cairo));
    assert_eq!(sao_paulo.day_start(date(2018, 11, 4)), utc("2018-11-04T03:00:00Z"));
    assert_eq!(sao_paulo.wall(utc("2018-11-04T03:00:00Z")), wall(date(2018, 11, 4), 1, 0));
    assert_eq!(cairo.day_start(date(2024, 4, 26)), utc("2024-04-25T22:00:00Z"));
    assert_eq!(cairo.wall(utc("2024-04-25T22:00:00Z")), wall(date(2024, 4, 26), 1, 0));
    assert_eq!(cairo.date_of(utc("2024-04-25T21:59:59Z")), date(2024, 4, 25));
}

/// R2
#[test]
fn a_day_with_two_midnights_starts_at_the_earlier() {
    let havana = Zone::of(America::Havana);
    assert_eq!(havana.day_start(date(2025, 11, 2)), utc("2025-11-02T04:00:00Z"));
    let midnights = twice("2025-11-02T04:00:00Z", "2025-11-02T05:00:00Z");
    assert_eq!(havana.resolve(wall(date(2025, 11, 2), 0, 0)), midnights);
}

/// R2
#[test]
fn a_missing_date_starts_with_the_next_and_no_instant_lies_in_it() {
    let apia = Zone::of(Pacific::Apia);
    let change = utc("2011-12-30T10:00:00Z");
    assert_eq!(apia.day_start(date(2011, 12, 30)), change);
    assert_eq!(apia.day_start(date(2011, 12, 31)), change);
    assert_eq!(apia.date_of(change - 1), date(2011, 12, 29));
    assert_eq!(apia.date_of(change), date(2011, 12, 31));
}

/// R2
#[test]
fn a_date_stays_where_clocks_go_back_over_its_midnight() {
    let st_johns = Zone::of(America::St_Johns);
    let midnight = utc("2006-10-29T02:30:00Z");
    assert_eq!(st_johns.day_start(date(2006, 10, 29)), midnight);
    // Clocks went back at 00:01, to 23:01 of the day before.
    assert_eq!(st_johns.wall(midnight + 60), wall(date(2006, 10, 28), 23, 1));
    assert_eq!(st_johns.date_of(midnight - 1), date(2006, 10, 28));
    for minutes in [0, 1, 30, 59, 60, 61, 25 * 60 - 1] {
        assert_eq!(st_johns.date_of(midnight + minutes * 60), date(2006, 10, 29), "{minutes} minutes after");
    }
    assert_eq!(st_johns.date_of(midnight + 25 * 3_600), date(2006, 10, 30));
}

/// R5
#[test]
fn zones_fold_without_summer_time() {
    let hour = twice("2020-12-26T21:00:00Z", "2020-12-26T22:00:00Z");
    assert_eq!(Zone::of(Europe::Volgograd).resolve(wall(date(2020, 12, 27), 1, 0)), hour);
}

/// R6
#[test]
fn a_time_that_clocks_went_forward_over_never_was() {
    let auckland = Zone::of(Pacific::Auckland);
    let day = date(2025, 9, 28);
    assert_eq!(auckland.resolve(wall(day, 1, 59)), Local::Once(utc("2025-09-27T13:59:00Z")));
    assert_eq!(auckland.resolve(wall(day, 2, 0)), Local::Never);
    assert_eq!(auckland.resolve(wall(day, 2, 59)), Local::Never);
    assert_eq!(auckland.resolve(wall(day, 3, 0)), Local::Once(utc("2025-09-27T14:00:00Z")));
    assert_eq!(Zone::of(Pacific::Apia).resolve(wall(date(2011, 12, 30), 12, 0)), Local::Never);
}

/// R10
#[test]
fn days_of_zones_with_half_and_quarter_hours_start_at_their_midnights() {
    assert_eq!(Zone::of(Asia::Kolkata).day_start(date(2025, 3, 1)), utc("2025-02-28T18:30:00Z"));
    assert_eq!(Zone::of(Asia::Kathmandu).day_start(date(2025, 3, 1)), utc("2025-02-28T18:15:00Z"));
}

#[test]
fn the_fingerprint_tells_tables_apart_and_names_nothing_else() {
    let fingerprint = |tz: Tz| Zone::read(tz).fingerprint();
    assert_eq!(fingerprint(Europe::Berlin), fingerprint(Europe::Berlin));
    assert_ne!(fingerprint(Europe::Berlin), fingerprint(Europe::London));
    assert_eq!(fingerprint(Asia::Kolkata), fingerprint(Asia::Calcutta));
    assert_eq!(fingerprint(Europe::Berlin).len(), 16);
}

#[test]
fn times_far_beyond_the_table_do_not_panic() {
    let zone = Zone::of(Europe::Berlin);
    for instant in [i64::MIN, -1 << 40, 1 << 40, i64::MAX] {
        let _ = (zone.wall(instant), zone.date_of(instant), zone.offset_at(instant), zone.resolve_seconds(instant));
    }
    for date in [NaiveDate::MIN, NaiveDate::MAX] {
        let _ = (zone.day_start(date), zone.resolve(date.into()));
    }
}

/// Any zone.
pub(in crate::domain) fn zones() -> impl Strategy<Value = Tz> {
    prop::sample::select(TZ_VARIANTS.to_vec())
}

/// Any zone and instant; most instants lie within two days of a change of offset, if the zone has one.
pub(in crate::domain) fn zones_and_instants() -> impl Strategy<Value = (Tz, i64)> {
    let near = prop_oneof![Just(0), Just(-1), -7_200..7_200i64, -172_800..172_800i64];
    (zones(), EARLIEST..LATEST, near, 0..4).prop_map(|(tz, instant, near, how)| {
        let change = Zone::of(tz).transitions(instant, i64::MAX).next();
        (tz, change.filter(|_| how > 0).map_or(instant, |change| change.at + near).clamp(EARLIEST, LATEST - 1))
    })
}

proptest! {
    #[test]
    fn the_table_shows_what_chrono_shows((tz, instant) in zones_and_instants()) {
        let chrono = DateTime::from_timestamp(instant, 0).unwrap().with_timezone(&tz);
        prop_assert_eq!(Zone::of(tz).offset_at(instant), chrono.offset().fix().local_minus_utc());
        prop_assert_eq!(Zone::of(tz).wall(instant), chrono.naive_local());
    }

    #[test]
    fn a_wall_clock_means_the_instants_that_show_it((tz, instant) in zones_and_instants(), shift in -4_000..4_000i64) {
        let zone = Zone::of(tz);
        let wall = naive(zone.wall_seconds(instant) + shift);
        // The reference tries each offset that chrono knows nearby.
        let mut found: Vec<i64> = (-40..=40)
            .map(|hours| i64::from(tz.offset_from_utc_datetime(&(wall + TimeDelta::hours(hours))).fix().local_minus_utc()))
            .map(|offset| wall.and_utc().timestamp() - offset)
            .filter(|instant| DateTime::from_timestamp(*instant, 0).unwrap().with_timezone(&tz).naive_local() == wall)
            .collect();
        found.sort_unstable();
        found.dedup();
        let expected = match *found {
            [] => Local::Never,
            [once] => Local::Once(once),
            [earlier, .., later] => Local::Twice { earlier, later },
        };
        prop_assert_eq!(zone.resolve(wall), expected);
        match (tz.from_local_datetime(&wall), expected) {
            (LocalResult::Single(single), Local::Once(once)) => prop_assert_eq!(single.timestamp(), once),
            (LocalResult::None, Local::Never) => {}
            (LocalResult::Ambiguous(first, second), Local::Twice { earlier, later }) => {
                prop_assert_eq!((first.timestamp(), second.timestamp()), (earlier, later));
            }
            (chrono, ours) => prop_assert!(false, "{wall} in {tz}: {chrono:?} and {ours:?}"),
        }
    }

    #[test]
    fn a_day_starts_with_the_first_instant_that_shows_its_midnight_or_later((tz, instant) in zones_and_instants()) {
        let zone = Zone::of(tz);
        let shows = |instant: i64| DateTime::from_timestamp(instant, 0).unwrap().with_timezone(&tz).naive_local();
        let date = shows(instant).date();
        let start = zone.day_start(date);
        let midnight = NaiveDateTime::from(date);
        prop_assert!(shows(start) >= midnight);
        // Before it no instant does: each minute of two days, and the second before.
        prop_assert!(shows(start - 1) < midnight);
        for minutes in 1..2_880 {
            prop_assert!(shows(start - minutes * 60) < midnight, "{minutes} minutes before {start}");
        }
    }

    #[test]
    fn the_date_of_an_instant_is_the_last_that_has_started((tz, instant) in zones_and_instants()) {
        let zone = Zone::of(tz);
        let near = zone.wall(instant).date();
        let started = (-3..=3).map(|days| near + TimeDelta::days(days)).filter(|date| zone.day_start(*date) <= instant);
        prop_assert_eq!(zone.date_of(instant), started.max().unwrap());
    }
}
