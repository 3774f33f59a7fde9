//! Writes the scenario for a path with known instants.

use std::time::Duration;

use antes_core::{Effect, NodeId};
use antes_sim::scenario::{self, Latency, Scenario, Start, Step, Text, Which};

use super::story::{Cut, End, Fate, Letter, Moment, Story, TimedAction};
use super::times::{Plan, micros};
use crate::cluster::{Action, Cause, Cluster};
use crate::scheduled::Unscheduled;

/// How long the scenario continues after the end of the path, in microseconds.
const REST_US: u64 = 1_000_000;

/// The scenario in which `story` happens at the instants `times`.
pub(super) fn scenario(
    model: &Cluster,
    story: &Story,
    times: &[u64],
    plan: Plan,
) -> Result<Scenario, Unscheduled> {
    let mut script = Script { times, plan, lines: Vec::new() };
    for letter in &story.letters {
        script.letter(letter, story.end());
    }
    for (moment, timed) in story.moments() {
        script.timed(story, moment, timed)?;
    }
    script.pauses_at_the_end(story);
    script.lines.sort_by_key(|(rank, step)| (step.at, *rank));
    let mut scenario = Scenario::new(model.config.algorithm, model.config.size);
    scenario.config = model.config;
    scenario.network.latency = Latency::Fixed(Duration::from_micros(plan.latency_us));
    scenario.start = if model.elected { Start::Elected } else { Start::Cold };
    scenario.duration = Duration::from_micros(times[story.end()] + REST_US);
    scenario.steps = script.lines.into_iter().map(|(_, step)| step).collect();
    Ok(scenario)
}

/// The order of the script's steps at the same instant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// Losses and delays of messages that the action sends.
    Before,
    Act,
    /// Losses and delays of the copies that the action makes.
    After,
}

struct Script<'a> {
    times: &'a [u64],
    plan: Plan,
    lines: Vec<(Rank, Step)>,
}

