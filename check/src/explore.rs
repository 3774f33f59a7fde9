//! Visits the states of a model, and tells what came of its properties.

use std::fmt::Debug;
use std::hash::Hash;
use std::time::{Duration, Instant};

use crate::schedule::{Found, Unscheduled};
use stateright::{Checker, CheckerBuilder, Expectation, HasDiscoveries, Model, Property};

/// A path through a model: each state, and the action that leaves it.
pub type Steps<M> = Vec<(<M as Model>::State, Option<<M as Model>::Action>)>;

/// A model that can tell what happens in it.
pub trait Subject:
    Model<
        State: Clone + Debug + Hash + PartialEq + Send + Sync + 'static,
        Action: Clone + Debug + PartialEq,
    > + Clone
    + Send
    + Sync
    + 'static
{
    /// What happens with `action`, in a line.
    fn told(&self, before: &Self::State, action: &Self::Action) -> String;

    /// What happens in `steps`, a line each.
    fn lines(&self, steps: &Steps<Self>) -> Vec<String> {
        let told = |(state, action): &(Self::State, Option<Self::Action>)| {
            action.as_ref().map(|action| self.told(state, action))
        };
        steps.iter().filter_map(told).collect()
    }

    /// A scenario in which `steps` happen in the simulator, and break `property`.
    fn scenario(&self, _steps: &Steps<Self>, _property: &str) -> Result<Found, Unscheduled> {
        Err(Unscheduled::Foreign)
    }
}

/// In which order states are visited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The nearest first: what breaks a property is as short as can be.
    #[default]
    Breadth,
    /// The latest first: fewer states wait in memory.
    Depth,
}

/// How to search.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    /// In which order.
    pub order: Order,
    /// How many threads work.
    pub threads: usize,
    /// After how many states, those seen before included, to stop.
    pub max_states: Option<usize>,
}

/// How far a search is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// How many states have been reached, those seen before included.
    pub states: usize,
    /// How many different ones.
    pub unique: usize,
    /// How many steps the farthest one is from the beginning, the beginning included.
    pub depth: usize,
}

/// What came of a property.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It holds in every state.
    Holds,
    /// It holds in every state that was looked at, and not all were.
    NotBroken,
    /// It does happen.
    Seen,
    /// It never happens.
    Missed,
    /// It has not happened so far.
    NotSeen,
    /// It is broken.
    Broken(Box<Counterexample>),
}

/// How a property is broken.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterexample {
    /// What happens, a line each.
    pub lines: Vec<String>,
    /// A scenario that does the same in the simulator, or why there is none.
    pub scenario: Result<Found, Unscheduled>,
}

/// A property, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The property.
    pub property: &'static str,
    /// What came of it.
    pub outcome: Outcome,
}

/// What a search has found.
#[derive(Clone, Debug)]
pub struct Report {
    /// How far it came.
    pub reached: Progress,
    /// Whether every state was looked at.
    pub exhausted: bool,
    /// How long it took.
    pub took: Duration,
    /// The properties.
    pub verdicts: Vec<Verdict>,
}

impl Report {
    /// Whether a property is broken, or something that should happen never does.
    pub fn fails(&self) -> bool {
        let fails = |outcome: &Outcome| matches!(outcome, Outcome::Broken(_) | Outcome::Missed);
        self.verdicts.iter().any(|verdict| fails(&verdict.outcome))
    }

    /// The first property that is broken, and what breaks it.
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

/// Visits the states of `model` until a property is broken or there are no more; `watch` is told
/// from time to time how far it is. In order of breadth, what breaks a property is as short as can
/// be.
pub fn explore<M: Subject>(model: M, search: Search, watch: &mut dyn FnMut(Progress)) -> Report {
    let mut report = look(&model, search, None, watch);
    let mut shorter = Search { threads: 1, ..search };
    shorter.max_states = None;
    while let (Order::Breadth, Some((_, found))) = (search.order, report.counterexample()) {
        // The search is a little past its first find when it stops: looks again, less far.
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

/// How long to wait before the next look at how far a search is.
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

/// What came of the properties, and whether every state was looked at.
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
