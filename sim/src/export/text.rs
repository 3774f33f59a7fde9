//! Writes a trace as plain text: one aligned line per event.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use antes_core::hardened::{self, Body, TermCause, Termed};
use antes_core::{
    ApplicationTimer, BullyCause, CallMessage, ClusterSize, ElectionCause, ElectionMessage,
    Message, MutexMessage, Phase, RequestId, Timer,
};

use super::header::{Header, Source};
use super::{life_of, recipient};
use crate::scenario::Scenario;
use crate::scenario::duration::display;
use crate::trace::{Content, Happening, Loss, MessageRecord, Storage, TraceEvent};

/// The lines above the events of a run of `scenario`: the title, the settings and the column names.
pub fn header(scenario: &Scenario) -> String {
    let Scenario { seed, duration, .. } = scenario;
    above(&Header::of(scenario), &format!("seed {seed}, {}", display(*duration)))
}

/// The lines above the events of a trace that was read from a file.
pub fn trace_header(header: &Header) -> String {
    let lasted_us = header.duration_us.unwrap_or(0);
    let run = match header.source {
        Source::Cluster => format!("a real cluster, {}s", seconds(lasted_us).trim_end()),
        Source::Sim => {
            let seed = header.seed.map(|seed| format!("seed {seed}, ")).unwrap_or_default();
            format!("{seed}{}", display(Duration::from_micros(lasted_us)))
        }
    };
    above(header, &run)
}

fn above(header: &Header, run: &str) -> String {
    let title = match header.title.as_str() {
        "" => String::new(),
        title => format!("{title}\n"),
    };
    format!(
        "{title}{} nodes, algorithm {}, profile {}, {run}\n\n{:>13}  {:<5} {:>4}  {}\n",
        header.nodes, header.algorithm, header.profile, "time (s)", "node", "L", "vector",
    )
}

/// One event of a cluster of this size.
pub fn line(event: &TraceEvent, size: ClusterSize) -> String {
    let node = life_of(event).unwrap_or_else(|| "-".to_string());
    let counts = size.nodes().map(|node| event.stamp.of(node));
    let counts: Vec<String> = counts.map(|count| format!("{count:>2}")).collect();
    format!(
        "{:>13}  {node:<5} {:>4}  [{}]  {}",
        seconds(event.at_us),
        event.stamp.lamport().0,
        counts.join(" "),
        sentence(&event.happening),
    )
}

/// Seconds with milliseconds, and with microseconds unless they are 0.
pub(crate) fn seconds(at_us: u64) -> String {
    let (seconds, micros) = (at_us / 1_000_000, at_us % 1_000_000);
    match micros % 1_000 {
        0 => format!("{seconds}.{:03}   ", micros / 1_000),
        _ => format!("{seconds}.{micros:06}"),
    }
}

