//! The shared resource, where mutual exclusion is observed from outside the nodes.

use alloc::vec::Vec;

use antes_core::{NodeId, Phase, RequestId, Token, Write};

/// The resource. It knows no nodes and no leader; it sees only writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    highest: Option<Highest>,
    last_accepted: Option<Write>,
    /// Open critical sections with the tokens of their grants.
    open: Vec<(RequestId, Option<Token>)>,
}

/// The highest token that the resource has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Highest {
    token: Token,
    /// The request that the token belongs to, if it is known. No other request may use the token.
    owner: Option<RequestId>,
}

/// The result of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the write was accepted.
    pub accepted: bool,
    /// The other critical sections that are open at the resource.
    pub overlaps: Vec<RequestId>,
}

impl Resource {
    /// A restarted resource, with the highest token that it has seen and the last write that it has
    /// accepted.
    pub fn restored(highest_token: Option<Token>, last_accepted: Option<Write>) -> Self {
        let highest = highest_token.map(|token| {
            // An accepted write with a token has the highest token.
            let owner = last_accepted.filter(|write| write.token == Some(token));
            Highest { token, owner: owner.map(|write| write.request) }
        });
        Self { highest, last_accepted, open: Vec::new() }
    }

    /// The highest token seen. It survives every node.
    pub fn highest_token(&self) -> Option<Token> {
        self.highest.map(|highest| highest.token)
    }

    pub const fn last_accepted(&self) -> Option<&Write> {
        self.last_accepted.as_ref()
    }

    /// The critical sections that have begun at the resource and not ended.
    pub fn open(&self) -> impl Iterator<Item = RequestId> {
        self.open.iter().map(|&(section, _)| section)
    }

    /// Handles a write. It is accepted unless its token is lower than one seen before, or was used
    /// by another request. If no token was ever seen (classic profile), writes without a token are
    /// accepted. `writer_lives`: whether the incarnation that sent the write is still up. The
    /// critical section of a dead one is not opened.
    ///
    /// Fencing: Kleppmann, "How to do distributed locking" (2016).
    pub fn write(&mut self, write: Write, writer_lives: bool) -> Verdict {
        // mutant: fence
        let accepted = self.takes(&write);
        // A critical section with a lower token ends when a higher token is seen: the resource
        // refuses its writes from then on.
        let others = self
            .open
            .iter()
            .filter(|&&(section, token)| section != write.request && token >= write.token);
        let overlaps = others.map(|&(section, _)| section).collect();
        if accepted {
            if let Some(token) = write.token {
                self.highest = Some(Highest { token, owner: Some(write.request) });
            }
            self.last_accepted = Some(write);
            self.open.retain(|&(section, token)| section != write.request && token >= write.token);
            if writer_lives && write.phase != Phase::Exit {
                self.open.push((write.request, write.token));
            }
        }
        Verdict { accepted, overlaps }
    }

    fn takes(&self, write: &Write) -> bool {
        match (write.token, self.highest) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(token), Some(highest)) if token == highest.token => {
                highest.owner == Some(write.request)
            }
            (Some(token), Some(highest)) => token > highest.token,
        }
    }

    /// Closes the critical sections of a node that has died.
    pub fn close(&mut self, node: NodeId) {
        self.open.retain(|(section, _)| section.by.node != node);
    }
}

#[cfg(test)]
mod tests {
    use antes_core::{Identity, Incarnation, Term};

    use super::*;

    fn write(node: u8, token: Option<(u64, u64)>) -> Write {
        let node = NodeId::new(node).expect("a node");
        let request =
            RequestId { by: Identity { node, incarnation: Incarnation::FIRST }, number: 1 };
        let token = token.map(|(term, sequence)| Token { term: Term(term), sequence });
        Write { request, phase: Phase::Inside, token }
    }

    fn takes(resource: &mut Resource, node: u8, token: Option<(u64, u64)>) -> bool {
        resource.write(write(node, token), true).accepted
    }

    #[test]
    fn a_token_belongs_to_the_request_that_showed_it_first() {
        let mut resource = Resource::default();
        assert!(takes(&mut resource, 1, Some((1, 1))) && takes(&mut resource, 1, Some((1, 1))));
        assert!(!takes(&mut resource, 2, Some((1, 1))), "it was given twice");
        assert!(takes(&mut resource, 2, Some((1, 2))) && !takes(&mut resource, 1, Some((1, 1))));
        let mut restored =
            Resource::restored(resource.highest_token(), resource.last_accepted().copied());
        assert!(!takes(&mut restored, 1, Some((1, 2))) && takes(&mut restored, 2, Some((1, 2))));
    }

    #[test]
    fn a_write_without_a_token_is_refused_after_a_token_was_seen() {
        let mut resource = Resource::default();
        assert!(takes(&mut resource, 1, None) && takes(&mut resource, 2, None));
        assert!(takes(&mut resource, 1, Some((1, 1))));
        assert!(!takes(&mut resource, 2, None));
    }

    #[test]
    fn a_highest_token_whose_request_is_not_known_is_nobodys() {
        let highest = write(1, Some((2, 5))).token;
        let mut resource = Resource::restored(highest, Some(write(1, None)));
        assert!(!takes(&mut resource, 1, Some((2, 5))) && takes(&mut resource, 1, Some((2, 6))));
    }
}
