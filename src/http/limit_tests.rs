//! How often, and how many at once, through the router.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures::StreamExt as _;
use serde_json::json;
use tokio::sync::Notify;
use tower::ServiceExt as _;

use super::router::Settings;
use super::testing::{GRAPHQL, JSON, Server};

const ASK: &str = r#"{"query":"{ __typename }"}"#;

#[tokio::test]
async fn a_caller_who_asks_too_often_is_told_how_long_to_wait_and_others_are_not() {
    let server = Server::with(Settings { rate_limit: 3, ..Settings::default() }).await;
    let (ada, rita) = (server.sign_in("ada").await, server.sign_in("rita").await);
    let ask = async |token: &str| {
        let headers = [JSON, GRAPHQL, ("authorization", token)];
        server.send("POST", "/graphql", &headers, ASK).await
    };
    for left in ["2", "1", "0"] {
        let answer = ask(&ada).await;
        assert_eq!((answer.status, answer.header("ratelimit-remaining")), (StatusCode::OK, left));
        assert_eq!((answer.header("ratelimit-limit"), answer.header("retry-after")), ("3", ""));
    }
    let answer = ask(&ada).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::TOO_MANY_REQUESTS, json!("RATE_LIMITED")));
    assert_eq!((answer.header("ratelimit-remaining"), answer.header("retry-after")), ("0", "20"));
    assert_eq!(answer.header("content-type"), "application/graphql-response+json; charset=utf-8");
    let again = server.sign_in("ada").await;
    assert_eq!(ask(&again).await.status, StatusCode::TOO_MANY_REQUESTS, "another token of the same user");
    assert_eq!(ask(&rita).await.status, StatusCode::OK);
    assert_eq!(server.get("/healthz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_viewer_is_told_the_limit_and_what_is_left_of_it() {
    let server = Server::with(Settings { rate_limit: 3, ..Settings::default() }).await;
    let token = server.sign_in("rita").await;
    let headers = [JSON, GRAPHQL, ("authorization", &token)];
    let ask = r#"{"query":"{ viewer { allowance { perMinute leftThisMinute perDay leftToday } } }"}"#;
    let answer = server.send("POST", "/graphql", &headers, ask).await.json();
    let allowance = json!({ "perMinute": 3, "leftThisMinute": 2, "perDay": null, "leftToday": null });
    assert_eq!(answer["data"]["viewer"]["allowance"], allowance);
}

#[tokio::test]
async fn an_address_asks_for_tokens_no_more_often_than_for_anything_else() {
    let server = Server::with(Settings { rate_limit: 3, ..Settings::default() }).await;
    server.sends_from("192.0.2.7");
    for (path, left) in [("/oauth/token", "2"), ("/oauth/revoke", "1"), ("/oauth/token", "0")] {
        let answer = server.form(path, "token=x").await;
        assert_eq!((answer.header("ratelimit-limit"), answer.header("ratelimit-remaining")), ("3", left), "{path}");
    }
    for path in ["/oauth/token", "/oauth/revoke"] {
        let answer = server.form(path, "token=x").await;
        let code = &answer.json()["error"];
        assert_eq!((answer.status, code), (StatusCode::TOO_MANY_REQUESTS, &json!("temporarily_unavailable")), "{path}");
        assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{path}");
    }
    assert_eq!(server.get("/.well-known/jwks.json").await.status, StatusCode::OK, "what is public stays to be asked");
    server.sends_from("192.0.2.8");
    assert_eq!(server.form("/oauth/revoke", "token=x").await.status, StatusCode::OK);
}

#[tokio::test]
async fn no_limit_is_no_headers() {
    let server = Server::with(Settings { rate_limit: 0, ..Settings::default() }).await;
    let token = server.sign_in("ada").await;
    let answer = server.send("POST", "/graphql", &[JSON, ("authorization", &token)], ASK).await;
    assert_eq!((answer.status, answer.header("ratelimit-limit")), (StatusCode::OK, ""));
}

#[tokio::test]
async fn requests_beyond_those_that_are_worked_on_are_turned_away_and_health_is_told() {
    let server = Server::with(Settings { max_concurrent: 0, ..Settings::default() }).await;
    let answer = server.send("POST", "/graphql", &[JSON], ASK).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::SERVICE_UNAVAILABLE, json!("UNAVAILABLE")));
    assert_eq!(answer.header("retry-after"), "5");
    for path in ["/oauth/token", "/oauth/revoke"] {
        let answer = server.form(path, "token=x").await;
        let told = (answer.status, answer.json()["error"].clone());
        assert_eq!(told, (StatusCode::SERVICE_UNAVAILABLE, json!("temporarily_unavailable")), "{path}");
        assert_eq!(answer.header("retry-after"), "5");
    }
    assert_eq!(server.send("GET", "/healthz", &[], Body::empty()).await.status, StatusCode::OK);
    let roomy = Server::with(Settings { max_concurrent: 1, ..Settings::default() }).await;
    for _ in 0..3 {
        assert_eq!(roomy.send("POST", "/graphql", &[JSON], ASK).await.status, StatusCode::OK, "a place is given back");
    }
}

