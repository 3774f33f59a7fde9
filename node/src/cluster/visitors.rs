//! Processes with the secret that have dialled and were refused.

use std::time::Duration;

use antes_core::{MAX_NODES, NodeId};

use super::link::Party;
use super::time::Moment;
use super::why::{Down, Why};

/// How long after its latest attempt a process is remembered. A running process dials every second.
const REMEMBERED: Duration = Duration::from_secs(10);

/// The latest attempt of each process.
#[derive(Debug, Default)]
pub struct Visitors(Vec<Visitor>);

/// A process that was refused.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub who: Party,
    /// Why the latest attempt was refused, and when the first one was.
    pub down: Down,
    latest: Moment,
}

impl Visitors {
    /// Records that a process was refused.
    pub fn note(&mut self, who: Party, why: Why, now: Moment) {
        self.0.retain(|visitor| now.since(visitor.latest) < REMEMBERED);
        // A process with the secret may claim any identity, so the list is bounded.
        let is_full = self.0.len() >= 2 * usize::from(MAX_NODES);
        match self.0.iter_mut().find(|visitor| visitor.who == who) {
            Some(visitor) => {
                visitor.down.why = why;
                visitor.latest = now;
            }
            None if is_full => {}
            None => self.0.push(Visitor { who, down: Down::now(why), latest: now }),
        }
    }

    /// Removes a node that was let in.
    pub fn forget(&mut self, node: NodeId) {
        self.0.retain(|visitor| !matches!(visitor.who, Party::Node(them) if them.node == node));
    }

    /// The processes that have tried recently.
    pub fn current(&self, now: Moment) -> impl Iterator<Item = &Visitor> {
        self.0.iter().filter(move |visitor| now.since(visitor.latest) < REMEMBERED)
    }
}
