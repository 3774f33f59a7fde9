//! The shared resource: where mutual exclusion is judged, from outside the nodes.

use alloc::vec::Vec;

use antes_core::{NodeId, Phase, RequestId, Token, Write};

/// The resource. It knows nothing of nodes and leaders; it sees writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    highest_token: Option<Token>,
    last_accepted: Option<Write>,
    /// With the tokens of their grants.
    open: Vec<(RequestId, Option<Token>)>,
}

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it was taken.
    pub accepted: bool,
    /// The critical sections of others that are open at the resource.
    pub overlaps: Vec<RequestId>,
}

impl Resource {
    /// A resource that goes on where an earlier life of it ended: with the highest token that it
    /// has seen, and the last write that it took.
    pub const fn restored(highest_token: Option<Token>, last_accepted: Option<Write>) -> Self {
        Self { highest_token, last_accepted, open: Vec::new() }
    }

    /// The highest token that it has seen. It outlives every node.
    pub const fn highest_token(&self) -> Option<Token> {
        self.highest_token
    }

    /// The last write that it took.
    pub const fn last_accepted(&self) -> Option<&Write> {
        self.last_accepted.as_ref()
    }

    /// The critical sections that have begun here and not ended.
    pub fn open(&self) -> impl Iterator<Item = RequestId> {
        self.open.iter().map(|&(section, _)| section)
    }

    /// A write arrives. It is taken unless its token is lower than one seen before; without a
    /// token (classic profile) everything is taken. `writer_lives` says whether the incarnation
    /// that sent it still runs: the section of a dead one does not open.
    ///
    /// Fencing: Kleppmann, "How to do distributed locking" (2016).
    pub fn write(&mut self, write: Write, writer_lives: bool) -> Verdict {
        let accepted = write.token.is_none_or(|token| Some(token) >= self.highest_token);
        // A section with a lower token is over as soon as a higher one is seen: the resource
        // refuses its writes from here on.
        let others = self
            .open
            .iter()
            .filter(|&&(section, token)| section != write.request && token >= write.token);
        let overlaps = others.map(|&(section, _)| section).collect();
        if accepted {
            self.highest_token = self.highest_token.max(write.token);
            self.last_accepted = Some(write);
            self.open.retain(|&(section, token)| section != write.request && token >= write.token);
            if writer_lives && write.phase != Phase::Exit {
                self.open.push((write.request, write.token));
            }
        }
        Verdict { accepted, overlaps }
    }

    /// A node has died: its critical sections end with it.
    pub fn close(&mut self, node: NodeId) {
        self.open.retain(|(section, _)| section.by.node != node);
    }
}
