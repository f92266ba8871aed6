//! The keys of access tokens: one that signs, Ed25519 or P-256, and those whose tokens are accepted.
//!
//! A key is changed without refusing anyone: the next key is first made known to every server as an accepted one, then
//! it signs and the key before it is accepted until its last token has expired.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::EncodingKey;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::{PemObject as _, SectionKind};

use super::public_key::PublicKey;
use super::token::Claims;
use super::verified::Verified;
use crate::domain::secret::Secret;
use crate::error::{Error, Result};

/// The key that signs, and all whose tokens are good.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Who signs, and for whom: the service's public address.
    pub(super) issuer: String,
    pub(super) signing: EncodingKey,
    /// The public half of the key that signs.
    pub(super) current: PublicKey,
    /// Keys whose tokens are good too.
    accepted: Vec<PublicKey>,
    /// Tokens of these keys.
    pub(super) verified: Verified<Claims>,
}

impl Keys {
    /// The key in a PEM text: PKCS#8 (`PRIVATE KEY`) with Ed25519 or P-256, or SEC 1 (`EC PRIVATE KEY`) with P-256.
    /// `Invalid` with half a sentence that says what is wrong and nothing of the text.
    pub fn from_pem(pem: &Secret, issuer: &str) -> Result<Self> {
        let der = PrivateKeyDer::from_pem_slice(unfolded(pem).as_bytes())
            .map_err(|_| Error::invalid("holds no private key in PEM (`-----BEGIN PRIVATE KEY-----`)"))?;
        let (signing, current) = pair(&der)?;
        Ok(Self { issuer: issuer.to_owned(), signing, current, accepted: Vec::new(), verified: Verified::default() })
    }

    /// Accepts tokens of the keys in a PEM text as well, public keys or the public halves of private ones. `Invalid`
    /// with half a sentence if it holds none, or one of another kind.
    pub fn accept_pem(&mut self, pem: &Secret) -> Result<()> {
        let mut found = false;
        for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(unfolded(pem).as_bytes()) {
            let (kind, der) = section.map_err(|_| Error::invalid("is no PEM"))?;
            let key = match kind {
                SectionKind::PublicKey => PublicKey::of_info(&der)?,
                SectionKind::PrivateKey => pair(&PrivateKeyDer::Pkcs8(der.into()))?.1,
                SectionKind::EcPrivateKey => pair(&PrivateKeyDer::Sec1(der.into()))?.1,
                // OpenSSL writes a curve's parameters before its keys.
                _ => continue,
            };
            found = true;
            if self.of_id(&key.id).is_none() {
                self.accepted.push(key);
            }
        }
        if found { Ok(()) } else { Err(Error::invalid("holds no key in PEM (`-----BEGIN PUBLIC KEY-----`)")) }
    }

    /// A new key in PEM.
    pub fn generate_pem() -> Result<Secret> {
        let der = Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1()).map_err(Error::internal)?;
        let body = STANDARD.encode(der.as_ref());
        // An Ed25519 key of PKCS#8 version 1 is 48 bytes and so one line of 64 characters (RFC 7468).
        Ok(Secret::new(format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")))
    }

    /// The issuer of the tokens, which is their audience too.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The public keys as a JSON Web Key Set (RFC 7517), the one that signs first.
    pub fn public_set(&self) -> serde_json::Value {
        serde_json::json!({ "keys": self.all().map(|key| &key.jwk).collect::<Vec<_>>() })
    }

    /// The key of that name, if its tokens are good.
    pub(super) fn of_id(&self, id: &str) -> Option<&PublicKey> {
        self.all().find(|key| key.id == id)
    }

    fn all(&self) -> impl Iterator<Item = &PublicKey> {
        std::iter::once(&self.current).chain(&self.accepted)
    }
}

/// Files of settings often hold a PEM on one line, with its line ends written out.
fn unfolded(pem: &Secret) -> String {
    pem.reveal().replace("\\n", "\n")
}

/// A private key, ready to sign, and its public half.
fn pair(der: &PrivateKeyDer<'_>) -> Result<(EncodingKey, PublicKey)> {
    if let PrivateKeyDer::Pkcs8(der) = der
        && let Ok(pair) = Ed25519KeyPair::from_pkcs8(der.secret_pkcs8_der())
    {
        let der = pair.to_pkcs8v1().map_err(Error::internal)?;
        return Ok((EncodingKey::from_ed_der(der.as_ref()), PublicKey::of_ed25519(pair.public_key().as_ref())?));
    }
    let pair = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, der.secret_der())
        .map_err(|_| Error::invalid("holds a key that is neither Ed25519 nor P-256"))?;
    let der = pair.to_pkcs8v1().map_err(Error::internal)?;
    Ok((EncodingKey::from_ec_der(der.as_ref()), PublicKey::of_p256(pair.public_key().as_ref())?))
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::Algorithm;

