//! How many statements a list costs does not depend on how many parks it holds.

use std::sync::Arc;

use energy_parks::domain::access::Visibility;
use energy_parks::domain::bearer::Bearer;
use energy_parks::domain::load::LoadStatus;
use energy_parks::ingest::{By, ParkRef, ParkRow, ParksOptions, ReadingsOptions, Source, load_parks, load_readings};
use serde_json::{Value, json};

use crate::server::{TestServer, everywhere, now};

/// Every list, and what hangs on its members; `$ids` are those of all parks.
const LISTS: [(&str, &str); 18] = [
    ("parks", "{ parks(first: 1000) { nodes { name } } }"),
    ("the count of parks", "{ parks(first: 1000) { nodes { name } totalCount } }"),
    ("latest readings", "{ parks(first: 1000) { nodes { latestReading { localTimestamp megawatts } } } }"),
    ("data ranges", "{ parks(first: 1000) { nodes { dataRange { from until count } } } }"),
    ("readings", "{ parks(first: 1000) { nodes { readings(first: 3) { nodes { timestamp } } } } }"),
    ("the last readings", "{ parks(first: 1000) { nodes { readings(last: 3) { nodes { timestamp } } } } }"),
    (
        "counts of readings",
        "{ parks(first: 1000) { nodes { readings(first: 1) { nodes { timestamp } totalCount } } } }",
    ),
    (
        "series",
        "{ parks(first: 1000) { nodes {
            series(range: { from: \"2025-01-01T06:00:00Z\", until: \"2025-01-02T06:00:00Z\" }) { megawatts }
        } } }",
    ),
    ("days", "{ parks(first: 1000) { nodes { stats { date mean } } } }"),
    (
        "hours in another zone",
        "{ parks(first: 1000) { nodes { stats(
            granularity: HOUR, timezone: \"UTC\", dates: { from: \"2025-01-01\", until: \"2025-01-03\" }
        ) { mean } } } }",
    ),
    (
        "everything of a park",
        "{ parks(first: 1000) { nodes {
            latestReading { megawatts } dataRange { count } stats { mean } months: stats(granularity: MONTH) { mean }
            readings(first: 2) { nodes { megawatts } totalCount }
        } } }",
    ),
    (
        "stats of parks",
        "{ parkStats(first: 10000) { nodes { park { name latestReading { megawatts } } mean } totalCount } }",
    ),
    ("stats of energy types", "{ energyTypeStats(first: 10000) { nodes { mean } totalCount } }"),
    (
        "totals of energy types",
        "{ energyTypeStats(first: 10000, timezone: \"UTC\") { nodes { totalMin totalMean totalCompleteness } } }",
    ),
    ("loads", "{ loads(first: 1000) { nodes { status errors { line } } totalCount } }"),
    ("nodes", "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Park { name latestReading { megawatts } } } }"),
    (
        "what hangs on stats",
        "{ parks(first: 1000) { nodes { stats(dates: { from: \"2025-01-01\", until: \"2025-01-03\" }) {
            park { latestReading { megawatts } dataRange { count } }
        } } } }",
    ),
    (
        "what hangs on stats of parks",
        "{ parkStats(first: 600) { nodes { park {
            readings(first: 1) { totalCount }
            stats(dates: { from: \"2025-01-01\", until: \"2025-01-03\" }) { park { dataRange { count } } }
        } } } }",
    ),
];

#[tokio::test]
async fn a_list_of_150_parks_costs_as_many_statements_as_one_of_four() {
    everywhere(async |server| {
        grow(server, 0..4).await;
        let few = costs(server, 4).await;
        grow(server, 4..150).await;
        let many = costs(server, 150).await;
        for ((name, few), (_, many)) in few.iter().zip(&many) {
            assert_eq!(few, many, "{name} costs {few} statements for 4 parks and {many} for 150");
        }
    })
    .await;
}

/// The statements of each list.
async fn costs(server: &TestServer, parks: usize) -> Vec<(&'static str, u64)> {
    let data = server.data("{ parks(first: 1000) { nodes { id } } }", &json!({})).await;
    let ids: Vec<Value> = data["parks"]["nodes"].as_array().unwrap().iter().map(|park| park["id"].clone()).collect();
    assert_eq!(ids.len(), parks);
    let mut costs = Vec::new();
    for (name, document) in LISTS {
        let variables = if document.contains("$ids") { json!({ "ids": ids }) } else { json!({}) };
        let before = server.statements().await;
        server.data(document, &variables).await;
        costs.push((name, server.statements().await - before));
    }
    costs
}

/// Parks in two zones with two days of readings, each loaded by itself.
async fn grow(server: &TestServer, numbers: std::ops::Range<usize>) {
    let by = By { name: "olga".into(), visibility: Visibility::Everything, bearer: Bearer::Unending };
    let clock: energy_parks::ingest::Now = Arc::new(now);
    let row = |number: usize| ParkRow {
        park_name: format!("Park {number:03}"),
        timezone: if number.is_multiple_of(2) { "Europe/Amsterdam" } else { "Asia/Kathmandu" }.into(),
        energy_type: if number.is_multiple_of(3) { "Wind" } else { "Solar" }.into(),
        capacity_mw: Some(10.0),
        ..ParkRow::default()
    };
    let rows = Source::Rows(numbers.clone().map(row).collect());
    load_parks(&server.database, rows, &ParksOptions::default(), &by, &clock).await.unwrap();
    for number in numbers {
        let park = ParkRef::Name(format!("Park {number:03}"));
        let line = |hour: usize| format!("2025-01-{:02} {:02}:00,{}\n", 1 + hour / 24, hour % 24, (hour + number) % 10);
        let source = Source::csv(format!("datetime,MW\n{}", (0..48).map(line).collect::<String>()));
        let (options, progress) = (ReadingsOptions::default(), Arc::default());
        let load =
            load_readings(&server.database, Some(&park), source, &options, &by, &clock, &progress).await.unwrap();
        assert_eq!(load.status, LoadStatus::Loaded, "{load:?}");
    }
}
