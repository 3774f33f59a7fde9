//! What is known of a whole run, the part that lies ahead included.

use antes_sim::run::Run;
use antes_sim::trace::{Happening, MessageId, TraceEvent};

/// How many events of the future are looked at.
pub const MAX_OUTLOOK: u32 = 20_000;

/// What a mark of the scrubber stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// A node crashes, freezes, or a link is cut.
    Fault,
    /// A node comes back, or a link is mended.
    Mend,
    /// A node takes the lead.
    Lead,
    /// An invariant breaks.
    Violation,
}

/// A moment of the run that is worth a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at_us: u64,
    /// What.
    pub kind: MarkKind,
}

impl Mark {
    /// The mark that an event is worth, if it is worth one.
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

/// What is known of the whole run, the part that lies ahead included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// What to mark on the scrubber.
    pub marks: Vec<Mark>,
    /// When lost messages would have landed; sorted.
    landings: Vec<(MessageId, u64)>,
}

impl Outlook {
    /// Runs `run` ahead to its end and brings it back. After each step, `stepped` is told how many lines
    /// the trace had before it, and how many interventions had been done.
    pub fn ahead(run: &mut Run, mut stepped: impl FnMut(&Run, usize, usize)) -> Self {
        let (done, now_us) = (run.done(), run.now_us());
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
        run.go_to(done);
        run.wait_until(now_us);
        outlook
    }

    /// What is known of a run that is over: what to mark, and when lost messages would have landed.
    pub fn of_past(marks: Vec<Mark>, mut landings: Vec<(MessageId, u64)>) -> Self {
        landings.sort_unstable();
        landings.dedup_by_key(|&mut (id, _)| id);
        Self { marks, landings }
    }

    /// When a lost message would have landed: with it, where it died.
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
