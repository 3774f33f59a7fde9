//! Everything that a node can ever be, and what can happen to it: the core's own steps, taken once
//! and written down, so that the search moves by looking up.

use std::collections::HashMap;

use antes_core::hardened::{Body, ElectionMessage, Termed};
use antes_core::{Command, ElectionTimer, Input, Message, NodeId, Term, Timer};

use super::election::Rules;
use super::node::{Node, Outcome, Packet};

/// A set of packets, by their places in [`Tables::packets`].
pub type Packets = super::packets::Packets<8>;

/// What happens to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A packet arrives.
    Delivery(u16),
    /// Somebody tells it that there is this term, its own or a later one.
    HearsOf(Term),
    /// A timer fires.
    Timeout(Timer),
    /// The connection to this node is closed.
    Closed(NodeId),
    /// A person wants an election.
    Elect,
    /// It says that it leaves, and restarts.
    Leave,
    /// It crashes and restarts.
    Restart,
    /// The same, and finds nothing of what it has saved.
    LosesMemory,
}

impl Cause {
    /// Whether it needs nothing of the rest of the cluster.
    const fn always(self) -> bool {
        match self {
            Self::Delivery(_) | Self::HearsOf(_) => false,
            Self::Timeout(_)
            | Self::Closed(_)
            | Self::Elect
            | Self::Leave
            | Self::Restart
            | Self::LosesMemory => true,
        }
    }
}

/// A move of a node.
#[derive(Clone, Copy, Debug)]
pub struct Move {
    /// Why it moves.
    pub cause: Cause,
    /// Whether it crashes on the way.
    pub cut: bool,
    /// What it is afterwards.
    pub next: u16,
    /// What it sends.
    pub sent: Packets,
    /// The term whose leader it becomes.
    pub leads: Option<Term>,
}

/// What a node can be, and where it can go from there.
#[derive(Clone, Debug)]
pub struct Local {
    /// The node.
    pub node: Node,
    /// Its moves, but for those that change nothing and send nothing.
    pub moves: Vec<Move>,
    /// The packets to it that still matter: there is a future in which one of them changes the
    /// node, or makes it send what it would not already have sent.
    pub matters: Packets,
}

impl Local {
    /// Leaves out each move for which there is another to the same state that is always possible
    /// and sends at least as much.
    fn drop_lesser_moves(&mut self) {
        let all = std::mem::take(&mut self.moves);
        for (place, m) in all.iter().enumerate() {
            let better = |(other, o): (usize, &Move)| {
                let goes_there = o.cause.always() && (o.next, o.leads) == (m.next, m.leads);
                let same = m.cause.always() && o.sent == m.sent;
                goes_there && o.sent.includes(&m.sent) && (!same || other < place)
            };
            if !all.iter().enumerate().any(|(other, o)| other != place && better((other, o))) {
                self.moves.push(*m);
            }
        }
    }
}

/// All that the nodes can be, one list a node.
#[derive(Clone, Debug)]
pub struct Tables {
    /// What each node can be; the first is what it is at the beginning.
    pub locals: Vec<Vec<Local>>,
    /// All packets that can ever be sent.
    pub packets: Vec<Packet>,
    /// The packets to each node.
    pub addressed: Vec<Packets>,
    /// What has been sent at the beginning.
    pub sent: Packets,
    /// The last term that is looked at.
    pub last_term: Term,
}

struct Builder<'a> {
    rules: &'a Rules,
    tables: Tables,
    places: Vec<HashMap<Node, u16>>,
    numbers: HashMap<Packet, usize>,
    /// How many packets each node in each state has been given.
    given: Vec<Vec<usize>>,
}

impl Tables {
    /// Follows every node through everything that any message, timer or person can make of it.
    pub fn new(rules: &Rules) -> Self {
        let n = usize::from(rules.config.size.get());
        let tables = Self {
            locals: vec![Vec::new(); n],
            packets: Vec::new(),
            addressed: vec![Packets::default(); n],
            sent: Packets::default(),
            last_term: rules.last_term,
        };
        let places = vec![HashMap::new(); n];
        let given = vec![Vec::new(); n];
        let numbers = HashMap::new();
        let mut builder = Builder { rules, tables, places, numbers, given };
        for id in rules.config.size.nodes() {
            let first = Node::first(rules, id);
            builder.place(first.node);
            let sent = builder.number_all(&first.sent);
            builder.tables.sent.add(&sent);
        }
        while builder.goes_on() {}
        let mut tables = builder.tables;
        tables.locals.iter_mut().flatten().for_each(Local::drop_lesser_moves);
        tables.see_what_matters();
        tables
    }

    fn see_what_matters(&mut self) {
        for node in 0..self.locals.len() {
            let told: Vec<usize> =
                (0..self.packets.len()).filter(|&p| self.addressed[node].contains(p)).collect();
            let locals = &mut self.locals[node];
            for packet in told {
                let matters = matters(locals, packet);
                for (local, _) in locals.iter_mut().zip(matters).filter(|(_, matters)| *matters) {
                    local.matters.insert(packet);
                }
            }
        }
    }
}

