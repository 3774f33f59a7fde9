//! The player owns the simulation: it plays, steps in both directions, jumps, and applies actions.

mod acts;

use std::rc::Rc;

use antes_core::Algorithm;
use antes_sim::run::Run;
use antes_sim::scenario::{Scenario, Step};
use antes_sim::trace::{Happening, Invariant, TraceEvent};

use crate::host::range::Range;
use crate::outlook::Outlook;
use crate::sentence;
use crate::speed::Speed;
use crate::why::Around;

/// The largest number of events per frame. Further events wait for the next frame.
const MAX_EVENTS_PER_FRAME: u32 = 4_000;

/// The largest number of lines that a jump searches.
const MAX_JUMP: u32 = 100_000;

/// A run that is being watched.
pub struct Player {
    run: Run,
    outlook: Rc<Outlook>,
    playing: bool,
    speed: Speed,
    /// Increases whenever lines of the trace may have been replaced.
    generation: u32,
    /// Whether time moves from event to event, without movement in between.
    still: bool,
    /// The time since the last event, if time moves from event to event.
    waited_us: u64,
    /// Whether the user holds time still. This is independent of playing.
    held: bool,
    /// The interventions that were prepared before the user acted, as far as they were in the future then.
    prepared: Vec<Step>,
    /// The largest number of interventions that have happened at any moment.
    seen: usize,
    /// The range of the run that is played.
    range: Range,
}

