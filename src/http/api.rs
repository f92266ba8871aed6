//! The app and its schema, as the routes ask them.

use std::sync::Arc;

use super::address::Address;
use super::credential::Credential;
use crate::app::App;
use crate::auth::{self, Principal};
use crate::config::Introspection;
use crate::domain::audit::{Entry, Outcome};
use crate::domain::chrono::{DateTime, Utc};
use crate::error::{Error, Result};
use crate::graphql::wire::{Request, Response};
use crate::graphql::{self, Caller, Schema};

/// The longest name that is entered of who tries to sign in.
const MAX_NAME: usize = 300;

/// The app and its schema.
#[derive(Clone)]
pub struct Api {
    app: Arc<App>,
    schema: Schema,
    /// None where the schema is not told.
    sdl: Option<Arc<str>>,
}

impl Api {
    /// Builds the schema over the app.
    pub fn new(app: Arc<App>, introspection: Introspection) -> Self {
        let tells = introspection == Introspection::Open;
        Self { app, schema: graphql::schema(tells), sdl: tells.then(|| graphql::sdl().into()) }
    }

    /// The app that all of it asks.
    pub(super) fn app(&self) -> &App {
        &self.app
    }

    /// Who shows this credential. A refusal stands in the audit log.
    pub(super) async fn principal(&self, credential: Credential, address: Address) -> Result<Principal> {
        let (app, now) = (self.app.as_ref(), self.app.now());
        let (subject, outcome) = match credential {
            Credential::Bearer(token) => (None, self.bearer(&token, now).await),
            Credential::ApiKey(shown) => {
                let outcome = auth::authenticate_api_key(&app.database, &app.meter, &shown, now).await;
                (auth::shown_prefix(&shown), outcome)
            }
        };
        if let Err(error @ (Error::Unauthenticated(_) | Error::Forbidden(_) | Error::RateLimited(..))) = &outcome {
            let entry = auth::entry("authenticate", Outcome::Refused, now);
            app.audit.enter(Entry { subject, address: address.0, detail: Some(error.to_string()), ..entry });
        }
        outcome
    }

    /// Who shows this token: each issuer's tokens are its own to judge.
    async fn bearer(&self, token: &str, now: DateTime<Utc>) -> Result<Principal> {
        let App { database, keys, meter, foreign, .. } = self.app.as_ref();
        match foreign.as_ref().filter(|foreign| foreign.is_named_by(token)) {
            Some(foreign) => foreign.authenticate(database, token, now).await,
            None => auth::authenticate(database, keys, meter, token, now).await,
        }
    }

    /// Enters a sign-in by another way than GraphQL, whose own are entered with its answers.
    pub(super) fn tell_sign_in<T>(&self, username: &str, address: Address, ended: &Result<T>) {
        let outcome = match ended {
            Ok(_) => Outcome::Done,
            Err(Error::Unauthenticated(_) | Error::Forbidden(_) | Error::RateLimited(..)) => Outcome::Refused,
            Err(_) => Outcome::Failed,
        };
        // As much of a name as the log keeps of any argument.
        let actor = Some(username.chars().take(MAX_NAME).collect());
        let detail = ended.as_ref().err().map(ToString::to_string);
        let entry = auth::entry("login", outcome, self.app.now());
        self.app.audit.enter(Entry { actor, address: address.0, detail, ..entry });
    }

    /// Executes a request that the guard has admitted.
    pub(super) async fn execute(&self, request: Request, principal: Option<Principal>, address: Address) -> Response {
        let caller = Caller { principal, address: address.0, now: self.app.now() };
        graphql::execute(&self.schema, request, &self.app, caller).await
    }

    /// Whether the database answers.
    pub(super) async fn ping(&self) -> Result<()> {
        self.app.database.ping().await
    }

    /// The schema as SDL, if it is told.
    pub(super) fn sdl(&self) -> Option<Arc<str>> {
        self.sdl.clone()
    }
}