/// In which of `locals` this packet still matters.
fn matters(locals: &[Local], packet: usize) -> Vec<bool> {
    let by_packet = |m: &&Move| m.cause == Cause::Delivery(packet as u16);
    // What it can still do from each state on: whether it can change the node, and what it sends.
    let own = |(place, local): (usize, &Local)| {
        let mut can = (false, Packets::default());
        for m in local.moves.iter().filter(by_packet) {
            can.0 |= usize::from(m.next) != place;
            can.1.add(&m.sent);
        }
        can
    };
    let at_once: Vec<(bool, Packets)> = locals.iter().enumerate().map(own).collect();
    let mut ever = at_once.clone();
    let mut changed = true;
    while changed {
        changed = false;
        for (place, local) in locals.iter().enumerate().rev() {
            let mut can = ever[place];
            for m in &local.moves {
                let (changes, sends) = ever[usize::from(m.next)];
                can.0 |= changes;
                can.1.add(&sends);
            }
            changed |= can != ever[place];
            ever[place] = can;
        }
    }
    let still = |((changes, sends), (_, sent)): (&(bool, Packets), &(bool, Packets))| {
        *changes || !sent.includes(sends)
    };
    ever.iter().zip(&at_once).map(still).collect()
}

impl Builder<'_> {
    fn place(&mut self, node: Node) -> u16 {
        let index = node.id.index();
        let locals = &mut self.tables.locals[index];
        if let Some(&place) = self.places[index].get(&node) {
            return place;
        }
        let place = u16::try_from(locals.len()).expect("a node has few states");
        self.places[index].insert(node.clone(), place);
        locals.push(Local { node, moves: Vec::new(), matters: Packets::default() });
        self.given[index].push(0);
        place
    }

    fn number_all(&mut self, sent: &[Packet]) -> Packets {
        let mut all = Packets::default();
        for &packet in sent {
            let next = self.tables.packets.len();
            let number = *self.numbers.entry(packet).or_insert(next);
            if number == next {
                assert!(number < Packets::MOST, "there are more than {} packets", Packets::MOST);
                self.tables.packets.push(packet);
                self.tables.addressed[packet.to.index()].insert(number);
            }
            all.insert(number);
        }
        all
    }

    /// Gives every node in every state what it has not been given yet; whether there was anything.
    fn goes_on(&mut self) -> bool {
        let mut any = false;
        for index in 0..self.tables.locals.len() {
            let mut place = 0;
            while place < self.tables.locals[index].len() {
                any |= self.move_from(index, place);
                place += 1;
            }
        }
        any
    }

    fn move_from(&mut self, index: usize, place: usize) -> bool {
        let node = self.tables.locals[index][place].node.clone();
        let given = self.given[index][place];
        let packets: Vec<_> = self.tables.packets.iter().copied().enumerate().skip(given).collect();
        self.given[index][place] = self.tables.packets.len();
        let mut any = false;
        if given == 0 {
            any = true;
            self.moves_of_its_own(index, place, &node);
        }
        for (number, packet) in packets {
            any = true;
            if packet.to == node.id {
                let outcomes = node.receive(self.rules, packet);
                self.add(index, place, Cause::Delivery(number as u16), outcomes);
            }
        }
        any
    }

    fn moves_of_its_own(&mut self, index: usize, place: usize, node: &Node) {
        let rules = self.rules;
        let size = rules.config.size;
        for &timer in &node.timers {
            // A heartbeat is like the one before.
            if timer != Timer::Election(ElectionTimer::Heartbeat) {
                let outcomes = node.step(rules, &Input::Timer(timer));
                self.add(index, place, Cause::Timeout(timer), outcomes);
            }
        }
        for term in (node.term().0..=rules.last_term.0).map(Term) {
            let body = Body::Election(ElectionMessage::Notice { leader: None });
            let message = Message::Hardened(Termed { term, body });
            for from in size.others(node.id) {
                let outcomes = node.receive(rules, Packet { from, to: node.id, message });
                self.add(index, place, Cause::HearsOf(term), outcomes);
            }
        }
        for peer in size.others(node.id) {
            let outcomes = node.step(rules, &Input::Disconnected { peer });
            self.add(index, place, Cause::Closed(peer), outcomes);
        }
        let outcomes = node.step(rules, &Input::Command(Command::Elect));
        self.add(index, place, Cause::Elect, outcomes);
        for left in node.step(rules, &Input::Command(Command::Leave)) {
            let mut again = left.node.again(rules);
            again.sent.extend(left.sent);
            self.add(index, place, Cause::Leave, vec![again]);
        }
        self.add(index, place, Cause::Restart, vec![node.again(rules)]);
        if let Some(anew) = node.with_memory_lost(rules) {
            self.add(index, place, Cause::LosesMemory, vec![anew]);
        }
    }

    fn add(&mut self, index: usize, place: usize, cause: Cause, outcomes: Vec<Outcome>) {
        for Outcome { node, sent, leads, cut } in outcomes {
            if node.term() > self.rules.last_term {
                continue;
            }
            let sent = self.number_all(&sent);
            let next = self.place(node);
            if usize::from(next) != place || sent != Packets::default() {
                let m = Move { cause, cut, next, sent, leads };
                self.tables.locals[index][place].moves.push(m);
            }
        }
    }
}
