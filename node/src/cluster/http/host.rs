//! The host names that a node answers to.
//!
//! A web page can make its own name point to this machine's loopback address (DNS rebinding), and
//! could then read the node's state. So the node answers only to addresses and to names that no one
//! outside can own.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::answer::refuse;

/// The accepted names: addresses, names without a dot, `localhost` and its subdomains, and the
/// hosts of the cluster.
#[derive(Debug)]
pub struct Hosts {
    of_cluster: Vec<String>,
}

impl Hosts {
    /// The names for a cluster with these hosts.
    pub const fn new(of_cluster: Vec<String>) -> Self {
        Self { of_cluster }
    }

    /// Whether the node answers to this value of the `Host` field.
    pub fn include(&self, value: &str) -> bool {
        let Ok(authority) = value.parse::<Authority>() else { return false };
        let host = authority.host();
        let address = host.trim_start_matches('[').trim_end_matches(']');
        address.parse::<IpAddr>().is_ok()
            || !host.contains('.')
            || host.to_ascii_lowercase().ends_with(".localhost")
            || self.of_cluster.iter().any(|name| name.eq_ignore_ascii_case(host))
    }
}

/// Lets a request pass if its host name is accepted. A request without a name is not from a
/// browser. A request with two names is refused, since a proxy may have checked the other one (RFC
/// 9112, section 3.2).
pub async fn check(State(hosts): State<Arc<Hosts>>, request: Request, next: Next) -> Response {
    let mut fields = request.headers().get_all(header::HOST).iter();
    let field = fields.next();
    if fields.next().is_some() {
        let sentence = "the request has more than one Host field; expected one";
        return refuse(StatusCode::BAD_REQUEST, sentence);
    }
    let field_is_ours =
        field.is_none_or(|value| value.to_str().is_ok_and(|value| hosts.include(value)));
    // A request with an absolute target ("GET http://name/ HTTP/1.1") has a name there too.
    let target = request.uri().authority();
    if field_is_ours && target.is_none_or(|authority| hosts.include(authority.as_str())) {
        return next.run(request).await;
    }
    let sentence = "the node does not answer to this name; expected its address, localhost, a name \
                    without a dot, or its host in --peers (PEERS)";
    refuse(StatusCode::MISDIRECTED_REQUEST, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_that_nobody_outside_can_own_are_answered_to() {
        let hosts = Hosts::new(vec!["node1.example.org".into()]);
        for right in [
            "127.0.0.1:8001",
            "[::1]:8001",
            "10.0.0.7",
            "localhost:8001",
            "antes.localhost",
            "node1:8001",
            "NODE1.example.org:1",
        ] {
            assert!(hosts.include(right), "{right}");
        }
        for wrong in ["evil.example", "evil.example:8001", "127.0.0.1.evil.example", "", "a b"] {
            assert!(!hosts.include(wrong), "{wrong}");
        }
    }
}
