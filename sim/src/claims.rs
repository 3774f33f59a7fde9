//! Checks the claims of a scenario's notes against its run.
//!
//! A note is shown right after its step. A claim about a state refers to the world at that moment.
//! A claim about an event refers to the lines of the trace between the previous note and this one,
//! including the lines of this note's own step.

use alloc::vec::Vec;
use core::time::Duration;

use antes_core::{Candidacy, Causality, NodeId, Token};

use crate::run::Run;
use crate::scenario::Scenario;
use crate::scenario::claim::{
    Awaited, Claim, Claims, Deed, Details, Event, Fact, Fate, Message, Property, State, Table,
};
use crate::scenario::duration::micros_of;
use crate::trace::{Content, Happening, MessageRecord, TraceEvent};
use crate::world::{Status, World};

/// A claim that does not hold when its note is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untrue {
    /// The index of the note's step in the script.
    pub step: usize,
    /// When the note is shown, from the start of the run.
    pub at: Duration,
    pub claim: Claim,
}

/// The claims of `scenario`'s notes that do not hold.
pub fn untrue(scenario: &Scenario) -> Vec<Untrue> {
    let mut run = Run::new(scenario.clone());
    let mut untrue = Vec::new();
    let mut told = 0;
    loop {
        let before = run.world().steps_done();
        if !run.step() {
            return untrue;
        }
        let Some(step) = run.script().get(before).filter(|_| run.world().steps_done() > before)
        else {
            continue;
        };
        if step.note.is_none() {
            continue;
        }
        if let Claims::Facts(claims) = &step.claims {
            let wrong = claims.iter().filter(|claim| !holds(&run, told, claim));
            let wrong =
                wrong.map(|claim| Untrue { step: before, at: step.at, claim: claim.clone() });
            untrue.extend(wrong);
        }
        told = run.trace().len();
    }
}

/// Whether a claim holds at the present moment of `run`. The trace had `told` lines when the
/// previous note was shown.
pub fn holds(run: &Run, told: usize, claim: &Claim) -> bool {
    let so = match &claim.fact {
        Fact::State { state, lasting: None } => is(run.world(), state),
        Fact::State { state, lasting: Some(span) } => has_been(run, state, *span),
        Fact::Event { event, details } => {
            let since = run.trace().get(told..).unwrap_or_default();
            since.iter().any(|line| happens(line, event) && has(line, details))
        }
    };
    so != claim.denied
}

/// Whether `state` holds now and has held for this long.
fn has_been(run: &Run, state: &State, span: Duration) -> bool {
    let Some(since) = run.now_us().checked_sub(micros_of(span)) else { return false };
    let mut earlier = Run::new(run.scenario().clone());
    earlier.advance_to(since);
    loop {
        if !is(earlier.world(), state) {
            return false;
        }
        if earlier.done() >= run.done() || !earlier.step() {
            return true;
        }
    }
}

fn is(world: &World, state: &State) -> bool {
    let slot = |node: NodeId| world.node(node);
    let lock = |node: NodeId| slot(node).node().stack().lock();
    match state {
        State::Are(property, nodes) => {
            world.size().nodes().all(|node| nodes.contains(&node) == is_so(world, *property, node))
        }
        State::Follows(node, leader) => world.leader_of(*node) == *leader,
        State::Term(node, term) => slot(*node).node().stack().term() == Some(*term),
        State::Clock(node, clock) => slot(*node).stamp().lamport.0 == *clock,
        State::Vector(node, counts) => {
            is_vector(|of| slot(*node).stamp().vector.of(of).into(), counts)
        }
        State::Token(node, token) => {
            world.is_inside(*node) && lock(*node).and_then(|lock| lock.token) == Some(*token)
        }
        State::Table(node, table) => table_of(world, *node) == *table,
        State::Awaits(node, awaited) => {
            slot(*node).node().stack().candidacy()
                == Some(match awaited {
                    Awaited::Ok => Candidacy::AwaitingAnswers,
                    Awaited::Coordinator => Candidacy::AwaitingCoordinator,
                    Awaited::ProbeAck => Candidacy::Probing,
                    Awaited::Accept => Candidacy::Proposing,
                })
        }
        State::OnItsWay(message) => world.flights().any(|flight| {
            flight.lost.is_none()
                && flight.lands_us > world.now_us()
                && is_of(&flight.message, message)
        }),
        State::Concurrent(a, b) => relation(world, *a, *b) == Causality::Concurrent,
        State::Before(a, b) => relation(world, *a, *b) == Causality::Before,
        State::Keeps(invariant) => world.violations_of(*invariant) == 0,
    }
}

fn is_so(world: &World, property: Property, node: NodeId) -> bool {
    let status = world.node(node).status();
    let up = !status.is_down();
    match property {
        Property::Leads => up && world.leader_of(node) == Some(node),
        Property::Inside => up && world.is_inside(node),
        Property::Waits => {
            let lock = world.node(node).node().stack().lock().filter(|_| up);
            lock.is_some_and(|lock| lock.requests.iter().any(|(_, holds)| !holds))
        }
        Property::Down => !up,
        Property::Frozen => status == Status::Paused,
    }
}

