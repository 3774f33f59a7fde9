//! What the model remembers of a run in order to judge it. It listens to effects, as the judge of
//! the simulator does, and never asks a node what it thinks of itself.

use antes_core::{Identity, RequestId, Term, Token};

/// The first invariant that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Broken {
    /// Two lives lead one term.
    Leader,
    /// A token has two holders.
    Token,
    /// A grant by somebody who does not lead, or of what nobody asked for.
    Grant,
    /// A request enters twice or after it was given up, or has two tokens in one term.
    Twice,
    /// A node elects again while one above it still does.
    Thrift,
    /// There are more messages than the model has room for.
    Room,
    /// A node would do something else if the nodes had other names.
    Names,
}

/// The books.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Books {
    /// The first invariant that was broken.
    pub broken: Option<Broken>,
    /// Who has led which term.
    offices: Vec<(Term, Identity)>,
    /// What was granted with which token.
    grants: Vec<(Token, RequestId)>,
    /// What must not enter any more: it has entered, or was given up.
    over: Vec<RequestId>,
}

impl Books {
    /// Whether this invariant is not the one that was broken.
    pub fn keeps(&self, broken: Broken) -> bool {
        self.broken != Some(broken)
    }

    /// How many terms have had a leader.
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

/// Adds to a list that is kept in order, so that equal histories are equal states.
pub fn note<T: Ord>(list: &mut Vec<T>, item: T) {
    if let Err(place) = list.binary_search(&item) {
        list.insert(place, item);
    }
}
