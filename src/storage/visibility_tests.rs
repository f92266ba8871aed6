//! A customer sees the parks granted to it, by every way to read; and no way to read is forgotten here.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use uuid::Uuid;

use super::testing::{everywhere, noon, park, random_readings};
use super::{Database, Reads};
use crate::domain::access::{CustomerId, Visibility};
use crate::domain::load::{Load, LoadCounts, LoadKind, LoadStatus};
use crate::domain::park::{ParkFilter, ParkId, ParkOrder};
use crate::domain::range::{DateRange, Page, TimeRange};
use crate::error::{Error, Result};

/// What one way to read tells of: parks' keys, or loads' as numbers.
type Seen = BTreeSet<i64>;

/// Every way to read, by the name of its function, and what it tells of when asked for all.
async fn everything_seen(reads: &Reads, parks: &[ParkId], loads: &[Uuid]) -> Result<Vec<(&'static str, Seen)>> {
    let (all, time) = (ParkFilter::default(), TimeRange::default());
    let names = ["mine".to_owned(), "theirs".to_owned()];
    let cut = TimeRange { from: Some(1), until: Some(i64::from(u32::MAX)) };
    let page = |limit| Page { after: None, before: None, limit, from_end: false };
    let newest = Page { after: None, before: None, limit: 10, from_end: true };
    let ids = |parks: Vec<crate::domain::park::Park>| parks.iter().map(|park| park.id.0.into()).collect::<Seen>();
    let key = |park: &ParkId| i64::from(park.0);
    let number = |load: &Load| i64::try_from(load.id.as_u128()).unwrap();
    let mut by_name = Seen::new();
    for name in &names {
        by_name.extend(reads.park_by_name(name).await?.map(|park| i64::from(park.id.0)));
    }
    let mut found = Seen::new();
    for load in loads {
        found.extend(reads.find_load(*load, noon()).await?.as_ref().map(number));
    }
    let counted =
        |count: i64, of: &Seen| if i64::try_from(of.len()).unwrap() == count { of.clone() } else { [-1].into() };
    let pages = page(100);
    let listed = ids(reads.parks(&all, ParkOrder::NameAsc, &pages_of_names()).await?);
    let entered: Seen = reads.loads(&newest, noon()).await?.iter().map(number).collect();
    Ok(vec![
        ("parks", listed.clone()),
        ("park_count", counted(reads.park_count(&all).await?, &listed)),
        ("park_ids", reads.park_ids(&all).await?.iter().map(key).collect()),
        ("all_parks", ids(reads.all_parks(&all).await?)),
        ("parks_by_id", ids(reads.parks_by_id(parks).await?)),
        ("parks_by_name", ids(reads.parks_by_name(&names).await?)),
        ("park_by_name", by_name),
        ("blocks", reads.blocks(parks, 0..100_000).await?.iter().map(|(park, ..)| key(park)).collect()),
        ("readings", reads.readings(parks, &time).await?.keys().map(key).collect()),
        ("readings_page", {
            // A page of a long range walks from block to block; one of a short range reads all of it.
            let walked: Seen = reads.readings_page(parks, &time, &pages).await?.keys().map(key).collect();
            let short = TimeRange { from: Some(0), until: Some(86_400 * 30) };
            let whole: Seen = reads.readings_page(parks, &short, &pages).await?.keys().map(key).collect();
            &walked | &whole
        }),
        ("reading_counts", {
            let all: Seen = reads.reading_counts(parks, &time).await?.keys().map(key).collect();
            let some: Seen = reads.reading_counts(parks, &cut).await?.keys().map(key).collect();
            &all | &some
        }),
        ("day_stats", reads.day_stats(parks, &DateRange::default()).await?.keys().map(key).collect()),
        ("latest", reads.latest(parks).await?.keys().map(key).collect()),
        ("spans", reads.spans(parks).await?.keys().map(key).collect()),
        ("find_load", found),
        ("loads", entered.clone()),
        ("load_count", counted(reads.load_count().await?, &entered)),
    ])
}

fn pages_of_names() -> Page<String> {
    Page { after: None, before: None, limit: 100, from_end: false }
}

/// The names of the public async functions of every `impl Reads` in this room.
fn ways_to_read() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/storage");
    let mut names = BTreeSet::new();
    for file in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap_or_default();
        let mut is_within = false;
        for line in text.lines() {
            is_within = (is_within && line != "}") || line == "impl Reads {";
            let function = line.strip_prefix("    pub async fn ").filter(|_| is_within);
            names.extend(function.and_then(|rest| rest.split(['(', '<']).next()).map(str::to_owned));
        }
    }
    names
}

