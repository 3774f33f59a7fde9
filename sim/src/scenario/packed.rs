//! A compact binary form of scenarios. The page contains its library in this form and needs no
//! reader of files.
//!
//! One list of the fields is used for writing and reading. The form is not for other programs: the
//! same build writes and reads it. Keywords and claims are left out, since playing a scenario does
//! not need them.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use antes_core::{
    Algorithm, Announce, ClusterSize, Command, Detector, DurationRange, Form, Hold, Lock, NodeId,
    Profile,
};

use super::duration::micros_of;
use super::{
    About, Action, Forgery, Latency, MAX_STEPS, Moment, Preempt, Scenario, Stamps, Start, Step,
    Tampering, Text, Which,
};
use crate::trace::MessageId;

mod forged;

/// `scenarios` as bytes. Times have a resolution of a microsecond, as in files.
pub fn pack(scenarios: &[Scenario]) -> Vec<u8> {
    let mut packer = Packer(Vec::new());
    packer.number(&mut (scenarios.len() as u64));
    for scenario in scenarios {
        let mut scenario = scenario.clone();
        let (mut algorithm, mut nodes) =
            (scenario.config.algorithm, u64::from(scenario.config.size.get()));
        choice(&mut packer, &mut algorithm, ALGORITHMS);
        packer.number(&mut nodes);
        whole(&mut packer, &mut scenario);
    }
    packer.0
}

/// The packed scenarios. `None` if the bytes are not valid.
pub fn unpack(bytes: &[u8]) -> Option<Vec<Scenario>> {
    let mut unpacker = Unpacker(bytes);
    let mut count = 0;
    unpacker.number(&mut count);
    let mut scenarios = Vec::new();
    // The count is not trusted: reading stops at the first invalid scenario.
    for _ in 0..count {
        let (mut algorithm, mut nodes) = (Algorithm::Clock, 0);
        choice(&mut unpacker, &mut algorithm, ALGORITHMS);
        unpacker.number(&mut nodes);
        let size = ClusterSize::new(u8::try_from(nodes).ok()?)?;
        let mut scenario = Scenario::new(algorithm, size);
        whole(&mut unpacker, &mut scenario);
        scenarios.push(scenario);
    }
    Some(scenarios)
}

/// One of the two directions: writes each value, or replaces it by the value read.
trait Carrier {
    fn number(&mut self, value: &mut u64);
    fn text(&mut self, value: &mut String);
}

struct Packer(Vec<u8>);

impl Carrier for Packer {
    /// Seven bits per byte, the lowest first. All bytes except the last have the eighth bit set.
    fn number(&mut self, value: &mut u64) {
        let mut rest = *value;
        while rest >= 0x80 {
            self.0.push(rest.to_le_bytes()[0] | 0x80);
            rest >>= 7;
        }
        self.0.push(rest.to_le_bytes()[0]);
    }

    fn text(&mut self, value: &mut String) {
        self.number(&mut (value.len() as u64));
        self.0.extend_from_slice(value.as_bytes());
    }
}

/// Reads zeros after the end of the bytes.
struct Unpacker<'a>(&'a [u8]);

impl Carrier for Unpacker<'_> {
    fn number(&mut self, value: &mut u64) {
        *value = 0;
        let mut shift = 0;
        while let Some((&byte, rest)) = self.0.split_first() {
            self.0 = rest;
            *value |= u64::from(byte & 0x7F).unbounded_shl(shift);
            shift += 7;
            if byte < 0x80 {
                break;
            }
        }
    }

    fn text(&mut self, value: &mut String) {
        let mut length = 0;
        self.number(&mut length);
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(self.0.len());
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        *value = String::from_utf8_lossy(text).into_owned();
    }
}

const ALGORITHMS: &[Algorithm] = &[Algorithm::Clock, Algorithm::Leader, Algorithm::Mutex];

