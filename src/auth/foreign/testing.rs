//! An issuer on this machine, which does as the test says: good, broken or hostile.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rustls::pki_types::PrivatePkcs1KeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::super::keys::Keys;
use super::{ForeignIssuer, ForeignSettings};
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::group_rule::GroupRule;
use crate::domain::secret::Secret;

/// Two RSA keys of 2,048 bits, made with OpenSSL for these tests, and their moduli as JSON Web Keys have them.
const RSA: [(&[u8], &str); 2] = [
    (include_bytes!("../../../tests/data/keys/rsa.pem"), include_str!("../../../tests/data/keys/rsa.modulus")),
    (
        include_bytes!("../../../tests/data/keys/rsa-other.pem"),
        include_str!("../../../tests/data/keys/rsa-other.modulus"),
    ),
];

/// For whom tokens are.
pub const AUDIENCE: &str = "parks";

/// What is answered at a path.
#[derive(Clone, Debug)]
pub enum Reply {
    /// This text, as JSON.
    Json(String),
    /// This status with these header lines and this text.
    Other(&'static str, String, String),
    /// A text without an end.
    Endless,
    /// The text that is right, a byte now and then.
    Dripping(String),
    /// Nothing, on a connection that stays open.
    Silent,
    /// Nothing, on a connection that is closed.
    Closed,
}

/// The issuer.
pub struct Issuer {
    /// Its name and address.
    pub url: String,
    replies: Arc<Mutex<HashMap<String, Reply>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Issuer {
    /// One that publishes these keys.
    pub async fn new(keys: &[&Signer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let issuer = Self { url, replies: Arc::default(), asked: Arc::default() };
        let configuration = json!({ "issuer": issuer.url, "jwks_uri": format!("{}/jwks", issuer.url) });
        issuer.reply("/.well-known/openid-configuration", Reply::Json(configuration.to_string()));
        issuer.publish(keys);
        let (replies, asked) = (issuer.replies.clone(), issuer.asked.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, replies.clone(), asked.clone()));
            }
        });
        issuer
    }

    /// Answers so at a path from now on.
    pub fn reply(&self, path: &str, reply: Reply) {
        self.replies.lock().unwrap().insert(path.to_owned(), reply);
    }

    /// Publishes these keys from now on.
    pub fn publish(&self, keys: &[&Signer]) {
        let keys: Vec<_> = keys.iter().map(|key| &key.jwk).collect();
        self.reply("/jwks", Reply::Json(json!({ "keys": keys }).to_string()));
    }

    /// How often it was asked for its keys.
    pub fn asked(&self) -> usize {
        self.asked.lock().unwrap().iter().filter(|path| *path == "/jwks").count()
    }

    /// As the server knows it.
    pub fn settings(&self) -> ForeignSettings {
        let rules = format!("{},acme=reader@Acme", GroupRule::DEFAULT);
        ForeignSettings {
            issuer: self.url.clone(),
            audiences: vec![AUDIENCE.to_owned(), "cognito-client".to_owned()],
            rules: rules.split(',').map(|rule| rule.parse().unwrap()).collect(),
            ..ForeignSettings::default()
        }
    }

    /// As the server knows it, waiting half a second for its keys.
    pub fn known(&self) -> ForeignIssuer {
        let mut foreign = ForeignIssuer::new(self.settings(), "https://parks.example").unwrap();
        foreign.ring.set_patience(Duration::from_millis(500));
        foreign
    }

    /// The claims of a reader's good token.
    pub fn claims(&self, now: DateTime<Utc>) -> Value {
        json!({
            "iss": self.url, "sub": "8f1c", "aud": AUDIENCE, "groups": ["reader"], "preferred_username": "maria",
            "iat": now.timestamp(), "exp": now.timestamp() + 300,
        })
    }
}

async fn answer(mut stream: TcpStream, replies: Arc<Mutex<HashMap<String, Reply>>>, asked: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    let path = String::from_utf8(head).unwrap().split(' ').nth(1).unwrap().to_owned();
    asked.lock().unwrap().push(path.clone());
    let reply = replies.lock().unwrap().get(&path).cloned();
    let head = |status: &str, headers: &str, length: usize| {
        format!("HTTP/1.1 {status}\r\n{headers}content-type: application/json\r\ncontent-length: {length}\r\n\r\n")
    };
    let (first, rest) = match reply.unwrap_or(Reply::Other("404 Not Found", String::new(), "{}".into())) {
        Reply::Json(text) => (head("200 OK", "", text.len()) + &text, Reply::Closed),
        Reply::Other(status, headers, text) => (head(status, &headers, text.len()) + &text, Reply::Closed),
        Reply::Dripping(text) => (head("200 OK", "", text.len()), Reply::Dripping(text)),
        Reply::Endless => ("HTTP/1.1 200 OK\r\n\r\n{\"keys\":[".to_owned(), Reply::Endless),
        rest => (String::new(), rest),
    };
    let mut sent = stream.write_all(first.as_bytes()).await;
    match rest {
        Reply::Endless => {
            while sent.is_ok() {
                sent = stream.write_all(&[b' '; 4_096]).await;
            }
        }
        Reply::Dripping(text) => {
            for byte in text.bytes() {
                tokio::time::sleep(Duration::from_millis(50)).await;
                if stream.write_all(&[byte]).await.is_err() {
                    return;
                }
            }
        }
        Reply::Silent => drop(stream.read_u8().await),
        _ => {}
    }
}

/// A key of an issuer.
pub struct Signer {
    /// Its name.
    pub kid: String,
    /// What it signs by.
    pub algorithm: Algorithm,
    /// Its private half.
    pub signing: EncodingKey,
    /// As it is published.
    pub jwk: Value,
}

impl Signer {
    /// One of two RSA keys.
    pub fn rsa(kid: &str, which: usize) -> Self {
        let (pem, modulus) = RSA[which];
        let der = PrivatePkcs1KeyDer::from_pem_slice(pem).unwrap();
        Self {
            kid: kid.to_owned(),
            algorithm: Algorithm::RS256,
            signing: EncodingKey::from_rsa_der(der.secret_pkcs1_der()),
            jwk: json!({ "kty": "RSA", "kid": kid, "use": "sig", "alg": "RS256", "n": modulus, "e": "AQAB" }),
        }
    }

    /// A new Ed25519 key.
    pub fn ed25519(kid: &str) -> Self {
        Self::of(kid, &Keys::generate_pem().unwrap())
    }

    /// A new P-256 key.
    pub fn p256(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let der = pair.to_pkcs8v1().unwrap();
        let body = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der.as_ref());
        Self::of(kid, &Secret::new(format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")))
    }

    fn of(kid: &str, pem: &Secret) -> Self {
        let keys = Keys::from_pem(pem, "").unwrap();
        let mut jwk = json!(keys.current.jwk);
        jwk["kid"] = json!(kid);
        Self { kid: kid.to_owned(), algorithm: keys.current.algorithm, signing: keys.signing, jwk }
    }

    /// The same key, published with these fields changed; null takes one away.
    pub fn published_with(mut self, changes: &Value) -> Self {
        for (field, value) in changes.as_object().unwrap() {
            self.jwk[field] = value.clone();
        }
        self.jwk.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        self
    }

    /// The header of its tokens.
    pub fn header(&self) -> Header {
        Header { kid: Some(self.kid.clone()), ..Header::new(self.algorithm) }
    }

    /// A token that says so.
    pub fn sign(&self, claims: &Value) -> String {
        encode(&self.header(), claims, &self.signing).unwrap()
    }
}
