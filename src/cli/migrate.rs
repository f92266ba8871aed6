//! `energy-parks migrate`: the database's schema.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::deed;
use super::out::Out;
use crate::config::Config;
use crate::storage::Step;

/// Bring the database's schema up or down, or tell how it stands.
#[derive(Args, Debug)]
pub struct Migrate {
    #[command(subcommand)]
    direction: Direction,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Direction {
    /// Apply the steps that are missing.
    Up {
        /// At most so many of them.
        #[arg(long, value_name = "COUNT")]
        steps: Option<u32>,
    },
    /// Take back the last step. What its tables hold is lost.
    Down {
        /// So many of them.
        #[arg(long, value_name = "COUNT", default_value_t = 1)]
        steps: u32,
    },
    /// List the steps: applied or pending.
    Status,
}

impl Migrate {
    /// Does it, then prints how the schema stands.
    pub async fn run(self, config: &Config) -> anyhow::Result<ExitCode> {
        let database = super::connect(config).await?;
        let before = database.migrate_status().await.map_err(super::told)?;
        let ended = match self.direction {
            Direction::Up { steps } => Some(("migrate up", database.migrate_up(steps).await)),
            Direction::Down { steps } => Some(("migrate down", database.migrate_down(Some(steps)).await)),
            Direction::Status => None,
        };
        let after = database.migrate_status().await.map_err(super::told)?;
        if let Some((action, ended)) = ended {
            let changed = changed(&before, &after);
            // A schema without a log, or without one any more, has nowhere to tell it.
            if database.keeps_audit().await.map_err(super::told)? {
                deed::told_of(&database, (action, None), ended, |()| Some(changed), super::now()).await?;
            } else {
                ended.map_err(super::told)?;
                tracing::warn!(action, changed, "the schema has no audit log to tell this");
            }
        }
        let mut out = Out::default();
        for step in after {
            out.line(format_args!("{:<8} {}", if step.applied { "applied" } else { "pending" }, step.name));
        }
        out.end()?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The steps that are not as they were.
fn changed(before: &[Step], after: &[Step]) -> String {
    let others = after.iter().filter(|step| !before.contains(step)).map(|step| step.name.as_str());
    let names: Vec<_> = others.collect();
    if names.is_empty() { "no step".to_owned() } else { names.join(", ") }
}
