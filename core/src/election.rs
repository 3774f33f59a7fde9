//! Leader election: the Bully algorithm, in two forms, with its failure detector.
//!
//! Garcia-Molina, "Elections in a Distributed Computing System" (1982), section 3; in the form of
//! Coulouris et al., section 15.3, and van Steen and Tanenbaum, section 5.4 (`parallel`), and in
//! that of a course report that asks one node at a time (`sequential`).
//!
//! Two things are independent of each other and are kept apart: whom a node follows
//! ([`Standing`]) and how far its own candidacy is ([`Campaign`]). A node that is asked by a lower
//! one campaigns without giving up its leader; only suspicion makes it do so.

use core::time::Duration;

use crate::config::{Announce, Detector, DurationRange, Form};
use crate::id::{ElectionId, NodeId, NodeSet};
use crate::vocabulary::{Choice, Context, Effect, Effects, Event, Message, Timer};

/// What the nodes say to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ElectionMessage {
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
    /// COORDINATOR: I lead. It carries nothing that would order it against another announcer's.
    Coordinator,
    /// HEARTBEAT: the leader is alive.
    Heartbeat,
    /// CALL, of the detector `poll`: does the leader still lead?
    AreYouAlive {
        /// The number of the question.
        question: u32,
    },
    /// REPLY, of the detector `poll`: it does.
    Alive {
        /// The number of the question.
        question: u32,
    },
}

/// What the election and its failure detector wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ElectionTimer {
    /// How long until the leader shows again that it is alive.
    Heartbeat,
    /// How long the leader may still be silent.
    Suspicion,
    /// How long until the leader is asked again.
    PollWait,
    /// How long the leader that was asked may still take.
    PollAnswer,
    /// T: how long the higher ids may still take to say OK.
    Answers,
    /// T': how long whoever said OK may still take to win.
    Coordinator,
    /// Hardened: how long a majority may still take to consent to the next term.
    ProbeAnswers,
    /// Hardened: how long a majority may still take to accept the node as leader.
    Accepts,
    /// Hardened: how long until a candidacy that came to nothing is tried again.
    Retry,
    /// Hardened: how long until a node asks whether the others would leave the leader that it
    /// outranks.
    Challenge,
    /// Hardened: how long until the node has been up for long enough to take over from a leader.
    Probation,
    /// Hardened: how long the heartbeat of this number may still earn the leader its lease.
    Lease(u32),
    /// Hardened: how long until a node with a new memory says so again.
    Birth,
}

/// What the failure detector leaves to chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ElectionChoice {
    /// How long to wait before the leader is asked again, in microseconds.
    PollWait,
}

/// Why an election was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ElectionCause {
    /// The node has just started and knows of no leader.
    Start,
    /// A user wants it.
    Command,
    /// The leader was silent for too long.
    Suspicion {
        /// The leader that is suspected.
        leader: NodeId,
    },
    /// A lower id holds an election.
    Asked {
        /// The lower id.
        by: NodeId,
    },
    /// Somebody above said OK but nobody won.
    NoWinner,
    /// A lower id says that it leads, or wants to.
    LowerAnnounced {
        /// The lower id.
        by: NodeId,
    },
    /// Hardened: the node led, and a majority has not heard it for too long.
    LostMajority,
    /// Hardened: no majority has agreed to an earlier candidacy of the node.
    NoMajority,
    /// Hardened: the node follows a leader that it outranks.
    Outranks {
        /// The leader.
        leader: NodeId,
    },
    /// Hardened: the leader has left in good order.
    Resigned {
        /// The leader.
        leader: NodeId,
    },
}

/// Whom a node follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Nobody.
    #[default]
    Leaderless,
    /// Another node.
    Follows {
        /// That node.
        leader: NodeId,
    },
    /// Itself.
    Leads,
}

/// How far a node's own candidacy is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Campaign {
    /// It runs no election.
    #[default]
    Idle,
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
    /// Somebody above said OK; it must win or be replaced.
    AwaitsCoordinator {
        /// Its election.
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
    /// How many times it has asked a leader whether it is alive.
    polls: u32,
}

