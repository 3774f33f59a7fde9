//! Functions for several tests of the page.
#![allow(dead_code, reason = "each test file uses the part of it that it needs")]

pub mod away;
pub mod host;

use std::fs;
use std::process::Command;

use antes_e2e::{Context, Key, Page, Result, ensure, page_folder};
use tempfile::TempDir;

/// Runs `antes` with these arguments and returns its output.
pub fn command(arguments: &[&str]) -> Result<String> {
    let program = std::env::var_os("ANTES_COMMAND").context("ANTES_COMMAND names no program")?;
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let out = Command::new(program).args(arguments).current_dir(root).output()?;
    ensure!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    Ok(String::from_utf8(out.stdout)?)
}

/// A copy of the page under test, to which files can be added.
pub fn copy_of_the_page() -> Result<TempDir> {
    let copy = TempDir::new()?;
    for entry in fs::read_dir(page_folder())? {
        let path = entry?.path();
        if let Some(name) = path.file_name().filter(|_| path.is_file()) {
            fs::copy(&path, copy.path().join(name))?;
        }
    }
    Ok(copy)
}

/// The state of the run as the page's attributes show it: nodes, messages, instant.
pub async fn picture(page: &Page) -> Result<String> {
    let told = page
        .script(
            "const all = css => [...document.querySelectorAll(css)];
             const nodes = all('[data-node]').map(n => ({...n.dataset, label: n.getAttribute('aria-label')}));
             const messages = all('[data-message]').map(m => [m.dataset.message, m.getAttribute('transform')]);
             const app = document.querySelector('.app').dataset;
             return JSON.stringify([nodes, messages, app.timeUs, app.violations]);",
        )
        .await?;
    Ok(told.as_str().unwrap_or_default().to_owned())
}

/// The run's current instant, in microseconds.
pub async fn now_us(page: &Page) -> Result<u64> {
    Ok(page.attribute(".app", "data-time-us").await?.parse()?)
}

/// An attribute of a node, such as `data-role`.
pub async fn node(page: &Page, number: u8, attribute: &str) -> Result<String> {
    page.attribute(&format!("[data-node='{number}']"), attribute).await
}

/// The number of events so far.
pub async fn events(page: &Page) -> Result<u64> {
    Ok(page.attribute(".app", "data-events").await?.parse()?)
}

/// Presses a key while another one is held.
pub async fn chord(page: &Page, held: Key, key: impl Into<char>) -> Result<()> {
    let chain = page.action_chain().key_down(char::from(held.clone()));
    Ok(chain.send_keys(key.into().to_string()).key_up(char::from(held)).perform().await?)
}

/// The leader that each node follows, in the order of ids. Empty for crashed nodes.
pub async fn leaders(page: &Page) -> Result<Vec<String>> {
    let mut leaders = Vec::new();
    for number in 1..=page.count("[data-node]").await? {
        leaders.push(node(page, u8::try_from(number)?, "data-leader").await?);
    }
    Ok(leaders)
}

/// Plays faster by `stops` steps of the speed until a check succeeds, then pauses.
pub async fn play_until(
    page: &Page,
    faster: usize,
    what: &str,
    is_so: impl AsyncFn() -> Result<bool>,
) -> Result<()> {
    for _ in 0..faster {
        page.press("]").await?;
    }
    if page.attribute(".app", "data-playing").await? == "false" {
        page.click("[data-action=play]").await?;
    }
    page.wait_until(what, is_so).await?;
    // A script does both at once, since the run may end between a check and a click.
    page.script("document.querySelector('[data-action=pause]')?.click();").await?;
    page.wait_until("time stands", async || {
        Ok(page.attribute(".app", "data-playing").await? == "false")
    })
    .await?;
    Ok(())
}

/// Fails if the page is wider than the screen.
pub async fn fits_sideways(page: &Page) -> Result<()> {
    let over = page
        .script("const r = document.documentElement; return r.scrollWidth - r.clientWidth;")
        .await?;
    ensure!(over.as_i64() == Some(0), "the page is {over} pixels too wide");
    Ok(())
}
