//! Makes a history of the events of a log for ShiViz. Their vector clocks tell which messages there were.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use antes_core::{Incarnation, LamportTime};

use super::{History, Origin, Point, size, told};
use crate::export::MAX_LINES;

/// The parts of an event that the log's regular expression has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The line where it begins, from 1.
    pub line: u32,
    pub host: String,
    /// The vector clock as JSON: how many events of each host are known.
    pub clock: String,
    pub text: String,
}

/// The most hosts of a log. The lives of a node are hosts of their own.
const MAX_HOSTS: usize = 512;

/// The host that `antes run --format shiviz` writes for forged messages.
const STRANGER: &str = "stranger";

/// An event with its clock.
struct Event<'a> {
    record: &'a Record,
    host: usize,
    /// The number of known events of each host, without hosts that have no events.
    clock: BTreeMap<usize, u64>,
}

/// The log as a trace.
///
/// # Errors
///
/// If the clocks are none, or contradict each other: the line, what is wrong, and what would be right.
pub fn of_records(records: &[Record]) -> Result<History, String> {
    let wrong = |record: &Record, problem: String| format!("{}: {problem}", record.line);
    let mut hosts: Vec<&str> = Vec::new();
    for record in records {
        if !hosts.contains(&record.host.as_str()) {
            hosts.push(&record.host);
        }
        if hosts.len() > MAX_HOSTS {
            return Err(wrong(
                record,
                format!("there are more than {MAX_HOSTS} hosts; expected fewer"),
            ));
        }
    }
    if records.len() > MAX_LINES {
        return Err(wrong(
            &records[0],
            format!("there are more than {MAX_LINES} events; expected fewer"),
        ));
    }
    let (names, seats) = seats(&hosts);
    // The rest takes time with the square of the number of processes.
    size(&names).map_err(|problem| format!("1: {problem}"))?;
    let mut events = Vec::with_capacity(records.len());
    for record in records {
        let counts: BTreeMap<String, u64> = serde_json::from_str(&record.clock).map_err(|_| {
            let clock: String = record.clock.chars().take(40).collect();
            let problem = format!(
                "\"{}\" is no vector clock; expected counts, such as {{\"P\":1,\"Q\":2}}",
                clock.escape_debug()
            );
            wrong(record, problem)
        })?;
        let place = |name: &str| hosts.iter().position(|host| *host == name);
        let host = place(&record.host).unwrap_or_default();
        let clock: BTreeMap<usize, u64> =
            counts.iter().filter_map(|(name, &count)| Some((place(name)?, count))).collect();
        events.push(Event { record, host, clock });
    }
    let numbered = numbered(&hosts, &events)?;
    // The events of a process in its order, its lives one after the other.
    let mut order: Vec<usize> =
        (0..events.len()).filter(|&at| seats[events[at].host].is_some()).collect();
    order.sort_by_key(|&at| {
        let Event { host, clock, .. } = &events[at];
        (seats[*host], clock[host])
    });
    let place_of: BTreeMap<usize, usize> =
        order.iter().enumerate().map(|(place, &at)| (at, place)).collect();
    let points: Vec<Point> = order
        .iter()
        .map(|&at| {
            let event = &events[at];
            let (process, life) = seats[event.host].expect("the others are left out");
            let sources = sources(&events, &numbered, at);
            let sources = sources.into_iter().filter(|&source| {
                seats[events[source].host].is_some_and(|(other, _)| other != process)
            });
            Point {
                process,
                text: event.record.text.clone(),
                sources: sources.filter_map(|source| place_of.get(&source).copied()).collect(),
                incarnation: Incarnation::new(life).unwrap_or(Incarnation::FIRST),
            }
        })
        .collect();
    let start: Vec<LamportTime> = names.iter().map(|_| LamportTime::default()).collect();
    told(Origin::Shiviz, &names, &start, &points).map_err(|problem| format!("1: {problem}"))
}

/// The index of the event of each host with each number.
fn numbered(hosts: &[&str], events: &[Event<'_>]) -> Result<BTreeMap<(usize, u64), usize>, String> {
    let mut numbered = BTreeMap::new();
    for (at, event) in events.iter().enumerate() {
        let name = hosts[event.host].escape_debug();
        let own = event.clock.get(&event.host).copied().unwrap_or_default();
        let is_second = own > 0 && numbered.insert((event.host, own), at).is_some();
        if own == 0 || is_second {
            let as_before = if is_second { ", as an earlier event does" } else { "" };
            return Err(format!(
                "{}: the clock counts {own} events of \"{name}\"{as_before}; expected the number of this event, from 1",
                event.record.line
            ));
        }
    }
    for event in events {
        // Without the event before it, everything that this one knows would look new.
        let before = (event.host, event.clock[&event.host] - 1);
        let known = event.clock.iter().map(|(&host, &count)| (host, count));
        let mut known = core::iter::once(before).chain(known);
        let missing = known.find(|event| event.1 > 0 && !numbered.contains_key(event));
        if let Some((host, count)) = missing {
            return Err(format!(
                "{}: the clock knows of event {count} of \"{}\", which the log does not have; expected all events",
                event.record.line,
                hosts[host].escape_debug()
            ));
        }
    }
    Ok(numbered)
}

/// The names of the processes, and the process and the life of each host. The lives of a node that Antes writes are
/// one process: `N2`, and `N2#2` after its restart. `None` for the sender of forged messages, which is no node.
fn seats(hosts: &[&str]) -> (Vec<String>, Vec<Option<(usize, u32)>>) {
    let own: Option<Vec<Option<(usize, u32)>>> = hosts
        .iter()
        .map(|host| {
            if *host == STRANGER {
                return Some(None);
            }
            let name = host.strip_prefix('N')?;
            let (number, life) = name.split_once('#').unwrap_or((name, "1"));
            let number: usize = number.parse().ok().filter(|number| (1..=8).contains(number))?;
            Some(Some((number - 1, life.parse().ok()?)))
        })
        .collect();
    match own {
        Some(seats) if seats.iter().flatten().next().is_some() => {
            let count = seats.iter().flatten().map(|(process, _)| process + 1).max().unwrap_or(1);
            ((1..=count).map(|number| number.to_string()).collect(), seats)
        }
        _ => {
            let names = hosts.iter().map(|host| (*host).to_string()).collect();
            (names, (0..hosts.len()).map(|place| Some((place, 1))).collect())
        }
    }
}

/// The events of other hosts of which this event is the first of its host to know, without those that one of
/// them knows of.
fn sources(
    events: &[Event<'_>],
    numbered: &BTreeMap<(usize, u64), usize>,
    at: usize,
) -> Vec<usize> {
    let event = &events[at];
    let own = event.clock[&event.host];
    let before = numbered.get(&(event.host, own - 1)).map(|&before| &events[before].clock);
    let knew = |host: usize| before.and_then(|clock| clock.get(&host)).copied().unwrap_or_default();
    let news: Vec<usize> = event
        .clock
        .iter()
        .filter(|&(&host, &count)| host != event.host && count > knew(host))
        .filter_map(|(&host, &count)| numbered.get(&(host, count)).copied())
        .collect();
    let is_known = |&source: &usize| {
        let (host, count) = (events[source].host, events[source].clock[&events[source].host]);
        news.iter().any(|&other| {
            other != source && events[other].clock.get(&host).is_some_and(|&known| known >= count)
        })
    };
    news.iter().copied().filter(|source| !is_known(source)).collect()
}
