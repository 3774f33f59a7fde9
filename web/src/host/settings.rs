//! Settings of an embedded page in its address: controls, range, speed, views.

use antes_sim::scenario::duration;

use crate::dom;
use crate::host::range::Range;
use crate::speed::Speed;

/// The controls that an embedded page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controls {
    Full,
    /// Only the transport bar below the pictures.
    Bar,
    /// The pictures without any control.
    None,
}

impl Controls {
    /// Its name in addresses and in `html[data-controls]`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Bar => "bar",
            Self::None => "none",
        }
    }
}

/// The pictures that an embedded page shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Views {
    /// The ring and the diagram, if there is room.
    #[default]
    Both,
    Ring,
    Diagram,
}

impl Views {
    /// Its name in addresses and in `html[data-views]`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Both => "ring,diagram",
            Self::Ring => "ring",
            Self::Diagram => "diagram",
        }
    }
}

/// The settings in an address. The default is that of an address without settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The visible controls. `None`: determined by `embed`.
    pub controls: Option<Controls>,
    /// Whether the run plays as soon as it is visible.
    pub autoplay: bool,
    /// The speed. `None` means the default.
    pub speed: Option<Speed>,
    /// The beginning of the range, in microseconds.
    pub from_us: Option<u64>,
    /// The end of the range, in microseconds.
    pub to_us: Option<u64>,
    /// Whether the run starts again when it has ended.
    pub repeats: bool,
    /// The visible pictures, if the address says so.
    pub views: Option<Views>,
    /// Whether the notes are visible, if the address says so.
    pub narration: Option<bool>,
    /// Whether the log is visible, if the address says so.
    pub log: Option<bool>,
    /// Whether single-character keys are off.
    pub no_characters: bool,
    /// The note at which the run starts, from 1.
    pub note: Option<usize>,
}

/// The reason why a value was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadValue {
    /// It is none of the known values.
    Unknown,
    /// The value is no instant, such as `1.8s`.
    Instant,
}

/// The names of the settings in an address.
pub const NAMES: [&str; 11] = [
    "controls",
    "autoplay",
    "speed",
    "from",
    "to",
    "loop",
    "views",
    "narration",
    "log",
    "keys",
    "note",
];

impl Settings {
    /// Takes a part of an address. `None` if the name is not one of [`NAMES`].
    pub fn take(&mut self, name: &str, value: &str) -> Option<Result<(), BadValue>> {
        let instant = || instant(value).ok_or(BadValue::Instant).map(Some);
        let taken = match name {
            "controls" => controls(value).map(|it| self.controls = Some(it)),
            "autoplay" => flag(value).map(|it| self.autoplay = it),
            "speed" => speed(value).map(|it| self.speed = Some(it)),
            "from" => instant().map(|it| self.from_us = it),
            "to" => instant().map(|it| self.to_us = it),
            "loop" => flag(value).map(|it| self.repeats = it),
            "views" => views(value).map(|it| self.views = Some(it)),
            "narration" => flag(value).map(|it| self.narration = Some(it)),
            "log" => flag(value).map(|it| self.log = Some(it)),
            "keys" => flag(value).map(|it| self.no_characters = !it),
            "note" => note(value).map(|it| self.note = Some(it)),
            _ => return None,
        };
        Some(taken)
    }

