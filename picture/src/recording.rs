//! Recordings: finished traces of the simulator or of a real cluster.
//!
//! [`tape`] is the trace with facts about the whole of it, [`moment`] the state after its first lines,
//! [`pace`] its timescale, and [`scene`] what the ring shows.

pub mod moment;
pub mod pace;
pub mod scene;
pub mod tape;
pub mod telling;

use antes_sim::trace::TraceEvent;

use self::moment::Moment;
use self::tape::Tape;

/// A recording at one of its moments.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    pub tape: &'a Tape,
    pub moment: &'a Moment,
    /// The instant in tape time, in microseconds.
    pub now_us: u64,
    /// The same instant by the clock of the trace.
    pub told_us: u64,
}

impl<'a> Shown<'a> {
    /// The lines up to this moment.
    pub fn past(&self) -> &'a [TraceEvent] {
        &self.tape.events()[..self.moment.done()]
    }
}
