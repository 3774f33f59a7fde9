//! The comparison that an address asks for: a run, and how the other one differs from it.

use antes_sim::compare::Variant;
use antes_sim::scenario::{Action, Scenario, Step};

use crate::acts;
use crate::address::{Address, profile_name, quoted};
use crate::host::mangled;
use crate::language::Language;
use crate::library::{self, LIBRARY, Shelf};
use crate::words::recorded as r;
use crate::words::{self as w, Word};
use antes_core::{Form, Profile};

/// The name of the part of an address.
pub const NAME: &str = "compare";

/// How the second run differs from the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versus {
    Variant(Variant),
    /// It is another scenario, with this index in the library.
    Scenario(usize),
}

impl Versus {
    /// Reads a value of the address.
    pub fn read(value: &str) -> Option<Self> {
        let variant = value.parse().ok().map(Self::Variant);
        variant.or_else(|| library::find(value).map(Self::Scenario))
    }

    /// The value of the address.
    pub fn name(self) -> String {
        match self {
            Self::Variant(Variant::Profile(profile)) => profile_name(profile).to_owned(),
            Self::Variant(Variant::Form(Form::Parallel)) => "parallel".to_owned(),
            Self::Variant(Variant::Form(Form::Sequential)) => "sequential".to_owned(),
            Self::Variant(Variant::Without(number)) => format!("without:{number}"),
            Self::Scenario(place) => library::entry(place).slug.to_owned(),
        }
    }
}

/// Why an address compares something else than it asks for: a text, and what it is filled with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    word: Word,
    values: [String; 2],
}

impl Refused {
    pub fn tell(&self, language: Language) -> String {
        self.word.fill(language, &[&self.values[0], &self.values[1]])
    }
}

/// The two scenarios of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    pub versus: Versus,
    /// The index of the first scenario in the library.
    pub place: usize,
    pub scenarios: [Scenario; 2],
}

impl Compared {
    /// The indices of the scenarios that the address names.
    pub fn places(&self) -> impl Iterator<Item = usize> {
        let other = match self.versus {
            Versus::Scenario(place) => Some(place),
            Versus::Variant(_) => None,
        };
        std::iter::once(self.place).chain(other)
    }
}

/// The comparison that an address asks for; an empty value asks for the usual one. If the value makes no
/// sense, the usual one, and the reason.
pub fn compared(
    shelf: &Shelf,
    address: &Address,
    base: (usize, Scenario),
    query: &str,
) -> (Compared, Option<Refused>) {
    let (pairs, _) = mangled::pairs(query);
    let value = pairs.iter().find(|(name, _)| name == NAME).map(|(_, value)| value.clone());
    let value = value.filter(|value| !value.is_empty());
    match of(shelf, address, &base, &value.unwrap_or_else(|| default_of(&base).name())) {
        Ok(compared) => (compared, None),
        Err(refused) => {
            let other = default_of(&base);
            let compared = of(shelf, address, &base, &other.name()).unwrap_or_else(|_| {
                let scenarios = [base.1.clone(), base.1.clone()];
                Compared { versus: Versus::Scenario(base.0), place: base.0, scenarios }
            });
            (compared, Some(refused))
        }
    }
}

/// The comparison that is shown if nothing else is said: the other profile. Where profiles do not differ, the
/// script without its first act, or another scenario.
fn default_of((place, scenario): &(usize, Scenario)) -> Versus {
    let config = &scenario.config;
    if config.setting().has_election() {
        return Versus::Variant(Variant::Profile(match config.profile {
            Profile::Classic => Profile::Hardened,
            Profile::Hardened => Profile::Classic,
        }));
    }
    if acts_of(scenario).next().is_some() {
        return Versus::Variant(Variant::Without(1));
    }
    let is_other = |entry: &library::Entry| entry.algorithm == config.algorithm;
    let mut others = LIBRARY.iter().enumerate().filter(|(other, _)| other != place);
    Versus::Scenario(others.find(|(_, entry)| is_other(entry)).map_or(*place, |(other, _)| other))
}

