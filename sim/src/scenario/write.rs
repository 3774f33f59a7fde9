//! Writes a scenario as TOML. Reading it gives the same scenario.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write as _;
use core::time::Duration;

use antes_core::{Command, DurationRange, Hold, NodeId, Profile, Shape, Value};

use super::claim::Claims;
use super::duration::display;
use super::words::{
    ALGORITHMS, ANNOUNCES, DETECTORS, FORMS, LOCKS, MOMENTS, STAMPS, STARTS, word_for,
};
use super::{Action, Forgery, Latency, Ppm, Preempt, Scenario, Step, Tampering, Text, Which};

/// `scenario` as a file. Fields with default values are left out.
pub fn write(scenario: &Scenario) -> String {
    let size = scenario.config.size;
    let default = Scenario::new(scenario.config.algorithm, size);
    let mut out = Writer::default();
    out.text("title", &scenario.title);
    for (key, text) in [
        ("summary", &scenario.summary),
        ("look_for", &scenario.look_for),
        ("simplifies", &scenario.simplifies),
        ("keywords", &scenario.keywords),
    ] {
        if let Some(text) = text {
            out.text(key, text);
        }
    }
    if scenario.stamps != default.stamps {
        out.word("stamps", word_for(STAMPS, &scenario.stamps));
    }
    out.word("algorithm", word_for(ALGORITHMS, &scenario.config.algorithm));
    out.word(
        "profile",
        match scenario.config.profile {
            Profile::Classic => "classic",
            Profile::Hardened => "hardened",
        },
    );
    out.line("nodes", &size.get().to_string());
    out.line("seed", &scenario.seed.to_string());
    out.duration("duration", scenario.duration);
    write_network(&mut out, scenario, &default);
    write_election(&mut out, scenario, &default);
    write_mutex(&mut out, scenario, &default);
    write_application(&mut out, scenario, &default);
    for node in size.nodes() {
        let rate = scenario.clock_rates[node.index()];
        let latency = scenario.network.node_latencies[node.index()];
        if rate != Ppm::TRUE || latency.is_some() {
            out.table("[[node]]");
            out.line("id", &node.to_string());
            out.unless("clock_rate", &rate, &Ppm::TRUE, |&rate| decimal(rate));
            if let Some(latency) = latency {
                out.duration("latency", latency);
            }
        }
    }
    for step in &scenario.steps {
        write_step(&mut out, step);
    }
    out.text
}

/// A file that is written line by line.
#[derive(Default)]
struct Writer {
    text: String,
    /// The header of the current table, until its first line is written.
    pending: Option<&'static str>,
}

impl Writer {
    /// Begins a table. It is written only if it has a line.
    fn table(&mut self, header: &'static str) {
        self.pending = Some(header);
    }

    fn line(&mut self, key: &str, value: &str) {
        if let Some(header) = self.pending.take() {
            self.text.push('\n');
            self.text.push_str(header);
            self.text.push('\n');
        }
        writeln!(self.text, "{key} = {value}").expect("a string takes everything");
    }

    fn word(&mut self, key: &str, word: &str) {
        self.line(key, &quote(word));
    }

    fn duration(&mut self, key: &str, value: Duration) {
        self.line(key, &quote(&display(value)));
    }

    fn text(&mut self, key: &str, text: &Text) {
        match &text.pt {
            None => self.line(key, &quote(&text.en)),
            Some(pt) => {
                self.line(&format!("{key}.en"), &quote(&text.en));
                self.line(&format!("{key}.pt"), &quote(pt));
            }
        }
    }

    /// Writes a field unless it has its default value.
    fn unless<T: PartialEq>(
        &mut self,
        key: &str,
        value: &T,
        default: &T,
        show: impl Fn(&T) -> String,
    ) {
        if value != default {
            self.line(key, &show(value));
        }
    }
}

fn write_network(out: &mut Writer, scenario: &Scenario, default: &Scenario) {
    let (network, default) = (&scenario.network, &default.network);
    out.table("[network]");
    out.unless("latency", &network.latency, &default.latency, |latency| match *latency {
        Latency::Fixed(latency) => quote(&display(latency)),
        Latency::Uniform { min, max } => pair("min", min, "max", max),
        Latency::Exponential { mean, min } => pair("mean", mean, "min", min),
    });
    out.unless("loss", &network.loss, &default.loss, |p| format!("{p:?}"));
    out.unless("duplicate", &network.duplicate, &default.duplicate, |p| format!("{p:?}"));
    out.unless("fifo", &network.fifo, &default.fifo, ToString::to_string);
    if let Some(end) = network.faults_end {
        out.duration("faults_end", end);
    }
}

