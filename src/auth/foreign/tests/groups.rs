//! What the groups and roles of a token are here.

use serde_json::{Value, json};

use super::super::testing::{AUDIENCE, Issuer, Signer};
use super::{REFUSED, Scene, code};
use crate::auth::{create_customer, delete_customer, rename_customer};
use crate::domain::access::{Role, Scope, Visibility};
use crate::error::Result;
use crate::storage::testing::{everywhere, noon};

#[tokio::test]
async fn groups_are_those_of_cognito_and_of_keycloak() {
    let scene = Scene::new().await;
    for changes in [
        json!({ "groups": ["other", "operator"] }),
        json!({ "groups": "operator" }),
        json!({ "groups": null, "cognito:groups": ["operator"] }),
        json!({ "groups": null, "realm_access": { "roles": ["default-roles-x", "operator"] } }),
        json!({ "groups": ["reader"], "cognito:groups": ["operator"] }),
    ] {
        let who = scene.who(&scene.token(&changes)).await.unwrap();
        assert_eq!(who.role, Some(Role::Operator), "{changes}");
    }
    for changes in [
        json!({ "groups": null }),
        json!({ "groups": ["other", "Admin", "*"] }),
        json!({ "groups": { "admin": true } }),
        json!({ "groups": [["admin"]] }),
        json!({ "groups": null, "role": "admin", "scope": "admin" }),
    ] {
        assert_eq!(scene.code(&changes).await, "FORBIDDEN", "{changes}");
    }
}

#[tokio::test]
async fn a_token_that_names_scopes_of_ours_allows_no_more_than_they_do() {
    let scene = Scene::new().await;
    for (scope, expected) in [
        ("openid profile", Role::Operator.scopes()),
        ("openid stats:read", &[Scope::StatsRead]),
        ("parks-api/stats:read parks-api/parks:read", &[Scope::ParksRead, Scope::StatsRead]),
        ("admin", &[]),
    ] {
        let who = scene.who(&scene.token(&json!({ "groups": ["operator"], "scope": scope }))).await.unwrap();
        assert_eq!(who.scopes, expected, "{scope}");
    }
}

#[tokio::test]
async fn a_customer_s_group_sees_the_customer_s_parks_and_never_all() -> Result<()> {
    everywhere(async |database| {
        let key = Signer::ed25519("one");
        let issuer = Issuer::new(&[&key]).await;
        let foreign = issuer.known();
        let mut claims = issuer.claims(noon());
        claims["groups"] = json!(["acme", "admin"]);
        let token = key.sign(&claims);
        let who = async || foreign.authenticate(&database, &token, noon()).await;
        assert_eq!(code(&who().await), "FORBIDDEN", "the customer does not exist yet");
        let acme = create_customer(&database, "Acme", noon()).await?;
        let principal = who().await?;
        assert_eq!(principal.visibility(), Visibility::Customer(acme.id));
        assert_eq!((principal.role, principal.scopes.as_slice()), (Some(Role::Reader), Role::Reader.scopes()));
        assert_eq!(principal.may_keep_parks().unwrap_err().code(), "FORBIDDEN");
        rename_customer(&database, acme.id, "Acme Energy", noon()).await?;
        assert_eq!(code(&who().await), "FORBIDDEN", "renamed");
        delete_customer(&database, acme.id).await?;
        assert_eq!(code(&who().await), "FORBIDDEN", "gone");
        Ok(())
    })
    .await
}

/// As Keycloak 26 writes it, with a mapper each for the audience and the groups.
fn keycloak(changes: &Value) -> Value {
    let mut claims = json!({
        "jti": "onrtac:0d2a7c1e-7b30-4f0e-9d0a-3a51c0c9b8a1", "typ": "Bearer", "azp": "dashboard", "acr": "1",
        "sid": "b1c2", "aud": [AUDIENCE, "account"], "scope": "openid email profile", "email_verified": true,
        "allowed-origins": ["https://dashboard.example"], "name": "Maria Rossi", "preferred_username": "maria",
        "realm_access": { "roles": ["offline_access", "uma_authorization", "default-roles-energy"] },
        "resource_access": { "account": { "roles": ["manage-account", "view-profile"] } },
        "groups": null,
    });
    for (claim, value) in changes.as_object().unwrap() {
        claims[claim] = value.clone();
    }
    claims
}

