//! What a document asks for in several places is one answer, or none.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::server::{By, PASSWORD, TestServer, everywhere};

/// Two readings of the park A, the second of them on the next day.
async fn park(server: &TestServer) {
    let document = "mutation {
        createPark(input: { name: \"A\", timezone: \"UTC\", energyType: WIND }) { id }
        loadReadings(park: { name: \"A\" }, intervalMinutes: 60, source: { rows: [
            { timestamp: \"2024-02-01T00:00:00Z\", megawatts: 1 } { timestamp: \"2024-02-02T00:00:00Z\", megawatts: 2 }
        ] }) { inserted }
    }";
    let made = server.data(document, &json!({})).await;
    assert_eq!(made["loadReadings"]["inserted"], 2);
}

#[tokio::test]
async fn a_field_of_a_mutation_is_done_once_whatever_its_conditions() {
    everywhere(async |server| {
        park(server).await;
        let document = "mutation($yes: Boolean!, $no: Boolean!) {
            createPark(input: { name: \"B\", timezone: \"UTC\", energyType: WIND }) { name }
            ... @include(if: $yes) { createPark(input: { name: \"B\", timezone: \"UTC\", energyType: WIND }) { timezone } }
            ...F @skip(if: $no)
            createPark(input: { name: \"B\", timezone: \"UTC\", energyType: WIND }) @include(if: $no) { id }
        }
        fragment F on Mutation { createPark(input: { name: \"B\", timezone: \"UTC\", energyType: WIND }) { energyType } }";
        let made = server.data(document, &json!({ "yes": true, "no": false })).await;
        assert_eq!(made["createPark"], json!({ "name": "B", "timezone": "UTC", "energyType": "WIND" }));
        let document = "mutation($no: Boolean!) {
            createPark(input: { name: \"C\", timezone: \"UTC\", energyType: WIND }) @include(if: $no) { id }
        }";
        assert_eq!(server.data(document, &json!({ "no": false })).await, json!({}));
        let parks = server.data("{ parks { nodes { name } } }", &json!({})).await;
        assert_eq!(parks["parks"]["nodes"], json!([{ "name": "A" }, { "name": "B" }]));
    })
    .await;
}

#[tokio::test]
async fn a_part_that_fails_takes_no_other_part_with_it() {
    everywhere(async |server| {
        park(server).await;
        let document = "mutation($password: String!) {
            login(username: \"rita\", password: $password, scope: [STATS_READ, PARKS_READ]) { accessToken }
        }";
        let answer = server.ask_by(By::Nobody, document, &json!({ "password": PASSWORD })).await;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let token = format!("Bearer {}", answer["data"]["login"]["accessToken"].as_str().unwrap());
        let part = "park(by: { name: \"A\" })";
        for (document, data) in [
            (
                format!("{{ {part} {{ latestReading {{ timestamp }} }} {part} {{ name }} }}"),
                json!({ "park": { "latestReading": null, "name": "A" } }),
            ),
            (
                "{ parks { nodes { latestReading { timestamp } } nodes { name } } }".to_owned(),
                json!({ "parks": { "nodes": [{ "latestReading": null, "name": "A" }] } }),
            ),
        ] {
            let (_, answer) = server.answer_to(("authorization", &token), &document).await;
            assert_eq!(answer["data"], data, "{document}");
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{document}");
        }
    })
    .await;
}

/// Section 5.3.2
#[tokio::test]
async fn figures_of_two_ranges_are_never_put_into_one() {
    everywhere(async |server| {
        park(server).await;
        let park = "park(by: { name: \"A\" })";
        let readings = |from: &str, field: &str| {
            format!("readings(range: {{ from: \"{from}T00:00:00Z\" }}, first: 1) {{ nodes {{ {field} }} }}")
        };
        let (one, other) = (readings("2024-02-01", "timestamp"), readings("2024-02-02", "megawatts"));
        for document in [
            format!("{{ {park} {{ {one} ... on Park {{ {other} }} }} }}"),
            format!("{{ {park} {{ {one} }} {park} {{ {other} }} }}"),
            format!("{{ {park} {{ {one} ...F }} }} fragment F on Park {{ {other} }}"),
            format!("{{ {park} {{ ...E }} {park} {{ ...F }} }} fragment E on Park {{ {one} }} fragment F on Park {{ {other} }}"),
            "{ parks(first: 1) { nodes { a: name } nodes { a: timezone } } }".to_owned(),
        ] {
            let code = server.code(By::Operator, &document, &json!({})).await;
            assert_eq!(code, "GRAPHQL_VALIDATION_FAILED", "{document}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_cursor_that_was_never_given_out_is_no_fault_of_ours() {
    everywhere(async |server| {
        park(server).await;
        let lists = [
            ("parkStats", vec![json!([i64::MAX, "x"]), json!([i64::MIN, ""]), json!([0, ""])]),
            ("energyTypeStats", vec![json!([i32::MAX, u16::MAX, 255]), json!([i32::MIN, 0, 0])]),
        ];
        for (list, cursors) in lists {
            for cursor in cursors {
                let cursor = URL_SAFE_NO_PAD.encode(cursor.to_string());
                for page in ["first: 2, after", "first: 2, before", "last: 2, after", "last: 2, before"] {
                    for granularity in ["HOUR", "DAY", "YEAR"] {
                        let document = format!(
                            "{{ {list}(granularity: {granularity}, {page}: \"{cursor}\") {{ nodes {{ date }} }} }}"
                        );
                        let answer = server.ask(&document, &json!({})).await;
                        assert!(!answer.contains("INTERNAL"), "{document}: {answer}");
                    }
                }
            }
        }
        for (cursor, key) in [(i64::MAX, "before"), (i64::MIN, "after"), (i64::MIN, "before"), (i64::MAX, "after")] {
            let cursor = URL_SAFE_NO_PAD.encode(cursor.to_string());
            let document =
                format!("{{ parks {{ nodes {{ readings(first: 2, {key}: \"{cursor}\") {{ totalCount }} }} }} }}");
            let answer = server.ask(&document, &json!({})).await;
            assert!(!answer.contains("INTERNAL"), "{document}: {answer}");
        }
    })
    .await;
}
