//! The app and its schema, as the routes ask them.

use std::sync::Arc;

use super::address::Address;
use super::credential::Credential;
use super::device;
use super::rate::Standing;
use super::visitor::Visitor;
use crate::app::App;
use crate::auth::{self, Meter, Principal};
use crate::config::Introspection;
use crate::domain::audit::{Entry, Outcome};
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::data_version::DataVersion;
use crate::error::{Error, Result};
use crate::graphql::guard::Validator;
use crate::graphql::wire::{Request, Response};
use crate::graphql::{self, Caller, Clock, Schema};

/// The app and its schema.
#[derive(Clone)]
pub struct Api {
    app: Arc<App>,
    schema: Schema,
    validator: Arc<Validator>,
    /// None where the schema is not told.
    sdl: Option<Arc<str>>,
}

impl Api {
    /// Builds the schema over the app.
    pub fn new(app: Arc<App>, introspection: Introspection) -> Self {
        let tells = introspection == Introspection::Open;
        Self {
            app,
            schema: graphql::schema(tells),
            validator: Arc::new(Validator::new(tells)),
            sdl: tells.then(|| graphql::sdl().into()),
        }
    }

    /// The app that all of it asks.
    pub(super) fn app(&self) -> &App {
        &self.app
    }

    /// Who shows this credential, if there is one. A refusal stands in the audit log.
    pub(super) async fn principal(
        &self,
        credential: Result<Option<Credential>>,
        address: Address,
    ) -> Result<Option<Principal>> {
        self.found(credential, &self.app.meter, address).await
    }

    /// The same once more for the same request, which is not counted again.
    pub(super) async fn principal_still(
        &self,
        credential: Result<Option<Credential>>,
        address: Address,
    ) -> Result<Option<Principal>> {
        self.found(credential, &Meter::still(), address).await
    }

    async fn found(
        &self,
        credential: Result<Option<Credential>>,
        meter: &Meter,
        address: Address,
    ) -> Result<Option<Principal>> {
        let (app, now) = (self.app.as_ref(), self.app.now());
        let (subject, outcome) = match credential {
            Ok(None) => return Ok(None),
            Ok(Some(Credential::Bearer(token))) => (None, self.bearer(&token, meter, now).await),
            Ok(Some(Credential::ApiKey(shown))) => {
                let outcome = auth::authenticate_api_key(&app.database, meter, &shown, now).await;
                (auth::shown_prefix(&shown), outcome)
            }
            Err(error) => (None, Err(error)),
        };
        if let Err(error) = &outcome
            && is_refusal(error)
        {
            self.refused("authenticate", None, subject, address, error.to_string());
        }
        outcome.map(Some)
    }

    /// Enters that something was refused before it could be executed.
    pub(super) fn refused(
        &self,
        action: &'static str,
        principal: Option<&Principal>,
        subject: Option<String>,
        address: Address,
        why: String,
    ) {
        let actor = principal.map(|principal| principal.name.clone());
        let entry = auth::entry(action, Outcome::Refused, self.app.now());
        self.app.audit.enter(Entry { actor, subject, address: address.0, detail: Some(why), ..entry });
    }

    /// Who shows this token: each issuer's tokens are its own to judge.
    async fn bearer(&self, token: &str, meter: &Meter, now: DateTime<Utc>) -> Result<Principal> {
        let App { database, keys, foreign, .. } = self.app.as_ref();
        match foreign.as_ref().filter(|foreign| foreign.is_named_by(token)) {
            Some(foreign) => foreign.authenticate(database, token, now).await,
            None => auth::authenticate(database, keys, meter, token, now).await,
        }
    }

    /// Who judges documents.
    pub(super) fn validator(&self) -> &Validator {
        &self.validator
    }

    /// Executes a request that the guard has admitted.
    pub(super) async fn execute(
        &self,
        request: Request,
        principal: Option<Principal>,
        visitor: &Visitor,
        clock: &Clock,
    ) -> Response {
        let per_minute = visitor.standing.map(Standing::per_minute);
        let (address, device) = (visitor.address.0, visitor.device.clone());
        let caller = Caller { principal, address, device, per_minute, clock: clock.clone() };
        let mut response = graphql::execute(&self.schema, request, &self.app, caller).await;
        device::tell(&visitor.device, self.app.keys.issuer(), &mut response.http_headers);
        response
    }

    /// The version of the data that its caller has seen at least, or else of now.
    pub(super) async fn data_version(&self, principal: &Principal) -> Result<DataVersion> {
        match principal.data_version {
            Some(version) => Ok(version),
            None => self.app.database.data_version().await,
        }
    }

    /// The clock of a request that is answered now.
    pub(super) fn clock(&self) -> Clock {
        Clock::at(self.app.now())
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

/// Whether it was not allowed, rather than not to be done.
pub(super) fn is_refusal(error: &Error) -> bool {
    matches!(error, Error::Unauthenticated(_) | Error::Forbidden(_) | Error::RateLimited(..) | Error::Overused(..))
}
