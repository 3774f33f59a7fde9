//! One node of the lock's soup, and all that nodes were found to be.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, RwLock};

use antes_core::hardened::{Body, Leadership, Mutex, MutexMessage, Progress, Role, Stage, Termed};
use antes_core::{
    Context, Effect, Effects, Event, Hold, Identity, Incarnation, Message, MutexTimer, NodeId,
    NodeSet, RequestId, Term, Timer, Token,
};

use super::lock::Rules;

/// A message that was sent, and may arrive as often as it likes, or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Packet {
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) term: Term,
    pub(super) message: MutexMessage,
}

impl Packet {
    /// The name of its type, as traces have it.
    pub(super) const fn name(&self) -> &'static str {
        let termed = Termed { term: self.term, body: Body::Mutex(self.message) };
        Message::Hardened(termed).name()
    }
}

/// What the lock of a node is told of the election.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct View {
    pub(super) term: Term,
    pub(super) leader: Option<NodeId>,
    pub(super) has_lease: bool,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Seat {
    pub(super) me: Identity,
    pub(super) view: View,
    pub(super) mutex: Mutex,
    pub(super) timers: BTreeSet<MutexTimer>,
    /// How many requests this life has made.
    pub(super) made: u32,
}

/// What happens to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// A packet arrives.
    Delivery(u16),
    /// A timer fires.
    Timeout(MutexTimer),
    /// Its application asks.
    Request,
    /// Its application leaves.
    Release,
    /// It crashes and restarts.
    Restart,
    /// It hears of a later term.
    HearsOf(Term),
    /// It takes office.
    Leads,
    /// It follows the leader of its term.
    Follows(NodeId),
    /// It leaves its leader, or its office.
    LeavesLeader,
    /// It has earned its lease, for the first time or again.
    EarnsLease,
    /// It suspects this node, and hears it again.
    Suspects(NodeId),
}

/// Which of the seats found so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place(u32);

/// What a step of a node comes to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The node afterwards.
    pub next: Place,
    /// What it has sent.
    pub sent: Vec<u16>,
    /// What it has granted.
    pub grants: Vec<(RequestId, Token)>,
    /// With what it has entered.
    pub entered: Vec<(RequestId, Token)>,
    /// Whether it has crashed in the middle of the step and started again.
    pub cut: bool,
}

