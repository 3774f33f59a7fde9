//! Mutation table: how each safeguard is removed.

/// A safeguard, and the code that removes it.
#[derive(Debug)]
pub struct Mutant {
    /// The name of the safeguard.
    pub measure: &'static str,
    /// The name in the marker of its code (see [`super::place`]).
    pub place: &'static str,
    /// The code that stands there instead; usually a condition that always holds.
    pub replacement: &'static str,
}

impl Mutant {
    /// The change as a cell of a table.
    pub fn change(&self) -> String {
        let words: Vec<&str> = self.replacement.split_whitespace().collect();
        format!("`{}` becomes `{}`", self.place, words.join(" ").replace('|', "\\|"))
    }
}

/// A mutant: the code at `place` becomes `replacement`.
pub(super) const fn without(
    measure: &'static str,
    place: &'static str,
    replacement: &'static str,
) -> Mutant {
    Mutant { measure, place, replacement }
}

/// A majority of reports instead of all.
pub(super) const MOST_REPORTS: &str = "reported.len() > u32::from(size) / 2";
/// A GRANT with the next token, although the request has one.
pub(super) const NEXT_TOKEN: &str = "self.sequence += 1; \
    out.push(Decision::Grant(waiter, Token { sequence: self.sequence, ..held.token }));";
/// The holder, whose lock is freed first.
pub(super) const FREED_HOLDER: &str =
    "let held = self.holder; if held.is_some() { self.free(out); } held";

/// One mutant per safeguard of the hardened profile.
pub const MUTANTS: &[Mutant] = &[
    without("majority", "majority", "nodes as u32 / 2"),
    without("vote storage", "vote-storage", "self.stable.vote = Some(from);"),
    without("lower-term refusal", "lower-term", "true"),
    without("leader's lease", "leader-lease", "false"),
    without("grace", "grace", "Duration::ZERO"),
    without("all reports", "all-reports", MOST_REPORTS),
    without("holder's lease", "lease-of-holder", "*held == 0"),
    without("repeated grant", "repeated-grant", NEXT_TOKEN),
    without("fencing", "fence", "true"),
    without("request ids", "closed-request", "self.is_left_behind(request)"),
    without("release token", "release-token", "self.holder.is_some()"),
    without("PROBE", "probe", "false"),
    without("retries", "retries", "false"),
    without("retry timer", "retry-timer", "true"),
    without("wait with a new term", "wait-with-a-new-term", "cx.config.election.suspect_after"),
    without("drift in T", "drift-in-answer-timeout", "span(network.there_and_back())"),
    without(
        "drift in T'",
        "drift-in-coordinator-timeout",
        "(asking + network.there_and_back() * ONE) * (ONE - drift)",
    ),
    without("asking in T'", "asking-in-coordinator-timeout", "0"),
    without(
        "drift in X, leader",
        "drift-in-suspicion-of-leader",
        "heartbeat + network.there_and_back()",
    ),
    without(
        "drift in X, follower",
        "drift-in-suspicion-of-follower",
        "(span(heartbeat + network.one_way()), Reason::LiveLeaderSuspected)",
    ),
    without("withdrawal frees no holder", "withdrawal-frees-no-holder", FREED_HOLDER),
    without("withdrawal is repeated", "withdrawal-repeated", "Vec::<RequestId>::new()"),
    without("withdrawn request does not wait", "request-given-up", "self.requests[place]"),
    without(
        "grant of a withdrawn request comes back",
        "unused-grant",
        "if !self.withdrawn.contains(&id) { self.give_back(cx, id, token, out); }",
    ),
    without("drift margin", "drift-margin", "scale(span, 1_000_000)"),
    without("own request", "own-request", "self.send_request(cx, id, out)"),
    without("standing aside", "standing-aside", "true"),
];
