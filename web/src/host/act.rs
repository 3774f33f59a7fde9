//! The actions of scenario files, as they occur in a host's messages.

use core::time::Duration;

use antes_core::{Algorithm, ClusterSize, Command, Hold, NodeId, Setting};
use antes_sim::scenario::{Action, Moment, Tampering, Which, duration};

use crate::host::order::{Refusal, node};
use crate::host::value::Value;

/// The cluster that an action must fit.
#[derive(Clone, Copy, Debug)]
pub struct Cluster {
    pub size: ClusterSize,
    pub setting: Setting,
}

impl Cluster {
    /// The action for a verb and its object.
    ///
    /// # Errors
    ///
    /// If they are invalid: what would be right.
    pub fn action(self, verb: &str, about: &Value) -> Result<Action, Refusal> {
        let known = About { verb, about, size: self.size };
        let command = |node, command| Action::Command { node, command };
        Ok(match verb {
            "crash" => Action::Crash(known.node()?),
            "restart" => known.restart()?,
            "pause" => Action::Pause(known.node()?),
            "resume" => Action::Resume(known.node()?),
            "crash_at" => known.crash_at()?,
            "elect" => {
                self.needs(verb, Algorithm::Leader)?;
                command(known.node()?, Command::Elect)
            }
            "request" => {
                self.needs(verb, Algorithm::Mutex)?;
                let (node, hold) = known.request()?;
                command(node, Command::Request { hold })
            }
            "withdraw" => {
                self.needs(verb, Algorithm::Mutex)?;
                command(known.node()?, Command::Withdraw { request: None })
            }
            "release" => {
                self.needs(verb, Algorithm::Mutex)?;
                command(known.node()?, Command::Release)
            }
            "write" => {
                self.needs(verb, Algorithm::Mutex)?;
                command(known.node()?, Command::Write)
            }
            "leave" => command(known.node()?, Command::Leave),
            "event" => command(known.node()?, Command::LocalEvent),
            "send" => {
                let (from, to) = known.link(&["from", "to", "latency"])?;
                Action::Send { from, to, latency: known.span("latency")? }
            }
            "call" => {
                let (from, to) = known.link(&["from", "to"])?;
                command(from, Command::Call { to })
            }
            "cut" => {
                let (from, to) = known.link(&["from", "to"])?;
                Action::Cut { from, to }
            }
            "partition" => Action::Partition(known.groups()?),
            "heal" if *about == Value::Flag(true) => Action::Heal,
            "heal" => return Err(known.wrong("true")),
            "drop" => known.tamper(Tampering::Drop)?,
            "duplicate" => known.tamper(Tampering::Duplicate)?,
            "deliver" => known.tamper(Tampering::Deliver)?,
            "delay" => {
                let by =
                    known.span("by")?.ok_or_else(|| known.wrong("by how much, as by: \"1s\""))?;
                known.tamper(Tampering::Delay { by })?
            }
            _ => {
                let verb: String = verb.chars().take(40).collect();
                return Err(format!("{verb:?} is no verb of scenario files that can be done now"));
            }
        })
    }

    fn needs(self, verb: &str, needed: Algorithm) -> Result<(), Refusal> {
        let (runs, what) = match needed {
            Algorithm::Clock => (true, ""),
            Algorithm::Leader => (self.setting.has_election(), "elections, which are"),
            Algorithm::Mutex => (self.setting.has_lock(), "the lock, which is"),
        };
        if runs { Ok(()) } else { Err(format!("\"{verb}\" needs {what} not run")) }
    }
}

/// The object of a verb.
struct About<'a> {
    verb: &'a str,
    about: &'a Value,
    size: ClusterSize,
}

