use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use chrono_tz::{America, Asia, Australia, Europe, Pacific, Tz};
use proptest::prelude::*;

use super::*;

fn utc(text: &str) -> i64 {
    text.parse::<DateTime<Utc>>().unwrap().timestamp()
}

fn naive(text: &str) -> Stamp {
    Stamp::Naive(text.parse().unwrap())
}

fn resolver(tz: Tz, clock: Clock, fold: Fold) -> Resolver {
    Resolver::new(Zone::of(tz), clock, fold, Label::Start)
}

/// All rows of a file with their instants, those that were answered at once first; and what else came of it.
fn resolve(mut resolver: Resolver, file: &[Row]) -> (Vec<Resolved>, Vec<(u32, String)>, Finished) {
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    for (row, line) in file.iter().zip(2..) {
        match resolver.row(line, Stamp::Naive(row.wall), row.megawatts) {
            Step::At(at) => rows.push(Resolved { line, at, megawatts: row.megawatts }),
            Step::Reject(why) => rejects.push((line, why)),
            Step::Later => {}
        }
    }
    let finished = resolver.finish();
    rows.extend(&finished.rows);
    rejects.extend(finished.rejects.iter().cloned());
    (rows, rejects, finished)
}

/// The instants of naive texts on the clock of Auckland, where 2025-04-06 02:00 to 03:00 happened twice.
fn in_auckland(fold: Fold, texts: &[&str]) -> Vec<Option<i64>> {
    let file: Vec<Row> = texts
        .iter()
        .zip(1i16..)
        .map(|(text, at)| Row { truth: 0, wall: text.parse().unwrap(), megawatts: at.into() })
        .collect();
    let (rows, ..) = resolve(resolver(Pacific::Auckland, Clock::Park, fold), &file);
    (2..).zip(texts).map(|(line, _)| rows.iter().find(|row| row.line == line).map(|row| row.at)).collect()
}

const EARLIER: &str = "2025-04-05T13:00:00Z";
const LATER: &str = "2025-04-05T14:00:00Z";

/// R4
#[test]
fn an_offset_in_the_file_wins_over_the_declared_clock() {
    let instant = Stamp::Instant(utc(EARLIER));
    for clock in [Clock::Utc, Clock::Park, Clock::Offset(3_600)] {
        assert_eq!(resolver(Pacific::Auckland, clock, Fold::Reject).row(2, instant, 1.0), Step::At(utc(EARLIER)));
    }
}

/// R4
#[test]
fn a_naive_time_is_read_on_the_declared_clock_alone() {
    for (clock, instant) in [
        (Clock::Utc, "2025-01-15T12:00:00Z"),
        (Clock::Park, "2025-01-14T23:00:00Z"),
        (Clock::Offset(36_000), "2025-01-15T02:00:00Z"),
    ] {
        let step = resolver(Pacific::Auckland, clock, Fold::Reject).row(2, naive("2025-01-15T12:00:00"), 1.0);
        assert_eq!(step, Step::At(utc(instant)), "{clock}");
    }
    // AEMO stamps UTC+10 all year in zones that have summer time: no time is missing there and none comes twice.
    let mut sydney = resolver(Australia::Sydney, Clock::Offset(36_000), Fold::Reject);
    assert_eq!(sydney.row(2, naive("2025-10-05T02:30:00"), 1.0), Step::At(utc("2025-10-04T16:30:00Z")));
    assert_eq!(sydney.row(3, naive("2025-04-06T02:30:00"), 1.0), Step::At(utc("2025-04-05T16:30:00Z")));
}

/// R1
#[test]
fn an_instant_that_the_clock_puts_out_of_bounds_is_rejected() {
    let step =
        resolver(Pacific::Auckland, Clock::Offset(3_600), Fold::Reject).row(2, naive("1900-01-01T00:00:00"), 1.0);
    assert!(matches!(step, Step::Reject(_)));
}