impl Player {
    /// A paused player at the beginning of `scenario`, with these future `interventions`.
    pub fn new(scenario: Scenario, interventions: &[Step], speed: Speed) -> Self {
        let run = Run::with_interventions(scenario, interventions);
        let mut player = Self {
            run,
            outlook: Rc::default(),
            playing: false,
            speed,
            generation: 0,
            still: false,
            waited_us: 0,
            held: false,
            prepared: Vec::new(),
            seen: 0,
            range: Range::default(),
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

    pub const fn is_playing(&self) -> bool {
        self.playing
    }

    pub const fn speed(&self) -> Speed {
        self.speed
    }

    /// Increases whenever lines of the trace may have been replaced.
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    /// Whether the range that is played is over.
    pub fn is_over(&self) -> bool {
        self.run.now_us() >= self.end_us()
    }

    /// Limits playing to this range.
    pub const fn set_range(&mut self, range: Range) {
        self.range = range;
    }

    /// The beginning of the range, in microseconds.
    pub const fn start_us(&self) -> u64 {
        self.range.start_us()
    }

    /// The end of the range, in microseconds.
    pub fn end_us(&self) -> u64 {
        let own = self.run.interventions().filter(|step| !self.prepared.contains(step));
        self.range.end_us(self.run.end_us(), own)
    }

    /// Whether the rest of the range has another event.
    pub fn has_next(&self) -> bool {
        self.run.next_event_us().is_some_and(|next_us| next_us <= self.end_us())
    }

    /// Whether the current moment is the last one of the range.
    pub fn is_at_end(&self) -> bool {
        self.is_over() && !self.has_next()
    }

    /// Whether the current moment is the first one of the range.
    pub fn is_at_start(&self) -> bool {
        match self.start_us() {
            0 => self.run.now_us() == 0 && self.run.done() == 0,
            start_us => self.run.now_us() <= start_us,
        }
    }

    pub fn set_speed(&mut self, speed: Speed) {
        self.speed = speed;
    }

    /// Sets whether time moves from event to event, for users who prefer less motion.
    pub fn set_still(&mut self, still: bool) {
        self.still = still;
    }

    /// Starts to play. If the run is over, it plays from the beginning.
    pub fn play(&mut self) {
        if self.is_over() {
            self.reset();
        }
        self.playing = true;
    }

    pub fn pause(&mut self) {
        self.playing = false;
    }

    /// Advances by one frame of `real_us` microseconds. Returns the line of the violation that stopped it, if
    /// any.
    pub fn frame(&mut self, real_us: u64) -> Option<u64> {
        if !self.playing || self.held {
            return None;
        }
        let passed_us = self.speed.simulated_us(real_us) + std::mem::take(&mut self.waited_us);
        let end_us = self.end_us();
        let target = (self.run.now_us() + passed_us).min(end_us);
        let next_us = self.run.next_event_us().filter(|&next_us| next_us <= end_us);
        if self.still && next_us.is_some_and(|next_us| next_us > target) {
            self.waited_us = passed_us;
            return None;
        }
        for _ in 0..MAX_EVENTS_PER_FRAME {
            if self.run.next_event_us().is_none_or(|next_us| next_us > target) {
                match self.still && self.has_next() {
                    true => self.waited_us = target.saturating_sub(self.run.now_us()),
                    false => self.run.advance_to(target),
                }
                self.playing = !self.is_over();
                if !self.playing && self.range.repeats {
                    self.play();
                }
                return None;
            }
            let known = self.run.trace().len();
            self.run.step();
            if let Some(seq) = self.violation_since(known) {
                self.playing = false;
                return Some(seq);
            }
        }
        None
    }

    /// Goes to the next event, or to the end if there is none.
    pub fn step(&mut self) {
        self.playing = false;
        if self.has_next() {
            self.run.step();
        } else {
            self.finish();
        }
    }

    /// Goes to the end of the range.
    pub fn finish(&mut self) {
        self.playing = false;
        match self.end_us() {
            end_us if end_us < self.run.end_us() => self.wind(end_us),
            _ => self.run.finish(),
        }
    }

    pub fn step_back(&mut self) {
        self.playing = false;
        if self.start_us() > 0 && self.is_at_start() {
            return;
        }
        if self.run.step_back() {
            self.generation += 1;
        } else {
            self.seek(0);
        }
        if self.run.now_us() < self.start_us() {
            self.wind(self.start_us());
        }
    }

    /// Holds time still, or releases it. Returns whether that is a change.
    pub fn hold(&mut self, held: bool) -> bool {
        std::mem::replace(&mut self.held, held) != held
    }

    /// Goes to an instant, limited to the range.
    pub fn seek(&mut self, at_us: u64) {
        self.wind(at_us.min(self.end_us()).max(self.start_us()));
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

    /// Goes to the next note of the narrator, or to the end after the last one.
    pub fn next_note(&mut self) {
        self.playing = false;
        let now_us = self.run.now_us();
        let next = self.notes().find(|&at_us| at_us > now_us);
        match next {
            Some(at_us) => self.seek(at_us),
            None => self.finish(),
        }
    }

    /// The instant of the narrator's note with this number, from 1.
    pub fn note_us(&self, number: usize) -> Option<u64> {
        let mut notes: Vec<_> = self.notes().collect();
        notes.dedup();
        notes.get(number.checked_sub(1)?).copied()
    }

    /// Goes to the note before the current one, or to the beginning before the first one.
    pub fn previous_note(&mut self) {
        self.playing = false;
        let now_us = self.run.now_us();
        let mut told: Vec<_> = self.notes().take_while(|&at_us| at_us <= now_us).collect();
        told.dedup();
        match told.len().checked_sub(2) {
            Some(before) => self.seek(told[before]),
            None => self.reset(),
        }
    }

    /// The instants of the notes.
    fn notes(&self) -> impl Iterator<Item = u64> {
        let notes = self.run.script().iter().filter(|step| step.note.is_some());
        notes.map(|step| u64::try_from(step.at.as_micros()).unwrap_or(u64::MAX))
    }

    /// Goes to the beginning of the range.
    pub fn reset(&mut self) {
        self.playing = false;
        self.generation += 1;
        self.run.go_to(0);
        self.run.seek(self.start_us());
    }

    /// Goes to the moment after the line `seq`, if the line exists.
    pub fn go_to_line(&mut self, seq: u64) {
        self.playing = false;
        let Some(line) = usize::try_from(seq).ok().and_then(|at| self.run.known_trace().get(at))
        else {
            return;
        };
        let at_us = line.at_us;
        self.wind(at_us.saturating_sub(1));
        while self.run.trace().len() as u64 <= seq && self.run.step() {}
    }

    /// Goes to the next instant with a decision, after all its events. Goes to the end if there is none.
    pub fn jump(&mut self) {
        self.playing = false;
        for _ in 0..MAX_JUMP {
            let known = self.run.trace().len();
            if !self.has_next() || !self.run.step() {
                break;
            }
            if self.run.trace()[known..].iter().any(sentence::is_decision) {
                self.run.advance_to(self.run.now_us());
                return;
            }
        }
        self.finish();
    }

    /// Goes back to the latest decision before this moment, or to the beginning if there is none.
    pub fn jump_back(&mut self) {
        self.playing = false;
        let now = self.run.now_us();
        let trace = self.run.trace();
        let start_us = self.start_us();
        let earlier = |event: &&TraceEvent| {
            (start_us..now).contains(&event.at_us) && sentence::is_decision(event)
        };
        match trace.iter().rev().find(earlier).map(|event| event.at_us) {
            Some(at_us) => self.seek(at_us),
            None => self.reset(),
        }
    }

    /// The worlds immediately before and after the event of line `seq`. The run returns to the current
    /// moment.
    pub fn around(&mut self, seq: u64) -> Option<Around> {
        let place = usize::try_from(seq).ok()?;
        let at_us = self.run.trace().get(place)?.at_us;
        let (done, now_us) = (self.run.done(), self.run.now_us());
        match at_us.checked_sub(1) {
            Some(before_us) => self.run.seek(before_us),
            None => self.run.go_to(0),
        }
        let mut before = self.run.world().clone();
        while self.run.trace().len() <= place {
            before = self.run.world().clone();
            if !self.run.step() {
                break;
            }
        }
        let after = self.run.world().clone();
        self.run.go_to(done);
        self.run.wait_until(now_us);
        Some(Around { before, after })
    }

    /// The line of a violation of this instant at which the player stops.
    pub fn violation_here(&self) -> Option<u64> {
        let trace = self.run.trace();
        self.violation_since(trace.partition_point(|event| event.at_us < self.run.now_us()))
    }

    /// The line that this moment is about: a violation of this instant, otherwise the latest line that the
    /// log shows.
    pub fn told(&self, is_shown: impl Fn(&TraceEvent) -> bool) -> Option<u64> {
        let trace = self.run.trace();
        let latest = || trace.iter().rev().find(|event| is_shown(event)).map(|event| event.seq);
        self.violation_here().or_else(latest)
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
