//! `energy-parks load`: parks and readings from CSV files.

mod bar;
mod files;
mod told;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};

use super::deed;
use super::out::Out;
use crate::config::Config;
use crate::domain::access::Visibility;
use crate::domain::audit::COMMAND_LINE;
use crate::domain::bearer::Bearer;
use crate::domain::clock::{Clock, Fold, Label};
use crate::domain::load::{Load as Report, LoadStatus, OnError};
use crate::ingest::{By, Now, ParkRef, ParksOptions, Progress, ReadingsOptions, Source, load_parks, load_readings};
use crate::storage::Database;

/// Load parks or readings from CSV files, packed by gzip or not.
///
/// Each file is a load of its own: all of it goes in, or nothing. Exit status: 0 all files are loaded, 1 one was refused
/// or failed, 2 the call is wrong. A running server sees the data at once.
#[derive(Args, Debug)]
pub struct Load {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::doc_markdown, reason = "the help of the command line is plain text")]
enum What {
    /// Load parks: park_name,timezone,energy_type and, as wanted, capacity_mw,latitude,longitude,interval_minutes.
    ///
    /// A park that stands is changed where its row tells otherwise; cells and columns left out change nothing.
    Parks {
        /// The file; - is standard input.
        file: PathBuf,
        #[command(flatten)]
        rules: Rules,
    },
    /// Load readings: datetime,MW or datetime,kW.
    ///
    /// A folder is loaded file by file, each <park>.csv or <park>.csv.gz of it.
    Readings {
        /// The file or folder; - is standard input.
        file: PathBuf,
        /// The park that the rows are of; left out where the file has a column park_name, and of a folder.
        #[arg(long, value_name = "NAME")]
        park: Option<String>,
        /// The clock of timestamps without an offset: utc, park (the park's wall clock), or an offset like +10:00.
        #[arg(long, default_value = "utc", allow_hyphen_values = true)]
        clock: Clock,
        /// What a timestamp labels of its interval.
        #[arg(long, default_value = "start", ignore_case = true)]
        #[arg(value_parser = PossibleValuesParser::new(["start", "end"]).try_map(|label| label.parse::<Label>()))]
        label: Label,
        /// The width of all intervals, like 15m or 1h; inferred where it is left out.
        #[arg(long, value_name = "WIDTH", value_parser = super::minutes)]
        interval: Option<u16>,
        /// What is done with a wall-clock time that happened twice but stands once.
        #[arg(long, default_value = "reject", ignore_case = true)]
        #[arg(value_parser = PossibleValuesParser::new(["reject", "earlier", "later"]).try_map(|fold| fold.parse::<Fold>()))]
        fold: Fold,
        #[command(flatten)]
        rules: Rules,
    },
}

/// What parks and readings have in common.
#[derive(Args, Clone, Copy, Debug)]
struct Rules {
    /// What is done about bad rows: refuse the file, or leave them out.
    #[arg(long, default_value = "abort", ignore_case = true)]
    #[arg(value_parser = PossibleValuesParser::new(["abort", "skip"]).map(|word| on_error(&word)))]
    on_error: OnError,
    /// Tell what would be, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Print the reports as a JSON array, one a file.
    #[arg(long)]
    json: bool,
}

fn on_error(word: &str) -> OnError {
    if word.eq_ignore_ascii_case("skip") { OnError::Skip } else { OnError::Abort }
}

impl Load {
    /// Loads and tells.
    pub async fn run(self, config: &Config) -> anyhow::Result<ExitCode> {
        let rules = match &self.what {
            What::Parks { rules, .. } | What::Readings { rules, .. } => *rules,
        };
        let files = match self.what.files() {
            Ok(files) => files,
            Err(sentence) => return Ok(super::refuse(&sentence)),
        };
        let database = super::connect(config).await?;
        database.migrate_up(None).await.map_err(super::told)?;
        let now: Now = Arc::new(super::now);
        let by = By { name: COMMAND_LINE.into(), visibility: Visibility::Everything, bearer: Bearer::Unending };
        let (mut out, mut reports) = (Out::default(), Vec::with_capacity(files.len()));
        for (file, park) in files {
            let report = Box::pin(self.what.load(&database, file, park.clone(), &by, &now)).await;
            deed::loaded(&database, self.what.action(), park.as_deref(), &report, now()).await;
            if !rules.json {
                told::print(&report, &mut out);
            }
            reports.push(report);
        }
        if rules.json {
            out.line(told::json(&reports)?);
        }
        // The exit status is that of the loads, whoever reads of them.
        if let Err(fault) = out.end() {
            super::out::note(format_args!("energy-parks: {fault:#}"));
        }
        let is_done = |report: &Report| matches!(report.status, LoadStatus::Loaded | LoadStatus::DryRun);
        Ok(if reports.iter().all(is_done) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

impl What {
    /// How the audit log calls it.
    fn action(&self) -> &'static str {
        match self {
            Self::Parks { .. } => "load parks",
            Self::Readings { .. } => "load readings",
        }
    }

    /// The files, each with the park it is of; a sentence where the call is wrong.
    fn files(&self) -> Result<Vec<(PathBuf, Option<String>)>, String> {
        match self {
            Self::Parks { file, .. } => Ok(vec![(file.clone(), None)]),
            Self::Readings { file, park, .. } if file.is_dir() => match park {
                Some(_) => Err("--park is for one file: in a folder each file has the name of its park".into()),
                None => files::of_folder(file),
            },
            Self::Readings { file, park, .. } => Ok(vec![(file.clone(), park.clone())]),
        }
    }

    /// Loads one file; what breaks off is told as a report too.
    async fn load(&self, database: &Database, file: PathBuf, park: Option<String>, by: &By, now: &Now) -> Report {
        match self {
            Self::Parks { rules, .. } => {
                let source = source(file);
                let name = source.name();
                let options = ParksOptions { on_error: rules.on_error, dry_run: rules.dry_run };
                let loaded = load_parks(database, source, &options, by, now).await;
                loaded.unwrap_or_else(|error| {
                    told::broken_off(crate::domain::load::LoadKind::Parks, name, error, by, now())
                })
            }
            Self::Readings { clock, label, interval, fold, rules, .. } => {
                let source = source(file);
                let name = source.name();
                let options = ReadingsOptions {
                    clock: *clock,
                    label: *label,
                    interval_minutes: *interval,
                    fold: *fold,
                    on_error: rules.on_error,
                    dry_run: rules.dry_run,
                };
                let progress = Arc::new(Progress::default());
                let park = park.map(ParkRef::Name);
                let load = load_readings(database, park.as_ref(), source, &options, by, now, &progress);
                let loaded = bar::shown(&name, &progress, Box::pin(load)).await;
                loaded.unwrap_or_else(|error| {
                    told::broken_off(crate::domain::load::LoadKind::Readings, name, error, by, now())
                })
            }
        }
    }
}

fn source<Row>(file: PathBuf) -> Source<Row> {
    if file.as_os_str() == "-" { Source::Stdin } else { Source::Path(file) }
}
