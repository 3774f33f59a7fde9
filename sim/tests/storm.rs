//! Storms: drawn from a seed, judged, and made short.

mod common;

use antes_core::{Algorithm, Profile};
use antes_sim::scenario::{self, Scenario};
use antes_sim::storm::{Faults, judge, minimised, storm};
use common::*;

fn base(profile: Profile) -> Scenario {
    let mut scenario = quiet(Algorithm::Mutex, 4, Vec::new());
    scenario.config.profile = profile;
    scenario
}

#[test]
fn hardened_survives_every_storm_and_everybody_is_served_in_the_end() {
    for seed in 1..=100 {
        assert_eq!(judge(&storm(&base(Profile::Hardened), seed, Faults::ALL)), None, "{seed}");
    }
}

#[test]
fn the_same_seed_is_the_same_storm_with_the_same_trace() {
    let trace = || finished(storm(&base(Profile::Hardened), 7, Faults::ALL)).trace().to_vec();
    assert_eq!(trace(), trace());
}

#[test]
fn where_the_highest_does_not_take_over_one_leader_is_followed_by_all_in_the_end() {
    let mut base = base(Profile::Hardened);
    base.config.hardened.preempt = antes_core::Preempt::Never;
    for seed in 1..=50 {
        assert_eq!(judge(&storm(&base, seed, Faults::ALL)), None, "{seed}");
    }
}

#[test]
fn a_storm_replays_from_its_file() {
    let storm = storm(&base(Profile::Hardened), 7, Faults::ALL);
    let read = scenario::read(&scenario::write(&storm)).expect("it can be read");
    assert_eq!(read, storm);
    assert_eq!(finished(read).trace(), finished(storm).trace());
}

#[test]
fn what_breaks_classic_is_made_short_and_breaks_it_still() {
    let faults = Faults { pauses: true, ..Faults::NONE };
    let storms = (1..=200).map(|seed| storm(&base(Profile::Classic), seed, faults));
    let (storm, failure) = storms
        .filter_map(|storm| judge(&storm).map(|failure| (storm, failure)))
        .next()
        .expect("one of them breaks it");
    let shortest = minimised(storm.clone(), &failure);
    assert!(shortest.steps.len() < storm.steps.len());
    assert_eq!(judge(&shortest).expect("it fails").name, failure.name);
}
