//! Counterexamples of the checker become scenarios that violate the same invariant in the simulator.

use antes_check::catalogue::{self, Bound};
use antes_check::cluster::{Budget, Cluster, Timing};
use antes_check::explore::{Order, Search, Steps};
use antes_check::library::{classic_election, classic_lock, hardened_election, hardened_lock};
use antes_check::schedule::{NoScenario, invariant, schedule};
use antes_check::scheduled::{Found, Unscheduled};
use antes_core::{BullyCause, ClusterSize, ElectionCause};
use antes_sim::run::Run;
use antes_sim::scenario::{self, Scenario};
use antes_sim::summary::Summary;
use antes_sim::trace::Happening;
use proptest::sample::Index;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use stateright::Model;

const AGREEMENT: &str = "one leader, followed by all, when quiet";
const THRIFT: &str = "no node elects again while a higher node still does";

/// The scenario that `antes check` finds with these settings, written to a file and read again,
/// violates the same invariant at the stated instant.
fn is_found_and_repeated(model: &str, chosen: &[(Bound, u8)], property: &str) {
    let entry = catalogue::find(model).unwrap();
    let settings = entry.settings(chosen).unwrap();
    let search = Search { order: Order::Breadth, threads: 2, max_states: None };
    let report = entry.check(&settings, search, &mut |_| {});
    let (broken, counterexample) = report.counterexample().unwrap();
    assert_eq!(broken, property);
    let found = counterexample.scenario.clone().or_else(|_| entry.scenario(&settings, property));
    let found = found.unwrap_or_else(|error| panic!("{model} {chosen:?}: {error}"));
    println!("{model} {chosen:?}: {} steps, {}", found.lines.len(), found.passed_over);
    let file = scenario::write(&found.scenario);
    let read = scenario::read(&file).unwrap_or_else(|error| panic!("{error}\n{file}"));
    assert_eq!(read, found.scenario);
    let size = read.config.size;
    let mut run = Run::new(read);
    run.finish();
    let wanted = invariant(property).map(|invariant| (invariant, found.at_us));
    let broken = Summary::new(size, run.trace()).violations;
    let first =
        broken.iter().find(|other| wanted.is_none_or(|(i, _)| other.violation.invariant == i));
    assert_eq!(first.map(|first| (first.violation.invariant, first.at_us)), wanted, "{file}");
}

#[test]
fn followers_of_different_leaders_are_found_and_repeated_whatever_the_settings() {
    use Bound::{Crashes, Duplicates, Losses, Nodes, Restarts};
    let settings: [&[(Bound, u8)]; 7] = [
        &[],
        &[(Nodes, 4)],
        &[(Crashes, 1)],
        &[(Crashes, 1), (Restarts, 1)],
        &[(Losses, 1)],
        &[(Duplicates, 1)],
        &[(Nodes, 2), (Losses, 1)],
    ];
    for chosen in settings {
        is_found_and_repeated("classic-election-any-time", chosen, AGREEMENT);
    }
}

#[test]
fn two_holders_after_a_coordinator_crash_are_found_and_repeated_whatever_the_settings() {
    use Bound::{Crashes, Duplicates, Losses, Nodes, Restarts};
    let settings: [&[(Bound, u8)]; 4] = [
        &[(Crashes, 1)],
        &[(Crashes, 1), (Nodes, 4)],
        &[(Crashes, 2), (Restarts, 1)],
        &[(Crashes, 1), (Duplicates, 1)],
    ];
    for chosen in settings {
        is_found_and_repeated("classic-lock", chosen, "one holder");
    }
    is_found_and_repeated("classic-lock", &[(Losses, 1)], AGREEMENT);
}

#[test]
fn a_wait_for_coordinator_that_is_too_short_is_found_to_cost_an_election() {
    for elections in 1..=2 {
        let chosen = [(Bound::Elections, elections)];
        is_found_and_repeated("classic-election-needless", &chosen, THRIFT);
    }
}

#[test]
fn the_counterexamples_of_the_library_are_what_the_checker_finds() {
    let acts = |scenario: &Scenario| -> Vec<_> {
        let acts = scenario.steps.iter().filter(|step| step.action != scenario::Action::Note);
        acts.map(|step| (step.at, step.after, step.action.clone())).collect()
    };
    for (slug, model, chosen, property) in [
        ("late-answers", "classic-election-any-time", &[][..], AGREEMENT),
        ("two-holders", "classic-lock", &[(Bound::Crashes, 1)], "one holder"),
        ("short-wait", "classic-election-needless", &[], THRIFT),
    ] {
        let entry = catalogue::find(model).unwrap();
        let settings = entry.settings(chosen).unwrap();
        let told = scenario::read(antes_sim::library::find(slug).unwrap()).unwrap();
        let is_told = |found: Option<Found>| {
            found.is_some_and(|Found { scenario, .. }| {
                acts(&scenario) == acts(&told)
                    && scenario.config == told.config
                    && scenario.network == told.network
            })
        };
        // If several paths are equally short, the search and the enumeration begin with different
        // ones. A search with one thread always finds the same path.
        let search = Search { order: Order::Breadth, threads: 1, max_states: None };
        let report = entry.check(&settings, search, &mut |_| {});
        let searched = report.counterexample().unwrap().1.scenario.clone().ok();
        assert!(is_told(searched) || is_told(entry.scenario(&settings, property).ok()), "{slug}");
    }
}

