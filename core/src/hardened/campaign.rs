//! A node's candidacy: consent to a new term, the Bully phase in that term, and acceptance.

use super::election::{Election, ElectionMessage, TermCause, TermTimer};
use super::office::Standing;
use super::{Hearing, majority};
use crate::config::{Form, Preempt};
use crate::election::{BullyCause, ElectionTimer};
use crate::id::{ElectionId, NodeId, NodeSet};
use crate::io::{Context, Effect, Effects, ElectionCause, Event, Stable, Timer, cancel, set};
use crate::view::Candidacy;

/// The state of a node's own candidacy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Campaign {
    /// The node runs no election of its own.
    Idle,
    /// PROBE was sent: all nodes are asked whether they would follow into the next term.
    Probes {
        /// The nodes that would, including itself.
        willing: NodeSet,
    },
    /// Parallel form: all nodes with higher ids were asked; none has said OK.
    AwaitsAnswers {
        /// The number of its election.
        election: ElectionId,
        /// The nodes that may still answer.
        silent: NodeSet,
    },
    /// Sequential form: one node with a higher id was asked.
    Asks {
        /// The number of its election.
        election: ElectionId,
        /// The node that was asked.
        asked: NodeId,
    },
    /// A node with a higher id said OK, or this node accepted a PROPOSE. That node must take office
    /// within T', or this one tries again.
    AwaitsCoordinator,
    /// It has sent PROPOSE to all nodes.
    Proposes {
        /// The nodes that have accepted, including itself.
        accepted: NodeSet,
    },
    /// The candidacy failed; it waits before it sends PROBE again.
    Rests,
}

impl Election {
    /// The state of its own candidacy, as pictures show it.
    pub(crate) const fn candidacy(&self) -> Candidacy {
        match self.campaign {
            Campaign::Idle => Candidacy::Idle,
            Campaign::Probes { .. } => Candidacy::Probing,
            Campaign::AwaitsAnswers { .. } | Campaign::Asks { .. } => Candidacy::AwaitingAnswers,
            Campaign::AwaitsCoordinator => Candidacy::AwaitingCoordinator,
            Campaign::Proposes { .. } => Candidacy::Proposing,
            Campaign::Rests => Candidacy::Resting,
        }
    }

    /// Sends PROBE to all other nodes, unless a candidacy is running.
    pub(super) fn probe(&mut self, cx: Context<'_>, cause: ElectionCause, out: &mut Effects) {
        let Campaign::Idle = self.campaign else { return };
        self.stop_waiting_for_leader(out);
        self.started(cx, cause, out);
        self.tell_others(cx, ElectionMessage::Probe { seasoned: self.seasoned }, out);
        let willing: NodeSet = [cx.me.node].into_iter().collect();
        self.campaign = Campaign::Probes { willing };
        out.push(set(TermTimer::ProbeAnswers, cx.config.election.answer_timeout));
        self.raise_if_willing(cx, out);
    }

    /// Whether this node would drop its leader for `asker`.
    pub(super) fn would_follow(&self, cx: Context<'_>, asker: NodeId, seasoned: bool) -> bool {
        let may_preempt = match cx.config.hardened.preempt {
            Preempt::Always => true,
            Preempt::Stable => seasoned,
            Preempt::Never => false,
        };
        match &self.standing {
            Standing::Leaderless => true,
            Standing::Follows { leader } => asker == *leader || asker > *leader && may_preempt,
            Standing::Leads(office) => !office.has_lease() || asker > cx.me.node && may_preempt,
        }
    }

    pub(super) fn hear_probe_ack(
        &mut self,
        cx: Context<'_>,
        from: NodeId,
        yes: bool,
        leader: Option<NodeId>,
        out: &mut Effects,
    ) {
        let Campaign::Probes { willing } = &mut self.campaign else { return };
        if yes {
            willing.insert(from);
            self.raise_if_willing(cx, out);
        } else if let Some(leader) = leader
            && self.standing == Standing::Leaderless
        {
            self.follow_hearsay(cx, leader, out);
        }
    }

