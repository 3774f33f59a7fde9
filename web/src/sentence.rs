//! What happened, in one plain sentence.

use antes_core::{
    CallMessage, CallTimer, ElectionCause, ElectionMessage, ElectionTimer, Message, MutexMessage,
    MutexTimer, NodeId, Timer,
};
use antes_sim::scenario::Text;
use antes_sim::trace::{
    Content, Happening, Invariant, Loss, MessageRecord, Recipient, TraceEvent, Violation,
};

use crate::language::Language;
use crate::words::{self as w, Word};

/// The sentence of the log for `event`.
pub fn of(event: &TraceEvent, language: Language) -> String {
    let node = event.node.map_or(0, NodeId::get);
    let about = |word: Word| word.fill(language, &[&node]);
    match &event.happening {
        Happening::Local => about(w::SAYS_LOCAL),
        Happening::Send(message) => sent(node, message, language),
        Happening::Receive { message, .. } => {
            w::SAYS_RECEIVE.fill(language, &[&node, &message.id.from, &message.content.name()])
        }
        Happening::Lost { message, loss } => lost(message, *loss, language),
        Happening::Duplicate { message } => {
            let (to, name) = (recipient(message.to, language), message.content.name());
            w::SAYS_DUPLICATE.fill(language, &[&message.id.from, &to, &name])
        }
        Happening::Timeout { timer } => about(timeout(*timer)),
        Happening::Crash => about(w::SAYS_CRASH),
        Happening::Restart => about(w::SAYS_RESTART),
        Happening::Pause => about(w::SAYS_PAUSE),
        Happening::Resume => about(w::SAYS_RESUME),
        Happening::Save(_) => about(w::SAYS_SAVE),
        Happening::Election { cause, .. } => election(node, *cause, language),
        Happening::Leader { leader: None, .. } => about(w::SAYS_LEADERLESS),
        Happening::Leader { leader: Some(leader), .. } if leader.get() == node => {
            about(w::SAYS_LEADS)
        }
        Happening::Leader { leader: Some(leader), .. } => {
            w::SAYS_FOLLOWS.fill(language, &[&node, leader])
        }
        Happening::Request { .. } => about(w::SAYS_REQUEST),
        Happening::Enter { .. } => about(w::SAYS_ENTER),
        Happening::Refused => about(w::SAYS_REFUSED),
        Happening::Exit { lease_over: true, .. } => about(w::SAYS_LEASE_OVER),
        Happening::Exit { .. } => about(w::SAYS_EXIT),
        Happening::Write { accepted: false, .. } => about(w::SAYS_WRITE_REFUSED),
        Happening::Write { overlaps, .. } if !overlaps.is_empty() => about(w::SAYS_WRITE_OVERLAP),
        Happening::Write { .. } => about(w::SAYS_WRITE),
        Happening::Cut { to } => w::SAYS_CUT.fill(language, &[&node, to]),
        Happening::Heal { to } => w::SAYS_HEAL.fill(language, &[&node, to]),
        Happening::Ignored { sentence } => w::SAYS_IGNORED.fill(language, &[sentence]),
        Happening::Violation(violation) => broken(violation, language),
    }
}

/// The sentence for a broken invariant: the judge's own, or its translation.
pub fn broken(violation: &Violation, language: Language) -> String {
    if language == Language::English {
        return violation.sentence.clone();
    }
    let word = match violation.invariant {
        Invariant::OneHolder => w::BROKEN_ONE_HOLDER,
        Invariant::ExclusiveWrites => w::BROKEN_EXCLUSIVE_WRITES,
        Invariant::OneLeader => w::BROKEN_ONE_LEADER,
        Invariant::ClockCondition => w::BROKEN_CLOCK_CONDITION,
        Invariant::GrantByCoordinator => w::BROKEN_GRANT,
        Invariant::OneLeaderPerTerm => w::BROKEN_ONE_LEADER_PER_TERM,
        Invariant::TokenOrder => w::BROKEN_TOKEN_ORDER,
        Invariant::ServedOnce => w::BROKEN_SERVED_ONCE,
    };
    word.fill(language, &[&list(&violation.nodes)])
}

/// The name of an invariant, short enough for the strip.
pub const fn invariant(invariant: Invariant) -> Word {
    match invariant {
        Invariant::OneHolder => w::ONE_HOLDER,
        Invariant::ExclusiveWrites => w::EXCLUSIVE_WRITES,
        Invariant::OneLeader => w::ONE_LEADER,
        Invariant::ClockCondition => w::CLOCK_CONDITION,
        Invariant::GrantByCoordinator => w::GRANT_BY_COORDINATOR,
        Invariant::OneLeaderPerTerm => w::ONE_LEADER_PER_TERM,
        Invariant::TokenOrder => w::TOKEN_ORDER,
        Invariant::ServedOnce => w::SERVED_ONCE,
    }
}

