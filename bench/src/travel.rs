//! The cost of snapshots and of going back.

use antes_sim::narrow::Node;
use antes_sim::recorder::Recorder;
use antes_sim::run::Run;
use antes_sim::world::World;

use crate::contest::median;
use crate::stopwatch::Stopwatch;
use crate::work::{Work, mutex};

/// The number of events of the run.
const EVENTS: u64 = 100_000;

/// The number of places, spread over the run, at which a step back is measured.
const PLACES: u64 = 200;

/// The number of snapshots that are timed together.
const SNAPSHOTS: u32 = 20_000;

/// Measures snapshots and steps back on the lock's work.
pub fn measure() -> String {
    let (middle, worst) = steps_back();
    format!(
        "\n| going back | cost |\n| --- | ---: |\n\
         | a snapshot, in deliveries without trace | {:.1} |\n\
         | a step back in {EVENTS} events, median | {middle:.3} ms |\n\
         | a step back in {EVENTS} events, slowest of {PLACES} | {worst:.3} ms |\n",
        snapshot_cost()
    )
}

/// The time of a snapshot as a multiple of the time of an event, so that the machine does not
/// matter.
fn snapshot_cost() -> f64 {
    let work = mutex(2_000);
    let ratios = (0..15).map(|_| {
        let mut recorder = Recorder::off();
        let mut world = World::<Node>::new(&work.scenario, &mut recorder);
        let watch = Stopwatch::start();
        for _ in 0..SNAPSHOTS {
            world.step(&[], &mut recorder);
        }
        let stepping = watch.seconds();
        let watch = Stopwatch::start();
        for _ in 0..SNAPSHOTS {
            std::hint::black_box(world.clone());
        }
        watch.seconds() / stepping
    });
    median(ratios.collect())
}

/// The median and the longest time of a step back, in milliseconds.
fn steps_back() -> (f64, f64) {
    let mut run = long_run(&mutex(u32::try_from(EVENTS).expect("a number of rounds")));
    let mut times_ms = Vec::new();
    // From the end to the beginning, at a different distance from a snapshot each time.
    for place in (1..=PLACES).rev() {
        run.go_to(EVENTS / PLACES * place - place % 128);
        let watch = Stopwatch::start();
        run.step_back();
        times_ms.push(watch.seconds() * 1000.0);
    }
    let worst = times_ms.iter().copied().fold(0.0, f64::max);
    (median(times_ms), worst)
}

fn long_run(work: &Work) -> Run {
    let mut run = Run::new(work.scenario.clone());
    run.go_to(EVENTS);
    assert_eq!(run.done(), EVENTS, "the run is long enough");
    run
}
