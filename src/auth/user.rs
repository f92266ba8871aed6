//! Users as they are changed: their names, roles and customers, and their own passwords.

use std::net::IpAddr;

use super::account::{acceptable, check_access, found};
use super::password::{Passwords, Verdict};
use super::throttle::{Attempt, Origin};
use crate::domain::access::{CustomerId, Role, UserId};
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::secret::Secret;
use crate::domain::user::User;
use crate::error::{Error, Result};
use crate::storage::{Database, Write};

/// What changes of a user; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct UserChanges {
    /// Another name.
    pub name: Option<String>,
    /// Another role.
    pub role: Option<Role>,
    /// Another customer, or none any more: then the user is staff and sees every park.
    pub customer: Option<Option<CustomerId>>,
    /// Barred from signing in, or let in again.
    pub disabled: Option<bool>,
}

/// Changes a user; with its next request it has what its new role and customer give. `NotFound` if there is no such user
/// or customer, `Conflict` with a name that is taken or where no admin would be left, `Invalid` with what is not
/// acceptable.
pub async fn update_user(database: &Database, id: UserId, changes: UserChanges, now: DateTime<Utc>) -> Result<User> {
    let name = changes.name.as_deref().map(acceptable).transpose()?;
    let write = database.write().await?;
    let admins = write.lock_admins().await?;
    let user = write.user(id).await?.ok_or_else(gone)?;
    let role = changes.role.unwrap_or(user.role);
    let customer = changes.customer.unwrap_or(user.customer.as_ref().map(|customer| customer.id));
    check_access(role, customer)?;
    if role != Role::Admin || changes.disabled == Some(true) {
        check_left(&admins, id)?;
    }
    if let Some(customer) = customer {
        write.lock_customer(customer).await?.ok_or_else(|| Error::not_found("there is no such customer"))?;
    }
    if let Some(name) = name.filter(|name| *name != user.name)
        && !write.rename_user(id, &name, now).await?
    {
        return Err(Error::Conflict(format!("there is a user named {name} already")));
    }
    write.set_access(id, role, customer, now).await?;
    match changes.disabled {
        Some(true) => found(write.disable_user(id, now).await?)?,
        Some(false) => found(write.enable_user(id, now).await?)?,
        None => {}
    }
    let user = write.user(id).await?.ok_or_else(gone)?;
    write.commit().await?;
    Ok(user)
}

/// Lets a user sign in again that was disabled; what had ended stays so.
pub async fn enable_user(database: &Database, id: UserId, now: DateTime<Utc>) -> Result<User> {
    update_user(database, id, UserChanges { disabled: Some(false), ..UserChanges::default() }, now).await
}

