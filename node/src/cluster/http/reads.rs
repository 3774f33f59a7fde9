//! Read-only requests about one moment: health and state.

use std::sync::Arc;
use std::time::Duration;

use antes_core::{Algorithm, NodeId};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::answer::{json, refuse};
use super::shared::Shared;
use super::state::NodeState;
use crate::cluster::status::Status;
use crate::cluster::time::Moment;

/// The greatest age of a healthy node's snapshot. A node publishes one per second. If it cannot for
/// longer, for example because its disk hangs, its protocols hang too.
const MAX_AGE: Duration = Duration::from_secs(3);

/// How long all reachable peers may refuse a healthy node. While a cluster is reconfigured, the
/// first nodes have to wait for the others.
const PATIENCE: Duration = Duration::from_secs(5);

/// The most refusals in one answer.
const MAX_REFUSALS: usize = 8;

/// The content of `/health` for a node that is up.
#[derive(Debug, Serialize, Deserialize)]
pub struct Health {
    /// Whether the node works, or could work if the others let it.
    pub healthy: bool,
    pub node: NodeId,
    pub incarnation: u32,
    pub algorithm: String,
    /// The leader that the node follows, which may be itself.
    pub leader: Option<NodeId>,
    /// Whether the node was paused on purpose.
    pub paused: bool,
    /// Why nodes with the secret and this one refuse each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<String>,
}

impl std::fmt::Display for Health {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "node {} is up", self.node)?;
        match self.leader {
            Some(leader) if leader == self.node => f.write_str(" and leads")?,
            Some(leader) => write!(f, " and follows node {leader}")?,
            None if self.algorithm == "clock" => {}
            None => f.write_str(" and follows nobody")?,
        }
        f.write_str(if self.paused { "; it is paused" } else { "" })?;
        self.refusals.iter().try_for_each(|refusal| write!(f, "; {refusal}"))
    }
}

/// Answers whether the node works. A node without a leader is healthy, since a restart would not
/// give it a majority.
pub async fn health(State(shared): State<Arc<Shared>>) -> Response {
    let status = match latest(&shared) {
        Ok(status) => status,
        Err(sentence) => return unhealthy(&sentence),
    };
    if let Some(sentence) = stands_still("the node", status.at) {
        return unhealthy(&sentence);
    }
    if let Some(why) = &status.no_part {
        return unhealthy(why);
    }
    if let Some(down) = status.refused_by_all(PATIENCE, Moment::now()) {
        return unhealthy(&format!("all nodes that it reaches refuse the node: {}", down.why));
    }
    let mut refusals: Vec<String> = status.refusals().map(|down| down.why.clone()).collect();
    refusals.extend(status.waits.clone());
    refusals.sort();
    refusals.dedup();
    refusals.truncate(MAX_REFUSALS);
    let health = Health {
        healthy: true,
        node: status.me.node,
        incarnation: status.me.incarnation.get(),
        algorithm: name_of(status.algorithm),
        leader: status.leader,
        paused: status.paused,
        refusals,
    };
    json(StatusCode::OK, &health)
}

/// Why a process with its latest snapshot at `shown` is not healthy. `None` if it is.
pub(crate) fn stands_still(who: &str, shown: Moment) -> Option<String> {
    let age = Moment::now().since(shown);
    (age > MAX_AGE)
        .then(|| format!("{who} has not updated its state for {:.1} s", age.as_secs_f64()))
}

/// The answer of an unhealthy process.
pub(crate) fn unhealthy(sentence: &str) -> Response {
    let body = serde_json::json!({ "healthy": false, "error": sentence });
    json(StatusCode::SERVICE_UNAVAILABLE, &body)
}

/// Answers with the node's state.
pub async fn state(State(shared): State<Arc<Shared>>) -> Response {
    match latest(&shared) {
        Ok(status) => json(StatusCode::OK, &NodeState::of(&status)),
        Err(sentence) => refuse(StatusCode::SERVICE_UNAVAILABLE, &sentence),
    }
}

/// The latest snapshot, or why there is none.
pub fn latest(shared: &Shared) -> Result<Arc<Status>, String> {
    let latest = shared.status.borrow().clone();
    latest.ok_or_else(|| "the node has not started yet; expected a later attempt".into())
}

fn name_of(algorithm: Algorithm) -> String {
    antes_sim::export::jsonl::algorithm_name(algorithm).to_owned()
}
