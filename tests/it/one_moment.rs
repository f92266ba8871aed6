//! An answer is as of one moment: its parts fit together while loads go on.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use energy_parks::domain::access::Visibility;
use energy_parks::domain::bearer::Bearer;
use energy_parks::domain::load::LoadStatus;
use energy_parks::ingest::{By, ParkRow, ParksOptions, ReadingsOptions, Source, load_parks, load_readings};
use serde_json::{Value, json};

use crate::server::{TestServer, everywhere, now};

const LOADS: u32 = 12;

/// Whatever it asks is the power that the last load gave to all readings.
const DOCUMENT: &str = "{
    parks { nodes {
        latestReading { megawatts } stats { min max } readings(first: 1) { nodes { megawatts } }
        hours: stats(granularity: HOUR, dates: { from: \"2025-01-01\", until: \"2025-01-02\" }) { max }
    } }
    parkStats(first: 100) { nodes { max park { latestReading { megawatts } } } }
    energyTypeStats(first: 100) { nodes { min max } }
    late: park(by: { name: \"Late\" }) { latestReading { megawatts } }
}";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn all_of_an_answer_is_as_of_one_moment_while_loads_go_on() {
    everywhere(async |server| {
        let rows = ["Early", "Late"].map(|name| ParkRow {
            park_name: name.into(),
            timezone: "Europe/Amsterdam".into(),
            energy_type: "Wind".into(),
            ..ParkRow::default()
        });
        let (by, clock) = (by(), clock());
        load_parks(&server.database, Source::Rows(rows.to_vec()), &ParksOptions::default(), &by, &clock).await.unwrap();
        load(server, 1).await;
        let is_done = AtomicBool::new(false);
        let loads = async {
            for megawatts in 2..LOADS {
                load(server, megawatts).await;
            }
            is_done.store(true, Ordering::Relaxed);
        };
        let asks = async || {
            let mut seen = BTreeSet::new();
            while !is_done.load(Ordering::Relaxed) {
                let answer = server.data(DOCUMENT, &json!({})).await;
                let mut powers = BTreeSet::new();
                numbers(&answer, &mut powers);
                assert_eq!(powers.len(), 1, "one answer tells of several loads: {answer}");
                seen.extend(powers);
            }
            seen.len()
        };
        // More askers than there are connections.
        let askers = futures::future::join_all((0..18).map(|_| asks()));
        let ((), seen) = tokio::join!(loads, askers);
        assert!(
            seen.iter().all(|seen| *seen > 0) && seen.iter().any(|seen| *seen > 1),
            "the answers saw {seen:?} of the loads"
        );
    })
    .await;
}

fn by() -> By {
    By { name: "olga".into(), visibility: Visibility::Everything, bearer: Bearer::Unending }
}

fn clock() -> energy_parks::ingest::Now {
    Arc::new(now)
}

/// Gives all readings of both parks that power, in one transaction.
async fn load(server: &TestServer, megawatts: u32) {
    let line =
        |park: &str, hour: usize| format!("{park},2025-01-{:02} {:02}:00,{megawatts}\n", 1 + hour / 24, hour % 24);
    let lines: String = ["Early", "Late"].iter().flat_map(|park| (0..72).map(|hour| line(park, hour))).collect();
    let source = Source::csv(format!("park_name,datetime,MW\n{lines}"));
    let (options, progress) = (ReadingsOptions::default(), Arc::default());
    let load = load_readings(&server.database, None, source, &options, &by(), &clock(), &progress).await.unwrap();
    assert_eq!(load.status, LoadStatus::Loaded, "{load:?}");
}

fn numbers(value: &Value, found: &mut BTreeSet<u64>) {
    match value {
        Value::Number(number) => {
            found.insert(number.as_f64().unwrap().to_bits());
        }
        Value::Array(items) => items.iter().for_each(|item| numbers(item, found)),
        Value::Object(fields) => fields.values().for_each(|value| numbers(value, found)),
        _ => {}
    }
}