/// Two customers with a park and a load each, and a park of neither.
async fn two_customers(database: &Database) -> Result<([CustomerId; 2], [ParkId; 3], [Uuid; 3])> {
    let mut random = rand::SeedableRng::seed_from_u64(5);
    let mut parks = Vec::new();
    for name in ["mine", "theirs", "nobody's"] {
        let made = park(database, name, "Europe/Berlin").await?;
        let write = database.write().await?;
        let locked = write.lock_park(made.id).await?.unwrap();
        write.merge_readings(&locked, &random_readings(&mut random, 1, 90), Uuid::from_u128(9), noon()).await?;
        write.commit().await?;
        parks.push(made.id);
    }
    let write = database.write().await?;
    let mut customers = Vec::new();
    for (name, park) in [("me", parks[0]), ("them", parks[1])] {
        let customer = write.insert_customer(name, noon()).await?.unwrap().id;
        assert_eq!(write.grant_parks(customer, &[park, ParkId(77)], noon()).await?, 1);
        customers.push(customer);
    }
    let loads = [1, 2, 3].map(Uuid::from_u128);
    for (id, customer) in loads.iter().zip([Some(customers[0]), Some(customers[1]), None]) {
        write.insert_load(&load(*id, customer), noon()).await?;
    }
    write.commit().await?;
    Ok(([customers[0], customers[1]], [parks[0], parks[1], parks[2]], loads))
}

fn load(id: Uuid, customer: Option<CustomerId>) -> Load {
    Load {
        id,
        kind: LoadKind::Readings,
        status: LoadStatus::Loaded,
        source: "a.csv".into(),
        sha256: None,
        counts: LoadCounts::default(),
        warnings: Vec::new(),
        errors: Vec::new(),
        started_at: noon(),
        finished_at: Some(noon()),
        by: "oli".into(),
        customer,
    }
}

#[tokio::test]
async fn a_customer_sees_its_own_by_every_way_to_read_and_nothing_else() -> Result<()> {
    everywhere(async |database| {
        let ([me, them], parks, loads) = two_customers(&database).await?;
        let (mine, theirs) = (i64::from(parks[0].0), i64::from(parks[1].0));
        let others = [
            (Visibility::Everything, parks.iter().map(|park| park.0.into()).collect::<Seen>(), [1, 2, 3].into()),
            (Visibility::Customer(me), [mine].into(), [1].into()),
            (Visibility::Customer(them), [theirs].into(), [2].into()),
            (Visibility::Customer(CustomerId(99)), Seen::new(), Seen::new()),
            (Visibility::Nothing, Seen::new(), Seen::new()),
        ];
        for (visibility, of_parks, of_loads) in others {
            for reads in [database.reads(visibility), database.at_one_moment().reads(visibility)] {
                for (way, seen) in everything_seen(&reads, &parks, &loads).await? {
                    let mut expected = if way.contains("load") { of_loads.clone() } else { of_parks.clone() };
                    if ["parks_by_name", "park_by_name"].contains(&way) {
                        // These two were asked for two names.
                        expected.remove(&parks[2].0.into());
                    }
                    assert_eq!(seen, expected, "{way} as {visibility:?}");
                }
            }
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn no_way_to_read_is_without_its_proof() -> Result<()> {
    everywhere(async |database| {
        let (_, parks, loads) = two_customers(&database).await?;
        let proved = everything_seen(&database.reads(Visibility::Nothing), &parks, &loads).await?;
        let proved: BTreeSet<String> = proved.into_iter().map(|(way, _)| way.to_owned()).collect();
        assert_eq!(ways_to_read(), proved, "a function of Reads is to stand in `everything_seen`");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_grant_that_is_taken_back_and_a_park_or_customer_that_is_deleted_are_seen_no_more() -> Result<()> {
    everywhere(async |database| {
        let ([me, them], parks, loads) = two_customers(&database).await?;
        let is_blind = async |customer| {
            let seen = everything_seen(&database.reads(Visibility::Customer(customer)), &parks, &loads).await?;
            let blind = seen.iter().all(|(way, seen)| seen.is_empty() || way.contains("load"));
            Ok::<_, Error>(blind)
        };
        let write = database.write().await?;
        assert_eq!(write.revoke_parks(me, &parks).await?, 1);
        write.commit().await?;
        assert!(is_blind(me).await? && !is_blind(them).await?);
        let write = database.write().await?;
        assert_eq!(write.grant_parks(me, &parks, noon()).await?, 3, "again, and all of them");
        assert_eq!(write.grant_parks(me, &parks, noon()).await?, 0, "once");
        let theirs = write.lock_park(parks[1]).await?.unwrap();
        write.delete_park(&theirs, Uuid::from_u128(10), noon()).await?;
        assert!(write.delete_customer(me).await?);
        write.commit().await?;
        assert!(is_blind(me).await? && is_blind(them).await?);
        Ok(())
    })
    .await
}
