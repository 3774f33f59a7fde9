//! Numbers that stand for states and packets.

use crate::soup::packets;

/// A set of packets of this model.
pub type Packets = packets::Packets<16>;

/// The index of a node's state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateId(pub(super) u32);
