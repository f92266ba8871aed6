use std::fmt::Write as _;
use std::sync::LazyLock;

use async_graphql::parser::types::OperationType;
use async_graphql::{EmptyMutation, EmptySubscription, Object, Request, Schema, UploadValue, Value, Variables, value};

use super::{Guard, Limits, Upload, Validator};

fn admit(query: &str) -> Result<Request, (String, String)> {
    admit_with(Request::new(query), vec![])
}

fn admit_with(mut request: Request, uploads: Vec<Upload>) -> Result<Request, (String, String)> {
    match guard_of(&Limits::default()).admit(&mut request, uploads) {
        Ok(_) => Ok(request),
        Err(mut errors) => {
            let error = errors.remove(0);
            Err((error.extensions.unwrap().get("code").unwrap().to_string(), error.message))
        }
    }
}

/// A guard to whom every document is valid: the ones here ask for fields of no schema.
fn guard_of(limits: &Limits) -> Guard<'_> {
    static VALIDATOR: LazyLock<Validator> = LazyLock::new(Validator::of_anything);
    Guard::new(limits, &VALIDATOR)
}

fn code(query: &str) -> String {
    admit(query).unwrap_err().0
}

fn bomb(fragments: usize) -> String {
    let mut text = "{ ...F0 }".to_owned();
    for at in 0..fragments {
        write!(text, " fragment F{at} on Query {{ ...F{next} ...F{next} }}", next = at + 1).unwrap();
    }
    text + &format!(" fragment F{fragments} on Query {{ __typename }}")
}

