//! The one owner of the simulation: playing, stepping both ways, jumping, and acting.

use std::rc::Rc;

use antes_core::Algorithm;
use antes_sim::run::Run;
use antes_sim::scenario::{Action, Scenario, Step};
use antes_sim::trace::{Happening, Invariant, MessageId, TraceEvent};

use crate::sentence;
use crate::speed::Speed;
use crate::why::Around;

/// The most events that one frame lets happen; what is left over waits for the next frame.
const MAX_EVENTS_PER_FRAME: u32 = 4_000;

/// How many events of the future are looked at, for the marks of the scrubber.
const MAX_OUTLOOK: u32 = 20_000;

/// The largest number of lines that a jump searches.
const MAX_JUMP: u32 = 100_000;

/// What a mark of the scrubber stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// A node crashes, freezes, or a link is cut.
    Fault,
    /// A node comes back, or a link is mended.
    Mend,
    /// A node takes the lead.
    Lead,
    /// An invariant breaks.
    Violation,
}

/// A moment of the run that is worth a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at_us: u64,
    /// What.
    pub kind: MarkKind,
}

impl Mark {
    /// The mark that an event is worth, if it is worth one.
    pub fn of(event: &TraceEvent) -> Option<Self> {
        let kind = match &event.happening {
            Happening::Crash | Happening::Pause | Happening::Cut { .. } => MarkKind::Fault,
            Happening::Restart { .. } | Happening::Resume | Happening::Heal { .. } => {
                MarkKind::Mend
            }
            Happening::Leader { leader, .. } if event.at_us > 0 && *leader == event.node => {
                MarkKind::Lead
            }
            Happening::Violation(_) => MarkKind::Violation,
            _ => return None,
        };
        Some(Self { at_us: event.at_us, kind })
    }
}

/// What is known of the whole run, the part that lies ahead included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// What to mark on the scrubber.
    pub marks: Vec<Mark>,
    /// When lost messages would have landed; sorted.
    landings: Vec<(MessageId, u64)>,
}

impl Outlook {
    /// What is known of a run that is over: what to mark, and when lost messages would have landed.
    pub fn of_past(marks: Vec<Mark>, mut landings: Vec<(MessageId, u64)>) -> Self {
        landings.sort_unstable();
        landings.dedup_by_key(|&mut (id, _)| id);
        Self { marks, landings }
    }

    /// When a lost message would have landed: with it, where it died.
    pub fn landing_us(&self, id: MessageId) -> Option<u64> {
        let place = self.landings.binary_search_by_key(&id, |&(lost, _)| lost);
        place.ok().map(|place| self.landings[place].1)
    }

    fn will_be_lost(&mut self, id: MessageId, lands_us: u64) {
        match self.landings.binary_search_by_key(&id, |&(lost, _)| lost) {
            Ok(place) => self.landings[place].1 = lands_us,
            Err(place) => self.landings.insert(place, (id, lands_us)),
        }
    }
}

/// A run that is being watched.
pub struct Player {
    run: Run,
    outlook: Rc<Outlook>,
    playing: bool,
    speed: Speed,
    /// Grows whenever lines of the trace may have been replaced by others.
    generation: u32,
    /// Whether time goes from event to event, with nothing in motion between.
    still: bool,
    /// The time that has passed since the last event, while nothing moves.
    waited_us: u64,
}

