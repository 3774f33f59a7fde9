//! The cores on which servers and clients run.

use anyhow::{Context, Result};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// The operating system chooses the core of each thread.
    Free,
    /// All servers and clients run on the same core.
    OneCore,
}

impl Placement {
    /// The name in a heading.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free placement",
            Self::OneCore => "everything on one core",
        }
    }

    /// Runs `work` with this placement, including the threads and programs that it starts.
    pub fn during<T>(self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        match self {
            Self::Free => work(),
            Self::OneCore => {
                let before = sched_getaffinity(None).context("on which cores may this run?")?;
                let last = (0..CpuSet::MAX_CPU).rfind(|&core| before.is_set(core));
                let mut one = CpuSet::new();
                one.set(last.context("there is no core to run on")?);
                sched_setaffinity(None, &one).context("cannot stay on one core")?;
                let outcome = work();
                sched_setaffinity(None, &before).context("cannot leave the core")?;
                outcome
            }
        }
    }
}
