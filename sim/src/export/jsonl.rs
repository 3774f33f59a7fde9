//! Writes a trace as JSON Lines: a header, then one event per line.

use alloc::string::String;

use antes_core::hardened::{self, Body, LockTimer, TermCause, TermTimer, Termed};
use antes_core::{
    Algorithm, ApplicationTimer, BullyCause, CallMessage, ClusterSize, ElectionCause,
    ElectionMessage, Message, MutexMessage, Phase, Profile, Timer, Token, Write,
};

use super::header::Header;
use super::number_of;
use super::object::{Object, list, string};
use crate::scenario::Scenario;
use crate::trace::{Content, Happening, Loss, MessageRecord, Storage, TraceEvent};

/// The whole file of a run.
pub fn write(scenario: &Scenario, trace: &[TraceEvent]) -> String {
    let mut out = header(scenario);
    out.push('\n');
    for event in trace {
        out.push_str(&line(event, scenario.config.size));
        out.push('\n');
    }
    out
}

/// The first line of a run of `scenario`.
pub fn header(scenario: &Scenario) -> String {
    Header::of(scenario).to_json()
}

/// One event of a cluster of this size.
pub fn line(event: &TraceEvent, size: ClusterSize) -> String {
    let mut out = String::new();
    let mut object = Object::open(&mut out);
    object.literal("seq", event.seq);
    object.literal("at_us", event.at_us);
    object.optional("node", event.node);
    object.literal("inc", event.incarnation.get());
    object.string("kind", event.kind());
    object.literal("lamport", event.stamp.lamport());
    let counts = size.nodes().map(|node| event.stamp.of(node));
    object.numbers("vector", counts);
    details(&mut object, &event.happening);
    object.close();
    out
}

/// The name of the profile in files.
pub const fn profile_name(profile: Profile) -> &'static str {
    match profile {
        Profile::Classic => "classic",
        Profile::Hardened => "hardened",
    }
}

/// The name of the algorithm in files.
pub const fn algorithm_name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Clock => "clock",
        Algorithm::Leader => "leader",
        Algorithm::Mutex => "mutex",
    }
}

pub(super) const fn loss_name(loss: Loss) -> &'static str {
    match loss {
        Loss::Chance => "chance",
        Loss::Dropped => "dropped",
        Loss::Cut => "cut",
        Loss::Down => "down",
        Loss::Doubled => "doubled",
        Loss::Full => "full",
    }
}

/// The `cause` of an exit at the end of the lease.
pub(super) const LEASE_OVER: &str = "lease";

pub(super) const fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Entry => "entry",
        Phase::Inside => "inside",
        Phase::Exit => "exit",
    }
}

/// Writes the fields that only lines of this kind have. It is long because it has an arm for each kind.
fn details(object: &mut Object<'_>, happening: &Happening) {
    match happening {
        Happening::Local
        | Happening::Crash
        | Happening::Stop
        | Happening::Restart { storage: Storage::Kept }
        | Happening::Pause
        | Happening::Refused
        | Happening::Resume => {}
        Happening::Restart { storage: Storage::Lost } => object.string("storage", "lost"),
        Happening::Send(record) | Happening::Duplicate { message: record } => {
            message(object, record);
        }
        Happening::Receive { message: record, sent, before } => {
            message(object, record);
            object.literal("sent", sent);
            object.literal("before", before);
        }
        Happening::Lost { message: record, loss } => {
            message(object, record);
            object.string("reason", loss_name(*loss));
        }
        Happening::Timeout { timer } => {
            object.string("timer", timer.name());
            match timer {
                Timer::Application(ApplicationTimer::Hold(request)) => {
                    object.name("request", request)
                }
                Timer::Lock(LockTimer::Claim(request, repetition)) => {
                    object.name("request", request);
                    object.literal("repetition", repetition);
                }
                Timer::Term(TermTimer::Lease(beat)) => object.literal("beat", beat),
                _ => {}
            }
        }
        Happening::Save(stable) => {
            object.literal("term", stable.term.0);
            object.optional("vote", stable.vote);
        }
        Happening::Election { election, cause } => {
            object.name("election", election);
            object.string("cause", cause.name());
            match cause {
                ElectionCause::Bully(
                    BullyCause::Start | BullyCause::Command | BullyCause::NoWinner,
                )
                | ElectionCause::Term(TermCause::LostMajority | TermCause::NoMajority) => {}
                ElectionCause::Bully(BullyCause::Suspicion { leader })
                | ElectionCause::Term(
                    TermCause::Outranks { leader } | TermCause::Resigned { leader },
                ) => {
                    object.literal("leader", leader);
                }
                ElectionCause::Bully(
                    BullyCause::Asked { by } | BullyCause::LowerAnnounced { by },
                ) => {
                    object.literal("by", by);
                }
            }
        }
        Happening::Leader { leader, term } => {
            object.optional("leader", *leader);
            if let Some(term) = term {
                object.literal("term", term.0);
            }
        }
        Happening::Withdraw { request } => object.name("request", request),
        Happening::Request { request } => object.name("request", request),
        Happening::Exit { request, lease_over } => {
            object.name("request", request);
            if *lease_over {
                object.string("cause", LEASE_OVER);
            }
        }
        Happening::Enter { request, token } => {
            object.name("request", request);
            write_token(object, *token);
        }
        Happening::Write { id, write, accepted, overlaps, heard } => {
            message(object, &record_of(*id, *write));
            object.literal("accepted", accepted);
            list(object.key("overlaps"), overlaps, |out, request| {
                string(out, &alloc::format!("{request}"));
            });
            if *heard {
                object.literal("heard", true);
            }
        }
        Happening::Cut { to } | Happening::Heal { to } => object.literal("to", to),
        Happening::Ignored { sentence, because } => {
            object.string("sentence", sentence);
            object.string("because", because.name());
        }
        Happening::Violation(violation) => {
            object.string("invariant", violation.invariant.name());
            object.numbers("nodes", &violation.nodes);
            object.string("sentence", &violation.sentence);
        }
    }
}

