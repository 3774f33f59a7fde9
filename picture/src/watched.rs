//! A run with its outlook and scenes, for tests.

use antes_core::{Algorithm, ClusterSize};
use antes_sim::run::Run;
use antes_sim::scenario::{Action, Scenario};

use crate::chart::index::Index;
use crate::outlook::Outlook;
use crate::ring::scene::Scene;

/// A run with its outlook.
pub struct Watched {
    pub run: Run,
    outlook: Outlook,
}

impl Watched {
    /// Four nodes that run this algorithm, at time 0.
    pub fn new(algorithm: Algorithm) -> Self {
        Self::of(Scenario::new(algorithm, ClusterSize::new(4).unwrap()))
    }

    /// A scenario at time 0.
    pub fn of(scenario: Scenario) -> Self {
        let mut run = Run::new(scenario);
        let outlook = Outlook::ahead(&mut run, |_, _, _| {});
        Self { run, outlook }
    }

    pub fn seek(&mut self, at_us: u64) {
        self.run.seek(at_us);
    }

    /// Carries out an intervention at the present moment.
    pub fn act(&mut self, action: Action) {
        self.run.act(action);
        self.outlook = Outlook::ahead(&mut self.run, |_, _, _| {});
    }

    /// The ring at this moment.
    pub fn scene(&self) -> Scene {
        Scene::new(&self.run, &self.outlook)
    }

    /// Lets the diagram's index read the trace so far.
    pub fn read_by(&self, index: &mut Index) {
        index.read(self.run.trace(), 0, &self.outlook);
    }
}
