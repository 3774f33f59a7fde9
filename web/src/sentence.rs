//! Describes an event in one sentence.

use antes_core::hardened::{LockTimer, TermCause, TermTimer};
use antes_core::{
    ApplicationTimer, BullyCause, CallMessage, CallTimer, ElectionCause, ElectionMessage,
    ElectionTimer, Message, MutexMessage, NodeId, PollTimer, Timer, Token, Write,
};
use antes_sim::scenario::Text;
use antes_sim::trace::{
    Content, Happening, IgnoredBecause, Invariant, Loss, MessageRecord, Recipient, Storage,
    TraceEvent, Violation,
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
        Happening::Receive { message, .. } if message.id.forged => {
            let name = message.content.name();
            w::SAYS_RECEIVE_FORGED.fill(language, &[&node, &message.id.from, &name])
        }
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
        Happening::Stop => about(w::SAYS_STOP),
        // A node of the classic profile loses its clock as well.
        Happening::Restart { storage: Storage::Lost } => about(w::SAYS_RESTART_WITHOUT_STORAGE),
        Happening::Restart { .. } if event.stamp.lamport().0 == 0 => about(w::SAYS_RESTART),
        Happening::Restart { .. } => {
            w::SAYS_RESTART_SAVED.fill(language, &[&node, &event.stamp.lamport()])
        }
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
        Happening::Withdraw { .. } => about(w::SAYS_WITHDRAW),
        Happening::Enter { token: Some(token), .. } => {
            w::SAYS_ENTER_TOKEN.fill(language, &[&node, token])
        }
        Happening::Enter { token: None, .. } => about(w::SAYS_ENTER),
        Happening::Refused => about(w::SAYS_REFUSED),
        Happening::Exit { lease_over: true, .. } => about(w::SAYS_LEASE_OVER),
        Happening::Exit { .. } => about(w::SAYS_EXIT),
        Happening::Write { accepted: false, write: Write { token: Some(token), .. }, .. } => {
            w::SAYS_REFUSED_TOKEN.fill(language, &[&node, token])
        }
        Happening::Write { accepted: false, .. } => about(w::SAYS_WRITE_REFUSED),
        Happening::Write { overlaps, .. } if !overlaps.is_empty() => about(w::SAYS_WRITE_OVERLAP),
        Happening::Write { write: Write { token: Some(token), .. }, .. } => {
            w::SAYS_WRITE_TOKEN.fill(language, &[&node, token])
        }
        Happening::Write { .. } => about(w::SAYS_WRITE),
        Happening::Cut { to } => w::SAYS_CUT.fill(language, &[&node, to]),
        Happening::Heal { to } => w::SAYS_HEAL.fill(language, &[&node, to]),
        Happening::Ignored { because, .. } => about(ignored(*because)),
        Happening::Violation(violation) => broken(violation, language),
    }
}

/// The sentence for a line of `trace`, with details from earlier lines.
pub fn told(event: &TraceEvent, trace: &[TraceEvent], language: Language) -> String {
    let (Happening::Write { write, accepted: false, .. }, Some(node)) =
        (&event.happening, event.node)
    else {
        return of(event, language);
    };
    match (write.token, fence(event, trace)) {
        (None, Some(seen)) => w::SAYS_REFUSED_TOKENLESS.fill(language, &[&node, &seen]),
        (Some(token), Some(seen)) if token == seen => {
            w::SAYS_REFUSED_OTHER.fill(language, &[&node, &token])
        }
        (Some(token), Some(seen)) => w::SAYS_REFUSED_TOKENS.fill(language, &[&node, &token, &seen]),
        // The trace does not show the highest token that the resource had seen.
        (_, None) => of(event, language),
    }
}

/// The highest token that the resource had seen before this write, if the trace shows it.
pub fn fence(write: &TraceEvent, trace: &[TraceEvent]) -> Option<Token> {
    let before = usize::try_from(write.seq).unwrap_or(usize::MAX).min(trace.len());
    let taken = |event: &TraceEvent| match &event.happening {
        Happening::Write { write, accepted: true, .. } => write.token,
        _ => None,
    };
    // The accepted tokens never decrease, so the latest is the highest.
    trace[..before].iter().rev().find_map(taken)
}

/// The sentence for a violation, as the checker wrote it or translated.
pub fn broken(violation: &Violation, language: Language) -> String {
    if language == Language::English {
        return violation.sentence.clone();
    }
    let mut told = of_judge(violation.invariant).iter();
    let told = told.find_map(|word| word.translate(&violation.sentence, language));
    // The trace may come from another version of the checker.
    told.unwrap_or_else(|| {
        let name = invariant(violation.invariant).say(language);
        w::BROKEN_OTHER.fill(language, &[&name, &list(&violation.nodes)])
    })
}

