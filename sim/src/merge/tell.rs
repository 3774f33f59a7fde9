//! Notes about the clocks and about missing lines.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use antes_core::{MAX_NODES, NodeId, NodeSet};

use super::clocks::Clock;
use super::order::{Stream, process_name};
use super::part::Part;
use crate::trace::Happening;

/// Notes the offsets of the clocks. If a node's clock is the same after a restart, only its first
/// life is named.
pub(super) fn tell_clocks(parts: &[Part], clocks: &[Clock], notes: &mut Vec<String>) {
    let living = parts.iter().zip(clocks).filter(|(part, _)| !part.events.is_empty());
    let living: Vec<(&Part, Clock)> = living.map(|(part, &clock)| (part, clock)).collect();
    let Some((first, _)) = living.first() else { return };
    let first = process_name(first.header.node.unwrap_or_default());
    let (mut agree, mut worst_us) = (0, 0);
    for (place, &(part, clock)) in living.iter().enumerate() {
        let of_node = |others: &[(&Part, Clock)]| -> Vec<(u32, Clock)> {
            let of_node = others.iter().filter(|(other, _)| other.header.node == part.header.node);
            of_node.map(|&(other, clock)| (other.life, clock)).collect()
        };
        let node = process_name(part.header.node.unwrap_or_default());
        let earlier = of_node(&living[..place]);
        notes.extend(earlier.last().and_then(|&before| set(&node, before, (part.life, clock))));
        if earlier.iter().any(|&(_, other)| goes_on(other, clock)) {
            continue;
        }
        let is_the_only_clock = of_node(&living).iter().all(|&(_, other)| goes_on(other, clock));
        let who = match part.life {
            0 => node,
            _ if is_the_only_clock => node,
            life => format!("{node} (life {life})"),
        };
        match sentence(&who, &first, clock) {
            Some(sentence) => notes.push(sentence),
            None => {
                agree += 1;
                worst_us = worst_us.max(clock.within_us.unwrap_or_default());
            }
        }
    }
    if agree > 1 {
        notes.push(format!(
            "{agree} clocks agree, as far as round trips tell: within {}",
            milliseconds(worst_us)
        ));
    }
}

/// Notes the nodes whose beginning is missing, and where their lines begin. Nodes in `told` are
/// skipped.
pub(super) fn tell_headless(
    streams: &[Stream; MAX_NODES as usize + 1],
    told: NodeSet,
    headless: NodeSet,
    notes: &mut Vec<String>,
) {
    for node in (1..=MAX_NODES).filter_map(NodeId::new) {
        let first = streams[usize::from(node.get())].items.first();
        let Some(first) = first.filter(|_| headless.contains(node) && !told.contains(node)) else {
            continue;
        };
        notes.push(format!(
            "the beginning of node {node} is missing: its lines begin in life {} with number {}; \
             what cannot be known without the others is not judged",
            first.event.incarnation.get(),
            first.event.seq
        ));
    }
}

/// Notes how many writes are known from the writers only.
pub(super) fn tell_heard(streams: &[Stream; MAX_NODES as usize + 1], notes: &mut Vec<String>) {
    let heard = streams.iter().flat_map(|stream| &stream.items);
    let heard =
        heard.filter(|item| matches!(item.event.happening, Happening::Write { heard: true, .. }));
    let count = heard.count();
    if count > 0 {
        let writes = if count == 1 { "write" } else { "writes" };
        notes.push(format!(
            "no line of the resource tells of {count} {writes}: in which order they arrived there is \
             not known, and the order of their tokens is not judged"
        ));
    }
}

/// Whether two estimates can be of the same clock.
fn goes_on(earlier: Clock, later: Clock) -> bool {
    let within = |clock: Clock| clock.within_us.unwrap_or_default();
    let apart = earlier.ahead_us.abs_diff(later.ahead_us);
    apart <= within(earlier).saturating_add(within(later)).unsigned_abs()
}

/// The note about a clock that was set between two lives. `None` if it goes on.
fn set(node: &str, (before, earlier): (u32, Clock), (life, later): (u32, Clock)) -> Option<String> {
    if goes_on(earlier, later) {
        return None;
    }
    let by_us = later.ahead_us.saturating_sub(earlier.ahead_us);
    let way = if by_us < 0 { "back" } else { "forward" };
    let is_exact = earlier.within_us.is_some() && later.within_us.is_some();
    let least = if is_exact { "" } else { "at least " };
    let lives =
        if life > 0 { format!(" between its lives {before} and {life}") } else { String::new() };
    Some(format!("the clock of {node} was set {way} by {least}{}{lives}", milliseconds(by_us)))
}

/// The note about a clock. `None` if it agrees with the others.
fn sentence(who: &str, first: &str, clock: Clock) -> Option<String> {
    let ahead = milliseconds(clock.ahead_us);
    let way = if clock.ahead_us < 0 { "behind" } else { "ahead of" };
    Some(match clock.within_us {
        Some(within_us) if clock.ahead_us.unsigned_abs() <= within_us.unsigned_abs() => {
            return None;
        }
        Some(within_us) => format!(
            "the clock of {who} is {ahead} {way} that of {first}, give or take {}: it is set right",
            milliseconds(within_us)
        ),
        None if clock.ahead_us != 0 => format!(
            "the clock of {who} is at least {ahead} {way} that of {first}; no message and its \
             answer tell more"
        ),
        None => format!(
            "nothing tells how the clock of {who} stands to that of {first}: it is taken as it is"
        ),
    })
}

fn milliseconds(us: i64) -> String {
    format!("{}.{:03} ms", us.unsigned_abs() / 1000, us.unsigned_abs() % 1000)
}
