//! The lines of each process in order, over all its lives.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use antes_core::{ClusterSize, Incarnation, LamportTime, MAX_NODES, NodeSet, Stamp};

use super::order::{Item, Stream, process_name};
use super::part::{Line, Part};
use crate::trace::{Happening, LineStamp, Storage, TraceEvent};

/// The lines of each process in order, over all its lives.
pub(super) fn streams(parts: &[Part], notes: &mut Vec<String>) -> [Stream; MAX_NODES as usize + 1] {
    let mut streams: [Stream; MAX_NODES as usize + 1] = Default::default();
    for (place, part) in parts.iter().enumerate() {
        let stream = &mut streams[usize::from(part.header.node.unwrap_or_default())];
        let mut items = Vec::with_capacity(part.events.len() + 2);
        for line in &part.events {
            // Violations are judged again.
            if !matches!(line.event.happening, Happening::Violation(_)) {
                items.push(item(part, place, line));
            }
        }
        tell_missing(part, notes);
        let before = stream.items.last().map(|before| parts[before.part].header.birth);
        let reborn = before.is_some_and(|before| before.is_some() && before != part.header.birth);
        begin_life(stream, part, reborn, &mut items);
        stream.items.append(&mut items);
    }
    for (node, stream) in (0..).zip(&mut streams) {
        stream.counts = counts_go_on(stream);
        if !stream.counts {
            notes.push(format!(
                "{} counts its events from the beginning again after a restart: what happened \
                 before what is told by its messages alone",
                process_name(node)
            ));
        }
    }
    streams
}

/// Notes where lines of a life are missing: the node's own count jumps there.
fn tell_missing(part: &Part, notes: &mut Vec<String>) {
    let jumps = jumps(part);
    let (Some(node), [(number, before, count), others @ ..]) = (part.header.writer(), &*jumps)
    else {
        return;
    };
    let more = match others.len() {
        0 => String::new(),
        places => format!(", and before {places} others"),
    };
    notes.push(format!(
        "{}:{number}: lines before this one are missing{more}: node {node} goes from its event \
         {before} to its event {count}",
        part.name
    ));
}

fn item(part: &Part, place: usize, line: &Line) -> Item {
    let wall = |us: u64| i64::try_from(us).unwrap_or(i64::MAX);
    let epoch_us = wall(part.header.epoch_us.unwrap_or_default());
    let mut event = line.event.clone();
    if let Happening::Write { heard, .. } = &mut event.happening {
        *heard = part.header.writer().is_some();
    }
    Item {
        event,
        part: place,
        line: line.number,
        read_us: epoch_us.saturating_add(wall(line.event.at_us)),
    }
}

impl Part {
    /// Whether an event can be the next line of this part. A node writes lines about itself only;
    /// the resource writes lines about writes only.
    ///
    /// # Errors
    ///
    /// If not: what is wrong, and what would be right.
    pub(super) fn check(&self, event: &TraceEvent) -> Result<(), String> {
        if self.header.node.is_none() {
            return Ok(());
        }
        let before = self.events.last().map(|last| last.event.seq);
        if let Some(before) = before.filter(|&before| event.seq <= before) {
            return Err(format!(
                "\"seq\" is {} after {before}; expected lines in order",
                event.seq
            ));
        }
        let Some(writer) = self.header.writer() else {
            return match event.happening {
                Happening::Write { .. } if event.node.is_some() => Ok(()),
                _ => Err("the resource has lines of the kind \"write\" alone, each with the \
                          \"node\" that wrote"
                    .to_string()),
            };
        };
        if event.node != Some(writer) {
            return Err(format!("this is not of node {writer}, whose trace this is"));
        }
        let inc = event.incarnation.get();
        if tells_of_its_node(event) && inc < self.life {
            return Err(format!("\"inc\" is {inc} after {}; expected a later life", self.life));
        }
        Ok(())
    }
}

/// Nodes with missing lines between others.
pub(super) fn gappy(parts: &[Part]) -> NodeSet {
    let has_gaps = |part: &&Part| part.gaps || !jumps(part).is_empty();
    parts.iter().filter(has_gaps).filter_map(|part| part.header.writer()).collect()
}

