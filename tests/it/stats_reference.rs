//! Stats equal those of the slow and obvious way, in every granularity and zone, on both databases.

use std::sync::LazyLock;

use energy_parks::domain::chrono::{DateTime, SecondsFormat};
use energy_parks::domain::chrono_tz::Tz;
use serde_json::{Value, json};

use crate::fixture::{self, PlainPark, WIDE};
use crate::reference::{self, GRANULARITIES, Part, Stats, TypeStats, parts, type_stats};
use crate::server::{TestServer, everywhere, now};

const FIGURES: &str = "date from until hours count expected completeness isPartial
    min max sum mean energyMwh generatedMwh capacityFactor";

/// The parks' own zones, and others that they are asked in.
const ZONES: [Option<Tz>; 4] = [None, Some(Tz::Asia__Kathmandu), Some(Tz::Australia__Lord_Howe), Some(Tz::UTC)];

/// What a page holds, so that lists come in several.
const PAGE: i64 = 487;

/// What is true in a granularity and zone.
struct Truth {
    granularity: &'static str,
    zone: Option<Tz>,
    /// Of each park, by name.
    parks: Vec<(&'static str, Vec<Stats>)>,
    /// Of the energy types of all parks, and of those of one zone, which have totals on their own clock too.
    types: Vec<(Vec<&'static str>, Vec<TypeStats>)>,
}

/// Every granularity in every zone, made once for all tests.
static TRUTHS: LazyLock<Vec<Truth>> = LazyLock::new(|| {
    let questions = GRANULARITIES.into_iter().flat_map(|granularity| ZONES.map(|zone| (granularity, zone)));
    questions.map(|(granularity, zone)| Truth::of(granularity, zone)).collect()
});

impl Truth {
    fn of(granularity: &'static str, zone: Option<Tz>) -> Self {
        let parks = fixture::parks();
        // Readings wider than an hour have no hours.
        let asked: Vec<_> = parks.iter().filter(|park| granularity != "HOUR" || park.name != WIDE).collect();
        let by_park: Vec<_> = asked.iter().map(|park| (*park, parts(park, zone, granularity))).collect();
        let of_types = |only: Option<Tz>| {
            let chosen = || by_park.iter().filter(|(park, _)| only.is_none_or(|only| park.timezone == only));
            let all: Vec<_> = chosen().flat_map(|(_, parts)| parts).collect();
            (chosen().map(|(park, _)| park.name).collect(), type_stats(&all, zone, granularity))
        };
        let of_park = |parts: &[Part<'_>]| parts.chunks(1).map(reference::stats).collect();
        Self {
            granularity,
            zone,
            types: [None, Some(Tz::Europe__Amsterdam), Some(Tz::Pacific__Auckland)].map(of_types).into(),
            parks: by_park.iter().map(|(park, parts)| (park.name, of_park(parts))).collect(),
        }
    }

    /// The question as variables.
    fn variables(&self) -> Value {
        json!({ "granularity": self.granularity, "timezone": self.zone.map(Tz::name) })
    }

    /// The list by the buckets' starts and then the parks' names.
    fn list(&self, is_asked: impl Fn(&Stats) -> bool) -> Vec<(&'static str, &Stats)> {
        let mut list = Vec::new();
        for (name, stats) in &self.parks {
            list.extend(stats.iter().filter(|stats| is_asked(stats)).map(|stats| (*name, stats)));
        }
        list.sort_by_key(|(name, stats)| (stats.bucket.from, *name));
        list
    }
}

/// All nodes of a list, page by page.
async fn pages(server: &TestServer, list: &str, fields: &str, names: &[&str], truth: &Truth) -> Vec<Value> {
    let document = format!(
        "query($filter: ParkFilter, $granularity: Granularity!, $timezone: TimeZone, $first: Int, $after: String) {{
            list: {list}(
                filter: $filter, granularity: $granularity, timezone: $timezone, first: $first, after: $after
            ) {{ nodes {{ {fields} }} pageInfo {{ endCursor hasNextPage }} totalCount }}
        }}"
    );
    let mut variables = truth.variables();
    variables["filter"] = json!({ "names": names });
    variables["first"] = json!(PAGE);
    let mut nodes = Vec::new();
    loop {
        let mut list = server.data(&document, &variables).await["list"].take();
        nodes.append(list["nodes"].as_array_mut().unwrap());
        if list["pageInfo"]["hasNextPage"] == false {
            assert_eq!(list["totalCount"], json!(nodes.len()), "{variables}");
            return nodes;
        }
        variables["after"] = list["pageInfo"]["endCursor"].take();
    }
}

fn is_near(found: &Value, expected: Option<f64>) -> bool {
    match (found.as_f64(), expected) {
        (Some(found), Some(expected)) => (found - expected).abs() <= 1e-9 * expected.abs() + 1e-12,
        (None, None) => found.is_null(),
        _ => false,
    }
}

fn instant(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0).unwrap().to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn compare(found: &Value, expected: &Stats, what: &str) {
    let bucket = expected.bucket;
    let hours = f64::from(i32::try_from(bucket.until - bucket.from).unwrap()) / 3_600.0;
    let exact = json!({
        "date": bucket.date.to_string(), "from": instant(bucket.from), "until": instant(bucket.until),
        "count": expected.count, "expected": expected.expected,
        "isPartial": bucket.from <= now().timestamp() && now().timestamp() < bucket.until,
    });
    for (field, value) in exact.as_object().unwrap() {
        assert_eq!(&found[field], value, "{field} of {what}: {found} and {expected:?}");
    }
    for (field, value) in [
        ("hours", Some(hours)),
        ("completeness", Some(expected.completeness)),
        ("min", expected.min),
        ("max", expected.max),
        ("sum", expected.sum),
        ("mean", expected.mean),
        ("energyMwh", expected.energy_mwh),
        ("generatedMwh", expected.generated_mwh),
        ("capacityFactor", expected.capacity_factor),
    ] {
        assert!(is_near(&found[field], value), "{field} of {what}: {found} and {expected:?}");
    }
}

fn compare_types(found: &[Value], expected: &[TypeStats], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found["energyType"], json!(expected.energy_type.to_uppercase()), "{what}: {found} {expected:?}");
        assert_eq!(found["parkCount"], json!(expected.park_count), "{what}: {found} {expected:?}");
        compare(found, &expected.stats, what);
        let totals = expected.totals.as_ref();
        for (field, value) in [
            ("totalMin", totals.and_then(|totals| totals.min)),
            ("totalMax", totals.and_then(|totals| totals.max)),
            ("totalMean", totals.and_then(|totals| totals.mean)),
            ("totalCompleteness", totals.map(|totals| totals.completeness)),
        ] {
            assert!(is_near(&found[field], value), "{field} of {what}: {found} and {expected:?}");
        }
    }
}

