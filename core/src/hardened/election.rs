//! Bully election with terms, a majority, and a lease for the leader.
//!
//! Nobody raises a term alone: a node first asks all (PROBE) whether they would leave their leader,
//! and only with the consent of a majority moves on to the next term, in which the Bully phase runs
//! as ever. Its winner proposes itself and takes office when a majority accepts; each node accepts
//! once a term. (Terms, votes and pre-votes after Ongaro, "Consensus: Bridging Theory and
//! Practice", 2014, sections 3.4 and 9.6; the leader's lease after Gray and Cheriton, 1989.)

use alloc::vec::Vec;
use core::time::Duration;

use super::{Body, Termed, early, majority};
use crate::config::{Form, Preempt};
use crate::election::{ElectionCause, ElectionTimer};
use crate::id::{ElectionId, MAX_NODES, NodeId, NodeSet, Term};
use crate::vocabulary::{Context, Effect, Effects, Event, Message, Stable, Timer};

/// What the nodes say to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ElectionMessage {
    /// PROBE: would you follow me into the next term?
    Probe {
        /// Whether the asker has been up for `probation`.
        seasoned: bool,
    },
    /// PROBE_ACK: yes; or no, and this is the leader.
    ProbeAck {
        /// Whether the answer is yes.
        yes: bool,
        /// Whom the one that answers follows.
        leader: Option<NodeId>,
    },
    /// ELECTION: is anybody above me alive?
    Election {
        /// The asker's election.
        election: ElectionId,
    },
    /// OK: I am, leave it to me.
    Ok {
        /// The election that is answered.
        election: ElectionId,
    },
    /// PROPOSE: let me lead this term.
    Propose,
    /// ACCEPT: you may, and nobody else will have this of me.
    Accept,
    /// COORDINATOR: I lead this term.
    Coordinator,
    /// HEARTBEAT: I still do.
    Heartbeat {
        /// The number of the heartbeat within the office.
        beat: u32,
    },
    /// HEARTBEAT_ACK: I have heard it.
    HeartbeatAck {
        /// The heartbeat that was heard.
        beat: u32,
    },
    /// RESIGN: I am leaving; choose another.
    Resign,
    /// TERM: your term is over; this is the current one.
    Notice {
        /// Whom the one that tells follows.
        leader: Option<NodeId>,
    },
}

/// Whom a node follows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Nobody.
    Leaderless,
    /// Another node.
    Follows {
        /// That node.
        leader: NodeId,
    },
    /// Itself.
    Leads(Office),
}

/// A heartbeat that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Beat {
    number: u32,
    acknowledged: NodeSet,
}

/// What a leader keeps for its term.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Office {
    /// The heartbeats whose time has not run out yet.
    beats: Vec<Beat>,
    sent: u32,
    /// The latest heartbeat that a majority has acknowledged.
    lease: Option<u32>,
    /// The latest heartbeat that each node has acknowledged.
    heard: [u32; MAX_NODES as usize],
    suspected: NodeSet,
}

impl Office {
    /// Whether the leader holds its lease: a majority has heard it not long ago.
    pub const fn has_lease(&self) -> bool {
        self.lease.is_some()
    }
}

/// How far a node's own candidacy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Campaign {
    /// It runs none.
    Idle,
    /// All are asked whether they would follow into the next term.
    Probes {
        /// Those who would, itself included.
        willing: NodeSet,
    },
    /// Parallel form: all those above are asked, none has said OK.
    AwaitsAnswers {
        /// Its election.
        election: ElectionId,
        /// Those who can still answer.
        silent: NodeSet,
    },
    /// Sequential form: one of those above is asked.
    Asks {
        /// Its election.
        election: ElectionId,
        /// Who is asked.
        asked: NodeId,
    },
    /// Somebody above said OK or was accepted; it must take office or be replaced.
    AwaitsCoordinator,
    /// It has asked all to accept it.
    Proposes {
        /// Those who have, itself included.
        accepted: NodeSet,
    },
    /// It has come to nothing; it waits before it probes again.
    Rests,
}

/// What the mutual exclusion is told of the election.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leadership {
    /// The current term.
    pub term: Term,
    /// Who leads it, as far as the node knows.
    pub leader: Option<NodeId>,
    /// Whether the node itself leads and holds its lease.
    pub has_lease: bool,
    /// Those whom the node, as leader, has not heard for too long.
    pub suspected: NodeSet,
}

