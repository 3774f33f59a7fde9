//! The scenario library: each scenario does what its title says, and exactly what its golden file
//! says.
//!
//! To update the golden files: `UPDATE_GOLDEN=1 cargo test -p antes-sim --test library`. Read the
//! changes before you commit them.

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use antes_core::{Causality, Command, Profile};
use antes_sim::export::{is_routine, text};
use antes_sim::library::{self, LIBRARY};
use antes_sim::run::Run;
use antes_sim::scenario::{self, Action, Scenario, Text};
use antes_sim::summary::Summary;
use antes_sim::trace::TraceEvent;
use common::*;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

fn scenario(slug: &str) -> Scenario {
    let text = library::find(slug).unwrap_or_else(|| panic!("there is no {slug}"));
    scenario::read(text).unwrap_or_else(|error| panic!("{slug}: {error}"))
}

fn played(slug: &str) -> (Run, Summary) {
    let run = finished(scenario(slug));
    let summary = Summary::new(run.scenario().config.size, run.trace());
    (run, summary)
}

/// The run for human readers: notes among the events, without the routine of the failure detector.
fn story(scenario: Scenario) -> String {
    let size = scenario.config.size;
    let mut run = Run::new(scenario);
    let mut out = text::header(run.scenario());
    let (mut told, mut shown) = (0, 0);
    loop {
        let happened = &run.trace()[shown..];
        let steps = run.world().steps_done();
        for step in &run.script()[told..steps] {
            if let Some(note) = &step.note {
                writeln!(out, "# {}", note.en).expect("a string takes everything");
            }
        }
        for event in happened.iter().filter(|event| !is_routine(event)) {
            writeln!(out, "{}", text::line(event, size)).expect("a string takes everything");
        }
        (told, shown) = (steps, run.trace().len());
        if !run.step() {
            break;
        }
    }
    write!(out, "\n{}", Summary::new(size, run.trace())).expect("a string takes everything");
    out
}

fn golden(slug: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{slug}.txt"))
}

#[test]
fn every_scenario_runs_as_its_golden_file_says() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut changed = Vec::new();
    for (slug, _) in LIBRARY {
        let (path, story) = (golden(slug), story(scenario(slug)));
        if update {
            std::fs::write(&path, story).expect("the golden file can be written");
        } else if std::fs::read_to_string(&path).ok().as_deref() != Some(&story) {
            changed.push(*slug);
        }
    }
    let how = "run with UPDATE_GOLDEN=1 and read what has changed";
    assert!(changed.is_empty(), "changed: {changed:?}; {how}");
}

#[test]
fn every_golden_file_is_of_a_scenario_and_every_file_is_in_the_library() {
    let names = |folder: PathBuf| -> BTreeSet<String> {
        let files = std::fs::read_dir(folder).expect("the folder is there");
        let name = |file: std::fs::DirEntry| {
            let path = file.path();
            path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned()
        };
        files.map(|file| name(file.expect("a file"))).collect()
    };
    let slugs: BTreeSet<String> = LIBRARY.iter().map(|(slug, _)| (*slug).to_owned()).collect();
    assert_eq!(slugs.len(), LIBRARY.len(), "names are different");
    assert_eq!(names(golden("x").parent().expect("a folder").to_owned()), slugs);
    let files = names(repository().join("scenarios"));
    let unnumbered = files.iter().map(|name| name.split_once('-').expect("a number").1.to_owned());
    assert_eq!(unnumbered.collect::<BTreeSet<_>>(), slugs);
}

#[test]
fn every_scenario_speaks_both_languages_and_is_brief() {
    for (slug, _) in LIBRARY {
        let scenario = scenario(slug);
        let head = [&scenario.summary, &scenario.look_for, &scenario.simplifies];
        let mut texts: Vec<&Text> = vec![&scenario.title];
        texts.extend(head.map(|text| text.as_ref().unwrap_or_else(|| panic!("{slug} is silent"))));
        texts.extend(scenario.steps.iter().filter_map(|step| step.note.as_ref()));
        for text in texts {
            let pt = text.pt.as_deref().unwrap_or_else(|| panic!("{slug}: {}", text.en));
            for words in [text.en.as_str(), pt] {
                assert!((1..=200).contains(&words.chars().count()), "{slug}: {words}");
            }
        }
        assert!(scenario.steps.iter().any(|step| step.note.is_some()), "{slug} has a narrator");
    }
}

