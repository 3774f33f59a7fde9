//! Moves the player in time, and tells what is drawn of the moment.

use antes_core::Algorithm;
use antes_sim::scenario::Latency;
use antes_sim::trace::TraceEvent;

use super::{MAX_EVENTS_PER_FRAME, MAX_JUMP, Player};
use crate::language::Language;
use crate::message::Selection;
use crate::outlook::Mark;
use crate::playback::Playback;
use crate::ring::scene::Scene;
use crate::routine::Hidden;
use crate::sentence;
use crate::timeline::{Side, Timeline};
use crate::view::strip::{self, Verdict, WaitShown};
use crate::waits::Bounds;
use crate::why::{self, Around, Why};

impl Timeline for Player {
    fn playback(&self) -> &Playback {
        &self.playback
    }

    fn playback_mut(&mut self) -> &mut Playback {
        &mut self.playback
    }

    fn side(&self, _: usize) -> Side<'_> {
        let config = self.run.scenario().config;
        Side {
            now_us: self.run.now_us(),
            past: self.run.trace(),
            known: self.run.known_trace(),
            size: config.size,
            profile: config.profile,
            has_resource: config.algorithm == Algorithm::Mutex,
            generation: self.generation,
            index: &self.index,
            routines: &self.routines,
            run: Some(&self.run),
        }
    }

    fn scene(&self, _: usize) -> Scene {
        Scene::new(&self.run, &self.outlook)
    }

    fn watch(&mut self) {
        self.seen = self.seen.max(self.run.interventions_done());
        let (trace, generation) = (self.run.trace(), self.generation);
        self.index.read(trace, generation, &self.outlook);
        self.routines.read(trace, generation);
        let scenario = self.run.scenario();
        let (nodes, bounds) = (scenario.config.size.get(), Bounds::of(scenario));
        self.waits.read(trace, generation, nodes, bounds);
    }

    fn latency(&self) -> Latency {
        self.run.scenario().network.latency
    }

    fn marks(&self) -> Vec<Mark> {
        self.outlook.marks.clone()
    }

    fn verdicts(&self, _: usize) -> Vec<Verdict> {
        strip::verdicts(&self.run)
    }

    fn waits(&self, language: Language) -> Vec<WaitShown> {
        let scenario = self.run.scenario();
        let bounds = Bounds::of(scenario);
        if bounds.is_none() {
            return Vec::new();
        }
        let waits = self.waits.at(self.run.now_us());
        strip::told(&waits, bounds, scenario.config.setting(), language)
    }

    /// A violation of this instant, otherwise the latest line that the log shows.
    fn told(&self, _: usize, hidden: Hidden) -> Option<u64> {
        let is_shown = |event: &&TraceEvent| !hidden.hides(self.routines.of(event));
        let latest = || self.run.trace().iter().rev().find(is_shown).map(|event| event.seq);
        self.violation_here().or_else(latest)
    }

    fn why(&self, selection: Selection, told: Option<u64>, language: Language) -> Option<Why> {
        let (seq, selected) = match selection {
            Selection::Node(node) => return Some(why::of_node(&self.run, node, language)),
            Selection::Event(seq) => (seq, true),
            Selection::Latest => (told?, false),
        };
        // It takes time to compute, so it is left out while time passes.
        let around = if self.playback.playing { None } else { Around::new(&self.run, seq) };
        why::of_event(&self.run, seq, around.as_ref(), selected, language)
    }

    fn show(&mut self, _: usize, seq: u64) {
        self.playback.playing = false;
        let Some(line) = usize::try_from(seq).ok().and_then(|at| self.run.known_trace().get(at))
        else {
            return;
        };
        let at_us = line.at_us;
        self.wind(at_us.saturating_sub(1));
        while self.run.trace().len() as u64 <= seq && self.run.step() {}
    }

    fn now_us(&self) -> u64 {
        self.run.now_us()
    }

    fn start_us(&self) -> u64 {
        self.playback.range.start_us()
    }

    fn end_us(&self) -> u64 {
        let own = self.run.interventions().filter(|step| !self.prepared.contains(step));
        self.playback.range.end_us(self.run.end_us(), own)
    }

    fn is_over(&self) -> bool {
        self.run.now_us() >= self.end_us()
    }

    fn is_at_start(&self) -> bool {
        match self.start_us() {
            0 => self.run.now_us() == 0 && self.run.done() == 0,
            start_us => self.run.now_us() <= start_us,
        }
    }

    fn is_at_end(&self) -> bool {
        self.is_over() && !self.has_next()
    }

    fn frame(&mut self, real_us: u64) -> Option<(usize, u64)> {
        let passed_us = self.playback.passed_us(real_us)?;
        let end_us = self.end_us();
        let target = (self.run.now_us() + passed_us).min(end_us);
        let next_us = self.run.next_event_us().filter(|&next_us| next_us <= end_us);
        if self.playback.still && next_us.is_some_and(|next_us| next_us > target) {
            self.playback.waited_us = passed_us;
            return None;
        }
        for _ in 0..MAX_EVENTS_PER_FRAME {
            if self.run.next_event_us().is_none_or(|next_us| next_us > target) {
                match self.playback.still && self.has_next() {
                    true => self.playback.waited_us = target.saturating_sub(self.run.now_us()),
                    false => self.run.advance_to(target),
                }
                self.playback.playing = !self.is_over();
                if !self.playback.playing && self.playback.range.repeats {
                    self.play();
                }
                return None;
            }
            let known = self.run.trace().len();
            self.run.step();
            if let Some(seq) = self.violation_since(known) {
                self.playback.playing = false;
                return Some((0, seq));
            }
        }
        None
    }

    fn step(&mut self) {
        self.playback.playing = false;
        if self.has_next() {
            self.run.step();
        } else {
            self.finish();
        }
    }

    fn step_back(&mut self) {
        self.playback.playing = false;
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

    fn jump(&mut self) {
        self.playback.playing = false;
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

    fn jump_back(&mut self) {
        self.playback.playing = false;
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

    fn reset(&mut self) {
        self.playback.playing = false;
        self.generation += 1;
        self.run.go_to(0);
        self.run.seek(self.start_us());
    }

    fn finish(&mut self) {
        self.playback.playing = false;
        match self.end_us() {
            end_us if end_us < self.run.end_us() => self.wind(end_us),
            _ => self.run.finish(),
        }
    }

    fn seek(&mut self, at_us: u64) {
        self.wind(at_us.min(self.end_us()).max(self.start_us()));
    }

    fn next_note(&mut self) -> bool {
        self.playback.playing = false;
        let now_us = self.run.now_us();
        let next = self.notes().find(|&at_us| at_us > now_us);
        match next {
            Some(at_us) => self.seek(at_us),
            None => self.finish(),
        }
        true
    }

    fn previous_note(&mut self) -> bool {
        self.playback.playing = false;
        let now_us = self.run.now_us();
        let mut told: Vec<_> = self.notes().take_while(|&at_us| at_us <= now_us).collect();
        told.dedup();
        match told.len().checked_sub(2) {
            Some(before) => self.seek(told[before]),
            None => self.reset(),
        }
        true
    }
}
