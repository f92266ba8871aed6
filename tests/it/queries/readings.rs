//! Single readings: pages and columns.

use serde_json::json;

use super::Question;

const PAGE: &str =
    "query($name: String!, $range: TimeRange, $first: Int, $after: String, $last: Int, $before: String) {
    park(by: { name: $name }) {
        readings(range: $range, first: $first, after: $after, last: $last, before: $before) {
            nodes { timestamp until localTimestamp megawatts }
            edges { cursor }
            pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
            totalCount
        }
    }
}";

const SERIES: &str = "query($range: TimeRange!) {
    parks(first: 20) { nodes { name series(range: $range) { timestamps minutes megawatts } } }
}";

/// Cursors of `IJsselmeer`.
const CURSORS: &str = "{ park(by: { name: \"IJsselmeer\" }) { readings(first: 250) { edges { cursor } } } }";

pub fn all() -> Vec<Question> {
    let page = |name, variables| Question::new(name, PAGE).with(variables);
    let series =
        |name, from, until| Question::new(name, SERIES).with(json!({ "range": { "from": from, "until": until } }));
    let cursor = "/park/readings/edges/100/cursor";
    vec![
        page("the first hundred readings", json!({ "name": "IJsselmeer" })),
        page("all readings of a park", json!({ "name": "La Habana\\Este", "first": 10_000 })),
        page("readings on the wall clock of Lord Howe", json!({ "name": "Lord Howe's roof", "first": 1_000 })),
        page("irregular readings", json!({ "name": "IJsselmeer Zuid", "last": 150 })),
        page("readings of a park without any", json!({ "name": "Leeg" })),
        page("the last readings", json!({ "name": "IJsselmeer", "last": 7 })),
        page("no readings", json!({ "name": "IJsselmeer", "first": 0 })),
        page("readings behind a cursor", json!({ "name": "IJsselmeer", "first": 9 })).taking("after", CURSORS, cursor),
        page("readings in front of a cursor", json!({ "name": "IJsselmeer", "last": 9 })).taking("before", CURSORS, cursor),
        page("readings between cursors", json!({ "name": "IJsselmeer" }))
            .taking("after", CURSORS, "/park/readings/edges/195/cursor")
            .taking("before", CURSORS, "/park/readings/edges/205/cursor"),
        page(
            "readings of a range, its end excluded",
            json!({ "name": "IJsselmeer", "range": { "from": "2025-03-30T00:00:00Z", "until": "2025-03-30T01:00:00Z" } }),
        ),
        page(
            "readings of a range with an offset and a fraction",
            json!({
                "name": "IJsselmeer",
                "range": { "from": "2025-03-30T01:59:59.5+01:00", "until": "2025-03-30T04:00:00+02:00" },
            }),
        ),
        page("readings of a range without an end", json!({ "name": "Etmaal", "range": { "from": "2025-01-01T00:00:00Z" } })),
        page("readings of a range without a start", json!({ "name": "Etmaal", "range": { "until": "2025-01-01T00:00:00Z" } })),
        page(
            "readings of a range that ends before it starts",
            json!({ "name": "IJsselmeer", "range": { "from": "2025-03-31T00:00:00Z", "until": "2025-03-30T00:00:00Z" } }),
        ),
        page(
            "the last readings of a range",
            json!({
                "name": "IJsselmeer", "last": 3,
                "range": { "from": "2025-03-29T00:00:00Z", "until": "2025-03-30T00:07:00Z" },
            }),
        ),
        series("series of some days", json!("2025-03-29T00:00:00Z"), json!("2025-04-01T00:00:00Z")),
        series("series of a day", json!("2025-03-30T00:00:00Z"), json!("2025-03-31T00:00:00Z")),
        series("series of a range that begins amid a reading", json!("2025-03-30T00:00:01Z"), json!("2025-03-30T01:00:01Z")),
        series("series of nothing", json!("1999-01-01T00:00:00Z"), json!("2000-01-01T00:00:00Z")),
        Question::new(
            "a series without an end",
            "{ park(by: { name: \"Etmaal\" }) { series(range: { from: \"2025-01-01T00:00:00Z\" }) { timestamps minutes } } }",
        ),
        Question::new(
            "readings, series and counts of all parks at once",
            "{ parks { nodes {
                name
                readings(first: 2, range: { from: \"2025-03-30T00:00:00Z\" }) { nodes { timestamp megawatts } totalCount }
                last: readings(last: 2) { nodes { localTimestamp } pageInfo { hasPreviousPage } }
                latestReading { localTimestamp megawatts }
                dataRange { count }
            } } }",
        ),
    ]
}
