use super::*;
use crate::outlook::MarkKind;
use antes_core::{ClusterSize, NodeId};
use antes_sim::scenario::Action;

fn player() -> Player {
    let scenario = Scenario::new(Algorithm::Leader, ClusterSize::new(4).unwrap());
    Player::new(scenario, &[], Speed::new(0))
}

fn four() -> NodeId {
    NodeId::new(4).unwrap()
}

#[test]
fn a_frame_lets_the_time_of_its_speed_pass() {
    let mut player = player();
    player.play();
    player.frame(250_000);
    assert_eq!(player.run().now_us(), 250_000);
    player.set_speed(Speed::new(-1));
    player.frame(250_000);
    assert_eq!(player.run().now_us(), 375_000);
}

#[test]
fn a_user_who_prefers_less_motion_sees_events_alone() {
    let mut player = player();
    player.set_still(true);
    player.play();
    for _ in 0..7 {
        player.frame(80_000);
        let last = player.run().trace().last().map_or(0, |event| event.at_us);
        assert_eq!(player.run().now_us(), last);
    }
    assert_eq!(player.run().now_us(), 500_000, "the first heartbeat");
}

/// A player of the range from 700 to 1600 milliseconds. Heartbeats are half a second apart.
fn of_a_part(repeats: bool) -> Player {
    let mut player = player();
    let (from_us, to_us) = (Some(700_000), Some(1_600_000));
    player.set_range(Range { from_us, to_us, repeats });
    player.reset();
    player
}

#[test]
fn nothing_leads_out_of_the_part_that_is_played() {
    let mut player = of_a_part(false);
    assert_eq!(player.run().now_us(), 700_000);
    assert!(player.is_at_start() && !player.is_at_end());
    player.step_back();
    player.seek(0);
    player.jump_back();
    player.previous_note();
    assert_eq!(player.run().now_us(), 700_000);
    while !player.is_at_end() {
        assert!(player.run().now_us() <= 1_600_000);
        player.step();
    }
    assert_eq!(player.run().now_us(), 1_600_000);
    player.step();
    player.seek(u64::MAX);
    player.next_note();
    player.jump();
    assert_eq!(player.run().now_us(), 1_600_000);
    for _ in 0..1_000 {
        player.step_back();
    }
    assert_eq!(player.run().now_us(), 700_000);
}

#[test]
fn a_part_ends_at_its_end_or_begins_again_and_so_for_those_who_prefer_less_motion() {
    for still in [false, true] {
        let mut once = of_a_part(false);
        once.set_still(still);
        once.play();
        for _ in 0..100 {
            once.frame(80_000);
        }
        assert_eq!((once.run().now_us(), once.is_playing()), (1_600_000, false));
        once.play();
        assert_eq!((once.run().now_us(), once.is_playing()), (700_000, true));
        let mut again = of_a_part(true);
        again.set_still(still);
        again.play();
        for _ in 0..100 {
            again.frame(80_000);
            assert!((700_000..1_600_000).contains(&again.run().now_us()));
        }
        assert!(again.is_playing());
    }
}

#[test]
fn somebody_who_acts_at_the_end_of_a_part_sees_what_comes_of_it() {
    let mut player = of_a_part(false);
    player.seek(u64::MAX);
    player.act(Action::Crash(four()));
    player.play();
    player.frame(80_000);
    assert!(player.is_playing());
    assert_eq!(player.run().now_us(), 1_680_000);
}

#[test]
fn nothing_moves_while_paused() {
    let mut player = player();
    player.frame(1_000_000);
    assert_eq!(player.run().now_us(), 0);
}

#[test]
fn an_undone_crash_does_not_come_back() {
    let mut player = player();
    player.seek(700_000);
    player.act(Action::Crash(four()));
    assert!(!player.run().world().is_up(four()));
    player.step_back();
    player.leave_out_again();
    assert_eq!(player.run().now_us(), 700_000);
    player.seek(20_000_000);
    assert!(player.run().world().is_up(four()));
    assert!(player.outlook().marks.is_empty());
}

#[test]
fn marks_tell_of_the_whole_run_ahead() {
    let mut player = player();
    player.seek(700_000);
    player.act(Action::Crash(four()));
    let kinds: Vec<_> = player.outlook().marks.iter().map(|mark| mark.kind).collect();
    assert_eq!(kinds, [MarkKind::Fault, MarkKind::Lead]);
    assert_eq!(player.run().now_us(), 700_000);
}

#[test]
fn jumps_go_from_decision_to_decision_and_back() {
    let mut player = player();
    player.seek(700_000);
    player.act(Action::Crash(four()));
    player.jump();
    let first = player.run().now_us();
    player.jump();
    assert!(player.run().now_us() > first);
    player.jump_back();
    assert_eq!(player.run().now_us(), first);
    player.jump_back();
    assert_eq!(player.run().now_us(), 700_000);
}
