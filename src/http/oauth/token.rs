//! `POST /oauth/token`: tokens for a password, a refresh token or an API key (RFC 6749, sections 4.3, 4.4, 5 and 6).

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

use super::super::address::Address;
use super::super::device;
use super::super::rate::Who;
use super::super::router::Server;
use super::client::{Client, unknown};
use super::deed::Deed;
use super::form::Form;
use super::refusal::{Code, Refusal, unstored};
use crate::app::App;
use crate::auth::{self, ClientToken, Device, SignIn, Token};
use crate::domain::access::{Scope, join_scopes, split_scopes};
use crate::domain::secret::Secret;

/// The grants that are given here.
pub const GRANTS: [&str; 3] = ["password", "refresh_token", "client_credentials"];

/// Gives out tokens.
pub async fn post(State(server): State<Server>, Extension(address): Extension<Address>, request: Request) -> Response {
    let app = server.api.app();
    let mut deed = Deed::begin("token", address, app);
    let device = device::of(request.headers());
    match granted(&server, (address, &device), request, &mut deed).await {
        Ok(given) => {
            match given.news {
                News::None => deed.passed(),
                News::Scope => deed.done(Some(format!("scope: {}", join_scopes(&given.scope)))),
            }
            let mut response = answer(&given);
            device::tell(&device, app.keys.issuer(), response.headers_mut());
            response
        }
        Err(refusal) => {
            deed.refused(&refusal);
            refusal.into_response()
        }
    }
}

async fn granted(
    server: &Server,
    (Address(address), device): (Address, &Device),
    request: Request,
    deed: &mut Deed,
) -> Result<Given, Refusal> {
    let (headers, mut form) = Form::of(request).await?;
    let _place = server.lobby.enter(address.map(Who::at))?;
    let app = server.api.app();
    let client = Client::of(&headers, &mut form, deed, app).await?;
    let grant = form.need("grant_type")?;
    let now = app.now();
    match (grant.as_str(), client) {
        ("password", Client::Public) => {
            let username = form.need("username")?;
            deed.is("login", Some(&username));
            let password = Secret::from(form.need("password")?);
            let scope = scope(&mut form)?;
            let scope = scope.as_deref();
            let sign_in = SignIn { username: &username, password: &password, scope, address, device };
            let App { database, keys, passwords, devices, .. } = app;
            Ok(Given::of(auth::login(database, keys, passwords, devices, sign_in, now).await?, News::Scope))
        }
        ("refresh_token", Client::Public) => {
            let refresh_token = Secret::from(form.need("refresh_token")?);
            deed.is("refreshToken", None);
            let scope = scope(&mut form)?;
            let tried = auth::refresh(&app.database, &app.keys, &refresh_token, scope.as_deref(), now).await;
            deed.is("refreshToken", tried.by.as_deref());
            // The next tokens of a session are no news.
            Ok(Given::of(tried.ended?, News::None))
        }
        ("client_credentials", Client::ApiKey(key)) => {
            deed.of_key("clientCredentials", &key.name, key.shown_prefix());
            let scope = scope(&mut form)?;
            Ok(auth::client_token(&app.keys, &key, scope.as_deref(), now)?.into())
        }
        ("client_credentials", Client::Public) => Err(unknown()),
        ("password" | "refresh_token", Client::ApiKey(key)) => {
            deed.of_key("token", &key.name, key.shown_prefix());
            let sentence = "an API key gets tokens by client_credentials alone";
            Err(Refusal::new(Code::UnauthorizedClient, sentence))
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

/// What is given out.
struct Given {
    news: News,
    access_token: Secret,
    expires_in: u32,
    refresh_token: Option<Secret>,
    scope: Vec<Scope>,
}

/// What the log tells of it.
#[derive(Clone, Copy)]
enum News {
    None,
    Scope,
}

impl Given {
    fn of(Token { access_token, expires_in, refresh_token, scope }: Token, news: News) -> Self {
        Self { news, access_token, expires_in, refresh_token: Some(refresh_token), scope }
    }
}

impl From<ClientToken> for Given {
    fn from(ClientToken { access_token, expires_in, scope }: ClientToken) -> Self {
        Self { news: News::Scope, access_token, expires_in, refresh_token: None, scope }
    }
}

fn answer(given: &Given) -> Response {
    let mut body = json!({
        "access_token": given.access_token.reveal(),
        "token_type": Token::TYPE,
        "expires_in": given.expires_in,
        "scope": join_scopes(&given.scope),
    });
    if let Some(token) = &given.refresh_token {
        body["refresh_token"] = json!(token.reveal());
    }
    unstored(Json(body).into_response())
}
