//! The possible causes of a node's step, the outcomes, and the invariants of a single node.

use antes_core::hardened::{Body, MutexMessage, Termed};
use antes_core::{Effect, Event, Message, NodeId, RequestId, Term, Token};

use super::{Cause, LockNode, Packet};
use crate::cluster::{Broken, note};
use crate::soup::lock::rules::Rules;

/// The result of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The node after the step.
    pub seat: LockNode,
    /// The messages that it sent.
    pub sent: Vec<Packet>,
    /// The requests of other nodes that it granted.
    pub granted: Vec<RequestId>,
    /// The invariant that the node itself violated, if any.
    pub broken: Option<Broken>,
    /// Whether the node crashed during the step and restarted.
    pub cut: bool,
}

impl LockNode {
    /// All causes that do not depend on packets, whatever the states of the other nodes and the
    /// election are.
    pub fn causes(&self, rules: &Rules) -> Vec<Cause> {
        let me = self.me.node;
        let view = self.view;
        let others = || rules.config.size.others(me);
        let mut causes: Vec<_> = self.timers.iter().map(|&timer| Cause::Timeout(timer)).collect();
        if me.get() <= rules.askers && self.may_ask(rules) {
            causes.push(Cause::Request);
        }
        if rules.withdrawals && self.waits() {
            causes.push(Cause::Withdraw);
        }
        if self.mutex.holding().is_some() {
            causes.push(Cause::Release);
        }
        causes.push(Cause::Restart);
        causes.extend((view.term.0 + 1..=rules.last_term.0).map(|term| Cause::HearsOf(Term(term))));
        match view.leader {
            None => {
                causes.push(Cause::Leads);
                causes.extend(others().map(Cause::Follows));
            }
            Some(leader) => {
                causes.push(Cause::LeavesLeader);
                if leader == me {
                    causes.push(Cause::EarnsLease);
                }
            }
        }
        if view.has_lease {
            causes.extend(others().map(Cause::Suspects));
        }
        causes
    }

    /// Whether the application may request: once, and again after it has withdrawn its request.
    fn may_ask(&self, rules: &Rules) -> bool {
        let again = rules.withdrawals && self.made < rules.requests;
        self.made == 0 || again && self.mutex.requests().is_empty()
    }

    /// The possible outcomes of `cause`: the whole step last, and before it each crash just before
    /// a grant, since a grant that was not sent would still count for leases. Empty if the step
    /// exceeds the bounds of the model.
    pub fn step(&self, rules: &Rules, cause: Cause, packet: Option<Packet>) -> Vec<Step> {
        let granted = packet.and_then(|packet| match packet.message {
            MutexMessage::Grant { request, token, .. } => Some((request, token)),
            MutexMessage::Report { .. }
            | MutexMessage::Request { .. }
            | MutexMessage::Release { .. }
            | MutexMessage::Withdraw { .. }
            | MutexMessage::ReleaseAck { .. } => None,
        });
        let mut seat = match cause {
            Cause::Restart => self.again(rules),
            _ => self.clone(),
        };
        let effects = seat.react(rules, cause, packet);
        effects.iter().for_each(|&effect| seat.carry_out(effect));
        if !seat.is_within(rules) {
            return Vec::new();
        }
        let (sent, given) = (Vec::new(), Vec::new());
        let mut whole = Step { seat, sent, granted: given, broken: None, cut: false };
        let mut all = Vec::new();
        for effect in effects {
            match effect {
                Effect::Send { to, message: Message::Hardened(Termed { term, body }) } => {
                    let Body::Mutex(message) = body else { continue };
                    if matches!(message, MutexMessage::Grant { .. }) && !whole.sent.is_empty() {
                        all.push(Step { seat: self.again(rules), cut: true, ..whole.clone() });
                    }
                    whole.send(to, term, message);
                }
                Effect::Emit(Event::Entered { request, token: Some(token) }) => {
                    let broken = whole.seat.enters(request, token, granted);
                    whole.broken = whole.broken.or(broken);
                }
                _ => {}
            }
        }
        all.push(whole);
        all
    }

    /// Records a grant by this node, also to itself.
    fn gives(&mut self, request: RequestId, token: Token) -> Option<Broken> {
        if self.view.leader != Some(self.me.node) || token.term != self.view.term {
            return Some(Broken::Grant);
        }
        let mut others = self.given.iter().filter(|&&other| other != (token, request));
        let broken =
            others.find_map(|&(other, holder)| match (other == token, holder == request) {
                (true, _) => Some(Broken::Token),
                (_, true) => Some(Broken::Twice),
                (false, false) => None,
            });
        note(&mut self.given, (token, request));
        broken
    }

    /// Records that the node enters. `granted` is the content of the GRANT that let it in, if a
    /// packet did.
    fn enters(
        &mut self,
        request: RequestId,
        token: Token,
        granted: Option<(RequestId, Token)>,
    ) -> Option<Broken> {
        if request.by != self.me || self.over.contains(&request.number) {
            return Some(Broken::Twice);
        }
        note(&mut self.over, request.number);
        match granted {
            Some(granted) => (granted != (request, token)).then_some(Broken::Token),
            None => self.gives(request, token),
        }
    }
}

impl Step {
    fn send(&mut self, to: NodeId, term: Term, message: MutexMessage) {
        let term = match message {
            MutexMessage::Grant { request, token, .. } => {
                self.broken = self.broken.or(self.seat.gives(request, token));
                self.granted.push(request);
                term
            }
            // RELEASE means the same in any term, so it is stored with the token's term.
            MutexMessage::Release { token, .. } => token.term,
            MutexMessage::Report { .. }
            | MutexMessage::Request { .. }
            | MutexMessage::Withdraw { .. }
            | MutexMessage::ReleaseAck { .. } => term,
        };
        self.sent.push(Packet { from: self.seat.me.node, to, term, message });
    }
}