    /// The parts of an address with these settings. `note` is left out, since the moment replaces
    /// it.
    pub fn write(&self) -> [(&'static str, Option<String>); 10] {
        let digit = |flag: bool| String::from(if flag { "1" } else { "0" });
        [
            ("controls", self.controls.map(|it| it.name().to_owned())),
            ("views", self.views.map(|it| it.name().to_owned())),
            ("narration", self.narration.map(digit)),
            ("log", self.log.map(digit)),
            ("from", self.from_us.map(|it| it.to_string())),
            ("to", self.to_us.map(|it| it.to_string())),
            ("speed", self.speed.map(|it| decimal(it).to_owned())),
            ("autoplay", self.autoplay.then(|| digit(true))),
            ("loop", self.repeats.then(|| digit(true))),
            ("keys", self.no_characters.then(|| digit(false))),
        ]
    }

    /// The part of the run that is played.
    pub const fn range(&self) -> Range {
        Range { from_us: self.from_us, to_us: self.to_us, repeats: self.repeats }
    }

    /// Sets the attributes that tell the style sheet which parts of the page are visible.
    pub fn mark(&self, embed: bool) {
        let digit = |flag: Option<bool>| flag.map_or("", |flag| if flag { "1" } else { "0" });
        dom::mark_root("data-embed", if self.is_compact(embed) { "true" } else { "" });
        dom::mark_root("data-controls", self.controls.map_or("", Controls::name));
        dom::mark_root("data-views", self.views.map_or("", Views::name));
        dom::mark_root("data-narration", digit(self.narration));
        dom::mark_root("data-log", digit(self.log));
    }

    /// Whether the page has the layout of an embedded one.
    pub const fn is_compact(&self, embed: bool) -> bool {
        match self.controls {
            Some(Controls::Full) => false,
            Some(Controls::Bar | Controls::None) => true,
            None => embed,
        }
    }
}

/// An instant: microseconds, or a duration such as `1.8s`.
pub fn instant(text: &str) -> Option<u64> {
    if let Ok(micros) = text.parse() {
        return Some(micros);
    }
    let text = text.replace(['µ', 'μ'], "u");
    let span = duration::parse(&text).ok()?;
    u64::try_from(span.as_micros()).ok()
}

/// A switch. An empty value means on.
pub fn flag(value: &str) -> Result<bool, BadValue> {
    match value {
        "" | "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(BadValue::Unknown),
    }
}

fn controls(value: &str) -> Result<Controls, BadValue> {
    let all = [Controls::Full, Controls::Bar, Controls::None];
    all.into_iter().find(|it| it.name() == value).ok_or(BadValue::Unknown)
}

fn views(value: &str) -> Result<Views, BadValue> {
    Ok(match value {
        "ring" => Views::Ring,
        "diagram" => Views::Diagram,
        "ring,diagram" | "diagram,ring" => Views::Both,
        _ => return Err(BadValue::Unknown),
    })
}

fn note(value: &str) -> Result<usize, BadValue> {
    value.parse().ok().filter(|&number| number > 0).ok_or(BadValue::Unknown)
}

/// The speed that a text names, such as `0.25`, `1/4` or `2`.
pub fn speed(value: &str) -> Result<Speed, BadValue> {
    let is_it = |speed: &Speed| {
        let decimal = decimal(*speed);
        let fraction = || format!("1/{}", 1_u32 << speed.exponent().unsigned_abs());
        value == decimal
            || ["0", value].concat() == decimal
            || value.strip_suffix(".0") == Some(decimal)
            || speed.exponent() < 0 && value == fraction()
    };
    Speed::all().find(is_it).ok_or(BadValue::Unknown)
}

/// The speed as a multiple of real time.
pub const fn decimal(speed: Speed) -> &'static str {
    match speed.exponent() {
        -6 => "0.015625",
        -5 => "0.03125",
        -4 => "0.0625",
        -3 => "0.125",
        -2 => "0.25",
        -1 => "0.5",
        0 => "1",
        1 => "2",
        2 => "4",
        3 => "8",
        _ => "16",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_microseconds_or_durations() {
        assert_eq!(instant("1800000"), Some(1_800_000));
        assert_eq!(instant("1.8s"), Some(1_800_000));
        assert_eq!(instant("250ms"), Some(250_000));
        assert_eq!(instant("7µs"), Some(7));
        for bad in ["", "1.8", "-1s", "s", "1 s", "1e3"] {
            assert_eq!(instant(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn every_stop_of_the_speed_can_be_named_and_nothing_between() {
        for stop in Speed::all() {
            assert_eq!(speed(decimal(stop)), Ok(stop));
            assert_eq!(decimal(stop).parse(), Ok(stop.times()));
        }
        assert_eq!(speed("1/4"), Ok(Speed::new(-2)));
        assert_eq!(speed(".5"), Ok(Speed::new(-1)));
        assert_eq!(speed("2.0"), Ok(Speed::new(1)));
        for bad in ["0.3", "3", "0", "-1", "", "1/3", "fast"] {
            assert_eq!(speed(bad), Err(BadValue::Unknown), "{bad:?}");
        }
    }

    #[test]
    fn the_controls_decide_about_the_layout_and_embed_where_they_say_nothing() {
        let with = |controls| Settings { controls, ..Settings::default() };
        assert!(with(None).is_compact(true) && !with(None).is_compact(false));
        assert!(!with(Some(Controls::Full)).is_compact(true));
        assert!(with(Some(Controls::Bar)).is_compact(false));
        assert!(with(Some(Controls::None)).is_compact(false));
    }
}
