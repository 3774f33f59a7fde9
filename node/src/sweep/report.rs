//! The results of sweep shards: one line of JSON per shard, and the combined result.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use antes_sim::storm::Failure as Broken;
use blake2::{Blake2s256, Digest as _};
use serde::{Deserialize, Serialize};

use super::shard::Shard;

/// The version of the format.
const VERSION: u32 = 1;

/// The settings that all shards of a sweep must share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The version of the command.
    antes: String,
    /// The title of the scenario.
    title: String,
    /// A digest of the scenario in the profile of the sweep.
    scenario: String,
    /// The kinds of faults by name, in a fixed order.
    faults: Vec<String>,
    /// The first and the last seed of the whole sweep.
    seeds: [u64; 2],
    /// Into how many parts the seeds are split.
    shards: u64,
}

impl Settings {
    pub fn new(
        title: &str,
        scenario: &str,
        faults: Vec<String>,
        seeds: &RangeInclusive<u64>,
        shards: u64,
    ) -> Self {
        let digest = Blake2s256::digest(scenario);
        Self {
            antes: env!("CARGO_PKG_VERSION").into(),
            title: title.into(),
            scenario: digest[..8].iter().map(|byte| format!("{byte:02x}")).collect(),
            faults,
            seeds: [*seeds.start(), *seeds.end()],
            shards,
        }
    }

    /// The first difference to another shard's settings, in words. `None` if they are equal.
    fn difference(&self, other: &Self) -> Option<String> {
        let fields = |it: &Self| {
            [
                ("seeds", format!("{}..{}", it.seeds[0], it.seeds[1])),
                ("shards", it.shards.to_string()),
                ("scenario", format!("{:?} ({})", it.title, it.scenario)),
                ("faults", it.faults.join(",")),
                ("antes", it.antes.clone()),
            ]
        };
        let pairs = fields(self).into_iter().zip(fields(other));
        let differing = pairs
            .filter(|(ours, theirs)| ours != theirs)
            .map(|((name, ours), (_, theirs))| format!("{name} {theirs} and not {ours}"));
        let words = differing.collect::<Vec<_>>().join(", ");
        (!words.is_empty()).then_some(words)
    }
}

/// A failing seed with its failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failing {
    seed: u64,
    invariant: String,
    at_us: u64,
    sentence: String,
}

impl Failing {
    pub fn new(seed: u64, broken: &Broken) -> Self {
        let Broken { name, at_us, sentence } = broken;
        Self { seed, invariant: (*name).into(), at_us: *at_us, sentence: sentence.clone() }
    }
}

impl fmt::Display for Failing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, invariant, at_us, sentence } = self;
        write!(f, "seed {seed} fails: {invariant} at {:.3} s: {sentence}", *at_us as f64 / 1e6)
    }
}

/// The result of one shard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    antes_sweep: u32,
    shard: u64,
    /// Its first seed, if it has any.
    first: u64,
    /// How many seeds were tried from there on: up to the first failing one, if any.
    done: u64,
    failing: Option<Failing>,
    seconds: f64,
    #[serde(flatten)]
    settings: Settings,
}

impl Report {
    /// The result of `shard` after `seconds`.
    pub fn new(settings: Settings, shard: Shard, failing: Option<Failing>, seconds: f64) -> Self {
        let seeds = shard.seeds(&(settings.seeds[0]..=settings.seeds[1]));
        let done = match &failing {
            Some(failing) => failing.seed - seeds.start + 1,
            None => seeds.end - seeds.start,
        };
        let first = seeds.start;
        let seconds = (seconds * 1e3).round() / 1e3;
        Self { antes_sweep: VERSION, shard: shard.index, first, done, failing, seconds, settings }
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("it has names for keys")
    }

