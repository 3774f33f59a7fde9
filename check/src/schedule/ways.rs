//! All ways to break a property, the shortest first: one to each state in which it is broken.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use stateright::Model;

use crate::cluster::{Action, Cluster, State};
use crate::explore::Steps;

/// How many different states are looked at.
pub(super) const MAX_STATES: usize = 200_000;

/// The ways to break a property.
pub(super) struct Ways<'a> {
    model: &'a Cluster,
    holds: fn(&Cluster, &State) -> bool,
    seen: HashSet<u64>,
    /// How each state was reached: from which, by what.
    reached: Vec<(usize, Option<Action>)>,
    /// The states of this distance from the beginning that have not been looked at.
    near: Vec<(usize, State)>,
    /// Those that are one step farther.
    far: Vec<(usize, State)>,
    /// States in which the property is broken, and that are yet to be told: how many messages fly
    /// in each, and its place. The fewer, the likelier there are times that fit.
    broken: BinaryHeap<Reverse<(usize, usize)>>,
}

impl<'a> Ways<'a> {
    /// The ways to break `holds`.
    pub fn new(model: &'a Cluster, holds: fn(&Cluster, &State) -> bool) -> Self {
        let mut ways = Self {
            model,
            holds,
            seen: HashSet::new(),
            reached: Vec::new(),
            near: Vec::new(),
            far: Vec::new(),
            broken: BinaryHeap::new(),
        };
        for state in model.init_states() {
            ways.reach(0, None, state);
        }
        ways
    }

    fn reach(&mut self, from: usize, action: Option<Action>, state: State) {
        if !self.model.within_boundary(&state) || !self.seen.insert(fingerprint(&state)) {
            return;
        }
        let place = self.reached.len();
        self.reached.push((from, action));
        if (self.holds)(self.model, &state) {
            self.far.push((place, state));
        } else {
            self.broken.push(Reverse((state.flights().count(), place)));
        }
    }

    fn steps_to(&self, mut place: usize) -> Steps<Cluster> {
        let mut actions = Vec::new();
        while let (from, Some(action)) = self.reached[place] {
            actions.push(action);
            place = from;
        }
        let mut state = self.model.beginning();
        let mut steps = Vec::new();
        for action in actions.into_iter().rev() {
            let next = self.model.after(&state, action);
            steps.push((state, Some(action)));
            state = next;
        }
        steps.push((state, None));
        steps
    }
}

impl Iterator for Ways<'_> {
    type Item = Steps<Cluster>;

    fn next(&mut self) -> Option<Steps<Cluster>> {
        let mut actions = Vec::new();
        loop {
            if self.near.is_empty() {
                if let Some(Reverse((_, place))) = self.broken.pop() {
                    return Some(self.steps_to(place));
                }
                self.near = std::mem::take(&mut self.far);
            }
            let (from, state) = self.near.pop()?;
            if self.reached.len() > MAX_STATES {
                self.near.clear();
                self.far.clear();
                continue;
            }
            self.model.actions(&state, &mut actions);
            for action in actions.drain(..) {
                self.reach(from, Some(action), self.model.after(&state, action));
            }
        }
    }
}

/// Two states that share it by accident cost one way, no more.
fn fingerprint(state: &State) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(state)
}
