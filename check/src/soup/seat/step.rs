//! What can happen to a node, what comes of it, and whether that is right.

use antes_core::hardened::{Body, MutexMessage, Termed};
use antes_core::{Effect, Event, Message, NodeId, RequestId, Term, Token};

use super::{Cause, Packet, Seat};
use crate::cluster::{Broken, note};
use crate::soup::lock::Rules;

/// What a step of a node comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The node afterwards.
    pub seat: Seat,
    /// What it has sent.
    pub sent: Vec<Packet>,
    /// What it has granted to others.
    pub granted: Vec<RequestId>,
    /// Which invariant it has broken on its own.
    pub broken: Option<Broken>,
    /// Whether it has crashed in the middle of the step and started again.
    pub cut: bool,
}

impl Seat {
    /// What can happen to the node without a packet, wherever the others and the election are.
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

    /// Whether its application may ask: once, and again when it has given up what it asked for.
    fn may_ask(&self, rules: &Rules) -> bool {
        let again = rules.withdrawals && self.made < rules.requests;
        self.made == 0 || again && self.mutex.requests().is_empty()
    }

    /// What can come of `cause`: the whole step last, and before it each crash just before a grant,
    /// which leases would look at although it was not sent. Nothing, if it goes further than is
    /// looked at.
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

    /// Notes that it grants, or lets itself in with a grant of its own.
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

    /// Notes that it is in; `granted` is what the GRANT says that has brought it in, if one has.
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
            // It says the same whatever the term is in which it is repeated.
            MutexMessage::Release { token, .. } => token.term,
            MutexMessage::Report { .. }
            | MutexMessage::Request { .. }
            | MutexMessage::Withdraw { .. }
            | MutexMessage::ReleaseAck { .. } => term,
        };
        self.sent.push(Packet { from: self.seat.me.node, to, term, message });
    }
}
