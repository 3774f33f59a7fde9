//! Two models with published numbers of states, which validate the checker.

mod chang_roberts;
mod lamport_mutex;

pub use chang_roberts::ChangRoberts;
pub use lamport_mutex::LamportMutex;
