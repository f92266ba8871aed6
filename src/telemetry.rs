//! Logs. They go to standard error, so that a command's output can be piped.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// Starts logging for the whole process; `Err` is a sentence about a wrong filter.
pub fn start(filter: &str, format: Option<LogFormat>) -> Result<(), String> {
    let parse = |filter: &str| {
        EnvFilter::try_new(filter).map_err(|cause| format!("RUST_LOG (--log) is no log filter: {cause}"))
    };
    // The migrator says at every start that there is nothing to do.
    let quiet = if filter.contains("sea_orm") { String::new() } else { ",sea_orm_migration=warn".into() };
    let filter = parse(filter).and_then(|_| parse(&format!("{filter}{quiet}")))?;
    let terminal = stderr().is_terminal();
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    // What cannot be logged would be told by a print that panics where the standard error is closed.
    let logs = logs.log_internal_errors(false);
    match format.unwrap_or(if terminal { LogFormat::Text } else { LogFormat::Json }) {
        LogFormat::Text => logs.with_ansi(terminal).try_init(),
        LogFormat::Json => logs.json().flatten_event(true).try_init(),
    }
    .map_err(|cause| cause.to_string())
}