impl Election {
    /// Whom the node follows.
    pub const fn standing(&self) -> Standing {
        self.standing
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
            Standing::Leads => Some(me),
        }
    }

    /// The node starts. One that is told of no leader holds an election.
    pub fn start(&mut self, cx: Context<'_>, known: Option<NodeId>, out: &mut Effects) {
        match known {
            Some(leader) if leader == cx.me.node => self.lead(cx, out),
            Some(leader) => self.follow(cx, leader, out),
            None => self.hold(cx, ElectionCause::Start, out),
        }
    }

    /// A user wants an election.
    pub fn elect(&mut self, cx: Context<'_>, out: &mut Effects) {
        match self.standing {
            Standing::Leads => self.announce(cx, out),
            Standing::Leaderless => self.hold(cx, ElectionCause::Command, out),
            Standing::Follows { .. } => {
                self.give_leader_up(cx, out);
                self.hold(cx, ElectionCause::Command, out);
            }
        }
    }

    /// A message arrives.
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
                self.hold(cx, ElectionCause::Asked { by: from }, out);
            }
            // Nobody asks those below: such a message is not of this protocol.
            ElectionMessage::Election { .. } => {}
            ElectionMessage::Ok { election } => self.hear_ok(cx, election, out),
            ElectionMessage::Coordinator if from > cx.me.node => self.follow(cx, from, out),
            // A bully does not obey a weaker node.
            ElectionMessage::Coordinator => {
                self.hold(cx, ElectionCause::LowerAnnounced { by: from }, out);
            }
            ElectionMessage::Heartbeat => self.hear_heartbeat(cx, from, out),
            ElectionMessage::AreYouAlive { question } => match self.standing {
                Standing::Leads => out.push(send(from, ElectionMessage::Alive { question })),
                // Whoever asks follows a node that does not lead: silence tells it so.
                Standing::Leaderless | Standing::Follows { .. } => {}
            },
            ElectionMessage::Alive { question } => self.hear_alive(cx, from, question, out),
        }
    }

    /// A timer ran out.
    pub fn timeout(&mut self, cx: Context<'_>, timer: ElectionTimer, out: &mut Effects) {
        match timer {
            ElectionTimer::Heartbeat => {
                for to in cx.config.size.others(cx.me.node) {
                    out.push(send(to, ElectionMessage::Heartbeat));
                }
                out.push(set(ElectionTimer::Heartbeat, cx.config.election.heartbeat));
            }
            ElectionTimer::Suspicion | ElectionTimer::PollAnswer => self.suspect(cx, out),
            ElectionTimer::PollWait => self.poll(cx, out),
            ElectionTimer::Answers => match self.campaign {
                Campaign::AwaitsAnswers { .. } => self.win(cx, out),
                Campaign::Asks { election, asked } => self.ask_below(cx, election, asked, out),
                // Both states cancelled the timer when they were entered.
                Campaign::Idle | Campaign::AwaitsCoordinator { .. } => {}
            },
            ElectionTimer::Coordinator => {
                self.campaign = Campaign::Idle;
                self.hold(cx, ElectionCause::NoWinner, out);
            }
            // They are of the hardened profile: this one never sets them.
            ElectionTimer::ProbeAnswers
            | ElectionTimer::Accepts
            | ElectionTimer::Retry
            | ElectionTimer::Challenge
            | ElectionTimer::Probation
            | ElectionTimer::Lease(_)
            | ElectionTimer::Birth => {}
        }
    }

    /// Chance has spoken.
    pub fn drawn(&mut self, choice: ElectionChoice, value: u64, out: &mut Effects) {
        match choice {
            ElectionChoice::PollWait => {
                out.push(set(ElectionTimer::PollWait, Duration::from_micros(value)));
            }
        }
    }

    /// The connection to `peer` was refused or closed: a leader is suspected without waiting for
    /// its silence, and an OK stays away for certain, and at once.
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
    fn hold(&mut self, cx: Context<'_>, cause: ElectionCause, out: &mut Effects) {
        let Campaign::Idle = self.campaign else { return };
        self.held += 1;
        let election = ElectionId { by: cx.me, number: self.held };
        out.push(Effect::Emit(Event::ElectionStarted { election, cause }));
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

    /// Sequential form: `silent` does not answer; asks the next lower one, or wins.
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
            // A second OK, or one of an earlier election, or one after winning: too late to matter.
            Campaign::Idle
            | Campaign::AwaitsAnswers { .. }
            | Campaign::Asks { .. }
            | Campaign::AwaitsCoordinator { .. } => {}
        }
    }

    fn hear_heartbeat(&mut self, cx: Context<'_>, from: NodeId, out: &mut Effects) {
        match self.standing {
            Standing::Follows { leader } if leader == from => self.watch(cx, out),
            // A healed split stays until an election: classic knows no way to tell who is right.
            Standing::Leaderless | Standing::Follows { .. } | Standing::Leads => {}
        }
    }

    fn hear_alive(&mut self, cx: Context<'_>, from: NodeId, question: u32, out: &mut Effects) {
        match self.standing {
            Standing::Follows { leader } if leader == from && question == self.polls => {
                out.push(cancel(ElectionTimer::PollAnswer));
                self.watch(cx, out);
            }
            // The answer to an earlier question, or of somebody who is not followed.
            Standing::Leaderless | Standing::Follows { .. } | Standing::Leads => {}
        }
    }

    /// Asks the leader whether it is alive.
    fn poll(&mut self, cx: Context<'_>, out: &mut Effects) {
        let Standing::Follows { leader } = self.standing else { return };
        self.polls += 1;
        out.push(send(leader, ElectionMessage::AreYouAlive { question: self.polls }));
        out.push(set(ElectionTimer::PollAnswer, cx.config.election.suspect_after));
    }

    /// The leader was silent for too long, or its connection was closed.
    fn suspect(&mut self, cx: Context<'_>, out: &mut Effects) {
        let Standing::Follows { leader } = self.standing else { return };
        self.give_leader_up(cx, out);
        self.hold(cx, ElectionCause::Suspicion { leader }, out);
    }

    /// Waits for the next sign of life of the leader.
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

    /// Stops waiting for signs of life.
    fn stop_watching(cx: Context<'_>, out: &mut Effects) {
        match cx.config.election.detector {
            Detector::Heartbeat => out.push(cancel(ElectionTimer::Suspicion)),
            Detector::Poll => {
                out.push(cancel(ElectionTimer::PollWait));
                out.push(cancel(ElectionTimer::PollAnswer));
            }
            Detector::Off => {}
        }
    }

    /// Ends the own candidacy and its timers.
    fn end_campaign(&mut self, out: &mut Effects) {
        match core::mem::take(&mut self.campaign) {
            Campaign::Idle => {}
            Campaign::AwaitsAnswers { .. } | Campaign::Asks { .. } => {
                out.push(cancel(ElectionTimer::Answers));
            }
            Campaign::AwaitsCoordinator { .. } => out.push(cancel(ElectionTimer::Coordinator)),
        }
    }

    /// Nobody above answers: leads, and says so.
    fn win(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.campaign = Campaign::Idle;
        match self.standing {
            // It led before: its followers hear a re-announcement, which changes nothing.
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

    /// Becomes the leader.
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

    /// Follows `leader`, who has said that it leads.
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
        // An announcement is a sign of life, also of the leader that is followed already.
        if let Standing::Follows { .. } = before {
            Self::stop_watching(cx, out);
        }
        self.watch(cx, out);
    }

    /// Follows nobody.
    fn give_leader_up(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.standing = Standing::Leaderless;
        Self::stop_watching(cx, out);
        out.push(Effect::Emit(Event::Leader { leader: None, term: None }));
    }
}

fn send(to: NodeId, message: ElectionMessage) -> Effect {
    Effect::Send { to, message: Message::Election(message) }
}

const fn set(timer: ElectionTimer, after: Duration) -> Effect {
    Effect::SetTimer { timer: Timer::Election(timer), after }
}

const fn cancel(timer: ElectionTimer) -> Effect {
    Effect::CancelTimer { timer: Timer::Election(timer) }
}
