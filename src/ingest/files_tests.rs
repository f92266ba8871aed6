use std::io::Write as _;

use super::testing::{Site, bad, counts, day};
use super::{ReadingRow, Source};
use crate::domain::access::Visibility;
use crate::domain::load::{LoadStatus, OnError};
use crate::error::{Error, Result};
use crate::storage::testing::{everywhere, noon};

/// R18
#[tokio::test]
async fn kilowatts_are_declared_by_the_column_and_other_units_refused() -> Result<()> {
    everywhere(async |database| {
        let mut site = Site::new(database, "UTC").await?;
        site.options.interval_minutes = Some(15);
        site.load("Date Time, KW \n2024-01-01 00:00,10108.3\n").await?;
        assert_eq!(counts(&site.load("datetime,MW\n2024-01-01 00:00,10.1083\n").await?), [0, 0, 1, 0]);
        for header in ["datetime,MWh", "datetime,power", "datetime,MW,kW", "time,MW", "datetime;MW", "datetime,MW,mw"] {
            let load = site.load(format!("{header}\n2024-01-01 00:00,1\n")).await?;
            assert_eq!((load.status, load.errors.len(), load.errors[0].line), (LoadStatus::Refused, 1, 1), "{header}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_file_that_is_none_is_refused_by_one_sentence() -> Result<()> {
    everywhere(async |database| {
        let mut site = Site::new(database, "UTC").await?;
        site.options.on_error = OnError::Skip;
        let rows = "datetime,MW\n2024-01-01 00:00,1\n";
        let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(rows.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let mut cut = gzip(&format!("datetime,MW\n{}", day("2024-01-01", 1).repeat(50)));
        cut.truncate(cut.len() / 2);
        let cases: [(&str, Vec<u8>, &str); 11] = [
            ("empty", vec![], "the file is empty"),
            ("blank", b"\n\n \n".to_vec(), "is empty"),
            ("header", b"datetime,MW\n".to_vec(), "no rows"),
            ("UTF-16", utf16, "UTF-16"),
            ("UTF-16 without mark", "datetime,MW\n".encode_utf16().flat_map(u16::to_le_bytes).collect(), "no text"),
            ("Latin-1", [rows.as_bytes(), b"2024-01-01 00:15,\xE9\n"].concat(), "UTF-8 (byte 0xE9)"),
            ("workbook", b"PK\x03\x04....".to_vec(), "Excel"),
            ("picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "picture"),
            ("program", b"\x7fELF\x02\x01\x01\0\0\0\0\0\n".to_vec(), "no text"),
            ("damaged", cut, "damaged or cut off"),
            (
                "open quote",
                [rows.as_bytes(), b"\"", "2024-01-01,1\n".repeat(200_000).as_bytes()].concat(),
                "quotation mark",
            ),
        ];
        for (name, bytes, sentence) in cases {
            let load = site.load(bytes).await?;
            assert_eq!((load.status, load.errors.len()), (LoadStatus::Refused, 1), "{name}: {:?}", load.errors);
            assert!(load.errors[0].reason.contains(sentence), "{name}: {:?}", load.errors);
            counts(&load);
            assert!(load.sha256.is_some() || matches!(name, "UTF-16" | "workbook" | "picture"), "{name}");
        }
        assert_eq!(site.standing("park").await?, []);
        Ok(())
    })
    .await
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

#[tokio::test]
async fn packing_marks_line_ends_quotes_and_further_columns_change_nothing() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        let plain = format!("datetime,MW\n{}", day("2024-01-01", 15));
        site.load(plain.clone()).await?;
        let marked = format!("\u{feff}{plain}");
        let members = [gzip(&plain[..500]), gzip(&plain[500..])].concat();
        let wide = plain.replace(",1\n", ",\"a \"\"b\"\"\n c\",\"1\"\n").replace("datetime,MW", "\"datetime\",note,MW");
        let cases: [Vec<u8>; 7] = [
            marked.clone().into(),
            gzip(&marked),
            members,
            plain.replace('\n', "\r\n").into(),
            plain.replace('\n', "\r").into(),
            plain.trim_end().into(),
            wide.into(),
        ];
        for (case, bytes) in cases.into_iter().enumerate() {
            let load = site.load(bytes).await?;
            assert_eq!((load.status, counts(&load)), (LoadStatus::Loaded, [0, 0, 96, 0]), "{case}: {:?}", load.errors);
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn files_are_told_by_their_names_and_missing_ones_fail() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my park.csv");
        std::fs::write(&path, format!("datetime,MW\n{}", day("2024-01-01", 15))).unwrap();
        let load = site.load_source(Some("park"), Source::Path(path.clone())).await?;
        assert_eq!((load.source.as_str(), counts(&load)), ("my park.csv", [96, 0, 0, 0]));
        std::fs::remove_file(&path).unwrap();
        let Err(Error::Invalid(sentence)) = site.load_source(Some("park"), Source::Path(path)).await else { panic!() };
        assert_eq!(sentence, "there is no such file", "the report names it, and nobody learns of folders");
        Ok(())
    })
    .await
}

/// R22
#[tokio::test]
async fn a_nul_byte_makes_its_row_a_bad_one() -> Result<()> {
    everywhere(async |database| {
        let mut site = Site::new(database, "UTC").await?;
        site.options.interval_minutes = Some(15);
        let csv = "datetime,MW,note\n2024-01-01 00:00,1,\n2024-01-01 00:15,2\0,\n2024-01-01 00:30,3,a\0b\n\0\0\0\n2024-01-01 00:45,4,\n";
        let load = site.load(csv).await?;
        assert_eq!((load.status, counts(&load)), (LoadStatus::Refused, [2, 0, 0, 3]));
        assert_eq!(bad(&load), ["3 MW 2\u{fffd}", "4 note a\u{fffd}b", "5 datetime \u{fffd}\u{fffd}\u{fffd}"]);
        assert!(load.errors.iter().all(|error| error.reason.contains("NUL")), "{:?}", load.errors);
        let kept = site.database.reads(Visibility::Everything).find_load(load.id, noon()).await?;
        assert_eq!(kept, Some(load), "the ledger keeps what was told");
        site.options.on_error = OnError::Skip;
        let load = site.load(csv).await?;
        assert_eq!((load.status, counts(&load)), (LoadStatus::Loaded, [2, 0, 0, 3]));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn columns_that_are_not_read_are_warned_of() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        let rows = day("2024-01-01", 15);
        assert_eq!(site.load(format!("datetime,MW\n{rows}")).await?.warnings, Vec::<String>::new());
        let load = site.load(format!("datetime,MW,Note,\n{}", rows.replace(",1\n", ",1,,\n"))).await?;
        assert_eq!((load.status, load.warnings), (LoadStatus::Loaded, vec!["the column Note is not read".to_owned()]));
        let load = site.load(format!("datetime,MW,interval_minutes\n{}", rows.replace(",1\n", ",1,30\n"))).await?;
        assert!(load.warnings[0].starts_with("the column interval_minutes is not read; the width"), "{load:?}");
        let load = site.load("datetime,MW,interval_minutes\n2024-01-02 00:00,1,30\n").await?;
        assert_eq!(load.status, LoadStatus::Loaded, "{load:?}");
        Ok(())
    })
    .await
}

/// R19: sums of what is taken are numbers.
#[tokio::test]
async fn a_power_beyond_what_can_be_summed_up_is_a_bad_row_whichever_way_it_comes() -> Result<()> {
    everywhere(async |database| {
        let mut site = Site::new(database, "UTC").await?;
        site.options.interval_minutes = Some(15);
        let row = |megawatts| ReadingRow { timestamp: "2024-01-01T00:00Z".into(), megawatts, ..ReadingRow::default() };
        let at = "2024-01-01 00:00";
        for (source, is_good) in [
            (Source::csv(format!("datetime,MW\n{at},1.7e308\n")), false),
            (Source::csv(format!("datetime,MW\n{at},-1e291\n")), false),
            (Source::csv(format!("datetime,kW\n{at},1e294\n")), false),
            (Source::Rows(vec![row(1e300)]), false),
            (Source::Rows(vec![row(f64::INFINITY)]), false),
            (Source::csv(format!("datetime,MW\n{at},1e290\n")), true),
            (Source::csv(format!("datetime,kW\n{at},-1e12\n")), true),
            (Source::Rows(vec![row(-1e9)]), true),
        ] {
            let load = site.load_source(Some("park"), source).await?;
            let reasons: Vec<_> = load.errors.iter().map(|error| error.reason.as_str()).collect();
            match reasons.as_slice() {
                [] => assert!(is_good, "{load:?}"),
                [reason] => assert!(!is_good && reason.contains("range of numbers"), "{load:?}"),
                _ => panic!("{load:?}"),
            }
        }
        Ok(())
    })
    .await
}

/// R22
#[tokio::test]
async fn a_quotation_mark_left_open_swallows_no_row() -> Result<()> {
    everywhere(async |database| {
        let mut site = Site::new(database, "UTC").await?;
        site.options.interval_minutes = Some(30);
        site.options.on_error = OnError::Skip;
        let load = site.load("datetime,MW,note\n2024-02-01 00:00,1,\"a\n2024-02-01 00:30,1,b\n2024-02-01 01:00,7,b\n").await?;
        assert_eq!((load.status, load.counts.inserted), (LoadStatus::Refused, 0));
        assert!(load.errors[0].reason.contains("the one in line 2 is left open"), "{load:?}");
        let csv = "datetime,MW,note\n2024-02-01 00:00,1,\"a\n2024-02-01 00:30,1,b\n2024-02-01 01:00,7,\"c\n2024-02-01 01:30,2,d\n";
        let load = site.load(csv).await?;
        assert_eq!((load.status, counts(&load)), (LoadStatus::Loaded, [1, 0, 0, 1]));
        assert!(load.errors[0].line == 2 && load.errors[0].reason.contains("quotation mark"), "{load:?}");
        assert!(load.warnings.iter().any(|warning| warning.contains("several lines, the first in line 2")), "{load:?}");
        let load = site.load("datetime,MW,note\n2024-02-02 00:00,1,\"a\nb\"\n2024-02-02 00:30,1,\"say \"\"c\"\"\"\n").await?;
        assert_eq!((load.status, counts(&load)), (LoadStatus::Loaded, [2, 0, 0, 0]), "{load:?}");
        Ok(())
    })
    .await
}

/// R12
#[tokio::test]
async fn rows_further_apart_than_a_park_s_width_are_warned_of() -> Result<()> {
    everywhere(async |database| {
        let site = Site::new(database, "UTC").await?;
        site.load(format!("datetime,MW\n{}", day("2024-01-01", 15))).await?;
        let daily: Vec<_> = (1..20).map(|day| format!("2024-02-{day:02} 00:00,10\n")).collect();
        let load = site.load(format!("datetime,MW\n{}", daily.concat())).await?;
        assert_eq!(load.status, LoadStatus::Loaded);
        let [warning] = load.warnings.as_slice() else { panic!("{load:?}") };
        assert!(warning.contains("1440 minutes apart, and are taken as 15 minutes wide"), "{warning}");
        Ok(())
    })
    .await
}
