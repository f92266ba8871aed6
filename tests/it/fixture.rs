//! Parks with readings around every awkward day that the rules name, as plain values, and the way into a database.

use std::fmt::Write as _;
use std::sync::Arc;

use energy_parks::domain::access::Visibility;
use energy_parks::domain::bearer::Bearer;
use energy_parks::domain::chrono::{DateTime, Timelike, Utc};
use energy_parks::domain::chrono_tz::Tz;
use energy_parks::domain::clock::{Clock, Label};
use energy_parks::domain::load::{LoadStatus, OnError};
use energy_parks::ingest::{
    By, ParkRef, ParkRow, ParksOptions, Progress, ReadingRow, ReadingsOptions, Source, load_parks, load_readings,
};
use energy_parks::storage::Database;

use crate::server::now;

/// A park as it was loaded.
pub struct PlainPark {
    pub name: &'static str,
    pub timezone: Tz,
    pub energy_type: &'static str,
    pub capacity_mw: Option<f64>,
    pub interval_minutes: Option<i32>,
    loads: Vec<(Way, Vec<PlainReading>)>,
}

impl PlainPark {
    /// Its readings in the order of time.
    pub fn readings(&self) -> Vec<PlainReading> {
        let mut readings: Vec<_> = self.loads.iter().flat_map(|(_, readings)| readings).copied().collect();
        readings.sort_by_key(|reading| reading.starts_at);
        readings
    }

    /// Whether all its readings come on the park's wall clock.
    pub fn is_on_the_wall_clock(&self) -> bool {
        !self.loads.is_empty() && self.loads.iter().all(|(way, _)| *way == Wall)
    }

    /// Its readings as a file on the park's wall clock.
    pub fn wall_csv(&self) -> String {
        self.wall_csv_of(&self.readings())
    }

    fn wall_csv_of(&self, readings: &[PlainReading]) -> String {
        let row = |reading: &PlainReading| {
            let wall = at(reading.starts_at).with_timezone(&self.timezone).format("%Y-%m-%d %H:%M:%S");
            format!("{wall},{}\n", reading.megawatts)
        };
        format!("datetime,MW\n{}", readings.iter().map(row).collect::<String>())
    }

    /// The width that it is known by once it is loaded: what was told of it, or the width of its first load.
    pub fn width(&self) -> Option<i64> {
        let first_load_s = (self.name == IRREGULAR).then_some(7);
        self.interval_minutes.map(i64::from).or(first_load_s)
    }
}

/// A reading as it was loaded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlainReading {
    pub starts_at: i64,
    pub minutes: i64,
    pub megawatts: f64,
}

impl PlainReading {
    pub fn until(&self) -> i64 {
        self.starts_at + self.minutes * 60
    }
}

/// How readings come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// As values, each with its own width.
    Rows,
    /// As a file on the park's wall clock.
    Wall,
    /// As a file whose stamps label the ends of intervals.
    Ends,
}

use Way::{Ends, Rows, Wall};

