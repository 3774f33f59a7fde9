//! Requests that a user can make of the page by click, key or touch.
//!
//! Every control has the attribute `data-action`, and `data-about` if the action has an object. The
//! page listens for events in one place, so tests and host pages use the same attributes as the
//! page itself.

use core::time::Duration;

use antes_core::{Algorithm, Command, Hold, NodeId, NodeSet, Profile};
use antes_sim::scenario::{Action, Moment, Tampering, Which};
use antes_sim::trace::MessageId;

use crate::address::{Motion, Stamps, Theme, TypeSize};
use crate::chart::walk::Way;
use crate::face::Faces;
use crate::host::order::Message;
use crate::language::Language;
use crate::library::Shelf;
use crate::pointed::Pointed;
use crate::px::Size;
use crate::speed::Speed;

/// The delay for messages that are delayed from their menu.
pub const DELAY: Duration = Duration::from_millis(500);

/// How far a page key moves the diagram, in pixels.
const PAGE_PX: f64 = 240.0;

/// The object of a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Node(NodeId),
    Message(MessageId),
    Links(NodeId),
    /// The choice of when a node crashes or stops.
    Crash(NodeId),
    /// The choice of sides for a split of the network: the node that the menu was opened for, and
    /// the nodes on its side.
    Sides(NodeId, NodeSet),
}

/// The object that the inspector explains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    #[default]
    Latest,
    /// An event, by its sequence number in the trace.
    Event(u64),
    Node(NodeId),
}

/// A panel on top of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// The list of keys, and the legend.
    Help,
    /// The address of this moment, for copying.
    Share,
    /// Settings of the display, and controls that do not fit in the header.
    More,
    /// The field and the results of the search for scenarios.
    Find,
}

/// A request to the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    Play,
    Pause,
    Toggle,
    /// Go to the next event.
    Step,
    Back,
    /// Go to the next decision.
    Jump,
    /// Go to the previous decision.
    JumpBack,
    /// Go to the next or previous event that is similar to the selected one: of the selected node,
    /// or of the same kind.
    Alike {
        /// Whether to go to the next one, not to the previous one.
        later: bool,
    },
    Reset,
    End,
    /// Go to this instant, in microseconds.
    Seek(u64),
    Speed(Speed),
    /// Change the speed by this many steps.
    Faster(i8),
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
    /// Crash a node, or restart it if it is down.
    Click(NodeId),
    Act(Action),
    /// Undo the latest intervention or change of the view.
    Undo,
    /// Redo what was undone last.
    Redo,
    /// Remove all interventions, and continue with the scripted run from here.
    Story,
    /// Remove the interventions that lie ahead.
    LeaveOut,
    /// Cut all links of a node.
    Isolate(NodeId),
    /// Cut the link between two nodes in both directions.
    CutBoth(NodeId, NodeId),
    /// Let a node leave gracefully, and stop it.
    Stop(NodeId),
    /// Split the network into these nodes and the rest.
    Split(NodeSet),
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
    /// The pointer is on this, or on nothing.
    Hover(Option<Pointed>),
    /// Go to the narrator's next note.
    Next,
    /// Go to the narrator's previous note.
    Previous,
    /// The scrubber is being dragged: time stands still.
    Hold,
    LetGo,
    Open(Dialog),
    /// Copy the address to the clipboard.
    Copy,
    /// Show this run beside another one; in a comparison, go back to the run.
    Compare,
    /// Open the panel with pictures and files of the run.
    TakeAway,
    /// Run the same scenario in this profile.
    Profile(Profile),
    /// Switch to the other language.
    Language,
    /// Switch to this language, if its texts can be fetched.
    Speak(Language),
    /// Switch between the light and dark themes.
    Theme,
    /// Use this theme. `None` follows the system.
    Colours(Option<Theme>),
    TypeSize(TypeSize),
    /// Use this motion setting. `None` follows the system.
    Motion(Option<Motion>),
    FullScreen,
    /// The address was copied, or copying failed.
    Copied(bool),
    /// Select the neighbour of the selected event in this direction.
    Walk(Way),
    /// Move the focus to the transport bar.
    Skip,
    Stamps(Stamps),
    /// Enable or disable shortcuts of a single character.
    Characters(bool),
    /// A key was passed on to the host page.
    HandedOver,
    /// The host page sent a message.
    Host(Message),
    /// Toggle heartbeats in the log.
    Heartbeats,
    /// Toggle repetitions in the log.
    Repetitions,
    /// Show more lines of the log.
    Earlier,
    /// Change the diagram's scale by this many steps; positive ones stretch it.
    Zoom(i8),
    /// Move the diagram by this many pixels, and stop following the run.
    Pan(f64),
    /// Let the diagram follow the run again.
    Follow,
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

