//! What a person can ask of the page, however they ask: by click, by key, by touch.
//!
//! Every control carries `data-action`, and `data-about` where the action is about something; the
//! page listens in one place. So the handles that scripts and tests rely on are the very ones
//! that the page itself obeys.

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

/// By how much a message is delayed from its menu.
pub const DELAY: Duration = Duration::from_millis(500);

/// How far a page key moves the diagram.
const PAGE_PX: f64 = 240.0;

/// What a menu is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A node.
    Node(NodeId),
    /// A message in flight.
    Message(MessageId),
    /// The links of a node.
    Links(NodeId),
    /// When a node is to crash, or otherwise to stop.
    Crash(NodeId),
    /// The two sides into which the network is going to be split: the node that was asked, and who is
    /// on its side.
    Sides(NodeId, NodeSet),
}

/// What the inspector explains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// Whatever happened last.
    #[default]
    Latest,
    /// An event, by its place in the trace.
    Event(u64),
    /// A node.
    Node(NodeId),
}

/// A panel above the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// Keys and signs.
    Help,
    /// The address to share.
    Share,
    /// How the page is seen, and what the header has no room for.
    More,
    /// Scenarios, and what they are found by.
    Find,
}

/// What is asked of the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// Time passes.
    Play,
    /// Time stops.
    Pause,
    /// One or the other.
    Toggle,
    /// The next event.
    Step,
    /// Undo the last event.
    Back,
    /// On to the next decision.
    Jump,
    /// Back to the decision before.
    JumpBack,
    /// On to the next event of the selected node, or of the kind of the selected event; back to the last
    /// one, if not later.
    Alike {
        /// Which way.
        later: bool,
    },
    /// Back to the beginning.
    Reset,
    /// On to the end.
    End,
    /// Go to an instant.
    Seek(u64),
    /// Play at this speed.
    Speed(Speed),
    /// Play this many stops faster.
    Faster(i8),
    /// The same scenario by other chances.
    NewSeed,
    /// The first scenario of an algorithm.
    Algorithm(Algorithm),
    /// The scenario of this name.
    Scenario(String),
    /// Look for scenarios by these words.
    Query(String),
    /// The scenario of this name, which has been found: told for the profile that it is told for.
    Found(String),
    /// Here is the library, if it could be had.
    Fetched(Option<Shelf>),
    /// Crash a node, or restart it if it is down.
    Click(NodeId),
    /// Do something to the world.
    Act(Action),
    /// Undo what was done last: to the world, or to what is shown.
    Undo,
    /// Do again what was undone last.
    Redo,
    /// Take back all that was done to the world since the story was left, and go on from there.
    Story,
    /// Take back what was done to the world ahead of here.
    LeaveOut,
    /// Cut a node off from all others.
    Isolate(NodeId),
    /// Cut the link between two nodes, both ways.
    CutBoth(NodeId, NodeId),
    /// Have a node leave in good order, and stop.
    Stop(NodeId),
    /// Split the network into these nodes and all others.
    Split(NodeSet),
    /// Open a menu.
    Menu(Target),
    /// Close whatever is open; select nothing.
    Close,
    /// Close the menu that is open, if one is.
    Dismiss,
    /// Explain this.
    Select(Selection),
    /// Explain the send of this message.
    Inspect(MessageId),
    /// Go to this line of the trace and explain it.
    Show(u64),
    /// Point at this, or at nothing.
    Hover(Option<Pointed>),
    /// Go to the next note of the narration.
    Next,
    /// Go back to the note before.
    Previous,
    /// Hold the time for as long as the scrubber is held.
    Hold,
    /// The scrubber has been let go.
    LetGo,
    /// Open a panel.
    Open(Dialog),
    /// Put the address onto the clipboard.
    Copy,
    /// The same scenario in this profile.
    Profile(Profile),
    /// The other language.
    Language,
    /// This language, if its texts could be had.
    Speak(Language),
    /// The other theme.
    Theme,
    /// These colours; none are those of the system.
    Colours(Option<Theme>),
    /// Type of this size.
    TypeSize(TypeSize),
    /// Things move like this; none is as the system wishes.
    Motion(Option<Motion>),
    /// The whole screen, or not any more.
    FullScreen,
    /// The address is on the clipboard, or could not be put there.
    Copied(bool),
    /// Select the event that lies this way from the selected one.
    Walk(Way),
    /// Put the focus onto the controls of time.
    Skip,
    /// Show these stamps.
    Stamps(Stamps),
    /// Whether keys of a single character do something.
    Characters(bool),
    /// A key was handed to the page around this one.
    HandedOver,
    /// The page around this one asks for something.
    Host(Message),
    /// Show or hide heartbeats in the log.
    Heartbeats,
    /// Show or hide repetitions in the log.
    Repetitions,
    /// Show more of the log.
    Earlier,
    /// Make the diagram's second this many steps longer.
    Zoom(i8),
    /// Move the diagram by this many pixels; the run is not followed any more.
    Pan(f64),
    /// Have the diagram follow the run again.
    Follow,
    /// The surfaces have these sizes.
    Resized {
        /// The ring's.
        ring: Size,
        /// The diagram's.
        chart: Size,
    },
    /// Texts have other sizes than before.
    Measured(Faces),
    /// A frame is due, at this many microseconds of real time.
    Frame(u64),
    /// What was noticed is old.
    Faded,
    /// The address is to be brought up to date.
    Settled,
    /// The browser has gone back or forth to another address of the page.
    Revisit,
}

