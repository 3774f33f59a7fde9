//! Reads a trace from JSON Lines.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use antes_core::hardened::{LockTimer, TermCause, TermTimer};
use antes_core::{
    ApplicationTimer, BullyCause, CallId, CallMessage, CallTimer, DistributedMessage,
    ElectionCause, ElectionId, ElectionMessage, ElectionTimer, Incarnation, LamportTime, Message,
    MutexMessage, Phase, PollTimer, RequestId, Stable, Stamp, Term, Timer, VectorClock, Write,
};
use serde::Deserialize;

use super::header::{Header, of_json};
use super::jsonl::{LEASE_OVER, loss_name, phase_name};
use super::read_hardened;
use super::read_names::{field, named, node, parsed, token};
use crate::encoding::without_mark;
use crate::trace::{
    Content, Happening, IgnoredBecause, Invariant, LineStamp, Loss, MessageId, MessageRecord,
    Recipient, Storage, TraceEvent, Violation,
};

/// The most events of a trace.
pub const MAX_LINES: usize = 1_000_000;

/// The names of the kinds of events.
const KINDS: &str = "local, send, receive, lost, duplicate, timeout, crash, restart, pause, resume, \
                     save, election, leader, request, withdraw, refused, enter, exit, write, cut, heal, ignored, violation";

/// The reason why a text is no trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonlError {
    pub line: u32,
    pub problem: String,
}

impl fmt::Display for JsonlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.problem)
    }
}

impl core::error::Error for JsonlError {}

/// Reads the header and the events of a trace. Unknown fields are ignored: later versions may add
/// some.
///
/// # Errors
///
/// If a line is not valid: the first such line.
pub fn read_jsonl(text: &str) -> Result<(Header, Vec<TraceEvent>), JsonlError> {
    let text = without_mark(text);
    let at = |place: usize, problem: String| JsonlError {
        line: u32::try_from(place + 1).unwrap_or(u32::MAX),
        problem,
    };
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let Some((place, first)) = lines.next() else {
        return Err(at(0, "the file is empty; expected a trace".into()));
    };
    let header = Header::read(first).map_err(|problem| at(place, problem))?;
    let mut events = Vec::new();
    for (place, line) in lines {
        if events.len() == MAX_LINES {
            return Err(at(place, format!("there are more than {MAX_LINES} events")));
        }
        events.push(read_line(line, header.nodes).map_err(|problem| at(place, problem))?);
    }
    Ok((header, events))
}

#[derive(Deserialize)]
struct RawEvent {
    seq: u64,
    at_us: u64,
    node: Option<u8>,
    inc: u32,
    kind: String,
    lamport: u64,
    vector: Vec<u64>,
    message: Option<RawMessage>,
    sent: Option<u64>,
    before: Option<u64>,
    reason: Option<String>,
    timer: Option<String>,
    term: Option<u64>,
    vote: Option<u8>,
    election: Option<String>,
    cause: Option<String>,
    leader: Option<u8>,
    by: Option<u8>,
    request: Option<String>,
    token: Option<(u64, u64)>,
    accepted: Option<bool>,
    overlaps: Option<Vec<String>>,
    heard: Option<bool>,
    to: Option<u8>,
    repetition: Option<u32>,
    beat: Option<u32>,
    sentence: Option<String>,
    because: Option<String>,
    invariant: Option<String>,
    nodes: Option<Vec<u8>>,
    storage: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct RawMessage {
    pub(super) id: String,
    pub(super) from: Option<u8>,
    pub(super) to: u8,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) call: Option<String>,
    pub(super) number: Option<u32>,
    pub(super) election: Option<String>,
    pub(super) question: Option<u32>,
    pub(super) request: Option<String>,
    pub(super) token: Option<(u64, u64)>,
    pub(super) phase: Option<String>,
    pub(super) term: Option<u64>,
    pub(super) seasoned: Option<bool>,
    pub(super) yes: Option<bool>,
    pub(super) leader: Option<u8>,
    pub(super) beat: Option<u32>,
    pub(super) inc: Option<u32>,
    pub(super) repetition: Option<u32>,
    pub(super) oldest: Option<u32>,
    pub(super) lease_us: Option<u64>,
    pub(super) birth: Option<u64>,
    pub(super) stamp: Option<u64>,
}

