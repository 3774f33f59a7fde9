//! Sentences about what a crash loses.

use antes_core::{LockView, NodeId, Profile};
use antes_sim::run::Run;

use crate::language::Language;
use crate::words::{self as w, Word};

/// A sentence about what `node` would lose in a crash at this moment. `None` if it is down.
pub fn sentence(run: &Run, node: NodeId, language: Language) -> Option<String> {
    let slot = run.world().node(node);
    if slot.status().is_down() {
        return None;
    }
    let profile = run.scenario().config.profile;
    let clock = slot.stamp().lamport;
    let mut lost = Vec::new();
    if profile == Profile::Classic {
        lost.push(w::LOSES_CLOCK.fill(language, &[&clock]));
    }
    match slot.node().leader() {
        Some(leader) if leader == node => lost.push(w::LOSES_LEADERSHIP.say(language).to_owned()),
        Some(leader) => lost.push(w::LOSES_LEADER.fill(language, &[&leader])),
        None => {}
    }
    if let Some(lock) = slot.node().stack().lock() {
        lost.extend(of_lock(&lock).map(|word| word.say(language).to_owned()));
    }
    let list = lost.join(", ");
    Some(match profile {
        Profile::Classic => w::LOSES_ALL.fill(language, &[&node, &list]),
        Profile::Hardened if lost.is_empty() => w::LOSES_UNSAVED.fill(language, &[&node, &clock]),
        Profile::Hardened => w::LOSES_UNSAVED_SUCH_AS.fill(language, &[&node, &clock, &list]),
    })
}

fn of_lock(lock: &LockView) -> impl Iterator<Item = Word> {
    let holds = lock.requests.iter().any(|&(_, holds)| holds);
    let waits = lock.requests.iter().any(|&(_, holds)| !holds);
    let table = lock.table.as_ref();
    let serves = table.is_some_and(|table| !table.queue.is_empty() || table.holder.is_some());
    let lost = [(holds, w::LOSES_LOCK), (waits, w::LOSES_REQUESTS), (serves, w::LOSES_QUEUE)];
    lost.into_iter().filter(|&(is_lost, _)| is_lost).map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use antes_core::{Algorithm, ClusterSize};
    use antes_sim::scenario::{Action, Scenario};

    #[test]
    fn a_leader_loses_its_clock_and_its_leadership() {
        let four = NodeId::new(4).unwrap();
        let scenario = Scenario::new(Algorithm::Leader, ClusterSize::new(4).unwrap());
        let mut run = Run::new(scenario);
        run.advance_to(600_000);
        let told = sentence(&run, four, Language::English).unwrap();
        assert!(told.contains("its clock (3, back to 0), its leadership"), "{told}");
        run.act(Action::Crash(four));
        assert_eq!(sentence(&run, four, Language::English), None);
    }

    #[test]
    fn a_hardened_node_keeps_its_clock_and_loses_its_leadership() {
        let four = NodeId::new(4).unwrap();
        let scenario = Scenario::new(Algorithm::Leader, ClusterSize::new(4).unwrap());
        let mut run = Run::new(scenario.in_profile(Profile::Hardened));
        run.advance_to(600_000);
        let clock = run.world().node(four).stamp().lamport;
        let told = sentence(&run, four, Language::English).unwrap();
        assert!(told.contains(&format!("has saved its clock ({clock})")), "{told}");
        assert!(told.ends_with("everything else it knew: its leadership."), "{told}");
        run.act(Action::Crash(four));
        run.act(Action::Restart(four));
        assert!(run.world().node(four).stamp().lamport >= clock);
    }
}
