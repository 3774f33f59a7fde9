//! Writes a run as a log for ShiViz. Its vector clocks have one entry per life of each node,
//! counted from 1.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use core::fmt::Write as _;

use antes_core::Identity;

use super::text::sentence;
use super::{life, object};
use crate::trace::{Happening, MessageId, TraceEvent};

/// The regular expression with which ShiViz parses the log. It is the first line of the log, and
/// the default of ShiViz.
pub const REGEX: &str = r"(?<event>.*)\n(?<host>\S*) (?<clock>{.*})";

/// An entry of the vector clocks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Host {
    /// A life of a node.
    Life(Identity),
    /// The sender of forged messages.
    Stranger,
}

/// How many events of each host are known.
type Clock = BTreeMap<Host, u64>;

/// The whole log: the regular expression, an empty line (since there is one run), then two lines
/// per event that ticks: a description and the clock.
///
/// The sender of forged messages is the host `stranger`. A restarted node is another host, such as
/// `N2#2`, whose first event has the clock of the earlier life.
pub fn write(trace: &[TraceEvent]) -> String {
    let mut out = format!("{REGEX}\n\n");
    let mut clocks: BTreeMap<Host, Clock> = BTreeMap::new();
    let mut sent: BTreeMap<MessageId, Clock> = BTreeMap::new();
    for event in trace {
        if !event.ticks() {
            continue;
        }
        let me = match event.node {
            Some(node) => Host::Life(Identity { node, incarnation: event.incarnation }),
            None => Host::Stranger,
        };
        let mut clock = clocks.get(&me).cloned().unwrap_or_else(|| earlier_life(&clocks, me));
        match &event.happening {
            Happening::Receive { message, .. } => {
                // A copy carries the clock of the original.
                let original = MessageId { copy: 0, ..message.id };
                merge(&mut clock, sent.get(&original));
                tick(&mut clock, me);
            }
            Happening::Send(message) => {
                tick(&mut clock, me);
                sent.insert(message.id, clock.clone());
            }
            _ => tick(&mut clock, me),
        }
        write_event(&mut out, event, me, &clock);
        clocks.insert(me, clock);
    }
    out
}

/// The clock at the end of the latest earlier life that has an event.
fn earlier_life(clocks: &BTreeMap<Host, Clock>, me: Host) -> Clock {
    let Host::Life(life) = me else { return Clock::new() };
    let is_mine = |host: &Host| matches!(host, Host::Life(other) if other.node == life.node);
    let mut earlier = clocks.range(..me).rev().filter(|(other, _)| is_mine(other));
    earlier.next().map(|(_, clock)| clock.clone()).unwrap_or_default()
}

fn merge(clock: &mut Clock, other: Option<&Clock>) {
    for (&life, &count) in other.into_iter().flatten() {
        let slot = clock.entry(life).or_default();
        *slot = (*slot).max(count);
    }
}

fn tick(clock: &mut Clock, me: Host) {
    *clock.entry(me).or_default() += 1;
}

fn host(host: Host) -> String {
    match host {
        Host::Life(me) => life(me),
        Host::Stranger => "stranger".into(),
    }
}

fn write_event(out: &mut String, event: &TraceEvent, me: Host, clock: &Clock) {
    let what = sentence(&event.happening);
    write!(out, "{what} (L = {})\n{} ", event.stamp.lamport(), host(me)).expect("it takes all");
    let mut entries = object::Object::open(out);
    for (&other, count) in clock {
        entries.literal(&host(other), count);
    }
    entries.close();
    out.push('\n');
}
