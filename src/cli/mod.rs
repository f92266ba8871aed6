//! The command line: one file a command.
//!
//! A command is a clap struct with `async fn run(self, config: &Config) -> anyhow::Result<ExitCode>` and a line in
//! [`Command`]. Exit status: 0 done, 1 it failed or found something, 2 the call itself is wrong.

mod api_key;
mod customer;
mod deed;
mod generate;
mod health;
mod load;
mod migrate;
mod out;
mod rebuild;
mod schema;
mod serve;
mod table;
mod user;
mod wrong;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config::{self, Config};
use crate::domain::chrono::{DateTime, Utc};
use crate::error::Error;
use crate::storage::{Database, Settings};
use crate::telemetry;

/// A GraphQL API server for the readings of wind and solar parks.
#[derive(Parser, Debug)]
#[command(name = "energy-parks", version, propagate_version = true, max_term_width = 110)]
struct CommandLine {
    #[command(flatten)]
    config: Config,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Serve(serve::Serve),
    ApiKey(api_key::ApiKey),
    Customer(customer::Customer),
    Generate(generate::Generate),
    Health(health::Health),
    Load(load::Load),
    Migrate(migrate::Migrate),
    Rebuild(rebuild::Rebuild),
    Schema(schema::Schema),
    User(user::User),
}

/// Runs the command that the process was called with.
pub fn main() -> ExitCode {
    let mut definition = config::ignore_empty(CommandLine::command());
    definition.build();
    let parsed = definition.clone().try_get_matches().and_then(|matches| CommandLine::from_arg_matches(&matches));
    let CommandLine { config, command } = match parsed {
        Ok(line) => line,
        Err(error) => match wrong::setting(&definition, &error) {
            Some(sentence) => return refuse(&sentence),
            None => error.exit(),
        },
    };
    if let Err(sentence) = config.check().and_then(|()| telemetry::start(&config.log, config.log_format)) {
        return refuse(&sentence);
    }
    // Two providers of cryptography are among the dependencies; without a choice the first TLS connection panics.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        tracing::debug!("a provider of cryptography was chosen before");
    }
    let outcome = tokio::runtime::Runtime::new()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(command.run(&config)));
    outcome.unwrap_or_else(|error| {
        // The operator at the command line may see causes, which never reach a client of the API.
        out::note(format_args!("energy-parks: {error:#}"));
        ExitCode::FAILURE
    })
}

fn refuse(sentence: &str) -> ExitCode {
    out::note(format_args!("energy-parks: {sentence}"));
    ExitCode::from(2)
}

impl Command {
    async fn run(self, config: &Config) -> anyhow::Result<ExitCode> {
        match self {
            Self::ApiKey(command) => command.run(config).await,
            Self::Customer(command) => command.run(config).await,
            Self::Generate(command) => command.run(),
            Self::Health(command) => command.run(config).await,
            Self::Load(command) => Box::pin(command.run(config)).await,
            Self::Migrate(command) => command.run(config).await,
            Self::Rebuild(command) => command.run(config).await,
            Self::Schema(_) => schema::Schema::run(),
            Self::Serve(command) => command.run(config).await,
            Self::User(command) => command.run(config).await,
        }
    }
}

/// Connects to the database of the settings.
async fn connect(config: &Config) -> anyhow::Result<Database> {
    let url = config.database_url.reveal().to_owned();
    let settings = Settings { max_connections: config.database_connections, ..Settings::new(url) };
    Database::connect(&settings).await.map_err(told).context("DATABASE_URL (--database-url)")
}

/// The time at which a command runs.
fn now() -> DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "a command begins here; what it calls takes the time as a value")]
    Utc::now()
}

/// An error with its cause, which the one who holds the settings may see.
fn told(error: Error) -> anyhow::Error {
    match error {
        Error::Unavailable(cause) | Error::Internal(cause) => anyhow::Error::msg(cause.to_string()),
        error => error.into(),
    }
}

/// Reads a width such as `15m`, `1h` or `15` in whole minutes, 1 to 1,440.
fn minutes(text: &str) -> Result<u16, String> {
    let (digits, factor) = match text.trim() {
        text if text.ends_with('m') => (text.trim_end_matches('m'), 1),
        text if text.ends_with('h') => (text.trim_end_matches('h'), 60),
        text => (text, 1),
    };
    digits
        .parse::<u16>()
        .ok()
        .and_then(|count| count.checked_mul(factor))
        .filter(|minutes| (1..=crate::domain::reading::MAX_MINUTES).contains(minutes))
        .ok_or_else(|| "is no width between 1m and 24h, such as 15m".into())
}

#[cfg(test)]
mod tests {
    use super::{CommandLine, minutes};
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn a_width_is_read_in_minutes_and_hours() {
        assert_eq!([minutes("15m"), minutes("1h"), minutes("30")], [Ok(15), Ok(60), Ok(30)]);
        for wrong in ["", "0", "25h", "1.5h", "-15m", "15 min", "mm", "65535h"] {
            assert!(minutes(wrong).is_err(), "{wrong}");
        }
    }
}
