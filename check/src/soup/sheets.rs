//! All that nodes of the lock's soup were found to be, and what can happen to each: the core's own
//! steps, taken once and written down, so that the search moves by looking up.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use antes_core::hardened::MutexMessage;
use antes_core::{NodeId, RequestId};

use super::lock::{MOST_NODES, Rules};
use super::packets;
use super::seat::{Cause, Packet, Seat, Step};
use crate::cluster::Broken;

/// A set of packets, by their numbers.
pub type Packets = packets::Packets<16>;

/// Which of the seats found so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place(u32);

/// A move of a node.
#[derive(Clone, Debug)]
pub struct Move {
    /// What the node is afterwards.
    pub next: Place,
    /// What it sends.
    pub sent: Packets,
    /// What it grants to others.
    pub granted: Vec<RequestId>,
    /// Which invariant it breaks on its own.
    pub broken: Option<Broken>,
    /// Whether it crashes in the middle of the step and starts again.
    pub cut: bool,
}

/// What is known of a seat.
#[derive(Debug)]
pub struct Sheet {
    /// The seat.
    pub seat: Arc<Seat>,
    /// What can happen to it without a packet, and what comes of it, if that is known.
    pub own: Vec<(Cause, Option<Vec<Move>>)>,
    /// What comes of the packets that it acts on, as far as is known.
    heard: HashMap<usize, Vec<Move>>,
    /// The packets of which everything that follows is known.
    known: Packets,
    /// Those that it acts on.
    pub acts_on: Packets,
    /// Those that it answers without changing, and without a grant.
    answers: Packets,
    /// Those that can make no difference to it any more.
    spent: Packets,
    /// Those that can make none if it has led its term.
    spent_after_office: Packets,
    /// Those that can make none if it cannot lead any more.
    spent_below: Packets,
}

/// What has not been found out yet.
#[derive(Clone, Copy, Debug)]
pub enum Missing {
    /// What comes of the cause at this place of the list.
    Own(Place, usize),
    /// What comes of this packet.
    Heard(Place, usize),
}

/// What was found so far.
#[derive(Debug)]
pub struct Found {
    rules: Arc<Rules>,
    sheets: Vec<Sheet>,
    places: HashMap<Arc<Seat>, Place>,
    /// All packets, by their numbers.
    pub packets: Vec<Packet>,
    numbers: HashMap<Packet, usize>,
    addressed: [Packets; MOST_NODES as usize],
    /// Those that are grants.
    pub grants: Packets,
}

/// What was found so far, for all threads.
#[derive(Debug)]
pub struct Sheets(RwLock<Found>);

const WHOLE: &str = "no thread panics while it writes";

impl Sheets {
    pub(super) fn new(rules: Arc<Rules>) -> Self {
        Self(RwLock::new(Found {
            rules,
            sheets: Vec::new(),
            places: HashMap::new(),
            packets: Vec::new(),
            numbers: HashMap::new(),
            addressed: Default::default(),
            grants: Packets::default(),
        }))
    }

    /// What `look` makes of what was found; it is found out what it misses.
    pub(super) fn look<T>(&self, look: impl Fn(&Found) -> Result<T, Missing>) -> T {
        loop {
            let seen = look(&self.0.read().expect(WHOLE));
            match seen {
                Ok(seen) => return seen,
                Err(missing) => self.0.write().expect(WHOLE).find_out(missing),
            }
        }
    }

    pub(super) fn first(&self, node: NodeId) -> Place {
        let mut found = self.0.write().expect(WHOLE);
        let seat = Seat::first(&found.rules, node);
        found.place(seat)
    }
}

impl Found {
    pub(super) fn sheet(&self, place: Place) -> &Sheet {
        &self.sheets[place.0 as usize]
    }

    /// What can come of this packet: the whole step last.
    pub(super) fn heard(&self, place: Place, packet: usize) -> Result<&[Move], Missing> {
        let moves = self.sheet(place).heard.get(&packet);
        moves.map(Vec::as_slice).ok_or(Missing::Heard(place, packet))
    }

    /// What can come of the cause at this place of the list.
    pub(super) fn own(&self, place: Place, number: usize) -> Result<&[Move], Missing> {
        let (_, moves) = &self.sheet(place).own[number];
        moves.as_deref().ok_or(Missing::Own(place, number))
    }

    /// The packets of the soup to the node in this seat.
    pub(super) fn addressed(&self, place: Place, soup: &Packets) -> Result<Packets, Missing> {
        let sheet = self.sheet(place);
        let told = soup.both(&self.addressed[sheet.seat.me.node.index()]);
        match told.without(&sheet.known).iter().next() {
            Some(packet) => Err(Missing::Heard(place, packet)),
            None => Ok(told),
        }
    }

    /// Adds to the soup what the node in this seat answers without changing.
    pub(super) fn answer(&self, place: Place, soup: &mut Packets) -> Result<(), Missing> {
        let told = self.addressed(place, soup)?;
        let sheet = self.sheet(place);
        for packet in told.both(&sheet.answers).iter() {
            for only in &sheet.heard[&packet] {
                soup.add(&only.sent);
            }
        }
        Ok(())
    }