/// Reads one event of a cluster with `nodes` nodes.
///
/// # Errors
///
/// If the line is no valid event: what is wrong.
pub fn read_line(line: &str, nodes: u8) -> Result<TraceEvent, String> {
    let raw: RawEvent = serde_json::from_str(line).map_err(|error| of_json(&error))?;
    if raw.vector.len() != usize::from(nodes) {
        return Err(format!("the vector has {} counts; expected {nodes}", raw.vector.len()));
    }
    let incarnation = Incarnation::new(raw.inc).ok_or("\"inc\" is 0; expected 1 or more")?;
    let vector = VectorClock::from_counts(&raw.vector);
    Ok(TraceEvent {
        seq: raw.seq,
        at_us: raw.at_us,
        node: raw.node.map(node).transpose()?,
        incarnation,
        stamp: LineStamp::from(&Stamp { lamport: LamportTime(raw.lamport), vector }),
        happening: happening(raw)?,
    })
}

fn happening(raw: RawEvent) -> Result<Happening, String> {
    Ok(match raw.kind.as_str() {
        "local" => Happening::Local,
        "send" => Happening::Send(message(raw.message)?),
        "receive" => Happening::Receive {
            message: message(raw.message)?,
            sent: LamportTime(field("sent", raw.sent)?),
            before: LamportTime(field("before", raw.before)?),
        },
        "lost" => {
            let losses =
                [Loss::Chance, Loss::Dropped, Loss::Cut, Loss::Down, Loss::Doubled, Loss::Full];
            let loss = named("reason", raw.reason, losses, loss_name)?;
            Happening::Lost { message: message(raw.message)?, loss }
        }
        "duplicate" => Happening::Duplicate { message: message(raw.message)? },
        "timeout" => Happening::Timeout { timer: timer(&raw)? },
        "crash" => Happening::Crash,
        "stop" => Happening::Stop,
        "restart" => Happening::Restart { storage: storage(raw.storage.as_deref())? },
        "pause" => Happening::Pause,
        "resume" => Happening::Resume,
        "save" => Happening::Save(Stable {
            term: Term(field("term", raw.term)?),
            vote: raw.vote.map(node).transpose()?,
        }),
        "election" => Happening::Election {
            election: parsed("election", raw.election)?,
            cause: cause(field("cause", raw.cause)?, raw.leader, raw.by)?,
        },
        "leader" => Happening::Leader {
            leader: raw.leader.map(node).transpose()?,
            term: raw.term.map(Term),
        },
        "withdraw" => Happening::Withdraw { request: parsed("request", raw.request)? },
        "request" => Happening::Request { request: parsed("request", raw.request)? },
        "enter" => Happening::Enter {
            request: parsed("request", raw.request)?,
            token: raw.token.map(token),
        },
        "refused" => Happening::Refused,
        "exit" => Happening::Exit {
            request: parsed("request", raw.request)?,
            lease_over: raw.cause.as_deref() == Some(LEASE_OVER),
        },
        "write" => write(raw)?,
        "cut" => Happening::Cut { to: node(field("to", raw.to)?)? },
        "heal" => Happening::Heal { to: node(field("to", raw.to)?)? },
        "ignored" => ignored(raw)?,
        "violation" => Happening::Violation(Violation {
            invariant: named("invariant", raw.invariant, Invariant::ALL, Invariant::name)?,
            nodes: field("nodes", raw.nodes)?.into_iter().map(node).collect::<Result<_, _>>()?,
            sentence: field("sentence", raw.sentence)?,
        }),
        other => {
            let kind = other.escape_debug();
            return Err(format!("\"{kind}\" is no kind of event; expected one of {KINDS}"));
        }
    })
}

