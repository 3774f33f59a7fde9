//! One run of a scenario, in which every earlier moment stays within reach.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use antes_core::Node;

use crate::recorder::Recorder;
use crate::scenario::duration::micros_of;
use crate::scenario::{Action, Scenario, Step};
use crate::trace::TraceEvent;
use crate::world::World;

/// The most lines of trace that a run makes; it ends there, full. They take about 100 MB.
pub const MAX_LINES: u64 = 500_000;

/// How many events lie between two snapshots. Going back costs at most as many events again.
const SNAPSHOT_EVERY: u64 = 128;

/// How long a run goes on at least after what somebody does in it: long enough to see what comes of it.
pub const AFTER_ACT: Duration = Duration::from_secs(10);

/// A step of the script, and whether a person added it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Scenario,
    Person,
}

/// A run. Going back sets the world to what it was, random numbers included; going on from there
/// repeats what happened, until somebody acts differently.
#[derive(Clone, Debug)]
pub struct Run {
    scenario: Arc<Scenario>,
    script: Vec<Step>,
    origins: Vec<Origin>,
    world: World<Node>,
    recorder: Recorder,
    /// How many events have happened.
    done: u64,
    /// When it ends.
    end: Duration,
    /// The world after 0, [`SNAPSHOT_EVERY`], 2·[`SNAPSHOT_EVERY`] … events.
    snapshots: Vec<World<Node>>,
}

impl Run {
    /// A run of `scenario`, at its beginning.
    pub fn new(scenario: Scenario) -> Self {
        let mut recorder = Recorder::on();
        let world = World::new(&scenario, &mut recorder);
        let script = scenario.steps.clone();
        let origins = script.iter().map(|_| Origin::Scenario).collect();
        let snapshots = alloc::vec![world.clone()];
        let (end, scenario) = (scenario.duration, Arc::new(scenario));
        Self { scenario, script, origins, world, recorder, done: 0, end, snapshots }
    }

    /// A run of `scenario`, at its beginning, in which people are going to do `interventions`:
    /// what [`Run::interventions`] told of an earlier one.
    pub fn with_interventions(scenario: Scenario, interventions: &[Step]) -> Self {
        let mut run = Self::new(scenario);
        run.plan(interventions);
        run
    }

    /// Has people do `interventions` as well: where they lie behind, right here.
    pub fn plan(&mut self, interventions: &[Step]) {
        let here = self.world.steps_done();
        for step in interventions {
            let moment = |step: &Step| (step.at, step.after);
            let ahead = &self.script[here..];
            let place = here + ahead.partition_point(|other| moment(other) <= moment(step));
            self.script.insert(place, step.clone());
            self.origins.insert(place, Origin::Person);
        }
        self.change_ahead();
    }

    /// What people do in this run, those steps included that lie ahead of where it is.
    pub fn interventions(&self) -> impl Iterator<Item = &Step> {
        let steps = self.script.iter().zip(&self.origins);
        steps.filter(|(_, origin)| **origin == Origin::Person).map(|(step, _)| step)
    }

    /// How many of [`Run::interventions`] have been done.
    pub fn interventions_done(&self) -> usize {
        let done = &self.origins[..self.world.steps_done()];
        done.iter().filter(|&&origin| origin == Origin::Person).count()
    }

    /// The scenario as it was given.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The scenario with every intervention in its script: it replays this run exactly.
    pub fn as_scenario(&self) -> Scenario {
        Scenario { steps: self.script.clone(), duration: self.end, ..(*self.scenario).clone() }
    }

    /// The script as it stands, interventions included.
    pub fn script(&self) -> &[Step] {
        &self.script
    }

    /// The world as it is.
    pub const fn world(&self) -> &World<Node> {
        &self.world
    }

    /// What has happened so far.
    pub fn trace(&self) -> &[TraceEvent] {
        let so_far = usize::try_from(self.world.lines()).unwrap_or(usize::MAX);
        &self.recorder.lines()[..so_far]
    }

    /// What has happened so far, and what is known of the future because the run was there before.
    pub fn known_trace(&self) -> &[TraceEvent] {
        self.recorder.lines()
    }

    /// The instant that the run is at, in microseconds.
    pub const fn now_us(&self) -> u64 {
        self.world.now_us()
    }

    /// When the run ends, in microseconds: when the scenario does, and [`AFTER_ACT`] after what people
    /// do in it at the earliest.
    pub fn end_us(&self) -> u64 {
        micros_of(self.end)
    }