#[test]
fn every_scenario_is_the_same_after_it_has_been_written_and_read() {
    for (slug, _) in LIBRARY {
        let scenario = scenario(slug);
        assert_eq!(scenario::read(&scenario::write(&scenario)), Ok(scenario), "{slug}");
    }
}

#[test]
fn no_scenario_breaks_an_invariant_of_the_hardened_profile() {
    for (slug, _) in LIBRARY {
        let scenario = scenario(slug).in_profile(Profile::Hardened);
        assert_eq!(broken(&finished(scenario)), [], "{slug}");
    }
}

/// The outcome of a scenario: the leader of each node that is up, the entries in order, and the
/// violated invariants.
struct Outcome {
    slug: &'static str,
    leaders: &'static [(u8, u8)],
    entries: &'static str,
    broken: &'static [&'static str],
}

const fn outcome(
    slug: &'static str,
    leaders: &'static [(u8, u8)],
    entries: &'static str,
    broken: &'static [&'static str],
) -> Outcome {
    Outcome { slug, leaders, entries, broken }
}

const ALL_FOLLOW_4: &[(u8, u8)] = &[(1, 4), (2, 4), (3, 4), (4, 4)];
const ALL_FOLLOW_3: &[(u8, u8)] = &[(1, 3), (2, 3), (3, 3)];
const TWO_IN: &[&str] = &["one-holder", "exclusive-writes"];

const OUTCOMES: &[Outcome] = &[
    outcome("first-clock", &[], "", &[]),
    outcome("overtaking", &[], "", &[]),
    outcome("concurrent-but-ordered", &[], "", &[]),
    outcome("vector-clocks-tell", &[], "", &[]),
    outcome("random-calls", &[], "", &[]),
    outcome("leader-dies", ALL_FOLLOW_3, "", &[]),
    outcome("three-die", &[(1, 1)], "", &[]),
    outcome("highest-comes-back", ALL_FOLLOW_4, "", &["clock-condition"]),
    outcome("highest-comes-back-hardened", ALL_FOLLOW_4, "", &[]),
    outcome("two-start-at-once", ALL_FOLLOW_3, "", &[]),
    outcome("winner-dies-after-ok", &[(1, 2), (2, 2)], "", &[]),
    outcome("t-too-short", ALL_FOLLOW_3, "", &[]),
    outcome("t-too-short-hardened", ALL_FOLLOW_3, "", &[]),
    outcome("report-leader-killed", ALL_FOLLOW_3, "", &[]),
    outcome("report-repeated-kills", &[(1, 1)], "", &[]),
    outcome("report-candidates-dead", ALL_FOLLOW_3, "", &[]),
    outcome("lock-and-queue", ALL_FOLLOW_4, "1:1 2:1 3:1 1:2", &[]),
    outcome("report-granted-at-once", ALL_FOLLOW_4, "1:1 4:1", &[]),
    outcome("report-queued-when-held", ALL_FOLLOW_4, "1:1", &[]),
    outcome("report-handed-on", ALL_FOLLOW_4, "1:1 2:1", &[]),
    outcome("report-freed", ALL_FOLLOW_4, "1:1 2:1", &[]),
    outcome("asked-first-served-second", ALL_FOLLOW_4, "2:1 1:1", &[]),
    outcome("lock-through-a-leader-crash", ALL_FOLLOW_3, "1:1 2:1", TWO_IN),
    outcome("lock-through-a-leader-crash-hardened", ALL_FOLLOW_3, "1:1 2:1", &[]),
    outcome("holder-dies", &[(2, 4), (3, 4), (4, 4)], "1:1", &[]),
    outcome("holder-dies-hardened", &[(2, 4), (3, 4), (4, 4)], "1:1 2:1 3:1", &[]),
    outcome(
        "partition",
        ALL_FOLLOW_4,
        "1:1 3:1",
        &["one-holder", "exclusive-writes", "one-leader"],
    ),
    outcome("partition-hardened", ALL_FOLLOW_4, "1:1 3:1", &[]),
    outcome("lost-grant", ALL_FOLLOW_4, "", &[]),
    outcome("lost-grant-hardened", ALL_FOLLOW_4, "1:1 2:1", &[]),
    outcome("paused-leader", ALL_FOLLOW_4, "1:1 2:1", TWO_IN),
    outcome("paused-leader-hardened", ALL_FOLLOW_4, "1:1 2:1", &[]),
    outcome(
        "stale-holder",
        &[(1, 3), (2, 3), (3, 3), (4, 4)],
        "4:1 1:1",
        &["one-holder", "exclusive-writes", "one-leader"],
    ),
    outcome("stale-holder-hardened", ALL_FOLLOW_4, "4:1 1:1", &[]),
    outcome("two-of-four-dead", ALL_FOLLOW_3, "", &["clock-condition"]),
    outcome("two-of-four-dead-hardened", ALL_FOLLOW_3, "", &[]),
    outcome("late-answers", &[(1, 2), (2, 3), (3, 3)], "", &["one-leader"]),
    outcome("late-answers-hardened", ALL_FOLLOW_3, "", &[]),
    outcome("two-holders", &[(1, 2), (2, 2)], "1:1 2:1", TWO_IN),
    outcome("two-holders-hardened", &[(1, 2), (2, 2)], "1:1 2:1", &[]),
    outcome("short-wait", &[(1, 2), (2, 2)], "", &[]),
    outcome("ask-all", &[], "2:1 4:1", &[]),
    outcome("smaller-stamp-first", &[], "1:1 3:1", &[]),
    outcome("one-crash-stops-all", &[], "1:1", &[]),
    outcome(
        "nine-elect",
        &[(1, 8), (2, 8), (3, 8), (4, 8), (5, 8), (6, 8), (7, 8), (8, 8)],
        "",
        &[],
    ),
    outcome("sixteen-ask", &[], "5:1 12:1", &[]),
];

