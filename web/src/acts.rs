//! Sentences about a user's acts: their results, and acts that are still to come.

use antes_core::{Command, NodeId};
use antes_sim::run::Run;
use antes_sim::scenario::{Action, Moment, Step, Tampering, Which};
use antes_sim::trace::{Happening, MessageId, TraceEvent};

use crate::language::Language;
use crate::message::Act;
use crate::sentence;
use crate::words::{self as w, Word};

/// The actions that a request means in this run. `None` if it names a node that does not exist.
pub fn meant(act: &Act, run: &Run) -> Option<Vec<Action>> {
    let size = run.world().size();
    let cut = |from, to| Action::Cut { from, to };
    Some(match act {
        Act::Do(action) => vec![action.clone()],
        Act::Click(node) if !size.contains(*node) => return None,
        Act::Click(node) if run.world().node(*node).status().is_down() => {
            vec![Action::Restart(*node)]
        }
        Act::Click(node) => vec![Action::Crash(*node)],
        Act::Isolate(node) => {
            vec![Action::Partition(vec![vec![*node], size.others(*node).collect()])]
        }
        Act::CutBoth(a, b) => vec![cut(*a, *b), cut(*b, *a)],
        Act::Split(side) => {
            let (here, there) = size.nodes().partition(|&node| side.contains(node));
            vec![Action::Partition(vec![here, there])]
        }
        Act::Stop(node) => vec![Action::Command { node: *node, command: Command::Leave }],
    })
}

/// The result of acts, from the trace lines since `known`: one sentence, or one for all links.
pub fn told(trace: &[TraceEvent], known: usize, language: Language) -> Option<String> {
    let lines = trace.get(known..)?;
    let cuts = links(lines, |happening| match happening {
        Happening::Cut { to } => Some(*to),
        _ => None,
    });
    let mends = links(lines, |happening| match happening {
        Happening::Heal { to } => Some(*to),
        _ => None,
    });
    match (cuts.len(), mends.len()) {
        (0, 0) => lines.first().map(|event| sentence::told(event, trace, language)),
        (0, _) => Some(w::LINKS_MENDED.fill(language, &[&mends.join(", ")])),
        _ => Some(w::LINKS_CUT.fill(language, &[&cuts.join(", ")])),
    }
}

/// The links of these lines, each once: `1 ↔ 2`, or `1 → 2` for one direction.
fn links(lines: &[TraceEvent], to: impl Fn(&Happening) -> Option<NodeId>) -> Vec<String> {
    let ways: Vec<_> =
        lines.iter().filter_map(|event| Some((event.node?, to(&event.happening)?))).collect();
    let told = |&(from, to): &(NodeId, NodeId)| match ways.contains(&(to, from)) {
        true if from > to => None,
        true => Some(format!("{from} ↔ {to}")),
        false => Some(format!("{from} → {to}")),
    };
    ways.iter().filter_map(told).collect()
}

/// The arrival of a message that an act will delay or hurry. `None` if the act cannot have an
/// effect.
pub fn lands_us(run: &Run, action: &Action) -> Option<(MessageId, u64)> {
    let Action::Tamper {
        which: Which::Id(id),
        tampering: Tampering::Delay { .. } | Tampering::Deliver,
    } = action
    else {
        return None;
    };
    let mut flights = run.world().flights();
    let flight = flights.find(|flight| flight.message.id == *id && flight.lost.is_none())?;
    Some((*id, flight.lands_us))
}

/// The sentence about a delayed or hurried message, which would have arrived at `before_us`.
pub fn retimed(run: &Run, (id, before_us): (MessageId, u64), language: Language) -> Option<String> {
    let flight = run.world().flights().find(|flight| flight.message.id == id)?;
    let (name, to) =
        (flight.message.content.name(), sentence::recipient(flight.message.to, language));
    let [before, after] = [before_us, flight.lands_us].map(|at_us| language.seconds(at_us));
    let word = match flight.lands_us <= run.now_us() {
        true => w::HURRIED,
        false => w::RETIMED,
    };
    Some(word.fill(language, &[&name, &id.from, &to, &after, &before]))
}

/// The sentence about acts that the trace does not show yet, or only in part.
pub fn planned(actions: &[Action], language: Language) -> Option<String> {
    let action = actions.first()?;
    let is_planned =
        matches!(action, Action::CrashAt { .. } | Action::Command { command: Command::Leave, .. });
    is_planned.then(|| deed(action, language))
}

/// A future step of a user, as in `2.31 s: Node 4 crashes.`
pub fn ahead(step: &Step, language: Language) -> String {
    let at_us = u64::try_from(step.at.as_micros()).unwrap_or(u64::MAX);
    w::AHEAD_AT.fill(language, &[&language.seconds(at_us), &deed(&step.action, language)])
}

