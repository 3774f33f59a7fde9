//! The resource's answer to a write.

use antes_core::{RequestId, Write};
use serde::{Deserialize, Serialize};

use crate::cluster::outbox::Packet;

/// The result of a write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The write that was sent.
    pub packet: Packet<Write>,
    /// Whether it was accepted. If not, its token was too old.
    pub accepted: bool,
    /// The requests of other nodes whose critical sections were open at the resource.
    pub overlaps: Vec<RequestId>,
}
