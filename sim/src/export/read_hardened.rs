//! Reads messages of the hardened profile, which carry a term.

use alloc::format;
use alloc::string::String;

use antes_core::hardened::{Birth, BirthMessage, Body, ElectionMessage, MutexMessage, Termed};
use antes_core::{Identity, Incarnation, Message, RequestId, Term};

use super::read_jsonl::RawMessage;
use super::read_names::{field, node, parsed, token};
use crate::trace::{Content, MessageId};

/// The type and the fields of a message.
pub(super) fn content(raw: &RawMessage) -> Result<Content, String> {
    let term = Term(field("term", raw.term)?);
    let body = match raw.kind.as_str() {
        "REPORT" | "REQUEST" | "GRANT" | "RELEASE" | "RELEASE_ACK" | "WITHDRAW" => {
            Body::Mutex(mutex(raw)?)
        }
        "BIRTH" | "BIRTH_ACK" => Body::Birth(birth(raw)?),
        _ => Body::Election(election(raw)?),
    };
    Ok(Content::Message(Message::Hardened(Termed { term, body })))
}

fn election(raw: &RawMessage) -> Result<ElectionMessage, String> {
    let leader = || raw.leader.map(node).transpose();
    let election = || parsed("election", raw.election.clone());
    Ok(match raw.kind.as_str() {
        "PROBE" => ElectionMessage::Probe { seasoned: field("seasoned", raw.seasoned)? },
        "PROBE_ACK" => ElectionMessage::ProbeAck { yes: field("yes", raw.yes)?, leader: leader()? },
        "ELECTION" => ElectionMessage::Election { election: election()? },
        "OK" => ElectionMessage::Ok { election: election()? },
        "PROPOSE" => ElectionMessage::Propose,
        "ACCEPT" => ElectionMessage::Accept,
        "COORDINATOR" => ElectionMessage::Coordinator,
        "HEARTBEAT" => ElectionMessage::Heartbeat { beat: field("beat", raw.beat)? },
        "HEARTBEAT_ACK" => ElectionMessage::HeartbeatAck { beat: field("beat", raw.beat)? },
        "RESIGN" => ElectionMessage::Resign,
        "TERM" => ElectionMessage::Notice { leader: leader()? },
        other => {
            let other = other.escape_debug();
            return Err(format!("\"{other}\" is no type of message that carries a term"));
        }
    })
}

fn birth(raw: &RawMessage) -> Result<BirthMessage, String> {
    let birth = Birth(field("birth", raw.birth)?);
    Ok(match raw.kind.as_str() {
        "BIRTH" => BirthMessage::Birth { birth },
        _ => BirthMessage::BirthAck { birth, yes: field("yes", raw.yes)? },
    })
}

fn mutex(raw: &RawMessage) -> Result<MutexMessage, String> {
    let request = || parsed::<RequestId>("request", raw.request.clone());
    // Traces of earlier versions lack the lease.
    let lease_us = raw.lease_us.unwrap_or_default();
    let of_grant = || field("token", raw.token).map(token);
    Ok(match raw.kind.as_str() {
        "REPORT" => {
            let id = parsed::<MessageId>("id", Some(raw.id.clone()))?;
            let from = if id.forged { node(field("from", raw.from)?)? } else { id.from };
            let number = field("inc", raw.inc)?;
            let incarnation = Incarnation::new(number).ok_or("\"inc\" is 0; expected 1 or more")?;
            let holds = raw.token.map(token);
            let holds = holds.map(|token| request().map(|request| (request, token))).transpose()?;
            MutexMessage::Report { me: Identity { node: from, incarnation }, holds, lease_us }
        }
        "REQUEST" => MutexMessage::Request {
            request: request()?,
            repetition: field("repetition", raw.repetition)?,
            oldest: field("oldest", raw.oldest)?,
            lease_us,
        },
        "GRANT" => MutexMessage::Grant {
            request: request()?,
            repetition: field("repetition", raw.repetition)?,
            token: of_grant()?,
        },
        "WITHDRAW" => MutexMessage::Withdraw { request: request()? },
        "RELEASE" => MutexMessage::Release { request: request()?, token: of_grant()? },
        _ => MutexMessage::ReleaseAck { request: request()? },
    })
}
