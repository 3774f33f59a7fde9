//! A cache of the lock model: all states of nodes found so far and their transitions. Each step of
//! the core is computed once, and the search then looks it up.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, RwLock};

use antes_core::hardened::MutexMessage;
use antes_core::{NodeId, RequestId};

use super::lock::rules::{MOST_NODES, Rules};
use super::lock_node::{Cause, LockNode, Packet, Step};
use super::renaming::Renaming;
use crate::cluster::Broken;

mod kind;
mod orbits;
mod state_id;

use kind::Kind;
use orbits::Orbits;

pub use state_id::{Packets, StateId};

/// A transition of a node.
#[derive(Clone, Debug)]
pub struct Move {
    /// The state of the node afterwards.
    pub next: StateId,
    /// The packets that it sends.
    pub sent: Packets,
    /// The requests of other nodes that it grants.
    pub granted: Vec<RequestId>,
    /// The invariant that the node itself violates, if any.
    pub broken: Option<Broken>,
    /// Whether it crashes during the step and restarts.
    pub cut: bool,
}

/// What is known of one state of a node.
#[derive(Debug)]
pub struct StateEntry {
    pub seat: Arc<LockNode>,
    /// The causes that do not depend on packets, and their outcomes once they are computed.
    pub own: Vec<(Cause, Option<Vec<Move>>)>,
    /// The outcomes of packets that the node acts on, as far as they are computed.
    heard: HashMap<usize, Vec<Move>>,
    /// Packets whose outcomes are computed.
    known: Packets,
    /// Packets that the node acts on.
    pub acts_on: Packets,
    /// Packets that the node answers without changing its state or granting.
    answers: Packets,
    /// Packets that can no longer affect the node.
    spent: Packets,
    /// Packets that can no longer affect the node if it has led its term.
    spent_after_office: Packets,
    /// Packets that can no longer affect the node if it cannot lead again.
    spent_below: Packets,
}

/// An outcome that must be computed first.
#[derive(Clone, Copy, Debug)]
pub enum Missing {
    /// The outcomes of the cause at this index.
    Own(StateId, usize),
    /// The outcomes of this packet.
    Heard(StateId, usize),
}

/// All states and transitions found so far.
#[derive(Debug)]
pub struct Found {
    rules: Arc<Rules>,
    entries: Vec<StateEntry>,
    places: HashMap<Arc<LockNode>, StateId>,
    /// All packets found so far. A packet's number is its index here.
    pub packets: Vec<Packet>,
    numbers: HashMap<Packet, usize>,
    addressed: [Packets; MOST_NODES as usize],
    /// The packets that are grants.
    pub grants: Packets,
    /// States and packets under all renamings.
    pub orbits: Orbits,
}

/// The cache, shared by all threads.
#[derive(Debug)]
pub struct TransitionCache(RwLock<Found>);

const WHOLE: &str = "no thread panics while it writes";

impl TransitionCache {
    pub(super) fn new(rules: Arc<Rules>) -> Self {
        let orbits = Orbits::new(&rules);
        Self(RwLock::new(Found {
            rules,
            orbits,
            entries: Vec::new(),
            places: HashMap::new(),
            packets: Vec::new(),
            numbers: HashMap::new(),
            addressed: Default::default(),
            grants: Packets::default(),
        }))
    }

    /// Runs `look` on the cache. Whenever an outcome is missing, computes it and runs `look` again.
    pub(super) fn look<T>(&self, look: impl Fn(&Found) -> Result<T, Missing>) -> T {
        loop {
            let seen = look(&self.0.read().expect(WHOLE));
            match seen {
                Ok(seen) => return seen,
                Err(missing) => self.0.write().expect(WHOLE).find_out(missing),
            }
        }
    }

    pub(super) fn first(&self, node: NodeId) -> StateId {
        self.0.write().expect(WHOLE).first(node)
    }
}

impl Found {
    pub(super) fn entry(&self, place: StateId) -> &StateEntry {
        &self.entries[place.0 as usize]
    }

    /// The outcomes of this packet: the whole step last.
    pub(super) fn heard(&self, place: StateId, packet: usize) -> Result<&[Move], Missing> {
        let moves = self.entry(place).heard.get(&packet);
        moves.map(Vec::as_slice).ok_or(Missing::Heard(place, packet))
    }

    /// The outcomes of the cause at this index.
    pub(super) fn own(&self, place: StateId, number: usize) -> Result<&[Move], Missing> {
        let (_, moves) = &self.entry(place).own[number];
        moves.as_deref().ok_or(Missing::Own(place, number))
    }

