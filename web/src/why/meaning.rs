//! The meaning of an event for the algorithm, in a sentence with its numbers.

use core::time::Duration;

use antes_core::hardened::{self, Body, LockTimer, TermTimer};
use antes_core::{
    CallMessage, Candidacy, Config, DistributedMessage, ElectionMessage, ElectionTimer, Message,
    MutexMessage, NodeId, PollTimer, Timer,
};
use antes_sim::trace::{Content, Happening, Loss, MessageRecord, Storage, TraceEvent};
use antes_sim::world::World;

use crate::language::Language;
use crate::why::Around;
use crate::words as w;

/// The meaning of `event`. `None` if its own sentence says everything, or if a number of the
/// election is unknown. It is long because it has an arm for each kind of event.
pub fn of(
    config: Option<&Config>,
    event: &TraceEvent,
    around: Option<&Around>,
    language: Language,
) -> Option<String> {
    if let Happening::Send(message) | Happening::Receive { message, .. } = &event.happening
        && message.id.forged
    {
        return Some(w::MEANS_FORGED.say(language).to_owned());
    }
    let node = event.node?;
    let span = |span: Duration| language.span(u64::try_from(span.as_micros()).unwrap_or(0));
    Some(match &event.happening {
        Happening::Send(message) => return sent(config, message, language),
        Happening::Receive { message, .. } => {
            return received(config, node, message, around, language);
        }
        Happening::Lost { loss: Loss::Doubled, .. } => return None,
        Happening::Lost {
            loss: Loss::Down | Loss::Cut | Loss::Chance | Loss::Dropped | Loss::Full,
            ..
        } => w::MEANS_DOWN.say(language).to_owned(),
        Happening::Timeout { timer } => match timer {
            Timer::Election(ElectionTimer::Suspicion) | Timer::Poll(PollTimer::Answer) => {
                let silent = span(config?.election.suspect_after);
                w::MEANS_SUSPICION.fill(language, &[&node, &silent])
            }
            Timer::Election(ElectionTimer::Answers) => {
                w::MEANS_ANSWERS.fill(language, &[&span(config?.election.answer_timeout)])
            }
            Timer::Election(ElectionTimer::Coordinator) => {
                w::MEANS_NO_WINNER.fill(language, &[&span(config?.election.coordinator_timeout)])
            }
            Timer::Term(TermTimer::Lease(_)) => match config {
                Some(config) => {
                    let lease = span(config.election.suspect_after);
                    w::MEANS_LEADER_LEASE_SPAN.fill(language, &[&lease])
                }
                None => w::MEANS_LEADER_LEASE.say(language).to_owned(),
            },
            Timer::Term(TermTimer::ProbeAnswers | TermTimer::Accepts) => {
                w::MEANS_NO_MAJORITY.say(language).to_owned()
            }
            Timer::Lock(LockTimer::Lease) => {
                w::MEANS_LEASE_OVER.fill(language, &[&span(config?.hardened.lease)])
            }
            _ => return None,
        },
        Happening::Crash => w::MEANS_CRASH.say(language).to_owned(),
        Happening::Stop => w::MEANS_STOP.say(language).to_owned(),
        Happening::Restart { storage: Storage::Kept } => w::MEANS_RESTART.say(language).to_owned(),
        Happening::Restart { storage: Storage::Lost } => {
            w::MEANS_RESTART_WITHOUT_STORAGE.say(language).to_owned()
        }
        Happening::Pause => w::MEANS_PAUSE.say(language).to_owned(),
        Happening::Local
        | Happening::Duplicate { .. }
        | Happening::Resume
        | Happening::Save(_)
        | Happening::Election { .. }
        | Happening::Leader { .. }
        | Happening::Request { .. }
        | Happening::Refused
        | Happening::Enter { .. }
        | Happening::Withdraw { .. }
        | Happening::Exit { .. }
        | Happening::Write { .. }
        | Happening::Cut { .. }
        | Happening::Heal { .. }
        | Happening::Ignored { .. } => return None,
        Happening::Violation(violation) => {
            crate::sentence::judged_by(violation.invariant).say(language).to_owned()
        }
    })
}

