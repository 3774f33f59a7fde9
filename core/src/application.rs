//! The application of a lock at one node: its requests, how long it rests and stays in, and its
//! writes.
//!
//! The application does not know how a lock excludes others. It tells its lock what it wants, and
//! the lock says when a request enters.

pub(crate) mod io;

pub use io::{ApplicationChoice, ApplicationTimer, Phase};

use alloc::vec::Vec;
use core::time::Duration;

use crate::id::{RequestId, Token};
use crate::io::{
    Choice, Command, Context, Effect, Effects, Event, Hold, Input, Timer, Write, cancel, set,
};

/// The most requests that a node may have open; a further one is refused.
pub const MAX_OUTSTANDING: usize = 64;

/// How far a lock has come with a request.
pub trait RequestProgress: Copy {
    /// The progress of a new request.
    const NEW: Self;

    /// Whether the request has not entered yet.
    fn is_waiting(&self) -> bool;

    /// The fencing token of the grant, if the lock has tokens.
    fn token(&self) -> Option<Token> {
        None
    }
}

/// A request of the node's own application.
#[allow(missing_docs, reason = "the names are self-explanatory")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Request<P> {
    pub id: RequestId,
    /// How long the application will hold the lock.
    pub hold: Hold,
    pub progress: P,
}

/// The action that an application asks its lock for.
pub(crate) enum Wish<P> {
    /// The request is new: ask for it.
    Ask {
        request: RequestId,
        /// Whether a user's command is the reason, instead of a timer.
        by_user: bool,
    },
    /// The request waited and is withdrawn.
    GiveUp(Request<P>),
    /// Leave the critical section.
    Leave(RequestId),
}

/// The requests of one node, and what its application does by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Application<P> {
    /// The open requests, oldest first.
    requests: Vec<Request<P>>,
    /// How many requests this life of the node has made.
    made: u32,
}

impl<P> Default for Application<P> {
    fn default() -> Self {
        Self { requests: Vec::new(), made: 0 }
    }
}

impl<P: RequestProgress> Application<P> {
    /// The open requests, oldest first.
    pub fn requests(&self) -> &[Request<P>] {
        &self.requests
    }

    /// The oldest open request.
    pub(crate) fn first(&mut self) -> Option<&mut Request<P>> {
        self.requests.first_mut()
    }

    /// The oldest request with which the node is in the critical section.
    pub(crate) fn holding(&self) -> Option<&Request<P>> {
        self.requests.iter().find(|request| !request.progress.is_waiting())
    }

    /// The open requests, and whether each is in the critical section, as pictures show them.
    pub(crate) fn view(&self) -> Vec<(RequestId, bool)> {
        self.requests.iter().map(|it| (it.id, !it.progress.is_waiting())).collect()
    }

