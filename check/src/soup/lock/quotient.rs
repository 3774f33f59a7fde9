//! Symmetry reduction: states that differ only in the names of nodes are explored once.
//!
//! The rules distinguish nodes only by whether they may request. That the core's lock makes no
//! other distinction is checked for each transition: it is computed under all renamings, and the
//! results must agree. The initial state names the first leader. Its states under other names are
//! the renamings of the states explored here.

use stateright::Model;

use super::{Action, Lock, MOST_NODES, State};
use crate::explore::Steps;
use crate::soup::cache::{Found, StateId};

type Seats = [StateId; MOST_NODES as usize];

impl Lock {
    /// The representative of all renamings of `state`.
    pub(super) fn representative(&self, found: &Found, state: State) -> State {
        let mut least = state.seats;
        // The renamings that lead to the least seats, by index.
        let mut all = vec![0];
        for names in 1..found.orbits.len() {
            let seats = self.seats_of(found, &state, names);
            if seats < least {
                (least, all) = (seats, vec![names]);
            } else if seats == least {
                all.push(names);
            }
        }
        let renamed = |names| match names {
            0 => state,
            names => self.renamed(found, &state, names),
        };
        if let [only] = all[..] {
            return renamed(only);
        }
        let all = all.into_iter().map(renamed);
        all.min_by(|a, b| (&a.soup, a.led).cmp(&(&b.soup, b.led))).unwrap_or(state)
    }

    /// `state` under the renaming with this index.
    fn renamed(&self, found: &Found, state: &State, names: usize) -> State {
        let renaming = &found.orbits.renamings[names];
        State {
            seats: self.seats_of(found, state, names),
            soup: found.orbits.soup(&state.soup, names),
            led: state.led.map(|led| led.map(|leader| renaming.node(leader))),
            ..*state
        }
    }

    fn seats_of(&self, found: &Found, state: &State, names: usize) -> Seats {
        let renaming = &found.orbits.renamings[names];
        let mut seats = [StateId::default(); MOST_NODES as usize];
        for node in self.nodes() {
            let place = found.orbits.place(state.seats[node.index()], names);
            seats[renaming.node(node).index()] = place;
        }
        seats
    }

    /// A path from the initial state, without renaming between steps, whose states have the states
    /// of `steps` as representatives.
    pub(super) fn run(&self, steps: &Steps<Self>) -> Vec<(State, Action)> {
        let mut state = self.first();
        let mut run = Vec::new();
        for (next, _) in steps.iter().skip(1) {
            let after = |action| self.cache.look(|found| self.after(found, &state, action));
            let stands = |after| self.cache.look(|found| Ok(self.representative(found, after)));
            let mut actions = Vec::new();
            self.actions(&state, &mut actions);
            let all = actions.into_iter().map(|action| (action, after(action)));
            let found = all.into_iter().find(|&(_, after)| stands(after) == *next);
            let (action, after) = found.expect("what can happen can happen under other names");
            run.push((state, action));
            state = after;
        }
        run
    }
}

#[cfg(test)]
mod tests;
