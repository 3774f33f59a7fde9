//! Finds the moment of a recording that shows most.

use antes_sim::export::is_routine;
use antes_sim::trace::Happening;

use super::tape::Tape;

/// A moment of a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The number of lines up to it.
    pub done: usize,
    /// The instant in tape time, in microseconds.
    pub at_us: u64,
    /// The same instant by the clock of the trace.
    pub told_us: u64,
}

impl Place {
    /// The moment after all lines up to an instant of the trace's clock.
    pub fn at_told(tape: &Tape, told_us: u64) -> Self {
        let done = tape.events().partition_point(|event| event.at_us <= told_us);
        let next_us = (done < tape.events().len()).then(|| tape.at_us(done));
        let at_us = tape.on_tape_us(told_us);
        Self { done, at_us: next_us.map_or(at_us, |next_us| at_us.min(next_us)), told_us }
    }

    fn on_tape(tape: &Tape, done: usize, at_us: u64) -> Self {
        Self { done, at_us, told_us: tape.told_us(at_us) }
    }
}

/// The first violation. Without one, the first moment at which most messages are on their way; signs of
/// life do not count.
pub fn telling_place(tape: &Tape) -> Place {
    let events = tape.events();
    let breaks = |line: &usize| matches!(events[*line].happening, Happening::Violation(_));
    if let Some(line) = (0..events.len()).find(breaks) {
        return Place::on_tape(tape, line + 1, tape.at_us(line));
    }
    let (mut flying, mut most, mut best) = (0_usize, 0, Place::default());
    for (line, event) in events.iter().enumerate() {
        let counts = !is_routine(event);
        let ends = |&way: &usize| tape.way(way).end.is_some();
        if counts && tape.way_from(line).as_ref().is_some_and(ends) {
            flying += 1;
        }
        if counts && tape.way_to(line).is_some() {
            flying = flying.saturating_sub(1);
        }
        let at_us = tape.at_us(line);
        let next_us = (line + 1 < events.len()).then(|| tape.at_us(line + 1));
        // Messages between two lines of the same instant would not be seen on their way.
        if flying > most && next_us.is_some_and(|next_us| next_us > at_us) {
            most = flying;
            let next_us = next_us.unwrap_or(at_us);
            best = Place::on_tape(tape, line + 1, at_us + (next_us - at_us) / 2);
        }
    }
    match most {
        0 => Place::on_tape(tape, events.len(), tape.end_us()),
        _ => best,
    }
}
