//! The timers of a trace, and the causes of elections: one of each name, and their fields.

use antes_core::hardened::{LockTimer, TermCause, TermTimer};
use antes_core::{
    ApplicationTimer, BullyCause, CallTimer, ClusterSize, ElectionCause, ElectionTimer, FieldForm,
    PollTimer, RequestId, Timer,
};

/// The simplest timer of each name.
pub(super) fn timers() -> [Timer; 21] {
    let request = RequestId::first_of(ClusterSize::MAX.highest());
    [
        CallTimer::Wait.into(),
        CallTimer::Reply.into(),
        ElectionTimer::Heartbeat.into(),
        ElectionTimer::Suspicion.into(),
        PollTimer::Wait.into(),
        PollTimer::Answer.into(),
        ElectionTimer::Answers.into(),
        ElectionTimer::Coordinator.into(),
        TermTimer::ProbeAnswers.into(),
        TermTimer::Accepts.into(),
        TermTimer::Retry.into(),
        TermTimer::Challenge.into(),
        TermTimer::Probation.into(),
        TermTimer::Lease(1).into(),
        Timer::Birth,
        ApplicationTimer::RequestWait.into(),
        ApplicationTimer::Hold(request).into(),
        LockTimer::Retry.into(),
        LockTimer::Claim(request, 1).into(),
        LockTimer::Lease.into(),
        LockTimer::Grace.into(),
    ]
}

pub(super) fn carry_timer(timer: &mut Timer, form: &mut dyn FieldForm) {
    match timer {
        Timer::Application(ApplicationTimer::Hold(request)) => form.needed("request", request),
        Timer::Lock(LockTimer::Claim(request, repetition)) => {
            form.needed("request", request);
            form.needed("repetition", repetition);
        }
        Timer::Term(TermTimer::Lease(beat)) => form.needed("beat", beat),
        Timer::Call(_)
        | Timer::Application(ApplicationTimer::RequestWait)
        | Timer::Election(_)
        | Timer::Poll(_)
        | Timer::Term(_)
        | Timer::Lock(_)
        | Timer::Birth => {}
    }
}

/// The simplest cause of each name.
pub(super) fn causes() -> [ElectionCause; 10] {
    let node = ClusterSize::MAX.highest();
    [
        BullyCause::Start.into(),
        BullyCause::Command.into(),
        BullyCause::Suspicion { leader: node }.into(),
        BullyCause::Asked { by: node }.into(),
        BullyCause::NoWinner.into(),
        BullyCause::LowerAnnounced { by: node }.into(),
        TermCause::LostMajority.into(),
        TermCause::NoMajority.into(),
        TermCause::Outranks { leader: node }.into(),
        TermCause::Resigned { leader: node }.into(),
    ]
}

pub(super) fn carry_cause(cause: &mut ElectionCause, form: &mut dyn FieldForm) {
    match cause {
        ElectionCause::Bully(BullyCause::Start | BullyCause::Command | BullyCause::NoWinner)
        | ElectionCause::Term(TermCause::LostMajority | TermCause::NoMajority) => {}
        ElectionCause::Bully(BullyCause::Suspicion { leader })
        | ElectionCause::Term(TermCause::Outranks { leader } | TermCause::Resigned { leader }) => {
            form.needed("leader", leader);
        }
        ElectionCause::Bully(BullyCause::Asked { by } | BullyCause::LowerAnnounced { by }) => {
            form.needed("by", by);
        }
    }
}
