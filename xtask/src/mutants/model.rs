//! Safeguards of the locks, and the model in which removing each breaks a property.

use super::table::{CLAIMS, COORDINATOR, DISTRIBUTED_LOCK, MUTEX, Mutant, without};

/// The totals of a model, as `antes-hunt states` takes them.
pub type Totals = [(&'static str, u8)];

/// The models, with the safeguards of each.
pub const MODELS: [(&str, &[(Mutant, &Totals)]); 2] =
    [("hardened-lock", MUTANTS), ("distributed-lock", DISTRIBUTED)];

/// Two nodes ask, and each may ask anew once.
const ANEW: &Totals = &[("nodes", 2), ("requests", 2), ("sent", 2)];
/// Two nodes ask, and each request may be sent twice.
const TWICE: &Totals = &[("nodes", 2), ("sent", 2), ("new-terms", 1)];
/// Two nodes, one of which may crash.
const CRASH: &Totals = &[("nodes", 2), ("crashes", 1), ("new-terms", 1)];
/// Two nodes that may give up, and ask again.
const GIVE_UP: &Totals = &[("nodes", 2), ("requests", 2), ("withdrawals", 1)];

/// Three nodes, each of which may ask twice.
const ASK_TWICE: &Totals = &[("nodes", 3), ("max-clock", 4), ("requests", 2)];

/// The rules of the distributed lock.
const DISTRIBUTED: &[(Mutant, &Totals)] = &[
    (
        without(
            "distributed lock, smaller first: the comparison is reversed",
            DISTRIBUTED_LOCK,
            "Turn::Asking { stamp, .. } => (stamp, me) < other,",
            "Turn::Asking { stamp, .. } => (stamp, me) > other,",
        ),
        ASK_TWICE,
    ),
    (
        without(
            "distributed lock, smaller first: equal stamps are not told apart",
            DISTRIBUTED_LOCK,
            "Turn::Asking { stamp, .. } => (stamp, me) < other,",
            "Turn::Asking { stamp, .. } => stamp < other.0,",
        ),
        ASK_TWICE,
    ),
    (
        without(
            "distributed lock, OK on leaving: a node that is in answers at once",
            DISTRIBUTED_LOCK,
            "Turn::Inside { .. } => true,",
            "Turn::Inside { .. } => false,",
        ),
        ASK_TWICE,
    ),
    (
        without(
            "distributed lock, all OKs: one is enough",
            DISTRIBUTED_LOCK,
            "missing.remove(from) && missing.is_empty() {",
            "missing.remove(from) {",
        ),
        ASK_TWICE,
    ),
    (
        without(
            "distributed lock, named OK: a late copy answers the next request",
            DISTRIBUTED_LOCK,
            "if request.id == answered && missing.remove(from)",
            "if answered.by == request.id.by && missing.remove(from)",
        ),
        ASK_TWICE,
    ),
];

/// Each safeguard of the hardened lock, and the model.
const MUTANTS: &[(Mutant, &Totals)] = &[
    (
        without(
            "all reports: a majority is enough",
            COORDINATOR,
            "let complete = reported.len() == u32::from(size);",
            "let complete = reported.len() > u32::from(size) / 2;",
        ),
        &[("nodes", 3), ("askers", 2), ("new-terms", 1)],
    ),
    (
        without(
            "release token: any RELEASE frees",
            COORDINATOR,
            "if self.holder.is_some_and(|held| held.token == token) {",
            "if self.holder.is_some() {",
        ),
        ANEW,
    ),
    (
        without(
            "request ids: what is closed is granted again",
            COORDINATOR,
            "self.closed.contains(&request) || self.is_left_behind(request)",
            "self.is_left_behind(request)",
        ),
        ANEW,
    ),
    (
        without(
            "request ids: earlier lives and requests are not known",
            COORDINATOR,
            "of_node(oldest_open) && request < *oldest_open)",
            "of_node(oldest_open) && request < request)",
        ),
        CRASH,
    ),
    (
        without(
            "holder's lease: a claim that ends changes nothing",
            CLAIMS,
            "if *held == repetition => {",
            "if *held == 0 => {",
        ),
        ANEW,
    ),
    (
        without(
            "a grant that answers a lapsed repetition is taken",
            CLAIMS,
            "if lapsed < repetition && repetition <= sent => {",
            "if 0 < repetition && repetition <= sent => {",
        ),
        ANEW,
    ),
    (
        without(
            "a grant that is being given back is taken",
            CLAIMS,
            "        if self.releases.contains(&(id, token)) {\n            //",
            "        if false {\n            //",
        ),
        ANEW,
    ),
    (
        without(
            "repeated grant: it has another token",
            COORDINATOR,
            "out.push(Decision::Grant(waiter, held.token));",
            "self.sequence += 1; \
             out.push(Decision::Grant(waiter, Token { sequence: self.sequence, ..held.token }));",
        ),
        ANEW,
    ),
    (
        without(
            "leader's lease: it grants without",
            COORDINATOR,
            "if !self.may_grant || self.stage != Stage::Serving",
            "if self.stage != Stage::Serving",
        ),
        TWICE,
    ),
    (
        without(
            "a REPORT of a hold is believed by its token, not its request",
            COORDINATOR,
            "self.given_back.contains(&held.token) || self.is_left_behind(held.request)",
            "self.is_done(held.request)",
        ),
        &[("nodes", 2), ("sent", 2), ("new-terms", 2)],
    ),
    (
        without(
            "of two holds the later token is believed",
            COORDINATOR,
            "self.holder.is_none_or(|known| known.token < held.token)",
            "true",
        ),
        &[("nodes", 3), ("new-terms", 2)],
    ),
    (
        without(
            "REPORT says what is held",
            MUTEX,
            "let holds = self.holding().map(|(request, token, _)| (request, token));",
            "let holds = None;",
        ),
        TWICE,
    ),
    (
        without(
            "WITHDRAW frees no holder",
            COORDINATOR,
            "        if let Some(held) = self.holder.filter(|held| held.request == request) {\n",
            "        if let Some(held) = self.holder {\n            self.free(out);\n",
        ),
        GIVE_UP,
    ),
    (
        without(
            "WITHDRAW: a request that was given up does not enter",
            CLAIMS,
            "let given_up = self.requests.remove(place);",
            "let given_up = self.requests[place];",
        ),
        GIVE_UP,
    ),
    (
        without(
            "WITHDRAW is repeated",
            CLAIMS,
            "self.waits() || self.gives_back() || !self.withdrawn.is_empty()",
            "self.waits() || self.gives_back()",
        ),
        GIVE_UP,
    ),
];