    /// Enters the next term once a majority would follow, and starts the Bully phase.
    pub(super) fn raise_if_willing(&mut self, cx: Context<'_>, out: &mut Effects) {
        let Campaign::Probes { willing } = self.campaign else { return };
        // mutant: probe
        if willing.len() < majority(cx.config.size.get()) {
            return;
        }
        self.hearing = Hearing::Enough;
        let Some(next) = self.term().next() else {
            // The last term has been reached.
            self.rest(cx, out);
            return;
        };
        self.enter_term(next, out);
        self.bully(cx, out);
    }

    /// The Bully phase: asks the nodes with higher ids.
    pub(super) fn bully(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.stop_waiting_for_leader(out);
        self.campaigned_in = Some(self.term());
        let election = ElectionId { by: cx.me, number: self.held };
        let (me, size) = (cx.me.node, cx.config.size);
        match cx.config.election.form {
            _ if me == size.highest() => self.propose(cx, out),
            Form::Parallel => {
                for to in size.above(me) {
                    out.push(self.message(to, ElectionMessage::Election { election }));
                }
                let silent = size.above(me).collect();
                self.campaign = Campaign::AwaitsAnswers { election, silent };
                out.push(set(ElectionTimer::Answers, cx.config.election.answer_timeout));
            }
            Form::Sequential => self.ask(cx, election, size.highest(), out),
        }
    }

    /// Starts the Bully phase because `by`, which has a lower id, holds an election in this term.
    fn stand(&mut self, cx: Context<'_>, cause: ElectionCause, by: NodeId, out: &mut Effects) {
        self.end_campaign(out);
        self.hearing = Hearing::Asked { heard: [cx.me.node, by].into_iter().collect() };
        self.started(cx, cause, out);
        self.bully(cx, out);
    }

    pub(super) fn ask(
        &mut self,
        cx: Context<'_>,
        election: ElectionId,
        asked: NodeId,
        out: &mut Effects,
    ) {
        out.push(self.message(asked, ElectionMessage::Election { election }));
        self.campaign = Campaign::Asks { election, asked };
        out.push(set(ElectionTimer::Answers, cx.config.election.answer_timeout));
    }

    pub(super) fn ask_below(
        &mut self,
        cx: Context<'_>,
        election: ElectionId,
        silent: NodeId,
        out: &mut Effects,
    ) {
        match cx.config.size.below(silent).next_back() {
            Some(next) if next > cx.me.node => self.ask(cx, election, next, out),
            _ => self.propose(cx, out),
        }
    }

    pub(super) fn hear_election(
        &mut self,
        cx: Context<'_>,
        from: NodeId,
        election: ElectionId,
        out: &mut Effects,
    ) {
        if from > cx.me.node {
            // This protocol never asks nodes with lower ids.
            return;
        }
        if self.hearing == Hearing::TooFew {
            // It behaves towards lower nodes as if it were dead.
            return;
        }
        out.push(self.message(from, ElectionMessage::Ok { election }));
        match self.standing {
            // The asker does not know who won this term.
            Standing::Leads(_) => out.push(self.message(from, ElectionMessage::Coordinator)),
            Standing::Leaderless if self.campaigned_in != Some(self.term()) => {
                self.stand(cx, BullyCause::Asked { by: from }.into(), from, out);
            }
            Standing::Leaderless | Standing::Follows { .. } => {}
        }
    }

    pub(super) fn hear_ok(&mut self, cx: Context<'_>, answered: ElectionId, out: &mut Effects) {
        match self.campaign {
            Campaign::AwaitsAnswers { election, .. } | Campaign::Asks { election, .. }
                if election == answered =>
            {
                self.await_coordinator(cx, out);
            }
            // A second OK, an OK for an earlier election, or an OK after winning has no effect.
            Campaign::Idle
            | Campaign::Probes { .. }
            | Campaign::AwaitsAnswers { .. }
            | Campaign::Asks { .. }
            | Campaign::AwaitsCoordinator
            | Campaign::Proposes { .. }
            | Campaign::Rests => {}
        }
    }

    pub(super) fn await_coordinator(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.end_campaign(out);
        self.stop_waiting_for_leader(out);
        self.campaign = Campaign::AwaitsCoordinator;
        out.push(set(ElectionTimer::Coordinator, cx.config.election.coordinator_timeout));
    }

