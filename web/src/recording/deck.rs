//! Moves along a tape: plays, steps, seeks and jumps.

use std::rc::Rc;

use antes_picture::recording::Shown;
use antes_sim::trace::{Happening, TraceEvent};

use super::moment::Moment;
use super::pace::Quiet;
use super::tape::Tape;
use crate::chart::index::Index;
use crate::host::range::Range;
use crate::routine::Routines;
use crate::sentence;
use crate::speed::Speed;
use crate::waits::Waits;

/// The number of lines between two snapshots. Going back replays at most this many lines.
const SNAPSHOT_EVERY: usize = 256;

/// The maximum number of lines per frame; the rest waits for the next frame.
const MAX_LINES_PER_FRAME: u32 = 4_000;

/// A tape and the current position on it.
pub struct Deck {
    tape: Rc<Tape>,
    routines: Routines,
    waits: Waits,
    moment: Moment,
    /// The states after 0, [`SNAPSHOT_EVERY`], 2·[`SNAPSHOT_EVERY`]… lines, as far as played so
    /// far.
    snapshots: Vec<Moment>,
    index: Index,
    /// The number of lines that the index contains.
    indexed: usize,
    now_us: u64,
    playing: bool,
    speed: Speed,
    /// Whether time jumps from line to line, without motion in between.
    still: bool,
    /// The time since the last line, if time jumps from line to line.
    waited_us: u64,
    /// Whether the user holds time still by dragging the scrubber.
    held: bool,
    /// Incremented when the diagram's layout changes or lines are undone.
    generation: u32,
    /// The part to play, in times of the trace.
    range: Range,
}

impl Deck {
    /// A deck at the beginning of `tape`.
    pub fn new(tape: impl Into<Rc<Tape>>) -> Self {
        let tape = tape.into();
        let moment = Moment::new(&tape);
        let (mut routines, mut waits) = (Routines::default(), Waits::default());
        routines.read(tape.events(), 0);
        waits.read(tape.events(), 0, tape.size().get(), None);
        let snapshots = vec![moment.clone()];
        Self {
            tape,
            routines,
            waits,
            moment,
            snapshots,
            index: Index::default(),
            indexed: 0,
            now_us: 0,
            playing: false,
            speed: Speed::DEFAULT,
            still: false,
            waited_us: 0,
            held: false,
            generation: 0,
            range: Range::default(),
        }
    }

    /// Restricts playing to a part of the tape, given in times of the trace. Returns false, and
    /// plays the whole tape, if nothing lies in that part.
    pub fn set_range(&mut self, range: Range) -> bool {
        self.range = range;
        let has_part =
            self.start_us() < self.end_us() || (range.from_us, range.to_us) == (None, None);
        if !has_part {
            self.range = Range { from_us: None, to_us: None, ..range };
        }
        has_part
    }

    /// Where the part to play begins, in tape time.
    pub fn start_us(&self) -> u64 {
        self.range.from_us.map_or(0, |from_us| self.tape.on_tape_us(from_us))
    }

    /// Where the part to play ends, in tape time.
    pub fn end_us(&self) -> u64 {
        let end_us = self.tape.end_us();
        self.range.to_us.map_or(end_us, |to_us| self.tape.on_tape_us(to_us).min(end_us))
    }

    /// Whether the position is at the beginning of the part to play.
    pub fn is_at_start(&self) -> bool {
        match self.start_us() {
            0 => self.moment.done() == 0,
            start_us => self.now_us <= start_us,
        }
    }

    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// Another deck with the same tape, at the same position.
    pub fn beside(&self) -> Self {
        let mut other = Self::new(Rc::clone(&self.tape));
        other.go_to_and_wait(self.moment.done(), self.now_us);
        other
    }

    /// The kinds of the trace's lines.
    pub const fn routines(&self) -> &Routines {
        &self.routines
    }

    /// How long the cluster waited, over the whole trace.
    pub const fn waits(&self) -> &Waits {
        &self.waits
    }

