//! Loading by mutation: inline, by upload, on trial, and what is told of bad rows.

use std::io::Write;

use axum::http::StatusCode;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::multipart::upload;
use crate::server::{By, TestServer, everywhere};

const REPORT: &str = "kind status source sha256 rowsRead inserted updated unchanged rejected warnings
    errors { line column value reason } startedAt finishedAt by";

fn load_parks() -> String {
    format!(
        "mutation($source: ParksSource!, $onError: OnError! = ABORT, $dryRun: Boolean! = false) {{
            load: loadParks(source: $source, onError: $onError, dryRun: $dryRun) {{ {REPORT} }}
        }}"
    )
}

fn load_readings() -> String {
    format!(
        "mutation(
            $park: ParkBy, $source: ReadingsSource!, $clock: Clock! = \"UTC\", $label: Label! = START
            $minutes: Int, $fold: Fold! = REJECT, $onError: OnError! = ABORT, $dryRun: Boolean! = false
        ) {{
            load: loadReadings(
                park: $park, source: $source, clock: $clock, label: $label, intervalMinutes: $minutes, fold: $fold
                onError: $onError, dryRun: $dryRun
            ) {{ {REPORT} }}
        }}"
    )
}

fn upload_readings() -> String {
    load_readings()
        .replace("$source: ReadingsSource!", "$file: Upload!")
        .replace("source: $source", "source: { file: $file }")
}

/// Status, and inserted, updated, unchanged, rejected, which add up to the rows read (R21).
fn counts(load: &Value) -> (String, [i64; 4]) {
    let counts = ["inserted", "updated", "unchanged", "rejected"].map(|field| load[field].as_i64().unwrap());
    assert_eq!(load["rowsRead"], json!(counts.iter().sum::<i64>()), "{load}");
    (load["status"].as_str().unwrap().to_owned(), counts)
}

fn told(status: &str, counts: [i64; 4]) -> (String, [i64; 4]) {
    (status.to_owned(), counts)
}

/// Bad rows without their reasons, which are not empty.
fn bad_rows(load: &Value) -> Value {
    let mut errors = load["errors"].clone();
    for error in errors.as_array_mut().unwrap() {
        assert!(error["reason"].as_str().unwrap().len() > 5, "{load}");
        error.as_object_mut().unwrap().remove("reason");
    }
    errors
}

async fn parks(server: &TestServer) {
    let csv = "park_name,timezone,energy_type\nNord,Europe/Amsterdam,Wind\nSüd,UTC,solar\n";
    let load = server.data(&load_parks(), &json!({ "source": { "csv": csv } })).await;
    assert_eq!(counts(&load["load"]), told("LOADED", [2, 0, 0, 0]));
}

/// Loads readings with these variables.
async fn load(server: &TestServer, variables: Value) -> Value {
    server.data(&load_readings(), &variables).await["load"].take()
}

/// Start, width and MW of each reading of a park.
async fn standing(server: &TestServer, park: &str) -> Vec<(String, i64, f64)> {
    let document = "query($name: String!) { park(by: { name: $name }) {
        series(range: {}) { timestamps minutes megawatts }
    } }";
    let data = server.data(document, &json!({ "name": park })).await;
    let column = |name: &str| data["park"]["series"][name].as_array().unwrap().clone();
    let rows = column("timestamps").into_iter().zip(column("minutes")).zip(column("megawatts"));
    rows.map(|((start, minutes), megawatts)| {
        (start.as_str().unwrap().to_owned(), minutes.as_i64().unwrap(), megawatts.as_f64().unwrap())
    })
    .collect()
}

fn reading(start: &str, minutes: i64, megawatts: f64) -> (String, i64, f64) {
    (start.to_owned(), minutes, megawatts)
}

/// Hours of a day.
fn day(hours: std::ops::Range<usize>) -> String {
    let rows: Vec<_> = hours.map(|hour| format!("2025-03-01 {hour:02}:00,{hour}.5\n")).collect();
    format!("datetime,MW\n{}", rows.concat())
}

