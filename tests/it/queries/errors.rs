//! What is refused, and by which code.

use std::sync::LazyLock;

use serde_json::json;

use super::Question;
use crate::server::By;

pub fn all() -> Vec<Question> {
    let bad = |name, document| Question::new(name, document).failing("BAD_USER_INPUT");
    let invalid = |name, document| Question::new(name, document).failing("GRAPHQL_VALIDATION_FAILED");
    let nobody = |name, document| Question::new(name, document).by(By::Nobody).failing("UNAUTHENTICATED");
    vec![
        Question::new("a document cut off", "{ parks { nodes ").failing("GRAPHQL_PARSE_FAILED"),
        invalid("a field that is not there", "{ parks { nodes { colour } } }"),
        invalid("an argument that is not there", "{ parks(colour: 1) { totalCount } }"),
        invalid("a park by nothing", "{ park(by: {}) { name } }"),
        bad("first with last", "{ parks(first: 1, last: 1) { totalCount } }"),
        bad("too many parks", "{ parks(first: 1001) { totalCount } }"),
        bad("fewer than no parks", "{ parks(first: -1) { totalCount } }"),
        bad("a cursor that is none", "{ parks(after: \"here\") { totalCount } }"),
        bad("too many readings", "{ park(by: { name: \"IJsselmeer\" }) { readings(first: 10001) { totalCount } } }"),
        bad("too many stats", "{ parkStats(last: 10001) { totalCount } }"),
        bad("too many stats of energy types", "{ energyTypeStats(first: 10001) { totalCount } }"),
        bad("too many loads", "{ loads(first: 1001) { totalCount } }"),
        bad("too many bad rows", "{ loads(first: 1) { nodes { errors(first: 1001) { line } } } }"),
        bad("a cursor of another list", "query($after: String) { parkStats(after: $after) { totalCount } }").taking(
            "after",
            "{ parks { edges { cursor } } }",
            "/parks/edges/0/cursor",
        ),
        bad("hours of wider readings", "{ park(by: { name: \"Etmaal\" }) { stats(granularity: HOUR) { count } } }"),
        bad("hours of wider readings in a list", "{ parkStats(granularity: HOUR, first: 10000) { nodes { count } } }"),
        bad(
            "too many buckets",
            "{ park(by: { name: \"Etmaal\" }) { stats(granularity: HOUR, timezone: \"UTC\") { count } } }",
        ),
        bad("a variable without its value", "query($by: ParkBy!) { park(by: $by) { name } }"),
        bad("an operation that is not told", "query a { __typename } query b { __typename }"),
        Question::new(
            "an error beside an answer",
            "{ parks(first: 1) { nodes { name readings(first: -1) { totalCount } } } }",
        )
        .failing("BAD_USER_INPUT"),
        Question::new(
            "an error of one of two fields",
            "{ park(by: { name: \"IJsselmeer\" }) { name } other: park(by: { name: \"Etmaal\" }) {
                name stats(granularity: HOUR) { count }
            } }",
        )
        .failing("BAD_USER_INPUT"),
        Question::new("the ledger for a reader", "{ loads { totalCount } }").by(By::Reader).failing("FORBIDDEN"),
        Question::new("a load for a reader", "{ load(id: \"x\") { status } }").by(By::Reader).failing("FORBIDDEN"),
        nobody("parks for nobody", "{ parks { totalCount } }"),
        nobody("a park for nobody", "{ park(by: { name: \"IJsselmeer\" }) { name } }"),
        nobody("a node for nobody", "{ node(id: \"x\") { id } }"),
        nobody("nodes for nobody", "{ nodes(ids: [\"x\"]) { id } }"),
        nobody("a viewer who is nobody", "{ viewer { name } }"),
        nobody("stats for nobody", "{ parkStats { totalCount } }"),
        nobody("stats of energy types for nobody", "{ energyTypeStats { totalCount } }"),
        nobody("the ledger for nobody", "{ loads { totalCount } }"),
        Question::new("too many aliases", &TOO_MANY).failing("TOO_COMPLEX"),
        Question::new("a value of a wrong kind", "query($first: Int) { parks(first: $first) { totalCount } }")
            .with(json!({ "first": "many" }))
            .failing("GRAPHQL_VALIDATION_FAILED"),
        Question::new(
            "an answer that could be too large",
            "{ parks { nodes { series(range: {}) { megawatts minutes } } } }",
        )
        .failing("TOO_COMPLEX"),
        Question::new("a zone that is none", "query($zone: TimeZone) { parkStats(timezone: $zone) { totalCount } }")
            .with(json!({ "zone": "Mars/Olympus" }))
            .failing("BAD_USER_INPUT"),
        Question::new("a date that is none", "query($dates: DateRange) { parkStats(dates: $dates) { totalCount } }")
            .with(json!({ "dates": { "from": "2025-02-29" } }))
            .failing("BAD_USER_INPUT"),
    ]
}

/// A hundred and one names of one field.
static TOO_MANY: LazyLock<String> = LazyLock::new(|| {
    let fields: Vec<_> = (0..101).map(|index| format!("a{index}: __typename")).collect();
    format!("{{ {} }}", fields.join(" "))
});
