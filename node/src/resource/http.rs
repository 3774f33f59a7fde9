//! The HTTP server of the resource, which shows its health. It runs on the accepting thread and
//! never asks the thread that decides about writes.

use std::fmt;
use std::net::TcpListener;
use std::sync::Arc;

use antes_core::{NodeId, Token};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::cluster::http::{json, refuse, serve_routes, stands_still, unhealthy, wrong_method};
use crate::cluster::time::Moment;

/// A snapshot of the resource, at most a second old.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The moment at which the resource took the snapshot.
    pub at: Moment,
    /// The nodes that have a link to it.
    pub nodes: Vec<NodeId>,
    /// The highest token that it has seen.
    pub highest_token: Option<Token>,
    /// Writes accepted since its start.
    pub accepted: u64,
    /// Writes refused for their token since its start.
    pub refused: u64,
    /// Lines missing in its trace since its start.
    pub trace_gaps: u64,
    /// Why nodes with the secret are refused.
    pub refusals: Vec<String>,
}

/// The latest snapshot. `None` before the first.
pub type Watched = watch::Receiver<Option<Arc<Status>>>;

/// The content of `/health` for a resource that is up.
#[derive(Debug, Serialize, Deserialize)]
pub struct Health {
    healthy: bool,
    /// The nodes that have a link to it.
    nodes: Vec<NodeId>,
    /// The highest token that it has seen, as term and sequence.
    highest_token: Option<[u64; 2]>,
    accepted: u64,
    refused: u64,
    #[serde(default)]
    trace_gaps: u64,
    /// Why nodes with the secret are refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    refusals: Vec<String>,
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the resource is up")?;
        match self.highest_token {
            Some([term, sequence]) => write!(f, ", its highest token is {term}.{sequence}")?,
            None => f.write_str(" and has seen no token yet")?,
        }
        let nodes: Vec<String> = self.nodes.iter().map(NodeId::to_string).collect();
        match nodes.as_slice() {
            [] => f.write_str("; no node has reached it")?,
            [node] => write!(f, "; node {node} reaches it")?,
            nodes => write!(f, "; nodes {} reach it", nodes.join(", "))?,
        }
        if self.trace_gaps > 0 {
            write!(f, "; {} lines of its trace could not be written", self.trace_gaps)?;
        }
        self.refusals.iter().try_for_each(|refusal| write!(f, "; {refusal}"))
    }
}

/// Serves at most `connections` clients at a time, for ever.
pub async fn serve(listener: TcpListener, watched: Watched, connections: usize) {
    let routes = Router::new()
        .route("/health", get(health))
        .method_not_allowed_fallback(|method, uri| wrong_method(method, uri, "GET"))
        .fallback(unknown)
        .with_state(watched);
    serve_routes(listener, routes, Vec::new(), connections).await;
}

async fn health(State(watched): State<Watched>) -> Response {
    let latest = watched.borrow().clone();
    let Some(status) = latest else { return unhealthy("the resource has not started yet") };
    if let Some(sentence) = stands_still("the resource", status.at) {
        return unhealthy(&sentence);
    }
    let Status { nodes, accepted, refused, highest_token, refusals, trace_gaps, .. } = &*status;
    let health = Health {
        healthy: true,
        nodes: nodes.clone(),
        highest_token: highest_token.map(|Token { term, sequence }| [term.0, sequence]),
        accepted: *accepted,
        refused: *refused,
        trace_gaps: *trace_gaps,
        refusals: refusals.clone(),
    };
    json(StatusCode::OK, &health)
}

async fn unknown(uri: Uri) -> Response {
    let path = uri.path().escape_debug();
    let sentence = format!("there is no {path} at the resource; expected /health");
    refuse(StatusCode::NOT_FOUND, &sentence)
}
