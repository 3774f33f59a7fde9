//! Two players that are always at the same instant.
//!
//! The pair moves from instant to instant: whatever happens at one instant has happened on both sides, or on
//! neither. So an instant says where both runs are.

use antes_sim::compare::Comparison;
use antes_sim::export::Header;
use antes_sim::scenario::{Action, Latency, Scenario, Step};
use antes_sim::trace::TraceEvent;

use crate::host::range::Range;
use crate::language::Language;
use crate::message::Selection;
use crate::outlook::Mark;
use crate::playback::Playback;
use crate::player::Player;
use crate::ring::scene::Scene;
use crate::routine::Hidden;
use crate::sentence;
use crate::speed::Speed;
use crate::timeline::{Side, Timeline};
use crate::view::strip::{Verdict, WaitShown};
use crate::why::Why;

/// The largest number of instants that a step or a jump searches.
const MAX_SEARCH: u32 = 100_000;

/// All that is needed to make both runs again.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The acts of users in each run.
    acts: [Vec<Step>; 2],
    /// The acts among them that the address has prepared.
    prepared: [Vec<Step>; 2],
    at_us: u64,
}

pub struct Pair {
    scenarios: [Scenario; 2],
    players: [Player; 2],
    now_us: u64,
    playback: Playback,
}

impl Pair {
    /// A paused pair at the beginning, with these future acts in both runs.
    pub fn new(scenarios: [Scenario; 2], acts: &[Step], speed: Speed, range: Range) -> Self {
        let players = scenarios.each_ref().map(|scenario| {
            let mut player = Player::new(scenario.clone(), acts, speed);
            player.set_range(range);
            player.prepare();
            player
        });
        let playback = Playback { range, ..Playback::new(speed) };
        let mut pair = Self { scenarios, players, now_us: 0, playback };
        pair.reset();
        pair
    }

    pub const fn player(&self, side: usize) -> &Player {
        &self.players[side]
    }

    pub const fn player_mut(&mut self, side: usize) -> &mut Player {
        &mut self.players[side]
    }

    /// The instant at which a run was over, if the other one goes on.
    pub fn over_since_us(&self, side: usize) -> Option<u64> {
        let end_us = self.players[side].end_us();
        (self.now_us > end_us).then_some(end_us)
    }

    fn go(&mut self, at_us: u64) {
        self.now_us = at_us.min(self.end_us()).max(self.start_us());
        for player in &mut self.players {
            player.seek(self.now_us);
        }
    }

    /// The next instant at which a run has an event.
    fn next_us(&self) -> Option<u64> {
        let end_us = self.end_us();
        let next = self.players.iter().filter_map(|player| player.run().next_event_us());
        next.min().filter(|&next_us| next_us <= end_us)
    }

    fn known(&self) -> [usize; 2] {
        self.players.each_ref().map(|player| player.run().trace().len())
    }

    /// The first violation among the new lines at which a player stops: its side, line and instant.
    fn violation_since(&self, known: [usize; 2]) -> Option<(usize, u64, u64)> {
        let found = [0, 1].into_iter().filter_map(|side| {
            let player = &self.players[side];
            let seq = player.violation_since(known[side])?;
            let event = player.run().trace().get(usize::try_from(seq).ok()?)?;
            Some((side, seq, event.at_us))
        });
        found.min_by_key(|&(.., at_us)| at_us)
    }

    /// Goes to the next instant with a line that is looked for in either trace, otherwise to the end.
    fn forward_to(&mut self, is_it: impl Fn(&TraceEvent) -> bool) {
        self.playback.playing = false;
        for _ in 0..MAX_SEARCH {
            let Some(next_us) = self.next_us() else { break };
            let known = self.known();
            self.go(next_us);
            let mut new = self.players.iter().zip(known);
            if new.any(|(player, known)| player.run().trace()[known..].iter().any(&is_it)) {
                return;
            }
        }
        self.finish();
    }

    /// Goes to the latest earlier instant with a line that is looked for, otherwise to the start.
    fn back_to(&mut self, is_it: impl Fn(&TraceEvent) -> bool) {
        let earlier = |event: &&TraceEvent| event.at_us < self.now_us && is_it(event);
        let latest = self.players.iter().filter_map(|player| {
            player.run().trace().iter().rev().find(earlier).map(|event| event.at_us)
        });
        self.seek(latest.max().unwrap_or(0));
    }

    /// Applies an action to both runs now. Returns how many future acts were left out.
    pub fn act(&mut self, action: &Action) -> usize {
        let left_out = self.players.each_mut().map(|player| player.act(action.clone()));
        left_out[0].max(left_out[1])
    }

    /// The acts of users. They happen in both runs, after all events of their instant.
    pub fn acts(&self) -> Vec<Step> {
        let [one, other] = &self.players;
        let mut acts: Vec<Step> = one.run().interventions().cloned().collect();
        let mut place = 0;
        for step in other.run().interventions() {
            let is_it = |known: &Step| known.at == step.at && known.action == step.action;
            match acts[place..].iter().position(is_it) {
                Some(found) => {
                    place += found;
                    acts[place].after = acts[place].after.max(step.after);
                }
                None => {
                    place += acts[place..].partition_point(|known| known.at <= step.at);
                    acts.insert(place, step.clone());
                }
            }
            place += 1;
        }
        acts
    }

