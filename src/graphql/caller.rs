//! Who asks, and when: one a request, so that one answer has one caller and one clock.

use std::net::IpAddr;
use std::sync::Arc;

use async_graphql::Context;

use super::clock::Clock;
use crate::app::App;
use crate::auth::{Device, Principal};
use crate::domain::access::{Scope, Visibility};
use crate::error::{Error, Result};
use crate::storage::{Database, Reads};

/// The caller of a request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who it is, by a valid credential; `None` without a credential.
    pub principal: Option<Principal>,
    /// From where the request comes, if that is known.
    pub address: Option<IpAddr>,
    /// From which device, as far as sign-ins go.
    pub device: Device,
    /// How many requests a minute the caller has; `None` where nothing limits them.
    pub per_minute: Option<PerMinute>,
    /// The clock by which the request is answered.
    pub clock: Clock,
}

/// The requests of a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerMinute {
    /// So many.
    pub most: u32,
    /// So many more, after this one.
    pub left: u32,
}

impl Caller {
    /// The caller of the request at hand.
    pub fn of<'a>(ctx: &Context<'a>) -> &'a Self {
        ctx.data_unchecked()
    }

    /// Who it is, or the error of one who is not signed in.
    pub fn principal(&self) -> Result<&Principal> {
        self.principal.as_ref().ok_or_else(|| Error::Unauthenticated("sign in first: this needs a token".into()))
    }

    /// Which parks exist for the caller, if it holds the scope.
    pub fn may(&self, scope: Scope) -> Result<Visibility> {
        let principal = self.principal()?;
        principal.may(scope)?;
        Ok(principal.visibility())
    }

    /// As [`Caller::may`], by any one of the scopes.
    pub fn may_any(&self, scopes: &[Scope]) -> Result<Visibility> {
        let principal = self.principal()?;
        if let Some(first) = scopes.first()
            && !scopes.iter().any(|scope| principal.may(*scope).is_ok())
        {
            principal.may(*first)?;
        }
        Ok(principal.visibility())
    }
}

/// What the caller of the request at hand may read, if it holds the scope.
pub fn reads<'a>(ctx: &Context<'a>, scope: Scope) -> Result<&'a Reads> {
    Caller::of(ctx).may(scope)?;
    Ok(visible(ctx))
}

/// As [`reads`], where the scope was looked at before.
pub fn visible<'a>(ctx: &Context<'a>) -> &'a Reads {
    ctx.data_unchecked::<Arc<Reads>>()
}

/// The database as the request at hand reads it: a query as of one moment.
pub fn database<'a>(ctx: &Context<'a>) -> &'a Database {
    ctx.data_unchecked()
}

/// The app of the request at hand.
pub fn app<'a>(ctx: &Context<'a>) -> &'a Arc<App> {
    ctx.data_unchecked()
}
