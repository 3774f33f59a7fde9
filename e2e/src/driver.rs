//! chromedriver, and the certainty that neither it nor its browser outlives the test.

use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result};
use tempfile::TempDir;
use thirtyfour::{
    Capabilities, ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel,
};

/// Runs a program in a process group of its own and kills the group as soon as the other end of
/// its standard input is closed: by dropping it, or by the death of this process, however it dies.
const GUARD: &str = r#""$@" </dev/null & read -r _; kill -KILL 0"#;

/// A running chromedriver.
pub struct Driver {
    /// Where it listens.
    pub address: String,
    guard: Child,
    lifeline: Option<ChildStdin>,
    /// The browser's profile and whatever else it wants to store.
    _scratch: TempDir,
}

impl Driver {
    /// Starts chromedriver (`CHROMEDRIVER`, or the one on the PATH) on a free port.
    pub fn start() -> Result<Driver> {
        let program = env::var_os("CHROMEDRIVER").unwrap_or_else(|| OsString::from("chromedriver"));
        let scratch = TempDir::new().context("cannot make a folder for the browser")?;
        let mut guard = Command::new("sh")
            .args(["-c", GUARD, "sh"])
            .arg(&program)
            .arg("--port=0")
            .env("TMPDIR", scratch.path())
            .env("HOME", scratch.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("cannot start a shell to run chromedriver in")?;
        let lifeline = guard.stdin.take();
        let stdout = guard.stdout.take().context("chromedriver has no output")?;
        let mut driver = Driver { address: String::new(), guard, lifeline, _scratch: scratch };

        let mut output = BufReader::new(stdout);
        let port = announced_port(&mut output).with_context(|| {
            format!("{} did not start: `cargo xtask test e2e` installs it", program.display())
        })?;
        driver.address = format!("http://127.0.0.1:{port}");
        // A full pipe would stop chromedriver in the middle of a test.
        std::thread::spawn(move || output.read_to_end(&mut Vec::new()));
        Ok(driver)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        let _ = self.guard.wait();
    }
}

/// "ChromeDriver was started successfully on port 38231."
fn announced_port(output: &mut impl BufRead) -> Option<u16> {
    output.lines().map_while(Result::ok).find_map(|line| {
        let (_, port) = line.split_once("successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    })
}

/// What is asked of the browser: no window, no network of its own, and a log of all errors.
pub fn capabilities(language: &str) -> Result<Capabilities> {
    let mut wanted = DesiredCapabilities::chrome();
    for flag in [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--disable-breakpad",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
    ] {
        wanted.add_arg(flag)?;
    }
    wanted.add_arg(&format!("--accept-lang={language}"))?;
    if let Some(program) = env::var("CHROMIUM").ok().filter(|name| name.contains('/')) {
        wanted.set_binary(&program)?;
    }
    wanted.set_browser_log_level(LoggingPrefsLogLevel::Severe)?;
    Ok(wanted.into())
}