    /// What lies behind the end by then is not done, and puts nothing off.
    fn set_end(&mut self) {
        let until = |end: Duration, at| if at > end { end } else { end.max(at + AFTER_ACT) };
        self.end = self.interventions().map(|step| step.at).fold(self.scenario.duration, until);
    }

    /// How many events have happened: deliveries, timers, and steps of the script.
    pub const fn done(&self) -> u64 {
        self.done
    }

    /// Whether the run has made [`MAX_LINES`] lines, and goes no further.
    pub const fn is_full(&self) -> bool {
        self.world.lines() >= MAX_LINES
    }

    /// When the next event happens; `None` if none does before the run ends.
    pub fn next_event_us(&self) -> Option<u64> {
        if self.is_full() {
            return None;
        }
        self.world.next_event_us(&self.script).filter(|&at_us| at_us <= self.end_us())
    }

    /// Lets the next event happen; `false` at the end.
    pub fn step(&mut self) -> bool {
        if self.next_event_us().is_none() {
            return false;
        }
        self.world.step(&self.script, &mut self.recorder);
        self.done += 1;
        let place = self.done / SNAPSHOT_EVERY;
        if self.done.is_multiple_of(SNAPSHOT_EVERY) && place == self.snapshots.len() as u64 {
            self.snapshots.push(self.world.clone());
        }
        true
    }

    /// Undoes the last event, be it of the run or a person's; `false` at the beginning. Whoever
    /// acted between two events finds the world at the instant of the act.
    pub fn step_back(&mut self) -> bool {
        let Some(before) = self.done.checked_sub(1) else { return false };
        self.go_to(before);
        let place = self.world.steps_done();
        if self.origins.get(place) == Some(&Origin::Person) {
            self.world.wait_for(&self.script[place]);
        }
        true
    }

    /// Forgets what people do ahead of here.
    pub fn forget_ahead(&mut self) {
        let place = self.world.steps_done();
        let mut ahead = self.origins.split_off(place).into_iter();
        let script = self.script.split_off(place).into_iter();
        let kept = script.filter(|_| ahead.next() == Some(Origin::Scenario));
        self.script.extend(kept);
        self.origins.resize(self.script.len(), Origin::Scenario);
        self.change_ahead();
    }

    /// What was known of the future is void: the script has changed ahead of here.
    fn change_ahead(&mut self) {
        self.set_end();
        self.recorder.forget_from(self.world.lines());
        self.snapshots.truncate(usize::try_from(self.done / SNAPSHOT_EVERY).unwrap_or(0) + 1);
    }

    /// Lets everything happen up to and including this instant.
    pub fn advance_to(&mut self, at_us: u64) {
        while self.next_event_us().is_some_and(|next_us| next_us <= at_us) {
            self.step();
        }
        if !self.is_full() {
            self.world.wait_until(at_us.min(self.end_us()));
        }
    }

    /// Lets time pass until an instant, as far as nothing happens before it.
    pub fn wait_until(&mut self, at_us: u64) {
        if self.next_event_us().is_none_or(|next_us| next_us >= at_us) && !self.is_full() {
            self.world.wait_until(at_us.min(self.end_us()));
        }
    }

    /// Lets everything happen up to the end.
    pub fn finish(&mut self) {
        self.advance_to(self.end_us());
    }

    /// Goes to an instant, forwards or backwards.
    pub fn seek(&mut self, at_us: u64) {
        if at_us < self.now_us() {
            let earlier = self.snapshots.partition_point(|world| world.now_us() <= at_us);
            // The snapshot before may be of the same instant: only then is it sure to be early.
            self.restore(earlier.saturating_sub(1));
        }
        self.advance_to(at_us);
    }

    /// Goes to where this many events have happened, or to the end.
    pub fn go_to(&mut self, done: u64) {
        if done < self.done {
            self.restore(usize::try_from(done / SNAPSHOT_EVERY).unwrap_or(usize::MAX));
        }
        while self.done < done && self.step() {}
    }

    /// Does something to the world, between the event that was and the one that is next. What
    /// people did in the future that is left behind is forgotten; the scenario's own script stays.
    pub fn act(&mut self, action: Action) {
        self.forget_ahead();
        let place = self.world.steps_done();
        let at = Duration::from_micros(self.now_us());
        let step = Step::new(at, self.world.done_here(), action);
        self.script.insert(place, step);
        self.origins.insert(place, Origin::Person);
        self.set_end();
        self.step();
    }

    fn restore(&mut self, snapshot: usize) {
        let snapshot = snapshot.min(self.snapshots.len() - 1);
        self.world = self.snapshots[snapshot].clone();
        self.done = snapshot as u64 * SNAPSHOT_EVERY;
    }
}
