//! Validation through the router: each rule of chapter 5 of the specification of September 2025, by its section.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::router::Settings;
use super::testing::Server;
use crate::config::Introspection;

/// The sentences of a document that is not valid, each with the place where it says so.
async fn faults(server: &Server, query: &str) -> Vec<(String, u64, u64)> {
    let answer = server.post(&json!({ "query": query })).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}: {}", answer.text());
    let json = answer.json();
    assert_eq!(json.get("data"), None, "{query}");
    let fault = |error: &Value| {
        assert_eq!(error["extensions"], json!({ "code": "GRAPHQL_VALIDATION_FAILED" }), "{query}: {error}");
        let place = |key: &str| error["locations"][0][key].as_u64().unwrap_or_default();
        (error["message"].as_str().unwrap().to_owned(), place("line"), place("column"))
    };
    json["errors"].as_array().unwrap().iter().map(fault).collect()
}

/// That it is told once, at that column of the first line, in these words.
async fn told_once(server: &Server, query: &str, column: u64, sentence: &str) {
    assert_eq!(faults(server, query).await, [(sentence.to_owned(), 1, column)], "{query}");
}

/// That the document is valid and its answer, but for the errors of its fields, this.
async fn answered(server: &Server, query: &str, variables: Value, data: Value) {
    let answer = server.post(&json!({ "query": query, "variables": variables })).await;
    assert_eq!((answer.status, &answer.json()["data"]), (StatusCode::OK, &data), "{query}: {}", answer.text());
}

#[tokio::test]
async fn section_5_2_1_1_an_operation_that_the_schema_does_not_have_is_told_once() {
    let server = Server::new().await;
    told_once(&server, "subscription { a }", 1, "`subscription` root operation type is not defined").await;
}

#[tokio::test]
async fn section_5_4_3_conditions_need_their_argument() {
    let server = Server::new().await;
    for name in ["skip", "include"] {
        let sentence = format!("the required argument `@{name}(if:)` is not provided");
        told_once(&server, &format!("{{ __typename @{name} }}"), 14, &sentence).await;
        told_once(&server, &format!("{{ ... @{name} {{ __typename }} }}"), 7, &sentence).await;
    }
}

#[tokio::test]
async fn section_5_5_1_2_a_type_that_is_not_there_is_told_once() {
    let server = Server::new().await;
    let sentence = "type condition `Nope` of fragment `F` is not a type defined in the schema";
    told_once(&server, "{ ...F } fragment F on Nope { a }", 24, sentence).await;
    let sentence = "type condition `Nope` of inline fragment is not a type defined in the schema";
    told_once(&server, "{ ... on Nope { a } }", 10, sentence).await;
    told_once(&server, "query($x: Nope) { node(id: $x) { id } }", 7, "cannot find type `Nope` in this document").await;
}

#[tokio::test]
async fn section_5_6_1_a_string_is_no_value_of_an_enum() {
    let server = Server::new().await;
    let query = r#"{ parks(filter: { energyTypes: ["WIND"] }) { totalCount } }"#;
    told_once(&server, query, 33, "expected value of type EnergyType!, found a string").await;
    answered(
        &server,
        "query($types: [EnergyType!]) { parks(filter: { energyTypes: $types }) { totalCount } }",
        json!({ "types": ["WIND"] }),
        Value::Null,
    )
    .await;
}

#[tokio::test]
async fn section_5_6_1_exactly_one_field_of_an_object_that_says_so_is_given() {
    let server = Server::new().await;
    for (object, column) in [("{}", 12), ("{ id: 1, name: \"a\" }", 12), ("{ id: null }", 12)] {
        let query = format!("{{ park(by: {object}) {{ name }} }}");
        told_once(&server, &query, column, "the object is to have exactly one field, which is not null").await;
    }
}

#[tokio::test]
async fn section_5_6_3_a_field_of_an_object_stands_there_once() {
    let server = Server::new().await;
    let query = r#"{ parks(filter: { search: "a", names: [], search: "b" }) { totalCount } }"#;
    told_once(&server, query, 43, "the field `search` of the object stands there twice").await;
    let query = r#"query($f: ParkFilter = { search: "a", search: "b" }) { parks(filter: $f) { totalCount } }"#;
    told_once(&server, query, 39, "the field `search` of the object stands there twice").await;
}

#[tokio::test]
async fn section_5_7_1_a_directive_must_be_known() {
    let server = Server::new().await;
    told_once(&server, "{ __typename @nope }", 14, "cannot find directive `@nope` in this document").await;
    told_once(&server, "query @nope { __typename }", 7, "cannot find directive `@nope` in this document").await;
    let query = "query($x: ID! @nope) { node(id: $x) { id } }";
    told_once(&server, query, 15, "cannot find directive `@nope` in this document").await;
}