    /// Parses the line of a shard.
    pub fn read(line: &str) -> Result<Self, String> {
        let wanted = "expected the line that a shard of a sweep prints";
        let report: Self =
            serde_json::from_str(line).map_err(|error| format!("{error}; {wanted}"))?;
        let Self { antes_sweep, shard, first, done, failing, settings, .. } = &report;
        if *antes_sweep != VERSION {
            return Err(format!("antes_sweep is {antes_sweep}; expected {VERSION}"));
        }
        let [from, to] = settings.seeds;
        if *shard >= settings.shards || from > to || to == u64::MAX {
            return Err(format!("there is no such shard; {wanted}"));
        }
        let seeds = Shard { index: *shard, of: settings.shards }.seeds(&(from..=to));
        let end = match failing {
            Some(failing) => failing.seed.checked_add(1),
            None => Some(seeds.end),
        };
        let end = end.filter(|end| *end <= seeds.end && first.checked_add(*done) == Some(*end));
        if *first != seeds.start || end.is_none() {
            return Err(format!("the seeds are not those of shard {shard}; {wanted}"));
        }
        Ok(report)
    }
}

/// The combined results of a sweep's shards.
#[derive(Default)]
pub struct Collection {
    /// The position of the first report, and its settings.
    settings: Option<(String, Settings)>,
    /// The reports by shard, each with its position.
    reports: BTreeMap<u64, (String, Report)>,
}

impl Collection {
    /// Adds the report at this position, unless it belongs to another sweep.
    pub fn add(&mut self, place: String, report: Report) -> Result<(), String> {
        let (of, settings) =
            self.settings.get_or_insert_with(|| (place.clone(), report.settings.clone()));
        if let Some(difference) = settings.difference(&report.settings) {
            return Err(format!("{place}: another sweep than at {of}: {difference}"));
        }
        let (before, known) =
            self.reports.entry(report.shard).or_insert_with(|| (place.clone(), report.clone()));
        // A shard may have run twice.
        if known.failing != report.failing {
            let shard = report.shard;
            return Err(format!(
                "{place}: shard {shard} has found something else than at {before}"
            ));
        }
        Ok(())
    }

    /// The lowest known failing seed.
    pub fn failing(&self) -> Option<&Failing> {
        self.reports.values().find_map(|(_, report)| report.failing.as_ref())
    }

    /// Whether all shards have reported.
    pub fn is_complete(&self) -> bool {
        let shards = self.settings.as_ref().map(|(_, settings)| settings.shards);
        shards == Some(self.reports.len() as u64)
    }

    /// The missing shards, as ranges.
    fn missing(&self, shards: u64) -> Vec<RangeInclusive<u64>> {
        let ends = self.reports.keys().copied().chain([shards]);
        let mut next = 0;
        let mut missing = Vec::new();
        for reported in ends {
            if next < reported {
                missing.push(next..=reported - 1);
            }
            next = reported + 1;
        }
        missing
    }
}

impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((_, Settings { title, seeds: [from, to], shards, .. })) = &self.settings else {
            return Ok(());
        };
        let reports = || self.reports.values().map(|(_, report)| report);
        let done: u64 = reports().map(|report| report.done).sum();
        let seconds: f64 = reports().map(|report| report.seconds).sum();
        let seeds = u128::from(to - from) + 1;
        writeln!(f, "{title}: seeds {from}..{to} in {shards} shards")?;
        writeln!(f, "{done} of {seeds} seeds done, {} of {shards} shards", reports().count())?;
        writeln!(f, "{seconds:.1} s, all shards together")?;
        for range in self.missing(*shards) {
            let all = *from..=*to;
            let first = Shard { index: *range.start(), of: *shards }.seeds(&all).start;
            let end = Shard { index: *range.end(), of: *shards }.seeds(&all).end;
            let name = match (range.start(), range.end()) {
                (one, other) if one == other => format!("shard {one}"),
                (first, last) => format!("shards {first} to {last}"),
            };
            match end - first {
                0 => writeln!(f, "missing: {name}, without any seeds")?,
                _ => writeln!(f, "missing: {name}, seeds {first}..{}", end - 1)?,
            }
        }
        match self.failing() {
            None if self.is_complete() => writeln!(f, "none fails"),
            None => writeln!(f, "none fails of those that are done"),
            Some(failing) => {
                writeln!(f, "{failing}")?;
                let lower = self.missing(*shards).into_iter().next();
                let lower = lower.is_some_and(|range| {
                    Shard { index: *range.start(), of: *shards }.seeds(&(*from..=*to)).start
                        < failing.seed
                });
                if lower {
                    writeln!(f, "a lower one may fail among the missing")?;
                }
                let seed = failing.seed;
                writeln!(f, "for its shortest script: antes sweep SCENARIO --seeds {seed}..{seed}")
            }
        }
    }
}
