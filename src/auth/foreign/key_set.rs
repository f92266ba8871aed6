//! The keys that a foreign issuer publishes (RFC 7517).

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use super::super::public_key::PublicKey;

/// The algorithms of the keys that are understood, one a kind of key.
pub const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// The most keys that a set may hold; issuers have two or three, and some one for each of their programs.
const MAX_KEYS: usize = 100;

/// The bytes of an RSA modulus: 2,048 bits are the least that RFC 7518 allows, and above 8,192 a check takes too long.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=1_024;

/// A key, and the one algorithm that it is used with.
#[derive(Clone, Debug)]
pub struct Key {
    pub algorithm: Algorithm,
    pub verifying: DecodingKey,
    /// What it is made of, to tell it from others.
    material: Vec<u8>,
}

/// Keys by name and algorithm; `None` where two different ones have both in common, so that nobody chooses.
#[derive(Debug, Default)]
pub struct KeySet(HashMap<(String, Algorithm), Option<Key>>);

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

/// A key as it is written.
#[derive(Deserialize)]
struct Written {
    kty: String,
    kid: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// The set in a text. Keys of other kinds, for other ends or without a name are left out (RFC 7517, section 5).
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let document: Document = serde_json::from_slice(text).map_err(|_| "is no JSON Web Key Set".to_owned())?;
        if document.keys.len() > MAX_KEYS {
            return Err(format!("holds more than {MAX_KEYS} keys"));
        }
        let mut keys: HashMap<_, Option<Key>> = HashMap::new();
        for value in document.keys {
            let Ok(written) = serde_json::from_value::<Written>(value) else { continue };
            let Some(key) = written.key() else { continue };
            keys.entry((written.kid, key.algorithm))
                .and_modify(|known| *known = known.take().filter(|known| known.material == key.material))
                .or_insert(Some(key));
        }
        Ok(Self(keys))
    }

    /// The key of that name and algorithm.
    pub fn find(&self, kid: &str, algorithm: Algorithm) -> Option<&Key> {
        self.0.get(&(kid.to_owned(), algorithm))?.as_ref()
    }

    /// How many can be used.
    pub fn len(&self) -> usize {
        self.0.values().flatten().count()
    }
}

impl Written {
    /// The key, if it is one to check tokens with.
    fn key(&self) -> Option<Key> {
        let signs = self.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
            && self.key_ops.as_ref().is_none_or(|operations| operations.iter().any(|it| it == "verify"));
        if !signs {
            return None;
        }
        let names = |allowed: &[&str]| self.alg.as_deref().is_none_or(|alg| allowed.contains(&alg));
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) if names(&["RS256"]) => {
                let (n, e) = (decoded(self.n.as_ref())?, decoded(self.e.as_ref())?);
                let is_sound = RSA_BYTES.contains(&n.len()) && n.first() != Some(&0) && (1..=4).contains(&e.len());
                is_sound.then(|| Key {
                    algorithm: Algorithm::RS256,
                    verifying: DecodingKey::from_rsa_raw_components(&n, &e),
                    material: [n, e].concat(),
                })
            }
            ("EC", Some("P-256")) if names(&["ES256"]) => {
                let (x, y) = (decoded(self.x.as_ref())?, decoded(self.y.as_ref())?);
                let point = [&[4], x.as_slice(), y.as_slice()].concat();
                let key = (x.len() == 32).then(|| PublicKey::of_p256(&point).ok())??;
                Some(Key { algorithm: key.algorithm, verifying: key.verifying, material: point })
            }
            ("OKP", Some("Ed25519")) if names(&["EdDSA", "Ed25519"]) => {
                let bytes = decoded(self.x.as_ref())?;
                let key = PublicKey::of_ed25519(&bytes).ok()?;
                Some(Key { algorithm: key.algorithm, verifying: key.verifying, material: bytes })
            }
            _ => None,
        }
    }
}

fn decoded(text: Option<&String>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}
