//! A run of a scenario that can return to any earlier moment.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use crate::narrow::Node;

use crate::recorder::Recorder;
use crate::scenario::duration::micros_of;
use crate::scenario::{Action, Scenario, Step};
use crate::trace::TraceEvent;
use crate::world::World;

/// The most trace lines of a run; the run stops there. They take about 100 MB.
pub const MAX_LINES: u64 = 500_000;

/// The number of events between two snapshots. Going back replays at most that many events.
const SNAPSHOT_EVERY: u64 = 128;

/// How long a run continues at least after a user's action, so that its consequences can be seen.
pub const AFTER_ACT: Duration = Duration::from_secs(10);

/// A step of the script, and whether a user added it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Scenario,
    Person,
}

/// A run. Going back restores the world, including its random numbers. Going on from there repeats
/// the same events until a user acts differently.
#[derive(Clone, Debug)]
pub struct Run {
    scenario: Arc<Scenario>,
    script: Vec<Step>,
    origins: Vec<Origin>,
    world: World<Node>,
    recorder: Recorder,
    /// The number of events that have happened.
    done: u64,
    /// The end of the run.
    end: Duration,
    /// The world after 0, [`SNAPSHOT_EVERY`], 2·[`SNAPSHOT_EVERY`] … events.
    snapshots: Vec<World<Node>>,
}

impl Run {
    /// A run at the beginning of `scenario`.
    pub fn new(scenario: Scenario) -> Self {
        let mut recorder = Recorder::on();
        let world = World::new(&scenario, &mut recorder);
        let script = scenario.steps.clone();
        let origins = script.iter().map(|_| Origin::Scenario).collect();
        let snapshots = alloc::vec![world.clone()];
        let (end, scenario) = (scenario.duration, Arc::new(scenario));
        Self { scenario, script, origins, world, recorder, done: 0, end, snapshots }
    }

    /// A run at the beginning of `scenario` with the `interventions` of an earlier run
    /// ([`Run::interventions`]).
    pub fn with_interventions(scenario: Scenario, interventions: &[Step]) -> Self {
        let mut run = Self::new(scenario);
        run.plan(interventions);
        run
    }

    /// Adds `interventions` to the script. Those that are in the past happen now.
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

    /// The user's interventions, including those that are still to come.
    pub fn interventions(&self) -> impl Iterator<Item = &Step> {
        let steps = self.script.iter().zip(&self.origins);
        steps.filter(|(_, origin)| **origin == Origin::Person).map(|(step, _)| step)
    }

    /// How many of [`Run::interventions`] have happened.
    pub fn interventions_done(&self) -> usize {
        let done = &self.origins[..self.world.steps_done()];
        done.iter().filter(|&&origin| origin == Origin::Person).count()
    }

    /// The scenario as it was given, without the user's interventions.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The scenario with all interventions in its script. It replays this run exactly.
    pub fn as_scenario(&self) -> Scenario {
        Scenario { steps: self.script.clone(), duration: self.end, ..(*self.scenario).clone() }
    }

    /// The script with all interventions.
    pub fn script(&self) -> &[Step] {
        &self.script
    }

    /// The world at the present moment.
    pub const fn world(&self) -> &World<Node> {
        &self.world
    }

    /// The trace up to the present moment.
    pub fn trace(&self) -> &[TraceEvent] {
        let so_far = usize::try_from(self.world.lines()).unwrap_or(usize::MAX);
        &self.recorder.lines()[..so_far]
    }

    /// The trace up to the present moment, and the known future after going back.
    pub fn known_trace(&self) -> &[TraceEvent] {
        self.recorder.lines()
    }

    /// The present instant, in microseconds.
    pub const fn now_us(&self) -> u64 {
        self.world.now_us()
    }

    /// The end of the run, in microseconds: the end of the scenario, and at least [`AFTER_ACT`]
    /// after the last intervention.
    pub fn end_us(&self) -> u64 {
        micros_of(self.end)
    }

    /// Interventions after the end do not happen and do not extend the run.
    fn set_end(&mut self) {
        let until = |end: Duration, at| if at > end { end } else { end.max(at + AFTER_ACT) };
        self.end = self.interventions().map(|step| step.at).fold(self.scenario.duration, until);
    }

    /// The number of events that have happened: deliveries, timers and script steps.
    pub const fn done(&self) -> u64 {
        self.done
    }

