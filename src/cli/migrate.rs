//! `energy-parks migrate`: the database's schema.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::out::Out;
use crate::config::Config;

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
        match self.direction {
            Direction::Up { steps } => database.migrate_up(steps).await.map_err(super::told)?,
            Direction::Down { steps } => database.migrate_down(Some(steps)).await.map_err(super::told)?,
            Direction::Status => {}
        }
        let mut out = Out::default();
        for step in database.migrate_status().await.map_err(super::told)? {
            out.line(format_args!("{:<8} {}", if step.applied { "applied" } else { "pending" }, step.name));
        }
        out.end()?;
        Ok(ExitCode::SUCCESS)
    }
}
