//! Makes the README's picture from the page in `ANTES_DIST`: `picture FILE`.

use std::env::args;
use std::fs;

use antes_e2e::{Result, Visitor};

/// Three candidates, answers on their way, and questions that died at the dead leader.
const MOMENT: &str = "?scenario=leader-dies&t=2980000";

fn main() -> Result<()> {
    let Some(file) = args().nth(1) else {
        eprintln!("usage: picture FILE");
        std::process::exit(2);
    };
    Visitor::laptop().visit(MOMENT, async |page| {
        page.find("[data-node='4']").await?;
        Ok(fs::write(file, page.screenshot_as_png().await?)?)
    })
}