/// The instants at which nodes elect again because no node has won in time.
fn repeated_elections(scenario: Scenario) -> Vec<u64> {
    let mut run = Run::new(scenario);
    run.finish();
    let again = run.trace().iter().filter(|event| {
        matches!(
            event.happening,
            Happening::Election { cause: ElectionCause::Bully(BullyCause::NoWinner), .. }
        )
    });
    again.map(|event| event.at_us).collect()
}

#[test]
fn the_same_script_with_a_long_enough_wait_costs_no_election() {
    let entry = catalogue::find("classic-election-needless").unwrap();
    let found = entry.scenario(&entry.settings(&[]).unwrap(), THRIFT).unwrap();
    assert_eq!(repeated_elections(found.scenario.clone()).first(), Some(&found.at_us));
    let mut patient = found.scenario;
    let way = std::time::Duration::from_millis(100);
    let election = &mut patient.config.election;
    election.coordinator_timeout = election.answer_timeout + 2 * way;
    assert!(repeated_elections(patient).is_empty());
}

#[test]
fn a_model_that_is_not_of_a_cluster_and_one_that_holds_have_no_scenario() {
    let no_scenario = |model: &str, property| {
        let entry = catalogue::find(model).unwrap();
        entry.scenario(&entry.settings(&[]).unwrap(), property).map(|_| ())
    };
    let foreign = NoScenario { reason: Unscheduled::Foreign, ways: 0 };
    assert_eq!(no_scenario("chang-roberts", "only the smallest initiator wins"), Err(foreign));
    let unbroken = NoScenario { reason: Unscheduled::Unbroken, ways: 0 };
    assert_eq!(no_scenario("classic-election", AGREEMENT), Err(unbroken));
}

/// A random path through the model.
fn walk(model: &Cluster, turns: &[Index]) -> Steps<Cluster> {
    let mut state = model.init_states().remove(0);
    let mut steps = Steps::<Cluster>::new();
    for turn in turns {
        let mut actions = Vec::new();
        model.actions(&state, &mut actions);
        if actions.is_empty() {
            break;
        }
        let action = *turn.get(&actions);
        let next = model.next_state(&state, action).unwrap();
        steps.push((state, Some(action)));
        state = next;
    }
    steps.push((state, None));
    steps
}

/// The number of `WALKS` random paths that have a scenario. In these the simulator ends in the same
/// state as the model. For the others no instants fit, or no script can express a step.
fn walks_that_are_repeated(model: &Cluster) -> usize {
    let mut runner = TestRunner::deterministic();
    let turns = proptest::collection::vec(proptest::arbitrary::any::<Index>(), 1..14);
    let mut repeated = 0;
    for _ in 0..WALKS {
        let turns = turns.new_tree(&mut runner).unwrap().current();
        let steps = walk(model, &turns);
        match schedule(model, &steps, "a walk") {
            Ok(found) => {
                let file = scenario::write(&found.scenario);
                assert_eq!(scenario::read(&file), Ok(found.scenario), "{file}");
                repeated += 1;
            }
            Err(Unscheduled::NoTimes | Unscheduled::CutOff | Unscheduled::LostAfterCopy) => {}
            Err(other) => {
                let actions: Vec<_> = steps.iter().map(|(_, action)| action).collect();
                panic!("{other:?}: {actions:#?}");
            }
        }
    }
    repeated
}

const WALKS: usize = 400;

#[test]
fn random_paths_without_assumptions_on_time_end_alike_in_the_simulator() {
    let three = ClusterSize::new(3).unwrap();
    let budget = Budget {
        crashes: 2,
        restarts: 2,
        losses: 2,
        duplicates: 2,
        timeouts: 6,
        elections: 3,
        requests: 3,
        withdrawals: 2,
    };
    let of_election = Budget { requests: 0, withdrawals: 0, ..budget };
    let election = Cluster { budget: of_election, ..classic_election(three, Timing::Any, 0) };
    let lock = Cluster { budget, timing: Timing::Any, ..classic_lock(three, 0) };
    let whole = Budget { duplicates: 0, ..budget };
    let of_hardened_election = Budget { requests: 0, withdrawals: 0, ..whole };
    for (name, model) in [
        ("classic election", election),
        ("classic lock", lock),
        ("hardened election", hardened_election(three, of_hardened_election)),
        ("hardened lock", hardened_lock(three, whole)),
    ] {
        let repeated = walks_that_are_repeated(&model);
        println!("{name}: {repeated} of {WALKS}");
        assert!(repeated >= WALKS / 4, "{name}: {repeated}");
    }
}

#[test]
fn random_paths_under_synchrony_end_alike_in_the_simulator() {
    let four = ClusterSize::new(4).unwrap();
    let budget = Budget {
        crashes: 1,
        timeouts: 4,
        elections: 2,
        requests: 4,
        withdrawals: 1,
        ..Budget::default()
    };
    let of_election = Budget { requests: 0, withdrawals: 0, ..budget };
    let synchronous = classic_election(four, Timing::Synchronous, 0);
    let election = Cluster { budget: of_election, ..synchronous };
    let lock = Cluster { budget, ..classic_lock(four, 0) };
    for (name, model) in [("classic election", election), ("classic lock", lock)] {
        let repeated = walks_that_are_repeated(&model);
        println!("{name}: {repeated} of {WALKS}");
        assert!(repeated >= WALKS / 4, "{name}: {repeated}");
    }
}