fn table_of(world: &World, node: NodeId) -> Table {
    let slot = world.node(node);
    let lock = slot.node().stack().lock().filter(|_| !slot.status().is_down());
    let Some(table) = lock.and_then(|lock| lock.table) else { return Table::None };
    match table.holder {
        _ if table.recovering => Table::Recovering,
        None => Table::Free,
        Some(holder) => {
            Table::Held(holder.by.node, table.queue.iter().map(|request| request.by.node).collect())
        }
    }
}

fn relation(world: &World, a: NodeId, b: NodeId) -> Causality {
    world.node(a).stamp().vector.relation(&world.node(b).stamp().vector)
}

fn is_vector(count_of: impl Fn(NodeId) -> u64, counts: &[u64]) -> bool {
    let nodes = (1..).map_while(NodeId::new);
    nodes.zip(counts).all(|(node, &count)| count_of(node) == count)
}

fn happens(line: &TraceEvent, event: &Event) -> bool {
    match event {
        Event::Node(deed, node) => line.node == Some(*node) && is_deed(line, *deed),
        Event::Message(fate, message) => match (&line.happening, fate) {
            (Happening::Send(record), Fate::Sends)
            | (Happening::Receive { message: record, .. }, Fate::Receives)
            | (Happening::Lost { message: record, .. }, Fate::Loses) => is_of(record, message),
            _ => false,
        },
        Event::TimesOut(node, name) => {
            let timer = match &line.happening {
                Happening::Timeout { timer } => timer.name(),
                _ => return false,
            };
            line.node == Some(*node) && timer == name
        }
        Event::Writes(node, wanted) => match &line.happening {
            Happening::Write { accepted, .. } => line.node == Some(*node) && accepted == wanted,
            _ => false,
        },
        Event::Cuts(from, end) => {
            matches!(&line.happening, Happening::Cut { to } if line.node == Some(*from) && to == end)
        }
        Event::Heals(from, end) => {
            matches!(&line.happening, Happening::Heal { to } if line.node == Some(*from) && to == end)
        }
        Event::Violates(invariant) => {
            matches!(&line.happening, Happening::Violation(found) if found.invariant == *invariant)
        }
    }
}

fn is_deed(line: &TraceEvent, deed: Deed) -> bool {
    match deed {
        Deed::Local => matches!(line.happening, Happening::Local),
        Deed::Crashes => matches!(line.happening, Happening::Crash),
        Deed::Stops => matches!(line.happening, Happening::Stop),
        Deed::Restarts => matches!(line.happening, Happening::Restart { .. }),
        Deed::Freezes => matches!(line.happening, Happening::Pause),
        Deed::Resumes => matches!(line.happening, Happening::Resume),
        Deed::Elects => matches!(line.happening, Happening::Election { .. }),
        Deed::Wins => {
            matches!(line.happening, Happening::Leader { leader, .. } if leader == line.node)
        }
        Deed::Requests => matches!(line.happening, Happening::Request { .. }),
        Deed::Enters => matches!(line.happening, Happening::Enter { .. }),
        Deed::Leaves => matches!(line.happening, Happening::Exit { .. }),
    }
}

fn is_of(record: &MessageRecord, message: &Message) -> bool {
    record.content.name() == message.kind
        && record.id.from == message.from
        && record.to == message.to
}

fn has(line: &TraceEvent, details: &Details) -> bool {
    let Details { stamp, vector, token, term, cause, at } = details;
    let why = match &line.happening {
        Happening::Election { cause, .. } => Some(cause.name()),
        _ => None,
    };
    stamp.is_none_or(|stamp| line.stamp.lamport().0 == stamp)
        && vector.as_ref().is_none_or(|counts| is_vector(|of| line.stamp.of(of), counts))
        && token.is_none_or(|token| token_of(line) == Some(token))
        && term.is_none_or(|term| term_of(line) == Some(term))
        && cause.as_deref().is_none_or(|cause| why == Some(cause))
        && at.is_none_or(|at| line.at_us == micros_of(at))
}

fn token_of(line: &TraceEvent) -> Option<Token> {
    match &line.happening {
        Happening::Enter { token, .. } => *token,
        Happening::Write { write, .. } => write.token,
        _ => match line.message()?.content {
            Content::Message(message) => message.granted()?.1,
            Content::Write(write) => write.token,
        },
    }
}

fn term_of(line: &TraceEvent) -> Option<antes_core::Term> {
    match &line.happening {
        Happening::Leader { term, .. } => *term,
        Happening::Save(stable) => Some(stable.term),
        _ => match line.message()?.content {
            Content::Message(antes_core::Message::Hardened(termed)) => Some(termed.term),
            Content::Message(_) | Content::Write(_) => None,
        },
    }
}
