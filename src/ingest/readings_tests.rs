use super::testing::{Site, bad, by, counts, day, now};
use super::{Progress, ReadingRow, Source, begin_readings, run_readings};
use crate::domain::access::Visibility;
use crate::domain::clock::Clock;
use crate::domain::load::{LoadCounts, LoadStatus, OnError};
use crate::error::{Error, Result};
use crate::storage::testing::{everywhere, noon};

/// R1, R3, R12
#[tokio::test]
async fn a_file_becomes_readings_and_its_width_the_parks() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        let load = site.load("datetime,MW\n2024-01-01 00:00,1.5\n2024-01-01T00:15:00Z,-0\n2024-01-01 01:30+01:00,3\n2024/01/01 00:45,4\n").await?;
        assert_eq!((load.status, counts(&load)), (LoadStatus::Loaded, [4, 0, 0, 0]));
        let expected = [("2024-01-01T00:00Z", 1.5), ("2024-01-01T00:15Z", 0.0), ("2024-01-01T00:30Z", 3.0), ("2024-01-01T00:45Z", 4.0)];
        assert_eq!(site.standing("park").await?, expected.map(|(at, megawatts)| (at.to_owned(), 15, megawatts)));
        assert_eq!(site.get("park").await?.details.interval_minutes, Some(15));
        assert_eq!(site.database.reads(Visibility::Everything).find_load(load.id, noon()).await?, Some(load));
        Ok(())
    })
    .await
}

/// R21
#[tokio::test]
async fn the_same_file_again_changes_nothing_and_another_value_replaces() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        let csv = format!("datetime,MW\n{}", day("2024-01-01", 15));
        site.load(csv.clone()).await?;
        let load = site.load(csv.clone()).await?;
        assert_eq!((load.status, counts(&load)), (LoadStatus::Loaded, [0, 0, 96, 0]));
        let load = site.load(csv.replace("03:00,1", "03:00,2") + &day("2024-01-02", 15)).await?;
        assert_eq!(counts(&load), [96, 1, 95, 0]);
        assert_eq!(load.sha256.map(|hash| hash.len()), Some(64));
        Ok(())
    })
    .await
}

/// R22, R19
#[tokio::test]
async fn one_bad_row_keeps_all_out_and_under_skip_only_itself() -> Result<()> {
    everywhere(async |database| {
        let mut site = Site::new(database, "UTC").await?;
        let csv = "datetime,MW\n2024-01-01 00:00,1\n2024-01-01 00:15,\n2024-01-01 00:30,NaN\n01/02/2024 00:45,1\n2024-01-01 01:00,\"1,5\"\n\
                   2024-01-01 01:15,1,5\n2024-01-01 01:30,1e999\n2024-01-01 01:45,1\n2024-01-01 02:00,1\n2024-01-01 02:15,1\n2024-01-01 02:30,5MW\n";
        let load = site.load(csv).await?;
        assert_eq!((load.status, counts(&load)), (LoadStatus::Refused, [4, 0, 0, 7]));
        assert_eq!(bad(&load), ["3 MW ", "4 MW NaN", "5 datetime 01/02/2024 00:45", "6 MW 1,5", "7 - -", "8 MW 1e999", "12 MW 5MW"]);
        assert_eq!(site.standing("park").await?, []);
        assert_eq!(site.database.reads(Visibility::Everything).find_load(load.id, noon()).await?.unwrap().status, LoadStatus::Refused);
        site.options.on_error = OnError::Skip;
        let load = site.load(csv).await?;
        assert_eq!((load.status, counts(&load), load.errors.len()), (LoadStatus::Loaded, [4, 0, 0, 7], 7));
        assert_eq!(site.standing("park").await?.len(), 4);
        Ok(())
    })
    .await
}