#[tokio::test]
async fn section_5_7_3_a_directive_stands_at_a_place_once() {
    let server = Server::new().await;
    let query = "{ __typename @skip(if: false) @skip(if: false) }";
    told_once(&server, query, 31, "non-repeatable directive skip can only be used once per location").await;
}

#[tokio::test]
async fn section_5_8_4_the_variable_of_a_condition_is_used() {
    let server = Server::new().await;
    let query = "query($x: Boolean!) { __typename @include(if: $x) a: __typename @skip(if: $x) }";
    answered(&server, query, json!({ "x": true }), json!({ "__typename": "Query" })).await;
    answered(&server, query, json!({ "x": false }), json!({ "a": "Query" })).await;
    let query = "query($x: Boolean! = false) { __typename @include(if: $x) }";
    answered(&server, query, json!({}), json!({})).await;
    told_once(&server, "query($x: Boolean!) { __typename }", 7, "unused variable: `$x`").await;
}

#[tokio::test]
async fn section_5_8_5_a_variable_stands_only_where_its_type_may() {
    let server = Server::new().await;
    let query = "query($x: ID) { node(id: $x) { id } }";
    let sentence = "variable `$x` of type `ID` cannot be used for argument `id` of type `ID!`";
    told_once(&server, query, 22, sentence).await;
    let query = "query($x: Boolean) { __typename @skip(if: $x) }";
    let sentence = "variable `$x` of type `Boolean` cannot be used for argument `if` of type `Boolean!`";
    told_once(&server, query, 39, sentence).await;
    // With a default it may, unless that is null.
    answered(&server, r#"query($x: ID = "a") { node(id: $x) { id } }"#, json!({}), json!({ "node": null })).await;
    let sentence = "the variable `$x` of type `ID` cannot stand here, where `ID!` is expected";
    told_once(&server, "query($x: ID = null) { node(id: $x) { id } }", 33, sentence).await;
}

#[tokio::test]
async fn section_5_8_5_a_variable_within_lists_and_objects_likewise() {
    let server = Server::new().await;
    let query = "query($x: ID) { nodes(ids: [$x]) { id } }";
    let sentence = "the variable `$x` of type `ID` cannot stand here, where `ID!` is expected";
    told_once(&server, query, 29, sentence).await;
    told_once(&server, "query($x: ID) { park(by: { id: $x }) { name } }", 32, sentence).await;
    let query = "query($x: String) { parks(filter: { names: $x }) { totalCount } }";
    let sentence = "the variable `$x` of type `String` cannot stand here, where `[String!]` is expected";
    told_once(&server, query, 44, sentence).await;
    let query = "query($x: Int!) { parks(filter: { names: [$x] }) { totalCount } }";
    told_once(&server, query, 43, "expected value of type String!, found a variable").await;
    let valid = "query($x: ID!, $names: [String!]) { park(by: { id: $x }) { name } parks(filter: { names: $names }) { totalCount } }";
    answered(&server, valid, json!({ "x": "a" }), Value::Null).await;
}

/// One document that breaks each of the other rules, and what is said of it.
const RULES: [(&str, &str, &str); 24] = [
    ("5.2.2.1", "query A { __typename } query A { __typename }", "A"),
    ("5.2.3.1", "{ __typename } query A { __typename }", "multiple operations"),
    ("5.3.1", "{ nope }", "nope"),
    ("5.3.2", "{ a: __typename a: viewer { name } }", "`a`"),
    ("5.3.2", r#"{ node(id: "1") { id } ...F } fragment F on Query { node(id: "2") { id } }"#, "`node`"),
    ("5.3.3", "{ viewer }", "subselection"),
    ("5.3.3", "{ viewer { name { a } } }", "String"),
    ("5.4.1", r#"{ node(id: "1", nope: 1) { id } }"#, "nope"),
    ("5.4.1", "{ __typename @skip(if: true, nope: 1) }", "nope"),
    ("5.4.2", r#"{ node(id: "1", id: "1") { id } }"#, "id"),
    ("5.4.3", "{ node { id } }", "id"),
    ("5.5.1.1", "{ ...F } fragment F on Query { __typename } fragment F on Query { __typename }", "F"),
    ("5.5.1.3", "{ ...F } fragment F on ID { a }", "F"),
    ("5.5.1.3", "{ ... on ParkFilter { a } }", "fragment"),
    ("5.5.1.4", "{ __typename } fragment F on Query { __typename }", "F"),
    ("5.5.2.1", "{ ...F }", "F"),
    ("5.5.2.2", "{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }", "itself"),
    ("5.5.2.3", "{ viewer { ... on Park { name } } }", "Park"),
    ("5.6.1", r#"{ parks(first: "1") { totalCount } }"#, "Int"),
    ("5.6.2", "{ parks(filter: { nope: 1 }) { totalCount } }", "nope"),
    ("5.6.4", "mutation { createPark(input: { name: \"a\", timezone: \"UTC\" }) { id } }", "energyType"),
    ("5.7.2", "query @skip(if: true) { __typename }", "skip"),
    ("5.8.1", "query($x: ID!, $x: ID!) { node(id: $x) { id } }", "$x"),
    ("5.8.3", "{ node(id: $x) { id } }", "$x"),
];

#[tokio::test]
async fn every_other_section_of_chapter_5_has_its_rule() {
    let server = Server::new().await;
    for (section, query, word) in RULES {
        let faults = faults(&server, query).await;
        assert_eq!(faults.len(), 1, "{section}: {query}: {faults:?}");
        let (sentence, line, column) = &faults[0];
        assert!(sentence.contains(word) && sentence.len() < 120, "{section}: {sentence}");
        assert!(*line == 1 && *column > 0, "{section}: {query}: {faults:?}");
    }
    // Without a place of its own there is no saying of `$x` that it is used.
    let faults = faults(&server, "query($x: Park) { nope(x: $x) }").await;
    let sentences: Vec<_> = faults.iter().map(|(sentence, ..)| sentence.as_str()).collect();
    let of_type = "`$x` variable must be of an input type";
    assert_eq!(sentences, [of_type, "type `Query` does not have a field `nope`"], "5.8.2");
}

#[tokio::test]
async fn what_does_not_parse_is_no_matter_of_validation() {
    let server = Server::new().await;
    for query in ["type A { a: Int }", "{ a(", "query() { __typename }", r#"{ node(id: "\uD83D") { id } }"#] {
        let answer = server.post(&json!({ "query": query })).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, json!("GRAPHQL_PARSE_FAILED")), "{query}");
    }
}

#[tokio::test]
async fn every_way_to_escape_a_character_is_read() {
    let server = Server::new().await;
    let query = r#"{ a: node(id: "\uD83D\uDE00") { id } b: node(id: "\u{1F600}") { id } c: nope }"#;
    told_once(&server, query, 73, "type `Query` does not have a field `nope`").await;
    answered(&server, r#"{ node(id: "\uD83D\uDE00\u{22}") { id } }"#, json!({}), json!({ "node": null })).await;
}

#[tokio::test]
async fn where_introspection_is_closed_nothing_is_named_but_what_the_document_names() {
    let server = Server::build(Settings::default(), Introspection::Closed).await;
    let secrets = [
        "Query",
        "ParkConnection",
        "ParkFilter",
        "ParkInput",
        "EnergyType",
        "energyType",
        "String",
        "Int",
        "ID",
        "Viewer",
    ];
    let others = [
        "{ parks { nope } }",
        r#"{ parks(filter: { energyTypes: ["WIND"] }) { totalCount } }"#,
        "{ parks(filter: { energyTypes: NOPE }) { totalCount } }",
        "{ park { name } }",
        "{ parks(filter: { timezones: $x }) { totalCount } }",
        "query($x: Boolean) { parks(first: $x) { totalCount } }",
        "query($x: Boolean) { nodes(ids: [$x]) { id } }",
    ];
    for query in RULES.iter().map(|(_, query, _)| *query).chain(others) {
        for (sentence, ..) in faults(&server, query).await {
            for secret in secrets {
                let is_word = |text: &str| text.split(|one: char| !one.is_alphanumeric()).any(|word| word == secret);
                assert!(!is_word(&sentence) || is_word(query), "{query}: {sentence}");
            }
        }
    }
    let sentence = "there is no such field here";
    told_once(&server, "{ parks { nope } }", 11, sentence).await;
    let body = json!({ "query": "query($i: ParkInput!) { a: __typename } ", "variables": { "i": {} } });
    assert_eq!(server.post(&body).await.code(), "GRAPHQL_VALIDATION_FAILED");
    let query = "mutation($i: ParkInput!) { createPark(input: $i) { id } }";
    let answer = server.post(&json!({ "query": query, "variables": { "i": { "name": "a" } } })).await;
    assert_eq!(answer.json()["errors"][0]["message"], "Invalid value for argument \"input\"", "{}", answer.text());
    let query = "query($d: Date) { parkStats(dates: { from: $d }) { totalCount } }";
    let answer = server.post(&json!({ "query": query, "variables": { "d": "x" } })).await;
    let sentence = "Invalid value for argument \"dates.from\": a date like 2025-04-06";
    assert_eq!(answer.json()["errors"][0]["message"], sentence, "{}", answer.text());
}
