//! `/graphql`: GraphQL over HTTP.

use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method as HttpMethod, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use mime::Mime;
use tokio::time::Instant;

use super::answer::{self, Answer, refusal, status_of};
use super::body::{self, Call, Refused};
use super::budget::{Rank, Share};
use super::cached;
use super::credential::Credential;
use super::execution::{Admitted, Outcome};
use super::kept::{Method, Question};
use super::negotiation::Media;
use super::router::{Server, Settings};
use super::upload::{self, Bounds};
use super::visitor::Visitor;
use crate::auth::Principal;
use crate::domain::access::Scope;
use crate::error::Error;
use crate::graphql::guard::Guard;
use crate::graphql::wire::{self, OperationType};

/// The largest body of JSON of those who may not load: they have questions alone.
const READER_BYTES: usize = 1 << 20;
/// A body that was there so soon came with its head.
const AT_ONCE: Duration = Duration::from_millis(10);

/// Answers a GET, whose query string is the request. It only reads.
pub async fn get(
    State(server): State<Server>,
    Extension(visitor): Extension<Visitor>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let Some(media) = Media::preferred(&headers) else { return not_acceptable() };
    let entered = visitor.principal().and_then(|principal| Ok((principal, server.room.enter(visitor.whos())?)));
    let (principal, place) = match entered {
        Ok(entered) => entered,
        Err((status, error)) => return refusal(media, status, &error),
    };
    let text = uri.query().unwrap_or_default().as_bytes();
    let asked =
        async { Ok((question(&server, principal.as_ref(), media, Method::Get, text).await?, body::of_uri(&uri)?)) };
    let (question, member) = match asked.await {
        Ok(asked) => asked,
        Err((status, error)) => return refusal(media, status, &error),
    };
    let found = question.as_ref().and_then(|question| server.found(question));
    let outcome = if let Some(answer) = found {
        Outcome::Answer(answer)
    } else {
        let mut guard = Guard::new(&server.settings.limits, server.api.validator());
        match Admitted::of(&server, &visitor, &mut guard, member) {
            Ok(admitted) if admitted.admission.kind == OperationType::Query => {
                admitted.execute(&server, &place, principal, &visitor, question.as_ref()).await
            }
            Ok(_) => {
                let error = Error::invalid("GET only reads: send a mutation by POST");
                let allow = [(header::ALLOW, HeaderValue::from_static("POST"))];
                return (allow, refusal(media, StatusCode::METHOD_NOT_ALLOWED, &error)).into_response();
            }
            Err(errors) => Outcome::Response(Box::new(wire::Response::from_errors(errors))),
        }
    };
    match outcome {
        Outcome::Answer(answer) => cached::answer(media, &answer, &headers, place),
        Outcome::Response(response) => {
            let max_errors = server.settings.max_errors;
            Answer { responses: vec![*response], is_batch: false, max_errors }.into_http(media, place)
        }
    }
}

/// Answers a POST of JSON or multipart.
pub async fn post(State(server): State<Server>, Extension(visitor): Extension<Visitor>, request: Request) -> Response {
    let Some(media) = Media::preferred(request.headers()) else { return not_acceptable() };
    let is_anonymous = !Credential::is_shown(request.headers());
    let (parts, body) = request.into_parts();
    let content = content(&server, &visitor, &parts, body).await;
    let entered = content.and_then(|content| Ok((content, server.room.enter(visitor.whos())?)));
    let (content, place) = match entered {
        Ok(entered) => entered,
        Err((status, error)) => return refused(media, is_anonymous, status, &error),
    };
    let visitor = visitor.still(&server, &parts.headers).await;
    let question = match content.question(&server, &visitor, media).await {
        Ok(question) => question,
        Err((status, error)) => return refusal(media, status, &error),
    };
    if let Some(answer) = question.as_ref().and_then(|question| server.found(question)) {
        return answer::text(media, &answer.text, place);
    }
    let Call { members, is_batch, share } = match content.call(server.bounds()) {
        Ok(call) => call,
        Err((status, error)) => return refusal(media, status, &error),
    };
    // All are looked at before the first is executed.
    let mut guard = Guard::new(&server.settings.limits, server.api.validator());
    let admitted: Vec<_> =
        members.into_iter().map(|member| Admitted::of(&server, &visitor, &mut guard, member)).collect();
    let principal = match visitor.principal() {
        Ok(principal) => principal,
        // Clients that send their token with all they send must get a new one when it has expired.
        Err((StatusCode::UNAUTHORIZED, _)) if admitted.iter().all(only_signs_in) => None,
        Err((status, error)) => return refusal(media, status, &error),
    };
    let question = question.filter(|_| !is_batch);
    let mut responses = Vec::with_capacity(admitted.len());
    for member in admitted {
        let outcome = match member {
            Ok(admitted) => admitted.execute(&server, &place, principal.clone(), &visitor, question.as_ref()).await,
            Err(errors) => Outcome::Response(Box::new(wire::Response::from_errors(errors))),
        };
        match outcome {
            // Of a question alone, which is one.
            Outcome::Answer(answer) => return answer::text(media, &answer.text, (place, share)),
            Outcome::Response(response) => responses.push(*response),
        }
    }
    Answer { responses, is_batch, max_errors: server.settings.max_errors }.into_http(media, (place, share))
}

