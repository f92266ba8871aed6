//! `energy-parks user`: who may sign in.

use std::io::{BufRead, IsTerminal as _};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};

use super::{deed, out, table};
use crate::auth::{self, Cost, Passwords};
use crate::config::Config;
use crate::domain::access::Role;
use crate::domain::chrono::{DateTime, SecondsFormat, Utc};
use crate::domain::secret::Secret;
use crate::domain::user::User as Made;
use crate::error::Result;
use crate::storage::{Database, NewUser};

/// Add, list and disable users, and set their passwords. A running server sees it with the next request.
#[derive(Args, Debug)]
pub struct User {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add a user.
    Add {
        /// The name to sign in with.
        name: String,
        /// What the user may do: read; read and load; or these and manage users.
        #[arg(long, ignore_case = true)]
        #[arg(value_parser = PossibleValuesParser::new(["reader", "operator", "admin"]).try_map(|role| role.parse::<Role>()))]
        role: Role,
        /// The customer whose parks the user sees; where it is left out the user is staff and sees all.
        #[arg(long)]
        customer: Option<String>,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Set a user's password; every session of the user ends.
    Passwd {
        /// The user's name.
        name: String,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// List the users.
    List,
    /// Bar a user from signing in; every session and API key of the user ends.
    Disable {
        /// The user's name.
        name: String,
    },
    /// Let a disabled user sign in again; what had ended stays so.
    Enable {
        /// The user's name.
        name: String,
    },
}

/// Passwords are no arguments: those show in lists of processes and in histories.
#[derive(Args, Debug)]
struct PasswordSource {
    /// Read the password from standard input, its first line, instead of asking for it on the terminal.
    #[arg(long)]
    password_stdin: bool,
}

impl User {
    /// Does it and says so.
    pub async fn run(self, config: &Config) -> anyhow::Result<ExitCode> {
        let database = super::connect(config).await?;
        database.migrate_up(None).await.map_err(super::told)?;
        let passwords = Passwords::new(Cost::OWASP).map_err(super::told)?;
        let said = self.action.run(&database, &passwords, ask, super::now()).await?;
        out::line(said)?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Action {
    async fn run(
        self,
        database: &Database,
        passwords: &Passwords,
        ask: impl FnOnce(&PasswordSource) -> anyhow::Result<Secret>,
        now: DateTime<Utc>,
    ) -> anyhow::Result<String> {
        match self {
            Self::Add { name, role, customer, password } => {
                let password = ask(&password)?;
                let added = add(database, passwords, (&name, role, customer.as_deref()), &password, now).await;
                let what = |user: &Made| Some(described(user));
                let user = deed::told_of(database, ("user add", Some(&name)), added, what, now).await?;
                let of = user.customer.map(|customer| format!(" of {}", customer.name)).unwrap_or_default();
                Ok(format!("Added {} as {}{of}.", user.name, shown(role)))
            }
            Self::Passwd { name, password } => {
                let found = auth::get_user(database, &name).await;
                let ended = match found {
                    // Nobody types a password in vain.
                    Ok(user) => {
                        let password = ask(&password)?;
                        auth::set_password(database, passwords, user.id, &password, now).await.map(|()| user)
                    }
                    Err(error) => Err(error),
                };
                let user = deed::told(database, ("user passwd", &name), ended, now).await?;
                Ok(format!("Set the password of {}; its sessions have ended.", user.name))
            }
            Self::List => {
                let users = auth::list_users(database).await.map_err(super::told)?;
                Ok(table::shown(["NAME", "ROLE", "STATE", "CREATED", "CUSTOMER"], users.into_iter().map(row)))
            }
            Self::Disable { name } => {
                let disabled = async {
                    let user = auth::get_user(database, &name).await?;
                    auth::disable_user(database, user.id, now).await.map(|()| user)
                };
                let user = deed::told(database, ("user disable", &name), disabled.await, now).await?;
                Ok(format!("Disabled {}; its sessions have ended.", user.name))
            }
            Self::Enable { name } => {
                let enabled = async {
                    let user = auth::get_user(database, &name).await?;
                    auth::enable_user(database, user.id, now).await
                };
                let user = deed::told(database, ("user enable", &name), enabled.await, now).await?;
                Ok(format!("Enabled {}.", user.name))
            }
        }
    }
}

async fn add(
    database: &Database,
    passwords: &Passwords,
    (name, role, customer): (&str, Role, Option<&str>),
    password: &Secret,
    now: DateTime<Utc>,
) -> Result<Made> {
    let customer = match customer {
        Some(customer) => Some(auth::get_customer(database, customer).await?.id),
        None => None,
    };
    auth::add_user(database, passwords, NewUser { name, role, customer }, password, now).await
}

fn row(user: Made) -> [String; 5] {
    let state = if user.disabled_at.is_some() { "disabled" } else { "enabled" };
    let created = user.created_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let customer = user.customer.map(|customer| customer.name).unwrap_or_default();
    [user.name, shown(user.role), state.to_owned(), created, customer]
}

/// What the log tells of a new user.
fn described(user: &Made) -> String {
    let of = user.customer.as_ref().map(|customer| format!(", customer: {}", customer.name)).unwrap_or_default();
    format!("role: {}{of}", user.role.as_str())
}

fn shown(role: Role) -> String {
    role.as_str().to_lowercase()
}

fn ask(source: &PasswordSource) -> anyhow::Result<Secret> {
    if source.password_stdin {
        return first_line(&mut std::io::stdin().lock());
    }
    if !std::io::stdin().is_terminal() {
        bail!("there is no terminal to ask for the password; pass it with --password-stdin");
    }
    let password = rpassword::prompt_password("Password: ").context("the password cannot be read")?;
    let again = rpassword::prompt_password("Again: ").context("the password cannot be read")?;
    if password != again {
        bail!("the two passwords differ");
    }
    Ok(Secret::new(password))
}

fn first_line(input: &mut impl BufRead) -> anyhow::Result<Secret> {
    let mut line = String::new();
    input.read_line(&mut line).context("the password cannot be read from standard input")?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(Secret::new(line.strip_suffix('\r').unwrap_or(line)))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::storage::testing::{everywhere, noon};

    #[derive(Parser)]
    struct Line {
        #[command(subcommand)]
        action: Action,
    }

    /// Runs a command line with the password `correct horse`: what it says, or the error.
    async fn run(database: &Database, line: &str) -> String {
        let parsed = match Line::try_parse_from(format!("user {line}").split(' ')) {
            Ok(line) => line.action,
            Err(error) => return error.kind().to_string(),
        };
        let passwords = Passwords::new(Cost::LEAST).unwrap();
        let ask = |source: &PasswordSource| {
            if source.password_stdin { Ok(Secret::new("correct horse")) } else { bail!("no terminal") }
        };
        parsed.run(database, &passwords, ask, noon()).await.unwrap_or_else(|error| format!("error: {error:#}"))
    }

    #[tokio::test]
    async fn users_are_added_listed_and_disabled() -> Result<()> {
        everywhere(async |database| {
            assert_eq!(run(&database, "add ann --role Admin --password-stdin").await, "Added ann as admin.");
            assert_eq!(run(&database, "add bob --role reader --password-stdin").await, "Added bob as reader.");
            assert_eq!(run(&database, "disable bob").await, "Disabled bob; its sessions have ended.");
            let list = "NAME  ROLE    STATE     CREATED               CUSTOMER\n\
                        ann   admin   enabled   2024-06-01T12:00:00Z\n\
                        bob   reader  disabled  2024-06-01T12:00:00Z";
            assert_eq!(run(&database, "list").await, list);
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn what_is_wrong_is_said_and_nothing_changes() -> Result<()> {
        everywhere(async |database| {
            let role = run(&database, "add ann --role owner --password-stdin").await;
            assert_eq!(role, "one of the values isn't valid for an argument");
            assert_eq!(run(&database, "add ann --role admin").await, "error: no terminal");
            assert_eq!(run(&database, "list").await.lines().count(), 1);
            assert_eq!(run(&database, "passwd ann").await, "error: there is no user of that name");
            assert_eq!(run(&database, "disable ann").await, "error: there is no user of that name");
            run(&database, "add ann --role admin --password-stdin").await;
            let twice = run(&database, "add ann --role reader --password-stdin").await;
            assert_eq!(twice, "error: there is a user named ann already");
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn a_password_is_set_anew() -> Result<()> {
        everywhere(async |database| {
            run(&database, "add ann --role admin --password-stdin").await;
            let before = database.find_credentials("ann").await?.unwrap().password_hash;
            let said = run(&database, "passwd ann --password-stdin").await;
            assert_eq!(said, "Set the password of ann; its sessions have ended.");
            assert_ne!(database.find_credentials("ann").await?.unwrap().password_hash, before);
            Ok(())
        })
        .await
    }

    #[test]
    fn a_password_on_standard_input_is_its_first_line_with_its_spaces() {
        for (input, password) in [("a b \n", "a b "), ("ab\r\n", "ab"), ("ab", "ab"), ("ab\ncd\n", "ab"), ("", "")] {
            assert_eq!(first_line(&mut input.as_bytes()).unwrap().reveal(), password);
        }
    }
}
