//! The key that signs access tokens: Ed25519 or P-256, from PEM or made here.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;

use crate::domain::secret::Secret;
use crate::error::{Error, Result};

/// The signing key, its public half, and the name under which tokens refer to it.
///
/// The algorithm follows from the key, never from a token.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Who signs, and for whom: the service's public address.
    pub(super) issuer: String,
    pub(super) algorithm: Algorithm,
    /// The key's thumbprint (RFC 7638): the same key has the same name in every process.
    pub(super) id: String,
    pub(super) signing: EncodingKey,
    pub(super) verifying: DecodingKey,
    public: Jwk,
}

impl Keys {
    /// The key in a PEM text: PKCS#8 (`PRIVATE KEY`) with Ed25519 or P-256, or SEC 1 (`EC PRIVATE KEY`) with P-256.
    /// `Invalid` with half a sentence that says what is wrong and nothing of the text.
    pub fn from_pem(pem: &Secret, issuer: &str) -> Result<Self> {
        // Files of settings often hold a PEM on one line, with its line ends written out.
        let text = pem.reveal().replace("\\n", "\n");
        let der = PrivateKeyDer::from_pem_slice(text.as_bytes())
            .map_err(|_| Error::invalid("holds no private key in PEM (`-----BEGIN PRIVATE KEY-----`)"))?;
        if let PrivateKeyDer::Pkcs8(der) = &der
            && let Ok(pair) = Ed25519KeyPair::from_pkcs8(der.secret_pkcs8_der())
        {
            return Self::of_ed25519(&pair, issuer);
        }
        EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, der.secret_der())
            .map_err(|_| Error::invalid("holds a key that is neither Ed25519 nor P-256"))
            .and_then(|pair| Self::of_p256(&pair, issuer))
    }

    /// A new key in PEM.
    pub fn generate_pem() -> Result<Secret> {
        let der = Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1()).map_err(Error::internal)?;
        let body = STANDARD.encode(der.as_ref());
        // An Ed25519 key of PKCS#8 version 1 is 48 bytes and so one line of 64 characters (RFC 7468).
        Ok(Secret::new(format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")))
    }

    /// The public key as a JSON Web Key Set (RFC 7517).
    pub fn public_set(&self) -> serde_json::Value {
        serde_json::json!({ "keys": [self.public] })
    }

    fn of_ed25519(pair: &Ed25519KeyPair, issuer: &str) -> Result<Self> {
        let der = pair.to_pkcs8v1().map_err(Error::internal)?;
        let verifying = DecodingKey::from_ed_der(pair.public_key().as_ref());
        Self::of(EncodingKey::from_ed_der(der.as_ref()), verifying, Algorithm::EdDSA, issuer)
    }

    fn of_p256(pair: &EcdsaKeyPair, issuer: &str) -> Result<Self> {
        let der = pair.to_pkcs8v1().map_err(Error::internal)?;
        let verifying = DecodingKey::from_ec_der(pair.public_key().as_ref());
        Self::of(EncodingKey::from_ec_der(der.as_ref()), verifying, Algorithm::ES256, issuer)
    }

    fn of(signing: EncodingKey, verifying: DecodingKey, algorithm: Algorithm, issuer: &str) -> Result<Self> {
        let mut public = Jwk::from_encoding_key(&signing, algorithm).map_err(Error::internal)?;
        let id = public.thumbprint(ThumbprintHash::SHA256).map_err(Error::internal)?;
        public.common.key_id = Some(id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { issuer: issuer.to_owned(), algorithm, id, signing, verifying, public })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://parks.example";
    /// Made with OpenSSL for these tests.
    const ED25519: &str = include_str!("../../tests/data/keys/ed25519.pem");
    const P256: &str = include_str!("../../tests/data/keys/p256.pem");
    const P256_SEC1: &str = include_str!("../../tests/data/keys/p256-sec1.pem");
    const P384: &str = include_str!("../../tests/data/keys/p384.pem");

    fn key(pem: &str) -> Result<Keys> {
        Keys::from_pem(&Secret::new(pem), ISSUER)
    }

    #[test]
    fn the_algorithm_follows_from_the_key() {
        assert_eq!(key(ED25519).unwrap().algorithm, Algorithm::EdDSA);
        assert_eq!(key(P256).unwrap().algorithm, Algorithm::ES256);
        assert_eq!(key(Keys::generate_pem().unwrap().reveal()).unwrap().algorithm, Algorithm::EdDSA);
    }

    #[test]
    fn one_key_has_one_name_however_it_is_written() {
        let one_line = P256.trim().replace('\n', "\\n");
        let named = key(P256).unwrap().id;
        assert_eq!(key(P256_SEC1).unwrap().id, named);
        assert_eq!(key(&one_line).unwrap().id, named);
        assert_ne!(key(ED25519).unwrap().id, named);
    }

    #[test]
    fn what_is_no_good_key_is_refused_without_showing_it() {
        let body = P384.lines().nth(1).unwrap();
        for (pem, why) in [
            (P384, "neither Ed25519 nor P-256"),
            ("", "no private key in PEM"),
            (body, "no private key in PEM"),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "neither"),
        ] {
            let error = key(pem).unwrap_err().to_string();
            assert!(error.contains(why) && !error.contains(body), "{error}");
        }
    }

    #[test]
    fn the_public_set_names_the_key_and_holds_no_private_part() {
        for pem in [ED25519, P256] {
            let keys = key(pem).unwrap();
            let set = keys.public_set();
            let public = &set["keys"][0];
            assert_eq!((public["kid"].as_str(), public["use"].as_str()), (Some(keys.id.as_str()), Some("sig")));
            assert!(public.get("x").is_some() && public.get("d").is_none(), "{set}");
        }
    }

    #[test]
    fn a_key_does_not_show_in_debug_output() {
        let shown = format!("{:?}", key(ED25519).unwrap());
        let der = STANDARD.decode(ED25519.lines().nth(1).unwrap()).unwrap();
        assert!(!shown.contains(&format!("{}, {}", der[16], der[17])), "{shown}");
    }
}
