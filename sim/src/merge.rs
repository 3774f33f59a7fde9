//! Merges the traces of a cluster's processes into one run.
//!
//! The order respects happened-before, which follows from the sends of messages and the vector
//! stamps. Wall clocks order concurrent events only, after their offsets are estimated. Events that
//! a process cannot record itself are added: that it was killed, and that messages were lost.

mod births;
mod clocks;
mod fill;
mod foreign;
mod order;
mod part;
mod read;
mod runs;
mod streams;
mod tell;
mod whole;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use antes_core::{ClusterSize, MAX_NODES, NodeId, NodeSet};

use crate::export::{Header, Source};
use crate::judge::trace_checker::{self, Case};
use crate::trace::{Happening, TraceEvent};
use order::{Order, process_name};
use streams::{gappy, headless, streams, take_answers};
use tell::{tell_clocks, tell_headless, tell_heard};
use whole::judged_again;

pub use part::{Line, MergeError, Merged, Part};
pub use read::Reader;
pub(crate) use read::has_header;

/// Merges the parts of a run and judges the result. A single trace of a whole run, simulated or
/// merged before, is judged again. If a cluster was restarted with another profile or algorithm,
/// the files contain several runs. Then `which` selects one by its number, from 1 in the order of
/// their beginnings; `None` selects the latest.
///
/// # Errors
///
/// If the parts are not of one run, or contradict each other.
///
/// # Panics
///
/// If there is no part.
pub fn merge(mut parts: Vec<Part>, which: Option<usize>) -> Result<Merged, MergeError> {
    if let Some(whole) = parts.iter().position(|part| part.header.node.is_none()) {
        return if parts.len() == 1 {
            judged_again(parts.remove(0))
        } else {
            let problem = "this is a whole run already; expected the trace of one process of a \
                           cluster, or nothing beside it";
            Err(parts[whole].error(parts[whole].line, problem.to_string()))
        };
    }
    let mut notes = Vec::new();
    parts = runs::chosen(parts, which, &mut notes)?;
    parts = births::told_apart(parts, &mut notes);
    // Nodes come first: the other clocks are compared with theirs.
    let resource = |part: &Part| part.header.writer().is_none();
    parts.sort_by_key(|part| (resource(part), part.header.node, part.life, part.header.epoch_us));
    let mut header = common_header(&parts)?;
    let setting = header.setting().map_err(|problem| parts[0].error(1, problem))?;
    let size = header.size();
    let unseen = unseen(&parts, size, &mut notes);
    let mut streams = streams(&parts, &mut notes);
    let answers = take_answers(&mut streams);
    tell_heard(&streams, &mut notes);
    let lines = streams.iter().flat_map(|stream| &stream.items).map(|item| &item.event);
    let headless = headless(size, lines);
    let mut told = unseen;
    begun_later(&parts).for_each(|node| told.insert(node));
    tell_headless(&streams, told, headless, &mut notes);
    let gappy = gappy(&parts);
    let order = Order::new(&parts, streams);
    let patchy = patchy(&order.unsent(), headless, &mut notes);
    let clocks = order.clocks(&answers);
    tell_clocks(&parts, &clocks, &mut notes);
    let trace = order.merged(&clocks)?;
    let deaths = fill::deaths(&trace);
    for (&place, node) in &deaths {
        let seconds = crate::export::text::seconds(trace[place].at_us);
        let seconds = seconds.trim_end();
        notes.push(format!(
            "node {node} writes nothing after {seconds} s, and receives nothing of what is sent to \
             it: it is taken to have been killed there"
        ));
    }
    let trace = fill::filled(trace, &deaths, headless, gappy);
    let case = Case { size, setting, source: Source::Cluster, headless, patchy };
    let events = claimed(trace_checker::judge(case, trace), gappy, &mut notes);
    header.duration_us = events.last().map(|event| event.at_us);
    Ok(Merged { header, events, notes })
}

/// Nodes whose files begin with another run, which has been reported as left out.
fn begun_later(parts: &[Part]) -> impl Iterator<Item = NodeId> {
    let first_of_node = |place: usize| {
        let node = parts[place].header.node;
        parts[..place].iter().all(|before| before.header.node != node)
    };
    let later =
        (0..parts.len()).filter(move |&place| first_of_node(place) && parts[place].line > 1);
    later.filter_map(|place| parts[place].header.writer())
}

