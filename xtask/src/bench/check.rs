//! Measures how many states per second the model checker explores, beside a bare model of the same
//! size.

use anyhow::Result;

use crate::command::{cargo, run};

pub fn measure() -> Result<()> {
    run(&mut cargo(&["bench", "--quiet", "-p", "antes-check", "--bench", "search"]))
}
