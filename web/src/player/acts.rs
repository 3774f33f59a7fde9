//! The user's interventions: those that have happened, those that lie ahead, and their outlook.

use std::rc::Rc;

use antes_sim::scenario::{Action, Step, Which};
use antes_sim::trace::{Happening, MessageRecord};

use super::Player;
use crate::outlook::Outlook;

impl Player {
    /// Marks the future interventions as prepared.
    pub fn prepare(&mut self) {
        self.prepared = self.ahead().to_vec();
    }

    /// Restores the prepared interventions of an earlier moment.
    pub fn set_prepared(&mut self, prepared: Vec<Step>) {
        self.prepared = prepared;
    }

    /// The interventions that were prepared before the user acted.
    pub fn prepared(&self) -> &[Step] {
        &self.prepared
    }

    /// Applies an action now. The user's own future actions are left out. Prepared ones are kept if they
    /// still have the same meaning. Returns how many were left out.
    pub fn act(&mut self, action: Action) -> usize {
        let ahead = self.ahead();
        let (prepared, own): (Vec<_>, Vec<_>) =
            ahead.iter().cloned().partition(|step| self.prepared.contains(step));
        let meant: Vec<_> = prepared.iter().map(|step| self.meant(step)).collect();
        self.run.act(action);
        self.run.plan(&prepared);
        let mut senseless = self.look_ahead();
        let is_other = |(step, meant): (Step, _)| (self.meant(&step) != meant).then_some(step);
        let others: Vec<_> = prepared.into_iter().zip(meant).filter_map(is_other).collect();
        for step in others {
            if !senseless.contains(&step) {
                senseless.push(step);
            }
        }
        self.leave_out(&senseless);
        self.seen = self.run.interventions_done();
        own.len() + senseless.len()
    }

    /// Leaves out the user's future actions that have already been seen.
    pub fn leave_out_again(&mut self) {
        let again = self.again().to_vec();
        self.leave_out(&again);
        let senseless = self.look_ahead();
        self.leave_out(&senseless);
        self.seen = self.run.interventions_done();
    }

    /// Leaves out these steps of the future interventions.
    fn leave_out(&mut self, steps: &[Step]) {
        if steps.is_empty() {
            return;
        }
        let kept: Vec<_> =
            self.ahead().iter().filter(|step| !steps.contains(step)).cloned().collect();
        self.run.forget_ahead();
        self.run.plan(&kept);
        self.look_ahead();
    }

    /// The interventions that are still to come.
    fn ahead(&self) -> Vec<Step> {
        self.run.interventions().skip(self.run.interventions_done()).cloned().collect()
    }

    /// The future interventions that have been seen before time went back. They will happen again.
    pub fn again(&self) -> Vec<Step> {
        let again = self.seen.saturating_sub(self.run.interventions_done());
        self.run.interventions().skip(self.run.interventions_done()).take(again).cloned().collect()
    }

    /// The message that a step refers to. `None` if it refers to none.
    fn meant(&self, step: &Step) -> Option<MessageRecord> {
        let Action::Tamper { which: Which::Id(id), .. } = step.action else { return None };
        self.run.known_trace().iter().find_map(|event| match &event.happening {
            Happening::Send(message) | Happening::Duplicate { message } if message.id == id => {
                Some(*message)
            }
            _ => None,
        })
    }

    /// The earliest instant at which the user acted, among instants that have passed.
    pub fn acted_us(&self) -> Option<u64> {
        let first = self.run.interventions().next().filter(|_| self.run.interventions_done() > 0);
        first.map(|step| u64::try_from(step.at.as_micros()).unwrap_or(u64::MAX))
    }

    /// Runs to the end and back to compute the outlook. Returns the future interventions that have no effect.
    pub(super) fn look_ahead(&mut self) -> Vec<Step> {
        let done = self.run.done();
        let mut vain = Vec::new();
        let outlook = Outlook::ahead(&mut self.run, |run, lines, acted| {
            let first = run.trace()[lines..].first();
            let is_ignored =
                first.is_some_and(|event| matches!(event.happening, Happening::Ignored { .. }));
            if run.done() > done && run.interventions_done() > acted && is_ignored {
                vain.extend(run.interventions().nth(acted).cloned());
            }
        });
        self.outlook = Rc::new(outlook);
        self.generation += 1;
        vain
    }
}
