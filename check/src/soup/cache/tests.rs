//! Checks the reductions of the model against all futures of a node: all packets of an exhaustive
//! search in any order, any timer, and any election.

use std::collections::HashSet;

use antes_core::{ClusterSize, Term};
use stateright::{Checker, Model};

use super::*;
use crate::library::soup_lock;
use crate::soup::lock::Lock;

/// Small models of all kinds, explored exhaustively.
fn exhausted() -> Vec<Lock> {
    let rules = |nodes, last_term, crashes, askers, repetitions| Rules {
        crashes,
        askers,
        repetitions,
        ..soup_lock(ClusterSize::new(nodes).unwrap(), Term(last_term))
    };
    let gives_up = Rules { withdrawals: true, requests: 2, ..rules(2, 2, 0, 1, 2) };
    let all = [rules(2, 2, 0, 2, 2), rules(2, 2, 1, 1, 1), rules(3, 2, 0, 1, 1), gives_up];
    let search = |rules| {
        let lock = Lock::new(rules);
        lock.clone().checker().spawn_bfs().join().assert_properties();
        lock
    };
    all.into_iter().map(search).collect()
}

/// Whether the election can cause this at a node. The leader of the first term is known.
fn is_told(rules: &Rules, seat: &LockNode, cause: Cause) -> bool {
    let first = seat.view.term == Term(1);
    match cause {
        Cause::Leads => !first,
        Cause::Follows(leader) => !first || leader == rules.config.size.highest(),
        Cause::Restart => seat.me.incarnation.get() <= u32::from(rules.crashes),
        _ => true,
    }
}

/// Whether this packet can have been sent: a token of the term that the node leads must be one that
/// the node has granted.
fn is_possible(seat: &LockNode, packet: &Packet) -> bool {
    let named = match packet.message {
        MutexMessage::Report { holds, .. } => holds,
        MutexMessage::Grant { request, token, .. } | MutexMessage::Release { request, token } => {
            Some((request, token))
        }
        MutexMessage::Request { .. }
        | MutexMessage::ReleaseAck { .. }
        | MutexMessage::Withdraw { .. } => None,
    };
    let leads = seat.view.leader == Some(seat.me.node);
    named.is_none_or(|(request, token)| {
        !leads || token.term != seat.view.term || seat.has_given(request, token)
    })
}

/// All causes in this state, with the packet that arrives.
fn events(found: &Found, seat: &LockNode) -> Vec<(Cause, Option<Packet>)> {
    let own = seat.causes(&found.rules).into_iter().map(|cause| (cause, None));
    let packets = found.packets.iter().enumerate();
    let addressed = packets.filter(|(_, packet)| {
        packet.to == seat.me.node && seat.admits(packet) && is_possible(seat, packet)
    });
    let heard = addressed.map(|(number, &packet)| (Cause::Delivery(number as u16), Some(packet)));
    own.chain(heard).filter(|&(cause, _)| is_told(&found.rules, seat, cause)).collect()
}

fn first(rules: &Rules, node: NodeId) -> LockNode {
    LockNode::first(rules, node, rules.config.size.highest())
}

fn forgetful(seat: &LockNode) -> LockNode {
    let mut seat = seat.clone();
    seat.forget();
    seat
}

/// Whether the crash of this step is within the bound.
fn within(rules: &Rules, seat: &LockNode, step: &Step) -> bool {
    !step.cut || seat.me.incarnation.get() <= u32::from(rules.crashes)
}

#[test]
fn forgotten_timers_make_no_difference_to_a_node() {
    for lock in exhausted() {
        let compared = lock.cache().look(|found| {
            let rules = &*found.rules;
            let mut next: Vec<LockNode> =
                rules.config.size.nodes().map(|node| first(rules, node)).collect();
            let mut seen: HashSet<LockNode> = next.iter().cloned().collect();
            while let Some(seat) = next.pop() {
                let less = forgetful(&seat);
                for (cause, packet) in events(found, &seat) {
                    let steps = seat.step(rules, cause, packet);
                    let silent =
                        matches!(cause, Cause::Timeout(timer) if !less.timers.contains(&timer));
                    let of_less: Vec<Step> = match silent {
                        true => steps.iter().map(|_| nothing(&less)).collect(),
                        false => less.step(rules, cause, packet),
                    };
                    let judged = |step: Step| Step { seat: forgetful(&step.seat), ..step };
                    let both = [steps.clone(), of_less].map(|all| all.into_iter().map(judged));
                    let [all, of_less] = both.map(Iterator::collect::<Vec<_>>);
                    assert_eq!(all, of_less, "{cause:?} at {seat:?}");
                    for step in steps.into_iter().filter(|step| within(rules, &seat, step)) {
                        if seen.insert(step.seat.clone()) {
                            next.push(step.seat);
                        }
                    }
                }
            }
            Ok(seen.len())
        });
        assert!(compared > 100, "only {compared} seats");
    }
}

fn nothing(seat: &LockNode) -> Step {
    let (sent, granted) = (Vec::new(), Vec::new());
    Step { seat: seat.clone(), sent, granted, broken: None, cut: false }
}

/// The states that a node can reach, in the order in which they are found.
struct Futures {
    places: Vec<StateId>,
    moves: Vec<Vec<Future>>,
}

