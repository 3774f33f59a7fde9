//! Shortens the script of a failing storm, so that a reader can follow it.
//!
//! Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002.

use core::time::Duration;

use antes_core::MAX_NODES;

use super::{FAULTS_LAST, Failure, judge};
use crate::scenario::{Latency, Ppm, Scenario};

/// The shortest script found that fails in the same way. Steps are removed in halves, quarters and
/// so on down to single steps. Then the faults of network and clocks are removed, and the time
/// after the failure.
pub fn minimised(mut scenario: Scenario, failure: &Failure) -> Scenario {
    let fails =
        |scenario: &Scenario| judge(scenario).is_err_and(|found| found.name == failure.name);
    loop {
        let before = scenario.clone();
        leave_steps_out(&mut scenario, fails);
        for quieter in QUIETER {
            let mut quiet = scenario.clone();
            quieter(&mut quiet);
            if quiet != scenario && fails(&quiet) {
                scenario = quiet;
            }
        }
        if scenario == before {
            break;
        }
    }
    end_soon_after(&mut scenario, fails);
    scenario
}

fn leave_steps_out(scenario: &mut Scenario, fails: impl Fn(&Scenario) -> bool) {
    let mut chunk = scenario.steps.len().div_ceil(2);
    while chunk > 0 {
        let mut at = 0;
        while at < scenario.steps.len() {
            let mut shorter = scenario.clone();
            let end = (at + chunk).min(shorter.steps.len());
            shorter.steps.drain(at..end);
            if fails(&shorter) {
                *scenario = shorter;
            } else {
                at = end;
            }
        }
        chunk /= 2;
    }
}

/// Each removes one fault that applies to the whole storm.
const QUIETER: [fn(&mut Scenario); 6] = [
    |scenario| scenario.network.loss = 0.0,
    |scenario| scenario.network.duplicate = 0.0,
    |scenario| scenario.network.fifo = true,
    |scenario| {
        let way = scenario.longest_way().min(Duration::from_millis(50));
        scenario.network.latency = Latency::Fixed(way);
    },
    |scenario| scenario.clock_rates = [Ppm::TRUE; MAX_NODES as usize],
    |scenario| scenario.config.application.auto = false,
];

/// A violated invariant needs no time after it; a liveness failure needs the calm phase.
fn end_soon_after(scenario: &mut Scenario, fails: impl Fn(&Scenario) -> bool) {
    let Err(failure) = judge(scenario) else { return };
    let soon = Duration::from_micros(failure.at_us) + Duration::from_secs(1);
    let mut shorter = scenario.clone();
    shorter.duration = scenario.duration.min(soon);
    if shorter.duration < FAULTS_LAST {
        shorter.network.faults_end = None;
    }
    if fails(&shorter) {
        *scenario = shorter;
    }
}