/// The checker's possible sentences for an invariant.
const fn of_judge(invariant: Invariant) -> &'static [Word] {
    match invariant {
        Invariant::OneHolder => &[w::BROKEN_ONE_HOLDER],
        Invariant::ExclusiveWrites => &[w::BROKEN_EXCLUSIVE_WRITES],
        Invariant::OneLeader => &[w::BROKEN_TWO_LEAD, w::BROKEN_MANY_LEAD, w::BROKEN_MISLED],
        Invariant::ClockCondition => &[w::BROKEN_CLOCK_BACK, w::BROKEN_CLOCK_RECEIPT],
        Invariant::GrantByCoordinator => &[w::BROKEN_GRANT_NO_LEADER, w::BROKEN_GRANT_NO_REQUEST],
        Invariant::OneLeaderPerTerm => &[w::BROKEN_ONE_LEADER_PER_TERM],
        Invariant::TokenOrder => &[w::BROKEN_TOKEN_ORDER, w::BROKEN_TOKEN_SHARED],
        Invariant::ServedOnce => &[w::BROKEN_SERVED_ONCE, w::BROKEN_TWO_TOKENS],
        Invariant::EntryOrder => &[w::BROKEN_ENTRY_ORDER],
    }
}

const fn ignored(because: IgnoredBecause) -> Word {
    match because {
        IgnoredBecause::Down => w::IGNORED_DOWN,
        IgnoredBecause::Frozen => w::IGNORED_FROZEN,
        IgnoredBecause::Up => w::IGNORED_UP,
        IgnoredBecause::NotHolding => w::IGNORED_NOT_HOLDING,
        IgnoredBecause::NotWaiting => w::IGNORED_NOT_WAITING,
        IgnoredBecause::NotOnItsWay => w::IGNORED_NOT_ON_ITS_WAY,
        IgnoredBecause::LostAlready => w::IGNORED_LOST,
        IgnoredBecause::CopiedTooOften => w::IGNORED_COPIED,
        IgnoredBecause::NothingToDo => w::IGNORED_NOTHING,
    }
}

/// A short name of an invariant, for the strip.
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
        Invariant::EntryOrder => w::ENTRY_ORDER,
    }
}

/// An invariant in one sentence.
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
        Invariant::EntryOrder => w::JUDGES_ENTRY_ORDER,
    }
}

/// Node ids, separated by commas.
pub fn list(nodes: &[NodeId]) -> String {
    nodes.iter().map(NodeId::to_string).collect::<Vec<_>>().join(", ")
}

/// The receiver of a message as the object of a sentence: a number, or the resource.
pub fn recipient(to: Recipient, language: Language) -> String {
    match to {
        Recipient::Node(node) => node.to_string(),
        Recipient::Resource => w::THE_RESOURCE.say(language).to_owned(),
    }
}

/// Whether the event is announced to screen readers and marked on the scrubber: decisions and
/// faults of nodes, but no messages.
pub const fn is_decision(event: &TraceEvent) -> bool {
    match event.happening {
        Happening::Crash
        | Happening::Stop
        | Happening::Restart { .. }
        | Happening::Pause
        | Happening::Resume
        | Happening::Election { .. }
        | Happening::Leader { .. }
        | Happening::Enter { .. }
        | Happening::Refused
        | Happening::Withdraw { .. }
        | Happening::Exit { .. }
        | Happening::Write { accepted: false, .. }
        | Happening::Violation(_) => true,
        Happening::Local
        | Happening::Send(_)
        | Happening::Receive { .. }
        | Happening::Lost { .. }
        | Happening::Duplicate { .. }
        | Happening::Timeout { .. }
        | Happening::Save(_)
        | Happening::Request { .. }
        | Happening::Write { accepted: true, .. }
        | Happening::Cut { .. }
        | Happening::Heal { .. }
        | Happening::Ignored { .. } => false,
    }
}

/// The note of a script step in this language. `None` if it has no note.
pub fn note(note: Option<&Text>, language: Language) -> Option<&str> {
    note.map(|text| language.of(text)).filter(|text| !text.is_empty())
}