/// R21
#[tokio::test]
async fn parks_come_as_csv_as_rows_and_as_a_file_and_are_changed_where_they_stand() {
    everywhere(async |server| {
        let csv = "park_name,timezone,energy_type,capacity_mw\n\"Nord, 1\",Europe/Amsterdam,WIND,10\nSüd,UTC,Solar,\n";
        let load = server.data(&load_parks(), &json!({ "source": { "csv": csv } })).await;
        assert_eq!(counts(&load["load"]), told("LOADED", [2, 0, 0, 0]));
        assert_eq!((&load["load"]["kind"], &load["load"]["source"]), (&json!("PARKS"), &json!("csv")));
        let rows = json!([
            { "name": "Nord, 1", "timezone": "Europe/Amsterdam", "energyType": "WIND", "capacityMw": 12.5 },
            { "name": "Süd", "timezone": "UTC", "energyType": "SOLAR" },
            { "name": "West", "timezone": "Asia/Kathmandu", "energyType": "SOLAR", "intervalMinutes": 15 },
        ]);
        let load = server.data(&load_parks(), &json!({ "source": { "rows": rows } })).await;
        assert_eq!(counts(&load["load"]), told("LOADED", [1, 1, 1, 0]));
        let document = load_parks().replace("$source: ParksSource!", "$file: Upload!");
        let document = document.replace("source: $source", "source: { file: $file }");
        let csv = "park_name,timezone,energy_type\nOst,Asia/Kolkata,wind\nSüd,UTC,solar\n";
        let (status, answer) = upload(server, By::Operator, &document, &json!({}), "parks.csv", csv.as_bytes()).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(counts(&answer["data"]["load"]), told("LOADED", [1, 0, 1, 0]));
        assert_eq!(answer["data"]["load"]["source"], "parks.csv");
        let found = server.data("{ parks { nodes { name timezone capacityMw intervalMinutes } } }", &json!({})).await;
        let park = |name, timezone, capacity, minutes| {
            json!({ "name": name, "timezone": timezone, "capacityMw": capacity, "intervalMinutes": minutes })
        };
        let none = Value::Null;
        assert_eq!(
            found["parks"]["nodes"],
            json!([
                park("Nord, 1", "Europe/Amsterdam", json!(12.5), &none),
                park("Ost", "Asia/Kolkata", none.clone(), &none),
                park("Süd", "UTC", none.clone(), &none),
                park("West", "Asia/Kathmandu", none.clone(), &json!(15)),
            ])
        );
    })
    .await;
}

/// R22
#[tokio::test]
async fn a_bad_park_is_told_by_line_column_and_value_and_keeps_the_others_out() {
    everywhere(async |server| {
        let csv = "park_name,timezone,energy_type,capacity_mw\nNord,Europe/Amsterdam,Wind,1\n\
                   Süd,Mars/Olympus,Solar,1\nWest,UTC,Tide,1\n,UTC,Wind,1\nOst,UTC,Wind,-3\n";
        let bad = json!([
            { "line": 3, "column": "timezone", "value": "Mars/Olympus" },
            { "line": 4, "column": "energy_type", "value": "Tide" },
            { "line": 5, "column": "park_name", "value": "" },
            { "line": 6, "column": "capacity_mw", "value": "-3" },
        ]);
        for (on_error, dry_run, status, parks) in
            [("ABORT", false, "REFUSED", 0), ("SKIP", true, "DRY_RUN", 0), ("SKIP", false, "LOADED", 1)]
        {
            let variables = json!({ "source": { "csv": csv }, "onError": on_error, "dryRun": dry_run });
            let load = server.data(&load_parks(), &variables).await;
            assert_eq!(counts(&load["load"]), told(status, [1, 0, 0, 4]));
            assert_eq!(bad_rows(&load["load"]), bad);
            let found = server.data("{ parks { totalCount } }", &json!({})).await;
            assert_eq!(found["parks"]["totalCount"], parks, "{on_error} {dry_run}");
        }
    })
    .await;
}