    use super::super::public_key::P256_INFO;
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
        assert_eq!(key(ED25519).unwrap().current.algorithm, Algorithm::EdDSA);
        assert_eq!(key(P256).unwrap().current.algorithm, Algorithm::ES256);
        assert_eq!(key(Keys::generate_pem().unwrap().reveal()).unwrap().current.algorithm, Algorithm::EdDSA);
    }

    #[test]
    fn one_key_has_one_name_however_it_is_written() {
        let one_line = P256.trim().replace('\n', "\\n");
        let named = key(P256).unwrap().current.id;
        assert_eq!(key(P256_SEC1).unwrap().current.id, named);
        assert_eq!(key(&one_line).unwrap().current.id, named);
        assert_ne!(key(ED25519).unwrap().current.id, named);
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
            assert_eq!((public["kid"].as_str(), public["use"].as_str()), (Some(keys.current.id.as_str()), Some("sig")));
            assert!(public.get("x").is_some() && public.get("d").is_none(), "{set}");
        }
    }

    #[test]
    fn a_key_does_not_show_in_debug_output() {
        let shown = format!("{:?}", key(ED25519).unwrap());
        let der = STANDARD.decode(ED25519.lines().nth(1).unwrap()).unwrap();
        assert!(!shown.contains(&format!("{}, {}", der[16], der[17])), "{shown}");
    }

    /// The public halves of the two, as `openssl pkey -pubout` writes them.
    const ED25519_PUBLIC: &str = include_str!("../../tests/data/keys/ed25519.pub.pem");
    const P256_PUBLIC: &str = include_str!("../../tests/data/keys/p256.pub.pem");

    fn accepting(pem: &str) -> Result<Keys> {
        let mut keys = key(Keys::generate_pem()?.reveal())?;
        keys.accept_pem(&Secret::new(pem))?;
        Ok(keys)
    }

    #[test]
    fn an_accepted_key_is_the_same_as_a_public_or_a_private_one() {
        for (public, private) in [(ED25519_PUBLIC, ED25519), (P256_PUBLIC, P256), (P256_PUBLIC, P256_SEC1)] {
            let signing = key(private).unwrap().current.jwk;
            for pem in [public, private] {
                assert_eq!(accepting(pem).unwrap().accepted[0].jwk, signing);
            }
        }
    }

    #[test]
    fn one_text_may_hold_several_keys_and_a_key_is_known_once() {
        let keys = accepting(&format!("{ED25519_PUBLIC}{P256}{ED25519}")).unwrap();
        assert_eq!(keys.public_set()["keys"].as_array().unwrap().len(), 3);
        let mut keys = key(P256).unwrap();
        keys.accept_pem(&Secret::new(P256_PUBLIC)).unwrap();
        assert_eq!(keys.public_set()["keys"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn what_is_no_key_to_accept_is_refused_without_showing_it() {
        let foreign = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
        // The point (1, 1), which is on no such curve.
        let mut point = [P256_INFO.as_slice(), &[4]].concat();
        point.extend([[0_u8; 31].as_slice(), &[1], &[0; 31], &[1]].concat());
        let off_curve = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(point));
        for (pem, why) in [
            (P384, "holds a key that is neither Ed25519 nor P-256"),
            (foreign, "holds a key that is neither Ed25519 nor P-256"),
            (off_curve.as_str(), "holds a key that is neither Ed25519 nor P-256"),
            ("", "holds no key in PEM (`-----BEGIN PUBLIC KEY-----`)"),
            ("-----BEGIN PUBLIC KEY-----\ncut off", "is no PEM"),
        ] {
            assert_eq!(accepting(pem).unwrap_err().to_string(), why);
        }
    }
}