/// The request of the control with this `data-action` and `data-about`.
pub fn from_control(action: &str, about: &str) -> Option<Ask> {
    plain(action)
        .or_else(|| about_page(action, about))
        .or_else(|| about_message(action, about))
        .or_else(|| about_node(action, about))
}

fn plain(action: &str) -> Option<Ask> {
    Some(match action {
        "play" => Ask::Play,
        "pause" => Ask::Pause,
        "step" => Ask::Step,
        "back" => Ask::Back,
        "jump" => Ask::Jump,
        "jump-back" => Ask::JumpBack,
        "reset" => Ask::Reset,
        "seed" => Ask::NewSeed,
        "undo" => Ask::Undo,
        "redo" => Ask::Redo,
        "story" => Ask::Story,
        "leave-out" => Ask::LeaveOut,
        "close" => Ask::Close,
        "deselect" => Ask::Select(Selection::Latest),
        "next" => Ask::Next,
        "previous" => Ask::Previous,
        "help" => Ask::Open(Dialog::Help),
        "share" => Ask::Open(Dialog::Share),
        "more" => Ask::Open(Dialog::More),
        "full-screen" => Ask::FullScreen,
        "skip" => Ask::Skip,
        "find" => Ask::Open(Dialog::Find),
        "copy" => Ask::Copy,
        "compare" => Ask::Compare,
        "take-away" => Ask::TakeAway,
        "language" => Ask::Language,
        "theme" => Ask::Theme,
        "heartbeats" => Ask::Heartbeats,
        "repetitions" => Ask::Repetitions,
        "earlier" => Ask::Earlier,
        "zoom-in" => Ask::Zoom(1),
        "zoom-out" => Ask::Zoom(-1),
        "follow" => Ask::Follow,
        "lamport" => Ask::Stamps(Stamps::Lamport),
        "vector" => Ask::Stamps(Stamps::Vector),
        "slower" => Ask::Faster(-1),
        "faster" => Ask::Faster(1),
        "heal" => Ask::Act(Action::Heal),
        _ => return None,
    })
}

fn about_page(action: &str, about: &str) -> Option<Ask> {
    Some(match (action, about) {
        ("algorithm", "clock") => Ask::Algorithm(Algorithm::Clock),
        ("algorithm", "leader") => Ask::Algorithm(Algorithm::Leader),
        ("algorithm", "mutex") => Ask::Algorithm(Algorithm::Mutex),
        ("profile", "classic") => Ask::Profile(Profile::Classic),
        ("profile", "hardened") => Ask::Profile(Profile::Hardened),
        ("colours", "system") => Ask::Colours(None),
        ("colours", "light") => Ask::Colours(Some(Theme::Light)),
        ("colours", "dark") => Ask::Colours(Some(Theme::Dark)),
        ("type", "normal") => Ask::TypeSize(TypeSize::Normal),
        ("type", "projector") => Ask::TypeSize(TypeSize::Projector),
        ("motion", "system") => Ask::Motion(None),
        ("motion", "full") => Ask::Motion(Some(Motion::Full)),
        ("motion", "reduced") => Ask::Motion(Some(Motion::Reduced)),
        ("characters", "on") => Ask::Characters(true),
        ("characters", "off") => Ask::Characters(false),
        ("scenario", _) => Ask::Scenario(about.to_owned()),
        ("found", _) => Ask::Found(about.to_owned()),
        ("query", _) => Ask::Query(about.to_owned()),
        ("seek", _) => Ask::Seek(about.parse().ok()?),
        ("speed", _) => Ask::Speed(Speed::new(about.parse().ok()?)),
        ("select", _) => Ask::Select(Selection::Event(about.parse().ok()?)),
        ("show", _) => Ask::Show(about.parse().ok()?),
        _ => return None,
    })
}

fn about_message(action: &str, about: &str) -> Option<Ask> {
    let id: MessageId = about.parse().ok()?;
    let tampering = match action {
        "message-menu" => return Some(Ask::Menu(Target::Message(id))),
        "inspect-message" => return Some(Ask::Inspect(id)),
        "drop" => Tampering::Drop,
        "duplicate" => Tampering::Duplicate,
        "deliver" => Tampering::Deliver,
        "delay" => Tampering::Delay { by: DELAY },
        _ => return None,
    };
    Some(Ask::Act(Action::Tamper { which: Which::Id(id), tampering }))
}

