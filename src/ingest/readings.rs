//! Loads of readings.

use std::sync::Arc;

use super::fault::Fault;
use super::intake::{Intake, Parks};
use super::ledger::{Entry, enter, fail, new_load};
use super::options::{By, Now, ParkRef, ReadingRow, ReadingsOptions};
use super::park_rows::Good;
use super::progress::Progress;
use super::report::Report;
use super::source::{Opened, Source};
use super::table::Table;
use crate::domain::clock::Clock;
use crate::domain::load::{Load, LoadKind};
use crate::domain::park::{ParkDetails, ParkFilter, ParkId};
use crate::domain::reading::Reading;
use crate::error::{Error, Result};
use crate::storage::{Database, LockedPark, Write};

/// So many readings are laid into the database at a time, and those of the last one's day.
const CHUNK: usize = 100_000;

/// Loads readings and answers with the report. Bad rows and bad files are data: they refuse the load.
///
/// Fails with `NotFound` where there is no such park for the loader, and where the file cannot be read or the database
/// fails: then nothing is in, and nothing in the ledger.
pub async fn load_readings(
    database: &Database,
    park: Option<&ParkRef>,
    source: Source<ReadingRow>,
    options: &ReadingsOptions,
    by: &By,
    now: &Now,
    progress: &Arc<Progress>,
) -> Result<Load> {
    let load = new_load(LoadKind::Readings, source.name(), by, now);
    let parks = parks(database, park, by).await?;
    work(&Entry::new(database, load, false, by, now), parks, source, options, progress).await
}

/// A load that stands in the ledger as running, for [`run_readings`] to do.
pub struct Begun {
    /// How it stands.
    pub load: Load,
    parks: Parks,
    by: By,
}

/// Enters a load of readings in the ledger as running. Fails with `NotFound` where there is no such park.
pub async fn begin_readings(
    database: &Database,
    park: Option<&ParkRef>,
    source: &Source<ReadingRow>,
    by: &By,
    now: &Now,
) -> Result<Begun> {
    let parks = parks(database, park, by).await?;
    let load = new_load(LoadKind::Readings, source.name(), by, now);
    enter(database, &load, now).await?;
    Ok(Begun { load, parks, by: by.clone() })
}

/// Does a load that was begun, and enters every few seconds how far it is; how it ended, whatever happened. When
/// `stop` comes it leaves nothing behind and ends as failed.
pub async fn run_readings(
    database: &Database,
    begun: Begun,
    source: Source<ReadingRow>,
    options: &ReadingsOptions,
    now: &Now,
    progress: &Arc<Progress>,
    stop: impl Future<Output = ()>,
) -> Load {
    let Begun { load, parks, by } = begun;
    let entry = Entry::new(database, load.clone(), true, &by, now);
    let outcome = tokio::select! {
        outcome = work(&entry, parks, source, options, progress) => outcome,
        () = stop => Err(Error::Conflict("the server was stopped before the load was done; load it again".into())),
    };
    match outcome {
        Ok(load) => load,
        Err(error) => fail(database, load, &error, now).await,
    }
}

/// The parks that rows may be of. A load that names no park may be of any that exist for the loader.
async fn parks(database: &Database, park: Option<&ParkRef>, by: &By) -> Result<Parks> {
    let reads = database.reads(by.visibility);
    let found = match park {
        None => return Ok(Parks::Named(reads.all_parks(&ParkFilter::default()).await?)),
        Some(ParkRef::Id(id)) => reads.parks_by_id(&[*id]).await?.pop(),
        Some(ParkRef::Name(name)) => match crate::domain::text::name(name) {
            Ok(name) => reads.park_by_name(&name).await?,
            Err(_) => None,
        },
    };
    found.map(|park| Parks::One(Box::new(park))).ok_or_else(|| match park {
        Some(ParkRef::Name(name)) => Error::not_found(format!("there is no park named {name}")),
        _ => Error::not_found("there is no such park"),
    })
}

