//! Explains an event: the rule with its numbers, the changes, and the consequences.

pub mod facts;
pub mod meaning;

use antes_core::{ClusterSize, NodeId, Token};
use antes_sim::run::Run;
use antes_sim::trace::{Happening, TraceEvent};
use antes_sim::world::World;

use crate::causality;
use crate::chart::labels::vector;
use crate::language::Language;
use crate::sentence;
use crate::why::facts::{Fact, node_facts, timer_changes, timers};
use crate::words as w;

/// A rule, and the same with numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub told: String,
    /// The rule with numbers: `max(2, 5) + 1 = 6`.
    pub formula: String,
}

/// A field of a node with its old and its new value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub name: String,
    pub before: String,
    pub after: String,
}

/// The content of the inspector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Why {
    /// The name of the event or node.
    pub about: String,
    /// The event's number in the trace. `None` if it is about a node.
    pub seq: Option<u64>,
    /// The sentence about the event, as in the log.
    pub sentence: String,
    /// The rules that decided, with the numbers of this event.
    pub rules: Vec<Rule>,
    /// The meaning of the event for the algorithm.
    pub meaning: Option<String>,
    /// The changes at the node.
    pub changes: Vec<Change>,
    /// Timers that were set or cancelled.
    pub timers: Vec<String>,
    /// The messages that the node sent.
    pub sent: Vec<String>,
    /// The stamp that is misleading about the selected event, if there is one.
    pub trap: Option<String>,
    /// The causal past and future of the selected event.
    pub causality: Option<String>,
    /// The state of the selected node.
    pub facts: Vec<Fact>,
}

/// The worlds before and after the step that contains an event.
#[derive(Clone, Debug)]
pub struct Around {
    pub before: World,
    pub after: World,
}

impl Around {
    /// The worlds around the event `seq` of the past.
    pub fn new(run: &Run, seq: u64) -> Option<Self> {
        let [before, after] = run.worlds_around(usize::try_from(seq).ok()?)?;
        Some(Self { before, after })
    }
}

/// Explains the event `seq`. `around` is left out while time passes, since it takes time to
/// compute.
pub fn of_event(
    run: &Run,
    seq: u64,
    around: Option<&Around>,
    selected: bool,
    language: Language,
) -> Option<Why> {
    let event = run.trace().get(usize::try_from(seq).ok()?)?;
    let about = if selected {
        w::WHY_EVENT.fill(language, &[&seq])
    } else {
        w::WHY_LATEST.say(language).to_owned()
    };
    let mut why = Why {
        about,
        seq: Some(seq),
        sentence: sentence::told(event, run.trace(), language),
        rules: rules(run.trace(), event, run.world().size(), language),
        meaning: meaning::of(Some(&run.scenario().config), event, around, language),
        causality: selected.then(|| causality::sentence(event, run.trace(), language)).flatten(),
        trap: selected.then(|| causality::trap(event, run.trace(), language)).flatten(),
        ..Why::default()
    };
    if let (Some(around), Some(node)) = (around, event.node) {
        effects(&mut why, run, event, node, around, language);
    }
    Some(why)
}

