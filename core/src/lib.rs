//! Three classic distributed algorithms as message-driven state machines: Lamport's logical
//! clock, Bully leader election, and centralized mutual exclusion whose coordinator is the elected
//! leader.
//!
//! The crate does no I/O, reads no clock and draws no random numbers. A [`Node`] takes one
//! [`Input`] at a time and returns [`Effect`]s. The program that delivers the inputs and carries
//! out the effects is called the *driver*. The simulator, the model checker, the page and the real
//! node are drivers of this same core.
//!
//! # The driver's contract
//!
//! 1. [`Input::Start`] is the first input, and comes once. A crash drops the node. A restart makes
//!    a new node with the next [`Incarnation`] and with the saved state in [`Boot`].
//! 2. The driver carries out the effects of a step in order, and before the next step. A crash may
//!    fall between any two effects; the effects after it are never carried out.
//! 3. [`Effect::Save`] and [`Effect::Remember`] have reached stable storage before any later effect
//!    is carried out. A node whose stable storage is empty starts with a new [`hardened::Memory`]
//!    that is [born](hardened::Memory::born) with a number of its own.
//! 4. Each [`Effect::Draw`] is answered by one [`Input::Drawn`], in the order of the draws and
//!    before any other input.
//! 5. Each timer name has at most one deadline. Setting a timer again replaces its deadline. A
//!    timer that was cancelled or replaced does not fire; a timer that fired is gone. Durations are
//!    measured by the node's own clock, which may run fast or slow. After a pause, overdue timers
//!    fire in the order of their deadlines, before any message that queued up meanwhile.
//! 6. A message may arrive late, out of order, twice, or never. It is never invented and never
//!    changed. It carries the stamp of its send.
//! 7. Stamps: [`Node::step`] returns the stamp of the input. Each following effect that
//!    [ticks](Effect::ticks) is one [tick](Stamp::tick) later. Stamp, state change and trace record
//!    form one atomic step.
//! 8. A command has an effect only if the [`Algorithm`] runs the protocol that it belongs to.
//!
//! An [`Agenda`] keeps points 2, 4 and 7 for a driver.
#![no_std]

extern crate alloc;

mod agenda;
mod application;
mod call;
mod classic;
mod clock;
mod config;
mod distributed;
mod election;
mod fields;
pub mod hardened;
mod id;
mod io;
mod jump;
mod kind;
mod mutex;
mod node;
pub mod spans;
mod stack;
mod view;

pub use agenda::Agenda;
pub use application::{
    Application, ApplicationChoice, ApplicationTimer, MAX_OUTSTANDING, Phase, Request,
    RequestProgress,
};
pub use call::{CallChoice, CallMessage, CallTimer, Calls};
pub use clock::{Causality, Count, LamportTime, Stamp, VectorClock};
pub use config::{
    Algorithm, Announce, ApplicationConfig, Config, Detector, DurationRange, ElectionConfig, Form,
    HardenedConfig, Lock, MutexConfig, Ppm, Preempt, Profile, Refusal, Setting,
};
pub use distributed::{DistributedLock, DistributedMessage, Turn};
pub use election::{
    BullyCause, Campaign, Election, ElectionChoice, ElectionMessage, ElectionTimer, PollTimer,
    Standing,
};
pub use fields::{Absence, Field, FieldForm, Fit, Shape, Value};
pub use id::{
    CallId, ClusterSize, ElectionId, Identity, Incarnation, InvalidNodeId, MAX_NODES, NodeId,
    NodeSet, RequestId, Term, Token,
};
pub use io::{
    Choice, Command, Context, Effect, Effects, ElectionCause, Event, Hold, Input, Message, Stable,
    Timer, Write,
};
pub use jump::{Jump, LONGEST_JUMP, is_near_the_end, is_token_far};
pub use kind::{Kind, Traffic};
pub use mutex::{Mutex, MutexMessage, Progress, Role, Table};
pub use node::{Boot, Node};
pub use stack::Stack;
pub use view::{AskingView, Candidacy, LockView, TableView};
