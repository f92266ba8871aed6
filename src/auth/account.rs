//! Users: making, changing and barring them, and the first one of a new database.

use super::password::Passwords;
use super::random;
use super::user::keep_an_admin;
use crate::domain::access::{CustomerId, Role, UserId};
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::secret::Secret;
use crate::domain::text;
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

/// A new user of the staff: see [`add_user`].
pub async fn create_user(
    database: &Database,
    passwords: &Passwords,
    name: &str,
    role: Role,
    password: &Secret,
    now: DateTime<Utc>,
) -> Result<User> {
    add_user(database, passwords, NewUser { name, role, customer: None }, password, now).await
}

/// A new user. `Invalid` with a name or password that is not acceptable, or where a customer's would be an admin;
/// `Conflict` with a name that is taken; `NotFound` if there is no such customer.
pub async fn add_user(
    database: &Database,
    passwords: &Passwords,
    user: NewUser<'_>,
    password: &Secret,
    now: DateTime<Utc>,
) -> Result<User> {
    let name = acceptable(user.name)?;
    check_access(user.role, user.customer)?;
    let hash = passwords.hash(password).await?;
    let write = database.write().await?;
    if let Some(customer) = user.customer {
        write.lock_customer(customer).await?.ok_or_else(|| Error::not_found("there is no such customer"))?;
    }
    let user = write.insert_user(NewUser { name: &name, ..user }, &hash, now).await?;
    let user = user.ok_or_else(|| Error::Conflict(format!("there is a user named {name} already")))?;
    write.commit().await?;
    Ok(user)
}

/// All users, by name.
pub async fn list_users(database: &Database) -> Result<Vec<User>> {
    database.users().await
}

/// The user of that name, disabled or not; `NotFound` if there is none.
pub async fn get_user(database: &Database, name: &str) -> Result<User> {
    let found = match text::name(name) {
        Ok(name) => database.find_user(&name).await?,
        Err(_) => None,
    };
    found.ok_or_else(|| Error::not_found("there is no user of that name"))
}

/// Another password; every session and API key of the user ends. `Invalid` with one that is not acceptable.
pub async fn set_password(
    database: &Database,
    passwords: &Passwords,
    user: UserId,
    password: &Secret,
    now: DateTime<Utc>,
) -> Result<()> {
    let hash = passwords.hash(password).await?;
    let write = database.write().await?;
    found(write.set_password_hash(user, &hash, now).await?)?;
    write.commit().await
}

/// Bars a user from signing in; every session and API key of it ends. Nothing changes if it is barred already.
/// `Conflict` with the last admin.
pub async fn disable_user(database: &Database, user: UserId, now: DateTime<Utc>) -> Result<()> {
    let write = database.write().await?;
    keep_an_admin(&write, user).await?;
    found(write.disable_user(user, now).await?)?;
    write.commit().await
}