#[test]
fn every_scenario_comes_to_what_its_title_claims() {
    for outcome in OUTCOMES {
        let (_, summary) = played(outcome.slug);
        let known =
            summary.leaders.iter().filter_map(|(id, leader)| Some((id.get(), (*leader)?.get())));
        assert_eq!(known.collect::<Vec<_>>(), outcome.leaders, "{}", outcome.slug);
        let entries: Vec<_> =
            summary.entries.iter().map(|entry| entry.request.to_string()).collect();
        assert_eq!(entries.join(" "), outcome.entries, "{}", outcome.slug);
        let broken = summary.violations.iter().map(|found| found.violation.invariant.name());
        assert_eq!(broken.collect::<Vec<_>>(), outcome.broken, "{}", outcome.slug);
    }
    let claimed: BTreeSet<_> = OUTCOMES.iter().map(|outcome| outcome.slug).collect();
    let free = LIBRARY.iter().map(|(slug, _)| *slug).filter(|slug| !claimed.contains(slug));
    assert_eq!(free.collect::<Vec<_>>(), ["report-at-random"], "these have their own test");
}

/// An outcome of the classic side of a pair that the hardened side does not have.
#[derive(Debug, PartialEq)]
enum Lesson {
    /// The run violates this invariant.
    Breaks(&'static str),
    /// Requests that wait at the end wait for ever.
    Blocks,
    /// Nodes lead without a majority until another node comes back.
    LeadsWithoutMajority,
}

/// All pairs, with the reason for each.
const PAIRS: &[(&str, Lesson)] = &[
    ("highest-comes-back", Lesson::Breaks("clock-condition")),
    ("t-too-short", Lesson::LeadsWithoutMajority),
    ("lock-through-a-leader-crash", Lesson::Breaks("one-holder")),
    ("holder-dies", Lesson::Blocks),
    ("partition", Lesson::Breaks("one-holder")),
    ("lost-grant", Lesson::Blocks),
    ("paused-leader", Lesson::Breaks("one-holder")),
    ("stale-holder", Lesson::Breaks("one-holder")),
    ("two-of-four-dead", Lesson::LeadsWithoutMajority),
    ("late-answers", Lesson::Breaks("one-leader")),
    ("two-holders", Lesson::Breaks("one-holder")),
];

/// The number of requests that have not entered by the end.
fn unserved(run: &Run) -> usize {
    lines_of(run, &["request"]).len() - lines_of(run, &["enter"]).len()
}

/// Whether two nodes ever lead at once, or one leads while two of four are dead.
fn ever_leads_without_majority(slug: &str) -> bool {
    let mut run = Run::new(scenario(slug));
    let wrong = |run: &Run| {
        let up = (1..=4).filter(|&id| run.world().is_up(node(id))).count();
        let leads = |id: &u8| run.world().leader_of(node(*id)) == Some(node(*id));
        let leaders = (1..=4).filter(leads).count();
        leaders > 1 || leaders == 1 && up < 3
    };
    while run.step() {
        if wrong(&run) {
            return true;
        }
    }
    false
}

#[test]
fn each_pair_shows_what_is_wrong_in_classic_and_right_in_hardened() {
    for (slug, lesson) in PAIRS {
        let twin = library::twin(slug).unwrap_or_else(|| panic!("{slug} has no twin"));
        assert_eq!(library::twin(twin), Some(*slug));
        let ((classic, bad), (hardened, good)) = (played(slug), played(twin));
        let profile = |run: &Run| run.scenario().config.profile;
        assert_eq!((profile(&classic), profile(&hardened)), (Profile::Classic, Profile::Hardened));
        match lesson {
            Lesson::Breaks(invariant) => {
                let names = bad.violations.iter().map(|found| found.violation.invariant.name());
                assert!(names.collect::<Vec<_>>().contains(invariant), "{slug}");
            }
            Lesson::Blocks => assert!(unserved(&classic) > 0, "{slug}"),
            Lesson::LeadsWithoutMajority => {
                assert!(ever_leads_without_majority(slug), "{slug}");
                assert!(!ever_leads_without_majority(twin), "{twin}");
            }
        }
        assert_eq!(good.violations.len(), 0, "{twin}");
        assert_eq!(unserved(&hardened), 0, "{twin}");
    }
    let twins = LIBRARY.iter().filter(|(slug, _)| slug.ends_with("-hardened"));
    assert_eq!(twins.count(), PAIRS.len(), "each is here");
}

#[test]
fn every_classic_scenario_that_breaks_an_invariant_has_a_twin() {
    for (slug, _) in LIBRARY {
        let (_, summary) = played(slug);
        assert!(summary.violations.is_empty() || library::twin(slug).is_some(), "{slug}");
    }
}

#[test]
fn a_twin_plays_the_same_faults_at_the_same_times() {
    for (slug, _) in PAIRS {
        let acts = |slug: &str| -> Vec<_> {
            let steps = scenario(slug).steps.into_iter();
            // If the lease has ended, the twin's node has left, and a release would have no effect.
            let acts = steps.filter(|step| {
                !matches!(
                    step.action,
                    Action::Note | Action::Command { command: Command::Release, .. }
                )
            });
            acts.map(|step| (step.at, step.action)).collect()
        };
        let twin = library::twin(slug).expect("it has one");
        let mut of_twin = acts(twin).into_iter();
        for act in acts(slug) {
            assert!(of_twin.any(|other| other == act), "{twin} has no {act:?}");
        }
    }
}

#[test]
fn no_step_of_a_scenario_finds_nothing_to_do() {
    for (slug, _) in LIBRARY {
        let (run, _) = played(slug);
        assert_eq!(lines_of(&run, &["ignored"]), Vec::<String>::new(), "{slug}");
    }
}

/// The only event of this kind whose message has this id.
fn event<'a>(run: &'a Run, kind: &str, id: &str) -> &'a TraceEvent {
    let mut found = run.trace().iter().filter(|event| {
        event.kind() == kind && event.message().is_some_and(|m| m.id.to_string() == id)
    });
    found.next().unwrap_or_else(|| panic!("{id} has no {kind}"))
}

