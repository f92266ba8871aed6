//! What a caller may keep of what it asked by GET, through the router.

use axum::http::StatusCode;

use super::testing::Server;

const PARKS: &str = "/graphql?query=%7Bparks%7Bnodes%7Bname%7D%7D%7D";

#[tokio::test]
async fn a_question_by_get_is_asked_again_without_its_answer_while_nothing_has_changed() {
    let server = Server::new().await;
    let ada = server.sign_in("ada").await;
    let get = async |uri: &str, token: &str, tag: &str| {
        server.send("GET", uri, &[("authorization", token), ("if-none-match", tag)], "").await
    };
    let first = get(PARKS, &ada, "").await;
    let tag = first.header("etag").to_owned();
    assert_eq!((first.status, first.header("cache-control")), (StatusCode::OK, "private, no-cache"));
    assert_eq!(first.header("vary"), "accept, authorization, x-api-key");
    for named in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let again = get(PARKS, &ada, &named).await;
        assert_eq!((again.status, again.text(), again.header("etag")), (StatusCode::NOT_MODIFIED, "", tag.as_str()));
    }
    assert_eq!(get(PARKS, &ada, "\"other\"").await.text(), first.text());
    crate::storage::testing::park(&server.app.database, "new", "UTC").await.unwrap();
    let changed = get(PARKS, &ada, &tag).await;
    assert!(changed.status == StatusCode::OK && changed.text().contains("new"), "{}", changed.text());
    for (uri, status) in [
        ("/graphql?query=%7Bviewer%7Bname%7D%7D", StatusCode::OK),
        ("/graphql?query=%7Bparks%7Bnodes%7Bnothing%7D%7D%7D", StatusCode::OK),
    ] {
        let other = get(uri, &ada, "*").await;
        let told = (other.status, other.header("etag"), other.header("cache-control"));
        assert_eq!(told, (status, "", "no-store"), "{uri}");
    }
}
