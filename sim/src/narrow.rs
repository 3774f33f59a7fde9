//! The core's types with vector clocks of 32 bits, as the simulator uses them.
//!
//! Each event of a clock has a line in the trace, and a run has at most
//! [`MAX_LINES`](crate::run::MAX_LINES) of them. A storm has at most a million events. So no count
//! reaches its end.

/// The stamp of a message in the simulator.
pub type Stamp = antes_core::Stamp<u32>;

/// A node of the simulator.
pub type Node = antes_core::Node<u32>;

/// The state that a simulated node starts with.
pub type Boot = antes_core::Boot<u32>;

/// An input of a simulated node.
pub type Input = antes_core::Input<u32>;