#[test]
fn fragments_that_spread_the_next_twice_are_refused_at_once() {
    assert_eq!(code(&bomb(24)), r#""TOO_COMPLEX""#);
    assert_eq!(code(&bomb(30)), r#""TOO_COMPLEX""#);
    assert_eq!(code(&bomb(1_000)), r#""TOO_COMPLEX""#);
    assert!(admit(&bomb(4)).is_ok());
}

#[test]
fn answers_that_could_hold_too_much_are_refused_and_the_members_of_a_batch_add_up() {
    let query =
        |parks| format!("{{ parks(first: {parks}) {{ nodes {{ readings(first: 1000) {{ nodes {{ id }} }} }} }} }}");
    assert_eq!(code(&query(5_000)), r#""TOO_COMPLEX""#);
    let limits = Limits::default();
    let mut guard = guard_of(&limits);
    assert!(guard.admit(&mut Request::new(query(4_000)), vec![]).is_ok());
    assert!(guard.admit(&mut Request::new(query(4_000)), vec![]).is_err());
}

#[test]
fn the_cost_is_told_and_what_is_left() {
    let limits = Limits { cost: 1_000, ..Limits::default() };
    let mut guard = guard_of(&limits);
    let mut admit = |query: &str| guard.admit(&mut Request::new(query), vec![]).map(|told| (told.cost, told.left));
    assert_eq!(admit("{ parks { nodes { name } } }"), Ok((201, 799)));
    assert_eq!(admit("{ parks(first: 10) { nodes { name } } }"), Ok((21, 778)));
    assert!(admit("{ parks(first: 1000) { nodes { name } } }").is_err());
}

#[test]
fn fields_at_the_root_count_apart_and_through_fragments() {
    let roots = |count: usize| "a { b c } ".repeat(count);
    assert!(admit(&format!("{{ {} }}", roots(100))).is_ok());
    assert_eq!(code(&format!("{{ {} }}", roots(101))), r#""TOO_COMPLEX""#);
    let spread = format!("{{ ...F ... {{ ...F }} }} fragment F on Query {{ {} }}", roots(51));
    assert_eq!(code(&spread), r#""TOO_COMPLEX""#);
    assert!(admit(&format!("{{ a {{ {} }} }}", roots(101))).is_ok());
}

#[test]
fn fragments_are_counted_where_they_are_defined() {
    let fragments = |count: usize| {
        (0..count).fold("{ a }".to_owned(), |text, at| text + &format!(" fragment F{at} on Query {{ a }}"))
    };
    assert!(admit(&fragments(100)).is_ok());
    assert_eq!(code(&fragments(101)), r#""TOO_COMPLEX""#);
}

#[test]
fn variables_of_a_query_are_counted_and_those_of_a_mutation_are_not() {
    let with = |operation: &str, value: Value| {
        let variables = Variables::from_value(value!({ "x": value }));
        admit_with(Request::new(format!("{operation}($x: [Int]) {{ a }}")).variables(variables), vec![])
    };
    let many = |count: i32| (0..count).map(Value::from).collect::<Value>();
    assert!(with("query", many(9_999)).is_ok());
    assert_eq!(with("query", many(10_000)).unwrap_err().0, r#""TOO_COMPLEX""#);
    assert!(with("mutation", many(10_000)).is_ok());
    let deep = |levels: usize| (0..levels).fold(Value::Null, |inner, _| Value::List(vec![inner]));
    assert!(with("mutation", deep(100)).is_ok());
    for operation in ["query", "mutation"] {
        assert_eq!(with(operation, deep(101)).unwrap_err().0, r#""TOO_COMPLEX""#);
    }
}

#[test]
fn lists_nested_two_thousand_deep_are_refused_and_a_hundred_parse() {
    let nested = |depth: usize| format!("{{ f(x: {}{}) }}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(code(&nested(2_000)), r#""TOO_COMPLEX""#);
    assert_eq!(code(&nested(1_000_000)), r#""TOO_COMPLEX""#);
    // The selection and the arguments are two of the hundred.
    assert!(admit(&nested(98)).is_ok());
    assert_eq!(code(&nested(99)), r#""TOO_COMPLEX""#);
}

#[test]
fn brackets_in_types_objects_and_selections_count_alike() {
    let deep = 2_000;
    for (open, close) in [("{a", "}"), ("{ a(x: {b:", "})}"), ("query($x: [", "]) {a}")] {
        let text = format!("{}{}", open.repeat(deep), close.repeat(deep));
        assert_eq!(code(&text), r#""TOO_COMPLEX""#, "{open}");
    }
    assert_eq!(code(&format!("query($x: {}Int{}) {{ a }}", "[".repeat(deep), "]".repeat(deep))), r#""TOO_COMPLEX""#);
}

#[test]
fn brackets_behind_a_string_that_only_looks_open_are_seen() {
    let deep = "[".repeat(2_000);
    for before in [
        r#""""#.to_owned(), // three quotes that nothing closes: an empty string, then one to the next quote
        r#""""  ""#.to_owned(),
        "\"abc\n".to_owned(),
        "\"abc\r".to_owned(),
        r#""\\""#.to_owned(),
        r#""\"" "#.to_owned(),
        r#""""a\"""b""""#.to_owned(),
        "# \"\n".to_owned(),
        "# \"\"\"\r".to_owned(),
    ] {
        assert_eq!(code(&format!("{{ f(x: [{before} {deep}")), r#""TOO_COMPLEX""#, "{before}");
    }
}

#[test]
fn brackets_in_strings_and_comments_are_text() {
    let deep = "[".repeat(2_000);
    assert!(admit(&format!("{{ f(x: \"{deep}\") }}")).is_ok());
    assert!(admit(&format!("{{ f(x: \"\\\"{deep}\") }}")).is_ok());
    assert!(admit(&format!("{{ f(x: \"\"\"\n\" \\\"\"\" {deep}\"\"\") }}")).is_ok());
    assert!(admit(&format!("{{ f # \"{deep}\n }}")).is_ok());
}

#[test]
fn a_text_of_quotes_alone_is_looked_at_once() {
    assert!(admit(&format!("{{ f(x: [{}", "\"\"\"\\".repeat(200_000))).is_err());
}

#[test]
fn circles_of_fragments_are_refused() {
    assert_eq!(code("{ ...A } fragment A on Query { ...A }"), r#""GRAPHQL_VALIDATION_FAILED""#);
    let circle = "{ a } fragment A on Query { ...B ...B } fragment B on Query { ...A ...A }";
    assert_eq!(code(circle), r#""GRAPHQL_VALIDATION_FAILED""#);
}

#[test]
fn a_chain_of_fragments_is_as_deep_as_its_selections() {
    let chain = |links: usize| {
        let mut text = "{ ...F0 }".to_owned();
        for at in 0..links {
            write!(text, " fragment F{at} on Query {{ ...F{} }}", at + 1).unwrap();
        }
        text + &format!(" fragment F{links} on Query {{ a }}")
    };
    assert!(admit(&chain(30)).is_ok());
    assert_eq!(code(&chain(31)), r#""TOO_COMPLEX""#);
    assert_eq!(code(&chain(1_200)), r#""TOO_COMPLEX""#);
}

#[test]
fn depth_counts_fields_and_not_the_fragments_between_them() {
    let nested = |depth: usize| format!("{}a{}", "{ a ".repeat(depth - 1) + "{ ", " }".repeat(depth));
    assert!(admit(&nested(20)).is_ok());
    assert_eq!(code(&nested(21)), r#""TOO_COMPLEX""#);
    let through = |depth: usize| {
        let (open, close) = ("{ a ".repeat(depth - 2), " }".repeat(depth - 2));
        format!("{open} {{ ... {{ ...F }} }} {close} fragment F on Query {{ ... {{ ... {{ a {{ a }} }} }} }}")
    };
    assert!(admit(&through(20)).is_ok());
    assert_eq!(code(&through(21)), r#""TOO_COMPLEX""#);
}

#[test]
fn what_fragments_hold_counts_as_often_as_they_are_spread() {
    let fields = |count: usize| "a ".repeat(count);
    assert!(admit(&format!("{{ x {{ ...F }} y {{ ...F }} }} fragment F on Query {{ {} }}", fields(999))).is_ok());
    assert_eq!(
        code(&format!("{{ x {{ ...F }} y {{ ...F }} }} fragment F on Query {{ {} }}", fields(1_000))),
        r#""TOO_COMPLEX""#
    );
    let aliases: String = (0..51).fold(String::new(), |text, at| text + &format!("a{at}: b "));
    assert!(admit(&format!("{{ {aliases} }}")).is_ok());
    assert_eq!(
        code(&format!("{{ x {{ ...F }} y {{ ...F }} }} fragment F on Query {{ {aliases} }}")),
        r#""TOO_COMPLEX""#
    );
    assert_eq!(code(&format!("{{ a {} }}", "@skip(if: false) ".repeat(201))), r#""TOO_COMPLEX""#);
}

#[test]
fn values_count_as_often_as_they_are_spread_and_so_does_a_fragment_that_is_not_there() {
    let values = |count: usize| format!("{{ ...F ...F }} fragment F on Query {{ a(x: [{}]) }}", "1 ".repeat(count));
    assert!(admit(&values(4_999)).is_ok());
    assert_eq!(code(&values(5_000)), r#""TOO_COMPLEX""#);
    let spreads = |count: usize| format!("{{ x {{ {} }} }}", "...F ".repeat(count));
    assert!(admit(&spreads(1_999)).is_ok());
    assert_eq!(code(&spreads(2_000)), r#""TOO_COMPLEX""#);
}

#[test]
fn the_members_of_a_batch_count_together() {
    let limits = Limits { fields: 5, ..Limits::default() };
    let mut guard = guard_of(&limits);
    assert!(guard.admit(&mut Request::new("{ a b c }"), vec![]).is_ok());
    assert!(guard.admit(&mut Request::new("{ a b c }"), vec![]).is_err());
    let limits = Limits { tokens: 8, ..Limits::default() };
    let mut guard = guard_of(&limits);
    assert!(guard.admit(&mut Request::new("{ a b c }"), vec![]).is_ok());
    assert!(guard.admit(&mut Request::new("{ a b c }"), vec![]).is_err());
}

#[test]
fn a_request_signs_in_once() {
    let login = "login(username: \"a\", password: \"b\") { accessToken }";
    assert!(admit(&format!("mutation {{ {login} }}")).is_ok());
    assert_eq!(code(&format!("mutation {{ a: {login} b: {login} }}")), r#""TOO_COMPLEX""#);
    let (limits, mut request) = (Limits::default(), Request::new(format!("mutation {{ {login} }}")));
    let mut guard = guard_of(&limits);
    assert!(guard.admit(&mut request, vec![]).is_ok());
    assert!(guard.admit(&mut request, vec![]).is_err());
}

#[test]
fn a_document_that_does_not_parse_says_where() {
    let mut request = Request::new("{\n  a(");
    let error = guard_of(&Limits::default()).admit(&mut request, vec![]).unwrap_err().remove(0);
    assert_eq!(error.extensions.unwrap().get("code"), Some(&Value::from("GRAPHQL_PARSE_FAILED")));
    assert_eq!(error.locations[0].line, 2);
    assert_eq!(error.message, "syntax error: expected name");
    assert_eq!(code(""), r#""GRAPHQL_PARSE_FAILED""#);
    assert_eq!(code("{"), r#""GRAPHQL_PARSE_FAILED""#);
}

#[test]
fn the_kind_of_the_chosen_operation_is_told() {
    let text = "query A { a } mutation B { b } subscription C { c }";
    let kind = |name: Option<&str>| {
        let mut request = Request::new(text);
        request.operation_name = name.map(ToOwned::to_owned);
        guard_of(&Limits::default()).admit(&mut request, vec![]).unwrap().kind
    };
    assert_eq!(kind(Some("A")), OperationType::Query);
    assert_eq!(kind(Some("B")), OperationType::Mutation);
    assert_eq!(kind(Some("C")), OperationType::Subscription);
    assert_eq!(kind(Some("D")), OperationType::Query); // nothing will run
}

#[test]
fn a_variable_that_must_have_a_value_is_asked_for() {
    let query = "query($id: ID!, $n: Int! = 3) { a }";
    assert_eq!(admit(query).unwrap_err().0, r#""BAD_USER_INPUT""#);
    let with = |variables| admit_with(Request::new(query).variables(Variables::from_value(variables)), vec![]);
    assert!(with(value!({"id": null})).is_err());
    assert!(with(value!({"id": "1", "n": null})).is_err());
    assert_eq!(with(value!({"id": "1"})).unwrap().variables["n"], value!(3));
    assert_eq!(with(value!({"id": "1", "n": 4})).unwrap().variables["n"], value!(4));
}

#[tokio::test]
async fn defaults_of_variables_decide_skip_and_include() {
    struct Query;
    #[Object]
    impl Query {
        async fn a(&self) -> i32 {
            1
        }
        async fn b(&self) -> i32 {
            2
        }
    }
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let query = "query($no: Boolean = false, $yes: Boolean! = true) { a @include(if: $yes) b @include(if: $no) }";
    let answer = schema.execute(admit(query).unwrap()).await;
    // The placeholder goes when the answer is arranged.
    assert_eq!((answer.errors, answer.data), (vec![], value!({"a": 1, "_kept": "Query"})));
}

fn file() -> UploadValue {
    UploadValue { filename: "a.csv".into(), content_type: None, content: tempfile::tempfile().unwrap() }
}

#[test]
fn an_upload_takes_the_place_that_the_map_names() {
    let query = "mutation($source: Source!, $file: Upload!) { a }";
    let request =
        || Request::new(query).variables(Variables::from_value(value!({"source": {"file": null}, "file": null})));
    let place = |path: &str| Upload { path: path.into(), file: file() };
    let admitted = admit_with(request(), vec![place("variables.source.file"), place("variables.file")]).unwrap();
    assert_eq!(admitted.uploads.len(), 2);
    let wrong = vec![place("variables.source.file"), place("variables.fil")];
    assert_eq!(admit_with(request(), wrong).unwrap_err().0, r#""BAD_USER_INPUT""#);
}

#[test]
fn names_that_stand_twice_are_no_matter_of_syntax() {
    for query in ["{ a } { a }", "query A { a } query A { a }", "{ a } fragment F on Q { a } fragment F on Q { a }"] {
        assert_eq!(code(query), r#""GRAPHQL_VALIDATION_FAILED""#, "{query}");
    }
}

#[test]
fn nobody_writes_an_upload_by_hand() {
    let forged = value!({"a": {"b": ["#__graphql_file__:7"]}});
    let request = Request::new("query($a: A) { a }").variables(Variables::from_value(forged));
    assert_eq!(admit_with(request, vec![]).unwrap_err().0, r#""BAD_USER_INPUT""#);
    for query in [
        r##"{ a(x: {b: ["#__graphql_file__:x"]}) }"##,
        r#"{ a(x: "\u0023__graphql\u005ffile__:0") }"#,
        r#"{ a(x: "\u{23}__graphql\u{5f}file__:0") }"#,
        r##"query($x: Upload = "#__graphql_file__:0") { a }"##,
        r##"{ ...F } fragment F on Query { ... { a(x: """#__graphql_file__:0""") } }"##,
    ] {
        assert_eq!(code(query), r#""BAD_USER_INPUT""#, "{query}");
    }
    assert!(admit(r#"{ a(x: "\u0023 graphql_file") }"#).is_ok());
}

#[test]
fn introspection_that_goes_round_the_schema_is_refused() {
    let rounds = |count: usize| {
        format!("{{ __schema {{ types {{ {} name {} }} }} }}", "fields { type { ".repeat(count), "} }".repeat(count))
    };
    assert!(admit(&rounds(3)).is_ok());
    assert_eq!(code(&rounds(4)), r#""TOO_COMPLEX""#);
    let wide = format!("{{ __schema {{ types {{ fields {{ type {{ fields {{ {} }} }} }} }} }} }}", "name ".repeat(150));
    assert_eq!(code(&wide), r#""TOO_COMPLEX""#);
    let hidden = "{ ...A } fragment A on Query { __type(name: \"Park\") { ...B } } fragment B on __Type { fields { type { ...C } } }
        fragment C on __Type { fields { type { fields { type { fields { type { fields { type { fields { type { fields { name } } } } } } } } } } } }";
    assert_eq!(code(hidden), r#""TOO_COMPLEX""#);
    assert!(
        admit("{ data { types { fields { fields { fields { fields { fields { fields { a } } } } } } } } }").is_ok()
    );
}

#[test]
fn introspection_as_graphiql_sends_it_is_admitted() {
    let query = include_str!("introspection.graphql");
    assert!(admit(query).is_ok());
    let limits = Limits::default();
    let mut guard = guard_of(&limits);
    for _ in 0..3 {
        assert!(guard.admit(&mut Request::new(query), vec![]).is_ok());
    }
}
