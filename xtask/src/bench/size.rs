//! What the page weighs, as it is published.

use anyhow::Result;

use crate::command::target_dir;
use crate::{dist, size};

/// Publishes the page and prints the sizes of its files.
pub fn measure() -> Result<()> {
    // Not `dist`: somebody may be serving from there.
    let page = target_dir().join("bench-dist");
    dist::publish(&page)?;
    println!("\n```text");
    size::report(&page)?;
    println!("```");
    Ok(())
}
