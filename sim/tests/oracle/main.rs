//! Worked cases with answers, from `sim/tests/oracles`.

#[path = "../common/mod.rs"]
mod common;

mod bully;
mod clock;
mod counts;
mod faults;
mod faults_hardened;
mod mutex;
mod worked;

use antes_sim::run::Run;
use antes_sim::summary::Summary;
use serde_json::Value;

/// Reads the file that an oracle has written.
fn oracle(name: &str) -> Value {
    let path = format!("{}/tests/oracles/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The items of a list.
fn items(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no whole number"))
}

fn small(value: &Value) -> u8 {
    u8::try_from(number(value)).expect("a small number")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

fn summary(run: &Run) -> Summary {
    Summary::new(run.scenario().config.size, run.trace())
}

/// The leaders of the live nodes in the notation of the oracles: `{"1":3}`.
fn leaders(run: &Run) -> Value {
    let leaders = summary(run).leaders.into_iter();
    leaders
        .map(|(node, leader)| (node.to_string(), Value::from(leader.map(|id| id.get()))))
        .collect()
}
