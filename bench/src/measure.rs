//! The measurements, which can be selected by name.

use antes_sim::narrow::Node;
use antes_sim::recorder::Recorder;
use antes_sim::world::Process;

use crate::contest::{Contest, Contestant};
use crate::pingpong::Player;
use crate::work::Work;
use crate::{bare, simulated, travel, work};

/// The length of a run in latencies: 60,000 deliveries of the ping-pong.
const ROUNDS: u32 = 5_000;

/// Measures the named parts, or all, and returns tables. A name is that of a table, or of one of
/// its rows: a single contestant, for use with a profiler.
pub fn measure(names: &[String]) -> String {
    let wanted = |name: &str| names.is_empty() || names.iter().any(|other| other == name);
    let (ping_pong, mutex) = (work::ping_pong(ROUNDS), work::mutex(ROUNDS));
    let mut tables = String::new();
    for mut contest in [play(&ping_pong), exclude(&mutex)] {
        if !wanted(contest.title) {
            contest.keep(wanted);
        }
        tables += &contest.hold();
    }
    if wanted("travel") {
        tables += &travel::measure();
    }
    tables
}

/// Lets the contestant of this row do its work once, for counting instructions.
#[cfg(not(target_arch = "wasm32"))]
pub fn rehearse(row: &str) {
    let (ping_pong, mutex) = (work::ping_pong(ROUNDS), work::mutex(ROUNDS));
    for mut contest in [play(&ping_pong), exclude(&mutex)] {
        contest.keep(|other| other == row);
        contest.rehearse();
    }
}

fn play(work: &Work) -> Contest<'_> {
    Contest {
        title: "ping-pong",
        check: Box::new(|| check_ping_pong(work)),
        contestants: vec![
            simulator::<Player>("trace on", work, Recorder::on),
            simulator::<Player>("trace off", work, Recorder::off),
            Contestant::new("bare loop", || (), |()| bare::ping_pong(work)),
            #[cfg(not(target_arch = "wasm32"))]
            turmoil::<Player>(work),
        ],
    }
}

fn exclude(work: &Work) -> Contest<'_> {
    Contest {
        title: "mutex",
        check: Box::new(|| check_mutex(work)),
        contestants: vec![
            simulator::<Node>("trace on", work, Recorder::on),
            simulator::<Node>("trace off", work, Recorder::off),
            Contestant::new("bare loop", || (), |()| bare::mutex(work).deliveries),
            #[cfg(not(target_arch = "wasm32"))]
            turmoil::<Node>(work),
        ],
    }
}

fn simulator<'a, P: Process + 'a>(
    name: &'static str,
    work: &'a Work,
    recorder: fn() -> Recorder,
) -> Contestant<'a> {
    Contestant::new(
        name,
        move || simulated::Simulation::<P>::new(work, recorder()),
        simulated::Simulation::run,
    )
}

#[cfg(not(target_arch = "wasm32"))]
fn turmoil<P: Process + 'static>(work: &Work) -> Contestant<'_> {
    use crate::turmoiled::Simulation;
    Contestant::new("turmoil", || Simulation::new::<P>(work), Simulation::run)
}

/// Checks that all contestants do the same: as many deliveries, and the same clocks at the end.
fn check_ping_pong(work: &Work) {
    let outcome = outcome_of::<Player>(work, Recorder::off());
    assert_eq!(outcome.deliveries, work.rounds() * 12);
    assert_eq!(outcome_of::<Player>(work, Recorder::on()), outcome);
    assert_eq!(bare::ping_pong(work), outcome.deliveries);
    #[cfg(not(target_arch = "wasm32"))]
    assert_eq!(crate::turmoiled::Simulation::new::<Player>(work).run().outcome(), outcome);
}

/// Checks that all contestants do the same: as many deliveries, and the same clocks at the end.
fn check_mutex(work: &Work) {
    let outcome = outcome_of::<Node>(work, Recorder::off());
    assert!(outcome.deliveries > work.rounds(), "they do get the lock");
    assert_eq!(outcome_of::<Node>(work, Recorder::on()), outcome);
    assert_eq!(bare::mutex(work), outcome);
    // turmoil delivers messages of the same instant in the order of senders, so the lock is granted
    // in another order and the clocks differ.
    #[cfg(not(target_arch = "wasm32"))]
    {
        let rival = crate::turmoiled::Simulation::new::<Node>(work).run().outcome();
        assert_eq!(rival.deliveries, outcome.deliveries);
    }
}

fn outcome_of<P: Process>(work: &Work, recorder: Recorder) -> work::Outcome {
    simulated::Simulation::<P>::new(work, recorder).run().outcome()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_plays_the_same_ping_pong() {
        check_ping_pong(&work::ping_pong(200));
    }

    #[test]
    fn everybody_excludes_mutually_in_the_same_way() {
        check_mutex(&work::mutex(200));
    }
}
