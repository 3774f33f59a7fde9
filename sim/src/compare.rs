//! Two runs side by side: the messages sent, the waiting times for the lock, the violations, and
//! where the runs diverge.

mod variant;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use antes_core::RequestId;

pub use self::variant::{UnknownVariant, Variant};
use crate::export::object::Object;
use crate::export::text::{seconds, sentence};
use crate::export::{Header, life_of};
use crate::summary::{Summary, TYPES};
use crate::trace::{Happening, TraceEvent};

#[derive(Clone, Debug)]
pub struct Side {
    pub title: String,
    /// The name of the profile, as in traces.
    pub profile: String,
    pub summary: Summary,
    pub waits: Waits,
}

/// Waiting times for the lock, from the request to the entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// The number of requests that entered.
    pub served: u64,
    /// The longest of their waits, in microseconds.
    pub longest_us: u64,
    /// The sum of their waits, in microseconds.
    pub total_us: u64,
    /// The number of requests that still wait at the end. Withdrawn requests and requests of dead
    /// nodes do not count.
    pub open: u64,
}

impl Waits {
    fn of(trace: &[TraceEvent]) -> Self {
        let mut waits = Self::default();
        let mut open: BTreeMap<RequestId, u64> = BTreeMap::new();
        for event in trace {
            match &event.happening {
                Happening::Request { request } => _ = open.insert(*request, event.at_us),
                Happening::Withdraw { request } => _ = open.remove(request),
                Happening::Crash | Happening::Stop => {
                    open.retain(|request, _| Some(request.by.node) != event.node)
                }
                Happening::Enter { request, .. } => {
                    if let Some(since_us) = open.remove(request) {
                        let wait_us = event.at_us.saturating_sub(since_us);
                        waits.served += 1;
                        waits.total_us += wait_us;
                        waits.longest_us = waits.longest_us.max(wait_us);
                    }
                }
                _ => {}
            }
        }
        waits.open = open.len() as u64;
        waits
    }

    /// The mean wait of the requests that entered, in microseconds. `None` if there are none.
    pub const fn mean_us(&self) -> Option<u64> {
        self.total_us.checked_div(self.served)
    }
}

/// The first difference between two traces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parting {
    /// Which part of the traces was compared.
    pub compared: Compared,
    /// How many compared events the traces share before the difference.
    pub shared: usize,
    /// The next event of each trace. `None` if a trace has ended.
    pub next: [Option<TraceEvent>; 2],
}

/// Which part of two traces is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// All events. Stamps are not compared, since they follow from the events.
    Events,
    /// Decisions of nodes and interventions, without terms and tokens. Between two profiles
    /// everything else differs from the first message on.
    Decisions,
}

impl Parting {
    /// The first difference. `None` if both traces have the same events at the same instants.
    pub fn of(compared: Compared, traces: [&[TraceEvent]; 2]) -> Option<Self> {
        let [mut one, mut other] =
            traces.map(|trace| trace.iter().filter(move |event| compared.has(&event.happening)));
        let mut shared = 0;
        loop {
            match (one.next(), other.next()) {
                (None, None) => return None,
                (Some(one), Some(other)) if compared.is_same(one, other) => shared += 1,
                (one, other) => {
                    let next = [one.cloned(), other.cloned()];
                    return Some(Self { compared, shared, next });
                }
            }
        }
    }

    /// The instant of the difference, in microseconds.
    pub fn at_us(&self) -> u64 {
        self.next.iter().flatten().map(|event| event.at_us).min().unwrap_or(0)
    }
}

