//! Estimates the offsets of the processes' clocks from their messages.
//!
//! If a message is received at reading r of one clock and was sent at reading s of the other, the
//! receiver's clock is ahead by at most r − s, since no message takes negative time. A message in
//! the other direction gives a lower bound. The estimate is the middle between the two bounds. Its
//! error is at most half the shortest round trip (Cristian, "Probabilistic clock synchronization",
//! 1989).
//!
//! Lives of one node are assumed to use the same clock. If the messages of a life are consistent
//! with a more precise estimate from another life, that estimate is used. A life begins after the
//! previous one has ended. If its clock contradicts this, the clock was set back, and the life's
//! offset is estimated from its own messages only.

use alloc::collections::{BTreeMap, BinaryHeap};
use alloc::vec::Vec;
use core::cmp::Reverse;

/// The offset of a clock relative to the first process's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    /// How far the clock is ahead, in microseconds.
    pub ahead_us: i64,
    /// The largest possible error, in microseconds. `None` if there was no round trip.
    pub within_us: Option<i64>,
}

/// The fastest message for each pair of sender and receiver: the reading of the receiver's clock at
/// the receipt minus the reading of the sender's clock at the send, in microseconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Quickest(BTreeMap<(usize, usize), i64>);

impl Quickest {
    /// Records the difference between receipt and send of a message, if it is the smallest so far.
    pub fn note(&mut self, from: usize, to: usize, difference_us: i64) {
        let least = self.0.entry((from, to)).or_insert(difference_us);
        *least = difference_us.min(*least);
    }
}

/// The first and last instants written by a process, on its own clock, in microseconds. `None` if
/// it has written nothing.
pub(super) type Span = Option<(i64, i64)>;

/// Estimates the clocks of the processes that have written in these spans. `alike` says whether two
/// processes are lives of the same node, whose clock is then assumed to be the same, in the order
/// of their indices.
pub(super) fn estimate(
    spans: &[Span],
    quickest: &Quickest,
    alike: impl Fn(usize, usize) -> bool,
) -> Vec<Clock> {
    let processes = spans.len();
    let mut groups = groups(processes, quickest);
    if let Some((_, others)) = groups.split_first_mut() {
        // Small groups are compared with large ones.
        others.sort_by_key(|group| Reverse(group.len()));
    }
    let mut one_way: Vec<Vec<OneWay>> = alloc::vec![Vec::new(); processes];
    for (&(from, to), &difference_us) in &quickest.0 {
        one_way[to].push(OneWay { other: from, received: true, difference_us });
        one_way[from].push(OneWay { other: to, received: false, difference_us });
    }
    let mut clocks: Vec<Option<Clock>> = alloc::vec![None; processes];
    for group in groups {
        let shift = place(&group, &one_way, spans, &clocks, &alike);
        for &(process, relative) in &group {
            let ahead_us = relative.ahead_us.saturating_add(shift.ahead_us);
            let within_us = match (relative.within_us, shift.within_us) {
                (Some(of_group), Some(of_shift)) => Some(of_group.saturating_add(of_shift)),
                _ => None,
            };
            clocks[process] = Some(Clock { ahead_us, within_us });
        }
        // This comes before other groups are compared with it.
        let better = group.iter().map(|&(process, _)| as_the_others(process, &clocks, &alike));
        let better: Vec<Option<Clock>> = better.collect();
        for (&(process, _), clock) in group.iter().zip(better) {
            clocks[process] = clock;
        }
    }
    clocks.into_iter().flatten().collect()
}

/// The clock of a process. If an alike process has a more precise estimate that is consistent, that
/// estimate.
fn as_the_others(
    process: usize,
    clocks: &[Option<Clock>],
    alike: &impl Fn(usize, usize) -> bool,
) -> Option<Clock> {
    let own = clocks[process]?;
    let Some(within_us) = own.within_us else { return Some(own) };
    let apart_us =
        |other: &Clock| i64::try_from(own.ahead_us.abs_diff(other.ahead_us)).unwrap_or(i64::MAX);
    let others = (0..clocks.len()).filter(|&other| alike(process, other));
    let others = others.filter_map(|other| clocks[other]).filter(|other| {
        other.within_us.is_some_and(|other| other < within_us) && apart_us(other) <= within_us
    });
    let Some(best) = others.min_by_key(|other| other.within_us) else { return Some(own) };
    let within_us = Some(within_us.saturating_add(apart_us(&best)));
    Some(Clock { ahead_us: best.ahead_us, within_us })
}

