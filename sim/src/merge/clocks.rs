//! How the clocks of the processes stand to each other, as far as their messages tell.
//!
//! A message that took the time t shows its receiver's clock ahead of its sender's by at most the
//! difference of the two readings, because t is not negative; one that went the other way bounds it
//! from below. In the middle between the two is the estimate, and it is off by half of the shortest
//! round trip at most (Cristian, "Probabilistic clock synchronization", 1989).
//!
//! Lives of one node run on one clock, as far as anybody can know: where the messages of a life allow what
//! those of another one say more precisely, that is taken. A life begins after the one before it has
//! ended; if its clock says otherwise, the clock was set back, and all that is known by its messages
//! alone goes with it.

use alloc::collections::{BTreeMap, BinaryHeap};
use alloc::vec::Vec;
use core::cmp::Reverse;

/// How one clock stands to that of the first process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    /// How far it is ahead, in microseconds.
    pub ahead_us: i64,
    /// By how much that may be wrong; nothing tells if there was no round trip.
    pub within_us: Option<i64>,
}

/// The quickest messages there were, by who sent and who received: what the receiver's clock read
/// less what the sender's had read, in microseconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Quickest(BTreeMap<(usize, usize), i64>);

impl Quickest {
    /// A message has been received.
    pub fn note(&mut self, from: usize, to: usize, difference_us: i64) {
        let least = self.0.entry((from, to)).or_insert(difference_us);
        *least = difference_us.min(*least);
    }
}

/// From when to when a process has written, by its own clock, in microseconds; nothing if it has not.
pub(super) type Span = Option<(i64, i64)>;

/// The clocks of the processes that have written in these spans. `alike` says which two run on the same
/// clock, as far as anyone can know: lives of the same node, in the order of their places.
pub(super) fn estimate(
    spans: &[Span],
    quickest: &Quickest,
    alike: impl Fn(usize, usize) -> bool,
) -> Vec<Clock> {
    let processes = spans.len();
    let mut groups = groups(processes, quickest);
    if let Some((_, others)) = groups.split_first_mut() {
        // A life that says little is held against one that says more.
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
        // Before others are held against it.
        let better = group.iter().map(|&(process, _)| as_the_others(process, &clocks, &alike));
        let better: Vec<Option<Clock>> = better.collect();
        for (&(process, _), clock) in group.iter().zip(better) {
            clocks[process] = clock;
        }
    }
    clocks.into_iter().flatten().collect()
}

/// The clock of a process; that of the most precise other one that is alike, if it is more precise
/// and possible.
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

/// The quickest message between a process and another one.
#[derive(Clone, Copy, Debug)]
struct OneWay {
    other: usize,
    /// Whether the other one sent it.
    received: bool,
    difference_us: i64,
}

const SAME: Clock = Clock { ahead_us: 0, within_us: Some(0) };

/// The processes in groups between which round trips went, each with how its clock stands to that
/// of the first of its group; joined by the shortest round trips.
fn groups(processes: usize, quickest: &Quickest) -> Vec<Vec<(usize, Clock)>> {
    let mut neighbours: Vec<Vec<(usize, Clock)>> = alloc::vec![Vec::new(); processes];
    for (&(from, to), &there) in &quickest.0 {
        if let Some(&back) = quickest.0.get(&(to, from)) {
            // Ahead by at most `there`, and by at least `-back`.
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

/// How a group stands to those that have been placed before it: messages that went one way only
/// say what is impossible.
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
            // As far ahead as lets the later of the two begin when the earlier one has ended.
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
        // A second ahead; the quickest take 10 ms.
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
        // It receives 700 before anything was sent: so it is behind, by at least that.
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
        // The first life is 1000 ahead, give or take 10; of the second, what it hears takes 300, so
        // that it seems to be 1145 ahead, give or take 155.
        let quick = [(0, 1, 1_010), (1, 0, -990)];
        let found = lives(&[&quick[..], &[(0, 2, 1_300), (2, 0, -990)]].concat());
        assert_eq!(found[2], Clock { ahead_us: 1_000, within_us: Some(155 + 145) });
        assert_eq!(found[1], Clock { ahead_us: 1_000, within_us: Some(10) });
        // It was set forward: that is no longer possible.
        let found = lives(&[&quick[..], &[(0, 2, 5_300), (2, 0, -4_990)]].concat());
        assert_eq!(found[2], Clock { ahead_us: 5_145, within_us: Some(155) });
        // The earlier life has said nothing, and heard something once.
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
