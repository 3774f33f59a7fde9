//! The one that asks: requests, their repetitions and claims, and giving back what is of no use.

use alloc::vec::Vec;

use super::mutex::{Mutex, MutexMessage, Role, cancel, own_lease_us, set, write};
use super::{Waiter, early};
use crate::id::{RequestId, Token};
use crate::mutex::{MAX_OUTSTANDING, MutexChoice, MutexTimer, Phase};
use crate::vocabulary::{Choice, Context, Effect, Effects, Event, Hold};

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Progress {
    /// Not granted yet.
    Waiting {
        /// How often it has been sent.
        sent: u32,
        /// How many of those have claims that have run out.
        lapsed: u32,
    },
    /// In the critical section.
    Holding {
        /// The token of the grant.
        token: Token,
        /// The repetition that was granted.
        repetition: u32,
    },
}

/// A request of the node's own application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// Which.
    pub id: RequestId,
    /// How long it is to hold the lock.
    pub hold: Hold,
    /// How far it is.
    pub progress: Progress,
}

impl Mutex {
    pub(super) fn make(&mut self, cx: Context<'_>, hold: Hold, out: &mut Effects) -> RequestId {
        self.made += 1;
        let id = RequestId { by: cx.me, number: self.made };
        let progress = Progress::Waiting { sent: 0, lapsed: 0 };
        self.requests.push(Request { id, hold, progress });
        out.push(Effect::Emit(Event::Requested { request: id }));
        id
    }

    /// The application wants the lock, by itself.
    pub(super) fn want(&mut self, cx: Context<'_>, out: &mut Effects) {
        if self.outstanding() >= MAX_OUTSTANDING {
            out.push(Effect::Emit(Event::Refused));
            self.rest(cx, out);
            return;
        }
        let retries = self.waits_for_answers();
        let id = self.make(cx, Hold::Drawn, out);
        self.ask(cx, id, out);
        self.retry_later_unless(retries, cx, out);
    }

    /// Sends a new request. A coordinator hands its own over to itself when a majority has next
    /// acknowledged it: on the timer that lets it ask it may act late, after a pause, and its
    /// lease, whose timer comes next, have run out long ago. The claim would begin now.
    fn ask(&mut self, cx: Context<'_>, id: RequestId, out: &mut Effects) {
        match self.role {
            Role::Coordinator(_) => {}
            Role::Participant { .. } => self.send_request(cx, id, out),
        }
    }

    /// Whether this node coordinates, and has a request of its own that it has not handed over to
    /// itself: a heartbeat that a majority acknowledges lets it.
    pub(crate) fn has_own_request_to_hand_over(&self) -> bool {
        let new = |request: &Request| matches!(request.progress, Progress::Waiting { sent: 0, .. });
        matches!(self.role, Role::Coordinator(_)) && self.requests.iter().any(new)
    }

    /// Whether this node coordinates, and a request of its own waits: it is repeated when a
    /// majority acknowledges a heartbeat.
    pub(crate) fn waits_for_itself(&self) -> bool {
        matches!(self.role, Role::Coordinator(_)) && self.waits()
    }

    /// Whether any request waits.
    fn waits(&self) -> bool {
        self.requests.iter().any(|r| matches!(r.progress, Progress::Waiting { .. }))
    }

    /// Sends a request that waits once more; without a leader it waits on.
    pub(super) fn send_request(&mut self, cx: Context<'_>, id: RequestId, out: &mut Effects) {
        if let Role::Participant { coordinator: None } = self.role {
            return;
        }
        let oldest = self.requests.first().map_or(id.number, |request| request.id.number);
        let Some(request) = self.requests.iter_mut().find(|request| request.id == id) else {
            return;
        };
        let Progress::Waiting { sent, .. } = &mut request.progress else { return };
        *sent += 1;
        let repetition = *sent;
        let claim = early(cx.config, cx.config.hardened.lease);
        out.push(set(MutexTimer::Claim(id, repetition), claim));
        match self.role {
            Role::Coordinator(_) => {
                let waiter = Waiter { request: id, repetition };
                self.decide(cx, out, |table, decisions| table.request(waiter, oldest, decisions));
            }
            Role::Participant { coordinator: Some(leader) } => {
                let lease_us = own_lease_us(cx);
                let message = MutexMessage::Request { request: id, repetition, oldest, lease_us };
                out.push(self.message(leader, message));
            }
            Role::Participant { coordinator: None } => {}
        }
    }

