//! Safeguards of the locks, and the model in which removing each breaks a property.

use super::table::{FREED_HOLDER, MOST_REPORTS, Mutant, NEXT_TOKEN, without};

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
            "smaller-first",
            "(stamp, me) > other",
        ),
        ASK_TWICE,
    ),
    (
        without(
            "distributed lock, smaller first: equal stamps are not told apart",
            "smaller-first",
            "stamp < other.0",
        ),
        ASK_TWICE,
    ),
    (
        without(
            "distributed lock, OK on leaving: a node that is in answers at once",
            "inside-first",
            "false",
        ),
        ASK_TWICE,
    ),
    (
        without(
            "distributed lock, all OKs: one is enough",
            "all-oks",
            "request.id == answered && missing.remove(from)",
        ),
        ASK_TWICE,
    ),
    (
        without(
            "distributed lock, named OK: a late copy answers the next request",
            "all-oks",
            "answered.by == request.id.by && missing.remove(from) && missing.is_empty()",
        ),
        ASK_TWICE,
    ),
];

/// Each safeguard of the hardened lock, and the model.
const MUTANTS: &[(Mutant, &Totals)] = &[
    (
        without("all reports: a majority is enough", "all-reports", MOST_REPORTS),
        &[("nodes", 3), ("askers", 2), ("new-terms", 1)],
    ),
    (without("release token: any RELEASE frees", "release-token", "self.holder.is_some()"), ANEW),
    (
        without(
            "request ids: what is closed is granted again",
            "closed-request",
            "self.is_left_behind(request)",
        ),
        ANEW,
    ),
    (
        without(
            "request ids: earlier lives and requests are not known",
            "request-left-behind",
            "false",
        ),
        CRASH,
    ),
    (
        without(
            "holder's lease: a claim that ends changes nothing",
            "lease-of-holder",
            "*held == 0",
        ),
        ANEW,
    ),
    (
        without(
            "a grant that answers a lapsed repetition is taken",
            "lapsed-attempt",
            "0 < repetition && repetition <= sent",
        ),
        ANEW,
    ),
    (without("a grant that is being given back is taken", "grant-given-back", "false"), ANEW),
    (without("repeated grant: it has another token", "repeated-grant", NEXT_TOKEN), ANEW),
    (
        without(
            "leader's lease: it grants without",
            "lease-to-grant",
            "self.stage != Stage::Serving || self.holder.is_some()",
        ),
        TWICE,
    ),
    (
        without(
            "a REPORT of a hold is believed by its token, not its request",
            "hold-given-back",
            "self.is_done(held.request)",
        ),
        &[("nodes", 2), ("sent", 2), ("new-terms", 2)],
    ),
    (
        without("of two holds the later token is believed", "later-hold", "true"),
        &[("nodes", 3), ("new-terms", 2)],
    ),
    (without("REPORT says what is held", "reported-hold", "None"), TWICE),
    (without("WITHDRAW frees no holder", "withdrawal-frees-no-holder", FREED_HOLDER), GIVE_UP),
    (
        without(
            "WITHDRAW: a request that was given up does not enter",
            "request-given-up",
            "self.requests[place]",
        ),
        GIVE_UP,
    ),
    (
        without(
            "WITHDRAW is repeated",
            "unanswered-withdrawal",
            "self.waits() || self.gives_back()",
        ),
        GIVE_UP,
    ),
];
