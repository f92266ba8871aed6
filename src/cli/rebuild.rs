//! `energy-parks rebuild`: the kept stats against those that the readings give.

use std::process::ExitCode;

use clap::Args;

use super::deed;
use super::out::Out;
use crate::config::Config;
use crate::domain::access::Visibility;
use crate::domain::park::{Park, ParkFilter};
use crate::error::Result;
use crate::storage::{Database, DayStats};

/// Make all stats afresh from the readings and print what differed: nothing, ever. Exit status 1 if anything did.
#[derive(Args, Debug)]
pub struct Rebuild {}

impl Rebuild {
    /// Park by park, each in a transaction of its own, so that a running server's loads wait for one park at most.
    pub async fn run(self, config: &Config) -> anyhow::Result<ExitCode> {
        let database = super::connect(config).await?;
        database.migrate_up(None).await.map_err(super::told)?;
        let mut out = Out::default();
        let rebuilt = rebuild_all(&database, &mut out).await;
        let said =
            |(parks, differences): &(usize, usize)| format!("{parks} parks rebuilt, {differences} days differed");
        let told = deed::told_of(&database, ("rebuild", None), rebuilt, |done| Some(said(done)), super::now());
        let done = told.await?;
        out.line(said(&done));
        out.end()?;
        Ok(if done.1 == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// How many parks there were, and how many of their days differed.
async fn rebuild_all(database: &Database, out: &mut Out) -> Result<(usize, usize)> {
    let parks = database.reads(Visibility::Everything).all_parks(&ParkFilter::default()).await?;
    let mut differences = 0;
    for park in &parks {
        differences += rebuild(database, park, out).await?;
    }
    Ok((parks.len(), differences))
}

/// Prints each local day whose stats were others; how many they were.
async fn rebuild(database: &Database, park: &Park, out: &mut Out) -> Result<usize> {
    let write = database.write().await?;
    // A park that has been deleted in the meantime has no stats to be wrong.
    let Some(park) = write.lock_park(park.id).await? else { return Ok(0) };
    let differences = write.recompute(&park).await?;
    write.commit().await?;
    for difference in &differences {
        let (kept, fresh) = (shown(difference.kept.as_ref()), shown(difference.fresh.as_ref()));
        out.line(format_args!("{} {}: kept {kept}; the readings give {fresh}", park.details.name, difference.date));
    }
    Ok(differences.len())
}

fn shown(stats: Option<&DayStats>) -> String {
    stats.map_or_else(
        || "nothing".into(),
        |DayStats { figures, first_starts_at, last, .. }| {
            format!(
                "count {} minutes {} min {} max {} sum {} energy {} MWh generated {} MWh first at {first_starts_at} last at \
                 {} {} MW",
                figures.count,
                figures.minutes,
                figures.min,
                figures.max,
                figures.sum,
                figures.energy_mwh,
                figures.generated_mwh,
                last.starts_at,
                last.megawatts
            )
        },
    )
}
