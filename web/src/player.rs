//! The player owns the simulation: it plays, steps in both directions, jumps, and applies actions.

mod acts;
mod timeline;

use std::rc::Rc;

use antes_core::Algorithm;
use antes_sim::run::Run;
use antes_sim::scenario::{Scenario, Step};
use antes_sim::trace::{Happening, Invariant, TraceEvent};

use crate::chart::index::Index;
use crate::host::range::Range;
use crate::outlook::Outlook;
use crate::playback::Playback;
use crate::routine::Routines;
use crate::speed::Speed;
use crate::timeline::Timeline;
use crate::waits::Waits;

/// The largest number of events per frame. Further events wait for the next frame.
const MAX_EVENTS_PER_FRAME: u32 = 4_000;

/// The largest number of lines that a jump searches.
const MAX_JUMP: u32 = 100_000;

/// A run that is being watched.
pub struct Player {
    run: Run,
    outlook: Rc<Outlook>,
    playback: Playback,
    /// Increases whenever lines of the trace may have been replaced.
    generation: u32,
    /// The interventions that were prepared before the user acted, as far as they were in the future then.
    prepared: Vec<Step>,
    /// The largest number of interventions that have happened at any moment.
    seen: usize,
    /// The diagram's index of the trace.
    index: Index,
    routines: Routines,
    waits: Waits,
}

impl Player {
    /// A paused player at the beginning of `scenario`, with these future `interventions`.
    pub fn new(scenario: Scenario, interventions: &[Step], speed: Speed) -> Self {
        let run = Run::with_interventions(scenario, interventions);
        let mut player = Self {
            run,
            outlook: Rc::default(),
            playback: Playback::new(speed),
            generation: 0,
            prepared: Vec::new(),
            seen: 0,
            index: Index::default(),
            routines: Routines::default(),
            waits: Waits::default(),
        };
        player.look_ahead();
        player
    }

    pub const fn run(&self) -> &Run {
        &self.run
    }

    pub const fn outlook(&self) -> &Rc<Outlook> {
        &self.outlook
    }

    /// Increases whenever lines of the trace may have been replaced.
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    /// Limits playing to this range.
    pub const fn set_range(&mut self, range: Range) {
        self.playback.range = range;
    }

    /// Whether the rest of the range has another event.
    pub fn has_next(&self) -> bool {
        self.run.next_event_us().is_some_and(|next_us| next_us <= self.end_us())
    }

    /// Goes to an instant of the whole run.
    fn wind(&mut self, at_us: u64) {
        if at_us < self.run.now_us() {
            self.generation += 1;
        }
        self.run.seek(at_us.min(self.run.end_us()));
    }

    /// Goes to where `done` events have happened. Then lets time pass until `at_us`, but not past the next
    /// event.
    pub fn go_to(&mut self, done: u64, at_us: u64) {
        self.generation += 1;
        self.run.go_to(done);
        self.run.wait_until(at_us);
    }

    /// Goes to the moment of a script's step, before the step itself. Earlier steps of the same instant have
    /// happened.
    pub fn go_to_before(&mut self, step: &Step) {
        let at_us = u64::try_from(step.at.as_micros()).unwrap_or(u64::MAX);
        match at_us.checked_sub(1) {
            Some(before_us) => self.wind(before_us),
            None => self.wind(0),
        }
        let due = |run: &Run| run.next_event_us() == Some(at_us);
        let done_here = |run: &Run| if run.now_us() == at_us { run.world().done_here() } else { 0 };
        while due(&self.run) && done_here(&self.run) < step.after && self.run.step() {}
        self.run.wait_until(at_us);
    }

    /// The instant of the narrator's note with this number, from 1.
    pub fn note_us(&self, number: usize) -> Option<u64> {
        let mut notes: Vec<_> = self.notes().collect();
        notes.dedup();
        notes.get(number.checked_sub(1)?).copied()
    }

    /// The instants of the notes.
    fn notes(&self) -> impl Iterator<Item = u64> {
        let notes = self.run.script().iter().filter(|step| step.note.is_some());
        notes.map(|step| u64::try_from(step.at.as_micros()).unwrap_or(u64::MAX))
    }

    /// The line of a violation of this instant at which the player stops.
    pub fn violation_here(&self) -> Option<u64> {
        let trace = self.run.trace();
        self.violation_since(trace.partition_point(|event| event.at_us < self.run.now_us()))
    }

    /// The first line from `known` on with a violation at which the player stops. A classic restart resets
    /// the Lamport clock. If the run is about another topic, that violation is reported but does not stop the
    /// player.
    pub fn violation_since(&self, known: usize) -> Option<u64> {
        let about_clock = self.run.scenario().config.algorithm == Algorithm::Clock;
        let stops = |event: &&TraceEvent| match &event.happening {
            Happening::Violation(violation) => {
                about_clock || violation.invariant != Invariant::ClockCondition
            }
            _ => false,
        };
        self.run.trace()[known..].iter().find(stops).map(|event| event.seq)
    }
}

#[cfg(test)]
mod tests;