    pub fn place(&self) -> Place {
        Place {
            acts: self
                .players
                .each_ref()
                .map(|player| player.run().interventions().cloned().collect()),
            prepared: self.players.each_ref().map(|player| player.prepared().to_vec()),
            at_us: self.now_us,
        }
    }

    /// Makes both runs again as they were at a place.
    pub fn restore(&mut self, place: Place) {
        let acts = place.acts.iter().zip(place.prepared);
        for ((player, scenario), (acts, prepared)) in
            self.players.iter_mut().zip(&self.scenarios).zip(acts)
        {
            *player = Player::new(scenario.clone(), acts, self.playback.speed);
            player.set_range(self.playback.range);
            player.set_prepared(prepared);
        }
        self.seek(place.at_us);
    }

    /// The numbers and the first difference of the whole runs.
    pub fn comparison(&self) -> Comparison {
        self.compare(|player| player.run().known_trace())
    }

    /// The same up to the present moment.
    pub fn comparison_so_far(&self) -> Comparison {
        self.compare(|player| player.run().trace())
    }

    fn compare(&self, trace: impl Fn(&Player) -> &[TraceEvent]) -> Comparison {
        let headers = self.players.each_ref().map(|player| Header::of(player.run().scenario()));
        let [one, other] = &self.players;
        Comparison::new([(&headers[0], trace(one)), (&headers[1], trace(other))])
    }
}

impl Timeline for Pair {
    fn playback(&self) -> &Playback {
        &self.playback
    }

    fn playback_mut(&mut self) -> &mut Playback {
        &mut self.playback
    }

    fn sides(&self) -> usize {
        2
    }

    fn side(&self, side: usize) -> Side<'_> {
        self.players[side].side(0)
    }

    fn scene(&self, side: usize) -> Scene {
        self.players[side].scene(0)
    }

    fn watch(&mut self) {
        self.players.iter_mut().for_each(Player::watch);
    }

    /// Both diagrams have the time axis of the first run.
    fn latency(&self) -> Latency {
        self.players[0].latency()
    }

    fn marks(&self) -> Vec<Mark> {
        self.players.iter().flat_map(Player::marks).collect()
    }

    fn verdicts(&self, side: usize) -> Vec<Verdict> {
        self.players[side].verdicts(0)
    }

    /// A comparison has a table of numbers instead.
    fn waits(&self, _: Language) -> Vec<WaitShown> {
        Vec::new()
    }

    fn told(&self, side: usize, _: Hidden) -> Option<u64> {
        let trace = self.players[side].run().trace();
        trace.iter().rev().find(|event| event.node.is_some()).map(|event| event.seq)
    }

    /// A comparison has no inspector.
    fn why(&self, _: Selection, _: Option<u64>, _: Language) -> Option<Why> {
        None
    }

    /// Goes to the instant of the line: both runs are always at the same instant.
    fn show(&mut self, side: usize, seq: u64) {
        let trace = self.players[side].run().known_trace();
        if let Some(event) = usize::try_from(seq).ok().and_then(|place| trace.get(place)) {
            self.seek(event.at_us);
        }
    }

    fn now_us(&self) -> u64 {
        self.now_us
    }

    fn start_us(&self) -> u64 {
        self.playback.range.start_us()
    }

    fn end_us(&self) -> u64 {
        let [one, other] = self.players.each_ref().map(Player::end_us);
        one.max(other)
    }

    fn is_over(&self) -> bool {
        self.now_us >= self.end_us()
    }

    fn is_at_start(&self) -> bool {
        self.now_us <= self.start_us()
    }

    fn frame(&mut self, real_us: u64) -> Option<(usize, u64)> {
        let passed_us = self.playback.passed_us(real_us)?;
        let mut target = (self.now_us + passed_us).min(self.end_us());
        if let Some(next_us) = self.next_us().filter(|_| self.playback.still) {
            if next_us > target {
                self.playback.waited_us = passed_us;
                return None;
            }
            self.playback.waited_us = target - next_us;
            target = next_us;
        }
        let known = self.known();
        self.go(target);
        if let Some((side, seq, at_us)) = self.violation_since(known) {
            self.seek(at_us);
            return Some((side, seq));
        }
        self.playback.playing = !self.is_over();
        if !self.playback.playing && self.playback.range.repeats {
            self.play();
        }
        None
    }

    fn step(&mut self) {
        self.forward_to(|_| true);
    }

    fn step_back(&mut self) {
        self.back_to(|_| true);
    }

    fn jump(&mut self) {
        self.forward_to(sentence::is_decision);
    }

    fn jump_back(&mut self) {
        self.back_to(sentence::is_decision);
    }

    fn reset(&mut self) {
        self.seek(self.start_us());
    }

    fn finish(&mut self) {
        self.seek(u64::MAX);
    }

    fn seek(&mut self, at_us: u64) {
        self.playback.playing = false;
        self.go(at_us);
    }
}

#[cfg(test)]
mod tests;