/// Each line of a life before which the node's own count jumps: the line number, and the counts
/// before and after.
fn jumps(part: &Part) -> Vec<(u32, u64, u64)> {
    let Some(node) = part.header.writer() else { return Vec::new() };
    let ticks = part.events.iter().filter(|line| line.event.ticks());
    let counts: Vec<(u32, u64)> =
        ticks.map(|line| (line.number, line.event.stamp.of(node))).collect();
    let jumps = counts.windows(2).filter(|pair| pair[1].1 > pair[0].1.saturating_add(1));
    jumps.map(|pair| (pair[1].0, pair[0].1, pair[1].1)).collect()
}

/// Ends the previous life and begins this one, unless the lines do so. A node that is `reborn` has another
/// memory from here on.
fn begin_life(stream: &mut Stream, part: &Part, reborn: bool, items: &mut Vec<Item>) {
    let (Some(before), Some(first)) = (stream.items.iter().rfind(is_own), items.first()) else {
        return;
    };
    let incarnation = Some(part.life).filter(|_| part.header.writer().is_some());
    let Some(incarnation) = incarnation.and_then(Incarnation::new) else { return };
    let last = before.event.stamp.wide();
    let life = stream.items.iter().rev().take_while(|item| item.part == before.part);
    if !life
        .into_iter()
        .any(|item| matches!(item.event.happening, Happening::Crash | Happening::Stop))
    {
        let crash = TraceEvent { happening: Happening::Crash, ..before.event.clone() };
        let crash = Item { event: crash, ..*before };
        stream.items.push(crash);
    }
    if !matches!(first.event.happening, Happening::Restart { .. }) {
        let mut restart = first.clone();
        let storage = if reborn { Storage::Lost } else { Storage::Kept };
        restart.event.happening = Happening::Restart { storage };
        restart.event.incarnation = incarnation;
        // The vector clock continues; Lamport's clock does not in the classic profile.
        let goes_on = last.lamport < first.event.stamp.lamport();
        let lamport = if goes_on { last.lamport } else { LamportTime(0) };
        restart.event.stamp = LineStamp::from(&Stamp { lamport, ..last });
        items.insert(0, restart);
    }
}

/// Whether a line is about the node itself, as opposed to the fate of a message that it sent.
fn is_own(item: &&Item) -> bool {
    tells_of_its_node(&item.event)
}

/// Whether an event happens at its node. The fate of a message is decided elsewhere.
pub(super) fn tells_of_its_node(event: &TraceEvent) -> bool {
    !matches!(
        event.happening,
        Happening::Lost { .. } | Happening::Duplicate { .. } | Happening::Write { .. }
    )
}

/// Removes the nodes' lines about answers to their writes if the resource has a line for the write.
/// They are returned, since they show how long the answers took.
pub(super) fn take_answers(streams: &mut [Stream; MAX_NODES as usize + 1]) -> Vec<(Item, Item)> {
    let name = |item: &Item| match &item.event.happening {
        Happening::Write { id, .. } => Some((*id, item.event.stamp.lamport())),
        _ => None,
    };
    let [resource, nodes @ ..] = streams;
    let told: BTreeMap<_, _> =
        resource.items.iter().filter_map(|item| Some((name(item)?, item))).collect();
    let mut answers = Vec::new();
    for stream in nodes {
        stream.items.retain(|item| {
            let told = name(item).and_then(|name| told.get(&name));
            answers.extend(told.map(|&told| (told.clone(), item.clone())));
            told.is_none()
        });
    }
    answers
}

/// Nodes whose first line is not their beginning, and nodes without lines.
pub(super) fn headless<'a>(
    size: ClusterSize,
    events: impl Iterator<Item = &'a TraceEvent>,
) -> NodeSet {
    let (mut seen, mut headless) = (NodeSet::default(), size.nodes().collect::<NodeSet>());
    for event in events.filter(|event| tells_of_its_node(event)) {
        let Some(node) = event.node.filter(|&node| !seen.contains(node)) else { continue };
        seen.insert(node);
        let before = event.stamp.of(node).saturating_sub(u64::from(event.ticks()));
        if before == 0 && event.incarnation == Incarnation::FIRST {
            headless.remove(node);
        }
    }
    headless
}

/// Whether the node's own count never decreases.
fn counts_go_on(stream: &Stream) -> bool {
    let ticks = stream.items.iter().filter(|item| item.event.ticks());
    let counts = ticks.filter_map(|item| Some(item.event.stamp.of(item.event.node?)));
    counts.is_sorted_by(|before, after| before < after)
}
