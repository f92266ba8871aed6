//! How the server is: alive, and ready to answer.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::router::Server;

/// How long the database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the server still waits for before it is ready, said by whoever starts it.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<RwLock<Option<String>>>);

impl Readiness {
    /// Not ready, for this reason.
    pub fn wait_for(&self, reason: &str) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(reason.to_owned());
    }

    /// Nothing is waited for any more.
    pub fn reached(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn reason(&self) -> Option<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// `/healthz`: the process answers.
pub async fn alive() -> Response {
    text(StatusCode::OK, "alive\n".into())
}

/// `/readyz`: the database answers too, and what the start waits for is done; else 503 and the reason.
pub async fn ready(State(server): State<Server>) -> Response {
    let reason = match tokio::time::timeout(PATIENCE, server.api.ping()).await {
        Ok(Ok(())) => server.readiness.reason(),
        Ok(Err(error)) => {
            // Its cause may name hosts and files: it is for the log.
            let cause = error.cause().map(ToString::to_string);
            tracing::warn!(cause, "the database does not answer");
            Some("the database does not answer".into())
        }
        Err(_) => {
            tracing::warn!(seconds = PATIENCE.as_secs(), "the database does not answer in time");
            Some("the database does not answer in time".into())
        }
    };
    match reason {
        None => text(StatusCode::OK, "ready\n".into()),
        Some(reason) => text(StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")),
    }
}

fn text(status: StatusCode, text: String) -> Response {
    (status, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], text).into_response()
}