fn whole(carrier: &mut impl Carrier, scenario: &mut Scenario) {
    text(carrier, &mut scenario.title);
    for told in [&mut scenario.summary, &mut scenario.look_for, &mut scenario.simplifies] {
        optional(carrier, told, Text::default(), text);
    }
    choice(carrier, &mut scenario.stamps, &[Stamps::Lamport, Stamps::Vector]);
    carrier.number(&mut scenario.seed);
    span(carrier, &mut scenario.duration);
    network(carrier, scenario);
    settings(carrier, scenario);
    let mut count = scenario.steps.len() as u64;
    carrier.number(&mut count);
    let nothing = Step::new(Duration::ZERO, 0, Action::Note);
    scenario.steps.resize(usize::try_from(count).unwrap_or(0).min(MAX_STEPS), nothing);
    for step in &mut scenario.steps {
        span(carrier, &mut step.at);
        small(carrier, &mut step.after);
        let about = match &mut step.action {
            Action::Forge(forgery) => core::mem::take(&mut forgery.about),
            _ => About::default(),
        };
        action(carrier, &mut step.action);
        if let Action::Forge(forgery) = &mut step.action {
            forgery.about = about;
            forged::about(carrier, forgery);
        }
        optional(carrier, &mut step.note, Text::default(), text);
    }
}

fn network(carrier: &mut impl Carrier, scenario: &mut Scenario) {
    let network = &mut scenario.network;
    latency(carrier, &mut network.latency);
    for probability in [&mut network.loss, &mut network.duplicate] {
        let mut bits = probability.to_bits();
        carrier.number(&mut bits);
        *probability = f64::from_bits(bits);
    }
    choice(carrier, &mut network.fifo, &[true, false]);
    optional(carrier, &mut network.faults_end, Duration::ZERO, span);
    span(carrier, &mut scenario.resource_latency);
    for latency in &mut scenario.network.node_latencies {
        optional(carrier, latency, Duration::ZERO, span);
    }
    for rate in &mut scenario.clock_rates {
        small(carrier, &mut rate.0);
    }
}

fn settings(carrier: &mut impl Carrier, scenario: &mut Scenario) {
    let config = &mut scenario.config;
    choice(carrier, &mut config.profile, &[Profile::Classic, Profile::Hardened]);
    let election = &mut config.election;
    choice(carrier, &mut election.form, &[Form::Parallel, Form::Sequential]);
    choice(carrier, &mut election.announce, &[Announce::Lower, Announce::All]);
    let detectors = [Detector::Heartbeat, Detector::Poll, Detector::Off];
    choice(carrier, &mut election.detector, &detectors);
    span(carrier, &mut election.heartbeat);
    span(carrier, &mut election.suspect_after);
    span(carrier, &mut election.answer_timeout);
    span(carrier, &mut election.coordinator_timeout);
    choice(carrier, &mut scenario.start, &[Start::Elected, Start::Cold]);
    let hardened = &mut config.hardened;
    let preempts = [Preempt::Always, Preempt::Never, Preempt::Stable];
    choice(carrier, &mut hardened.preempt, &preempts);
    span(carrier, &mut hardened.probation);
    span(carrier, &mut hardened.lease);
    span(carrier, &mut hardened.retry);
    small(carrier, &mut hardened.drift.0);
    choice(carrier, &mut config.mutex.lock, &[Lock::Centralized, Lock::Distributed]);
    range(carrier, &mut config.mutex.hold);
    choice(carrier, &mut config.application.auto, &[false, true]);
    range(carrier, &mut config.application.wait);
    span(carrier, &mut config.application.call_timeout);
}

fn text(carrier: &mut impl Carrier, text: &mut Text) {
    carrier.text(&mut text.en);
    optional(carrier, &mut text.pt, String::new(), |carrier, pt| carrier.text(pt));
}

fn optional<C: Carrier, T>(
    carrier: &mut C,
    value: &mut Option<T>,
    empty: T,
    carry: impl Fn(&mut C, &mut T),
) {
    let mut is_there = value.is_some();
    choice(carrier, &mut is_there, &[false, true]);
    if is_there {
        carry(carrier, value.get_or_insert(empty));
    }
}

fn choice<T: Copy + PartialEq>(carrier: &mut impl Carrier, value: &mut T, all: &[T]) {
    let mut place = all.iter().position(|choice| choice == value).unwrap_or(0) as u64;
    carrier.number(&mut place);
    *value =
        usize::try_from(place).ok().and_then(|place| all.get(place)).copied().unwrap_or(*value);
}

