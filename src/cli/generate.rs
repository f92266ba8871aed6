//! `energy-parks generate`: a made-up portfolio as CSV files.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::Args;

use crate::domain::chrono::{DateTime, NaiveDate, NaiveTime};
use crate::domain::reading::{DAY_SECONDS, EARLIEST, LATEST};
use crate::ingest::portfolio::Portfolio;

/// Write a realistic, made-up portfolio as CSV files: DIR/parks.csv and DIR/readings/<park>.csv.
///
/// The same arguments give the same bytes on every machine. Clock: UTC, each timestamp the start of its interval.
#[derive(Args, Debug)]
pub struct Generate {
    /// The folder to write to; made if missing.
    dir: PathBuf,
    /// How many parks.
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    parks: u32,
    /// How many days of readings.
    #[arg(long, value_name = "N", default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=73_000))]
    days: u32,
    /// The width of a reading: 1m to 24h.
    #[arg(long, value_name = "WIDTH", default_value = "15m", value_parser = super::minutes)]
    interval: u16,
    /// Another seed, another weather.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The first day (UTC).
    #[arg(long, value_name = "DATE", default_value = "2024-01-01")]
    from: NaiveDate,
}

impl Generate {
    /// Writes the files and tells what they hold.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let from = self.from.and_time(NaiveTime::MIN).and_utc().timestamp();
        let until = from + i64::from(self.days) * DAY_SECONDS;
        ensure!(from >= EARLIEST && until <= LATEST, "the days must lie between 1900 and 2100");
        let portfolio = Portfolio { seed: self.seed, parks: self.parks, minutes: self.interval, from, until };
        let folder = self.dir.join("readings");
        fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        write_parks(&self.dir.join("parks.csv"), &portfolio)?;
        let mut rows = 0_u64;
        for (number, park) in (0..).zip(portfolio.parks()) {
            rows += write_readings(&folder.join(format!("{}.csv", park.name)), &portfolio, number)?;
        }
        super::out::line(format_args!("{} parks and {rows} readings written to {}", self.parks, self.dir.display()))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn write_parks(path: &Path, portfolio: &Portfolio) -> anyhow::Result<()> {
    let context = || format!("{} cannot be written", path.display());
    let mut file = create(path)?;
    writeln!(file, "park_name,timezone,energy_type,capacity_mw,latitude,longitude,interval_minutes")
        .with_context(context)?;
    for park in portfolio.parks() {
        let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        let (capacity, latitude) = (number(park.capacity_mw), number(park.latitude));
        let (longitude, minutes) = (number(park.longitude), park.interval_minutes.unwrap_or_default());
        let energy_type = if park.energy_type.as_str() == "WIND" { "Wind" } else { "Solar" };
        let (name, zone) = (park.name, park.timezone.name());
        writeln!(file, "{name},{zone},{energy_type},{capacity},{latitude},{longitude},{minutes}")
            .with_context(context)?;
    }
    file.flush().with_context(context)
}

/// Returns how many.
fn write_readings(path: &Path, portfolio: &Portfolio, number: u32) -> anyhow::Result<u64> {
    let context = || format!("{} cannot be written", path.display());
    let mut file = create(path)?;
    let mut rows = 0;
    writeln!(file, "datetime,MW").with_context(context)?;
    for reading in portfolio.readings(number) {
        let at = DateTime::from_timestamp(reading.starts_at, 0).context("an instant is out of range")?;
        writeln!(file, "{},{:.3}", at.format("%Y-%m-%dT%H:%M:%SZ"), reading.megawatts).with_context(context)?;
        rows += 1;
    }
    file.flush().with_context(context)?;
    Ok(rows)
}

fn create(path: &Path) -> anyhow::Result<BufWriter<File>> {
    let file = File::create(path).with_context(|| format!("{} cannot be made", path.display()))?;
    Ok(BufWriter::with_capacity(1 << 20, file))
}
