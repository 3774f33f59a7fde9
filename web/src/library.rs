//! The scenarios that the page offers. The page is built with their names and with one scenario. A
//! file with all of them is fetched when another one is requested.

use std::cell::Cell;

use antes_core::{Algorithm, Lock, Profile, Setting};
use antes_sim::scenario::{Scenario, packed};

use crate::dom;
use crate::language::Language;

/// A scenario that the page offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The scenario's name in addresses.
    pub slug: &'static str,
    pub title: &'static str,
    /// The words of its titles and keywords in both languages that are not in `title`, normalized by
    /// [`fold`](crate::fold).
    pub words: &'static str,
    pub algorithm: Algorithm,
    /// The profile of its story.
    pub profile: Profile,
    pub lock: Lock,
    /// The index of the scenario with the same faults in the other profile, if there is one.
    pub twin: Option<usize>,
}

impl Entry {
    /// Which protocols its scenario runs.
    pub const fn setting(&self) -> Setting {
        Setting { algorithm: self.algorithm, profile: self.profile, lock: self.lock }
    }

    /// Whether its scenario can run in this profile.
    pub fn runs_in(&self, profile: Profile) -> bool {
        Setting { profile, ..self.setting() }.refusal().is_none()
    }
}

// Made by build.rs: FIRST, FIRST_PACKED, LIBRARY, and the names of LIBRARY_FILE and
// PORTUGUESE_FILE.
include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// The name in addresses of the scenario whose file was chosen, dropped or pasted. web/boot.js knows it too.
pub const BROUGHT_SLUG: &str = "file";

/// A scenario that is no part of the library: its file was brought into the page, or lies beside it.
#[derive(Debug)]
pub struct Brought {
    pub entry: Entry,
    pub scenario: Scenario,
    /// The origin of the page that handed the file over. `None` if the user opened it, or it lies beside the page.
    host: Option<String>,
}

thread_local! {
    static BROUGHT: Cell<Option<&'static Brought>> = const { Cell::new(None) };
}

/// Adds a scenario behind those of the library, in place of one that was added before. Only the whole program does
/// this. `slug` is its name in addresses, `name` that of its file, and `host` the origin of the page that handed it over.
pub fn bring(slug: &str, name: &str, scenario: Scenario, host: Option<String>) {
    let title = if scenario.title.en.is_empty() { name } else { &scenario.title.en };
    let entry = Entry {
        slug: slug.to_owned().leak(),
        title: title.to_owned().leak(),
        words: "",
        algorithm: scenario.config.algorithm,
        profile: scenario.config.profile,
        lock: scenario.config.setting().lock,
        twin: None,
    };
    BROUGHT.set(Some(Box::leak(Box::new(Brought { entry, scenario, host }))));
}

/// The scenario that was brought.
pub fn brought() -> Option<&'static Brought> {
    BROUGHT.get()
}

/// Whether this is the index of the scenario that was brought.
pub fn is_brought(place: usize) -> bool {
    brought().is_some() && place == LIBRARY.len()
}

/// The title of the scenario that was brought, or the name of its file if it has none.
pub fn title_of_brought(language: Language) -> &'static str {
    let Some(Brought { entry, scenario, .. }) = brought() else { return "" };
    match language.of(&scenario.title) {
        "" => entry.title,
        title => title,
    }
}

/// Whether an address works only in this browser, which keeps the file of its scenario.
pub fn is_kept_here(address: &str) -> bool {
    let mut pairs = address.split(['?', '&', '#']);
    brought().is_some() && pairs.any(|pair| pair.strip_prefix("scenario=") == Some(BROUGHT_SLUG))
}

/// The reason why a page around this one gets no report about a scenario.
const PRIVATE: &str = "this scenario was not handed over by this page, and so stays private";

/// Why a page of this origin gets no report about the scenario with this index: its file is the user's. `None` if it
/// gets reports.
pub fn is_secret_to(place: usize, origin: &str) -> Option<&'static str> {
    let brought = brought().filter(|it| is_brought(place) && it.entry.slug == BROUGHT_SLUG)?;
    (brought.host.as_deref() != Some(origin)).then_some(PRIVATE)
}

/// Whether reports about the scenario with this index may be sent to a page around this one. If a page has handed it
/// over, only that page receives messages.
pub fn is_public(place: usize) -> bool {
    let is_users = |it: &Brought| it.entry.slug == BROUGHT_SLUG && it.host.is_none();
    !is_brought(place) || !brought().is_some_and(is_users)
}

/// All scenarios: the library's, then the one that was brought.
pub fn entries() -> impl Iterator<Item = (usize, &'static Entry)> {
    LIBRARY.iter().chain(brought().map(|brought| &brought.entry)).enumerate()
}