/// What an invariant says, in a sentence.
pub const fn judged_by(invariant: Invariant) -> Word {
    match invariant {
        Invariant::OneHolder => w::JUDGES_ONE_HOLDER,
        Invariant::ExclusiveWrites => w::JUDGES_EXCLUSIVE_WRITES,
        Invariant::OneLeader => w::JUDGES_ONE_LEADER,
        Invariant::ClockCondition => w::JUDGES_CLOCK_CONDITION,
        Invariant::GrantByCoordinator => w::JUDGES_GRANT_BY_COORDINATOR,
        Invariant::OneLeaderPerTerm => w::JUDGES_ONE_LEADER_PER_TERM,
        Invariant::TokenOrder => w::JUDGES_TOKEN_ORDER,
        Invariant::ServedOnce => w::JUDGES_SERVED_ONCE,
    }
}

/// Node ids, separated by commas.
pub fn list(nodes: &[NodeId]) -> String {
    nodes.iter().map(NodeId::to_string).collect::<Vec<_>>().join(", ")
}

/// Where a message goes, as the object of a sentence: a number, or the resource.
pub fn recipient(to: Recipient, language: Language) -> String {
    match to {
        Recipient::Node(node) => node.to_string(),
        Recipient::Resource => w::THE_RESOURCE.say(language).to_owned(),
    }
}

/// Whether the event is told to those who cannot see the page, and marked on the scrubber: what
/// nodes decide and what befalls them, but not the traffic.
pub const fn is_decision(event: &TraceEvent) -> bool {
    match event.happening {
        Happening::Crash
        | Happening::Restart
        | Happening::Pause
        | Happening::Resume
        | Happening::Election { .. }
        | Happening::Leader { .. }
        | Happening::Enter { .. }
        | Happening::Refused
        | Happening::Exit { .. }
        | Happening::Violation(_) => true,
        Happening::Local
        | Happening::Send(_)
        | Happening::Receive { .. }
        | Happening::Lost { .. }
        | Happening::Duplicate { .. }
        | Happening::Timeout { .. }
        | Happening::Save(_)
        | Happening::Request { .. }
        | Happening::Write { .. }
        | Happening::Cut { .. }
        | Happening::Heal { .. }
        | Happening::Ignored { .. } => false,
    }
}

/// Whether it is one of the endless signs of life that a log may hide: the traffic of the failure
/// detector as long as nothing comes of it.
pub fn is_heartbeat(event: &TraceEvent) -> bool {
    use antes_core::Traffic;
    match (&event.happening, event.message()) {
        (Happening::Lost { .. }, _) => false,
        (_, Some(message)) => message.content.traffic() == Traffic::Heartbeat,
        (Happening::Timeout { timer: Timer::Election(timer) }, None) => {
            matches!(
                timer,
                ElectionTimer::Heartbeat | ElectionTimer::PollWait | ElectionTimer::Lease(_)
            )
        }
        _ => false,
    }
}

/// The note of a script step in one language, if it has any.
pub fn note(note: Option<&Text>, language: Language) -> Option<&str> {
    note.map(|text| language.of(text)).filter(|text| !text.is_empty())
}

fn sent(node: u8, message: &MessageRecord, language: Language) -> String {
    let to = recipient(message.to, language);
    let word = match message.content {
        Content::Write(_) => w::SAYS_SEND_WRITE,
        Content::Message(Message::Call(call)) => match call {
            CallMessage::Plain => w::SAYS_SEND_MESSAGE,
            CallMessage::Call { .. } => w::SAYS_SEND_CALL,
            CallMessage::Reply { number, .. } => {
                return w::SAYS_SEND_REPLY.fill(language, &[&node, &to, &number]);
            }
        },
        Content::Message(Message::Election(election)) => match election {
            ElectionMessage::Election { .. } => w::SAYS_SEND_ELECTION,
            ElectionMessage::Ok { .. } => w::SAYS_SEND_OK,
            ElectionMessage::Coordinator => w::SAYS_SEND_COORDINATOR,
            ElectionMessage::Heartbeat => w::SAYS_SEND_HEARTBEAT,
            ElectionMessage::AreYouAlive { .. } => w::SAYS_SEND_POLL,
            ElectionMessage::Alive { .. } => w::SAYS_SEND_ALIVE,
        },
        Content::Message(Message::Mutex(mutex)) => match mutex {
            MutexMessage::Request { .. } => w::SAYS_SEND_REQUEST,
            MutexMessage::Grant { .. } => w::SAYS_SEND_GRANT,
            MutexMessage::Release => w::SAYS_SEND_RELEASE,
        },
        Content::Message(Message::Hardened(termed)) => {
            let name = message.content.name();
            return w::SAYS_SEND_TERMED.fill(language, &[&node, &to, &name, &termed.term.0]);
        }
    };
    word.fill(language, &[&node, &to])
}