impl Script<'_> {
    fn line(&mut self, at_us: u64, rank: Rank, action: scenario::Action) {
        let at = Duration::from_micros(at_us);
        self.lines.push((rank, Step::new(at, 0, action)));
    }

    /// Drops a message, or delays it until its instant of arrival.
    fn letter(&mut self, letter: &Letter, end: Moment) {
        let sent_us = self.times[letter.sent];
        let lands_us = match letter.fate {
            Fate::Lost => return self.tamper(letter, scenario::Tampering::Drop),
            Fate::Lands(moment) => self.times[moment],
            Fate::Flies => self.times[end] + self.plan.gap_us,
        };
        let by_us = lands_us.saturating_sub(sent_us + self.plan.latency_us);
        if by_us > 0 && self.plan.delays {
            let by = Duration::from_micros(by_us);
            self.tamper(letter, scenario::Tampering::Delay { by });
        }
    }

    fn tamper(&mut self, letter: &Letter, tampering: scenario::Tampering) {
        let is_copy = letter.id.copy > 0;
        // A message that was sent has an id. A message that is about to be sent is described by
        // kind, link and number, which also works in the other profile.
        let which = if is_copy || letter.sent == 0 {
            Which::Id(letter.id)
        } else {
            let (from, to) = (Some(letter.from), Some(letter.to));
            Which::Nth { kind: letter.kind.to_owned(), from, to, nth: letter.nth, copy: 0 }
        };
        let rank = if is_copy { Rank::After } else { Rank::Before };
        let action = scenario::Action::Tamper { which, tampering };
        self.line(self.times[letter.sent], rank, action);
    }

    fn timed(
        &mut self,
        story: &Story,
        moment: Moment,
        timed: &TimedAction,
    ) -> Result<(), Unscheduled> {
        let at_us = self.times[moment];
        let action = match timed.action {
            Action::Step { node, cause, .. } => {
                self.cause(story, moment, node, cause);
                if let Some(cut) = &timed.cut {
                    self.cut_off(story, moment, timed, cut)?;
                }
                None
            }
            Action::Crash(node) => {
                self.pause_before(story, moment, node);
                Some(scenario::Action::Crash(node))
            }
            // The message is dropped when it is sent.
            Action::Lose { .. } => None,
            Action::Duplicate { .. } => {
                let mut letters = story.letters.iter();
                let copied = letters.find(|letter| letter.copied.contains(&moment));
                copied.map(|letter| scenario::Action::Tamper {
                    which: Which::Id(letter.id),
                    tampering: scenario::Tampering::Duplicate,
                })
            }
        };
        if let Some(action) = action {
            self.line(at_us, Rank::Act, action);
        }
        self.tell(at_us, &timed.description);
        Ok(())
    }

    fn cause(&mut self, story: &Story, moment: Moment, node: NodeId, cause: Cause) {
        let at_us = self.times[moment];
        match cause {
            Cause::Delivery(_) => {}
            Cause::Timeout(_) => {
                if self.pause_before(story, moment, node) {
                    self.line(at_us, Rank::Act, scenario::Action::Resume(node));
                }
            }
            Cause::Order(command) => {
                self.line(at_us, Rank::Act, scenario::Action::Command { node, command });
            }
            Cause::Restart => self.line(at_us, Rank::Act, scenario::Action::Restart(node)),
        }
    }

    /// Pauses the node if one of its timers that ends at `moment` would fire earlier. Returns
    /// whether it did.
    fn pause_before(&mut self, story: &Story, moment: Moment, node: NodeId) -> bool {
        let waits = story.waits.iter().filter(|wait| {
            let ends = wait.end == End::Fires(moment) || wait.end == End::Dies(moment);
            wait.node == node && ends
        });
        let due = waits.map(|wait| self.times[wait.set] + micros(wait.after).unsigned_abs());
        let Some(due) = due.min().filter(|&due| due < self.times[moment]) else { return false };
        self.line(due, Rank::Before, scenario::Action::Pause(node));
        true
    }

    /// Pauses nodes with a timer that would fire before the end although it still runs there.
    fn pauses_at_the_end(&mut self, story: &Story) {
        let end_us = self.times[story.end()];
        let mut nodes: Vec<(NodeId, u64)> = Vec::new();
        for wait in story.waits.iter().filter(|wait| wait.end == End::Runs) {
            let due = self.times[wait.set] + micros(wait.after).unsigned_abs();
            match nodes.iter_mut().find(|(node, _)| *node == wait.node) {
                Some((_, earliest)) => *earliest = due.min(*earliest),
                None => nodes.push((wait.node, due)),
            }
        }
        for (node, due) in nodes.into_iter().filter(|&(_, due)| due <= end_us) {
            self.line(due, Rank::Before, scenario::Action::Pause(node));
        }
    }

    /// Crashes the node in the middle of its step: before the effects that `cut` excludes.
    fn cut_off(
        &mut self,
        story: &Story,
        moment: Moment,
        timed: &TimedAction,
        cut: &Cut,
    ) -> Result<(), Unscheduled> {
        match cut {
            Cut::At(at) => {
                let action = scenario::Action::CrashAt { node: timed.node, moment: *at };
                self.line(self.times[moment], Rank::Before, action);
                Ok(())
            }
            Cut::Late(undone) => self.lose_the_rest(story, moment, timed.node, undone),
        }
    }

    /// The node carries out all effects and then crashes, before anything else happens. Messages
    /// that it should not have sent are dropped.
    fn lose_the_rest(
        &mut self,
        story: &Story,
        moment: Moment,
        node: NodeId,
        undone: &[Effect],
    ) -> Result<(), Unscheduled> {
        let at_us = self.times[moment];
        let sent = story.letters.iter().filter(|l| l.sent == moment && l.from == node);
        let mut sent: Vec<(NodeId, &str)> = sent.map(|letter| (letter.to, letter.kind)).collect();
        for effect in undone {
            match effect {
                Effect::SetTimer { .. } | Effect::CancelTimer { .. } => {}
                Effect::Send { to, message } => {
                    sent.push((*to, message.name()));
                    let nth = sent.iter().filter(|&&other| other == (*to, message.name())).count();
                    let which = Which::Nth {
                        kind: message.name().to_owned(),
                        from: Some(node),
                        to: Some(*to),
                        nth: nth as u32,
                        copy: 0,
                    };
                    let tampering = scenario::Tampering::Drop;
                    let action = scenario::Action::Tamper { which, tampering };
                    self.line(at_us, Rank::Before, action);
                }
                // Traces would show an event that never happened in the model.
                Effect::Write(_)
                | Effect::Draw { .. }
                | Effect::Save(_)
                | Effect::Remember(_)
                | Effect::Emit(_) => {
                    return Err(Unscheduled::CutOff);
                }
            }
        }
        self.line(at_us + 1, Rank::Before, scenario::Action::Crash(node));
        Ok(())
    }

    /// Adds the description as a note: to the step that acts at this instant, or in a step of its
    /// own.
    fn tell(&mut self, at_us: u64, description: &str) {
        let note = Text { en: description.to_owned(), pt: None };
        let at = Duration::from_micros(at_us);
        let step = self
            .lines
            .iter_mut()
            .rev()
            .find(|(rank, step)| *rank == Rank::Act && step.at == at && step.note.is_none());
        match step {
            Some((_, step)) => step.note = Some(note),
            None => {
                let action = scenario::Action::Note;
                self.lines.push((Rank::Act, Step { note: Some(note), ..Step::new(at, 0, action) }));
            }
        }
    }
}
