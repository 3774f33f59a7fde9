//! How many unique states per second are explored, compared with a bare model whose states are plain
//! numbers, with as many unique and repeated states. The bare model shows the cost of the search
//! itself; the rest is the cost of the core's steps and of hashing its states.

use std::time::Instant;

use antes_check::catalogue::find;
use antes_check::explore::{Order, Search};
use stateright::{Checker, Model, Property};

/// Models that are small enough to be explored several times.
const MODELS: [&str; 4] = ["lamport-mutex", "classic-lock", "hardened-election", "hardened-lock"];

/// How often each model is measured. It alternates with its bare model.
const ROUNDS: usize = 3;

/// The most states that are explored, counted with repeats.
const MOST: usize = 2_000_000;

/// A tree of the numbers below `unique`. A step that reaches no new number reaches an old one.
#[derive(Clone)]
struct Bare {
    unique: u64,
    /// How many steps lead from a state.
    steps: u64,
}

impl Bare {
    /// How many of the steps lead to new states.
    const CHILDREN: u64 = 2;
}

impl Model for Bare {
    type State = u64;
    type Action = u64;

    fn init_states(&self) -> Vec<u64> {
        vec![0]
    }

    fn actions(&self, _: &u64, actions: &mut Vec<u64>) {
        actions.extend(0..self.steps);
    }

    fn next_state(&self, &state: &u64, step: u64) -> Option<u64> {
        let child = Self::CHILDREN * state + step + 1;
        if step < Self::CHILDREN && child < self.unique {
            return Some(child);
        }
        // Any earlier state will do.
        Some(state.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(step) % (state + 1))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("below", |model: &Self, &state: &u64| state < model.unique)]
    }
}

/// The unique states per second, and a bare model of the same size.
fn visit(name: &str, threads: usize) -> (f64, usize, Bare) {
    let entry = find(name).expect("it is one of the list");
    let settings = entry.settings(&[]).expect("nothing is chosen");
    let search = Search { order: Order::Breadth, threads, max_states: Some(MOST) };
    let report = entry.check(&settings, search, &mut |_| {});
    let unique = report.reached.unique;
    let rate = unique as f64 / report.took.as_secs_f64();
    let steps = (report.reached.states as f64 / unique as f64).round() as u64;
    (rate, unique, Bare { unique: unique as u64, steps: steps.max(Bare::CHILDREN) })
}

fn visit_bare(model: Bare, threads: usize) -> f64 {
    let began = Instant::now();
    let checker = model.clone().checker().threads(threads).spawn_bfs().join();
    let took = began.elapsed();
    checker.assert_properties();
    assert_eq!(checker.unique_state_count() as u64, model.unique, "the bare model is as large");
    checker.unique_state_count() as f64 / took.as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!("\n| model | unique states | unique a second | a bare model's | bare × |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    for name in MODELS {
        let (mut rates, mut bares, mut ratios, mut size) = (vec![], vec![], vec![], 0);
        for _ in 0..ROUNDS {
            let (rate, unique, bare) = visit(name, threads);
            let of_bare = visit_bare(bare, threads);
            size = unique;
            rates.push(rate);
            bares.push(of_bare);
            ratios.push(of_bare / rate);
        }
        let (rate, bare, ratio) = (median(rates), median(bares), median(ratios));
        println!("| {name} | {size} | {rate:.0} | {bare:.0} | {ratio:.1} |");
    }
}
