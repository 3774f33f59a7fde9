//! Runs contestants in turns, so that other load on the machine affects all of them alike.

use std::fmt::Write;

use crate::stopwatch::Stopwatch;

/// The number of turns per contestant. Odd, so that there is a middle value.
const ROUNDS: usize = 15;

/// The shortest length of a turn, in seconds: long beside the precision of a browser's clock.
const TURN_S: f64 = 0.05;

/// The result of the work.
pub trait Done {
    /// How many messages were delivered while the work was done.
    fn deliveries(&self) -> u64;
}

impl Done for u64 {
    fn deliveries(&self) -> u64 {
        *self
    }
}

/// A program that does the work.
pub struct Contestant<'a> {
    name: &'static str,
    /// Does the work once. Returns the number of deliveries and the time in seconds.
    work: Box<dyn Fn() -> (u64, f64) + 'a>,
}

impl<'a> Contestant<'a> {
    /// A contestant with a preparation and the work. Only the work is timed, neither the
    /// preparation nor dropping the result.
    pub fn new<T, D: Done>(
        name: &'static str,
        prepare: impl Fn() -> T + 'a,
        work: impl Fn(T) -> D + 'a,
    ) -> Self {
        let timed = move || {
            let prepared = prepare();
            let watch = Stopwatch::start();
            let done = work(prepared);
            let seconds = watch.seconds();
            (done.deliveries(), seconds)
        };
        Self { name, work: Box::new(timed) }
    }

    /// Deliveries per second in one turn.
    fn turn(&self) -> f64 {
        let (mut deliveries, mut seconds) = (0, 0.0);
        while seconds < TURN_S {
            let (some, time) = (self.work)();
            deliveries += some;
            seconds += time;
        }
        deliveries as f64 / seconds
    }
}

/// A group of contestants that do the same work.
pub struct Contest<'a> {
    /// The name of the work.
    pub title: &'static str,
    /// Checks that all contestants do the same work.
    pub check: Box<dyn Fn() + 'a>,
    pub contestants: Vec<Contestant<'a>>,
}

impl Contest<'_> {
    /// Removes the contestants whose names are not wanted.
    pub fn keep(&mut self, wanted: impl Fn(&str) -> bool) {
        self.contestants.retain(|contestant| wanted(&row(self.title, contestant)));
    }

    /// Lets each contestant do the work once, without measuring.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn rehearse(&self) {
        for contestant in &self.contestants {
            (contestant.work)();
        }
    }

    /// Runs all turns and returns a table of the speeds, absolute and as a multiple of each other
    /// contestant's. The multiples are medians over the rounds, not quotients of medians.
    pub fn hold(&self) -> String {
        if self.contestants.is_empty() {
            return String::new();
        }
        (self.check)();
        let mut speeds = vec![Vec::with_capacity(ROUNDS); self.contestants.len()];
        // The first round warms up.
        for round in 0..=ROUNDS {
            for (contestant, speeds) in self.contestants.iter().zip(&mut speeds) {
                let speed = contestant.turn();
                if round > 0 {
                    speeds.push(speed);
                }
            }
        }
        self.table(&speeds)
    }

    fn table(&self, speeds: &[Vec<f64>]) -> String {
        let mut table = format!("\n| {} | million deliveries/s |", self.title);
        for contestant in &self.contestants {
            _ = write!(table, " × {} |", contestant.name);
        }
        table.push_str("\n| --- | ---: |");
        table.push_str(&" ---: |".repeat(speeds.len()));
        for (contestant, own) in self.contestants.iter().zip(speeds) {
            let million = median(own.clone()) / 1e6;
            _ = write!(table, "\n| {} | {million:.2} |", row(self.title, contestant));
            for others in speeds {
                let multiples = own.iter().zip(others).map(|(own, other)| own / other);
                _ = write!(table, " {:.2} |", median(multiples.collect()));
            }
        }
        table.push('\n');
        table
    }
}

fn row(title: &str, contestant: &Contestant<'_>) -> String {
    format!("{title}, {}", contestant.name)
}

/// Compares two sets of tables: the medians of each row.
#[cfg(not(target_arch = "wasm32"))]
pub fn compare(first: &str, second: &str) -> String {
    let mut table = String::from("\n| the second beside the first | × |\n| --- | ---: |\n");
    let second = speeds(second);
    let first = speeds(first);
    for (place, (name, _)) in second.iter().enumerate() {
        let all_of = |speeds: &[(String, f64)]| -> Vec<f64> {
            speeds.iter().filter(|(other, _)| other == name).map(|&(_, speed)| speed).collect()
        };
        let is_first = second.iter().position(|(other, _)| other == name) == Some(place);
        if is_first && !all_of(&first).is_empty() {
            let ratio = median(all_of(&second)) / median(all_of(&first));
            _ = writeln!(table, "| {name} | {ratio:.2} |");
        }
    }
    table
}

/// The rows that have a number in their second column.
#[cfg(not(target_arch = "wasm32"))]
fn speeds(tables: &str) -> Vec<(String, f64)> {
    let row = |line: &str| {
        let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
        Some((cells.next()?.to_owned(), cells.next()?.parse().ok()?))
    };
    tables.lines().filter_map(row).collect()
}

/// The median. The upper of the two middle values if their number is even.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
