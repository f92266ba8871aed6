use super::testing::{Site, bad, by, counts, day, now};
use super::{ParkRow, ParksOptions, Source, load_parks};
use crate::domain::access::Visibility;
use crate::domain::load::{LoadStatus, OnError};
use crate::domain::park::{EnergyType, ParkFilter};
use crate::domain::range::DateRange;
use crate::error::Result;
use crate::storage::testing::everywhere;

const HEADER: &str = "park_name,timezone,energy_type\n";

#[tokio::test]
async fn parks_are_made_changed_and_left_as_their_rows_tell() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        let csv = "Park_Name,TIMEZONE,energy type,Capacity MW,latitude,longitude,interval_minutes\n\
                   Te uku,Pacific/Auckland,wind,64.4,-37.8,174.9,30\n park ,UTC,WIND,,,,\nSun,Asia/Kolkata,Solar,5,,,\n";
        let load = site.load_parks(csv).await?;
        assert_eq!((load.status, counts(&load)), (LoadStatus::Loaded, [2, 0, 1, 0]));
        let park = site.get("Te uku").await?.details;
        assert_eq!((park.timezone.name(), park.energy_type, park.capacity_mw), ("Pacific/Auckland", EnergyType::Wind, Some(64.4)));
        assert_eq!((park.latitude, park.longitude, park.interval_minutes), (Some(-37.8), Some(174.9), Some(30)));
        assert_eq!(counts(&site.load_parks(csv).await?), [0, 0, 3, 0]);
        let load = site.load_parks(&format!("{HEADER}Te uku,Pacific/Auckland,SOLAR\n")).await?;
        assert_eq!(counts(&load), [0, 1, 0, 0]);
        let park = site.get("Te uku").await?.details;
        assert_eq!((park.energy_type, park.capacity_mw), (EnergyType::Solar, Some(64.4)), "what is left out stays");
        Ok(())
    })
    .await
}

/// R9
#[tokio::test]
async fn a_name_is_one_in_every_normal_form() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        site.load_parks(&format!("{HEADER}papareirei\u{101},Pacific/Auckland,Solar\n")).await?;
        let load = site.load_parks(&format!("{HEADER}papareireia\u{304},Pacific/Auckland,Solar\n")).await?;
        assert_eq!(counts(&load), [0, 0, 1, 0]);
        Ok(())
    })
    .await
}

/// R22
#[tokio::test]
async fn bad_rows_are_told_by_line_column_and_value() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        let csv = "park_name,timezone,energy_type,capacity_mw,latitude,longitude,interval_minutes\n\
                   a,Mars/Base,Wind,,,,\n,UTC,Wind,,,,\nb,UTC,Coal,,,,\nc,UTC,Wind,0,,,\nd,UTC,Wind,,91,,\ne,UTC,Wind,,,-181,\nf,UTC,Wind,,,,1441\n\
                   g,UTC,Wind,,,,1.5\nh,UTC,Wind,\"1,5\",,,\ni,UTC\nj,,Wind,,,,\ngood,UTC,Wind,,,,\n";
        let load = site.load_parks(csv).await?;
        assert_eq!((load.status, counts(&load)), (LoadStatus::Refused, [1, 0, 0, 11]));
        assert_eq!(load.errors[0].reason, "is no IANA time zone, like Europe/Amsterdam", "its value is told beside it");
        let told = ["2 timezone Mars/Base", "3 park_name ", "4 energy_type Coal", "5 capacity_mw 0", "6 latitude 91", "7 longitude -181",
            "8 interval_minutes 1441", "9 interval_minutes 1.5", "10 capacity_mw 1,5", "11 - -", "12 timezone "];
        assert_eq!(bad(&load), told);
        assert_eq!(site.database.reads(Visibility::Everything).parks_by_name(&["good".into()]).await?, []);
        let load = site.load_parks_with(csv, &ParksOptions { on_error: OnError::Skip, dry_run: false }).await?;
        assert_eq!((load.status, counts(&load)), (LoadStatus::Loaded, [1, 0, 0, 11]));
        site.get("good").await?;
        Ok(())
    })
    .await
}

