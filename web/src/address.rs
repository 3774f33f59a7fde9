//! The page's address: what the page shows, and how. It restores the exact moment.

use antes_core::{NodeId, Profile};
pub use antes_picture::style::Theme;
pub use antes_sim::scenario::Stamps;
use antes_sim::scenario::Step;

use crate::host::mangled;
use crate::host::settings::{self, BadValue, Settings};
use crate::interventions;
use crate::language::Language;
use crate::message::Selection;
use crate::routine::Hidden;
use crate::words::{self as w, Word};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TypeSize {
    #[default]
    Normal,
    /// Large enough to be read from the last row of a room.
    Projector,
}

impl TypeSize {
    /// The name in addresses and in `html[data-type]`. `None` for the normal size.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "",
            Self::Projector => "projector",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    Full,
    /// From event to event, without movement in between.
    Reduced,
}

impl Motion {
    /// The name in addresses and in `html[data-motion]`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Reduced => "reduced",
        }
    }
}

/// The content of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The name of the scenario in addresses. `None` for the first scenario.
    pub scenario: Option<String>,
    /// `None` for the scenario's own profile.
    pub profile: Option<Profile>,
    /// `None` for the scenario's own seed.
    pub seed: Option<u64>,
    /// The moment, in microseconds of the run.
    pub at_us: Option<u64>,
    /// How many of that instant's events have happened. `None` for all of them.
    pub events: Option<u64>,
    /// What the user has done, and the steps that the address prepares.
    pub acts: Vec<Step>,
    /// Whether another page embeds this one.
    pub embed: bool,
    pub language: Option<Language>,
    /// `None`: the system's theme is used.
    pub theme: Option<Theme>,
    pub type_size: TypeSize,
    /// `None`: the system's preference is used.
    pub motion: Option<Motion>,
    /// `None` for the scenario's own kind.
    pub stamps: Option<Stamps>,
    pub settings: Settings,
    /// The selection, which the inspector explains.
    pub selection: Selection,
    /// `None` for the first zoom.
    pub zoom: Option<i8>,
    /// The lines that the log hides.
    pub hidden: Hidden,
}

/// A problem with an address, and the part of the address that has it.
pub type Trouble = (Word, String);

/// The largest number of characters of that part that are shown.
const MAX_QUOTED: usize = 40;

impl Address {
    /// Reads a query such as `?scenario=leader-crash&seed=7`. Invalid parts are reported and left out. Names
    /// that the page does not know are ignored.
    pub fn read(query: &str) -> (Self, Vec<Trouble>) {
        let mut address = Self::default();
        let (pairs, mut troubles) = mangled::pairs(query);
        for (name, value) in pairs {
            match name.as_str() {
                "do" => troubles.extend(address.take_acts(&value)),
                _ => troubles.extend(address.take(&name, &value).err()),
            }
        }
        (address, troubles)
    }

    /// Takes one part of a query. It is long because it has an arm for each name.
    fn take(&mut self, name: &str, value: &str) -> Result<(), Trouble> {
        let bad = |word| match word {
            w::BAD_VALUE => (word, quoted(&[name, "=", value].concat())),
            _ => (word, quoted(value)),
        };
        match name {
            "scenario" => self.scenario = Some(value.to_owned()),
            "profile" => {
                self.profile = Some(match value {
                    "classic" => Profile::Classic,
                    "hardened" => Profile::Hardened,
                    _ => return Err(bad(w::BAD_VALUE)),
                });
            }
            "seed" => self.seed = Some(value.parse().map_err(|_| bad(w::BAD_SEED))?),
            "t" => {
                let torn = value
                    .split_once('.')
                    .and_then(|(at_us, events)| Some((at_us.parse().ok()?, events.parse().ok()?)));
                match torn {
                    Some((at_us, events)) => {
                        (self.at_us, self.events) = (Some(at_us), Some(events));
                    }
                    None => {
                        let at_us = settings::instant(value);
                        self.at_us = Some(at_us.ok_or_else(|| bad(w::BAD_TIME))?);
                    }
                }
            }
            "embed" => {
                self.embed = settings::flag(value).map_err(|_| bad(w::BAD_VALUE))?;
            }
            "lang" => {
                self.language = Some(Language::from_tag(value).ok_or(bad(w::BAD_VALUE))?);
            }
            "theme" => {
                self.theme = Some(match value {
                    "light" => Theme::Light,
                    "dark" => Theme::Dark,
                    _ => return Err(bad(w::BAD_VALUE)),
                });
            }
            "type" => {
                self.type_size = match value {
                    "normal" => TypeSize::Normal,
                    "projector" => TypeSize::Projector,
                    _ => return Err(bad(w::BAD_VALUE)),
                };
            }
            "motion" => {
                self.motion = Some(match value {
                    "full" => Motion::Full,
                    "reduced" => Motion::Reduced,
                    _ => return Err(bad(w::BAD_VALUE)),
                });
            }
            "stamps" => {
                self.stamps = Some(match value {
                    "lamport" => Stamps::Lamport,
                    "vector" => Stamps::Vector,
                    _ => return Err(bad(w::BAD_VALUE)),
                });
            }
            "select" => {
                self.selection = selection(value).ok_or_else(|| bad(w::BAD_VALUE))?;
            }
            "zoom" => self.zoom = Some(value.parse().map_err(|_| bad(w::BAD_VALUE))?),
            "show" => {
                for kind in value.split(',') {
                    match kind {
                        "heartbeats" => self.hidden.heartbeats = false,
                        "retries" => self.hidden.repetitions = false,
                        _ => return Err(bad(w::BAD_VALUE)),
                    }
                }
            }
            _ => match self.settings.take(name, value) {
                Some(Err(BadValue::Instant)) => return Err(bad(w::BAD_TIME)),
                Some(Err(BadValue::Unknown)) => return Err(bad(w::BAD_VALUE)),
                // `trace` names a recording, which the other program shows.
                Some(Ok(())) | None => {}
            },
        }
        Ok(())
    }

