//! What becomes of a load whose loader loses its rights while it goes on.

use std::sync::Arc;

use super::testing::{Site, day, now};
use super::{Begun, By, ParkRef, Progress, ReadingsOptions, Source, begin_readings, run_readings};
use crate::domain::access::{Role, Scope, Visibility};
use crate::domain::api_key::{Allowance, ApiKey, ApiKeyId, Owner, Used};
use crate::domain::bearer::Bearer;
use crate::domain::customer::Customer;
use crate::domain::load::{Load, LoadStatus};
use crate::domain::park::ParkId;
use crate::domain::secret::Secret;
use crate::domain::user::{Session, User};
use crate::error::Result;
use crate::storage::testing::{everywhere, noon};
use crate::storage::{NewUser, Write};

/// Who may load: by a customer's API key, or by a session of a user of the staff.
struct World {
    site: Site,
    park: ParkId,
    customer: Customer,
    key: ApiKey,
    session: Session,
}

impl World {
    async fn new(database: crate::storage::Database) -> Result<Self> {
        let site = Site::new(database, "UTC").await?;
        let park = site.get("park").await?.id;
        let write = site.database.write().await?;
        let customer = write.insert_customer("me", noon()).await?.unwrap();
        write.grant_parks(customer.id, &[park], noon()).await?;
        let key = key(&customer);
        write.insert_api_key(&key, b"hash").await?;
        let new = NewUser { name: "olga", role: Role::Operator, customer: None };
        let user: User = write.insert_user(new, &Secret::new("hash"), noon()).await?.unwrap();
        let scopes = Role::Operator.scopes().to_vec();
        let session = Session { id: uuid::Uuid::now_v7(), user, scopes };
        let end = noon() + std::time::Duration::from_mins(1);
        write.insert_session(&session, None, &[7; 32], noon(), end).await?;
        write.commit().await?;
        Ok(Self { site, park, customer, key, session })
    }

    fn by_key(&self) -> By {
        let visibility = Visibility::Customer(self.customer.id);
        By { name: "nightly".into(), visibility, bearer: Bearer::ApiKey(self.key.id) }
    }

    fn by_session(&self) -> By {
        let visibility = Visibility::Everything;
        By { name: "olga".into(), visibility, bearer: Bearer::Session(self.session.id) }
    }

    /// A load during which something happens.
    async fn load(&self, by: &By, meanwhile: impl AsyncFnOnce(&Write) -> Result<()>) -> Result<Load> {
        let (database, csv) = (&self.site.database, || Source::csv(format!("datetime,MW\n{}", day("2024-01-01", 15))));
        let park = ParkRef::Id(self.park);
        let begun: Begun = begin_readings(database, Some(&park), &csv(), by, &now()).await?;
        let write = database.write().await?;
        meanwhile(&write).await?;
        write.commit().await?;
        let (options, progress) = (ReadingsOptions::default(), Arc::new(Progress::default()));
        Ok(run_readings(database, begun, csv(), &options, &now(), &progress, std::future::pending()).await)
    }

    async fn is_refused(&self, by: &By, meanwhile: impl AsyncFnOnce(&Write) -> Result<()>) -> Result<()> {
        let load = self.load(by, meanwhile).await?;
        assert_eq!(load.status, LoadStatus::Failed);
        assert!(load.errors[0].reason.contains("lost its right"), "{:?}", load.errors);
        assert_eq!(self.site.readings("park").await?, []);
        Ok(())
    }
}

fn key(customer: &Customer) -> ApiKey {
    ApiKey {
        id: ApiKeyId(uuid::Uuid::now_v7()),
        prefix: "0123456789ab".into(),
        name: "nightly".into(),
        owner: Owner::Customer(customer.clone()),
        scopes: vec![Scope::ParksRead, Scope::ReadingsWrite],
        allowance: Allowance::default(),
        used: Used::default(),
        created_at: noon(),
        expires_at: None,
        last_used_at: None,
        revoked_at: None,
    }
}

#[tokio::test]
async fn a_load_whose_park_is_taken_back_meanwhile_leaves_nothing() -> Result<()> {
    everywhere(async |database| {
        let world = World::new(database).await?;
        let (me, park) = (world.customer.id, [world.park]);
        let taken_back = async |write: &Write| write.revoke_parks(me, &park).await.map(drop);
        world.is_refused(&world.by_key(), taken_back).await?;
        let write = world.site.database.write().await?;
        write.grant_parks(me, &park, noon()).await?;
        write.commit().await?;
        let foreign = By { bearer: Bearer::Unending, ..world.by_key() };
        world.is_refused(&foreign, taken_back).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_load_ends_with_the_rights_of_who_began_it() -> Result<()> {
    everywhere(async |database| {
        let world = World::new(database).await?;
        let (olga, key) = (world.session.user.id, world.key.id);
        world.is_refused(&world.by_key(), async |write| write.revoke_api_key(key, noon()).await.map(drop)).await?;
        let demoted = async |write: &Write| write.set_access(olga, Role::Reader, None, noon()).await.map(drop);
        world.is_refused(&world.by_session(), demoted).await?;
        let restored = async |write: &Write| write.set_access(olga, Role::Operator, None, noon()).await.map(drop);
        assert_eq!(world.load(&world.by_session(), restored).await?.status, LoadStatus::Loaded);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_user_that_is_disabled_or_becomes_a_customer_s_meanwhile_has_loaded_nothing() -> Result<()> {
    everywhere(async |database| {
        let world = World::new(database).await?;
        let (olga, me) = (world.session.user.id, world.customer.id);
        let moved = async |write: &Write| write.set_access(olga, Role::Operator, Some(me), noon()).await.map(drop);
        world.is_refused(&world.by_session(), moved).await?;
        world.is_refused(&world.by_session(), async |write| write.disable_user(olga, noon()).await.map(drop)).await
    })
    .await
}
