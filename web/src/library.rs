//! The scenarios that the page offers.

use antes_core::Algorithm;
use antes_sim::scenario::{Scenario, packed};

// Made by build.rs from the files of `scenarios/`: names and packed scenarios.
include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// A scenario that the page offers.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its name in addresses.
    pub slug: &'static str,
    /// What it says.
    pub scenario: Scenario,
}

/// The scenario that opens the page.
pub const FIRST: &str = "leader-dies";

/// All scenarios, in the order in which they are offered.
pub fn entries() -> Vec<Entry> {
    let entry = |&(slug, bytes): &(&'static str, &[u8])| {
        Some(Entry { slug, scenario: packed::unpack(bytes)? })
    };
    LIBRARY.iter().filter_map(entry).collect()
}

/// The place of the scenario to begin with for `algorithm`.
pub fn first_of(algorithm: Algorithm, entries: &[Entry]) -> Option<usize> {
    entries.iter().position(|entry| entry.scenario.config.algorithm == algorithm)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_of_the_library_is_offered_in_both_languages() {
        let offered = entries();
        assert_eq!(offered.len(), LIBRARY.len());
        for entry in offered {
            assert!(entry.scenario.title.pt.is_some(), "{}", entry.slug);
        }
    }

    #[test]
    fn every_algorithm_has_a_scenario_to_begin_with_and_so_has_the_page() {
        let offered = entries();
        for algorithm in [Algorithm::Clock, Algorithm::Leader, Algorithm::Mutex] {
            assert!(first_of(algorithm, &offered).is_some());
        }
        assert!(offered.iter().any(|entry| entry.slug == FIRST));
    }
}
