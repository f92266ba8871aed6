//! Loading parks and readings.

use std::sync::Arc;

use async_graphql::{Context, Enum, InputObject, Object, OneofObject, Upload};

use super::caller::{Caller, app};
use super::load::Load;
use super::park::ParkBy;
use super::park_mutations::{ParkInput, minutes};
use super::parks;
use super::scalars::Clock;
use super::trail::Notes;
use crate::auth;
use crate::domain::access::Scope;
use crate::domain::audit::{Entry, Outcome};
use crate::domain::{clock, load};
use crate::error::{Error, Result};
use crate::ingest::{
    By, ParkRef, ParkRow, ParksOptions, Progress, ReadingRow, ReadingsOptions, Source, begin_readings, load_parks,
    load_readings, run_readings,
};

/// What a timestamp labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "clock::Label")]
pub enum Label {
    /// The start of its interval.
    Start,
    /// The end of its interval.
    End,
}

/// What is done with a time of the park's wall clock that happened twice but stands only once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "clock::Fold")]
pub enum Fold {
    /// The row is rejected.
    Reject,
    /// It is the first of the two.
    Earlier,
    /// It is the second of the two.
    Later,
}

/// What is done about bad rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "load::OnError")]
pub enum OnError {
    /// One bad row and no row is in.
    Abort,
    /// The good rows go in.
    Skip,
}

/// Parks to load: a file, or the same given inline.
#[derive(OneofObject)]
pub enum ParksSource {
    /// A CSV file, packed by gzip or not: `park_name,timezone,energy_type` and, as wanted,
    /// `capacity_mw,latitude,longitude,interval_minutes`.
    File(Upload),
    /// The text of such a file.
    Csv(String),
    /// Rows as values.
    Rows(Vec<ParkInput>),
}

/// Readings to load: a file, or the same given inline.
#[derive(OneofObject)]
pub enum ReadingsSource {
    /// A CSV file, packed by gzip or not: `datetime,MW` (or `datetime,kW`) and, where no park is named, `park_name`.
    File(Upload),
    /// The text of such a file.
    Csv(String),
    /// Rows as values.
    Rows(Vec<ReadingInput>),
}

/// A reading as it is told of.
#[derive(Clone, Debug, InputObject)]
pub struct ReadingInput {
    /// The park's name; needed where the load names none.
    park_name: Option<String>,
    /// Its timestamp, like `2025-04-06T00:00:00Z`; one without an offset is read on the load's clock.
    timestamp: String,
    /// Mean power over the interval in MW.
    megawatts: f64,
    /// The interval's width in minutes, if it is not the load's.
    minutes: Option<i32>,
}

impl From<ReadingInput> for ReadingRow {
    fn from(input: ReadingInput) -> Self {
        let ReadingInput { park_name, timestamp, megawatts, minutes } = input;
        Self { park_name, timestamp, megawatts, minutes }
    }
}

impl From<ParkInput> for ParkRow {
    fn from(input: ParkInput) -> Self {
        Self {
            park_name: input.name,
            timezone: input.timezone.0.name().to_owned(),
            energy_type: crate::domain::park::EnergyType::from(input.energy_type).to_string(),
            capacity_mw: input.capacity_mw,
            latitude: input.latitude,
            longitude: input.longitude,
            interval_minutes: input.interval_minutes,
        }
    }
}

/// Loading parks and readings.
#[derive(Default)]
pub struct LoadMutations;

