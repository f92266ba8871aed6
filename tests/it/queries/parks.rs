//! Parks: filters, orders, pages, and the ways to a single one.

use serde_json::json;

use super::Question;

const ALL: &str = "{ parks { nodes { id name } edges { cursor } } }";

const PAGE: &str = "query($first: Int, $after: String, $last: Int, $before: String, $order: ParkOrder) {
    parks(orderBy: $order, first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { name } }
        pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
        totalCount
    }
}";

const FILTER: &str = "query($filter: ParkFilter) { parks(filter: $filter) { nodes { name timezone } totalCount } }";

const ONE: &str = "query($by: ParkBy!) { park(by: $by) { id name } }";

pub fn all() -> Vec<Question> {
    [pages(), filters(), single()].into_iter().flatten().collect()
}

fn pages() -> Vec<Question> {
    let page = |name, variables| Question::new(name, PAGE).with(variables);
    vec![
        Question::new(
            "every field of every park",
            "{ parks { nodes {
                __typename id name timezone energyType capacityMw latitude longitude intervalMinutes
                latestReading { timestamp until localTimestamp megawatts }
                dataRange { from until count }
            } totalCount } }",
        ),
        page("the first page of parks", json!({ "first": 4 })),
        page("a page of parks behind a cursor", json!({ "first": 5 })).taking("after", ALL, "/parks/edges/6/cursor"),
        page("the last page of parks", json!({ "last": 4 })),
        page("a page of parks in front of a cursor", json!({ "last": 3 })).taking(
            "before",
            ALL,
            "/parks/edges/9/cursor",
        ),
        page("parks between two cursors", json!({})).taking("after", ALL, "/parks/edges/2/cursor").taking(
            "before",
            ALL,
            "/parks/edges/11/cursor",
        ),
        page("parks from the start to a cursor", json!({ "first": 3 })).taking("before", ALL, "/parks/edges/2/cursor"),
        page("parks backwards", json!({ "order": "NAME_DESC" })),
        page("a page of parks backwards behind a cursor", json!({ "order": "NAME_DESC", "first": 4 })).taking(
            "after",
            ALL,
            "/parks/edges/12/cursor",
        ),
        page("a page of parks backwards in front of a cursor", json!({ "order": "NAME_DESC", "last": 4 })).taking(
            "before",
            ALL,
            "/parks/edges/3/cursor",
        ),
        page("an empty page of parks", json!({ "first": 0 })),
        page("behind the last park", json!({ "first": 5 })).taking("after", ALL, "/parks/edges/15/cursor"),
    ]
}

fn filters() -> Vec<Question> {
    let filter = |name, filter| Question::new(name, FILTER).with(json!({ "filter": filter }));
    vec![
        filter("no filter", json!(null)),
        filter("parks by name", json!({ "names": ["IJsselmeer", "ﬁrth of Fo\u{308}rde", "ijsselmeer", "Leeg", ""] })),
        filter("no names are no parks", json!({ "names": [] })),
        filter("parks of an energy type", json!({ "energyTypes": ["SOLAR"] })),
        filter("parks of both energy types", json!({ "energyTypes": ["SOLAR", "WIND", "SOLAR"] })),
        filter("no energy types are no parks", json!({ "energyTypes": [] })),
        filter("parks of zones", json!({ "timezones": ["America/Havana", "UTC", "Europe/Paris"] })),
        filter("a search heeds no case", json!({ "search": "IJSSEL" })),
        filter("a search in other scripts", json!({ "search": "ВОЛ" })),
        filter("a search with a mark on its letter", json!({ "search": "FO\u{308}R" })),
        filter("a search for what SQL would take for a pattern", json!({ "search": "%_" })),
        filter("a search for quotes", json!({ "search": "\"nord\"" })),
        filter("a search for a backslash", json!({ "search": "a\\e" })),
        filter("a search for an emoji", json!({ "search": "😀" })),
        filter("an empty search", json!({ "search": "" })),
        filter(
            "all filters at once",
            json!({
                "names": ["IJsselmeer", "Leeg", "Ruapuke"], "energyTypes": ["WIND"],
                "timezones": ["Europe/Amsterdam"], "search": "s",
            }),
        ),
        filter("parks by ids that are none", json!({ "ids": ["", "nothing", "UGFyazow"] })),
        Question::new(
            "parks by ids",
            "query($one: ID!, $other: ID!) {
                parks(filter: { ids: [$other, $one, $one, \"nothing\"] }) { nodes { name } totalCount }
            }",
        )
        .taking("one", ALL, "/parks/nodes/3/id")
        .taking("other", ALL, "/parks/nodes/1/id"),
        Question::new(
            "two lists of parks at once",
            "{ wind: parks(filter: { energyTypes: [WIND] }, first: 2) { ...page }
               sun: parks(filter: { energyTypes: [SOLAR] }, last: 2) { ...page } }
             fragment page on ParkConnection { nodes { name ... on Node { id } } pageInfo { hasNextPage } totalCount }",
        ),
    ]
}

fn single() -> Vec<Question> {
    vec![
        Question::new(
            "a park by id",
            "query($id: ID!) { park(by: { id: $id }) { name energyType dataRange { from until count } } }",
        )
        .taking("id", ALL, "/parks/nodes/5/id"),
        Question::new("a park by name", ONE).with(json!({ "by": { "name": "Hārapaki \"Nord\"" } })),
        Question::new("a park by its name in another normal form", ONE)
            .with(json!({ "by": { "name": "ﬁrth of Fo\u{308}rde" } })),
        Question::new("a park that is not there", ONE).with(json!({ "by": { "name": "leeg" } })),
        Question::new("a park by an id that is none", ONE).with(json!({ "by": { "id": "nothing" } })),
        Question::new(
            "a node that is a park",
            "query($id: ID!) { node(id: $id) { __typename id ... on Park { name } } }",
        )
        .taking("id", ALL, "/parks/nodes/0/id"),
        Question::new("a node that is not there", "{ node(id: \"nothing\") { id } }"),
        Question::new(
            "nodes in the order of their ids",
            "query($one: ID!, $other: ID!) {
                nodes(ids: [$one, \"nothing\", $other, $one]) { __typename ... on Park { name capacityMw } }
            }",
        )
        .taking("one", ALL, "/parks/nodes/9/id")
        .taking("other", ALL, "/parks/nodes/2/id"),
        Question::new("no nodes", "{ nodes(ids: []) { id } }"),
    ]
}
