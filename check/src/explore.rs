//! Explores the states of a model and reports the result for each property.

use std::fmt::Debug;
use std::hash::Hash;
use std::time::{Duration, Instant};

use crate::scheduled::{Found, Unscheduled};
use stateright::{Checker, CheckerBuilder, Expectation, HasDiscoveries, Model, Property};

/// A path through a model: each state, and the action that leaves it. The last has none.
pub type Steps<M> = Vec<(<M as Model>::State, Option<<M as Model>::Action>)>;

/// A model that can describe its transitions.
pub trait Subject:
    Model<
        State: Clone + Debug + Hash + PartialEq + Send + Sync + 'static,
        Action: Clone + Debug + PartialEq,
    > + Clone
    + Send
    + Sync
    + 'static
{
    /// Describes `action` in one line.
    fn describe(&self, before: &Self::State, action: &Self::Action) -> String;

    /// Describes each step in one line.
    fn lines(&self, steps: &Steps<Self>) -> Vec<String> {
        let described = |(state, action): &(Self::State, Option<Self::Action>)| {
            action.as_ref().map(|action| self.describe(state, action))
        };
        steps.iter().filter_map(described).collect()
    }

    /// A scenario that does the same in the simulator and violates `property`.
    fn scenario(&self, _steps: &Steps<Self>, _property: &str) -> Result<Found, Unscheduled> {
        Err(Unscheduled::Foreign)
    }
}

/// The order in which states are explored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By distance from the initial state: counterexamples are as short as possible.
    #[default]
    Breadth,
    /// Latest first: fewer states wait in memory.
    Depth,
}

/// The parameters of a search.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    pub order: Order,
    /// The number of worker threads.
    pub threads: usize,
    /// The search stops after this many states, counted with repeats. `None`: no limit.
    pub max_states: Option<usize>,
}

/// The progress of a search.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// States reached so far, counted with repeats.
    pub states: usize,
    /// Distinct states reached so far.
    pub unique: usize,
    /// The length of the longest path, in states.
    pub depth: usize,
}

/// The result for a property.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It holds in all states.
    Holds,
    /// It holds in all states explored so far; the search was not exhaustive.
    NotBroken,
    /// A state that should be reachable was reached.
    Seen,
    /// A state that should be reachable is not.
    Missed,
    /// A state that should be reachable has not been reached so far.
    NotSeen,
    Broken(Box<Counterexample>),
}

/// A path to a state that violates a property.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterexample {
    /// The steps of the path, one line each.
    pub lines: Vec<String>,
    /// A scenario that does the same in the simulator, or the reason why there is none.
    pub scenario: Result<Found, Unscheduled>,
}

/// A property and its result.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The name of the property.
    pub property: &'static str,
    pub outcome: Outcome,
}

/// The result of a search.
#[derive(Clone, Debug)]
pub struct Report {
    pub reached: Progress,
    /// Whether all states were explored.
    pub exhausted: bool,
    /// How long the search took.
    pub took: Duration,
    /// One verdict per property of the model.
    pub verdicts: Vec<Verdict>,
}

impl Report {
    /// Whether a property is violated or a state that should be reachable is not.
    pub fn fails(&self) -> bool {
        let fails = |outcome: &Outcome| matches!(outcome, Outcome::Broken(_) | Outcome::Missed);
        self.verdicts.iter().any(|verdict| fails(&verdict.outcome))
    }

    /// The first violated property and its counterexample.
    pub fn counterexample(&self) -> Option<(&'static str, &Counterexample)> {
        self.verdicts.iter().find_map(|verdict| match &verdict.outcome {
            Outcome::Broken(found) => Some((verdict.property, &**found)),
            Outcome::Holds
            | Outcome::NotBroken
            | Outcome::Seen
            | Outcome::Missed
            | Outcome::NotSeen => None,
        })
    }
}

