//! The state of a node, in words.

use antes_core::hardened::{LockTimer, TermTimer};
use antes_core::{
    ApplicationTimer, CallTimer, Candidacy, ClusterSize, ElectionTimer, LockView, PollTimer, Timer,
};
use antes_sim::trace::{Happening, TraceEvent};
use antes_sim::world::{ArmedTimer, Slot, Status};

use crate::chart::labels::vector;
use crate::language::Language;
use crate::sentence::list;
use crate::words::{self as w, Word};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub name: String,
    pub value: String,
}

/// All facts about a node except its timers.
pub fn node_facts(slot: &Slot, language: Language) -> Vec<Fact> {
    let fact = |name: Word, value: String| Fact { name: name.say(language).to_owned(), value };
    let say = |word: Word| word.say(language).to_owned();
    let (me, node) = (slot.me(), slot.node());
    let status = match slot.status() {
        Status::Up => w::STATE_ALIVE,
        Status::Paused => w::STATE_PAUSED,
        Status::Crashed => w::STATE_CRASHED,
        Status::Stopped => w::STATE_STOPPED,
    };
    let saved = || {
        let vote = slot.stable().vote.map_or_else(|| say(w::NOBODY), |vote| vote.to_string());
        fact(w::FIELD_SAVED, w::SAVED.fill(language, &[&slot.stable().term.0, &vote]))
    };
    let saves = node.stack().term().is_some();
    let mut facts = vec![fact(w::FIELD_CLOCK, slot.stamp().lamport.to_string())];
    facts.push(fact(w::FIELD_VECTOR, vector(&slot.stamp().into(), node.config().size.get())));
    facts.push(fact(w::FIELD_STATE, status.say(language).to_owned()));
    if slot.status().is_down() {
        facts.extend(saves.then(saved));
        return facts;
    }
    let stack = node.stack();
    if let Some(candidacy) = stack.candidacy() {
        let leader = match stack.leader(me.node) {
            None => say(w::NOBODY),
            Some(leader) if leader == me.node => say(w::ITSELF),
            Some(leader) => leader.to_string(),
        };
        facts.push(fact(w::FIELD_STANDING, leader));
        facts.push(fact(w::FIELD_CAMPAIGN, say(campaign(candidacy))));
    }
    if let Some(term) = stack.term() {
        facts.push(fact(w::FIELD_TERM, term.0.to_string()));
    }
    if let Some(held) = stack.lock() {
        facts.push(fact(w::FIELD_LOCK, say(lock(&held))));
        facts.extend(held.token.map(|token| fact(w::FIELD_TOKEN, token.to_string())));
        if node.config().setting().is_distributed() {
            facts.extend(oks(&held, node.config().size, language));
        } else {
            facts.push(fact(w::FIELD_TABLE, table(&held, language)));
        }
    }
    if slot.inbox_len() > 0 {
        facts.push(fact(w::FIELD_INBOX, slot.inbox_len().to_string()));
    }
    facts.extend(saves.then(saved));
    facts.push(fact(w::FIELD_LIFE, me.incarnation.get().to_string()));
    facts
}

const fn campaign(candidacy: Candidacy) -> Word {
    match candidacy {
        Candidacy::Idle => w::CAMPAIGN_IDLE,
        Candidacy::Probing => w::CAMPAIGN_PROBING,
        Candidacy::AwaitingAnswers => w::CAMPAIGN_ANSWERS,
        Candidacy::AwaitingCoordinator => w::CAMPAIGN_COORDINATOR,
        Candidacy::Proposing => w::CAMPAIGN_PROPOSING,
        Candidacy::Resting => w::CAMPAIGN_RESTING,
    }
}

fn lock(lock: &LockView) -> Word {
    if lock.requests.iter().any(|&(_, holds)| holds) {
        w::LOCK_HOLDING
    } else if lock.requests.is_empty() {
        w::LOCK_NONE
    } else {
        w::LOCK_WAITING
    }
}

fn table(lock: &LockView, language: Language) -> String {
    let Some(table) = &lock.table else { return w::TABLE_NONE.say(language).to_owned() };
    if table.recovering {
        return w::TABLE_RECOVERING.say(language).to_owned();
    }
    let Some(holder) = table.holder else { return w::TABLE_FREE.say(language).to_owned() };
    let waiting: Vec<_> = table.queue.iter().map(|request| request.by.node).collect();
    let waiting =
        if waiting.is_empty() { w::NOBODY.say(language).to_owned() } else { list(&waiting) };
    w::TABLE_HELD.fill(language, &[&holder.by.node, &waiting])
}