/// R21
#[tokio::test]
async fn a_dry_run_counts_what_would_be_and_leaves_nothing() -> Result<()> {
    everywhere(async |database| {
        let mut site = Site::new(database, "UTC").await?;
        let csv = format!("datetime,MW\n{}", day("2024-01-01", 15));
        site.load(csv.clone()).await?;
        let before = site.standing("park").await?;
        site.options.dry_run = true;
        let load = site.load(csv.replace("03:00,1", "03:00,2") + &day("2024-01-02", 15)).await?;
        assert_eq!((load.status, counts(&load)), (LoadStatus::DryRun, [96, 1, 95, 0]));
        assert_eq!(site.standing("park").await?, before);
        assert_eq!(site.database.reads(Visibility::Everything).load_count().await?, 1);
        assert_eq!(site.load(csv + "x,1\n").await?.status, LoadStatus::Refused);
        Ok(())
    })
    .await
}

/// R21
#[tokio::test]
async fn repeats_and_conflicts_in_one_file_are_told_apart() -> Result<()> {
    everywhere(async |database| {
        let mut site = Site::new(database, "UTC").await?;
        site.options.on_error = OnError::Skip;
        let csv = format!("datetime,MW\n{}2024-01-01 03:00,1\n2024-01-01 04:00:00,7\n", day("2024-01-01", 15));
        let load = site.load(csv).await?;
        assert_eq!((load.status, counts(&load)), (LoadStatus::Loaded, [95, 0, 1, 2]));
        assert_eq!(bad(&load), ["18 datetime 2024-01-01 04:00", "99 datetime 2024-01-01 04:00"]);
        Ok(())
    })
    .await
}

/// R11
#[tokio::test]
async fn rows_of_one_load_that_overlap_are_a_conflict() -> Result<()> {
    everywhere(async |database| {
        let mut site = Site::new(database, "UTC").await?;
        site.options.interval_minutes = Some(30);
        let load = site.load("datetime,MW\n2024-01-01 00:00,1\n2024-01-01 00:15,1\n2024-01-01 00:45,1\n").await?;
        assert_eq!((load.status, counts(&load)), (LoadStatus::Refused, [1, 0, 0, 2]));
        Ok(())
    })
    .await
}

/// R11, R12
#[tokio::test]
async fn wider_rows_replace_the_narrower_ones_they_cover() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        site.load(format!("datetime,MW\n{}", day("2024-01-01", 15))).await?;
        let load = site.load(format!("datetime,MW\n{}", day("2024-01-01", 30))).await?;
        assert_eq!(counts(&load), [0, 48, 0, 0]);
        assert!(site.standing("park").await?.iter().all(|(_, minutes, _)| *minutes == 30));
        assert_eq!(site.get("park").await?.details.interval_minutes, Some(15), "the first load's");
        Ok(())
    })
    .await
}

/// R12
#[tokio::test]
async fn each_day_has_its_own_width() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        site.load(format!("datetime,MW\n{}{}", day("2024-01-02", 15), day("2024-01-01", 30))).await?;
        let standing = site.standing("park").await?;
        assert_eq!(standing.iter().map(|(_, minutes, _)| usize::from(*minutes)).sum::<usize>(), 2 * 1_440);
        Ok(())
    })
    .await
}

/// R12, R22
#[tokio::test]
async fn a_width_that_cannot_be_told_refuses_the_load_even_under_skip() -> Result<()> {
    everywhere(async |database| {
        let mut site = Site::new(database, "UTC").await?;
        site.options.on_error = OnError::Skip;
        for rows in
            ["2024-01-01 00:00,1\n", "2024-01-01 00:00,1\n2024-01-01 00:07,1\n2024-01-01 00:20,1\n2024-01-01 00:21,1\n"]
        {
            let load = site.load(format!("datetime,MW\n{rows}")).await?;
            assert_eq!(load.status, LoadStatus::Refused);
            assert_eq!(load.counts.rejected, load.counts.rows_read);
            assert!(load.errors[0].reason.contains("declare the interval"), "{:?}", load.errors);
            counts(&load);
        }
        site.options.interval_minutes = Some(15);
        assert_eq!(site.load("datetime,MW\n2024-01-01 00:00,1\n").await?.status, LoadStatus::Loaded);
        site.options.interval_minutes = None;
        assert_eq!(site.load("datetime,MW\n2024-02-01 00:00,1\n").await?.status, LoadStatus::Loaded, "the park's own");
        Ok(())
    })
    .await
}