fn compare_list(found: &Value, expected: &[(&str, &Stats)], what: &str) {
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, (name, expected)) in found.iter().zip(expected) {
        assert_eq!(found["park"]["name"], *name, "{what}: {found} {expected:?}");
        compare(found, expected, &format!("{what} of {name}"));
    }
}

/// R12
#[tokio::test]
async fn the_parks_are_as_they_were_told_of() {
    let parks = "{ parks { nodes { name timezone energyType capacityMw intervalMinutes } } }";
    let series =
        "query($name: String!) { park(by: { name: $name }) { series(range: {}) { timestamps minutes megawatts } } }";
    everywhere(async |server| {
        fixture::load(&server.database).await;
        let data = server.data(parks, &Value::Null).await;
        let told = |park: &PlainPark| {
            json!({
                "name": park.name, "timezone": park.timezone.name(), "energyType": park.energy_type.to_uppercase(),
                "capacityMw": park.capacity_mw, "intervalMinutes": park.width(),
            })
        };
        assert_eq!(data["parks"]["nodes"], fixture::parks().iter().map(told).collect::<Value>());
        for park in fixture::parks() {
            let data = server.data(series, &json!({ "name": park.name })).await;
            let readings = park.readings();
            let columns = json!({
                "timestamps": readings.iter().map(|reading| instant(reading.starts_at)).collect::<Vec<_>>(),
                "minutes": readings.iter().map(|reading| reading.minutes).collect::<Vec<_>>(),
                "megawatts": readings.iter().map(|reading| reading.megawatts).collect::<Vec<_>>(),
            });
            assert_eq!(data["park"]["series"], columns, "{}", park.name);
        }
    })
    .await;
}

