//! Finds the instants of a path's actions: difference constraints, solved by Bellman and Ford.

use std::time::Duration;

use super::story::{End, Fate, Moment, Story, TimedAction};
use crate::cluster::Action;

/// What is allowed when instants are chosen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// The latency of a message that is not delayed, in microseconds.
    pub latency_us: u64,
    /// Whether messages may be delayed.
    pub delays: bool,
    /// Whether nodes may be paused, so that timers fire late.
    pub pauses: bool,
    /// Whether all actions keep the order of the path. Otherwise only the actions of one node, the
    /// actions of the script, and actions that depend on each other do.
    pub in_order: bool,
    /// Whether messages may arrive at a node at the same instant. Only the simulator can tell which
    /// of them is handled first.
    pub together: bool,
    /// The shortest time between two ordered actions, in microseconds.
    pub gap_us: u64,
}

/// The earliest instant of each moment of a story, including its end, in microseconds. `None` if no
/// instants fit the plan.
pub(super) fn times(story: &Story, plan: Plan) -> Option<Vec<u64>> {
    let mut rules = Rules { plan, story, edges: Vec::new() };
    rules.order();
    rules.letters();
    rules.waits();
    solve(&rules.edges, story.end() + 1)
}

/// Requires that `later` is at least `by` microseconds after `earlier`.
struct Edge {
    earlier: Moment,
    later: Moment,
    by: i64,
}

/// The earliest instants that satisfy all edges, with moment 0 at 0.
fn solve(edges: &[Edge], moments: usize) -> Option<Vec<u64>> {
    let mut at = vec![0i64; moments];
    for _ in 0..=moments {
        let mut moved = false;
        for edge in edges {
            let least = at[edge.earlier] + edge.by;
            if at[edge.later] < least {
                at[edge.later] = least;
                moved = true;
            }
        }
        if !moved {
            // Moment 0 is the start of the run and cannot be moved.
            return (at[0] == 0).then(|| at.iter().map(|&at| at.unsigned_abs()).collect());
        }
    }
    None
}

struct Rules<'a> {
    plan: Plan,
    story: &'a Story,
    edges: Vec<Edge>,
}

/// The time between the last action and the end, and between the end and the next event, in
/// microseconds.
const REST_US: i64 = 1_000;

/// The earliest first action, if no timer is set at the start, in microseconds.
const FIRST_US: i64 = 500_000;

impl Rules<'_> {
    fn gap(&self) -> i64 {
        signed(self.plan.gap_us)
    }

    fn after(&mut self, earlier: Moment, later: Moment, by: i64) {
        self.edges.push(Edge { earlier, later, by });
    }

    /// Adds the order of the actions.
    fn order(&mut self) {
        let (gap, story) = (self.gap(), self.story);
        let first = if story.waits.iter().any(|wait| wait.set == 0) { gap } else { FIRST_US };
        let end = story.end();
        self.after(0, end, REST_US);
        let mut acted = None;
        let mut before = None;
        for (moment, timed) in story.moments() {
            self.after(0, moment, first);
            self.after(moment, end, REST_US);
            if matches!(timed.action, Action::Lose { .. }) {
                // The message is dropped when it is sent.
                continue;
            }
            self.order_at_node(moment, timed);
            if timed.is_scripted()
                && let Some(act) = acted.replace(moment)
            {
                self.after(act, moment, gap);
            }
            if self.plan.in_order
                && let Some(before) = before.replace(moment)
            {
                self.after(before, moment, gap);
            }
        }
    }

    /// Orders the actions of one node and the copies of its messages. Messages that arrive at a
    /// dead node may do so in any order.
    fn order_at_node(&mut self, moment: Moment, timed: &TimedAction) {
        let (gap, story) = (self.gap(), self.story);
        for (earlier, other) in story.moments().rev().skip_while(|&(other, _)| other >= moment) {
            if other.node != timed.node || matches!(other.action, Action::Lose { .. }) {
                continue;
            }
            let together = self.plan.together && timed.is_delivery() && other.is_delivery();
            if !(timed.is_death() && other.is_death()) {
                self.after(earlier, moment, if together { 0 } else { gap });
            }
            if !other.is_death() {
                return;
            }
        }
    }

    fn letters(&mut self) {
        let (gap, latency, story) = (self.gap(), signed(self.plan.latency_us), self.story);
        for (place, letter) in story.letters.iter().enumerate() {
            match letter.fate {
                Fate::Lands(moment) => {
                    let earlier = story.letters[..place].iter().rev();
                    let mut ahead = earlier.filter_map(|other| match other.fate {
                        Fate::Lands(landed) if letter.is_behind(other) => Some(landed),
                        Fate::Lands(_) | Fate::Flies | Fate::Lost => None,
                    });
                    if let Some(landed) = ahead.next() {
                        self.after(landed, moment, 0);
                    }
                    self.after(letter.sent, moment, latency);
                    if !self.plan.delays {
                        self.after(moment, letter.sent, -latency);
                    }
                    for &copied in &letter.copied {
                        self.after(copied, moment, gap);
                    }
                }
                Fate::Flies => {
                    if !self.plan.delays {
                        self.after(story.end(), letter.sent, REST_US - latency);
                    }
                }
                Fate::Lost => {}
            }
        }
    }

    fn waits(&mut self) {
        let (gap, story) = (self.gap(), self.story);
        for wait in &story.waits {
            let span = micros(wait.after);
            // The last moment at which the node acts before the timer fires.
            let last = match wait.end {
                End::Stops(moment) => Some(moment),
                End::Fires(moment) => {
                    self.after(wait.set, moment, span);
                    if !self.plan.pauses {
                        self.after(moment, wait.set, -span);
                    }
                    story.before(wait.node, moment)
                }
                End::Dies(moment) if self.plan.pauses => story.before(wait.node, moment),
                End::Dies(moment) => Some(moment),
                End::Runs if self.plan.pauses => story.before(wait.node, story.end()),
                End::Runs => Some(story.end()),
            };
            if let Some(last) = last.filter(|&last| last > wait.set) {
                let room = if last == story.end() { REST_US } else { gap };
                self.after(last, wait.set, room - span);
            }
        }
    }
}

const fn signed(micros: u64) -> i64 {
    micros.cast_signed()
}

/// A duration in whole microseconds. Durations of a model are at most a few minutes.
pub(super) fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX / 4)
}