/// R5
#[test]
fn the_order_in_the_file_tells_which_of_two_like_times_it_is() {
    let (earlier, later) = (Some(utc(EARLIER)), Some(utc(LATER)));
    let forwards = ["2025-04-06T01:00:00", "2025-04-06T02:00:00", "2025-04-06T02:00:00", "2025-04-06T03:00:00"];
    assert_eq!(in_auckland(Fold::Reject, &forwards)[1..3], [earlier, later]);
    let mut backwards = forwards;
    backwards.reverse();
    assert_eq!(in_auckland(Fold::Reject, &backwards)[1..3], [later, earlier]);
    // One neighbour is enough.
    assert_eq!(in_auckland(Fold::Reject, &backwards[..3])[1..], [later, earlier]);
    assert_eq!(in_auckland(Fold::Reject, &backwards[1..])[..2], [later, earlier]);
    // Without neighbours within a day the file is taken to run forwards.
    assert_eq!(in_auckland(Fold::Reject, &forwards[1..3]), [earlier, later]);
    let far = ["2025-06-01T00:00:00", "2025-04-06T02:00:00", "2025-04-06T02:00:00", "2025-03-01T00:00:00"];
    assert_eq!(in_auckland(Fold::Reject, &far)[1..3], [earlier, later]);
}

/// R5
#[test]
fn a_fold_runs_its_own_way_whatever_the_file_does_elsewhere() {
    let mut texts: Vec<String> = (10..28).map(|day| format!("2025-03-{day}T00:00:00")).collect();
    texts.extend(["03:00", "02:30", "02:00", "02:30", "02:00", "01:30"].map(|time| format!("2025-04-06T{time}:00")));
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let [half_later, full_later, half_earlier, full_earlier] = in_auckland(Fold::Reject, &texts)[19..23] else {
        panic!("four rows")
    };
    assert_eq!((full_later, full_earlier), (Some(utc(LATER)), Some(utc(EARLIER))));
    assert_eq!((half_later, half_earlier), (Some(utc(LATER) + 1_800), Some(utc(EARLIER) + 1_800)));
}

/// R5
#[test]
fn a_time_that_stands_once_follows_the_policy() {
    let texts = ["2025-04-06T01:00:00", "2025-04-06T02:00:00", "2025-04-06T03:00:00"];
    assert_eq!(in_auckland(Fold::Reject, &texts)[1], None);
    assert_eq!(in_auckland(Fold::Earlier, &texts)[1], Some(utc(EARLIER)));
    assert_eq!(in_auckland(Fold::Later, &texts)[1], Some(utc(LATER)));
}

/// R5
#[test]
fn rows_that_stand_once_are_counted_under_every_policy() {
    for fold in [Fold::Reject, Fold::Earlier, Fold::Later] {
        let mut resolver = resolver(Pacific::Auckland, Clock::Park, fold);
        for (line, text) in (2..).zip(["2025-04-06T02:00:00", "2025-04-06T02:30:00", "2025-04-06T02:30:00"]) {
            assert_eq!(resolver.row(line, naive(text), 1.0), Step::Later);
        }
        let finished = resolver.finish();
        assert_eq!(finished.fold_rows_alone, 1);
        assert_eq!(finished.rejects.len(), usize::from(fold == Fold::Reject));
        assert_eq!(finished.rows.len() + finished.rejects.len(), 3);
        assert!(finished.warnings[0].starts_with("1 row stands once"), "{:?}", finished.warnings);
    }
}

/// R5
#[test]
fn a_time_that_stands_three_times_is_rejected() {
    let texts = ["2025-04-06T02:00:00", "2025-04-06T02:00:00", "2025-04-06T02:00:00", "2025-04-06T03:00:00"];
    assert_eq!(in_auckland(Fold::Earlier, &texts)[..3], [None, None, None]);
    // With one value too: nobody can say how often it happened.
    let mut resolver = resolver(Pacific::Auckland, Clock::Park, Fold::Earlier);
    for (line, text) in (2..).zip(&texts[..3]) {
        resolver.row(line, naive(text), 1.0);
    }
    let finished = resolver.finish();
    assert_eq!((finished.rows.len(), finished.rejects.len()), (0, 3));
    assert!(finished.rejects[0].1.contains("stands 3 times"), "{:?}", finished.rejects);
}