/// The election of one node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Election {
    stable: Stable,
    standing: Standing,
    campaign: Campaign,
    /// The latest term in which the node ran its own Bully phase.
    campaigned_in: Option<Term>,
    /// How many elections this life of the node has started.
    held: u32,
    seasoned: bool,
}

impl Election {
    /// The election of a node that has not started; `stable` is what it saved in earlier lives.
    pub const fn new(stable: Stable) -> Self {
        Self {
            stable,
            standing: Standing::Leaderless,
            campaign: Campaign::Idle,
            // An earlier life may have led the saved term: this one must not lead it again.
            campaigned_in: Some(stable.term),
            held: 0,
            seasoned: false,
        }
    }

    /// The current term.
    pub const fn term(&self) -> Term {
        self.stable.term
    }

    /// Whom the node follows.
    pub const fn standing(&self) -> &Standing {
        &self.standing
    }

    /// How far its own candidacy is.
    pub const fn campaign(&self) -> Campaign {
        self.campaign
    }

    /// The id of the leader that `me` follows: its own, when it leads.
    pub const fn leader(&self, me: NodeId) -> Option<NodeId> {
        match self.standing {
            Standing::Leaderless => None,
            Standing::Follows { leader } => Some(leader),
            Standing::Leads(_) => Some(me),
        }
    }

    /// What the mutual exclusion is to know.
    pub fn leadership(&self, me: NodeId) -> Leadership {
        let (has_lease, suspected) = match &self.standing {
            Standing::Leads(office) => (office.has_lease(), office.suspected),
            Standing::Leaderless | Standing::Follows { .. } => (false, NodeSet::default()),
        };
        Leadership { term: self.term(), leader: self.leader(me), has_lease, suspected }
    }

    /// The node starts.
    pub fn start(&mut self, cx: Context<'_>, known: Option<NodeId>, out: &mut Effects) {
        if cx.config.hardened.preempt == Preempt::Stable {
            out.push(set(ElectionTimer::Probation, cx.config.hardened.probation));
        }
        match known {
            Some(leader) if leader == cx.me.node => self.lead(cx, out),
            Some(leader) => self.follow(cx, leader, out),
            None => self.probe(cx, ElectionCause::Start, out),
        }
    }

    /// A user wants an election.
    pub fn elect(&mut self, cx: Context<'_>, out: &mut Effects) {
        match self.standing {
            Standing::Leads(_) => self.tell_others(cx, ElectionMessage::Coordinator, out),
            Standing::Leaderless => self.probe(cx, ElectionCause::Command, out),
            Standing::Follows { .. } => {
                self.leave_leader(out);
                self.probe(cx, ElectionCause::Command, out);
            }
        }
    }

    /// The node is about to stop in good order: a leader says so.
    pub fn resign(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.end_campaign(out);
        if let Standing::Leads(_) = self.standing {
            self.tell_others(cx, ElectionMessage::Resign, out);
            self.leave_leader(out);
        }
    }

    /// A message of any protocol arrives that carries `term`: whether it is to be acted on. One of
    /// a higher term moves the node there first; the sender of one of a lower term is told.
    pub fn admit(&mut self, cx: Context<'_>, term: Term, out: &mut Effects) -> bool {
        if term > self.term() {
            self.enter_term(term, out);
            out.push(set(ElectionTimer::Suspicion, cx.config.election.suspect_after));
        }
        term == self.term()
    }

    /// Tells `to` which term it is.
    pub fn notify(&self, cx: Context<'_>, to: NodeId, out: &mut Effects) {
        let leader = self.leader(cx.me.node);
        out.push(self.message(to, ElectionMessage::Notice { leader }));
    }

