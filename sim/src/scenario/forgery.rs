//! Forged messages, which no node sent: how a script describes them, and their content.

use alloc::string::String;

use antes_core::hardened::{self, Body, Termed};
use antes_core::{
    CallId, CallMessage, Config, DistributedMessage, ElectionId, ElectionMessage, Identity,
    Incarnation, LamportTime, Message, MutexMessage, NodeId, Phase, Profile, RequestId, Term,
    Token, Write,
};
use core::time::Duration;

use super::duration::micros_of;
use crate::trace::{Content, Recipient};

/// A forged message. Numbers that are not given are 1; other fields have the simplest value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forgery {
    /// The message type, such as `GRANT`.
    pub kind: String,
    /// The node in the sender field.
    pub from: NodeId,
    /// The receiver. `None` for a WRITE, which goes to the resource.
    pub to: Option<NodeId>,
    /// The Lamport stamp that it carries.
    pub lamport: u64,
    /// The latency. `None` leaves it to the network.
    pub latency: Option<Duration>,
    pub about: About,
}

/// The fields of a forged message, as in traces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// REQUEST, GRANT, RELEASE, REPORT, WRITE and others: the request.
    pub request: Option<(Identity, u32)>,
    pub token: Option<Token>,
    /// ELECTION and OK: the election.
    pub election: Option<(Identity, u32)>,
    /// CALL and REPLY: the call.
    pub call: Option<(Identity, u32)>,
    /// REPLY: the random number, from 0 to 99.
    pub number: Option<u32>,
    /// CALL and REPLY of the detector `poll`: the number of the question.
    pub question: Option<u32>,
    /// WRITE: the place in the critical section.
    pub phase: Option<Phase>,
    pub term: Option<u64>,
    /// PROBE: whether the sender has been up for `probation`.
    pub seasoned: Option<bool>,
    /// PROBE_ACK and BIRTH_ACK: the answer.
    pub yes: Option<bool>,
    /// PROBE_ACK and TERM: the leader.
    pub leader: Option<NodeId>,
    /// HEARTBEAT and HEARTBEAT_ACK: the number of the heartbeat.
    pub beat: Option<u32>,
    /// REPORT: the incarnation of the sender.
    pub inc: Option<u32>,
    /// REQUEST and GRANT: the attempt.
    pub repetition: Option<u32>,
    /// REQUEST: the oldest open request.
    pub oldest: Option<u32>,
    /// REQUEST and REPORT: the sender's configured lease, in microseconds.
    pub lease_us: Option<u64>,
    /// BIRTH and BIRTH_ACK: the birth.
    pub birth: Option<u64>,
}

impl Forgery {
    pub fn recipient(&self) -> Recipient {
        self.to.map_or(Recipient::Resource, Recipient::Node)
    }

    /// The content of the message for a cluster with this configuration.
    pub fn content(&self, config: &Config) -> Content {
        let about = &self.about;
        match self.kind.as_str() {
            "WRITE" => Content::Write(Write {
                request: self.request(),
                phase: about.phase.unwrap_or(Phase::Entry),
                token: about.token,
            }),
            "MESSAGE" => Content::Message(Message::Call(CallMessage::Plain)),
            "CALL" if about.question.is_none() => {
                Content::Message(Message::Call(CallMessage::Call { call: self.call() }))
            }
            "REPLY" if about.question.is_none() => {
                let (call, number) = (self.call(), about.number.unwrap_or(1));
                Content::Message(Message::Call(CallMessage::Reply { call, number }))
            }
            "REQUEST" if config.setting().is_distributed() => {
                let (request, stamp) = (self.request(), LamportTime(self.lamport));
                distributed(DistributedMessage::Request { request, stamp })
            }
            "OK" if config.setting().is_distributed() => {
                distributed(DistributedMessage::Ok { request: self.request() })
            }
            _ if config.profile == Profile::Classic && self.is_classic() => self.classic(),
            _ => self.hardened(config),
        }
    }

    fn is_classic(&self) -> bool {
        const KINDS: &[&str] = &[
            "CALL",
            "REPLY",
            "ELECTION",
            "OK",
            "COORDINATOR",
            "HEARTBEAT",
            "REQUEST",
            "GRANT",
            "RELEASE",
            "WITHDRAW",
        ];
        KINDS.contains(&self.kind.as_str())
    }

