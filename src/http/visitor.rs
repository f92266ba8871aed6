//! Who sends a request, and whether it may now: found out before the request is read, and again where that took a while.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;

use super::address::Address;
use super::answer::{refusal, status_of};
use super::body::Refused;
use super::credential::Credential;
use super::device;
use super::negotiation::Media;
use super::rate::{Standing, Who};
use super::router::Server;
use crate::auth::{Device, Principal};
use crate::error::{Error, Result};

/// For so long it counts what was found.
const FRESH: Duration = Duration::from_millis(250);

/// Who sends a request. Each request for GraphQL carries one as an extension.
#[derive(Clone, Debug)]
pub struct Visitor {
    found: Result<Option<Principal>>,
    found_at: Instant,
    /// From where.
    pub address: Address,
    /// On which device.
    pub device: Device,
    /// How often it still may ask; `None` where nothing bounds it.
    pub standing: Option<Standing>,
}

/// As whom a request counts: as who its credential is, else as its address.
fn who(found: &Result<Option<Principal>>, address: Address) -> Option<Who> {
    let principal = found.as_ref().ok().and_then(Option::as_ref);
    principal.and_then(Who::of).or(address.0.map(Who::at))
}

impl Visitor {
    /// Who it is, if a credential was shown; an error if it was shown and is not good.
    pub fn principal(&self) -> Result<Option<Principal>, Refused> {
        self.found.clone().map_err(|error| (status_of(&error), error))
    }

    /// As whom it counts: as who its credential is, and as its address.
    pub fn whos(&self) -> impl Iterator<Item = Who> + use<> {
        let known = self.found.as_ref().ok().and_then(Option::as_ref).and_then(Who::of);
        known.into_iter().chain(self.address.0.map(Who::at))
    }

    /// The same as it is now: a credential may have ended while the body came.
    pub async fn still(self, server: &Server, headers: &HeaderMap) -> Self {
        let Ok(Some(before)) = &self.found else { return self };
        if self.found_at.elapsed() < FRESH {
            return self;
        }
        let found = server.api.principal_still(Credential::of(headers), self.address).await;
        let found = found.map(|found| found.map(|now| Principal { left: before.left, ..now }));
        Self { found, found_at: Instant::now(), ..self }
    }
}

/// Puts the [`Visitor`] to the request, and tells it by headers how often it still may ask.
pub async fn greet(State(server): State<Server>, mut request: Request, next: Next) -> Response {
    let address = request.extensions().get::<Address>().copied().unwrap_or(Address(None));
    let found = server.api.principal(Credential::of(request.headers()), address).await;
    let standing = standing(&server, &found, address);
    let mut response = if let Some(wait) = standing.and_then(|standing| standing.wait) {
        let media = Media::preferred(request.headers()).unwrap_or(Media::Json);
        let sentence = "too many requests a minute; wait as long as Retry-After says";
        refusal(media, StatusCode::TOO_MANY_REQUESTS, &Error::RateLimited(sentence.to_owned(), wait))
    } else {
        let device = device::of(request.headers());
        request.extensions_mut().insert(Visitor { found, found_at: Instant::now(), address, device, standing });
        next.run(request).await
    };
    if let Some(standing) = standing {
        standing.tell(response.headers_mut());
    }
    response
}

/// Where the sender stands after this request; `None` where nothing bounds it. An API key with an allowance of its own
/// was counted when it was looked up.
fn standing(server: &Server, found: &Result<Option<Principal>>, address: Address) -> Option<Standing> {
    if let Some(overused) = found.as_ref().err().and_then(Standing::of_overuse) {
        return Some(overused);
    }
    let principal = found.as_ref().ok().and_then(Option::as_ref);
    if let Some(own) = principal.and_then(Standing::of_own_allowance) {
        return Some(own);
    }
    let who = who(found, address)?;
    server.rate.as_ref().map(|rate| rate.take(who))
}
