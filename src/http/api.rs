//! The app and its schema, as the routes ask them.

use std::sync::Arc;

use super::address::Address;
use super::credential::Credential;
use crate::app::App;
use crate::auth::{self, Principal};
use crate::config::Introspection;
use crate::error::Result;
use crate::graphql::wire::{Request, Response};
use crate::graphql::{self, Caller, Schema};

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

    /// Who shows this credential.
    pub(super) async fn principal(&self, credential: Credential) -> Result<Principal> {
        match credential {
            Credential::Bearer(token) => {
                auth::authenticate(&self.app.database, &self.app.keys, &token, self.app.now()).await
            }
            Credential::ApiKey(shown) => {
                let App { database, meter, .. } = self.app.as_ref();
                auth::authenticate_api_key(database, meter, &shown, self.app.now()).await
            }
        }
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