    /// The packets of the soup that are addressed to the node in this state.
    pub(super) fn addressed(&self, place: StateId, soup: &Packets) -> Result<Packets, Missing> {
        let entry = self.entry(place);
        let addressed = soup.both(&self.addressed[entry.seat.me.node.index()]);
        match entry.known.includes(&addressed) {
            true => Ok(addressed),
            false => {
                let missing = addressed.without(&entry.known).iter().next();
                missing.map_or(Ok(addressed), |packet| Err(Missing::Heard(place, packet)))
            }
        }
    }

    /// Adds the answers that the node in this state sends without changing.
    pub(super) fn answer(&self, place: StateId, soup: &mut Packets) -> Result<(), Missing> {
        let addressed = self.addressed(place, soup)?;
        let entry = self.entry(place);
        for packet in addressed.both(&entry.answers).iter() {
            for only in &entry.heard[&packet] {
                soup.add(&only.sent);
            }
        }
        Ok(())
    }

    /// Removes packets that can no longer affect the node in this state.
    pub(super) fn forget(
        &self,
        place: StateId,
        led: &[Option<NodeId>],
        soup: &mut Packets,
    ) -> Result<(), Missing> {
        self.addressed(place, soup)?;
        let entry = self.entry(place);
        let me = entry.seat.me.node;
        let view = entry.seat.view;
        let led = |term: u64| led[term as usize];
        soup.take_out(&entry.spent);
        if view.leader != Some(me) && led(view.term.0) == Some(me) {
            soup.take_out(&entry.spent_after_office);
        }
        let later = view.term.0 + 1..=self.rules.last_term.0;
        if led(view.term.0).is_some() && later.into_iter().all(|term| led(term).is_some()) {
            soup.take_out(&entry.spent_below);
        }
        Ok(())
    }

    fn first(&mut self, node: NodeId) -> StateId {
        let leader = self.rules.config.size.highest();
        let named =
            |names: &Renaming| LockNode::first(&self.rules, names.node(node), names.node(leader));
        let seats = self.orbits.renamings.iter().map(named).collect();
        let (place, alike) = self.place(seats);
        assert!(alike, "at the beginning a node is what it is called");
        place
    }

    fn find_out(&mut self, missing: Missing) {
        match missing {
            Missing::Own(place, number) => {
                let (cause, _) = self.entry(place).own[number];
                let moves = self.step(place, cause);
                self.entries[place.0 as usize].own[number].1 = Some(moves);
            }
            Missing::Heard(place, packet) => self.hear(place, packet),
        }
    }

    fn hear(&mut self, place: StateId, number: usize) {
        let mut moves = match self.entry(place).seat.admits(&self.packets[number]) {
            true => self.step(place, Cause::Delivery(number as u16)),
            false => Vec::new(),
        };
        // A step that exceeds the bounds says nothing about later steps.
        let stays = !moves.is_empty()
            && moves.iter().all(|only| only.next == place && only.granted.is_empty());
        let kind = |renaming| {
            let seat = &self.entry(self.orbits.place(place, renaming)).seat;
            Kind::of(seat, &self.packets[self.orbits.packet(number, renaming)], stays)
        };
        let mut mine = kind(0);
        if (1..self.orbits.len()).any(|renaming| kind(renaming) != mine) {
            moves = vec![Move::unlike(place)];
            mine = Kind { acts_on: true, ..Kind::default() };
        }
        let entry = &mut self.entries[place.0 as usize];
        entry.known.insert(number);
        let sets = [
            (mine.acts_on, &mut entry.acts_on),
            (mine.answered, &mut entry.answers),
            (mine.spent, &mut entry.spent),
            (mine.spent_after_office, &mut entry.spent_after_office),
            (mine.spent_below, &mut entry.spent_below),
        ];
        sets.into_iter().filter(|(is, _)| *is).for_each(|(_, set)| set.insert(number));
        entry.heard.insert(number, moves);
    }

    /// The index of the first of these states, which are one state under all renamings. Also
    /// returns whether they are indeed renamings of each other.
    fn place(&mut self, seats: Vec<LockNode>) -> (StateId, bool) {
        let observed = seats[0].observed(&self.rules);
        let renamed = |(names, seat): (&Renaming, &LockNode)| {
            names.observed(observed.clone()) == seat.observed(&self.rules)
        };
        let known = self.places.contains_key(&seats[0]);
        let alike = known || self.orbits.renamings.iter().zip(&seats).all(renamed);
        let places: Vec<_> = seats.into_iter().map(|seat| self.enter(seat)).collect();
        let fits = self.orbits.add_places(&places);
        (places[0], alike && fits)
    }