fn ignored(raw: RawEvent) -> Result<Happening, String> {
    // Traces of earlier versions lack the reason.
    let because = raw.because.or_else(|| Some(IgnoredBecause::NothingToDo.name().into()));
    let because = named("because", because, IgnoredBecause::ALL, IgnoredBecause::name)?;
    Ok(Happening::Ignored { sentence: field("sentence", raw.sentence)?, because })
}

fn write(raw: RawEvent) -> Result<Happening, String> {
    let MessageRecord { id, content, .. } = message(raw.message)?;
    let Content::Write(write) = content else {
        return Err("a line of the kind \"write\" is about a WRITE".into());
    };
    let overlaps = field("overlaps", raw.overlaps)?;
    let overlaps = overlaps.into_iter().map(|text| parsed("overlaps", Some(text)));
    Ok(Happening::Write {
        id,
        write,
        accepted: field("accepted", raw.accepted)?,
        overlaps: overlaps.collect::<Result<_, _>>()?,
        heard: raw.heard.unwrap_or(false),
    })
}

fn storage(word: Option<&str>) -> Result<Storage, String> {
    match word {
        None => Ok(Storage::Kept),
        Some("lost") => Ok(Storage::Lost),
        Some(other) => {
            Err(format!("\"storage\" is \"{}\"; expected \"lost\"", other.escape_debug()))
        }
    }
}

fn cause(name: String, leader: Option<u8>, by: Option<u8>) -> Result<ElectionCause, String> {
    Ok(match name.as_str() {
        "start" => BullyCause::Start.into(),
        "command" => BullyCause::Command.into(),
        "suspicion" => BullyCause::Suspicion { leader: node(field("leader", leader)?)? }.into(),
        "asked" => BullyCause::Asked { by: node(field("by", by)?)? }.into(),
        "no-winner" => BullyCause::NoWinner.into(),
        "lost-majority" => TermCause::LostMajority.into(),
        "no-majority" => TermCause::NoMajority.into(),
        "outranks" => TermCause::Outranks { leader: node(field("leader", leader)?)? }.into(),
        "resigned" => TermCause::Resigned { leader: node(field("leader", leader)?)? }.into(),
        "lower-announced" => BullyCause::LowerAnnounced { by: node(field("by", by)?)? }.into(),
        other => return Err(format!("\"{}\" is no cause", other.escape_debug())),
    })
}

fn timer(raw: &RawEvent) -> Result<Timer, String> {
    let plain = [
        Timer::Call(CallTimer::Wait),
        Timer::Call(CallTimer::Reply),
        Timer::Election(ElectionTimer::Heartbeat),
        Timer::Election(ElectionTimer::Suspicion),
        Timer::Poll(PollTimer::Wait),
        Timer::Poll(PollTimer::Answer),
        Timer::Election(ElectionTimer::Answers),
        Timer::Election(ElectionTimer::Coordinator),
        Timer::Term(TermTimer::ProbeAnswers),
        Timer::Term(TermTimer::Accepts),
        Timer::Term(TermTimer::Retry),
        Timer::Term(TermTimer::Challenge),
        Timer::Term(TermTimer::Probation),
        Timer::Birth,
        Timer::Application(ApplicationTimer::RequestWait),
        Timer::Lock(LockTimer::Retry),
        Timer::Lock(LockTimer::Lease),
        Timer::Lock(LockTimer::Grace),
    ];
    let request = || parsed::<RequestId>("request", raw.request.clone());
    Ok(match raw.timer.as_deref() {
        Some("hold") => Timer::Application(ApplicationTimer::Hold(request()?)),
        Some("claim") => {
            let repetition = field("repetition", raw.repetition)?;
            Timer::Lock(LockTimer::Claim(request()?, repetition))
        }
        Some("leader-lease") => Timer::Term(TermTimer::Lease(field("beat", raw.beat)?)),
        _ => named("timer", raw.timer.clone(), plain, |timer| timer.name())?,
    })
}

