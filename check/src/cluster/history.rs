//! The history of a run, which the properties are checked against. It is recorded from effects, as
//! the simulator's judge does; a node is never asked what it believes.

use antes_core::{Identity, RequestId, Term, Token};

/// An invariant that a run has violated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Broken {
    /// Two lives lead the same term.
    Leader,
    /// A token has two holders.
    Token,
    /// A node granted that does not lead, or granted a request that was never made.
    Grant,
    /// A request entered twice, entered after it was withdrawn, or has two tokens in one term.
    Twice,
    /// A node started an election while a higher node still held one.
    Thrift,
    /// There are more messages than the model has room for.
    Room,
    /// A node behaves differently under a renaming of the nodes.
    Names,
}

/// The history of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct History {
    /// The first invariant that was violated.
    pub broken: Option<Broken>,
    /// The leaders of each term.
    offices: Vec<(Term, Identity)>,
    /// The request that each token was granted to.
    grants: Vec<(Token, RequestId)>,
    /// Requests that must not enter again: they have entered or were withdrawn.
    over: Vec<RequestId>,
}

impl History {
    /// Whether `broken` is not the invariant that was violated first.
    pub fn keeps(&self, broken: Broken) -> bool {
        self.broken != Some(broken)
    }

    /// The number of terms that had a leader.
    pub fn terms_led(&self) -> usize {
        self.offices.len()
    }

    pub(crate) fn leads(&mut self, term: Term, me: Identity) {
        if self.offices.iter().any(|&(led, by)| led == term && by != me) {
            self.broken.get_or_insert(Broken::Leader);
        }
        note(&mut self.offices, (term, me));
    }

    pub(crate) fn given(&mut self, request: RequestId, token: Token) {
        let shared = |&&(other, holder): &&(Token, RequestId)| other == token && holder != request;
        if self.grants.iter().find(shared).is_some() {
            self.broken.get_or_insert(Broken::Token);
        }
        let second = |&&(other, holder): &&(Token, RequestId)| {
            holder == request && other != token && other.term == token.term
        };
        if self.grants.iter().find(second).is_some() {
            self.broken.get_or_insert(Broken::Twice);
        }
        note(&mut self.grants, (token, request));
    }

    pub(crate) fn entered(&mut self, request: RequestId) {
        if self.over.contains(&request) {
            self.broken.get_or_insert(Broken::Twice);
        }
        note(&mut self.over, request);
    }

    pub(crate) fn given_up(&mut self, request: RequestId) {
        note(&mut self.over, request);
    }

    pub(super) fn elects_in_vain(&mut self) {
        self.broken.get_or_insert(Broken::Thrift);
    }

    pub(crate) fn grants(&mut self, leads: bool, made: bool) {
        if !leads || !made {
            self.broken.get_or_insert(Broken::Grant);
        }
    }
}

/// Inserts into a sorted list, so that equal histories are equal states.
pub fn note<T: Ord>(list: &mut Vec<T>, item: T) {
    if let Err(place) = list.binary_search(&item) {
        list.insert(place, item);
    }
}
