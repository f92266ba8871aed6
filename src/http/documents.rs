//! Documents that are asked for by a name: trusted ones out of a manifest, and those that were sent before (automatic
//! persisted queries).

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::body::Member;
use crate::error::Error;
use crate::graphql::wire::{self, ServerError};

/// SHA-256 of a document's text.
type Digest = [u8; 32];

/// A document of this size counts as one of the many that are remembered.
const USUAL_BYTES: usize = 1_000;

/// The name by which a request asks for its document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// `documentId`, or the id of a manifest.
    pub id: Option<String>,
    /// `extensions.persistedQuery.sha256Hash`.
    pub hash: Option<String>,
}

impl Name {
    /// Whether there is one.
    pub fn is_given(&self) -> bool {
        self.id.is_some() || self.hash.is_some()
    }
}

/// The documents of a manifest, by their ids and by their digests.
#[derive(Debug, Default)]
pub struct Trusted {
    by_id: HashMap<String, Arc<str>>,
    digests: HashSet<Digest>,
}

/// A manifest: ids and texts, or as Apollo's tools write it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Manifest {
    Apollo { operations: Vec<Operation> },
    Texts(HashMap<String, String>),
}

#[derive(Deserialize)]
struct Operation {
    id: String,
    body: String,
}

impl Trusted {
    /// Reads a manifest. `Invalid` with a file that cannot be read or is none, or with a document that does not parse.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let at = path.display();
        let text = std::fs::read(path).map_err(|error| Error::Invalid(format!("{at} cannot be read: {error}")))?;
        let manifest: Manifest = serde_json::from_slice(&text).map_err(|_| {
            Error::Invalid(format!("{at} is no JSON object of ids and documents, nor Apollo's manifest"))
        })?;
        let texts: Vec<(String, String)> = match manifest {
            Manifest::Texts(texts) => texts.into_iter().collect(),
            Manifest::Apollo { operations } => operations.into_iter().map(|one| (one.id, one.body)).collect(),
        };
        if let Some((id, _)) = texts.iter().find(|(_, text)| !wire::is_document(text)) {
            return Err(Error::Invalid(format!("{at}: the document {id} is no GraphQL")));
        }
        Ok(texts.into_iter().collect())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.digests.is_empty()
    }

    fn find(&self, name: &str) -> Option<&Arc<str>> {
        self.by_id.get(name).or_else(|| self.by_id.get(&named(&unnamed(name)?)))
    }
}

impl FromIterator<(String, String)> for Trusted {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(texts: T) -> Self {
        let mut trusted = Self::default();
        for (id, text) in texts {
            let (digest, text) = (digest(&text), Arc::<str>::from(text));
            trusted.digests.insert(digest);
            trusted.by_id.insert(named(&digest), text.clone());
            trusted.by_id.insert(id, text);
        }
        trusted
    }
}

/// All documents that have names.
pub struct Documents {
    trusted: Arc<Trusted>,
    only_trusted: bool,
    /// None where none are remembered.
    sent: Option<Cache<Digest, Arc<str>, Bytes>>,
}

impl Documents {
    /// With so many bytes for those that were sent before; 0 remembers none. `only_trusted` runs no others than the
    /// manifest's.
    pub fn new(trusted: Arc<Trusted>, only_trusted: bool, sent_bytes: usize) -> Self {
        let sent = (sent_bytes > 0 && !only_trusted).then(|| {
            Cache::with_weighter(sent_bytes / USUAL_BYTES, u64::try_from(sent_bytes).unwrap_or(u64::MAX), Bytes)
        });
        Self { trusted, only_trusted, sent }
    }