/// R21
#[tokio::test]
async fn readings_come_as_csv_as_rows_as_a_file_and_packed() {
    everywhere(async |server| {
        parks(server).await;
        let nord = json!({ "name": "Nord" });
        let load = load(server, json!({ "park": nord, "source": { "csv": day(0..4) } })).await;
        assert_eq!(counts(&load), told("LOADED", [4, 0, 0, 0]));
        assert_eq!((&load["kind"], &load["source"], &load["by"]), (&json!("READINGS"), &json!("csv"), &json!("olga")));
        let rows = json!([
            { "parkName": "Nord", "timestamp": "2025-03-01T04:00:00+01:00", "megawatts": 30, "minutes": 60 },
            { "parkName": "Süd", "timestamp": "2025-03-01 00:00", "megawatts": -0.25, "minutes": 5 },
        ]);
        let load = self::load(server, json!({ "source": { "rows": rows } })).await;
        assert_eq!(counts(&load), told("LOADED", [1, 1, 0, 0]));
        assert_eq!((&load["source"], &load["sha256"]), (&json!("rows"), &Value::Null));
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(day(2..8).as_bytes()).unwrap();
        let variables = json!({ "park": nord });
        for (name, bytes, expected) in [
            ("Nord.csv", day(2..6).into_bytes(), [2, 1, 1, 0]),
            ("Nord.csv.gz", packed.finish().unwrap(), [2, 0, 4, 0]),
        ] {
            let (status, answer) = upload(server, By::Operator, &upload_readings(), &variables, name, &bytes).await;
            assert_eq!(status, StatusCode::OK, "{answer}");
            let load = &answer["data"]["load"];
            assert_eq!(counts(load), told("LOADED", expected), "{name}");
            assert_eq!((&load["source"], load["sha256"].as_str().unwrap().len()), (&json!(name), 64));
        }
        let hour = |hour: u32| reading(&format!("2025-03-01T{hour:02}:00:00Z"), 60, f64::from(hour) + 0.5);
        assert_eq!(standing(server, "Nord").await, (0..8).map(hour).collect::<Vec<_>>());
        assert_eq!(standing(server, "Süd").await, [reading("2025-03-01T00:00:00Z", 5, -0.25)]);
        assert_eq!(server.revisions().await, 2);
    })
    .await;
}

/// R22
#[tokio::test]
async fn bad_readings_are_told_by_line_column_and_value_and_skipped_on_request() {
    everywhere(async |server| {
        parks(server).await;
        let csv = "datetime,MW\n2025-03-01 00:00,1\nyesterday,2\n2025-03-01 02:00,NaN\n2025-03-01 03:00,\n\
                   2025-03-01 04:00,5\n2025-03-01 05:00,6\n2025-03-01 05:00,7\n2025-03-01 06:00,1 MW\n";
        let bad = json!([
            { "line": 3, "column": "datetime", "value": "yesterday" },
            { "line": 4, "column": "MW", "value": "NaN" },
            { "line": 5, "column": "MW", "value": "" },
            { "line": 7, "column": "datetime", "value": "2025-03-01 05:00" },
            { "line": 8, "column": "datetime", "value": "2025-03-01 05:00" },
            { "line": 9, "column": "MW", "value": "1 MW" },
        ]);
        for (on_error, dry_run, status, readings) in
            [("ABORT", false, "REFUSED", 0), ("SKIP", true, "DRY_RUN", 0), ("SKIP", false, "LOADED", 2)]
        {
            let load = load(
                server,
                json!({
                    "park": { "name": "Nord" }, "source": { "csv": csv }, "minutes": 60,
                    "onError": on_error, "dryRun": dry_run,
                }),
            )
            .await;
            assert_eq!(counts(&load), told(status, [2, 0, 0, 6]));
            assert_eq!(bad_rows(&load), bad);
            assert_eq!(standing(server, "Nord").await.len(), readings, "{on_error} {dry_run}");
        }
    })
    .await;
}

/// R21
#[tokio::test]
async fn a_dry_run_tells_what_would_be_and_leaves_nothing() {
    everywhere(async |server| {
        parks(server).await;
        let before = server.data("{ loads { totalCount } }", &json!({})).await;
        let source = json!({ "csv": day(0..5) });
        let variables = json!({ "park": { "name": "Nord" }, "source": source, "dryRun": true });
        assert_eq!(counts(&load(server, variables).await), told("DRY_RUN", [5, 0, 0, 0]));
        assert_eq!(standing(server, "Nord").await, []);
        let found = server
            .data("{ loads { totalCount } park(by: { name: \"Nord\" }) { dataRange { count } } }", &json!({}))
            .await;
        assert_eq!((&found["loads"], &found["park"]["dataRange"]), (&before["loads"], &Value::Null));
    })
    .await;
}

