//! The same scenario and seed give the same trace to the byte, natively and in WebAssembly: both
//! are compared with one table of checksums.
//!
//! To update the table, run natively: `UPDATE_GOLDEN=1 cargo test -p antes-sim --test
//! same_everywhere`. If some lines change, those runs have changed. If native and WebAssembly
//! differ, that is a bug.

use std::fmt::Write as _;

use antes_core::Profile;
use antes_sim::export::jsonl;
use antes_sim::library::LIBRARY;
use antes_sim::run::Run;
use antes_sim::scenario;

#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test;

const TABLE: &str = include_str!("checksums.tsv");

/// Scenarios that use all random draws and all fractional latencies.
const STORMS: [(&str, &str); 4] = [
    (
        "storm-leader",
        r#"
        title = "Exponential latency, loss, copies, drift"
        algorithm = "leader"
        nodes = 5
        seed = 11
        duration = "60s"
        [network]
        latency = { mean = "80ms", min = "5ms" }
        loss = 0.05
        duplicate = 0.1
        fifo = false
        [mutex]
        drift = 0.02
        [[node]]
        id = 2
        clock_rate = 1.005
        [[step]]
        at = "7s"
        crash = 5
        [[step]]
        at = "21s"
        restart = 5
        "#,
    ),
    (
        "storm-mutex",
        r#"
        title = "Exponential latency, loss, copies, drift, and a lock"
        algorithm = "mutex"
        nodes = 4
        seed = 12
        duration = "60s"
        [network]
        latency = { mean = "60ms", min = "1ms" }
        loss = 0.02
        duplicate = 0.1
        fifo = false
        [mutex]
        drift = 0.01
        [[node]]
        id = 3
        clock_rate = 0.993
        [application]
        auto = true
        "#,
    ),
    (
        "storm-clock",
        r#"
        title = "Exponential latency, loss, copies, drift, and calls"
        algorithm = "clock"
        nodes = 8
        seed = 13
        duration = "60s"
        [network]
        latency = { mean = "200ms", min = "0ms" }
        loss = 0.1
        duplicate = 0.2
        fifo = false
        [mutex]
        drift = 0.05
        [application]
        auto = true
        "#,
    ),
    (
        "storm-distributed",
        r#"
        title = "The distributed lock, with copies that overtake each other"
        algorithm = "mutex"
        nodes = 5
        seed = 17
        duration = "60s"
        [network]
        latency = { min = "5ms", max = "200ms" }
        duplicate = 0.1
        fifo = false
        [mutex]
        lock = "distributed"
        [application]
        auto = true
        "#,
    ),
];

/// FNV-1a, which is short and portable.
fn checksum(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A line of the table: name, profile, number of trace lines, checksum. `None` if the scenario
/// cannot run in this profile.
fn row(name: &str, text: &str, profile: Profile) -> Option<String> {
    let scenario = scenario::read(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    if scenario.refuses(profile).is_some() {
        return None;
    }
    let mut run = Run::new(scenario.in_profile(profile));
    run.finish();
    let trace = jsonl::write(run.scenario(), run.trace());
    let profile = match profile {
        Profile::Classic => "classic",
        Profile::Hardened => "hardened",
    };
    Some(format!("{name}\t{profile}\t{}\t{:016x}", trace.lines().count(), checksum(&trace)))
}

fn table() -> String {
    let mut table = String::new();
    for (name, text) in LIBRARY.iter().chain(&STORMS) {
        for profile in [Profile::Classic, Profile::Hardened] {
            let Some(row) = row(name, text, profile) else { continue };
            writeln!(table, "{row}").expect("a string takes everything");
        }
    }
    table
}

#[cfg_attr(not(target_family = "wasm"), test)]
#[cfg_attr(target_family = "wasm", wasm_bindgen_test)]
fn every_trace_has_the_checksum_that_it_has_everywhere() {
    let found = table();
    #[cfg(not(target_family = "wasm"))]
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let place = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/checksums.tsv");
        std::fs::write(place, &found).expect("the table can be written");
        return;
    }
    for (found, known) in found.lines().zip(TABLE.lines()) {
        assert_eq!(found, known, "(found, known)");
    }
    assert_eq!(found.lines().count(), TABLE.lines().count(), "runs in the table");
}
