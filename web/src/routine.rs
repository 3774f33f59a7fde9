//! Lines that the log may hide: heartbeats, and messages that are repeated for lack of an answer.

use std::collections::BTreeSet;

use antes_core::hardened::{self, Body, LockTimer, TermCause, TermTimer};
use antes_core::{ElectionCause, Message, NodeId, NodeSet, RequestId, Term, Timer};
use antes_sim::export::is_routine;
use antes_sim::trace::{Content, Happening, MessageId, MessageRecord, Recipient, TraceEvent};

/// The kind of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Routine {
    /// A line that the log always shows.
    #[default]
    News,
    /// A heartbeat, sent or received.
    Heartbeat,
    /// A repeated REQUEST or RELEASE, a message of a further candidacy after a failed one, or a
    /// TERM that informs a node of the current term.
    Repetition,
}

/// The kinds of lines that are hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hidden {
    pub heartbeats: bool,
    pub repetitions: bool,
}

impl Default for Hidden {
    fn default() -> Self {
        Self::BOTH
    }
}

impl Hidden {
    pub const BOTH: Self = Self { heartbeats: true, repetitions: true };

    /// Whether lines of this kind are hidden.
    pub const fn hides(self, routine: Routine) -> bool {
        match routine {
            Routine::News => false,
            Routine::Heartbeat => self.heartbeats,
            Routine::Repetition => self.repetitions,
        }
    }
}

