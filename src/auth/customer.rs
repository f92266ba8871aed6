//! Customers: making, naming and forgetting them, and granting them parks.

use crate::domain::access::CustomerId;
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::customer::Customer;
use crate::domain::park::ParkId;
use crate::domain::text;
use crate::error::{Error, Result};
use crate::storage::Database;

/// A new customer, to which nothing is granted. `Invalid` with a name that is not acceptable, `Conflict` with one that is
/// taken.
pub async fn create_customer(database: &Database, name: &str, now: DateTime<Utc>) -> Result<Customer> {
    let name = acceptable(name)?;
    let write = database.write().await?;
    let customer = write.insert_customer(&name, now).await?.ok_or_else(|| taken(&name))?;
    write.commit().await?;
    Ok(customer)
}

/// The customer of that name; `NotFound` if there is none.
pub async fn get_customer(database: &Database, name: &str) -> Result<Customer> {
    let found = match text::name(name) {
        Ok(name) => database.find_customer(&name).await?,
        Err(_) => None,
    };
    found.ok_or_else(|| Error::not_found("there is no customer of that name"))
}

/// Another name. Fails like [`create_customer`]; `NotFound` if there is no such customer.
pub async fn rename_customer(database: &Database, id: CustomerId, name: &str, now: DateTime<Utc>) -> Result<Customer> {
    let name = acceptable(name)?;
    let write = database.write().await?;
    write.lock_customer(id).await?.ok_or_else(gone)?;
    let customer = write.rename_customer(id, &name, now).await?.ok_or_else(|| taken(&name))?;
    write.commit().await?;
    Ok(customer)
}

/// Forgets a customer, its grants and its API keys. `Conflict` while it has users: without their customer they would be
/// staff.
pub async fn delete_customer(database: &Database, id: CustomerId) -> Result<()> {
    let write = database.write().await?;
    write.lock_customer(id).await?.ok_or_else(gone)?;
    if write.has_users_of(id).await? {
        return Err(Error::Conflict("the customer has users: delete them first, or give them another customer".into()));
    }
    write.delete_customer(id).await?;
    write.commit().await
}

/// Grants parks to a customer, which sees them from the next request on; how many it did not see before.
pub async fn grant_parks(database: &Database, id: CustomerId, parks: &[ParkId], now: DateTime<Utc>) -> Result<u64> {
    let write = database.write().await?;
    write.lock_customer(id).await?.ok_or_else(gone)?;
    let granted = write.grant_parks(id, parks, now).await?;
    write.commit().await?;
    Ok(granted)
}

/// Takes grants back: from the next request on the parks do not exist for the customer. How many there were.
pub async fn revoke_parks(database: &Database, id: CustomerId, parks: &[ParkId]) -> Result<u64> {
    let write = database.write().await?;
    write.lock_customer(id).await?.ok_or_else(gone)?;
    let revoked = write.revoke_parks(id, parks).await?;
    write.commit().await?;
    Ok(revoked)
}

fn acceptable(name: &str) -> Result<String> {
    text::visible_name(name).map_err(|why| Error::invalid(format!("the customer's name {why}")))
}

fn taken(name: &str) -> Error {
    Error::Conflict(format!("there is a customer named {name} already"))
}

fn gone() -> Error {
    Error::not_found("there is no such customer")
}

#[cfg(test)]
mod tests {
    use super::super::account::add_user;
    use super::super::testing::{Bench, PASSWORD};
    use super::super::user::{UserChanges, update_user};
    use super::*;
    use crate::domain::access::{Role, Visibility};
    use crate::domain::range::Page;
    use crate::domain::secret::Secret;
    use crate::storage::NewUser;
    use crate::storage::testing::{everywhere, noon, park};

    #[tokio::test]
    async fn a_customer_is_made_named_and_listed_by_name() -> Result<()> {
        everywhere(async |database| {
            let zoe = create_customer(&database, " zoe ", noon()).await?;
            create_customer(&database, "Bob", noon()).await?;
            assert_eq!(create_customer(&database, "zoe", noon()).await.unwrap_err().code(), "CONFLICT");
            assert_eq!(create_customer(&database, " ", noon()).await.unwrap_err().code(), "BAD_USER_INPUT");
            assert_eq!(rename_customer(&database, zoe.id, "Bob", noon()).await.unwrap_err().code(), "CONFLICT");
            let ann = rename_customer(&database, zoe.id, "ann", noon()).await?;
            assert_eq!((ann.id, get_customer(&database, "ann").await?), (zoe.id, ann.clone()));
            assert_eq!(get_customer(&database, "zoe").await.unwrap_err().code(), "NOT_FOUND");
            let page = |limit, from_end| Page { after: None, before: None, limit, from_end };
            let names = |found: Vec<Customer>| found.into_iter().map(|it| it.name).collect::<Vec<_>>();
            assert_eq!(names(database.customers(&page(9, false)).await?), ["Bob", "ann"]);
            assert_eq!(names(database.customers(&page(1, true)).await?), ["ann"]);
            let after = Page { after: Some("Bob".into()), ..page(9, false) };
            assert_eq!(
                (names(database.customers(&after).await?), database.customer_count().await?),
                (vec!["ann".into()], 2)
            );
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn a_customer_with_users_stays_since_they_would_see_everything() -> Result<()> {
        everywhere(async |database| {
            let bench = Bench::new(database.clone())?;
            let customer = create_customer(&database, "me", noon()).await?;
            let new = NewUser { name: "mia", role: Role::Reader, customer: Some(customer.id) };
            let mia = add_user(&database, &bench.passwords, new, &Secret::new(PASSWORD), noon()).await?;
            assert_eq!(delete_customer(&database, customer.id).await.unwrap_err().code(), "CONFLICT");
            let other = create_customer(&database, "other", noon()).await?;
            let changes = UserChanges { customer: Some(Some(other.id)), ..UserChanges::default() };
            update_user(&database, mia.id, changes, noon()).await?;
            delete_customer(&database, customer.id).await?;
            assert_eq!(delete_customer(&database, customer.id).await.unwrap_err().code(), "NOT_FOUND");
            assert_eq!(database.find_user("mia").await?.unwrap().visibility(), Visibility::Customer(other.id));
            Ok(())
        })
        .await
    }

    #[tokio::test]
    async fn grants_are_counted_once_and_only_of_a_customer_that_is_there() -> Result<()> {
        everywhere(async |database| {
            let (a, b) = (park(&database, "a", "UTC").await?.id, park(&database, "b", "UTC").await?.id);
            let customer = create_customer(&database, "me", noon()).await?.id;
            assert_eq!(grant_parks(&database, customer, &[a], noon()).await?, 1);
            assert_eq!(grant_parks(&database, customer, &[a, b, ParkId(9)], noon()).await?, 1);
            assert_eq!(revoke_parks(&database, customer, &[b, ParkId(9)]).await?, 1);
            let nobody = CustomerId(99);
            assert_eq!(grant_parks(&database, nobody, &[a], noon()).await.unwrap_err().code(), "NOT_FOUND");
            assert_eq!(revoke_parks(&database, nobody, &[a]).await.unwrap_err().code(), "NOT_FOUND");
            Ok(())
        })
        .await
    }
}