impl Compared {
    const fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Decisions => "decisions",
        }
    }

    const fn has(self, happening: &Happening) -> bool {
        let is_decision = matches!(
            happening,
            Happening::Crash
                | Happening::Stop
                | Happening::Restart { .. }
                | Happening::Pause
                | Happening::Resume
                | Happening::Cut { .. }
                | Happening::Heal { .. }
                | Happening::Leader { .. }
                | Happening::Request { .. }
                | Happening::Withdraw { .. }
                | Happening::Refused
                | Happening::Enter { .. }
                | Happening::Exit { .. }
                | Happening::Write { .. }
        );
        matches!(self, Self::Events) || is_decision
    }

    fn is_same(self, one: &TraceEvent, other: &TraceEvent) -> bool {
        let place = |event: &TraceEvent| (event.at_us, event.node, event.incarnation);
        let is_same = match self {
            Self::Events => one.happening == other.happening,
            Self::Decisions => is_same_decision(&one.happening, &other.happening),
        };
        place(one) == place(other) && is_same
    }
}

/// Whether two decisions are equal except for terms, tokens and messages.
fn is_same_decision(one: &Happening, other: &Happening) -> bool {
    match (one, other) {
        (Happening::Leader { leader: one, .. }, Happening::Leader { leader: other, .. }) => {
            one == other
        }
        (Happening::Enter { request: one, .. }, Happening::Enter { request: other, .. })
        | (Happening::Exit { request: one, .. }, Happening::Exit { request: other, .. }) => {
            one == other
        }
        (
            Happening::Write { write: one, accepted, .. },
            Happening::Write { write: other, accepted: also, .. },
        ) => (one.request, one.phase, accepted) == (other.request, other.phase, also),
        (one, other) => one == other,
    }
}

/// The quantity in a row of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    Profile,
    /// The messages of this type.
    Sent(&'static str),
    /// The messages between nodes, of all types.
    Messages,
    Entries,
    MeanWait,
    LongestWait,
    /// The requests that still wait at the end.
    StillWaiting,
    Violations,
}

impl Measure {
    const fn name(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Sent(name) => name,
            Self::Messages => "messages",
            Self::Entries => "entries",
            Self::MeanWait => "mean wait (s)",
            Self::LongestWait => "longest wait (s)",
            Self::StillWaiting => "wait at the end",
            Self::Violations => "violations",
        }
    }
}

/// The value of a measure in one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Name(String),
    Count(u64),
    /// In microseconds. `None` if no request has entered.
    Wait(Option<u64>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Count(count) => write!(f, "{count}"),
            Self::Wait(wait_us) => f.write_str(&told(*wait_us)),
        }
    }
}

/// A line of the comparison: a measure, and its value in each run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub measure: Measure,
    pub values: [Value; 2],
}

/// The comparison of two runs.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub sides: [Side; 2],
    /// The first difference, if there is one.
    pub parting: Option<Parting>,
}

impl Comparison {
    /// Compares two runs, each given by its header and trace.
    pub fn new(runs: [(&Header, &[TraceEvent]); 2]) -> Self {
        let sides = runs.map(|(header, trace)| Side {
            title: header.title.clone(),
            profile: header.profile.clone(),
            summary: Summary::new(header.size(), trace),
            waits: Waits::of(trace),
        });
        let is_one_profile = sides[0].profile == sides[1].profile;
        let compared = if is_one_profile { Compared::Events } else { Compared::Decisions };
        Self { sides, parting: Parting::of(compared, runs.map(|(_, trace)| trace)) }
    }

