//! Two models whose numbers of states are published: they show that the checker counts right.

mod chang_roberts;
mod lamport_mutex;

pub use chang_roberts::ChangRoberts;
pub use lamport_mutex::LamportMutex;
