//! Through the router, without a socket.

use axum::body::Body;
use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use super::router::Settings;
use super::testing::{GRAPHQL, JSON, Server};
use crate::config::Introspection;

#[tokio::test]
async fn a_request_that_is_not_executed_has_no_data_and_its_status_by_media_type() {
    let server = Server::new().await;
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query B { __typename }", "BAD_USER_INPUT"),
        ("query($id: ID!) { node(id: $id) { id } }", "BAD_USER_INPUT"),
        (&format!("{{ f(x: {}) }}", "[".repeat(200)), "TOO_COMPLEX"),
    ] {
        for (accept, status) in [("application/graphql-response+json", 400), ("application/json", 200)] {
            let body = json!({ "query": query }).to_string();
            let answer = server.send("POST", "/graphql", &[JSON, ("accept", accept)], body).await;
            assert_eq!(answer.status, status, "{query} as {accept}");
            assert_eq!(answer.header("content-type"), format!("{accept}; charset=utf-8"));
            assert_eq!(answer.code(), code, "{query}");
            assert_eq!(answer.json().get("data"), None, "{query}");
        }
    }
}

#[tokio::test]
async fn the_error_of_a_field_is_part_of_an_answer() {
    let server = Server::new().await;
    let answer = server.post(&json!({ "query": "{ viewer { name } }" })).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::OK, json!("UNAUTHENTICATED")));
    assert_eq!(answer.json()["data"], Value::Null);
    assert!(answer.json().as_object().unwrap().contains_key("data"));
}

#[tokio::test]
async fn a_document_of_many_mistakes_tells_the_first_hundred() {
    let server = Server::new().await;
    let query = format!("{{ parks {{ {} }} }}", "x ".repeat(500));
    let answer = server.post(&json!({ "query": query })).await.json();
    assert_eq!(answer["errors"].as_array().unwrap().len(), 100);
    assert_eq!(answer["extensions"]["errorsLeftOut"], 400);
}

