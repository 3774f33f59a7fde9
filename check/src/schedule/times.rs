//! When each action of a path can happen: difference constraints, solved by Bellman and Ford.

use std::time::Duration;

use super::story::{Deed, End, Fate, Moment, Story};
use crate::cluster::Action;

/// What the times may look like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// How long a message takes that nothing holds back, in microseconds.
    pub latency_us: u64,
    /// Whether messages may be held back.
    pub delays: bool,
    /// Whether nodes may be paused, so that timers run out late.
    pub pauses: bool,
    /// Whether everything happens in the order of the path; otherwise only what one node does, what
    /// people do, and what depends on each other.
    pub in_order: bool,
    /// Whether messages may arrive at a node together: which of them is first, only the simulator
    /// can tell.
    pub together: bool,
    /// How far apart what has an order is, in microseconds.
    pub gap_us: u64,
}

/// The instant of each moment of a story, its end included, in microseconds: as early as can be.
/// `None` if there are none that fit the plan.
pub(super) fn times(story: &Story, plan: Plan) -> Option<Vec<u64>> {
    let mut rules = Rules { plan, story, edges: Vec::new() };
    rules.order();
    rules.letters();
    rules.waits();
    solve(&rules.edges, story.end() + 1)
}

/// `later` is at least `by` microseconds after `earlier`.
struct Edge {
    earlier: Moment,
    later: Moment,
    by: i64,
}

/// The earliest instants from moment 0 on that respect all edges.
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
            // Moment 0 is the beginning of the run: it cannot be put off.
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

/// How long before the end the last action is, and how long after it what comes next, in
/// microseconds.
const REST_US: i64 = 1_000;

/// When the first action happens, where nothing goes on before it, in microseconds.
const FIRST_US: i64 = 500_000;

impl Rules<'_> {
    fn gap(&self) -> i64 {
        signed(self.plan.gap_us)
    }

    fn after(&mut self, earlier: Moment, later: Moment, by: i64) {
        self.edges.push(Edge { earlier, later, by });
    }

    /// What comes before what.
    fn order(&mut self) {
        let (gap, story) = (self.gap(), self.story);
        let first = if story.waits.iter().any(|wait| wait.set == 0) { gap } else { FIRST_US };
        let end = story.end();
        self.after(0, end, REST_US);
        let mut acted = None;
        let mut before = None;
        for (moment, deed) in story.moments() {
            self.after(0, moment, first);
            self.after(moment, end, REST_US);
            if matches!(deed.action, Action::Lose { .. }) {
                // It is sealed as the message is sent.
                continue;
            }
            self.order_at_node(moment, deed);
            if deed.is_scripted()
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

    /// What one node does keeps its order, copies of its messages included. Messages that die at a
    /// dead one come in any order.
    fn order_at_node(&mut self, moment: Moment, deed: &Deed) {
        let (gap, story) = (self.gap(), self.story);
        for (earlier, other) in story.moments().rev().skip_while(|&(other, _)| other >= moment) {
            if other.node != deed.node || matches!(other.action, Action::Lose { .. }) {
                continue;
            }
            let together = self.plan.together && deed.is_delivery() && other.is_delivery();
            if !(deed.is_death() && other.is_death()) {
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
            // The latest moment at which the node may still act before the timer runs out.
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

/// Whole microseconds of a span of a model, which has at most a few minutes.
pub(super) fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX / 4)
}