/// A short sentence that says what happened at the node. It is long because it has an arm for each kind of event.
pub fn sentence(happening: &Happening) -> String {
    match happening {
        Happening::Local => "has a local event".into(),
        Happening::Send(message) if message.id.forged => format!(
            "somebody forges {} from N{} to {}",
            name(message),
            message.id.from,
            recipient(message.to)
        ),
        Happening::Send(message) => {
            format!("sends {} to {}", name(message), recipient(message.to))
        }
        Happening::Receive { message, sent, before } => format!(
            "receives {} from N{}{}: max({before}, {sent}) + 1",
            name(message),
            message.id.from,
            if message.id.forged { ", forged" } else { "" }
        ),
        Happening::Lost { message, loss } => {
            let why = match loss {
                Loss::Chance => "by chance".into(),
                Loss::Dropped => "dropped".into(),
                Loss::Cut => "the link is cut".into(),
                Loss::Down => format!("{} is down", recipient(message.to)),
                Loss::Full => "too many wait already".into(),
                Loss::Doubled => "a copy of it was received before".into(),
            };
            format!("loses {} to {}: {why}", name(message), recipient(message.to))
        }
        Happening::Duplicate { message } => {
            format!("has {} to {} copied by the network", name(message), recipient(message.to))
        }
        Happening::Timeout { timer } => timeout(*timer),
        Happening::Crash => "CRASHES".into(),
        Happening::Stop => "STOPS".into(),
        Happening::Restart { storage: Storage::Kept } => "RESTARTS".into(),
        Happening::Restart { storage: Storage::Lost } => "RESTARTS with its storage lost".into(),
        Happening::Pause => "PAUSES".into(),
        Happening::Resume => "RESUMES".into(),
        Happening::Save(stable) => match stable.vote {
            Some(vote) => format!("saves term {} and its vote for N{vote}", stable.term.0),
            None => format!("saves term {}", stable.term.0),
        },
        Happening::Election { election, cause } => {
            format!("starts election {election}: {}", cause_sentence(cause))
        }
        Happening::Leader { leader, term } => {
            let term = term.map(|term| format!(" (term {})", term.0)).unwrap_or_default();
            match leader {
                Some(leader) => format!("has N{leader} as leader{term}"),
                None => format!("has no leader{term}"),
            }
        }
        Happening::Request { request } => format!("wants the lock (request {request})"),
        Happening::Withdraw { request } => format!("gives up request {request}"),
        Happening::Enter { request, token: None } => format!("ENTERS with request {request}"),
        Happening::Enter { request, token: Some(token) } => {
            format!("ENTERS with request {request}, token {}.{}", token.term.0, token.sequence)
        }
        Happening::Refused => {
            let most = antes_core::MAX_OUTSTANDING;
            format!("wants the lock and is refused: {most} requests of its own wait already")
        }
        Happening::Exit { request, lease_over: true } => {
            format!("EXITS because the lease ended before the work of request {request}")
        }
        Happening::Exit { request, .. } => format!("EXITS and is done with request {request}"),
        Happening::Write { id, write, accepted, overlaps, .. } => {
            let verdict = if *accepted { "taken" } else { "refused" };
            let by = phase(write.phase, write.request);
            format!("has its WRITE {id} ({by}) {verdict} by the resource{}", open(overlaps))
        }
        Happening::Cut { to } => format!("can no longer reach N{to}"),
        Happening::Heal { to } => format!("can reach N{to} again"),
        Happening::Ignored { sentence, .. } => sentence.clone(),
        Happening::Violation(violation) => {
            format!("VIOLATION of {}: {}", violation.invariant.name(), violation.sentence)
        }
    }
}

/// The message type with its id and its subject.
fn name(message: &MessageRecord) -> String {
    let about = match message.content {
        Content::Message(Message::Call(message)) => match message {
            CallMessage::Plain | CallMessage::Call { .. } => None,
            CallMessage::Reply { number, .. } => Some(format!("the number {number}")),
        },
        Content::Message(Message::Election(message)) => match message {
            ElectionMessage::Election { election } | ElectionMessage::Ok { election } => {
                Some(format!("election {election}"))
            }
            ElectionMessage::AreYouAlive { .. } => Some("are you alive?".into()),
            ElectionMessage::Alive { .. } => Some("alive".into()),
            ElectionMessage::Coordinator | ElectionMessage::Heartbeat => None,
        },
        Content::Message(Message::Mutex(message)) => match message {
            MutexMessage::Request { request }
            | MutexMessage::Withdraw { request }
            | MutexMessage::Grant { request, .. } => Some(format!("request {request}")),
            MutexMessage::Release => None,
        },
        Content::Message(Message::Hardened(termed)) => Some(about_term(&termed)),
        Content::Message(Message::Distributed(message)) => Some(match message.stamp() {
            Some(stamp) => format!("request {} at {stamp}", message.request()),
            None => format!("request {}", message.request()),
        }),
        Content::Write(write) => Some(phase(write.phase, write.request)),
    };
    let id = message.id;
    match about {
        Some(about) => format!("{} {id} ({about})", message.content.name()),
        None => format!("{} {id}", message.content.name()),
    }
}

