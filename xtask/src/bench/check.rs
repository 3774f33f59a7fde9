//! How many states the model checker visits in a second, beside a bare model of the same size.

use anyhow::Result;

use crate::command::{cargo, run};

/// Measures and prints.
pub fn measure() -> Result<()> {
    run(&mut cargo(&["bench", "--quiet", "-p", "antes-check", "--bench", "search"]))
}