    fn classic(&self) -> Content {
        let about = &self.about;
        let question = about.question.unwrap_or(1);
        let election = |message| Content::Message(Message::Election(message));
        let mutex = |message| Content::Message(Message::Mutex(message));
        match self.kind.as_str() {
            "CALL" => election(ElectionMessage::AreYouAlive { question }),
            "REPLY" => election(ElectionMessage::Alive { question }),
            "ELECTION" => election(ElectionMessage::Election { election: self.election() }),
            "OK" => election(ElectionMessage::Ok { election: self.election() }),
            "COORDINATOR" => election(ElectionMessage::Coordinator),
            "HEARTBEAT" => election(ElectionMessage::Heartbeat),
            "REQUEST" => mutex(MutexMessage::Request { request: self.request() }),
            "WITHDRAW" => mutex(MutexMessage::Withdraw { request: self.request() }),
            "GRANT" => mutex(MutexMessage::Grant { request: self.request(), token: about.token }),
            _ => mutex(MutexMessage::Release),
        }
    }

    fn hardened(&self, config: &Config) -> Content {
        use hardened::{BirthMessage as B, ElectionMessage as E, MutexMessage as M};
        let about = &self.about;
        let lease_us = about.lease_us.unwrap_or_else(|| micros_of(config.hardened.lease));
        let (leader, beat) = (about.leader, about.beat.unwrap_or(1));
        let (request, repetition) = (self.request(), about.repetition.unwrap_or(1));
        let term = Term(about.term.unwrap_or(1));
        let token = about.token.unwrap_or(Token { term, sequence: 1 });
        let birth = hardened::Birth(about.birth.unwrap_or(1));
        let body = match self.kind.as_str() {
            "PROBE" => Body::Election(E::Probe { seasoned: about.seasoned.unwrap_or(true) }),
            "PROBE_ACK" => Body::Election(E::ProbeAck { yes: about.yes.unwrap_or(true), leader }),
            "ELECTION" => Body::Election(E::Election { election: self.election() }),
            "OK" => Body::Election(E::Ok { election: self.election() }),
            "PROPOSE" => Body::Election(E::Propose),
            "ACCEPT" => Body::Election(E::Accept),
            "COORDINATOR" => Body::Election(E::Coordinator),
            "HEARTBEAT" => Body::Election(E::Heartbeat { beat }),
            "HEARTBEAT_ACK" => Body::Election(E::HeartbeatAck { beat }),
            "RESIGN" => Body::Election(E::Resign),
            "TERM" => Body::Election(E::Notice { leader }),
            "BIRTH" => Body::Birth(B::Birth { birth }),
            "BIRTH_ACK" => Body::Birth(B::BirthAck { birth, yes: about.yes.unwrap_or(true) }),
            "REPORT" => {
                let incarnation = about.inc.and_then(Incarnation::new);
                let incarnation = incarnation.unwrap_or(Incarnation::FIRST);
                let holds = about.token.map(|token| (request, token));
                Body::Mutex(M::Report {
                    me: Identity { node: self.from, incarnation },
                    holds,
                    lease_us,
                })
            }
            "REQUEST" => {
                let oldest = about.oldest.unwrap_or(1);
                Body::Mutex(M::Request { request, repetition, oldest, lease_us })
            }
            "GRANT" => Body::Mutex(M::Grant { request, repetition, token }),
            "WITHDRAW" => Body::Mutex(M::Withdraw { request }),
            "RELEASE" => Body::Mutex(M::Release { request, token }),
            _ => Body::Mutex(M::ReleaseAck { request }),
        };
        Content::Message(Message::Hardened(Termed { term, body }))
    }

    /// The request; by default the first request of the node that would have one.
    fn request(&self) -> RequestId {
        let asks =
            matches!(self.kind.as_str(), "REQUEST" | "RELEASE" | "REPORT" | "WITHDRAW" | "WRITE");
        let whose = if asks { self.from } else { self.to.unwrap_or(self.from) };
        let (by, number) = numbered(self.about.request, whose);
        RequestId { by, number }
    }

    /// The election; by default the first election of the node that would hold it.
    fn election(&self) -> ElectionId {
        let whose = if self.kind == "OK" { self.to.unwrap_or(self.from) } else { self.from };
        let (by, number) = numbered(self.about.election, whose);
        ElectionId { by, number }
    }

    /// The call; by default the first call of the client.
    fn call(&self) -> CallId {
        let whose = if self.kind == "REPLY" { self.to.unwrap_or(self.from) } else { self.from };
        let (by, number) = numbered(self.about.call, whose);
        CallId { by, number }
    }
}

const fn distributed(message: DistributedMessage) -> Content {
    Content::Message(Message::Distributed(message))
}

/// The given numbers, or the first number of `node`'s first life.
fn numbered(named: Option<(Identity, u32)>, node: NodeId) -> (Identity, u32) {
    named.unwrap_or((Identity { node, incarnation: Incarnation::FIRST }, 1))
}
