//! `energy-parks schema`: the API's contract as text.

use std::process::ExitCode;

use clap::Args;

use crate::graphql;

/// Print the GraphQL schema (SDL), as schema.graphql keeps it.
#[derive(Args, Debug)]
pub struct Schema {}

impl Schema {
    /// Prints it.
    pub fn run() -> anyhow::Result<ExitCode> {
        super::out::text(graphql::sdl())?;
        Ok(ExitCode::SUCCESS)
    }
}