fn of(
    shelf: &Shelf,
    address: &Address,
    base: &(usize, Scenario),
    value: &str,
) -> Result<Compared, Refused> {
    let quote = || quoted(value);
    let refused = |word, about: String| Refused { word, values: [quote(), about] };
    let versus = Versus::read(value).ok_or_else(|| refused(r::BAD_COMPARE, String::new()))?;
    let (place, one) = (base.0, base.1.clone());
    let in_library = |place| {
        let mut scenario: Scenario = shelf.get(place)?;
        scenario.seed = address.seed.unwrap_or(scenario.seed);
        Some(scenario)
    };
    let twin = |profile| {
        library::entry(place)
            .twin
            .filter(|&twin| library::entry(twin).profile == profile)
            .and_then(in_library)
    };
    let other = match versus {
        Versus::Variant(Variant::Profile(profile)) if one.config.profile == profile => None,
        Versus::Variant(Variant::Profile(profile)) => {
            twin(profile).or_else(|| Variant::Profile(profile).of(&one))
        }
        Versus::Variant(variant) => match variant.of(&one) {
            Some(other) => Some(other),
            None => return Err(refused(r::NO_SUCH_ACT, acts_of(&one).count().to_string())),
        },
        Versus::Scenario(other) => in_library(other),
    };
    let expected = || default_of(base).name();
    let other = other.filter(|other| *other != one).ok_or_else(|| refused(r::SAME_RUN, expected()));
    Ok(Compared { versus, place, scenarios: [one.clone(), other?] })
}

/// The acts of the script, without notes.
fn acts_of(scenario: &Scenario) -> impl Iterator<Item = &Step> {
    scenario.steps.iter().filter(|step| !matches!(step.action, Action::Note))
}

impl Compared {
    /// The name of a side.
    pub fn name(&self, side: usize, language: Language) -> String {
        let config = &self.scenarios[side].config;
        let word = match self.versus {
            Versus::Variant(Variant::Profile(_)) => match config.profile {
                Profile::Classic => w::CLASSIC,
                Profile::Hardened => w::HARDENED,
            },
            Versus::Variant(Variant::Form(_)) => match config.election.form {
                Form::Parallel => r::PARALLEL,
                Form::Sequential => r::SEQUENTIAL,
            },
            Versus::Variant(Variant::Without(_)) => [r::AS_WRITTEN, r::WITHOUT_ACT][side],
            Versus::Scenario(other) => {
                return w::title([self.place, other][side], language).to_owned();
            }
        };
        word.say(language).to_owned()
    }

    /// A sentence that names both runs.
    pub fn told(&self, language: Language) -> String {
        let title = w::title(self.place, language);
        match self.versus {
            Versus::Variant(Variant::Profile(_)) => r::BOTH_PROFILES.fill(language, &[&title]),
            Versus::Variant(Variant::Form(_)) => r::BOTH_FORMS.fill(language, &[&title]),
            Versus::Variant(Variant::Without(number)) => {
                let act = acts_of(&self.scenarios[0]).nth(number - 1);
                let act = act.map(|step| acts::ahead(step, language)).unwrap_or_default();
                r::WITH_AND_WITHOUT.fill(language, &[&title, &number, &act])
            }
            Versus::Scenario(_) => r::TWO_SCENARIOS.say(language).to_owned(),
        }
    }

