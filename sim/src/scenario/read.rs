//! Reads a scenario from TOML.

use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

use antes_core::{Algorithm, ClusterSize, MAX_NODES, Profile, Setting};
use toml::de::DeTable;

use super::duration;
use super::error::{Fault, ScenarioError};
use super::fields::{Field, Section};
use super::read_step::read_step;
use super::read_timing;
use super::words::{ALGORITHMS, ANNOUNCES, DETECTORS, FORMS, LOCKS, PREEMPTS, STAMPS, STARTS};
use super::{HardenedConfig, Latency, MAX_STEPS, NetworkConfig, Preempt, Scenario, Step};
use crate::encoding::without_mark;

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// The shortest repeated wait. It bounds the number of events at one instant.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// Reads a scenario. Fields that are left out have the defaults of `docs/formats.md`.
///
/// # Errors
///
/// If the text is no valid scenario: the first mistake, with its position and what would be right.
pub fn read(text: &str) -> Result<Scenario, ScenarioError> {
    let text = without_mark(text);
    read_text(text).map_err(|fault| fault.in_text(text))
}

fn read_text(text: &str) -> Result<Scenario, Fault> {
    if text.len() > MAX_BYTES {
        let problem = format!("the file has {} bytes", text.len());
        return Err(Fault::new(0, problem, format!("expected {MAX_BYTES} at most")));
    }
    let table = DeTable::parse(text).map_err(|error| of_toml(text, &error))?;
    read_top(&Section::open(table.get_ref(), 0, "a scenario", TOP_KEYS)?)
}

/// Converts an error of the TOML parser. For a duplicate key, the error names it.
fn of_toml(text: &str, error: &toml::de::Error) -> Fault {
    let span = error.span().unwrap_or(0..0);
    let written = text.get(span.clone()).map(str::trim).unwrap_or_default();
    match error.message() {
        "duplicate key" if !written.is_empty() => {
            let problem = format!("\"{}\" is there twice", written.escape_debug());
            Fault::new(span.start, problem, "expected each key of a table once")
        }
        message => Fault::new(span.start, message, "expected TOML"),
    }
}

const TOP_KEYS: &[&str] = &[
    "title",
    "summary",
    "look_for",
    "simplifies",
    "keywords",
    "stamps",
    "algorithm",
    "profile",
    "nodes",
    "seed",
    "duration",
    "network",
    "election",
    "mutex",
    "application",
    "node",
    "step",
];

fn read_top(top: &Section<'_>) -> Result<Scenario, Fault> {
    let mut algorithm = Algorithm::Leader;
    top.set("algorithm", &mut algorithm, |field| field.word(ALGORITHMS))?;
    let mut nodes = 4;
    top.set("nodes", &mut nodes, |field| field.whole(1, u64::from(MAX_NODES)))?;
    let size = u8::try_from(nodes).ok().and_then(ClusterSize::new).expect("it is within range");

    let mut scenario = Scenario::new(algorithm, size);
    top.set("title", &mut scenario.title, Field::text)?;
    top.set("summary", &mut scenario.summary, |field| field.text().map(Some))?;
    top.set("look_for", &mut scenario.look_for, |field| field.text().map(Some))?;
    top.set("simplifies", &mut scenario.simplifies, |field| field.text().map(Some))?;
    top.set("keywords", &mut scenario.keywords, |field| field.text().map(Some))?;
    top.set("stamps", &mut scenario.stamps, |field| field.word(STAMPS))?;
    top.set("profile", &mut scenario.config.profile, read_profile)?;
    top.set("seed", &mut scenario.seed, |field| field.whole(0, u64::MAX))?;
    top.set("duration", &mut scenario.duration, |field| field.duration(Duration::ZERO))?;
    top.set("network", &mut scenario.network, read_network)?;
    if let Some(field) = top.get("election") {
        read_election(&field, &mut scenario)?;
    }
    if let Some(field) = top.get("mutex") {
        read_mutex(&field, &mut scenario)?;
    }
    if let Some(field) = top.get("application") {
        read_application(&field, &mut scenario)?;
    }
    if let Some(field) = top.get("node") {
        read_nodes(&field, &mut scenario)?;
    }
    let setting = scenario.config.setting();
    top.set("step", &mut scenario.steps, |field| read_steps(field, setting, size))?;
    if scenario.config.profile == Profile::Hardened && algorithm != Algorithm::Clock {
        read_timing::fit_defaults(top, &mut scenario);
        read_timing::check(top, &scenario)?;
    }
    Ok(scenario)
}

