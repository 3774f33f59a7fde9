//! A leader's term of office: its heartbeats, and the lease that they earn.

use alloc::vec::Vec;

use super::election::{Election, ElectionMessage, Standing, TermCause, TermTimer};
use super::{majority, shrink_for_drift};
use crate::election::ElectionTimer;
use crate::id::{MAX_NODES, NodeId, NodeSet};
use crate::io::{Context, Effects, set};

/// A heartbeat whose lease has not ended yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Beat {
    pub(super) number: u32,
    acknowledged: NodeSet,
}

/// A leader's state in its term.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Office {
    /// The heartbeats whose lease has not ended yet.
    pub(super) beats: Vec<Beat>,
    sent: u32,
    /// The latest early heartbeat, sent for the leader's own requests.
    early: Option<u32>,
    /// The latest heartbeat that a majority has acknowledged.
    pub(super) lease: Option<u32>,
    /// The latest heartbeat that each node has acknowledged; 0 if none.
    heard: [u32; MAX_NODES as usize],
    pub(super) suspected: NodeSet,
}

impl Office {
    /// Whether the leader holds its lease: a majority has acknowledged a recent heartbeat.
    pub const fn has_lease(&self) -> bool {
        self.lease.is_some()
    }
}

impl Election {
    /// A majority has accepted this node: it announces itself and leads.
    pub(super) fn take_office(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.end_campaign(out);
        self.stop_waiting_for_leader(out);
        self.tell_others(cx, ElectionMessage::Coordinator, out);
        self.lead(cx, out);
    }

    /// Leads the current term from now on.
    pub(super) fn lead(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.standing = Standing::Leads(Office::default());
        out.push(self.leader_event(Some(cx.me.node)));
        self.beat(cx, out);
    }

    /// Sends a heartbeat, and sets the timer for the next one.
    pub(super) fn beat(&mut self, cx: Context<'_>, out: &mut Effects) {
        if self.send_heartbeat(cx, out).is_some() {
            out.push(set(ElectionTimer::Heartbeat, cx.config.election.heartbeat));
        }
    }

    /// Sends an early heartbeat, because a request of the leader's own waits until a majority
    /// acknowledges one. At most one early heartbeat is in flight.
    pub fn beat_early(&mut self, cx: Context<'_>, out: &mut Effects) {
        let Standing::Leads(office) = &self.standing else { return };
        let on_its_way = office.early.is_some_and(|early| {
            office.lease < Some(early) && office.beats.iter().any(|beat| beat.number == early)
        });
        if on_its_way {
            return;
        }
        let sent = self.send_heartbeat(cx, out);
        if let Standing::Leads(office) = &mut self.standing {
            office.early = sent;
        }
    }

    /// Sends a heartbeat if the node leads, and returns its number. The lease that it earns counts
    /// from here.
    fn send_heartbeat(&mut self, cx: Context<'_>, out: &mut Effects) -> Option<u32> {
        let Standing::Leads(office) = &mut self.standing else { return None };
        office.sent += 1;
        let number = office.sent;
        let acknowledged = [cx.me.node].into_iter().collect();
        office.beats.push(Beat { number, acknowledged });
        let lease = shrink_for_drift(cx.config, cx.config.election.suspect_after);
        out.push(set(TermTimer::Lease(number), lease));
        self.tell_others(cx, ElectionMessage::Heartbeat { beat: number }, out);
        self.hear_heartbeat_ack(cx, cx.me.node, number);
        Some(number)
    }

    pub(super) fn hear_heartbeat_ack(&mut self, cx: Context<'_>, from: NodeId, number: u32) {
        let Standing::Leads(office) = &mut self.standing else { return };
        office.suspected.remove(from);
        let heard = &mut office.heard[from.index()];
        *heard = (*heard).max(number);
        let Some(beat) = office.beats.iter_mut().find(|beat| beat.number == number) else {
            // Its lease has ended, so a late acknowledgement has no effect.
            return;
        };
        beat.acknowledged.insert(from);
        if beat.acknowledged.len() >= majority(cx.config.size.get()) {
            office.lease = office.lease.max(Some(number));
        }
    }

    /// The lease of a heartbeat has ended. The leader resigns unless a majority has acknowledged a
    /// later one.
    pub(super) fn end_lease(&mut self, cx: Context<'_>, number: u32, out: &mut Effects) {
        let Standing::Leads(office) = &mut self.standing else { return };
        office.beats.retain(|beat| beat.number > number);
        for node in cx.config.size.others(cx.me.node) {
            if office.heard[node.index()] < number {
                office.suspected.insert(node);
            }
        }
        // mutant: leader-lease
        if office.lease.is_none_or(|lease| lease <= number) {
            self.leave_leader(out);
            self.probe(cx, TermCause::LostMajority.into(), out);
        }
    }
}
