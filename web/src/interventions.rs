//! A user's acts as short text for addresses: `c4@2310000~d2:4@2350000.1`.
//!
//! Each act is a letter, its object, `@`, the instant in microseconds, and, if it came after events
//! of that instant, `.` and their number.

use core::time::Duration;

use antes_core::{Command, Hold, NodeId};
use antes_sim::scenario::{Action, Moment, Step, Tampering, Which};
use antes_sim::trace::MessageId;

/// The most acts in an address.
pub const MAX_ACTS: usize = 500;

/// Stands between two acts of an address.
const SEPARATOR: char = '~';

/// An act as text. Empty if no control can make such an act.
pub fn encode_one(step: &Step) -> String {
    encode(std::iter::once(step))
}

/// The acts as text. Acts that no control can make, such as notes, are left out.
pub fn encode<'a>(steps: impl Iterator<Item = &'a Step>) -> String {
    let mut text = String::new();
    for step in steps {
        let Some(code) = encode_action(&step.action) else { continue };
        if !text.is_empty() {
            text.push(SEPARATOR);
        }
        text.push_str(&code);
        text.push('@');
        text.push_str(&in_micros(step.at).to_string());
        if step.after > 0 {
            text.push('.');
            text.push_str(&step.after.to_string());
        }
    }
    text
}

/// The acts in a text, ordered by instant, and the invalid parts of the text.
pub fn decode(text: &str) -> (Vec<Step>, Vec<&str>) {
    let mut steps: Vec<Step> = Vec::new();
    let mut bad = Vec::new();
    for (place, part) in text.split(SEPARATOR).filter(|part| !part.is_empty()).enumerate() {
        match decode_step(part) {
            Some(step) if place < MAX_ACTS => insert(&mut steps, step),
            Some(_) | None => bad.push(part),
        }
    }
    (steps, bad)
}

/// Inserts a step after all steps with the same or an earlier instant.
fn insert(steps: &mut Vec<Step>, step: Step) {
    let moment = |step: &Step| (step.at, step.after);
    let place = steps.partition_point(|other| moment(other) <= moment(&step));
    steps.insert(place, step);
}

fn encode_action(action: &Action) -> Option<String> {
    let link = |letter: &str, from: &NodeId, to: &NodeId| format!("{letter}{from}-{to}");
    Some(match action {
        Action::Note => return None,
        Action::Crash(node) => format!("c{node}"),
        Action::Restart(node) => format!("r{node}"),
        Action::RestartWithoutStorage(node) => format!("E{node}"),
        Action::Pause(node) => format!("p{node}"),
        Action::Resume(node) => format!("u{node}"),
        Action::CrashAt { node, moment } => match moment {
            Moment::Send => format!("S{node}"),
            Moment::Receive => format!("R{node}"),
            Moment::AfterSave => format!("A{node}"),
        },
        Action::Command { node, command } => match command {
            Command::LocalEvent => format!("v{node}"),
            Command::Send { to } => link("s", node, to),
            Command::Call { to } => link("k", node, to),
            Command::Elect => format!("e{node}"),
            Command::Request { hold: Hold::Drawn } => format!("q{node}"),
            Command::Request { hold: Hold::UntilReleased } => format!("Q{node}"),
            Command::Request { hold: Hold::For(span) } => format!("q{node}-{}", in_micros(*span)),
            Command::Withdraw { request: None } => format!("W{node}"),
            Command::Withdraw { request: Some(request) } => format!("W{node}-{request}"),
            Command::Release => format!("l{node}"),
            Command::Write => format!("w{node}"),
            Command::Leave => format!("L{node}"),
        },
        Action::Send { from, to, latency: None } => link("m", from, to),
        Action::Send { from, to, latency: Some(span) } => {
            format!("{}-{}", link("m", from, to), in_micros(*span))
        }
        Action::Partition(groups) => {
            let ids = |group: &Vec<NodeId>| group.iter().map(NodeId::to_string).collect::<String>();
            format!("g{}", groups.iter().map(ids).collect::<Vec<_>>().join("-"))
        }
        Action::Cut { from, to } => link("x", from, to),
        Action::Heal => "h".to_owned(),
        // Only scripts can do this.
        Action::Forge(_) | Action::Tamper { which: Which::Nth { .. }, .. } => return None,
        Action::Tamper { which: Which::Id(id), tampering } => {
            let id = id.to_string().replace('+', "_");
            match tampering {
                Tampering::Drop => format!("d{id}"),
                Tampering::Duplicate => format!("b{id}"),
                Tampering::Deliver => format!("n{id}"),
                Tampering::Delay { by } => format!("y{id}-{}", in_micros(*by)),
            }
        }
    })
}

/// Its microseconds, which all durations of an address have in 64 bits. Writing 128 bits is code of its own.
fn in_micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

fn decode_step(part: &str) -> Option<Step> {
    let (code, moment) = part.split_once('@')?;
    let (at, after) = moment.split_once('.').unwrap_or((moment, "0"));
    Some(Step::new(micros(at)?, after.parse().ok()?, decode_action(code)?))
}