fn write_election(out: &mut Writer, scenario: &Scenario, default: &Scenario) {
    let (election, usual) = (&scenario.config.election, &default.config.election);
    let span = |duration: &Duration| quote(&display(*duration));
    out.table("[election]");
    out.unless("form", &election.form, &usual.form, |w| quote(word_for(FORMS, w)));
    out.unless("announce", &election.announce, &usual.announce, |w| quote(word_for(ANNOUNCES, w)));
    out.unless("detector", &election.detector, &usual.detector, |w| quote(word_for(DETECTORS, w)));
    out.unless("heartbeat", &election.heartbeat, &usual.heartbeat, span);
    out.unless("suspect_after", &election.suspect_after, &usual.suspect_after, span);
    out.unless("answer_timeout", &election.answer_timeout, &usual.answer_timeout, span);
    let (timeout, usual_timeout) = (&election.coordinator_timeout, &usual.coordinator_timeout);
    out.unless("coordinator_timeout", timeout, usual_timeout, span);
    out.unless("start", &scenario.start, &default.start, |w| quote(word_for(STARTS, w)));
    let (hardened, usual) = (&scenario.config.hardened, &default.config.hardened);
    out.unless("preempt", &hardened.preempt, &usual.preempt, |preempt| match preempt {
        Preempt::Always => "true".to_string(),
        Preempt::Never => "false".to_string(),
        Preempt::Stable => quote("stable"),
    });
    out.unless("probation", &hardened.probation, &usual.probation, span);
}

fn write_mutex(out: &mut Writer, scenario: &Scenario, default: &Scenario) {
    let span = |duration: &Duration| quote(&display(*duration));
    out.table("[mutex]");
    let (lock, usual) = (&scenario.config.mutex.lock, &default.config.mutex.lock);
    out.unless("lock", lock, usual, |w| quote(word_for(LOCKS, w)));
    out.unless("hold", &scenario.config.mutex.hold, &default.config.mutex.hold, range);
    let (hardened, usual) = (&scenario.config.hardened, &default.config.hardened);
    out.unless("lease", &hardened.lease, &usual.lease, span);
    out.unless("retry", &hardened.retry, &usual.retry, span);
    out.unless("drift", &hardened.drift, &usual.drift, |drift| decimal(*drift));
    out.unless("resource_latency", &scenario.resource_latency, &default.resource_latency, span);
}

fn write_application(out: &mut Writer, scenario: &Scenario, default: &Scenario) {
    let (application, usual) = (&scenario.config.application, &default.config.application);
    out.table("[application]");
    out.unless("auto", &application.auto, &usual.auto, ToString::to_string);
    out.unless("wait", &application.wait, &usual.wait, range);
    out.unless("call_timeout", &application.call_timeout, &usual.call_timeout, |timeout| {
        quote(&display(*timeout))
    });
}

fn write_step(out: &mut Writer, step: &Step) {
    out.table("[[step]]");
    out.duration("at", step.at);
    if step.after > 0 {
        out.line("after", &step.after.to_string());
    }
    if let Some((verb, value)) = verb(&step.action) {
        out.line(verb, &value);
    } else if step.note.is_none() {
        // A step must have a note, even if it is empty.
        out.line("note", "\"\"");
    }
    if let Some(note) = &step.note {
        out.text("note", note);
    }
    match &step.claims {
        Claims::Unsaid => {}
        Claims::Facts(claims) => {
            let claims: Vec<_> = claims.iter().map(|claim| quote(&claim.to_string())).collect();
            out.line("claims", &format!("[{}]", claims.join(", ")));
        }
        Claims::Nothing(reason) => out.line("claims_nothing", &quote(reason)),
    }
}

/// The key of an action, and its value.
fn verb(action: &Action) -> Option<(&'static str, String)> {
    Some(match action {
        Action::Note => return None,
        Action::Crash(node) => ("crash", node.to_string()),
        Action::Restart(node) => ("restart", node.to_string()),
        Action::RestartWithoutStorage(node) => {
            ("restart", format!("{{ node = {node}, storage = \"lost\" }}"))
        }
        Action::Pause(node) => ("pause", node.to_string()),
        Action::Resume(node) => ("resume", node.to_string()),
        Action::CrashAt { node, moment } => {
            let moment = word_for(MOMENTS, moment);
            ("crash_at", format!("{{ node = {node}, at = \"{moment}\" }}"))
        }
        Action::Command { node, command } => command_verb(*node, command),
        Action::Send { from, to, latency: None } => ("send", link(*from, *to)),
        Action::Send { from, to, latency: Some(latency) } => {
            let latency = display(*latency);
            ("send", format!("{{ from = {from}, to = {to}, latency = \"{latency}\" }}"))
        }
        Action::Partition(groups) => {
            let group = |nodes: &Vec<NodeId>| {
                let nodes: Vec<_> = nodes.iter().map(ToString::to_string).collect();
                format!("[{}]", nodes.join(", "))
            };
            let groups: Vec<_> = groups.iter().map(group).collect();
            ("partition", format!("[{}]", groups.join(", ")))
        }
        Action::Cut { from, to } => ("cut", link(*from, *to)),
        Action::Heal => ("heal", "true".to_string()),
        Action::Forge(forgery) => ("forge", forged(forgery)),
        Action::Tamper { which, tampering } => tampering_verb(which, *tampering),
    })
}

