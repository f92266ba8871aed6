//! The one place that draws randomness for secrets: the operating system's generator.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::secret::Secret;
use crate::error::{Error, Result};

/// `N` random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0_u8; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::internal("the random generator failed"))?;
    Ok(bytes)
}

/// A secret of `N` random bytes, as URL-safe Base64 without padding.
pub fn secret<const N: usize>() -> Result<Secret> {
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes::<N>()?)))
}

/// `N` random bytes in hexadecimal.
pub fn hexadecimal<const N: usize>() -> Result<String> {
    Ok(bytes::<N>()?.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_secrets_differ_and_hold_all_their_bytes() -> Result<()> {
        let (one, other) = (secret::<32>()?, secret::<32>()?);
        assert_ne!(one, other);
        assert_eq!(one.reveal().len(), 43);
        Ok(())
    }
}
