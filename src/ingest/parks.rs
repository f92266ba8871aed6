//! Loads of parks.

use std::collections::HashMap;
use std::sync::Arc;

use super::fault::Fault;
use super::ledger::{Entry, Open, new_load};
use super::options::{By, Now, ParkRow, ParksOptions};
use super::park_file::{self, Told};
use super::progress::Progress;
use super::report::Report;
use super::source::{Opened, Source};
use super::table::Table;
use crate::domain::access::Visibility;
use crate::domain::load::{Load, LoadCounts, LoadKind};
use crate::error::{Error, Result};
use crate::storage::{Database, LockedPark};

/// How often a load is begun again when another one makes a park of the same name meanwhile.
const TRIES: u32 = 5;

/// Loads parks and answers with the report; a park that stands is changed where the row tells otherwise.
///
/// Bad rows and bad files are data: they refuse the load. Fails where the file cannot be read or the database fails:
/// then nothing is in, and nothing in the ledger. `Forbidden` to all but staff: who may make parks learns which names
/// are taken.
pub async fn load_parks(
    database: &Database,
    source: Source<ParkRow>,
    options: &ParksOptions,
    by: &By,
    now: &Now,
) -> Result<Load> {
    if by.visibility != Visibility::Everything {
        return Err(Error::Forbidden("parks are made and changed by the staff, not by customers".into()));
    }
    let load = new_load(LoadKind::Parks, source.name(), by, now);
    let (mut report, parks) = tokio::task::spawn_blocking(move || prepare(source)).await.map_err(Error::internal)??;
    let entry = Entry::new(database, load, false, by, now);
    let mut tries = 0;
    let (open, counts) = loop {
        let open = entry.open().await?;
        match lay(&entry, &open, &parks).await {
            Ok(counts) => break (open, counts),
            Err(Error::Conflict(_)) if tries < TRIES => tries += 1,
            Err(error) => return Err(error),
        }
    };
    report.counts.inserted += counts.inserted;
    report.counts.updated += counts.updated;
    report.counts.unchanged += counts.unchanged;
    entry.end(open, report, options.on_error, options.dry_run).await
}

fn prepare(source: Source<ParkRow>) -> Result<(Report, Vec<Told>)> {
    let mut report = Report::default();
    let mut column = "park_name".to_owned();
    let read = match source.open(&Arc::new(Progress::default())) {
        Ok(Opened::Rows(rows)) => park_file::take(&rows, &mut report),
        Ok(Opened::Input(mut input)) => {
            let read = Table::open(input.take_bytes()).and_then(|mut table| {
                let name = table.find("park_name")?.map(|index| table.header()[index].clone());
                column = name.unwrap_or(column.clone());
                park_file::read(&mut table, &mut report)
            });
            match input.digest() {
                Ok(digest) => report.sha256 = Some(digest),
                Err(Fault::Failed(error)) => return Err(error),
                Err(Fault::Refused(_)) => {}
            }
            read
        }
        Err(fault) => Err(fault),
    };
    match read {
        Ok(rows) => {
            let parks = park_file::settle(rows, &column, &mut report);
            Ok((report, parks))
        }
        Err(Fault::Failed(error)) => Err(error),
        Err(Fault::Refused(error)) => {
            report.refuse(error);
            Ok((report, Vec::new()))
        }
    }
}

/// Makes and changes the parks, in the load's transaction.
async fn lay(entry: &Entry<'_>, Open { write, .. }: &Open, parks: &[Told]) -> Result<LoadCounts> {
    let mut counts = LoadCounts::default();
    if parks.is_empty() {
        return Ok(counts);
    }
    let now = (entry.now)();
    let names: Vec<String> = parks.iter().map(|told| told.name().to_owned()).collect();
    let locked = write.lock_parks_by_name(&names).await?;
    let standing: HashMap<&str, &LockedPark> = locked.iter().map(|park| (park.details.name.as_str(), park)).collect();
    for told in parks {
        match standing.get(told.name()) {
            None => {
                write.insert_park(&told.over(None), now).await?;
                counts.inserted += 1;
            }
            Some(park) => {
                let details = told.over(Some(&park.details));
                if details == park.details {
                    counts.unchanged += 1;
                } else {
                    write.update_park(park, &details, now).await?;
                    counts.updated += 1;
                }
            }
        }
    }
    entry.by.still_may_load(write, &[], now).await?;
    Ok(counts)
}
