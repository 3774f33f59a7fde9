//! The application of a classic lock: how long it rests and stays in, and its writes.

use core::time::Duration;

use super::io::{MutexChoice, MutexTimer, Phase};
use crate::id::{RequestId, Token};
use crate::io::{Choice, Context, Effect, Effects, Event, Hold, Timer, Write};

/// Enters the critical section with this request, for as long as `hold` says.
pub(crate) fn enter(
    cx: Context<'_>,
    id: RequestId,
    hold: Hold,
    token: Option<Token>,
    out: &mut Effects,
) {
    out.push(Effect::Emit(Event::Entered { request: id, token }));
    out.push(write(id, Phase::Entry));
    match hold {
        Hold::UntilReleased => {}
        Hold::For(after) => out.push(set(MutexTimer::Hold(id), after)),
        Hold::Drawn => {
            let choice = Choice::Mutex(MutexChoice::Hold(id));
            out.push(Effect::draw_duration(choice, cx.config.mutex.hold));
        }
    }
}

/// Draws the wait before the next request, if the application acts by itself.
pub(crate) fn rest(cx: Context<'_>, out: &mut Effects) {
    let application = &cx.config.application;
    if application.auto {
        let choice = Choice::Mutex(MutexChoice::RequestWait);
        out.push(Effect::draw_duration(choice, application.wait));
    }
}

/// Handles the result of a draw, in microseconds.
pub(crate) fn drawn(choice: MutexChoice, value: u64, out: &mut Effects) {
    let timer = match choice {
        MutexChoice::RequestWait => MutexTimer::RequestWait,
        MutexChoice::Hold(request) => MutexTimer::Hold(request),
    };
    out.push(set(timer, Duration::from_micros(value)));
}

pub(crate) const fn write(request: RequestId, phase: Phase) -> Effect {
    Effect::Write(Write { request, phase, token: None })
}

const fn set(timer: MutexTimer, after: Duration) -> Effect {
    Effect::SetTimer { timer: Timer::Mutex(timer), after }
}