/// A transition, by indices of states.
struct Future {
    cause: Cause,
    next: usize,
    sent: Packets,
    does_more: bool,
}

/// Computes all states that a node can reach.
fn futures(found: &mut Found, node: NodeId) -> Futures {
    let rules = Arc::clone(&found.rules);
    let packets = found.packets.len();
    let first = found.first(node);
    let mut all = Futures { places: vec![first], moves: Vec::new() };
    let mut numbers = HashMap::from([(first, 0)]);
    while let Some(&place) = all.places.get(all.moves.len()) {
        let seat = Arc::clone(&found.entry(place).seat);
        let mut moves = Vec::new();
        for (cause, _) in events(found, &seat) {
            if matches!(cause, Cause::Delivery(number) if usize::from(number) >= packets) {
                continue;
            }
            for m in found.step(place, cause) {
                if m.cut && seat.me.incarnation.get() > u32::from(rules.crashes) {
                    continue;
                }
                let next = *numbers.entry(m.next).or_insert(all.places.len());
                if next == all.places.len() {
                    all.places.push(m.next);
                }
                let does_more = m.next != place || !m.granted.is_empty() || m.broken.is_some();
                moves.push(Future { cause, next, sent: m.sent, does_more });
            }
        }
        all.moves.push(moves);
    }
    all
}

impl Futures {
    /// The states in which `packet` can still change the node, make it grant, or make it send
    /// messages that it has not sent there already. `leads` says which terms the node may still
    /// lead.
    fn matters(&self, found: &Found, packet: usize, leads: impl Fn(Term) -> bool) -> Vec<bool> {
        let by_packet = |m: &&Future| m.cause == Cause::Delivery(packet as u16);
        let own = |moves: &Vec<Future>| {
            let mut can = (false, Packets::default());
            for m in moves.iter().filter(by_packet) {
                can.0 |= m.does_more;
                can.1.add(&m.sent);
            }
            can
        };
        let at_once: Vec<(bool, Packets)> = self.moves.iter().map(own).collect();
        let mut ever = at_once.clone();
        let mut changed = true;
        while changed {
            changed = false;
            for place in (0..ever.len()).rev() {
                let term = found.entry(self.places[place]).seat.view.term;
                let mut can = ever[place];
                for m in &self.moves[place] {
                    if m.cause != Cause::Leads || leads(term) {
                        can.0 |= ever[m.next].0;
                        can.1.add(&ever[m.next].1);
                    }
                }
                changed |= can != ever[place];
                ever[place] = can;
            }
        }
        let still = |((can, sends), (_, sent)): (&(bool, Packets), &(bool, Packets))| {
            *can || !sent.includes(sends)
        };
        ever.iter().zip(&at_once).map(still).collect()
    }
}

#[test]
fn a_removed_packet_can_change_its_receiver_in_no_future() {
    let mut taken_out = [0; 3];
    for lock in exhausted() {
        let rules = lock.rules();
        let mut found = lock.cache().0.write().expect(WHOLE);
        let packets = found.packets.len();
        for node in rules.config.size.nodes() {
            let all = futures(&mut found, node);
            let addressed: Vec<_> =
                (0..packets).filter(|&packet| found.packets[packet].to == node).collect();
            for packet in addressed {
                all.places.iter().for_each(|&place| found.hear(place, packet));
                check_taken_out(&found, &all, packet, &mut taken_out);
            }
        }
    }
    assert!(taken_out.iter().all(|&times| times > 100), "only {taken_out:?} times");
}

/// Checks each set of removable packets under its condition: the terms that the node may still lead.
fn check_taken_out(found: &Found, all: &Futures, packet: usize, taken_out: &mut [usize; 3]) {
    let to = found.packets[packet].to;
    let sets: [fn(&StateEntry) -> &Packets; 3] =
        [|entry| &entry.spent, |entry| &entry.spent_after_office, |entry| &entry.spent_below];
    for (number, set) in sets.into_iter().enumerate() {
        // A node that leads or has led a term does not lead it again.
        let condition = |entry: &StateEntry| {
            let view = entry.seat.view;
            match (number, view.leader == Some(to)) {
                (0, false) => Some(None),
                (0, true) | (1, false) => Some(Some(view.term)),
                (1, true) => None,
                (_, _) => Some(Some(Term(u64::MAX))),
            }
        };
        let cache = all.places.iter().map(|&place| found.entry(place));
        let taken: Vec<_> = cache
            .enumerate()
            .filter(|(_, entry)| set(entry).contains(packet))
            .filter_map(|(place, entry)| Some((place, condition(entry)?)))
            .collect();
        taken_out[number] += taken.len();
        let conditions: HashSet<_> = taken.iter().map(|&(_, condition)| condition).collect();
        for condition in conditions {
            let leads = |term| match condition {
                None => true,
                Some(Term(u64::MAX)) => false,
                Some(led) => term != led,
            };
            let matters = all.matters(found, packet, leads);
            for &(place, _) in taken.iter().filter(|(_, of)| *of == condition) {
                let (seat, packet) = (&found.entry(all.places[place]).seat, found.packets[packet]);
                assert!(!matters[place], "{packet:?} matters to {seat:?}");
            }
        }
    }
}
