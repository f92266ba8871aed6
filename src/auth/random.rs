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
    let digit = |value: u8| char::from_digit(value.into(), 16);
    Ok(bytes::<N>()?.into_iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_secrets_differ_and_hold_all_their_bytes() -> Result<()> {
        let (one, other) = (secret::<32>()?, secret::<32>()?);
        assert_ne!(one, other);
        assert_eq!(one.reveal().len(), 43);
        let text = hexadecimal::<200>()?;
        assert!(text.len() == 400 && "0123456789abcdef".chars().all(|digit| text.contains(digit)), "{text}");
        Ok(())
    }
}
