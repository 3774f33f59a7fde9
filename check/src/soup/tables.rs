//! All states that a node of the election model can reach, and their transitions. Each step of the
//! core is computed once, and the search then looks it up.

use std::collections::HashMap;

use antes_core::hardened::{Body, ElectionMessage, Termed};
use antes_core::{Command, ElectionTimer, Message, NodeId, Term, Timer};
use antes_sim::narrow::Input;

use super::election::rules::Rules;
use super::node::{Node, Outcome, Packet};

/// A set of packets, by their indices in [`Tables::packets`].
pub type Packets = super::packets::Packets<8>;

/// The cause of a node's move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The arrival of the packet with this number.
    Delivery(u16),
    /// A message shows that this term exists: the node's own or a later one.
    HearsOf(Term),
    Timeout(Timer),
    /// The connection to this node is closed.
    Closed(NodeId),
    /// A user asks for an election.
    Elect,
    /// The node resigns and restarts.
    Leave,
    Restart,
    /// The node crashes and restarts with a new memory.
    LosesMemory,
}

impl Cause {
    /// Whether this is possible in any state of the rest of the cluster.
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

/// A transition of a node.
#[derive(Clone, Copy, Debug)]
pub struct Move {
    pub cause: Cause,
    /// Whether the node crashes during the step and restarts.
    pub cut: bool,
    /// The state of the node afterwards.
    pub next: u16,
    /// The packets that it sends.
    pub sent: Packets,
    /// The term that it becomes the leader of, if any.
    pub leads: Option<Term>,
}

/// A state of a node and its transitions.
#[derive(Clone, Debug)]
pub struct Local {
    pub node: Node,
    /// Its moves, except for those that change and send nothing.
    pub moves: Vec<Move>,
    /// Packets to the node that still matter: in some future one of them changes the node, or makes
    /// it send messages that it would not have sent already.
    pub matters: Packets,
}

impl Local {
    /// Removes each move for which another move leads to the same state, is always possible, and
    /// sends at least as much.
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

/// All reachable states of all nodes.
#[derive(Clone, Debug)]
pub struct Tables {
    /// The states of each node; the first is the initial one.
    pub locals: Vec<Vec<Local>>,
    /// All packets that can ever be sent.
    pub packets: Vec<Packet>,
    /// The packets to each node.
    pub addressed: Vec<Packets>,
    /// The packets sent at the beginning.
    pub sent: Packets,
    /// States of later terms are not explored.
    pub last_term: Term,
}

struct Builder<'a> {
    rules: &'a Rules,
    tables: Tables,
    places: Vec<HashMap<Node, u16>>,
    numbers: HashMap<Packet, usize>,
    /// How many packets each node state has been given.
    given: Vec<Vec<usize>>,
}

impl Tables {
    /// Computes the states of all nodes under all messages, timers and commands.
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
            let addressed: Vec<usize> =
                (0..self.packets.len()).filter(|&p| self.addressed[node].contains(p)).collect();
            let locals = &mut self.locals[node];
            for packet in addressed {
                let matters = matters(locals, packet);
                for (local, _) in locals.iter_mut().zip(matters).filter(|(_, matters)| *matters) {
                    local.matters.insert(packet);
                }
            }
        }
    }
}

/// Whether `packet` still matters, for each of `locals`.
fn matters(locals: &[Local], packet: usize) -> Vec<bool> {
    let by_packet = |m: &&Move| m.cause == Cause::Delivery(packet as u16);
    // For each state: whether the packet can still change the node, and what it makes the node
    // send.
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

    /// Gives each node state the packets that it was not given yet. Returns whether there were any.
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
            // Each heartbeat is like the one before it.
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
