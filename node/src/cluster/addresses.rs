//! Parses addresses: the list of peers, the resource, and the address to listen on.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use antes_core::{MAX_NODES, NodeId};

use crate::Failure;

const EXAMPLE: &str = "1=localhost:7001,2=localhost:7002";

/// Parses the list of peers: the addresses of the nodes 1 to n.
///
/// # Errors
///
/// If it is no valid list: the entry, what is wrong, and what would be right.
pub fn peers(text: &str) -> Result<Vec<String>, Failure> {
    let mut addresses: Vec<Option<String>> = vec![None; usize::from(MAX_NODES)];
    for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        let wrong = |what: &str| {
            Failure::BadInput(format!(
                "the entry \"{}\" of --peers (PEERS) {what}; expected a list such as {EXAMPLE}",
                entry.escape_debug()
            ))
        };
        if entry.contains(';') {
            return Err(wrong("has a semicolon, and entries are separated by commas"));
        }
        let Some((id, peer)) = entry.split_once('=') else {
            return Err(wrong("has no ="));
        };
        if peer.contains('=') {
            return Err(wrong("has a second =, and entries are separated by commas"));
        }
        let id = id.trim().parse().ok().and_then(NodeId::new);
        let id = id.ok_or_else(|| {
            wrong(&format!("does not begin with the number of a node from 1 to {MAX_NODES}"))
        })?;
        let peer = host_and_port(peer).map_err(|what| wrong(what.0))?;
        if addresses[id.index()].is_some() {
            return Err(wrong("names a node for the second time"));
        }
        if addresses.iter().flatten().any(|other| is_same(other, &peer)) {
            return Err(wrong("has the address of another node"));
        }
        addresses[id.index()] = Some(peer);
    }
    let count = addresses.iter().flatten().count();
    let listed: Vec<String> = addresses.into_iter().take(count).flatten().collect();
    if count == 0 || listed.len() != count {
        return Err(Failure::BadInput(format!(
            "--peers (PEERS) leaves a node out; expected every node from 1 to n, such as {EXAMPLE}"
        )));
    }
    Ok(listed)
}

/// Parses a host and a port given by `option`. Names are resolved when they are dialled.
///
/// # Errors
///
/// If it has another form: what is wrong, and what would be right.
pub fn address(option: &str, text: &str) -> Result<String, Failure> {
    host_and_port(text).map_err(|Wrong(what)| {
        Failure::BadInput(format!(
            "\"{}\" in {option} {what}; expected a host and a port, such as localhost:7001",
            text.trim().escape_debug()
        ))
    })
}

/// Whether two addresses are the same, without resolving names.
pub fn is_same(one: &str, other: &str) -> bool {
    match (one.parse::<SocketAddr>(), other.parse::<SocketAddr>()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one.eq_ignore_ascii_case(other),
    }
}