fn lamport(run: &Run, kind: &str, id: &str) -> u64 {
    event(run, kind, id).stamp.lamport().0
}

#[test]
fn overtaken_messages_carry_the_smaller_stamps() {
    let (run, _) = played("overtaking");
    assert!(event(&run, "receive", "1:1").seq > event(&run, "receive", "1:2").seq);
    assert!(lamport(&run, "send", "1:1") < lamport(&run, "send", "1:2"));
    let (question, answer) = (event(&run, "receive", "1:3"), event(&run, "receive", "2:1"));
    assert!(question.seq > answer.seq);
    assert_eq!((lamport(&run, "send", "1:3"), lamport(&run, "send", "2:1")), (3, 6));
}

#[test]
fn the_events_a_and_b_are_concurrent_though_their_stamps_are_ordered() {
    let (run, _) = played("concurrent-but-ordered");
    let local = |id| {
        let mut events = run.trace().iter().filter(|event| event.kind() == "local");
        events.rfind(|event| event.node == Some(node(id))).expect("it has one").stamp.wide()
    };
    let (a, b) = (local(1), local(2));
    assert_eq!((a.lamport.0, b.lamport.0), (1, 3));
    assert_eq!(a.vector.relation(&b.vector), Causality::Concurrent);
    let receipt = event(&run, "receive", "1:1").stamp.wide();
    assert_eq!(b.vector.relation(&receipt.vector), Causality::Before);
    assert_eq!(a.vector.relation(&receipt.vector), Causality::Before);
}

