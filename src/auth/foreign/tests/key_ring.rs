//! How seldom an issuer is asked for its keys, and for how long they count.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::{Header, encode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::super::testing::{Reply, Signer};
use super::{REFUSED, Scene, code};
use crate::storage::testing::noon;

/// The claims of a token that is good all day.
fn lasting(scene: &Scene) -> Value {
    let mut claims = scene.issuer.claims(noon());
    claims["exp"] = json!(noon().timestamp() + 86_400);
    claims
}

#[tokio::test]
async fn a_new_key_is_found_with_its_first_token_and_one_that_is_gone_is_forgotten() {
    let scene = Scene::new().await;
    assert_eq!(scene.code(&json!({})).await, "good");
    let new = Signer::rsa("two", 0);
    scene.issuer.publish(&[&new]);
    let claims = lasting(&scene);
    let (by_old, by_new) = (scene.key.sign(&claims), new.sign(&claims));
    let after = |seconds| noon() + Duration::from_secs(seconds);
    assert_eq!(code(&scene.who_at(&by_new, after(9)).await), REFUSED, "it was asked a moment ago");
    assert_eq!(code(&scene.who_at(&by_old, after(9)).await), "good");
    assert_eq!(code(&scene.who_at(&by_new, after(10)).await), "good");
    assert_eq!(code(&scene.who_at(&by_old, after(11)).await), REFUSED, "it is published no more");
    assert_eq!(scene.issuer.asked(), 2);
}

#[tokio::test]
async fn keys_are_fetched_again_after_some_minutes_without_keeping_anyone_waiting() {
    let scene = Scene::new().await;
    let claims = lasting(&scene);
    let token = scene.key.sign(&claims);
    let at = |minutes| noon() + Duration::from_mins(minutes);
    assert_eq!(code(&scene.who_at(&token, at(0)).await), "good");
    assert_eq!(code(&scene.who_at(&token, at(9)).await), "good");
    assert_eq!(scene.issuer.asked(), 1);
    scene.issuer.publish(&[]);
    assert_eq!(code(&scene.who_at(&token, at(10)).await), "good", "the old keys until the new ones are there");
    let unknown = Signer::ed25519("two").sign(&claims);
    assert_eq!(code(&scene.who_at(&unknown, at(10)).await), REFUSED, "it waits for what is under way");
    assert_eq!(code(&scene.who_at(&token, at(10)).await), REFUSED, "the key was taken back");
    assert_eq!(scene.issuer.asked(), 2);
}

#[tokio::test]
async fn an_issuer_that_is_down_is_unavailable_until_it_answers() {
    let scene = Scene::new().await;
    scene.issuer.reply("/jwks", Reply::Closed);
    assert_eq!(scene.code(&json!({})).await, "UNAVAILABLE");
    assert_eq!(scene.code(&json!({})).await, "UNAVAILABLE");
    assert_eq!(scene.issuer.asked(), 1, "it is not asked at every request");
    scene.issuer.publish(&[&scene.key]);
    let later = noon() + Duration::from_secs(10);
    assert_eq!(code(&scene.who_at(&scene.token(&json!({})), later).await), "good");
}

#[tokio::test]
async fn the_keys_that_are_known_count_for_an_hour_while_the_issuer_does_not_answer() {
    let scene = Scene::new().await;
    let claims = lasting(&scene);
    let token = scene.key.sign(&claims);
    let at = |minutes| noon() + Duration::from_mins(minutes);
    assert_eq!(code(&scene.who_at(&token, at(0)).await), "good");
    scene.issuer.reply("/jwks", Reply::Closed);
    assert_eq!(code(&scene.who_at(&token, at(59)).await), "good");
    assert_eq!(code(&scene.who_at(&token, at(60)).await), "UNAVAILABLE");
}

/// Tokens of made-up keys must not make us ask the issuer again and again, nor hold our requests.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_tokens_of_unknown_keys_cost_one_fetch() {
    let scene = Arc::new(Scene::new().await);
    let claims = scene.issuer.claims(noon());
    assert_eq!(scene.code(&json!({})).await, "good");
    let forger = Signer::ed25519("forged");
    let later = noon() + Duration::from_mins(1);
    let mut tasks = JoinSet::new();
    for number in 0..1_000 {
        let header = Header { kid: Some(format!("forged-{number}")), ..forger.header() };
        let token = encode(&header, &claims, &forger.signing).unwrap();
        let scene = scene.clone();
        tasks.spawn(async move { code(&scene.who_at(&token, later).await) });
    }
    let answers = tasks.join_all().await;
    assert!(answers.iter().all(|code| [REFUSED, "UNAVAILABLE"].contains(code)), "{answers:?}");
    assert_eq!(scene.issuer.asked(), 2);
    assert_eq!(code(&scene.who_at(&scene.token(&json!({})), later).await), "good");
}

#[tokio::test]
async fn no_more_than_a_hundred_wait_for_an_issuer_that_is_silent() {
    let scene = Arc::new(Scene::new().await);
    scene.issuer.reply("/jwks", Reply::Silent);
    let mut tasks = JoinSet::new();
    for _ in 0..150 {
        let (scene, token) = (scene.clone(), scene.token(&json!({})));
        tasks.spawn(async move {
            let error = scene.who(&token).await.unwrap_err();
            error.cause().unwrap().to_string()
        });
    }
    let causes = tasks.join_all().await;
    let turned_away = causes.iter().filter(|cause| *cause == "too many wait for a foreign issuer").count();
    assert_eq!((turned_away, scene.issuer.asked()), (50, 1));
}
