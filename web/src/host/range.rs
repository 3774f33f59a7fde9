//! The part of a run that an address requests.

use core::time::Duration;

use antes_sim::scenario::Step;

/// The part of a run that is played. The default is the whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// The beginning in microseconds, if it is not that of the run.
    pub from_us: Option<u64>,
    /// The end in microseconds, if it is not that of the run.
    pub to_us: Option<u64>,
    /// Whether it starts again at its end.
    pub repeats: bool,
}

impl Range {
    /// The beginning in microseconds; 0 if it is that of the run.
    pub const fn start_us(self) -> u64 {
        match self.from_us {
            Some(from_us) => from_us,
            None => 0,
        }
    }

    /// The end in microseconds, for a run that ends at `end_us`. If a user acts at the end of the
    /// range, the run continues from there to its own end. `acted` are the acts that are not from
    /// the address.
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
