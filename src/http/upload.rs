//! Multipart requests (the GraphQL multipart request specification): files go to temporary files as they come.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;
use bytes::Bytes;
use tokio::io::{AsyncSeekExt, AsyncWriteExt, BufWriter};

use super::body::{self, Call, PATIENCE, Refused, invalid, too_large};
use super::budget::Share;
use crate::error::Error;
use crate::graphql::guard::Upload;
use crate::graphql::wire::UploadValue;

/// What a multipart request may hold.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of all its files.
    pub file_bytes: usize,
    /// What `operations` may hold; there are no more files than members of a batch.
    pub operations: body::Bounds,
    /// How long `operations` and `map` may take together. Files take as long as they flow.
    pub patience: Duration,
}

/// What a file is buffered in on its way.
const BUFFER: usize = 1 << 20;

/// More than any `map` needs.
const MAX_MAP_BYTES: usize = 64 << 10;

/// The call of a multipart POST: `operations`, then `map`, then the files.
pub async fn of_multipart(request: Request, bounds: Bounds, mut share: Share) -> Result<Call, Refused> {
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| invalid("the Content-Type of a multipart request names its boundary".into()))?;
    let texts = async {
        let operations = text(&mut form, "operations", bounds.operations.bytes, &mut share).await?;
        let mut call = body::parse(&operations, bounds.operations, share)?;
        let map = text(&mut form, "map", MAX_MAP_BYTES, &mut call.share).await?;
        call.share.take(BUFFER)?;
        Ok((call, map))
    };
    let late = || (StatusCode::REQUEST_TIMEOUT, Error::invalid("`operations` and `map` did not come in time"));
    let (Call { mut members, is_batch, share }, map) =
        tokio::time::timeout(bounds.patience, texts).await.unwrap_or_else(|_| Err(late()))?;
    let mut places = places(&map, bounds.operations.batch)?;
    let mut left = bounds.file_bytes;
    while let Some(field) = next(&mut form).await? {
        let name = field.name().unwrap_or_default().to_owned();
        let Some(path) = places.remove(&name) else {
            return Err(invalid("a part is neither `operations` nor `map` nor a file that the map names once".into()));
        };
        let file = file(field, &mut left, bounds.file_bytes).await?;
        let (at, path) = member(&path, is_batch)?;
        let Some(member) = members.get_mut(at) else {
            return Err(invalid(format!("the map names member {at} of the batch, which has {}", members.len())));
        };
        member.uploads.push(Upload { path, file });
    }
    if let Some(name) = places.keys().next() {
        return Err(invalid(format!("the map names the part `{name}`, which did not come")));
    }
    Ok(Call { members, is_batch, share })
}

/// The map of parts to the one place of each.
fn places(map: &[u8], most: usize) -> Result<BTreeMap<String, String>, Refused> {
    let map: BTreeMap<String, Vec<String>> = serde_json::from_slice(map)
        .map_err(|_| invalid("`map` is a JSON object of part names, each with an array of paths".into()))?;
    if map.len() > most {
        let sentence = format!("a request may hold at most {most} files");
        return Err((StatusCode::BAD_REQUEST, Error::TooComplex(sentence)));
    }
    let mut seen = BTreeSet::new();
    map.into_iter()
        .map(|(name, paths)| match <[String; 1]>::try_from(paths) {
            Ok([path]) if seen.insert(path.clone()) => Ok((name, path)),
            // A file is read once, as a stream.
            _ => Err(invalid(format!("the map gives the part `{name}` one place, and no other part has it"))),
        })
        .collect()
}

/// `1.variables.file` of a batch: the member, and the path in it.
fn member(path: &str, is_batch: bool) -> Result<(usize, String), Refused> {
    if !is_batch {
        return Ok((0, path.to_owned()));
    }
    path.split_once('.')
        .and_then(|(at, path)| Some((at.parse().ok()?, path.to_owned())))
        .ok_or_else(|| invalid(format!("in a batch, the map's `{path}` starts with the number of a member")))
}

/// The text of the part that must come now.
async fn text(form: &mut Multipart, name: &str, max_bytes: usize, share: &mut Share) -> Result<Vec<u8>, Refused> {
    let Some(mut field) = next(form).await?.filter(|field| field.name() == Some(name)) else {
        return Err(invalid(
            "a multipart request has the parts `operations`, `map` and its files, in this order".into(),
        ));
    };
    let mut text = Vec::new();
    while let Some(chunk) = chunk(&mut field).await? {
        if text.len() + chunk.len() > max_bytes {
            return Err(too_large(max_bytes));
        }
        share.take(chunk.len())?;
        text.extend_from_slice(&chunk);
    }
    Ok(text)
}

