//! An answer, value by value. The keys of answers are `Type_field_call`, so each value is known by its field.

use serde_json::Value;

/// Random or unlike in two worlds by nature: that they are there is compared, not what they are.
const MASKED: &[&str] = &[
    "Token.accessToken",
    "Token.refreshToken",
    "ApiKey.id",
    "ApiKey.prefix",
    "ApiKeyCreated.key",
    "ApiKeyEdge.cursor",
    "Load.id",
    "LoadEdge.cursor",
    "AuditEntryEdge.cursor",
];

/// Whose pages have such cursors.
const MASKED_PAGES: &[&str] = &["Query.loads", "Query.apiKeys", "Query.auditLog"];

#[derive(Debug)]
pub struct Answers {
    /// Each field with its value, in the order of the answer, errors too.
    pub values: Vec<(String, String)>,
    /// As it came.
    pub text: String,
}

impl Answers {
    pub fn read(answer: &Value) -> Self {
        let mut values = Vec::new();
        walk(&answer["data"], "", &mut values);
        for error in answer["errors"].as_array().into_iter().flatten() {
            let mut keys = error["path"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let field = keys.next_back().and_then(coordinate).unwrap_or_else(|| "request".to_owned());
            assert!(field != "request", "the document is not good: {answer}");
            values.push((field, format!("error {} {}", error["extensions"]["code"], error["message"])));
        }
        Self { values, text: answer.to_string() }
    }
}

fn coordinate(key: &str) -> Option<String> {
    let mut parts = key.split('_');
    Some(format!("{}.{}", parts.next()?, parts.next()?)).filter(|_| !key.starts_with("__"))
}

/// Notes each field within, and answers with what the value says in all.
fn walk(value: &Value, root: &str, found: &mut Vec<(String, String)>) -> String {
    match value {
        Value::Object(fields) => {
            let mut said = Vec::new();
            for (key, value) in fields {
                let Some(field) = coordinate(key) else {
                    said.push(value.to_string());
                    continue;
                };
                let root = if root.is_empty() { &field } else { root };
                let is_cursor = field == "PageInfo.startCursor" || field == "PageInfo.endCursor";
                let is_masked = MASKED.contains(&field.as_str()) || is_cursor && MASKED_PAGES.contains(&root);
                let shown = if is_masked && value.is_string() { "*".to_owned() } else { walk(value, root, found) };
                said.push(shown.clone());
                found.push((field, shown));
            }
            format!("{{{}}}", said.join(" "))
        }
        Value::Array(items) => {
            let said: Vec<_> = items.iter().map(|item| walk(item, root, found)).collect();
            format!("[{}]", said.join(" "))
        }
        other => other.to_string(),
    }
}

/// Whether the value is null, empty or an error.
pub fn is_nothing(value: &str) -> bool {
    value == "null" || value == "[]" || value.starts_with("error ")
}

/// The fields whose values differ, and how.
pub fn differences(one: &Answers, other: &Answers) -> impl Iterator<Item = (String, String)> {
    let mut fields: Vec<&String> = one.values.iter().chain(&other.values).map(|(field, _)| field).collect();
    fields.sort();
    fields.dedup();
    let of = |answers: &Answers, field: &String| -> Vec<String> {
        answers.values.iter().filter(|(it, _)| it == field).map(|(_, value)| value.clone()).collect()
    };
    let differing = fields.into_iter().filter_map(move |field| {
        let (one, other) = (of(one, field), of(other, field));
        (one != other).then(|| {
            let cut = |values: &[String]| values.join(", ").chars().take(200).collect::<String>();
            (field.clone(), format!("{field}: {} alone, {} beside the other", cut(&one), cut(&other)))
        })
    });
    differing.collect::<Vec<_>>().into_iter()
}

#[test]
fn a_name_or_a_number_that_is_planted_in_an_answer_is_flagged() {
    use serde_json::json;
    let honest = json!({"data": {"Query_parks_0": {"ParkConnection_nodes_0": [{"Park_name_0": "Mill"}], "ParkConnection_totalCount_0": 1}}});
    for (planted, field) in [
        (json!("Alder"), "/data/Query_parks_0/ParkConnection_nodes_0/0/Park_name_0"),
        (json!(2), "/data/Query_parks_0/ParkConnection_totalCount_0"),
    ] {
        let mut leak = honest.clone();
        *leak.pointer_mut(field).unwrap() = planted;
        let flagged: Vec<_> =
            differences(&Answers::read(&honest), &Answers::read(&leak)).map(|(field, _)| field).collect();
        assert!(flagged.len() > 1 && flagged.contains(&"Query.parks".to_owned()), "{flagged:?}");
    }
    assert_eq!(differences(&Answers::read(&honest), &Answers::read(&honest)).count(), 0);
}
