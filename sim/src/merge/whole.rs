//! Judges a whole run again.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec::Vec;

use antes_core::{ClusterSize, NodeSet};

use super::part::{Line, MergeError, Merged, Part};
use super::streams::headless;
use crate::export::Source;
use crate::judge::trace_checker::{self, Case};
use crate::trace::{Happening, MessageId, TraceEvent};

/// The run of a trace that is simulated or was merged before.
pub(super) fn judged_again(part: Part) -> Result<Merged, MergeError> {
    let header = part.header.clone();
    let setting = header.setting().map_err(|problem| part.error(part.line, problem))?;
    let size = header.size();
    let mut patchy = NodeSet::default();
    let mut sent: BTreeSet<MessageId> = BTreeSet::new();
    let mut latest_us = 0;
    for Line { number, event } in &part.events {
        if event.at_us < latest_us {
            let problem = format!(
                "this happens at {} us, after a line of {latest_us} us; expected lines in order",
                event.at_us
            );
            return Err(part.error(*number, problem));
        }
        latest_us = event.at_us;
        check_node(&part, *number, event, size)?;
        match &event.happening {
            Happening::Send(message) => {
                sent.insert(message.id);
            }
            Happening::Receive { message, .. }
                if !sent.contains(&MessageId { copy: 0, ..message.id }) =>
            {
                patchy.insert(message.id.from);
            }
            _ => {}
        }
    }
    let source = header.source;
    let headless = match source {
        Source::Sim => NodeSet::default(),
        Source::Cluster => headless(size, part.events.iter().map(|line| &line.event)),
    };
    size.nodes().filter(|&node| headless.contains(node)).for_each(|node| patchy.insert(node));
    let case = Case { size, setting, source, headless, patchy };
    let events = trace_checker::judge(case, part.events.into_iter().map(|line| line.event));
    Ok(Merged { header, events, notes: Vec::new() })
}

fn check_node(
    part: &Part,
    line: u32,
    event: &TraceEvent,
    size: ClusterSize,
) -> Result<(), MergeError> {
    match event.node.filter(|&node| !size.contains(node)) {
        Some(node) => {
            let problem = format!("this is of node {node}; expected 1 to {}", size.get());
            Err(part.error(line, problem))
        }
        None => Ok(()),
    }
}