    /// All lines, without message types that neither run sends, and without waits if no node asks for the
    /// lock.
    pub fn rows(&self) -> Vec<Row> {
        let [one, other] = &self.sides;
        let mut rows = Vec::new();
        let mut row = |measure: Measure, of: &dyn Fn(&Side) -> Value| {
            rows.push(Row { measure, values: [of(one), of(other)] });
        };
        row(Measure::Profile, &|side| Value::Name(side.profile.clone()));
        for name in TYPES {
            if self.sides.iter().any(|side| side.summary.count(name) > 0) {
                row(Measure::Sent(name), &|side| Value::Count(side.summary.count(name)));
            }
        }
        row(Measure::Messages, &|side| Value::Count(side.summary.total()));
        let asks = |side: &Side| !side.summary.entries.is_empty() || side.waits.open > 0;
        if self.sides.iter().any(asks) {
            row(Measure::Entries, &|side| Value::Count(side.summary.entries.len() as u64));
            row(Measure::MeanWait, &|side| Value::Wait(side.waits.mean_us()));
            row(Measure::LongestWait, &|side| {
                Value::Wait((side.waits.served > 0).then_some(side.waits.longest_us))
            });
            row(Measure::StillWaiting, &|side| Value::Count(side.waits.open));
        }
        row(Measure::Violations, &|side| Value::Count(side.summary.violations.len() as u64));
        rows
    }

    pub fn to_json(&self) -> String {
        let mut out = String::new();
        let mut object = Object::open(&mut out);
        crate::export::object::list(object.key("runs"), &self.sides, |out, side| {
            let mut object = Object::open(out);
            object.string("title", &side.title);
            object.string("profile", &side.profile);
            object.key("summary").push_str(&side.summary.to_json());
            let mut waits = Object::open(object.key("waits"));
            waits.literal("served", side.waits.served);
            waits.optional("mean_us", side.waits.mean_us());
            waits.literal("longest_us", side.waits.longest_us);
            waits.literal("open", side.waits.open);
            waits.close();
            object.close();
        });
        let part = object.key("part");
        match &self.parting {
            None => part.push_str("null"),
            Some(parting) => write_parting(part, parting),
        }
        object.close();
        out
    }
}

fn write_parting(out: &mut String, parting: &Parting) {
    let mut object = Object::open(out);
    object.string("compared", parting.compared.name());
    object.literal("shared", parting.shared);
    object.literal("at_us", parting.at_us());
    crate::export::object::list(object.key("next"), &parting.next, |out, next| match next {
        None => out.push_str("null"),
        Some(event) => {
            let mut object = Object::open(out);
            object.literal("at_us", event.at_us);
            object.optional("node", event.node);
            object.string("sentence", &sentence(&event.happening));
            object.close();
        }
    });
    object.close();
}

/// The span in seconds, or a dash for `None`.
fn told(span_us: Option<u64>) -> String {
    span_us.map_or_else(|| "-".to_string(), |span_us| seconds(span_us).trim_end().to_string())
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (letter, side) in ["A", "B"].iter().zip(&self.sides) {
            writeln!(f, "{letter}  {}", side.title)?;
        }
        let rows = self.rows();
        let told = |row: &Row| (row.measure.name(), row.values.each_ref().map(ToString::to_string));
        let rows: Vec<_> = rows.iter().map(told).collect();
        let names = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let width =
            |side: usize| rows.iter().map(|(_, values)| values[side].len()).max().unwrap_or(0);
        let (one, other) = (width(0), width(1));
        writeln!(f, "\n{:names$}  {:>one$}  {:>other$}", "", "A", "B")?;
        for (name, [first, second]) in &rows {
            let mark = if first == second { "" } else { "  *" };
            writeln!(f, "{name:names$}  {first:>one$}  {second:>other$}{mark}")?;
        }
        let Some(parting) = &self.parting else {
            return writeln!(f, "\nThe same happens in both.");
        };
        writeln!(
            f,
            "\nThey share {} {} and part at {} s:",
            parting.shared,
            parting.compared.name(),
            self::told(Some(parting.at_us()))
        )?;
        for (letter, next) in ["A", "B"].iter().zip(&parting.next) {
            match next {
                None => writeln!(f, "{letter}  ends")?,
                Some(event) => {
                    let node = life_of(event).map(|node| format!("{node} ")).unwrap_or_default();
                    let at = self::told(Some(event.at_us));
                    writeln!(f, "{letter}  {at}  {node}{}", sentence(&event.happening))?;
                }
            }
        }
        Ok(())
    }
}
