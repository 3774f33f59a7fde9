//! Reads one event of a figure, and explains invalid events.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::scenario::suggest;

/// How to write an event.
pub(super) const EVENT: &str = "expected an event such as {\"id\": \"p1\", \"proc\": \"P\", \
                                \"kind\": \"send\", \"msgs\": [\"m1\"]}, with the kind \"local\", \
                                \"send\" or \"recv\"";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEvent {
    pub(super) id: String,
    pub(super) proc: String,
    kind: String,
    #[serde(default, deserialize_with = "names")]
    msgs: Option<Vec<String>>,
    #[serde(default, deserialize_with = "names")]
    msg: Option<Vec<String>>,
}

/// Reads a name or a list of names.
fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    struct Names;

    impl<'de> Visitor<'de> for Names {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the name of a message, or a list of names")
        }

        fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
            Ok(Vec::from([name.to_string()]))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut names = Vec::new();
            while let Some(name) = list.next_element()? {
                names.push(name);
            }
            Ok(names)
        }
    }

    deserializer.deserialize_any(Names).map(Some)
}

/// The content of an event whose receipt is not matched with its send yet.
pub(super) enum LooseKind {
    Local,
    Send(Vec<String>),
    Receive(String),
}

impl RawEvent {
    /// The content of the event.
    ///
    /// # Errors
    ///
    /// If the event has no valid content, or more than one.
    pub(super) fn kind(&self) -> Result<LooseKind, String> {
        let id = self.id.escape_debug();
        if let (Some(received), Some(sent), "send" | "recv" | "receive") =
            (&self.msg, &self.msgs, self.kind.as_str())
        {
            return Err(self.does_both(received, sent));
        }
        let messages = self.msgs.as_deref().or(self.msg.as_deref()).unwrap_or_default();
        match (self.kind.as_str(), messages) {
            ("local", []) => Ok(LooseKind::Local),
            ("local", _) => Err(format!(
                "\"{id}\" is local, but has {}; expected no message, or the kind \"send\" or \"recv\"",
                list(messages)
            )),
            ("send", []) => Err(format!(
                "\"{id}\" is a send without a message; expected what it sends, such as \
                 \"msgs\": [\"m1\"]"
            )),
            ("send", _) => Ok(LooseKind::Send(messages.to_vec())),
            ("recv" | "receive", [message]) => Ok(LooseKind::Receive(message.clone())),
            ("recv" | "receive", []) => Err(format!(
                "\"{id}\" is a receipt without a message; expected what it receives, such as \
                 \"msg\": \"m1\""
            )),
            ("recv" | "receive", several) => Err(self.has_several_causes(several)),
            (other, _) => {
                let advice = suggest::advice(other, &["local", "send", "recv"]);
                Err(format!("\"{id}\" is of the kind \"{}\"; {advice}", other.escape_debug()))
            }
        }
    }

    fn does_both(&self, received: &[String], sent: &[String]) -> String {
        let (id, process) = (self.id.escape_debug(), self.proc.escape_debug());
        let first = received.first().map(String::as_str).unwrap_or_default().escape_debug();
        format!(
            "\"{id}\" receives {} and sends {}, but an event does one of both; expected two \
             events, {{\"id\": \"{id}\", \"proc\": \"{process}\", \"kind\": \"recv\", \"msg\": \
             \"{first}\"}} and behind it {{\"id\": \"{id}-send\", \"proc\": \"{process}\", \
             \"kind\": \"send\", \"msgs\": {}}}",
            list(received),
            list(sent),
            array(sent)
        )
    }

    fn has_several_causes(&self, messages: &[String]) -> String {
        let (id, process) = (self.id.escape_debug(), self.proc.escape_debug());
        let events = (1..).zip(messages).map(|(number, message)| {
            let message = message.escape_debug();
            format!(
                "{{\"id\": \"{id}-{number}\", \"proc\": \"{process}\", \"kind\": \"recv\", \"msg\": \
                 \"{message}\"}}"
            )
        });
        let events: Vec<String> = events.take(MOST_SHOWN).collect();
        format!(
            "\"{id}\" receives {}, but an event receives one message; expected an event for each, \
             such as {}",
            list(messages),
            events.join(", ")
        )
    }
}

/// The error for a message that is received twice, first by `first` and then by `second` at process
/// `process`.
pub(super) fn received_twice(message: &str, [first, second]: [&str; 2], process: &str) -> String {
    let (message, process) = (message.escape_debug(), process.escape_debug());
    format!(
        "message \"{message}\" is received twice, by \"{}\" and by \"{}\", but a message has one \
         receiver; expected a message for each receipt: a send may have several, such as \"msgs\": \
         [\"{message}\", \"{message}-{process}\"]",
        first.escape_debug(),
        second.escape_debug()
    )
}

/// The most messages that an error shows.
const MOST_SHOWN: usize = 4;

/// `"a"`, `"a" and "b"`, `"a", "b" and "c"`.
fn list(messages: &[String]) -> String {
    let names: Vec<String> =
        messages.iter().map(|name| format!("\"{}\"", name.escape_debug())).collect();
    match names.as_slice() {
        [] => "no message".to_string(),
        [one] => one.clone(),
        all if all.len() > MOST_SHOWN => format!("{} messages", all.len()),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// Writes the messages as JSON: `["a", "b"]`.
fn array(messages: &[String]) -> String {
    let names = messages.iter().take(MOST_SHOWN);
    let names: Vec<String> = names.map(|name| format!("\"{}\"", name.escape_debug())).collect();
    let more = if messages.len() > MOST_SHOWN { ", ..." } else { "" };
    format!("[{}{more}]", names.join(", "))
}