/// Streams a part into a temporary file that has no name and ends with the request.
async fn file(mut field: Field<'_>, left: &mut usize, max_bytes: usize) -> Result<UploadValue, Refused> {
    let filename = field.file_name().unwrap_or("upload").chars().filter(|it| !it.is_control()).take(255).collect();
    let content_type = field.content_type().map(ToOwned::to_owned);
    let broken = |error: std::io::Error| (StatusCode::INTERNAL_SERVER_ERROR, Error::internal(error));
    let made = tokio::task::spawn_blocking(tempfile::tempfile).await;
    let made = made.map_err(|error| broken(error.into()))?.map_err(broken)?;
    let mut file = BufWriter::with_capacity(BUFFER, tokio::fs::File::from_std(made));
    while let Some(chunk) = chunk(&mut field).await? {
        *left = left.checked_sub(chunk.len()).ok_or_else(|| too_large(max_bytes))?;
        file.write_all(&chunk).await.map_err(broken)?;
    }
    file.flush().await.map_err(broken)?;
    let mut file = file.into_inner();
    file.rewind().await.map_err(broken)?;
    Ok(UploadValue { filename, content_type, content: file.into_std().await })
}

async fn next(form: &mut Multipart) -> Result<Option<Field<'_>>, Refused> {
    patiently(form.next_field()).await
}

async fn chunk(field: &mut Field<'_>) -> Result<Option<Bytes>, Refused> {
    patiently(field.chunk()).await
}

