//! How often each caller asks, and how often it still may: so many requests a minute, refilled evenly.
//!
//! Counts are this process's own; several servers behind a balancer allow as much each.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use uuid::Uuid;

use crate::auth::Principal;
use crate::domain::access::UserId;
use crate::domain::api_key::ApiKeyId;
use crate::error::Error;
use crate::graphql::PerMinute;

/// Callers of which counts are kept before those who are back to nothing are forgotten.
const MANY: usize = 10_000;

/// Who asks, as far as counting goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// A user, by any of its tokens.
    User(UserId),
    /// An API key.
    ApiKey(ApiKeyId),
    /// A user of a foreign issuer.
    Foreign(Uuid),
    /// Anyone at an address.
    Address(IpAddr),
}

impl Who {
    /// A caller with a credential that is good.
    pub fn of(principal: &Principal) -> Option<Self> {
        let key = principal.api_key.as_ref().map(|key| Self::ApiKey(key.id));
        key.or(principal.user_id.map(Self::User)).or(principal.foreign.map(Self::Foreign))
    }

    /// A caller without one. Of IPv6 the first 64 bits count: the rest is the caller's to choose.
    pub fn at(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(long) => IpAddr::V6(Ipv6Addr::from_bits(long.to_bits() >> 64 << 64)),
            short @ IpAddr::V4(_) => short,
        })
    }
}

/// Where a caller stands after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    limit: u32,
    remaining: u32,
    /// In how many seconds all is allowed again, where that is not by the minute.
    reset: Option<u64>,
    /// How long to wait, where the request was one too many.
    pub wait: Option<Duration>,
}

impl Standing {
    /// Where an API key stands that has an allowance a minute of its own.
    pub fn of_own_allowance(principal: &Principal) -> Option<Self> {
        let limit = principal.api_key.as_ref()?.allowance.per_minute?;
        let left = principal.left?.this_minute?;
        let remaining = u32::try_from(left).unwrap_or(0).min(limit);
        Some(Self { limit, remaining, reset: None, wait: None })
    }

    /// Where an API key stands that was used more often than its own allowance lets it. The error tells it, not this.
    pub fn of_overuse(error: &Error) -> Option<Self> {
        let Error::Overused(_, limit, _) = error else { return None };
        let limit = u32::try_from(*limit).unwrap_or(u32::MAX);
        Some(Self { limit, remaining: 0, reset: error.retry_after(), wait: None })
    }

    /// The same as the caller is told by GraphQL.
    pub fn per_minute(self) -> PerMinute {
        PerMinute { most: self.limit, left: self.remaining }
    }

    /// `RateLimit-Limit`, `-Remaining` and `-Reset` in seconds until all is allowed again (IETF
    /// draft-ietf-httpapi-ratelimit-headers-06).
    pub fn tell(self, headers: &mut HeaderMap) {
        let used = u64::from(self.limit - self.remaining);
        let reset = self.reset.unwrap_or_else(|| (used * 60).div_ceil(u64::from(self.limit)));
        for (name, value) in [
            ("ratelimit-limit", u64::from(self.limit)),
            ("ratelimit-remaining", u64::from(self.remaining)),
            ("ratelimit-reset", reset),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
}

/// The counts of all callers.
pub struct Rate<C: Clock = DefaultClock> {
    limiter: RateLimiter<Who, DefaultKeyedStateStore<Who>, C, StateInformationMiddleware>,
    limit: NonZeroU32,
    /// So many callers had counts when those who are back to nothing were last forgotten.
    kept: AtomicUsize,
}

impl Rate {
    /// So many requests a minute and caller; `None` where it is 0, which is no limit.
    pub fn a_minute(limit: u32) -> Option<Self> {
        NonZeroU32::new(limit).map(|limit| Self::with_clock(limit, DefaultClock::default()))
    }
}

impl<C: Clock> Rate<C> {
    fn with_clock(limit: NonZeroU32, clock: C) -> Self {
        let limiter = RateLimiter::new(Quota::per_minute(limit), DefaultKeyedStateStore::default(), clock);
        Self { limiter, limit, kept: AtomicUsize::new(0) }
    }

    /// Counts a request.
    pub fn take(&self, who: Who) -> Standing {
        self.forget();
        let limit = self.limit.get();
        match self.limiter.check_key(&who) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity().min(limit);
                Standing { limit, remaining, reset: None, wait: None }
            }
            Err(until) => {
                let wait = Some(until.wait_time_from(self.limiter.clock().now()));
                Standing { limit, remaining: 0, reset: None, wait }
            }
        }
    }

    /// Forgets the callers whose allowance is whole again, whenever there are twice as many as were left the last time:
    /// any number of addresses may ask, and a minute later none is remembered.
    fn forget(&self) {
        let kept = self.kept.load(Ordering::Relaxed);
        if self.limiter.len() > kept.saturating_mul(2).max(MANY) {
            self.limiter.retain_recent();
            self.kept.store(self.limiter.len(), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn rate(limit: u32) -> (Rate<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Rate::with_clock(NonZeroU32::new(limit).unwrap(), clock.clone()), clock)
    }

    fn address(text: &str) -> Who {
        Who::at(text.parse().unwrap())
    }

    #[test]
    fn a_caller_may_ask_so_often_a_minute_and_others_as_often() {
        let (rate, clock) = rate(3);
        let (one, other) = (Who::User(UserId(1)), Who::User(UserId(2)));
        let remaining: Vec<_> = (0..3).map(|_| rate.take(one).remaining).collect();
        assert_eq!(remaining, [2, 1, 0]);
        assert_eq!(rate.take(one).wait, Some(Duration::from_secs(20)));
        assert_eq!(rate.take(other).wait, None);
        clock.advance(Duration::from_secs(20));
        assert_eq!(rate.take(one).wait, None);
        assert!(rate.take(one).wait.is_some());
    }

    #[test]
    fn the_headers_say_what_is_left_and_how_long_to_wait() {
        let (rate, _) = rate(120);
        let mut headers = HeaderMap::new();
        rate.take(address("192.0.2.1")).tell(&mut headers);
        let of = |headers: &HeaderMap, name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        let told = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"];
        assert_eq!(told.map(|name| of(&headers, name).unwrap()), ["120", "119", "1"]);
        for _ in 0..119 {
            rate.take(address("192.0.2.1"));
        }
        rate.take(address("192.0.2.1")).tell(&mut headers);
        assert_eq!(told.map(|name| of(&headers, name).unwrap()), ["120", "0", "60"]);
    }

    #[test]
    fn a_network_of_ipv6_is_one_caller_and_mapped_ipv4_is_ipv4() {
        assert_eq!(address("2001:db8:1:2:3::4"), address("2001:db8:1:2:ffff::1"));
        assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
        assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
    }

    #[test]
    fn callers_who_are_long_gone_are_forgotten() {
        let (rate, clock) = rate(60);
        for number in 0..100_000 {
            if number % 1_000 == 0 {
                clock.advance(Duration::from_secs(2));
            }
            rate.take(Who::User(UserId(number)));
        }
        assert!(rate.limiter.len() <= 2 * MANY, "{}", rate.limiter.len());
    }
}
