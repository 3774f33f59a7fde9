//! Descriptions of transitions, for counterexamples.

use antes_core::{Command, NodeId};

use super::{Action, Cause, Cluster, State};
use crate::explore::{Steps, Subject};
use crate::schedule::schedule;
use crate::scheduled::{Found, Unscheduled};

impl Subject for Cluster {
    fn describe(&self, before: &State, action: &Action) -> String {
        match *action {
            Action::Step { node, cause, cut } => {
                let what = describe_cause(before, node, cause);
                match cut {
                    None => what,
                    Some(effects) => format!("{what}, and crashes after {effects} of its effects"),
                }
            }
            Action::Crash(node) => format!("node {node} crashes"),
            Action::Lose { from, to } => {
                format!("{} from {from} to {to} is lost", first_of(before, from, to))
            }
            Action::Duplicate { from, to } => {
                format!("{} from {from} to {to} is doubled", first_of(before, from, to))
            }
        }
    }

    fn scenario(&self, steps: &Steps<Self>, property: &str) -> Result<Found, Unscheduled> {
        schedule(self, steps, property)
    }
}

fn describe_cause(before: &State, node: NodeId, cause: Cause) -> String {
    match cause {
        Cause::Delivery(from) => {
            let message = first_of(before, from, node);
            match before.seats[node.index()].life {
                Some(_) => format!("node {node} receives {message} from {from}"),
                None => format!("{message} from {from} dies at node {node}, which is down"),
            }
        }
        Cause::Timeout(timer) => format!("node {node}'s timer {} runs out", timer.name()),
        Cause::Order(command) => format!("node {node} is told to {}", order(command)),
        Cause::Restart => format!("node {node} restarts"),
    }
}

fn first_of(state: &State, from: NodeId, to: NodeId) -> &'static str {
    state.links[state.link(from, to)].first().map_or("nothing", |message| message.name())
}

const fn order(command: Command) -> &'static str {
    match command {
        Command::Elect => "hold an election",
        Command::Request { .. } => "ask for the lock",
        Command::Withdraw { .. } => "give up a request",
        Command::Release => "leave the critical section",
        Command::Write => "write",
        Command::Leave => "leave",
        Command::LocalEvent => "have a local event",
        Command::Send { .. } => "send a message",
        Command::Call { .. } => "call",
    }
}
