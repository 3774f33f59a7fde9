//! Moves along a tape: plays, steps both ways, seeks, jumps.

use antes_sim::trace::{Happening, TraceEvent};

use super::moment::Moment;
use super::pace::Quiet;
use super::tape::Tape;
use crate::chart::index::Index;
use crate::host::range::Range;
use crate::sentence;
use crate::speed::Speed;

/// How many lines lie between two snapshots. Going back costs at most as many lines again.
const SNAPSHOT_EVERY: usize = 256;

/// The most lines that one frame lets happen; what is left over waits for the next frame.
const MAX_LINES_PER_FRAME: u32 = 4_000;

/// A tape, and where on it one is.
pub struct Deck {
    tape: Tape,
    moment: Moment,
    /// What is known after 0, [`SNAPSHOT_EVERY`], 2·[`SNAPSHOT_EVERY`]… lines, as far as has been
    /// played.
    snapshots: Vec<Moment>,
    index: Index,
    /// How many lines the index has read.
    indexed: usize,
    now_us: u64,
    playing: bool,
    speed: Speed,
    /// Whether time goes from line to line, with nothing in motion between.
    still: bool,
    /// The time that has passed since the last line, while nothing moves.
    waited_us: u64,
    /// Whether somebody holds the time, playing or not.
    held: bool,
    /// Grows whenever the diagram's places change, or lines are taken back.
    generation: u32,
    /// The part that is played, by the clock of the trace.
    range: Range,
}