impl Player {
    /// A paused player at the beginning of `scenario`.
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
        };
        player.look_ahead();
        player
    }

    /// The run, to be looked at.
    pub const fn run(&self) -> &Run {
        &self.run
    }

    /// What is known of the whole run.
    pub const fn outlook(&self) -> &Rc<Outlook> {
        &self.outlook
    }

    /// Whether time passes.
    pub const fn is_playing(&self) -> bool {
        self.playing
    }

    /// How fast it passes.
    pub const fn speed(&self) -> Speed {
        self.speed
    }

    /// Grows whenever lines of the trace may have been replaced by others.
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    /// Whether the run is over.
    pub fn is_over(&self) -> bool {
        self.run.now_us() >= self.run.end_us()
    }

    /// Sets the speed.
    pub fn set_speed(&mut self, speed: Speed) {
        self.speed = speed;
    }

    /// Has time go from event to event, for those who prefer less motion.
    pub fn set_still(&mut self, still: bool) {
        self.still = still;
    }

    /// Lets time pass; from the beginning, if the run is over.
    pub fn play(&mut self) {
        if self.is_over() {
            self.reset();
        }
        self.playing = true;
    }

    /// Stops time.
    pub fn pause(&mut self) {
        self.playing = false;
    }

    /// Lets the time of a frame pass. Returns the violation that stopped it, if any did.
    pub fn frame(&mut self, real_us: u64) -> Option<u64> {
        if !self.playing {
            return None;
        }
        let passed_us = self.speed.simulated_us(real_us) + std::mem::take(&mut self.waited_us);
        let now_us = self.run.now_us();
        let target = now_us + passed_us;
        if self.still && self.run.next_event_us().is_some_and(|next_us| next_us > target) {
            self.waited_us = passed_us;
            return None;
        }
        for _ in 0..MAX_EVENTS_PER_FRAME {
            if self.run.next_event_us().is_none_or(|next_us| next_us > target) {
                match self.still && self.run.next_event_us().is_some() {
                    true => self.waited_us = target.saturating_sub(self.run.now_us()),
                    false => self.run.advance_to(target),
                }
                self.playing = !self.is_over();
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

    /// Lets the next event happen. Where none is left, goes to the end.
    pub fn step(&mut self) {
        self.playing = false;
        if !self.run.step() {
            self.run.finish();
        }
    }

    /// Undoes the last event.
    pub fn step_back(&mut self) {
        self.playing = false;
        if self.run.step_back() {
            self.generation += 1;
        } else {
            self.seek(0);
        }
    }

    /// Undoes what a person has just done, for good.
    pub fn undo(&mut self) {
        self.step_back();
        self.run.forget_ahead();
        self.look_ahead();
    }

    /// Goes to an instant.
    pub fn seek(&mut self, at_us: u64) {
        if at_us < self.run.now_us() {
            self.generation += 1;
        }
        self.run.seek(at_us.min(self.run.end_us()));
    }

    /// Goes to where this many events have happened, and lets time pass until the instant, if
    /// nothing happens before.
    pub fn go_to(&mut self, done: u64, at_us: u64) {
        self.generation += 1;
        self.run.go_to(done);
        self.wait_until(at_us);
    }

    /// Lets time pass until an instant, if nothing happens before.
    fn wait_until(&mut self, at_us: u64) {
        if self.run.next_event_us().is_none_or(|next_us| next_us > at_us) {
            self.run.advance_to(at_us);
        }
    }

    /// Goes to the next note of the narration; to the end after the last.
    pub fn next_note(&mut self) {
        self.playing = false;
        let now_us = self.run.now_us();
        let notes = self.run.script().iter().filter(|step| step.note.is_some());
        let mut instants = notes.map(|step| u64::try_from(step.at.as_micros()).unwrap_or(u64::MAX));
        match instants.find(|&at_us| at_us > now_us) {
            Some(at_us) => self.seek(at_us),
            None => self.run.finish(),
        }
    }

    /// Goes to the beginning.
    pub fn reset(&mut self) {
        self.playing = false;
        self.generation += 1;
        self.run.go_to(0);
        self.run.seek(0);
    }

    /// Goes to right after the line `seq`, if that is known of.
    pub fn go_to_line(&mut self, seq: u64) {
        self.playing = false;
        let Some(line) = usize::try_from(seq).ok().and_then(|at| self.run.known_trace().get(at))
        else {
            return;
        };
        let at_us = line.at_us;
        self.seek(at_us.saturating_sub(1));
        while self.run.trace().len() as u64 <= seq && self.run.step() {}
    }

    /// Goes to the next instant at which something is decided, and lets all of it happen; to the
    /// end, where there is none.
    pub fn jump(&mut self) {
        self.playing = false;
        for _ in 0..MAX_JUMP {
            let known = self.run.trace().len();
            if !self.run.step() {
                break;
            }
            if self.run.trace()[known..].iter().any(sentence::is_decision) {
                self.run.advance_to(self.run.now_us());
                return;
            }
        }
        self.run.finish();
    }

    /// Goes back to the last decision before this moment; to the beginning, where there is none.
    pub fn jump_back(&mut self) {
        self.playing = false;
        let now = self.run.now_us();
        let trace = self.run.trace();
        let earlier = |event: &&TraceEvent| event.at_us < now && sentence::is_decision(event);
        match trace.iter().rev().find(earlier).map(|event| event.at_us) {
            Some(at_us) => self.seek(at_us),
            None => self.reset(),
        }
    }

    /// The worlds right before and right after the step that brought the line `seq` about. The
    /// run is where it was afterwards.
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
        self.wait_until(now_us);
        Some(Around { before, after })
    }

    /// Does something to the world; what was known of the future is void.
    pub fn act(&mut self, action: Action) {
        self.run.act(action);
        self.generation += 1;
        self.look_ahead();
    }

    /// The line that this moment is about: a violation of this very instant, or else the latest
    /// line that the log shows.
    pub fn told(&self, is_shown: impl Fn(&TraceEvent) -> bool) -> Option<u64> {
        let trace = self.run.trace();
        let instant = trace.partition_point(|event| event.at_us < self.run.now_us());
        let latest = || trace.iter().rev().find(|event| is_shown(event)).map(|event| event.seq);
        self.violation_since(instant).or_else(latest)
    }

    /// The first line from `known` on that tells of a violation at which one stops. Lamport's
    /// clock starts again with every classic restart: where the run is about something else, that
    /// is told but does not stop it.
    fn violation_since(&self, known: usize) -> Option<u64> {
        let about_clock = self.run.scenario().config.algorithm == Algorithm::Clock;
        let stops = |event: &&TraceEvent| match &event.happening {
            Happening::Violation(violation) => {
                about_clock || violation.invariant != Invariant::ClockCondition
            }
            _ => false,
        };
        self.run.trace()[known..].iter().find(stops).map(|event| event.seq)
    }

    /// Runs ahead to the end, takes note of what is worth a mark, and comes back.
    fn look_ahead(&mut self) {
        let (done, now_us) = (self.run.done(), self.run.now_us());
        let mut outlook = Outlook::default();
        self.run.go_to(0);
        for _ in 0..MAX_OUTLOOK {
            for flight in self.run.world().flights().filter(|flight| flight.lost.is_some()) {
                outlook.will_be_lost(flight.message.id, flight.lands_us);
            }
            if !self.run.step() {
                break;
            }
        }
        outlook.marks = self.run.trace().iter().filter_map(Mark::of).collect();
        self.outlook = Rc::new(outlook);
        self.run.go_to(done);
        self.wait_until(now_us);
        self.generation += 1;
    }
}

/// The first moment at which there is much to see: messages of the algorithm itself on their way,
/// more of them than at any other moment.
pub fn telling_moment_us(scenario: &Scenario) -> u64 {
    use antes_core::Traffic;
    let mut run = Run::new(scenario.clone());
    let mut best = (0, 0);
    for _ in 0..MAX_OUTLOOK {
        let Some(next_us) = run.next_event_us() else { break };
        let now_us = run.now_us();
        let flights = run.world().flights();
        let telling =
            flights.filter(|flight| flight.message.content.traffic() != Traffic::Heartbeat).count();
        if telling > best.0 {
            best = (telling, now_us + (next_us - now_us) / 2);
        }
        run.step();
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use antes_core::{ClusterSize, NodeId};

    fn player() -> Player {
        let scenario = Scenario::new(Algorithm::Leader, ClusterSize::new(4).unwrap());
        Player::new(scenario, &[], Speed::new(0))
    }

    fn four() -> NodeId {
        NodeId::new(4).unwrap()
    }

    #[test]
    fn a_frame_lets_the_time_of_its_speed_pass() {
        let mut player = player();
        player.play();
        player.frame(250_000);
        assert_eq!(player.run().now_us(), 250_000);
        player.set_speed(Speed::new(-1));
        player.frame(250_000);
        assert_eq!(player.run().now_us(), 375_000);
    }

    #[test]
    fn those_who_prefer_less_motion_see_events_alone() {
        let mut player = player();
        player.set_still(true);
        player.play();
        for _ in 0..7 {
            player.frame(80_000);
            let last = player.run().trace().last().map_or(0, |event| event.at_us);
            assert_eq!(player.run().now_us(), last);
        }
        assert_eq!(player.run().now_us(), 500_000, "the first heartbeat");
    }

    #[test]
    fn nothing_moves_while_paused() {
        let mut player = player();
        player.frame(1_000_000);
        assert_eq!(player.run().now_us(), 0);
    }

    #[test]
    fn an_undone_crash_does_not_come_back() {
        let mut player = player();
        player.seek(700_000);
        player.act(Action::Crash(four()));
        assert!(!player.run().world().is_up(four()));
        player.undo();
        assert_eq!(player.run().now_us(), 700_000);
        player.seek(20_000_000);
        assert!(player.run().world().is_up(four()));
        assert!(player.outlook().marks.is_empty());
    }

    #[test]
    fn marks_tell_of_the_whole_run_ahead() {
        let mut player = player();
        player.seek(700_000);
        player.act(Action::Crash(four()));
        let kinds: Vec<_> = player.outlook().marks.iter().map(|mark| mark.kind).collect();
        assert_eq!(kinds, [MarkKind::Fault, MarkKind::Lead]);
        assert_eq!(player.run().now_us(), 700_000);
    }

    #[test]
    fn jumps_go_from_decision_to_decision_and_back() {
        let mut player = player();
        player.seek(700_000);
        player.act(Action::Crash(four()));
        player.jump();
        let first = player.run().now_us();
        player.jump();
        assert!(player.run().now_us() > first);
        player.jump_back();
        assert_eq!(player.run().now_us(), first);
        player.jump_back();
        assert_eq!(player.run().now_us(), 700_000);
    }

    #[test]
    fn the_telling_moment_of_a_crash_is_in_the_election() {
        let mut scenario = Scenario::new(Algorithm::Leader, ClusterSize::new(4).unwrap());
        let at = core::time::Duration::from_secs(1);
        scenario.steps.push(Step::new(at, 0, Action::Crash(four())));
        let moment = telling_moment_us(&scenario);
        assert!((1_500_000..4_000_000).contains(&moment), "{moment}");
    }
}