/// The sentence about an act, as if it happens now.
pub fn deed(action: &Action, language: Language) -> String {
    let of = |word: Word, node: &NodeId| word.fill(language, &[node]);
    match action {
        Action::Note => String::new(),
        Action::Crash(node) => of(w::SAYS_CRASH, node),
        Action::Restart(node) | Action::RestartWithoutStorage(node) => of(w::AHEAD_RESTART, node),
        Action::Pause(node) => of(w::SAYS_PAUSE, node),
        Action::Resume(node) => of(w::SAYS_RESUME, node),
        Action::CrashAt { node, moment: Moment::Send } => of(w::AHEAD_CRASH_SEND, node),
        Action::CrashAt { node, moment: Moment::Receive } => of(w::AHEAD_CRASH_RECEIVE, node),
        Action::CrashAt { node, moment: Moment::AfterSave } => of(w::AHEAD_CRASH_SAVE, node),
        Action::Command { node, command } => match command {
            Command::LocalEvent => of(w::SAYS_LOCAL, node),
            Command::Send { to } => w::SAYS_SEND_MESSAGE.fill(language, &[node, to]),
            Command::Call { to } => w::SAYS_SEND_CALL.fill(language, &[node, to]),
            Command::Elect => of(w::SAYS_ELECTION, node),
            Command::Request { .. } => of(w::SAYS_REQUEST, node),
            Command::Withdraw { .. } => of(w::SAYS_WITHDRAW, node),
            Command::Release => of(w::AHEAD_RELEASE, node),
            Command::Write => of(w::SAYS_SEND_WRITE, node),
            Command::Leave => of(w::AHEAD_LEAVE, node),
        },
        Action::Send { from, to, .. } => w::SAYS_SEND_MESSAGE.fill(language, &[from, to]),
        Action::Cut { from, to } => w::SAYS_CUT.fill(language, &[from, to]),
        Action::Partition(groups) => {
            let sides: Vec<_> = groups.iter().map(|group| sentence::list(group)).collect();
            w::AHEAD_PARTITION.fill(language, &[&sides.join(" | ")])
        }
        Action::Heal => w::AHEAD_HEAL.say(language).to_owned(),
        Action::Forge(forgery) => {
            let from = forgery.from;
            match forgery.to {
                Some(to) => w::SAYS_FORGE.fill(language, &[&from, &to, &forgery.kind]),
                None => w::SAYS_FORGE_WRITE.fill(language, &[&from]),
            }
        }
        Action::Tamper { which: Which::Nth { .. }, .. } => String::new(),
        Action::Tamper { which: Which::Id(id), tampering } => {
            let word = match tampering {
                Tampering::Drop => w::AHEAD_DROP,
                Tampering::Duplicate => w::AHEAD_DUPLICATE,
                Tampering::Deliver => w::AHEAD_DELIVER,
                Tampering::Delay { .. } => w::AHEAD_DELAY,
            };
            word.fill(language, &[id])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use antes_core::{Algorithm, ClusterSize};
    use antes_sim::scenario::Scenario;
    use core::time::Duration;

    fn node(number: u8) -> NodeId {
        NodeId::new(number).unwrap()
    }

    fn run() -> Run {
        Run::new(Scenario::new(Algorithm::Leader, ClusterSize::new(4).unwrap()))
    }

    fn told_of(run: &mut Run, actions: impl IntoIterator<Item = Action>) -> String {
        let known = run.trace().len();
        actions.into_iter().for_each(|action| run.act(action));
        told(run.trace(), known, Language::English).unwrap()
    }

    #[test]
    fn every_link_that_an_act_cuts_or_mends_is_named_once() {
        let mut run = run();
        let alone = Action::Partition(vec![vec![node(1)], vec![node(2), node(3), node(4)]]);
        assert_eq!(told_of(&mut run, [alone]), "Links cut: 1 ↔ 2, 1 ↔ 3, 1 ↔ 4.");
        let one_way = Action::Cut { from: node(4), to: node(2) };
        assert_eq!(told_of(&mut run, [one_way]), "Links cut: 4 → 2.");
        let mended = told_of(&mut run, [Action::Heal]);
        assert_eq!(mended, "Links restored: 1 ↔ 2, 1 ↔ 3, 1 ↔ 4, 4 → 2.");
    }

    #[test]
    fn a_message_that_is_put_off_or_hurried_is_told_with_both_instants() {
        for (tampering, expected) in [
            (Tampering::Delay { by: Duration::from_millis(500) }, "instead of"),
            (Tampering::Deliver, "arrives now"),
        ] {
            let mut run = run();
            run.advance_to(510_000);
            let id = run.world().flights().next().unwrap().message.id;
            let action = Action::Tamper { which: Which::Id(id), tampering };
            let before = lands_us(&run, &action).unwrap();
            run.act(action);
            let told = retimed(&run, before, Language::English).unwrap();
            assert!(
                told.starts_with("HEARTBEAT from node 4 to ") && told.contains(expected),
                "{told}"
            );
        }
    }

    #[test]
    fn an_act_that_lies_ahead_is_told_with_its_instant() {
        let step = |action| Step::new(Duration::from_millis(2310), 0, action);
        let told = |action| ahead(&step(action), Language::English);
        assert_eq!(told(Action::Crash(node(4))), "2.31\u{a0}s: Node 4 crashes.");
        let sides = vec![vec![node(1), node(2)], vec![node(3), node(4)]];
        assert_eq!(told(Action::Partition(sides)), "2.31\u{a0}s: The network splits: 1, 2 | 3, 4.");
    }
}