/// R18
#[tokio::test]
async fn a_value_far_beyond_the_capacity_is_loaded_with_a_warning() -> Result<()> {
    everywhere(async |database| {
        let mut site = Site::new(database, "UTC").await?;
        site.park_of("big", 100.0).await?;
        site.options.interval_minutes = Some(15);
        let load = site.load_source(Some("big"), Source::csv("datetime,MW\n2024-01-01 00:00,150\n")).await?;
        assert_eq!((load.status, load.warnings.len()), (LoadStatus::Loaded, 0));
        let load = site.load_source(Some("big"), Source::csv("datetime,MW\n2024-01-01 00:00,150.1\n")).await?;
        assert_eq!(load.status, LoadStatus::Loaded);
        assert!(load.warnings[0].contains("150.1 MW on line 2"), "{:?}", load.warnings);
        Ok(())
    })
    .await
}

/// R9, R22
#[tokio::test]
async fn a_file_of_many_parks_names_each_rows_own() -> Result<()> {
    everywhere(async |database| {
        let mut site = Site::new(database, "UTC").await?;
        site.park("Sch\u{f6}nau", "Europe/Berlin").await?;
        site.options.clock = Clock::Park;
        site.options.interval_minutes = Some(60);
        site.options.on_error = OnError::Skip;
        // The second name is in another normal form than the park's.
        let csv = "MW,note,park_name,datetime\r\n1,x,park,2024-01-01 00:00\r\n2,,Scho\u{308}nau,2024-01-01 00:00\r\n3,,nowhere,2024-01-01 00:00\r\n4,,,2024-01-01 00:00\r\n";
        let load = site.load_source(None, Source::csv(csv)).await?;
        assert_eq!((counts(&load), bad(&load)), ([2, 0, 0, 2], vec!["4 park_name nowhere".to_owned(), "5 park_name ".to_owned()]));
        assert_eq!(site.standing("park").await?, [("2024-01-01T00:00Z".to_owned(), 60, 1.0)]);
        assert_eq!(site.standing("Sch\u{f6}nau").await?, [("2023-12-31T23:00Z".to_owned(), 60, 2.0)]);
        let load = site.load_source(Some("park"), Source::csv(csv)).await?;
        assert_eq!(counts(&load), [0, 0, 1, 3], "the load is for one park alone");
        let load = site.load_source(None, Source::csv("datetime,MW\n2024-01-01 00:00,1\n")).await?;
        assert_eq!((load.status, load.errors[0].line), (LoadStatus::Refused, 1));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_load_for_a_park_that_is_not_there_is_a_faulty_call() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        let loaded = site.load_source(Some("nowhere"), Source::csv("datetime,MW\n")).await;
        assert!(matches!(loaded, Err(Error::NotFound(_))));
        Ok(())
    })
    .await
}

/// R11, R12
#[tokio::test]
async fn rows_given_as_values_may_bring_their_widths() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        let row = |datetime: &str, megawatts, minutes| ReadingRow {
            timestamp: datetime.into(),
            megawatts,
            minutes,
            park_name: None,
        };
        let rows = vec![row("2024-01-01T00:00Z", 1.0, Some(10)), row("2024-01-01T00:10Z", -0.0, Some(50))];
        let load = site.load_source(Some("park"), Source::Rows(rows.clone())).await?;
        assert_eq!((load.source.as_str(), counts(&load)), ("rows", [2, 0, 0, 0]));
        let widths: Vec<u16> = site.standing("park").await?.iter().map(|(_, minutes, _)| *minutes).collect();
        assert_eq!(widths, [10, 50]);
        let bad_rows = vec![
            row("2024-01-01T00:00Z", f64::NAN, Some(10)),
            row("x", 1.0, Some(10)),
            row("2024-01-01T00:00Z", 1.0, Some(1_441)),
            row("2024-01-01T00:00Z", 1.0, Some(5)),
            row("2024-01-01T00:00Z", 1.0, Some(6)),
        ];
        let load = site.load_source(Some("park"), Source::Rows(bad_rows)).await?;
        assert_eq!((load.status, counts(&load)), (LoadStatus::Refused, [0, 0, 0, 5]));
        assert!(load.errors[3].reason.contains("another width"), "{:?}", load.errors);
        assert_eq!(site.load_source(None, Source::Rows(rows)).await?.counts.rejected, 2);
        Ok(())
    })
    .await
}

