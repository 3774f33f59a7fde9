//! Properties of the hardened profile, in every interleaving within the stated bounds.

use std::collections::BTreeSet;
use std::time::Duration;

use antes_check::cluster::Budget;
use antes_check::explore::Subject;
use antes_check::library::{
    hardened_election, hardened_lock, soup_births, soup_election, soup_lock,
};
use antes_check::soup::election::{Election, Memory, Rules};
use antes_check::soup::lock::{self, Leases, Lock};
use antes_core::{ClusterSize, Form, Preempt, Term};
use stateright::{Checker, HasDiscoveries, Model};

fn size(nodes: u8) -> ClusterSize {
    ClusterSize::new(nodes).unwrap()
}

/// All states are explored, all properties hold, and there are at least `least` states.
fn holds<M: Subject>(model: M, least: usize) {
    let checker = model.checker().threads(2).finish_when(HasDiscoveries::AnyFailures);
    let checker = checker.spawn_bfs().join();
    checker.assert_properties();
    assert!(checker.is_done());
    let unique = checker.unique_state_count();
    println!("{unique} unique states, depth {}", checker.max_depth());
    assert!(unique >= least, "only {unique} states");
}

#[test]
fn two_nodes_elect_safely_through_a_crash_and_four_timeouts() {
    let budget = Budget { crashes: 1, restarts: 1, timeouts: 4, ..Budget::default() };
    holds(hardened_election(size(2), budget), 100_000);
}

#[test]
fn two_nodes_elect_safely_through_a_crash_a_loss_a_duplicate_and_three_timeouts() {
    let (crashes, restarts, losses, duplicates) = (1, 1, 1, 1);
    let budget = Budget { crashes, restarts, losses, duplicates, timeouts: 3, ..Budget::default() };
    holds(hardened_election(size(2), budget), 700_000);
}

#[test]
fn three_nodes_elect_safely_through_two_timeouts() {
    holds(hardened_election(size(3), Budget { timeouts: 2, ..Budget::default() }), 190_000);
}

#[test]
fn two_nodes_share_the_lock_through_a_crash_and_two_timeouts() {
    let budget = Budget { crashes: 1, restarts: 1, timeouts: 2, requests: 2, ..Budget::default() };
    holds(hardened_lock(size(2), budget), 404_000);
}

#[test]
fn three_nodes_share_the_lock_through_one_timeout() {
    let budget = Budget { timeouts: 1, requests: 2, ..Budget::default() };
    holds(hardened_lock(size(3), budget), 149_000);
}

#[test]
fn three_nodes_elect_one_leader_a_term_whatever_is_lost_copied_reordered_or_crashes() {
    holds(Election::new(&soup_election(size(3), Term(3))), 3_798_000);
}

#[test]
fn from_whatever_a_run_leaves_behind_three_nodes_recover() {
    let model = Election::new(&soup_election(size(3), Term(2)));
    holds(model.clone(), 142_000);
    let tried = model.configurations();
    assert!(tried > 31_000, "only {tried} configurations");
}

#[test]
fn with_t_shorter_than_a_round_trip_not_all_recover() {
    let mut rules = soup_election(size(3), Term(2));
    rules.config.election.answer_timeout = Duration::from_millis(150);
    let checker = Election::new(&rules).checker().threads(2).spawn_bfs().join();
    assert!(checker.discovery("without further faults, the cluster recovers").is_some());
}

#[test]
fn two_nodes_elect_one_leader_a_term_through_three_new_terms() {
    holds(Election::new(&soup_election(size(2), Term(4))), 3_100);
}

#[test]
fn one_leader_per_term_depends_neither_on_the_form_nor_on_preemption() {
    let others = [
        (Form::Sequential, Preempt::Always),
        (Form::Parallel, Preempt::Never),
        (Form::Parallel, Preempt::Stable),
    ];
    for (form, preempt) in others {
        let mut rules = soup_election(size(3), Term(2));
        rules.config.election.form = form;
        rules.config.hardened.preempt = preempt;
        holds(Election::new(&rules), 143_000);
    }
}

#[test]
fn a_forgotten_vote_makes_two_leaders_of_one_term() {
    let rules = Rules { memory: Memory::VoteLost, ..soup_election(size(3), Term(2)) };
    let broken = "one leader a term, and once";
    let checker = Election::new(&rules).checker();
    let found = HasDiscoveries::AnyOf(BTreeSet::from([broken]));
    checker.finish_when(found).spawn_bfs().join().assert_any_discovery(broken);
}

