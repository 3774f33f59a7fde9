//! Forged messages, which no node sent: how a script describes them, and their content.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use antes_core::{
    Absence, CallMessage, ClusterSize, Config, Field, FieldForm, Message, NodeId, Profile, Term,
    Token, Value,
};

use super::duration::micros_of;
use crate::trace::{Content, Recipient};

/// The stamp of the distributed lock's REQUEST is that of the message.
const STAMP: &str = "stamp";

const TERM: &str = "term";

/// A forged message. Fields that are not given have the simplest value.
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

/// The given fields of a forged message, as in traces, ordered by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About(Vec<(&'static str, Value)>);

impl About {
    pub fn get(&self, name: &str) -> Option<Value> {
        self.0.iter().find(|(given, _)| *given == name).map(|&(_, value)| value)
    }

    pub(super) fn set(&mut self, name: &'static str, value: Option<Value>) {
        self.0.retain(|(given, _)| *given != name);
        if let Some(value) = value {
            let place = self.0.partition_point(|&(given, _)| given < name);
            self.0.insert(place, (name, value));
        }
    }
}

impl FromIterator<(&'static str, Value)> for About {
    fn from_iter<I: IntoIterator<Item = (&'static str, Value)>>(fields: I) -> Self {
        let mut about = Self::default();
        for (name, value) in fields {
            about.set(name, Some(value));
        }
        about
    }
}

impl Forgery {
    /// The fields that a message of this type can be given, in the profiles and algorithms that have it.
    pub fn fields(kind: &str) -> Vec<Field> {
        let node = ClusterSize::MAX.highest();
        let mut fields: Vec<Field> = Vec::new();
        for content in Content::simplest(node, node).filter(|content| content.name() == kind) {
            for field in content.fields() {
                if field.name != STAMP && fields.iter().all(|known| known.name != field.name) {
                    fields.push(field);
                }
            }
        }
        let (terms, mut fields): (Vec<_>, Vec<_>) =
            fields.into_iter().partition(|field| field.name == TERM);
        fields.extend(terms);
        fields
    }

    pub fn recipient(&self) -> Recipient {
        self.to.map_or(Recipient::Resource, Recipient::Node)
    }

    /// The content of the message for a cluster with this configuration. A type that does not exist gives a
    /// plain message.
    pub fn content(&self, config: &Config) -> Content {
        let named = || {
            let all = Content::simplest(self.from, self.to.unwrap_or(self.from));
            all.filter(|content| content.name() == self.kind)
        };
        let best = named().map(|content| fitness(&content, config)).max();
        let fitting = named().filter(|content| Some(fitness(content, config)) == best);
        let content = Content::fullest(fitting, |name| self.about.get(name).is_some());
        let mut content = content.unwrap_or(Content::Message(Message::Call(CallMessage::Plain)));
        content.carry(&mut Filling { forgery: self, config });
        content
    }
}

/// How well a message fits a cluster: some types exist in both profiles, and in both locks.
fn fitness(content: &Content, config: &Config) -> u8 {
    let runs = match content {
        Content::Message(Message::Hardened(_)) => config.profile == Profile::Hardened,
        Content::Message(Message::Distributed(_)) => config.setting().is_distributed(),
        Content::Message(Message::Call(_) | Message::Election(_) | Message::Mutex(_))
        | Content::Write(_) => return 1,
    };
    if runs { 2 } else { 0 }
}

/// Replaces the fields of a message by those that are given.
struct Filling<'a> {
    forgery: &'a Forgery,
    config: &'a Config,
}

impl FieldForm for Filling<'_> {
    fn field(&mut self, field: Field, value: &mut Option<Value>) {
        let about = &self.forgery.about;
        let usual = match field.name {
            STAMP => Some(Value::Number(self.forgery.lamport)),
            "lease_us" => Some(Value::Number(micros_of(self.config.hardened.lease))),
            "token" if field.absence == Absence::Refused => {
                let term = match about.get(TERM) {
                    Some(Value::Number(term)) => Term(term),
                    _ => Term(1),
                };
                Some(Value::Token(Token { term, sequence: 1 }))
            }
            _ => *value,
        };
        *value = about.get(field.name).or(usual);
    }
}
