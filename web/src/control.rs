//! The requests to the page, and the controls that make them. Each row of the table has all that there is to say of
//! a control without an object: its handle, label, icon, keys and request.
//!
//! Every control has the attribute `data-action`, and `data-about` if the action has an object. The
//! page listens for events in one place, so tests and host pages use the same attributes as the
//! page itself.

use antes_core::{Algorithm, NodeId, Profile};
use antes_sim::scenario::Action;
use antes_sim::trace::MessageId;

use crate::address::Stamps;
use crate::chart::walk::Way;
use crate::face::Faces;
use crate::host::order::Message;
use crate::library::Shelf;
use crate::look::Icon;
use crate::message::{Act, Dialog, Look, Selection, Target, Time};
use crate::pointed::Pointed;
use crate::px::Size;
use crate::words::{self as w, Word, recorded as r};

/// How far a page key moves the diagram, in pixels.
const PAGE_PX: f64 = 240.0;

/// A request to the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    Time(Time),
    Look(Look),
    Act(Act),
    /// Go to the next or previous event that is similar to the selected one: of the selected node,
    /// or of the same kind.
    Alike {
        /// Whether to go to the next one, not to the previous one.
        later: bool,
    },
    /// Run the same scenario with another seed.
    NewSeed,
    /// Open the first scenario of an algorithm.
    Algorithm(Algorithm),
    /// Open the scenario with this slug.
    Scenario(String),
    /// Search for scenarios with these words.
    Query(String),
    /// Open this search result in the profile that it was written for.
    Found(String),
    /// The library has been fetched. `None` if that failed.
    Fetched(Option<Shelf>),
    /// Run the same scenario in this profile.
    Profile(Profile),
    /// Undo the latest intervention or change of the view.
    Undo,
    /// Redo what was undone last.
    Redo,
    /// Remove all interventions, and continue with the scripted run from here.
    Story,
    /// Remove the interventions that lie ahead.
    LeaveOut,
    Menu(Target),
    /// Close whatever is open, and clear the selection.
    Close,
    /// Close the menu if one is open.
    Dismiss,
    /// Select this, so that the inspector explains it.
    Select(Selection),
    /// Select the send of this message.
    Inspect(MessageId),
    /// Go to the event with this sequence number, and select it.
    Show(u64),
    /// Select the neighbour of the selected event in this direction.
    Walk(Way),
    /// The pointer is on this, or on nothing.
    Hover(Option<Pointed>),
    /// The scrubber is being dragged: time stands still.
    Hold,
    LetGo,
    Open(Dialog),
    /// Copy the address to the clipboard.
    Copy,
    /// The address was copied, or copying failed.
    Copied(bool),
    /// Show this run beside another one; in a comparison, go back to the run.
    Compare,
    /// Open the panel with pictures and files of the run.
    TakeAway,
    /// In a recording, keep or shorten quiet times.
    Quiet,
    /// Files were chosen, or have been read.
    Files,
    /// Compare the run with the one of this name.
    Versus(String),
    /// In a comparison, go to where the runs part.
    Parting,
    /// In a comparison, show the numbers up to this moment, not those of the whole runs.
    SoFar(bool),
    /// A key was passed on to the host page.
    HandedOver,
    /// The host page sent a message.
    Host(Message),
    /// The picture areas have these sizes.
    Resized {
        ring: Size,
        chart: Size,
    },
    /// The text metrics have changed.
    Measured(Faces),
    /// A frame is due; this is the real time in microseconds.
    Frame(u64),
    /// The current notice has expired.
    Faded,
    /// The address has to be updated.
    Settled,
    /// The browser went back or forward to another address of the page.
    Revisit,
}

impl Ask {
    /// Whether holding the key down repeats the request.
    pub const fn bears_repetition(&self) -> bool {
        match self {
            Self::Time(time) => matches!(
                time,
                Time::Step
                    | Time::Back
                    | Time::Jump
                    | Time::JumpBack
                    | Time::NextNote
                    | Time::PreviousNote
                    | Time::Faster(_)
            ),
            Self::Look(look) => matches!(look, Look::Zoom(_) | Look::Pan(_)),
            _ => matches!(self, Self::Alike { .. } | Self::Undo | Self::Redo),
        }
    }
}

