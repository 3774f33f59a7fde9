//! The contestant of this project: the simulator.

use antes_sim::recorder::Recorder;
use antes_sim::world::{Process, World};

use crate::contest::Done;
use crate::work::{Outcome, Work, nodes};

/// A world and its recorder.
pub struct Simulation<P> {
    world: World<P>,
    recorder: Recorder,
    end_us: u64,
}

impl<P: Process> Simulation<P> {
    pub fn new(work: &Work, mut recorder: Recorder) -> Self {
        let world = World::new(&work.scenario, &mut recorder);
        Self { world, recorder, end_us: work.end_us() }
    }

    pub fn run(mut self) -> Self {
        while self.world.next_event_us(&[]).is_some_and(|next_us| next_us <= self.end_us) {
            self.world.step(&[], &mut self.recorder);
        }
        self
    }

    pub fn outcome(&self) -> Outcome {
        let mut stamps = nodes().map(|node| *self.world.node(node).stamp());
        Outcome {
            deliveries: self.deliveries(),
            stamps: std::array::from_fn(|_| stamps.next().unwrap_or_default()),
        }
    }
}

impl<P: Process> Done for Simulation<P> {
    fn deliveries(&self) -> u64 {
        let sent: u32 = nodes().map(|node| self.world.network().sent_by(node)).sum();
        u64::from(sent) - self.world.flights().count() as u64
    }
}
