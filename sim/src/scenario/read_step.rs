//! Reads a step of a script: its instant, its action and its note.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use antes_core::{Algorithm, ClusterSize, Command, Hold, NodeId, Setting};

use super::claim::{Claims, read_claim};
use super::error::Fault;
use super::fields::{Field, Section};
use super::read_forgery;
use super::suggest::advice;
use super::words::{MOMENTS, STORAGES};
use super::{Action, Step, Tampering, Which};
use crate::summary::TYPES;
use crate::trace::{MessageId, Storage};

/// The keys of a step that name its action.
const VERBS: &[&str] = &[
    "crash",
    "restart",
    "pause",
    "resume",
    "crash_at",
    "elect",
    "request",
    "withdraw",
    "release",
    "write",
    "leave",
    "event",
    "send",
    "call",
    "partition",
    "cut",
    "heal",
    "forge",
    "drop",
    "duplicate",
    "delay",
    "deliver",
];

/// The other keys of a step.
const OTHERS: &[&str] = &["at", "after", "note", "claims", "claims_nothing"];

/// Reads one table of the script.
pub(super) fn read_step(
    item: &Field<'_>,
    setting: Setting,
    size: ClusterSize,
) -> Result<Step, Fault> {
    let keys: Vec<&str> = VERBS.iter().chain(OTHERS).copied().collect();
    let section = item.section(&keys, "expected [[step]] with an \"at\"")?;
    let at = section.require("at", "expected the time of the step, such as at = \"1s\"")?;
    let at = at.duration(Duration::ZERO)?;
    let mut after = 0;
    section.set("after", &mut after, |field| {
        Ok(u32::try_from(field.whole(0, u64::from(u32::MAX))?).expect("it is within range"))
    })?;
    let mut note = None;
    section.set("note", &mut note, |field| field.text().map(Some))?;

    let mut verbs = section.in_order();
    verbs.retain(|field| VERBS.contains(&field.name.as_str()));
    let action = match verbs.as_slice() {
        [] if note.is_some() => Action::Note,
        [] => {
            let remedy = format!("expected a \"note\" or one of: {}", VERBS.join(", "));
            return Err(Fault::new(section.at, "the step does nothing and says nothing", remedy));
        }
        [verb] => Reader { setting, size }.action(verb)?,
        [first, second, ..] => {
            let problem = format!("the step has both \"{}\" and \"{}\"", first.name, second.name);
            return Err(second.fault(problem, "expected one [[step]] for each"));
        }
    };
    let claims = read_claims(&section, size)?;
    if note.is_none() && claims != Claims::Unsaid {
        return Err(Fault::new(
            section.at,
            "the step claims something but has no \"note\"",
            "expected the note that says it",
        ));
    }
    Ok(Step { at, after, action, note, claims })
}

fn read_claims(section: &Section<'_>, size: ClusterSize) -> Result<Claims, Fault> {
    let reason = section.get("claims_nothing");
    let Some(field) = section.get("claims") else {
        let expected = "expected why the note says nothing of the run";
        let reason = reason.map(|field| field.string(expected).map(ToString::to_string));
        return Ok(reason.transpose()?.map_or(Claims::Unsaid, Claims::Nothing));
    };
    if let Some(reason) = reason {
        let problem = "the step has both \"claims\" and \"claims_nothing\"";
        return Err(reason.fault(problem, "expected one of them"));
    }
    let expected = "expected a list of claims such as [\"leads 3\", \"enters 1\"]";
    let read = |item: &Field<'_>| {
        let wrong = |(problem, remedy): (String, String)| item.fault(problem, remedy);
        read_claim(item.string(expected)?, size).map_err(wrong)
    };
    let claims = field.list(expected)?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    if claims.is_empty() {
        Err(field.fault("\"claims\" is empty", expected))
    } else {
        Ok(Claims::Facts(claims))
    }
}

/// What the actions are checked against.
struct Reader {
    setting: Setting,
    size: ClusterSize,
}

