use super::testing::{databases, details, everywhere, noon, park};
use crate::domain::access::Visibility;
use crate::domain::park::{EnergyType, Park, ParkDetails, ParkFilter, ParkOrder};
use crate::domain::range::Page;
use crate::error::Error;

fn names(parks: &[Park]) -> Vec<&str> {
    parks.iter().map(|park| park.details.name.as_str()).collect()
}

fn all() -> Page<String> {
    Page { after: None, before: None, limit: 100, from_end: false }
}

#[tokio::test]
async fn a_park_is_read_as_it_was_written() {
    everywhere(|database| async move {
        let whole = ParkDetails {
            energy_type: EnergyType::Solar,
            capacity_mw: Some(0.1),
            latitude: Some(-90.0),
            longitude: Some(5.899_999_999_999_9),
            interval_minutes: Some(1440),
            ..details("Ælfheim Süd 風", "Australia/Lord_Howe")
        };
        let write = database.write().await?;
        let made = write.insert_park(&whole, noon()).await?;
        write.commit().await?;
        let found = database.reads(Visibility::Everything).park_by_name("Ælfheim Süd 風").await?.unwrap();
        assert_eq!(found, *made);
        assert_eq!(found.details, whole);
        Ok(())
    })
    .await
    .unwrap();
}

/// R9
#[tokio::test]
async fn a_search_knows_no_case_in_any_script() {
    everywhere(|database| async move {
        for name in ["Σίσυφος I", "Windpark Hauptstraße", "ŻUŁAWY"] {
            park(&database, name, "Europe/Berlin").await?;
        }
        let reads = database.reads(Visibility::Everything);
        for (part, found) in [
            ("ΣΊΣΥΦΟΣ", "Σίσυφος I"),
            ("σίσυφος", "Σίσυφος I"),
            ("HAUPTSTRASSE", "Windpark Hauptstraße"),
            ("hauptstra\u{1e9e}e", "Windpark Hauptstraße"),
            ("żuław", "ŻUŁAWY"),
        ] {
            let filter = ParkFilter { search: Some(part.to_owned()), ..ParkFilter::default() };
            assert_eq!(names(&reads.all_parks(&filter).await?), [found], "{part}");
        }
        Ok(())
    })
    .await
    .unwrap();
}

