//! Searches for a failing storm on all cores.

use core::ops::RangeInclusive;
use core::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::{Faults, judge, storm};
use crate::scenario::Scenario;

/// The lowest of `seeds` whose storm over `base` fails; all lower ones have been tried. `tried` is
/// called after each seed.
pub fn first_failing(
    base: &Scenario,
    seeds: RangeInclusive<u64>,
    faults: Faults,
    tried: impl Fn() + Sync,
) -> Option<u64> {
    let (next, failed) = (AtomicU64::new(*seeds.start()), AtomicU64::new(u64::MAX));
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed > *seeds.end() || seed > failed.load(Ordering::Relaxed) {
                        return;
                    }
                    if judge(&storm(base, seed, faults)).is_err() {
                        failed.fetch_min(seed, Ordering::Relaxed);
                    }
                    tried();
                }
            });
        }
    });
    Some(failed.into_inner()).filter(|&seed| seed != u64::MAX)
}
