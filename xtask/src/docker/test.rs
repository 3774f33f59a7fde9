//! `cargo xtask test docker`: builds the real `Dockerfile` and tests its containers.

use std::ffi::OsStr;
use std::process::Command;

use anyhow::{Context, Result};

use super::image::{self, StandIn};
use crate::command::{cargo, root, run, say};
use crate::test::in_ci;
use crate::tools::{self, Engine};

/// The name of the image under test, which differs from the user's image.
const IMAGE: &str = "antes-under-test";

/// An image that is removed when this value is dropped.
struct Image<'a>(&'a Engine);

impl Drop for Image<'_> {
    fn drop(&mut self) {
        let _ = self.0.ask(&["image", "rm", "--force", IMAGE]);
    }
}

/// Builds the image with Compose and runs the tests. Everything created is removed.
pub fn run_in(engine: &Engine) -> Result<()> {
    let second = tools::compose_2(engine)?;
    let first = match tools::compose_1() {
        Err(error) if !in_ci() => {
            say(&format!("not tested: {error:#}"));
            None
        }
        first => Some(first?),
    };
    let stand_in = match image::base_is_there(engine)? {
        true => None,
        false => Some(StandIn::made(engine)?),
    };
    let _image = Image(engine);
    let mut build = Command::new(&second[0]);
    build.args(&second[1..]).args(["-f", "docker-compose.yml", "build", "node1"]);
    engine.show(&mut build);
    run(build.current_dir(root()).env("ANTES_IMAGE", IMAGE)).context("the Dockerfile failed")?;
    drop(stand_in);

    let lines = |words: &tools::Words| words.join(OsStr::new("\n"));
    let mut tests = cargo(&["test", "-p", "xtask", "--test", "containers", "--no-fail-fast", "--"]);
    // One test at a time, to keep the load low. The output shows what each test has checked.
    tests.args(["--test-threads", "1", "--nocapture"]);
    tests.env("ANTES_IMAGE", IMAGE).env("ANTES_COMPOSE", lines(&second));
    if let Some(first) = &first {
        tests.env("ANTES_COMPOSE_V1", lines(first));
    }
    engine.show(&mut tests);
    run(&mut tests)
}