    /// No node with a higher id answers: votes for itself, and asks all nodes to accept it.
    pub(super) fn propose(&mut self, cx: Context<'_>, out: &mut Effects) {
        if self.stable.vote.is_some_and(|vote| vote != cx.me.node) {
            self.rest(cx, out);
            return;
        }
        self.end_campaign(out);
        self.save(Stable { vote: Some(cx.me.node), ..self.stable }, out);
        self.tell_others(cx, ElectionMessage::Propose, out);
        let accepted = [cx.me.node].into_iter().collect();
        self.campaign = Campaign::Proposes { accepted };
        out.push(set(TermTimer::Accepts, cx.config.election.answer_timeout));
        self.take_office_if_accepted(cx, out);
    }

    pub(super) fn hear_proposal(&mut self, cx: Context<'_>, from: NodeId, out: &mut Effects) {
        let vote = self.stable.vote;
        if from < cx.me.node && self.hearing != Hearing::TooFew {
            // A bully does not accept a node with a lower id, which has not noticed that a stronger
            // one is up.
            if self.standing == Standing::Leaderless && self.campaigned_in != Some(self.term()) {
                self.stand(cx, BullyCause::LowerAnnounced { by: from }.into(), from, out);
            }
            return;
        }
        if vote.is_some_and(|vote| vote != from) || matches!(self.standing, Standing::Leads(_)) {
            return;
        }
        if vote.is_none() {
            // mutant: vote-storage
            self.save(Stable { vote: Some(from), ..self.stable }, out);
        }
        out.push(self.message(from, ElectionMessage::Accept));
        if self.standing == Standing::Leaderless {
            self.await_coordinator(cx, out);
        }
    }

    pub(super) fn hear_acceptance(&mut self, cx: Context<'_>, from: NodeId, out: &mut Effects) {
        let Campaign::Proposes { accepted } = &mut self.campaign else { return };
        accepted.insert(from);
        self.take_office_if_accepted(cx, out);
    }

    pub(super) fn take_office_if_accepted(&mut self, cx: Context<'_>, out: &mut Effects) {
        let Campaign::Proposes { accepted } = self.campaign else { return };
        if accepted.len() >= majority(cx.config.size.get()) {
            self.end_campaign(out);
            self.stop_waiting_for_leader(out);
            self.tell_others(cx, ElectionMessage::Coordinator, out);
            self.lead(cx, out);
        }
    }

    /// Sends PROBE as a follower of a lower leader, to ask whether the others would follow this
    /// node.
    pub(super) fn challenge(&mut self, cx: Context<'_>, out: &mut Effects) {
        let Standing::Follows { leader } = self.standing else { return };
        let Campaign::Idle = self.campaign else { return };
        self.started(cx, TermCause::Outranks { leader }.into(), out);
        self.tell_others(cx, ElectionMessage::Probe { seasoned: self.seasoned }, out);
        let willing = [cx.me.node].into_iter().collect();
        self.campaign = Campaign::Probes { willing };
        out.push(set(TermTimer::ProbeAnswers, cx.config.election.answer_timeout));
    }

    /// The candidacy failed. Waits before the next one.
    pub(super) fn rest(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.end_campaign(out);
        self.campaign = Campaign::Rests;
        out.push(set(TermTimer::Retry, cx.config.election.coordinator_timeout));
    }

    /// Ends the node's own candidacy and cancels its timer.
    pub(super) fn end_campaign(&mut self, out: &mut Effects) {
        let timer: Timer = match core::mem::replace(&mut self.campaign, Campaign::Idle) {
            Campaign::Idle => return,
            Campaign::Probes { .. } => TermTimer::ProbeAnswers.into(),
            Campaign::AwaitsAnswers { .. } | Campaign::Asks { .. } => ElectionTimer::Answers.into(),
            Campaign::AwaitsCoordinator => ElectionTimer::Coordinator.into(),
            Campaign::Proposes { .. } => TermTimer::Accepts.into(),
            Campaign::Rests => TermTimer::Retry.into(),
        };
        out.push(cancel(timer));
    }

    pub(super) fn started(&mut self, cx: Context<'_>, cause: ElectionCause, out: &mut Effects) {
        self.held += 1;
        let election = ElectionId { by: cx.me, number: self.held };
        out.push(Effect::Emit(Event::ElectionStarted { election, cause }));
    }
}
