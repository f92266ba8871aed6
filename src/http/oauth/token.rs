//! `POST /oauth/token`: tokens for a password or a refresh token (RFC 6749, sections 4.3, 5 and 6).

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

use super::super::address::Address;
use super::super::router::Server;
use super::client::Client;
use super::form::Form;
use super::refusal::{Code, Refusal, unstored};
use crate::auth::{self, SignIn, Token};
use crate::domain::access::{Scope, join_scopes, split_scopes};
use crate::domain::secret::Secret;

/// The grants that are given here.
pub const GRANTS: [&str; 2] = ["password", "refresh_token"];

/// Gives out tokens.
pub async fn post(State(server): State<Server>, Extension(address): Extension<Address>, request: Request) -> Response {
    match granted(&server, address, request).await {
        Ok(token) => answer(&token),
        Err(refusal) => refusal.into_response(),
    }
}

async fn granted(server: &Server, Address(address): Address, request: Request) -> Result<Token, Refusal> {
    let (headers, mut form) = Form::of(request).await?;
    let Client::Public = Client::of(&headers, &mut form)?;
    let grant = form.need("grant_type")?;
    let (app, now) = (server.api.app(), server.api.app().now());
    match grant.as_str() {
        "password" => {
            let (username, password) = (form.need("username")?, Secret::from(form.need("password")?));
            let scope = scope(&mut form)?;
            let scope = scope.as_deref();
            let sign_in = SignIn { username: &username, password: &password, scope, address };
            Ok(auth::login(&app.database, &app.keys, &app.passwords, sign_in, now).await?)
        }
        "refresh_token" => {
            let refresh_token = Secret::from(form.need("refresh_token")?);
            let scope = scope(&mut form)?;
            Ok(auth::refresh(&app.database, &app.keys, &refresh_token, scope.as_deref(), now).await?)
        }
        _ => {
            let grants = GRANTS.join(", ");
            Err(Refusal::new(Code::UnsupportedGrantType, format!("the grants given here are: {grants}")))
        }
    }
}

/// The scopes asked for, if any are.
fn scope(form: &mut Form) -> Result<Option<Vec<Scope>>, Refusal> {
    let Some(text) = form.take("scope") else { return Ok(None) };
    let scopes = split_scopes(&text).map_err(|_| Refusal::new(Code::InvalidScope, "a scope is not known"))?;
    Ok(Some(scopes))
}

fn answer(token: &Token) -> Response {
    let body = json!({
        "access_token": token.access_token.reveal(),
        "token_type": Token::TYPE,
        "expires_in": token.expires_in,
        "refresh_token": token.refresh_token.reveal(),
        "scope": join_scopes(&token.scope),
    });
    unstored(Json(body).into_response())
}
