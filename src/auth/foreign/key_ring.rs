//! The keys of a foreign issuer, as they were last fetched.
//!
//! They are fetched with the first token, again after some minutes, and when a token names a key that is not among them:
//! at most once an interval, by one task, whoever and how many ask. While the issuer does not answer, the keys that are
//! known count for a while; then its tokens cannot be told good or bad, and nothing else is affected.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::fetch::{Address, Failure, Fetcher};
use super::key_set::{Key, KeySet};
use crate::domain::chrono::{DateTime, TimeDelta, Utc};
use crate::error::{Error, Result};

/// After how long the keys are fetched again, so that one that was taken back is soon forgotten.
const FRESH: TimeDelta = TimeDelta::minutes(10);

/// For how long they count while the issuer does not answer.
const LAST: TimeDelta = TimeDelta::hours(1);

/// The least time between the beginnings of two fetches.
const INTERVAL: TimeDelta = TimeDelta::seconds(10);

/// How long a fetch may take, from the name's look-up to the last byte.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many requests wait for a fetch at once; others are told to come again.
const WAITING: usize = 100;

/// Where the keys are found.
#[derive(Clone, Debug)]
pub enum Source {
    /// Here.
    Set(Address),
    /// Where the issuer's configuration says (`OpenID` Connect Discovery 1.0, section 4).
    Discovered { issuer: String, configuration: Address },
}

impl Source {
    /// The configuration of an issuer; what is wrong with its name if there can be none.
    pub fn discovered_by(issuer: &str) -> Result<Self, String> {
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        Ok(Self::Discovered { issuer: issuer.to_owned(), configuration: Address::parse(&url)? })
    }
}

/// The keys, and when they were fetched.
#[derive(Clone, Debug)]
pub struct KeyRing(Arc<Ring>);

#[derive(Debug)]
struct Ring {
    source: Source,
    fetcher: Fetcher,
    state: Mutex<State>,
    seats: Semaphore,
    patience: Duration,
}

#[derive(Debug, Default)]
struct State {
    keys: Option<Arc<KeySet>>,
    fetched_at: DateTime<Utc>,
    tried_at: Option<DateTime<Utc>>,
    /// The fetch that is under way.
    flight: Option<Flight>,
}

type Flight = Shared<BoxFuture<'static, ()>>;

/// What is known of a key without waiting.
enum Known {
    Key(Key),
    /// There is none of that name, or it was not there a moment ago.
    None,
    /// Maybe after this.
    After(Flight),
    /// The issuer has not answered, and not for a moment will it be asked again.
    Nothing,
}

impl KeyRing {
    /// Nothing is fetched yet.
    pub fn new(source: Source, fetcher: Fetcher) -> Self {
        let (state, seats) = (Mutex::default(), Semaphore::new(WAITING));
        Self(Arc::new(Ring { source, fetcher, state, seats, patience: PATIENCE }))
    }

    /// Waits no longer than this for a fetch.
    #[cfg(test)]
    pub fn set_patience(&mut self, patience: Duration) {
        Arc::get_mut(&mut self.0).unwrap().patience = patience;
    }

    /// The key of that name and algorithm, if the issuer has one. `Unavailable` while that cannot be known.
    pub async fn key(&self, kid: &str, algorithm: Algorithm, now: DateTime<Utc>) -> Result<Option<Key>> {
        let flight = match self.look(kid, algorithm, now) {
            Known::Key(key) => return Ok(Some(key)),
            Known::None => return Ok(None),
            Known::Nothing => return Err(unavailable()),
            Known::After(flight) => flight,
        };
        let _seat = self.0.seats.try_acquire().map_err(|_| Error::unavailable("too many wait for a foreign issuer"))?;
        flight.await;
        match self.look(kid, algorithm, now) {
            Known::Key(key) => Ok(Some(key)),
            Known::None => Ok(None),
            Known::Nothing | Known::After(_) => Err(unavailable()),
        }
    }

    fn look(&self, kid: &str, algorithm: Algorithm, now: DateTime<Utc>) -> Known {
        let mut state = self.0.state();
        let age = now - state.fetched_at;
        let keys = state.keys.clone().filter(|_| age < LAST);
        let found = keys.as_ref().and_then(|keys| keys.find(kid, algorithm)).cloned();
        // A clock that was set back is no reason never to ask again.
        let may_fetch = state.tried_at.is_none_or(|at| (now - at).abs() >= INTERVAL);
        if state.flight.is_none() && may_fetch && (found.is_none() || age >= FRESH) {
            state.tried_at = Some(now);
            state.flight = Some(self.depart(now));
        }
        match (found, &state.flight, keys) {
            // The old keys are good enough until the new ones are there.
            (Some(key), ..) => Known::Key(key),
            (None, Some(flight), _) => Known::After(flight.clone()),
            (None, None, Some(_)) => Known::None,
            (None, None, None) => Known::Nothing,
        }
    }

    /// Begins a fetch, in a task of its own: it ends even if nobody waits for it any more.
    fn depart(&self, now: DateTime<Utc>) -> Flight {
        let landing = Landing(Arc::clone(&self.0));
        let fetch = async move {
            let ring = &landing.0;
            let outcome = tokio::time::timeout(ring.patience, ring.fetch()).await;
            match outcome.unwrap_or_else(|_| Err("it takes too long".into())) {
                Ok(keys) => {
                    tracing::info!(keys = keys.len(), "fetched the keys of the foreign issuer");
                    let mut state = ring.state();
                    state.keys = Some(Arc::new(keys));
                    state.fetched_at = now;
                }
                Err(cause) => tracing::warn!(%cause, "the keys of the foreign issuer cannot be fetched"),
            }
        };
        tokio::spawn(fetch).map(|_| ()).boxed().shared()
    }
}

/// Says that a fetch is over, however it ended.
struct Landing(Arc<Ring>);

impl Drop for Landing {
    fn drop(&mut self) {
        self.0.state().flight = None;
    }
}

impl Ring {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing panics while it is locked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch(&self) -> Result<KeySet, Failure> {
        let text = match &self.source {
            Source::Set(address) => self.fetcher.get(address).await?,
            Source::Discovered { issuer, configuration } => {
                let address = self.discover(issuer, configuration).await?;
                self.fetcher.get(&address).await?
            }
        };
        Ok(KeySet::parse(&text).map_err(|why| format!("what is there {why}"))?)
    }

    async fn discover(&self, issuer: &str, configuration: &Address) -> Result<Address, Failure> {
        #[derive(Deserialize)]
        struct Configuration {
            issuer: String,
            jwks_uri: String,
        }
        let text = self.fetcher.get(configuration).await?;
        let told: Configuration =
            serde_json::from_slice(&text).map_err(|_| "the issuer's configuration cannot be read")?;
        if told.issuer != issuer {
            return Err("the issuer's configuration is another's".into());
        }
        let address = Address::parse(&told.jwks_uri)?;
        // Nobody is sent on to a third party, or into this machine's own network.
        if !address.is_beside(configuration) {
            return Err("the issuer keeps its keys at another host; set OIDC_JWKS_URL to trust it".into());
        }
        Ok(address)
    }
}

fn unavailable() -> Error {
    Error::unavailable("the keys of the foreign issuer are not known")
}
