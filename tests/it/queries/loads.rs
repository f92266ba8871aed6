//! The ledger without what differs from run to run, and who asks.

use serde_json::json;

use super::Question;
use crate::server::By;

const IDS: &str = "{ loads { nodes { id } edges { cursor } } }";

pub fn all() -> Vec<Question> {
    vec![
        Question::new(
            "the ledger",
            "{ loads { nodes {
                __typename kind status source sha256 rowsRead inserted updated unchanged rejected warnings
                errors { line column value reason } startedAt finishedAt by
            } pageInfo { hasPreviousPage hasNextPage } totalCount } }",
        ),
        Question::new(
            "a page of the ledger behind a cursor",
            "query($after: String) { loads(first: 3, after: $after) {
                nodes { source rowsRead status } pageInfo { hasPreviousPage hasNextPage } totalCount
            } }",
        )
        .taking("after", IDS, "/loads/edges/4/cursor"),
        Question::new("an empty page of the ledger", "{ loads(first: 0) { nodes { id } totalCount } }"),
        Question::new(
            "a load and its first bad row",
            "query($id: ID!) { load(id: $id) { status rejected errors(first: 1) { line column value reason } } }",
        )
        .taking("id", IDS, "/loads/nodes/1/id"),
        Question::new("a load that is not there", "{ load(id: \"nothing\") { status } }"),
        Question::new(
            "a node that is a load",
            "query($id: ID!) { node(id: $id) { __typename ... on Load { kind source status } } }",
        )
        .taking("id", IDS, "/loads/nodes/0/id"),
        Question::new("a load as an id of parks", "query($id: ID!) { park(by: { id: $id }) { name } }").taking(
            "id",
            IDS,
            "/loads/nodes/0/id",
        ),
        Question::new("who asks", "{ viewer { name role scope } }"),
        Question::new("a reader asks", "{ viewer { name role scope } parks(first: 1) { nodes { name } } }")
            .by(By::Reader),
        Question::new("a load is no node to a reader", "query($id: ID!) { node(id: $id) { id } }")
            .by(By::Reader)
            .taking("id", IDS, "/loads/nodes/0/id"),
        Question::new("nobody asks for the schema", "{ __typename __schema { queryType { name } } }").by(By::Nobody),
        Question::new(
            "directives with defaults of variables",
            "query($with: Boolean! = false) { parks(first: 1) { nodes { name id @include(if: $with) } } }",
        )
        .with(json!({})),
    ]
}
