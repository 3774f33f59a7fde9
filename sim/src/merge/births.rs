//! Recognizes nodes whose disk was replaced: the birth of their memory is another one.
//!
//! Such a node is two processes, one after the other. If the other nodes knew of the earlier process, the
//! lives of the later one are counted from there. Otherwise they are counted from 1 again, and lives of both
//! processes have the same numbers.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::part::Part;
use crate::trace::Happening;

/// A process: its node (0 is the resource), and the birth of its memory.
type Process = (u8, Option<u64>);

impl Part {
    fn process(&self) -> Process {
        (self.header.node.unwrap_or_default(), self.header.birth)
    }
}

/// Keeps only one of two processes of a node that count their lives alike: the later one, unless it took no
/// part. Adds notes about nodes that begin with another memory, and about the parts that are left out.
pub(super) fn told_apart(mut parts: Vec<Part>, notes: &mut Vec<String>) -> Vec<Part> {
    let mut began: BTreeMap<Process, u64> = BTreeMap::new();
    for part in parts.iter().filter(|part| part.header.birth.is_some()) {
        let epoch_us = part.header.epoch_us.unwrap_or_default();
        let first = began.entry(part.process()).or_insert(epoch_us);
        *first = epoch_us.min(*first);
    }
    let mut processes: Vec<(u64, Process)> = began.iter().map(|(&it, &us)| (us, it)).collect();
    processes.sort_unstable();
    let mut begun_anew = Vec::new();
    for (place, &(_, later)) in processes.iter().enumerate() {
        let node = later.0;
        let has_lines = |process| parts.iter().any(|part: &Part| part.process() == process);
        let earlier = processes[..place].iter().rfind(|&&(_, it)| it.0 == node && has_lines(it));
        let Some(&(_, before)) = earlier else { continue };
        let lives = |process| {
            parts.iter().filter(move |part| part.process() == process).map(|part| part.life)
        };
        let Some(first) = lives(later).filter(|&life| life > 0).min() else { continue };
        if !lives(before).any(|life| life >= first) {
            notes.push(format!(
                "node {node} begins with another memory in life {first}: its disk was replaced"
            ));
            continue;
        }
        // If the other nodes refused the later process, no node has received a message of it.
        let (out, why) = if takes_part(&parts, later) {
            (before, "what it did with the memory before is left out")
        } else {
            (later, "it has taken no part with that, which is left out")
        };
        notes.push(format!(
            "node {node} begins with another memory and counts its lives from {first} again: {why}"
        ));
        parts.retain(|part| part.process() != out);
        begun_anew.extend((out == before).then_some(node));
    }
    // If all nodes have begun anew, so has the resource.
    if parts
        .iter()
        .all(|part| part.header.writer().is_none() || begun_anew.contains(&part.process().0))
    {
        leave_out_writes_of_before(&mut parts);
    }
    parts
}

/// Removes the resource's lines from before the first node began.
fn leave_out_writes_of_before(parts: &mut [Part]) {
    let epoch_us = |part: &Part| part.header.epoch_us.unwrap_or_default();
    let nodes = parts.iter().filter(|part| part.header.writer().is_some());
    let begun_us = nodes.map(epoch_us).min().unwrap_or_default();
    for part in parts.iter_mut().filter(|part| part.header.writer().is_none()) {
        let before_us = begun_us.saturating_sub(epoch_us(part));
        part.events.retain(|line| line.event.at_us >= before_us);
    }
}

/// Whether a process has taken part in elections or in the lock.
fn takes_part(parts: &[Part], process: Process) -> bool {
    let own = parts.iter().filter(|part| part.process() == process);
    own.flat_map(|part| &part.events).any(|line| {
        matches!(
            line.event.happening,
            Happening::Save(_)
                | Happening::Election { .. }
                | Happening::Leader { .. }
                | Happening::Request { .. }
                | Happening::Enter { .. }
        )
    })
}