impl Reader {
    fn action(&self, verb: &Field<'_>) -> Result<Action, Fault> {
        let node = || verb.node(self.size);
        let command = |node, command| Action::Command { node, command };
        Ok(match verb.name.as_str() {
            "crash" => Action::Crash(node()?),
            "restart" => self.restart(verb)?,
            "pause" => Action::Pause(node()?),
            "resume" => Action::Resume(node()?),
            "crash_at" => self.crash_at(verb)?,
            "elect" => {
                self.needs(verb, Algorithm::Leader)?;
                command(node()?, Command::Elect)
            }
            "request" => {
                self.needs(verb, Algorithm::Mutex)?;
                let (node, hold) = self.request(verb)?;
                command(node, Command::Request { hold })
            }
            "withdraw" => {
                self.needs(verb, Algorithm::Mutex)?;
                let (node, request) = self.withdrawal(verb)?;
                command(node, Command::Withdraw { request })
            }
            "release" => {
                self.needs(verb, Algorithm::Mutex)?;
                command(node()?, Command::Release)
            }
            "write" => {
                self.needs(verb, Algorithm::Mutex)?;
                command(node()?, Command::Write)
            }
            "leave" => command(node()?, Command::Leave),
            "event" => command(node()?, Command::LocalEvent),
            "send" => self.send(verb)?,
            "call" => {
                let section = verb.section(&["from", "to"], "expected { from, to }")?;
                let (from, to) = self.link(verb, &section)?;
                command(from, Command::Call { to })
            }
            "partition" => Action::Partition(self.groups(verb)?),
            "cut" => {
                let section = verb.section(&["from", "to"], "expected { from, to }")?;
                let (from, to) = self.link(verb, &section)?;
                Action::Cut { from, to }
            }
            "heal" => {
                verb.yes()?;
                Action::Heal
            }
            "forge" => Action::Forge(Box::new(read_forgery::read(verb, self.size)?)),
            "drop" => self.tamper(verb, Tampering::Drop)?,
            "duplicate" => self.tamper(verb, Tampering::Duplicate)?,
            "deliver" => self.tamper(verb, Tampering::Deliver)?,
            "delay" => self.tamper(verb, Tampering::Delay { by: Duration::ZERO })?,
            other => unreachable!("{other} is no verb"),
        })
    }

    /// Returns an error if the protocol of the action does not run.
    fn needs(&self, verb: &Field<'_>, needed: Algorithm) -> Result<(), Fault> {
        let runs = match needed {
            Algorithm::Clock => true,
            Algorithm::Leader => self.setting.has_election(),
            Algorithm::Mutex => self.setting.has_lock(),
        };
        if runs {
            return Ok(());
        }
        let what = &verb.name;
        let (problem, expected) = match needed {
            Algorithm::Mutex => (
                format!("\"{what}\" needs the lock, which this algorithm does not run"),
                "expected algorithm = \"mutex\"",
            ),
            _ if self.setting.is_distributed() => (
                format!("\"{what}\" needs elections, which the distributed lock does without"),
                "expected lock = \"centralized\"",
            ),
            _ => (
                format!("\"{what}\" needs elections, which a run of \"clock\" does not hold"),
                "expected algorithm = \"leader\" or \"mutex\"",
            ),
        };
        Err(verb.fault(problem, expected))
    }

    fn restart(&self, verb: &Field<'_>) -> Result<Action, Fault> {
        if !verb.is_table() {
            return Ok(Action::Restart(verb.node(self.size)?));
        }
        let expected = "expected { node, storage = \"kept\" | \"lost\" }";
        let section = verb.section(&["node", "storage"], expected)?;
        let node = section.require("node", expected)?.node(self.size)?;
        let mut storage = Storage::Kept;
        section.set("storage", &mut storage, |field| field.word(STORAGES))?;
        Ok(match storage {
            Storage::Kept => Action::Restart(node),
            Storage::Lost => Action::RestartWithoutStorage(node),
        })
    }

    fn crash_at(&self, verb: &Field<'_>) -> Result<Action, Fault> {
        let expected = "expected { node, at = \"send\" | \"receive\" | \"after-save\" }";
        let section = verb.section(&["node", "at"], expected)?;
        let node = section.require("node", expected)?.node(self.size)?;
        let moment = section.require("at", expected)?.word(MOMENTS)?;
        Ok(Action::CrashAt { node, moment })
    }

    fn request(&self, verb: &Field<'_>) -> Result<(NodeId, Hold), Fault> {
        if !verb.is_table() {
            return Ok((verb.node(self.size)?, Hold::UntilReleased));
        }
        let section = verb.section(&["node", "hold"], "")?;
        let node = section.require("node", "expected { node, hold }")?.node(self.size)?;
        let mut hold = Hold::UntilReleased;
        section.set("hold", &mut hold, |field| match field.string("") {
            Ok("random") => Ok(Hold::Drawn),
            _ => field.duration(Duration::ZERO).map(Hold::For),
        })?;
        Ok((node, hold))
    }

    /// The node and the number of its request. `None` means the latest request that waits.
    fn withdrawal(&self, verb: &Field<'_>) -> Result<(NodeId, Option<u32>), Fault> {
        if !verb.is_table() {
            return Ok((verb.node(self.size)?, None));
        }
        let expected = "expected { node, request }";
        let section = verb.section(&["node", "request"], expected)?;
        let node = section.require("node", expected)?.node(self.size)?;
        let mut request = None;
        section.set("request", &mut request, |field| {
            let number = field.whole(1, u64::from(u32::MAX))?;
            Ok(Some(u32::try_from(number).expect("it is within range")))
        })?;
        Ok((node, request))
    }

    fn send(&self, verb: &Field<'_>) -> Result<Action, Fault> {
        let section = verb.section(&["from", "to", "latency"], "expected { from, to, latency }")?;
        let (from, to) = self.link(verb, &section)?;
        let mut latency = None;
        section.set("latency", &mut latency, |field| field.duration(Duration::ZERO).map(Some))?;
        Ok(Action::Send { from, to, latency })
    }