fn command_verb(node: NodeId, command: &Command) -> (&'static str, String) {
    match *command {
        Command::LocalEvent => ("event", node.to_string()),
        Command::Send { to } => ("send", link(node, to)),
        Command::Call { to } => ("call", link(node, to)),
        Command::Elect => ("elect", node.to_string()),
        Command::Request { hold } => {
            let hold = match hold {
                Hold::UntilReleased => return ("request", node.to_string()),
                Hold::For(hold) => display(hold),
                Hold::Drawn => "random".to_string(),
            };
            ("request", format!("{{ node = {node}, hold = \"{hold}\" }}"))
        }
        Command::Withdraw { request: None } => ("withdraw", node.to_string()),
        Command::Withdraw { request: Some(request) } => {
            ("withdraw", format!("{{ node = {node}, request = {request} }}"))
        }
        Command::Release => ("release", node.to_string()),
        Command::Write => ("write", node.to_string()),
        Command::Leave => ("leave", node.to_string()),
    }
}

fn tampering_verb(which: &Which, tampering: Tampering) -> (&'static str, String) {
    let mut fields = match which {
        Which::Id(id) => format!("message = \"{id}\""),
        Which::Nth { kind, from, to, nth, copy } => {
            let mut fields = format!("kind = {}", quote(kind));
            for (key, node) in [("from", from), ("to", to)] {
                if let Some(node) = node {
                    fields.push_str(&format!(", {key} = {node}"));
                }
            }
            if *nth != 1 {
                fields.push_str(&format!(", nth = {nth}"));
            }
            if *copy > 0 {
                fields.push_str(&format!(", copy = {copy}"));
            }
            fields
        }
    };
    let verb = match tampering {
        Tampering::Drop => "drop",
        Tampering::Duplicate => "duplicate",
        Tampering::Deliver => "deliver",
        Tampering::Delay { by } => {
            fields.push_str(&format!(", by = \"{}\"", display(by)));
            "delay"
        }
    };
    (verb, format!("{{ {fields} }}"))
}

fn forged(forgery: &Forgery) -> String {
    let Forgery { kind, from, to, lamport, latency, about } = forgery;
    let mut fields = format!("kind = {}, from = {from}", quote(kind));
    let mut field = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            write!(fields, ", {key} = {value}").expect("a string takes everything");
        }
    };
    field("to", to.map(|to| to.to_string()));
    field("lamport", Some(*lamport).filter(|&lamport| lamport != 1).map(|l| l.to_string()));
    field("latency", latency.map(|latency| quote(&display(latency))));
    let mut known = Forgery::fields(kind);
    known.sort_by_key(|field| (place(field.shape), field.name != "term"));
    for known in known {
        field(known.name, about.get(known.name).map(shown));
    }
    format!("{{ {fields} }}")
}

/// The fields are ordered by their shape.
const fn place(shape: Shape) -> u8 {
    match shape {
        Shape::Name => 0,
        Shape::Token => 1,
        Shape::Number => 2,
        Shape::Count { .. } | Shape::Life => 3,
        Shape::Flag => 4,
        Shape::Word(_) => 5,
        Shape::Node => 6,
    }
}

fn shown(value: Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Name(by, number) => format!("\"{by}:{number}\""),
        Value::Token(token) => format!("[{}, {}]", token.term.0, token.sequence),
        Value::Node(node) => node.to_string(),
        Value::Word(word) => quote(word),
    }
}

fn link(from: NodeId, to: NodeId) -> String {
    format!("{{ from = {from}, to = {to} }}")
}

fn range(range: &DurationRange) -> String {
    pair("min", range.min, "max", range.max)
}

fn pair(first: &str, a: Duration, second: &str, b: Duration) -> String {
    format!("{{ {first} = \"{}\", {second} = \"{}\" }}", display(a), display(b))
}

/// Millionths as an exact decimal number.
fn decimal(ppm: Ppm) -> String {
    let digits = format!("{:06}", ppm.0 % 1_000_000);
    let rest = digits.trim_end_matches('0');
    format!("{}.{}", ppm.0 / 1_000_000, if rest.is_empty() { "0" } else { rest })
}

/// A TOML string with this text.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => {
                quoted.push_str(&format!("\\u{:04X}", u32::from(control)));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
