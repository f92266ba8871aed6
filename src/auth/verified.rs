//! Tokens whose signatures were found good. A signature stays good, and checking it is most of what a small question costs;
//! whether the token's time is now, and whether its session stands, is asked each time.

use std::fmt;
use std::sync::Arc;

use quick_cache::sync::Cache;
use sha2::{Digest as _, Sha256};

/// As many tokens as are in use at once on a busy server; a token takes some 300 bytes.
const TOKENS: usize = 10_000;

/// What tokens say, by the SHA-256 of their text. Clones share it.
pub(super) struct Verified<Claims>(Arc<Cache<[u8; 32], Arc<Claims>>>);

impl<Claims> Verified<Claims> {
    /// What a token says, if it is known to be good or found to be so now. Bad tokens are not remembered.
    pub fn claims(&self, token: &str, verify: impl FnOnce() -> Option<Claims>) -> Option<Arc<Claims>> {
        let digest: [u8; 32] = Sha256::digest(token).into();
        if let Some(known) = self.0.get(&digest) {
            return Some(known);
        }
        let claims = Arc::new(verify()?);
        self.0.insert(digest, claims.clone());
        Some(claims)
    }
}

impl<Claims> Clone for Verified<Claims> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Claims> Default for Verified<Claims> {
    fn default() -> Self {
        Self(Arc::new(Cache::new(TOKENS)))
    }
}

/// Without the tokens.
impl<Claims> fmt::Debug for Verified<Claims> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified").finish_non_exhaustive()
    }
}
