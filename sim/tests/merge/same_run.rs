//! The merged run is the run that was taken apart, and is judged as it was.

use super::*;

#[test]
fn any_run_is_the_same_history_again_however_wrong_the_clocks_are() {
    for algorithm in [Algorithm::Clock, Algorithm::Leader, Algorithm::Mutex] {
        for profile in [Profile::Classic, Profile::Hardened] {
            for (seed, scenario) in storms(profile, algorithm, Faults::ALL).enumerate() {
                let run = finished(scenario);
                let skew = |node: u8| (i64::from(node.max(1)) - 2) * 2_718_281 * (seed as i64 - 4);
                let merged = joined(&taken_apart(&run, &skew, &EVERYTHING));
                is_the_same_history(&format!("{algorithm:?} {profile:?} {seed}"), &run, &merged);
            }
        }
    }
}

/// The violations without their order: concurrent ones may come in either order.
fn verdict(trace: &[TraceEvent]) -> Vec<&str> {
    let mut sentences: Vec<_> =
        violations(trace).into_iter().map(|violation| violation.sentence.as_str()).collect();
    sentences.sort_unstable();
    sentences
}

#[test]
fn a_run_is_judged_as_before_however_wrong_the_clocks_are() {
    let mut found = BTreeSet::new();
    for algorithm in [Algorithm::Clock, Algorithm::Leader, Algorithm::Mutex] {
        for profile in [Profile::Classic, Profile::Hardened] {
            // With equal latencies in both directions, round trips give the exact offsets.
            for (seed, mut scenario) in storms(profile, algorithm, Faults::ALL).enumerate() {
                scenario.network.latency = Latency::Fixed(ms(20));
                let run = finished(scenario);
                let skew = |node: u8| i64::from(node.max(1)) * 1_234_567 * (seed as i64 - 4);
                let merged = joined(&taken_apart(&run, &skew, &EVERYTHING));
                let name = format!("{algorithm:?} {profile:?} {seed}");
                assert_eq!(verdict(&merged.events), verdict(run.trace()), "{name}");
                found.extend(broken(&run));
            }
        }
    }
    let judged = [
        Invariant::OneHolder,
        Invariant::ExclusiveWrites,
        Invariant::OneLeader,
        Invariant::ClockCondition,
    ];
    assert!(judged.iter().all(|invariant| found.contains(invariant)), "{found:?}");
}

#[test]
fn a_forged_line_is_found_in_the_whole_run() {
    let run = killed(Profile::Hardened);
    let mut files = taken_apart(&run, &|_| 0, &EVERYTHING);
    // The resource accepts a write with a token older than the one before.
    let (_, text) = &mut files[0];
    let place = text.rfind("\"token\":[").expect("a write") + "\"token\":[".len();
    let end = place + text[place..].find(']').expect("its end");
    text.replace_range(place..end, "1,1");
    let merged = joined(&files);
    let found: Vec<_> = violations(&merged.events).iter().map(|found| found.invariant).collect();
    assert_eq!(found, [Invariant::TokenOrder]);
}

#[test]
fn a_whole_run_is_judged_again() {
    let run = killed(Profile::Classic);
    let text = jsonl::write(run.scenario(), run.trace());
    let merged = joined(&vec![("run.jsonl".into(), text)]);
    assert_eq!(merged.events, run.trace());
    let mut merged = joined(&taken_apart(&run, &|_| 0, &EVERYTHING));
    let mut text = format!("{}\n", merged.header.to_json());
    for event in &merged.events {
        text.push_str(&format!("{}\n", jsonl::line(event, merged.header.size())));
    }
    let again = joined(&vec![("merged.jsonl".into(), text)]);
    merged.header.duration_us = again.header.duration_us;
    assert_eq!((again.header, again.events), (merged.header, merged.events));
}
