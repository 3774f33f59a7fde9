//! Compares the representatives with all states.

use std::collections::HashSet;

use antes_core::{ClusterSize, Term};
use stateright::{Checker, Model};

use super::*;
use crate::explore::Subject;
use crate::library::soup_lock;
use crate::soup::lock::{Leases, Rules};

fn rules(nodes: u8, last_term: u64, crashes: u8, askers: u8, repetitions: u32) -> Rules {
    let usual = soup_lock(ClusterSize::new(nodes).unwrap(), Term(last_term));
    Rules { crashes, askers, repetitions, ..usual }
}

/// All states reachable from `first`.
fn reached(first: State, next: impl Fn(&State) -> Vec<State>) -> HashSet<State> {
    let mut all = HashSet::from([first]);
    let mut open = vec![first];
    while let Some(state) = open.pop() {
        open.extend(next(&state).into_iter().filter(|&state| all.insert(state)));
    }
    all
}

fn actions(lock: &Lock, state: &State) -> Vec<Action> {
    let mut actions = Vec::new();
    lock.actions(state, &mut actions);
    actions
}

/// All states that can be reached, without symmetry reduction.
fn apart(lock: &Lock) -> HashSet<State> {
    let after = |state: &State, action| lock.cache.look(|found| lock.after(found, state, action));
    reached(lock.first(), |state| {
        actions(lock, state).into_iter().map(|action| after(state, action)).collect()
    })
}

/// The representatives of all states that can be reached, found with symmetry reduction.
fn together(lock: &Lock) -> HashSet<State> {
    reached(lock.init_states()[0], |state| {
        let next = |action| lock.next_state(state, action);
        actions(lock, state).into_iter().filter_map(next).collect()
    })
}

#[test]
fn the_representatives_are_those_of_all_states_and_no_more() {
    let leases = Leases::Ignored;
    let anew = Rules { requests: 2, ..rules(2, 1, 0, 2, 2) };
    // In the second and fourth case, the only node that requests or leads has no other name.
    let all = [
        (rules(2, 2, 1, 2, 1), [50_626, 43_316]),
        (rules(2, 2, 1, 1, 1), [7_392, 7_392]),
        (Rules { leases, ..rules(2, 2, 0, 2, 1) }, [8_273, 6_211]),
        (anew, [28_922, 28_922]),
        (rules(2, 3, 0, 2, 2), [118_189, 89_041]),
        (rules(3, 2, 0, 1, 1), [6_585, 5_488]),
        (rules(3, 2, 0, 2, 1), [94_286, 47_219]),
        (rules(3, 1, 0, 3, 1), [8_889, 4_490]),
        (rules(4, 1, 0, 1, 1), [252, 189]),
    ];
    for (rules, numbers) in all {
        let lock = Lock::new(rules);
        let (apart, together) = (apart(&lock), together(&lock));
        let stands =
            |state: &State| lock.cache.look(|found| Ok(lock.representative(found, *state)));
        assert!(together == apart.iter().map(stands).collect());
        assert_eq!([apart.len(), together.len()], numbers);
    }
}

#[test]
fn renamed_states_have_the_same_representative() {
    let lock = Lock::new(rules(3, 2, 0, 3, 1));
    let all = reached(lock.first(), |state| {
        // Only two transitions per state, so that not all states are visited.
        let after = |action| lock.cache.look(|found| lock.after(found, state, action));
        actions(&lock, state).into_iter().take(2).map(after).collect()
    });
    assert!(all.len() > 100, "only {} states", all.len());
    for state in all {
        let stands = lock.cache.look(|found| Ok(lock.representative(found, state)));
        for names in 0..6 {
            let under = lock.cache.look(|found| Ok(lock.renamed(found, &state, names)));
            let other = lock.cache.look(|found| Ok(lock.representative(found, under)));
            assert_eq!(stands, other);
        }
    }
}

#[test]
fn a_described_run_keeps_the_names_of_the_nodes() {
    let lock = Lock::new(Rules { leases: Leases::Ignored, ..rules(3, 2, 0, 3, 1) });
    let checker = lock.clone().checker().threads(1).spawn_bfs().join();
    let path = checker.discovery("two nodes are in the critical section").unwrap().into_vec();
    let run = lock.run(&path);
    let mut state = lock.first();
    for &(before, action) in &run {
        assert_eq!(before, state);
        state = lock.cache.look(|found| lock.after(found, &state, action));
    }
    assert_eq!(state.sight.holders, 2);
    let lines = lock.lines(&path);
    assert_eq!(lines.len(), path.len() - 1);
    for node in 1..=3 {
        let asks = format!("node {node} asks for the lock");
        assert!(lines.iter().filter(|line| **line == asks).count() <= 1, "{lines:#?}");
    }
}
