//! Properties of the classic profile under its published assumptions, and violations without them.

use antes_check::cluster::{Cluster, Timing};
use antes_check::library::{classic_election, classic_lock};
use antes_core::ClusterSize;
use stateright::{Checker, HasDiscoveries, Model};

fn three() -> ClusterSize {
    ClusterSize::new(3).unwrap()
}

fn finds(model: Cluster, property: &'static str) {
    let wanted = HasDiscoveries::AnyOf([property].into_iter().collect());
    let checker = model.checker().finish_when(wanted).spawn_bfs().join();
    checker.assert_any_discovery(property);
}

#[test]
fn an_election_under_synchrony_and_without_crashes_ends_with_one_leader() {
    let checker = classic_election(three(), Timing::Synchronous, 0).checker().spawn_bfs().join();
    checker.assert_properties();
    assert_eq!(checker.unique_state_count(), 2_785);
}

#[test]
fn the_lock_under_synchrony_and_without_crashes_has_one_holder() {
    let checker = classic_lock(three(), 0).checker().spawn_bfs().join();
    checker.assert_properties();
    assert_eq!(checker.unique_state_count(), 19_043);
}

#[test]
fn the_lock_has_one_holder_where_waiters_give_up() {
    let mut model = classic_lock(three(), 0);
    model.budget.withdrawals = 2;
    let checker = model.checker().spawn_bfs().join();
    checker.assert_properties();
    assert_eq!(checker.unique_state_count(), 103_198);
}

#[test]
fn without_synchrony_followers_are_left_with_different_leaders() {
    let model = classic_election(three(), Timing::Any, 0);
    finds(model, "one leader, followed by all, when quiet");
}

#[test]
fn a_coordinator_crash_lets_two_in_even_under_synchrony() {
    finds(classic_lock(three(), 1), "one holder");
}
