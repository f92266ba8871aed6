//! The ledger of loads.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entity::load::{Column, Entity, Model};
use super::fault::broken;
use super::instant::{from_micros, to_micros};
use super::reads::Reads;
use super::write::Write;
use crate::domain::access::{CustomerId, Visibility};
use crate::domain::chrono::{DateTime, TimeDelta, Utc};
use crate::domain::load::{Load, LoadCounts, LoadKind, LoadStatus, RowError};
use crate::domain::range::Page;
use crate::error::{Error, Result};

/// A load at work tells so by its heartbeat; one silent for longer broke off with its process.
const SILENCE: TimeDelta = TimeDelta::seconds(60);

impl Write {
    /// Enters a load.
    pub async fn insert_load(&self, load: &Load, now: DateTime<Utc>) -> Result<()> {
        Entity::insert(row(load, now)?.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Puts a load's row to how it stands now: its progress, or its end. Fails with `NotFound` where it is not entered.
    pub async fn update_load(&self, load: &Load, now: DateTime<Utc>) -> Result<()> {
        let changed = row(load, now)?.into_active_model().reset_all();
        match changed.update(self.connection()).await {
            Err(sea_orm::DbErr::RecordNotUpdated) => Err(Error::not_found("there is no such load")),
            other => Ok(other.map(drop)?),
        }
    }

    /// Puts a load's row to its end, unless it has ended: a commit that was under way may have come first. Whether it was.
    pub async fn end_running_load(&self, load: &Load, now: DateTime<Utc>) -> Result<bool> {
        let changed = row(load, now)?.into_active_model().reset_all();
        let running = Entity::update_many()
            .set(changed)
            .filter(Column::Id.eq(load.id))
            .filter(Column::Status.eq(LoadStatus::Running.as_str()));
        let outcome = running.exec(self.connection()).await?;
        Ok(outcome.rows_affected > 0)
    }
}

impl Reads {
    /// A load as it stands; `None` where it is not there, or not for the caller: a customer's callers see the loads of
    /// their own.
    pub async fn find_load(&self, id: Uuid, now: DateTime<Utc>) -> Result<Option<Load>> {
        let Some(select) = self.select_loads() else { return Ok(None) };
        let found = select.filter(Column::Id.eq(id)).one(&self.connection().await?).await?;
        found.map(|row| load(row, now)).transpose()
    }

    /// A page of the ledger, newest first.
    pub async fn loads(&self, page: &Page<Uuid>, now: DateTime<Utc>) -> Result<Vec<Load>> {
        let Some(mut select) = self.select_loads() else { return Ok(Vec::new()) };
        if let Some(after) = page.after {
            select = select.filter(Column::Id.lt(after));
        }
        if let Some(before) = page.before {
            select = select.filter(Column::Id.gt(before));
        }
        select = if page.from_end { select.order_by_asc(Column::Id) } else { select.order_by_desc(Column::Id) };
        let found = select.limit(page.limit).all(&self.connection().await?).await?;
        let mut loads = found.into_iter().map(|row| load(row, now)).collect::<Result<Vec<_>>>()?;
        if page.from_end {
            loads.reverse();
        }
        Ok(loads)
    }

    /// How many loads the ledger holds.
    pub async fn load_count(&self) -> Result<i64> {
        let Some(select) = self.select_loads() else { return Ok(0) };
        i64::try_from(select.count(&self.connection().await?).await?).map_err(broken)
    }

    /// The loads that the caller may see; `None` of none.
    fn select_loads(&self) -> Option<Select<Entity>> {
        match self.visibility() {
            Visibility::Everything => Some(Entity::find()),
            Visibility::Customer(customer) => Some(Entity::find().filter(Column::CustomerId.eq(customer.0))),
            Visibility::Nothing => None,
        }
    }
}

/// A row error as the ledger's JSON has it.
#[derive(Serialize, Deserialize)]
struct ErrorEntry {
    line: i64,
    column: Option<String>,
    value: Option<String>,
    reason: String,
}

/// PostgreSQL keeps no NUL in text; a file's cells may hold one.
fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn row(load: &Load, now: DateTime<Utc>) -> Result<Model> {
    let entry = |error: &RowError| ErrorEntry {
        line: error.line,
        column: error.column.clone(),
        value: error.value.clone(),
        reason: error.reason.clone(),
    };
    let entries: Vec<ErrorEntry> = load.errors.iter().map(entry).collect();
    Ok(Model {
        id: load.id,
        kind: load.kind.as_str().to_owned(),
        status: load.status.as_str().to_owned(),
        source: clean(&load.source),
        sha256: load.sha256.clone(),
        rows_read: load.counts.rows_read,
        inserted: load.counts.inserted,
        updated: load.counts.updated,
        unchanged: load.counts.unchanged,
        rejected: load.counts.rejected,
        warnings: serde_json::to_string(&load.warnings).map_err(Error::internal)?,
        errors: serde_json::to_string(&entries).map_err(Error::internal)?,
        started_at: to_micros(load.started_at),
        heartbeat_at: to_micros(now),
        finished_at: load.finished_at.map(to_micros),
        by: clean(&load.by),
        customer_id: load.customer.map(|customer| customer.0),
    })
}

fn load(row: Model, now: DateTime<Utc>) -> Result<Load> {
    let kinds = [LoadKind::Parks, LoadKind::Readings, LoadKind::Deletion];
    let states = [LoadStatus::Running, LoadStatus::Loaded, LoadStatus::Refused, LoadStatus::DryRun, LoadStatus::Failed];
    let kind = kinds.into_iter().find(|kind| kind.as_str() == row.kind).ok_or_else(|| broken("a load's kind"))?;
    let kept = states.into_iter().find(|state| state.as_str() == row.status).ok_or_else(|| broken("a load's state"))?;
    let heartbeat_at = from_micros(row.heartbeat_at)?;
    let broke_off = kept == LoadStatus::Running && now - heartbeat_at > SILENCE;
    let entries: Vec<ErrorEntry> = serde_json::from_str(&row.errors).map_err(broken)?;
    let error = |entry: ErrorEntry| RowError {
        line: entry.line,
        column: entry.column,
        value: entry.value,
        reason: entry.reason,
    };
    let mut errors: Vec<_> = entries.into_iter().map(error).collect();
    if broke_off && errors.is_empty() {
        let reason = "the process that loaded it ended before the load did; load it again".to_owned();
        errors.push(RowError { line: 0, column: None, value: None, reason });
    }
    Ok(Load {
        id: row.id,
        kind,
        status: if broke_off { LoadStatus::Failed } else { kept },
        source: row.source,
        sha256: row.sha256,
        counts: LoadCounts {
            rows_read: row.rows_read,
            inserted: row.inserted,
            updated: row.updated,
            unchanged: row.unchanged,
            rejected: row.rejected,
        },
        warnings: serde_json::from_str(&row.warnings).map_err(broken)?,
        errors,
        started_at: from_micros(row.started_at)?,
        finished_at: if broke_off { Some(heartbeat_at) } else { row.finished_at.map(from_micros).transpose()? },
        by: row.by,
        customer: row.customer_id.map(CustomerId),
    })
}
