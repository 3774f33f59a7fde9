//! The application of the logical clock: each node calls a procedure of a random peer at random
//! intervals.
//!
//! One call is five events: client send, server receive, server local event (it draws a random
//! number), server reply, client receive. Starting from clocks 0 and 0, their stamps are 1 to 5.

pub(crate) mod io;

pub use io::{CallChoice, CallMessage, CallTimer};

use core::time::Duration;

use crate::id::{CallId, NodeId};
use crate::io::{
    Choice, Command, Context, Effect, Effects, Event, Input, Message, Timer, cancel, set,
};

/// The largest random number in a reply.
const LARGEST_NUMBER: u64 = 99;

/// Client and server of one node, for remote calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Calls {
    /// How many calls this life of the node has made.
    made: u32,
    /// The call without a reply that the node has made by itself.
    waiting_for: Option<CallId>,
}

impl Calls {
    /// Reacts to the inputs of the remote calls, and to the commands that need no protocol. Returns
    /// whether the input was for the calls alone.
    #[inline]
    pub(crate) fn step<C>(&mut self, cx: Context<'_>, input: &Input<C>, out: &mut Effects) -> bool {
        match *input {
            Input::Start => {
                self.rest(cx, out);
                return false;
            }
            Input::Message { from, message: Message::Call(message), .. } => {
                self.receive(cx, from, message, out);
            }
            Input::Timer(Timer::Call(timer)) => self.timeout(cx, timer, out),
            Input::Drawn { choice: Choice::Call(choice), value } => {
                self.drawn(cx, choice, value, out);
            }
            Input::Command(Command::LocalEvent) => out.push(Effect::Emit(Event::Local)),
            Input::Command(Command::Send { to }) => out.push(send(to, CallMessage::Plain)),
            Input::Command(Command::Call { to }) => {
                self.call(cx, to, out);
            }
            // These are for the other protocols.
            Input::Message { .. }
            | Input::Timer(_)
            | Input::Drawn { .. }
            | Input::Command(_)
            | Input::Disconnected { .. }
            | Input::Met { .. }
            | Input::Denied => return false,
        }
        true
    }

    /// Calls `to` on behalf of a user.
    fn call(&mut self, cx: Context<'_>, to: NodeId, out: &mut Effects) -> CallId {
        self.made += 1;
        let call = CallId { by: cx.me, number: self.made };
        out.push(send(to, CallMessage::Call { call }));
        call
    }

    /// Handles a message from `from`.
    fn receive(&mut self, cx: Context<'_>, from: NodeId, message: CallMessage, out: &mut Effects) {
        match message {
            CallMessage::Plain => {}
            CallMessage::Call { call } => out.push(Effect::Draw {
                choice: Choice::Call(CallChoice::Number { client: from, call }),
                low: 0,
                high: LARGEST_NUMBER,
            }),
            CallMessage::Reply { call, .. } if self.waiting_for == Some(call) => {
                out.push(cancel(CallTimer::Reply));
                self.rest(cx, out);
            }
            // The call was made by a user or was given up: nothing waits for the reply.
            CallMessage::Reply { .. } => {}
        }
    }

    /// Handles a timer that has fired.
    fn timeout(&mut self, cx: Context<'_>, timer: CallTimer, out: &mut Effects) {
        match timer {
            CallTimer::Wait => out.push(Effect::Draw {
                choice: Choice::Call(CallChoice::Peer),
                low: 0,
                high: u64::from(cx.config.size.get()) - 2,
            }),
            CallTimer::Reply => self.rest(cx, out),
        }
    }

    /// Handles the result of a draw.
    fn drawn(&mut self, cx: Context<'_>, choice: CallChoice, value: u64, out: &mut Effects) {
        match choice {
            CallChoice::Wait => out.push(set(CallTimer::Wait, Duration::from_micros(value))),
            CallChoice::Peer => {
                let place = usize::try_from(value).unwrap_or(usize::MAX);
                let Some(peer) = cx.config.size.others(cx.me.node).nth(place) else { return };
                self.waiting_for = Some(self.call(cx, peer, out));
                out.push(set(CallTimer::Reply, cx.config.application.call_timeout));
            }
            CallChoice::Number { client, call } => {
                let number = u32::try_from(value).unwrap_or(u32::MAX);
                out.push(Effect::Emit(Event::Local));
                out.push(send(client, CallMessage::Reply { call, number }));
            }
        }
    }

    /// Draws the wait before the next call, if the node calls by itself and has a peer.
    fn rest(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.waiting_for = None;
        let application = &cx.config.application;
        if application.auto && application.calls && cx.config.size.get() > 1 {
            out.push(Effect::draw_duration(Choice::Call(CallChoice::Wait), application.wait));
        }
    }
}

fn send(to: NodeId, message: CallMessage) -> Effect {
    Effect::Send { to, message: Message::Call(message) }
}