/// The fastest message between a process and another one.
#[derive(Clone, Copy, Debug)]
struct OneWay {
    other: usize,
    /// Whether the other one sent it.
    received: bool,
    difference_us: i64,
}

const SAME: Clock = Clock { ahead_us: 0, within_us: Some(0) };

/// The groups of processes that are connected by round trips, each process with its clock relative
/// to the first of its group. Groups are joined by the shortest round trips first.
fn groups(processes: usize, quickest: &Quickest) -> Vec<Vec<(usize, Clock)>> {
    let mut neighbours: Vec<Vec<(usize, Clock)>> = alloc::vec![Vec::new(); processes];
    for (&(from, to), &there) in &quickest.0 {
        if let Some(&back) = quickest.0.get(&(to, from)) {
            // The clock is ahead by at most `there` and at least `-back`.
            let (most, least) = (i128::from(there), -i128::from(back));
            let ahead_us = clamped((most + least) / 2);
            let within_us = Some(clamped(((most - least) / 2).max(0)));
            neighbours[from].push((to, Clock { ahead_us, within_us }));
        }
    }
    let mut placed = alloc::vec![false; processes];
    let mut groups = Vec::new();
    for first in 0..processes {
        if placed[first] {
            continue;
        }
        let mut group = Vec::new();
        let mut reachable = BinaryHeap::new();
        reachable.push(Reverse((0_i64, first, 0_i64)));
        while let Some(Reverse((within_us, process, ahead_us))) = reachable.pop() {
            if core::mem::replace(&mut placed[process], true) {
                continue;
            }
            group.push((process, Clock { ahead_us, within_us: Some(within_us) }));
            for &(next, step) in neighbours[process].iter().filter(|(next, _)| !placed[*next]) {
                let within_us = within_us.saturating_add(step.within_us.unwrap_or(0));
                let ahead_us = ahead_us.saturating_add(step.ahead_us);
                reachable.push(Reverse((within_us, next, ahead_us)));
            }
        }
        groups.push(group);
    }
    groups
}

/// The offset of a group relative to the groups placed before it. Messages in one direction only
/// bound the offset.
fn place(
    group: &[(usize, Clock)],
    one_way: &[Vec<OneWay>],
    spans: &[Span],
    clocks: &[Option<Clock>],
    alike: &impl Fn(usize, usize) -> bool,
) -> Clock {
    if clocks.iter().all(Option::is_none) {
        return SAME;
    }
    let own = group.iter().flat_map(|&(process, relative)| {
        let others = (0..clocks.len()).filter(move |&other| alike(process, other));
        others.filter_map(move |other| {
            let other = clocks[other]?;
            Some(Clock { ahead_us: other.ahead_us.saturating_sub(relative.ahead_us), ..other })
        })
    });
    let own = own.min_by_key(|own| own.within_us.unwrap_or(i64::MAX));
    let wish = own.map_or(0, |clock| clock.ahead_us);
    let (mut least, mut most) = (i64::MIN, i64::MAX);
    for &(process, relative) in group {
        for message in &one_way[process] {
            let Some(other) = clocks[message.other] else { continue };
            let bound = |us: i64| us.saturating_sub(relative.ahead_us);
            if message.received {
                most = most.min(bound(other.ahead_us.saturating_add(message.difference_us)));
            } else {
                least = least.max(bound(other.ahead_us.saturating_sub(message.difference_us)));
            }
        }
        let lives = (0..clocks.len()).filter(|&other| alike(process, other));
        for other in lives {
            let (Some(clock), Some(own), Some(its)) = (clocks[other], spans[process], spans[other])
            else {
                continue;
            };
            // The largest offset at which the later of the two begins when the earlier one has
            // ended.
            let touching = |own_us: i64, its_us: i64| {
                let ahead_us = own_us.saturating_sub(its_us).saturating_add(clock.ahead_us);
                ahead_us.saturating_sub(relative.ahead_us)
            };
            if other < process {
                most = most.min(touching(own.0, its.1));
            } else {
                least = least.max(touching(own.1, its.0));
            }
        }
    }
    let possible = least <= most;
    let ahead_us = if possible { wish.clamp(least, most) } else { wish };
    Clock { ahead_us, within_us: own.filter(|_| ahead_us == wish).and_then(|own| own.within_us) }
}