fn message(raw: Option<RawMessage>) -> Result<MessageRecord, String> {
    let raw = field("message", raw)?;
    let id = sender(&raw, parsed("id", Some(raw.id.clone()))?)?;
    let to = match raw.to {
        0 => Recipient::Resource,
        number => Recipient::Node(node(number)?),
    };
    let election = |text| parsed::<ElectionId>("election", text);
    let request = |text| parsed::<RequestId>("request", text);
    let content = match raw.kind.as_str() {
        _ if raw.term.is_some() => read_hardened::content(&raw)?,
        "MESSAGE" => call_message(CallMessage::Plain),
        // The question of the detector `poll` and its answer have the same names as the remote
        // call's.
        "CALL" if raw.question.is_none() => {
            call_message(CallMessage::Call { call: parsed::<CallId>("call", raw.call)? })
        }
        "REPLY" if raw.question.is_none() => call_message(CallMessage::Reply {
            call: parsed::<CallId>("call", raw.call)?,
            number: field("number", raw.number)?,
        }),
        "CALL" => election_message(ElectionMessage::AreYouAlive {
            question: field("question", raw.question)?,
        }),
        "REPLY" => {
            election_message(ElectionMessage::Alive { question: field("question", raw.question)? })
        }
        "ELECTION" => {
            election_message(ElectionMessage::Election { election: election(raw.election)? })
        }
        // The distributed lock answers its REQUEST with OK, as a bully answers ELECTION.
        "OK" if raw.election.is_none() && raw.request.is_some() => {
            distributed_message(DistributedMessage::Ok { request: request(raw.request)? })
        }
        "REQUEST" if raw.stamp.is_some() => {
            let stamp = LamportTime(field("stamp", raw.stamp)?);
            distributed_message(DistributedMessage::Request {
                request: request(raw.request)?,
                stamp,
            })
        }
        "OK" => election_message(ElectionMessage::Ok { election: election(raw.election)? }),
        "COORDINATOR" => election_message(ElectionMessage::Coordinator),
        "HEARTBEAT" => election_message(ElectionMessage::Heartbeat),
        "REQUEST" => mutex_message(MutexMessage::Request { request: request(raw.request)? }),
        "GRANT" => mutex_message(MutexMessage::Grant {
            request: request(raw.request)?,
            token: raw.token.map(token),
        }),
        "RELEASE" => mutex_message(MutexMessage::Release),
        "WITHDRAW" => mutex_message(MutexMessage::Withdraw { request: request(raw.request)? }),
        "WRITE" => Content::Write(Write {
            request: request(raw.request)?,
            phase: named(
                "phase",
                raw.phase,
                [Phase::Entry, Phase::Inside, Phase::Exit],
                phase_name,
            )?,
            token: raw.token.map(token),
        }),
        other => return Err(format!("\"{}\" is no type of message", other.escape_debug())),
    };
    match (&content, to) {
        (Content::Write(_), Recipient::Resource) | (Content::Message(_), Recipient::Node(_)) => {
            Ok(MessageRecord { id, to, content })
        }
        (Content::Write(_), Recipient::Node(_)) => {
            Err("a WRITE goes to the resource: expected \"to\": 0".into())
        }
        (Content::Message(_), Recipient::Resource) => {
            Err("only a WRITE goes to the resource: expected a node in \"to\"".into())
        }
    }
}

/// The id with its sender. The sender of a forged message is in `from` only. Refuses an id whose
/// sender differs from `from`.
fn sender(raw: &RawMessage, id: MessageId) -> Result<MessageId, String> {
    match raw.from {
        from if id.forged => Ok(MessageId { from: node(field("from", from)?)?, ..id }),
        Some(from) if from != id.from.get() => Err(format!(
            "the message \"{id}\" is \"from\": {from}, but its id begins with its sender; expected \
             \"from\": {}, or an id such as \"{from}:{}\"",
            id.from, id.number
        )),
        _ => Ok(id),
    }
}

const fn call_message(message: CallMessage) -> Content {
    Content::Message(Message::Call(message))
}

const fn election_message(message: ElectionMessage) -> Content {
    Content::Message(Message::Election(message))
}

const fn distributed_message(message: DistributedMessage) -> Content {
    Content::Message(Message::Distributed(message))
}

const fn mutex_message(message: MutexMessage) -> Content {
    Content::Message(Message::Mutex(message))
}