fn about_node(action: &str, about: &str) -> Option<Ask> {
    let (first, second) = about.split_once('-').unwrap_or((about, ""));
    let node = NodeId::new(first.parse().ok()?)?;
    let command = |command| Ask::Act(Action::Command { node, command });
    let other = || NodeId::new(second.parse().ok()?).filter(|&other| other != node);
    Some(match action {
        "node" => Ask::Click(node),
        "node-menu" => Ask::Menu(Target::Node(node)),
        "inspect" => Ask::Select(Selection::Node(node)),
        "crash" => Ask::Act(Action::Crash(node)),
        "restart" => Ask::Act(Action::Restart(node)),
        "freeze" => Ask::Act(Action::Pause(node)),
        "resume" => Ask::Act(Action::Resume(node)),
        "isolate" => Ask::Isolate(node),
        "crash-menu" => Ask::Menu(Target::Crash(node)),
        "crash-at-send" => Ask::Act(Action::CrashAt { node, moment: Moment::Send }),
        "crash-at-receive" => Ask::Act(Action::CrashAt { node, moment: Moment::Receive }),
        "crash-after-save" => Ask::Act(Action::CrashAt { node, moment: Moment::AfterSave }),
        "stop" => Ask::Stop(node),
        "restart-empty" => Ask::Act(Action::RestartWithoutStorage(node)),
        "links" => Ask::Menu(Target::Links(node)),
        "cut-to" => Ask::Act(Action::Cut { from: node, to: other()? }),
        "cut-from" => Ask::Act(Action::Cut { from: other()?, to: node }),
        "cut-both" => Ask::CutBoth(node, other()?),
        "sides" => Ask::Menu(Target::Sides(node, nodes(second)?)),
        "split" => Ask::Split(nodes(second)?),
        "elect" => command(Command::Elect),
        "local" => command(Command::LocalEvent),
        "request" => command(Command::Request { hold: Hold::Drawn }),
        "request-keep" => command(Command::Request { hold: Hold::UntilReleased }),
        "withdraw" => command(Command::Withdraw { request: None }),
        "release" => command(Command::Release),
        "write" => command(Command::Write),
        "call" => command(Command::Call { to: other()? }),
        "send" => command(Command::Send { to: other()? }),
        _ => return None,
    })
}

/// Parses the ids of nodes, with spaces between them.
fn nodes(ids: &str) -> Option<NodeSet> {
    ids.split_whitespace().map(|id| NodeId::new(id.parse().ok()?)).collect()
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
    if key.command || key.alt {
        return from_shortcut(key);
    }
    Some(match (key.name, key.shift) {
        // Presentation remotes send a dot to blank the screen.
        (" " | "." | "k", _) => Ask::Toggle,
        ("ArrowRight", false) => Ask::Step,
        ("ArrowLeft", false) => Ask::Back,
        ("ArrowRight", true) => Ask::Jump,
        ("ArrowLeft", true) => Ask::JumpBack,
        ("Home", _) => Ask::Reset,
        ("End", _) => Ask::End,
        ("[", _) => Ask::Faster(-1),
        ("]", _) => Ask::Faster(1),
        ("+" | "=", _) => Ask::Zoom(1),
        ("-", _) => Ask::Zoom(-1),
        ("n" | "N", _) => Ask::Next,
        ("p" | "P", _) => Ask::Previous,
        ("j" | "J", _) => Ask::Alike { later: false },
        ("l" | "L", _) => Ask::Alike { later: true },
        ("PageUp", _) => Ask::Pan(-PAGE_PX),
        ("PageDown", _) => Ask::Pan(PAGE_PX),
        ("?", _) => Ask::Open(Dialog::Help),
        ("/" | "f", _) => Ask::Open(Dialog::Find),
        ("Escape", _) => Ask::Close,
        (digit, false) => Ask::Click(NodeId::new(digit.parse().ok()?)?),
        _ => return None,
    })
}

/// The request of a key pressed with Control.
fn from_shortcut(key: Key<'_>) -> Option<Ask> {
    match (key.name, key.shift, key.alt) {
        ("z", false, false) => Some(Ask::Undo),
        ("z" | "Z", true, false) | ("y", false, false) => Some(Ask::Redo),
        _ => None,
    }
}

impl Ask {
    /// Whether holding the key down repeats the request.
    pub const fn bears_repetition(&self) -> bool {
        matches!(
            self,
            Self::Step
                | Self::Back
                | Self::Jump
                | Self::JumpBack
                | Self::Alike { .. }
                | Self::Next
                | Self::Previous
                | Self::Undo
                | Self::Redo
                | Self::Faster(_)
                | Self::Zoom(_)
                | Self::Pan(_)
        )
    }
}

#[cfg(test)]
mod tests;
