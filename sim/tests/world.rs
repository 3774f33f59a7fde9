//! The world: order, faults, time travel.

mod common;

use antes_sim::run::Run;
use antes_sim::scenario::Action;
use antes_sim::trace::{Happening, Loss};
use common::{at, node, quiet_leader};

#[test]
fn a_message_to_a_dead_node_flies_and_dies_there() {
    let mut scenario = quiet_leader(4);
    scenario.steps = vec![
        at(0, Action::Crash(node(4))),
        at(0, Action::Send { from: node(1), to: node(4), latency: None }),
    ];
    let mut run = Run::new(scenario);
    run.finish();
    let lost = run.trace().last().unwrap();
    assert_eq!(lost.at_us, 100_000);
    assert!(matches!(lost.happening, Happening::Lost { loss: Loss::Down, .. }));
    assert_eq!(lost.stamp.lamport.0, 1, "it carries its send's stamp");
}
