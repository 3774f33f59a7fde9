//! The scenarios that the page offers.

use antes_core::Algorithm;
use antes_sim::scenario::{self, Scenario};

/// A scenario that the page offers.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its name in addresses.
    pub slug: &'static str,
    /// What it says.
    pub scenario: Scenario,
}

/// The scenario that opens the page.
pub const FIRST: &str = "leader-crash";

/// All scenarios, in the order in which they are offered.
pub fn entries() -> Vec<Entry> {
    let entry = |&(slug, text): &(&'static str, &str)| {
        let scenario = scenario::read(text).ok()?;
        Some(Entry { slug, scenario })
    };
    STAND_IN.iter().filter_map(entry).collect()
}

/// The place of the scenario to begin with for `algorithm`.
pub fn first_of(algorithm: Algorithm, entries: &[Entry]) -> Option<usize> {
    entries.iter().position(|entry| entry.scenario.config.algorithm == algorithm)
}

const STAND_IN: &[(&str, &str)] = &[
    ("clock-calls", r#"
title.en = "Random calls"
title.pt = "Chamadas ao acaso"
algorithm = "clock"
profile = "classic"
seed = 3
duration = "30s"
[application]
auto = true
[[step]]
at = "10ms"
send = { from = 1, to = 2 }
note.en = "Node 1 sends a message: its clock ticks, and the message carries the stamp."
note.pt = "O nó 1 envia uma mensagem: seu relógio avança, e a mensagem leva o carimbo."
"#),
    ("leader-crash", r#"
title.en = "The leader crashes"
title.pt = "O líder cai"
summary.en = "Node 4 leads and shows that it is alive. Then it dies, and the others find a new leader."
summary.pt = "O nó 4 lidera e mostra que está vivo. Depois morre, e os outros acham um novo líder."
look_for.en = "Who notices first, whom it asks, and why node 1 does not become the leader."
look_for.pt = "Quem percebe primeiro, a quem pergunta, e por que o nó 1 não vira líder."
algorithm = "leader"
profile = "classic"
seed = 7
duration = "20s"
[network]
latency = { min = "60ms", max = "140ms" }
[[step]]
at = "1s"
crash = 4
note.en = "Node 4, the leader, dies. Nobody is told: its heartbeats just stop."
note.pt = "O nó 4, o líder, morre. Ninguém é avisado: os heartbeats só param."
[[step]]
at = "6s"
restart = 4
note.en = "Node 4 comes back. It knows of no leader, so it holds an election, and bullies its way back."
note.pt = "O nó 4 volta. Não conhece líder, então convoca eleição e toma o lugar de volta."
"#),
    ("mutex-queue", r#"
title.en = "Lock and queue"
title.pt = "Trava e fila"
algorithm = "mutex"
profile = "classic"
seed = 5
duration = "30s"
[application]
auto = true
"#),
];