/// R1 R2 R3 R10 R13 R14 R16 R17 R19 R20
#[tokio::test]
async fn a_park_s_stats_are_those_of_looking_at_every_reading() {
    let document = format!(
        "query($names: [String!], $granularity: Granularity!, $timezone: TimeZone) {{
            parks(filter: {{ names: $names }}, first: 20) {{
                nodes {{ stats(granularity: $granularity, timezone: $timezone) {{ park {{ name }} {FIGURES} }} }}
            }}
        }}"
    );
    everywhere(async |server| {
        fixture::load(&server.database).await;
        for truth in &*TRUTHS {
            let mut variables = truth.variables();
            variables["names"] = truth.parks.iter().map(|(name, _)| json!(name)).collect();
            let data = server.data(&document, &variables).await;
            let found = data["parks"]["nodes"].as_array().unwrap();
            assert_eq!(found.len(), truth.parks.len());
            for (found, (name, expected)) in found.iter().zip(&truth.parks) {
                let expected: Vec<_> = expected.iter().map(|stats| (*name, stats)).collect();
                compare_list(&found["stats"], &expected, &variables.to_string());
            }
        }
    })
    .await;
}

/// R1 R2 R3 R10 R13 R14 R16 R17 R19 R20
#[tokio::test]
async fn the_list_of_park_stats_is_that_of_looking_at_every_reading_by_start_and_name() {
    everywhere(async |server| {
        fixture::load(&server.database).await;
        for truth in &*TRUTHS {
            let names: Vec<_> = truth.parks.iter().map(|(name, _)| *name).collect();
            let found = pages(server, "parkStats", &format!("park {{ name }} {FIGURES}"), &names, truth).await;
            compare_list(&json!(found), &truth.list(|_| true), &truth.variables().to_string());
        }
    })
    .await;
}

/// R2 R3 R10 R13 R14 R15 R16 R17 R19 R20
#[tokio::test]
async fn stats_of_energy_types_are_those_of_looking_at_every_reading() {
    let fields = format!("energyType parkCount {FIGURES} totalMin totalMax totalMean totalCompleteness");
    everywhere(async |server| {
        fixture::load(&server.database).await;
        for truth in &*TRUTHS {
            for (names, expected) in &truth.types {
                let found = pages(server, "energyTypeStats", &fields, names, truth).await;
                compare_types(&found, expected, &format!("{} of {names:?}", truth.variables()));
            }
        }
    })
    .await;
}

/// R3
#[tokio::test]
async fn a_range_of_dates_holds_the_buckets_whose_first_date_is_in_it_and_cuts_none() {
    let document = format!(
        "query($names: [String!], $granularity: Granularity!, $timezone: TimeZone, $dates: DateRange!) {{
            parkStats(
                filter: {{ names: $names }}, dates: $dates, granularity: $granularity, timezone: $timezone, first: 10000
            ) {{ nodes {{ park {{ name }} {FIGURES} }} totalCount }}
            parks(filter: {{ names: $names }}, first: 20) {{
                nodes {{ stats(dates: $dates, granularity: $granularity, timezone: $timezone) {{
                    park {{ name }} {FIGURES}
                }} }}
            }}
        }}"
    );
    let ranges = [
        ("2025-04-06", "2025-04-07"),
        ("2025-03-31", "2025-04-01"),
        ("2025-01-01", "2025-01-01"),
        ("2025-01-01", "2025-10-01"),
        ("2011-12-30", "2018-11-05"),
        ("2024-01-02", "2025-02-28"),
    ];
    everywhere(async |server| {
        fixture::load(&server.database).await;
        for truth in TRUTHS.iter().filter(|truth| [None, ZONES[2]].contains(&truth.zone)) {
            for (from, until) in ranges {
                let mut variables = truth.variables();
                variables["names"] = truth.parks.iter().map(|(name, _)| json!(name)).collect();
                variables["dates"] = json!({ "from": from, "until": until });
                let data = server.data(&document, &variables).await;
                let is_within = |stats: &Stats| (from..until).contains(&stats.bucket.date.to_string().as_str());
                let what = variables.to_string();
                let expected = truth.list(is_within);
                assert_eq!(data["parkStats"]["totalCount"], json!(expected.len()), "{what}: {data} {expected:?}");
                compare_list(&data["parkStats"]["nodes"], &expected, &what);
                for (found, (name, stats)) in data["parks"]["nodes"].as_array().unwrap().iter().zip(&truth.parks) {
                    let expected: Vec<_> =
                        stats.iter().filter(|stats| is_within(stats)).map(|stats| (*name, stats)).collect();
                    compare_list(&found["stats"], &expected, &what);
                }
            }
        }
    })
    .await;
}