impl Seat {
    fn context<'a>(&self, rules: &'a Rules) -> Context<'a> {
        Context { me: self.me, config: &rules.config }
    }

    fn first(rules: &Rules, node: NodeId) -> Self {
        let leader = rules.config.size.highest();
        let view = View { term: Term(1), leader: Some(leader), has_lease: false };
        let me = Identity { node, incarnation: Incarnation::FIRST };
        let mut seat = Self { me, view, mutex: Mutex::default(), timers: BTreeSet::new(), made: 0 };
        let mut out = Effects::new();
        let known = seat.view.leadership();
        seat.mutex.start(seat.context(rules), Some(known), &mut out);
        let before = Leadership { leader: None, ..known };
        seat.mutex.lead_by(seat.context(rules), [before, known], &mut out);
        assert!(out.is_empty(), "nobody does anything at the beginning");
        seat
    }

    fn again(&self, rules: &Rules) -> Self {
        let view = View { leader: None, has_lease: false, term: self.view.term };
        let me = Identity { incarnation: self.me.incarnation.next(), ..self.me };
        let mut seat = Self { me, view, mutex: Mutex::default(), timers: BTreeSet::new(), made: 0 };
        let mut out = Effects::new();
        seat.mutex.start(seat.context(rules), None, &mut out);
        assert!(out.is_empty(), "nobody does anything at the beginning");
        seat
    }

    /// Whether it would act on this packet, as [`antes_core::Stack`] decides it: one of its term,
    /// or a RELEASE of an earlier one. (It hears of a later term before it acts on a packet of it.)
    pub(super) fn admits(&self, packet: &Packet) -> bool {
        let release = matches!(packet.message, MutexMessage::Release { .. });
        packet.term == self.view.term || release && packet.term < self.view.term
    }

    /// What it has granted, as coordinator.
    pub(super) fn held(&self) -> Option<(RequestId, Token)> {
        match self.mutex.role() {
            Role::Coordinator(table) => table.holder().map(|held| (held.request, held.token)),
            Role::Participant { .. } => None,
        }
    }

    /// Whether it coordinates, and knows what it has taken over.
    pub(super) fn serves(&self) -> bool {
        match self.mutex.role() {
            Role::Coordinator(table) => table.stage() == Stage::Serving,
            Role::Participant { .. } => false,
        }
    }

    /// Whether it coordinates, and must not grant this request any more.
    pub(super) fn has_done_with(&self, request: RequestId) -> bool {
        match self.mutex.role() {
            Role::Coordinator(table) => table.is_done(request),
            Role::Participant { .. } => false,
        }
    }

    /// Whether it waits for another that it follows, and nothing will make it ask again. (A leader
    /// asks itself whenever its lease is earned.)
    pub(super) fn is_stuck(&self) -> bool {
        let waits = |progress| matches!(progress, Progress::Waiting { .. });
        self.view.leader.is_some_and(|leader| leader != self.me.node)
            && self.mutex.requests().iter().any(|request| waits(request.progress))
            && !self.timers.contains(&MutexTimer::Retry)
    }

    fn is_within(&self, rules: &Rules) -> bool {
        let often = |progress| match progress {
            Progress::Waiting { sent, .. } => sent > rules.repetitions,
            Progress::Holding { repetition, .. } => repetition > rules.repetitions,
        };
        self.made <= rules.requests
            && !self.mutex.requests().iter().any(|request| often(request.progress))
    }

    fn react(&mut self, rules: &Rules, cause: Cause, packet: Option<Packet>) -> Effects {
        let mut out = Effects::new();
        let cx = self.context(rules);
        let mutex = &mut self.mutex;
        match cause {
            Cause::Delivery(_) => {
                if let Some(packet) = packet {
                    mutex.receive(cx, packet.message, &mut out);
                }
            }
            Cause::Timeout(timer) => {
                self.timers.remove(&timer);
                mutex.timeout(cx, timer, &mut out);
            }
            Cause::Request => mutex.request(cx, Hold::UntilReleased, &mut out),
            Cause::Release => mutex.release(cx, &mut out),
            Cause::Restart => {}
            Cause::HearsOf(_)
            | Cause::Leads
            | Cause::Follows(_)
            | Cause::LeavesLeader
            | Cause::EarnsLease => {
                // A lease that is earned again is a later one.
                let before = Leadership { lease: None, ..self.view.leadership() };
                self.view.change(self.me.node, cause);
                mutex.lead_by(cx, [before, self.view.leadership()], &mut out);
            }
            Cause::Suspects(node) => {
                let heard = self.view.leadership();
                let suspects = Leadership { suspected: [node].into_iter().collect(), ..heard };
                mutex.lead_by(cx, [heard, suspects], &mut out);
                mutex.lead_by(cx, [suspects, heard], &mut out);
            }
        }
        out
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::SetTimer { timer: Timer::Mutex(timer), .. } => {
                self.timers.insert(timer);
            }
            Effect::CancelTimer { timer: Timer::Mutex(timer) } => {
                self.timers.remove(&timer);
            }
            Effect::Emit(Event::Requested { request }) => self.made = request.number,
            Effect::SetTimer { .. }
            | Effect::CancelTimer { .. }
            | Effect::Emit(_)
            | Effect::Send { .. }
            | Effect::Write(_)
            | Effect::Draw { .. }
            | Effect::Save(_) => {}
        }
    }
}

impl View {
    fn leadership(&self) -> Leadership {
        let Self { term, leader, has_lease } = *self;
        let lease = has_lease.then_some(1);
        Leadership { term, leader, lease, suspected: NodeSet::default() }
    }

    fn change(&mut self, me: NodeId, cause: Cause) {
        let Self { term, .. } = *self;
        let none = Self { term, leader: None, has_lease: false };
        match cause {
            Cause::HearsOf(term) => *self = Self { term, ..none },
            Cause::Leads => *self = Self { leader: Some(me), ..none },
            Cause::Follows(leader) => *self = Self { leader: Some(leader), ..none },
            Cause::LeavesLeader => *self = none,
            Cause::EarnsLease => self.has_lease = true,
            Cause::Suspects(_)
            | Cause::Delivery(_)
            | Cause::Timeout(_)
            | Cause::Request
            | Cause::Release
            | Cause::Restart => {}
        }
    }
}

