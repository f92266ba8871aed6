use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::reading::DAY_SECONDS;
use super::*;

/// The instants of whole UTC days, each with one width in minutes.
fn days(widths: &[i64]) -> Vec<i64> {
    (0..)
        .zip(widths)
        .flat_map(|(day, width)| (0..1_440 / width).map(move |row| day * DAY_SECONDS + row * width * 60))
        .collect()
}

fn of_starts(instants: &[i64], own: Option<u16>) -> Result<Widths, String> {
    infer(instants.iter().copied(), Label::Start, own)
}

/// R12
#[test]
fn each_day_has_the_width_that_stands_most_often_on_it() {
    let widths = of_starts(&days(&[60, 60, 30, 5]), Some(15)).unwrap();
    assert_eq!([0, 1, 2, 3].map(|day| widths.at(day)), [60, 60, 30, 5]);
    assert_eq!(widths.dominant(), 5);
    assert_eq!([0, DAY_SECONDS, 2 * DAY_SECONDS - 1, 2 * DAY_SECONDS].map(|at| widths.of(at)), [60, 60, 60, 30]);
    // Days beyond the file have the nearest one's.
    assert_eq!((widths.at(-1_000), widths.at(1_000)), (60, 5));
}

/// R12
#[test]
fn one_bad_timestamp_does_not_scale_a_file() {
    let mut instants = days(&[60; 3]);
    instants.push(DAY_SECONDS + 60);
    instants.sort_unstable();
    assert_eq!(of_starts(&instants, None).unwrap(), of_starts(&days(&[60; 3]), None).unwrap());
    // Nor do instants that several rows have.
    let instants: Vec<i64> = instants.iter().flat_map(|at| [*at; 3]).collect();
    assert_eq!(of_starts(&instants, None).unwrap(), of_starts(&days(&[60; 3]), None).unwrap());
}

/// R12
#[test]
fn missing_rows_do_not_widen_the_others() {
    let mut instants = days(&[15; 4]);
    instants.retain(|at| at / 900 % 5 != 3 && !(20..60).contains(&(at / 900)));
    assert_eq!(of_starts(&instants, None).unwrap().at(0), 15);
}

/// R12
#[test]
fn days_too_sparse_take_the_nearest_neighbours() {
    let mut instants = days(&[60, 30, 30, 30, 30, 15]);
    // Of the days between stay two rows each.
    instants.retain(|at| !(1..5).contains(&utc_day(*at)) || at % DAY_SECONDS < 3_600);
    let widths = of_starts(&instants, None).unwrap();
    assert_eq!([0, 1, 2, 3, 4, 5].map(|day| widths.at(day)), [60, 60, 60, 15, 15, 15]);
    // Of two as near, the earlier.
    let mut instants = days(&[60, 30, 15]);
    instants.retain(|at| utc_day(*at) != 1 || at % DAY_SECONDS == 0);
    assert_eq!(of_starts(&instants, None).unwrap().at(1), 60);
}

/// R12
#[test]
fn gaps_that_stand_equally_often_tell_no_width() {
    let hour = |hours: &[i64]| -> Vec<i64> { hours.iter().map(|hour| hour * 3_600).collect() };
    assert!(of_starts(&hour(&[0, 1, 3, 4, 6]), None).is_err());
    assert_eq!(of_starts(&hour(&[0, 1, 3, 4, 6]), Some(60)).unwrap().at(0), 60);
}

/// R12
#[test]
fn irregular_files_are_refused() {
    let instants: Vec<i64> = (0..400).map(|row| row * 300 + row % 7 * 13).collect();
    let refused = of_starts(&instants, Some(5)).unwrap_err();
    assert!(refused.starts_with("only ") && refused.contains("declare the interval"), "{refused}");
    // 94 of 100 gaps are too few, 95 are enough.
    let with_bad = |bad: i64| -> Vec<i64> {
        let mut at = 0;
        let gaps = (0..100).map(|gap| if gap * bad / 100 == (gap + 1) * bad / 100 { 600 } else { 660 });
        let instants = gaps.map(|gap| {
            at += gap;
            at
        });
        std::iter::once(0).chain(instants.collect::<Vec<_>>()).collect()
    };
    assert!(of_starts(&with_bad(5), None).is_ok());
    assert!(of_starts(&with_bad(6), None).unwrap_err().starts_with("only 94 %"));
}

/// R12
#[test]
fn without_any_width_the_parks_own_is_taken_and_without_that_the_load_is_refused() {
    for instants in [&[][..], &[0], &[0, 3_600], &[0, 3_600, 7_200]] {
        assert_eq!(of_starts(instants, Some(30)).map(|widths| widths.of(0)), Ok(30));
        assert!(of_starts(instants, None).unwrap_err().contains("the park has none yet"));
    }
    // Its own has to fit as well.
    assert!(of_starts(&[0, 2_700], Some(30)).is_err());
}

/// R12
#[test]
fn daily_rows_tell_their_width_by_the_whole_file() {
    let instants: Vec<i64> = (0..30).map(|day| day * DAY_SECONDS).collect();
    assert_eq!(of_starts(&instants, None).unwrap().of(0), 1_440);
    // But a few rows of a park that has a width do not scale it.
    let widths = of_starts(&instants, Some(30)).unwrap();
    assert_eq!((widths.of(0), widths.doubt()), (30, Some(1_440)));
    assert_eq!(of_starts(&instants, Some(1_440)).unwrap().doubt(), None);
    assert_eq!(of_starts(&instants[..3], Some(30)).unwrap().doubt(), None);
}

