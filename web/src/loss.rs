//! What a crash loses.

use antes_core::{LockView, NodeId};
use antes_sim::run::Run;
use antes_sim::world::Status;

use crate::language::Language;
use crate::words as w;

/// One sentence on what `node` would lose if it crashed at this moment; none if it is down.
pub fn sentence(run: &Run, node: NodeId, language: Language) -> Option<String> {
    let slot = run.world().node(node);
    if slot.status() == Status::Down {
        return None;
    }
    let clock = slot.stamp().lamport;
    let mut lost = w::LOSES_CLOCK.fill(language, &[&clock]);
    match slot.node().leader() {
        Some(leader) if leader == node => lost.push_str(w::LOSES_LEADERSHIP.say(language)),
        Some(leader) => lost.push_str(&w::LOSES_LEADER.fill(language, &[&leader])),
        None => {}
    }
    if let Some(lock) = slot.node().stack().lock() {
        lost.push_str(&of_lock(&lock, language));
    }
    Some(w::LOSES.fill(language, &[&node, &lost]))
}

fn of_lock(lock: &LockView, language: Language) -> String {
    let mut lost = String::new();
    if lock.requests.iter().any(|&(_, holds)| holds) {
        lost.push_str(w::LOSES_LOCK.say(language));
    }
    if lock.requests.iter().any(|&(_, holds)| !holds) {
        lost.push_str(w::LOSES_REQUESTS.say(language));
    }
    if lock.table.as_ref().is_some_and(|t| !t.queue.is_empty() || t.holder.is_some()) {
        lost.push_str(w::LOSES_QUEUE.say(language));
    }
    lost
}

#[cfg(test)]
mod tests {
    use super::*;
    use antes_core::{Algorithm, ClusterSize};
    use antes_sim::scenario::{Action, Scenario};

    #[test]
    fn a_leader_loses_its_clock_and_that_it_leads() {
        let four = NodeId::new(4).unwrap();
        let scenario = Scenario::new(Algorithm::Leader, ClusterSize::new(4).unwrap());
        let mut run = Run::new(scenario);
        run.advance_to(600_000);
        let told = sentence(&run, four, Language::English).unwrap();
        assert!(told.contains("its clock (3) starts at 0 again, that it leads"), "{told}");
        run.act(Action::Crash(four));
        assert_eq!(sentence(&run, four, Language::English), None);
    }
}
