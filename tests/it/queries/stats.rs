//! Stats: of a park, of all parks, and of energy types.

use serde_json::{Value, json};

use super::Question;

const PARK: &str = "query($dates: DateRange, $granularity: Granularity!, $timezone: TimeZone) {
    parks { nodes { name stats(dates: $dates, granularity: $granularity, timezone: $timezone) { ...figures } } }
}
fragment figures on Stats {
    date from until hours count expected completeness isPartial min max sum mean energyMwh generatedMwh capacityFactor
}";

const PARKS: &str = "query(
    $filter: ParkFilter, $dates: DateRange, $granularity: Granularity! = DAY, $timezone: TimeZone
    $first: Int, $after: String, $last: Int, $before: String
) {
    parkStats(
        filter: $filter, dates: $dates, granularity: $granularity, timezone: $timezone
        first: $first, after: $after, last: $last, before: $before
    ) {
        nodes {
            park { id name }
            date from until hours count expected completeness isPartial
            min max sum mean energyMwh generatedMwh capacityFactor
        }
        edges { cursor }
        pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
        totalCount
    }
}";

const TYPES: &str = "query(
    $filter: ParkFilter, $dates: DateRange, $granularity: Granularity! = DAY, $timezone: TimeZone
    $first: Int, $after: String, $last: Int, $before: String
) {
    energyTypeStats(
        filter: $filter, dates: $dates, granularity: $granularity, timezone: $timezone
        first: $first, after: $after, last: $last, before: $before
    ) {
        nodes {
            energyType parkCount date from until hours count expected completeness isPartial
            min max sum mean energyMwh generatedMwh capacityFactor
            totalMin totalMax totalMean totalCompleteness
        }
        edges { cursor }
        pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
        totalCount
    }
}";

const PARKS_CURSORS: &str = "{ parkStats(first: 60) { edges { cursor } } }";
const TYPES_CURSORS: &str = "{ energyTypeStats(first: 60) { edges { cursor } } }";

pub fn all() -> Vec<Question> {
    [of_each_park(), of_parks(), of_types()].into_iter().flatten().collect()
}

/// A week in which no reading is wider than an hour.
fn april() -> Value {
    json!({ "from": "2025-04-02", "until": "2025-04-09" })
}

fn of_each_park() -> Vec<Question> {
    let stats = |name, variables| Question::new(name, PARK).with(variables);
    vec![
        stats("a park's hours", json!({ "granularity": "HOUR", "dates": april() })),
        stats("a park's days", json!({ "granularity": "DAY" })),
        stats("a park's weeks", json!({ "granularity": "WEEK" })),
        stats("a park's months", json!({ "granularity": "MONTH" })),
        stats("a park's quarters", json!({ "granularity": "QUARTER" })),
        stats("a park's years", json!({ "granularity": "YEAR" })),
        stats(
            "hours of half an hour and of one and a half",
            json!({ "granularity": "HOUR", "dates": april(), "timezone": "Australia/Lord_Howe" }),
        ),
        stats(
            "hours of a zone at a quarter to",
            json!({ "granularity": "HOUR", "dates": april(), "timezone": "Asia/Kathmandu" }),
        ),
        stats("days of a zone at half past", json!({ "granularity": "DAY", "timezone": "Asia/Kolkata" })),
        stats(
            "days without a date",
            json!({ "granularity": "DAY", "dates": { "from": "2011-12-30", "until": "2011-12-31" } }),
        ),
        stats(
            "days of a range that ends before it starts",
            json!({ "granularity": "DAY", "dates": { "from": "2025-04-09", "until": "2025-04-02" } }),
        ),
        stats("days until a date", json!({ "granularity": "DAY", "dates": { "until": "2025-03-30" } })),
        stats("weeks from a date", json!({ "granularity": "WEEK", "dates": { "from": "2025-03-31" } })),
        stats("years in another zone", json!({ "granularity": "YEAR", "timezone": "Pacific/Apia" })),
        Question::new(
            "the hour that comes twice and is not over",
            "{ park(by: { name: \"La Habana\\\\Este\" }) {
                stats(granularity: HOUR, dates: { from: \"2025-11-02\", until: \"2025-11-03\" }) {
                    date from until hours count isPartial
                }
            } }",
        ),
    ]
}

