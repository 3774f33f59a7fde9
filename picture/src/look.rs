//! Colours and shapes, as class names and paths, for all views.

use crate::px::{Path, Point};
use antes_core::Traffic;

/// The class that gives a family of messages its colour.
pub const fn class(traffic: Traffic) -> &'static str {
    match traffic {
        Traffic::Clock => "clock",
        Traffic::Election => "election",
        Traffic::Heartbeat => "heartbeat",
        Traffic::Mutex => "mutex",
    }
}

pub const FAMILIES: [Traffic; 4] =
    [Traffic::Clock, Traffic::Election, Traffic::Heartbeat, Traffic::Mutex];

/// A `class` attribute from these names. Empty names are ignored.
pub fn classes(names: &[&str]) -> String {
    let mut classes = String::new();
    for name in names.iter().filter(|name| !name.is_empty()) {
        if !classes.is_empty() {
            classes.push(' ');
        }
        classes += name;
    }
    classes
}

/// `name` if `is` holds, otherwise an empty name.
pub const fn when(is: bool, name: &'static str) -> &'static str {
    if is { name } else { "" }
}

/// The shape of a message of this family at `at`, with about this radius. Circles stand for the clock,
/// diamonds for the election, squares for the lock, small circles for heartbeats and polls.
pub fn shape(traffic: Traffic, radius: u8, at: Point) -> String {
    let r = i32::from(radius);
    let circle = |r: i32| (r, 0, format!("a{r} {r} 0 1 1 {d} 0a{r} {r} 0 1 1-{d} 0z", d = 2 * r));
    let (left, up, way) = match traffic {
        Traffic::Clock => circle(r),
        Traffic::Heartbeat => circle((r * 3 / 5).max(2)),
        Traffic::Election => {
            let d = r + (r + 2) / 4;
            (0, d, format!("l{d} {d}-{d} {d}-{d}-{d}z"))
        }
        Traffic::Mutex => {
            let s = r - (r + 3) / 9;
            (s, s, format!("h{w}v{w}h-{w}z", w = 2 * s))
        }
    };
    let mut path = Path::default();
    path.go('M', Point::new(at.x - f64::from(left), at.y - f64::from(up)));
    path.0 + &way
}

/// The abbreviation of a message's name, three letters, for narrow places.
pub fn short(name: &'static str) -> &'static str {
    match name {
        "BIRTH" => "BTH",
        "BIRTH_ACK" => "BTA",
        "CALL" => "CALL",
        "HEARTBEAT" => "HBT",
        "HEARTBEAT_ACK" => "HBA",
        "MESSAGE" => "MSG",
        "PROBE" => "PRB",
        "PROBE_ACK" => "PRA",
        "PROPOSE" => "PPS",
        "RELEASE_ACK" => "RLA",
        "REPLY" => "RPL",
        "REPORT" => "RPT",
        "REQUEST" => "REQ",
        "RESIGN" => "RSG",
        "WRITE" => "WRT",
        name => name.get(..3).unwrap_or(name),
    }
}

/// An icon on a button. Comments here say what it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// A triangle to the right.
    Play,
    /// Two bars.
    Pause,
    /// A triangle against a bar.
    Step,
    /// The same, to the left.
    Back,
    /// An arrow that turns back.
    Reset,
    /// A die.
    Seed,
    /// Half a disc.
    Theme,
    /// A question mark.
    Help,
    /// Two panes side by side.
    Compare,
    /// Three dots joined by lines.
    Share,
    /// A cross.
    Close,
    /// A plus.
    Plus,
    /// A minus.
    Minus,
    /// An arrow to a bar on the right.
    Follow,
    /// A tick.
    Check,
    /// A cross, heavier.
    Cross,
    /// A key.
    Key,
    /// A folder.
    Open,
    /// Three lines.
    More,
    /// Four corners.
    FullScreen,
    /// A globe.
    Language,
    /// A lens.
    Find,
    /// An hourglass.
    Hourglass,
}

impl Icon {
    /// The icon's path, in a square of 20 by 20.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Play => {
                "M6 3.5v13a.8.8 0 0 0 1.2.7l10-6.5a.8.8 0 0 0 0-1.4l-10-6.5A.8.8 0 0 0 6 3.5z"
            }
            Self::Pause => "M5 3h3.5v14H5zM11.5 3H15v14h-3.5z",
            Self::Step => "M4 4v12l8-6zM13.5 4H16v12h-2.5z",
            Self::Back => "M16 4v12l-8-6zM4 4h2.5v12H4z",
            Self::Reset => {
                "M10 3.5a6.5 6.5 0 1 1-6.2 4.6l1.9.6A4.5 4.5 0 1 0 10 5.5v2.7L5.5 4.6 10 1z"
            }
            Self::Seed => {
                "M5 2.5h10A2.5 2.5 0 0 1 17.5 5v10a2.5 2.5 0 0 1-2.5 2.5H5A2.5 2.5 0 0 1 2.5 15V5A2.5 2.5 0 0 1 5 2.5zm0 1.8a.7.7 0 0 0-.7.7v10c0 .4.3.7.7.7h10a.7.7 0 0 0 .7-.7V5a.7.7 0 0 0-.7-.7zM7 5.6a1.4 1.4 0 1 1 0 2.8 1.4 1.4 0 0 1 0-2.8zm6 6a1.4 1.4 0 1 1 0 2.8 1.4 1.4 0 0 1 0-2.8zm-3-3a1.4 1.4 0 1 1 0 2.8 1.4 1.4 0 0 1 0-2.8z"
            }
            Self::Theme => "M10 2a8 8 0 1 1 0 16 8 8 0 0 1 0-16zm0 1.8v12.4a6.2 6.2 0 0 0 0-12.4z",
            Self::Help => {
                "M7 7.3C7 5.4 8.3 4 10.2 4c1.8 0 3.1 1.2 3.1 2.9 0 1.4-.7 2.1-1.7 2.9-.8.6-1.1 1-1.1 1.9v.3H8.7v-.5c0-1.5.6-2.2 1.6-3 .8-.6 1.1-1 1.1-1.6 0-.7-.5-1.2-1.3-1.2S8.9 6.3 8.9 7.3zM9.6 13.6a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4z"
            }
            Self::Compare => {
                "M2 3.5h7.2v13H2zm1.8 1.8v9.4h3.6V5.3zM10.8 3.5H18v13h-7.2zm1.8 1.8v9.4h3.6V5.3z"
            }
            Self::Share => {
                "M14.5 2a2.5 2.5 0 1 1-1.7 4.3L8 9a2.5 2.5 0 0 1 0 2l4.8 2.7a2.5 2.5 0 1 1-.8 1.5L7.2 12.4a2.5 2.5 0 1 1 0-4.8L12 4.9A2.5 2.5 0 0 1 14.5 2z"
            }
            Self::Find => {
                "M8.5 2.5a6 6 0 0 1 4.8 9.6l4.2 4.2-1.3 1.3-4.2-4.2A6 6 0 1 1 8.5 2.5zm0 1.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4z"
            }
            Self::Close => {
                "M5.3 4.1 10 8.8l4.7-4.7 1.2 1.2-4.7 4.7 4.7 4.7-1.2 1.2-4.7-4.7-4.7 4.7-1.2-1.2L8.8 10 4.1 5.3z"
            }
            Self::Plus => "M9 4h2v5h5v2h-5v5H9v-5H4V9h5z",
            Self::Minus => "M4 9h12v2H4z",
            Self::Open => "M2.5 4h5l2 2.5h8V16h-15z",
            Self::More => "M3 4.5h14v2H3zM3 9h14v2H3zM3 13.5h14v2H3z",
            Self::Language => {
                "M10 2a8 8 0 1 1 0 16 8 8 0 0 1 0-16zm0 1.8c-1 0-2.2 2.3-2.3 5.4h4.6c-.1-3.1-1.3-5.4-2.3-5.4zM6 9.2c0-1.7.3-3.2.9-4.4A6.3 6.3 0 0 0 3.9 9.2zm8 0h2.1a6.3 6.3 0 0 0-3-4.4c.6 1.2.9 2.7.9 4.4zM3.9 10.8a6.3 6.3 0 0 0 3 4.4c-.6-1.2-.9-2.7-.9-4.4zm3.8 0c.1 3.1 1.3 5.400 2.300 5.400s2.200-2.300 2.300-5.400zm6.300 0c0 1.700-.3 3.200-.9 4.400a6.3 6.3 0 0 0 3-4.400z"
            }
            Self::FullScreen => {
                "M3 3h5v2H5v3H3zM12 3h5v5h-2V5h-3zM3 12h2v3h3v2H3zM15 12h2v5h-5v-2h3z"
            }
            Self::Hourglass => {
                "M4 2h12v2.6L11.6 10l4.4 5.4V18H4v-2.6L8.4 10 4 4.6zM6.6 4 10 8.2 13.4 4zM6.6 16h6.8L10 11.8z"
            }
            Self::Follow => {
                "M2 9h8.6L7.3 5.7l1.4-1.4L14.4 10l-5.7 5.7-1.4-1.4 3.3-3.3H2zM15.5 3.5h2v13h-2z"
            }
            Self::Check => "M7.8 15.3 3 10.5l1.6-1.6 3.2 3.2 7.6-7.6L17 6.1z",
            Self::Cross => {
                "M5.5 3.7 10 8.2l4.5-4.5 1.8 1.8L11.8 10l4.5 4.5-1.8 1.8L10 11.8l-4.5 4.5-1.8-1.8L8.2 10 3.7 5.5z"
            }
            Self::Key => {
                "M6.5 5a5 5 0 0 1 4.9 4H18v3h-2v3h-3v-3h-1.6A5 5 0 1 1 6.5 5zm0 3a2 2 0 1 0 0 4 2 2 0 0 0 0-4z"
            }
        }
    }
}