/// R5
#[test]
fn in_a_doubled_file_two_equal_rows_stand_once() {
    let mut resolver = resolver(Pacific::Auckland, Clock::Park, Fold::Reject);
    for (line, hour) in (2..).zip([0, 0, 1, 1, 2, 2, 3, 3, 4, 4]) {
        resolver.row(line, naive(&format!("2025-04-06T{hour:02}:00:00")), f64::from(hour));
    }
    let finished = resolver.finish();
    assert_eq!(finished.fold_rows_alone, 2);
    assert_eq!(finished.rejects.len(), 2);
}

/// R5
#[test]
fn rows_of_a_fold_in_no_order_are_told() {
    let minutes = [30, 0, 45, 15, 0, 45, 15, 30];
    let texts: Vec<String> = minutes.iter().map(|minute| format!("2025-04-06T02:{minute:02}:00")).collect();
    let mut resolver = resolver(Pacific::Auckland, Clock::Park, Fold::Reject);
    for (line, text) in (2..).zip(&texts) {
        resolver.row(line, naive(text), 1.0);
    }
    let warnings = resolver.finish().warnings;
    assert!(warnings[0].contains("Pacific/Auckland on 2025-04-06 stand in no order"), "{warnings:?}");
}

/// R6
#[test]
fn a_row_at_a_time_that_never_happened_is_rejected_and_never_shifted() {
    for fold in [Fold::Reject, Fold::Earlier, Fold::Later] {
        let mut resolver = resolver(Pacific::Auckland, Clock::Park, fold);
        let Step::Reject(why) = resolver.row(2, naive("2025-09-28T02:30:00"), 1.0) else { panic!("it is taken") };
        assert_eq!(
            why,
            "never happened in Pacific/Auckland, where clocks went forward from 2025-09-28 02:00:00 to 2025-09-28 03:00:00"
        );
        assert_eq!(resolver.finish().gap_rows, 1);
    }
    let mut apia = resolver(Pacific::Apia, Clock::Park, Fold::Earlier);
    assert!(matches!(apia.row(2, naive("2011-12-30T12:00:00"), 1.0), Step::Reject(_)));
}

/// R7
#[test]
fn a_fixed_offset_file_read_as_the_parks_clock_is_told() {
    let file: Vec<Row> =
        hours_of(2025).map(|at| Row::new(at, DateTime::from_timestamp(at + 43_200, 0).unwrap())).collect();
    let (_, rejects, finished) = resolve(resolver(Pacific::Auckland, Clock::Park, Fold::Reject), &file);
    assert_eq!((finished.gap_rows, finished.fold_rows_alone, rejects.len()), (1, 1, 2));
    assert!(
        finished.warnings[0]
            .starts_with("The file is likely on UTC or a fixed offset like +12:00, not on the wall clock"),
        "{:?}",
        finished.warnings
    );
}

/// R7
#[test]
fn a_file_on_the_parks_clock_gives_no_warning() {
    let zone = Zone::of(Pacific::Auckland);
    let file: Vec<Row> = hours_of(2025).map(|at| Row::new(at, zone.wall(at).and_utc())).collect();
    let (rows, rejects, finished) = resolve(resolver(Pacific::Auckland, Clock::Park, Fold::Reject), &file);
    assert_eq!((rows.len(), rejects.len()), (file.len(), 0));
    assert_eq!(finished.warnings, Vec::<String>::new());
}

/// R7
#[test]
fn a_wall_clock_file_read_as_utc_or_an_offset_is_told() {
    let zone = Zone::of(Pacific::Auckland);
    for (clock, offset) in [(Clock::Utc, 0), (Clock::Offset(43_200), 43_200)] {
        let mut starts: Vec<i64> = hours_of(2025).map(|at| zone.wall_seconds(at) - offset).collect();
        starts.sort_unstable();
        let repeated: Vec<i64> = starts.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        let warning = wall_clock_taken_for_fixed(&zone, clock, &repeated, starts.iter().copied()).unwrap();
        assert_eq!(
            warning,
            format!(
                "The file is likely on the wall clock of Pacific/Auckland, not on {clock}: 1 instant stands more than once \
                 where its clocks go back, and none stands where they go forward. Declare its clock as PARK."
            )
        );
    }
}

