//! End-to-end tests control the built page in a real browser, as a person would.
//!
//! ```no_run
//! use antes_e2e::{Result, Visitor};
//!
//! #[test]
//! fn page_says_its_name() -> Result<()> {
//!     Visitor::laptop().visit("?lang=pt-BR", async |page| {
//!         page.click("[data-action=play]").await?;
//!         page.wait_for_text("h1", "Antes").await?;
//!         page.screenshot("first-screen").await
//!     })
//! }
//! ```
//!
//! Guarantees:
//! - Every visit has its own browser with an empty profile, and its own server. The server serves the folder
//!   in `ANTES_DIST` (by default `dist`) with the policy in `web/policy.txt`. It does so below a folder name,
//!   so that absolute addresses in the page fail.
//! - The browser is Chromium, or the one in `ANTES_ENGINE`: `firefox` or `webkit`. `e2e/engines.toml` lists
//!   the tests that their drivers cannot run.
//! - An error on the page's console fails the test. So does everything that the policy refuses.
//! - A failed test leaves a screenshot in `target/e2e/`.
//! - No server, driver or browser outlives the test, even after an error, a panic, or if the test is killed.
//!
//! `cargo xtask test e2e` builds the page and finds the browser; to repeat one test by hand:
//! `ANTES_DIST=target/e2e-dist cargo test -p antes-e2e name_of_the_test`.

#![allow(missing_docs, reason = "a comment stands where a name is not enough")]

mod driver;
mod engine;
mod hand;
mod host;
mod line;
pub mod matrix;
mod page;
mod site;
mod visit;
mod visitor;

pub use axum::http::header;
pub use engine::Engine;
pub use hand::Move;
pub use host::{Host, Odd, Pages};
pub use line::Line;
pub use page::Page;
pub use site::Extra;
pub use visitor::Visitor;

pub use anyhow::{Context, Result, bail, ensure};
pub use thirtyfour::{self, Key, WebElement};

use std::path::{Path, PathBuf};

pub fn page_folder() -> PathBuf {
    match std::env::var_os("ANTES_DIST") {
        Some(dir) => top_level().join(dir),
        None => top_level().join("dist"),
    }
}

/// The folder in which tests leave screenshots, which is made if missing.
fn picture_folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    top_level().join(target).join("e2e")
}

fn top_level() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("e2e lies in a folder of the workspace")
}