impl About<'_> {
    fn wrong(&self, expected: &str) -> Refusal {
        format!("\"{}\" is wrong: expected {expected}", self.verb)
    }

    fn no_node(&self) -> Refusal {
        self.wrong(&format!("a node from 1 to {}", self.size.get()))
    }

    fn node(&self) -> Result<NodeId, Refusal> {
        node(self.about, self.size).ok_or_else(|| self.no_node())
    }

    /// A node in a table with these fields.
    fn node_in(&self, name: &str, fields: &[&str]) -> Result<NodeId, Refusal> {
        self.only(fields)?;
        let value = self.about.get(name);
        value.and_then(|value| node(value, self.size)).ok_or_else(|| self.no_node())
    }

    fn only(&self, fields: &[&str]) -> Result<(), Refusal> {
        let expected = || self.wrong(&format!("{{ {} }}", fields.join(", ")));
        let Value::Table(entries) = self.about else { return Err(expected()) };
        match entries.iter().all(|(name, _)| fields.contains(&name.as_str())) {
            true => Ok(()),
            false => Err(expected()),
        }
    }

    fn is_table(&self) -> bool {
        matches!(self.about, Value::Table(_))
    }

    fn restart(&self) -> Result<Action, Refusal> {
        if !self.is_table() {
            return self.node().map(Action::Restart);
        }
        let node = self.node_in("node", &["node", "storage"])?;
        match self.about.get("storage").map(Value::text) {
            None | Some(Some("kept")) => Ok(Action::Restart(node)),
            Some(Some("lost")) => Ok(Action::RestartWithoutStorage(node)),
            Some(_) => Err(self.wrong("storage: \"kept\" or \"lost\"")),
        }
    }

    fn crash_at(&self) -> Result<Action, Refusal> {
        let node = self.node_in("node", &["node", "at"])?;
        let moment = match self.about.get("at").and_then(Value::text) {
            Some("send") => Moment::Send,
            Some("receive") => Moment::Receive,
            Some("after-save") => Moment::AfterSave,
            _ => return Err(self.wrong("at: \"send\", \"receive\" or \"after-save\"")),
        };
        Ok(Action::CrashAt { node, moment })
    }

    fn request(&self) -> Result<(NodeId, Hold), Refusal> {
        if !self.is_table() {
            return Ok((self.node()?, Hold::UntilReleased));
        }
        let node = self.node_in("node", &["node", "hold"])?;
        let hold = match self.about.get("hold").and_then(Value::text) {
            Some("random") => Hold::Drawn,
            _ => self.span("hold")?.map_or(Hold::UntilReleased, Hold::For),
        };
        Ok((node, hold))
    }

    /// The two different ends of a link.
    fn link(&self, fields: &[&str]) -> Result<(NodeId, NodeId), Refusal> {
        let (from, to) = (self.node_in("from", fields)?, self.node_in("to", fields)?);
        if from == to { Err(self.wrong("two nodes")) } else { Ok((from, to)) }
    }

    fn span(&self, name: &str) -> Result<Option<Duration>, Refusal> {
        let Some(value) = self.about.get(name) else { return Ok(None) };
        let span = value.text().and_then(|text| duration::parse(text).ok());
        span.map(Some).ok_or_else(|| self.wrong(&format!("{name}: a duration such as \"500ms\"")))
    }

    fn groups(&self) -> Result<Vec<Vec<NodeId>>, Refusal> {
        let expected = || self.wrong("groups of nodes, each node in one, such as [[1, 2], [3, 4]]");
        let Value::List(groups) = self.about else { return Err(expected()) };
        let mut seen = antes_core::NodeSet::default();
        let mut read = Vec::new();
        for group in groups {
            let Value::List(members) = group else { return Err(expected()) };
            let nodes: Option<Vec<_>> = members.iter().map(|it| node(it, self.size)).collect();
            let nodes = nodes.filter(|nodes| !nodes.is_empty()).ok_or_else(expected)?;
            for &node in &nodes {
                if seen.contains(node) {
                    return Err(expected());
                }
                seen.insert(node);
            }
            read.push(nodes);
        }
        if read.is_empty() { Err(expected()) } else { Ok(read) }
    }

    /// An intervention on a message, which is the object itself or the field `message` of a table.
    fn tamper(&self, tampering: Tampering) -> Result<Action, Refusal> {
        let name = self.about.text().or_else(|| self.about.get("message")?.text());
        let id = name.and_then(|name| name.parse().ok());
        match id {
            Some(id) => Ok(Action::Tamper { which: Which::Id(id), tampering }),
            None => Err(self.wrong("a message: its sender and number, such as \"1:7\"")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(fields: &[(&str, Value)]) -> Value {
        Value::Table(
            fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        )
    }

    fn cluster(algorithm: Algorithm) -> Cluster {
        let setting = Setting::new(algorithm, antes_core::Profile::Classic);
        Cluster { size: ClusterSize::new(4).unwrap(), setting }
    }

    #[test]
    fn every_verb_is_read_as_in_a_scenario_file() {
        let (one, two) = (Value::Number(1.0), Value::Number(2.0));
        let text = |text: &str| Value::Text(text.to_owned());
        let link = table(&[("from", one.clone()), ("to", two.clone())]);
        let groups = Value::List(vec![Value::List(vec![one.clone()]), Value::List(vec![two])]);
        for (verb, about) in [
            ("crash", one.clone()),
            ("restart", table(&[("node", one.clone()), ("storage", text("lost"))])),
            ("pause", one.clone()),
            ("resume", one.clone()),
            ("crash_at", table(&[("node", one.clone()), ("at", text("send"))])),
            ("elect", one.clone()),
            ("request", table(&[("node", one.clone()), ("hold", text("500ms"))])),
            ("withdraw", one.clone()),
            ("release", one.clone()),
            ("write", one.clone()),
            ("leave", one.clone()),
            ("event", one),
            ("send", link.clone()),
            ("call", link.clone()),
            ("cut", link),
            ("partition", groups),
            ("heal", Value::Flag(true)),
            ("drop", text("1:7")),
            ("duplicate", table(&[("message", text("1:7"))])),
            ("deliver", text("1:7")),
            ("delay", table(&[("message", text("1:7")), ("by", text("1s"))])),
        ] {
            let action = cluster(Algorithm::Mutex).action(verb, &about);
            assert!(action.is_ok(), "{verb}: {action:?}");
        }
    }

    #[test]
    fn an_action_that_is_impossible_is_refused() {
        let (one, nine) = (Value::Number(1.0), Value::Number(9.0));
        let itself = table(&[("from", one.clone()), ("to", one.clone())]);
        let twice = Value::List(vec![Value::List(vec![one.clone(), one.clone()])]);
        for (verb, about, told) in [
            ("crash", nine, "a node from 1 to 4"),
            ("crash", Value::Null, "a node from 1 to 4"),
            ("fly", one.clone(), "no verb"),
            ("cut", itself, "two nodes"),
            ("cut", one.clone(), "{ from, to }"),
            ("partition", twice, "groups of nodes"),
            ("drop", one.clone(), "a message"),
            ("heal", Value::Flag(false), "true"),
            ("release", one.clone(), "needs the lock"),
            ("elect", one, "needs elections"),
        ] {
            let refusal = cluster(Algorithm::Clock).action(verb, &about).unwrap_err();
            assert!(refusal.contains(told), "{verb}: {refusal}");
        }
    }
}
