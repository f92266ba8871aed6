//! R23: files in random order, unsorted and overlapping, over days on which clocks change, leave what a plain list of
//! readings holds when they are laid into it one by one.

use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{Rng as _, SeedableRng as _};

use super::Source;
use super::testing::{Site, counts};
use crate::domain::chrono::{DateTime, FixedOffset, NaiveDateTime, Offset as _, TimeZone as _};
use crate::domain::chrono_tz::Tz;
use crate::domain::clock::{Clock, Label};
use crate::domain::load::{LoadStatus, OnError};
use crate::domain::reading::Reading;
use crate::error::Result;
use crate::storage::testing::{assert_holds, everywhere, lay};

/// Zones, and a UTC date around which their clocks change or their days are odd.
const DAYS: [(&str, &str); 10] = [
    ("Pacific/Auckland", "2025-04-05"),
    ("Pacific/Auckland", "2025-09-27"),
    ("Australia/Lord_Howe", "2025-04-05"),
    ("Australia/Lord_Howe", "2025-10-04"),
    ("Asia/Kathmandu", "2025-03-30"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Sao_Paulo", "2018-02-18"),
    ("Pacific/Apia", "2011-12-30"),
    ("Europe/Volgograd", "2020-12-26"),
    ("America/Havana", "2024-11-03"),
];

/// So many random histories a zone and database.
const CASES: u64 = 6;

#[tokio::test]
async fn random_files_in_random_order_leave_what_a_plain_list_holds() -> Result<()> {
    everywhere(async |database| {
        for (number, (zone, date)) in (0..).zip(DAYS) {
            for case in 0..CASES {
                let seed = number * 1_000 + case;
                let mut random = StdRng::seed_from_u64(seed);
                let name = format!("{zone} {date} {seed}");
                let mut site = Site { database: database.clone(), options: super::ReadingsOptions::default() };
                let id = site.park(&name, zone).await?;
                let mut standing = Vec::new();
                for load in 0..random.random_range(2..6) {
                    let file = File::random(&mut random, zone.parse().unwrap(), date);
                    site.options.clock = file.clock;
                    site.options.label = file.label;
                    site.options.interval_minutes = Some(file.minutes);
                    site.options.on_error = OnError::Skip;
                    let loaded = site.load_source(Some(&name), Source::csv(file.csv.clone())).await?;
                    let told = format!("{name}, load {load}: {file:?}\n{loaded:?}");
                    assert_eq!(loaded.status, LoadStatus::Loaded, "{told}");
                    assert_eq!(counts(&loaded), file.lay(&mut standing), "{told}");
                    assert_eq!(site.readings(&name).await?, standing, "{told}");
                }
                assert_holds(&site.database, id, &standing).await?;
            }
        }
        Ok(())
    })
    .await
}

/// A file, and what it means.
#[derive(Debug)]
struct File {
    csv: String,
    clock: Clock,
    label: Label,
    minutes: u16,
    /// In order.
    readings: Vec<Reading>,
    repeats: i64,
    rejected: i64,
}

impl File {
    /// Stretches of rows within three days around the date, as a clock that is chrono-tz's alone shows them.
    fn random(random: &mut StdRng, zone: Tz, date: &str) -> Self {
        let label = *[Label::Start, Label::End].choose(random).unwrap();
        let clock = *[Clock::Utc, Clock::Park, Clock::Park, Clock::Offset(34_200)].choose(random).unwrap();
        let minutes = *[5, 15, 30, 60].choose(random).unwrap();
        let width = i64::from(minutes) * 60;
        let noon = format!("{date}T12:00:00Z").parse::<DateTime<FixedOffset>>().unwrap().timestamp();
        let mut labels = BTreeSet::new();
        for _ in 0..random.random_range(1..4) {
            let first = noon - 129_600 + random.random_range(0..259_200) / width * width;
            labels.extend((0..random.random_range(1..60)).map(|step| first + step * width));
        }
        if clock == Clock::Park {
            // A time that came twice and stands once would be a matter of policy.
            let all: Vec<i64> = labels.iter().copied().collect();
            labels.retain(|label| twins(zone, *label).iter().all(|twin| all.contains(twin)));
        }
        if labels.is_empty() {
            labels.insert(noon - 7 * 86_400);
        }
        let rows: BTreeMap<i64, f64> =
            labels.into_iter().map(|label| (label, f64::from(random.random_range(-500..50_000)) / 1_000.0)).collect();
        Self::write(random, zone, rows, (clock, label, minutes))
    }

    fn write(
        random: &mut StdRng,
        zone: Tz,
        rows: BTreeMap<i64, f64>,
        (clock, label, minutes): (Clock, Label, u16),
    ) -> Self {
        let shift = if label == Label::End { i64::from(minutes) * 60 } else { 0 };
        let mut order: Vec<i64> = order(random, zone, rows.keys().copied().collect(), clock);
        let mut bad = BTreeSet::new();
        let mut repeats = 0;
        let mut lines: Vec<(i64, f64)> = order.drain(..).map(|at| (at, rows[&at])).collect();
        if clock != Clock::Park {
            for _ in 0..random.random_range(0..4) {
                let (at, megawatts) = *lines.choose(random).unwrap();
                if random.random_bool(0.5) {
                    bad.insert(at);
                    lines.push((at, megawatts + 1.0));
                } else {
                    lines.push((at, megawatts));
                }
            }
            lines.shuffle(random);
            repeats = lines.iter().filter(|(at, _)| !bad.contains(at)).count() - (rows.len() - bad.len());
        }
        let rejected = lines.iter().filter(|(at, _)| bad.contains(at)).count();
        let text =
            |(at, megawatts): &(i64, f64)| format!("{},{megawatts}\n", wall(zone, clock, *at).format("%Y-%m-%d %H:%M"));
        let csv = format!("datetime,MW\n{}", lines.iter().map(text).collect::<Vec<_>>().concat());
        let readings = rows
            .into_iter()
            .filter(|(at, _)| !bad.contains(at))
            .map(|(at, megawatts)| Reading { starts_at: at - shift, minutes, megawatts })
            .collect();
        let count = |count: usize| i64::try_from(count).unwrap();
        Self { csv, clock, label, minutes, readings, repeats: count(repeats), rejected: count(rejected) }
    }

    /// Lays the readings one by one over those that stand; inserted, updated, unchanged, rejected.
    fn lay(&self, standing: &mut Vec<Reading>) -> [i64; 4] {
        let mut counts = [0, 0, self.repeats, self.rejected];
        for new in &self.readings {
            let over: Vec<Reading> = standing.iter().copied().filter(|old| old.overlaps(new)).collect();
            counts[if over.is_empty() { 0 } else { 1 + usize::from(over == [*new]) }] += 1;
            lay(standing, std::slice::from_ref(new));
        }
        counts
    }
}

/// The order of the rows in the file. On a wall clock, times that came twice keep the direction of the file.
fn order(random: &mut StdRng, zone: Tz, mut labels: Vec<i64>, clock: Clock) -> Vec<i64> {
    if clock != Clock::Park {
        return labels;
    }
    let is_fold = |label: &i64| !twins(zone, *label).is_empty();
    let folds: Vec<i64> = labels.iter().copied().filter(is_fold).collect();
    let backwards = random.random_bool(0.5);
    if folds.len() > 4 || folds.is_empty() {
        labels.shuffle(random);
        let mut in_order = folds.into_iter();
        for label in &mut labels {
            if is_fold(label) {
                *label = in_order.next().unwrap();
            }
        }
    }
    if backwards {
        labels.reverse();
    }
    labels
}

/// The other instants at which the wall clock showed the same.
fn twins(zone: Tz, instant: i64) -> Vec<i64> {
    let local = zone.from_local_datetime(&wall(zone, Clock::Park, instant));
    [local.earliest(), local.latest()]
        .into_iter()
        .flatten()
        .map(|time| time.timestamp())
        .filter(|twin| *twin != instant)
        .collect()
}

/// What a clock shows, by chrono-tz alone.
fn wall(zone: Tz, clock: Clock, instant: i64) -> NaiveDateTime {
    let utc = DateTime::from_timestamp(instant, 0).unwrap().naive_utc();
    let seconds = match clock {
        Clock::Utc => 0,
        Clock::Offset(offset) => offset,
        Clock::Park => zone.offset_from_utc_datetime(&utc).fix().local_minus_utc(),
    };
    DateTime::from_timestamp(instant + i64::from(seconds), 0).unwrap().naive_utc()
}