async fn patiently<T>(step: impl Future<Output = Result<T, MultipartError>>) -> Result<T, Refused> {
    match tokio::time::timeout(PATIENCE, step).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err((error.status(), Error::TooComplex("the body is larger than an upload may be".into())))
        }
        Ok(Err(_)) => Err(invalid("the multipart body is malformed or broke off".into())),
        Err(_) => Err((StatusCode::REQUEST_TIMEOUT, Error::invalid("the upload stood still"))),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use axum::body::Body;
    use axum::http::header;
    use futures::StreamExt as _;

    use super::super::body::Member;
    use super::super::budget::Budget;
    use super::*;

    const BOUNDS: Bounds = Bounds {
        file_bytes: 20,
        operations: body::Bounds { bytes: 300, values: 30, batch: 3 },
        patience: Duration::from_secs(1),
    };
    const ONE: &str = r#"{"query":"mutation($f: Upload!){a(f:$f)}","variables":{"f":null}}"#;

    fn part(name: &str, content: &str) -> String {
        let file = if name.starts_with('f') { r#"; filename="a.csv""# } else { "" };
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n")
    }

    async fn sent(parts: &[(&str, &str)]) -> Result<Call, Refused> {
        let body: String = parts.iter().map(|(name, content)| part(name, content)).collect();
        sent_text(format!("{body}--x--\r\n")).await
    }

    async fn sent_text(body: String) -> Result<Call, Refused> {
        let request = Request::builder().header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
        of_multipart(request.body(Body::from(body)).unwrap(), BOUNDS, share()).await
    }

    fn share() -> Share {
        Budget::new(8 << 20, 0).share(crate::http::budget::Rank::Loader, std::iter::empty())
    }

    fn read(upload: Upload) -> (String, String, String) {
        let (mut file, mut text) = (upload.file.content, String::new());
        file.read_to_string(&mut text).unwrap();
        (upload.path, upload.file.filename, text)
    }

    #[tokio::test]
    async fn a_file_is_kept_aside_with_its_name_and_place() {
        let call = sent(&[("operations", ONE), ("map", r#"{"f0":["variables.f"]}"#), ("f0", "a,b\n1,2")]).await;
        let Member { request, mut uploads, .. } = call.ok().unwrap().members.remove(0);
        assert!(request.query.starts_with("mutation"));
        assert_eq!(read(uploads.remove(0)), ("variables.f".into(), "a.csv".into(), "a,b\n1,2".into()));
    }

    #[tokio::test]
    async fn the_files_of_a_batch_go_to_their_members() {
        let two = format!("[{ONE},{ONE}]");
        let map = r#"{"f0":["1.variables.f"],"f1":["0.variables.f"]}"#;
        let call = sent(&[("operations", &two), ("map", map), ("f0", "0"), ("f1", "1")]).await;
        let texts: Vec<_> =
            call.ok().unwrap().members.into_iter().map(|mut member| read(member.uploads.remove(0)).2).collect();
        assert_eq!(texts, ["1", "0"]);
    }

    #[tokio::test]
    async fn files_have_a_limit_together() {
        let map = r#"{"f0":["variables.a"],"f1":["variables.b"]}"#;
        let (half, more) = ("x".repeat(10), "x".repeat(11));
        assert!(sent(&[("operations", ONE), ("map", map), ("f0", &half), ("f1", &half)]).await.is_ok());
        let refused = sent(&[("operations", ONE), ("map", map), ("f0", &half), ("f1", &more)]).await.err();
        assert_eq!(refused.map(|refused| refused.0), Some(StatusCode::PAYLOAD_TOO_LARGE));
    }

    #[tokio::test]
    async fn a_form_that_does_not_follow_the_specification_is_refused() {
        let map = r#"{"f0":["variables.f"]}"#;
        let large = format!("{ONE}{}", " ".repeat(300));
        let many = format!(r#"{{"query":"{{a}}","variables":{{"a":[{}0]}}}}"#, "0,".repeat(30));
        for parts in [
            &[][..],
            &[("map", map), ("operations", ONE), ("f0", "")],
            &[("operations", ONE), ("f0", ""), ("map", map)],
            &[("operations", ONE), ("map", map)],
            &[("operations", ONE), ("map", map), ("f0", ""), ("f0", "")],
            &[("operations", ONE), ("map", map), ("f1", "")],
            &[("operations", ONE), ("map", "[]")],
            &[("operations", ONE), ("map", r#"{"f0":["variables.f","variables.g"]}"#), ("f0", "")],
            &[("operations", ONE), ("map", r#"{"f0":["variables.f"],"f1":["variables.f"]}"#), ("f0", ""), ("f1", "")],
            &[("operations", ONE), ("map", r#"{"a":["a"],"b":["b"],"c":["c"],"d":["d"]}"#)],
            &[("operations", "[]"), ("map", map), ("f0", "")],
            &[("operations", &large), ("map", map), ("f0", "")],
            &[("operations", &many), ("map", "{}")],
        ] {
            let refused = sent(parts).await.err().map(|(status, _)| status.is_client_error());
            assert_eq!(refused, Some(true), "{parts:?}");
        }
        let two = format!("[{ONE},{ONE}]");
        for map in [r#"{"f0":["variables.f"]}"#, r#"{"f0":["2.variables.f"]}"#] {
            assert!(sent(&[("operations", &two), ("map", map), ("f0", "")]).await.is_err(), "{map}");
        }
    }

    #[tokio::test]
    async fn an_upload_that_breaks_off_is_refused() {
        let text = part("operations", ONE) + &part("map", r#"{"f0":["variables.f"]}"#) + &part("f0", "half");
        assert!(sent_text(text).await.is_err());
    }

    #[tokio::test]
    async fn the_texts_have_an_end_however_they_drip_and_files_have_not() {
        let texts = part("operations", ONE) + &part("map", r#"{"f0":["variables.f"]}"#);
        let file = format!("{}--x--\r\n", part("f0", "a,b"));
        let drip = |text: &str| {
            let pieces: Vec<_> = text.as_bytes().chunks(text.len() / 8).map(<[u8]>::to_vec).collect();
            futures::stream::iter(pieces).then(async |piece| {
                tokio::time::sleep(Duration::from_millis(100)).await;
                Ok::<_, std::io::Error>(piece)
            })
        };
        let whole = |text: String| futures::stream::once(async { Ok::<_, std::io::Error>(text.into_bytes()) });
        let bounds = Bounds { patience: Duration::from_millis(400), ..BOUNDS };
        let request = || Request::builder().header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
        let slow_file = Body::from_stream(whole(texts.clone()).chain(drip(&file)));
        assert!(of_multipart(request().body(slow_file).unwrap(), bounds, share()).await.is_ok());
        let slow_texts = Body::from_stream(drip(&texts).chain(whole(file)));
        let refused = of_multipart(request().body(slow_texts).unwrap(), bounds, share()).await.err();
        assert_eq!(refused.map(|refused| refused.0), Some(StatusCode::REQUEST_TIMEOUT));
    }
}