/// The message that carried a write to the resource.
fn record_of(id: crate::trace::MessageId, write: Write) -> MessageRecord {
    MessageRecord { id, to: crate::trace::Recipient::Resource, content: Content::Write(write) }
}

fn message(object: &mut Object<'_>, record: &MessageRecord) {
    let mut object = Object::open(object.key("message"));
    object.name("id", record.id);
    object.literal("from", record.id.from);
    object.literal("to", number_of(record.to));
    object.string("type", record.content.name());
    match record.content {
        Content::Message(Message::Call(message)) => match message {
            CallMessage::Plain => {}
            CallMessage::Call { call } => object.name("call", call),
            CallMessage::Reply { call, number } => {
                object.name("call", call);
                object.literal("number", number);
            }
        },
        Content::Message(Message::Election(message)) => match message {
            ElectionMessage::Election { election } | ElectionMessage::Ok { election } => {
                object.name("election", election);
            }
            ElectionMessage::Coordinator | ElectionMessage::Heartbeat => {}
            ElectionMessage::AreYouAlive { question } | ElectionMessage::Alive { question } => {
                object.literal("question", question);
            }
        },
        Content::Message(Message::Mutex(message)) => match message {
            MutexMessage::Request { request } | MutexMessage::Withdraw { request } => {
                object.name("request", request);
            }
            MutexMessage::Grant { request, token } => {
                object.name("request", request);
                write_token(&mut object, token);
            }
            MutexMessage::Release => {}
        },
        Content::Message(Message::Hardened(termed)) => hardened(&mut object, &termed),
        Content::Message(Message::Distributed(message)) => {
            object.name("request", message.request());
            if let Some(stamp) = message.stamp() {
                object.literal("stamp", stamp);
            }
        }
        Content::Write(write) => {
            object.name("request", write.request);
            object.string("phase", phase_name(write.phase));
            write_token(&mut object, write.token);
        }
    }
    object.close();
}

/// Writes the fields that only messages of the hardened profile have.
fn hardened(object: &mut Object<'_>, termed: &Termed) {
    object.literal("term", termed.term.0);
    match termed.body {
        Body::Election(message) => match message {
            hardened::ElectionMessage::Probe { seasoned } => object.literal("seasoned", seasoned),
            hardened::ElectionMessage::ProbeAck { yes, leader } => {
                object.literal("yes", yes);
                object.optional("leader", leader);
            }
            hardened::ElectionMessage::Notice { leader } => object.optional("leader", leader),
            hardened::ElectionMessage::Election { election }
            | hardened::ElectionMessage::Ok { election } => object.name("election", election),
            hardened::ElectionMessage::Heartbeat { beat }
            | hardened::ElectionMessage::HeartbeatAck { beat } => object.literal("beat", beat),
            hardened::ElectionMessage::Propose
            | hardened::ElectionMessage::Accept
            | hardened::ElectionMessage::Coordinator
            | hardened::ElectionMessage::Resign => {}
        },
        Body::Mutex(message) => match message {
            hardened::MutexMessage::Report { me, holds, lease_us } => {
                object.literal("inc", me.incarnation.get());
                if let Some((request, token)) = holds {
                    object.name("request", request);
                    write_token(object, Some(token));
                }
                write_lease(object, lease_us);
            }
            hardened::MutexMessage::Request { request, repetition, oldest, lease_us } => {
                object.name("request", request);
                object.literal("repetition", repetition);
                object.literal("oldest", oldest);
                write_lease(object, lease_us);
            }
            hardened::MutexMessage::Grant { request, repetition, token } => {
                object.name("request", request);
                object.literal("repetition", repetition);
                write_token(object, Some(token));
            }
            hardened::MutexMessage::Release { request, token } => {
                object.name("request", request);
                write_token(object, Some(token));
            }
            hardened::MutexMessage::ReleaseAck { request }
            | hardened::MutexMessage::Withdraw { request } => object.name("request", request),
        },
        Body::Birth(message) => match message {
            hardened::BirthMessage::Birth { birth } => object.literal("birth", birth.0),
            hardened::BirthMessage::BirthAck { birth, yes } => {
                object.literal("birth", birth.0);
                object.literal("yes", yes);
            }
        },
    }
}

/// Writes the sender's configured lease, unless it is unknown, as in traces of earlier versions.
fn write_lease(object: &mut Object<'_>, lease_us: u64) {
    if lease_us > 0 {
        object.literal("lease_us", lease_us);
    }
}

/// Writes the fencing token, if there is one.
fn write_token(object: &mut Object<'_>, token: Option<Token>) {
    let Some(token) = token else { return };
    object.numbers("token", [token.term.0, token.sequence]);
}