    fn enter(&mut self, seat: LockNode) -> StateId {
        if let Some(&place) = self.places.get(&seat) {
            return place;
        }
        let place = StateId(u32::try_from(self.entries.len()).expect("there is memory for fewer"));
        let seat = Arc::new(seat);
        let own = seat.causes(&self.rules).into_iter().map(|cause| (cause, None)).collect();
        self.entries.push(StateEntry {
            seat: Arc::clone(&seat),
            own,
            heard: HashMap::new(),
            known: Packets::default(),
            acts_on: Packets::default(),
            answers: Packets::default(),
            spent: Packets::default(),
            spent_after_office: Packets::default(),
            spent_below: Packets::default(),
        });
        self.places.insert(seat, place);
        place
    }

    /// The number of this packet. `None` if there is no room for it and its renamings.
    fn number(&mut self, packet: Packet) -> Option<usize> {
        if let Some(&number) = self.numbers.get(&packet) {
            return Some(number);
        }
        let all: Vec<_> = self.orbits.renamings.iter().map(|names| names.packet(packet)).collect();
        let room = Packets::MOST - self.packets.len();
        if all.iter().collect::<HashSet<_>>().len() > room {
            return None;
        }
        let numbers: Vec<_> = all.into_iter().map(|packet| self.enter_packet(packet)).collect();
        self.orbits.add_packets(&numbers);
        Some(numbers[0])
    }

    fn enter_packet(&mut self, packet: Packet) -> usize {
        let number = self.packets.len();
        match self.numbers.entry(packet) {
            Entry::Occupied(known) => return *known.get(),
            Entry::Vacant(entry) => entry.insert(number),
        };
        self.packets.push(packet);
        self.addressed[packet.to.index()].insert(number);
        if let MutexMessage::Grant { .. } = packet.message {
            self.grants.insert(number);
        }
        number
    }

    /// The outcomes of `cause` in this state. They must be the same under all renamings.
    fn step(&mut self, place: StateId, cause: Cause) -> Vec<Move> {
        let steps = |renaming| {
            let seat = &self.entry(self.orbits.place(place, renaming)).seat;
            let (cause, packet) = match cause {
                Cause::Delivery(number) => {
                    let number = self.orbits.packet(usize::from(number), renaming);
                    (Cause::Delivery(number as u16), Some(self.packets[number]))
                }
                _ => (self.orbits.renamings[renaming].cause(cause), None),
            };
            seat.step(&self.rules, cause, packet)
        };
        let all: Vec<Vec<Step>> = (0..self.orbits.len()).map(steps).collect();
        let outcomes = all[0].len();
        if all.iter().any(|steps| steps.len() != outcomes) {
            return vec![Move::unlike(place)];
        }
        let same = |number: usize| all.iter().map(|steps| steps[number].clone()).collect();
        (0..outcomes).map(|number| self.note(same(number))).collect()
    }

    /// Records one outcome of a step. `steps` contains it under all renamings.
    fn note(&mut self, steps: Vec<Step>) -> Move {
        let Step { sent, granted, cut, broken, .. } = steps[0].clone();
        let renamed = |(names, step): (&Renaming, &Step)| {
            let sent = sent.iter().map(|&packet| names.packet(packet));
            let granted = granted.iter().map(|&request| names.request(request));
            (step.cut, step.broken) == (cut, broken)
                && sent.eq(step.sent.iter().copied())
                && granted.eq(step.granted.iter().copied())
        };
        let alike = self.orbits.renamings.iter().zip(&steps).all(renamed);
        let forgetful = |Step { mut seat, .. }: Step| {
            seat.forget();
            seat
        };
        let (next, fits) = self.place(steps.into_iter().map(forgetful).collect());
        let mut broken = broken.or((!alike || !fits).then_some(Broken::Names));
        let mut numbers = Packets::default();
        for packet in sent {
            match self.number(packet) {
                Some(number) => numbers.insert(number),
                None => broken = Some(Broken::Room),
            }
        }
        Move { next, sent: numbers, granted, broken, cut }
    }
}

impl Move {
    /// A node behaves differently under a renaming of the nodes.
    fn unlike(place: StateId) -> Self {
        let (sent, granted, broken) = (Packets::default(), Vec::new(), Some(Broken::Names));
        Self { next: place, sent, granted, broken, cut: false }
    }
}

#[cfg(test)]
mod tests;
