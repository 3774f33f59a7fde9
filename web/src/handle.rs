//! The requests of controls, by their handles: `data-action` and `data-about`.

use core::time::Duration;

use antes_core::{Algorithm, Command, Hold, NodeId, NodeSet, Profile};
use antes_sim::scenario::{Action, Moment, Tampering, Which};
use antes_sim::trace::MessageId;

use crate::address::{Motion, Theme, TypeSize};
use crate::control::{Ask, without_object};
use crate::message::{Act, Look, Selection, Target, Time};
use crate::speed::Speed;

/// The delay for messages that are delayed from their menu.
pub const DELAY: Duration = Duration::from_millis(500);

/// The request of the control with this `data-action` and `data-about`.
pub fn from_control(action: &str, about: &str) -> Option<Ask> {
    without_object(action)
        .or_else(|| about_page(action, about))
        .or_else(|| about_message(action, about))
        .or_else(|| about_node(action, about))
}

fn about_page(action: &str, about: &str) -> Option<Ask> {
    Some(match (action, about) {
        ("algorithm", "clock") => Ask::Algorithm(Algorithm::Clock),
        ("algorithm", "leader") => Ask::Algorithm(Algorithm::Leader),
        ("algorithm", "mutex") => Ask::Algorithm(Algorithm::Mutex),
        ("profile", "classic") => Ask::Profile(Profile::Classic),
        ("profile", "hardened") => Ask::Profile(Profile::Hardened),
        ("colours", "system") => Ask::Look(Look::Colours(None)),
        ("colours", "light") => Ask::Look(Look::Colours(Some(Theme::Light))),
        ("colours", "dark") => Ask::Look(Look::Colours(Some(Theme::Dark))),
        ("type", "normal") => Ask::Look(Look::TypeSize(TypeSize::Normal)),
        ("type", "projector") => Ask::Look(Look::TypeSize(TypeSize::Projector)),
        ("motion", "system") => Ask::Look(Look::Motion(None)),
        ("motion", "full") => Ask::Look(Look::Motion(Some(Motion::Full))),
        ("motion", "reduced") => Ask::Look(Look::Motion(Some(Motion::Reduced))),
        ("characters", "on") => Ask::Look(Look::Characters(true)),
        ("characters", "off") => Ask::Look(Look::Characters(false)),
        ("scenario", _) => Ask::Scenario(about.to_owned()),
        ("found", _) => Ask::Found(about.to_owned()),
        ("versus", _) => Ask::Versus(about.to_owned()),
        ("query", _) => Ask::Query(about.to_owned()),
        ("seek", _) => Ask::Time(Time::Seek(about.parse().ok()?)),
        ("speed", _) => Ask::Time(Time::Speed(Speed::new(about.parse().ok()?))),
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
    Some(Ask::Act(Act::Do(Action::Tamper { which: Which::Id(id), tampering })))
}

fn about_node(action: &str, about: &str) -> Option<Ask> {
    let (first, second) = about.split_once('-').unwrap_or((about, ""));
    let node = NodeId::new(first.parse().ok()?)?;
    let command = |command| Ask::Act(Act::Do(Action::Command { node, command }));
    let other = || NodeId::new(second.parse().ok()?).filter(|&other| other != node);
    Some(match action {
        "node" => Ask::Act(Act::Click(node)),
        "node-menu" => Ask::Menu(Target::Node(node)),
        "inspect" => Ask::Select(Selection::Node(node)),
        "crash" => Ask::Act(Act::Do(Action::Crash(node))),
        "restart" => Ask::Act(Act::Do(Action::Restart(node))),
        "freeze" => Ask::Act(Act::Do(Action::Pause(node))),
        "resume" => Ask::Act(Act::Do(Action::Resume(node))),
        "isolate" => Ask::Act(Act::Isolate(node)),
        "crash-menu" => Ask::Menu(Target::Crash(node)),
        "crash-at-send" => Ask::Act(Act::Do(Action::CrashAt { node, moment: Moment::Send })),
        "crash-at-receive" => Ask::Act(Act::Do(Action::CrashAt { node, moment: Moment::Receive })),
        "crash-after-save" => {
            Ask::Act(Act::Do(Action::CrashAt { node, moment: Moment::AfterSave }))
        }
        "stop" => Ask::Act(Act::Stop(node)),
        "restart-empty" => Ask::Act(Act::Do(Action::RestartWithoutStorage(node))),
        "links" => Ask::Menu(Target::Links(node)),
        "cut-to" => Ask::Act(Act::Do(Action::Cut { from: node, to: other()? })),
        "cut-from" => Ask::Act(Act::Do(Action::Cut { from: other()?, to: node })),
        "cut-both" => Ask::Act(Act::CutBoth(node, other()?)),
        "sides" => Ask::Menu(Target::Sides(node, nodes(second)?)),
        "split" => Ask::Act(Act::Split(nodes(second)?)),
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

#[cfg(test)]
mod tests;