/// What the control with this `data-action` and `data-about` asks for.
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

/// The nodes that these digits stand for.
fn nodes(digits: &str) -> Option<NodeSet> {
    digits.chars().map(|digit| NodeId::new(u8::try_from(digit.to_digit(10)?).ok()?)).collect()
}

/// A key that was pressed, as far as the page cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key<'a> {
    /// Its name, as browsers have it.
    pub name: &'a str,
    /// Whether shift was held.
    pub shift: bool,
    /// Whether Control or the command key was held.
    pub command: bool,
    /// Whether Alt was held.
    pub alt: bool,
}

/// What a key asks for, wherever on the page it is pressed.
pub fn from_key(key: Key<'_>) -> Option<Ask> {
    if key.command || key.alt {
        return from_shortcut(key);
    }
    Some(match (key.name, key.shift) {
        // Remote controls for slides send a dot to blank the screen.
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

/// What a key asks for with Control: the few shortcuts that mean the same everywhere.
fn from_shortcut(key: Key<'_>) -> Option<Ask> {
    match (key.name, key.shift, key.alt) {
        ("z", false, false) => Some(Ask::Undo),
        ("z" | "Z", true, false) | ("y", false, false) => Some(Ask::Redo),
        _ => None,
    }
}

impl Ask {
    /// Whether a key that is held down asks for it again and again.
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
mod tests {
    use super::*;

    fn node(number: u8) -> NodeId {
        NodeId::new(number).unwrap()
    }

    #[test]
    fn controls_ask_for_what_their_handles_say() {
        assert_eq!(from_control("play", ""), Some(Ask::Play));
        assert_eq!(from_control("crash", "4"), Some(Ask::Act(Action::Crash(node(4)))));
        assert_eq!(from_control("seek", "1500"), Some(Ask::Seek(1500)));
        let one_and_three = [node(1), node(3)].into_iter().collect();
        assert_eq!(from_control("split", "1-13"), Some(Ask::Split(one_and_three)));
        assert_eq!(
            from_control("call", "1-2"),
            Some(Ask::Act(Action::Command {
                node: node(1),
                command: Command::Call { to: node(2) }
            }))
        );
    }

    #[test]
    fn handles_that_make_no_sense_ask_for_nothing() {
        for (action, about) in
            [("crash", "9"), ("call", "1-1"), ("call", "1"), ("drop", "4"), ("seek", "x"), ("", "")]
        {
            assert_eq!(from_control(action, about), None, "{action} {about}");
        }
    }

    #[test]
    fn digits_are_nodes_and_the_browsers_own_keys_are_left_alone() {
        let key = |name| Key { name, shift: false, command: false, alt: false };
        assert_eq!(from_key(key("4")), Some(Ask::Click(node(4))));
        assert_eq!(from_key(key("9")), None);
        assert_eq!(from_key(key("Tab")), None);
        assert_eq!(from_key(Key { command: true, ..key("4") }), None);
        assert_eq!(from_key(Key { alt: true, ..key("ArrowLeft") }), None);
        assert_eq!(from_key(Key { command: true, ..key("z") }), Some(Ask::Undo));
        assert_eq!(from_key(Key { shift: true, ..key("ArrowLeft") }), Some(Ask::JumpBack));
    }
}
