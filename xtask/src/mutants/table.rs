//! Mutation table: the code of each safeguard, and how it is removed.

use anyhow::{Result, ensure};

/// A safeguard, and the change of the source that removes it.
pub struct Mutant {
    /// The name of the safeguard.
    pub measure: &'static str,
    /// The path of its file.
    pub file: &'static str,
    /// The original code, which occurs once in the file.
    from: &'static str,
    /// The text that stands in its place; usually empty or a condition that always holds.
    to: &'static str,
}

impl Mutant {
    /// The file's text without the safeguard.
    pub fn applied_to(&self, text: &str) -> Result<String> {
        let (measure, file, times) = (self.measure, self.file, text.matches(self.from).count());
        ensure!(times == 1, "{measure}: its code is {times} times in {file}, expected once");
        Ok(text.replace(self.from, self.to))
    }

    /// The change as a cell of a table.
    pub fn change(&self) -> String {
        let cell = |code: &str| {
            let words: Vec<&str> = code.split_whitespace().collect();
            words.join(" ").replace('|', "\\|")
        };
        format!("`{}`: `{}` → `{}`", self.file, cell(self.from), cell(self.to))
    }
}

/// A mutant: in `file`, `from` becomes `to`.
pub(super) const fn without(
    measure: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
) -> Mutant {
    Mutant { measure, file, from, to }
}

const SPANS: &str = "core/src/hardened.rs";
const CAMPAIGN: &str = "core/src/hardened/campaign.rs";
pub(super) const CLAIMS: &str = "core/src/hardened/claims.rs";
pub(super) const COORDINATOR: &str = "core/src/hardened/coordinator.rs";
const FITTING: &str = "core/src/spans.rs";
const ELECTION: &str = "core/src/hardened/election.rs";
pub(super) const DISTRIBUTED_LOCK: &str = "core/src/distributed.rs";
pub(super) const MUTEX: &str = "core/src/hardened/mutex.rs";
const OFFICE: &str = "core/src/hardened/office.rs";
const RESOURCE: &str = "sim/src/resource.rs";

/// One mutant per safeguard of the hardened profile.
pub const MUTANTS: &[Mutant] = &[
    without("majority", SPANS, "nodes as u32 / 2 + 1", "nodes as u32 / 2"),
    without(
        "vote storage",
        CAMPAIGN,
        "self.save(Stable { vote: Some(from), ..self.stable }, out);",
        "self.stable.vote = Some(from);",
    ),
    without("lower-term refusal", ELECTION, "        term == self.term()\n", "        true\n"),
    without(
        "leader's lease",
        OFFICE,
        "if office.lease.is_none_or(|lease| lease <= number) {",
        "if false {",
    ),
    without(
        "grace",
        MUTEX,
        "out.push(set(MutexTimer::Grace, grace));\n        let holds",
        "out.push(set(MutexTimer::Grace, Duration::ZERO));\n        let holds",
    ),
    without(
        "all reports",
        COORDINATOR,
        "let complete = reported.len() == u32::from(size);",
        "let complete = reported.len() > u32::from(size) / 2;",
    ),
    without("holder's lease", CLAIMS, "if *held == repetition => {", "if *held == 0 => {"),
    without(
        "repeated grant",
        COORDINATOR,
        "out.push(Decision::Grant(waiter, held.token));",
        "self.sequence += 1; \
         out.push(Decision::Grant(waiter, Token { sequence: self.sequence, ..held.token }));",
    ),
    without("fencing", RESOURCE, "let accepted = self.takes(&write);", "let accepted = true;"),
    without(
        "request ids",
        COORDINATOR,
        "self.closed.contains(&request) || self.is_left_behind(request)",
        "self.is_left_behind(request)",
    ),
    without(
        "release token",
        COORDINATOR,
        "if self.holder.is_some_and(|held| held.token == token) {",
        "if self.holder.is_some() {",
    ),
    without("PROBE", CAMPAIGN, "if willing.len() < majority(cx.config.size.get()) {", "if false {"),
    without("retries", CLAIMS, "if self.waits_for_answers() && !by_heartbeats {", "if false {"),
    without("retry timer", CLAIMS, "        if !running {\n", "        if true {\n"),
    without(
        "wait with a new term",
        ELECTION,
        "let patience = patience_with_a_term(cx.config);",
        "let patience = cx.config.election.suspect_after;",
    ),
    without(
        "drift in T",
        FITTING,
        "span((network.there_and_back() * (ONE + drift)).div_ceil(ONE))",
        "span(network.there_and_back())",
    ),
    without(
        "drift in T'",
        FITTING,
        "let asks = (asking + network.there_and_back() * (ONE - drift)) * (ONE + drift);",
        "let asks = (asking + network.there_and_back() * ONE) * (ONE - drift);",
    ),
    without("asking in T'", FITTING, "Form::Parallel => 1,", "Form::Parallel => 0,"),
    without(
        "drift in X, leader",
        FITTING,
        "let at_leader = (acknowledged * ONE).div_ceil(ONE - drift);",
        "let at_leader = heartbeat + network.there_and_back() + acknowledged * 0;",
    ),
    without(
        "drift in X, follower",
        FITTING,
        "span(at_follower), Reason::LiveLeaderSuspected",
        "span(heartbeat + network.one_way()), Reason::LiveLeaderSuspected",
    ),
    without(
        "withdrawal frees no holder",
        COORDINATOR,
        "        if let Some(held) = self.holder.filter(|held| held.request == request) {\n",
        "        if let Some(held) = self.holder {\n            self.free(out);\n",
    ),
    without(
        "withdrawal is repeated",
        CLAIMS,
        "for request in self.withdrawn.clone() {",
        "for request in Vec::<RequestId>::new() {",
    ),
    without(
        "withdrawn request does not wait",
        CLAIMS,
        "let given_up = self.requests.remove(place);",
        "let given_up = self.requests[place];",
    ),
    without(
        "grant of a withdrawn request comes back",
        CLAIMS,
        "            self.give_back(cx, id, token, out);\n            return;\n",
        "            if !self.withdrawn.contains(&id) {\n                self.give_back(cx, id, token, out);\n            }\n            return;\n",
    ),
    without(
        "drift margin",
        SPANS,
        "1_000_000 - u64::from(config.hardened.drift.0.min(1_000_000))",
        "1_000_000",
    ),
    without(
        "own request",
        CLAIMS,
        "Role::Coordinator(_) => {}\n            Role::Participant { .. } => self.send_request(cx, id, out),",
        "Role::Coordinator(_) | Role::Participant { .. } => self.send_request(cx, id, out),",
    ),
    without(
        "standing aside",
        CAMPAIGN,
        "if enough { Hearing::Enough } else { Hearing::TooFew }",
        "Hearing::Enough",
    ),
];