fn lost(message: &MessageRecord, loss: Loss, language: Language) -> String {
    let word = match loss {
        Loss::Chance => w::SAYS_LOST_CHANCE,
        Loss::Dropped => w::SAYS_LOST_DROPPED,
        Loss::Cut => w::SAYS_LOST_CUT,
        Loss::Down => w::SAYS_LOST_DOWN,
        Loss::Doubled => w::SAYS_LOST_DOUBLED,
        Loss::Full => w::SAYS_LOST_FULL,
    };
    let to = recipient(message.to, language);
    word.fill(language, &[&message.id.from, &to, &message.content.name()])
}

const fn timeout(timer: Timer) -> Word {
    match timer {
        Timer::Call(CallTimer::Wait) | Timer::Mutex(MutexTimer::RequestWait) => {
            w::SAYS_TIMEOUT_WAIT
        }
        Timer::Call(CallTimer::Reply) => w::SAYS_TIMEOUT_REPLY,
        Timer::Election(ElectionTimer::Heartbeat) => w::SAYS_TIMEOUT_HEARTBEAT,
        Timer::Election(ElectionTimer::Suspicion | ElectionTimer::PollAnswer) => {
            w::SAYS_TIMEOUT_SUSPICION
        }
        Timer::Election(ElectionTimer::PollWait) => w::SAYS_TIMEOUT_POLL_WAIT,
        Timer::Election(ElectionTimer::Answers) => w::SAYS_TIMEOUT_ANSWERS,
        Timer::Election(ElectionTimer::Coordinator) => w::SAYS_TIMEOUT_COORDINATOR,
        Timer::Election(ElectionTimer::ProbeAnswers) => w::SAYS_TIMEOUT_PROBE,
        Timer::Election(ElectionTimer::Accepts) => w::SAYS_TIMEOUT_ACCEPTS,
        Timer::Election(ElectionTimer::Retry) => w::SAYS_TIMEOUT_RETRY_ELECTION,
        Timer::Election(ElectionTimer::Challenge) => w::SAYS_TIMEOUT_CHALLENGE,
        Timer::Election(ElectionTimer::Probation) => w::SAYS_TIMEOUT_PROBATION,
        Timer::Election(ElectionTimer::Lease(_)) => w::SAYS_TIMEOUT_LEADER_LEASE,
        Timer::Mutex(MutexTimer::Hold(_)) => w::SAYS_TIMEOUT_HOLD,
        Timer::Mutex(MutexTimer::Retry) => w::SAYS_TIMEOUT_RETRY,
        Timer::Mutex(MutexTimer::Claim(..)) => w::SAYS_TIMEOUT_CLAIM,
        Timer::Mutex(MutexTimer::Lease) => w::SAYS_TIMEOUT_LEASE,
        Timer::Mutex(MutexTimer::Grace) => w::SAYS_TIMEOUT_GRACE,
    }
}

fn election(node: u8, cause: ElectionCause, language: Language) -> String {
    match cause {
        ElectionCause::Start => w::SAYS_ELECTION_START.fill(language, &[&node]),
        ElectionCause::Command => w::SAYS_ELECTION.fill(language, &[&node]),
        ElectionCause::Suspicion { leader } => {
            w::SAYS_ELECTION_SUSPICION.fill(language, &[&node, &leader])
        }
        ElectionCause::Asked { by } => w::SAYS_ELECTION_ASKED.fill(language, &[&node, &by]),
        ElectionCause::LostMajority => w::SAYS_ELECTION_LOST_MAJORITY.fill(language, &[&node]),
        ElectionCause::NoMajority => w::SAYS_ELECTION_NO_MAJORITY.fill(language, &[&node]),
        ElectionCause::Outranks { leader } => {
            w::SAYS_ELECTION_OUTRANKS.fill(language, &[&node, &leader])
        }
        ElectionCause::Resigned { leader } => {
            w::SAYS_ELECTION_RESIGNED.fill(language, &[&node, &leader])
        }
        ElectionCause::NoWinner => w::SAYS_ELECTION_AGAIN.fill(language, &[&node]),
        ElectionCause::LowerAnnounced { by } => {
            w::SAYS_ELECTION_LOWER.fill(language, &[&node, &by])
        }
    }
}