/// A key with its modifiers, as a control names it.
#[derive(Clone, Copy, Debug)]
struct Press {
    name: &'static str,
    /// Whether Shift is held. `None` if that makes no difference.
    shift: Option<bool>,
    /// Whether Control is held.
    command: bool,
}

const fn any(name: &'static str) -> Press {
    Press { name, shift: None, command: false }
}

const fn plain(name: &'static str) -> Press {
    Press { name, shift: Some(false), command: false }
}

const fn shift(name: &'static str) -> Press {
    Press { name, shift: Some(true), command: false }
}

const fn command(name: &'static str, shift: bool) -> Press {
    Press { name, shift: Some(shift), command: true }
}

/// A control whose request has no object.
#[derive(Clone, Copy, Debug)]
pub struct Control {
    /// Its `data-action`. Empty if there are only keys.
    pub handle: &'static str,
    pub label: Word,
    pub icon: Option<Icon>,
    keys: &'static [Press],
    ask: fn() -> Ask,
}

macro_rules! controls {
    ($($name:ident: $handle:literal, $label:expr, $icon:expr, [$($key:expr),*], $ask:expr;)*) => {
        $(pub static $name: Control = Control {
            handle: $handle,
            label: $label,
            icon: $icon,
            keys: &[$($key),*],
            ask: || $ask,
        };)*
        static CONTROLS: &[&Control] = &[$(&$name),*];
    };
}

