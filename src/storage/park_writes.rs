//! Parks made and changed.

use sea_orm::{ActiveModelTrait, ActiveValue, EntityTrait, SqlErr};

use super::entity::park::{ActiveModel, Entity};
use super::fault::broken;
use super::instant::to_micros;
use super::park_locks::LockedPark;
use super::write::Write;
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::park::{Park, ParkDetails, ParkId};
use crate::domain::text::fold_case;
use crate::domain::zone::Zone;
use crate::error::{Error, Result};

impl Write {
    /// Makes a park, which is locked thereby. Fails with `Invalid` where the details do not check, with `Conflict`
    /// where the name is taken.
    pub async fn insert_park(&self, details: &ParkDetails, now: DateTime<Utc>) -> Result<LockedPark> {
        check(details)?;
        self.changes_data();
        let id = self.next_park_id().await?;
        let mut row = columns(details, now);
        row.id = ActiveValue::Set(id.0);
        row.created_at = ActiveValue::Set(to_micros(now));
        let inserted = Entity::insert(row).exec_without_returning(self.connection()).await;
        inserted.map_err(|fault| name_taken(fault, details))?;
        Ok(LockedPark::new(Park { id, details: details.clone(), created_at: now, updated_at: now }))
    }

    /// Changes a park; a change of its zone makes its stats afresh. Fails like [`Write::insert_park`].
    pub async fn update_park(
        &self,
        park: &LockedPark,
        details: &ParkDetails,
        now: DateTime<Utc>,
    ) -> Result<LockedPark> {
        check(details)?;
        self.changes_data();
        let mut row = columns(details, now);
        row.id = ActiveValue::Unchanged(park.id.0);
        row.update(self.connection()).await.map_err(|fault| name_taken(fault, details))?;
        let changed = LockedPark::new(Park { details: details.clone(), updated_at: now, ..Park::clone(park) });
        if changed.details.timezone != park.details.timezone {
            self.rebuild(&changed).await?;
        }
        Ok(changed)
    }

    /// The counter's row is held until the transaction ends, which keeps makers of parks in line.
    async fn next_park_id(&self) -> Result<ParkId> {
        let sql = self.sql("UPDATE counter SET last = last + 1 WHERE name = 'park' RETURNING last");
        let row = sql.row(self.connection()).await?.ok_or_else(|| broken("no counter of parks"))?;
        Ok(ParkId(row.try_get_by_index(0)?))
    }
}

fn check(details: &ParkDetails) -> Result<()> {
    details.check().map_err(|(field, why)| Error::invalid(format!("{field} {why}")))
}

fn columns(details: &ParkDetails, now: DateTime<Utc>) -> ActiveModel {
    ActiveModel {
        id: ActiveValue::NotSet,
        name: ActiveValue::Set(details.name.clone()),
        name_folded: ActiveValue::Set(fold_case(&details.name)),
        timezone: ActiveValue::Set(details.timezone.name().to_owned()),
        energy_type: ActiveValue::Set(details.energy_type.as_str().to_owned()),
        capacity_mw: ActiveValue::Set(details.capacity_mw),
        latitude: ActiveValue::Set(details.latitude),
        longitude: ActiveValue::Set(details.longitude),
        interval_minutes: ActiveValue::Set(details.interval_minutes.map(i32::from)),
        calendar: ActiveValue::Set(Zone::of(details.timezone).fingerprint()),
        created_at: ActiveValue::NotSet,
        updated_at: ActiveValue::Set(to_micros(now)),
    }
}

fn name_taken(fault: sea_orm::DbErr, details: &ParkDetails) -> Error {
    match fault.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            Error::Conflict(format!("there is a park named {} already", details.name))
        }
        _ => fault.into(),
    }
}
