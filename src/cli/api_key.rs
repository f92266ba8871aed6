//! `energy-parks api-key`: credentials of programs.

use std::process::ExitCode;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{ArgGroup, Args, Subcommand};
use uuid::Uuid;

use super::{deed, out, table};
use crate::auth::{self, NewApiKey};
use crate::config::Config;
use crate::domain::access::{Scope, join_scopes};
use crate::domain::api_key::{Allowance, ApiKey as Kept, MARK, Owner};
use crate::domain::chrono::{DateTime, Days, NaiveTime, SecondsFormat, Utc};
use crate::domain::range::Page;
use crate::domain::secret::Secret;
use crate::error::{Error, Result};
use crate::storage::Database;

/// Add, list and revoke API keys. A running server sees it with the next request.
#[derive(Args, Debug)]
pub struct ApiKey {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add an API key, of a user or of a customer, and print it: it is not shown again.
    Add(Add),
    /// List the API keys, without their secrets, the newest first.
    List,
    /// End an API key: it opens nothing from the next request on.
    Revoke {
        /// What the key begins with, as `list` shows it: `ep_0123456789ab`.
        prefix: String,
    },
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("owner").required(true))]
struct Add {
    /// What the key is for.
    name: String,
    /// The user it stands for.
    #[arg(long, group = "owner")]
    user: Option<String>,
    /// The customer it stands for.
    #[arg(long, group = "owner")]
    customer: Option<String>,
    /// What it allows, several by commas; where it is left out all that the user may, or what a customer may read.
    #[arg(long, value_delimiter = ',')]
    #[arg(value_parser = PossibleValuesParser::new(Scope::ALL.map(Scope::as_str)).try_map(|scope| scope.parse::<Scope>()))]
    scopes: Option<Vec<Scope>>,
    /// After how many days it ends by itself, at midnight UTC; never where it is left out.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: Option<u32>,
    /// How often it may be used a minute; as often as anyone where it is left out.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    per_minute: Option<u32>,
    /// How often it may be used a day from midnight UTC.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..))]
    per_day: Option<i64>,
}

impl ApiKey {
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
            Self::Add(add) => {
                let subject = add.name.clone();
                let made = add.make(database, now).await;
                let what = |(key, _): &(Kept, Secret)| Some(described(key));
                let (_, shown) = deed::told_of(database, ("api-key add", Some(&subject)), made, what, now).await?;
                // Alone on its line, so that a script can keep it.
                Ok(shown.into_revealed())
            }
            Self::List => list(database, now).await.map_err(super::told),
            Self::Revoke { prefix } => {
                let revoked = revoked(database, &prefix, now).await;
                // Who gives the whole key is not to find it in the log.
                let subject = auth::prefix_in(&prefix).unwrap_or_default();
                let was_alive = deed::told(database, ("api-key revoke", &subject), revoked, now).await?;
                Ok(format!("{} {prefix}.", if was_alive { "Revoked" } else { "Had ended already:" }))
            }
        }
    }
}

impl Add {
    async fn make(self, database: &Database, now: DateTime<Utc>) -> Result<(Kept, Secret)> {
        let owner = match (&self.user, &self.customer) {
            (Some(user), None) => Owner::User(auth::get_user(database, user).await?),
            (None, Some(customer)) => Owner::Customer(auth::get_customer(database, customer).await?),
            _ => return Err(Error::invalid("an API key is of a user or of a customer")),
        };
        let end = |days: u32| now.date_naive().checked_add_days(Days::new(days.into()));
        let new = NewApiKey {
            name: self.name,
            owner,
            scopes: self.scopes,
            expires_at: self.days.and_then(end).map(|day| day.and_time(NaiveTime::MIN).and_utc()),
            allowance: Allowance { per_minute: self.per_minute, per_day: self.per_day },
        };
        auth::create_api_key(database, new, now).await
    }
}

/// What the log tells of a new key.
fn described(key: &Kept) -> String {
    format!("{} of {}, scopes: {}", key.shown_prefix(), owner(key), join_scopes(&key.scopes))
}

fn owner(key: &Kept) -> String {
    match &key.owner {
        Owner::User(user) => format!("user {}", user.name),
        Owner::Customer(customer) => format!("customer {}", customer.name),
    }
}

async fn revoked(database: &Database, prefix: &str, now: DateTime<Utc>) -> Result<bool> {
    let bare = prefix.strip_prefix(MARK).and_then(|rest| rest.strip_prefix('_')).unwrap_or(prefix);
    let found = database.find_api_key(bare).await?;
    let (key, _) = found.ok_or_else(|| Error::not_found("there is no API key of that prefix"))?;
    auth::revoke_api_key(database, key.id, now).await
}

async fn list(database: &Database, now: DateTime<Utc>) -> Result<String> {
    let all = Page::<Uuid> { after: None, before: None, limit: u32::MAX.into(), from_end: false };
    let keys = database.api_keys(&all).await?;
    let header = ["PREFIX", "NAME", "OF", "STATE", "LAST USED", "SCOPES"];
    Ok(table::shown(header, keys.iter().map(|key| row(key, now))))
}

fn row(key: &Kept, now: DateTime<Utc>) -> [String; 6] {
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let state = match key.expires_at {
        _ if key.revoked_at.is_some() => "revoked".to_owned(),
        _ if !key.stands(now) => "ended".to_owned(),
        Some(end) => format!("until {}", time(end)),
        None => "good".to_owned(),
    };
    let last_used = key.last_used_at.map_or_else(|| "never".to_owned(), time);
    [key.shown_prefix(), key.name.clone(), owner(key), state, last_used, join_scopes(&key.scopes)]
}
