//! The clock's application: every node calls a procedure of a random peer now and then.
//!
//! One call is five events: client send, server receive, server local event (a random number is
//! made), server reply, client receive. From clocks 0 and 0 they are stamped 1, 2, 3, 4, 5.

use core::time::Duration;

use crate::id::{CallId, NodeId};
use crate::vocabulary::{Choice, Context, Effect, Effects, Event, Message, Timer};

/// What client and server say to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum CallMessage {
    /// MESSAGE: means nothing but its stamp.
    Plain,
    /// CALL: make me a random number.
    Call {
        /// Which call.
        call: CallId,
    },
    /// REPLY: here it is.
    Reply {
        /// The call that is answered.
        call: CallId,
        /// The random number.
        number: u32,
    },
}

/// What the application waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallTimer {
    /// How long until the next call of its own accord.
    Wait,
    /// How long a server may take to reply before the client gives the call up.
    Reply,
}

/// What the application leaves to chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallChoice {
    /// How long to wait before the next call, in microseconds.
    Wait,
    /// Whom to call: the place among the other nodes, in ascending order, from 0.
    Peer,
    /// The number that a server makes.
    Number {
        /// The caller.
        client: NodeId,
        /// The call.
        call: CallId,
    },
}

/// The largest random number that a server makes.
const LARGEST_NUMBER: u64 = 99;

/// Client and server of one node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Calls {
    /// How many calls this life of the node has made.
    made: u32,
    /// The call of its own accord that has no reply yet.
    waiting_for: Option<CallId>,
}

impl Calls {
    /// The node starts.
    pub fn start(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.rest(cx, out);
    }

    /// Calls `to` because a user wants it.
    pub fn call(&mut self, cx: Context<'_>, to: NodeId, out: &mut Effects) -> CallId {
        self.made += 1;
        let call = CallId { by: cx.me, number: self.made };
        out.push(send(to, CallMessage::Call { call }));
        call
    }

    /// A message arrives.
    pub fn receive(
        &mut self,
        cx: Context<'_>,
        from: NodeId,
        message: CallMessage,
        out: &mut Effects,
    ) {
        match message {
            CallMessage::Plain => {}
            CallMessage::Call { call } => out.push(Effect::Draw {
                choice: Choice::Call(CallChoice::Number { client: from, call }),
                low: 0,
                high: LARGEST_NUMBER,
            }),
            CallMessage::Reply { call, .. } if self.waiting_for == Some(call) => {
                out.push(Effect::CancelTimer { timer: Timer::Call(CallTimer::Reply) });
                self.rest(cx, out);
            }
            // The reply to a call that a user made, or that was given up: nobody waits for it.
            CallMessage::Reply { .. } => {}
        }
    }

    /// A timer ran out.
    pub fn timeout(&mut self, cx: Context<'_>, timer: CallTimer, out: &mut Effects) {
        match timer {
            CallTimer::Wait => out.push(Effect::Draw {
                choice: Choice::Call(CallChoice::Peer),
                low: 0,
                high: u64::from(cx.config.size.get()) - 2,
            }),
            CallTimer::Reply => self.rest(cx, out),
        }
    }

    /// Chance has spoken.
    pub fn drawn(&mut self, cx: Context<'_>, choice: CallChoice, value: u64, out: &mut Effects) {
        match choice {
            CallChoice::Wait => out.push(Effect::SetTimer {
                timer: Timer::Call(CallTimer::Wait),
                after: Duration::from_micros(value),
            }),
            CallChoice::Peer => {
                let place = usize::try_from(value).unwrap_or(usize::MAX);
                let Some(peer) = cx.config.size.others(cx.me.node).nth(place) else { return };
                self.waiting_for = Some(self.call(cx, peer, out));
                out.push(Effect::SetTimer {
                    timer: Timer::Call(CallTimer::Reply),
                    after: cx.config.application.call_timeout,
                });
            }
            CallChoice::Number { client, call } => {
                let number = u32::try_from(value).unwrap_or(u32::MAX);
                out.push(Effect::Emit(Event::Local));
                out.push(send(client, CallMessage::Reply { call, number }));
            }
        }
    }

    /// Waits before the next call, where the application acts on its own and has a peer to call.
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
