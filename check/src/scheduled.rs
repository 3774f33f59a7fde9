//! A path to a violation becomes a scenario, or there is a reason why it has none.

use antes_sim::scenario::Scenario;

/// A scenario that violates a property.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub scenario: Scenario,
    /// When the property is violated, in microseconds from the start.
    pub at_us: u64,
    /// The steps of the path, one line each.
    pub lines: Vec<String>,
    /// How many paths of the same length or shorter have no scenario.
    pub passed_over: usize,
}

/// The reason why a path has no scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unscheduled {
    /// The model is not of a cluster that the simulator knows.
    Foreign,
    /// No explored state violates the property.
    Unbroken,
    /// A random draw decides how long something takes.
    Chance,
    /// No instants fit: timers would fire in another order than on the path.
    NoTimes,
    /// A script cannot place the crash within that step.
    CutOff,
    /// A message is duplicated, and then the original is lost.
    LostAfterCopy,
    /// The nodes end in other states: the simulator drops a message that the model delivers.
    OtherEnd,
    /// The nodes do the same, but the judge reports no violation.
    NotJudged,
}
