//! `/graphql`: GraphQL over HTTP.

use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use mime::Mime;

use super::answer::{Answer, refusal, status_of};
use super::body::{self, Call, Member, Refused};
use super::credential::Credential;
use super::crowd::Place;
use super::negotiation::Media;
use super::router::{Server, Settings};
use super::upload::{self, Bounds};
use super::visitor::Visitor;
use crate::auth::Principal;
use crate::domain::access::Scope;
use crate::error::Error;
use crate::graphql::guard::{Admission, Guard};
use crate::graphql::wire::{self, OperationType};

/// Answers a GET, whose query string is the request. It only reads.
pub async fn get(
    State(server): State<Server>,
    Extension(visitor): Extension<Visitor>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let Some(media) = Media::preferred(&headers) else { return not_acceptable() };
    let asked = visitor
        .principal()
        .and_then(|principal| Ok((body::of_uri(&uri)?, principal, server.room.enter(visitor.who())?)));
    let (member, principal, place) = match asked {
        Ok(asked) => asked,
        Err((status, error)) => return refusal(media, status, &error),
    };
    let answer =
        |response| Answer { responses: vec![response], is_batch: false, max_errors: server.settings.max_errors };
    let mut guard = Guard::new(&server.settings.limits, server.api.validator());
    match admit(&server, &visitor, &mut guard, member) {
        Ok((admission, request)) if admission.kind == OperationType::Query => {
            let response = execute(&server, &place, admission, request, principal, &visitor).await;
            answer(response).into_http(media, place)
        }
        Ok(_) => {
            let error = Error::invalid("GET only reads: send a mutation by POST");
            let allow = [(header::ALLOW, HeaderValue::from_static("POST"))];
            (allow, refusal(media, StatusCode::METHOD_NOT_ALLOWED, &error)).into_response()
        }
        Err(errors) => answer(wire::Response::from_errors(errors)).into_http(media, place),
    }
}

/// Answers a POST of JSON or multipart.
pub async fn post(State(server): State<Server>, Extension(visitor): Extension<Visitor>, request: Request) -> Response {
    let Some(media) = Media::preferred(request.headers()) else { return not_acceptable() };
    let is_anonymous = !Credential::is_shown(request.headers());
    let (parts, body) = request.into_parts();
    let asked =
        call(&server, &visitor, &parts, body).await.and_then(|asked| Ok((asked, server.room.enter(visitor.who())?)));
    let (Call { members, is_batch, share }, place) = match asked {
        Ok(call) => call,
        Err((status, error)) => {
            let mut response = refusal(media, status, &error);
            if is_anonymous && status == StatusCode::UNAUTHORIZED {
                // Nothing was wrong with a credential that was not there (RFC 6750, section 3.1).
                let challenge = HeaderValue::from_static(r#"Bearer realm="energy-parks""#);
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            }
            return response;
        }
    };
    let visitor = visitor.still(&server, &parts.headers).await;
    // All are looked at before the first is executed.
    let mut guard = Guard::new(&server.settings.limits, server.api.validator());
    let admitted: Vec<_> = members.into_iter().map(|member| admit(&server, &visitor, &mut guard, member)).collect();
    let principal = match visitor.principal() {
        Ok(principal) => principal,
        // Clients that send their token with all they send must get a new one when it has expired.
        Err((StatusCode::UNAUTHORIZED, _)) if admitted.iter().all(only_signs_in) => None,
        Err((status, error)) => return refusal(media, status, &error),
    };
    let mut responses = Vec::with_capacity(admitted.len());
    for member in admitted {
        responses.push(match member {
            Ok((admission, request)) => execute(&server, &place, admission, request, principal.clone(), &visitor).await,
            Err(errors) => wire::Response::from_errors(errors),
        });
    }
    Answer { responses, is_batch, max_errors: server.settings.max_errors }.into_http(media, (place, share))
}

/// What a POST asks for. The body is read last: nobody sends a large one in vain.
async fn call(server: &Server, visitor: &Visitor, parts: &Parts, body: Body) -> Result<Call, Refused> {
    let Settings { max_batch, max_values, max_json_bytes, max_anonymous_bytes, max_upload_bytes, .. } = server.settings;
    let bounds = body::Bounds { bytes: max_json_bytes, values: max_values, batch: max_batch };
    let kind = content_type(&parts.headers)?;
    match kind {
        ContentType::Json => {
            let is_known = matches!(visitor.principal(), Ok(Some(_)));
            let bytes = if is_known { max_json_bytes } else { max_anonymous_bytes };
            body::of_json(body, body::Bounds { bytes, ..bounds }, server.budget.share(is_known)).await
        }
        ContentType::Multipart => {
            // Files are for loads alone. The credential is a header too, without which a page of another site could
            // send a form here unasked.
            let principal = visitor.principal()?;
            let allowed = principal.as_ref().map_or_else(
                || Err(Error::Unauthenticated("uploads need a credential".into())),
                |principal| principal.may(Scope::ReadingsWrite),
            );
            allowed.map_err(|error| {
                server.api.refused("upload", principal.as_ref(), None, visitor.address, error.to_string());
                (status_of(&error), error)
            })?;
            let bounds = Bounds { file_bytes: max_upload_bytes, operations: bounds, patience: body::PATIENCE };
            upload::of_multipart(Request::from_parts(parts.clone(), body), bounds, server.budget.share(true)).await
        }
    }
}

enum ContentType {
    Json,
    Multipart,
}

/// The two types that are read. The others include all that a page of another site may send without being allowed to.
fn content_type(headers: &HeaderMap) -> Result<ContentType, Refused> {
    let unsupported = |sentence: &str| Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, Error::invalid(sentence)));
    if headers.contains_key(header::CONTENT_ENCODING) {
        return unsupported("the body is to have no Content-Encoding");
    }
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Some(given) = given.and_then(|text| text.parse::<Mime>().ok()) else {
        return unsupported("the Content-Type is to be application/json");
    };
    match given.essence_str() {
        "application/json" if given.get_param(mime::CHARSET).is_none_or(|charset| charset == mime::UTF_8) => {
            Ok(ContentType::Json)
        }
        "multipart/form-data" => Ok(ContentType::Multipart),
        _ => unsupported("the Content-Type is to be application/json in UTF-8, or multipart/form-data for uploads"),
    }
}