/// R4 R5 R8 R18
#[tokio::test]
async fn clock_label_fold_and_unit_are_what_the_load_declares() {
    everywhere(async |server| {
        parks(server).await;
        let one = async |csv: &str, declared: Value| {
            let mut variables = json!({ "park": { "name": "Nord" }, "source": { "csv": csv }, "minutes": 60 });
            variables.as_object_mut().unwrap().extend(declared.as_object().unwrap().clone());
            counts(&load(server, variables).await)
        };
        let stamp = "datetime,MW\n2025-07-01 00:00,1\n";
        let loaded = told("LOADED", [1, 0, 0, 0]);
        assert_eq!(one(stamp, json!({ "clock": "PARK" })).await, loaded);
        assert_eq!(one(stamp, json!({ "clock": "+10:00" })).await, loaded);
        assert_eq!(one(stamp, json!({ "clock": "park", "label": "END" })).await, loaded);
        assert_eq!(one("datetime,kW\n2025-07-01 00:00,1500\n", json!({})).await, loaded);
        let fold = "datetime,MW\n2025-10-26 02:00,3\n";
        assert_eq!(one(fold, json!({ "clock": "PARK" })).await, told("REFUSED", [0, 0, 0, 1]));
        assert_eq!(one(fold, json!({ "clock": "PARK", "fold": "EARLIER" })).await, loaded);
        assert_eq!(one(fold, json!({ "clock": "PARK", "fold": "LATER" })).await, loaded);
        let gap = "datetime,MW\n2025-03-30 02:30,3\n";
        assert_eq!(one(gap, json!({ "clock": "PARK" })).await, told("REFUSED", [0, 0, 0, 1]));
        let expected = [
            ("2025-06-30T14:00:00Z", 1.0),
            ("2025-06-30T21:00:00Z", 1.0),
            ("2025-06-30T22:00:00Z", 1.0),
            ("2025-07-01T00:00:00Z", 1.5),
            ("2025-10-26T00:00:00Z", 3.0),
            ("2025-10-26T01:00:00Z", 3.0),
        ];
        assert_eq!(standing(server, "Nord").await, expected.map(|(start, megawatts)| reading(start, 60, megawatts)));
    })
    .await;
}

