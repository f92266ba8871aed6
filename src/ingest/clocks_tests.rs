use super::Source;
use super::testing::{Site, bad, counts, day};
use crate::domain::access::Visibility;
use crate::domain::clock::{Clock, Fold, Label};
use crate::domain::load::{Load, LoadStatus};
use crate::domain::range::DateRange;
use crate::error::Result;
use crate::storage::testing::everywhere;

/// Two hours of half-hourly rows around Auckland's fold of 2025-04-06, on its wall clock.
const FOLD: &str = "datetime,MW\n2025-04-06 01:30,1\n2025-04-06 02:00,2\n2025-04-06 02:30,3\n2025-04-06 02:00,4\n\
                    2025-04-06 02:30,5\n2025-04-06 03:00,6\n";

async fn auckland(database: crate::storage::Database) -> Result<Site> {
    let mut site = Site::new(database, "Pacific/Auckland").await?;
    site.options.clock = Clock::Park;
    Ok(site)
}

/// R4
#[tokio::test]
async fn naive_rows_are_read_on_the_declared_clock_and_others_as_they_say() -> Result<()> {
    everywhere(async |database| {
        let mut site = Site::new(database, "Australia/Sydney").await?;
        site.options.interval_minutes = Some(60);
        for (clock, first) in
            [("UTC", "2024-01-01T10:00Z"), ("park", "2023-12-31T23:00Z"), ("+10:00", "2024-01-01T00:00Z")]
        {
            site.options.clock = clock.parse().unwrap();
            site.load("datetime,MW\n2024-01-01 10:00,1\n2024-01-01T12:00Z,2\n").await?;
            let standing = site.standing("park").await?;
            assert!(standing.iter().any(|(at, ..)| at == first), "{clock}: {standing:?}");
            assert!(standing.iter().any(|(at, ..)| at == "2024-01-01T12:00Z"));
        }
        Ok(())
    })
    .await
}

