use super::*;
use antes_core::{NodeId, Profile};
use antes_sim::compare::Variant;

fn scenario(slug: &str) -> Scenario {
    let place = crate::library::find(slug).unwrap();
    antes_sim::library::scenarios().unwrap().swap_remove(place)
}

fn pair_of(scenarios: [Scenario; 2], range: Range) -> Pair {
    Pair::new(scenarios, &[], Speed::new(0), range)
}

fn pair() -> Pair {
    let one = scenario("leader-dies");
    let other = Variant::Profile(Profile::Hardened).of(&one).unwrap();
    pair_of([one, other], Range::default())
}

fn are_together(pair: &Pair) -> bool {
    [0, 1].into_iter().all(|side| {
        let at_us = pair.player(side).run().now_us();
        at_us == pair.now_us() || pair.over_since_us(side) == Some(at_us)
    })
}

#[test]
fn both_runs_are_at_the_same_instant_whatever_moves_time() {
    for slugs in [["leader-dies", "leader-dies"], ["holder-dies", "holder-dies-hardened"]] {
        for still in [false, true] {
            let mut pair = pair_of(slugs.map(scenario), Range::default());
            pair.set_still(still);
            pair.play();
            let mut frames = 0;
            while !pair.is_over() && frames < 2_000 {
                pair.frame(37_000);
                assert!(are_together(&pair), "{slugs:?} at {}", pair.now_us());
                pair.play();
                frames += 1;
            }
            let moves = [Pair::step_back, Pair::jump_back, Pair::step, Pair::jump, Pair::finish];
            for act in moves {
                act(&mut pair);
                assert!(are_together(&pair));
            }
        }
    }
}

#[test]
fn steps_back_visit_the_instants_of_the_steps_forward() {
    let mut pair = pair();
    let mut seen = vec![pair.now_us()];
    for _ in 0..40 {
        pair.step();
        seen.push(pair.now_us());
    }
    assert!(seen.is_sorted_by(|a, b| a <= b));
    seen.pop();
    while let Some(at_us) = seen.pop().filter(|&at_us| at_us > 0) {
        pair.step_back();
        assert_eq!(pair.now_us(), at_us);
    }
}

#[test]
fn an_act_happens_in_both_runs_and_undo_restores_both() {
    let mut pair = pair();
    pair.seek(300_000);
    let (before, numbers) = (pair.place(), pair.comparison().to_json());
    let node = NodeId::new(3).unwrap();
    pair.act(&Action::Crash(node));
    for side in [0, 1] {
        assert!(pair.player(side).run().world().node(node).status().is_down());
    }
    assert_eq!(pair.acts().len(), 1);
    assert_ne!(pair.comparison().to_json(), numbers);
    let after = pair.place();
    pair.restore(before);
    assert_eq!(pair.comparison().to_json(), numbers);
    assert_eq!(pair.now_us(), 300_000);
    pair.restore(after);
    assert!(pair.player(1).run().world().node(node).status().is_down());
}

#[test]
fn acts_of_one_address_make_the_same_runs_again() {
    let mut pair = pair();
    for (at_us, id) in [(300_000, 3), (900_000, 2)] {
        pair.seek(at_us);
        pair.act(&Action::Crash(NodeId::new(id).unwrap()));
    }
    let scenarios = pair.scenarios.clone();
    let again = Pair::new(scenarios, &pair.acts(), Speed::new(0), Range::default());
    assert_eq!(again.comparison().to_json(), pair.comparison().to_json());
}

#[test]
fn the_numbers_at_the_end_are_those_of_the_whole_runs() {
    let mut pair = pair();
    let whole = pair.comparison();
    assert_ne!(pair.comparison_so_far().rows(), whole.rows());
    pair.finish();
    assert_eq!(pair.comparison_so_far().rows(), whole.rows());
    assert_eq!(pair.comparison().rows(), whole.rows());
}

#[test]
fn a_run_that_is_over_waits_at_its_end_for_the_other_one() {
    let mut pair = pair_of(["holder-dies", "holder-dies-hardened"].map(scenario), Range::default());
    let ends = [0, 1].map(|side| pair.player(side).end_us());
    assert!(ends[0] < ends[1]);
    pair.finish();
    assert_eq!(pair.now_us(), ends[1]);
    assert_eq!([0, 1].map(|side| pair.over_since_us(side)), [Some(ends[0]), None]);
    pair.seek(ends[0]);
    assert_eq!([0, 1].map(|side| pair.over_since_us(side)), [None, None]);
}

#[test]
fn a_violation_on_one_side_stops_both_and_says_on_which() {
    let mut pair = pair_of(["two-holders", "two-holders-hardened"].map(scenario), Range::default());
    pair.play();
    let mut found = None;
    for _ in 0..5_000 {
        found = pair.frame(50_000);
        if found.is_some() || !pair.is_playing() {
            break;
        }
    }
    assert_eq!(found.map(|(side, _)| side), Some(0));
    assert!(!pair.is_playing() && are_together(&pair));
}

#[test]
fn nothing_leads_out_of_a_range_and_it_repeats() {
    let one = scenario("leader-dies");
    let other = Variant::Profile(Profile::Hardened).of(&one).unwrap();
    let range = Range { from_us: Some(700_000), to_us: Some(1_600_000), repeats: true };
    let mut pair = pair_of([one, other], range);
    assert_eq!(pair.now_us(), 700_000);
    pair.step_back();
    assert_eq!(pair.now_us(), 700_000);
    pair.play();
    for _ in 0..100 {
        pair.frame(80_000);
        assert!((700_000..1_600_000).contains(&pair.now_us()));
    }
    assert!(pair.is_playing());
    pair.finish();
    assert_eq!(pair.now_us(), 1_600_000);
}
