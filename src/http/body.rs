//! From HTTP to requests: the query string of GET, the JSON of POST.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Query;
use axum::http::{StatusCode, Uri};
use http_body_util::BodyExt as _;
use serde::Deserialize;

use super::budget::{Share, VALUE_BYTES};
use super::documents::Name;
use super::values::most_values;
use crate::error::Error;
use crate::graphql::guard::Upload;
use crate::graphql::wire::{Request, Variables};

/// How long a caller may take to send a body, or a piece of an upload.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Why a body is refused.
pub type Refused = (StatusCode, Error);

/// A request, its uploads, and the name of its document, which may stand for the text.
pub struct Member {
    /// What is asked; without a text where the name stands for it.
    pub request: Request,
    /// The files that come with it.
    pub uploads: Vec<Upload>,
    /// How the document is called.
    pub name: Name,
}

/// What a call asks for.
pub struct Call {
    /// The requests.
    pub members: Vec<Member>,
    /// Whether they came as an array, and are answered by one.
    pub is_batch: bool,
    /// What they take of the memory for bodies.
    pub share: Share,
}

/// The parameters of a request, as GraphQL over HTTP names them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object with a `query`")]
struct Parameters {
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    variables: Option<Variables>,
    extensions: Option<Extensions>,
}

/// The extensions that are known; others are ignored.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Extensions {
    persisted_query: Option<PersistedQuery>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PersistedQuery {
    version: u32,
    sha256_hash: String,
}

impl TryFrom<Parameters> for Member {
    type Error = Refused;

    fn try_from(
        Parameters { query, document_id, operation_name, variables, extensions }: Parameters,
    ) -> Result<Self, Refused> {
        let hash = match extensions.unwrap_or_default().persisted_query {
            Some(PersistedQuery { version: 1, sha256_hash }) => Some(sha256_hash),
            Some(_) => return Err(invalid("persisted queries are known in version 1".into())),
            None => None,
        };
        let name = Name { id: document_id, hash };
        if query.is_none() && !name.is_given() {
            return Err(invalid("the request has no `query`".into()));
        }
        let request = Request::new(query.unwrap_or_default()).variables(variables.unwrap_or_default());
        let request = match operation_name {
            Some(name) if !name.is_empty() => request.operation_name(name),
            _ => request,
        };
        Ok(Self { request, uploads: Vec::new(), name })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryString {
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

/// The request of a GET.
pub fn of_uri(uri: &Uri) -> Result<Member, Refused> {
    let Query(text) = Query::<QueryString>::try_from_uri(uri)
        .map_err(|_| invalid("the query string cannot be read: each parameter stands at most once".into()))?;
    let parameters = Parameters {
        query: text.query,
        document_id: text.document_id,
        operation_name: text.operation_name,
        variables: json(text.variables.as_deref(), "variables")?,
        extensions: json(text.extensions.as_deref(), "extensions")?,
    };
    parameters.try_into()
}

/// A parameter that is JSON in text; an empty one is none.
fn json<'t, T: Deserialize<'t>>(text: Option<&'t str>, what: &str) -> Result<Option<T>, Refused> {
    match text {
        None | Some("") => Ok(None),
        Some(text) => {
            serde_json::from_str(text).map_err(|error| invalid(format!("`{what}` is no JSON object: {error}")))
        }
    }
}

/// What a text of JSON may hold.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Its size.
    pub bytes: usize,
    /// Its values, those within others too.
    pub values: usize,
    /// The members of a batch.
    pub batch: usize,
}

/// The whole body, if it is not too large, comes in time, and each piece of it may be taken.
pub async fn read(
    mut body: Body,
    max_bytes: usize,
    mut take: impl FnMut(usize) -> Result<(), Refused>,
) -> Result<Vec<u8>, Refused> {
    let whole = async {
        let mut bytes = Vec::<u8>::new();
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return Err(invalid("the body broke off".into())) };
            let Ok(data) = frame.into_data() else { continue };
            if bytes.len() + data.len() > max_bytes {
                return Err(too_large(max_bytes));
            }
            // What is paid for is what is allocated.
            if bytes.capacity() - bytes.len() < data.len() {
                let larger = (bytes.len() + data.len()).max(bytes.len() * 3 / 2).min(max_bytes);
                take(larger - bytes.capacity())?;
                bytes.reserve_exact(larger - bytes.len());
            }
            bytes.extend_from_slice(&data);
        }
        Ok(bytes)
    };
    let late = || (StatusCode::REQUEST_TIMEOUT, Error::invalid("the body did not come in time"));
    tokio::time::timeout(PATIENCE, whole).await.unwrap_or_else(|_| Err(late()))
}

/// Reads a request, or an array of them.
pub fn parse(bytes: &[u8], Bounds { values, batch: max_batch, .. }: Bounds, mut share: Share) -> Result<Call, Refused> {
    let count = most_values(bytes);
    if count > values {
        let sentence = format!("the body may hold at most {values} values; send more as a file");
        return Err((StatusCode::PAYLOAD_TOO_LARGE, Error::TooComplex(sentence)));
    }
    share.take(count * VALUE_BYTES)?;
    let is_batch = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let parsed: serde_json::Result<Vec<Parameters>> =
        if is_batch { serde_json::from_slice(bytes) } else { serde_json::from_slice(bytes).map(|one| vec![one]) };
    let parsed = parsed.map_err(|error| invalid(format!("the body is no GraphQL request: {error}")))?;
    if parsed.is_empty() {
        return Err(invalid("the batch is empty".into()));
    }
    if parsed.len() > max_batch {
        let sentence = format!("a batch may hold at most {max_batch} requests");
        return Err((StatusCode::BAD_REQUEST, Error::TooComplex(sentence)));
    }
    let members = parsed.into_iter().map(Member::try_from).collect::<Result<_, _>>()?;
    Ok(Call { members, is_batch, share })
}

/// A request that cannot be read.
pub fn invalid(sentence: String) -> Refused {
    (StatusCode::BAD_REQUEST, Error::Invalid(sentence))
}

/// A body that is larger than it may be.
pub fn too_large(max_bytes: usize) -> Refused {
    let sentence = format!("the body may hold at most {max_bytes} bytes");
    (StatusCode::PAYLOAD_TOO_LARGE, Error::TooComplex(sentence))
}