// Name, handle, label, icon, keys, request.
#[rustfmt::skip]
controls! {
    PLAY: "play", w::PLAY, Some(Icon::Play), [], Ask::Time(Time::Play);
    PAUSE: "pause", w::PAUSE, Some(Icon::Pause), [], Ask::Time(Time::Pause);
    // Presentation remotes send a dot to blank the screen.
    TOGGLE: "", w::KEY_PLAY, None, [any(" "), any("."), any("k")], Ask::Time(Time::Toggle);
    STEP: "step", w::STEP, Some(Icon::Step), [plain("ArrowRight")], Ask::Time(Time::Step);
    BACK: "back", w::BACK, Some(Icon::Back), [plain("ArrowLeft")], Ask::Time(Time::Back);
    JUMP: "jump", w::KEY_JUMP, None, [shift("ArrowRight")], Ask::Time(Time::Jump);
    JUMP_BACK: "jump-back", w::KEY_JUMP, None, [shift("ArrowLeft")], Ask::Time(Time::JumpBack);
    RESET: "reset", w::RESET, Some(Icon::Reset), [any("Home")], Ask::Time(Time::Reset);
    END: "", w::KEY_ENDS, None, [any("End")], Ask::Time(Time::End);
    SLOWER: "slower", w::KEY_SPEED, None, [any("[")], Ask::Time(Time::Faster(-1));
    FASTER: "faster", w::KEY_SPEED, None, [any("]")], Ask::Time(Time::Faster(1));
    NEXT: "next", w::NEXT, None, [any("n"), any("N")], Ask::Time(Time::NextNote);
    PREVIOUS: "previous", w::PREVIOUS, None, [any("p"), any("P")], Ask::Time(Time::PreviousNote);
    ALIKE: "", w::KEY_ALIKE, None, [any("l"), any("L")], Ask::Alike { later: true };
    ALIKE_BACK: "", w::KEY_ALIKE, None, [any("j"), any("J")], Ask::Alike { later: false };
    SEED: "seed", w::NEW_SEED, Some(Icon::Seed), [], Ask::NewSeed;
    UNDO: "undo", w::UNDO, None, [command("z", false)], Ask::Undo;
    REDO: "redo", w::REDO, None, [command("z", true), command("Z", true), command("y", false)], Ask::Redo;
    STORY: "story", w::STORY_BACK, None, [], Ask::Story;
    LEAVE_OUT: "leave-out", w::LEAVE_OUT, None, [], Ask::LeaveOut;
    CLOSE: "close", w::CLOSE, Some(Icon::Close), [any("Escape")], Ask::Close;
    DESELECT: "deselect", w::DESELECT, Some(Icon::Close), [], Ask::Select(Selection::Latest);
    HELP: "help", w::HELP, Some(Icon::Help), [any("?")], Ask::Open(Dialog::Help);
    SHARE: "share", w::SHARE, Some(Icon::Share), [], Ask::Open(Dialog::Share);
    MORE: "more", w::MORE, Some(Icon::More), [], Ask::Open(Dialog::More);
    FIND: "find", w::FIND, Some(Icon::Find), [any("/"), any("f")], Ask::Open(Dialog::Find);
    COPY: "copy", w::COPY, None, [], Ask::Copy;
    COMPARE: "compare", w::COMPARE, Some(Icon::Compare), [], Ask::Compare;
    TAKE_AWAY: "take-away", w::TAKE_AWAY, Some(Icon::Share), [], Ask::TakeAway;
    QUIET: "quiet", r::SHORTEN, None, [], Ask::Quiet;
    PARTING: "parting", r::SHOW_PARTING, Some(Icon::Follow), [], Ask::Parting;
    SO_FAR: "so-far", r::SO_FAR, None, [], Ask::SoFar(true);
    WHOLE_RUNS: "whole-runs", r::WHOLE_RUNS, None, [], Ask::SoFar(false);
    LANGUAGE: "language", w::LANGUAGE, Some(Icon::Language), [], Ask::Look(Look::Language);
    THEME: "theme", w::THEME, Some(Icon::Theme), [], Ask::Look(Look::Theme);
    FULL_SCREEN: "full-screen", w::FULL_SCREEN, Some(Icon::FullScreen), [], Ask::Look(Look::FullScreen);
    SKIP: "skip", w::SKIP, None, [], Ask::Look(Look::Skip);
    HEARTBEATS: "heartbeats", w::HIDE_HEARTBEATS, None, [], Ask::Look(Look::Heartbeats);
    REPETITIONS: "repetitions", w::HIDE_REPETITIONS, None, [], Ask::Look(Look::Repetitions);
    EARLIER: "earlier", w::EARLIER, None, [], Ask::Look(Look::Earlier);
    ZOOM_IN: "zoom-in", w::ZOOM_IN, Some(Icon::Plus), [any("+"), any("=")], Ask::Look(Look::Zoom(1));
    ZOOM_OUT: "zoom-out", w::ZOOM_OUT, Some(Icon::Minus), [any("-")], Ask::Look(Look::Zoom(-1));
    PAN_BACK: "", w::KEY_PAN, None, [any("PageUp")], Ask::Look(Look::Pan(-PAGE_PX));
    PAN: "", w::KEY_PAN, None, [any("PageDown")], Ask::Look(Look::Pan(PAGE_PX));
    FOLLOW: "follow", w::FOLLOW, Some(Icon::Follow), [], Ask::Look(Look::Follow);
    LAMPORT: "lamport", w::LAMPORT, None, [], Ask::Look(Look::Stamps(Stamps::Lamport));
    VECTOR: "vector", w::VECTOR, None, [], Ask::Look(Look::Stamps(Stamps::Vector));
    HEAL: "heal", w::HEAL, None, [], Ask::Act(Act::Do(Action::Heal));
}

/// The request of the control with this `data-action`, if it has no object.
pub fn without_object(action: &str) -> Option<Ask> {
    let named = |control: &&&Control| !action.is_empty() && control.handle == action;
    CONTROLS.iter().find(named).map(|control| (control.ask)())
}

/// A pressed key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key<'a> {
    /// The key's name as in `KeyboardEvent.key`.
    pub name: &'a str,
    pub shift: bool,
    /// Whether Control or Command was held.
    pub command: bool,
    pub alt: bool,
}

/// The request of a key, wherever on the page it is pressed.
pub fn from_key(key: Key<'_>) -> Option<Ask> {
    if key.alt {
        return None;
    }
    let is_it = |press: &Press| {
        press.name == key.name
            && press.command == key.command
            && press.shift.is_none_or(|shift| shift == key.shift)
    };
    let pressed = CONTROLS.iter().find(|control| control.keys.iter().any(is_it));
    let node = || NodeId::new(key.name.parse().ok()?).filter(|_| !key.shift && !key.command);
    pressed.map(|control| (control.ask)()).or_else(|| Some(Ask::Act(Act::Click(node()?))))
}