/// The default address to listen on. `own` is the node's entry in the list of peers. With a secret,
/// it is the port of `own` on all addresses of the family; without one, loopback only.
///
/// # Errors
///
/// If `own` has no port.
pub fn default_listen(own: &str, has_secret: bool) -> Result<SocketAddr, Failure> {
    let parts = own.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    let Some((host, port)) = parts else {
        return Err(Failure::BadInput("the own entry of --peers (PEERS) has no port".into()));
    };
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let ip = match (literal, has_secret) {
        (Ok(IpAddr::V6(_)), true) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        (Ok(IpAddr::V4(_)) | Err(_), true) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        // The others dial exactly this address.
        (Ok(own), false) => own,
        (Err(_), false) => IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    Ok(SocketAddr::new(ip, port))
}

/// What is wrong with an address.
#[derive(Debug)]
struct Wrong(&'static str);

const NOBODY: Wrong =
    Wrong("has an address that cannot be dialled (--listen or LISTEN sets where to listen)");

fn host_and_port(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    if text.contains("://") {
        return Err(Wrong("begins with a scheme such as http://"));
    }
    if text.contains(char::is_whitespace) {
        return Err(Wrong("contains white space"));
    }
    let Some((host, port)) = text.rsplit_once(':') else {
        return Err(Wrong("has no port"));
    };
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || !port.parse::<u16>().is_ok_and(|port| port > 0) {
        return Err(Wrong("has no port from 1 to 65535 behind its last colon"));
    }
    if host.is_empty() {
        return Err(Wrong("has no host"));
    }
    if let Some(literal) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return match literal.parse::<Ipv6Addr>() {
            Ok(address) if address.is_unspecified() => Err(NOBODY),
            Ok(_) => Ok(text.to_owned()),
            Err(_) => Err(Wrong("has no IPv6 address in its brackets")),
        };
    }
    if host.contains(':') {
        return Err(Wrong("has a host with a colon, and an IPv6 address has brackets: [::1]:7001"));
    }
    let of_a_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '_');
    if !host.chars().all(of_a_name) {
        return Err(Wrong("has a host with an invalid character"));
    }
    if host.strip_suffix('.').unwrap_or(host).split('.').any(str::is_empty) {
        return Err(Wrong("has a host with an empty part"));
    }
    if host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return match host.parse::<Ipv4Addr>() {
            Ok(address) if address.is_unspecified() => Err(NOBODY),
            Ok(_) => Ok(text.to_owned()),
            Err(_) => Err(Wrong("has an invalid IPv4 address")),
        };
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(failure: Failure) -> String {
        match failure {
            Failure::BadInput(sentence) => sentence,
            other => panic!("{other:?} is no bad input"),
        }
    }

    #[test]
    fn peers_may_be_listed_in_any_order() {
        let addresses = peers("2=b:2, 1=a:1,").expect("both nodes are there");
        assert_eq!(addresses, ["a:1", "b:2"]);
        let addresses = peers("1=[::1]:7201,2=[::1]:7202").expect("both nodes are there");
        assert_eq!(addresses, ["[::1]:7201", "[::1]:7202"]);
    }

    #[test]
    fn a_wrong_list_of_peers_is_refused_with_what_would_be_right() {
        for (text, told) in [
            ("", "leaves a node out"),
            ("1=a:1,3=c:3", "leaves a node out"),
            ("2=b:2", "leaves a node out"),
            ("1=a:1,1=b:2", "second time"),
            ("1=a:1,2=A:1", "the address of another node"),
            ("1=[::1]:1,2=[0:0::1]:1", "the address of another node"),
            ("a:1", "has no ="),
            ("0=a:1", "number of a node from 1 to"),
            ("200=a:1", "number of a node from 1 to"),
            ("1=a", "has no port"),
            ("1=a:0", "has no port from 1 to 65535"),
            ("1=a:99999", "has no port from 1 to 65535"),
            ("1=a:+1", "has no port from 1 to 65535"),
            ("1=a:1x", "has no port from 1 to 65535"),
            ("1=:80", "has no host"),
            ("1=a:1;2=b:2", "separated by commas"),
            ("1=http://a:1", "begins with a scheme"),
            ("1=a b:1", "white space"),
            ("1=a\u{a0}b:1", "white space"),
            ("1=a:1 2=b:2", "second =, and entries are separated by commas"),
            ("1=a:1\n2=b:2", "second =, and entries are separated by commas"),
            ("1=a: 1", "white space"),
            ("1=0.0.0.0:1", "cannot be dialled (--listen"),
            ("1=[::]:1", "cannot be dialled (--listen"),
            ("1=256.1.1.1:1", "invalid IPv4 address"),
            ("1=127.1:1", "invalid IPv4 address"),
            ("1=a..b:1", "an empty part"),
            ("1=.:1", "an empty part"),
            ("\"1=a:1\"", "number of a node from 1 to"),
            ("1==a:1", "second =, and entries are separated by commas"),
            ("1=$HOST:1", "an invalid character"),
            ("1=a/b:1", "an invalid character"),
            ("1=::1:7201", "[::1]:7001"),
            ("1=[a]:1", "no IPv6 address"),
        ] {
            let sentence = sentence(peers(text).expect_err(text));
            assert!(sentence.contains(told), "{text}: {sentence}");
            assert!(sentence.contains("1=localhost:7001,2=localhost:7002"), "{text}: {sentence}");
        }
    }

    #[test]
    fn an_address_names_the_option_that_gave_it() {
        let sentence = sentence(address("--resource (RESOURCE)", "http://r:1").expect_err("bad"));
        assert!(sentence.contains("--resource (RESOURCE)"), "{sentence}");
        assert_eq!(address("", " r:1 ").expect("good"), "r:1");
    }

    #[test]
    fn a_node_listens_on_the_family_of_its_own_entry() {
        for (own, has_secret, expected) in [
            ("[::1]:7201", false, "[::1]:7201"),
            ("[::1]:7201", true, "[::]:7201"),
            ("127.0.0.2:7201", false, "127.0.0.2:7201"),
            ("10.0.0.1:7201", true, "0.0.0.0:7201"),
            ("node1:7201", true, "0.0.0.0:7201"),
            ("localhost:7201", false, "127.0.0.1:7201"),
        ] {
            let listen = default_listen(own, has_secret).expect("there is a port");
            assert_eq!(listen.to_string(), expected, "{own}");
        }
    }
}