    /// A message that is to be acted on.
    pub fn receive(
        &mut self,
        cx: Context<'_>,
        from: NodeId,
        message: ElectionMessage,
        out: &mut Effects,
    ) {
        match message {
            ElectionMessage::Probe { seasoned } => {
                let yes = self.would_follow(cx, from, seasoned);
                let leader = self.leader(cx.me.node);
                out.push(self.message(from, ElectionMessage::ProbeAck { yes, leader }));
            }
            ElectionMessage::ProbeAck { yes, leader } => {
                self.hear_probe_ack(cx, from, yes, leader, out);
            }
            ElectionMessage::Election { election } => self.hear_election(cx, from, election, out),
            ElectionMessage::Ok { election } => self.hear_ok(cx, election, out),
            ElectionMessage::Propose => self.hear_proposal(cx, from, out),
            ElectionMessage::Accept => self.hear_acceptance(cx, from, out),
            ElectionMessage::Coordinator => self.follow(cx, from, out),
            ElectionMessage::Heartbeat { beat } => {
                self.hear_heartbeat(cx, from, out);
                out.push(self.message(from, ElectionMessage::HeartbeatAck { beat }));
            }
            ElectionMessage::HeartbeatAck { beat } => self.hear_heartbeat_ack(cx, from, beat),
            ElectionMessage::Resign => {
                if self.standing == (Standing::Follows { leader: from }) {
                    self.leave_leader(out);
                    self.end_campaign(out);
                    self.probe(cx, ElectionCause::Resigned { leader: from }, out);
                }
            }
            ElectionMessage::Notice { leader } => match (leader, &self.standing) {
                (Some(leader), Standing::Leaderless) if leader != cx.me.node => {
                    self.follow(cx, leader, out);
                }
                // Nothing new, or nothing of use.
                (_, Standing::Leaderless | Standing::Follows { .. } | Standing::Leads(_)) => {}
            },
        }
    }

    /// A timer ran out.
    pub fn timeout(&mut self, cx: Context<'_>, timer: ElectionTimer, out: &mut Effects) {
        match timer {
            ElectionTimer::Heartbeat => self.beat(cx, out),
            ElectionTimer::Lease(beat) => self.end_lease(cx, beat, out),
            ElectionTimer::Suspicion => self.suspect(cx, out),
            ElectionTimer::ProbeAnswers | ElectionTimer::Accepts => self.rest(cx, out),
            ElectionTimer::Answers => match self.campaign {
                Campaign::Asks { election, asked } => self.ask_below(cx, election, asked, out),
                Campaign::AwaitsAnswers { .. } => self.propose(cx, out),
                // They cancelled the timer when they were entered.
                Campaign::Idle
                | Campaign::Probes { .. }
                | Campaign::AwaitsCoordinator
                | Campaign::Proposes { .. }
                | Campaign::Rests => {}
            },
            ElectionTimer::Coordinator | ElectionTimer::Retry => {
                self.campaign = Campaign::Idle;
                match self.standing {
                    Standing::Follows { leader } if leader > cx.me.node => {}
                    Standing::Follows { .. } => self.challenge(cx, out),
                    Standing::Leaderless => self.probe(cx, ElectionCause::NoWinner, out),
                    Standing::Leads(_) => {}
                }
            }
            ElectionTimer::Challenge => self.challenge(cx, out),
            ElectionTimer::Probation => self.seasoned = true,
            // The detector `poll` belongs to the classic profile: here the lease needs heartbeats.
            ElectionTimer::PollWait | ElectionTimer::PollAnswer => {}
        }
    }

    /// The connection to `peer` was refused or closed: its OK stays away for certain, and at once.
    pub fn disconnected(&mut self, cx: Context<'_>, peer: NodeId, out: &mut Effects) {
        match &mut self.campaign {
            Campaign::Asks { election, asked } if *asked == peer => {
                let election = *election;
                self.ask_below(cx, election, peer, out);
            }
            Campaign::AwaitsAnswers { silent, .. } => {
                if silent.remove(peer) && silent.is_empty() {
                    self.propose(cx, out);
                }
            }
            Campaign::Idle
            | Campaign::Probes { .. }
            | Campaign::Asks { .. }
            | Campaign::AwaitsCoordinator
            | Campaign::Proposes { .. }
            | Campaign::Rests => {}
        }
    }

    /// Asks all whether they would follow into the next term, unless a candidacy is running.
    fn probe(&mut self, cx: Context<'_>, cause: ElectionCause, out: &mut Effects) {
        let Campaign::Idle = self.campaign else { return };
        self.stop_waiting_for_leader(out);
        self.started(cx, cause, out);
        self.tell_others(cx, ElectionMessage::Probe { seasoned: self.seasoned }, out);
        let willing: NodeSet = [cx.me.node].into_iter().collect();
        self.campaign = Campaign::Probes { willing };
        out.push(set(ElectionTimer::ProbeAnswers, cx.config.election.answer_timeout));
        self.raise_if_willing(cx, out);
    }

