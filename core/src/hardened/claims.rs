//! The requesting node's side of the lock: requests, their attempts and leases, and giving grants
//! back.

use alloc::vec::Vec;

use super::mutex::{
    Mutex, MutexMessage, Progress, Request, Role, cancel, own_lease_us, set, write,
};
use super::{Waiter, shrink_for_drift};
use crate::id::{RequestId, Token};
use crate::io::{Choice, Context, Effect, Effects, Event, Hold};
use crate::mutex::{MAX_OUTSTANDING, MutexChoice, MutexTimer, Phase};

impl Mutex {
    pub(super) fn make(&mut self, cx: Context<'_>, hold: Hold, out: &mut Effects) -> RequestId {
        self.made += 1;
        let id = RequestId { by: cx.me, number: self.made };
        let progress = Progress::Waiting { sent: 0, lapsed: 0 };
        self.requests.push(Request { id, hold, progress });
        out.push(Effect::Emit(Event::Requested { request: id }));
        id
    }

    /// The application asks for the lock by itself.
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

    /// Sends a new request. A coordinator does not hand its own request to itself here, but when a
    /// majority has next acknowledged a heartbeat. After a pause, its timers fire late, one after
    /// the other: the timer that leads here may come before that of a leader's lease which ended
    /// long ago. The request's lease would then begin too late.
    fn ask(&mut self, cx: Context<'_>, id: RequestId, out: &mut Effects) {
        match self.role {
            // mutant: own-request
            Role::Coordinator(_) => {}
            Role::Participant { .. } => self.send_request(cx, id, out),
        }
    }

    /// Whether this node coordinates and has a new request that it has not handed to itself. It
    /// does so when a majority acknowledges a heartbeat.
    pub(crate) fn has_own_request_to_hand_over(&self) -> bool {
        let new = |request: &Request| matches!(request.progress, Progress::Waiting { sent: 0, .. });
        matches!(self.role, Role::Coordinator(_)) && self.requests.iter().any(new)
    }

    /// Whether this node coordinates and has a request that waits. The request is repeated when a
    /// majority acknowledges a heartbeat.
    pub(crate) fn waits_for_itself(&self) -> bool {
        matches!(self.role, Role::Coordinator(_)) && self.waits()
    }

    /// Whether any request is not granted yet.
    fn waits(&self) -> bool {
        self.requests.iter().any(|r| matches!(r.progress, Progress::Waiting { .. }))
    }

    /// Sends a waiting request once more. Without a leader it keeps waiting.
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
        let claim = shrink_for_drift(cx.config, cx.config.hardened.lease);
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

    /// Repeats all unanswered messages, and sets the timer to do so again after `retry`.
    pub(super) fn repeat_all(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.repeat_releases(cx, out);
        // mutant: withdrawal-repeated
        for request in self.withdrawn.clone() {
            self.send_withdrawal(cx, request, out);
        }
        self.repeat_requests(cx, out);
        self.retry_later(cx, out);
    }

    /// Sends each waiting request once more.
    pub(super) fn repeat_requests(&mut self, cx: Context<'_>, out: &mut Effects) {
        let waiting =
            self.requests.iter().filter(|r| matches!(r.progress, Progress::Waiting { .. }));
        for id in waiting.map(|request| request.id).collect::<Vec<_>>() {
            self.send_request(cx, id, out);
        }
    }

    /// A message has not been answered for `retry`. A participant repeats it. A coordinator repeats
    /// its own requests when a majority acknowledges the heartbeat that it sends now.
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
        // mutant: retries
        if self.waits_for_answers() && !by_heartbeats {
            out.push(set(MutexTimer::Retry, retry));
        }
    }

    /// Sets the timer that repeats unanswered messages, unless it is running already because
    /// earlier messages were unanswered. A running timer continues, so that every message is
    /// repeated within `retry`, no matter how often the node requests and releases.
    pub(super) fn retry_later_unless(&self, running: bool, cx: Context<'_>, out: &mut Effects) {
        // mutant: retry-timer
        if !running {
            self.retry_later(cx, out);
        }
    }

    /// Whether any request, RELEASE or WITHDRAW is unanswered.
    pub(super) fn waits_for_answers(&self) -> bool {
        // mutant: unanswered-withdrawal
        self.waits() || self.gives_back() || !self.withdrawn.is_empty()
    }

    /// How many requests count against [`MAX_OUTSTANDING`].
    pub(super) fn outstanding(&self) -> usize {
        self.requests.len() + self.withdrawn.len()
    }

    /// The application withdraws the request with this number. `None` means the latest request that
    /// waits. A grant that is in flight for it will be given back, because no request waits for it.
    pub fn withdraw(&mut self, cx: Context<'_>, number: Option<u32>, out: &mut Effects) {
        let meant = |request: &Request| {
            matches!(request.progress, Progress::Waiting { .. })
                && number.is_none_or(|number| number == request.id.number)
        };
        let Some(place) = self.requests.iter().rposition(meant) else { return };
        let retries = self.waits_for_answers();
        // mutant: request-given-up
        let given_up = self.requests.remove(place);
        out.push(Effect::Emit(Event::Withdrawn { request: given_up.id }));
        if let Progress::Waiting { sent, lapsed } = given_up.progress {
            for repetition in lapsed + 1..=sent {
                out.push(cancel(MutexTimer::Claim(given_up.id, repetition)));
            }
            // No other node knows of a request that was never sent.
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
            // The grant was repeated while the first one was in flight.
            return;
        }
        // mutant: grant-given-back
        if self.releases.contains(&(id, token)) {
            // A grant that is being given back must not be taken, even if a later attempt has asked
            // for it.
            return;
        }
        let waiting = self.requests.iter_mut().find(|request| request.id == id);
        let claim = waiting.and_then(|request| match request.progress {
            // mutant: lapsed-attempt
            Progress::Waiting { sent, lapsed } if lapsed < repetition && repetition <= sent => {
                Some((request, sent, lapsed))
            }
            Progress::Waiting { .. } | Progress::Holding { .. } => None,
        });
        let (Some((request, sent, lapsed)), None) = (claim, in_already) else {
            // mutant: unused-grant
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

    /// Gives a grant back: its request is finished, or the lease of its attempt has ended.
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

    /// The coordinator says that a request is finished. If it still waits here, its grant has run out
    /// or came back unused. The application then asks again, with a new number.
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

    /// The lease of an attempt has ended. If that attempt let the node in, it leaves the critical
    /// section.
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
            // mutant: lease-of-holder
            Progress::Holding { repetition: held, .. } if *held == repetition => {
                self.exit(cx, id, true, out);
            }
            // The grant has cancelled the leases of the other attempts.
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