    pub(super) fn send_release(
        &mut self,
        cx: Context<'_>,
        request: RequestId,
        token: Token,
        out: &mut Effects,
    ) {
        match self.role {
            Role::Coordinator(_) => {
                self.decide(cx, out, |table, decisions| table.release(request, token, decisions));
            }
            Role::Participant { coordinator: Some(leader) } => {
                out.push(self.message(leader, MutexMessage::Release { request, token }));
            }
            Role::Participant { coordinator: None } => {}
        }
    }

    /// Repeats everything that has not been answered, and again after `retry`.
    pub(super) fn repeat_all(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.repeat_releases(cx, out);
        for request in self.withdrawn.clone() {
            self.send_withdrawal(cx, request, out);
        }
        self.repeat_requests(cx, out);
        self.retry_later(cx, out);
    }

    /// Sends every request that waits once more.
    pub(super) fn repeat_requests(&mut self, cx: Context<'_>, out: &mut Effects) {
        let waiting =
            self.requests.iter().filter(|r| matches!(r.progress, Progress::Waiting { .. }));
        for id in waiting.map(|request| request.id).collect::<Vec<_>>() {
            self.send_request(cx, id, out);
        }
    }

    /// Something has not been answered for `retry`. A coordinator repeats its own requests when a
    /// majority acknowledges the heartbeat that it sends now.
    pub(super) fn retry(&mut self, cx: Context<'_>, out: &mut Effects) {
        match self.role {
            Role::Coordinator(_) => self.retry_later(cx, out),
            Role::Participant { .. } => self.repeat_all(cx, out),
        }
    }

    fn repeat_releases(&mut self, cx: Context<'_>, out: &mut Effects) {
        for (request, token) in self.releases.clone() {
            self.send_release(cx, request, token, out);
        }
    }

    fn retry_later(&self, cx: Context<'_>, out: &mut Effects) {
        let retry = cx.config.hardened.retry;
        let by_heartbeats =
            matches!(self.role, Role::Coordinator(_)) && cx.config.election.heartbeat <= retry;
        if self.waits_for_answers() && !by_heartbeats {
            out.push(set(MutexTimer::Retry, retry));
        }
    }

    /// Starts the timer that repeats what has not been answered, unless it is running already
    /// because other things waited for answers before. Then it goes on, so that everything is
    /// repeated after `retry` however often the node asks and gives back.
    pub(super) fn retry_later_unless(&self, running: bool, cx: Context<'_>, out: &mut Effects) {
        if !running {
            self.retry_later(cx, out);
        }
    }

    /// Whether a request, a RELEASE or a WITHDRAW has not been answered.
    pub(super) fn waits_for_answers(&self) -> bool {
        self.waits() || self.gives_back() || !self.withdrawn.is_empty()
    }

    /// How many requests the node has to remember.
    pub(super) fn outstanding(&self) -> usize {
        self.requests.len() + self.withdrawn.len()
    }

    /// The application gives up its latest request that waits, or the one of this number. Whatever
    /// grant of it is on its way comes back: it answers no request that waits.
    pub fn withdraw(&mut self, cx: Context<'_>, number: Option<u32>, out: &mut Effects) {
        let meant = |request: &Request| {
            matches!(request.progress, Progress::Waiting { .. })
                && number.is_none_or(|number| number == request.id.number)
        };
        let Some(place) = self.requests.iter().rposition(meant) else { return };
        let retries = self.waits_for_answers();
        let given_up = self.requests.remove(place);
        out.push(Effect::Emit(Event::Withdrawn { request: given_up.id }));
        if let Progress::Waiting { sent, lapsed } = given_up.progress {
            for repetition in lapsed + 1..=sent {
                out.push(cancel(MutexTimer::Claim(given_up.id, repetition)));
            }
            // Nobody knows of what was never sent.
            if sent > 0 {
                self.withdrawn.push(given_up.id);
                self.send_withdrawal(cx, given_up.id, out);
            }
        }
        if given_up.hold == Hold::Drawn {
            self.rest(cx, out);
        }
        self.retry_later_unless(retries, cx, out);
    }

    fn send_withdrawal(&mut self, cx: Context<'_>, request: RequestId, out: &mut Effects) {
        match self.role {
            Role::Coordinator(_) => {
                self.decide(cx, out, |table, decisions| table.withdraw(request, decisions));
            }
            Role::Participant { coordinator: Some(leader) } => {
                out.push(self.message(leader, MutexMessage::Withdraw { request }));
            }
            Role::Participant { coordinator: None } => {}
        }
    }

