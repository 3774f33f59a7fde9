//! The formulas for the number of messages of an election, for all clusters of up to seven nodes.

use antes_core::{Algorithm, Announce, Command, Form};
use antes_sim::run::Run;
use antes_sim::scenario::{Action, Scenario};

use super::common::*;
use super::summary;

const LATENCY_MS: u64 = 100;
const ANSWER_TIMEOUT_MS: u64 = 3 * LATENCY_MS;

/// An election of `nodes` nodes: the dead ones as a bit mask, and the initiator.
#[derive(Clone, Copy, Debug)]
struct Case {
    nodes: u8,
    dead: u8,
    initiator: u8,
}

impl Case {
    fn is_live(self, id: u8) -> bool {
        self.dead & (1 << (id - 1)) == 0
    }

    fn live(self) -> impl Iterator<Item = u8> {
        (1..=self.nodes).filter(move |&id| self.is_live(id))
    }

    /// k: the highest live id.
    fn winner(self) -> u8 {
        self.live().last().expect("the initiator lives")
    }

    /// The m live ids from the initiator up.
    fn campaigners(self) -> Vec<u8> {
        self.live().filter(|&id| id >= self.initiator).collect()
    }

    fn all() -> impl Iterator<Item = Self> {
        (1..=7_u8).flat_map(|nodes| {
            let dead_sets = 0..1_u8 << nodes;
            dead_sets.flat_map(move |dead| {
                let cases = (1..=nodes).map(move |initiator| Self { nodes, dead, initiator });
                cases.filter(|case| case.is_live(case.initiator))
            })
        })
    }

    fn scenario(self, form: Form, announce: Announce) -> Scenario {
        let dead = (1..=self.nodes).filter(|&id| !self.is_live(id));
        let mut steps: Vec<_> = dead.map(|id| at(0, Action::Crash(node(id)))).collect();
        steps.push(at(1_000, order(self.initiator, Command::Elect)));
        let mut scenario = quiet(Algorithm::Leader, self.nodes, steps);
        let election = &mut scenario.config.election;
        (election.form, election.announce) = (form, announce);
        election.answer_timeout = ms(ANSWER_TIMEOUT_MS);
        // A little more than the bound of each form.
        election.coordinator_timeout = ms(match form {
            Form::Parallel => ANSWER_TIMEOUT_MS + 2 * LATENCY_MS + 1,
            Form::Sequential => {
                u64::from(self.nodes.saturating_sub(2)) * ANSWER_TIMEOUT_MS + 2 * LATENCY_MS + 1
            }
        });
        scenario
    }

    fn run(self, form: Form, announce: Announce) -> Run {
        let run = finished(self.scenario(form, announce));
        let winner = Some(node(self.winner()));
        for (follower, leader) in summary(&run).leaders {
            // A node that gets neither ELECTION nor COORDINATOR learns nothing.
            let told = follower <= node(self.winner());
            assert!(!told || leader == winner, "{self:?}: {follower} follows {leader:?}");
        }
        assert_eq!(broken(&run), [], "{self:?}");
        run
    }
}

#[test]
fn there_is_a_case_for_every_size_every_set_of_dead_and_every_initiator() {
    // For each of n live initiators there are 2^(n-1) sets of dead nodes among the others.
    assert_eq!(Case::all().count(), (1..=7).map(|n| n << (n - 1)).sum::<usize>());
}

#[test]
fn the_parallel_form_sends_as_many_messages_as_the_formulas_say() {
    for case in Case::all() {
        for announce in [Announce::Lower, Announce::All] {
            let summary = summary(&case.run(Form::Parallel, announce));
            let (n, k) = (u64::from(case.nodes), u64::from(case.winner()));
            let campaigners = case.campaigners();
            let m = campaigners.len() as u64;
            let asked: u64 = campaigners.iter().map(|&j| n - u64::from(j)).sum();
            assert_eq!(summary.count("ELECTION"), asked, "{case:?}");
            assert_eq!(summary.count("OK"), m * (m - 1) / 2, "{case:?}");
            let announced = if k == n && u64::from(case.initiator) != n {
                (m - 1) * (n - 1)
            } else {
                match announce {
                    Announce::Lower => k - 1,
                    Announce::All => n - 1,
                }
            };
            assert_eq!(summary.count("COORDINATOR"), announced, "{case:?} {announce:?}");
        }
    }
}

#[test]
fn the_sequential_form_sends_as_many_messages_as_the_formula_says() {
    for case in Case::all() {
        for announce in [Announce::Lower, Announce::All] {
            let summary = summary(&case.run(Form::Sequential, announce));
            let n = u64::from(case.nodes);
            let d = n - u64::from(case.winner());
            let expected = if case.initiator < case.winner() { 2 * d + n } else { d + n - 1 };
            let sent = summary.count("ELECTION") + summary.count("COORDINATOR");
            assert_eq!(sent, expected, "{case:?} {announce:?}");
        }
    }
}
