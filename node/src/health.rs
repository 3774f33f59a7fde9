//! `antes health`: asks a node or the resource whether it is healthy, for health checks without
//! another client.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::cluster::{Health, runtime};
use crate::output::Output;
use crate::{Failure, Outcome, resource};

/// The longest time for an answer.
const LIMIT: Duration = Duration::from_secs(3);

/// The most bytes of an answer.
const MAX_ANSWER: usize = 8192;

#[derive(Args)]
pub struct HealthArguments {
    /// The HTTP address of the node or resource, such as localhost:8001
    #[arg(env = "HTTP", value_name = "HOST:PORT")]
    address: String,
}

/// A healthy answer. Its fields tell which process it is from.
#[derive(Deserialize)]
#[serde(untagged)]
enum Well {
    Node(Health),
    Resource(resource::Health),
}

impl fmt::Display for Well {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(health) => health.fmt(f),
            Self::Resource(health) => health.fmt(f),
        }
    }
}

/// The error for an answer of another program.
const STRANGER: &str = "the answer is not from a node or a resource of Antes";

/// Asks the process in `arguments`, and prints one line.
pub fn health(arguments: &HealthArguments) -> Result<Outcome, Failure> {
    let address = reachable(&arguments.address)?;
    let asked = runtime()?.block_on(async {
        timeout(LIMIT, ask(&address))
            .await
            .unwrap_or_else(|_| Err(format!("no answer for {} s", LIMIT.as_secs()).into()))
    });
    match asked {
        Ok((StatusCode::OK, body)) => match serde_json::from_slice::<Well>(&body) {
            Ok(well) => Output::only_line(&well.to_string()).map(|()| Outcome::Fine),
            Err(_) => unwell(&address, STRANGER),
        },
        Ok((_, body)) => unwell(&address, &sentence(&body)),
        Err(error) => unwell(&address, &error.to_string()),
    }
}

/// The address to connect to for a server that listens at `text`. A server on all addresses is
/// reached at loopback.
fn reachable(text: &str) -> Result<String, Failure> {
    if let Ok(mut address) = text.parse::<SocketAddr>() {
        if address.ip().is_unspecified() {
            address.set_ip(match address.ip() {
                IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
        }
        return Ok(address.to_string());
    }
    crate::cluster::addresses::address("HOST:PORT (HTTP)", text)
}

async fn ask(
    address: &str,
) -> Result<(StatusCode, Bytes), Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::get("/health").header(header::HOST, address);
    let answer = sender.send_request(request.body(Empty::<Bytes>::new())?).await?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await?;
    Ok((status, body.to_bytes()))
}

/// The reason in the answer of an unhealthy process.
fn sentence(body: &[u8]) -> String {
    let answer: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let told = answer.as_ref().and_then(|answer| answer["error"].as_str());
    told.unwrap_or(STRANGER).to_owned()
}

/// Prints why a process is not healthy. The exit status says the same to programs.
fn unwell(address: &str, sentence: &str) -> Result<Outcome, Failure> {
    match Output::only_line(&format!("{address} is unhealthy: {sentence}")) {
        Ok(()) | Err(Failure::NobodyReads) => Ok(Outcome::Violated),
        Err(failure) => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_all_addresses_is_asked_at_loopback() {
        for (text, expected) in [
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "[::1]:80"),
            ("10.0.0.1:80", "10.0.0.1:80"),
            ("node1:80", "node1:80"),
        ] {
            assert_eq!(reachable(text).expect("an address"), expected);
        }
        assert!(reachable("node1").is_err() && reachable("node1:0").is_err());
    }
}