/// R7
#[test]
fn files_on_utc_and_doubled_ones_are_not_taken_for_wall_clocks() {
    let zone = Zone::of(Pacific::Auckland);
    let starts: Vec<i64> = hours_of(2025).collect();
    let told = |repeated: &[i64]| wall_clock_taken_for_fixed(&zone, Clock::Utc, repeated, starts.iter().copied());
    assert_eq!(told(&[]), None);
    assert_eq!(told(&starts), None);
    let wall: Vec<i64> = starts.iter().map(|at| zone.wall_seconds(*at)).collect();
    assert_eq!(wall_clock_taken_for_fixed(&zone, Clock::Utc, &wall, wall.iter().copied()), None);
    // One bad row where clocks go back, but rows where they go forward.
    assert_eq!(told(&[utc("2025-04-06T02:00:00Z")]), None);
    assert_eq!(wall_clock_taken_for_fixed(&zone, Clock::Park, &starts, starts.iter().copied()), None);
}

/// R7
#[test]
fn a_wall_clock_file_of_autumn_alone_is_told_by_its_repeats() {
    let zone = Zone::of(Europe::Berlin);
    let mut starts: Vec<i64> =
        (0..96).map(|quarter| zone.wall_seconds(utc("2025-10-25T12:00:00Z") + quarter * 900)).collect();
    starts.sort_unstable();
    let repeated: Vec<i64> = starts.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    assert_eq!(repeated.len(), 4);
    assert!(wall_clock_taken_for_fixed(&zone, Clock::Utc, &repeated, starts.iter().copied()).is_some());
}

/// R8
#[test]
fn a_label_at_the_end_of_the_gap_is_named_to_the_operator() {
    let mut resolver = Resolver::new(Zone::of(Pacific::Auckland), Clock::Park, Fold::Reject, Label::End);
    let Step::Reject(why) = resolver.row(2, naive("2025-09-28T02:00:00"), 1.0) else { panic!("it is taken") };
    assert!(why.ends_with("the interval that ends there is labelled with the latter"), "{why}");
}

fn hours_of(year: i32) -> impl Iterator<Item = i64> {
    let from = utc(&format!("{year}-01-01T00:00:00Z"));
    (0..365 * 24).map(move |hour| from + hour * 3_600)
}

/// A row of a generated file.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Row {
    /// The instant of its label.
    truth: i64,
    wall: NaiveDateTime,
    megawatts: f64,
}

impl Row {
    fn new(truth: i64, wall: DateTime<Utc>) -> Self {
        Self { truth, wall: wall.naive_utc(), megawatts: 1.0 }
    }
}

#[derive(Clone, Copy, Debug)]
enum Order {
    Forwards,
    Backwards,
    ByNaiveTime,
    ByNaiveTimeBackwards,
    MonthsShuffled,
    MonthsShuffledBackwards,
    Doubled,
    DoubledBackwards,
    WholeFileTwice,
}

impl Order {
    const ALL: [Self; 9] = [
        Self::Forwards,
        Self::Backwards,
        Self::ByNaiveTime,
        Self::ByNaiveTimeBackwards,
        Self::MonthsShuffled,
        Self::MonthsShuffledBackwards,
        Self::Doubled,
        Self::DoubledBackwards,
        Self::WholeFileTwice,
    ];

    fn put(self, mut rows: Vec<Row>) -> Vec<Row> {
        match self {
            Self::Forwards => {}
            Self::Backwards => rows.reverse(),
            Self::ByNaiveTime => rows.sort_by_key(|row| row.wall),
            Self::ByNaiveTimeBackwards => {
                rows.sort_by_key(|row| row.wall);
                rows.reverse();
            }
            Self::MonthsShuffled => rows.sort_by_key(|row| row.wall.month() * 7 % 13),
            Self::MonthsShuffledBackwards => {
                rows.reverse();
                rows.sort_by_key(|row| row.wall.month() * 7 % 13);
            }
            Self::Doubled => rows = rows.into_iter().flat_map(|row| [row, row]).collect(),
            Self::DoubledBackwards => rows = rows.into_iter().rev().flat_map(|row| [row, row]).collect(),
            Self::WholeFileTwice => rows.extend_from_within(..),
        }
        rows
    }
}

