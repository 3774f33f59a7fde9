//! The node's timers: one deadline per name.
//!
//! A timer that was cancelled or set again cannot fire, because its old deadline is removed. There
//! are few timers (about a dozen when busy), so they are in one small list.

use std::time::Duration;

use antes_core::Timer;

use super::time::Moment;

#[derive(Clone, Copy, Debug)]
struct Armed {
    timer: Timer,
    due: Moment,
    /// The number among all timers that were ever set. Of equal deadlines, the one that was set
    /// first fires first.
    number: u64,
}

/// The timers that are set and have neither fired nor been cancelled.
#[derive(Debug, Default)]
pub struct Timers {
    armed: Vec<Armed>,
    set: u64,
}

impl Timers {
    /// Sets `timer` to fire `after` from `now`. Replaces its earlier deadline.
    pub fn set(&mut self, timer: Timer, now: Moment, after: Duration) {
        self.set += 1;
        let armed = Armed { timer, due: now.after(after), number: self.set };
        match self.armed.iter_mut().find(|armed| armed.timer == timer) {
            Some(place) => *place = armed,
            None => self.armed.push(armed),
        }
    }

    /// Removes the deadline of `timer`, if it has one.
    pub fn cancel(&mut self, timer: Timer) {
        if let Some(place) = self.armed.iter().position(|armed| armed.timer == timer) {
            self.armed.swap_remove(place);
        }
    }

    /// The number of the timer that was set last. Later ones have higher numbers.
    pub const fn latest(&self) -> u64 {
        self.set
    }

    /// Removes and returns the timer with the earliest deadline that is not after `now`. Timers set
    /// after the one with the number `latest` are skipped, since they are not overdue.
    pub fn take_due(&mut self, now: Moment, latest: u64) -> Option<Timer> {
        let due = self.armed.iter().enumerate();
        let due = due.filter(|(_, armed)| armed.due <= now && armed.number <= latest);
        let (place, _) = due.min_by_key(|(_, armed)| (armed.due, armed.number))?;
        Some(self.armed.swap_remove(place).timer)
    }

    /// The earliest deadline. `None`: no timer is set.
    pub fn next(&self) -> Option<Moment> {
        self.armed.iter().map(|armed| armed.due).min()
    }
}

#[cfg(test)]
mod tests {
    use antes_core::ElectionTimer;
    use antes_core::hardened::LockTimer;

    use super::*;

    const A: Timer = Timer::Election(ElectionTimer::Suspicion);
    const B: Timer = Timer::Lock(LockTimer::Retry);
    const C: Timer = Timer::Lock(LockTimer::Lease);

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn overdue_timers_fire_in_the_order_of_their_deadlines() {
        let (mut timers, start) = (Timers::default(), Moment::now());
        timers.set(A, start, ms(30));
        timers.set(B, start, ms(10));
        timers.set(C, start, ms(10));
        let late = start.after(ms(1000));
        let fired: Vec<Timer> =
            std::iter::from_fn(|| timers.take_due(late, timers.latest())).collect();
        assert_eq!(fired, [B, C, A]);
    }

    #[test]
    fn a_timer_that_was_set_again_or_cancelled_does_not_fire() {
        let (mut timers, start) = (Timers::default(), Moment::now());
        timers.set(A, start, ms(10));
        timers.set(A, start, ms(50));
        timers.set(B, start, ms(10));
        timers.cancel(B);
        assert_eq!(timers.take_due(start.after(ms(20)), timers.latest()), None);
        assert_eq!(timers.next(), Some(start.after(ms(50))));
    }

    #[test]
    fn a_timer_of_no_duration_lets_others_go_first() {
        let (mut timers, start) = (Timers::default(), Moment::now());
        let before = timers.latest();
        timers.set(A, start, Duration::ZERO);
        assert_eq!(timers.take_due(start, before), None);
        assert_eq!(timers.take_due(start, timers.latest()), Some(A));
    }
}