/// A request that may be executed, or why it may not.
type Admitted = Result<(Admission, wire::Request), Vec<wire::ServerError>>;

fn admit(server: &Server, visitor: &Visitor, guard: &mut Guard<'_>, mut member: Member) -> Admitted {
    server.documents.fill_in(&mut member).map_err(|error| {
        if wire::code_of(&error) == Some("FORBIDDEN") {
            let principal = visitor.principal().ok().flatten();
            server.api.refused("document", principal.as_ref(), None, visitor.address, error.message.clone());
        }
        vec![error]
    })?;
    let Member { mut request, uploads, .. } = member;
    guard.admit(&mut request, uploads).map(|admission| (admission, request))
}

fn only_signs_in(admitted: &Admitted) -> bool {
    admitted.as_ref().is_ok_and(|(admission, _)| admission.only_signs_in)
}

/// Executes an admitted request. What reads waits for its turn and has an end; a load takes its time.
async fn execute(
    server: &Server,
    place: &Place,
    admission: Admission,
    request: wire::Request,
    principal: Option<Principal>,
    visitor: &Visitor,
) -> wire::Response {
    // Large, since it holds what a query needs: not on every caller's stack.
    let execution = Box::pin(server.api.execute(request, principal, visitor));
    let mut response = if admission.kind == OperationType::Mutation {
        execution.await
    } else {
        let in_turn = async {
            let _turn = place.turn().await;
            execution.await
        };
        within(server.settings.query_timeout, in_turn).await
    };
    admission.tell(&mut response);
    response
}

/// The answer, or a refusal where it takes too long: it is given up then, its statements too.
async fn within(limit: Duration, execution: impl Future<Output = wire::Response>) -> wire::Response {
    tokio::time::timeout(limit, execution).await.unwrap_or_else(|_| {
        tracing::warn!(seconds = limit.as_secs(), "a query took too long and was given up");
        let sentence = format!("the query took longer than {} seconds; ask for less", limit.as_secs());
        wire::refused(&Error::TooComplex(sentence))
    })
}

fn not_acceptable() -> Response {
    let error = Error::invalid("answers are application/graphql-response+json or application/json");
    refusal(Media::Json, StatusCode::NOT_ACCEPTABLE, &error)
}

/// Any other method.
pub async fn other(method: Method) -> Response {
    let error = Error::Invalid(format!("{method} is neither GET nor POST"));
    let allow = [(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST"))];
    (allow, refusal(Media::Json, StatusCode::METHOD_NOT_ALLOWED, &error)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_query_that_takes_too_long_is_given_up() {
        let answer = within(Duration::from_millis(1), std::future::pending()).await;
        assert_eq!(wire::code(&answer), Some("TOO_COMPLEX"));
        assert!(wire::is_request_error(&answer));
    }
}