fn of_parks() -> Vec<Question> {
    let stats = |name, variables| Question::new(name, PARKS).with(variables);
    let filter = json!({ "timezones": ["Europe/Amsterdam"] });
    vec![
        stats("the first hundred days of parks", json!({})),
        stats("hours of all parks", json!({ "granularity": "HOUR", "dates": april(), "first": 10_000 })),
        stats("months of all parks in one zone", json!({ "granularity": "MONTH", "timezone": "UTC" })),
        stats("weeks of some parks", json!({ "granularity": "WEEK", "filter": filter, "first": 10_000 })),
        stats("the last quarters of parks", json!({ "granularity": "QUARTER", "last": 9 })),
        stats("days of parks behind a cursor", json!({ "first": 9 })).taking(
            "after",
            PARKS_CURSORS,
            "/parkStats/edges/30/cursor",
        ),
        stats("days of parks in front of a cursor", json!({ "last": 9 })).taking(
            "before",
            PARKS_CURSORS,
            "/parkStats/edges/30/cursor",
        ),
        stats("days of parks between cursors", json!({}))
            .taking("after", PARKS_CURSORS, "/parkStats/edges/10/cursor")
            .taking("before", PARKS_CURSORS, "/parkStats/edges/19/cursor"),
        stats("an empty page of days", json!({ "first": 0 })),
        stats("days of no parks", json!({ "filter": { "names": [] } })),
        stats("days in a zone at a quarter to", json!({ "timezone": "Asia/Kathmandu", "first": 10_000 })),
    ]
}

fn of_types() -> Vec<Question> {
    let stats = |name, variables| Question::new(name, TYPES).with(variables);
    let filter = json!({ "timezones": ["Europe/Amsterdam"] });
    let without = json!({ "timezones": ["Pacific/Auckland", "Asia/Kathmandu", "Australia/Lord_Howe"] });
    vec![
        stats("the first hundred days of energy types", json!({})),
        stats(
            "hours of energy types on each park's clock",
            json!({ "granularity": "HOUR", "dates": april(), "first": 10_000 }),
        ),
        stats(
            "hours of energy types in one zone",
            json!({ "granularity": "HOUR", "filter": without, "dates": april(), "timezone": "Asia/Kathmandu" }),
        ),
        stats("days with totals of parks of one zone", json!({ "filter": filter })),
        stats("weeks with totals in a named zone", json!({ "granularity": "WEEK", "timezone": "Australia/Lord_Howe" })),
        stats("months of energy types", json!({ "granularity": "MONTH", "first": 10_000 })),
        stats("quarters of energy types", json!({ "granularity": "QUARTER", "first": 10_000, "timezone": "UTC" })),
        stats("years of energy types", json!({ "granularity": "YEAR" })),
        stats("the last days of energy types", json!({ "last": 9 })),
        stats("days of energy types behind a cursor", json!({ "first": 9 })).taking(
            "after",
            TYPES_CURSORS,
            "/energyTypeStats/edges/20/cursor",
        ),
        stats("days of energy types in front of a cursor", json!({ "last": 9 })).taking(
            "before",
            TYPES_CURSORS,
            "/energyTypeStats/edges/20/cursor",
        ),
        stats("days of energy types between cursors", json!({}))
            .taking("after", TYPES_CURSORS, "/energyTypeStats/edges/10/cursor")
            .taking("before", TYPES_CURSORS, "/energyTypeStats/edges/19/cursor"),
        stats("days of the energy types of no parks", json!({ "filter": { "energyTypes": [] } })),
        Question::new(
            "totals beside an edge alone",
            "{ energyTypeStats(timezone: \"UTC\", first: 40) { edges { node { date energyType totalMean } } } }",
        ),
    ]
}