    pub(super) fn hear_grant(
        &mut self,
        cx: Context<'_>,
        id: RequestId,
        repetition: u32,
        token: Token,
        out: &mut Effects,
    ) {
        let in_already = self.holding();
        if in_already.is_some_and(|(held, held_token, _)| held == id && held_token == token) {
            // A grant that was repeated while the first one was on its way.
            return;
        }
        if self.releases.contains(&(id, token)) {
            // What is being given back is not taken, even if a later repetition has asked for it.
            return;
        }
        let waiting = self.requests.iter_mut().find(|request| request.id == id);
        let claim = waiting.and_then(|request| match request.progress {
            Progress::Waiting { sent, lapsed } if lapsed < repetition && repetition <= sent => {
                Some((request, sent, lapsed))
            }
            Progress::Waiting { .. } | Progress::Holding { .. } => None,
        });
        let (Some((request, sent, lapsed)), None) = (claim, in_already) else {
            self.give_back(cx, id, token, out);
            return;
        };
        request.progress = Progress::Holding { token, repetition };
        let hold = request.hold;
        for other in (lapsed + 1..=sent).filter(|&other| other != repetition) {
            out.push(cancel(MutexTimer::Claim(id, other)));
        }
        out.push(Effect::Emit(Event::Entered { request: id, token: Some(token) }));
        out.push(write(id, Phase::Entry, token));
        match hold {
            Hold::UntilReleased => {}
            Hold::For(after) => out.push(set(MutexTimer::Hold(id), after)),
            Hold::Drawn => {
                let choice = Choice::Mutex(MutexChoice::Hold(id));
                out.push(Effect::draw_duration(choice, cx.config.mutex.hold));
            }
        }
    }

    /// Gives a grant back that is of no use: its request is done with, or its claim has run out.
    pub(super) fn give_back(
        &mut self,
        cx: Context<'_>,
        id: RequestId,
        token: Token,
        out: &mut Effects,
    ) {
        let retries = self.waits_for_answers();
        if !self.releases.contains(&(id, token)) {
            self.releases.push((id, token));
        }
        self.send_release(cx, id, token, out);
        self.retry_later_unless(retries, cx, out);
    }

    /// The coordinator says that a request is done with. If it still waits here, its grant has
    /// run out unused: the application asks anew, under a new number.
    pub(super) fn hear_closed(&mut self, cx: Context<'_>, id: RequestId, out: &mut Effects) {
        self.releases.retain(|&(request, _)| request != id);
        self.withdrawn.retain(|&request| request != id);
        let waits = |request: &Request| {
            request.id == id && matches!(request.progress, Progress::Waiting { .. })
        };
        let Some(place) = self.requests.iter().position(waits) else { return };
        let closed = self.requests.remove(place);
        if let Progress::Waiting { sent, lapsed } = closed.progress {
            for repetition in lapsed + 1..=sent {
                out.push(cancel(MutexTimer::Claim(id, repetition)));
            }
        }
        let retries = self.waits_for_answers();
        let anew = self.make(cx, closed.hold, out);
        self.ask(cx, anew, out);
        self.retry_later_unless(retries, cx, out);
    }

    /// A claim has run out. If its grant has let the node in, the node leaves the critical section.
    pub(super) fn end_claim(
        &mut self,
        cx: Context<'_>,
        id: RequestId,
        repetition: u32,
        out: &mut Effects,
    ) {
        let Some(request) = self.requests.iter_mut().find(|request| request.id == id) else {
            return;
        };
        match &mut request.progress {
            Progress::Waiting { lapsed, .. } => *lapsed = (*lapsed).max(repetition),
            Progress::Holding { repetition: held, .. } if *held == repetition => {
                self.exit(cx, id, true, out);
            }
            // A claim that the grant has cancelled.
            Progress::Holding { .. } => {}
        }
    }

    pub(super) fn exit(
        &mut self,
        cx: Context<'_>,
        id: RequestId,
        lease_over: bool,
        out: &mut Effects,
    ) {
        let Some(place) = self.requests.iter().position(|request| request.id == id) else { return };
        let done = self.requests.remove(place);
        if let Progress::Holding { token, repetition } = done.progress {
            out.push(cancel(MutexTimer::Hold(id)));
            out.push(cancel(MutexTimer::Claim(id, repetition)));
            out.push(Effect::Emit(Event::Exited { request: id, lease_over }));
            self.give_back(cx, id, token, out);
        }
        if done.hold == Hold::Drawn {
            self.rest(cx, out);
        }
    }
}
