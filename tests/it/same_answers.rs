//! The two databases give the same answers, byte for byte (R9).

use std::collections::BTreeSet;

use serde_json::Value;

use crate::server::two;
use crate::{fixture, queries};

/// R9
#[tokio::test]
async fn every_question_is_answered_alike_on_both_databases_and_fails_only_where_it_should() {
    let [one, other] = two().await;
    for server in [&one, &other] {
        fixture::load(&server.database).await;
    }
    let questions = queries::all();
    let names: BTreeSet<_> = questions.iter().map(|question| question.name).collect();
    assert_eq!(names.len(), questions.len(), "names are unique");
    let mut wrong = Vec::new();
    for question in &questions {
        let (answer, other) = (question.ask(&one).await, question.ask(&other).await);
        if answer != other {
            wrong.push(format!("{}: {answer}\n  and {other}", question.name));
        }
        let parsed: Value = serde_json::from_str(&answer).unwrap();
        let code = parsed["errors"][0]["extensions"]["code"].as_str();
        if code != question.fails {
            wrong.push(format!("{}: is to fail by {:?}: {answer}", question.name, question.fails));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for server in [one, other] {
        server.database.close().await.unwrap();
    }
}