#[tokio::test]
async fn get_reads_and_a_mutation_by_get_is_refused_with_the_way_to_send_it() {
    let server = Server::new().await;
    let query = "query%20A(%24a:Boolean!)%7B__typename%20__schema%20@include(if:%24a)%7BqueryType%7Bname%7D%7D%7D";
    let answer = server.get(&format!("/graphql?query={query}&variables=%7B%22a%22:false%7D&operationName=A")).await;
    assert_eq!((answer.status, answer.json()["data"].clone()), (StatusCode::OK, json!({"__typename": "Query"})));
    assert_eq!(answer.json()["extensions"]["cost"]["requested"], 4);
    assert_eq!(answer.header("cache-control"), "no-store");
    let answer = server.get("/graphql?query=mutation%7Blogout(refreshToken:%22%22)%7D").await;
    assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
    for wrong in
        ["", "?variables=%7B%7D", "?query=a&query=b", "?query=%7Ba%7D&variables=3", "?query=%7Ba%7D&extensions=%5B%5D"]
    {
        assert_eq!(server.get(&format!("/graphql{wrong}")).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let answer = server.send("DELETE", "/graphql", &[], Body::empty()).await;
    assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET, HEAD, POST"));
}

#[tokio::test]
async fn what_a_page_of_another_site_could_send_unasked_is_refused() {
    let server = Server::new().await;
    let body = r#"{"query":"{ __typename }"}"#;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "", "application/json; charset=utf-16", "text/json"]
    {
        let answer = server.send("POST", "/graphql", &[("content-type", kind)], body).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
    assert_eq!(server.send("POST", "/graphql", &[], body).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let form = ("content-type", "multipart/form-data; boundary=x");
    assert_eq!(server.send("POST", "/graphql", &[form], "--x--").await.status, StatusCode::UNAUTHORIZED);
    let packed = server.send("POST", "/graphql", &[JSON, ("content-encoding", "gzip")], body).await;
    assert_eq!(packed.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for kind in ["application/json;charset=UTF-8", "Application/JSON"] {
        assert_eq!(
            server.send("POST", "/graphql", &[("content-type", kind)], body).await.status,
            StatusCode::OK,
            "{kind}"
        );
    }
    assert_eq!(server.get("/graphql").await.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn no_acceptable_media_type_is_406() {
    let server = Server::new().await;
    let headers = [JSON, ("accept", "text/html")];
    let answer = server.send("POST", "/graphql", &headers, r#"{"query":"{ __typename }"}"#).await;
    assert_eq!(answer.status, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn a_body_that_is_no_request_is_a_bad_request_in_either_type_and_names_no_type_of_ours() {
    let server = Server::new().await;
    for body in
        ["", "{", "3", "\"x\"", "{}", r#"{"query":3}"#, r#"{"query":"{a}","variables":[]}"#, "[]", "[3]", "[[]]"]
    {
        let answer = server.send("POST", "/graphql", &[JSON], body).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, json!("BAD_USER_INPUT")), "{body}");
        assert!(!answer.text().contains("Parameters") && !answer.text().contains("struct"), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_batch_is_answered_in_order_and_has_a_limit() {
    let server = Server::new().await;
    let member = |query: &str| json!({ "query": query });
    let batch = json!([member("{ __typename }"), member("{"), member("{ a: __typename }")]);
    let answer = server.post(&batch).await;
    let codes = json!([
        {"data": {"__typename": "Query"}, "extensions": {"cost": {"requested": 1, "left": 9_999_999}}},
        {"errors": [{"message": "syntax error: expected selection", "locations": [{"line": 1, "column": 2}],
            "extensions": {"code": "GRAPHQL_PARSE_FAILED"}}]},
        {"data": {"a": "Query"}, "extensions": {"cost": {"requested": 1, "left": 9_999_998}}},
    ]);
    assert_eq!((answer.status, answer.json()), (StatusCode::OK, codes));
    let eleven = json!(vec![member("{ __typename }"); 11]);
    let answer = server.post(&eleven).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, json!("TOO_COMPLEX")));
}

#[tokio::test]
async fn a_sign_in_marks_the_device_by_a_cookie_that_opens_nothing() {
    let server = Server::new().await;
    let login = |password: &str| json!({ "query": format!(r#"mutation {{ login(username: "ada", password: "{password}") {{ expiresIn }} }}"#) });
    let form = |password: &str| format!("grant_type=password&username=ada&password={password}");
    let cookie = |answer: &super::testing::Answer| answer.header("set-cookie").to_owned();
    let marked = [
        cookie(&server.post(&login("correct horse")).await),
        cookie(&server.form("/oauth/token", &form("correct+horse")).await),
    ];
    for cookie in &marked {
        let (mark, attributes) = cookie.split_once("; ").unwrap();
        assert!(mark.starts_with("energy-parks-device=") && mark.len() > 60, "{cookie}");
        assert_eq!(attributes, "Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict; Secure");
    }
    let mark = marked[0].split(';').next().unwrap();
    let again = server
        .send("POST", "/graphql", &[JSON, ("cookie", &format!("a=b; {mark}"))], login("correct horse").to_string())
        .await;
    assert_eq!(cookie(&again), marked[0], "it is known again");
    for answer in [
        server.post(&login("wrong horse")).await,
        server.form("/oauth/token", &form("wrong")).await,
        server.post(&json!({ "query": "{ __typename }" })).await,
    ] {
        assert_eq!(cookie(&answer), "", "{}", answer.text());
    }
    let asked =
        server.send("POST", "/graphql", &[JSON, GRAPHQL, ("cookie", mark)], r#"{"query":"{ viewer { name } }"}"#).await;
    assert_eq!(asked.code(), json!("UNAUTHENTICATED"));
}

#[tokio::test]
async fn passwords_are_not_guessed_by_aliases_or_batches() {
    let server = Server::new().await;
    let login = r#"login(username: "ada", password: "correct horse") { expiresIn }"#;
    let aliases = json!({ "query": format!("mutation {{ a: {login} b: {login} }}") });
    assert_eq!(server.post(&aliases).await.code(), "TOO_COMPLEX");
    let one = json!({ "query": format!("mutation {{ {login} }}") });
    let answer = server.post(&json!([one, one])).await.json();
    assert!(answer[0]["data"]["login"]["expiresIn"].is_number());
    assert_eq!(answer[1]["errors"][0]["extensions"]["code"], "TOO_COMPLEX");
}

#[tokio::test]
async fn a_credential_that_is_not_good_is_401_and_never_nobody() {
    let server = Server::new().await;
    let good = server.sign_in("ada").await;
    let viewer = r#"{"query":"{ viewer { name } }"}"#;
    let answer = server.send("POST", "/graphql", &[JSON, ("authorization", &good)], viewer).await;
    assert_eq!(answer.json()["data"], json!({"viewer": {"name": "ada"}}));
    for header in [("authorization", "Bearer x"), ("authorization", "Basic YTpi"), ("x-api-key", "x")] {
        for (method, uri, body) in [("POST", "/graphql", viewer), ("GET", "/graphql?query=%7B__typename%7D", "")] {
            let answer = server.send(method, uri, &[JSON, header], body).await;
            assert_eq!(
                (answer.status, answer.code()),
                (StatusCode::UNAUTHORIZED, json!("UNAUTHENTICATED")),
                "{header:?}"
            );
            assert!(answer.header("www-authenticate").starts_with("Bearer "));
            assert_eq!(answer.json().get("data"), None);
        }
    }
}

#[tokio::test]
async fn a_body_has_a_limit_and_a_smaller_one_without_a_credential() {
    let server = Server::new().await;
    let good = server.sign_in("rita").await;
    let body = |bytes: usize| format!(r#"{{"query":"{{ __typename }}"{}}}"#, " ".repeat(bytes - 26));
    let status = async |token: Option<&str>, bytes| {
        let mut headers = vec![JSON];
        headers.extend(token.map(|token| ("authorization", token)));
        server.send("POST", "/graphql", &headers, body(bytes)).await.status
    };
    assert_eq!(status(None, 2_000).await, StatusCode::OK);
    assert_eq!(status(None, 2_001).await, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(status(Some(&good), 4_000).await, StatusCode::OK);
    assert_eq!(status(Some(&good), 4_001).await, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn an_upload_is_refused_before_it_is_read_where_the_caller_may_not_load() {
    let server = Server::new().await;
    let form = ("content-type", "multipart/form-data; boundary=x");
    let reader = server.sign_in("rita").await;
    let answer = server.send("POST", "/graphql", &[form, ("authorization", &reader)], "--x--").await;
    assert_eq!((answer.status, answer.code()), (StatusCode::FORBIDDEN, json!("FORBIDDEN")));
    let operator = server.sign_in("ada").await;
    let answer = server.send("POST", "/graphql", &[form, ("authorization", &operator)], "--x--").await;
    assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, json!("BAD_USER_INPUT")));
}

#[tokio::test]
async fn ready_says_what_is_missing() {
    let server = Server::new().await;
    assert_eq!(server.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(server.get("/readyz").await.status, StatusCode::OK);
    server.readiness.wait_for("the demo portfolio is being loaded");
    let answer = server.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text().contains("demo portfolio"));
    server.readiness.reached();
    assert_eq!(server.get("/readyz").await.status, StatusCode::OK);
    server.app.database.close().await.unwrap();
    let answer = server.get("/readyz").await;
    assert_eq!(
        (answer.status, answer.text()),
        (StatusCode::SERVICE_UNAVAILABLE, "not ready: the database does not answer\n")
    );
    assert_eq!(server.get("/healthz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_schema_is_told_unless_introspection_is_closed() {
    let server = Server::new().await;
    let answer = server.get("/schema.graphql").await;
    assert!(answer.status == StatusCode::OK && answer.text().contains("type Query"));
    let server = Server::build(Settings::default(), Introspection::Closed).await;
    assert_eq!(server.get("/schema.graphql").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_answer_has_an_id_and_the_headers_that_protect() {
    let server = Server::new().await;
    for path in ["/", "/graphiql", "/graphql", "/healthz", "/nothing", "/assets/nothing.js"] {
        let answer = server.get(path).await;
        assert_eq!(answer.header("x-request-id").len(), 36, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe-eval") && !policy.contains("http"), "{path}");
    }
    let given = server.send("GET", "/healthz", &[("x-request-id", "abc-1")], Body::empty()).await;
    assert_eq!(given.header("x-request-id"), "abc-1");
    let forged = server.send("GET", "/healthz", &[("x-request-id", "a b")], Body::empty()).await;
    assert_ne!(forged.header("x-request-id"), "a b");
}

#[tokio::test]
async fn text_is_compressed_for_those_who_take_it() {
    let server = Server::new().await;
    let answer = server.send("GET", "/schema.graphql", &[("accept-encoding", "gzip")], Body::empty()).await;
    assert_eq!(answer.header(header::CONTENT_ENCODING.as_str()), "gzip");
    assert_eq!(server.get("/schema.graphql").await.header("content-encoding"), "");
}

#[tokio::test]
async fn a_token_that_has_expired_is_no_hindrance_to_the_next() {
    let server = Server::new().await;
    let login = |query: &str| json!({ "query": format!(r#"mutation {{ login(username: "ada", password: "correct horse") {{ refreshToken }} {query} }}"#) });
    let token = server.sign_in("ada").await;
    server.pass(std::time::Duration::from_hours(1));
    let send =
        async |body: Value| server.send("POST", "/graphql", &[JSON, ("authorization", &token)], body.to_string()).await;
    assert_eq!(send(json!({ "query": "{ __typename }" })).await.status, StatusCode::UNAUTHORIZED);
    let answer = send(login("")).await.json();
    let refresh = answer["data"]["login"]["refreshToken"].as_str().unwrap();
    let refreshed = format!(r#"mutation {{ refreshToken(refreshToken: "{refresh}") {{ accessToken }} }}"#);
    assert!(send(json!({ "query": refreshed })).await.json()["data"]["refreshToken"]["accessToken"].is_string());
    let answer = send(login(r#"createPark(input: { name: "a", timezone: "UTC", energyType: WIND }) { id }"#)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "and to nothing else");
}

#[tokio::test]
async fn a_mutation_whose_fields_are_asked_for_twice_is_done_once() {
    let server = Server::new().await;
    let token = server.sign_in("ada").await;
    let create = r#"createPark(input: { name: "a", timezone: "UTC", energyType: WIND })"#;
    let body = json!({ "query": format!("mutation {{ {create} {{ id }} {create} {{ name }} }}") }).to_string();
    let answer = server.send("POST", "/graphql", &[JSON, ("authorization", &token)], body).await;
    assert_eq!(answer.json()["data"]["createPark"]["name"], "a", "{}", answer.text());
    assert!(answer.json()["data"]["createPark"]["id"].is_string());
}

#[tokio::test]
async fn the_default_of_an_argument_holds_where_its_variable_has_no_value() {
    let server = Server::new().await;
    let token = server.sign_in("ada").await;
    let query = "query($g: Granularity, $n: Int) { parkStats(granularity: $g, first: $n) { nodes { date } } }";
    let body = json!({ "query": query, "variables": {} }).to_string();
    let answer = server.send("POST", "/graphql", &[JSON, ("authorization", &token)], body).await;
    assert_eq!(answer.json()["data"]["parkStats"], json!({ "nodes": [] }), "{}", answer.text());
}

#[tokio::test]
async fn a_value_that_is_none_of_its_scalar_is_refused_before_anything_is_done() {
    let server = Server::new().await;
    let token = server.sign_in("ada").await;
    let ask = async |query: &str| {
        let body = json!({ "query": query }).to_string();
        server.send("POST", "/graphql", &[JSON, GRAPHQL, ("authorization", &token)], body).await
    };
    let park = |key: &str, zone: &str| {
        format!(r#"{key}: createPark(input: {{ name: "{key}", timezone: "{zone}", energyType: WIND }}) {{ id }}"#)
    };
    let answer = ask(&format!("mutation {{ {} {} }}", park("a", "UTC"), park("b", "Mars/X"))).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, json!("BAD_USER_INPUT")));
    assert!(answer.text().contains("an IANA time zone"), "{}", answer.text());
    assert_eq!(ask("{ parks { totalCount } }").await.json()["data"]["parks"]["totalCount"], 0);
}
