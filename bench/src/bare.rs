//! The simplest event loops, written by hand.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use antes_core::{Agenda, Effect, Identity, Incarnation, Message, NodeId, Timer};
use antes_sim::narrow::{Boot, Input, Node, Stamp};
use antes_sim::random::Random;
use antes_sim::world::Process;

use crate::work::{LATENCY, NODES, Outcome, Work, micros, nodes};

/// The arrival of a message: instant, sequence number, sender, receiver.
type Landing = (u64, u64, u8, u8);

/// Ping-pong without clocks and nodes: a heap, and a reply to each message. Returns the number of
/// deliveries.
pub fn ping_pong(work: &Work) -> u64 {
    let (latency_us, end_us) = (micros(LATENCY), work.end_us());
    let mut heap: BinaryHeap<Reverse<Landing>> = BinaryHeap::new();
    let mut sent = 0;
    for from in nodes() {
        for to in nodes().filter(|&to| to != from) {
            heap.push(Reverse((latency_us, sent, from.get(), to.get())));
            sent += 1;
        }
    }
    let mut deliveries = 0;
    while let Some(Reverse((now_us, _, from, to))) = heap.pop() {
        if now_us > end_us {
            break;
        }
        deliveries += 1;
        heap.push(Reverse((now_us + latency_us, sent, to, from)));
        sent += 1;
    }
    deliveries
}

/// The real nodes in a loop that supports nothing but this work: no faults, no trace, no judge, no
/// view of messages in flight.
pub fn mutex(work: &Work) -> Outcome {
    let mut cluster = Cluster::new(work);
    for node in nodes() {
        cluster.step(node, &Input::Start);
    }
    while let Some(event) = cluster.heap.pop() {
        if event.at_us > work.end_us() {
            break;
        }
        cluster.now_us = event.at_us;
        match event.what {
            What::Write => cluster.deliveries += 1,
            What::Message { from, to, stamp, message } => {
                cluster.deliveries += 1;
                cluster.step(to, &Input::Message { from, stamp, message });
            }
            What::Timer { node, timer } => cluster.ring(node, timer, event.number),
        }
    }
    Outcome { deliveries: cluster.deliveries, stamps: cluster.seats.map(|seat| seat.stamp) }
}

enum What {
    Message { from: NodeId, to: NodeId, stamp: Stamp, message: Message },
    Write,
    Timer { node: NodeId, timer: Timer },
}

struct Event {
    at_us: u64,
    number: u64,
    what: What,
}

impl Event {
    fn key(&self) -> (u64, bool, u64) {
        (self.at_us, matches!(self.what, What::Timer { .. }), self.number)
    }
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Event {}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Event {
    /// Reversed, since the heap returns the greatest entry first.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.key().cmp(&self.key())
    }
}

struct Seat {
    process: Node,
    stamp: Stamp,
    random: Random,
    /// Each timer with the sequence number of its event.
    timers: Vec<(Timer, u64)>,
}

struct Cluster {
    now_us: u64,
    planned: u64,
    deliveries: u64,
    heap: BinaryHeap<Event>,
    seats: [Seat; NODES],
    agenda: Agenda,
}

impl Cluster {
    fn new(work: &Work) -> Self {
        let config = Arc::new(work.scenario.config);
        let known_leader = Some(config.size.highest());
        let seats = std::array::from_fn(|place| {
            let node = NodeId::new(place as u8 + 1).expect("a node id");
            let me = Identity { node, incarnation: Incarnation::FIRST };
            let boot = Boot { known_leader, ..Boot::default() };
            Seat {
                process: Node::boot(me, &config, boot),
                stamp: Stamp::default(),
                random: Random::new(work.scenario.seed, u64::from(node.get())),
                timers: Vec::new(),
            }
        });
        Self {
            now_us: 0,
            planned: 0,
            deliveries: 0,
            heap: BinaryHeap::new(),
            seats,
            agenda: Agenda::default(),
        }
    }

    fn plan(&mut self, at_us: u64, what: What) {
        self.planned += 1;
        self.heap.push(Event { at_us, number: self.planned, what });
    }

    fn ring(&mut self, node: NodeId, timer: Timer, number: u64) {
        let timers = &mut self.seats[node.index()].timers;
        if let Some(place) = timers.iter().position(|&armed| armed == (timer, number)) {
            timers.swap_remove(place);
            self.step(node, &Input::Timer(timer));
        }
    }

    fn step(&mut self, node: NodeId, input: &Input) {
        let mut agenda = std::mem::take(&mut self.agenda);
        let seat = &mut self.seats[node.index()];
        seat.stamp = agenda.begin(|out| seat.process.step(input, out));
        loop {
            let Seat { process, stamp, random, .. } = &mut self.seats[node.index()];
            let effect = agenda.next(
                (node, stamp),
                |input, out| process.step(input, out),
                |low, high| random.between(low, high),
            );
            let Some(&effect) = effect else { break };
            self.carry_out(node, effect);
        }
        self.agenda = agenda;
    }

    fn carry_out(&mut self, node: NodeId, effect: Effect) {
        let lands_us = self.now_us + micros(LATENCY);
        let seat = &mut self.seats[node.index()];
        match effect {
            Effect::Send { to, message } => {
                let stamp = seat.stamp;
                self.plan(lands_us, What::Message { from: node, to, stamp, message });
            }
            Effect::Write(_) => self.plan(lands_us, What::Write),
            Effect::SetTimer { timer, after } => {
                seat.timers.retain(|&(armed, _)| armed != timer);
                seat.timers.push((timer, self.planned + 1));
                self.plan(self.now_us + micros(after), What::Timer { node, timer });
            }
            Effect::CancelTimer { timer } => seat.timers.retain(|&(armed, _)| armed != timer),
            Effect::Draw { .. } | Effect::Save(_) | Effect::Remember(_) | Effect::Emit(_) => {}
        }
    }
}