async fn work(
    entry: &Entry<'_>,
    parks: Parks,
    source: Source<ReadingRow>,
    options: &ReadingsOptions,
    progress: &Arc<Progress>,
) -> Result<Load> {
    let (declared, own_progress) = (*options, Arc::clone(progress));
    let load = async {
        let prepared = tokio::task::spawn_blocking(move || prepare(parks, source, &declared, &own_progress));
        let (mut report, parks) = prepared.await.map_err(Error::internal)??;
        let open = entry.open().await?;
        if !parks.is_empty() {
            lay(entry, &open.write, parks, options, progress, &mut report).await?;
        }
        entry.end(open, report, options.on_error, options.dry_run).await
    };
    // Large, since it holds what a transaction needs: not on every caller's stack.
    entry.watch(progress, Box::pin(load)).await
}

/// Reads a source to its end and makes its rows ready: all that needs no database.
fn prepare(
    parks: Parks,
    source: Source<ReadingRow>,
    options: &ReadingsOptions,
    progress: &Arc<Progress>,
) -> Result<(Report, Vec<Good>)> {
    let mut intake = Intake::new(parks, options, progress);
    let mut column = "datetime".to_owned();
    let mut sha256 = None;
    let read = match source.open(progress) {
        Ok(Opened::Rows(rows)) => {
            "timestamp".clone_into(&mut column);
            intake.take(&rows)
        }
        Ok(Opened::Input(mut input)) => {
            let read = Table::open(input.take_bytes()).and_then(|mut table| {
                let name = table.find("datetime")?.map(|index| table.header()[index].clone());
                column = name.unwrap_or(column.clone());
                intake.read(&mut table)
            });
            sha256 = input.digest().map(Some).or_else(failure)?;
            read
        }
        Err(fault) => Err(fault),
    };
    let (mut report, parks) = match read {
        Ok(()) => intake.settle(&column),
        Err(Fault::Failed(error)) => return Err(error),
        Err(Fault::Refused(error)) => {
            intake.report.refuse(error);
            (intake.report, Vec::new())
        }
    };
    report.sha256 = sha256;
    Ok((report, parks))
}

fn failure<T>(fault: Fault) -> Result<Option<T>> {
    match fault {
        Fault::Refused(_) => Ok(None),
        Fault::Failed(error) => Err(error),
    }
}

/// Lays the good rows into the database, in the load's transaction.
async fn lay(
    entry: &Entry<'_>,
    write: &Write,
    parks: Vec<Good>,
    options: &ReadingsOptions,
    progress: &Progress,
    report: &mut Report,
) -> Result<()> {
    let ids: Vec<ParkId> = parks.iter().map(|good| good.park.id).collect();
    let mut locked = write.lock_parks(&ids).await?.into_iter();
    for good in parks {
        let park = locked.find(|park| park.id == good.park.id);
        let park = park.ok_or_else(|| changed(&good, "deleted"))?;
        if options.clock == Clock::Park && park.details.timezone != good.park.details.timezone {
            return Err(changed(&good, "moved to another time zone"));
        }
        lay_park(entry, write, &park, &good, progress, report).await?;
    }
    entry.by.still_may_load(write, &ids, (entry.now)()).await
}

fn changed(good: &Good, how: &str) -> Error {
    Error::Conflict(format!("the park {} was {how} while the file was read; load it again", good.park.details.name))
}

async fn lay_park(
    entry: &Entry<'_>,
    write: &Write,
    park: &LockedPark,
    good: &Good,
    progress: &Progress,
    report: &mut Report,
) -> Result<()> {
    let now = (entry.now)();
    let mut readings = good.readings().peekable();
    let mut chunk: Vec<Reading> = Vec::new();
    while readings.peek().is_some() {
        chunk.clear();
        while let Some(reading) = readings.next_if(|next| {
            // A chunk ends with a day, so that no block is written twice.
            chunk.len() < CHUNK || chunk.last().is_some_and(|last| last.day() == next.day())
        }) {
            chunk.push(reading);
        }
        let counts = write.merge_readings(park, &chunk, entry.id(), now).await?;
        report.counts.inserted += counts.inserted;
        report.counts.updated += counts.updated;
        report.counts.unchanged += counts.unchanged;
        progress.add_rows_written(chunk.len());
    }
    if park.details.interval_minutes.is_none()
        && let Some(minutes) = good.usual_minutes()
    {
        let details = ParkDetails { interval_minutes: Some(minutes), ..park.details.clone() };
        write.update_park(park, &details, now).await?;
    }
    Ok(())
}
