//! `POST /oauth/revoke`: tokens are taken back (RFC 7009).

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::super::address::Address;
use super::super::rate::Who;
use super::super::router::Server;
use super::client::Client;
use super::deed::Deed;
use super::form::Form;
use super::refusal::{Code, Refusal, unstored};
use crate::auth;
use crate::domain::secret::Secret;
use crate::error::Error;

/// Ends the session of a token of either kind. A token that opens nothing is taken back already.
pub async fn post(State(server): State<Server>, Extension(address): Extension<Address>, request: Request) -> Response {
    let app = server.api.app();
    let mut deed = Deed::begin("logout", address, app);
    match revoked(&server, address, request, &mut deed).await {
        Ok(was_alive) => {
            if was_alive {
                deed.done(None);
                app.audit.settle().await;
            } else {
                deed.was_in_vain("the token is of no session that stands");
            }
            unstored(StatusCode::OK.into_response())
        }
        Err(refusal) => {
            deed.refused(&refusal);
            refusal.into_response()
        }
    }
}

/// Whether there was a session to end.
async fn revoked(
    server: &Server,
    Address(address): Address,
    request: Request,
    deed: &mut Deed,
) -> Result<bool, Refusal> {
    let (headers, mut form) = Form::of(request).await?;
    let _place = server.lobby.enter(address.map(Who::at))?;
    let client = Client::of(&headers, &mut form, deed, server.api.app()).await?;
    // Which kind it is can be seen; the hint (`token_type_hint`) is not needed, and a wrong one does no harm.
    let token = Secret::from(form.need("token")?);
    let app = server.api.app();
    if let Client::ApiKey(key) = client {
        deed.of_key("logout", &key.name, key.shown_prefix());
        let sentence = "an API key has no sessions, and its tokens end with it";
        return Err(Refusal::new(Code::UnauthorizedClient, sentence));
    }
    let tried = auth::revoke(&app.database, &app.keys, &token, app.now()).await;
    deed.is("logout", tried.by.as_deref());
    match tried.ended {
        Err(Error::Invalid(why)) => Err(Refusal::new(Code::UnsupportedTokenType, why)),
        ended => Ok(ended?),
    }
}
