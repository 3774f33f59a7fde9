//! The node's state as JSON, with the field names of the trace.

use antes_core::{Candidacy, LockView, RequestId, TableView, Token};
use antes_sim::export::jsonl::{algorithm_name, profile_name};
use serde::Serialize;

use crate::cluster::status::{Counters, LinkStatus, ResourceLink, Status, TurnedAway};
use crate::cluster::time::Moment;

/// The body of the answer to `GET /state`.
#[derive(Debug, Serialize)]
pub struct NodeState {
    node: u8,
    incarnation: u32,
    nodes: u8,
    algorithm: &'static str,
    profile: &'static str,
    leader: Option<u8>,
    candidacy: Option<&'static str>,
    term: Option<u64>,
    lock: Option<Lock>,
    lamport: u64,
    vector: Vec<u64>,
    paused: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_part: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waits: Option<String>,
    links: Vec<LinkStatus>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    turned_away: Vec<TurnedAway>,
    resource: Option<ResourceLink>,
    counters: Counters,
    /// The age of the snapshot, in microseconds.
    age_us: u64,
}

#[derive(Debug, Serialize)]
struct Lock {
    requests: Vec<Request>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<[u64; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coordinator: Option<Table>,
}

#[derive(Debug, Serialize)]
struct Request {
    request: String,
    holds: bool,
}

#[derive(Debug, Serialize)]
struct Table {
    holder: Option<String>,
    queue: Vec<String>,
    recovering: bool,
    without_lease: bool,
}

impl NodeState {
    /// The content for a snapshot.
    pub fn of(status: &Status) -> Self {
        let age = Moment::now().since(status.at).as_micros();
        let counts = status.stamp.vector.counts().iter().take(usize::from(status.size.get()));
        Self {
            node: status.me.node.get(),
            incarnation: status.me.incarnation.get(),
            nodes: status.size.get(),
            algorithm: algorithm_name(status.algorithm),
            profile: profile_name(status.profile),
            leader: status.leader.map(u8::from),
            candidacy: status.candidacy.map(candidacy),
            term: status.term.map(|term| term.0),
            lock: status.lock.as_ref().map(lock),
            lamport: status.stamp.lamport.0,
            vector: counts.copied().collect(),
            paused: status.paused,
            no_part: status.no_part.clone(),
            waits: status.waits.clone(),
            links: status.links.clone(),
            turned_away: status.turned_away.clone(),
            resource: status.resource.clone(),
            counters: status.counters,
            age_us: u64::try_from(age).unwrap_or(u64::MAX),
        }
    }
}

const fn candidacy(candidacy: Candidacy) -> &'static str {
    match candidacy {
        Candidacy::Idle => "idle",
        Candidacy::Probing => "probing",
        Candidacy::AwaitingAnswers => "awaiting answers",
        Candidacy::AwaitingCoordinator => "awaiting coordinator",
        Candidacy::Proposing => "proposing",
        Candidacy::Resting => "resting",
    }
}

fn lock(lock: &LockView) -> Lock {
    let requests = lock.requests.iter();
    let requests = requests.map(|&(id, holds)| Request { request: id.to_string(), holds });
    Lock {
        requests: requests.collect(),
        token: lock.token.map(|Token { term, sequence }| [term.0, sequence]),
        coordinator: lock.table.as_ref().map(table),
    }
}

fn table(table: &TableView) -> Table {
    Table {
        holder: table.holder.map(|request| request.to_string()),
        queue: table.queue.iter().map(RequestId::to_string).collect(),
        recovering: table.recovering,
        without_lease: table.without_lease,
    }
}
