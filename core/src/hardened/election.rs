//! Bully election with terms, a majority, and a lease for the leader.
//!
//! No node raises the term alone. It first asks all nodes (PROBE) whether they would leave their
//! leader. With the consent of a majority it enters the next term, in which the Bully phase runs as
//! in the classic profile. The winner proposes itself and takes office when a majority accepts;
//! each node accepts once per term. (Terms, votes and pre-votes after Ongaro, "Consensus: Bridging
//! Theory and Practice", 2014, sections 3.4 and 9.6; the leader's lease after Gray and Cheriton,
//! 1989.)

pub(crate) mod io;

pub use io::{ElectionMessage, TermCause, TermTimer};

use super::Hearing;
use super::campaign::Campaign;
use super::office::{Leadership, Office, Standing};
use super::{Body, Termed};
use crate::config::Preempt;
use crate::election::{BullyCause, ElectionTimer};
use crate::id::{NodeId, Term};
use crate::io::{Context, Effect, Effects, ElectionCause, Event, Message, Stable, cancel, set};
use crate::spans::patience_with_a_term;

/// The election of one node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Election {
    pub(super) stable: Stable,
    pub(super) standing: Standing,
    pub(super) campaign: Campaign,
    /// Whether the node has left the leader of this term. Then it follows that leader again only
    /// after a message from the leader itself.
    lost_leader: bool,
    pub(super) hearing: Hearing,
    /// The latest term in which the node has run its own Bully phase.
    pub(super) campaigned_in: Option<Term>,
    /// How many elections this life of the node has started.
    pub(super) held: u32,
    pub(super) seasoned: bool,
}

impl Election {
    /// A node that has not started. `stable` is the state that earlier lives have saved.
    pub const fn new(stable: Stable) -> Self {
        Self {
            stable,
            standing: Standing::Leaderless,
            campaign: Campaign::Idle,
            lost_leader: false,
            hearing: Hearing::Enough,
            // An earlier life may have led the saved term, so this life must not lead it.
            campaigned_in: Some(stable.term),
            held: 0,
            seasoned: false,
        }
    }

    /// The term that the node is in. It never decreases.
    pub const fn term(&self) -> Term {
        self.stable.term
    }

    /// The leader that the node follows.
    pub const fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The state of its own candidacy.
    pub const fn campaign(&self) -> Campaign {
        self.campaign
    }

    /// The id of the leader that `me` follows; `me` if it leads.
    pub const fn leader(&self, me: NodeId) -> Option<NodeId> {
        self.standing.leader(me)
    }

    /// The election's result, as the lock needs it.
    pub fn leadership(&self, me: NodeId) -> Leadership {
        let (lease, suspected) = self.standing.authority();
        Leadership { term: self.term(), leader: self.leader(me), lease, suspected }
    }

    /// Restarts the numbering of elections. The model checker needs this, because the numbers would
    /// make the state space infinite. It changes no behaviour: a node asks the nodes above it at
    /// most once per term, over all its lives, and an OK of an earlier term is not acted on. So no
    /// two elections can be confused.
    pub const fn forget_numbers(&mut self) {
        self.held = 0;
        if let Campaign::AwaitsAnswers { election, .. } | Campaign::Asks { election, .. } =
            &mut self.campaign
        {
            election.number = 0;
        }
    }

    /// Called once, when the node starts. A node that knows no leader sends PROBE.
    pub fn start(&mut self, cx: Context<'_>, known: Option<NodeId>, out: &mut Effects) {
        if cx.config.hardened.preempt == Preempt::Stable {
            out.push(set(TermTimer::Probation, cx.config.hardened.probation));
        }
        match known {
            Some(leader) if leader == cx.me.node => self.lead(cx, out),
            Some(leader) => self.follow(cx, leader, out),
            None => self.probe(cx, BullyCause::Start.into(), out),
        }
    }

    /// Makes sure that the node votes in no term up to `heard`. Called before the node starts.
    pub(crate) fn leave_alone(&mut self, cx: Context<'_>, heard: Term, out: &mut Effects) {
        if heard > self.term() {
            self.save(Stable { term: heard, vote: Some(cx.me.node) }, out);
            self.campaigned_in = Some(heard);
        }
    }

    /// Sends PROBE as [`Command::Elect`](crate::Command::Elect) demands: a follower drops its leader first.
    pub fn elect(&mut self, cx: Context<'_>, out: &mut Effects) {
        match self.standing {
            Standing::Leads(_) => self.tell_others(cx, ElectionMessage::Coordinator, out),
            Standing::Leaderless => self.probe(cx, BullyCause::Command.into(), out),
            Standing::Follows { .. } => {
                self.leave_leader(out);
                self.probe(cx, BullyCause::Command.into(), out);
            }
        }
    }

