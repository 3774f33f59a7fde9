//! Opens a page that works by itself, waits until it is done, and prints its result: `print-page FOLDER
//! [NAME...]`. The page gets the names in its address, as `?name=...`.
//!
//! When it is done, the page sets `html[data-done]` to "ok" or to another value. Its result is in `#output`.

use std::env::args;
use std::path::Path;
use std::time::Duration;

use antes_e2e::{Result, Visitor, bail};

/// The interval between two checks. It is long, because each check disturbs a measurement.
const GLANCE: Duration = Duration::from_secs(1);

fn main() -> Result<()> {
    let Some(folder) = args().nth(1) else {
        eprintln!("usage: print-page FOLDER [NAME...]");
        std::process::exit(2);
    };
    let names: Vec<_> = args().skip(2).map(|name| format!("name={name}")).collect();
    let query = format!("?{}", names.join("&"));
    Visitor::laptop().to_folder(Path::new(&folder)).visit_unopened(async |page| {
        page.goto(page.address(&query)).await?;
        loop {
            let done = page.script("return document.documentElement.dataset.done").await?;
            let output =
                page.script("return document.getElementById('output').textContent").await?;
            match done.as_str() {
                None => tokio::time::sleep(GLANCE).await,
                Some("ok") => break println!("{}", output.as_str().unwrap_or_default()),
                Some(_) => bail!("the page failed: {output}"),
            }
        }
        Ok(())
    })
}
