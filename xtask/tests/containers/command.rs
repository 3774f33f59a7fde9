//! Runs `docker` and Compose, and waits for conditions.

use std::env;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// How long to wait for a condition, on a loaded machine.
const LIMIT: Duration = Duration::from_secs(90);

/// The interval between two checks of a condition.
const GLANCE: Duration = Duration::from_millis(250);

/// The two generations of Compose, whose containers have different names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compose {
    /// The plugin `docker compose`, version 2.
    V2,
    /// The program `docker-compose`, version 1.29.
    V1,
}

impl Compose {
    /// The command, in the root folder of the repository. `None` if this version is missing, which
    /// `cargo xtask test docker` has reported.
    pub fn command(self) -> Option<Command> {
        let variable = match self {
            Self::V2 => "ANTES_COMPOSE",
            Self::V1 => "ANTES_COMPOSE_V1",
        };
        let words = env::var(variable).ok()?;
        let mut words = words.lines();
        let mut command = Command::new(words.next()?);
        command.args(words).current_dir(top());
        Some(command)
    }

    /// Any installed version, the newer one first.
    ///
    /// # Panics
    ///
    /// No version of Compose is installed.
    pub fn any() -> Self {
        let there = [Self::V2, Self::V1].into_iter().find(|which| which.command().is_some());
        there.expect("no Compose: run `cargo xtask test docker`, which says where it is")
    }
}

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace")
}

/// The name of the image under test.
///
/// # Panics
///
/// If `ANTES_IMAGE` is not set.
pub fn image() -> String {
    env::var("ANTES_IMAGE").expect("no ANTES_IMAGE: run `cargo xtask test docker`")
}

/// The output of `docker`, both streams.
///
/// # Errors
///
/// If it fails: its output.
pub fn docker(arguments: &[&str]) -> Result<String, String> {
    printed(Command::new("docker").args(arguments).current_dir(top()))
}

/// The output of the command, both streams.
///
/// # Errors
///
/// If it fails: its output.
pub(crate) fn printed(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let [out, err] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    if output.status.success() { Ok(out + &err) } else { Err(format!("{command:?}\n{out}{err}")) }
}

/// Prints `what`, and waits until it holds.
///
/// # Panics
///
/// If it does not hold in time. The message contains `shown`.
pub fn wait(what: &str, holds: impl Fn() -> bool, shown: impl Fn() -> String) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < LIMIT, "not so in time: {what}\n{}", shown());
        thread::sleep(GLANCE);
    }
    println!("  {what}: after {:.1} s", start.elapsed().as_secs_f64());
}

/// Prints `what`, and checks that it holds.
///
/// # Panics
///
/// If it does not hold.
pub fn check(what: &str, holds: bool, shown: impl std::fmt::Debug) {
    assert!(holds, "not so: {what}: {shown:?}");
    println!("  {what}");
}