/// All that was found so far: seats and packets get numbers, and each step is taken once.
#[derive(Debug)]
pub struct Seats {
    rules: Arc<Rules>,
    found: RwLock<Found>,
}

#[derive(Debug, Default)]
struct Found {
    seats: Vec<Arc<Seat>>,
    places: HashMap<Arc<Seat>, Place>,
    packets: Vec<Packet>,
    numbers: HashMap<Packet, u16>,
    outcomes: HashMap<(Place, Cause), Arc<Vec<Outcome>>>,
}

impl Found {
    fn place(&mut self, seat: Seat) -> Place {
        if let Some(&place) = self.places.get(&seat) {
            return place;
        }
        let place = Place(u32::try_from(self.seats.len()).expect("there is memory for fewer"));
        let seat = Arc::new(seat);
        self.seats.push(Arc::clone(&seat));
        self.places.insert(seat, place);
        place
    }

    fn number(&mut self, packet: Packet) -> u16 {
        if let Some(&number) = self.numbers.get(&packet) {
            return number;
        }
        let number = u16::try_from(self.packets.len()).expect("there are fewer packets");
        self.packets.push(packet);
        self.numbers.insert(packet, number);
        number
    }
}

const WHOLE: &str = "no thread panics while it holds the lock";

impl Seats {
    pub(super) fn new(rules: Arc<Rules>) -> Self {
        Self { rules, found: RwLock::default() }
    }

    pub(super) fn at(&self, place: Place) -> Arc<Seat> {
        Arc::clone(&self.found.read().expect(WHOLE).seats[place.0 as usize])
    }

    pub(super) fn packet(&self, number: u16) -> Packet {
        self.found.read().expect(WHOLE).packets[usize::from(number)]
    }

    pub(super) fn first(&self, node: NodeId) -> Place {
        let seat = Seat::first(&self.rules, node);
        self.found.write().expect(WHOLE).place(seat)
    }

    /// What can come of `cause` at this seat: the whole step last, and before it each crash just
    /// before a grant, which leases would look at although it was not sent.
    pub(super) fn outcomes(&self, place: Place, cause: Cause) -> Arc<Vec<Outcome>> {
        if let Some(known) = self.found.read().expect(WHOLE).outcomes.get(&(place, cause)) {
            return Arc::clone(known);
        }
        let outcomes = self.step(place, cause);
        let mut found = self.found.write().expect(WHOLE);
        Arc::clone(found.outcomes.entry((place, cause)).or_insert_with(|| Arc::new(outcomes)))
    }

    fn step(&self, place: Place, cause: Cause) -> Vec<Outcome> {
        let before = self.at(place);
        let packet = match cause {
            Cause::Delivery(number) => Some(self.packet(number)),
            _ => None,
        };
        let mut seat = Seat::clone(&before);
        if cause == Cause::Restart {
            seat = seat.again(&self.rules);
        }
        let effects = seat.react(&self.rules, cause, packet);
        let mut found = self.found.write().expect(WHOLE);
        let mut all = Vec::new();
        let mut whole = Outcome {
            next: place,
            sent: Vec::new(),
            grants: Vec::new(),
            entered: Vec::new(),
            cut: false,
        };
        for effect in effects {
            if let Effect::Send { to, message: Message::Hardened(Termed { term, body }) } = effect {
                let Body::Mutex(message) = body else { continue };
                if let MutexMessage::Grant { request, token, .. } = message {
                    if !whole.sent.is_empty() {
                        let next = found.place(before.again(&self.rules));
                        all.push(Outcome { next, cut: true, ..whole.clone() });
                    }
                    whole.grants.push((request, token));
                }
                // A RELEASE says the same whatever the term is in which it is repeated.
                let term = match message {
                    MutexMessage::Release { token, .. } => token.term,
                    _ => term,
                };
                let packet = Packet { from: seat.me.node, to, term, message };
                let number = found.number(packet);
                if !whole.sent.contains(&number) {
                    whole.sent.push(number);
                }
            }
            if let Effect::Emit(Event::Entered { request, token: Some(token) }) = effect {
                whole.entered.push((request, token));
            }
            seat.carry_out(effect);
        }
        if seat.is_within(&self.rules) {
            whole.next = found.place(seat);
            all.push(whole);
        }
        all
    }
}