#[tokio::test]
async fn a_token_of_keycloak_is_what_its_roles_of_the_realm_and_of_our_program_and_its_groups_are() {
    let scene = Scene::new().await;
    for changes in [
        json!({ "realm_access": { "roles": ["default-roles-energy", "operator"] } }),
        json!({ "resource_access": { (AUDIENCE): { "roles": ["operator"] }, "account": { "roles": ["view-profile"] } } }),
        json!({ "groups": ["operator"] }),
    ] {
        let who = scene.who(&scene.token(&keycloak(&changes))).await.unwrap();
        assert_eq!((who.role, who.scopes.as_slice()), (Some(Role::Operator), Role::Operator.scopes()), "{changes}");
        assert!(who.name.starts_with("maria (8f1c at "), "{}", who.name);
    }
    for changes in [
        json!({}),
        // What it may do in another program says nothing here.
        json!({ "resource_access": { "dashboard": { "roles": ["admin"] }, "account": { "roles": ["admin"] } } }),
        json!({ "resource_access": { (AUDIENCE): { "groups": ["admin"] } } }),
        // A group's full path is its name.
        json!({ "groups": ["/operator"] }),
    ] {
        assert_eq!(scene.code(&keycloak(&changes)).await, "FORBIDDEN", "{changes}");
    }
}

/// Who asked for a token (`azp`) is not whom it is for: without the mapper its audience is `account`.
#[tokio::test]
async fn a_token_of_keycloak_whose_audience_is_another_s_is_refused_whoever_asked_for_it() {
    let scene = Scene::new().await;
    for changes in [json!({ "aud": "account", "azp": AUDIENCE }), json!({ "aud": null, "azp": AUDIENCE })] {
        let mut claims = keycloak(&changes);
        claims["groups"] = json!(["operator"]);
        assert_eq!(scene.code(&claims).await, REFUSED, "{changes}");
    }
    let identity =
        keycloak(&json!({ "typ": "ID", "aud": AUDIENCE, "azp": AUDIENCE, "groups": ["reader"], "at_hash": "x" }));
    assert_eq!(scene.code(&identity).await, "good", "an ID token of our own program");
    for other in ["Refresh", "Offline", "Logout"] {
        assert_eq!(scene.code(&keycloak(&json!({ "typ": other, "groups": ["reader"] }))).await, REFUSED, "{other}");
    }
}

#[tokio::test]
async fn tokens_of_cognito_are_what_their_groups_are() {
    let scene = Scene::new().await;
    let access = json!({
        "aud": null, "client_id": "cognito-client", "token_use": "access", "scope": "aws.cognito.signin.user.admin",
        "auth_time": noon().timestamp(), "origin_jti": "x", "event_id": "y", "version": 2, "username": "maria",
        "preferred_username": null, "groups": null, "cognito:groups": ["operator"],
    });
    let identity = json!({
        "aud": "cognito-client", "token_use": "id", "auth_time": noon().timestamp(), "cognito:username": "maria",
        "email": "maria@example.org", "preferred_username": null, "groups": null, "cognito:groups": ["operator"],
        "cognito:roles": ["arn:aws:iam::1:role/admin"],
    });
    for claims in [access, identity] {
        let who = scene.who(&scene.token(&claims)).await.unwrap();
        assert_eq!((who.role, who.scopes.as_slice()), (Some(Role::Operator), Role::Operator.scopes()), "{claims}");
        assert!(who.name.starts_with("maria (8f1c at "), "{}", who.name);
    }
}
