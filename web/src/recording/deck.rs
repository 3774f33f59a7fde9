//! Moves along a tape: plays, steps, seeks and jumps.

mod timeline;

use std::rc::Rc;

use antes_picture::recording::Shown;
use antes_sim::trace::TraceEvent;

use super::moment::Moment;
use super::pace::Quiet;
use super::tape::Tape;
use crate::chart::index::Index;
use crate::host::range::Range;
use crate::playback::Playback;
use crate::routine::Routines;
use crate::speed::Speed;
use crate::timeline::Timeline;
use crate::waits::Waits;

/// The number of lines between two snapshots. Going back replays at most this many lines.
const SNAPSHOT_EVERY: usize = 256;

/// The maximum number of lines per frame; the rest waits for the next frame.
const MAX_LINES_PER_FRAME: u32 = 4_000;

/// The largest number of lines in the visible part of the diagram. With more, browsers become slow.
const MAX_SEEN: usize = 4_000;

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
    /// Its range is in times of the trace.
    playback: Playback,
    /// Incremented when the diagram's layout changes or lines are undone.
    generation: u32,
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
            playback: Playback::new(Speed::DEFAULT),
            generation: 0,
        }
    }

    /// Restricts playing to a part of the tape, given in times of the trace. Returns false, and
    /// plays the whole tape, if nothing lies in that part.
    pub fn set_range(&mut self, range: Range) -> bool {
        self.playback.range = range;
        let has_part =
            self.start_us() < self.end_us() || (range.from_us, range.to_us) == (None, None);
        if !has_part {
            self.playback.range = Range { from_us: None, to_us: None, ..range };
        }
        has_part
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

    /// Keeps or shortens quiet periods. The position stays after the same line.
    pub fn set_quiet(&mut self, quiet: Quiet) {
        let (done, told_us) = (self.moment.done(), self.tape.told_us(self.now_us));
        Rc::make_mut(&mut self.tape).set_quiet(quiet);
        self.go_to(done);
        self.wait_until(self.tape.on_tape_us(told_us));
        self.redraw();
    }

    /// Goes to right after this many lines, and then on to this instant if no line comes before it.
    pub fn go_to_and_wait(&mut self, done: usize, at_us: u64) {
        self.go_to(done);
        self.wait_until(at_us);
    }

    /// The number of lines at the end of the part to play.
    fn last_line(&self) -> usize {
        // Compared in times of the trace, since lines of different instants may share an instant of
        // the tape.
        let events = self.tape.events();
        let last = |to_us| events.partition_point(|event| event.at_us <= to_us);
        self.playback.range.to_us.map_or(events.len(), last)
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
        self.playback.waited_us = 0;
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
