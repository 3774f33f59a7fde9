//! Leader election: the Bully algorithm, in two forms, with its failure detector.
//!
//! Garcia-Molina, "Elections in a Distributed Computing System" (1982), section 3. The form
//! `parallel` is that of Coulouris et al., section 15.3, and van Steen and Tanenbaum, section 5.4.
//! The form `sequential`, which asks one node at a time, is that of a course report.
//!
//! Two things are independent: which leader a node follows ([`Standing`]), and the state of its own
//! candidacy ([`Campaign`]). A node that is asked by a lower one starts a candidacy and keeps its
//! leader. Only a suspicion makes it drop the leader.

pub(crate) mod io;

pub use io::{BullyCause, ElectionChoice, ElectionMessage, ElectionTimer, PollTimer};

use core::time::Duration;

use crate::config::{Announce, Detector, DurationRange, Form};
use crate::id::{ElectionId, NodeId, NodeSet};
use crate::io::{Choice, Context, Effect, Effects, Event, Message, cancel, set};
use crate::view::Candidacy;

/// The leader that a node follows.
#[allow(missing_docs, reason = "the names are self-explanatory")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Standing {
    #[default]
    Leaderless,
    Follows {
        leader: NodeId,
    },
    Leads,
}

/// The state of a node's own candidacy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Campaign {
    /// The node runs no election of its own.
    #[default]
    Idle,
    /// Parallel form: all nodes with higher ids were asked; none has said OK.
    AwaitsAnswers {
        /// The number of its election.
        election: ElectionId,
        /// Nodes that may still answer.
        silent: NodeSet,
    },
    /// Sequential form: one node with a higher id was asked.
    Asks {
        /// The number of its election.
        election: ElectionId,
        /// The node that was asked.
        asked: NodeId,
    },
    /// A node with a higher id said OK. That node must win within T', or a new election is held.
    AwaitsCoordinator {
        /// The number of its election.
        election: ElectionId,
    },
}

/// The election of one node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Election {
    standing: Standing,
    campaign: Campaign,
    /// How many elections this life of the node has started.
    held: u32,
    /// How many times this life of the node has polled a leader.
    polls: u32,
}

impl Election {
    /// The leader that the node follows.
    pub const fn standing(&self) -> Standing {
        self.standing
    }

    /// The state of its own candidacy.
    pub const fn campaign(&self) -> Campaign {
        self.campaign
    }

    /// The id of the leader that `me` follows; `me` if it leads.
    pub const fn leader(&self, me: NodeId) -> Option<NodeId> {
        match self.standing {
            Standing::Leaderless => None,
            Standing::Follows { leader } => Some(leader),
            Standing::Leads => Some(me),
        }
    }

    /// The state of its own candidacy, as pictures show it.
    pub(crate) const fn candidacy(&self) -> Candidacy {
        match self.campaign {
            Campaign::Idle => Candidacy::Idle,
            Campaign::AwaitsAnswers { .. } | Campaign::Asks { .. } => Candidacy::AwaitingAnswers,
            Campaign::AwaitsCoordinator { .. } => Candidacy::AwaitingCoordinator,
        }
    }

    /// Called once, when the node starts. A node that knows no leader holds an election.
    pub fn start(&mut self, cx: Context<'_>, known: Option<NodeId>, out: &mut Effects) {
        match known {
            Some(leader) if leader == cx.me.node => self.lead(cx, out),
            Some(leader) => self.follow(cx, leader, out),
            None => self.hold_election(cx, BullyCause::Start, out),
        }
    }

    /// Holds an election as [`Command::Elect`](crate::Command::Elect) demands: a follower drops its leader
    /// first.
    pub fn elect(&mut self, cx: Context<'_>, out: &mut Effects) {
        match self.standing {
            Standing::Leads => self.announce(cx, out),
            Standing::Leaderless => self.hold_election(cx, BullyCause::Command, out),
            Standing::Follows { .. } => {
                self.give_leader_up(cx, out);
                self.hold_election(cx, BullyCause::Command, out);
            }
        }
    }