fn sent(config: Option<&Config>, message: &MessageRecord, language: Language) -> Option<String> {
    let micros = |span: Duration| u64::try_from(span.as_micros()).unwrap_or(0);
    Some(match message.content {
        Content::Message(Message::Election(ElectionMessage::Election { .. })) => {
            let t = language.span(micros(config?.election.answer_timeout));
            w::MEANS_ELECTION.fill(language, &[&t])
        }
        Content::Message(Message::Mutex(MutexMessage::Request { .. })) => {
            w::MEANS_REQUEST.say(language).to_owned()
        }
        Content::Message(Message::Distributed(DistributedMessage::Request { .. })) => {
            w::MEANS_ASK_OK.say(language).to_owned()
        }
        Content::Message(Message::Call(CallMessage::Call { .. })) => {
            w::MEANS_CALL.say(language).to_owned()
        }
        _ => return None,
    })
}

fn received(
    config: Option<&Config>,
    node: NodeId,
    message: &MessageRecord,
    around: Option<&Around>,
    language: Language,
) -> Option<String> {
    let span = |span: Duration| language.span(u64::try_from(span.as_micros()).unwrap_or(0));
    let from = message.id.from;
    Some(match message.content {
        Content::Message(Message::Election(said)) => match said {
            ElectionMessage::Election { .. } => w::MEANS_ELECTION_GOT.fill(language, &[&node]),
            ElectionMessage::Ok { .. } => match began_to_wait(node, around?) {
                true => {
                    let longest = span(config?.election.coordinator_timeout);
                    w::MEANS_OK_WAITING.fill(language, &[&node, &longest])
                }
                false => w::MEANS_OK_LATE.say(language).to_owned(),
            },
            ElectionMessage::Coordinator if from > node => {
                w::MEANS_COORDINATOR.fill(language, &[&node, &from])
            }
            ElectionMessage::Coordinator => {
                w::MEANS_COORDINATOR_LOWER.fill(language, &[&node, &from])
            }
            ElectionMessage::Heartbeat => {
                w::MEANS_HEARTBEAT.fill(language, &[&node, &span(config?.election.suspect_after)])
            }
            ElectionMessage::AreYouAlive { .. } | ElectionMessage::Alive { .. } => return None,
        },
        Content::Message(Message::Mutex(said)) => match said {
            MutexMessage::Request { request } => {
                return requested(node, request, around?, language);
            }
            MutexMessage::Grant { .. } => w::MEANS_GRANT.fill(language, &[&node]),
            MutexMessage::Release => released(node, around, language),
            MutexMessage::Withdraw { .. } => w::MEANS_WITHDRAW.say(language).to_owned(),
        },
        Content::Message(Message::Call(CallMessage::Call { .. })) => {
            w::MEANS_CALL.say(language).to_owned()
        }
        Content::Message(Message::Hardened(termed)) => {
            return hardened(config, node, &termed.body, around, language);
        }
        Content::Message(Message::Distributed(said)) => {
            return distributed(node, said, around?, language);
        }
        Content::Message(Message::Call(CallMessage::Plain | CallMessage::Reply { .. }))
        | Content::Write(_) => return None,
    })
}

/// Whether the OK that arrived was the first one for the running election.
fn began_to_wait(node: NodeId, around: &Around) -> bool {
    let waits = |world: &antes_sim::world::World| {
        world.node(node).node().stack().candidacy() == Some(Candidacy::AwaitingCoordinator)
    };
    !waits(&around.before) && waits(&around.after)
}

fn requested(
    node: NodeId,
    request: antes_core::RequestId,
    around: &Around,
    language: Language,
) -> Option<String> {
    let lock = around.after.node(node).node().stack().lock()?;
    Some(match lock.table {
        Some(table) if table.holder == Some(request) => {
            w::MEANS_REQUEST_GRANTED.say(language).to_owned()
        }
        Some(table) => {
            let place = table.queue.iter().position(|&waiting| waiting == request);
            match (table.holder, place) {
                (Some(holder), Some(place)) => {
                    w::MEANS_QUEUED_AT.fill(language, &[&holder.by.node, &(place + 1)])
                }
                _ => w::MEANS_REQUEST_QUEUED.say(language).to_owned(),
            }
        }
        None => w::MEANS_REQUEST_IGNORED.fill(language, &[&node]),
    })
}