/// An explanation for screen readers: its first sentences.
pub fn said(why: &Why) -> String {
    let parts = [Some(&why.sentence), why.trap.as_ref(), why.causality.as_ref()];
    parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// The state of a node.
pub fn of_node(run: &Run, node: NodeId, language: Language) -> Why {
    let slot = run.world().node(node);
    let mut facts = node_facts(slot, language);
    facts.extend(timers(slot, run.now_us(), language));
    Why {
        about: w::WHY_NODE.fill(language, &[&node]),
        sentence: w::NODE.fill(language, &[&node]),
        facts,
        ..Why::default()
    }
}

/// The changes, timers and messages of an event at its node.
fn effects(
    why: &mut Why,
    run: &Run,
    event: &TraceEvent,
    node: NodeId,
    around: &Around,
    language: Language,
) {
    // A send belongs to a step that is explained at its beginning.
    if matches!(
        event.happening,
        Happening::Lost { .. } | Happening::Write { .. } | Happening::Send(_)
    ) {
        return;
    }
    let (before, after) = (around.before.node(node), around.after.node(node));
    let was = node_facts(before, language);
    // For an event of logical time, the rules show these already.
    let told = [w::FIELD_CLOCK, w::FIELD_VECTOR].map(|word| word.say(language));
    let is_told = |name: &str| event.ticks() && told.contains(&name);
    why.changes = node_facts(after, language)
        .into_iter()
        .filter_map(|now| {
            let then = was.iter().find(|fact| fact.name == now.name)?;
            (then.value != now.value && !is_told(&now.name)).then(|| Change {
                name: now.name,
                before: then.value.clone(),
                after: now.value,
            })
        })
        .collect();
    why.timers = timer_changes(before, after, event, language);
    let lines = usize::try_from(around.before.lines()).unwrap_or(0)
        ..usize::try_from(around.after.lines()).unwrap_or(0);
    let sent =
        run.trace().get(lines).unwrap_or_default().iter().filter(|line| line.node == Some(node));
    why.sent = sent
        .filter(|line| line.seq != event.seq)
        .filter_map(|line| match &line.happening {
            Happening::Send(message) => Some(format!(
                "{} → {}",
                message.content.name(),
                sentence::recipient(message.to, language)
            )),
            _ => None,
        })
        .collect();
}

/// The rules that decided, with the numbers of this event: those of the clocks or of the fence.
pub fn rules(
    trace: &[TraceEvent],
    event: &TraceEvent,
    size: ClusterSize,
    language: Language,
) -> Vec<Rule> {
    let rule =
        |told: w::Word, formula: String| Rule { told: told.say(language).to_owned(), formula };
    let now = event.stamp.lamport().0;
    let ticked = || format!("{} + 1 = {now}", now.saturating_sub(1));
    let first = match &event.happening {
        Happening::Receive { before, sent, .. } => {
            rule(w::RULE_RECEIVE, format!("max({before}, {sent}) + 1 = {now}"))
        }
        Happening::Send(_) => rule(w::RULE_SEND, ticked()),
        Happening::Local => rule(w::RULE_LOCAL, ticked()),
        Happening::Write { write, accepted, .. } => {
            let formula =
                fence_formula(write.token, sentence::fence(event, trace), *accepted, language);
            return formula.map(|formula| rule(w::RULE_FENCE, formula)).into_iter().collect();
        }
        _ => return Vec::new(),
    };
    let Some(node) = event.node else { return vec![first] };
    vec![first, rule(w::RULE_VECTOR, vector_formula(trace, event, node, size.get()))]
}

/// `1.1 < 2.1: refused`. `None` if the trace does not show the highest token.
fn fence_formula(
    token: Option<Token>,
    seen: Option<Token>,
    accepted: bool,
    language: Language,
) -> Option<String> {
    Some(match (token, seen) {
        (None, None) => return None,
        (Some(token), None) if accepted => w::FENCE_FIRST.fill(language, &[&token]),
        (Some(_), None) => return None,
        (None, Some(seen)) => w::FENCE_REFUSED.fill(language, &[&w::NO_TOKEN.say(language), &seen]),
        (Some(token), Some(seen)) if accepted => w::FENCE_TAKEN.fill(language, &[&token, &seen]),
        (Some(token), Some(seen)) if token == seen => w::FENCE_OTHER.fill(language, &[&token]),
        (Some(token), Some(seen)) => w::FENCE_REFUSED.fill(language, &[&token, &seen]),
    })
}

/// `max((1,0), (0,2)) + 1 = (2,2)`, or only the stamp if the previous one is unknown. Each vector
/// has an entry for each node.
fn vector_formula(trace: &[TraceEvent], event: &TraceEvent, node: NodeId, nodes: u8) -> String {
    let now = vector(&event.stamp, nodes);
    let place = usize::try_from(event.seq).unwrap_or(usize::MAX).min(trace.len());
    let own = trace[..place].iter().rev().find(|line| line.node == Some(node) && line.ticks());
    let own = own.map_or_else(Default::default, |line| line.stamp.clone());
    let own = vector(&own, nodes);
    let Happening::Receive { message, .. } = &event.happening else {
        return format!("{own} + 1 = {now}");
    };
    let is_send = |line: &&TraceEvent| match &line.happening {
        Happening::Send(sent) | Happening::Duplicate { message: sent } => sent.id == message.id,
        _ => false,
    };
    match trace[..place].iter().rev().find(is_send) {
        Some(send) => format!("max({own}, {}) + 1 = {now}", vector(&send.stamp, nodes)),
        None => now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::player::Player;
    use crate::speed::Speed;
    use crate::timeline::Timeline;
    use antes_core::{Algorithm, ClusterSize};
    use antes_sim::scenario::{Action, Scenario};

    fn player(algorithm: Algorithm) -> Player {
        let scenario = Scenario::new(algorithm, ClusterSize::new(4).unwrap());
        Player::new(scenario, &[], Speed::DEFAULT)
    }

    fn node(number: u8) -> NodeId {
        NodeId::new(number).unwrap()
    }

    fn why(player: &Player, seq: u64) -> Why {
        let around = Around::new(player.run(), seq);
        of_event(player.run(), seq, around.as_ref(), true, Language::English).unwrap()
    }

    fn find(player: &Player, wanted: impl Fn(&TraceEvent) -> bool) -> u64 {
        player.run().trace().iter().find(|event| wanted(event)).unwrap().seq
    }

    #[test]
    fn a_receipt_is_explained_with_its_numbers() {
        let mut player = player(Algorithm::Clock);
        for _ in 0..3 {
            let command = antes_core::Command::LocalEvent;
            player.act(Action::Command { node: node(1), command });
        }
        player.act(Action::Send { from: node(1), to: node(2), latency: None });
        player.seek(200_000);
        let receive = find(&player, |event| event.kind() == "receive");
        let why = why(&player, receive);
        assert_eq!(why.rules[0].formula, "max(0, 4) + 1 = 5");
        assert_eq!(why.rules[1].formula, "max((0,0,0,0), (4,0,0,0)) + 1 = (4,1,0,0)");
        assert_eq!(why.changes, [], "the rules have told of the clocks");
    }

    #[test]
    fn a_suspicion_says_what_it_set_off() {
        let mut player = player(Algorithm::Leader);
        player.seek(700_000);
        player.act(Action::Crash(node(4)));
        player.seek(5_000_000);
        let suspicion =
            find(&player, |event| event.kind() == "timeout" && event.node == Some(node(1)));
        let why = why(&player, suspicion);
        assert_eq!(why.sent, ["ELECTION → 2", "ELECTION → 3", "ELECTION → 4"]);
        assert!(why.timers.iter().any(|told| told.contains("300")), "{:?}", why.timers);
        assert!(why.changes.iter().any(|change| change.before == "4"), "{:?}", why.changes);
        assert!(why.meaning.is_some());
    }
}
