//! How often an address may ask the endpoints: as often as anyone the API. Failed sign-ins are throttled besides.

use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::super::address::Address;
use super::super::rate::Who;
use super::super::router::Server;
use super::refusal::Refusal;
use crate::error::Error;

/// Counts the request, and tells by headers how often its sender still may ask.
pub async fn keep(
    State(server): State<Server>,
    Extension(Address(address)): Extension<Address>,
    request: Request,
    next: Next,
) -> Response {
    let standing = server.rate.as_ref().zip(address).map(|(rate, address)| rate.take(Who::at(address)));
    let Some(standing) = standing else { return next.run(request).await };
    let mut response = match standing.wait {
        Some(wait) => {
            let sentence = "too many requests a minute; wait as long as Retry-After says";
            Refusal::from(Error::RateLimited(sentence.to_owned(), wait)).into_response()
        }
        None => next.run(request).await,
    };
    standing.tell(response.headers_mut());
    response
}