/// The OKs that a node of the distributed lock waits for, and those that others wait for.
fn oks(lock: &LockView, size: ClusterSize, language: Language) -> Vec<Fact> {
    let fact = |name: Word, value: String| Fact { name: name.say(language).to_owned(), value };
    let mut facts = Vec::new();
    if let Some(asking) = &lock.asking {
        let missing: Vec<_> = size.nodes().filter(|&node| asking.missing.contains(node)).collect();
        facts.push(fact(w::FIELD_ASKING, asking.stamp.to_string()));
        facts.push(fact(w::FIELD_MISSING, list(&missing)));
    }
    if !lock.deferred.is_empty() {
        let owed: Vec<_> = lock.deferred.iter().map(|request| request.by.node).collect();
        facts.push(fact(w::FIELD_OWES, list(&owed)));
    }
    facts
}

/// The running timers of a node, with their remaining times.
pub fn timers(slot: &Slot, now_us: u64, language: Language) -> impl Iterator<Item = Fact> {
    let up = !slot.status().is_down();
    slot.timers().filter(move |_| up).map(move |armed| Fact {
        name: timer_name(armed.timer).say(language).to_owned(),
        value: language.span(armed.due_us.saturating_sub(now_us)),
    })
}

/// The timers that a node has set or cancelled between two moments. The timer that fired does not count as
/// cancelled.
pub fn timer_changes(
    before: &Slot,
    after: &Slot,
    event: &TraceEvent,
    language: Language,
) -> Vec<String> {
    let name = |armed: &ArmedTimer| timer_name(armed.timer).say(language);
    let is_new = |armed: &&ArmedTimer| !before.timers().any(|old| old == *armed);
    let set = after.timers().filter(is_new).map(|armed| {
        let span = language.span(armed.due_us.saturating_sub(armed.set_us));
        w::TIMER_SET.fill(language, &[&name(armed), &span])
    });
    let fired = match event.happening {
        Happening::Timeout { timer } => Some(timer),
        _ => None,
    };
    let is_gone = |armed: &&ArmedTimer| {
        !after.timers().any(|new| new.timer == armed.timer) && Some(armed.timer) != fired
    };
    let cancelled = before.timers().filter(is_gone);
    let cancelled = cancelled.map(|armed| w::TIMER_CANCELLED.fill(language, &[&name(armed)]));
    set.chain(cancelled).collect()
}

/// The name of a timer, which says what it waits for.
pub const fn timer_name(timer: Timer) -> Word {
    match timer {
        Timer::Call(CallTimer::Wait) => w::TIMER_CALL_WAIT,
        Timer::Call(CallTimer::Reply) => w::TIMER_CALL_REPLY,
        Timer::Election(ElectionTimer::Heartbeat) => w::TIMER_HEARTBEAT,
        Timer::Election(ElectionTimer::Suspicion) => w::TIMER_SUSPICION,
        Timer::Poll(PollTimer::Wait) => w::TIMER_POLL_WAIT,
        Timer::Poll(PollTimer::Answer) => w::TIMER_POLL_ANSWER,
        Timer::Election(ElectionTimer::Answers) => w::TIMER_ANSWERS,
        Timer::Election(ElectionTimer::Coordinator) => w::TIMER_COORDINATOR,
        Timer::Application(ApplicationTimer::RequestWait) => w::TIMER_REQUEST_WAIT,
        Timer::Term(TermTimer::ProbeAnswers) => w::TIMER_PROBE_ANSWERS,
        Timer::Term(TermTimer::Accepts) => w::TIMER_ACCEPTS,
        Timer::Term(TermTimer::Retry) => w::TIMER_ELECTION_RETRY,
        Timer::Term(TermTimer::Challenge) => w::TIMER_CHALLENGE,
        Timer::Term(TermTimer::Probation) => w::TIMER_PROBATION,
        Timer::Term(TermTimer::Lease(_)) => w::TIMER_LEADER_LEASE,
        Timer::Birth => w::TIMER_BIRTH,
        Timer::Application(ApplicationTimer::Hold(_)) => w::TIMER_HOLD,
        Timer::Lock(LockTimer::Retry) => w::TIMER_RETRY,
        Timer::Lock(LockTimer::Claim(..)) => w::TIMER_CLAIM,
        Timer::Lock(LockTimer::Lease) => w::TIMER_LEASE,
        Timer::Lock(LockTimer::Grace) => w::TIMER_GRACE,
    }
}