    /// The requests that have not entered, oldest first.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = RequestId> {
        self.requests.iter().filter(|it| it.progress.is_waiting()).map(|request| request.id)
    }

    /// The progress of this request, if it is open.
    pub(crate) fn progress(&mut self, id: RequestId) -> Option<&mut P> {
        self.requests.iter_mut().find(|request| request.id == id).map(|it| &mut it.progress)
    }

    /// Handles the inputs that are for the application: its timers, its draws, and users' commands.
    /// `ending` requests that are not open any more still count against [`MAX_OUTSTANDING`].
    pub(crate) fn step<C>(
        &mut self,
        cx: Context<'_>,
        input: &Input<C>,
        ending: usize,
        out: &mut Effects,
    ) -> Option<Wish<P>> {
        match *input {
            Input::Start => self.rest(cx, out),
            Input::Timer(Timer::Application(ApplicationTimer::RequestWait)) => {
                let request = self.ask(cx, Hold::Drawn, ending, out);
                if request.is_none() {
                    // It asks again later.
                    self.rest(cx, out);
                }
                return request.map(|request| Wish::Ask { request, by_user: false });
            }
            Input::Timer(Timer::Application(ApplicationTimer::Hold(request))) => {
                return Some(Wish::Leave(request));
            }
            Input::Drawn { choice: Choice::Application(choice), value } => {
                let timer = match choice {
                    ApplicationChoice::RequestWait => ApplicationTimer::RequestWait,
                    ApplicationChoice::Hold(request) => ApplicationTimer::Hold(request),
                };
                out.push(set(timer, Duration::from_micros(value)));
            }
            Input::Command(Command::Request { hold }) => {
                let request = self.ask(cx, hold, ending, out);
                return request.map(|request| Wish::Ask { request, by_user: true });
            }
            Input::Command(Command::Withdraw { request }) => return self.withdraw(request, out),
            Input::Command(Command::Release | Command::Leave) => {
                let id = self.holding()?.id;
                out.push(cancel(ApplicationTimer::Hold(id)));
                return Some(Wish::Leave(id));
            }
            Input::Command(Command::Write) => self.write(self.holding()?.id, Phase::Inside, out),
            // These are for the lock itself, or for other protocols.
            Input::Message { .. }
            | Input::Timer(_)
            | Input::Command(
                Command::LocalEvent | Command::Send { .. } | Command::Call { .. } | Command::Elect,
            )
            | Input::Drawn { .. }
            | Input::Disconnected { .. }
            | Input::Met { .. }
            | Input::Denied => {}
        }
        None
    }

    /// Makes a request, unless too many are open.
    fn ask(
        &mut self,
        cx: Context<'_>,
        hold: Hold,
        ending: usize,
        out: &mut Effects,
    ) -> Option<RequestId> {
        if self.requests.len() + ending >= MAX_OUTSTANDING {
            out.push(Effect::Emit(Event::Refused));
            return None;
        }
        Some(self.make(cx, hold, out))
    }

    /// Makes a request.
    pub(crate) fn make(&mut self, cx: Context<'_>, hold: Hold, out: &mut Effects) -> RequestId {
        self.made += 1;
        let id = RequestId { by: cx.me, number: self.made };
        self.requests.push(Request { id, hold, progress: P::NEW });
        out.push(Effect::Emit(Event::Requested { request: id }));
        id
    }

    /// Withdraws the request with this number. `None` means the latest request that waits.
    fn withdraw(&mut self, number: Option<u32>, out: &mut Effects) -> Option<Wish<P>> {
        let meant = |request: &Request<P>| {
            request.progress.is_waiting() && number.is_none_or(|number| number == request.id.number)
        };
        let place = self.requests.iter().rposition(meant)?;
        // mutant: request-given-up
        let given_up = self.requests.remove(place);
        out.push(Effect::Emit(Event::Withdrawn { request: given_up.id }));
        Some(Wish::GiveUp(given_up))
    }

    /// Enters the critical section with a request that waits, for as long as its hold says. `token`
    /// is that of the GRANT, if there was one.
    pub(crate) fn enter(
        &mut self,
        cx: Context<'_>,
        id: RequestId,
        progress: P,
        token: Option<Token>,
        out: &mut Effects,
    ) {
        let Some(request) = self.requests.iter_mut().find(|request| request.id == id) else {
            return;
        };
        request.progress = progress;
        let hold = request.hold;
        out.push(Effect::Emit(Event::Entered { request: id, token }));
        self.write(id, Phase::Entry, out);
        match hold {
            Hold::UntilReleased => {}
            Hold::For(after) => out.push(set(ApplicationTimer::Hold(id), after)),
            Hold::Drawn => {
                let choice = Choice::Application(ApplicationChoice::Hold(id));
                out.push(Effect::draw_duration(choice, cx.config.mutex.hold));
            }
        }
    }

    /// Writes to the resource with an open request.
    pub(crate) fn write(&self, request: RequestId, phase: Phase, out: &mut Effects) {
        let Some(open) = self.requests.iter().find(|open| open.id == request) else { return };
        out.push(Effect::Write(Write { request, phase, token: open.progress.token() }));
    }

    /// Removes an open request. The lock calls [`Application::rest_after`] when it has finished
    /// with it.
    pub(crate) fn remove(&mut self, id: RequestId) -> Option<Request<P>> {
        let place = self.requests.iter().position(|request| request.id == id)?;
        Some(self.requests.remove(place))
    }

    /// Rests after a request that the application has made by itself.
    pub(crate) fn rest_after(&self, cx: Context<'_>, done: &Request<P>, out: &mut Effects) {
        if done.hold == Hold::Drawn {
            self.rest(cx, out);
        }
    }

    /// Draws the wait before the next request, if the application acts by itself.
    pub(crate) fn rest(&self, cx: Context<'_>, out: &mut Effects) {
        let application = &cx.config.application;
        if application.auto {
            let choice = Choice::Application(ApplicationChoice::RequestWait);
            out.push(Effect::draw_duration(choice, application.wait));
        }
    }
}