    fn take_acts(&mut self, value: &str) -> impl Iterator<Item = Trouble> {
        let (acts, unknown) = interventions::decode(value);
        self.acts = acts;
        unknown.into_iter().map(|part| (w::BAD_ACTION, quoted(part)))
    }

    /// The query for this content, beginning with `?`. Empty if everything is default.
    pub fn write(&self) -> String {
        let moment = self.at_us.map(|at_us| match self.events {
            Some(events) => [at_us.to_string(), events.to_string()].join("."),
            None => at_us.to_string(),
        });
        let acts = interventions::encode(self.acts.iter());
        let parts = [
            ("scenario", self.scenario.clone()),
            ("profile", self.profile.map(|profile| profile_name(profile).to_owned())),
            ("seed", self.seed.map(|seed| seed.to_string())),
            ("do", (!acts.is_empty()).then_some(acts)),
            ("t", moment),
            ("select", selection_name(self.selection)),
            ("stamps", self.stamps.map(|stamps| stamps_name(stamps).to_owned())),
            ("zoom", self.zoom.map(|zoom| zoom.to_string())),
            ("show", shown(self.hidden)),
            ("lang", self.language.map(|language| language.code().to_owned())),
            ("theme", self.theme.map(|theme| theme.name().to_owned())),
            (
                "type",
                (self.type_size != TypeSize::Normal).then(|| self.type_size.name().to_owned()),
            ),
            ("motion", self.motion.map(|motion| motion.name().to_owned())),
            ("embed", self.embed.then(|| "1".to_owned())),
        ];
        let mut query = String::new();
        for (name, value) in parts.into_iter().chain(self.settings.write()) {
            let Some(value) = value else { continue };
            query.push(if query.is_empty() { '?' } else { '&' });
            query.extend([name, "=", &value]);
        }
        query
    }
}

/// The name of a profile in addresses.
pub const fn profile_name(profile: Profile) -> &'static str {
    match profile {
        Profile::Classic => "classic",
        Profile::Hardened => "hardened",
    }
}

const fn stamps_name(stamps: Stamps) -> &'static str {
    match stamps {
        Stamps::Lamport => "lamport",
        Stamps::Vector => "vector",
    }
}

/// Reads a selection: `17` is an event, `n2` is a node.
fn selection(value: &str) -> Option<Selection> {
    match value.strip_prefix('n') {
        Some(node) => Some(Selection::Node(NodeId::new(node.parse().ok()?)?)),
        None => Some(Selection::Event(value.parse().ok()?)),
    }
}

fn selection_name(selection: Selection) -> Option<String> {
    match selection {
        Selection::Latest => None,
        Selection::Event(seq) => Some(seq.to_string()),
        Selection::Node(node) => Some(["n", &node.to_string()].concat()),
    }
}

/// The lines that the log shows although it hides them by default. `None` if there are none.
fn shown(hidden: Hidden) -> Option<String> {
    let kinds = [("heartbeats", hidden.heartbeats), ("retries", hidden.repetitions)];
    let shown: Vec<_> =
        kinds.into_iter().filter(|&(_, hidden)| !hidden).map(|(kind, _)| kind).collect();
    (!shown.is_empty()).then(|| shown.join(","))
}

