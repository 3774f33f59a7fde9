//! The scenarios that the page offers. It is built with their names, and with the one that opens
//! it; all of them are in a file, which is fetched when another one is asked for.

use antes_core::{Algorithm, Profile};
use antes_sim::scenario::{Scenario, packed};

use crate::dom;

/// A scenario that the page offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name in addresses.
    pub slug: &'static str,
    /// Its title, in English.
    pub title: &'static str,
    /// The words of its titles and keywords in both languages, as [`fold`](crate::fold) makes them.
    pub words: &'static str,
    /// The algorithm that it is about.
    pub algorithm: Algorithm,
    /// The profile that it is told for.
    pub profile: Profile,
    /// The place of the scenario that has the same faults in the other profile, where there is one.
    pub twin: Option<usize>,
}

// Made by build.rs: FIRST, FIRST_PACKED, LIBRARY, and the names of LIBRARY_FILE and PORTUGUESE_FILE.
include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// The scenarios that are at hand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shelf {
    /// All of them, in the order of [`LIBRARY`]; none before they have been fetched.
    all: Vec<Scenario>,
}

impl Shelf {
    /// The scenario at this place of the library, if it is at hand.
    pub fn get(&self, place: usize) -> Option<Scenario> {
        match self.all.get(place) {
            Some(scenario) => Some(scenario.clone()),
            None if place == FIRST => packed::unpack(FIRST_PACKED)?.pop(),
            None => None,
        }
    }

    /// All scenarios; `None` if they cannot be had now.
    pub async fn fetch() -> Option<Self> {
        let all = packed::unpack(&dom::fetch(LIBRARY_FILE).await?)?;
        (all.len() == LIBRARY.len()).then_some(Self { all })
    }
}

/// The place of the scenario with this name.
pub fn find(slug: &str) -> Option<usize> {
    LIBRARY.iter().position(|entry| entry.slug == slug)
}

/// The place of the scenario to begin with for `algorithm`.
pub fn first_of(algorithm: Algorithm) -> Option<usize> {
    match LIBRARY[FIRST].algorithm == algorithm {
        true => Some(FIRST),
        false => LIBRARY.iter().position(|entry| entry.algorithm == algorithm),
    }
}

/// Which scenario is shown, and how, when this one is asked for in this profile: its twin, where
/// that is the one that is told for the profile. `None` is the scenario's own profile.
pub fn in_profile(place: usize, asked: Option<Profile>) -> (usize, Option<Profile>) {
    let own = LIBRARY[place].profile;
    match (asked.filter(|&asked| asked != own), LIBRARY[place].twin) {
        (None, _) => (place, None),
        (Some(_), Some(twin)) => (twin, None),
        (Some(other), None) => (place, Some(other)),
    }
}

/// The entry of the list that a scenario is shown as: a pair of twins is one entry, named as the
/// classic one, since the profile has a switch of its own.
pub fn listed_as(place: usize) -> usize {
    let entry = &LIBRARY[place];
    entry.twin.filter(|_| entry.profile == Profile::Hardened).unwrap_or(place)
}

/// The scenario that is meant by an entry of the list while `shown` runs: of a pair, the one that
/// is told for that profile.
pub fn meant_by(place: usize, shown: Profile) -> usize {
    let entry = &LIBRARY[place];
    entry.twin.filter(|_| entry.profile != shown).unwrap_or(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_scenario_is_at_hand_and_the_others_are_not() {
        let shelf = Shelf::default();
        let first = shelf.get(FIRST).unwrap();
        assert_eq!(LIBRARY[FIRST].title, first.title.en);
        assert_eq!(LIBRARY[FIRST].algorithm, first.config.algorithm);
        let at_hand = |&(place, _): &(usize, &Entry)| shelf.get(place).is_some();
        assert_eq!(LIBRARY.iter().enumerate().filter(at_hand).count(), 1);
    }

    #[test]
    fn every_algorithm_has_a_scenario_to_begin_with() {
        for algorithm in [Algorithm::Clock, Algorithm::Leader, Algorithm::Mutex] {
            assert_eq!(LIBRARY[first_of(algorithm).unwrap()].algorithm, algorithm);
        }
    }

    #[test]
    fn a_scenario_asked_for_in_the_other_profile_is_its_twin_if_it_has_one() {
        let classic = find("holder-dies").unwrap();
        let hardened = find("holder-dies-hardened").unwrap();
        assert_eq!(in_profile(classic, Some(Profile::Hardened)), (hardened, None));
        assert_eq!(in_profile(hardened, Some(Profile::Classic)), (classic, None));
        assert_eq!(in_profile(classic, Some(Profile::Classic)), (classic, None));
        let alone = find("leader-dies").unwrap();
        assert_eq!(in_profile(alone, Some(Profile::Hardened)), (alone, Some(Profile::Hardened)));
    }

    #[test]
    fn a_pair_of_twins_is_one_entry_and_means_the_one_of_the_profile_that_runs() {
        let classic = find("holder-dies").unwrap();
        let hardened = find("holder-dies-hardened").unwrap();
        assert_eq!([listed_as(classic), listed_as(hardened)], [classic; 2]);
        assert_eq!(meant_by(classic, Profile::Hardened), hardened);
        assert_eq!(meant_by(classic, Profile::Classic), classic);
        let alone = find("leader-dies").unwrap();
        assert_eq!([listed_as(alone), meant_by(alone, Profile::Hardened)], [alone; 2]);
    }
}
