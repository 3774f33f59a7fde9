//! The requesting node's side of the lock: requests, their attempts and leases, and giving grants
//! back.

use alloc::vec::Vec;

use super::mutex::{LockTimer, Mutex, MutexMessage, Progress, Role, own_lease_us};
use super::{Waiter, shrink_for_drift};
use crate::application::{ApplicationTimer, Request};
use crate::id::{RequestId, Token};
use crate::io::{Context, Effect, Effects, Event, cancel, set};

impl Mutex {
    /// Sends a new request. A coordinator does not hand its own request to itself here, but when a
    /// majority has next acknowledged a heartbeat. After a pause, its timers fire late, one after
    /// the other: the timer that leads here may come before that of a leader's lease which ended
    /// long ago. The request's lease would then begin too late.
    pub(super) fn ask(&mut self, cx: Context<'_>, id: RequestId, out: &mut Effects) {
        match self.role {
            // mutant: own-request
            Role::Coordinator(_) => {}
            Role::Participant { .. } => self.send_request(cx, id, out),
        }
    }

    /// Whether this node coordinates and has a new request that it has not handed to itself. It
    /// does so when a majority acknowledges a heartbeat.
    pub(crate) fn has_own_request_to_hand_over(&self) -> bool {
        let new = |it: &Request<Progress>| matches!(it.progress, Progress::Waiting { sent: 0, .. });
        matches!(self.role, Role::Coordinator(_)) && self.requests().iter().any(new)
    }

    /// Whether this node coordinates and has a request that waits. The request is repeated when a
    /// majority acknowledges a heartbeat.
    pub(crate) fn waits_for_itself(&self) -> bool {
        matches!(self.role, Role::Coordinator(_)) && self.waits()
    }

    /// Whether any request is not granted yet.
    fn waits(&self) -> bool {
        self.application.waiting().next().is_some()
    }

    /// Sends a waiting request once more. Without a leader it keeps waiting.
    pub(super) fn send_request(&mut self, cx: Context<'_>, id: RequestId, out: &mut Effects) {
        if let Role::Participant { coordinator: None } = self.role {
            return;
        }
        let oldest = self.requests().first().map_or(id.number, |request| request.id.number);
        let Some(Progress::Waiting { sent, .. }) = self.application.progress(id) else { return };
        *sent += 1;
        let repetition = *sent;
        let claim = shrink_for_drift(cx.config, cx.config.hardened.lease);
        out.push(set(LockTimer::Claim(id, repetition), claim));
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
        for id in self.application.waiting().collect::<Vec<_>>() {
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
            out.push(set(LockTimer::Retry, retry));
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

    /// The application has withdrawn a request. A grant that is in flight for it will be given back,
    /// because no request waits for it.
    pub(super) fn withdraw(
        &mut self,
        cx: Context<'_>,
        given_up: &Request<Progress>,
        retries: bool,
        out: &mut Effects,
    ) {
        cancel_claims(given_up, out);
        // No other node knows of a request that was never sent.
        if matches!(given_up.progress, Progress::Waiting { sent: 1.., .. }) {
            self.withdrawn.push(given_up.id);
            self.send_withdrawal(cx, given_up.id, out);
        }
        self.application.rest_after(cx, given_up, out);
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
        let claim = self.application.progress(id).and_then(|progress| match *progress {
            // mutant: lapsed-attempt
            Progress::Waiting { sent, lapsed } if lapsed < repetition && repetition <= sent => {
                Some((sent, lapsed))
            }
            Progress::Waiting { .. } | Progress::Holding { .. } => None,
        });
        let (Some((sent, lapsed)), None) = (claim, in_already) else {
            // mutant: unused-grant
            self.give_back(cx, id, token, out);
            return;
        };
        for other in (lapsed + 1..=sent).filter(|&other| other != repetition) {
            out.push(cancel(LockTimer::Claim(id, other)));
        }
        self.application.enter(cx, id, Progress::Holding { token, repetition }, Some(token), out);
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
        if !matches!(self.application.progress(id), Some(Progress::Waiting { .. })) {
            return;
        }
        let Some(closed) = self.application.remove(id) else { return };
        cancel_claims(&closed, out);
        let retries = self.waits_for_answers();
        let anew = self.application.make(cx, closed.hold, out);
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
        match self.application.progress(id) {
            Some(Progress::Waiting { lapsed, .. }) => *lapsed = (*lapsed).max(repetition),
            // mutant: lease-of-holder
            Some(Progress::Holding { repetition: held, .. }) if *held == repetition => {
                out.push(cancel(ApplicationTimer::Hold(id)));
                self.exit(cx, id, Event::Expired { request: id }, out);
            }
            // The grant has cancelled the leases of the other attempts.
            Some(Progress::Holding { .. }) | None => {}
        }
    }

    /// Leaves the critical section, which `event` tells.
    pub(super) fn exit(&mut self, cx: Context<'_>, id: RequestId, event: Event, out: &mut Effects) {
        let Some(done) = self.application.remove(id) else { return };
        if let Progress::Holding { token, repetition } = done.progress {
            out.push(cancel(LockTimer::Claim(id, repetition)));
            out.push(Effect::Emit(event));
            self.give_back(cx, id, token, out);
        }
        self.application.rest_after(cx, &done, out);
    }
}

/// Cancels the leases of all attempts of a request that waited.
fn cancel_claims(request: &Request<Progress>, out: &mut Effects) {
    if let Progress::Waiting { sent, lapsed } = request.progress {
        for repetition in lapsed + 1..=sent {
            out.push(cancel(LockTimer::Claim(request.id, repetition)));
        }
    }
}