/// R5
#[tokio::test]
async fn times_that_came_twice_are_taken_in_the_order_of_the_file() -> Result<()> {
    everywhere(async |database| {
        let site = auckland(database).await?;
        assert_eq!(counts(&site.load(FOLD).await?), [6, 0, 0, 0]);
        let megawatts: Vec<f64> = site.standing("park").await?.iter().map(|(.., megawatts)| *megawatts).collect();
        assert_eq!(megawatts, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let mut lines: Vec<&str> = FOLD.lines().skip(1).collect();
        lines.reverse();
        let load = site.load(format!("datetime,MW\n{}\n", lines.join("\n"))).await?;
        assert_eq!(counts(&load), [0, 0, 6, 0], "a file that runs backwards tells the same");
        Ok(())
    })
    .await
}

/// R5
#[tokio::test]
async fn times_that_came_twice_but_stand_once_go_by_the_policy() -> Result<()> {
    everywhere(async |database| {
        let mut site = auckland(database).await?;
        site.options.interval_minutes = Some(30);
        let csv = "datetime,MW\n2025-04-06 01:30,1\n2025-04-06 02:00,2\n2025-04-06 03:00,6\n";
        let load = site.load(csv).await?;
        assert_eq!((load.status, bad(&load)), (LoadStatus::Refused, vec!["3 datetime 2025-04-06 02:00".to_owned()]));
        for (fold, at) in [(Fold::Earlier, "2025-04-05T13:00Z"), (Fold::Later, "2025-04-05T14:00Z")] {
            site.options.fold = fold;
            let load = site.load(csv).await?;
            assert_eq!(load.status, LoadStatus::Loaded);
            assert!(load.warnings.iter().any(|warning| warning.contains("1 row stands once")), "{:?}", load.warnings);
            assert!(site.standing("park").await?.iter().any(|(found, ..)| found == at));
        }
        Ok(())
    })
    .await
}

/// R6, R7
#[tokio::test]
async fn a_fixed_offset_file_read_as_wall_clock_is_told_so() -> Result<()> {
    everywhere(async |database| {
        let site = auckland(database).await?;
        let load = site.load(format!("datetime,MW\n{}{}", day("2025-04-06", 30), day("2025-09-28", 30))).await?;
        assert_eq!((load.status, load.counts.rejected), (LoadStatus::Refused, 4));
        assert!(bad(&load).contains(&"54 datetime 2025-09-28 02:00".to_owned()), "{:?}", bad(&load));
        assert!(load.warnings[0].contains("fixed offset"), "{:?}", load.warnings);
        Ok(())
    })
    .await
}

/// R7
#[tokio::test]
async fn a_wall_clock_file_read_as_utc_is_told_so() -> Result<()> {
    everywhere(async |database| {
        let mut site = Site::new(database, "Pacific/Auckland").await?;
        for clock in ["utc", "+12:00"] {
            site.options.clock = clock.parse().unwrap();
            let load = site.load(FOLD).await?;
            assert_eq!((load.status, load.counts.rejected), (LoadStatus::Refused, 4));
            assert!(load.warnings.iter().any(|warning| warning.contains("PARK")), "{clock}: {:?}", load.warnings);
        }
        Ok(())
    })
    .await
}

/// R8
#[tokio::test]
async fn with_labels_at_the_end_midnight_belongs_to_the_day_before() -> Result<()> {
    everywhere(async |database| {
        let mut site = Site::new(database, "UTC").await?;
        site.options.label = Label::End;
        let csv = "datetime,MW\n2024-01-01 23:00,1\n2024-01-01 23:30,2\n2024-01-01 24:00,3\n2024-01-02 00:15,4\n2024-01-02 00:30,5\n2024-01-02 00:45,6\n2024-01-02 01:00,7\n2024-01-01 22:30,0\n";
        let load = site.load(csv).await?;
        assert_eq!((load.status, counts(&load)), (LoadStatus::Loaded, [8, 0, 0, 0]), "{:?}", load.errors);
        let standing = site.standing("park").await?;
        assert_eq!(standing[3], ("2024-01-01T23:30Z".to_owned(), 30, 3.0));
        assert_eq!(standing[4], ("2024-01-02T00:00Z".to_owned(), 15, 4.0));
        Ok(())
    })
    .await
}

/// R2, R5, R13, R14: metered generation of four parks over a year, against figures computed from its source.
#[tokio::test]
async fn real_wall_clock_files_give_the_daily_figures_of_their_source() -> Result<()> {
    #[expect(clippy::disallowed_methods, reason = "the tests' setting is the runner's, not the program's")]
    let named = std::env::var_os("ENERGY_PARKS_REAL_DATA").map(std::path::PathBuf::from);
    let beside = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/nz");
    let folder = named.unwrap_or(beside);
    if !folder.is_dir() {
        return Ok(());
    }
    let expected = std::fs::read_to_string(folder.join("expected-daily.csv")).unwrap();
    everywhere(async |database| {
        let mut site = Site { database, options: super::ReadingsOptions::default() };
        site.options.clock = Clock::Park;
        site.load_parks(&std::fs::read_to_string(folder.join("parks.csv")).unwrap()).await?;
        let reads = site.database.reads(Visibility::Everything);
        let mut rows = expected.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>()).peekable();
        while let Some(name) = rows.peek().map(|cells| cells[0].to_owned()) {
            let load: Load = site.load_source(Some(&name), Source::Path(folder.join(format!("{name}.csv")))).await?;
            assert_eq!((load.status, counts(&load), load.warnings.len()), (LoadStatus::Loaded, [17_520, 0, 0, 0], 0));
            let id = site.get(&name).await?.id;
            for (date, figures) in reads.day_stats(&[id], &DateRange::default()).await?.remove(&id).unwrap() {
                let cells = rows.next_if(|cells| cells[0] == name).unwrap();
                assert_eq!((date.to_string().as_str(), figures.count.to_string().as_str()), (cells[1], cells[4]));
                let found = [figures.min, figures.max, figures.mean(), figures.energy_mwh, figures.sum];
                for (found, cell) in found.into_iter().zip(&cells[5..]) {
                    assert!((found - cell.parse::<f64>().unwrap()).abs() < 1e-9, "{name} {date}: {found} {cell}");
                }
            }
        }
        Ok(())
    })
    .await
}