    /// Handles a message from `from`.
    pub fn receive(
        &mut self,
        cx: Context<'_>,
        from: NodeId,
        message: ElectionMessage,
        out: &mut Effects,
    ) {
        match message {
            ElectionMessage::Election { election } if from < cx.me.node => {
                out.push(send(from, ElectionMessage::Ok { election }));
                self.hold_election(cx, BullyCause::Asked { by: from }, out);
            }
            // This protocol never asks nodes with lower ids.
            ElectionMessage::Election { .. } => {}
            ElectionMessage::Ok { election } => self.hear_ok(cx, election, out),
            ElectionMessage::Coordinator if from > cx.me.node => self.follow(cx, from, out),
            // A bully does not follow a node with a lower id.
            ElectionMessage::Coordinator => {
                self.hold_election(cx, BullyCause::LowerAnnounced { by: from }, out);
            }
            ElectionMessage::Heartbeat => self.hear_heartbeat(cx, from, out),
            ElectionMessage::AreYouAlive { question } => match self.standing {
                Standing::Leads => out.push(send(from, ElectionMessage::Alive { question })),
                // The asker follows a node that does not lead. It finds that out by getting no
                // answer.
                Standing::Leaderless | Standing::Follows { .. } => {}
            },
            ElectionMessage::Alive { question } => self.hear_alive(cx, from, question, out),
        }
    }

    /// Handles a timer that has fired.
    pub fn timeout(&mut self, cx: Context<'_>, timer: ElectionTimer, out: &mut Effects) {
        match timer {
            ElectionTimer::Heartbeat => {
                for to in cx.config.size.others(cx.me.node) {
                    out.push(send(to, ElectionMessage::Heartbeat));
                }
                out.push(set(ElectionTimer::Heartbeat, cx.config.election.heartbeat));
            }
            ElectionTimer::Suspicion => self.suspect(cx, out),
            ElectionTimer::Answers => match self.campaign {
                Campaign::AwaitsAnswers { .. } => self.win(cx, out),
                Campaign::Asks { election, asked } => self.ask_below(cx, election, asked, out),
                // Both states cancelled the timer when they were entered.
                Campaign::Idle | Campaign::AwaitsCoordinator { .. } => {}
            },
            ElectionTimer::Coordinator => {
                self.campaign = Campaign::Idle;
                self.hold_election(cx, BullyCause::NoWinner, out);
            }
        }
    }

    /// Handles a timer of the detector `poll` that has fired.
    pub fn poll_timeout(&mut self, cx: Context<'_>, timer: PollTimer, out: &mut Effects) {
        match timer {
            PollTimer::Wait => self.poll(cx, out),
            PollTimer::Answer => self.suspect(cx, out),
        }
    }

    /// Handles the result of a draw.
    pub fn drawn(&mut self, choice: ElectionChoice, value: u64, out: &mut Effects) {
        match choice {
            ElectionChoice::PollWait => {
                out.push(set(PollTimer::Wait, Duration::from_micros(value)));
            }
        }
    }

    /// The connection to `peer` was refused or closed. If `peer` is the leader, it is suspected at
    /// once. If `peer` was asked, its OK will not come, and the candidacy proceeds at once.
    pub fn disconnected(&mut self, cx: Context<'_>, peer: NodeId, out: &mut Effects) {
        let detects = cx.config.election.detector != Detector::Off;
        if detects && self.standing == (Standing::Follows { leader: peer }) {
            self.suspect(cx, out);
        }
        match &mut self.campaign {
            Campaign::Asks { election, asked } if *asked == peer => {
                let election = *election;
                self.ask_below(cx, election, peer, out);
            }
            Campaign::AwaitsAnswers { silent, .. } => {
                if silent.remove(peer) && silent.is_empty() {
                    out.push(cancel(ElectionTimer::Answers));
                    self.win(cx, out);
                }
            }
            Campaign::Idle | Campaign::Asks { .. } | Campaign::AwaitsCoordinator { .. } => {}
        }
    }

