//! Properties of the distributed lock in a network without guarantees, and the violation after a
//! restart.

use antes_check::distributed::Distributed;
use antes_core::ClusterSize;
use stateright::{Checker, HasDiscoveries, Model};

fn three() -> ClusterSize {
    ClusterSize::new(3).unwrap()
}

#[test]
fn the_lock_has_one_holder_and_keeps_the_order_under_loss_copies_and_reordering() {
    let checker = Distributed::new(three(), 3, 2, 0, false).checker().spawn_bfs().join();
    checker.assert_properties();
    assert_eq!(checker.unique_state_count(), 34_449);
}

#[test]
fn nodes_that_withdraw_and_ask_again_break_nothing() {
    let two = ClusterSize::new(2).unwrap();
    Distributed::new(two, 4, 2, 0, true).checker().spawn_bfs().join().assert_properties();
    Distributed::new(three(), 2, 2, 0, true).checker().spawn_bfs().join().assert_properties();
}

#[test]
fn a_restart_lets_two_in() {
    let wanted = HasDiscoveries::AnyOf(["one holder"].into_iter().collect());
    let model = Distributed::new(three(), 3, 1, 1, false);
    let checker = model.checker().finish_when(wanted).spawn_bfs().join();
    checker.assert_any_discovery("one holder");
}
