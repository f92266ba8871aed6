//! Users: making, changing and barring them.

use super::acting_name::acting_name;
use super::password::Passwords;
use super::user::keep_an_admin;
use crate::domain::access::{CustomerId, Role, UserId};
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::secret::Secret;
use crate::domain::text;
use crate::domain::user::User;
use crate::error::{Error, Result};
use crate::storage::{Database, NewUser};

/// What is told of a user that is not there.
const NOBODY: &str = "there is no such user";

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
    let hash = passwords.hash(password, &name).await?;
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
    let known = database.find_user_by_id(user).await?.ok_or_else(|| Error::not_found(NOBODY))?;
    let hash = passwords.hash(password, &known.name).await?;
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

/// Admins manage all customers, so none is of one.
pub(super) fn check_access(role: Role, customer: Option<CustomerId>) -> Result<()> {
    if role == Role::Admin && customer.is_some() {
        return Err(Error::invalid("a customer's user is an operator or a reader: admins see every customer"));
    }
    Ok(())
}

pub(super) fn acceptable(name: &str) -> Result<String> {
    acting_name(name).map_err(|why| Error::invalid(format!("the user's name {why}")))
}

pub(super) fn found(found: bool) -> Result<()> {
    if found { Ok(()) } else { Err(Error::not_found(NOBODY)) }
}

#[cfg(test)]
mod tests {
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
}