    /// Whether the run has [`MAX_LINES`] lines and cannot continue.
    pub const fn is_full(&self) -> bool {
        self.world.lines() >= MAX_LINES
    }

    /// The instant of the next event. `None` if there is none before the end.
    pub fn next_event_us(&self) -> Option<u64> {
        if self.is_full() {
            return None;
        }
        self.world.next_event_us(&self.script).filter(|&at_us| at_us <= self.end_us())
    }

    /// Carries out the next event. `false` at the end of the run.
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

    /// Undoes the last event or intervention. `false` at the beginning. After undoing an
    /// intervention between two events, the run is at the instant of the intervention.
    pub fn step_back(&mut self) -> bool {
        let Some(before) = self.done.checked_sub(1) else { return false };
        self.go_to(before);
        let place = self.world.steps_done();
        if self.origins.get(place) == Some(&Origin::Person) {
            self.world.wait_for(&self.script[place]);
        }
        true
    }

    /// Removes the interventions that are still to come after going back.
    pub fn forget_ahead(&mut self) {
        let place = self.world.steps_done();
        let mut ahead = self.origins.split_off(place).into_iter();
        let script = self.script.split_off(place).into_iter();
        let kept = script.filter(|_| ahead.next() == Some(Origin::Scenario));
        self.script.extend(kept);
        self.origins.resize(self.script.len(), Origin::Scenario);
        self.change_ahead();
    }

    /// Discards the known future, because the script has changed.
    fn change_ahead(&mut self) {
        self.set_end();
        self.recorder.forget_from(self.world.lines());
        self.snapshots.truncate(usize::try_from(self.done / SNAPSHOT_EVERY).unwrap_or(0) + 1);
    }

    /// Carries out all events up to and including this instant.
    pub fn advance_to(&mut self, at_us: u64) {
        while self.next_event_us().is_some_and(|next_us| next_us <= at_us) {
            self.step();
        }
        if !self.is_full() {
            self.world.wait_until(at_us.min(self.end_us()));
        }
    }

    /// Lets time pass up to an instant, or until just before the next event.
    pub fn wait_until(&mut self, at_us: u64) {
        if self.next_event_us().is_none_or(|next_us| next_us >= at_us) && !self.is_full() {
            self.world.wait_until(at_us.min(self.end_us()));
        }
    }

    /// Carries out all events up to the end.
    pub fn finish(&mut self) {
        self.advance_to(self.end_us());
    }

    /// Goes forward or back to an instant.
    pub fn seek(&mut self, at_us: u64) {
        if at_us < self.now_us() {
            let earlier = self.snapshots.partition_point(|world| world.now_us() <= at_us);
            // The last snapshot that is not after the instant.
            self.restore(earlier.saturating_sub(1));
        }
        self.advance_to(at_us);
    }

    /// Goes to the moment after this many events, or to the end.
    pub fn go_to(&mut self, done: u64) {
        if done < self.done {
            self.restore(usize::try_from(done / SNAPSHOT_EVERY).unwrap_or(usize::MAX));
        }
        while self.done < done && self.step() {}
    }

    /// The worlds immediately before and after the event that wrote this line. `None` if the line is not in the
    /// past. The run does not move.
    pub fn worlds_around(&self, line: usize) -> Option<[World<Node>; 2]> {
        let at_us = self.trace().get(line)?.at_us;
        let is_before = |world: &World<Node>| world.lines() <= line as u64;
        let Some(earlier) = self.snapshots.partition_point(is_before).checked_sub(1) else {
            // The line is of the beginning.
            let first = &self.snapshots[0];
            return Some([first.clone(), first.clone()]);
        };
        let (mut before, mut recorder) = (self.snapshots[earlier].clone(), Recorder::off());
        while before.next_event_us(&self.script).is_some_and(|next_us| next_us < at_us) {
            before.step(&self.script, &mut recorder);
        }
        before.wait_until(at_us.saturating_sub(1));
        loop {
            let mut after = before.clone();
            if !after.step(&self.script, &mut recorder) {
                return None;
            }
            if !is_before(&after) {
                return Some([before, after]);
            }
            before = after;
        }
    }

    /// Moves through the run, and returns to exactly this moment.
    pub fn aside<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        let (world, done) = (self.world.clone(), self.done);
        let found = look(self);
        (self.world, self.done) = (world, done);
        found
    }

    /// Carries out a user's action between the last event and the next. Interventions in the future
    /// that is left are removed; the scenario's own script stays.
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