    /// All comparisons of the first scenario that are offered, with their names.
    pub fn offered(&self, language: Language) -> Vec<(Versus, String)> {
        let one = &self.scenarios[0];
        let config = &one.config;
        let mut offered = Vec::new();
        if config.setting().has_election() {
            let (profile, word) = match config.profile {
                Profile::Classic => (Profile::Hardened, w::HARDENED),
                Profile::Hardened => (Profile::Classic, w::CLASSIC),
            };
            let (form, form_word) = match config.election.form {
                Form::Parallel => (Form::Sequential, r::SEQUENTIAL),
                Form::Sequential => (Form::Parallel, r::PARALLEL),
            };
            offered
                .push((Versus::Variant(Variant::Profile(profile)), word.say(language).to_owned()));
            offered
                .push((Versus::Variant(Variant::Form(form)), form_word.say(language).to_owned()));
        }
        let acts = acts_of(one).enumerate().map(|(place, step)| {
            let versus = Versus::Variant(Variant::Without(place + 1));
            (versus, r::WITHOUT.fill(language, &[&acts::ahead(step, language)]))
        });
        offered.extend(acts);
        let is_other = |&(place, entry): &(usize, &library::Entry)| {
            place != self.place && entry.algorithm == config.algorithm
        };
        let others = LIBRARY.iter().enumerate().filter(is_other);
        offered.extend(
            others
                .map(|(place, _)| (Versus::Scenario(place), w::title(place, language).to_owned())),
        );
        offered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf() -> Shelf {
        Shelf::of(antes_sim::library::scenarios().unwrap())
    }

    fn asked(slug: &str, query: &str) -> (Compared, Option<Refused>) {
        let place = library::find(slug).unwrap();
        let scenario = shelf().get(place).unwrap();
        let (address, _) = Address::read(query);
        compared(&shelf(), &address, (place, scenario), query)
    }

    #[test]
    fn a_value_of_the_address_is_read_and_written_alike() {
        let values =
            ["classic", "hardened", "parallel", "sequential", "without:2", "holder-dies-hardened"];
        for value in values {
            assert_eq!(Versus::read(value).unwrap().name(), value);
        }
        for bad in ["", "without", "without:0", "without:x", "Hardened", "both"] {
            assert_eq!(Versus::read(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_pair_of_the_library_is_compared_with_its_twin_and_others_run_in_the_other_profile() {
        let (pair, refused) = asked("holder-dies", "?compare=hardened");
        assert_eq!((refused, pair.scenarios[1].title.en.contains("lease")), (None, true));
        let (alone, refused) = asked("leader-dies", "?compare=hardened");
        assert_eq!(refused, None);
        assert_eq!(alone.scenarios[1].config.profile, Profile::Hardened);
        assert_eq!(alone.scenarios[0].title, alone.scenarios[1].title);
    }

    #[test]
    fn a_seed_of_the_address_is_the_seed_of_both_runs() {
        let (pair, _) = asked("holder-dies", "?compare=hardened&seed=7");
        assert_eq!(pair.scenarios[1].seed, 7);
    }

    #[test]
    fn a_wrong_value_is_refused_with_what_would_be_right_and_another_comparison_is_shown() {
        for (slug, value, said) in [
            ("leader-dies", "harder", "hardened"),
            ("leader-dies", "classic", "hardened"),
            ("holder-dies-hardened", "hardened", "classic"),
            ("leader-dies", "without:99", "99"),
            ("leader-dies", "leader-dies", "hardened"),
        ] {
            let (shown, refused) = asked(slug, &format!("?compare={value}"));
            let told = refused.expect(value).tell(Language::English);
            assert!(told.contains(said) && told.contains("expected"), "{value}: {told}");
            assert_ne!(shown.scenarios[0], shown.scenarios[1], "{value}");
        }
    }

    #[test]
    fn every_comparison_that_is_offered_can_be_shown_in_every_scenario() {
        let shelf = shelf();
        for (place, entry) in LIBRARY.iter().enumerate() {
            let scenario = shelf.get(place).unwrap();
            let (shown, refused) = asked(entry.slug, "?compare");
            assert_eq!(shown.versus, default_of(&(place, scenario)));
            assert_eq!(refused, None, "{}", entry.slug);
            for (versus, name) in shown.offered(Language::Portuguese) {
                let (other, refused) = asked(entry.slug, &format!("?compare={}", versus.name()));
                assert_eq!((other.versus, refused), (versus, None), "{}", entry.slug);
                assert!(!name.is_empty());
            }
        }
    }
}