    /// The node is about to stop. A leader sends RESIGN.
    pub fn resign(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.end_campaign(out);
        if let Standing::Leads(_) = self.standing {
            self.tell_others(cx, ElectionMessage::Resign, out);
            self.leave_leader(out);
        }
    }

    /// Compares the term of a message of any protocol with the node's term. Returns whether the
    /// message is to be acted on. If its term is higher, the node enters that term first.
    pub fn admit(&mut self, cx: Context<'_>, term: Term, out: &mut Effects) -> bool {
        if term > self.term() {
            self.enter_term(term, out);
            // mutant: wait-with-a-new-term
            let patience = patience_with_a_term(cx.config);
            out.push(set(ElectionTimer::Suspicion, patience));
        }
        // mutant: lower-term
        term == self.term()
    }

    /// Tells `to` the current term and leader.
    pub fn notify(&self, cx: Context<'_>, to: NodeId, out: &mut Effects) {
        let leader = self.leader(cx.me.node);
        out.push(self.message(to, ElectionMessage::Notice { leader }));
    }

    /// Handles a message of the current term.
    pub fn receive(
        &mut self,
        cx: Context<'_>,
        from: NodeId,
        message: ElectionMessage,
        out: &mut Effects,
    ) {
        self.hearing.note(from);
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
            ElectionMessage::HeartbeatAck { beat } => {
                if let Standing::Leads(office) = &mut self.standing {
                    office.acknowledge(cx, from, beat);
                }
            }
            ElectionMessage::Resign => {
                if self.standing == (Standing::Follows { leader: from }) {
                    self.leave_leader(out);
                    self.end_campaign(out);
                    self.probe(cx, TermCause::Resigned { leader: from }.into(), out);
                }
            }
            ElectionMessage::Notice { leader } => match (leader, &self.standing) {
                (Some(leader), Standing::Leaderless) => self.follow_hearsay(cx, leader, out),
                // The leader is known already, or the sender knows none.
                (_, Standing::Leaderless | Standing::Follows { .. } | Standing::Leads(_)) => {}
            },
        }
    }

    /// Handles a timer that has fired.
    pub fn timeout(&mut self, cx: Context<'_>, timer: ElectionTimer, out: &mut Effects) {
        match timer {
            ElectionTimer::Heartbeat => self.beat(cx, out),
            ElectionTimer::Suspicion => self.suspect(cx, out),
            ElectionTimer::Answers => match self.campaign {
                Campaign::Asks { election, asked } => self.ask_below(cx, election, asked, out),
                Campaign::AwaitsAnswers { .. } => self.propose(cx, out),
                // These states cancelled the timer when they were entered.
                Campaign::Idle
                | Campaign::Probes { .. }
                | Campaign::AwaitsCoordinator
                | Campaign::Proposes { .. }
                | Campaign::Rests => {}
            },
            ElectionTimer::Coordinator => self.try_again(cx, BullyCause::NoWinner.into(), out),
        }
    }

    /// Handles a timer of this profile that has fired.
    pub fn term_timeout(&mut self, cx: Context<'_>, timer: TermTimer, out: &mut Effects) {
        match timer {
            TermTimer::Lease(beat) => self.end_lease(cx, beat, out),
            TermTimer::ProbeAnswers => self.rest(cx, out),
            TermTimer::Accepts => {
                self.hearing.judge(cx.config.size);
                self.rest(cx, out);
            }
            TermTimer::Retry => self.try_again(cx, TermCause::NoMajority.into(), out),
            TermTimer::Challenge => self.challenge(cx, out),
            TermTimer::Probation => self.seasoned = true,
        }
    }

    /// The connection to `peer` was refused or closed. If `peer` is the leader, it is suspected at
    /// once. If `peer` was asked, its OK will not come, and the candidacy proceeds at once. A false
    /// alarm is harmless, like any false suspicion: a majority still hears the leader and says no.
    pub fn disconnected(&mut self, cx: Context<'_>, peer: NodeId, out: &mut Effects) {
        if self.standing == (Standing::Follows { leader: peer }) {
            self.suspect(cx, out);
        }
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

    fn hear_heartbeat(&mut self, cx: Context<'_>, from: NodeId, out: &mut Effects) {
        if self.standing == (Standing::Follows { leader: from }) {
            out.push(set(ElectionTimer::Suspicion, cx.config.election.suspect_after));
        } else {
            self.follow(cx, from, out);
        }
    }

    /// Leads the current term from now on.
    pub(super) fn lead(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.standing = Standing::Leads(Office::default());
        out.push(self.leader_event(Some(cx.me.node)));
        self.beat(cx, out);
    }

    /// Sends a heartbeat, and sets the timer for the next one.
    fn beat(&mut self, cx: Context<'_>, out: &mut Effects) {
        let Standing::Leads(office) = &mut self.standing else { return };
        let beat = office.beat(cx, out);
        self.tell_others(cx, ElectionMessage::Heartbeat { beat }, out);
        out.push(set(ElectionTimer::Heartbeat, cx.config.election.heartbeat));
    }

    /// Sends an early heartbeat, for a request of the leader's own.
    pub fn beat_early(&mut self, cx: Context<'_>, out: &mut Effects) {
        let Standing::Leads(office) = &mut self.standing else { return };
        if let Some(beat) = office.beat_early(cx, out) {
            self.tell_others(cx, ElectionMessage::Heartbeat { beat }, out);
        }
    }

    /// The lease of a heartbeat has ended.
    fn end_lease(&mut self, cx: Context<'_>, number: u32, out: &mut Effects) {
        let Standing::Leads(office) = &mut self.standing else { return };
        if office.end_lease(cx, number) {
            self.leave_leader(out);
            self.probe(cx, TermCause::LostMajority.into(), out);
        }
    }

    /// A candidacy has failed, and the waiting time after it is over.
    fn try_again(&mut self, cx: Context<'_>, cause: ElectionCause, out: &mut Effects) {
        self.campaign = Campaign::Idle;
        match self.standing {
            Standing::Follows { leader } if leader > cx.me.node => {}
            Standing::Follows { .. } => self.challenge(cx, out),
            Standing::Leaderless => self.probe(cx, cause, out),
            Standing::Leads(_) => {}
        }
    }

    /// No sign of life of a leader has arrived for too long, or its connection was closed.
    fn suspect(&mut self, cx: Context<'_>, out: &mut Effects) {
        match self.standing {
            Standing::Follows { leader } => {
                self.leave_leader(out);
                self.probe(cx, BullyCause::Suspicion { leader }.into(), out);
            }
            Standing::Leaderless => self.probe(cx, BullyCause::NoWinner.into(), out),
            Standing::Leads(_) => {}
        }
    }

    /// Follows `leader`, which leads the current term.
    pub(super) fn follow(&mut self, cx: Context<'_>, leader: NodeId, out: &mut Effects) {
        if let Standing::Leads(_) = self.standing {
            // A term has one leader, so this message is not of this protocol.
            return;
        }
        out.push(set(ElectionTimer::Suspicion, cx.config.election.suspect_after));
        let followed = Standing::Follows { leader };
        if self.standing == followed {
            return;
        }
        self.end_campaign(out);
        self.standing = followed;
        self.lost_leader = false;
        out.push(self.leader_event(Some(leader)));
        let after = match cx.config.hardened.preempt {
            Preempt::Always => cx.config.election.coordinator_timeout,
            Preempt::Stable => cx.config.hardened.probation,
            Preempt::Never => return,
        };
        if leader < cx.me.node {
            out.push(set(TermTimer::Challenge, after));
        }
    }

    /// Follows a leader that another node follows, unless this node has left that leader in this
    /// term. Otherwise two such nodes could convince each other to follow a dead leader for ever.
    pub(super) fn follow_hearsay(&mut self, cx: Context<'_>, leader: NodeId, out: &mut Effects) {
        if leader != cx.me.node && !self.lost_leader {
            self.follow(cx, leader, out);
        }
    }

    /// Stops following or leading, and cancels the timers of that role.
    pub(super) fn leave_leader(&mut self, out: &mut Effects) {
        match core::mem::replace(&mut self.standing, Standing::Leaderless) {
            Standing::Leaderless => return,
            Standing::Follows { .. } => {
                out.push(cancel(ElectionTimer::Suspicion));
                out.push(cancel(TermTimer::Challenge));
            }
            Standing::Leads(office) => office.end(out),
        }
        self.lost_leader = true;
        out.push(self.leader_event(None));
    }

    /// Enters a term in which the node has neither voted nor found a leader.
    pub(super) fn enter_term(&mut self, term: Term, out: &mut Effects) {
        self.end_campaign(out);
        self.leave_leader(out);
        self.lost_leader = false;
        self.hearing.forget();
        self.save(Stable { term, vote: None }, out);
    }

    pub(super) fn stop_waiting_for_leader(&self, out: &mut Effects) {
        if self.standing == Standing::Leaderless {
            out.push(cancel(ElectionTimer::Suspicion));
        }
    }

    pub(super) fn save(&mut self, stable: Stable, out: &mut Effects) {
        if stable != self.stable {
            self.stable = stable;
            out.push(Effect::Save(stable));
        }
    }

    pub(super) fn leader_event(&self, leader: Option<NodeId>) -> Effect {
        Effect::Emit(Event::Leader { leader, term: Some(self.term()) })
    }

    pub(super) fn tell_others(&self, cx: Context<'_>, message: ElectionMessage, out: &mut Effects) {
        out.extend(cx.config.size.others(cx.me.node).map(|to| self.message(to, message)));
    }

    pub(super) const fn message(&self, to: NodeId, message: ElectionMessage) -> Effect {
        let termed = Termed { term: self.term(), body: Body::Election(message) };
        Effect::Send { to, message: Message::Hardened(termed) }
    }
}
