//! How a timeline is played: whether time passes, how fast, and over which range.

use crate::host::range::Range;
use crate::speed::Speed;

/// The state of playing. Every timeline has one.
#[derive(Clone, Copy, Debug)]
pub struct Playback {
    pub playing: bool,
    pub speed: Speed,
    /// Whether time moves from event to event, without movement in between.
    pub still: bool,
    /// Whether the user holds time still. This is independent of playing.
    pub held: bool,
    /// The time since the last event in microseconds, if time moves from event to event.
    pub waited_us: u64,
    /// The range that is played.
    pub range: Range,
}

impl Playback {
    /// The whole timeline, paused.
    pub fn new(speed: Speed) -> Self {
        let range = Range::default();
        Self { playing: false, speed, still: false, held: false, waited_us: 0, range }
    }

    /// The simulated time of a frame of `real_us` microseconds, with the time that was waited before. `None` if
    /// time stands still.
    pub fn passed_us(&mut self, real_us: u64) -> Option<u64> {
        (self.playing && !self.held)
            .then(|| self.speed.simulated_us(real_us) + std::mem::take(&mut self.waited_us))
    }
}
