//! Signing in and out, and who one is.

use async_graphql::{Context, Enum, Object, SimpleObject};

use super::api_keys::ApiKey;
use super::caller::{Caller, app};
use super::customers::Customer;
use super::scalars::Long;
use super::trail::{Note, Notes};
use crate::app::App;
use crate::auth;
use crate::domain::access;
use crate::domain::audit::Outcome;
use crate::domain::secret::Secret;
use crate::error::Result;

/// One permission of a token or an API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "access::Scope")]
pub enum Scope {
    /// `parks:read`: see parks.
    ParksRead,
    /// `readings:read`: see single readings.
    ReadingsRead,
    /// `stats:read`: see aggregates.
    StatsRead,
    /// `readings:write`: load parks and readings, change and delete them.
    ReadingsWrite,
    /// `admin`: manage users, customers and keys.
    Admin,
}

/// What a user is: a set of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "access::Role")]
pub enum Role {
    /// Everything.
    Admin,
    /// Reads and loads.
    Operator,
    /// Reads.
    Reader,
}

/// Tokens that were given out, as OAuth 2 names them.
#[expect(clippy::struct_field_names, reason = "OAuth 2's names")]
#[derive(SimpleObject)]
pub struct Token {
    /// Goes into `Authorization: Bearer …`.
    access_token: String,
    /// `Bearer`.
    token_type: String,
    /// For how many seconds the access token is good.
    expires_in: i32,
    /// Good for one `refreshToken`, which gives the next one.
    refresh_token: Option<String>,
    /// What the token allows.
    scope: Vec<Scope>,
}

impl From<auth::Token> for Token {
    fn from(token: auth::Token) -> Self {
        Self {
            access_token: token.access_token.reveal().to_owned(),
            token_type: auth::Token::TYPE.to_owned(),
            expires_in: i32::try_from(token.expires_in).unwrap_or(i32::MAX),
            refresh_token: Some(token.refresh_token.reveal().to_owned()),
            scope: token.scope.into_iter().map(Into::into).collect(),
        }
    }
}

/// Who asks.
pub struct Viewer(auth::Principal);

/// Who asks.
#[Object]
impl Viewer {
    /// The name signed in with.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What the user is; null with an API key of a customer.
    async fn role(&self) -> Option<Role> {
        self.0.role.map(Into::into)
    }

    /// What the credential allows.
    async fn scope(&self) -> Vec<Scope> {
        self.0.scopes.iter().copied().map(Into::into).collect()
    }

    /// The customer whose parks one sees; null with staff, who see all.
    async fn customer(&self) -> Option<Customer> {
        self.0.customer.clone().map(Customer)
    }

    /// The API key that was shown, or that the token was given for; null with a user's token.
    async fn api_key(&self) -> Option<ApiKey> {
        self.0.api_key.clone().map(ApiKey)
    }

    /// How often one may ask, and how often still.
    async fn allowance(&self, ctx: &Context<'_>) -> Allowance {
        let (key, left) = (self.0.api_key.as_ref(), self.0.left.unwrap_or_default());
        let per_minute = Caller::of(ctx).per_minute;
        Allowance {
            per_minute: per_minute.map(|it| Long(it.most.into())),
            left_this_minute: per_minute.map(|it| Long(it.left.into())),
            per_day: key.and_then(|key| key.allowance.per_day).map(Long),
            left_today: left.today.map(Long),
        }
    }
}

/// How often one may ask; null where nothing limits it. An API key may have limits of its own, others have the server's.
#[derive(SimpleObject)]
pub struct Allowance {
    /// Requests a minute.
    per_minute: Option<Long>,
    /// Requests that may come at once after this one.
    left_this_minute: Option<Long>,
    /// Requests a day from midnight UTC.
    per_day: Option<Long>,
    /// Requests until midnight UTC after this one.
    left_today: Option<Long>,
}

/// The query for oneself.
#[derive(Default)]
pub struct ViewerQueries;

/// The query for oneself.
#[Object]
impl ViewerQueries {
    /// Who asks; an `UNAUTHENTICATED` error without a credential.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        Caller::of(ctx).principal().cloned().map(Viewer)
    }
}

/// Signing in and out.
#[derive(Default)]
pub struct SessionMutations;

/// Signing in and out.
#[Object]
impl SessionMutations {
    /// Signs in by name and password.
    async fn login(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user's name.")] username: String,
        #[graphql(desc = "The user's password.")] password: String,
        #[graphql(desc = "What the token shall allow; all that the user's role does where it is left out.")]
        scope: Option<Vec<Scope>>,
    ) -> Result<Token> {
        let scopes: Option<Vec<access::Scope>> = scope.map(|scope| scope.into_iter().map(Into::into).collect());
        let (app, caller, password) = (app(ctx), Caller::of(ctx), Secret::from(password));
        let (scope, address, device) = (scopes.as_deref(), caller.address, &caller.device);
        let sign_in = auth::SignIn { username: &username, password: &password, scope, address, device };
        let App { database, keys, passwords, devices, .. } = app.as_ref();
        let token = auth::login(database, keys, passwords, devices, sign_in, caller.clock.now).await?;
        Ok(token.into())
    }

    /// New tokens for a refresh token, which is used up by it; used again, it ends the whole session.
    async fn refresh_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The latest refresh token.")] refresh_token: String,
    ) -> Result<Token> {
        let (app, now) = (app(ctx), Caller::of(ctx).clock.now);
        let tried = auth::refresh(&app.database, &app.keys, &Secret::from(refresh_token), None, now).await;
        Notes::add(ctx, Note { actor: tried.by, ..Note::default() });
        tried.ended.map(Into::into)
    }

    /// Ends the session of a refresh token: its access tokens are refused from the next request on. True if it was alive.
    async fn logout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The latest refresh token.")] refresh_token: String,
    ) -> Result<bool> {
        let tried = auth::logout(&app(ctx).database, &Secret::from(refresh_token), Caller::of(ctx).clock.now).await;
        // What ended nothing is told as a refusal, of which so many are told a minute: anyone may send it.
        let is_nothing = matches!(tried.ended, Ok(false));
        let detail = is_nothing.then(|| "the token is of no session that stands".to_owned());
        let outcome = is_nothing.then_some(Outcome::Refused);
        Notes::add(ctx, Note { actor: tried.by, outcome, detail, ..Note::default() });
        tried.ended
    }
}
