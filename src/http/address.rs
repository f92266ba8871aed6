//! From where a request comes.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Once};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName};
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the caller, as far as it is known. Each request carries one as an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(pub Option<IpAddr>);

/// Puts the caller's [`Address`] to the request.
pub async fn locate(State(proxies): State<Arc<[IpNet]>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let address = peer.map(|peer| caller(peer, request.headers(), &proxies));
    if address == peer && request.headers().contains_key(FORWARDED_FOR) {
        static TOLD: Once = Once::new();
        TOLD.call_once(|| {
            tracing::warn!(
                ?peer,
                "X-Forwarded-For from who is not among TRUSTED_PROXIES: its callers count as one address"
            );
        });
    }
    request.extensions_mut().insert(Address(address));
    next.run(request).await
}

/// The peer; if it is a proxy that is trusted, the last address before it that is none. What stands before that one
/// in `X-Forwarded-For` was written by whoever called, and says nothing.
fn caller(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| proxies.iter().any(|network| network.contains(&address));
    let mut address = peer.to_canonical();
    let hops = headers.get_all(FORWARDED_FOR).iter().rev().flat_map(|value| {
        let hops = value.to_str().unwrap_or_default().rsplit(',');
        hops.map(|hop| parsed(hop.trim()))
    });
    for hop in hops {
        match hop {
            Some(hop) if is_trusted(address) => address = hop,
            _ => break,
        }
    }
    address
}

/// An address, with or without a port.
fn parsed(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|hop| hop.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn from(peer: &str, forwarded: &[&'static str], proxies: &[&str]) -> String {
        let headers = forwarded.iter().map(|value| (FORWARDED_FOR, HeaderValue::from_static(value))).collect();
        let proxies: Vec<IpNet> = proxies.iter().map(|network| network.parse().unwrap()).collect();
        caller(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn what_a_caller_says_of_itself_is_not_believed() {
        assert_eq!(from("198.51.100.7", &["203.0.113.9"], &[]), "198.51.100.7");
        assert_eq!(from("198.51.100.7", &["203.0.113.9"], &["10.0.0.0/8"]), "198.51.100.7");
    }

    #[test]
    fn behind_proxies_it_is_the_last_address_that_is_none_of_theirs() {
        let proxies = ["10.0.0.0/8", "fd00::/8"];
        assert_eq!(from("10.0.0.1", &["203.0.113.9"], &proxies), "203.0.113.9");
        assert_eq!(from("10.0.0.1", &["192.0.2.1, 203.0.113.9, 10.0.0.2"], &proxies), "203.0.113.9");
        assert_eq!(from("fd00::1", &["192.0.2.1", "203.0.113.9:4711,  10.0.0.2"], &proxies), "203.0.113.9");
        assert_eq!(from("::ffff:10.0.0.1", &["[2001:db8::1]:443"], &proxies), "2001:db8::1");
    }

    #[test]
    fn a_forwarded_address_that_cannot_be_read_leaves_the_proxy() {
        for forwarded in ["", "unknown", "203.0.113.9, nonsense", "_hidden"] {
            assert_eq!(from("10.0.0.1", &[forwarded], &["10.0.0.0/8"]), "10.0.0.1", "{forwarded}");
        }
        assert_eq!(from("10.0.0.1", &[], &["10.0.0.0/8"]), "10.0.0.1");
    }
}
