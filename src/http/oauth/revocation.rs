//! `POST /oauth/revoke`: tokens are taken back (RFC 7009).

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::super::router::Server;
use super::client::Client;
use super::form::Form;
use super::refusal::{Code, Refusal, unstored};
use crate::auth;
use crate::domain::secret::Secret;
use crate::error::Error;

/// Ends the session of a token of either kind. A token that opens nothing is taken back already.
pub async fn post(State(server): State<Server>, request: Request) -> Response {
    match revoked(&server, request).await {
        Ok(()) => unstored(StatusCode::OK.into_response()),
        Err(refusal) => refusal.into_response(),
    }
}

async fn revoked(server: &Server, request: Request) -> Result<(), Refusal> {
    let (headers, mut form) = Form::of(request).await?;
    let client = Client::of(&headers, &mut form, server.api.app()).await?;
    // Which kind it is can be seen; the hint (`token_type_hint`) is not needed, and a wrong one does no harm.
    let token = Secret::from(form.need("token")?);
    let app = server.api.app();
    if let Client::ApiKey(_) = client {
        let sentence = "an API key has no sessions, and its tokens end with it";
        return Err(Refusal::new(Code::UnauthorizedClient, sentence));
    }
    match auth::revoke(&app.database, &app.keys, &token, app.now()).await {
        Err(Error::Invalid(why)) => Err(Refusal::new(Code::UnsupportedTokenType, why)),
        revoked => Ok(revoked.map(|_| ())?),
    }
}