/// The beginning of a foreign text, short enough to quote.
pub fn quoted(text: &str) -> String {
    let mut quoted: String = text.chars().take(MAX_QUOTED).collect();
    if quoted.len() < text.len() {
        quoted.push('…');
    }
    quoted
}

/// Decodes percent escapes. Invalid UTF-8 becomes replacement characters.
pub fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut place = 0;
    while place < bytes.len() {
        let escaped = (bytes[place] == b'%')
            .then(|| text.get(place + 1..place + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped {
            Some(byte) => {
                plain.push(byte);
                place += 3;
            }
            None => {
                plain.push(bytes[place]);
                place += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_the_same_after_it_was_read_and_written() {
        let query = "?scenario=leader-crash&profile=hardened&seed=9&do=c4@700000~r4@900000.2&t=1000000.3\
            &select=17&stamps=vector&zoom=-3&show=heartbeats,retries&lang=pt&theme=dark\
            &type=projector&motion=reduced&embed=1&controls=none&views=diagram&narration=0&log=1\
            &from=500000&to=4000000&speed=0.5&autoplay=1&loop=1&keys=0";
        let (address, troubles) = Address::read(query);
        assert_eq!(troubles, []);
        assert_eq!(address.write(), query);
    }

    #[test]
    fn a_node_that_is_selected_is_told_apart_from_an_event() {
        let of = |query| Address::read(query).0.selection;
        assert_eq!(of("?select=2"), Selection::Event(2));
        assert_eq!(of("?select=n2"), Selection::Node(NodeId::new(2).unwrap()));
        for bad in ["n0", "n", "x", "-1", ""] {
            let (address, troubles) = Address::read(&["?select=", bad].concat());
            assert_eq!((address.selection, troubles.len()), (Selection::Latest, 1), "{bad}");
        }
    }

    #[test]
    fn an_empty_address_says_nothing() {
        assert_eq!(Address::read(""), (Address::default(), vec![]));
        assert_eq!(Address::default().write(), "");
    }

    #[test]
    fn escapes_are_undone_and_bad_ones_left_as_they_are() {
        assert_eq!(unescape("2%3A4%7e%zz%"), "2:4~%zz%");
        assert_eq!(unescape("%ff"), "\u{fffd}");
        assert_eq!(unescape("%é"), "%é");
    }

    #[test]
    fn nonsense_is_told_of_and_the_rest_is_taken() {
        let (address, troubles) =
            Address::read("?seed=x&lang=tlh&theme=pink&t=-1&do=boom&scenario=a&utm_source=b&&=");
        assert_eq!(troubles.len(), 5);
        assert_eq!(address.scenario.as_deref(), Some("a"));
        assert_eq!(troubles[0], (w::BAD_SEED, "x".to_owned()));
        assert_eq!(troubles[2], (w::BAD_VALUE, "theme=pink".to_owned()));
    }

    #[test]
    fn every_part_about_embedding_that_makes_no_sense_is_told_of() {
        let parts = [
            "controls=some",
            "autoplay=yes",
            "speed=0.3",
            "from=1.8",
            "to=soon",
            "loop=2",
            "views=map",
            "narration=x",
            "log=x",
            "keys=none",
            "note=0",
        ];
        for part in parts {
            let (address, troubles) = Address::read(&["?", part].concat());
            assert_eq!(troubles.len(), 1, "{part}");
            assert_eq!(address, Address::default(), "{part}");
        }
    }

    #[test]
    fn a_moment_is_microseconds_or_a_duration() {
        let at = |query| Address::read(query).0.at_us;
        assert_eq!(at("?t=1800000"), Some(1_800_000));
        assert_eq!(at("?t=1.8s"), Some(1_800_000));
        assert_eq!(at("?from=1.8s&t=900ms"), Some(900_000));
    }

    #[test]
    fn every_act_that_makes_no_sense_is_told_of() {
        let (address, troubles) = Address::read("?do=boom~c4@1~x@~c17@2");
        assert_eq!(address.acts.len(), 1);
        let parts: Vec<_> = troubles.iter().map(|(_, part)| part.as_str()).collect();
        assert_eq!(parts, ["boom", "x@", "c17@2"]);
    }

    #[test]
    fn a_long_piece_of_nonsense_is_quoted_in_part() {
        let (_, troubles) = Address::read(&format!("?seed={}", "é".repeat(1000)));
        assert_eq!(troubles[0].1.chars().count(), MAX_QUOTED + 1);
    }
}