#[tokio::test]
async fn a_load_that_is_not_waited_for_is_asked_after_by_its_id() {
    everywhere(async |server| {
        parks(server).await;
        let document = "mutation($csv: String!) {
            loadReadings(park: { name: \"Nord\" }, source: { csv: $csv }, wait: false) { id status finishedAt }
        }";
        let begun = server.data(document, &json!({ "csv": day(0..24) })).await["loadReadings"].take();
        assert_eq!((&begun["status"], &begun["finishedAt"]), (&json!("RUNNING"), &Value::Null));
        let ask = format!("query($id: ID!) {{ load(id: $id) {{ {REPORT} }} }}");
        for _ in 0..20_000 {
            let load = server.data(&ask, &json!({ "id": begun["id"] })).await["load"].take();
            if load["status"] != "RUNNING" {
                assert_eq!(counts(&load), told("LOADED", [24, 0, 0, 0]));
                assert_eq!(standing(server, "Nord").await.len(), 24);
                return;
            }
        }
        panic!("the load does not end");
    })
    .await;
}

#[tokio::test]
async fn a_call_at_fault_is_an_error_and_a_file_at_fault_a_report() {
    everywhere(async |server| {
        parks(server).await;
        let document = load_readings();
        let csv = json!({ "csv": day(0..2) });
        let nowhere = json!({ "park": { "name": "Nowhere" }, "source": csv });
        assert_eq!(server.code(By::Operator, &document, &nowhere).await, "NOT_FOUND");
        let wide = json!({ "park": { "name": "Nord" }, "source": csv, "minutes": 1_441 });
        assert_eq!(server.code(By::Operator, &document, &wide).await, "BAD_USER_INPUT");
        let nord = json!({ "park": { "name": "Nord" }, "source": csv });
        assert_eq!(server.code(By::Reader, &document, &nord).await, "FORBIDDEN");
        assert_eq!(server.code(By::Nobody, &document, &nord).await, "UNAUTHENTICATED");
        let parks = json!({ "source": { "csv": "park_name,timezone,energy_type\nNeu,UTC,Wind\n" } });
        assert_eq!(server.code(By::Reader, &load_parks(), &parks).await, "FORBIDDEN");
        let variables = json!({ "park": { "name": "Nord" } });
        for (by, status) in [(By::Reader, StatusCode::FORBIDDEN), (By::Nobody, StatusCode::UNAUTHORIZED)] {
            let sent = upload(server, by, &upload_readings(), &variables, "a.csv", day(0..2).as_bytes()).await;
            assert_eq!(sent.0, status, "{}", sent.1);
        }
        for csv in [
            day(0..2),
            String::new(),
            "a,b\n1,2\n".into(),
            "park_name,datetime,MW\nNowhere,2025-03-01 00:00,1\n".into(),
        ] {
            let load = load(server, json!({ "source": { "csv": csv } })).await;
            assert_eq!(load["status"], "REFUSED", "{load}");
            assert_ne!(load["errors"], json!([]), "{load}");
        }
        assert_eq!(standing(server, "Nord").await, []);
    })
    .await;
}

#[tokio::test]
async fn a_file_of_several_parks_names_them_row_by_row() {
    everywhere(async |server| {
        parks(server).await;
        let row = |index: usize| match index % 2 {
            0 => format!("Nord,2025-03-01 {:02}:{:02},1.5\n", index / 2 / 4, index / 2 % 4 * 15),
            _ => format!("{},2025-03-01 00:{:02},2.5\n", ["Süd", "Su\u{308}d"][index / 2 % 2], index / 2 * 5),
        };
        let csv = format!("park_name,datetime,MW\n{}", (0..24).map(row).collect::<String>());
        let load = load(server, json!({ "source": { "csv": csv } })).await;
        assert_eq!(counts(&load), told("LOADED", [24, 0, 0, 0]), "{load}");
        for (park, minutes, megawatts) in [("Nord", 15, 1.5), ("Süd", 5, 2.5)] {
            let start = |index: i64| format!("2025-03-01T{:02}:{:02}:00Z", index * minutes / 60, index * minutes % 60);
            let expected: Vec<_> = (0..12).map(|index| reading(&start(index), minutes, megawatts)).collect();
            assert_eq!(standing(server, park).await, expected, "{park}");
        }
    })
    .await;
}

#[tokio::test]
async fn null_takes_away_only_what_need_not_be_known() {
    everywhere(async |server| {
        parks(server).await;
        let id = server.data("{ park(by: { name: \"Nord\" }) { id } }", &json!({})).await["park"]["id"].take();
        let change = "mutation($id: ID!, $input: ParkChanges!) {
            updatePark(id: $id, input: $input) { name timezone energyType capacityMw }
        }";
        for field in ["name", "timezone", "energyType"] {
            let input = json!({ "id": id, "input": { field: null, "capacityMw": 7 } });
            let answer = server.ask_by(By::Operator, change, &input).await;
            assert!(
                answer.contains(&format!("{field} may not be null")) && answer.contains("BAD_USER_INPUT"),
                "{answer}"
            );
        }
        for (capacity, told) in [(json!(7.5), json!(7.5)), (Value::Null, Value::Null)] {
            let data = server.data(change, &json!({ "id": id, "input": { "capacityMw": capacity } })).await;
            let park =
                json!({ "name": "Nord", "timezone": "Europe/Amsterdam", "energyType": "WIND", "capacityMw": told });
            assert_eq!(data["updatePark"], park);
        }
    })
    .await;
}

#[tokio::test]
async fn readings_are_deleted_within_a_range_that_has_an_end() {
    everywhere(async |server| {
        parks(server).await;
        load(server, json!({ "park": { "name": "Nord" }, "source": { "csv": day(0..4) } })).await;
        let delete =
            "mutation($range: TimeRange!) { deleteReadings(park: { name: \"Nord\" }, range: $range) { updated } }";
        for open in [json!({}), json!({ "from": null, "until": null })] {
            assert_eq!(server.code(By::Operator, delete, &json!({ "range": open })).await, "BAD_USER_INPUT");
        }
        assert_eq!(standing(server, "Nord").await.len(), 4);
        let data = server.data(delete, &json!({ "range": { "from": "2025-03-01T03:00:00Z" } })).await;
        assert_eq!(data["deleteReadings"], json!({ "updated": 1 }));
    })
    .await;
}
