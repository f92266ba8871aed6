//! The first user of a new database.

use super::account::acceptable;
use super::password::Passwords;
use super::random;
use crate::domain::access::Role;
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::secret::Secret;
use crate::domain::user::User;
use crate::error::{Error, Result};
use crate::storage::{Database, NewUser};

/// The first admin of a new database.
#[derive(Clone, Debug)]
pub struct FirstAdmin {
    /// The user.
    pub user: User,
    /// The password, if it was made here: to be shown once.
    pub password: Option<Secret>,
}

/// The first admin, if no user exists: with the password given (`ADMIN_PASSWORD`), or one made here.
///
/// Of processes that start at once one makes it. `Invalid` with a sentence that names the setting.
pub async fn first_admin(
    database: &Database,
    passwords: &Passwords,
    name: &str,
    password: Option<&Secret>,
    now: DateTime<Utc>,
) -> Result<Option<FirstAdmin>> {
    if database.has_users().await? {
        return Ok(None);
    }
    let name = acceptable(name).map_err(|error| Error::invalid(format!("ADMIN_USERNAME: {error}")))?;
    let made = if password.is_some() { None } else { Some(random::secret::<15>()?) };
    let hash = match (password, &made) {
        (Some(password), _) => passwords.hash(password, &name).await.map_err(|error| match error {
            Error::Invalid(why) => Error::invalid(format!("ADMIN_PASSWORD: {why}")),
            error => error,
        })?,
        (None, Some(made)) => passwords.hash(made, &name).await?,
        (None, None) => return Ok(None),
    };
    let write = database.write().await?;
    if write.has_users().await? {
        return Ok(None);
    }
    let admin = NewUser { name: &name, role: Role::Admin, customer: None };
    let Some(user) = write.insert_user(admin, &hash, now).await? else { return Ok(None) };
    write.commit().await?;
    Ok(Some(FirstAdmin { user, password: made }))
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinSet;

    use super::super::list_users;
    use super::super::testing::{Bench, PASSWORD};
    use super::*;
    use crate::storage::testing::{everywhere, noon};

    #[tokio::test]
    async fn a_new_database_gets_an_admin_with_a_password_that_is_made_and_told_once() -> Result<()> {
        everywhere(async |database| {
            let bench = Bench::new(database.clone())?;
            let first = first_admin(&database, &bench.passwords, "admin", None, noon()).await?.unwrap();
            let password = first.password.unwrap();
            assert_eq!((first.user.role, password.reveal().len()), (Role::Admin, 20));
            assert!(bench.login("admin", password.reveal(), noon()).await.is_ok());
            assert!(first_admin(&database, &bench.passwords, "admin", None, noon()).await?.is_none());
            assert!(first_admin(&database, &bench.passwords, "other", None, noon()).await?.is_none());
            bench.passwords.shut();
            let again = first_admin(&database, &bench.passwords, "admin", None, noon()).await;
            assert!(again?.is_none(), "no later start pays for a hash");
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn a_first_admin_s_password_that_was_set_is_not_told_again() -> Result<()> {
        everywhere(async |database| {
            let bench = Bench::new(database.clone())?;
            let set = Some(Secret::new(PASSWORD));
            let first = first_admin(&database, &bench.passwords, "root", set.as_ref(), noon()).await?.unwrap();
            assert_eq!((first.user.name.as_str(), first.password), ("root", None));
            assert!(bench.login("root", PASSWORD, noon()).await.is_ok());
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn a_wrong_setting_for_the_first_admin_is_named() -> Result<()> {
        everywhere(async |database| {
            let bench = Bench::new(database.clone())?;
            let short = Some(Secret::new("short"));
            let error = first_admin(&database, &bench.passwords, "admin", short.as_ref(), noon()).await.unwrap_err();
            assert_eq!(error.to_string(), "ADMIN_PASSWORD: the password is shorter than 8 characters");
            let error = first_admin(&database, &bench.passwords, " ", None, noon()).await.unwrap_err();
            assert_eq!(error.to_string(), "ADMIN_USERNAME: the user's name is empty");
            Ok(())
        })
        .await
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_processes_that_start_at_once_one_makes_the_first_admin() -> Result<()> {
        everywhere(async |database| {
            let bench = Bench::new(database.clone())?;
            let mut tasks = JoinSet::new();
            for _ in 0..8 {
                let (database, passwords) = (database.clone(), bench.passwords.clone());
                tasks.spawn(async move { first_admin(&database, &passwords, "admin", None, noon()).await });
            }
            let made: Vec<_> = tasks.join_all().await.into_iter().filter_map(Result::unwrap).collect();
            assert_eq!((made.len(), list_users(&database).await?.len()), (1, 1));
            assert!(bench.login("admin", made[0].password.as_ref().unwrap().reveal(), noon()).await.is_ok());
            Ok(())
        })
        .await
    }
}