/// So many readings from an instant on, of a width in minutes, one every so many seconds.
type Run = (Way, &'static str, i64, i64, i64);

type Spec = (&'static str, &'static str, &'static str, Option<f64>, Option<i32>, &'static [Run]);

const SPECS: &[Spec] = &[
    ("Ruapuke", "Pacific/Auckland", "Wind", Some(43.5), Some(30), &[(Wall, "2025-04-04T11:00:00Z", 147, 30, 1_800)]),
    (
        "Hārapaki \"Nord\"",
        "Pacific/Auckland",
        "Solar",
        Some(12.0),
        Some(15),
        &[
            (Rows, "2025-04-04T20:00:00Z", 24, 30, 1_800),
            (Rows, "2025-04-05T08:00:00Z", 50, 15, 900),
            (Rows, "2025-04-05T20:40:00Z", 30, 5, 300),
        ],
    ),
    (
        "Lord Howe's roof",
        "Australia/Lord_Howe",
        "Solar",
        Some(1.2),
        Some(30),
        &[
            (Wall, "2025-04-05T06:00:00Z", 60, 30, 1_800),
            (Rows, "2025-10-04T10:00:00Z", 80, 5, 300),
            (Rows, "2025-10-04T17:00:00Z", 20, 60, 3_600),
        ],
    ),
    ("काठमाडौँ", "Asia/Kathmandu", "Wind", Some(20.0), Some(60), &[(Rows, "2025-04-03T22:00:00Z", 70, 60, 3_600)]),
    (
        "Kutch ☀️ 🌬",
        "Asia/Kolkata",
        "Solar",
        Some(100.0),
        Some(15),
        &[(Rows, "2025-04-04T12:00:00Z", 40, 15, 900), (Rows, "2025-04-05T01:00:00Z", 30, 60, 3_600)],
    ),
    ("São Pedro", "America/Sao_Paulo", "Wind", Some(30.0), Some(60), &[(Wall, "2018-11-02T03:00:00Z", 96, 60, 3_600)]),
    ("Apia, Upolu", "Pacific/Apia", "Solar", Some(2.5), Some(30), &[(Wall, "2011-12-28T10:00:00Z", 144, 30, 1_800)]),
    ("Волга", "Europe/Volgograd", "Wind", Some(7.0), Some(60), &[(Wall, "2020-12-25T20:00:00Z", 72, 60, 3_600)]),
    ("La Habana\\Este", "America/Havana", "Wind", Some(5.0), Some(15), &[(Wall, "2025-10-31T04:00:00Z", 390, 15, 900)]),
    (
        "IJsselmeer",
        "Europe/Amsterdam",
        "Wind",
        Some(144.0),
        Some(15),
        &[(Wall, "2025-03-28T23:00:00Z", 200, 15, 900), (Wall, "2025-03-31T04:00:00Z", 60, 15, 900)],
    ),
    (
        IRREGULAR,
        "Europe/Amsterdam",
        "Wind",
        None,
        None,
        &[(Rows, "2025-03-29T00:03:17Z", 150, 7, 611), (Rows, "2025-03-30T02:00:00Z", 90, 15, 900)],
    ),
    (
        "Zon & Zo <em>",
        "Europe/Amsterdam",
        "Solar",
        Some(3.3),
        Some(5),
        &[(Ends, "2025-03-28T20:00:00Z", 400, 5, 300), (Rows, "2025-03-31T19:00:00Z", 30, 30, 1_800)],
    ),
    ("Leeg", "Europe/Amsterdam", "Solar", Some(1.0), None, &[]),
    (
        WIDE,
        "Europe/Amsterdam",
        "Wind",
        Some(10.0),
        Some(1_440),
        &[
            (Rows, "2023-12-28T23:00:00Z", 5, 1_440, 86_400),
            (Rows, "2025-02-27T23:00:00Z", 3, 1_440, 86_400),
            (Rows, "2025-03-29T10:10:10Z", 20, 97, 5_820),
        ],
    ),
    ("ﬁrth of Förde", "UTC", "Solar", Some(4.0), Some(15), &[(Rows, "2025-03-30T18:00:00Z", 90, 15, 900)]),
    ("😀 La Habana", "America/Havana", "Wind", Some(0.5), Some(30), &[(Wall, "2025-03-08T05:00:00Z", 100, 30, 1_800)]),
];

/// The park whose readings are wider than an hour.
pub const WIDE: &str = "Etmaal";

/// The park of which no width is told.
const IRREGULAR: &str = "IJsselmeer Zuid";

/// All parks, by name.
pub fn parks() -> Vec<PlainPark> {
    let mut seed = 20_250_406;
    let mut parks: Vec<_> = SPECS
        .iter()
        .map(|(name, timezone, energy_type, capacity_mw, interval_minutes, runs)| PlainPark {
            name,
            timezone: timezone.parse().unwrap(),
            energy_type,
            capacity_mw: *capacity_mw,
            interval_minutes: *interval_minutes,
            loads: runs.iter().map(|run| (run.0, readings(run, *energy_type == "Solar", &mut seed))).collect(),
        })
        .collect();
    parks.sort_by_key(|park| park.name);
    parks
}

/// Thousandths of MW: wind anything, sun by day, and a little drawn at night.
fn readings(&(_, from, count, minutes, step): &Run, is_solar: bool, seed: &mut u64) -> Vec<PlainReading> {
    let from = from.parse::<DateTime<Utc>>().unwrap().timestamp();
    let mut chance = |below: u64| {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((*seed >> 33) % below).unwrap()
    };
    let mut megawatts = |starts_at: i64| {
        let hour = DateTime::from_timestamp(starts_at, 0).unwrap().hour();
        let thousandths = match (is_solar, hour) {
            (true, 18..) if chance(3) == 0 => -f64::from(chance(40)),
            (true, 18..) => 0.0,
            (false, _) if chance(20) == 0 => -f64::from(chance(90)),
            _ => f64::from(chance(4_800)),
        };
        // No negative zero: to the rules it is 0.
        thousandths / 1_000.0 + 0.0
    };
    (0..count)
        .map(|index| from + index * step)
        .map(|starts_at| PlainReading { starts_at, minutes, megawatts: megawatts(starts_at) })
        .collect()
}

/// Loads all parks and readings, and leaves in the ledger a load that was refused and one that skipped all its rows.
pub async fn load(database: &Database) {
    let parks = parks();
    let options = ParksOptions::default();
    let load = load_parks(database, Source::<ParkRow>::csv(csv_of(&parks)), &options, &by(), &clock()).await.unwrap();
    assert_eq!(load.status, LoadStatus::Loaded, "{load:?}");
    for park in &parks {
        for (way, readings) in &park.loads {
            load_run(database, park, *way, readings).await;
        }
    }
    let bad = "datetime,MW\nyesterday,1\n2025-01-01 00:00,much\n2025-01-01 01:00,\n";
    for on_error in [OnError::Abort, OnError::Skip] {
        let options = ReadingsOptions { on_error, ..ReadingsOptions::default() };
        let park = Some(ParkRef::Name("Leeg".into()));
        let source = Source::csv(bad);
        let progress = Arc::new(Progress::default());
        load_readings(database, park.as_ref(), source, &options, &by(), &clock(), &progress).await.unwrap();
    }
}

fn csv_of(parks: &[PlainPark]) -> String {
    let mut csv = "park_name,timezone,energy_type,capacity_mw,latitude,longitude,interval_minutes\n".to_owned();
    for (place, park) in parks.iter().enumerate() {
        // Decomposed, as some systems write it: the same name.
        let name = park.name.replace('ö', "o\u{308}").replace('"', "\"\"");
        let capacity = park.capacity_mw.map(|capacity| capacity.to_string()).unwrap_or_default();
        let interval = park.interval_minutes.map(|minutes| minutes.to_string()).unwrap_or_default();
        let latitude = if place % 3 == 0 { "-52.25" } else { "" };
        let longitude = if place % 3 == 0 { "5.5" } else { "" };
        let (timezone, energy_type) = (park.timezone, park.energy_type.to_uppercase());
        writeln!(csv, "\"{name}\",{timezone},{energy_type},{capacity},{latitude},{longitude},{interval}").unwrap();
    }
    csv
}

async fn load_run(database: &Database, park: &PlainPark, way: Way, readings: &[PlainReading]) {
    let minutes = readings[0].minutes;
    let mut options = ReadingsOptions::default();
    if way != Rows {
        options.interval_minutes = Some(u16::try_from(minutes).unwrap());
    }
    let source = match way {
        Rows => {
            let row = |reading: &PlainReading| ReadingRow {
                park_name: None,
                timestamp: at(reading.starts_at).to_rfc3339(),
                megawatts: reading.megawatts,
                minutes: Some(i32::try_from(minutes).unwrap()),
            };
            Source::Rows(readings.iter().map(row).collect())
        }
        Wall => {
            options.clock = Clock::Park;
            Source::csv(park.wall_csv_of(readings))
        }
        Ends => {
            options.label = Label::End;
            let row = |reading: &PlainReading| format!("{},{}\n", at(reading.until()).to_rfc3339(), reading.megawatts);
            Source::csv(format!("datetime,MW\n{}", readings.iter().map(row).collect::<String>()))
        }
    };
    let of = ParkRef::Name(park.name.to_owned());
    let progress = Arc::new(Progress::default());
    let load = load_readings(database, Some(&of), source, &options, &by(), &clock(), &progress).await.unwrap();
    assert_eq!(load.status, LoadStatus::Loaded, "{load:?}");
    assert_eq!(load.counts.inserted, i64::try_from(readings.len()).unwrap(), "{load:?}");
}

fn at(instant: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(instant, 0).unwrap()
}

fn by() -> By {
    By { name: "olga".into(), visibility: Visibility::Everything, bearer: Bearer::Unending }
}

fn clock() -> energy_parks::ingest::Now {
    Arc::new(now)
}
