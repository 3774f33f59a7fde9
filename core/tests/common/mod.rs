//! A driver for one node, which describes the node's effects as text.
#![allow(dead_code, reason = "each test file uses the part of it that it needs")]

use std::fmt::Write as _;
use std::sync::Arc;

use antes_core::*;

pub fn id(number: u8) -> NodeId {
    NodeId::new(number).expect("a node id")
}

pub fn first_life(number: u8) -> Identity {
    Identity { node: id(number), incarnation: Incarnation::FIRST }
}

/// One node of a cluster of four. Draws are answered with their smallest value.
pub struct Bench {
    pub node: Node,
    me: Identity,
}

impl Bench {
    pub fn new(number: u8, algorithm: Algorithm, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new(algorithm, ClusterSize::new(4).expect("a cluster size"));
        config.election.detector = Detector::Off;
        change(&mut config);
        let me = first_life(number);
        let boot = Boot { stamp: Stamp::default(), known_leader: Some(id(4)), ..Boot::default() };
        Self { node: Node::new(me, Arc::new(config), boot), me }
    }

    /// A started node of an election run, with node 4 as its leader.
    pub fn leader(number: u8) -> Self {
        Self::new(number, Algorithm::Leader, |_| {}).started()
    }

    /// A started node of a classic run with a lock, with node 4 as its leader.
    pub fn mutex(number: u8) -> Self {
        Self::new(number, Algorithm::Mutex, |_| {}).started()
    }

    /// A started node of a hardened run with a lock, with node 4 as its leader in term 1.
    pub fn hardened(number: u8) -> Self {
        let mut bench = Self::new(number, Algorithm::Mutex, |_| {});
        let config = Config { profile: Profile::Hardened, ..*bench.node.config() };
        let stable = Stable { term: Term(1), vote: Some(id(4)) };
        let boot = Boot { known_leader: Some(id(4)), stable, ..Boot::default() };
        bench.node = Node::new(bench.me, Arc::new(config), boot);
        bench.started()
    }

    /// A node of a hardened election run with a new memory. It has not started.
    pub fn newborn(number: u8, birth: u64) -> Self {
        let mut bench = Self::new(number, Algorithm::Leader, |_| {});
        let config = Config { profile: Profile::Hardened, ..*bench.node.config() };
        let memory = hardened::Memory::born(hardened::Birth(birth));
        let boot = Boot { memory, ..Boot::default() };
        bench.node = Node::new(bench.me, Arc::new(config), boot);
        bench
    }

    pub fn termed(&mut self, from: u8, term: u64, body: hardened::Body) -> String {
        self.receive(from, Message::Hardened(hardened::Termed { term: Term(term), body }))
    }

    pub fn started(mut self) -> Self {
        self.feed(Input::Start);
        self
    }

    /// Feeds an input and answers draws. Returns the effects as text, separated by `;`.
    pub fn feed(&mut self, input: Input) -> String {
        let mut agenda = Agenda::default();
        agenda.begin(|out| self.node.step(&input, out));
        let mut words = String::new();
        while let Some(effect) = agenda.next_without_stamp(
            |input, out| {
                self.node.step(input, out);
            },
            |low, _| low,
        ) {
            let separator = if words.is_empty() { "" } else { "; " };
            let _ = write!(words, "{separator}{}", in_words(effect));
        }
        words
    }

    pub fn receive(&mut self, from: u8, message: Message) -> String {
        self.feed(Input::Message { from: id(from), stamp: Stamp::default(), message })
    }

    pub fn hear(&mut self, from: u8, message: ElectionMessage) -> String {
        self.receive(from, Message::Election(message))
    }

    pub fn told(&mut self, from: u8, message: MutexMessage) -> String {
        self.receive(from, Message::Mutex(message))
    }

    pub fn timeout(&mut self, timer: impl Into<Timer>) -> String {
        self.feed(Input::Timer(timer.into()))
    }

    pub fn command(&mut self, command: Command) -> String {
        self.feed(Input::Command(command))
    }

    pub fn election(&self) -> &Election {
        self.node.stack().election().expect("a run with an election")
    }

    pub fn mutual_exclusion(&self) -> &Mutex {
        self.node.stack().mutex().expect("a run with a lock")
    }

    /// The id of this node's election with this number.
    pub fn own_election(&self, number: u32) -> ElectionId {
        ElectionId { by: self.me, number }
    }
}

/// ELECTION, sent by `initiator` in its election with this number.
pub fn election_by(initiator: u8, number: u32) -> ElectionMessage {
    ElectionMessage::Election { election: ElectionId { by: first_life(initiator), number } }
}

pub fn request(node: u8, number: u32) -> RequestId {
    RequestId { by: first_life(node), number }
}

fn in_words(effect: &Effect) -> String {
    match effect {
        Effect::Send { to, message } => match message {
            Message::Mutex(MutexMessage::Grant { request, .. }) => {
                format!("GRANT {request} -> {to}")
            }
            Message::Mutex(MutexMessage::Request { request }) => {
                format!("REQUEST {request} -> {to}")
            }
            Message::Distributed(DistributedMessage::Request { request, stamp }) => {
                format!("REQUEST {request} at {stamp} -> {to}")
            }
            Message::Distributed(DistributedMessage::Ok { request }) => {
                format!("OK {request} -> {to}")
            }
            _ => format!("{} -> {to}", message.name()),
        },
        Effect::Write(write) => format!("write {} {:?}", write.request, write.phase),
        Effect::SetTimer { timer, .. } => format!("set {}", timer.name()),
        Effect::CancelTimer { timer } => format!("cancel {}", timer.name()),
        Effect::Draw { .. } => "draw".into(),
        Effect::Save(Stable { term, vote }) => match vote {
            Some(vote) => format!("save term {} vote {vote}", term.0),
            None => format!("save term {}", term.0),
        },
        Effect::Remember(hardened::Fact::Met { node, .. }) => format!("has met {node}"),
        Effect::Remember(hardened::Fact::Known) => "is known".into(),
        Effect::Emit(event) => match event {
            Event::Local => "local event".into(),
            Event::ElectionStarted { election, .. } => format!("starts election {election}"),
            Event::Leader { leader: Some(leader), .. } => format!("follows {leader}"),
            Event::Leader { leader: None, .. } => "follows nobody".into(),
            Event::Requested { request } => format!("wants {request}"),
            Event::Entered { request, .. } => format!("enters {request}"),
            Event::Refused => "is refused".into(),
            Event::Withdrawn { request } => format!("gives up {request}"),
            Event::Exited { request } | Event::Expired { request } => format!("exits {request}"),
        },
    }
}