fn read_profile(field: &Field<'_>) -> Result<Profile, Fault> {
    match field.one_of(&["classic", "hardened"])? {
        "classic" => Ok(Profile::Classic),
        _ => Ok(Profile::Hardened),
    }
}

fn read_network(field: &Field<'_>) -> Result<NetworkConfig, Fault> {
    let keys = ["latency", "loss", "duplicate", "fifo", "faults_end"];
    let section = field.section(&keys, "expected the table [network]")?;
    let mut network = NetworkConfig::default();
    section.set("latency", &mut network.latency, read_latency)?;
    section.set("loss", &mut network.loss, |field| field.number(0.0, 1.0))?;
    section.set("duplicate", &mut network.duplicate, |field| field.number(0.0, 1.0))?;
    section.set("fifo", &mut network.fifo, Field::boolean)?;
    section.set("faults_end", &mut network.faults_end, |f| f.duration(Duration::ZERO).map(Some))?;
    Ok(network)
}

fn read_latency(field: &Field<'_>) -> Result<Latency, Fault> {
    if !field.is_table() {
        return field.duration(Duration::ZERO).map(Latency::Fixed);
    }
    let section = field.section(&["min", "max", "mean"], "")?;
    let Some(mean_field) = section.get("mean") else {
        let range = field.range(Duration::ZERO)?;
        return Ok(Latency::Uniform { min: range.min, max: range.max });
    };
    if let Some(max) = section.get("max") {
        let remedy =
            "expected { min, max } for a uniform latency, { mean, min } for an exponential one";
        return Err(max.fault("\"latency\" has both a \"mean\" and a \"max\"", remedy));
    }
    let mean = mean_field.duration(Duration::ZERO)?;
    let mut min = Duration::ZERO;
    section.set("min", &mut min, |field| field.duration(Duration::ZERO))?;
    if min > mean {
        return Err(
            mean_field.fault("the \"mean\" is below the \"min\"", "expected at least the \"min\"")
        );
    }
    Ok(Latency::Exponential { mean, min })
}

fn read_election(field: &Field<'_>, scenario: &mut Scenario) -> Result<(), Fault> {
    let keys = [
        "form",
        "announce",
        "detector",
        "heartbeat",
        "suspect_after",
        "answer_timeout",
        "coordinator_timeout",
        "start",
        "preempt",
        "probation",
    ];
    let section = field.section(&keys, "expected the table [election]")?;
    let election = &mut scenario.config.election;
    section.set("form", &mut election.form, |field| field.word(FORMS))?;
    section.set("announce", &mut election.announce, |field| field.word(ANNOUNCES))?;
    section.set("detector", &mut election.detector, |field| field.word(DETECTORS))?;
    let wait = |field: &Field<'_>| field.duration(SHORTEST_WAIT);
    section.set("heartbeat", &mut election.heartbeat, wait)?;
    section.set("suspect_after", &mut election.suspect_after, wait)?;
    section.set("answer_timeout", &mut election.answer_timeout, wait)?;
    section.set("coordinator_timeout", &mut election.coordinator_timeout, wait)?;
    section.set("start", &mut scenario.start, |field| field.word(STARTS))?;
    section.set("preempt", &mut scenario.config.hardened.preempt, read_preempt)?;
    section
        .set("probation", &mut scenario.config.hardened.probation, |f| f.duration(Duration::ZERO))
}

