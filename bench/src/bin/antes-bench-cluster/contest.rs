//! Runs contestants in turns, so that other load on the machine affects all of them alike, and
//! prints the results as a table.

use std::fmt::Write;
use std::time::Duration;

use anyhow::Result;

use crate::load::Turn;
use crate::placement::Placement;

/// The numbers of clients: one alone, and four that compete.
pub const CROWDS: [u32; 2] = [1, 4];

/// A lock service to be measured.
pub trait Contestant {
    /// The name in the table.
    fn name(&self) -> String;

    /// Starts the service anew and lets `clients` use it, first for `warm_up`, then for `duration`.
    /// `None` if this number of clients makes no sense for it.
    fn turn(&self, clients: u32, warm_up: Duration, duration: Duration) -> Result<Option<Turn>>;
}

/// The length of the contest.
#[derive(Clone, Copy)]
pub struct Pace {
    /// The number of turns per contestant.
    pub rounds: usize,
    /// The length of a turn.
    pub turn: Duration,
    /// How long clients run before the measurement.
    pub warm_up: Duration,
}

/// The result of a turn.
pub enum Outcome {
    Measured(Turn),
    Failed,
    /// This number of clients makes no sense.
    Senseless,
}

impl Outcome {
    const fn turn(&self) -> Option<&Turn> {
        match self {
            Self::Measured(turn) => Some(turn),
            Self::Failed | Self::Senseless => None,
        }
    }
}

/// The results of one contestant, by round, for each number in [`CROWDS`].
pub type Turns = [Vec<Outcome>; CROWDS.len()];

/// Runs all turns, round by round. The others are compared with the first contestant. A failed turn
/// is counted in the table; its error is printed on standard error.
pub fn hold(contestants: &[Box<dyn Contestant>], placement: Placement, pace: Pace) -> Vec<Turns> {
    let mut turns: Vec<Turns> = contestants.iter().map(|_| Turns::default()).collect();
    for round in 1..=pace.rounds {
        for (contestant, turns) in contestants.iter().zip(&mut turns) {
            for (clients, turns) in CROWDS.into_iter().zip(turns) {
                let name = contestant.name();
                eprintln!("{}, round {round}: {name}, {clients} client(s)", placement.name());
                let turn = placement.during(|| contestant.turn(clients, pace.warm_up, pace.turn));
                turns.push(match turn {
                    Ok(Some(turn)) => Outcome::Measured(turn),
                    Ok(None) => Outcome::Senseless,
                    Err(error) => {
                        eprintln!("{name} failed: {error:#}");
                        Outcome::Failed
                    }
                });
            }
        }
    }
    turns
}

/// The table: medians over the rounds, and the rate of the first contestant as a multiple of each
/// other one's. The multiples are medians too, not quotients of medians.
pub fn table(contestants: &[Box<dyn Contestant>], placement: Placement, turns: &[Turns]) -> String {
    let mut table = format!("\n| {} |", placement.name());
    for clients in CROWDS {
        let plural = if clients == 1 { "client" } else { "clients" };
        _ = write!(table, " {clients} {plural}, cycles/s | wait p50, µs | p99, µs | first × |");
    }
    table.push_str(" least : most served | out of turn | failed turns |\n| --- |");
    table.push_str(&" ---: |".repeat(4 * CROWDS.len() + 3));
    for (contestant, own) in contestants.iter().zip(turns) {
        _ = write!(table, "\n| {} |", contestant.name());
        for (own, first) in own.iter().zip(&turns[0]) {
            let both = first.iter().zip(own);
            let both = both.filter_map(|(first, own)| first.turn().zip(own.turn()));
            let ratio = median(both.map(|(first, own)| first.rate() / own.rate()));
            let [rate, p50, p99] = summary(own);
            for (value, digits) in [(rate, 0), (p50, 0), (p99, 0), (ratio, 2)] {
                match value.is_nan() {
                    true => table.push_str(" |"),
                    false => _ = write!(table, " {value:.digits$} |"),
                }
            }
        }
        let contended: Vec<&Turn> =
            own.last().into_iter().flatten().filter_map(Outcome::turn).collect();
        let all = || own.iter().flatten().filter(|one| !matches!(one, Outcome::Senseless));
        let failed = all().filter(|one| matches!(one, Outcome::Failed)).count();
        let (fairness, disorder) = (fairness(&contended), disorder(&contended));
        _ = write!(table, " {fairness} | {disorder} | {failed} of {} |", all().count());
    }
    table.push('\n');
    table
}

/// The medians of rate, p50 and p99 of some turns.
fn summary(turns: &[Outcome]) -> [f64; 3] {
    let turns = || turns.iter().filter_map(Outcome::turn);
    [
        median(turns().map(Turn::rate)),
        median(turns().map(|turn| turn.wait_us(0.5))),
        median(turns().map(|turn| turn.wait_us(0.99))),
    ]
}

/// How often the least served client entered, relative to the most served one.
fn fairness(turns: &[&Turn]) -> String {
    if turns.is_empty() {
        return String::new();
    }
    let share = |turn: &&Turn| {
        let least = turn.shares.iter().min().copied().unwrap_or(0);
        let most = turn.shares.iter().max().copied().unwrap_or(0);
        least as f64 / most.max(1) as f64
    };
    format!("{:.3}", median(turns.iter().map(share)))
}

/// The share of cycles in which a client was overtaken by one that had asked later.
fn disorder(turns: &[&Turn]) -> String {
    let shares: Vec<f64> = turns
        .iter()
        .filter_map(|turn| Some(turn.overtakings? as f64 / turn.cycles().max(1) as f64))
        .collect();
    if shares.is_empty() { String::new() } else { format!("{:.1} %", 100.0 * median(shares)) }
}

/// The median. The upper of the two middle values if their number is even.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use anyhow::bail;

    use super::*;
    use crate::load::no_waits;

    /// A contestant whose turns fail where `fails` says so; turns are counted from 1.
    struct Told {
        turns: Cell<u64>,
        fails: fn(u64) -> bool,
    }

    impl Contestant for Told {
        fn name(&self) -> String {
            "Told".into()
        }

        fn turn(&self, clients: u32, _: Duration, _: Duration) -> Result<Option<Turn>> {
            self.turns.set(self.turns.get() + 1);
            let turn = self.turns.get();
            if (self.fails)(turn) {
                bail!("nobody has the lock");
            }
            let shares = vec![turn; clients as usize];
            Ok(Some(Turn { seconds: 1.0, shares, waits: no_waits()?, overtakings: None }))
        }
    }

    fn told(fails: fn(u64) -> bool) -> Box<dyn Contestant> {
        Box::new(Told { turns: Cell::new(0), fails })
    }

    #[test]
    fn a_failed_turn_is_counted_and_loses_no_other() {
        let pace = Pace { rounds: 3, turn: Duration::ZERO, warm_up: Duration::ZERO };
        let contestants = [told(|_| false), told(|turn| turn == 2), told(|_| true)];
        let turns = hold(&contestants, Placement::Free, pace);
        let table = table(&contestants, Placement::Free, &turns);
        let rows: Vec<&str> = table.lines().skip(3).collect();
        assert_eq!(
            rows,
            [
                "| Told | 3 | 0 | 0 | 1.00 | 16 | 0 | 0 | 1.00 | 1.000 |  | 0 of 6 |",
                "| Told | 3 | 0 | 0 | 1.00 | 24 | 0 | 0 | 1.00 | 1.000 |  | 1 of 6 |",
                "| Told | | | | | | | | |  |  | 6 of 6 |",
            ]
        );
    }
}