    /// Whether this node would leave its leader for `asker`.
    fn would_follow(&self, cx: Context<'_>, asker: NodeId, seasoned: bool) -> bool {
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

    fn hear_probe_ack(
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
            && leader != cx.me.node
            && self.standing == Standing::Leaderless
        {
            self.follow(cx, leader, out);
        }
    }

    /// Moves to the next term once a majority would follow, and starts the Bully phase.
    fn raise_if_willing(&mut self, cx: Context<'_>, out: &mut Effects) {
        let Campaign::Probes { willing } = self.campaign else { return };
        if willing.len() < majority(cx.config.size.get()) {
            return;
        }
        self.enter_term(Term(self.term().0 + 1), out);
        self.bully(cx, out);
    }

    /// The Bully phase: asks those above.
    fn bully(&mut self, cx: Context<'_>, out: &mut Effects) {
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

    fn ask(&mut self, cx: Context<'_>, election: ElectionId, asked: NodeId, out: &mut Effects) {
        out.push(self.message(asked, ElectionMessage::Election { election }));
        self.campaign = Campaign::Asks { election, asked };
        out.push(set(ElectionTimer::Answers, cx.config.election.answer_timeout));
    }

    fn ask_below(
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

    fn hear_election(
        &mut self,
        cx: Context<'_>,
        from: NodeId,
        election: ElectionId,
        out: &mut Effects,
    ) {
        if from > cx.me.node {
            // Nobody asks those below: such a message is not of this protocol.
            return;
        }
        out.push(self.message(from, ElectionMessage::Ok { election }));
        match self.standing {
            // The asker has missed who won this term.
            Standing::Leads(_) => out.push(self.message(from, ElectionMessage::Coordinator)),
            Standing::Leaderless if self.campaigned_in != Some(self.term()) => {
                self.end_campaign(out);
                self.started(cx, ElectionCause::Asked { by: from }, out);
                self.bully(cx, out);
            }
            Standing::Leaderless | Standing::Follows { .. } => {}
        }
    }

    fn hear_ok(&mut self, cx: Context<'_>, answered: ElectionId, out: &mut Effects) {
        match self.campaign {
            Campaign::AwaitsAnswers { election, .. } | Campaign::Asks { election, .. }
                if election == answered =>
            {
                self.await_coordinator(cx, out);
            }
            // A second OK, or one of an earlier election, or one after winning: too late to matter.
            Campaign::Idle
            | Campaign::Probes { .. }
            | Campaign::AwaitsAnswers { .. }
            | Campaign::Asks { .. }
            | Campaign::AwaitsCoordinator
            | Campaign::Proposes { .. }
            | Campaign::Rests => {}
        }
    }

    fn await_coordinator(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.end_campaign(out);
        self.stop_waiting_for_leader(out);
        self.campaign = Campaign::AwaitsCoordinator;
        out.push(set(ElectionTimer::Coordinator, cx.config.election.coordinator_timeout));
    }

    /// Nobody above answers: votes for itself and asks all to accept it.
    fn propose(&mut self, cx: Context<'_>, out: &mut Effects) {
        if self.stable.vote.is_some_and(|vote| vote != cx.me.node) {
            self.rest(cx, out);
            return;
        }
        self.end_campaign(out);
        self.save(Stable { vote: Some(cx.me.node), ..self.stable }, out);
        self.tell_others(cx, ElectionMessage::Propose, out);
        let accepted = [cx.me.node].into_iter().collect();
        self.campaign = Campaign::Proposes { accepted };
        out.push(set(ElectionTimer::Accepts, cx.config.election.answer_timeout));
        self.take_office_if_accepted(cx, out);
    }

    fn hear_proposal(&mut self, cx: Context<'_>, from: NodeId, out: &mut Effects) {
        let vote = self.stable.vote;
        if from < cx.me.node {
            // A bully does not accept a weaker node: it has missed that there is a stronger one.
            if self.standing == Standing::Leaderless && self.campaigned_in != Some(self.term()) {
                self.end_campaign(out);
                self.started(cx, ElectionCause::LowerAnnounced { by: from }, out);
                self.bully(cx, out);
            }
            return;
        }
        if vote.is_some_and(|vote| vote != from) || matches!(self.standing, Standing::Leads(_)) {
            return;
        }
        if vote.is_none() {
            self.save(Stable { vote: Some(from), ..self.stable }, out);
        }
        out.push(self.message(from, ElectionMessage::Accept));
        if self.standing == Standing::Leaderless {
            self.await_coordinator(cx, out);
        }
    }

    fn hear_acceptance(&mut self, cx: Context<'_>, from: NodeId, out: &mut Effects) {
        let Campaign::Proposes { accepted } = &mut self.campaign else { return };
        accepted.insert(from);
        self.take_office_if_accepted(cx, out);
    }

    fn take_office_if_accepted(&mut self, cx: Context<'_>, out: &mut Effects) {
        let Campaign::Proposes { accepted } = self.campaign else { return };
        if accepted.len() >= majority(cx.config.size.get()) {
            self.take_office(cx, out);
        }
    }

    /// A majority has accepted it.
    fn take_office(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.end_campaign(out);
        self.stop_waiting_for_leader(out);
        self.tell_others(cx, ElectionMessage::Coordinator, out);
        self.lead(cx, out);
    }

    /// Leads the current term.
    fn lead(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.standing = Standing::Leads(Office::default());
        out.push(self.leader_event(Some(cx.me.node)));
        self.beat(cx, out);
    }

    /// Sends a heartbeat. The lease that it may earn counts from here.
    fn beat(&mut self, cx: Context<'_>, out: &mut Effects) {
        let Standing::Leads(office) = &mut self.standing else { return };
        office.sent += 1;
        let number = office.sent;
        let acknowledged = [cx.me.node].into_iter().collect();
        office.beats.push(Beat { number, acknowledged });
        let lease = early(cx.config, cx.config.election.suspect_after);
        out.push(set(ElectionTimer::Lease(number), lease));
        self.tell_others(cx, ElectionMessage::Heartbeat { beat: number }, out);
        out.push(set(ElectionTimer::Heartbeat, cx.config.election.heartbeat));
        self.hear_heartbeat_ack(cx, cx.me.node, number);
    }

    fn hear_heartbeat_ack(&mut self, cx: Context<'_>, from: NodeId, number: u32) {
        let Standing::Leads(office) = &mut self.standing else { return };
        office.suspected.remove(from);
        let heard = &mut office.heard[from.index()];
        *heard = (*heard).max(number);
        let Some(beat) = office.beats.iter_mut().find(|beat| beat.number == number) else {
            // Its time has run out: it earns nothing any more.
            return;
        };
        beat.acknowledged.insert(from);
        if beat.acknowledged.len() >= majority(cx.config.size.get()) {
            office.lease = office.lease.max(Some(number));
        }
    }

    /// The time of a heartbeat has run out; the leader resigns unless a majority has heard a later
    /// one.
    fn end_lease(&mut self, cx: Context<'_>, number: u32, out: &mut Effects) {
        let Standing::Leads(office) = &mut self.standing else { return };
        office.beats.retain(|beat| beat.number > number);
        for node in cx.config.size.others(cx.me.node) {
            if office.heard[node.index()] < number {
                office.suspected.insert(node);
            }
        }
        if office.lease.is_none_or(|lease| lease <= number) {
            self.leave_leader(out);
            self.probe(cx, ElectionCause::LostMajority, out);
        }
    }

    fn hear_heartbeat(&mut self, cx: Context<'_>, from: NodeId, out: &mut Effects) {
        if self.standing == (Standing::Follows { leader: from }) {
            out.push(set(ElectionTimer::Suspicion, cx.config.election.suspect_after));
        } else {
            self.follow(cx, from, out);
        }
    }

    /// Nothing was heard of a leader for too long.
    fn suspect(&mut self, cx: Context<'_>, out: &mut Effects) {
        match self.standing {
            Standing::Follows { leader } => {
                self.leave_leader(out);
                self.probe(cx, ElectionCause::Suspicion { leader }, out);
            }
            Standing::Leaderless => self.probe(cx, ElectionCause::NoWinner, out),
            Standing::Leads(_) => {}
        }
    }

    /// Follows a leader that it outranks, and probes whether the others would rather follow it.
    fn challenge(&mut self, cx: Context<'_>, out: &mut Effects) {
        let Standing::Follows { leader } = self.standing else { return };
        let Campaign::Idle = self.campaign else { return };
        self.started(cx, ElectionCause::Outranks { leader }, out);
        self.tell_others(cx, ElectionMessage::Probe { seasoned: self.seasoned }, out);
        let willing = [cx.me.node].into_iter().collect();
        self.campaign = Campaign::Probes { willing };
        out.push(set(ElectionTimer::ProbeAnswers, cx.config.election.answer_timeout));
    }

    /// Follows `leader`, who leads the current term.
    fn follow(&mut self, cx: Context<'_>, leader: NodeId, out: &mut Effects) {
        if let Standing::Leads(_) = self.standing {
            // One leader a term: this is not of this protocol.
            return;
        }
        out.push(set(ElectionTimer::Suspicion, cx.config.election.suspect_after));
        let followed = Standing::Follows { leader };
        if self.standing == followed {
            return;
        }
        self.end_campaign(out);
        self.standing = followed;
        out.push(self.leader_event(Some(leader)));
        let after = match cx.config.hardened.preempt {
            Preempt::Always => cx.config.election.coordinator_timeout,
            Preempt::Stable => cx.config.hardened.probation,
            Preempt::Never => return,
        };
        if leader < cx.me.node {
            out.push(set(ElectionTimer::Challenge, after));
        }
    }

    /// Follows nobody.
    fn leave_leader(&mut self, out: &mut Effects) {
        match core::mem::replace(&mut self.standing, Standing::Leaderless) {
            Standing::Leaderless => return,
            Standing::Follows { .. } => {
                out.push(cancel(ElectionTimer::Suspicion));
                out.push(cancel(ElectionTimer::Challenge));
            }
            Standing::Leads(office) => {
                out.push(cancel(ElectionTimer::Heartbeat));
                for beat in office.beats {
                    out.push(cancel(ElectionTimer::Lease(beat.number)));
                }
            }
        }
        out.push(self.leader_event(None));
    }

    /// Moves to a term in which nothing is decided yet.
    fn enter_term(&mut self, term: Term, out: &mut Effects) {
        self.end_campaign(out);
        self.leave_leader(out);
        self.save(Stable { term, vote: None }, out);
    }

    fn stop_waiting_for_leader(&self, out: &mut Effects) {
        if self.standing == Standing::Leaderless {
            out.push(cancel(ElectionTimer::Suspicion));
        }
    }

    /// The candidacy has come to nothing; waits before the next one.
    fn rest(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.end_campaign(out);
        self.campaign = Campaign::Rests;
        out.push(set(ElectionTimer::Retry, cx.config.election.coordinator_timeout));
    }

    /// Ends the own candidacy and its timers.
    fn end_campaign(&mut self, out: &mut Effects) {
        let timer = match core::mem::replace(&mut self.campaign, Campaign::Idle) {
            Campaign::Idle => return,
            Campaign::Probes { .. } => ElectionTimer::ProbeAnswers,
            Campaign::AwaitsAnswers { .. } | Campaign::Asks { .. } => ElectionTimer::Answers,
            Campaign::AwaitsCoordinator => ElectionTimer::Coordinator,
            Campaign::Proposes { .. } => ElectionTimer::Accepts,
            Campaign::Rests => ElectionTimer::Retry,
        };
        out.push(cancel(timer));
    }

    fn started(&mut self, cx: Context<'_>, cause: ElectionCause, out: &mut Effects) {
        self.held += 1;
        let election = ElectionId { by: cx.me, number: self.held };
        out.push(Effect::Emit(Event::ElectionStarted { election, cause }));
    }

    fn save(&mut self, stable: Stable, out: &mut Effects) {
        if stable != self.stable {
            self.stable = stable;
            out.push(Effect::Save(stable));
        }
    }

    fn leader_event(&self, leader: Option<NodeId>) -> Effect {
        Effect::Emit(Event::Leader { leader, term: Some(self.term()) })
    }

    fn tell_others(&self, cx: Context<'_>, message: ElectionMessage, out: &mut Effects) {
        out.extend(cx.config.size.others(cx.me.node).map(|to| self.message(to, message)));
    }

    const fn message(&self, to: NodeId, message: ElectionMessage) -> Effect {
        let termed = Termed { term: self.term(), body: Body::Election(message) };
        Effect::Send { to, message: Message::Hardened(termed) }
    }
}

const fn set(timer: ElectionTimer, after: Duration) -> Effect {
    Effect::SetTimer { timer: Timer::Election(timer), after }
}

const fn cancel(timer: ElectionTimer) -> Effect {
    Effect::CancelTimer { timer: Timer::Election(timer) }
}
