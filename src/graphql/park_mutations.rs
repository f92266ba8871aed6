//! Making, changing and deleting parks, and deleting readings.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};

use super::caller::{Caller, app};
use super::changes::not_null;
use super::load::Load;
use super::load_mutations::by;
use super::park::{EnergyType, Park, ParkBy};
use super::parks;
use super::reading::TimeRangeInput;
use super::scalars::TimeZone;
use super::trail::{Note, Notes};
use crate::domain::audit::Outcome;
use crate::domain::park::{self as domain, ParkDetails};
use crate::domain::reading::MAX_MINUTES;
use crate::error::{Error, Result};

/// A park as it is told of.
#[derive(Clone, Debug, InputObject)]
pub struct ParkInput {
    /// Its name; unique.
    pub name: String,
    /// The zone whose midnights bound its days.
    pub timezone: TimeZone,
    /// What it makes its power from.
    pub energy_type: EnergyType,
    /// Rated power in MW.
    pub capacity_mw: Option<f64>,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// The usual width of its readings in minutes, 1 to 1,440.
    pub interval_minutes: Option<i32>,
}

impl TryFrom<ParkInput> for ParkDetails {
    type Error = Error;

    fn try_from(input: ParkInput) -> Result<Self> {
        let details = Self {
            name: input.name,
            timezone: input.timezone.0,
            energy_type: input.energy_type.into(),
            capacity_mw: input.capacity_mw,
            latitude: input.latitude,
            longitude: input.longitude,
            interval_minutes: input.interval_minutes.map(minutes).transpose()?,
        };
        checked(details)
    }
}

/// What changes of a park: what is left out stays; null takes away what need not be known.
#[derive(Clone, Debug, InputObject)]
pub struct ParkChanges {
    /// A new name.
    name: MaybeUndefined<String>,
    /// Another zone: the stats are made afresh.
    timezone: MaybeUndefined<TimeZone>,
    /// Another energy type.
    energy_type: MaybeUndefined<EnergyType>,
    /// Rated power in MW.
    capacity_mw: MaybeUndefined<f64>,
    /// Degrees north.
    latitude: MaybeUndefined<f64>,
    /// Degrees east.
    longitude: MaybeUndefined<f64>,
    /// The usual width of its readings in minutes, 1 to 1,440.
    interval_minutes: MaybeUndefined<i32>,
}

impl ParkChanges {
    fn apply(self, details: &ParkDetails) -> Result<ParkDetails> {
        let mut details = details.clone();
        details.name = not_null("name", self.name)?.unwrap_or(details.name);
        details.timezone = not_null("timezone", self.timezone)?.map_or(details.timezone, |zone| zone.0);
        details.energy_type = not_null("energyType", self.energy_type)?.map_or(details.energy_type, Into::into);
        self.capacity_mw.update_to(&mut details.capacity_mw);
        self.latitude.update_to(&mut details.latitude);
        self.longitude.update_to(&mut details.longitude);
        match self.interval_minutes {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => details.interval_minutes = None,
            MaybeUndefined::Value(value) => details.interval_minutes = Some(minutes(value)?),
        }
        checked(details)
    }
}

/// A width in minutes, 1 to 1,440.
pub fn minutes(value: i32) -> Result<u16> {
    let minutes = u16::try_from(value).ok().filter(|minutes| (1..=MAX_MINUTES).contains(minutes));
    minutes.ok_or_else(|| Error::invalid("intervalMinutes is not between 1 and 1440"))
}

fn checked(mut details: ParkDetails) -> Result<ParkDetails> {
    details.check().map_err(|(column, why)| Error::Invalid(format!("{} {why}", field_of(column))))?;
    details.name = crate::domain::text::name(&details.name).map_err(Error::Invalid)?;
    Ok(details)
}

/// The field of the API that holds what files have in that column.
fn field_of(column: &str) -> &str {
    match column {
        "park_name" => "name",
        "energy_type" => "energyType",
        "capacity_mw" => "capacityMw",
        "interval_minutes" => "intervalMinutes",
        other => other,
    }
}

/// Making, changing and deleting parks.
#[derive(Default)]
pub struct ParkMutations;

/// Making, changing and deleting parks.
#[Object]
impl ParkMutations {
    /// Makes a park; for operators of the staff. `CONFLICT` if the name is taken.
    async fn create_park(&self, ctx: &Context<'_>, #[graphql(desc = "The park.")] input: ParkInput) -> Result<Park> {
        Caller::of(ctx).principal()?.may_keep_parks()?;
        let details = ParkDetails::try_from(input)?;
        let write = app(ctx).database.write().await?;
        let park = domain::Park::clone(&*write.insert_park(&details, Caller::of(ctx).clock.now).await?);
        write.commit().await?;
        Ok(Park(Arc::new(park)))
    }

    /// Changes a park; for operators of the staff. A change of its zone makes its stats afresh. `CONFLICT` if the name is taken.
    async fn update_park(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
        #[graphql(desc = "What changes.")] input: ParkChanges,
    ) -> Result<Park> {
        Caller::of(ctx).principal()?.may_keep_parks()?;
        let id = parks::get(ctx, ParkBy::Id(id)).await?.id;
        let write = app(ctx).database.write().await?;
        let park = write.lock_park(id).await?.ok_or_else(parks::gone)?;
        Notes::name(ctx, &park.details.name);
        let details = input.apply(&park.details)?;
        let park = domain::Park::clone(&*write.update_park(&park, &details, Caller::of(ctx).clock.now).await?);
        write.commit().await?;
        Ok(Park(Arc::new(park)))
    }

    /// Deletes a park with its readings, which are kept as revisions; for operators of the staff. Answers with the
    /// deletion's entry in the ledger.
    async fn delete_park(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] id: ID) -> Result<Load> {
        Caller::of(ctx).principal()?.may_keep_parks()?;
        let park = parks::get(ctx, ParkBy::Id(id)).await?;
        let load =
            crate::ingest::delete_park(&app(ctx).database, park.id, &by(ctx)?, Caller::of(ctx).clock.now).await?;
        let (outcome, detail) = Outcome::of_load(&load);
        let name = Some(park.details.name.clone());
        Notes::add(ctx, Note { name, outcome: Some(outcome), detail: Some(detail), ..Note::default() });
        Ok(Load(load))
    }

    /// Deletes the readings of a park that start in the range; they are kept as revisions. Answers with the deletion's
    /// entry in the ledger.
    async fn delete_readings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] park: ParkBy,
        #[graphql(desc = "Readings that start in it; one end at least is named.")] range: TimeRangeInput,
    ) -> Result<Load> {
        let by = by(ctx)?;
        let park = parks::get(ctx, park).await?.id;
        let now = Caller::of(ctx).clock.now;
        let load = crate::ingest::delete_readings(&app(ctx).database, park, range.into(), &by, now).await?;
        Notes::load(ctx, &load);
        Ok(Load(load))
    }
}
