//! A run as tests watch it.

use antes_core::{Algorithm, ClusterSize};
use antes_sim::run::Run;
use antes_sim::scenario::{Action, Scenario};

use crate::chart::index::Index;
use crate::outlook::Outlook;
use crate::ring::scene::Scene;

/// A run, and what is known of it.
pub struct Watched {
    /// The run.
    pub run: Run,
    outlook: Outlook,
}

impl Watched {
    /// Four nodes at the beginning of a run.
    pub fn new(algorithm: Algorithm) -> Self {
        Self::of(Scenario::new(algorithm, ClusterSize::new(4).unwrap()))
    }

    /// The beginning of a scenario.
    pub fn of(scenario: Scenario) -> Self {
        let mut run = Run::new(scenario);
        let outlook = Outlook::ahead(&mut run, |_, _, _| {});
        Self { run, outlook }
    }

    /// Goes to an instant.
    pub fn seek(&mut self, at_us: u64) {
        self.run.seek(at_us);
    }

    /// Does something to the world.
    pub fn act(&mut self, action: Action) {
        self.run.act(action);
        self.outlook = Outlook::ahead(&mut self.run, |_, _, _| {});
    }

    /// What the ring shows.
    pub fn scene(&self) -> Scene {
        Scene::new(&self.run, &self.outlook)
    }

    /// Has the diagram read the run so far.
    pub fn read_by(&self, index: &mut Index) {
        index.read(self.run.trace(), 0, &self.outlook);
    }
}
