//! The HTTP side of a node: what it shows to whoever asks, and what it
//! can be told by whoever has the token.
//!
//! All of it runs on the side thread. The core's thread shows a snapshot of the node now and then,
//! whether anybody asks or not; what clients do costs it nothing.

mod bearer;
mod commands;
mod events;
mod gate;
mod host;
mod metrics;
mod origins;
mod reads;
mod state;

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
use serde::Serialize;
use tokio::sync::{Semaphore, mpsc, watch};

use self::host::Hosts;
use super::order::Order;
use super::record::Journal;
use super::status::Status;

/// What the HTTP side listens on, and what it sees of the node and gives to it.
pub struct Outside {
    /// Where clients connect.
    pub listener: TcpListener,
    /// The names of the cluster's hosts.
    pub hosts: Vec<String>,
    /// Whose pages may read.
    pub origins: Option<Origins>,
    /// What commands need; without it there are none.
    pub bearer: Option<Bearer>,
    /// Where orders go.
    pub orders: mpsc::Sender<Order>,
    /// The node's latest snapshot.
    pub status: watch::Receiver<Option<Arc<Status>>>,
    /// The latest lines of the trace.
    pub journal: Arc<Journal>,
    /// The most connections.
    pub connections: usize,
}

/// What every request can see.
struct Shared {
    status: watch::Receiver<Option<Arc<Status>>>,
    journal: Arc<Journal>,
    /// Room for readers of the journal.
    streams: Arc<Semaphore>,
    orders: mpsc::Sender<Order>,
    bearer: Option<Bearer>,
}

/// Serves for ever.
pub async fn serve(outside: Outside) {
    let Outside { listener, hosts, origins, bearer, orders, status, journal, connections } =
        outside;
    let shared = Arc::new(Shared {
        status,
        journal,
        streams: Arc::new(Semaphore::new(events::MAX_STREAMS)),
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

/// Serves these routes for ever, under addresses, plain names and the names of `hosts`, to at most
/// `connections` at once.
pub(crate) async fn serve_routes(
    listener: TcpListener,
    routes: Router,
    hosts: Vec<String>,
    connections: usize,
) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!("there is no HTTP: {error}"),
    };
    let hosts = Arc::new(Hosts::new(hosts));
    let routes = routes.layer(middleware::from_fn_with_state(hosts, host::check));
    gate::serve(listener, routes, connections).await;
}

async fn unknown(uri: Uri) -> Response {
    let path = uri.path().escape_debug();
    let sentence = format!(
        "there is no {path}; expected /health, /state, /events, /metrics, or /commands/ and \
         a command's name"
    );
    refuse(StatusCode::NOT_FOUND, &sentence)
}

/// Refuses another method than the expected one.
pub(crate) async fn wrong_method(method: Method, uri: Uri, expected: &'static str) -> Response {
    let path = uri.path();
    let sentence = format!("{path} knows no {method}; expected {expected}");
    let refusal = refuse(StatusCode::METHOD_NOT_ALLOWED, &sentence);
    ([(header::ALLOW, expected)], refusal).into_response()
}

/// An answer in JSON.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    // Nothing that is answered has keys that are no strings, or a serializer that fails.
    let body = serde_json::to_string(value).unwrap_or_default() + "\n";
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body).into_response()
}

/// An answer that says what is wrong, and what would be right.
pub(crate) fn refuse(status: StatusCode, sentence: &str) -> Response {
    json(status, &serde_json::json!({ "error": sentence }))
}
