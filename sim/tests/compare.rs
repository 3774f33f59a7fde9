//! Two runs side by side.

mod common;

use antes_core::{Algorithm, Form, Profile};
use antes_sim::compare::{Compared, Comparison, Parting, UnknownVariant, Variant};
use antes_sim::export::Header;
use antes_sim::library;
use antes_sim::run::Run;
use antes_sim::scenario::{self, Action, Scenario};
use antes_sim::trace::Happening;
use common::*;

fn read(slug: &str) -> Scenario {
    scenario::read(library::find(slug).expect("it is there")).expect("it is well formed")
}

fn compare(one: &Run, other: &Run) -> Comparison {
    let headers = [one, other].map(|run| Header::of(run.scenario()));
    Comparison::new([(&headers[0], one.trace()), (&headers[1], other.trace())])
}

#[test]
fn a_run_does_not_part_from_itself() {
    let run = finished(read("lock-through-a-leader-crash"));
    let comparison = compare(&run, &run);
    assert_eq!(comparison.parting, None);
    assert!(comparison.to_string().ends_with("The same happens in both.\n"));
    assert!(comparison.to_json().ends_with("\"part\":null}"));
}

#[test]
fn profiles_part_where_nodes_decide_otherwise_and_not_at_the_first_term() {
    let classic = read("lock-through-a-leader-crash");
    let hardened = classic.clone().in_profile(Profile::Hardened);
    let comparison = compare(&finished(classic), &finished(hardened));
    let parting = comparison.parting.clone().expect("they part");
    assert_eq!(parting.compared, Compared::Decisions);
    // By then both have heard of the leader, have granted to node 1, and have lost the leader.
    assert!(parting.shared > 4, "{parting:?}");
    assert!(parting.at_us() > 2_000_000, "{parting:?}");
    let counts = comparison.sides.each_ref().map(|side| side.summary.violations.len());
    assert!(counts[0] > 0 && counts[1] == 0, "{counts:?}");
}

#[test]
fn a_run_without_an_act_parts_where_it_was() {
    let whole = read("lock-through-a-leader-crash");
    let without = Variant::Without(2).of(&whole).expect("it has two acts");
    assert_eq!(without.steps.len(), whole.steps.len() - 1);
    let comparison = compare(&finished(whole), &finished(without));
    let parting = comparison.parting.expect("they part");
    assert_eq!(parting.compared, Compared::Events);
    let [Some(with), Some(_)] = &parting.next else { panic!("{parting:?}") };
    assert_eq!(with.at_us, parting.at_us());
}

#[test]
fn notes_are_no_acts_and_the_last_act_is_followed_by_none() {
    let mut script = quiet(Algorithm::Clock, 2, vec![at(1, Action::Note), at(2, send(1, 2))]);
    let without = Variant::Without(1).of(&script).expect("there is one act");
    assert!(matches!(without.steps[..], [ref step] if step.action == Action::Note));
    assert_eq!(Variant::Without(2).of(&script), None);
    script.steps.clear();
    assert_eq!(Variant::Without(1).of(&script), None);
}

#[test]
fn a_trace_that_ends_earlier_parts_at_its_end() {
    let run = finished(read("first-clock"));
    let whole = run.trace();
    let parting = Parting::of(Compared::Events, [&whole[..3], whole]).expect("they part");
    assert_eq!((parting.shared, &parting.next), (3, &[None, Some(whole[3].clone())]));
}

#[test]
fn waits_are_counted_from_the_request_to_the_entry() {
    for slug in ["lock-and-queue", "holder-dies", "asked-first-served-second"] {
        let run = finished(read(slug));
        let comparison = compare(&run, &run);
        let waits = comparison.sides[0].waits;
        assert_eq!(waits.served as usize, comparison.sides[0].summary.entries.len(), "{slug}");
        let mut open = Vec::new();
        let mut longest = 0;
        for event in run.trace() {
            match &event.happening {
                Happening::Request { request } => open.push((*request, event.at_us)),
                Happening::Enter { request, .. } => {
                    let place = open.iter().position(|(other, _)| other == request).expect("asked");
                    longest = longest.max(event.at_us - open.remove(place).1);
                }
                Happening::Crash => open.retain(|(request, _)| Some(request.by.node) != event.node),
                _ => {}
            }
        }
        assert_eq!((waits.longest_us, waits.open as usize), (longest, open.len()), "{slug}");
    }
}

#[test]
fn every_variant_has_a_name_and_others_are_refused() {
    let named = [
        ("classic", Variant::Profile(Profile::Classic)),
        ("hardened", Variant::Profile(Profile::Hardened)),
        ("parallel", Variant::Form(Form::Parallel)),
        ("sequential", Variant::Form(Form::Sequential)),
        ("without:12", Variant::Without(12)),
    ];
    for (name, variant) in named {
        assert_eq!(name.parse(), Ok(variant));
    }
    for name in ["", "Classic", "without", "without:", "without:0", "without:-1", "without:x"] {
        assert_eq!(name.parse::<Variant>(), Err(UnknownVariant), "{name}");
    }
}

#[test]
fn the_sequential_form_of_a_hardened_run_has_spans_that_it_can_run_with() {
    let scenario = read("lock-through-a-leader-crash").in_profile(Profile::Hardened);
    let sequential = Variant::Form(Form::Sequential).of(&scenario).expect("forms always can");
    let again = scenario::read(&scenario::write(&sequential)).expect("the reader takes its spans");
    assert_eq!(again.config.election.form, Form::Sequential);
    assert!(
        sequential.config.election.coordinator_timeout
            >= scenario.config.election.coordinator_timeout
    );
}
