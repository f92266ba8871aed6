//! Files of real parks, where there are any, against figures that were computed from their source independently; else made-up
//! ones against the slow and obvious way.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::fixture;
use crate::multipart::upload;
use crate::reference::{parts, stats};
use crate::server::{By, TestServer, everywhere};

/// Names a folder with `parks.csv`, a `<park>.csv` each on the park's wall clock, and `expected-daily.csv`.
const FOLDER: &str = "ENERGY_PARKS_REAL_DATA";

/// Where else it is looked for.
const BESIDE: &str = "../shared/data/nz";

/// The columns of `expected-daily.csv` behind the park and the date, as the API names them.
const FIGURES: [&str; 8] = ["hours", "expected", "count", "min", "max", "mean", "energyMwh", "sum"];

struct Files {
    parks: String,
    /// By park.
    readings: BTreeMap<String, String>,
    /// By park and local date.
    expected: BTreeMap<(String, String), [f64; 8]>,
}

#[expect(clippy::disallowed_methods, reason = "the tests' setting is the runner's, not the program's")]
fn folder() -> Option<PathBuf> {
    let named = std::env::var(FOLDER).ok().filter(|path| !path.is_empty());
    let beside = || Some(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(BESIDE)).filter(|path| path.is_dir());
    named.map(PathBuf::from).or_else(beside)
}

fn real(folder: &std::path::Path) -> Files {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let parks = read("parks.csv");
    let names = parks.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned());
    let readings = names.map(|name| (name.clone(), read(&format!("{name}.csv")))).collect();
    let table = read("expected-daily.csv");
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("park_name,local_date,hours,expected,count,min,max,mean,energy_mwh,sum"));
    let row = |line: &str| {
        let cells: Vec<_> = line.split(',').collect();
        let figures: Vec<f64> = cells[2..].iter().map(|cell| cell.parse().unwrap()).collect();
        ((cells[0].to_owned(), cells[1].to_owned()), figures.try_into().unwrap())
    };
    Files { parks, readings, expected: lines.map(row).collect() }
}

fn made_up() -> Files {
    let parks: Vec<_> = fixture::parks().into_iter().filter(fixture::PlainPark::is_on_the_wall_clock).collect();
    let line = |park: &fixture::PlainPark| format!("\"{}\",{},{}\n", park.name, park.timezone, park.energy_type);
    let head = "park_name,timezone,energy_type\n".to_owned();
    let mut expected = BTreeMap::new();
    for park in &parks {
        for part in parts(park, None, "DAY").chunks(1).map(stats) {
            let number = |count: usize| f64::from(u32::try_from(count).unwrap());
            let seconds = part.bucket.until - part.bucket.from;
            let figures = [
                number(usize::try_from(seconds).unwrap()) / 3_600.0,
                number(usize::try_from(part.expected).unwrap()),
                number(part.count),
                part.min.unwrap(),
                part.max.unwrap(),
                part.mean.unwrap(),
                part.energy_mwh.unwrap(),
                part.sum.unwrap(),
            ];
            expected.insert((park.name.to_owned(), part.bucket.date.to_string()), figures);
        }
    }
    Files {
        parks: head + &parks.iter().map(line).collect::<String>(),
        readings: parks.iter().map(|park| (park.name.to_owned(), park.wall_csv())).collect(),
        expected,
    }
}

/// Loads every file; inserted, updated and unchanged rows of all.
async fn load(server: &TestServer, files: &BTreeMap<String, String>) -> [i64; 3] {
    let document = "mutation($park: String!, $file: Upload!) {
        loadReadings(park: { name: $park }, source: { file: $file }, clock: \"PARK\") {
            status inserted updated unchanged rejected warnings errors { line column value reason }
        }
    }";
    let mut all = [0; 3];
    for (park, csv) in files {
        let name = format!("{park}.csv");
        let (_, answer) = upload(server, By::Operator, document, &json!({ "park": park }), &name, csv.as_bytes()).await;
        let load = &answer["data"]["loadReadings"];
        assert_eq!(load["status"], "LOADED", "{answer}");
        for (sum, field) in all.iter_mut().zip(["inserted", "updated", "unchanged"]) {
            *sum += load[field].as_i64().unwrap();
        }
    }
    all
}

