//! Running `docker` and Compose.

use std::env;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// How long a condition may take to come true, on a loaded machine.
const LIMIT: Duration = Duration::from_secs(90);

/// How often it is looked at.
const GLANCE: Duration = Duration::from_millis(250);

/// Which Compose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compose {
    /// `docker compose`.
    V2,
    /// `docker-compose` 1.29.
    V1,
}

impl Compose {
    /// The command, at the top level of the repository. `cargo xtask test docker` has said whether
    /// one of the two is missing.
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

    /// Whichever there is, the newer one first.
    ///
    /// # Panics
    ///
    /// There is none.
    pub fn any() -> Self {
        let there = [Self::V2, Self::V1].into_iter().find(|which| which.command().is_some());
        there.expect("no Compose: run `cargo xtask test docker`, which says where it is")
    }
}

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace")
}

/// The image under test.
///
/// # Panics
///
/// It is not named.
pub fn image() -> String {
    env::var("ANTES_IMAGE").expect("no ANTES_IMAGE: run `cargo xtask test docker`")
}

/// What `docker` prints, both streams.
///
/// # Errors
///
/// It fails; the error is what it printed.
pub fn docker(arguments: &[&str]) -> Result<String, String> {
    printed(Command::new("docker").args(arguments).current_dir(top()))
}

/// What the command prints, both streams.
///
/// # Errors
///
/// It fails; the error is what it printed.
pub(crate) fn printed(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let [out, err] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    if output.status.success() { Ok(out + &err) } else { Err(format!("{command:?}\n{out}{err}")) }
}

/// Says what is looked at, and looks until it is so.
///
/// # Panics
///
/// It is not so in time; `shown` tells what there is instead.
pub fn wait(what: &str, holds: impl Fn() -> bool, shown: impl Fn() -> String) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < LIMIT, "not so in time: {what}\n{}", shown());
        thread::sleep(GLANCE);
    }
    println!("  {what}: after {:.1} s", start.elapsed().as_secs_f64());
}

/// Says what is looked at, and that it is so.
///
/// # Panics
///
/// It is not so.
pub fn check(what: &str, holds: bool, shown: impl std::fmt::Debug) {
    assert!(holds, "not so: {what}: {shown:?}");
    println!("  {what}");
}