/// Explores the states of `model` until a property is violated or no states are left. `watch` is
/// called from time to time with the progress. With [`Order::Breadth`], counterexamples are as
/// short as possible.
pub fn explore<M: Subject>(model: M, search: Search, watch: &mut dyn FnMut(Progress)) -> Report {
    let mut report = look(&model, search, None, watch);
    let mut shorter = Search { threads: 1, ..search };
    shorter.max_states = None;
    while let (Order::Breadth, Some((_, found))) = (search.order, report.counterexample()) {
        // The search runs a little past the first violation before it stops. Search again, less
        // deep.
        let nearer = look(&model, shorter, Some(found.lines.len() + 1), watch);
        if nearer.counterexample().is_none() {
            break;
        }
        report.verdicts = nearer.verdicts;
    }
    report
}

fn look<M: Subject>(
    model: &M,
    search: Search,
    max_depth: Option<usize>,
    watch: &mut dyn FnMut(Progress),
) -> Report {
    let mut builder: CheckerBuilder<M> = model.clone().checker();
    builder = builder.threads(search.threads).finish_when(HasDiscoveries::AnyFailures);
    if let Some(max) = search.max_states {
        builder = builder.target_state_count(max);
    }
    if let Some(depth) = max_depth {
        builder = builder.target_max_depth(depth);
    }
    match search.order {
        Order::Breadth => follow(model, builder.spawn_bfs(), search, watch),
        Order::Depth => follow(model, builder.spawn_dfs(), search, watch),
    }
}

/// The interval between two calls of `watch`.
const LOOK: Duration = Duration::from_millis(50);

fn follow<M: Subject>(
    model: &M,
    mut checker: impl Checker<M>,
    search: Search,
    watch: &mut dyn FnMut(Progress),
) -> Report {
    let started = Instant::now();
    let workers = checker.handles();
    while !workers.iter().all(|worker| worker.is_finished()) {
        std::thread::sleep(LOOK.min(started.elapsed() / 8));
        watch(reached(&checker));
    }
    for worker in workers {
        worker.join().expect("a worker of the search does not panic");
    }
    let took = started.elapsed();
    let stopped = search.max_states.is_some_and(|max| checker.state_count() >= max);
    let (verdicts, exhausted) = verdicts(model, &checker, stopped);
    Report { reached: reached(&checker), exhausted, took, verdicts }
}

/// The verdicts, and whether all states were explored.
fn verdicts<M: Subject>(
    model: &M,
    checker: &impl Checker<M>,
    stopped: bool,
) -> (Vec<Verdict>, bool) {
    let found = checker.discoveries();
    let properties = model.properties();
    let broken = properties.iter().any(|property| {
        property.expectation.discovery_is_failure() && found.contains_key(property.name)
    });
    let exhausted = !stopped && !broken;
    let verdict = |property: &Property<M>| {
        let steps = found.get(property.name).map(|path| path.clone().into_vec());
        let outcome = match (&property.expectation, steps) {
            (Expectation::Sometimes, Some(_)) => Outcome::Seen,
            (Expectation::Sometimes, None) if exhausted => Outcome::Missed,
            (Expectation::Sometimes, None) => Outcome::NotSeen,
            (Expectation::Always | Expectation::Eventually, Some(steps)) => {
                Outcome::Broken(Box::new(counterexample(model, &steps, property.name)))
            }
            (Expectation::Always | Expectation::Eventually, None) if exhausted => Outcome::Holds,
            (Expectation::Always | Expectation::Eventually, None) => Outcome::NotBroken,
        };
        Verdict { property: property.name, outcome }
    };
    (properties.iter().map(verdict).collect(), exhausted)
}

fn reached<M: Subject>(checker: &impl Checker<M>) -> Progress {
    Progress {
        states: checker.state_count(),
        unique: checker.unique_state_count(),
        depth: checker.max_depth(),
    }
}

fn counterexample<M: Subject>(model: &M, steps: &Steps<M>, property: &str) -> Counterexample {
    let (lines, scenario) = (model.lines(steps), model.scenario(steps, property));
    Counterexample { lines, scenario }
}