/// The subject of a message of the hardened profile.
fn about_term(termed: &Termed) -> String {
    let about = match termed.body {
        Body::Election(message) => match message {
            hardened::ElectionMessage::Election { election }
            | hardened::ElectionMessage::Ok { election } => format!("election {election}, "),
            hardened::ElectionMessage::ProbeAck { yes: true, .. } => "yes, ".into(),
            hardened::ElectionMessage::ProbeAck { yes: false, leader: Some(leader) } => {
                format!("no, follow N{leader}, ")
            }
            hardened::ElectionMessage::ProbeAck { yes: false, leader: None } => "no, ".into(),
            hardened::ElectionMessage::Notice { leader: Some(leader) } => {
                format!("N{leader} leads, ")
            }
            hardened::ElectionMessage::Notice { leader: None }
            | hardened::ElectionMessage::Probe { .. }
            | hardened::ElectionMessage::Propose
            | hardened::ElectionMessage::Accept
            | hardened::ElectionMessage::Coordinator
            | hardened::ElectionMessage::Heartbeat { .. }
            | hardened::ElectionMessage::HeartbeatAck { .. }
            | hardened::ElectionMessage::Resign => String::new(),
        },
        Body::Mutex(message) => match message {
            hardened::MutexMessage::Report { holds: Some((request, token)), .. } => {
                format!("holds {request} with token {}.{}, ", token.term.0, token.sequence)
            }
            hardened::MutexMessage::Report { holds: None, .. } => "holds nothing, ".into(),
            hardened::MutexMessage::Request { request, .. }
            | hardened::MutexMessage::Withdraw { request }
            | hardened::MutexMessage::ReleaseAck { request } => format!("request {request}, "),
            hardened::MutexMessage::Grant { request, token, .. }
            | hardened::MutexMessage::Release { request, token } => {
                format!("request {request}, token {}.{}, ", token.term.0, token.sequence)
            }
        },
        Body::Birth(message) => match message {
            hardened::BirthMessage::Birth { .. } => "its memory is new, ".into(),
            hardened::BirthMessage::BirthAck { yes: true, .. } => "written down, ".into(),
            hardened::BirthMessage::BirthAck { yes: false, .. } => "no, another was met, ".into(),
        },
    };
    format!("{about}term {}", termed.term.0)
}

fn phase(phase: Phase, request: RequestId) -> String {
    match phase {
        Phase::Entry => format!("entry of {request}"),
        Phase::Inside => format!("inside {request}"),
        Phase::Exit => format!("exit of {request}"),
    }
}

fn open(overlaps: &[RequestId]) -> String {
    if overlaps.is_empty() {
        return String::new();
    }
    let list: Vec<_> = overlaps.iter().map(ToString::to_string).collect();
    format!(", where {} is open", list.join(", "))
}

fn timeout(timer: Timer) -> String {
    match timer {
        Timer::Application(ApplicationTimer::Hold(request)) => {
            format!("has its timer \"hold\" of {request} run out")
        }
        other => format!("has its timer \"{}\" run out", other.name()),
    }
}

fn cause_sentence(cause: &ElectionCause) -> String {
    match cause {
        ElectionCause::Bully(BullyCause::Start) => "it has just started".into(),
        ElectionCause::Bully(BullyCause::Command) => "it was told to".into(),
        ElectionCause::Bully(BullyCause::Suspicion { leader }) => {
            format!("N{leader} has been silent for too long")
        }
        ElectionCause::Bully(BullyCause::Asked { by }) => format!("N{by} holds one"),
        ElectionCause::Bully(BullyCause::NoWinner) => "somebody said OK but nobody won".into(),
        ElectionCause::Bully(BullyCause::LowerAnnounced { by }) => {
            format!("the lower N{by} says that it leads")
        }
        ElectionCause::Term(TermCause::LostMajority) => {
            "a majority has not heard it for too long".into()
        }
        ElectionCause::Term(TermCause::NoMajority) => "no majority has agreed so far".into(),
        ElectionCause::Term(TermCause::Outranks { leader }) => {
            format!("it outranks its leader N{leader}")
        }
        ElectionCause::Term(TermCause::Resigned { leader }) => format!("N{leader} has resigned"),
    }
}