/// The meaning of a message of the distributed lock at its receiver.
fn distributed(
    node: NodeId,
    message: DistributedMessage,
    around: &Around,
    language: Language,
) -> Option<String> {
    let lock = around.after.node(node).node().stack().lock()?;
    Some(match message {
        DistributedMessage::Request { request, .. } if lock.deferred.contains(&request) => {
            match lock.asking {
                Some(asking) => w::MEANS_OK_DEFERRED.fill(language, &[&node, &asking.stamp]),
                None => w::MEANS_OK_DEFERRED_IN.fill(language, &[&node]),
            }
        }
        DistributedMessage::Request { .. } => w::MEANS_OK_AT_ONCE.fill(language, &[&node]),
        DistributedMessage::Ok { request } => match lock.asking {
            Some(asking) if asking.request == request => {
                let size = around.after.size();
                let missing: Vec<NodeId> =
                    size.nodes().filter(|&other| asking.missing.contains(other)).collect();
                w::MEANS_OK_MISSING.fill(language, &[&crate::sentence::list(&missing)])
            }
            _ if lock.requests.contains(&(request, true)) => {
                w::MEANS_OK_LAST.fill(language, &[&node])
            }
            // A late copy, or the request was withdrawn.
            _ => return None,
        },
    })
}

/// The node that gets the lock after a release: the first of the coordinator's queue.
fn released(node: NodeId, around: Option<&Around>, language: Language) -> String {
    let table = |world: &World| world.node(node).node().stack().lock()?.table;
    let Some((before, after)) =
        around.and_then(|around| Some((table(&around.before)?, table(&around.after)?)))
    else {
        return w::MEANS_RELEASE.say(language).to_owned();
    };
    match after.holder {
        Some(next) if before.holder != after.holder => {
            w::MEANS_RELEASE_NEXT.fill(language, &[&next.by.node])
        }
        None if after.queue.is_empty() => w::MEANS_RELEASE_FREE.say(language).to_owned(),
        _ => w::MEANS_RELEASE.say(language).to_owned(),
    }
}

/// The meaning of messages that exist only in the hardened profile.
fn hardened(
    config: Option<&Config>,
    node: NodeId,
    body: &Body,
    around: Option<&Around>,
    language: Language,
) -> Option<String> {
    let word = match body {
        Body::Election(message) => match message {
            hardened::ElectionMessage::Probe { .. } => w::MEANS_PROBE,
            hardened::ElectionMessage::ProbeAck { yes: true, .. } => w::MEANS_PROBE_YES,
            hardened::ElectionMessage::ProbeAck { yes: false, .. } => w::MEANS_PROBE_NO,
            hardened::ElectionMessage::Propose => w::MEANS_PROPOSE,
            hardened::ElectionMessage::Accept => w::MEANS_ACCEPT,
            hardened::ElectionMessage::HeartbeatAck { .. } => w::MEANS_HEARTBEAT_ACK,
            hardened::ElectionMessage::Notice { .. } => w::MEANS_NOTICE,
            hardened::ElectionMessage::Election { .. }
            | hardened::ElectionMessage::Ok { .. }
            | hardened::ElectionMessage::Coordinator
            | hardened::ElectionMessage::Heartbeat { .. }
            | hardened::ElectionMessage::Resign => return None,
        },
        Body::Mutex(message) => match message {
            hardened::MutexMessage::Report { .. } => w::MEANS_REPORT,
            hardened::MutexMessage::Grant { token, .. } => {
                let Some(config) = config else {
                    return Some(w::MEANS_GRANT_TOKEN.say(language).to_owned());
                };
                let lease = u64::try_from(config.hardened.lease.as_micros()).unwrap_or(u64::MAX);
                let lease = language.span(lease);
                return Some(w::MEANS_GRANT_LEASE.fill(language, &[token, &lease]));
            }
            hardened::MutexMessage::Request { request, .. } => {
                return requested(node, *request, around?, language);
            }
            hardened::MutexMessage::Release { .. } => {
                return Some(released(node, around, language));
            }
            hardened::MutexMessage::Withdraw { .. } => w::MEANS_WITHDRAW,
            hardened::MutexMessage::ReleaseAck { .. } => return None,
        },
        Body::Birth(message) => match message {
            hardened::BirthMessage::Birth { .. } => w::MEANS_BIRTH,
            hardened::BirthMessage::BirthAck { yes: true, .. } => w::MEANS_BIRTH_YES,
            hardened::BirthMessage::BirthAck { yes: false, .. } => w::MEANS_BIRTH_NO,
        },
    };
    Some(word.say(language).to_owned())
}
