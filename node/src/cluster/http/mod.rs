//! The HTTP server of a node: readers of its state, and commands for clients with the token.
//!
//! It runs on the I/O thread. The core's thread publishes snapshots whether there are requests or
//! not, so clients cost it no time.

mod acceptor;
mod answer;
mod bearer;
mod commands;
mod events;
mod host;
mod metrics;
mod origins;
mod reads;
mod shared;
mod state;

pub(crate) use answer::{json, refuse};
pub use bearer::Bearer;
pub use origins::Origins;
pub use reads::Health;
pub(crate) use reads::{stands_still, unhealthy};

use std::net::TcpListener;
use std::sync::Arc;

use axum::Router;
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::sync::{Semaphore, mpsc, watch};

use self::host::Hosts;
use self::shared::{MAX_STREAMS, Shared};
use super::order::Order;
use super::record::RecentEvents;
use super::status::Status;

/// What the HTTP server needs.
pub struct Outside {
    pub listener: TcpListener,
    /// The host names of the cluster.
    pub hosts: Vec<String>,
    /// Pages of these origins may read.
    pub origins: Option<Origins>,
    /// The token for commands. `None`: there are no commands.
    pub bearer: Option<Bearer>,
    pub orders: mpsc::Sender<Order>,
    /// The node's latest snapshot. `None` before the first.
    pub status: watch::Receiver<Option<Arc<Status>>>,
    /// The latest lines of the trace.
    pub recent_events: Arc<RecentEvents>,
    /// How many clients may be connected at the same time.
    pub connections: usize,
}

/// Serves until the process ends.
pub async fn serve(outside: Outside) {
    let Outside { listener, hosts, origins, bearer, orders, status, recent_events, connections } =
        outside;
    let shared = Arc::new(Shared {
        status,
        recent_events,
        streams: Arc::new(Semaphore::new(MAX_STREAMS)),
        orders,
        bearer,
    });
    let mut reads = Router::new()
        .route("/health", get(reads::health))
        .route("/state", get(reads::state))
        .route("/events", get(events::events))
        .route("/metrics", get(metrics::metrics))
        .method_not_allowed_fallback(|method, uri| wrong_method(method, uri, "GET"));
    if let Some(origins) = origins {
        reads = reads.layer(origins.layer());
    }
    let commands = Router::new()
        .route("/commands/{name}", post(commands::command))
        .method_not_allowed_fallback(|method, uri| wrong_method(method, uri, "POST"));
    let routes = reads.merge(commands).fallback(unknown).with_state(shared);
    serve_routes(listener, routes, hosts, connections).await;
}

/// Serves these routes until the process ends. Answers to addresses, plain names and the names of `hosts`,
/// with at most `connections` connections at a time.
pub(crate) async fn serve_routes(
    listener: TcpListener,
    routes: Router,
    hosts: Vec<String>,
    connections: usize,
) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!("HTTP is not available: {error}"),
    };
    let hosts = Arc::new(Hosts::new(hosts));
    let routes = routes.layer(middleware::from_fn_with_state(hosts, host::check));
    acceptor::serve(listener, routes, connections).await;
}

async fn unknown(uri: Uri) -> Response {
    let path = uri.path().escape_debug();
    let sentence = format!(
        "there is no {path}; expected /health, /state, /events, /metrics, or /commands/ and \
         a command's name"
    );
    refuse(StatusCode::NOT_FOUND, &sentence)
}

/// The answer to a wrong method.
pub(crate) async fn wrong_method(method: Method, uri: Uri, expected: &'static str) -> Response {
    let path = uri.path();
    let sentence = format!("{path} does not support {method}; expected {expected}");
    let refusal = refuse(StatusCode::METHOD_NOT_ALLOWED, &sentence);
    ([(header::ALLOW, expected)], refusal).into_response()
}