impl Deck {
    /// A deck at the beginning of a tape.
    pub fn new(tape: Tape) -> Self {
        let moment = Moment::new(&tape);
        let snapshots = vec![moment.clone()];
        Self {
            tape,
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

    /// Has only this part of the tape played, by the clock of the trace. False if nothing lies in it:
    /// then all of it is played.
    pub fn set_range(&mut self, range: Range) -> bool {
        self.range = range;
        let has_part =
            self.start_us() < self.end_us() || (range.from_us, range.to_us) == (None, None);
        if !has_part {
            self.range = Range { from_us: None, to_us: None, ..range };
        }
        has_part
    }

    /// Where the part that is played begins, on the tape.
    pub fn start_us(&self) -> u64 {
        self.range.from_us.map_or(0, |from_us| self.tape.on_tape_us(from_us))
    }

    /// Where the part that is played ends, on the tape.
    pub fn end_us(&self) -> u64 {
        let end_us = self.tape.end_us();
        self.range.to_us.map_or(end_us, |to_us| self.tape.on_tape_us(to_us).min(end_us))
    }

    /// Whether nothing of what is played lies before this moment.
    pub fn is_at_start(&self) -> bool {
        match self.start_us() {
            0 => self.moment.done() == 0,
            start_us => self.now_us <= start_us,
        }
    }

    /// The tape.
    pub const fn tape(&self) -> &Tape {
        &self.tape
    }

    /// What is known at this moment.
    pub const fn moment(&self) -> &Moment {
        &self.moment
    }

    /// What is known after so many lines, of those that have been played before.
    pub fn known_after(&self, lines: usize) -> Moment {
        let lines = lines.min(self.tape.events().len());
        let nearest = (lines / SNAPSHOT_EVERY).min(self.snapshots.len() - 1);
        let mut moment = self.snapshots[nearest].clone();
        while moment.done() < lines {
            moment.take(&self.tape);
        }
        moment
    }

    /// The lines that have happened.
    pub fn past(&self) -> &[TraceEvent] {
        &self.tape.events()[..self.moment.done()]
    }

    /// The diagram of the lines that have happened.
    pub const fn index(&self) -> &Index {
        &self.index
    }

    /// The instant on the tape.
    pub const fn now_us(&self) -> u64 {
        self.now_us
    }

    /// Whether time passes.
    pub const fn is_playing(&self) -> bool {
        self.playing
    }

    /// How fast it passes.
    pub const fn speed(&self) -> Speed {
        self.speed
    }

    /// Grows whenever the diagram's places change, or lines are taken back.
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    /// Sets the speed.
    pub fn set_speed(&mut self, speed: Speed) {
        self.speed = speed;
    }

    /// Has time go from line to line, for those who prefer less motion.
    pub fn set_still(&mut self, still: bool) {
        self.still = still;
    }

    /// Keeps or shortens what is quiet. The same lines have happened afterwards.
    pub fn set_quiet(&mut self, quiet: Quiet) {
        let (done, told_us) = (self.moment.done(), self.tape.told_us(self.now_us));
        self.tape.set_quiet(quiet);
        self.go_to(done);
        self.wait_until(self.tape.on_tape_us(told_us));
        self.redraw();
    }

    /// Lets time pass; from the beginning, if the tape is over.
    pub fn play(&mut self) {
        if self.is_over() {
            self.reset();
        }
        self.playing = true;
    }

    /// Whether all of what is played has been played.
    pub fn is_over(&self) -> bool {
        let is_last = self.moment.done() == self.tape.events().len();
        is_last || (self.next_us().is_none() && self.now_us >= self.end_us())
    }

    /// Stops time.
    pub fn pause(&mut self) {
        self.playing = false;
    }

    /// Holds the time, or lets it go on if it was playing. Says whether that is new.
    pub fn hold(&mut self, held: bool) -> bool {
        std::mem::replace(&mut self.held, held) != held
    }

    /// Lets the time of a frame pass. Gives the line of the violation that stopped it, if any did.
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

    /// Lets the next line happen. Where none is left, goes to the end.
    pub fn step(&mut self) {
        self.playing = false;
        if self.next_us().is_none() {
            return self.finish();
        }
        self.take();
        self.read_on();
    }

    /// Takes the last line back.
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

    /// Goes to an instant of what is played: all of its lines have happened.
    pub fn seek(&mut self, at_us: u64) {
        let at_us = at_us.min(self.end_us()).max(self.start_us());
        self.go_to(self.tape.done_at(at_us).min(self.last_line()));
        self.now_us = at_us;
    }

    /// Goes to where so many lines have happened, and lets time pass until the instant of the tape,
    /// if nothing happens before.
    pub fn go_to_and_wait(&mut self, done: usize, at_us: u64) {
        self.go_to(done);
        self.wait_until(at_us);
    }

    /// Goes to right after the line `seq`.
    pub fn go_to_line(&mut self, seq: u64) {
        self.playing = false;
        if let Ok(line) = usize::try_from(seq) {
            self.go_to(line.saturating_add(1));
        }
    }

    /// Goes to the beginning.
    pub fn reset(&mut self) {
        self.playing = false;
        self.go_to(0);
        self.now_us = 0;
        if self.start_us() > 0 {
            self.seek(self.start_us());
        }
    }

    /// Goes to the end.
    pub fn finish(&mut self) {
        self.playing = false;
        match self.range.to_us {
            Some(_) => self.seek(self.end_us()),
            None => self.go_to(self.tape.events().len()),
        }
    }

    /// Goes to right after the next line that tells of a decision; to the end, where there is none.
    pub fn jump(&mut self) {
        self.playing = false;
        let (done, last) = (self.moment.done(), self.last_line());
        let ahead = &self.tape.events()[done.min(last)..last];
        match ahead.iter().position(sentence::is_decision) {
            Some(ahead) => self.go_to(done + ahead + 1),
            None => self.finish(),
        }
    }

    /// Goes back to right after the decision before; to the beginning, where there is none.
    pub fn jump_back(&mut self) {
        self.playing = false;
        let past = &self.tape.events()[..self.moment.done().saturating_sub(1)];
        let last = past.iter().rposition(sentence::is_decision);
        match last.filter(|&line| self.tape.at_us(line) >= self.start_us()) {
            Some(line) => self.go_to(line + 1),
            None => self.reset(),
        }
    }

    /// How many lines have happened when what is played is over.
    fn last_line(&self) -> usize {
        // By the clock of the trace: lines of several instants may share one of the tape.
        let events = self.tape.events();
        let last = |to_us| events.partition_point(|event| event.at_us <= to_us);
        self.range.to_us.map_or(events.len(), last)
    }

    /// When the next line of what is played happens.
    fn next_us(&self) -> Option<u64> {
        self.upcoming_us().filter(|_| self.moment.done() < self.last_line())
    }

    /// When the next line of the tape happens.
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

    /// Goes to where so many lines have happened, at the instant of the last of them.
    fn go_to(&mut self, done: usize) {
        let done = done.min(self.tape.events().len());
        if done < self.moment.done() {
            self.generation += 1;
            self.moment = self.snapshots[done / SNAPSHOT_EVERY].clone();
        } else {
            // What has been played before need not be played again.
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

    /// Lets time pass until an instant of the tape, if nothing happens before.
    fn wait_until(&mut self, at_us: u64) {
        if self.upcoming_us().is_some_and(|next_us| next_us > at_us) {
            self.now_us = self.now_us.max(at_us);
        }
    }

    /// Draws the diagram anew.
    fn redraw(&mut self) {
        self.generation += 1;
        self.indexed = usize::MAX;
        self.read_on();
    }

    /// Brings the diagram up to date.
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
