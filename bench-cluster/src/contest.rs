//! Contestants that take turns, so that what else the machine does hits all of them alike, and the
//! table of what became of it.

use std::fmt::Write;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::load::Turn;
use crate::placement::Placement;

/// How many clients there are: one alone, and four that contend.
pub const CROWDS: [u32; 2] = [1, 4];

/// Somebody who guards a lock.
pub trait Contestant {
    /// As a table says it.
    fn name(&self) -> String;

    /// Starts everything anew and lets so many clients use it: first to warm up, then for
    /// `duration`. Nothing, if so many clients make no sense.
    fn turn(&self, clients: u32, warm_up: Duration, duration: Duration) -> Result<Option<Turn>>;
}

/// How long the contest takes.
#[derive(Clone, Copy)]
pub struct Pace {
    /// How often everybody has a turn.
    pub rounds: usize,
    /// How long a turn is.
    pub turn: Duration,
    /// How long clients are at it before anything counts.
    pub warm_up: Duration,
}

/// The turns of one contestant, for each of [`CROWDS`], by round.
pub type Turns = [Vec<Turn>; CROWDS.len()];

/// Lets everybody have their turns, round by round. The first one is who the others are compared
/// with.
pub fn hold(
    contestants: &[Box<dyn Contestant>],
    placement: Placement,
    pace: Pace,
) -> Result<Vec<Turns>> {
    let mut turns: Vec<Turns> = contestants.iter().map(|_| Turns::default()).collect();
    for round in 1..=pace.rounds {
        for (contestant, turns) in contestants.iter().zip(&mut turns) {
            for (clients, turns) in CROWDS.into_iter().zip(turns) {
                let name = contestant.name();
                eprintln!("{}, round {round}: {name}, {clients} client(s)", placement.name());
                let turn = placement
                    .during(|| contestant.turn(clients, pace.warm_up, pace.turn))
                    .with_context(|| format!("{name} failed"))?;
                turns.extend(turn);
            }
        }
    }
    Ok(turns)
}

/// The table: medians over the rounds, and how often the first contestant does the same as a
/// multiple of everybody else. The multiples are medians too, not quotients of medians.
pub fn table(contestants: &[Box<dyn Contestant>], placement: Placement, turns: &[Turns]) -> String {
    let mut table = format!("\n| {} |", placement.name());
    for clients in CROWDS {
        let plural = if clients == 1 { "client" } else { "clients" };
        _ = write!(table, " {clients} {plural}, cycles/s | wait p50, µs | p99, µs | first × |");
    }
    table.push_str(" least : most served | out of turn |\n| --- |");
    table.push_str(&" ---: |".repeat(4 * CROWDS.len() + 2));
    for (contestant, own) in contestants.iter().zip(turns) {
        _ = write!(table, "\n| {} |", contestant.name());
        for (own, first) in own.iter().zip(&turns[0]) {
            if own.is_empty() {
                table.push_str(" | | | |");
                continue;
            }
            let ratios = first.iter().zip(own).map(|(first, own)| first.rate() / own.rate());
            let [rate, p50, p99] = summary(own);
            _ = write!(table, " {rate:.0} | {p50:.0} | {p99:.0} | {:.2} |", median(ratios));
        }
        let contended = own.last().map_or(&[][..], Vec::as_slice);
        _ = write!(table, " {} | {} |", fairness(contended), disorder(contended));
    }
    table.push('\n');
    table
}

/// The median rate, p50 and p99 of some turns.
pub fn summary(turns: &[Turn]) -> [f64; 3] {
    [
        median(turns.iter().map(Turn::rate)),
        median(turns.iter().map(|turn| turn.wait_us(0.5))),
        median(turns.iter().map(|turn| turn.wait_us(0.99))),
    ]
}

/// How often the client who was served the least had the lock, of the one who was served the most.
fn fairness(turns: &[Turn]) -> String {
    if turns.is_empty() {
        return String::new();
    }
    let share = |turn: &Turn| {
        let least = turn.shares.iter().min().copied().unwrap_or(0);
        let most = turn.shares.iter().max().copied().unwrap_or(0);
        least as f64 / most.max(1) as f64
    };
    format!("{:.3}", median(turns.iter().map(share)))
}

/// The share of cycles for which somebody was passed over who had asked before.
fn disorder(turns: &[Turn]) -> String {
    let shares: Vec<f64> = turns
        .iter()
        .filter_map(|turn| Some(turn.overtakings? as f64 / turn.cycles().max(1) as f64))
        .collect();
    if shares.is_empty() { String::new() } else { format!("{:.1} %", 100.0 * median(shares)) }
}

/// The one in the middle.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
