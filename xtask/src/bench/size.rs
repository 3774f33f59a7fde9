//! Measures the sizes of the published page's files.

use anyhow::Result;

use crate::command::target_dir;
use crate::{dist, size};

/// Builds the page for publication and prints the sizes.
pub fn measure() -> Result<()> {
    // `dist` is not used, since a user may be serving from it.
    let page = target_dir().join("bench-dist");
    dist::publish(&page)?;
    println!("\n```text");
    size::report(&page)?;
    println!("```");
    Ok(())
}