    /// Starts an election unless one is running.
    fn hold_election(&mut self, cx: Context<'_>, cause: BullyCause, out: &mut Effects) {
        let Campaign::Idle = self.campaign else { return };
        self.held += 1;
        let election = ElectionId { by: cx.me, number: self.held };
        out.push(Effect::Emit(Event::ElectionStarted { election, cause: cause.into() }));
        let (me, size) = (cx.me.node, cx.config.size);
        match cx.config.election.form {
            _ if me == size.highest() => self.win(cx, out),
            Form::Parallel => {
                for to in size.above(me) {
                    out.push(send(to, ElectionMessage::Election { election }));
                }
                let silent = size.above(me).collect();
                self.campaign = Campaign::AwaitsAnswers { election, silent };
                out.push(set(ElectionTimer::Answers, cx.config.election.answer_timeout));
            }
            Form::Sequential => self.ask(cx, election, size.highest(), out),
        }
    }

    /// Sequential form: asks one node.
    fn ask(&mut self, cx: Context<'_>, election: ElectionId, asked: NodeId, out: &mut Effects) {
        out.push(send(asked, ElectionMessage::Election { election }));
        self.campaign = Campaign::Asks { election, asked };
        out.push(set(ElectionTimer::Answers, cx.config.election.answer_timeout));
    }

    /// Sequential form: `silent` does not answer; asks the node below it, or wins.
    fn ask_below(
        &mut self,
        cx: Context<'_>,
        election: ElectionId,
        silent: NodeId,
        out: &mut Effects,
    ) {
        match cx.config.size.below(silent).next_back() {
            Some(next) if next > cx.me.node => self.ask(cx, election, next, out),
            _ => {
                out.push(cancel(ElectionTimer::Answers));
                self.win(cx, out);
            }
        }
    }

    fn hear_ok(&mut self, cx: Context<'_>, answered: ElectionId, out: &mut Effects) {
        match self.campaign {
            Campaign::AwaitsAnswers { election, .. } | Campaign::Asks { election, .. }
                if election == answered =>
            {
                self.campaign = Campaign::AwaitsCoordinator { election };
                out.push(cancel(ElectionTimer::Answers));
                out.push(set(ElectionTimer::Coordinator, cx.config.election.coordinator_timeout));
            }
            // A second OK, an OK for an earlier election, or an OK after winning has no effect.
            Campaign::Idle
            | Campaign::AwaitsAnswers { .. }
            | Campaign::Asks { .. }
            | Campaign::AwaitsCoordinator { .. } => {}
        }
    }

    fn hear_heartbeat(&mut self, cx: Context<'_>, from: NodeId, out: &mut Effects) {
        match self.standing {
            Standing::Follows { leader } if leader == from => self.watch(cx, out),
            // After a partition heals, two leaders remain until the next election: the classic
            // algorithm cannot decide between them.
            Standing::Leaderless | Standing::Follows { .. } | Standing::Leads => {}
        }
    }

    fn hear_alive(&mut self, cx: Context<'_>, from: NodeId, question: u32, out: &mut Effects) {
        match self.standing {
            Standing::Follows { leader } if leader == from && question == self.polls => {
                out.push(cancel(PollTimer::Answer));
                self.watch(cx, out);
            }
            // An answer to an earlier poll, or from a node that is not followed.
            Standing::Leaderless | Standing::Follows { .. } | Standing::Leads => {}
        }
    }

    /// Asks the leader whether it is alive, and sets the timer for its answer.
    fn poll(&mut self, cx: Context<'_>, out: &mut Effects) {
        let Standing::Follows { leader } = self.standing else { return };
        self.polls += 1;
        out.push(send(leader, ElectionMessage::AreYouAlive { question: self.polls }));
        out.push(set(PollTimer::Answer, cx.config.election.suspect_after));
    }

    /// Drops the leader, which was silent for too long or whose connection was closed.
    fn suspect(&mut self, cx: Context<'_>, out: &mut Effects) {
        let Standing::Follows { leader } = self.standing else { return };
        self.give_leader_up(cx, out);
        self.hold_election(cx, BullyCause::Suspicion { leader }, out);
    }

