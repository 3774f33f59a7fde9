//! When an armed timer may fire: the assumption that a property is checked under.

use antes_core::hardened::{Body, ElectionMessage, MutexMessage, Progress, Standing, Termed};
use antes_core::{ElectionTimer, Message, MutexTimer, RequestId, Timer};

use super::{Seat, State};

/// An assumption about time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timing {
    /// None: timers fire at any moment.
    Any,
    /// Timeouts are longer than the slowest answer: no timer fires while a message flies.
    Synchronous,
    /// The same, but T' is too short: the wait for COORDINATOR may end at any moment.
    HastyWait,
    /// Leases are kept: a coordinator's lease or grace never ends before the claim of whoever it
    /// was granted to, nor its grace before an earlier leader's own lease. Other timers fire at
    /// any moment.
    LeaseOrder,
}

impl Timing {
    pub(super) fn allows(self, state: &State, seat: &Seat, timer: Timer) -> bool {
        match (self, timer) {
            (Self::Any, _) => true,
            (Self::Synchronous, _) => state.links.iter().all(Vec::is_empty),
            (Self::HastyWait, Timer::Election(ElectionTimer::Coordinator)) => true,
            (Self::HastyWait, _) => state.links.iter().all(Vec::is_empty),
            (Self::LeaseOrder, Timer::Mutex(MutexTimer::Lease)) => lease_may_end(state, seat),
            (Self::LeaseOrder, Timer::Mutex(MutexTimer::Grace)) => grace_may_end(state, seat),
            (Self::LeaseOrder, Timer::Mutex(_) | Timer::Election(_) | Timer::Call(_)) => true,
        }
    }
}

/// Whether no claim is left on what this coordinator has granted.
fn lease_may_end(state: &State, seat: &Seat) -> bool {
    let mutex = seat.life.as_ref().and_then(|life| life.stack.hardened()).and_then(|(_, m)| m);
    let Some(antes_core::hardened::Role::Coordinator(table)) = mutex.map(|mutex| mutex.role())
    else {
        return true;
    };
    let Some(held) = table.holder() else { return true };
    !claims(state).any(|(request, token, _)| request == held.request && token == held.token)
}

/// Whether no claim is left on what earlier leaders granted, and none of them can still grant: a
/// heartbeat that they sent before this one took office has run out.
fn grace_may_end(state: &State, seat: &Seat) -> bool {
    let term = seat.stable.term;
    let reigns = |other: &Seat| {
        let election = other.life.as_ref().and_then(|life| life.stack.hardened());
        election.is_some_and(|(election, _)| {
            let Standing::Leads(office) = election.standing() else { return false };
            election.term() < term && (office.has_lease() || may_earn(state, other))
        })
    };
    !state.seats.iter().any(reigns) && !claims(state).any(|(_, token, _)| token.term < term)
}

/// Whether a majority can still acknowledge a heartbeat of this leader in its term: it has done so,
/// and that flies, or it has not left the term. Where it cannot, as after a later leader was elected,
/// a heartbeat that has not run out earns nothing.
fn may_earn(state: &State, leader: &Seat) -> bool {
    let term = leader.stable.term;
    let says_so = |node| {
        state.links[state.link(node, leader.me.node)].iter().any(|message| {
            let acknowledges = |body| {
                matches!(body, Body::Election(ElectionMessage::HeartbeatAck { .. }))
            };
            matches!(*message, Message::Hardened(told) if told.term == term && acknowledges(told.body))
        })
    };
    let can = |seat: &&Seat| seat.stable.term <= term || says_so(seat.me.node);
    state.seats.iter().filter(can).count() > state.seats.len() / 2
}

/// The grants, taken or in flight, whose claims have not run out.
fn claims(state: &State) -> impl Iterator<Item = (RequestId, antes_core::Token, u32)> {
    let taken = state.seats.iter().filter_map(|seat| {
        let (_, mutex) = seat.life.as_ref()?.stack.hardened()?;
        mutex?.requests().iter().find_map(|request| match request.progress {
            Progress::Holding { token, repetition } => Some((request.id, token, repetition)),
            Progress::Waiting { .. } => None,
        })
    });
    let flying = state.flights().filter_map(|flight| match flight.message {
        Message::Hardened(Termed { body: Body::Mutex(message), .. }) => match message {
            MutexMessage::Grant { request, repetition, token } => {
                Some((request, token, repetition))
            }
            MutexMessage::Report { .. }
            | MutexMessage::Request { .. }
            | MutexMessage::Release { .. }
            | MutexMessage::Withdraw { .. }
            | MutexMessage::ReleaseAck { .. } => None,
        },
        Message::Hardened(_) | Message::Call(_) | Message::Election(_) | Message::Mutex(_) => None,
    });
    let armed = |&(request, _, repetition): &(RequestId, antes_core::Token, u32)| {
        let seat = &state.seats[request.by.node.index()];
        let timer = Timer::Mutex(MutexTimer::Claim(request, repetition));
        seat.life.as_ref().is_some_and(|life| life.timers.contains(&timer))
    };
    taken.chain(flying).filter(armed)
}