#[tokio::test]
async fn a_body_of_more_values_than_may_be_is_refused_before_it_is_read() {
    let server = Server::with(Settings { max_values: 100, ..Settings::default() }).await;
    let ask = async |count| {
        // No JSON after its last value: who builds first says so.
        let values = "0,".repeat(count);
        let body = format!(r#"{{"query":"{{ __typename }}","variables":{{"a":[{values}]}}}}"#);
        server.send("POST", "/graphql", &[JSON], body).await
    };
    let few = ask(90).await;
    assert_eq!((few.status, few.code()), (StatusCode::BAD_REQUEST, json!("BAD_USER_INPUT")));
    let many = ask(100).await;
    assert_eq!((many.status, many.code()), (StatusCode::PAYLOAD_TOO_LARGE, json!("TOO_COMPLEX")));
}

#[tokio::test]
async fn a_place_is_taken_until_a_large_answer_is_sent_or_given_up_and_a_small_one_takes_none() {
    let server = Server::with(Settings { max_concurrent: 1, ..Settings::default() }).await;
    let types = "{ types { name description fields { name description args { name description } } } }";
    let large = ["a", "b", "c", "d", "e", "f"].map(|alias| format!("{alias}: __schema {types}")).join(" ");
    let ask = async |method: &str, question: &str| {
        let (uri, body) = match method {
            "GET" => (
                format!(
                    "/graphql?query=%7B{}%7D",
                    question.replace(' ', "%20").replace('{', "%7B").replace('}', "%7D")
                ),
                Body::empty(),
            ),
            _ => ("/graphql".to_owned(), Body::from(json!({ "query": format!("{{ {question} }}") }).to_string())),
        };
        let request = Request::builder().method(method).uri(uri).header(JSON.0, JSON.1).body(body).unwrap();
        server.router.clone().oneshot(request).await.unwrap()
    };
    for method in ["GET", "POST"] {
        let (unsent, other) = (ask(method, &large).await, ask(method, "__typename").await);
        assert_eq!((unsent.status(), other.status()), (StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE), "{method}");
        drop(unsent);
        let (unsent, other) = (ask(method, "__typename").await, ask(method, "__typename").await);
        assert_eq!((unsent.status(), other.status()), (StatusCode::OK, StatusCode::OK), "{method}");
    }
}

#[tokio::test]
async fn bodies_take_no_more_memory_together_than_is_set() {
    let server =
        Server::with(Settings { max_bodies_bytes: 400_000, max_json_bytes: 200_000, ..Settings::default() }).await;
    let token = server.sign_in("ada").await;
    let large = format!(r#"{{"query":"{{ __typename }}","x":"{}"}}"#, "x".repeat(60_000));
    let ask = async |body: &str| server.send("POST", "/graphql", &[JSON, GRAPHQL], body.to_owned()).await;
    let request = |body| Request::post("/graphql").header(JSON.0, JSON.1).body(body).unwrap();

    let came = Arc::new(Notify::new());
    let (came_whole, text) = (came.clone(), large.clone());
    let never_ends = futures::stream::iter([Ok::<_, Infallible>(text)]).chain(futures::stream::once(async move {
        came_whole.notify_one();
        std::future::pending().await
    }));
    let coming = tokio::spawn(server.router.clone().oneshot(request(Body::from_stream(never_ends))));
    came.notified().await;
    let refused = ask(&large).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::SERVICE_UNAVAILABLE, json!("UNAVAILABLE")));
    assert_eq!(refused.header("retry-after"), "5");
    assert_eq!(ask(ASK).await.status, StatusCode::OK, "a small one");
    let known = [JSON, ("authorization", token.as_str())];
    assert_eq!(server.send("POST", "/graphql", &known, large.clone()).await.status, StatusCode::OK);
    coming.abort();
    coming.await.unwrap_err();

    assert_eq!(ask(&large).await.status, StatusCode::OK, "what was taken is given back");
    let values = format!(r#"{{"query":"{{ __typename }}","x":[{}0]}}"#, "0,".repeat(1_000));
    assert_eq!(ask(&values).await.status, StatusCode::SERVICE_UNAVAILABLE, "values take more than their text");
}
