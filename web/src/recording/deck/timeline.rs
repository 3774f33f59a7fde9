//! Moves the position in time, and tells what is drawn of the moment.

use core::ops::RangeInclusive;
use core::time::Duration;

use antes_sim::scenario::Latency;
use antes_sim::trace::{Happening, Invariant, TraceEvent};

use super::{Deck, MAX_LINES_PER_FRAME, MAX_SEEN};
use crate::language::Language;
use crate::message::Selection;
use crate::outlook::Mark;
use crate::playback::Playback;
use crate::recording::pace::MESSAGE_US;
use crate::recording::{scene, tell};
use crate::ring::scene::Scene;
use crate::routine::Hidden;
use crate::sentence;
use crate::timeline::{Side, Timeline};
use crate::view::strip::{self, Verdict, WaitShown};
use crate::why::Why;

impl Timeline for Deck {
    fn playback(&self) -> &Playback {
        &self.playback
    }

    fn playback_mut(&mut self) -> &mut Playback {
        &mut self.playback
    }

    fn side(&self, _: usize) -> Side<'_> {
        Side {
            now_us: self.now_us,
            past: self.past(),
            known: self.tape.events(),
            size: self.tape.size(),
            profile: self.tape.setting().profile,
            has_resource: self.tape.has_resource(),
            generation: self.generation,
            index: &self.index,
            routines: &self.routines,
            run: None,
        }
    }

    fn scene(&self, _: usize) -> Scene {
        scene::scene(&self.shown())
    }

    fn latency(&self) -> Latency {
        Latency::Fixed(Duration::from_micros(MESSAGE_US))
    }

    /// From a whole recording to one message.
    fn zooms(&self) -> RangeInclusive<i8> {
        -36..=12
    }

    fn is_crowded(&self, from_us: u64, to_us: u64) -> bool {
        let lines = |at_us: u64| self.tape.done_at(at_us).min(self.moment.done());
        lines(to_us) - lines(from_us) > MAX_SEEN
    }

    fn last_tick_us(&self) -> u64 {
        self.tape.end_us()
    }

    fn knows_ends(&self) -> bool {
        false
    }

    fn marks(&self) -> Vec<Mark> {
        self.tape.outlook().marks.clone()
    }

    /// The verdicts on the whole recording.
    fn verdicts(&self, _: usize) -> Vec<Verdict> {
        let verdict = |invariant: Invariant| {
            let (broken, first) = self.tape.broken(invariant);
            Verdict { invariant, broken, first }
        };
        self.tape.judged_by().map(verdict).collect()
    }

    /// The waits over the whole recording.
    fn waits(&self, language: Language) -> Vec<WaitShown> {
        strip::told(&self.waits, None, self.tape.setting(), language)
    }

    /// The latest line that the log shows.
    fn told(&self, _: usize, hidden: Hidden) -> Option<u64> {
        let is_shown = |event: &&TraceEvent| !hidden.hides(self.routines.of(event));
        self.past().iter().rev().find(is_shown).map(|event| event.seq)
    }

    fn why(&self, selection: Selection, told: Option<u64>, language: Language) -> Option<Why> {
        match selection {
            Selection::Node(node) => Some(tell::of_node(self, node, language)),
            Selection::Event(seq) => tell::of_event(self, seq, true, language),
            Selection::Latest => tell::of_event(self, told?, false, language),
        }
    }

    fn show(&mut self, _: usize, seq: u64) {
        self.playback.playing = false;
        if let Ok(line) = usize::try_from(seq) {
            self.go_to(line.saturating_add(1));
        }
    }

    fn at_us(&self, _: usize, seq: u64) -> u64 {
        let line = usize::try_from(seq).ok().filter(|&line| line < self.moment.done());
        line.map_or(0, |line| self.tape.at_us(line))
    }

    fn told_us(&self, at_us: u64) -> u64 {
        self.tape.told_us(at_us)
    }

    fn tell(&self, told_us: u64, language: Language) -> String {
        language.fine_seconds(told_us, self.tape.decimals())
    }

    fn now_us(&self) -> u64 {
        self.now_us
    }

    fn start_us(&self) -> u64 {
        self.playback.range.from_us.map_or(0, |from_us| self.tape.on_tape_us(from_us))
    }

    fn end_us(&self) -> u64 {
        let end_us = self.tape.end_us();
        self.playback.range.to_us.map_or(end_us, |to_us| self.tape.on_tape_us(to_us).min(end_us))
    }

    fn is_over(&self) -> bool {
        let is_last = self.moment.done() == self.tape.events().len();
        is_last || (self.next_us().is_none() && self.now_us >= self.end_us())
    }

    fn is_at_start(&self) -> bool {
        match self.start_us() {
            0 => self.moment.done() == 0,
            start_us => self.now_us <= start_us,
        }
    }

    fn frame(&mut self, real_us: u64) -> Option<(usize, u64)> {
        let passed_us = self.playback.passed_us(real_us)?;
        let target_us = (self.now_us + passed_us).min(self.end_us().max(self.now_us));
        for _ in 0..MAX_LINES_PER_FRAME {
            if self.is_over() {
                self.playback.playing = false;
                break;
            }
            if self.next_us().is_none_or(|next_us| next_us > target_us) {
                match self.playback.still && self.next_us().is_some() {
                    true => self.playback.waited_us = target_us - self.now_us,
                    false => self.now_us = target_us,
                }
                break;
            }
            self.take();
            if let Some(TraceEvent { seq, happening: Happening::Violation(_), .. }) =
                self.past().last()
            {
                let seq = *seq;
                self.playback.playing = false;
                self.read_on();
                return Some((0, seq));
            }
        }
        self.read_on();
        if !self.playback.playing && self.playback.range.repeats {
            self.play();
        }
        None
    }

    fn step(&mut self) {
        self.playback.playing = false;
        if self.next_us().is_none() {
            return self.finish();
        }
        self.take();
        self.read_on();
    }

    fn step_back(&mut self) {
        self.playback.playing = false;
        if self.start_us() > 0 && self.is_at_start() {
            return;
        }
        self.go_to(self.moment.done().saturating_sub(1));
        if self.now_us < self.start_us() {
            self.seek(self.start_us());
        }
    }

    fn jump(&mut self) {
        self.playback.playing = false;
        let (done, last) = (self.moment.done(), self.last_line());
        let ahead = &self.tape.events()[done.min(last)..last];
        match ahead.iter().position(sentence::is_decision) {
            Some(ahead) => self.go_to(done + ahead + 1),
            None => self.finish(),
        }
    }

    fn jump_back(&mut self) {
        self.playback.playing = false;
        let past = &self.tape.events()[..self.moment.done().saturating_sub(1)];
        let last = past.iter().rposition(sentence::is_decision);
        match last.filter(|&line| self.tape.at_us(line) >= self.start_us()) {
            Some(line) => self.go_to(line + 1),
            None => self.reset(),
        }
    }

    fn reset(&mut self) {
        self.playback.playing = false;
        self.go_to(0);
        self.now_us = 0;
        if self.start_us() > 0 {
            self.seek(self.start_us());
        }
    }

    fn finish(&mut self) {
        self.playback.playing = false;
        match self.playback.range.to_us {
            Some(_) => self.seek(self.end_us()),
            None => self.go_to(self.tape.events().len()),
        }
    }

    fn seek(&mut self, at_us: u64) {
        let at_us = at_us.min(self.end_us()).max(self.start_us());
        self.go_to(self.tape.done_at(at_us).min(self.last_line()));
        self.now_us = at_us;
    }
}