#[test]
fn a_memory_that_is_lost_unnoticed_makes_two_leaders_of_one_term() {
    let rules = Rules { memory: Memory::AllLost, ..soup_election(size(3), Term(2)) };
    let broken = "one leader a term, and once";
    let checker = Election::new(&rules).checker();
    let found = HasDiscoveries::AnyOf(BTreeSet::from([broken]));
    checker.finish_when(found).spawn_bfs().join().assert_any_discovery(broken);
}

#[test]
fn two_nodes_that_have_never_met_elect_one_leader_a_term_although_one_loses_its_memory() {
    holds(Election::new(&soup_births(size(2), Term(2))), 46_000);
}

#[test]
fn three_nodes_that_have_never_met_elect_one_leader_a_term_although_one_loses_its_memory() {
    holds(Election::new(&soup_births(size(3), Term(1))), 7_322_000);
}

#[test]
fn three_nodes_share_the_lock_whatever_is_lost_copied_or_reordered() {
    holds(Lock::new(soup_lock(size(3), Term(2))), 294_000);
}

#[test]
fn three_nodes_share_the_lock_through_a_crash_and_a_restart() {
    let rules = lock::Rules { crashes: 1, askers: 2, ..soup_lock(size(3), Term(2)) };
    holds(Lock::new(rules), 1_088_000);
}

#[test]
fn three_nodes_share_the_lock_through_two_new_terms() {
    holds(Lock::new(lock::Rules { askers: 2, ..soup_lock(size(3), Term(3)) }), 857_000);
}

#[test]
fn three_nodes_share_the_lock_through_a_repetition() {
    let rules = lock::Rules { askers: 2, repetitions: 2, ..soup_lock(size(3), Term(2)) };
    holds(Lock::new(rules), 435_000);
}

#[test]
fn four_nodes_share_the_lock_whatever_is_lost_copied_or_reordered() {
    holds(Lock::new(lock::Rules { askers: 2, ..soup_lock(size(4), Term(2)) }), 398_000);
}

#[test]
fn two_nodes_share_the_lock_through_a_crash_and_a_restart() {
    let rules = lock::Rules { crashes: 1, ..soup_lock(size(2), Term(2)) };
    holds(Lock::new(rules), 43_000);
}

#[test]
fn two_nodes_share_the_lock_through_two_new_terms_and_a_repetition() {
    let rules = lock::Rules { repetitions: 2, ..soup_lock(size(2), Term(3)) };
    holds(Lock::new(rules), 89_000);
}

#[test]
fn a_request_that_ran_out_is_asked_anew_and_still_served_once() {
    let rules = lock::Rules { repetitions: 2, requests: 2, ..soup_lock(size(2), Term(1)) };
    holds(Lock::new(rules), 28_000);
}

#[test]
fn tokens_and_requests_are_kept_apart_even_where_leases_are_not_kept_and_two_nodes_are_in() {
    let rules = lock::Rules { leases: Leases::Ignored, ..soup_lock(size(2), Term(2)) };
    holds(Lock::new(rules), 6_200);
}

#[test]
fn waiters_that_give_up_and_ask_again_share_the_lock_through_a_new_term() {
    let rules = lock::Rules { withdrawals: true, requests: 2, ..soup_lock(size(2), Term(2)) };
    holds(Lock::new(rules), 1_186_000);
}

#[test]
fn waiters_that_give_up_share_the_lock_through_a_crash_and_a_restart() {
    let rules = lock::Rules { withdrawals: true, crashes: 1, ..soup_lock(size(2), Term(2)) };
    holds(Lock::new(rules), 143_000);
}

#[test]
fn three_nodes_of_which_two_ask_and_may_give_up_share_the_lock() {
    let rules = lock::Rules { withdrawals: true, askers: 2, ..soup_lock(size(3), Term(2)) };
    holds(Lock::new(rules), 168_000);
}

#[test]
fn waiters_that_give_up_share_the_lock_where_links_keep_order() {
    let budget = Budget { timeouts: 2, requests: 2, withdrawals: 2, ..Budget::default() };
    holds(hardened_lock(size(2), budget), 64_000);
}