    /// Puts the document that a request names into it, and remembers one that comes with the name it is to have.
    pub fn fill_in(&self, member: &mut Member) -> Result<(), ServerError> {
        let Member { request, name, .. } = member;
        let has_text = !request.query.is_empty();
        let trusted = name.id.iter().chain(&name.hash).find_map(|name| self.trusted.find(name));
        if let Some(text) = trusted {
            if has_text && **text != *request.query {
                return Err(invalid("the text of the document is not that of its name"));
            }
            request.query = text.to_string();
            return Ok(());
        }
        if self.only_trusted {
            if has_text && self.trusted.digests.contains(&digest(&request.query)) {
                return Ok(());
            }
            return Err(wire::refusal(&Error::Forbidden("only documents of the server's manifest are run".into())));
        }
        match (&name.hash, &name.id) {
            (Some(hash), _) => self.sent_before(request, hash),
            (None, Some(id)) if unnamed(id).is_some() => self.sent_before(request, id),
            (None, Some(id)) if !has_text => {
                Err(wire::refusal(&Error::NotFound(format!("there is no document {id:?}"))))
            }
            (None, _) => Ok(()),
        }
    }

    fn sent_before(&self, request: &mut wire::Request, hash: &str) -> Result<(), ServerError> {
        let has_text = !request.query.is_empty();
        let Some(sent) = &self.sent else {
            // With its text it needs no name.
            let why = wire::ServerError::new("PersistedQueryNotSupported", None);
            return if has_text { Ok(()) } else { Err(wire::coded(why, "PERSISTED_QUERY_NOT_SUPPORTED")) };
        };
        let named = unnamed(hash).ok_or_else(|| invalid("the hash of a document is SHA-256 in hexadecimal"))?;
        if !has_text {
            let Some(text) = sent.get(&named) else {
                let why = wire::ServerError::new("PersistedQueryNotFound", None);
                return Err(wire::coded(why, "PERSISTED_QUERY_NOT_FOUND"));
            };
            request.query = text.to_string();
            return Ok(());
        }
        if digest(&request.query) != named {
            return Err(invalid("the hash is not that of the document"));
        }
        sent.insert(named, request.query.as_str().into());
        Ok(())
    }
}

/// Documents weigh what they hold, and what keeping them takes.
#[derive(Clone, Copy)]
struct Bytes;

impl Weighter<Digest, Arc<str>> for Bytes {
    fn weight(&self, _: &Digest, text: &Arc<str>) -> u64 {
        u64::try_from(text.len()).unwrap_or(u64::MAX).saturating_add(100)
    }
}

fn digest(text: &str) -> Digest {
    Sha256::digest(text).into()
}

/// The name of a document by its digest alone.
fn named(digest: &Digest) -> String {
    format!("sha256:{}", hex::encode(digest))
}

/// The digest in a name such as `sha256:…`, or in hexadecimal digits alone.
fn unnamed(name: &str) -> Option<Digest> {
    let mut digest = Digest::default();
    hex::decode_to_slice(name.strip_prefix("sha256:").unwrap_or(name), &mut digest).ok()?;
    Some(digest)
}