fn refused(media: Media, is_anonymous: bool, status: StatusCode, error: &Error) -> Response {
    let mut response = refusal(media, status, error);
    if is_anonymous && status == StatusCode::UNAUTHORIZED {
        // Nothing was wrong with a credential that was not there (RFC 6750, section 3.1).
        let challenge = HeaderValue::from_static(r#"Bearer realm="energy-parks""#);
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The question that a text is, if somebody is known to ask it.
async fn question(
    server: &Server,
    principal: Option<&Principal>,
    media: Media,
    method: Method,
    text: &[u8],
) -> Result<Option<Question>, Refused> {
    let Some(principal) = principal else { return Ok(None) };
    let version = server.api.data_version(principal).await.map_err(|error| (status_of(&error), error))?;
    Ok(Some(Question::of(principal, version, media, method, text)))
}

/// The content of a POST, read whole.
enum Content {
    /// A text of JSON, and whether it was waited for.
    Text {
        text: Vec<u8>,
        share: Share,
        waited: bool,
    },
    Call(Call),
}

impl Content {
    /// The question that it is, if it is a text.
    async fn question(&self, server: &Server, visitor: &Visitor, media: Media) -> Result<Option<Question>, Refused> {
        let Self::Text { text, waited, .. } = self else { return Ok(None) };
        let Ok(Some(mut principal)) = visitor.principal() else { return Ok(None) };
        if *waited {
            // The data may have changed since the head of the request came.
            principal.data_version = None;
        }
        question(server, Some(&principal), media, Method::Post, text).await
    }

    fn call(self, bounds: body::Bounds) -> Result<Call, Refused> {
        match self {
            Self::Text { text, share, .. } => body::parse(&text, bounds, share),
            Self::Call(call) => Ok(call),
        }
    }
}

/// Reads what a POST asks. The body is read last: nobody sends a large one in vain.
async fn content(server: &Server, visitor: &Visitor, parts: &Parts, body: Body) -> Result<Content, Refused> {
    let Settings { max_json_bytes, max_anonymous_bytes, max_upload_bytes, .. } = server.settings;
    match content_type(&parts.headers)? {
        ContentType::Json => {
            let rank = match visitor.principal() {
                Ok(Some(principal)) if principal.may(Scope::ReadingsWrite).is_ok() => Rank::Loader,
                Ok(Some(_)) => Rank::Reader,
                _ => Rank::Stranger,
            };
            let bytes = match rank {
                Rank::Loader => max_json_bytes,
                Rank::Reader => max_json_bytes.min(READER_BYTES),
                Rank::Stranger => max_anonymous_bytes,
            };
            let (mut share, began) = (server.budget.share(rank, visitor.whos()), Instant::now());
            let text = body::read(body, bytes, |bytes| share.take(bytes)).await?;
            Ok(Content::Text { text, share, waited: began.elapsed() > AT_ONCE })
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
            let bounds = Bounds { file_bytes: max_upload_bytes, operations: server.bounds(), patience: body::PATIENCE };
            let request = Request::from_parts(parts.clone(), body);
            upload::of_multipart(request, bounds, server.budget.share(Rank::Loader, visitor.whos()))
                .await
                .map(Content::Call)
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

fn only_signs_in(admitted: &Result<Admitted, Vec<wire::ServerError>>) -> bool {
    admitted.as_ref().is_ok_and(|admitted| admitted.admission.only_signs_in)
}

fn not_acceptable() -> Response {
    let error = Error::invalid("answers are application/graphql-response+json or application/json");
    refusal(Media::Json, StatusCode::NOT_ACCEPTABLE, &error)
}

/// Any other method.
pub async fn other(method: HttpMethod) -> Response {
    let error = Error::Invalid(format!("{method} is neither GET nor POST"));
    let allow = [(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST"))];
    (allow, refusal(Media::Json, StatusCode::METHOD_NOT_ALLOWED, &error)).into_response()
}