/// R12
#[test]
fn what_is_no_whole_minute_or_wider_than_a_day_is_no_width() {
    let every = |seconds: i64| -> Vec<i64> { (0..900).map(|row| row * seconds).collect() };
    assert!(of_starts(&every(90), None).is_err());
    assert!(of_starts(&every(90), Some(1)).is_err());
    assert!(of_starts(&every(7 * DAY_SECONDS), None).is_err());
    assert_eq!(of_starts(&every(60), None).unwrap().of(0), 1);
    // A day of such gaps takes its neighbour's.
    let mut instants = days(&[15; 20]);
    instants.extend((0..4).map(|row| 20 * DAY_SECONDS + row * 90));
    assert_eq!(of_starts(&instants, None).unwrap().at(20), 15);
}

/// R8, R12
#[test]
fn a_label_at_the_end_has_the_width_of_the_day_that_it_ends() {
    let midnight = 2 * DAY_SECONDS;
    let widths = infer(days(&[30, 30, 15]).into_iter().skip(1), Label::End, None).unwrap();
    assert_eq!((widths.of(midnight), widths.of(midnight + 900)), (30, 15));
    // The gap before a label tells its width: here that of the last three.
    let widths = infer((1..=24).chain([32, 40, 48]).map(|hour| hour * 3_600), Label::End, None).unwrap();
    assert_eq!((widths.of(DAY_SECONDS), widths.of(midnight)), (60, 480));
}

#[test]
fn a_declared_width_holds_everywhere() {
    let widths = Widths::declared(15);
    assert_eq!((widths.of(i64::MIN), widths.at(0), widths.of(i64::MAX), widths.dominant()), (15, 15, 15, 15));
}

/// R12, told again in the plainest way: the widths of days that tell one, and the share of multiples.
fn plainly(instants: &[i64]) -> (BTreeMap<i32, u16>, bool) {
    let mut gaps: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
    for pair in instants.windows(2) {
        gaps.entry(utc_day(pair[0])).or_default().push(pair[1] - pair[0]);
    }
    let often = |gaps: &[i64], gap: i64| gaps.iter().filter(|other| **other == gap).count();
    let mut known = BTreeMap::new();
    for (day, gaps) in &gaps {
        let most = gaps.iter().map(|gap| often(gaps, *gap)).max().unwrap();
        let mut candidates: Vec<i64> = gaps.iter().copied().filter(|gap| often(gaps, *gap) == most).collect();
        candidates.sort_unstable();
        candidates.dedup();
        if let [width] = candidates[..]
            && gaps.len() >= 3
            && width % 60 == 0
            && width <= DAY_SECONDS
        {
            known.insert(*day, u16::try_from(width / 60).unwrap());
        }
    }
    let of = |day: i32| known.iter().min_by_key(|(other, _)| ((**other - day).abs(), **other)).map(|(_, width)| *width);
    let (mut good, mut all) = (0, 0);
    for (day, gaps) in &gaps {
        all += gaps.len();
        good += of(*day).map_or(0, |width| gaps.iter().filter(|gap| **gap % (i64::from(width) * 60) == 0).count());
    }
    (known, good * 100 >= all * 95)
}

proptest! {
    #[test]
    fn widths_are_those_of_the_plain_rule(
        widths in prop::collection::vec(prop::sample::select(vec![5i64, 10, 15, 30, 60, 480, 720]), 1..9),
        missing in prop::collection::vec(prop::bool::weighted(0.2), 1..300),
        bad in prop::collection::vec((0..9i64, 0..DAY_SECONDS), 0..6),
    ) {
        let mut instants = days(&widths);
        let mut index = 0;
        instants.retain(|_| {
            index += 1;
            !missing[index % missing.len()]
        });
        instants.extend(bad.iter().map(|(day, second)| day * DAY_SECONDS + second));
        instants.sort_unstable();
        instants.dedup();
        let (known, regular) = plainly(&instants);
        prop_assume!(!known.is_empty());
        match of_starts(&instants, None) {
            Ok(found) => {
                prop_assert!(regular);
                for day in -1..10 {
                    let nearest = known.iter().min_by_key(|(other, _)| ((**other - day).abs(), **other)).unwrap();
                    prop_assert_eq!(found.at(day), *nearest.1, "day {}", day);
                }
            }
            Err(_) => prop_assert!(!regular),
        }
    }

    #[test]
    fn labels_at_the_end_tell_the_same_widths(widths in prop::collection::vec(prop::sample::select(vec![5i64, 10, 15, 30, 60, 240]), 1..9)) {
        let starts = days(&widths);
        let of = |at: &i64| widths[usize::try_from(utc_day(*at)).unwrap()];
        let ends: Vec<i64> = starts.iter().map(|at| at + of(at) * 60).collect();
        let found = infer(ends.iter().copied(), Label::End, None).unwrap();
        for (start, end) in starts.iter().zip(&ends) {
            prop_assert_eq!(i64::from(found.of(*end)), of(start));
        }
    }
}