#[test]
fn vectors_tell_that_4_and_5_are_concurrent() {
    let (run, _) = played("vector-clocks-tell");
    let (four, five) =
        (event(&run, "receive", "1:1").stamp.wide(), event(&run, "send", "1:2").stamp.wide());
    assert_eq!((four.lamport.0, five.lamport.0), (4, 5));
    assert_eq!(four.vector.relation(&five.vector), Causality::Concurrent);
    let last = event(&run, "receive", "2:2");
    for event in run.trace().iter().filter(|event| event.seq < last.seq) {
        let relation = event.stamp.vector().relation(&last.stamp.vector());
        assert_eq!(relation, Causality::Before, "{event:?}");
    }
}

#[test]
fn every_random_call_is_five_events_whose_stamps_grow() {
    let (run, summary) = played("random-calls");
    assert!(summary.count("CALL") >= 10);
    for (at, reply) in run.trace().iter().enumerate().filter(|(_, event)| event.kind() == "send") {
        let Some(message) = reply.message().filter(|m| m.content.name() == "REPLY") else {
            continue;
        };
        let of_server = &run.trace()[at - 2..=at];
        let kinds: Vec<_> = of_server.iter().map(|event| event.kind()).collect();
        assert_eq!(kinds, ["receive", "local", "send"]);
        let stamps: Vec<_> = of_server.iter().map(|event| event.stamp.lamport().0).collect();
        assert!(stamps.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{stamps:?}");
        let call = of_server[0].message().expect("it receives a CALL");
        assert!(lamport(&run, "send", &call.id.to_string()) < stamps[0]);
        let answered = run.trace().iter().find(|event| {
            event.kind() == "receive" && event.message().is_some_and(|m| m.id == message.id)
        });
        assert!(answered.is_none_or(|event| event.stamp.lamport().0 > stamps[2]));
    }
}

#[test]
fn the_highest_id_comes_back_without_an_election_message() {
    let (run, _) = played("highest-comes-back");
    let back = run.trace().iter().position(|event| event.kind() == "restart").expect("it is back");
    let after = run.trace()[back..].iter().filter_map(TraceEvent::message);
    let names: BTreeSet<_> = after.map(|message| message.content.name()).collect();
    assert_eq!(names, BTreeSet::from(["COORDINATOR", "HEARTBEAT"]));
}

#[test]
fn with_t_too_short_three_nodes_lead_at_once_for_a_moment() {
    let mut run = Run::new(scenario("t-too-short"));
    run.advance_to(1_300_000);
    let leads = |id| run.world().leader_of(node(id)) == Some(node(id));
    assert!((1..=3).all(leads));
}

#[test]
fn repeated_kills_are_followed_by_the_right_leader_each_time() {
    let mut run = Run::new(scenario("report-repeated-kills"));
    for (second, leader) in [(1, 4), (7, 3), (14, 2), (20, 1)] {
        run.advance_to(second * 1_000_000);
        for id in 1..=leader {
            assert_eq!(run.world().leader_of(node(id)), Some(node(leader)), "{second} s");
        }
    }
}

#[test]
fn a_request_that_happened_first_was_served_second() {
    let (run, _) = played("asked-first-served-second");
    let (first, second) = (event(&run, "send", "1:1"), event(&run, "send", "2:1"));
    assert_eq!(first.stamp.vector().relation(&second.stamp.vector()), Causality::Before);
    let (late, early) = (event(&run, "receive", "1:1"), event(&run, "receive", "2:1"));
    assert!(late.seq > early.seq);
}

#[test]
fn at_random_everybody_enters_and_never_two_at_once() {
    let (_, summary) = played("report-at-random");
    let entered: BTreeSet<_> = summary.entries.iter().map(|entry| entry.node).collect();
    assert_eq!(entered.len(), 4);
    assert!(summary.violations.is_empty());
}

#[test]
fn a_split_leaves_two_leaders_after_healing_until_an_election() {
    let mut run = Run::new(scenario("partition"));
    run.advance_to(11_000_000);
    let leaders: Vec<_> = (1..=4).map(|id| run.world().leader_of(node(id))).collect();
    assert_eq!(leaders, [2, 2, 4, 4].map(|id| Some(node(id))));
    run.finish();
    assert!((1..=4).all(|id| run.world().leader_of(node(id)) == Some(node(4))));
}