/// Every day of every park.
async fn days(server: &TestServer) -> BTreeMap<(String, String), Value> {
    let document = format!("{{ parks {{ nodes {{ name stats {{ date {} }} }} }} }}", FIGURES.join(" "));
    let data = server.data(&document, &json!({})).await;
    let parks = data["parks"]["nodes"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let days = parks.iter().flat_map(|park| {
        park["stats"].as_array().unwrap().iter().map(|day| ((text(&park["name"]), text(&day["date"])), day.clone()))
    });
    days.collect()
}

fn compare(found: &BTreeMap<(String, String), Value>, expected: &BTreeMap<(String, String), [f64; 8]>) {
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (day, expected) in expected {
        for (field, expected) in FIGURES.into_iter().zip(expected) {
            let value = found[day][field].as_f64().unwrap();
            let is_near = (value - expected).abs() <= 1e-9 * expected.abs() + 1e-12;
            assert!(is_near, "{field} of {day:?}: {value}, not {expected}");
        }
    }
}

/// How many rows are changed.
const CHANGED: usize = 10;

/// Other powers in some rows: the file, and by how much the sums of their days rise.
fn change(csv: &str) -> (String, BTreeMap<String, f64>) {
    let mut lines: Vec<String> = csv.lines().map(ToOwned::to_owned).collect();
    let mut risen = BTreeMap::new();
    let step = (lines.len() - 1) / CHANGED;
    for line in lines.iter_mut().skip(1).step_by(step).take(CHANGED) {
        let (stamp, megawatts) = line.split_once(',').unwrap();
        *risen.entry(stamp[..10].to_owned()).or_insert(0.0) += 0.125;
        *line = format!("{stamp},{}", megawatts.parse::<f64>().unwrap() + 0.125);
    }
    (lines.join("\n") + "\n", risen)
}

/// R2 R4 R5 R12 R13 R14 R20 R21
#[tokio::test]
async fn files_of_parks_give_the_expected_days_are_loaded_once_and_followed_where_they_change() {
    let files = folder().map_or_else(
        || {
            eprintln!("{FOLDER} names no folder of real data and {BESIDE} is not there: made-up data is tested");
            made_up()
        },
        |folder| real(&folder),
    );
    let rows: usize = files.readings.values().map(|csv| csv.lines().count() - 1).sum();
    let rows = i64::try_from(rows).unwrap();
    everywhere(async |server| {
        let document = "mutation($csv: String!) { loadParks(source: { csv: $csv }) { status } }";
        let load_of_parks = server.data(document, &json!({ "csv": files.parks })).await;
        assert_eq!(load_of_parks["loadParks"]["status"], "LOADED");
        assert_eq!(load(server, &files.readings).await, [rows, 0, 0]);
        compare(&days(server).await, &files.expected);
        assert_eq!(load(server, &files.readings).await, [0, 0, rows], "the same again changes nothing");
        assert_eq!(server.revisions().await, 0);

        let (park, csv) = files.readings.first_key_value().unwrap();
        let (changed, risen) = change(csv);
        let changed_rows = i64::try_from(CHANGED).unwrap();
        let mut readings = files.readings.clone();
        readings.insert(park.clone(), changed);
        assert_eq!(load(server, &readings).await, [0, changed_rows, rows - changed_rows]);
        assert_eq!(server.revisions().await, changed_rows);
        let (before, after) = (&files.expected, days(server).await);
        for (day, figures) in before {
            let rise = if day.0 == *park { risen.get(&day.1).copied().unwrap_or_default() } else { 0.0 };
            let found = after[day]["sum"].as_f64().unwrap();
            assert!((found - figures[7] - rise).abs() <= 1e-9 * found.abs() + 1e-12, "sum of {day:?}: {found}");
        }
        assert_eq!(load(server, &files.readings).await, [0, changed_rows, rows - changed_rows]);
        compare(&days(server).await, &files.expected);
    })
    .await;
}
