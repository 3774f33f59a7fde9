//! Renamings of the nodes, for symmetry reduction: permutations that preserve the rules.

use antes_core::hardened::{LockTimer, MutexMessage};
use antes_core::{Identity, NodeId, RequestId, Token};

use super::lock::rules::Rules;
use super::lock_node::{Cause, Observed, Packet, View};

/// A permutation of the nodes: the new name of each, by index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renaming(Vec<NodeId>);

impl Renaming {
    /// All renamings that preserve which nodes may request. The first one is the identity.
    pub fn all(rules: &Rules) -> Vec<Self> {
        let nodes = rules.config.size.nodes();
        let asks = |node: NodeId| node.get() <= rules.askers;
        let mut all = vec![Vec::new()];
        for node in nodes.clone() {
            let longer = |names: Vec<NodeId>| {
                let free = nodes.clone().filter(|name| !names.contains(name));
                let fit = free.filter(|&name| asks(name) == asks(node));
                fit.map(|name| [names.as_slice(), &[name]].concat()).collect::<Vec<_>>()
            };
            all = all.into_iter().flat_map(longer).collect();
        }
        all.into_iter().map(Self).collect()
    }

    /// The composition: first `first`, then this renaming.
    pub fn after(&self, first: &Self) -> Self {
        Self(first.0.iter().map(|&name| self.node(name)).collect())
    }

    /// The new name of `node`.
    pub fn node(&self, node: NodeId) -> NodeId {
        self.0[node.index()]
    }

    fn identity(&self, life: Identity) -> Identity {
        Identity { node: self.node(life.node), ..life }
    }

    /// `request` under the new names.
    pub fn request(&self, request: RequestId) -> RequestId {
        RequestId { by: self.identity(request.by), ..request }
    }

    fn hold(&self, (request, token): (RequestId, Token)) -> (RequestId, Token) {
        (self.request(request), token)
    }

    fn timer(&self, timer: LockTimer) -> LockTimer {
        match timer {
            LockTimer::Claim(request, repetition) => {
                LockTimer::Claim(self.request(request), repetition)
            }
            LockTimer::Retry | LockTimer::Lease | LockTimer::Grace => timer,
        }
    }

    /// `packet` under the new names.
    pub fn packet(&self, packet: Packet) -> Packet {
        let Packet { from, to, term, message } = packet;
        let message = match message {
            MutexMessage::Report { me, holds, lease_us } => MutexMessage::Report {
                me: self.identity(me),
                holds: holds.map(|hold| self.hold(hold)),
                lease_us,
            },
            MutexMessage::Request { request, repetition, oldest, lease_us } => {
                let request = self.request(request);
                MutexMessage::Request { request, repetition, oldest, lease_us }
            }
            MutexMessage::Grant { request, repetition, token } => {
                MutexMessage::Grant { request: self.request(request), repetition, token }
            }
            MutexMessage::Release { request, token } => {
                MutexMessage::Release { request: self.request(request), token }
            }
            MutexMessage::Withdraw { request } => {
                MutexMessage::Withdraw { request: self.request(request) }
            }
            MutexMessage::ReleaseAck { request } => {
                MutexMessage::ReleaseAck { request: self.request(request) }
            }
        };
        Packet { from: self.node(from), to: self.node(to), term, message }
    }

    /// `cause` under the new names. The number of a packet is not changed.
    pub fn cause(&self, cause: Cause) -> Cause {
        match cause {
            Cause::Timeout(timer) => Cause::Timeout(self.timer(timer)),
            Cause::Follows(leader) => Cause::Follows(self.node(leader)),
            Cause::Suspects(other) => Cause::Suspects(self.node(other)),
            Cause::Delivery(_)
            | Cause::Request
            | Cause::Release
            | Cause::Withdraw
            | Cause::Restart
            | Cause::HearsOf(_)
            | Cause::Leads
            | Cause::LeavesLeader
            | Cause::EarnsLease => cause,
        }
    }

    /// `observed` under the new names.
    pub fn observed(&self, observed: Observed) -> Observed {
        let Observed { me, view, made, timers, causes, holding, held, serves, stuck } = observed;
        let holding = holding.map(|(request, token, repetition)| {
            let (request, token) = self.hold((request, token));
            (request, token, repetition)
        });
        Observed {
            me: self.identity(me),
            view: View { leader: view.leader.map(|leader| self.node(leader)), ..view },
            made,
            timers: timers.into_iter().map(|timer| self.timer(timer)).collect(),
            causes: causes.into_iter().map(|cause| self.cause(cause)).collect(),
            holding,
            held: held.map(|hold| self.hold(hold)),
            serves,
            stuck,
        }
    }
}