/// The scenario with this index.
///
/// # Panics
///
/// If there is none.
pub fn entry(place: usize) -> &'static Entry {
    match brought() {
        Some(brought) if place == LIBRARY.len() => &brought.entry,
        _ => &LIBRARY[place],
    }
}

/// The scenarios that this visit has loaded: at first one, later all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shelf {
    /// All scenarios in the order of [`LIBRARY`]. Empty before they are fetched.
    all: Vec<Scenario>,
}

impl Shelf {
    /// The scenario with this index in the library, if it is loaded.
    pub fn get(&self, place: usize) -> Option<Scenario> {
        match self.all.get(place) {
            Some(scenario) => Some(scenario.clone()),
            None if place == FIRST => packed::unpack(FIRST_PACKED)?.pop(),
            None if is_brought(place) => brought().map(|brought| brought.scenario.clone()),
            None => None,
        }
    }

    #[cfg(test)]
    pub const fn of(all: Vec<Scenario>) -> Self {
        Self { all }
    }

    /// Fetches all scenarios. `None` if that fails.
    pub async fn fetch() -> Option<Self> {
        let all = packed::unpack(&dom::fetch(LIBRARY_FILE).await?)?;
        (all.len() == LIBRARY.len()).then_some(Self { all })
    }
}

/// The index of the scenario with this name.
pub fn find(slug: &str) -> Option<usize> {
    entries().find(|(_, entry)| entry.slug == slug).map(|(place, _)| place)
}

/// The index of the first scenario for `algorithm`.
pub fn first_of(algorithm: Algorithm) -> Option<usize> {
    match LIBRARY[FIRST].algorithm == algorithm {
        true => Some(FIRST),
        false => LIBRARY.iter().position(|entry| entry.algorithm == algorithm),
    }
}

/// The scenario and profile to show when this scenario is requested in this profile: its twin, if
/// the twin's story is for the profile. `None` is the scenario's own profile, in which it also runs
/// if it cannot run in the other one.
pub fn in_profile(place: usize, asked: Option<Profile>) -> (usize, Option<Profile>) {
    let entry = entry(place);
    let is_other = |&asked: &Profile| asked != entry.profile && entry.runs_in(asked);
    match (asked.filter(is_other), entry.twin) {
        (None, _) => (place, None),
        (Some(_), Some(twin)) => (twin, None),
        (Some(other), None) => (place, Some(other)),
    }
}

/// The entry of the list for a scenario. A pair of twins is one entry with the classic title, since
/// the profile has a switch of its own.
pub fn listed_as(place: usize) -> usize {
    let entry = entry(place);
    entry.twin.filter(|_| entry.profile == Profile::Hardened).unwrap_or(place)
}

/// The scenario for an entry of the list while the profile `shown` runs. Of a pair, the one with
/// the story for that profile.
pub fn meant_by(place: usize, shown: Profile) -> usize {
    let entry = entry(place);
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
        let distributed = find("ask-all").unwrap();
        assert_eq!(in_profile(distributed, Some(Profile::Hardened)), (distributed, None));
    }

    #[test]
    fn only_the_address_of_a_kept_file_works_in_this_browser_alone() {
        assert!(!is_kept_here("https://host/?scenario=file"));
        let scenario = packed::unpack(FIRST_PACKED).unwrap().pop().unwrap();
        bring(BROUGHT_SLUG, "mine.toml", scenario, None);
        for address in ["https://host/?scenario=file", "https://host/?lang=pt&scenario=file&t=1"] {
            assert!(is_kept_here(address), "{address}");
        }
        for address in ["https://host/?scenario=files.toml", "https://host/?scenario=file.toml"] {
            assert!(!is_kept_here(address), "{address}");
        }
    }

    #[test]
    fn a_scenario_of_the_users_is_reported_only_to_the_page_that_handed_it_over() {
        let scenario = || packed::unpack(FIRST_PACKED).unwrap().pop().unwrap();
        let place = LIBRARY.len();
        bring(BROUGHT_SLUG, "mine.toml", scenario(), None);
        assert!(is_secret_to(place, "https://host").is_some() && !is_public(place));
        assert!(is_secret_to(FIRST, "https://host").is_none() && is_public(FIRST));
        bring(BROUGHT_SLUG, "mine.toml", scenario(), Some("https://host".into()));
        assert!(is_secret_to(place, "https://host").is_none());
        assert!(is_secret_to(place, "https://other").is_some());
        bring("mine.toml", "mine.toml", scenario(), None);
        assert!(is_secret_to(place, "https://host").is_none() && is_public(place));
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