/// R16, R19
#[tokio::test]
async fn a_capacity_that_no_park_has_is_told_so() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        let csv =
            "park_name,timezone,energy_type,capacity_mw,owner\na,UTC,Wind,1e308,x\nb,UTC,Wind,NaN,x\nc,UTC,Wind,-1,x\n";
        let load = site.load_parks(csv).await?;
        let reasons: Vec<_> = load.errors.iter().map(|error| error.reason.as_str()).collect();
        assert!(reasons[0].contains("1,000 TW") && reasons[1].contains("leave the cell empty"), "{reasons:?}");
        assert_eq!(
            (reasons[2], load.warnings.as_slice()),
            ("is not above 0", &["the column owner is not read".to_owned()][..])
        );
        let row = |capacity_mw| ParkRow {
            park_name: "a".into(),
            timezone: "UTC".into(),
            energy_type: "wind".into(),
            capacity_mw: Some(capacity_mw),
            ..ParkRow::default()
        };
        let rows = Source::Rows(vec![row(1e308), row(f64::NAN)]);
        let load = load_parks(&site.database, rows, &ParksOptions::default(), &by(), &now()).await?;
        let reasons: Vec<_> = load.errors.iter().map(|error| error.reason.as_str()).collect();
        assert!(reasons[0].contains("1,000 TW") && reasons[1] == "is not a number", "{reasons:?}");
        Ok(())
    })
    .await
}

/// R21
#[tokio::test]
async fn a_park_told_of_twice_is_one_or_a_conflict() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        let load = site.load_parks(&format!("{HEADER}a,UTC,Wind\nb,UTC,Wind\na,UTC,wind\n")).await?;
        assert_eq!(counts(&load), [2, 0, 1, 0]);
        let load = site.load_parks(&format!("{HEADER}c,UTC,Wind\nd,UTC,Wind\nc,UTC,Solar\n")).await?;
        assert_eq!(
            (load.status, counts(&load), bad(&load)),
            (LoadStatus::Refused, [1, 0, 0, 2], vec!["2 park_name c".to_owned(), "4 park_name c".to_owned()])
        );
        Ok(())
    })
    .await
}

/// R21
#[tokio::test]
async fn a_dry_run_of_parks_leaves_nothing() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        let dry = ParksOptions { dry_run: true, ..ParksOptions::default() };
        let load = site.load_parks_with(&format!("{HEADER}a,UTC,Wind\npark,Asia/Kolkata,Wind\n"), &dry).await?;
        assert_eq!((load.status, counts(&load)), (LoadStatus::DryRun, [1, 1, 0, 0]));
        assert_eq!(site.get("park").await?.details.timezone.name(), "UTC");
        assert_eq!(
            (
                site.database.reads(Visibility::Everything).load_count().await?,
                site.database.reads(Visibility::Everything).park_count(&ParkFilter::default()).await?
            ),
            (0, 1)
        );
        Ok(())
    })
    .await
}

/// R23
#[tokio::test]
async fn another_zone_makes_the_stats_afresh() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        site.load(format!("datetime,MW\n{}", day("2024-01-01", 15))).await?;
        site.load_parks(&format!("{HEADER}park,Asia/Kolkata,Wind\n")).await?;
        let id = site.get("park").await?.id;
        let stats = site.database.reads(Visibility::Everything).day_stats(&[id], &DateRange::default()).await?;
        let days: Vec<_> = stats[&id].iter().map(|(date, figures)| (date.to_string(), figures.count)).collect();
        assert_eq!(days, [("2024-01-01".to_owned(), 74), ("2024-01-02".to_owned(), 22)]);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn parks_given_as_values_are_loaded_alike() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        let row = |name: &str, minutes| ParkRow {
            park_name: name.into(),
            timezone: "UTC".into(),
            energy_type: "wind".into(),
            capacity_mw: Some(2.5),
            interval_minutes: minutes,
            ..ParkRow::default()
        };
        let options = ParksOptions { on_error: OnError::Skip, dry_run: false };
        let rows = Source::Rows(vec![row("a", Some(15)), row("b", Some(-1)), row(" ", None)]);
        let load = load_parks(&site.database, rows, &options, &by(), &now()).await?;
        assert_eq!(
            (counts(&load), bad(&load)),
            ([1, 0, 0, 2], vec!["2 interval_minutes -1".to_owned(), "3 park_name  ".to_owned()])
        );
        assert_eq!(site.get("a").await?.details.capacity_mw, Some(2.5));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn loads_that_make_the_same_parks_at_once_agree() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        let csv: String = (0..20).fold(String::new(), |csv, n| csv + &format!("p{n},UTC,Wind\n"));
        let csv = format!("{HEADER}{csv}");
        let loads = futures::future::join_all((0..4).map(|_| site.load_parks(&csv))).await;
        let inserted: i64 = loads.into_iter().map(|load| load.map(|load| counts(&load)[0])).sum::<Result<i64>>()?;
        assert_eq!(inserted, 20);
        Ok(())
    })
    .await
}