    /// Waits for the leader's next sign of life.
    fn watch(&mut self, cx: Context<'_>, out: &mut Effects) {
        let election = &cx.config.election;
        match election.detector {
            Detector::Heartbeat => out.push(set(ElectionTimer::Suspicion, election.suspect_after)),
            Detector::Poll => out.push(Effect::draw_duration(
                Choice::Election(ElectionChoice::PollWait),
                DurationRange { min: election.heartbeat / 2, max: election.heartbeat * 3 / 2 },
            )),
            Detector::Off => {}
        }
    }

    /// Cancels the timers of the failure detector.
    fn stop_watching(cx: Context<'_>, out: &mut Effects) {
        match cx.config.election.detector {
            Detector::Heartbeat => out.push(cancel(ElectionTimer::Suspicion)),
            Detector::Poll => {
                out.push(cancel(PollTimer::Wait));
                out.push(cancel(PollTimer::Answer));
            }
            Detector::Off => {}
        }
    }

    /// Ends the node's own candidacy and cancels its timers.
    fn end_campaign(&mut self, out: &mut Effects) {
        match core::mem::take(&mut self.campaign) {
            Campaign::Idle => {}
            Campaign::AwaitsAnswers { .. } | Campaign::Asks { .. } => {
                out.push(cancel(ElectionTimer::Answers));
            }
            Campaign::AwaitsCoordinator { .. } => out.push(cancel(ElectionTimer::Coordinator)),
        }
    }

    /// No node with a higher id answers: leads, and announces it.
    fn win(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.campaign = Campaign::Idle;
        match self.standing {
            // It led before: the announcement changes nothing for its followers.
            Standing::Leads => {}
            Standing::Leaderless | Standing::Follows { .. } => self.lead(cx, out),
        }
        self.announce(cx, out);
    }

    fn announce(&self, cx: Context<'_>, out: &mut Effects) {
        let (me, size) = (cx.me.node, cx.config.size);
        let to_all = match (cx.config.election.form, cx.config.election.announce) {
            (Form::Parallel, Announce::Lower) => false,
            (Form::Parallel, Announce::All) | (Form::Sequential, _) => true,
        };
        let listeners = size.others(me).filter(|&other| to_all || other < me);
        out.extend(listeners.map(|to| send(to, ElectionMessage::Coordinator)));
    }

    fn lead(&mut self, cx: Context<'_>, out: &mut Effects) {
        if let Standing::Follows { .. } = self.standing {
            Self::stop_watching(cx, out);
        }
        self.standing = Standing::Leads;
        out.push(Effect::Emit(Event::Leader { leader: Some(cx.me.node), term: None }));
        if cx.config.election.detector == Detector::Heartbeat && cx.config.size.get() > 1 {
            out.push(set(ElectionTimer::Heartbeat, cx.config.election.heartbeat));
        }
    }

    /// Follows `leader`, which has announced itself.
    fn follow(&mut self, cx: Context<'_>, leader: NodeId, out: &mut Effects) {
        self.end_campaign(out);
        let followed = Standing::Follows { leader };
        let before = core::mem::replace(&mut self.standing, followed);
        if before == Standing::Leads && cx.config.election.detector == Detector::Heartbeat {
            out.push(cancel(ElectionTimer::Heartbeat));
        }
        if before != followed {
            out.push(Effect::Emit(Event::Leader { leader: Some(leader), term: None }));
        }
        // An announcement is a sign of life, even from the leader that is followed already.
        if let Standing::Follows { .. } = before {
            Self::stop_watching(cx, out);
        }
        self.watch(cx, out);
    }

    /// Stops following the leader, and cancels the timers of the failure detector.
    fn give_leader_up(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.standing = Standing::Leaderless;
        Self::stop_watching(cx, out);
        out.push(Effect::Emit(Event::Leader { leader: None, term: None }));
    }
}

fn send(to: NodeId, message: ElectionMessage) -> Effect {
    Effect::Send { to, message: Message::Election(message) }
}
