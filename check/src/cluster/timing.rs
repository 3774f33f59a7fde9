//! The timing assumption of a model: when an armed timer may fire.

use antes_core::hardened::{Body, ElectionMessage, LockTimer, MutexMessage, Progress, Standing};
use antes_core::{ElectionTimer, Message, RequestId, Timer};

use super::{ClusterNode, State};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timing {
    /// No assumption: timers may fire at any moment.
    Any,
    /// Timeouts are longer than the slowest answer: no timer fires while a message is in flight.
    Synchronous,
    /// As `Synchronous`, but T' is too short: the wait for COORDINATOR may end at any moment.
    HastyWait,
    /// Leases hold. A coordinator's lease or grace never ends before the holder's lease. Its grace
    /// never ends before the lease of an earlier leader. Other timers may fire at any moment.
    LeaseOrder,
}

impl Timing {
    pub(super) fn allows(self, state: &State, seat: &ClusterNode, timer: Timer) -> bool {
        match (self, timer) {
            (Self::Any, _) => true,
            (Self::Synchronous, _) => state.links.iter().all(Vec::is_empty),
            (Self::HastyWait, Timer::Election(ElectionTimer::Coordinator)) => true,
            (Self::HastyWait, _) => state.links.iter().all(Vec::is_empty),
            (Self::LeaseOrder, Timer::Lock(LockTimer::Lease)) => lease_may_end(state, seat),
            (Self::LeaseOrder, Timer::Lock(LockTimer::Grace)) => grace_may_end(state, seat),
            (Self::LeaseOrder, _) => true,
        }
    }
}

/// Whether the lease of this coordinator's holder has ended at the holder.
fn lease_may_end(state: &State, seat: &ClusterNode) -> bool {
    let mutex = seat.life.as_ref().and_then(|life| life.stack.hardened()).and_then(|(_, m)| m);
    let Some(antes_core::hardened::Role::Coordinator(table)) = mutex.map(|mutex| mutex.role())
    else {
        return true;
    };
    let Some(held) = table.holder() else { return true };
    !claims(state).any(|(request, token, _)| request == held.request && token == held.token)
}

/// Whether the leases of all earlier grants have ended, and no earlier leader can grant any more:
/// the lease of every heartbeat that it sent before has ended.
fn grace_may_end(state: &State, seat: &ClusterNode) -> bool {
    let term = seat.stable.term;
    let reigns = |other: &ClusterNode| {
        let election = other.life.as_ref().and_then(|life| life.stack.hardened());
        election.is_some_and(|(election, _)| {
            let Standing::Leads(office) = election.standing() else { return false };
            election.term() < term && (office.has_lease() || may_earn(state, other))
        })
    };
    !state.seats.iter().any(reigns) && !claims(state).any(|(_, token, _)| token.term < term)
}

/// Whether a majority can still acknowledge a heartbeat of this leader in its term. A node counts
/// if it has not left the term, or if its acknowledgement is in flight. If too few can, for example
/// after a later leader was elected, the heartbeat earns no lease, although its timer still runs.
fn may_earn(state: &State, leader: &ClusterNode) -> bool {
    let term = leader.stable.term;
    let says_so = |node| {
        state.links[state.link(node, leader.me.node)].iter().any(|message| {
            let acknowledges = |body| {
                matches!(body, Body::Election(ElectionMessage::HeartbeatAck { .. }))
            };
            matches!(*message, Message::Hardened(termed) if termed.term == term && acknowledges(termed.body))
        })
    };
    let can = |seat: &&ClusterNode| seat.stable.term <= term || says_so(seat.me.node);
    state.seats.iter().filter(can).count() > state.seats.len() / 2
}

/// The grants whose lease at the holder has not ended, accepted or in flight.
fn claims(state: &State) -> impl Iterator<Item = (RequestId, antes_core::Token, u32)> {
    let taken = state.seats.iter().filter_map(|seat| {
        let (_, mutex) = seat.life.as_ref()?.stack.hardened()?;
        mutex?.requests().iter().find_map(|request| match request.progress {
            Progress::Holding { token, repetition } => Some((request.id, token, repetition)),
            Progress::Waiting { .. } => None,
        })
    });
    let flying = state.flights().filter_map(|flight| match flight.message.hardened()?.body {
        Body::Mutex(message) => match message {
            MutexMessage::Grant { request, repetition, token } => {
                Some((request, token, repetition))
            }
            MutexMessage::Report { .. }
            | MutexMessage::Request { .. }
            | MutexMessage::Release { .. }
            | MutexMessage::Withdraw { .. }
            | MutexMessage::ReleaseAck { .. } => None,
        },
        Body::Election(_) | Body::Birth(_) => None,
    });
    let armed = |&(request, _, repetition): &(RequestId, antes_core::Token, u32)| {
        let seat = &state.seats[request.by.node.index()];
        let timer = Timer::Lock(LockTimer::Claim(request, repetition));
        seat.life.as_ref().is_some_and(|life| life.timers.contains(&timer))
    };
    taken.chain(flying).filter(armed)
}
