//! Stats in the slow and obvious way, over plain readings: every bucket looks at every reading. It shares no code with the
//! server.

use std::collections::{BTreeMap, BTreeSet};

use energy_parks::domain::chrono::{
    DateTime, Datelike, Days, LocalResult, Months, NaiveDate, NaiveDateTime, TimeZone, Timelike, Weekday,
};
use energy_parks::domain::chrono_tz::Tz;

use crate::fixture::{PlainPark, PlainReading};

/// All granularities, as the API names them.
pub const GRANULARITIES: [&str; 6] = ["HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"];

/// All offsets of the fixture's zones, and so all bounds of its buckets, are multiples of it.
const STEP: i64 = 900;

/// A bucket of time in a zone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    pub date: NaiveDate,
    pub from: i64,
    pub until: i64,
    /// The wall clock's hour and minute at the start, and whether it shows them for the second time.
    pub wall: (u32, u32, bool),
}

/// What is told of a bucket.
#[derive(Clone, Debug)]
pub struct Stats {
    pub bucket: Bucket,
    pub count: usize,
    pub expected: i64,
    pub completeness: f64,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub sum: Option<f64>,
    pub mean: Option<f64>,
    pub energy_mwh: Option<f64>,
    pub generated_mwh: Option<f64>,
    pub capacity_factor: Option<f64>,
}

/// What is told of an energy type beside it.
#[derive(Clone, Debug)]
pub struct TypeStats {
    pub energy_type: &'static str,
    pub stats: Stats,
    pub park_count: usize,
    /// `None` unless there is one zone.
    pub totals: Option<Totals>,
}

/// The fleet's totals (R15).
#[derive(Clone, Debug)]
pub struct Totals {
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub mean: Option<f64>,
    pub completeness: f64,
}

/// The first date of the bucket that a local date is in (R10).
fn first_date(granularity: &str, date: NaiveDate) -> NaiveDate {
    match granularity {
        "HOUR" | "DAY" => date,
        "WEEK" => (0..7).map(|back| date - Days::new(back)).find(|date| date.weekday() == Weekday::Mon).unwrap(),
        "MONTH" => date.with_day(1).unwrap(),
        "QUARTER" => {
            let first = date.with_day(1).unwrap();
            first.checked_sub_months(Months::new((first.month() - 1) % 3)).unwrap()
        }
        "YEAR" => NaiveDate::from_ymd_opt(date.year(), 1, 1).unwrap(),
        _ => unreachable!(),
    }
}

/// The buckets from the one of instant `first` to the one of instant `last` (R2, R3, R10), found by a walk along the
/// wall clock.
pub fn buckets(zone: Tz, granularity: &str, first: i64, last: i64) -> Vec<Bucket> {
    let wall = |at: i64| DateTime::from_timestamp(at, 0).unwrap().with_timezone(&zone).naive_local();
    let longest = match granularity {
        "HOUR" | "DAY" => 3,
        "WEEK" => 9,
        "MONTH" => 33,
        "QUARTER" => 95,
        _ => 370,
    };
    let begins = |before: NaiveDateTime, now: NaiveDateTime| {
        let (date_before, date) = (before.date(), now.date());
        if granularity == "HOUR" {
            // Where a whole hour is shown, or another hour than just before.
            return now.minute() == 0 || (date_before, before.hour()) != (date, now.hour());
        }
        date_before != date && first_date(granularity, date_before) != first_date(granularity, date)
    };
    let mut at = (first - longest * 86_400).div_euclid(STEP) * STEP;
    let mut before = wall(at);
    let mut buckets: Vec<Bucket> = Vec::new();
    loop {
        at += STEP;
        let shown = wall(at);
        if begins(before, shown) {
            if let Some(open) = buckets.last_mut() {
                open.until = at;
            }
            if at > last {
                break;
            }
            let second = match zone.from_local_datetime(&shown) {
                LocalResult::Ambiguous(_, later) => later.timestamp() == at,
                _ => false,
            };
            let date = first_date(granularity, shown.date());
            buckets.push(Bucket { date, from: at, until: at, wall: (shown.hour(), shown.minute(), second) });
        }
        before = shown;
    }
    buckets.retain(|bucket| bucket.until > first);
    buckets
}

/// A park in a bucket.
#[derive(Clone)]
pub struct Part<'a> {
    park: &'a PlainPark,
    bucket: Bucket,
    readings: Vec<PlainReading>,
}

/// A park in every bucket between its first and last reading, empty ones too (R19).
pub fn parts<'a>(park: &'a PlainPark, zone: Option<Tz>, granularity: &str) -> Vec<Part<'a>> {
    let readings = park.readings();
    let (Some(first), Some(last)) = (readings.first(), readings.last()) else { return Vec::new() };
    let buckets = buckets(zone.unwrap_or(park.timezone), granularity, first.starts_at, last.starts_at);
    buckets.into_iter().map(|bucket| Part { park, bucket, readings: within(&readings, bucket) }).collect()
}