/// Folds of all kinds, by an instant shortly before: over midnight, of half an hour, without summer time.
const FOLDS: [(Tz, &str, &[i64]); 7] = [
    (Pacific::Auckland, "2025-04-05T00:00:00Z", &[60, 30, 15, 5]),
    (Australia::Lord_Howe, "2025-04-05T00:00:00Z", &[30, 15, 5]),
    (America::Havana, "2025-11-01T12:00:00Z", &[60, 30, 15, 5]),
    (America::St_Johns, "2006-10-28T12:00:00Z", &[30, 15, 5]),
    (Europe::Volgograd, "2020-12-26T12:00:00Z", &[60, 30, 15, 5]),
    (Europe::Berlin, "2025-10-25T12:00:00Z", &[60, 30, 15, 5]),
    (Asia::Kathmandu, "2025-10-25T12:00:00Z", &[60, 30, 15, 5]),
];

/// A file around a fold, in file order, with the truth beside it: `kept` says which rows are in it, `values` how many
/// different powers.
fn file(
    which: usize,
    width: usize,
    label: Label,
    order: Order,
    values: i64,
    kept: impl Fn(i64) -> bool,
) -> (Tz, Vec<Row>) {
    let (tz, from, widths) = FOLDS[which % FOLDS.len()];
    let (zone, width) = (Zone::of(tz), widths[width % widths.len()] * 60);
    let rows = (0..).take_while(|step| step * width < 3 * 86_400).filter(|step| kept(*step)).map(|step| {
        let start = utc(from) + step * width;
        let truth = if label == Label::End { start + width } else { start };
        let power = i32::try_from(step * 31 % values).unwrap();
        Row { megawatts: power.into(), ..Row::new(truth, zone.wall(truth).and_utc()) }
    });
    (tz, order.put(rows.collect()))
}

fn labels() -> impl Strategy<Value = Label> {
    prop_oneof![Just(Label::Start), Just(Label::End)]
}

fn sorted(rows: impl Iterator<Item = (i64, f64)>) -> Vec<(i64, f64)> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by(|a, b| a.partial_cmp(b).unwrap());
    rows
}

proptest! {
    /// R5, R8: nothing is lost, nothing is misplaced, and there is nothing to warn of.
    #[test]
    fn whole_files_are_resolved_whatever_their_order(
        which in 0..7usize, width in 0..4usize, label in labels(), order in prop::sample::select(Order::ALL.to_vec()),
        values in prop::sample::select(vec![1, 2, 1_000_003]),
    ) {
        let (tz, file) = file(which, width, label, order, values, |_| true);
        let resolver = Resolver::new(Zone::of(tz), Clock::Park, Fold::Reject, label);
        let (rows, rejects, finished) = resolve(resolver, &file);
        prop_assert_eq!(rejects, vec![]);
        let found = sorted(rows.iter().map(|row| (row.at, row.megawatts)));
        prop_assert_eq!(found, sorted(file.iter().map(|row| (row.truth, row.megawatts))));
        prop_assert_eq!(finished.warnings, Vec::<String>::new());
    }

    /// R5: where rows are missing, those that stand once are rejected and no other is misplaced.
    #[test]
    fn files_with_holes_are_resolved_as_far_as_they_tell(
        which in 0..7usize, width in 0..4usize, label in labels(), order in 0..6usize,
        holes in prop::collection::vec(prop::bool::weighted(0.3), 97),
    ) {
        let (tz, file) = file(which, width, label, Order::ALL[order], 1_000_003, |step| !holes[usize::try_from(step).unwrap() % 97]);
        let resolver = Resolver::new(Zone::of(tz), Clock::Park, Fold::Reject, label);
        let (rows, rejects, finished) = resolve(resolver, &file);
        prop_assert_eq!(rows.len() + rejects.len(), file.len());
        for (row, line) in file.iter().zip(2..) {
            let found = rows.iter().find(|found| found.line == line).map(|found| found.at);
            let alone = file.iter().filter(|other| other.wall == row.wall).count() == 1;
            let folds = matches!(Zone::of(tz).resolve(row.wall), Local::Twice { .. });
            prop_assert_eq!(found, (!(folds && alone)).then_some(row.truth), "line {}", line);
        }
        prop_assert_eq!(usize::try_from(finished.fold_rows_alone).unwrap(), rejects.len());
    }
}