/// The content by which two messages of the lock are compared: sender, receiver, type, term,
/// request.
type Saying = (NodeId, NodeId, &'static str, Term, Option<RequestId>);

/// The kinds of all lines of a trace, in their order.
#[derive(Clone, Debug, Default)]
pub struct Routines {
    lines: Vec<Routine>,
    /// The nodes whose last candidacy failed and that have had no leader since.
    vain: NodeSet,
    /// The messages of the lock that were sent, and those that were received.
    said: BTreeSet<Saying>,
    heard: BTreeSet<Saying>,
    /// The messages in flight that are repetitions, in order. They are few.
    repeated: Vec<MessageId>,
    generation: u32,
}

impl Routines {
    /// Reads the new lines of `trace`. Reads all of it again if `generation` has changed, since
    /// earlier lines may then differ.
    pub fn read(&mut self, trace: &[TraceEvent], generation: u32) {
        if generation != self.generation || trace.len() < self.lines.len() {
            *self = Self { generation, ..Self::default() };
        }
        for event in &trace[self.lines.len()..] {
            self.take(event);
        }
    }

    /// The kind of a line.
    pub fn of(&self, event: &TraceEvent) -> Routine {
        let place = usize::try_from(event.seq).unwrap_or(usize::MAX);
        self.lines.get(place).copied().unwrap_or_default()
    }

    /// Classifies the next line of the trace.
    pub fn take(&mut self, event: &TraceEvent) {
        let routine = if is_routine(event) {
            Routine::Heartbeat
        } else if event.node.is_some_and(|node| self.repeats(event, node)) {
            Routine::Repetition
        } else {
            Routine::News
        };
        self.lines.push(routine);
    }

    fn repeats(&mut self, event: &TraceEvent, node: NodeId) -> bool {
        match &event.happening {
            Happening::Send(message) => {
                let repeats = self.says_again(message);
                if repeats {
                    self.add_repeated(message.id);
                }
                repeats
            }
            Happening::Duplicate { message } => {
                let original = MessageId { copy: 0, ..message.id };
                let repeats = self.repeated.binary_search(&original).is_ok();
                if repeats {
                    self.add_repeated(message.id);
                }
                repeats
            }
            Happening::Receive { message, .. } => {
                let repeats = self.remove_repeated(message.id);
                match saying(message) {
                    // If no earlier copy has arrived, the arrival of a repetition is news.
                    Some(saying) => !self.heard.insert(saying),
                    None => repeats,
                }
            }
            Happening::Lost { message, .. } => self.remove_repeated(message.id),
            Happening::Timeout { timer } => match timer {
                Timer::Term(TermTimer::ProbeAnswers | TermTimer::Accepts) => {
                    let again = self.vain.contains(node);
                    self.vain.insert(node);
                    again
                }
                Timer::Term(TermTimer::Retry) => self.vain.contains(node),
                Timer::Lock(LockTimer::Retry) => true,
                _ => false,
            },
            Happening::Election { cause: ElectionCause::Term(TermCause::NoMajority), .. } => {
                self.vain.contains(node)
            }
            Happening::Leader { .. }
            | Happening::Crash
            | Happening::Stop
            | Happening::Restart { .. } => {
                self.vain.remove(node);
                false
            }
            Happening::Local
            | Happening::Pause
            | Happening::Resume
            | Happening::Save(_)
            | Happening::Election { .. }
            | Happening::Request { .. }
            | Happening::Enter { .. }
            | Happening::Refused
            | Happening::Withdraw { .. }
            | Happening::Exit { .. }
            | Happening::Write { .. }
            | Happening::Cut { .. }
            | Happening::Heal { .. }
            | Happening::Ignored { .. }
            | Happening::Violation(_) => false,
        }
    }

    fn add_repeated(&mut self, id: MessageId) {
        if let Err(place) = self.repeated.binary_search(&id) {
            self.repeated.insert(place, id);
        }
    }

    /// Whether the message was a repetition in flight.
    fn remove_repeated(&mut self, id: MessageId) -> bool {
        let place = self.repeated.binary_search(&id);
        place.map(|place| self.repeated.remove(place)).is_ok()
    }

    /// Whether a message repeats an earlier one of its sender.
    fn says_again(&mut self, message: &MessageRecord) -> bool {
        use hardened::ElectionMessage as E;
        if let Some(saying) = saying(message) {
            return !self.said.insert(saying);
        }
        let Content::Message(Message::Hardened(said)) = &message.content else { return false };
        let (from, Body::Election(body)) = (message.id.from, &said.body) else { return false };
        match (body, message.to) {
            (E::Notice { .. }, _) => true,
            (E::Probe { .. }, _) => self.vain.contains(from),
            // Answers to a node whose candidacy failed count as repetitions, too.
            (E::ProbeAck { .. }, Recipient::Node(to)) => self.vain.contains(to),
            // The term is higher: this candidacy got further than the earlier ones.
            (E::Election { .. } | E::Propose, _) => {
                self.vain.remove(from);
                false
            }
            _ => false,
        }
    }
}

/// The content of a message of the hardened lock. `None` for other messages.
fn saying(message: &MessageRecord) -> Option<Saying> {
    use hardened::MutexMessage as M;
    let (Content::Message(Message::Hardened(said)), Recipient::Node(to)) =
        (&message.content, message.to)
    else {
        return None;
    };
    let request = match &said.body {
        Body::Election(_) | Body::Birth(_) => return None,
        Body::Mutex(M::Report { holds, .. }) => holds.map(|(request, _)| request),
        Body::Mutex(
            M::Request { request, .. }
            | M::Grant { request, .. }
            | M::Release { request, .. }
            | M::ReleaseAck { request }
            | M::Withdraw { request },
        ) => Some(*request),
    };
    Some((message.id.from, to, message.content.name(), said.term, request))
}

#[cfg(test)]
mod tests {
    use super::*;
    use antes_sim::library;
    use antes_sim::run::Run;
    use antes_sim::trace::Loss;

    fn told(slug: &str) -> (Run, Routines) {
        let place = library::LIBRARY.iter().position(|&(name, _)| name == slug).unwrap();
        let mut run = Run::new(antes_sim::library::scenarios().unwrap().swap_remove(place));
        run.finish();
        let mut routines = Routines::default();
        routines.read(run.trace(), 0);
        (run, routines)
    }

    fn news<'a>(run: &'a Run, routines: &'a Routines) -> Vec<&'a TraceEvent> {
        run.trace().iter().filter(|&line| !Hidden::BOTH.hides(routines.of(line))).collect()
    }

    #[test]
    fn a_heartbeat_that_dies_is_a_heartbeat() {
        let (run, routines) = told("partition");
        let dead = |line: &&TraceEvent| {
            matches!(&line.happening, Happening::Lost { message, loss: Loss::Cut }
                if message.content.name() == "HEARTBEAT")
        };
        let mut dead = run.trace().iter().filter(dead).peekable();
        assert!(dead.peek().is_some());
        assert!(dead.all(|line| routines.of(line) == Routine::Heartbeat));
        let named =
            |line: &&TraceEvent| line.message().is_some_and(|it| it.content.name() == "HEARTBEAT");
        assert_eq!(news(&run, &routines).into_iter().filter(named).count(), 0);
    }

    #[test]
    fn the_first_candidacy_of_a_node_that_is_cut_off_is_news_and_the_next_ones_are_not() {
        let (run, routines) = told("partition-hardened");
        let probes = |told: &[&TraceEvent]| {
            let four = |line: &&&TraceEvent| {
                matches!(&line.happening, Happening::Send(it)
                    if it.content.name() == "PROBE" && it.id.from.get() == 4)
            };
            told.iter().filter(four).count()
        };
        let all: Vec<_> = run.trace().iter().collect();
        assert_eq!(probes(&news(&run, &routines)), 3, "one to each of the others");
        assert!(probes(&all) > 20, "{}", probes(&all));
    }

    #[test]
    fn a_request_is_news_once_a_term() {
        let (run, routines) = told("lost-grant-hardened");
        let requests = |told: &[&TraceEvent]| {
            let first = |line: &&&TraceEvent| {
                matches!(&line.happening, Happening::Send(it)
                    if it.content.name() == "REQUEST" && it.id.from.get() == 1)
            };
            told.iter().filter(first).count()
        };
        let all: Vec<_> = run.trace().iter().collect();
        assert!(requests(&all) > 1, "the lost GRANT is asked for again");
        assert_eq!(requests(&news(&run, &routines)), 1);
    }

    #[test]
    fn reading_as_it_grows_and_reading_at_once_give_the_same() {
        let (run, at_once) = told("two-of-four-dead-hardened");
        let mut grown = Routines::default();
        for lines in 0..=run.trace().len() {
            grown.read(&run.trace()[..lines], 0);
        }
        assert_eq!(grown.lines, at_once.lines);
    }
}
