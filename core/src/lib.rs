//! Three classic distributed algorithms as message-driven state machines: Lamport's logical
//! clock, Bully leader election, and centralized mutual exclusion whose coordinator is the elected
//! leader.
//!
//! The crate does no I/O and knows neither time nor chance. A [`Node`] is handed one [`Input`] at a
//! time and answers with [`Effect`]s; whoever hands them over and carries them out is its *driver*.
//! The simulator, the model checker, the page and the native node are such drivers of one and the
//! same core.
//!
//! # The driver's contract
//!
//! 1. [`Input::Start`] comes once, and first. A crash throws the node away; a restart makes a new
//!    one, of the next [`Incarnation`], with what survived in [`Boot`].
//! 2. The effects of a step are carried out in order, and before the next step. What a crash cuts
//!    off is never carried out: a crash may fall between any two effects.
//! 3. [`Effect::Save`] and [`Effect::Remember`] are on stable storage before a later effect is carried
//!    out. A node that finds its stable storage empty is given a [`hardened::Memory`] that is
//!    [born](hardened::Memory::born) with a number of its own.
//! 4. Each [`Effect::Draw`] is answered by one [`Input::Drawn`], in the order of the draws, before
//!    any other input.
//! 5. There is one deadline for each timer name. Setting a timer replaces the deadline; a timer
//!    that was cancelled or replaced never fires; one that fired is gone. Durations are by the
//!    node's own clock, which may run fast or slow. After a pause, overdue timers fire in the order
//!    of their deadlines before any message that has queued up.
//! 6. A message may arrive late, out of order, twice, or never. It is never made up, and never
//!    changed. It carries the stamp that its send was given.
//! 7. Stamps: [`Node::step`] returns the stamp of the input; from there each effect that
//!    [ticks](Effect::ticks) is one [tick](Stamp::tick) later. Stamp, state change and what is
//!    recorded of them are one atomic step.
//! 8. Commands are only given that the [`Algorithm`] has a protocol for; others do nothing.
#![no_std]

extern crate alloc;

mod call;
mod clock;
mod config;
mod election;
pub mod hardened;
mod id;
mod jump;
mod mutex;
mod node;
mod protocols;
pub mod spans;
mod view;
mod vocabulary;

pub use call::{CallChoice, CallMessage, CallTimer, Calls};
pub use clock::{Causality, LamportTime, Stamp, VectorClock};
pub use config::{
    Algorithm, Announce, ApplicationConfig, Config, Detector, DurationRange, ElectionConfig, Form,
    HardenedConfig, MutexConfig, Ppm, Preempt, Profile,
};
pub use election::{
    Campaign, Election, ElectionCause, ElectionChoice, ElectionMessage, ElectionTimer, Standing,
};
pub use id::{
    CallId, ClusterSize, ElectionId, Identity, Incarnation, InvalidNodeId, MAX_NODES, NodeId,
    NodeSet, RequestId, Term, Token,
};
pub use jump::{Jump, LONGEST_JUMP, is_near_the_end, is_token_far};
pub use mutex::{
    MAX_OUTSTANDING, Mutex, MutexChoice, MutexMessage, MutexTimer, Phase, Progress, Request, Role,
    Table,
};
pub use node::{Boot, Node, Stack};
pub use view::{Candidacy, LockView, TableView};
pub use vocabulary::{
    Choice, Command, Context, Effect, Effects, Event, Hold, Input, Message, Stable, Timer, Traffic,
    Write,
};