fn clamped(wide: i128) -> i64 {
    i64::try_from(wide).unwrap_or(if wide < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clocks(processes: usize, differences: &[(usize, usize, i64)]) -> Vec<Clock> {
        let mut quickest = Quickest::default();
        for &(from, to, difference) in differences {
            quickest.note(from, to, difference);
        }
        estimate(&alloc::vec![None; processes], &quickest, |_, _| false)
    }

    #[test]
    fn the_quickest_messages_of_both_ways_tell_how_far_a_clock_is_ahead() {
        // Ahead by one second; the fastest messages take 10 ms.
        let found = clocks(2, &[(0, 1, 1_050_000), (0, 1, 1_010_000), (1, 0, -990_000)]);
        assert_eq!(found[1], Clock { ahead_us: 1_000_000, within_us: Some(10_000) });
    }

    #[test]
    fn a_clock_is_reached_over_another_one() {
        let found = clocks(3, &[(0, 1, 510), (1, 0, -490), (1, 2, 310), (2, 1, -290)]);
        assert_eq!(found[2], Clock { ahead_us: 800, within_us: Some(20) });
    }

    #[test]
    fn messages_that_go_one_way_only_rule_out_what_is_impossible() {
        // It receives 700 before the message was sent, so it is behind by at least 700.
        assert_eq!(clocks(2, &[(0, 1, -700)])[1], Clock { ahead_us: -700, within_us: None });
        assert_eq!(clocks(2, &[(0, 1, 700)])[1], Clock { ahead_us: 0, within_us: None });
    }

    #[test]
    fn a_life_whose_messages_are_slow_has_the_clock_of_another_life_if_that_is_possible() {
        let lives = |differences: &[(usize, usize, i64)]| {
            let mut quickest = Quickest::default();
            for &(from, to, difference) in differences {
                quickest.note(from, to, difference);
            }
            estimate(&[None; 3], &quickest, |one, other| one != other && one.min(other) > 0)
        };
        // The first life is ahead by 1000 ± 10. Messages to the second take 300, so it seems to be
        // ahead by 1145 ± 155.
        let quick = [(0, 1, 1_010), (1, 0, -990)];
        let found = lives(&[&quick[..], &[(0, 2, 1_300), (2, 0, -990)]].concat());
        assert_eq!(found[2], Clock { ahead_us: 1_000, within_us: Some(155 + 145) });
        assert_eq!(found[1], Clock { ahead_us: 1_000, within_us: Some(10) });
        // The clock was set forward, so the first life's estimate is not consistent.
        let found = lives(&[&quick[..], &[(0, 2, 5_300), (2, 0, -4_990)]].concat());
        assert_eq!(found[2], Clock { ahead_us: 5_145, within_us: Some(155) });
        // The earlier life has sent nothing and received one message.
        let found = lives(&[(0, 2, 1_010), (2, 0, -990), (0, 1, 3_000)]);
        assert_eq!(found[1].ahead_us, 1_000);
    }

    #[test]
    fn a_life_whose_clock_was_set_back_begins_when_the_one_before_has_ended() {
        let estimated = |second: Span| {
            let spans = [Some((0, 2_000)), second];
            estimate(&spans, &Quickest::default(), |one, other| one != other)[1].ahead_us
        };
        assert_eq!(estimated(Some((5_000, 6_000))), 0, "it goes on");
        assert_eq!(estimated(Some((200, 1_500))), -1_800, "it was set back by that at least");
    }

    #[test]
    fn extreme_readings_do_no_harm() {
        let found = clocks(2, &[(0, 1, i64::MAX), (1, 0, i64::MAX)]);
        assert_eq!(found[1].ahead_us, 0);
        assert_eq!(clocks(2, &[(0, 1, i64::MIN), (1, 0, i64::MIN)]).len(), 2);
    }
}
