//! Takes the README's picture of the page in `ANTES_DIST` as it opens: `picture FILE`.

use std::env::args;
use std::fs;

use antes_e2e::{Result, Visitor};

fn main() -> Result<()> {
    let Some(file) = args().nth(1) else {
        eprintln!("usage: picture FILE");
        std::process::exit(2);
    };
    Visitor::laptop().visit("", async |page| {
        page.find("[data-node='4']").await?;
        Ok(fs::write(file, page.screenshot_as_png().await?)?)
    })
}