/// The stats of each energy type and bucket, parks put together by what their wall clocks show.
pub fn type_stats(parts: &[&Part<'_>], zone: Option<Tz>, granularity: &str) -> Vec<TypeStats> {
    let mut groups: BTreeMap<_, Vec<Part<'_>>> = BTreeMap::new();
    let mut zones: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for part in parts {
        let energy_type = part.park.energy_type;
        zones.entry(energy_type).or_default().insert(zone.unwrap_or(part.park.timezone).name());
        let wall = if granularity == "HOUR" { part.bucket.wall } else { (0, 0, false) };
        groups.entry((part.bucket.date, wall, energy_type)).or_default().push((*part).clone());
    }
    groups
        .into_iter()
        .map(|((_, _, energy_type), parts)| TypeStats {
            energy_type,
            park_count: parts.iter().filter(|part| !part.readings.is_empty()).count(),
            totals: (zones[energy_type].len() == 1).then(|| totals(&parts)),
            stats: stats(&parts),
        })
        .collect()
}

/// A reading belongs wholly to the bucket of its start (R10).
fn within(readings: &[PlainReading], bucket: Bucket) -> Vec<PlainReading> {
    let is_within = |reading: &&PlainReading| bucket.from <= reading.starts_at && reading.starts_at < bucket.until;
    readings.iter().filter(is_within).copied().collect()
}

fn minutes(readings: &[PlainReading]) -> i64 {
    readings.iter().map(|reading| reading.minutes).sum()
}

fn float(number: i64) -> f64 {
    f64::from(i32::try_from(number).unwrap())
}

fn energy(reading: &PlainReading) -> f64 {
    reading.megawatts * float(reading.minutes) / 60.0
}

/// The stats of one park, or of several together (R13, R14, R16, R17, R20).
pub fn stats(parts: &[Part<'_>]) -> Stats {
    let mut bucket = parts[0].bucket;
    bucket.from = parts.iter().map(|part| part.bucket.from).min().unwrap();
    bucket.until = parts.iter().map(|part| part.bucket.until).max().unwrap();
    let readings: Vec<_> = parts.iter().flat_map(|part| &part.readings).copied().collect();
    let park_seconds: i64 = parts.iter().map(|part| part.bucket.until - part.bucket.from).sum();
    let known = |value: f64| (!readings.is_empty()).then_some(value);
    let powers = || readings.iter().map(|reading| reading.megawatts);
    let energy_mwh: f64 = readings.iter().map(energy).sum();
    let observed_hours = float(minutes(&readings)) / 60.0;
    let rated = || parts.iter().filter(|part| part.park.capacity_mw.is_some() && !part.readings.is_empty());
    let possible = |part: &Part<'_>| part.park.capacity_mw.unwrap() * float(minutes(&part.readings)) / 60.0;
    let possible: f64 = rated().map(possible).sum();
    let rated_energy: f64 = rated().flat_map(|part| &part.readings).map(energy).sum();
    Stats {
        bucket,
        count: readings.len(),
        expected: parts.iter().map(expected).sum(),
        completeness: float(minutes(&readings) * 60) / float(park_seconds),
        min: powers().reduce(f64::min),
        max: powers().reduce(f64::max),
        sum: known(powers().sum()),
        mean: known(energy_mwh / observed_hours),
        energy_mwh: known(energy_mwh),
        generated_mwh: known(readings.iter().map(energy).filter(|energy| *energy > 0.0).sum()),
        capacity_factor: rated().next().map(|_| rated_energy / possible),
    }
}

/// `count` + unobserved time / the park's width, rounded (R20).
fn expected(part: &Part<'_>) -> i64 {
    let count = i64::try_from(part.readings.len()).unwrap();
    let unobserved = part.bucket.until - part.bucket.from - minutes(&part.readings) * 60;
    let Some(width) = part.park.width() else { return count };
    let missing = float(unobserved.max(0)) / float(width * 60);
    count + (0..i64::MAX).find(|whole| float(*whole) + 0.5 > missing).unwrap()
}

/// MW summed over the parks for each stretch of time in which no reading starts or ends (R15). Parks without a reading in
/// the bucket do not report.
fn totals(parts: &[Part<'_>]) -> Totals {
    let reporting: Vec<_> = parts.iter().filter(|part| !part.readings.is_empty()).collect();
    let all = reporting.iter().flat_map(|part| &part.readings);
    let bounds: BTreeSet<i64> = all.flat_map(|reading| [reading.starts_at, reading.until()]).collect();
    let bounds: Vec<_> = bounds.into_iter().collect();
    let (mut sums, mut weighted, mut seconds) = (Vec::new(), 0.0, 0);
    for stretch in bounds.windows(2) {
        let power = |part: &&Part<'_>| {
            let before = part.readings.partition_point(|reading| reading.starts_at <= stretch[0]);
            let reading = part.readings[..before].last().filter(|reading| stretch[1] <= reading.until());
            reading.map(|reading| reading.megawatts)
        };
        if let Some(powers) = reporting.iter().map(power).collect::<Option<Vec<_>>>() {
            let sum: f64 = powers.iter().sum();
            sums.push(sum);
            weighted += sum * float(stretch[1] - stretch[0]);
            seconds += stretch[1] - stretch[0];
        }
    }
    let bucket = parts[0].bucket;
    Totals {
        min: sums.iter().copied().reduce(f64::min),
        max: sums.iter().copied().reduce(f64::max),
        mean: (seconds > 0).then(|| weighted / float(seconds)),
        completeness: float(seconds) / float(bucket.until - bucket.from),
    }
}