    /// `from` and `to`, which must be different.
    fn link(&self, verb: &Field<'_>, section: &Section<'_>) -> Result<(NodeId, NodeId), Fault> {
        let expected = "expected { from, to }";
        let from = section.require("from", expected)?.node(self.size)?;
        let to = section.require("to", expected)?.node(self.size)?;
        self.distinct(verb, Some(from), Some(to))?;
        Ok((from, to))
    }

    fn distinct(
        &self,
        verb: &Field<'_>,
        from: Option<NodeId>,
        to: Option<NodeId>,
    ) -> Result<(), Fault> {
        match from {
            Some(node) if Some(node) == to => {
                let problem = format!("\"{}\" goes from node {node} to itself", verb.name);
                Err(verb.fault(problem, "expected two nodes"))
            }
            _ => Ok(()),
        }
    }

    fn groups(&self, verb: &Field<'_>) -> Result<Vec<Vec<NodeId>>, Fault> {
        let expected = "expected groups of nodes, such as [[1, 2], [3, 4]]";
        let mut seen = Vec::new();
        let mut groups = Vec::new();
        for group in verb.list(expected)? {
            let members = group.list(expected)?;
            if members.is_empty() {
                return Err(group.fault("a group of the partition is empty", expected));
            }
            let mut nodes = Vec::new();
            for member in members {
                let node = member.node(self.size)?;
                if seen.contains(&node) {
                    let problem = format!("node {node} is in the partition twice");
                    return Err(member.fault(problem, "expected each node in one group"));
                }
                seen.push(node);
                nodes.push(node);
            }
            groups.push(nodes);
        }
        if groups.is_empty() {
            return Err(verb.fault("the partition has no group", expected));
        }
        Ok(groups)
    }

    fn tamper(&self, verb: &Field<'_>, tampering: Tampering) -> Result<Action, Fault> {
        let delays = matches!(tampering, Tampering::Delay { .. });
        let expected = "expected { message = \"1:7\" } or { kind, from, to, nth, copy }";
        let mut keys = Vec::from(["message", "kind", "from", "to", "nth", "copy"]);
        keys.extend(delays.then_some("by"));
        let section = verb.section(&keys, expected)?;
        let tampering = match tampering {
            Tampering::Delay { .. } => {
                let by = section.require("by", "expected by how much, such as by = \"1s\"")?;
                Tampering::Delay { by: by.duration(Duration::ZERO)? }
            }
            Tampering::Drop | Tampering::Duplicate | Tampering::Deliver => tampering,
        };
        let which = match section.get("message") {
            Some(message) => {
                let also = keys[1..6].iter().find_map(|key| section.get(key));
                if let Some(also) = also {
                    let problem =
                        format!("\"{}\" has both \"message\" and \"{}\"", verb.name, also.name);
                    return Err(also.fault(problem, expected));
                }
                Which::Id(self.message_id(&message)?)
            }
            None => self.nth(verb, &section, expected)?,
        };
        Ok(Action::Tamper { which, tampering })
    }

    fn message_id(&self, field: &Field<'_>) -> Result<MessageId, Fault> {
        let expected = "expected its sender and number, such as \"1:7\"";
        let text = field.string(expected)?;
        let wrong = || field.fault("this names no message", expected);
        let id: MessageId = text.parse().map_err(|_| wrong())?;
        // An id has only one valid form, so that a displayed id can be searched for.
        if id.to_string() != text || id.number == 0 {
            return Err(wrong());
        }
        if !self.size.contains(id.from) {
            let remedy = format!("expected a sender from 1 to {}", self.size.get());
            return Err(field.fault(format!("there is no node {}", id.from), remedy));
        }
        Ok(id)
    }

    fn nth(&self, verb: &Field<'_>, section: &Section<'_>, expected: &str) -> Result<Which, Fault> {
        let kind_field = section.require("kind", expected)?;
        let kind = kind_field.string("expected the type of a message, such as \"GRANT\"")?;
        if !TYPES.contains(&kind) {
            return Err(kind_field.fault(
                format!("no message is of the type \"{}\"", kind.escape_debug()),
                advice(kind, &TYPES),
            ));
        }
        let (mut from, mut to, mut nth, mut copy) = (None, None, 1, 0);
        section.set("from", &mut from, |field| field.node(self.size).map(Some))?;
        section.set("to", &mut to, |field| field.node(self.size).map(Some))?;
        section.set("nth", &mut nth, |field| field.whole(1, u64::from(u32::MAX)))?;
        section.set("copy", &mut copy, |field| field.whole(1, u64::from(u8::MAX)))?;
        self.distinct(verb, from, to)?;
        if let (true, Some(to)) = (kind == "WRITE", section.get("to")) {
            return Err(
                to.fault("a WRITE goes to the resource, not to a node", "expected no \"to\"")
            );
        }
        let nth = u32::try_from(nth).expect("it is within range");
        let copy = u8::try_from(copy).expect("it is within range");
        Ok(Which::Nth { kind: kind.to_string(), from, to, nth, copy })
    }
}
