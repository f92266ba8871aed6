//! Reports as the operator and scripts read them.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::cli::out::{Out, note};
use crate::domain::chrono::{DateTime, SecondsFormat, Utc};
use crate::domain::load::{Load, LoadCounts, LoadKind, LoadStatus, RowError};
use crate::error::Error;
use crate::graphql::NodeId;
use crate::ingest::By;

/// So many bad rows are shown on a terminal.
const SHOWN: usize = 20;

/// The report of a load that broke off, or for which there is no park.
pub(super) fn broken_off(kind: LoadKind, source: String, error: Error, by: &By, now: DateTime<Utc>) -> Load {
    let status = if matches!(error, Error::NotFound(_)) { LoadStatus::Refused } else { LoadStatus::Failed };
    let reason = format!("{:#}", crate::cli::told(error));
    Load {
        id: Uuid::now_v7(),
        kind,
        status,
        source,
        sha256: None,
        counts: LoadCounts::default(),
        warnings: Vec::new(),
        errors: vec![RowError { line: 0, column: None, value: None, reason }],
        started_at: now,
        finished_at: Some(now),
        by: by.name.clone(),
        customer: by.visibility.customer(),
    }
}

/// The reports as a JSON array, with the fields of the API's `Load`.
pub(super) fn json(reports: &[Load]) -> serde_json::Result<String> {
    serde_json::to_string_pretty(&reports.iter().map(fields).collect::<Vec<_>>())
}

fn fields(load: &Load) -> Value {
    let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let error = |error: &RowError| json!({"line": error.line, "column": error.column, "value": error.value, "reason": error.reason});
    json!({
        "id": NodeId::Load(load.id).id().to_string(),
        "kind": load.kind.as_str(),
        "status": load.status.as_str(),
        "source": load.source,
        "sha256": load.sha256,
        "rowsRead": load.counts.rows_read,
        "inserted": load.counts.inserted,
        "updated": load.counts.updated,
        "unchanged": load.counts.unchanged,
        "rejected": load.counts.rejected,
        "warnings": load.warnings,
        "errors": load.errors.iter().map(error).collect::<Vec<_>>(),
        "startedAt": time(load.started_at),
        "finishedAt": load.finished_at.map(time),
        "by": load.by,
    })
}

/// Prints a report for the operator: what went in to the standard output, what is wrong to the standard error.
pub(super) fn print(load: &Load, out: &mut Out) {
    let source = if load.source == "-" { "standard input" } else { &load.source };
    let LoadCounts { rows_read, inserted, updated, unchanged, rejected } = load.counts;
    let status = match load.status {
        LoadStatus::Loaded => "loaded",
        LoadStatus::Refused => "refused, nothing is in",
        LoadStatus::DryRun => "dry run, nothing is in",
        LoadStatus::Failed => "failed, nothing is in",
        LoadStatus::Running => "running",
    };
    out.line(format_args!(
        "{source}: {status}. {rows_read} rows: {inserted} new, {updated} changed, {unchanged} unchanged, {rejected} rejected."
    ));
    for warning in &load.warnings {
        note(format_args!("{source}: warning: {warning}"));
    }
    for RowError { line, column, value, reason } in load.errors.iter().take(SHOWN) {
        match (column, value) {
            (Some(column), Some(value)) => note(format_args!("{source}: line {line}: {column} {value:?} {reason}")),
            _ if *line > 0 => note(format_args!("{source}: line {line}: {reason}")),
            _ => note(format_args!("{source}: {reason}")),
        }
    }
    if let Some(more) = load.errors.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        note(format_args!("{source}: and {more} more in the report; see --json"));
    }
}