/// Loading parks and readings.
#[Object]
impl LoadMutations {
    /// Loads parks; one whose name stands is changed. For operators of the staff. Bad rows are in the report, not an error.
    async fn load_parks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The parks.")] source: ParksSource,
        #[graphql(desc = "What is done about bad rows.", default_with = "OnError::Abort")] on_error: OnError,
        #[graphql(desc = "Tell what would be, and load nothing.", default = false)] dry_run: bool,
    ) -> Result<Load> {
        let by = by(ctx)?;
        let source = match source {
            ParksSource::File(upload) => uploaded(ctx, upload)?,
            ParksSource::Csv(text) => Source::csv(text),
            ParksSource::Rows(rows) => Source::Rows(rows.into_iter().map(Into::into).collect()),
        };
        let options = ParksOptions { on_error: on_error.into(), dry_run };
        let app = app(ctx);
        let load = load_parks(&app.database, source, &options, &by, &app.now).await?;
        Notes::load(ctx, &load);
        Ok(Load(load))
    }

    /// Loads readings, of one park or, by the column `park_name`, of several. For operators. Bad rows are in the report, not
    /// an error; `NOT_FOUND` if there is no such park.
    #[expect(clippy::too_many_arguments, reason = "all that a load declares")]
    async fn load_readings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which park all rows are; left out where the rows name theirs.")] park: Option<ParkBy>,
        #[graphql(desc = "The readings.")] source: ReadingsSource,
        #[graphql(desc = "The clock that timestamps without an offset are read on.", default)] clock: Clock,
        #[graphql(desc = "What timestamps label.", default_with = "Label::Start")] label: Label,
        #[graphql(desc = "The width of all rows in minutes, 1 to 1,440; told from the rows where it is left out.")]
        interval_minutes: Option<i32>,
        #[graphql(
            desc = "What is done with a time that happened twice but stands only once.",
            default_with = "Fold::Reject"
        )]
        fold: Fold,
        #[graphql(desc = "What is done about bad rows.", default_with = "OnError::Abort")] on_error: OnError,
        #[graphql(desc = "Tell what would be, and load nothing.", default = false)] dry_run: bool,
        #[graphql(desc = "Answer when it is done; else at once, for `load` to ask after.", default = true)] wait: bool,
    ) -> Result<Load> {
        let by = by(ctx)?;
        let park = match park {
            Some(park) => Some(ParkRef::Id(parks::get(ctx, park).await?.id)),
            None => None,
        };
        let source = match source {
            ReadingsSource::File(upload) => uploaded(ctx, upload)?,
            ReadingsSource::Csv(text) => Source::csv(text),
            ReadingsSource::Rows(rows) => Source::Rows(rows.into_iter().map(Into::into).collect()),
        };
        let options = ReadingsOptions {
            clock: clock.0,
            label: label.into(),
            interval_minutes: interval_minutes.map(minutes).transpose()?,
            fold: fold.into(),
            on_error: on_error.into(),
            dry_run,
        };
        let (app, progress) = (app(ctx).clone(), Arc::new(Progress::default()));
        if wait {
            let load = load_readings(&app.database, park.as_ref(), source, &options, &by, &app.now, &progress).await?;
            Notes::load(ctx, &load);
            return Ok(Load(load));
        }
        let begun = begin_readings(&app.database, park.as_ref(), &source, &by, &app.now).await?;
        let load = begun.load.clone();
        Notes::load(ctx, &load);
        let (background, stop) = (app.background.clone(), app.background.stop());
        let (actor, address) = (Some(by.name), Caller::of(ctx).address);
        background.spawn(async move {
            let load = run_readings(&app.database, begun, source, &options, &app.now, &progress, stop).await;
            // That it was begun is told by the request.
            let (outcome, detail) = Outcome::of_load(&load);
            let entry = auth::entry("loadReadings", outcome, app.now());
            app.audit.enter(Entry { actor, address, detail: Some(detail), ..entry });
        });
        Ok(Load(load))
    }
}

/// Who loads, if the caller may.
pub fn by(ctx: &Context<'_>) -> Result<By> {
    let caller = Caller::of(ctx);
    let visibility = caller.may(Scope::ReadingsWrite)?;
    let principal = caller.principal()?;
    Ok(By { name: principal.name.clone(), visibility, bearer: principal.bearer() })
}

fn uploaded<Row>(ctx: &Context<'_>, upload: Upload) -> Result<Source<Row>> {
    let upload = upload.value(ctx).map_err(Error::internal)?;
    Ok(Source::File { name: upload.filename, file: upload.content })
}
