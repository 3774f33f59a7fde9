//! The contestant: the simulator.

use antes_sim::recorder::Recorder;
use antes_sim::world::{Process, World};

use crate::work::{Outcome, Work, nodes};

/// Does the work in the simulator, with or without a trace.
pub fn run<P: Process>(work: &Work, mut recorder: Recorder) -> Outcome {
    let mut world = World::<P>::new(&work.scenario, &mut recorder);
    let end_us = work.end_us();
    while world.next_event_us(&[]).is_some_and(|next_us| next_us <= end_us) {
        world.step(&[], &mut recorder);
    }
    let sent: u32 = nodes().map(|node| world.network().sent_by(node)).sum();
    let flying = world.flights().count() as u64;
    let mut stamps = nodes().map(|node| *world.node(node).stamp());
    Outcome {
        deliveries: u64::from(sent) - flying,
        stamps: std::array::from_fn(|_| stamps.next().unwrap_or_default()),
    }
}