/// Another password, by the user itself: every session and API key of it ends, also the one at hand. `Forbidden` where
/// the current one is another, `Invalid` where the new one is not acceptable.
pub async fn change_own_password(
    database: &Database,
    passwords: &Passwords,
    id: UserId,
    current: &Secret,
    new: &Secret,
    address: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Result<()> {
    let seen = database.find_credentials_by_id(id).await?.ok_or_else(gone)?;
    // Whoever has stolen a token is to guess no faster here than where one signs in.
    let attempt = Attempt::begin(database, &seen.user.name, Origin::Address(address), now).await?;
    if passwords.verify(current, Some(&seen.password_hash)).await? == Verdict::Wrong {
        return Err(Error::Forbidden("the current password is wrong".into()));
    }
    attempt.forgive(database).await?;
    let hash = passwords.hash(new, &seen.user.name).await?;
    let write = database.write().await?;
    if !write.lock_credentials(&seen).await? {
        return Err(Error::Conflict("the user was changed meanwhile; look again".into()));
    }
    write.set_password_hash(id, &hash, now).await?;
    write.commit().await
}

/// Refuses to take away the last admin: nobody could make another.
pub(super) async fn keep_an_admin(write: &Write, id: UserId) -> Result<()> {
    check_left(&write.lock_admins().await?, id)
}

fn check_left(admins: &[UserId], without: UserId) -> Result<()> {
    if admins == [without] {
        return Err(Error::Conflict("this is the last admin: make another one first".into()));
    }
    Ok(())
}

fn gone() -> Error {
    Error::not_found("there is no such user")
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinSet;

    use super::super::customer::create_customer;
    use super::super::testing::{Bench, PASSWORD};
    use super::super::{authenticate, delete_user, disable_user};
    use super::*;
    use crate::domain::access::{Scope, Visibility};
    use crate::storage::testing::{everywhere, noon};

    fn to(role: Role) -> UserChanges {
        UserChanges { role: Some(role), ..UserChanges::default() }
    }

    #[tokio::test]
    async fn another_role_or_customer_counts_from_the_next_request() -> Result<()> {
        everywhere(async |database| {
            let bench = Bench::new(database.clone())?;
            let oli = bench.user("oli", Role::Operator, noon()).await?.id;
            let token = bench.login("oli", PASSWORD, noon()).await?.access_token;
            let who = async || authenticate(&database, &bench.keys, &bench.meter, token.reveal(), noon()).await;
            assert!(who().await?.may(Scope::ReadingsWrite).is_ok());
            update_user(&database, oli, to(Role::Reader), noon()).await?;
            assert!(who().await?.may(Scope::ReadingsWrite).is_err());
            let customer = create_customer(&database, "me", noon()).await?;
            let changes = UserChanges { customer: Some(Some(customer.id)), ..UserChanges::default() };
            let user = update_user(&database, oli, changes.clone(), noon()).await?;
            assert_eq!((user.role, user.customer), (Role::Reader, Some(customer.clone())));
            assert_eq!(who().await?.visibility(), Visibility::Customer(customer.id));
            assert_eq!(
                update_user(&database, oli, to(Role::Admin), noon()).await.unwrap_err().code(),
                "BAD_USER_INPUT"
            );
            let staff = UserChanges { customer: Some(None), ..UserChanges::default() };
            update_user(&database, oli, staff, noon()).await?;
            assert_eq!(who().await?.visibility(), Visibility::Everything);
            let missing = UserChanges { customer: Some(Some(CustomerId(99))), ..UserChanges::default() };
            assert_eq!(update_user(&database, oli, missing, noon()).await.unwrap_err().code(), "NOT_FOUND");
            assert_eq!(
                update_user(&database, UserId(99), to(Role::Reader), noon()).await.unwrap_err().code(),
                "NOT_FOUND"
            );
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn a_user_is_renamed_and_let_in_again_without_its_old_sessions() -> Result<()> {
        everywhere(async |database| {
            let bench = Bench::new(database.clone())?;
            let rea = bench.user("rea", Role::Reader, noon()).await?.id;
            bench.user("bob", Role::Reader, noon()).await?;
            let name = |name: &str| UserChanges { name: Some(name.into()), ..UserChanges::default() };
            assert_eq!(update_user(&database, rea, name("bob"), noon()).await.unwrap_err().code(), "CONFLICT");
            assert_eq!(update_user(&database, rea, name("rea "), noon()).await?.name, "rea");
            assert_eq!(update_user(&database, rea, name("lea"), noon()).await?.name, "lea");
            let old = bench.login("lea", PASSWORD, noon()).await?;
            let barred = UserChanges { disabled: Some(true), ..UserChanges::default() };
            assert_eq!(update_user(&database, rea, barred, noon()).await?.disabled_at, Some(noon()));
            assert!(bench.login("lea", PASSWORD, noon()).await.is_err());
            assert_eq!(enable_user(&database, rea, noon()).await?.disabled_at, None);
            assert!(
                authenticate(&database, &bench.keys, &bench.meter, old.access_token.reveal(), noon()).await.is_err()
            );
            assert!(bench.login("lea", PASSWORD, noon()).await.is_ok());
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn the_last_admin_stays_one() -> Result<()> {
        everywhere(async |database| {
            let bench = Bench::new(database.clone())?;
            let ann = bench.user("ann", Role::Admin, noon()).await?.id;
            let barred = || UserChanges { disabled: Some(true), ..UserChanges::default() };
            let outcomes = [
                update_user(&database, ann, to(Role::Operator), noon()).await.map(drop),
                update_user(&database, ann, barred(), noon()).await.map(drop),
                disable_user(&database, ann, noon()).await,
                delete_user(&database, ann).await,
            ];
            for outcome in outcomes {
                assert_eq!(outcome.unwrap_err().code(), "CONFLICT");
            }
            let bob = bench.user("bob", Role::Admin, noon()).await?.id;
            update_user(&database, bob, barred(), noon()).await?;
            assert!(delete_user(&database, ann).await.is_err(), "one that is barred does not count");
            enable_user(&database, bob, noon()).await?;
            delete_user(&database, ann).await
        })
        .await
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_admins_that_take_each_other_away_at_once_one_is_left() -> Result<()> {
        everywhere(async |database| {
            let bench = Bench::new(database.clone())?;
            let mut admins = JoinSet::new();
            for name in ["a", "b", "c", "d"] {
                let id = bench.user(name, Role::Admin, noon()).await?.id;
                let database = database.clone();
                admins.spawn(async move { update_user(&database, id, to(Role::Reader), noon()).await });
            }
            let lost = admins.join_all().await.into_iter().flatten().count();
            assert_eq!(lost, 3);
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn one_changes_one_s_password_by_the_current_one_and_all_sessions_end() -> Result<()> {
        everywhere(async |database| {
            let bench = Bench::new(database.clone())?;
            let rea = bench.user("rea", Role::Reader, noon()).await?.id;
            let old = bench.login("rea", PASSWORD, noon()).await?.access_token;
            let change = async |current: &str, new: &str| {
                let (current, new) = (Secret::new(current), Secret::new(new));
                change_own_password(&database, &bench.passwords, rea, &current, &new, None, noon()).await
            };
            assert_eq!(change("wrong horse", "battery staple").await.unwrap_err().code(), "FORBIDDEN");
            assert_eq!(change(PASSWORD, "short").await.unwrap_err().code(), "BAD_USER_INPUT");
            assert!(authenticate(&database, &bench.keys, &bench.meter, old.reveal(), noon()).await.is_ok());
            change(PASSWORD, "battery staple").await?;
            assert!(authenticate(&database, &bench.keys, &bench.meter, old.reveal(), noon()).await.is_err());
            assert!(bench.login("rea", "battery staple", noon()).await.is_ok());
            Ok(())
        })
        .await
    }
}
