//! Enumerates paths to a violation, the shortest first: one for each violating state.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use stateright::Model;

use crate::cluster::{Action, Cluster, State};
use crate::explore::Steps;

/// The most states that are explored.
pub(super) const MAX_STATES: usize = 200_000;

/// An iterator over the paths.
pub(super) struct Ways<'a> {
    model: &'a Cluster,
    holds: fn(&Cluster, &State) -> bool,
    seen: HashSet<u64>,
    /// For each state: the index of the state before it, and the action.
    reached: Vec<(usize, Option<Action>)>,
    /// Unexplored states of the current distance, with their indices.
    near: Vec<(usize, State)>,
    /// Unexplored states one step farther.
    far: Vec<(usize, State)>,
    /// Violating states to be returned: the number of messages in flight, and the index. Fewer
    /// messages come first, since instants are then more likely to fit.
    broken: BinaryHeap<Reverse<(usize, usize)>>,
}

impl<'a> Ways<'a> {
    /// The paths to states in which `holds` is false.
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

/// A hash of the state. Two states with equal hashes cost at most one path.
fn fingerprint(state: &State) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(state)
}