/// R9: names sort by code point; search folds case beyond ASCII and knows no wildcards.
#[tokio::test]
async fn parks_are_ordered_searched_and_paged_alike() {
    everywhere(|database| async move {
        for name in ["b", "a", "Z", "ä", "É", "%_", "𝔸", "\u{e000}"] {
            park(&database, name, "Europe/Berlin").await?;
        }
        let reads = database.reads(Visibility::Everything);
        let every = ParkFilter::default();
        let sorted = ["%_", "Z", "a", "b", "É", "ä", "\u{e000}", "𝔸"];
        assert_eq!(names(&reads.parks(&every, ParkOrder::NameAsc, &all()).await?), sorted);
        let mut reversed = sorted;
        reversed.reverse();
        assert_eq!(names(&reads.parks(&every, ParkOrder::NameDesc, &all()).await?), reversed);
        for (part, found) in
            [("é", &["É"][..]), ("%", &["%_"]), ("_", &["%_"]), ("Ä", &["ä"]), ("x", &[]), ("", &sorted)]
        {
            let filter = ParkFilter { search: Some(part.to_owned()), ..ParkFilter::default() };
            assert_eq!(names(&reads.all_parks(&filter).await?), found, "{part}");
        }
        let page = Page { after: Some("Z".into()), before: Some("\u{e000}".into()), limit: 2, from_end: false };
        assert_eq!(names(&reads.parks(&every, ParkOrder::NameAsc, &page).await?), ["a", "b"]);
        let page = Page { from_end: true, ..page };
        assert_eq!(names(&reads.parks(&every, ParkOrder::NameAsc, &page).await?), ["É", "ä"]);
        let page = Page { after: Some("ä".into()), before: Some("Z".into()), limit: 2, from_end: false };
        assert_eq!(names(&reads.parks(&every, ParkOrder::NameDesc, &page).await?), ["É", "b"]);
        let page = Page { from_end: true, ..page };
        assert_eq!(names(&reads.parks(&every, ParkOrder::NameDesc, &page).await?), ["b", "a"]);
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn each_field_of_a_filter_narrows_and_an_empty_list_matches_none() {
    everywhere(|database| async move {
        let a = park(&database, "a", "Europe/Berlin").await?;
        park(&database, "b", "Asia/Kolkata").await?;
        let reads = database.reads(Visibility::Everything);
        let none = ParkFilter::default;
        let cases = [
            (ParkFilter { ids: Some(vec![a.id]), ..none() }, vec!["a"]),
            (ParkFilter { ids: Some(vec![]), ..none() }, vec![]),
            (ParkFilter { names: Some(vec!["b".into(), "\"'\\".into(), "b\0".into()]), ..none() }, vec!["b"]),
            (ParkFilter { names: Some(vec![]), ..none() }, vec![]),
            (ParkFilter { energy_types: Some(vec![EnergyType::Wind]), ..none() }, vec!["a", "b"]),
            (ParkFilter { energy_types: Some(vec![EnergyType::Solar]), ..none() }, vec![]),
            (ParkFilter { timezones: Some(vec!["Asia/Kolkata".parse().unwrap()]), ..none() }, vec!["b"]),
            (ParkFilter { search: Some("\0".into()), ..none() }, vec![]),
            (ParkFilter { ids: Some(vec![a.id]), names: Some(vec!["b".into()]), ..none() }, vec![]),
        ];
        for (filter, found) in cases {
            assert_eq!(names(&reads.all_parks(&filter).await?), found, "{filter:?}");
            assert_eq!(reads.park_count(&filter).await?, i64::try_from(found.len()).unwrap());
            assert_eq!(reads.park_ids(&filter).await?.len(), found.len());
        }
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_name_is_given_once_and_a_key_never_twice() {
    everywhere(|database| async move {
        let first = park(&database, "a", "UTC").await?;
        assert!(matches!(park(&database, "a", "UTC").await, Err(Error::Conflict(_))));
        let write = database.write().await?;
        write.insert_park(&details("lost", "UTC"), noon()).await?;
        drop(write);
        let second = park(&database, "b", "UTC").await?;
        assert_eq!((first.id.0, second.id.0), (1, 2), "keys do not depend on what was rolled back");
        let write = database.write().await?;
        let second = write.lock_park(second.id).await?.unwrap();
        assert!(matches!(write.update_park(&second, &details("a", "UTC"), noon()).await, Err(Error::Conflict(_))));
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn the_schema_goes_down_and_up_again() {
    for each in databases().await.unwrap() {
        let database = each.database;
        assert!(database.migrate_status().await.unwrap().iter().all(|step| !step.applied));
        for _ in 0..2 {
            database.migrate_up(None).await.unwrap();
            assert!(database.migrate_status().await.unwrap().iter().all(|step| step.applied));
            park(&database, "a", "UTC").await.unwrap();
            let steps = database.migrate_status().await.unwrap().len();
            for _ in 0..steps {
                database.migrate_down(Some(1)).await.unwrap();
            }
            assert!(database.migrate_status().await.unwrap().iter().all(|step| !step.applied));
        }
    }
}

#[tokio::test]
async fn several_processes_may_migrate_at_once() {
    for each in databases().await.unwrap() {
        let others = [
            crate::storage::Database::connect(&each.settings).await.unwrap(),
            crate::storage::Database::connect(&each.settings).await.unwrap(),
        ];
        let (a, b, c) =
            tokio::join!(each.database.migrate_up(None), others[0].migrate_up(None), others[1].migrate_up(None));
        a.and(b).and(c).unwrap();
    }
}
