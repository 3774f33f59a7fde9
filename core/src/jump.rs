//! Limits on how far a single message may move clocks, terms and tokens.
//!
//! Clocks and terms only grow, and each node takes over the largest value it hears of. One false
//! value could therefore move the whole cluster close to the largest number. A message that would
//! move a count too far is not acted on. The node moves by [`LONGEST_JUMP`] towards it instead, so
//! that a node that was away for long catches up in steps.

use core::fmt;

use crate::clock::{Count, LamportTime, Stamp, VectorClock};
use crate::id::{NodeId, Term, Token};
use crate::io::Message;

/// The most that one message may add to a count.
pub const LONGEST_JUMP: u64 = 1 << 32;

/// Whether a count is so close to `u64::MAX` that one message may bring it there.
pub const fn is_near_the_end(count: u64) -> bool {
    count > u64::MAX - LONGEST_JUMP
}

/// The count that a message would move too far: `from` at the receiver, `to` in the message.
#[allow(missing_docs, reason = "the names are self-explanatory")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jump {
    /// Lamport's clock is too far ahead.
    Lamport { from: u64, to: u64 },
    /// The vector clock's entry of one node is too far ahead.
    Vector {
        /// The node of the entry.
        of: NodeId,
        from: u64,
        to: u64,
    },
    /// The term of the election is too far ahead.
    Term { from: u64, to: u64 },
    /// The token of a message: its term or its number is too far ahead.
    Token(Token),
}

impl fmt::Display for Jump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = LONGEST_JUMP;
        match self {
            Self::Lamport { from, to } => {
                write!(f, "its Lamport stamp is {to}, and the clock here reads {from}")?;
            }
            Self::Vector { of, from, to } => {
                write!(f, "it counts {to} events of node {of}, and {from} are known here")?;
            }
            Self::Term { from, to } => write!(f, "it is of term {to}, and it is term {from} here")?,
            Self::Token(token) => write!(f, "its token {token} is too far ahead")?,
        }
        write!(f, "; expected {most} more at most")
    }
}

const fn is_far(from: u64, to: u64) -> bool {
    to > from && to - from > LONGEST_JUMP
}

impl Jump {
    /// The first count that this message would move too far in a node with clocks `own` in `term`.
    /// `None` if the message is acceptable.
    pub fn of<C: Count>(
        own: &Stamp<C>,
        term: Option<Term>,
        stamp: &Stamp<C>,
        message: &Message,
    ) -> Option<Self> {
        let (from, to) = (own.lamport.0, stamp.lamport.0);
        if is_far(from, to) {
            return Some(Self::Lamport { from, to });
        }
        let counts = own.vector.counts().iter().zip(stamp.vector.counts());
        for ((&from, &to), node) in counts.zip(1..) {
            let (from, to) = (from.into(), to.into());
            if let (true, Some(of)) = (is_far(from, to), NodeId::new(node)) {
                return Some(Self::Vector { of, from, to });
            }
        }
        let (from, to) = (term?, message.term()?);
        if is_far(from.0, to.0) {
            return Some(Self::Term { from: from.0, to: to.0 });
        }
        let token = message.token()?;
        is_token_far(Some(Token { term: from.max(to), sequence: 0 }), token)
            .then_some(Self::Token(token))
    }
}

/// Whether `token` is too far ahead of the highest known token.
pub const fn is_token_far(highest: Option<Token>, token: Token) -> bool {
    let (term, sequence) = match highest {
        Some(highest) if highest.term.0 == token.term.0 => (highest.term.0, highest.sequence),
        Some(highest) => (highest.term.0, 0),
        None => (0, 0),
    };
    is_far(term, token.term.0) || is_far(sequence, token.sequence)
}

/// The value between `from` and `to` that one message may lead to.
fn step(from: u64, to: u64) -> u64 {
    from.max(to.min(from.saturating_add(LONGEST_JUMP)))
}

/// The term between `from` and `to` that one message may lead to.
pub(crate) fn step_of_term(from: Term, to: Term) -> Term {
    Term(step(from.0, to.0))
}

/// The stamp between `from` and `to` that one message may lead to.
pub(crate) fn step_of_stamp<C: Count>(from: &Stamp<C>, to: &Stamp<C>) -> Stamp<C> {
    let mut counts = *from.vector.counts();
    for (count, theirs) in counts.iter_mut().zip(to.vector.counts()) {
        *count = C::from_wide(step((*count).into(), (*theirs).into()));
    }
    let lamport = LamportTime(step(from.lamport.0, to.lamport.0));
    Stamp { lamport, vector: VectorClock::from_counts(&counts) }
}
