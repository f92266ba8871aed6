//! Two server processes on one database: what is ended on one is ended on the other with the next request.

use axum::http::StatusCode;
use energy_parks::domain::access::Role;

use crate::server::everywhere;

#[tokio::test]
async fn a_revoked_key_and_a_disabled_user_are_refused_by_a_second_server_with_the_next_request() {
    everywhere(async |first| {
        first.user("root", Role::Admin, None).await;
        let user = first.user("mia", Role::Reader, None).await;
        let second = first.beside().await;
        let root = first.sign_in("root").await;
        let mia = second.sign_in("mia").await;
        let staff = async |document: &str| {
            let (_, answer) = first.answer_to(("authorization", &root), document).await;
            assert!(answer.get("errors").is_none(), "{answer}");
            answer["data"].clone()
        };
        let made =
            staff(r#"mutation { createCustomer(input: {name: "Mills"}) { id } }"#).await["createCustomer"].take();
        let customer = made["id"].as_str().unwrap();
        let made =
            staff(&format!(r#"mutation {{ createApiKey(input: {{name: "nightly", customer: "{customer}"}}) {{ key apiKey {{ id }} }} }}"#))
                .await["createApiKey"]
                .take();
        let (key, id) = (made["key"].as_str().unwrap(), made["apiKey"]["id"].as_str().unwrap());
        let asks = async |credential: (&str, &str)| second.answer_to(credential, "{ viewer { name } }").await.0;
        // Asked before and on the very next request after, so that nothing remembered may answer.
        assert_eq!(asks(("x-api-key", key)).await, StatusCode::OK);
        staff(&format!(r#"mutation {{ revokeApiKey(id: "{id}") {{ id }} }}"#)).await;
        assert_eq!(asks(("x-api-key", key)).await, StatusCode::UNAUTHORIZED);
        assert_eq!(asks(("authorization", &mia)).await, StatusCode::OK);
        let users = staff("{ users { nodes { id name } } }").await;
        let nodes = users["users"]["nodes"].as_array().unwrap();
        let mia_id = nodes.iter().find(|node| node["name"] == user.name).unwrap()["id"].as_str().unwrap();
        staff(&format!(r#"mutation {{ updateUser(id: "{mia_id}", input: {{disabled: true}}) {{ id }} }}"#)).await;
        assert_eq!(asks(("authorization", &mia)).await, StatusCode::UNAUTHORIZED);
        second.database.close().await.unwrap();
    })
    .await;
}
