//! The effects of a packet on one state of a node.

use antes_core::hardened::MutexMessage;

use crate::soup::lock_node::{LockNode, Packet};

/// How a packet affects a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kind {
    pub acts_on: bool,
    pub answered: bool,
    pub spent: bool,
    pub spent_after_office: bool,
    pub spent_below: bool,
}

impl Kind {
    /// `stays`: the packet neither changes the node nor makes it grant.
    pub fn of(seat: &LockNode, packet: &Packet, stays: bool) -> Self {
        let acts_on = seat.admits(packet);
        let answered = acts_on && stays;
        let of_packet = |spent, spent_after_office, spent_below| Self {
            acts_on,
            answered,
            spent,
            spent_after_office,
            spent_below,
        };
        // If a coordinator answers without changing, it does so until its office ends.
        let leads = seat.view.leader == Some(seat.me.node);
        let settled = leads && stays;
        let late = packet.term < seat.view.term;
        let now = packet.term == seat.view.term;
        match packet.message {
            MutexMessage::Release { .. } => {
                of_packet(false, false, packet.term <= seat.view.term && (!leads || settled))
            }
            MutexMessage::Report { .. } => {
                of_packet(late || now && seat.serves() && settled, now, false)
            }
            MutexMessage::Request { request, .. } => {
                of_packet(late || now && settled && seat.has_done_with(request), now, false)
            }
            MutexMessage::Withdraw { request } => {
                // A WITHDRAW of the holder is answered after the lock is free.
                let held = seat.held().is_some_and(|(held, _)| held == request);
                let over = seat.has_done_with(request) && !held;
                of_packet(late || now && settled && over, now, false)
            }
            MutexMessage::Grant { .. } | MutexMessage::ReleaseAck { .. } => {
                of_packet(late, false, false)
            }
        }
    }
}