/// The common header of the parts. The resource's header does not describe the cluster.
fn common_header(parts: &[Part]) -> Result<Header, MergeError> {
    let Some(first) = parts.iter().find(|part| part.header.writer().is_some()) else {
        let problem = "this is the resource's; expected the trace of at least one node";
        return Err(parts[0].error(parts[0].line, problem.to_string()));
    };
    let of_run = |header: &Header| {
        let Header { nodes, profile, algorithm, .. } = header.clone();
        (nodes, profile, algorithm)
    };
    let expected = of_run(&first.header);
    for (place, part) in parts.iter().enumerate() {
        let header = &part.header;
        if header.source == Source::Sim || header.epoch_us.is_none() {
            let problem = "this is no header of a process of a cluster; expected \"source\": \
                           \"cluster\", and \"node\" and \"epoch_us\"";
            return Err(part.error(part.line, problem.to_string()));
        }
        if header.writer().is_some() && of_run(header) != expected {
            let (nodes, profile, algorithm) = of_run(header);
            let problem = format!(
                "this is of {nodes} nodes, {profile}, {algorithm}, but {} is of {} nodes, {}, {}; \
                 expected the files of one run",
                first.name, expected.0, expected.1, expected.2
            );
            return Err(part.error(part.line, problem));
        }
        let same = |other: &&Part| {
            (other.header.node, other.life) == (header.node, part.life) && part.life > 0
        };
        if let Some(other) = parts[..place].last().filter(same) {
            let problem = format!(
                "this is life {} of {}, which {}:{} is too; expected each life once",
                part.life,
                process_name(header.node.unwrap_or_default()),
                other.name,
                other.line
            );
            return Err(part.error(part.line, problem));
        }
    }
    let seed = first.header.seed;
    let seed = seed.filter(|_| {
        parts.iter().all(|part| part.header.writer().is_none() || part.header.seed == seed)
    });
    let mut header =
        Header { seed, node: None, epoch_us: None, duration_us: None, ..first.header.clone() };
    // Settings that only affect speed may differ between nodes.
    let nodes = parts.iter().filter(|part| part.header.writer().is_some());
    if nodes.into_iter().any(|part| part.header.settings != header.settings) {
        header.settings.clear();
    }
    Ok(header)
}

/// The nodes without a file.
fn unseen(parts: &[Part], size: ClusterSize, notes: &mut Vec<String>) -> NodeSet {
    let seen: NodeSet = parts.iter().filter_map(|part| part.header.writer()).collect();
    let unseen: NodeSet = size.nodes().filter(|&node| !seen.contains(node)).collect();
    for node in size.nodes().filter(|&node| unseen.contains(node)) {
        notes.push(format!(
            "no file is of node {node}: its part of the run is missing, and what needs all nodes \
             is not judged"
        ));
    }
    unseen
}

/// The judged run without verdicts about nodes in `gappy`, since the missing lines may explain
/// them.
fn claimed(
    mut events: Vec<TraceEvent>,
    gappy: NodeSet,
    notes: &mut Vec<String>,
) -> Vec<TraceEvent> {
    let before = events.len();
    events.retain(|event| match &event.happening {
        Happening::Violation(violation) => {
            !violation.nodes.iter().any(|&node| gappy.contains(node))
        }
        _ => true,
    });
    let dropped = before - events.len();
    if dropped > 0 {
        let verdicts = if dropped == 1 { "violation is" } else { "violations are" };
        notes.push(format!(
            "{dropped} {verdicts} not claimed, because lines of the nodes concerned are missing"
        ));
        for (seq, event) in (0..).zip(&mut events) {
            event.seq = seq;
        }
    }
    events
}

/// Nodes with missing lines: messages of theirs were received that no line says they sent.
fn patchy(
    unsent: &[u32; MAX_NODES as usize + 1],
    headless: NodeSet,
    notes: &mut Vec<String>,
) -> NodeSet {
    let mut patchy = headless;
    for node in (1..=MAX_NODES).filter_map(NodeId::new) {
        let count = unsent[usize::from(node.get())];
        if count == 0 {
            continue;
        }
        patchy.insert(node);
        let (messages, sent) = match count {
            1 => ("message", "was received, but no line says that it was sent"),
            _ => ("messages", "were received, but no line says that they were sent"),
        };
        notes.push(format!("{count} {messages} of node {node} {sent}"));
    }
    patchy
}
