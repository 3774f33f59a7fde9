//! Writes a trace as JSON Lines: a header, then one event per line.

use alloc::string::String;

use antes_core::{Algorithm, ClusterSize, Profile};

use super::header::Header;
use super::object::Object;
use crate::scenario::Scenario;
use crate::trace::TraceEvent;

/// The whole file of a run.
pub fn write(scenario: &Scenario, trace: &[TraceEvent]) -> String {
    let mut out = header(scenario);
    out.push('\n');
    for event in trace {
        out.push_str(&line(event, scenario.config.size));
        out.push('\n');
    }
    out
}

/// The first line of a run of `scenario`.
pub fn header(scenario: &Scenario) -> String {
    Header::of(scenario).to_json()
}

/// One event of a cluster of this size.
pub fn line(event: &TraceEvent, size: ClusterSize) -> String {
    let mut out = String::new();
    let mut object = Object::open(&mut out);
    object.literal("seq", event.seq);
    object.literal("at_us", event.at_us);
    object.optional("node", event.node);
    object.literal("inc", event.incarnation.get());
    object.string("kind", event.kind());
    object.literal("lamport", event.stamp.lamport());
    let counts = size.nodes().map(|node| event.stamp.of(node));
    object.numbers("vector", counts);
    event.happening.clone().carry(&mut object);
    object.close();
    out
}

/// The name of the profile in files.
pub const fn profile_name(profile: Profile) -> &'static str {
    match profile {
        Profile::Classic => "classic",
        Profile::Hardened => "hardened",
    }
}

/// The name of the algorithm in files.
pub const fn algorithm_name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Clock => "clock",
        Algorithm::Leader => "leader",
        Algorithm::Mutex => "mutex",
    }
}