fn decode_action(code: &str) -> Option<Action> {
    let letter = code.chars().next()?;
    let rest = &code[letter.len_utf8()..];
    let (first, second) = match rest.split_once('-') {
        Some((first, second)) => (first, Some(second)),
        None => (rest, None),
    };
    if let Some(tampering) = decode_tampering(letter, second) {
        let id: MessageId = first.replace('_', "+").parse().ok()?;
        return Some(Action::Tamper { which: Which::Id(id), tampering: tampering? });
    }
    if letter == 'g' {
        let ids = |group: &str| group.chars().map(|id| node(id.encode_utf8(&mut [0; 4]))).collect();
        return Some(Action::Partition(rest.split('-').map(ids).collect::<Option<_>>()?));
    }
    if letter == 'h' {
        return rest.is_empty().then_some(Action::Heal);
    }
    let who = node(first)?;
    let command = |command| Action::Command { node: who, command };
    Some(match (letter, second) {
        ('c', None) => Action::Crash(who),
        ('r', None) => Action::Restart(who),
        ('E', None) => Action::RestartWithoutStorage(who),
        ('p', None) => Action::Pause(who),
        ('u', None) => Action::Resume(who),
        ('S', None) => Action::CrashAt { node: who, moment: Moment::Send },
        ('R', None) => Action::CrashAt { node: who, moment: Moment::Receive },
        ('A', None) => Action::CrashAt { node: who, moment: Moment::AfterSave },
        ('v', None) => command(Command::LocalEvent),
        ('e', None) => command(Command::Elect),
        ('q', None) => command(Command::Request { hold: Hold::Drawn }),
        ('Q', None) => command(Command::Request { hold: Hold::UntilReleased }),
        ('q', Some(span)) => command(Command::Request { hold: Hold::For(micros(span)?) }),
        ('W', None) => command(Command::Withdraw { request: None }),
        ('W', Some(request)) => command(Command::Withdraw { request: Some(request.parse().ok()?) }),
        ('l', None) => command(Command::Release),
        ('w', None) => command(Command::Write),
        ('L', None) => command(Command::Leave),
        ('s', Some(to)) => command(Command::Send { to: other(who, to)? }),
        ('k', Some(to)) => command(Command::Call { to: other(who, to)? }),
        ('x', Some(to)) => Action::Cut { from: who, to: other(who, to)? },
        ('m', Some(to)) => {
            let (to, latency) = match to.split_once('-') {
                Some((to, span)) => (to, Some(micros(span)?)),
                None => (to, None),
            };
            Action::Send { from: who, to: other(who, to)?, latency }
        }
        _ => return None,
    })
}

/// The intervention on a message for a letter. `None` if the letter means something else;
/// `Some(None)` if its span is missing.
fn decode_tampering(letter: char, span: Option<&str>) -> Option<Option<Tampering>> {
    Some(match (letter, span) {
        ('d', None) => Some(Tampering::Drop),
        ('b', None) => Some(Tampering::Duplicate),
        ('n', None) => Some(Tampering::Deliver),
        ('y', Some(span)) => micros(span).map(|by| Tampering::Delay { by }),
        ('d' | 'b' | 'n' | 'y', _) => None,
        _ => return None,
    })
}

fn node(text: &str) -> Option<NodeId> {
    NodeId::new(text.parse().ok()?)
}

/// A node other than `than`.
fn other(than: NodeId, text: &str) -> Option<NodeId> {
    node(text).filter(|&node| node != than)
}

fn micros(text: &str) -> Option<Duration> {
    text.parse().ok().map(Duration::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY_ACT: &str = "c4@1~r4@2~p3@3~u3@4~S1@5~R1@6~A1@7~v1@8~e2@9~q1@10~Q1@11\
        ~q1-500000@12~l1@13~w1@14~s1-2@15~k1-2@16~x1-2@17~m1-2@18~m1-2-70000@19~g12-34@20~h@21\
        ~d2:4@22~b2:4_1@23~n2:4@24~y2:4-300000@25.3~E4@26~W2@27~W2-3@28";

    #[test]
    fn every_act_survives_being_written_and_read() {
        let (steps, bad) = decode(EVERY_ACT);
        assert_eq!(bad, Vec::<&str>::new());
        assert_eq!(steps.len(), 28);
        assert_eq!(encode(steps.iter()), EVERY_ACT);
    }

    #[test]
    fn acts_are_put_in_the_order_of_their_instants() {
        let (steps, _) = decode("c4@200~c3@100.2~c2@100");
        assert_eq!(encode(steps.iter()), "c2@100~c3@100.2~c4@200");
    }

    #[test]
    fn a_text_that_names_no_act_is_reported_and_left_out() {
        for bad in ["c17@1", "c4", "@", "c4@x", "é1@1", "s1-1@1", "y2:4@1", "g1x@1", "h2@1", "zz@1"]
        {
            let text = format!("c4@1~{bad}~r4@2");
            let (steps, told) = decode(&text);
            assert_eq!((steps.len(), told), (2, vec![bad]));
        }
    }

    #[test]
    fn an_endless_address_is_cut_off() {
        let text = vec!["c4@1"; MAX_ACTS + 7].join("~");
        let (steps, bad) = decode(&text);
        assert_eq!((steps.len(), bad), (MAX_ACTS, vec!["c4@1"; 7]));
    }
}