fn invalid(sentence: &str) -> ServerError {
    wire::refusal(&Error::invalid(sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{ __typename }";

    fn documents(only_trusted: bool, sent_bytes: usize) -> Documents {
        let trusted = Trusted::from_iter([("greeting".to_owned(), "{ a: __typename }".to_owned())]);
        Documents::new(Arc::new(trusted), only_trusted, sent_bytes)
    }

    fn ask(documents: &Documents, query: &str, id: Option<&str>, hash: Option<&str>) -> Result<String, String> {
        let name = Name { id: id.map(str::to_owned), hash: hash.map(str::to_owned) };
        let mut member = Member { request: wire::Request::new(query), uploads: Vec::new(), name };
        let outcome = documents.fill_in(&mut member);
        outcome.map(|()| member.request.query).map_err(|error| {
            let code = error.extensions.unwrap();
            format!("{}", code.get("code").unwrap()).trim_matches('"').to_owned()
        })
    }

    fn hash(text: &str) -> String {
        hex::encode(digest(text))
    }

    #[test]
    fn a_document_that_was_sent_with_its_hash_is_known_by_it() {
        let documents = documents(false, 1 << 20);
        let asked = |query, hash: &str| ask(&documents, query, None, Some(hash));
        assert_eq!(asked("", &hash(TEXT)), Err("PERSISTED_QUERY_NOT_FOUND".into()));
        assert_eq!(asked(TEXT, &hash("other")), Err("BAD_USER_INPUT".into()));
        assert_eq!(asked(TEXT, "short"), Err("BAD_USER_INPUT".into()));
        assert_eq!(asked("", &hash(TEXT)), Err("PERSISTED_QUERY_NOT_FOUND".into()), "nothing wrong is remembered");
        assert_eq!(asked(TEXT, &hash(TEXT)), Ok(TEXT.into()));
        assert_eq!(asked("", &hash(TEXT)), Ok(TEXT.into()));
        assert_eq!(asked("", &hash(TEXT).to_uppercase()), Ok(TEXT.into()));
        assert_eq!(ask(&documents, "", Some(&format!("sha256:{}", hash(TEXT))), None), Ok(TEXT.into()));
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let documents = documents(false, 100_000);
        let text = |number: usize| format!("{{ a{number}: __typename }} #{}", "x".repeat(1_000));
        for number in 0..1_000 {
            ask(&documents, &text(number), None, Some(&hash(&text(number)))).unwrap();
        }
        let known = (0..1_000).filter(|number| ask(&documents, "", None, Some(&hash(&text(*number)))).is_ok()).count();
        assert!((10..=100).contains(&known), "{known}");
        let large = format!("{{ a }} #{}", "x".repeat(200_000));
        assert!(ask(&documents, &large, None, Some(&hash(&large))).is_ok());
        assert!(ask(&documents, "", None, Some(&hash(&large))).is_err(), "larger than all that may be kept");
    }

    #[test]
    fn without_room_a_document_is_run_by_its_text_alone() {
        let documents = documents(false, 0);
        assert_eq!(ask(&documents, TEXT, None, Some(&hash(TEXT))), Ok(TEXT.into()));
        assert_eq!(ask(&documents, "", None, Some(&hash(TEXT))), Err("PERSISTED_QUERY_NOT_SUPPORTED".into()));
    }

    #[test]
    fn a_trusted_document_is_known_by_its_id_and_its_hash() {
        let (documents, text) = (documents(false, 0), "{ a: __typename }");
        assert_eq!(ask(&documents, "", Some("greeting"), None), Ok(text.into()));
        assert_eq!(ask(&documents, "", None, Some(&hash(text))), Ok(text.into()));
        assert_eq!(ask(&documents, "", Some("farewell"), None), Err("NOT_FOUND".into()));
        assert_eq!(ask(&documents, TEXT, Some("greeting"), None), Err("BAD_USER_INPUT".into()));
        assert_eq!(ask(&documents, TEXT, None, None), Ok(TEXT.into()));
    }

    #[test]
    fn where_only_trusted_documents_run_nothing_else_does() {
        let (documents, text) = (documents(true, 1 << 20), "{ a: __typename }");
        assert_eq!(ask(&documents, "", Some("greeting"), None), Ok(text.into()));
        assert_eq!(ask(&documents, text, None, None), Ok(text.into()));
        for (query, hash) in
            [(TEXT, None), (TEXT, Some(hash(TEXT))), ("", Some(hash(TEXT))), ("{ a: __typename  }", None)]
        {
            assert_eq!(ask(&documents, query, None, hash.as_deref()), Err("FORBIDDEN".into()), "{query}");
        }
    }

    #[test]
    fn manifests_of_either_kind_are_read_and_others_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("manifest.json");
        let read = |text: &str| {
            std::fs::write(&file, text).unwrap();
            Trusted::read(&file).map_err(|error| error.to_string())
        };
        assert!(read(r#"{"a": "{ b }"}"#).unwrap().find("a").is_some());
        let apollo = r#"{"format": "apollo-persisted-query-manifest", "version": 1,
            "operations": [{"id": "x", "name": "A", "type": "query", "body": "query A { b }"}]}"#;
        assert!(read(apollo).unwrap().find("x").is_some());
        assert!(read("{}").unwrap().is_empty());
        assert!(read("[]").unwrap_err().contains("no JSON object of ids and documents"));
        assert!(read(r#"{"a": "{"}"#).unwrap_err().contains("the document a is no GraphQL"));
        assert!(Trusted::read(&folder.path().join("none")).unwrap_err().to_string().contains("cannot be read"));
    }
}
