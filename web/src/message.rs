//! The parts of [requests](crate::control::Ask) to the page.

use antes_core::{NodeId, NodeSet};
use antes_sim::scenario::Action;
use antes_sim::trace::MessageId;

use crate::address::{Motion, Stamps, Theme, TypeSize};
use crate::language::Language;
use crate::speed::Speed;

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

/// A request that moves time. Runs, recordings and comparisons carry it out alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Time {
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
    Reset,
    End,
    /// Go to this instant, in microseconds.
    Seek(u64),
    Speed(Speed),
    /// Change the speed by this many steps.
    Faster(i8),
    /// Go to the narrator's next note.
    NextNote,
    /// Go to the narrator's previous note.
    PreviousNote,
}

/// A request that changes only how the page looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Look {
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
    /// Enable or disable shortcuts of a single character.
    Characters(bool),
    FullScreen,
    /// Move the focus to the transport bar.
    Skip,
    Stamps(Stamps),
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
}

/// A request to act on a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Crash a node, or restart it if it is down.
    Click(NodeId),
    Do(Action),
    /// Cut all links of a node.
    Isolate(NodeId),
    /// Cut the link between two nodes in both directions.
    CutBoth(NodeId, NodeId),
    /// Let a node leave gracefully, and stop it.
    Stop(NodeId),
    /// Split the network into these nodes and the rest.
    Split(NodeSet),
}