/// R22
#[tokio::test]
async fn a_load_nobody_waits_for_stands_in_the_ledger_from_its_beginning_to_its_end() -> Result<()> {
    everywhere(async |database| {
        let mut site = Site::new(database, "UTC").await?;
        let park = super::ParkRef::Name("park".into());
        let csv = format!("datetime,MW\n{}", day("2024-01-01", 15));
        for (dry_run, csv, status) in [
            (true, csv.clone(), LoadStatus::DryRun),
            (false, csv.clone(), LoadStatus::Loaded),
            (false, csv + "x\n", LoadStatus::Refused),
        ] {
            site.options.dry_run = dry_run;
            let source = Source::csv(csv);
            let begun = begin_readings(&site.database, Some(&park), &source, &by(), &now()).await?;
            let id = begun.load.id;
            assert_eq!(
                site.database.reads(Visibility::Everything).find_load(id, noon()).await?.unwrap().status,
                LoadStatus::Running
            );
            let progress = std::sync::Arc::new(Progress::default());
            let load =
                run_readings(&site.database, begun, source, &site.options, &now(), &progress, std::future::pending())
                    .await;
            assert_eq!((load.status, progress.rows_read() >= 96), (status, true));
            assert_eq!(site.database.reads(Visibility::Everything).find_load(id, noon()).await?, Some(load));
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_load_whose_server_stops_stands_as_failed_and_leaves_nothing() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        let park = super::ParkRef::Name("park".into());
        let source = || {
            Source::csv(
                "datetime,MW\n2024-01-01 00:00,1\n2024-01-01 01:00,1\n2024-01-01 02:00,1\n2024-01-01 03:00,1\n"
                    .to_owned(),
            )
        };
        let begun = begin_readings(&site.database, Some(&park), &source(), &by(), &now()).await?;
        let progress = std::sync::Arc::new(Progress::default());
        // The work waits for another thread first, so the stop comes before its end.
        let stopped = std::future::ready(());
        let load = run_readings(&site.database, begun, source(), &site.options, &now(), &progress, stopped).await;
        let kept = site.database.reads(Visibility::Everything).find_load(load.id, noon()).await?.unwrap();
        assert_eq!(kept, load);
        assert_eq!((load.status, load.errors.len(), load.counts.inserted), (LoadStatus::Failed, 1, 0));
        assert!(load.errors[0].reason.contains("the server was stopped"), "{:?}", load.errors);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_load_that_breaks_off_stands_as_failed_with_a_sentence() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        let park = super::ParkRef::Name("park".into());
        let missing = || Source::Path("/nowhere/at all.csv".into());
        let begun = begin_readings(&site.database, Some(&park), &missing(), &by(), &now()).await?;
        let progress = std::sync::Arc::new(Progress::default());
        let never = std::future::pending();
        let load = run_readings(&site.database, begun, missing(), &site.options, &now(), &progress, never).await;
        assert_eq!((load.status, load.errors.len(), load.counts), (LoadStatus::Failed, 1, LoadCounts::default()));
        assert_eq!(site.database.reads(Visibility::Everything).find_load(load.id, noon()).await?, Some(load));
        Ok(())
    })
    .await
}