fn small(carrier: &mut impl Carrier, value: &mut u32) {
    let mut number = u64::from(*value);
    carrier.number(&mut number);
    *value = u32::try_from(number).unwrap_or(u32::MAX);
}

fn span(carrier: &mut impl Carrier, span: &mut Duration) {
    let mut micros = micros_of(*span);
    carrier.number(&mut micros);
    *span = Duration::from_micros(micros);
}

fn range(carrier: &mut impl Carrier, range: &mut DurationRange) {
    span(carrier, &mut range.min);
    span(carrier, &mut range.max);
}

fn latency(carrier: &mut impl Carrier, latency: &mut Latency) {
    let (mut kind, mut a, mut b) = match *latency {
        Latency::Fixed(latency) => (0, latency, Duration::ZERO),
        Latency::Uniform { min, max } => (1, min, max),
        Latency::Exponential { mean, min } => (2, mean, min),
    };
    carrier.number(&mut kind);
    span(carrier, &mut a);
    span(carrier, &mut b);
    *latency = match kind {
        0 => Latency::Fixed(a),
        1 => Latency::Uniform { min: a, max: b },
        _ => Latency::Exponential { mean: a, min: b },
    };
}

/// An action as numbers: its type, its nodes and its parameters. A message type is a text.
fn action(carrier: &mut impl Carrier, action: &mut Action) {
    let (mut kind, mut facts, mut name) = flatten(action);
    carrier.number(&mut kind);
    for fact in &mut facts {
        carrier.number(fact);
    }
    carrier.text(&mut name);
    *action = build(kind, facts, name).unwrap_or(Action::Note);
}

/// Numbers enough for any action.
type Facts = [u64; 4];

fn flatten(action: &Action) -> (u64, Facts, String) {
    let id = |node: NodeId| u64::from(node.get());
    let one = |kind, node| (kind, [id(node), 0, 0, 0], String::new());
    let two = |kind, from, to| (kind, [id(from), id(to), 0, 0], String::new());
    match action {
        Action::Note => (0, [0; 4], String::new()),
        Action::Crash(node) => one(1, *node),
        Action::Restart(node) => one(2, *node),
        Action::RestartWithoutStorage(node) => one(31, *node),
        Action::Pause(node) => one(3, *node),
        Action::Resume(node) => one(4, *node),
        Action::CrashAt { node, moment: Moment::Send } => one(5, *node),
        Action::CrashAt { node, moment: Moment::Receive } => one(6, *node),
        Action::CrashAt { node, moment: Moment::AfterSave } => one(7, *node),
        Action::Command { node, command } => match command {
            Command::LocalEvent => one(8, *node),
            Command::Elect => one(9, *node),
            Command::Withdraw { request } => {
                let number = request.map_or(0, |number| u64::from(number) + 1);
                (33, [id(*node), number, 0, 0], String::new())
            }
            Command::Release => one(10, *node),
            Command::Write => one(11, *node),
            Command::Leave => one(12, *node),
            Command::Send { to } => two(13, *node, *to),
            Command::Call { to } => two(14, *node, *to),
            Command::Request { hold: Hold::UntilReleased } => one(15, *node),
            Command::Request { hold: Hold::Drawn } => one(16, *node),
            Command::Request { hold: Hold::For(span) } => {
                (17, [id(*node), micros_of(*span), 0, 0], String::new())
            }
        },
        Action::Send { from, to, latency: None } => two(18, *from, *to),
        Action::Send { from, to, latency: Some(span) } => {
            (19, [id(*from), id(*to), micros_of(*span), 0], String::new())
        }
        Action::Forge(forgery) => {
            let Forgery { kind, from, to, lamport, latency, .. } = &**forgery;
            let latency = latency.map_or(0, |latency| micros_of(latency) + 1);
            (32, [id(*from), to.map_or(0, id), *lamport, latency], kind.clone())
        }
        Action::Cut { from, to } => two(20, *from, *to),
        Action::Heal => (21, [0; 4], String::new()),
        Action::Partition(groups) => {
            // One letter for each node, and a space after each group.
            let letter = |&node: &NodeId| char::from(b'@' + node.get());
            let groups = groups.iter().flat_map(|group| group.iter().map(letter).chain([' ']));
            (22, [0; 4], groups.collect())
        }
        Action::Tamper { which: Which::Id(message), tampering } => {
            let (kind, by) = tamper(*tampering);
            let number = u64::from(message.number);
            let from = if message.forged { 0 } else { id(message.from) };
            let facts = [from, number, u64::from(message.copy), by];
            (23 + kind, facts, String::new())
        }
        Action::Tamper { which: Which::Nth { kind: name, from, to, nth, copy }, tampering } => {
            let (kind, by) = tamper(*tampering);
            let nth = u64::from(*copy) << 32 | u64::from(*nth);
            let facts = [from.map_or(0, id), to.map_or(0, id), nth, by];
            (27 + kind, facts, name.clone())
        }
    }
}

