//! What a customer's operator may load, and what it learns by trying.

use std::sync::Arc;

use super::testing::{Site, bad, by, counts, day, now};
use super::{By, ParkRef, ParksOptions, Progress, ReadingsOptions, Source, delete_readings, load_parks, load_readings};
use crate::domain::access::{CustomerId, Visibility};
use crate::domain::bearer::Bearer;
use crate::domain::load::{Load, LoadStatus};
use crate::domain::range::{Page, TimeRange};
use crate::error::{Error, Result};
use crate::storage::testing::{details, everywhere, noon};

/// A customer with one of the two parks, `park` and `theirs`.
async fn customer(site: &Site) -> Result<CustomerId> {
    let write = site.database.write().await?;
    write.insert_park(&details("theirs", "UTC"), noon()).await?;
    let customer = write.insert_customer("me", noon()).await?.unwrap().id;
    let mine = write.lock_parks_by_name(&["park".into()]).await?[0].id;
    write.grant_parks(customer, &[mine], noon()).await?;
    write.commit().await?;
    Ok(customer)
}

fn mia(visibility: Visibility) -> By {
    By { name: "mia".into(), visibility, bearer: Bearer::Unending }
}

async fn load(site: &Site, by: &By, park: Option<&str>, csv: String) -> Result<Load> {
    let park = park.map(|name| ParkRef::Name(name.into()));
    let options = ReadingsOptions::default();
    let progress = Arc::new(Progress::default());
    load_readings(&site.database, park.as_ref(), Source::csv(csv), &options, by, &now(), &progress).await
}

#[tokio::test]
async fn a_customer_loads_into_its_parks_and_to_it_no_other_exists() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        let me = mia(Visibility::Customer(customer(&site).await?));
        let rows = day("2024-01-01", 15);
        assert_eq!(counts(&load(&site, &me, Some("park"), format!("datetime,MW\n{rows}")).await?), [96, 0, 0, 0]);
        let csv = |park: &str| format!("park_name,datetime,MW\n{park},2024-01-02 00:00,1\n{park},2024-01-02 00:15,1\n");
        let mut answers = Vec::new();
        for park in ["theirs", "nothing"] {
            let by_name = load(&site, &me, Some(park), "datetime,MW\n".into()).await.unwrap_err();
            let by_column = load(&site, &me, None, csv(park)).await?;
            assert_eq!((by_name.code(), by_column.status), ("NOT_FOUND", LoadStatus::Refused));
            answers
                .push(format!("{by_name} {:?} {:?}", bad(&by_column), by_column.errors[0].reason).replace(park, "it"));
        }
        assert_eq!(answers[0], answers[1], "what is another's is as good as not there");
        assert_eq!(site.readings("theirs").await?, []);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_customer_makes_and_changes_no_parks() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        let me = mia(Visibility::Customer(customer(&site).await?));
        for park in ["park", "theirs", "new"] {
            let source = Source::csv(format!("park_name,timezone,energy_type\n{park},Asia/Kolkata,Solar\n"));
            let error = load_parks(&site.database, source, &ParksOptions::default(), &me, &now()).await.unwrap_err();
            assert_eq!(error.code(), "FORBIDDEN");
        }
        assert_eq!(site.get("theirs").await?.details, details("theirs", "UTC"));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_customer_s_loads_and_deletions_stand_in_its_part_of_the_ledger() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        let visibility = Visibility::Customer(customer(&site).await?);
        let me = mia(visibility);
        let csv = format!("datetime,MW\n{}", day("2024-01-01", 15));
        let loaded = load(&site, &me, Some("park"), csv.clone()).await?;
        load(&site, &by(), Some("theirs"), csv).await?;
        let park = site.get("park").await?.id;
        let all = TimeRange::default();
        let Err(Error::Invalid(_)) = delete_readings(&site.database, park, all, &me, noon()).await else { panic!() };
        let all = TimeRange { from: Some(0), ..all };
        let deleted = delete_readings(&site.database, park, all, &me, noon()).await?;
        let page = Page { after: None, before: None, limit: 10, from_end: false };
        let mut mine = site.database.reads(visibility).loads(&page, noon()).await?;
        mine.sort_by_key(|load| load.id);
        assert_eq!(mine, [loaded, deleted]);
        assert_eq!(site.database.reads(Visibility::Everything).load_count().await?, 3);
        Ok(())
    })
    .await
}
