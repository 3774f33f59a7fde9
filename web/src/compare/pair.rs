//! Two players that are always at the same instant.
//!
//! The pair moves from instant to instant: whatever happens at one instant has happened on both sides, or on
//! neither. So an instant says where both runs are.

use antes_sim::compare::Comparison;
use antes_sim::export::Header;
use antes_sim::scenario::{Action, Scenario, Step};
use antes_sim::trace::TraceEvent;

use crate::host::range::Range;
use crate::player::Player;
use crate::sentence;
use crate::speed::Speed;

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
    playing: bool,
    held: bool,
    /// Whether time moves from event to event, without movement in between.
    still: bool,
    /// The time since the last event, if time moves from event to event.
    waited_us: u64,
    speed: Speed,
    range: Range,
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
        let (playing, held, still) = (false, false, false);
        let (now_us, waited_us) = (0, 0);
        let mut pair =
            Self { scenarios, players, now_us, playing, held, still, waited_us, speed, range };
        pair.reset();
        pair
    }

    pub const fn player(&self, side: usize) -> &Player {
        &self.players[side]
    }

    pub const fn player_mut(&mut self, side: usize) -> &mut Player {
        &mut self.players[side]
    }

    pub const fn now_us(&self) -> u64 {
        self.now_us
    }

    pub const fn start_us(&self) -> u64 {
        self.range.start_us()
    }

    /// The end of the run that lasts longer, or of the range.
    pub fn end_us(&self) -> u64 {
        let [one, other] = self.players.each_ref().map(Player::end_us);
        one.max(other)
    }

    pub const fn is_playing(&self) -> bool {
        self.playing
    }

    pub const fn speed(&self) -> Speed {
        self.speed
    }

    pub const fn set_speed(&mut self, speed: Speed) {
        self.speed = speed;
    }

    pub const fn set_still(&mut self, still: bool) {
        self.still = still;
    }

    pub fn is_over(&self) -> bool {
        self.now_us >= self.end_us()
    }

    pub const fn is_at_start(&self) -> bool {
        self.now_us <= self.start_us()
    }

    /// The instant at which a run was over, if the other one goes on.
    pub fn over_since_us(&self, side: usize) -> Option<u64> {
        let end_us = self.players[side].end_us();
        (self.now_us > end_us).then_some(end_us)
    }

    pub fn play(&mut self) {
        if self.is_over() {
            self.reset();
        }
        self.playing = true;
    }

    pub const fn pause(&mut self) {
        self.playing = false;
    }

    /// Holds time still, or releases it. Returns whether that is a change.
    pub fn hold(&mut self, held: bool) -> bool {
        std::mem::replace(&mut self.held, held) != held
    }

    /// Goes to the beginning of the range.
    pub fn reset(&mut self) {
        self.seek(self.start_us());
    }

    /// Goes to the end of the range.
    pub fn finish(&mut self) {
        self.seek(u64::MAX);
    }

    /// Goes to an instant, and pauses.
    pub fn seek(&mut self, at_us: u64) {
        self.playing = false;
        self.go(at_us);
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

    /// Advances by one frame of `real_us` microseconds. Returns the side and the line of the violation that
    /// stopped it, if any.
    pub fn frame(&mut self, real_us: u64) -> Option<(usize, u64)> {
        if !self.playing || self.held {
            return None;
        }
        let passed_us = self.speed.simulated_us(real_us) + std::mem::take(&mut self.waited_us);
        let mut target = (self.now_us + passed_us).min(self.end_us());
        if let Some(next_us) = self.next_us().filter(|_| self.still) {
            if next_us > target {
                self.waited_us = passed_us;
                return None;
            }
            self.waited_us = target - next_us;
            target = next_us;
        }
        let known = self.known();
        self.go(target);
        if let Some((side, seq, at_us)) = self.violation_since(known) {
            self.seek(at_us);
            return Some((side, seq));
        }
        self.playing = !self.is_over();
        if !self.playing && self.range.repeats {
            self.play();
        }
        None
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
        self.playing = false;
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

    /// Goes to the next instant at which something happens on either side.
    pub fn step(&mut self) {
        self.forward_to(|_| true);
    }

    pub fn step_back(&mut self) {
        self.back_to(|_| true);
    }

    /// Goes to the next instant with a decision on either side.
    pub fn jump(&mut self) {
        self.forward_to(sentence::is_decision);
    }

    pub fn jump_back(&mut self) {
        self.back_to(sentence::is_decision);
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
            *player = Player::new(scenario.clone(), acts, self.speed);
            player.set_range(self.range);
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

#[cfg(test)]
mod tests;
