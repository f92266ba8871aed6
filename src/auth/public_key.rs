//! A key that access tokens are checked with, and the name under which tokens refer to it.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, EllipticCurveKeyParameters, EllipticCurveKeyType, Jwk,
    OctetKeyPairParameters, OctetKeyPairType, PublicKeyUse, ThumbprintHash,
};
use jsonwebtoken::{Algorithm, DecodingKey};

use crate::error::{Error, Result};

/// What stands before the 32 bytes of an Ed25519 key in a `SubjectPublicKeyInfo` (RFC 8410).
const ED25519_INFO: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// What stands before the 65 bytes of an uncompressed P-256 point in a `SubjectPublicKeyInfo` (RFC 5480).
pub(super) const P256_INFO: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A public key. The algorithm follows from the key, never from a token.
#[derive(Clone, Debug)]
pub(super) struct PublicKey {
    /// The key's thumbprint (RFC 7638): the same key has the same name in every process.
    pub id: String,
    pub algorithm: Algorithm,
    pub verifying: DecodingKey,
    /// As the JSON Web Key Set shows it.
    pub jwk: Jwk,
}

impl PublicKey {
    /// The 32 bytes of an Ed25519 key.
    pub fn of_ed25519(bytes: &[u8]) -> Result<Self> {
        ParsedPublicKey::new(&ED25519, bytes).map_err(|_| unfit())?;
        let parameters = OctetKeyPairParameters {
            key_type: OctetKeyPairType::OctetKeyPair,
            curve: EllipticCurve::Ed25519,
            x: URL_SAFE_NO_PAD.encode(bytes),
        };
        let parameters = AlgorithmParameters::OctetKeyPair(parameters);
        Self::of(parameters, Algorithm::EdDSA, DecodingKey::from_ed_der(bytes))
    }

    /// The 65 bytes of a P-256 key's point, uncompressed.
    pub fn of_p256(bytes: &[u8]) -> Result<Self> {
        ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes).map_err(|_| unfit())?;
        let [4, point @ ..] = bytes else { return Err(unfit()) };
        let (x, y) = point.split_at_checked(32).ok_or_else(unfit)?;
        let parameters = EllipticCurveKeyParameters {
            key_type: EllipticCurveKeyType::EC,
            curve: EllipticCurve::P256,
            x: URL_SAFE_NO_PAD.encode(x),
            y: URL_SAFE_NO_PAD.encode(y),
        };
        let parameters = AlgorithmParameters::EllipticCurve(parameters);
        Self::of(parameters, Algorithm::ES256, DecodingKey::from_ec_der(bytes))
    }

    /// A key in a `SubjectPublicKeyInfo`, the content of `PUBLIC KEY` in PEM.
    pub fn of_info(der: &[u8]) -> Result<Self> {
        if let Some(bytes) = der.strip_prefix(&ED25519_INFO) {
            return Self::of_ed25519(bytes);
        }
        Self::of_p256(der.strip_prefix(&P256_INFO).ok_or_else(unfit)?)
    }

    fn of(parameters: AlgorithmParameters, algorithm: Algorithm, verifying: DecodingKey) -> Result<Self> {
        let common = CommonParameters {
            key_algorithm: Some(algorithm.into()),
            public_key_use: Some(PublicKeyUse::Signature),
            ..CommonParameters::default()
        };
        let mut jwk = Jwk { common, algorithm: parameters };
        let id = jwk.thumbprint(ThumbprintHash::SHA256).map_err(Error::internal)?;
        jwk.common.key_id = Some(id.clone());
        Ok(Self { id, algorithm, verifying, jwk })
    }
}

/// Half a sentence, behind the name of the setting.
fn unfit() -> Error {
    Error::invalid("holds a key that is neither Ed25519 nor P-256")
}