    /// The recording at the current position.
    pub fn shown(&self) -> Shown<'_> {
        Shown {
            tape: &self.tape,
            moment: &self.moment,
            now_us: self.now_us,
            told_us: self.tape.told_us(self.now_us),
        }
    }

    /// The state at the current position.
    pub const fn moment(&self) -> &Moment {
        &self.moment
    }

    /// The state after this many lines. They must have been played before.
    pub fn known_after(&self, lines: usize) -> Moment {
        let lines = lines.min(self.tape.events().len());
        let nearest = (lines / SNAPSHOT_EVERY).min(self.snapshots.len() - 1);
        let mut moment = self.snapshots[nearest].clone();
        while moment.done() < lines {
            moment.take(&self.tape);
        }
        moment
    }

    /// The lines up to the current position.
    pub fn past(&self) -> &[TraceEvent] {
        &self.tape.events()[..self.moment.done()]
    }

    /// The diagram's index of these lines.
    pub const fn index(&self) -> &Index {
        &self.index
    }

    /// The current instant in tape time, in microseconds.
    pub const fn now_us(&self) -> u64 {
        self.now_us
    }

    pub const fn is_playing(&self) -> bool {
        self.playing
    }

    pub const fn speed(&self) -> Speed {
        self.speed
    }

    /// Incremented when the diagram's layout changes or lines are undone.
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    pub fn set_speed(&mut self, speed: Speed) {
        self.speed = speed;
    }

    /// Makes time jump from line to line, for users who prefer less motion.
    pub fn set_still(&mut self, still: bool) {
        self.still = still;
    }

    /// Keeps or shortens quiet periods. The position stays after the same line.
    pub fn set_quiet(&mut self, quiet: Quiet) {
        let (done, told_us) = (self.moment.done(), self.tape.told_us(self.now_us));
        Rc::make_mut(&mut self.tape).set_quiet(quiet);
        self.go_to(done);
        self.wait_until(self.tape.on_tape_us(told_us));
        self.redraw();
    }

    /// Plays; from the beginning if the end was reached.
    pub fn play(&mut self) {
        if self.is_over() {
            self.reset();
        }
        self.playing = true;
    }

    /// Whether the end of the part to play was reached.
    pub fn is_over(&self) -> bool {
        let is_last = self.moment.done() == self.tape.events().len();
        is_last || (self.next_us().is_none() && self.now_us >= self.end_us())
    }

    pub fn pause(&mut self) {
        self.playing = false;
    }

    /// Holds or releases time. Returns whether that is a change.
    pub fn hold(&mut self, held: bool) -> bool {
        std::mem::replace(&mut self.held, held) != held
    }

    /// Advances by one frame. Returns the sequence number of the violation at which it stopped, if
    /// any.
    pub fn frame(&mut self, real_us: u64) -> Option<u64> {
        if !self.playing || self.held {
            return None;
        }
        let passed_us = self.speed.simulated_us(real_us) + std::mem::take(&mut self.waited_us);
        let target_us = (self.now_us + passed_us).min(self.end_us().max(self.now_us));
        for _ in 0..MAX_LINES_PER_FRAME {
            if self.is_over() {
                self.playing = false;
                break;
            }
            if self.next_us().is_none_or(|next_us| next_us > target_us) {
                match self.still && self.next_us().is_some() {
                    true => self.waited_us = target_us - self.now_us,
                    false => self.now_us = target_us,
                }
                break;
            }
            self.take();
            if let Some(TraceEvent { seq, happening: Happening::Violation(_), .. }) =
                self.past().last()
            {
                let seq = *seq;
                self.playing = false;
                self.read_on();
                return Some(seq);
            }
        }
        self.read_on();
        if !self.playing && self.range.repeats {
            self.play();
        }
        None
    }

    /// Goes to the next line, or to the end if there is none.
    pub fn step(&mut self) {
        self.playing = false;
        if self.next_us().is_none() {
            return self.finish();
        }
        self.take();
        self.read_on();
    }

    /// Goes back to before the last line.
    pub fn step_back(&mut self) {
        self.playing = false;
        if self.start_us() > 0 && self.is_at_start() {
            return;
        }
        self.go_to(self.moment.done().saturating_sub(1));
        if self.now_us < self.start_us() {
            self.seek(self.start_us());
        }
    }

    /// Goes to an instant in tape time, after all lines of that instant.
    pub fn seek(&mut self, at_us: u64) {
        let at_us = at_us.min(self.end_us()).max(self.start_us());
        self.go_to(self.tape.done_at(at_us).min(self.last_line()));
        self.now_us = at_us;
    }

    /// Goes to right after this many lines, and then on to this instant if no line comes before it.
    pub fn go_to_and_wait(&mut self, done: usize, at_us: u64) {
        self.go_to(done);
        self.wait_until(at_us);
    }

    /// Goes to right after the line with this sequence number.
    pub fn go_to_line(&mut self, seq: u64) {
        self.playing = false;
        if let Ok(line) = usize::try_from(seq) {
            self.go_to(line.saturating_add(1));
        }
    }

    pub fn reset(&mut self) {
        self.playing = false;
        self.go_to(0);
        self.now_us = 0;
        if self.start_us() > 0 {
            self.seek(self.start_us());
        }
    }

    pub fn finish(&mut self) {
        self.playing = false;
        match self.range.to_us {
            Some(_) => self.seek(self.end_us()),
            None => self.go_to(self.tape.events().len()),
        }
    }

    /// Goes to right after the next decision, or to the end if there is none.
    pub fn jump(&mut self) {
        self.playing = false;
        let (done, last) = (self.moment.done(), self.last_line());
        let ahead = &self.tape.events()[done.min(last)..last];
        match ahead.iter().position(sentence::is_decision) {
            Some(ahead) => self.go_to(done + ahead + 1),
            None => self.finish(),
        }
    }

    /// Goes to right after the previous decision, or to the beginning if there is none.
    pub fn jump_back(&mut self) {
        self.playing = false;
        let past = &self.tape.events()[..self.moment.done().saturating_sub(1)];
        let last = past.iter().rposition(sentence::is_decision);
        match last.filter(|&line| self.tape.at_us(line) >= self.start_us()) {
            Some(line) => self.go_to(line + 1),
            None => self.reset(),
        }
    }

    /// The number of lines at the end of the part to play.
    fn last_line(&self) -> usize {
        // Compared in times of the trace, since lines of different instants may share an instant of
        // the tape.
        let events = self.tape.events();
        let last = |to_us| events.partition_point(|event| event.at_us <= to_us);
        self.range.to_us.map_or(events.len(), last)
    }

    /// The instant of the next line in the part to play.
    fn next_us(&self) -> Option<u64> {
        self.upcoming_us().filter(|_| self.moment.done() < self.last_line())
    }

    /// The instant of the next line on the tape.
    fn upcoming_us(&self) -> Option<u64> {
        let next = self.moment.done();
        (next < self.tape.events().len()).then(|| self.tape.at_us(next))
    }

    fn take(&mut self) {
        let Some(next_us) = self.upcoming_us() else { return };
        self.now_us = next_us;
        self.moment.take(&self.tape);
        let done = self.moment.done();
        if done == self.snapshots.len() * SNAPSHOT_EVERY {
            self.snapshots.push(self.moment.clone());
        }
    }

    /// Goes to right after this many lines, at the instant of the last of them.
    fn go_to(&mut self, done: usize) {
        let done = done.min(self.tape.events().len());
        if done < self.moment.done() {
            self.generation += 1;
            self.moment = self.snapshots[done / SNAPSHOT_EVERY].clone();
        } else {
            // A later snapshot saves replaying lines.
            let nearest = (done / SNAPSHOT_EVERY).min(self.snapshots.len() - 1);
            if nearest * SNAPSHOT_EVERY > self.moment.done() {
                self.moment = self.snapshots[nearest].clone();
            }
        }
        while self.moment.done() < done {
            self.take();
        }
        self.now_us = done.checked_sub(1).map_or(0, |line| self.tape.at_us(line));
        self.waited_us = 0;
        self.read_on();
    }

    /// Advances to an instant in tape time if no line comes before it.
    fn wait_until(&mut self, at_us: u64) {
        if self.upcoming_us().is_some_and(|next_us| next_us > at_us) {
            self.now_us = self.now_us.max(at_us);
        }
    }

    /// Builds the diagram's index anew.
    fn redraw(&mut self) {
        self.generation += 1;
        self.indexed = usize::MAX;
        self.read_on();
    }

    /// Adds new lines to the diagram's index.
    fn read_on(&mut self) {
        let done = self.moment.done();
        if self.indexed > done {
            (self.index, self.indexed) = (Index::default(), 0);
        }
        for line in self.indexed..done {
            let event = &self.tape.events()[line];
            self.index.take(event, self.tape.at_us(line), self.tape.outlook());
        }
        self.indexed = done;
    }
}

#[cfg(test)]
mod tests;