    /// Takes out of the soup what can make no difference any more to the node in this seat.
    pub(super) fn forget(
        &self,
        place: Place,
        led: &[Option<NodeId>],
        soup: &mut Packets,
    ) -> Result<(), Missing> {
        self.addressed(place, soup)?;
        let sheet = self.sheet(place);
        let me = sheet.seat.me.node;
        let view = sheet.seat.view;
        let led = |term: u64| led[term as usize];
        *soup = soup.without(&sheet.spent);
        if view.leader != Some(me) && led(view.term.0) == Some(me) {
            *soup = soup.without(&sheet.spent_after_office);
        }
        let later = view.term.0 + 1..=self.rules.last_term.0;
        if led(view.term.0).is_some() && later.into_iter().all(|term| led(term).is_some()) {
            *soup = soup.without(&sheet.spent_below);
        }
        Ok(())
    }

    fn find_out(&mut self, missing: Missing) {
        match missing {
            Missing::Own(place, number) => {
                let (cause, _) = self.sheet(place).own[number];
                let moves = self.step(place, cause);
                self.sheets[place.0 as usize].own[number].1 = Some(moves);
            }
            Missing::Heard(place, packet) => self.hear(place, packet),
        }
    }

    fn hear(&mut self, place: Place, number: usize) {
        let packet = self.packets[number];
        let seat = Arc::clone(&self.sheet(place).seat);
        let acts_on = seat.admits(&packet);
        let moves = match acts_on {
            true => self.step(place, Cause::Delivery(number as u16)),
            false => Vec::new(),
        };
        let sheet = &mut self.sheets[place.0 as usize];
        // What goes too far says nothing of what comes later.
        let stays = !moves.is_empty()
            && moves.iter().all(|only| only.next == place && only.granted.is_empty());
        sheet.known.insert(number);
        if acts_on {
            sheet.acts_on.insert(number);
        }
        if acts_on && stays {
            sheet.answers.insert(number);
        }
        // What a coordinator answers without a change, it does so to the end of its office.
        let leads = seat.view.leader == Some(seat.me.node);
        let settled = leads && stays;
        let late = packet.term < seat.view.term;
        let now = packet.term == seat.view.term;
        let (spent, after_office, below) = match packet.message {
            MutexMessage::Release { .. } => {
                (false, false, packet.term <= seat.view.term && (!leads || settled))
            }
            MutexMessage::Report { .. } => (late || now && seat.serves() && settled, now, false),
            MutexMessage::Request { request, .. } => {
                (late || now && settled && seat.has_done_with(request), now, false)
            }
            MutexMessage::Grant { .. } | MutexMessage::ReleaseAck { .. } => (late, false, false),
        };
        let sets = [
            (spent, &mut sheet.spent),
            (after_office, &mut sheet.spent_after_office),
            (below, &mut sheet.spent_below),
        ];
        sets.into_iter().filter(|(is, _)| *is).for_each(|(_, set)| set.insert(number));
        sheet.heard.insert(number, moves);
    }

    fn place(&mut self, seat: Seat) -> Place {
        if let Some(&place) = self.places.get(&seat) {
            return place;
        }
        let place = Place(u32::try_from(self.sheets.len()).expect("there is memory for fewer"));
        let seat = Arc::new(seat);
        let own = seat.causes(&self.rules).into_iter().map(|cause| (cause, None)).collect();
        self.sheets.push(Sheet {
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

    /// The number of this packet, if there is room for it.
    fn number(&mut self, packet: Packet) -> Option<usize> {
        if let Some(&number) = self.numbers.get(&packet) {
            return Some(number);
        }
        let number = self.packets.len();
        if number == Packets::MOST {
            return None;
        }
        self.packets.push(packet);
        self.numbers.insert(packet, number);
        self.addressed[packet.to.index()].insert(number);
        if let MutexMessage::Grant { .. } = packet.message {
            self.grants.insert(number);
        }
        Some(number)
    }

    /// What can come of `cause` at this seat.
    fn step(&mut self, place: Place, cause: Cause) -> Vec<Move> {
        let seat = Arc::clone(&self.sheet(place).seat);
        let packet = match cause {
            Cause::Delivery(number) => Some(self.packets[usize::from(number)]),
            _ => None,
        };
        let steps = seat.step(&self.rules, cause, packet);
        steps.into_iter().map(|step| self.note(step)).collect()
    }

    fn note(&mut self, step: Step) -> Move {
        let Step { mut seat, granted, cut, mut broken, .. } = step;
        let mut sent = Packets::default();
        for packet in step.sent {
            match self.number(packet) {
                Some(number) => sent.insert(number),
                None => broken = Some(Broken::Room),
            }
        }
        seat.forget();
        Move { next: self.place(seat), sent, granted, broken, cut }
    }
}

#[cfg(test)]
mod tests;