/// Forgets a user; every session and API key of it ends. `Conflict` with the last admin.
pub async fn delete_user(database: &Database, user: UserId) -> Result<()> {
    let write = database.write().await?;
    keep_an_admin(&write, user).await?;
    found(write.delete_user(user).await?)?;
    write.commit().await
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
        (Some(password), _) => passwords.hash(password).await.map_err(|error| match error {
            Error::Invalid(why) => Error::invalid(format!("ADMIN_PASSWORD: {why}")),
            error => error,
        })?,
        (None, Some(made)) => passwords.hash(made).await?,
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

/// Admins manage all customers, so none is of one.
pub(super) fn check_access(role: Role, customer: Option<CustomerId>) -> Result<()> {
    if role == Role::Admin && customer.is_some() {
        return Err(Error::invalid("a customer's user is an operator or a reader: admins see every customer"));
    }
    Ok(())
}

pub(super) fn acceptable(name: &str) -> Result<String> {
    text::name(name).map_err(|why| Error::invalid(format!("the user's name {why}")))
}

pub(super) fn found(found: bool) -> Result<()> {
    if found { Ok(()) } else { Err(Error::not_found("there is no such user")) }
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinSet;

    use super::super::authenticate;
    use super::super::testing::{Bench, PASSWORD};
    use super::*;
    use crate::domain::access::Visibility;
    use crate::storage::testing::{everywhere, noon};

    #[tokio::test]
    async fn a_name_is_taken_once() -> Result<()> {
        everywhere(async |database| {
            let bench = Bench::new(database)?;
            let user = bench.user(" Jose\u{301} ", Role::Reader, noon()).await?;
            assert_eq!(user.name, "Jos\u{e9}");
            let error = bench.user("Jos\u{e9}", Role::Admin, noon()).await.unwrap_err();
            assert_eq!(error.code(), "CONFLICT");
            assert_eq!(list_users(&bench.database).await?, [user]);
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn a_customer_s_user_is_no_admin_and_its_customer_is_there() -> Result<()> {
        everywhere(async |database| {
            let bench = Bench::new(database.clone())?;
            let write = database.write().await?;
            let customer = write.insert_customer("me", noon()).await?.unwrap();
            write.commit().await?;
            let add = async |name, role, customer| {
                let password = Secret::new(PASSWORD);
                let user = NewUser { name, role, customer: Some(customer) };
                add_user(&database, &bench.passwords, user, &password, noon()).await
            };
            let made = add("mia", Role::Operator, customer.id).await?;
            assert_eq!((made.customer, made.role), (Some(customer.clone()), Role::Operator));
            assert_eq!(add("max", Role::Admin, customer.id).await.unwrap_err().code(), "BAD_USER_INPUT");
            assert_eq!(add("max", Role::Reader, CustomerId(99)).await.unwrap_err().code(), "NOT_FOUND");
            let token = bench.login("mia", PASSWORD, noon()).await?;
            let who = authenticate(&database, &bench.keys, &bench.meter, token.access_token.reveal(), noon()).await?;
            assert_eq!(who.visibility(), Visibility::Customer(customer.id));
            assert_eq!(who.may_keep_parks().unwrap_err().code(), "FORBIDDEN");
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn what_is_no_name_or_too_short_a_password_makes_no_user() -> Result<()> {
        everywhere(async |database| {
            let bench = Bench::new(database.clone())?;
            let create = async |name: &str, password: &str| {
                let password = Secret::new(password);
                create_user(&database, &bench.passwords, name, Role::Reader, &password, noon()).await
            };
            for (name, password) in [("", PASSWORD), ("a\nb", PASSWORD), ("rea", "1234567")] {
                assert_eq!(create(name, password).await.unwrap_err().code(), "BAD_USER_INPUT", "{name:?}");
            }
            assert_eq!(list_users(&database).await?, []);
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn users_are_listed_by_name_and_found_by_it() -> Result<()> {
        everywhere(async |database| {
            let bench = Bench::new(database)?;
            for name in ["zoe", "Bob", "ann"] {
                bench.user(name, Role::Reader, noon()).await?;
            }
            let zoe = get_user(&bench.database, "zoe").await?;
            disable_user(&bench.database, zoe.id, noon()).await?;
            disable_user(&bench.database, zoe.id, noon() + std::time::Duration::from_mins(1)).await?;
            let users = list_users(&bench.database).await?;
            let shown: Vec<_> = users.iter().map(|user| (user.name.as_str(), user.disabled_at)).collect();
            assert_eq!(shown, [("Bob", None), ("ann", None), ("zoe", Some(noon()))]);
            for name in ["bob", "", "nobody"] {
                assert_eq!(get_user(&bench.database, name).await.unwrap_err().code(), "NOT_FOUND");
            }
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn what_concerns_a_user_that_is_not_there_is_not_found() -> Result<()> {
        everywhere(async |database| {
            let bench = Bench::new(database.clone())?;
            let (nobody, password) = (UserId(9_999), Secret::new(PASSWORD));
            let outcomes = [
                set_password(&database, &bench.passwords, nobody, &password, noon()).await,
                disable_user(&database, nobody, noon()).await,
                delete_user(&database, nobody).await,
            ];
            for outcome in outcomes {
                assert_eq!(outcome.unwrap_err().code(), "NOT_FOUND");
            }
            Ok(())
        })
        .await
    }

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