const fn tamper(tampering: Tampering) -> (u64, u64) {
    match tampering {
        Tampering::Drop => (0, 0),
        Tampering::Duplicate => (1, 0),
        Tampering::Deliver => (2, 0),
        Tampering::Delay { by } => (3, by.as_micros() as u64),
    }
}

fn build(kind: u64, [a, b, c, d]: Facts, name: String) -> Option<Action> {
    let id = |number: u64| NodeId::new(u8::try_from(number).ok()?);
    let (first, second) = (id(a), id(b));
    let command = |command| Some(Action::Command { node: first?, command });
    let crash_at = |moment| Some(Action::CrashAt { node: first?, moment });
    Some(match kind {
        0 => Action::Note,
        1 => Action::Crash(first?),
        2 => Action::Restart(first?),
        3 => Action::Pause(first?),
        4 => Action::Resume(first?),
        5 => crash_at(Moment::Send)?,
        6 => crash_at(Moment::Receive)?,
        7 => crash_at(Moment::AfterSave)?,
        8 => command(Command::LocalEvent)?,
        9 => command(Command::Elect)?,
        10 => command(Command::Release)?,
        11 => command(Command::Write)?,
        12 => command(Command::Leave)?,
        13 => command(Command::Send { to: second? })?,
        14 => command(Command::Call { to: second? })?,
        15 => command(Command::Request { hold: Hold::UntilReleased })?,
        16 => command(Command::Request { hold: Hold::Drawn })?,
        17 => command(Command::Request { hold: Hold::For(Duration::from_micros(b)) })?,
        18 => Action::Send { from: first?, to: second?, latency: None },
        19 => Action::Send { from: first?, to: second?, latency: Some(Duration::from_micros(c)) },
        20 => Action::Cut { from: first?, to: second? },
        21 => Action::Heal,
        22 => Action::Partition(groups(&name)?),
        23..=26 => {
            let (number, copy) = (u32::try_from(b).ok()?, u8::try_from(c).ok()?);
            let forged = a == 0;
            let from = if forged { NodeId::new(1) } else { first };
            let id = MessageId { copy, forged, ..MessageId::new(from?, number) };
            let which = Which::Id(id);
            Action::Tamper { which, tampering: tampering(kind - 23, d) }
        }
        33 => {
            let request = b.checked_sub(1).map(u32::try_from).transpose().ok()?;
            command(Command::Withdraw { request })?
        }
        31 => Action::RestartWithoutStorage(first?),
        32 => Action::Forge(Box::new(Forgery {
            kind: name,
            from: first?,
            to: second,
            lamport: c,
            latency: d.checked_sub(1).map(Duration::from_micros),
            about: About::default(),
        })),
        _ => {
            let (nth, copy) = (c as u32, u8::try_from(c >> 32).ok()?);
            let which = Which::Nth { kind: name, from: first, to: second, nth, copy };
            Action::Tamper { which, tampering: tampering(kind - 27, d) }
        }
    })
}

const fn tampering(kind: u64, by_us: u64) -> Tampering {
    match kind {
        0 => Tampering::Drop,
        1 => Tampering::Duplicate,
        2 => Tampering::Deliver,
        _ => Tampering::Delay { by: Duration::from_micros(by_us) },
    }
}

/// The groups from the letters of their nodes, with a space after each group.
fn groups(letters: &str) -> Option<Vec<Vec<NodeId>>> {
    let node = |letter: u8| NodeId::new(letter.checked_sub(b'@')?);
    let group = |letters: &str| letters.bytes().map(node).collect();
    letters.split_terminator(' ').map(group).collect()
}
