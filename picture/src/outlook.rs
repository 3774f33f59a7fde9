//! Facts about the whole run, including its future.

use antes_sim::run::Run;
use antes_sim::trace::{Happening, MessageId, TraceEvent};

/// The largest number of future events that are simulated.
pub const MAX_OUTLOOK: u32 = 20_000;

/// The kind of a mark on the scrubber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// A node crashes or is paused, or a link is cut.
    Fault,
    /// A node comes back, or a link is restored.
    Mend,
    Lead,
    Violation,
}

/// A mark on the scrubber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub at_us: u64,
    pub kind: MarkKind,
}

impl Mark {
    /// The mark for an event. `None` if the event gets none.
    pub fn of(event: &TraceEvent) -> Option<Self> {
        let kind = match &event.happening {
            Happening::Crash | Happening::Stop | Happening::Pause | Happening::Cut { .. } => {
                MarkKind::Fault
            }
            Happening::Restart { .. } | Happening::Resume | Happening::Heal { .. } => {
                MarkKind::Mend
            }
            Happening::Leader { leader, .. } if event.at_us > 0 && *leader == event.node => {
                MarkKind::Lead
            }
            Happening::Violation(_) => MarkKind::Violation,
            _ => return None,
        };
        Some(Self { at_us: event.at_us, kind })
    }
}

/// Facts about the whole run, including its future.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    pub marks: Vec<Mark>,
    /// When lost messages would have arrived, sorted by message.
    landings: Vec<(MessageId, u64)>,
}

impl Outlook {
    /// Looks at the whole run, which stays where it is. After each step it calls `stepped` with the number of
    /// lines and of interventions before that step.
    pub fn ahead(run: &mut Run, stepped: impl FnMut(&Run, usize, usize)) -> Self {
        run.aside(|run| Self::of_whole(run, stepped))
    }

    fn of_whole(run: &mut Run, mut stepped: impl FnMut(&Run, usize, usize)) -> Self {
        let mut outlook = Self::default();
        run.go_to(0);
        for _ in 0..MAX_OUTLOOK {
            for flight in run.world().flights().filter(|flight| flight.lost.is_some()) {
                outlook.will_be_lost(flight.message.id, flight.lands_us);
            }
            let (lines, acted) = (run.trace().len(), run.interventions_done());
            if !run.step() {
                break;
            }
            stepped(run, lines, acted);
        }
        outlook.marks = run.trace().iter().filter_map(Mark::of).collect();
        outlook
    }

    /// The outlook of a finished run, from its marks and the instants at which lost messages would have
    /// arrived.
    pub fn of_past(marks: Vec<Mark>, mut landings: Vec<(MessageId, u64)>) -> Self {
        landings.sort_unstable();
        landings.dedup_by_key(|&mut (id, _)| id);
        Self { marks, landings }
    }

    /// When a lost message would have arrived. Together with the instant of the loss, this gives the place of
    /// the loss.
    pub fn landing_us(&self, id: MessageId) -> Option<u64> {
        let place = self.landings.binary_search_by_key(&id, |&(lost, _)| lost);
        place.ok().map(|place| self.landings[place].1)
    }

    fn will_be_lost(&mut self, id: MessageId, lands_us: u64) {
        match self.landings.binary_search_by_key(&id, |&(lost, _)| lost) {
            Ok(place) => self.landings[place].1 = lands_us,
            Err(place) => self.landings.insert(place, (id, lands_us)),
        }
    }
}
