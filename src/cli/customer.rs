//! `energy-parks customer`: firms that see the parks granted to them.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{deed, out, table};
use crate::auth;
use crate::config::Config;
use crate::domain::access::Visibility;
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::customer::Customer as Kept;
use crate::domain::park::ParkId;
use crate::domain::range::Page;
use crate::domain::text;
use crate::error::{Error, Result};
use crate::storage::Database;

/// Add, list and remove customers, and grant them parks. A running server sees it with the next request.
#[derive(Args, Debug)]
pub struct Customer {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add a customer, which sees no park yet.
    Add {
        /// Its name.
        name: String,
    },
    /// List the customers with the parks granted to them.
    List,
    /// Grant parks to a customer.
    Grant {
        /// The customer's name.
        name: String,
        /// The parks' names.
        #[arg(required = true, value_name = "PARK")]
        parks: Vec<String>,
    },
    /// Take parks back from a customer.
    Revoke {
        /// The customer's name.
        name: String,
        /// The parks' names.
        #[arg(required = true, value_name = "PARK")]
        parks: Vec<String>,
    },
    /// Remove a customer that has no users, with its API keys.
    Remove {
        /// The customer's name.
        name: String,
    },
}

impl Customer {
    /// Does it and says so.
    pub async fn run(self, config: &Config) -> anyhow::Result<ExitCode> {
        let database = super::connect(config).await?;
        database.migrate_up(None).await.map_err(super::told)?;
        out::line(self.action.run(&database, super::now()).await?)?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Action {
    async fn run(self, database: &Database, now: DateTime<Utc>) -> anyhow::Result<String> {
        match self {
            Self::Add { name } => {
                let made = auth::create_customer(database, &name, now).await;
                let customer = deed::told(database, ("customer add", &name), made, now).await?;
                Ok(format!("Added {}.", customer.name))
            }
            Self::List => list(database).await.map_err(super::told),
            Self::Grant { name, parks } => {
                let granted = granted(database, &name, &parks, now).await;
                let what = format!("{name}: {}", parks.join(", "));
                let count = deed::told(database, ("customer grant", &what), granted, now).await?;
                Ok(format!("{name} sees {count} more {}.", noun(count)))
            }
            Self::Revoke { name, parks } => {
                let revoked = revoked(database, &name, &parks).await;
                let what = format!("{name}: {}", parks.join(", "));
                let count = deed::told(database, ("customer revoke", &what), revoked, now).await?;
                Ok(format!("{name} sees {count} fewer {}.", noun(count)))
            }
            Self::Remove { name } => {
                let removed = removed(database, &name).await;
                deed::told(database, ("customer remove", &name), removed, now).await?;
                Ok(format!("Removed {name}."))
            }
        }
    }
}

async fn granted(database: &Database, name: &str, parks: &[String], now: DateTime<Utc>) -> Result<u64> {
    let customer = auth::get_customer(database, name).await?;
    auth::grant_parks(database, customer.id, &found(database, parks).await?, now).await
}

async fn revoked(database: &Database, name: &str, parks: &[String]) -> Result<u64> {
    let customer = auth::get_customer(database, name).await?;
    auth::revoke_parks(database, customer.id, &found(database, parks).await?).await
}

async fn removed(database: &Database, name: &str) -> Result<()> {
    let customer = auth::get_customer(database, name).await?;
    auth::delete_customer(database, customer.id).await
}

/// The parks of these names; `NotFound` with the first that is not there.
async fn found(database: &Database, names: &[String]) -> Result<Vec<ParkId>> {
    let names: Vec<_> = names.iter().map(|name| text::name(name).unwrap_or_default()).collect();
    let parks = database.reads(Visibility::Everything).parks_by_name(&names).await?;
    let id = |name: &String| {
        let park = parks.iter().find(|park| park.details.name == *name);
        park.map(|park| park.id).ok_or_else(|| Error::NotFound(format!("there is no park named {name}")))
    };
    names.iter().map(id).collect()
}

async fn list(database: &Database) -> Result<String> {
    let all = Page { after: None, before: None, limit: u32::MAX.into(), from_end: false };
    let customers = database.customers(&all).await?;
    let grants = database.grants(&customers.iter().map(|customer| customer.id).collect::<Vec<_>>()).await?;
    let row = |customer: &Kept| {
        let parks = grants.get(&customer.id).map(Vec::as_slice).unwrap_or_default();
        let parks: Vec<_> = parks.iter().map(|(park, _)| park.as_str()).collect();
        [customer.name.clone(), parks.join(", ")]
    };
    Ok(table::shown(["NAME", "PARKS"], customers.iter().map(row)))
}

fn noun(count: u64) -> &'static str {
    if count == 1 { "park" } else { "parks" }
}
