//! The part of a run that an address asks for.

use core::time::Duration;

use antes_sim::scenario::Step;

/// The part of a run that is played: all of it, unless it says something else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// Where it begins, in microseconds.
    pub from_us: Option<u64>,
    /// Where it ends, in microseconds.
    pub to_us: Option<u64>,
    /// Whether it begins again at its end.
    pub repeats: bool,
}

impl Range {
    /// Where it begins.
    pub const fn start_us(self) -> u64 {
        match self.from_us {
            Some(from_us) => from_us,
            None => 0,
        }
    }

    /// Where it ends in a run that ends at `end_us`. Somebody who acts at the end of the range goes
    /// on from there: then the end of the run counts. `acted` are those acts that the address did
    /// not bring along.
    pub fn end_us<'a>(self, end_us: u64, mut acted: impl Iterator<Item = &'a Step>) -> u64 {
        match self.to_us.map(Duration::from_micros) {
            Some(to) if !acted.any(|step| step.at >= to) => {
                end_us.min(u64::try_from(to.as_micros()).unwrap_or(u64::MAX))
            }
            _ => end_us,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use antes_core::NodeId;
    use antes_sim::scenario::Action;

    #[test]
    fn a_range_ends_with_the_run_and_where_somebody_acts_at_its_end() {
        let range = Range { to_us: Some(4_000), ..Range::default() };
        let act = |micros| {
            let crash = Action::Crash(NodeId::new(1).unwrap());
            Step::new(Duration::from_micros(micros), 0, crash)
        };
        assert_eq!(range.end_us(9_000, [].iter()), 4_000);
        assert_eq!(range.end_us(3_000, [].iter()), 3_000);
        assert_eq!(range.end_us(9_000, [act(3_999)].iter()), 4_000);
        assert_eq!(range.end_us(9_000, [act(4_000)].iter()), 9_000);
        assert_eq!(Range::default().end_us(9_000, [].iter()), 9_000);
    }
}