fn read_preempt(field: &Field<'_>) -> Result<Preempt, Fault> {
    match field.as_boolean() {
        Some(true) => Ok(Preempt::Always),
        Some(false) => Ok(Preempt::Never),
        None => field.word(PREEMPTS).map_err(|mut fault| {
            fault.remedy = "expected true, false or \"stable\"".into();
            fault
        }),
    }
}

fn read_mutex(field: &Field<'_>, scenario: &mut Scenario) -> Result<(), Fault> {
    let keys = ["lock", "hold", "lease", "retry", "drift", "resource_latency"];
    let section = field.section(&keys, "expected the table [mutex]")?;
    section.set("lock", &mut scenario.config.mutex.lock, |field| field.word(LOCKS))?;
    if let (Some(field), Some(refusal)) = (section.get("lock"), scenario.config.setting().refusal())
    {
        return Err(field.fault(refusal.problem, refusal.remedy));
    }
    section.set("hold", &mut scenario.config.mutex.hold, |field| field.range(Duration::ZERO))?;
    section
        .set("resource_latency", &mut scenario.resource_latency, |f| f.duration(Duration::ZERO))?;
    let hardened: &mut HardenedConfig = &mut scenario.config.hardened;
    section.set("lease", &mut hardened.lease, |field| field.duration(4 * SHORTEST_WAIT))?;
    // If only the lease is given, the default of `retry` is shortened with it.
    hardened.retry = hardened.retry.min(hardened.lease / 4);
    section.set("drift", &mut hardened.drift, |field| field.ppm(0.0, 0.5))?;
    section.set("retry", &mut hardened.retry, |field| field.duration(SHORTEST_WAIT))?;
    match section.get("retry") {
        Some(field) if hardened.retry > hardened.lease / 4 => {
            let problem = "\"retry\" is more than a quarter of \"lease\"";
            let most = duration::display(hardened.lease / 4);
            Err(field.fault(problem, format!("expected \"{most}\" at most")))
        }
        _ => Ok(()),
    }
}

fn read_application(field: &Field<'_>, scenario: &mut Scenario) -> Result<(), Fault> {
    let keys = ["auto", "wait", "call_timeout"];
    let section = field.section(&keys, "expected the table [application]")?;
    let application = &mut scenario.config.application;
    section.set("auto", &mut application.auto, Field::boolean)?;
    section.set("wait", &mut application.wait, |field| field.range(SHORTEST_WAIT))?;
    section.set("call_timeout", &mut application.call_timeout, |f| f.duration(SHORTEST_WAIT))
}

fn read_nodes(field: &Field<'_>, scenario: &mut Scenario) -> Result<(), Fault> {
    let expected = "expected [[node]] with an \"id\"";
    let mut seen = Vec::new();
    for item in field.list(expected)? {
        let section = item.section(&["id", "clock_rate", "latency"], expected)?;
        let id = section.require("id", expected)?;
        let node = id.node(scenario.config.size)?;
        if seen.contains(&node) {
            let problem = format!("node {node} is described twice");
            return Err(id.fault(problem, "expected one [[node]] for each"));
        }
        seen.push(node);
        let rate = &mut scenario.clock_rates[node.index()];
        section.set("clock_rate", rate, |field| field.ppm(0.1, 10.0))?;
        if let Some(field) = section.get("latency") {
            scenario.network.node_latencies[node.index()] = Some(field.duration(Duration::ZERO)?);
        }
    }
    Ok(())
}

fn read_steps(field: &Field<'_>, setting: Setting, size: ClusterSize) -> Result<Vec<Step>, Fault> {
    let expected = "expected [[step]] with an \"at\"";
    let items = field.list(expected)?;
    if items.len() > MAX_STEPS {
        let problem = format!("the script has {} steps", items.len());
        return Err(field.fault(problem, format!("expected {MAX_STEPS} at most")));
    }
    let read = |item: &Field<'_>| read_step(item, setting, size);
    let mut steps = items.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    steps.sort_by_key(|step| (step.at, step.after));
    Ok(steps)
}
