//! The checker finds the published numbers of states.

use antes_check::literature::{ChangRoberts, LamportMutex};
use stateright::{Checker, Model};

#[test]
fn lamports_mutual_exclusion_has_as_many_states_as_published() {
    let checker = LamportMutex::PUBLISHED.checker().threads(2).spawn_bfs().join();
    checker.assert_properties();
    assert_eq!(checker.unique_state_count(), LamportMutex::PUBLISHED_STATES);
}

#[test]
fn chang_and_roberts_ring_has_as_many_states_as_published() {
    let checker = ChangRoberts::published().checker().spawn_bfs().join();
    checker.assert_properties();
    assert_eq!(checker.unique_state_count(), ChangRoberts::PUBLISHED_STATES);
}