fn sent(node: u8, message: &MessageRecord, language: Language) -> String {
    let to = recipient(message.to, language);
    if message.id.forged {
        let (from, name) = (message.id.from, message.content.name());
        return match message.content {
            Content::Write(_) => w::SAYS_FORGE_WRITE.fill(language, &[&from]),
            Content::Message(_) => w::SAYS_FORGE.fill(language, &[&from, &to, &name]),
        };
    }
    let word = match message.content {
        Content::Write(Write { token: Some(token), .. }) => {
            return w::SAYS_SEND_WRITE_TOKEN.fill(language, &[&node, &token]);
        }
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
            MutexMessage::Withdraw { .. } => w::SAYS_SEND_WITHDRAW,
        },
        Content::Message(Message::Distributed(distributed)) => match distributed.stamp() {
            Some(stamp) => return w::SAYS_ASK_OK.fill(language, &[&node, &to, &stamp]),
            None => w::SAYS_SEND_OK,
        },
        Content::Message(granted @ Message::Hardened(_))
            if let Some((_, Some(token))) = granted.granted() =>
        {
            return w::SAYS_GRANT_TOKEN.fill(language, &[&node, &to, &token]);
        }
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
        Timer::Call(CallTimer::Wait) | Timer::Application(ApplicationTimer::RequestWait) => {
            w::SAYS_TIMEOUT_WAIT
        }
        Timer::Call(CallTimer::Reply) => w::SAYS_TIMEOUT_REPLY,
        Timer::Election(ElectionTimer::Heartbeat) => w::SAYS_TIMEOUT_HEARTBEAT,
        Timer::Election(ElectionTimer::Suspicion) | Timer::Poll(PollTimer::Answer) => {
            w::SAYS_TIMEOUT_SUSPICION
        }
        Timer::Poll(PollTimer::Wait) => w::SAYS_TIMEOUT_POLL_WAIT,
        Timer::Election(ElectionTimer::Answers) => w::SAYS_TIMEOUT_ANSWERS,
        Timer::Election(ElectionTimer::Coordinator) => w::SAYS_TIMEOUT_COORDINATOR,
        Timer::Term(TermTimer::ProbeAnswers) => w::SAYS_TIMEOUT_PROBE,
        Timer::Term(TermTimer::Accepts) => w::SAYS_TIMEOUT_ACCEPTS,
        Timer::Term(TermTimer::Retry) => w::SAYS_TIMEOUT_RETRY_ELECTION,
        Timer::Term(TermTimer::Challenge) => w::SAYS_TIMEOUT_CHALLENGE,
        Timer::Term(TermTimer::Probation) => w::SAYS_TIMEOUT_PROBATION,
        Timer::Term(TermTimer::Lease(_)) => w::SAYS_TIMEOUT_LEADER_LEASE,
        Timer::Birth => w::SAYS_TIMEOUT_BIRTH,
        Timer::Application(ApplicationTimer::Hold(_)) => w::SAYS_TIMEOUT_HOLD,
        Timer::Lock(LockTimer::Retry) => w::SAYS_TIMEOUT_RETRY,
        Timer::Lock(LockTimer::Claim(..)) => w::SAYS_TIMEOUT_CLAIM,
        Timer::Lock(LockTimer::Lease) => w::SAYS_TIMEOUT_LEASE,
        Timer::Lock(LockTimer::Grace) => w::SAYS_TIMEOUT_GRACE,
    }
}

fn election(node: u8, cause: ElectionCause, language: Language) -> String {
    match cause {
        ElectionCause::Bully(BullyCause::Start) => w::SAYS_ELECTION_START.fill(language, &[&node]),
        ElectionCause::Bully(BullyCause::Command) => w::SAYS_ELECTION.fill(language, &[&node]),
        ElectionCause::Bully(BullyCause::Suspicion { leader }) => {
            w::SAYS_ELECTION_SUSPICION.fill(language, &[&node, &leader])
        }
        ElectionCause::Bully(BullyCause::Asked { by }) => {
            w::SAYS_ELECTION_ASKED.fill(language, &[&node, &by])
        }
        ElectionCause::Term(TermCause::LostMajority) => {
            w::SAYS_ELECTION_LOST_MAJORITY.fill(language, &[&node])
        }
        ElectionCause::Term(TermCause::NoMajority) => {
            w::SAYS_ELECTION_NO_MAJORITY.fill(language, &[&node])
        }
        ElectionCause::Term(TermCause::Outranks { leader }) => {
            w::SAYS_ELECTION_OUTRANKS.fill(language, &[&node, &leader])
        }
        ElectionCause::Term(TermCause::Resigned { leader }) => {
            w::SAYS_ELECTION_RESIGNED.fill(language, &[&node, &leader])
        }
        ElectionCause::Bully(BullyCause::NoWinner) => {
            w::SAYS_ELECTION_AGAIN.fill(language, &[&node])
        }
        ElectionCause::Bully(BullyCause::LowerAnnounced { by }) => {
            w::SAYS_ELECTION_LOWER.fill(language, &[&node, &by])
        }
    }
}

#[cfg(test)]
mod tests;
