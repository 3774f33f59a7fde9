//! Starts the driver of a browser. Neither it nor its browser outlives the test.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::engine::{Engine, SCREEN};
use crate::page::PATIENCE;
use crate::visitor::Visitor;

/// Runs a program in its own process group. It kills the group when the other end of its standard input is
/// closed, either by dropping it or because this process died in any way.
const GUARD: &str = r#""$@" </dev/null & read -r _; kill -KILL 0"#;

/// GTK settings that make MiniBrowser's bar small enough for the page to be as narrow as on a phone.
const SMALL_BAR: &str =
    "* { padding: 0px; margin: 0px; min-width: 0px; min-height: 0px; font-size: 4px; }";

/// A browser's driver, which ends with this value.
pub struct Driver {
    /// The URL at which the driver takes commands.
    pub address: String,
    /// The driver, then the programs that it needs. They end in this order.
    _processes: Vec<Guarded>,
    /// The folder for the browser's profile and other files.
    scratch: TempDir,
}

impl Driver {
    /// Starts the driver of an engine on a free port, for this visitor.
    pub fn start(engine: Engine, visitor: &Visitor) -> Result<Driver> {
        let scratch = TempDir::new().context("cannot make a folder for the browser")?;
        let folder = scratch.path();
        let (port, processes) = match engine {
            Engine::Chromium => {
                let program = named("CHROMEDRIVER", "chromedriver");
                started(&program, &["--port=0"], folder, "started successfully on port ")?
            }
            Engine::Firefox => {
                let program = named("GECKODRIVER", "geckodriver");
                let options = ["--port", "0", "--websocket-port", "0"];
                started(&program, &options, folder, "Listening on 127.0.0.1:")?
            }
            Engine::WebKit => webkit(visitor, folder)?,
        };
        let address = format!("127.0.0.1:{port}");
        Ok(Driver { address, _processes: processes, scratch })
    }

    /// The folder for the browser's settings.
    pub fn profile(&self) -> PathBuf {
        self.scratch.path().join("profile")
    }
}

fn named(variable: &str, program: &str) -> OsString {
    env::var_os(variable).unwrap_or_else(|| program.into())
}

/// Starts a driver that prints its port after these words.
fn started(
    program: &OsStr,
    options: &[&str],
    folder: &Path,
    words: &'static str,
) -> Result<(u16, Vec<Guarded>)> {
    let mut command = guarded(program, folder);
    let (process, stdout) = Guarded::spawn(command.args(options))?;
    let port = announced(stdout, words).and_then(|port| port.parse().ok());
    let missing = || {
        let name = program.display();
        format!("{name} did not start: `cargo xtask test e2e | firefox | webkit` installs it")
    };
    Ok((port.with_context(missing)?, vec![process]))
}

/// Starts WebKit's driver, which needs a given port, and an X server for the browser's window. The visitor's
/// preferences are set as those of the desktop.
fn webkit(visitor: &Visitor, folder: &Path) -> Result<(u16, Vec<Guarded>)> {
    let mut server = guarded(&named("XVFB", "Xvfb"), folder);
    let [width, height] = SCREEN;
    let screen = format!("{width}x{height}x24");
    server.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", &screen]);
    let (server, stdout) = Guarded::spawn(&mut server)?;
    let missing = "Xvfb did not start: `cargo xtask test webkit` installs it";
    let display = announced(stdout, "").context(missing)?;

    let settings = folder.join(".config/gtk-3.0");
    fs::create_dir_all(&settings)?;
    let animations = i32::from(!visitor.reduced_motion);
    let text = format!("[Settings]\ngtk-enable-animations={animations}\n");
    fs::write(settings.join("settings.ini"), text)?;
    fs::write(settings.join("gtk.css"), SMALL_BAR)?;

    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut driver = guarded(&named("WEBKIT_DRIVER", "WebKitWebDriver"), folder);
    driver.arg(format!("--port={port}"));
    driver.env("DISPLAY", format!(":{display}"));
    driver.env("GTK_OVERLAY_SCROLLING", if visitor.scroll_bars { "0" } else { "1" });
    driver.env("GTK_THEME", if visitor.dark { "Adwaita:dark" } else { "Adwaita" });
    driver.env("LANG", format!("{}.UTF-8", visitor.language.replace('-', "_")));
    driver.env_remove("LC_ALL").env_remove("LANGUAGE");
    let (driver, _) = Guarded::spawn(&mut driver)?;
    Ok((port, vec![driver, server]))
}

/// A command for a program that ends with this process and writes only to a folder.
fn guarded(program: &OsStr, folder: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", GUARD, "sh"]).arg(program);
    command.env("TMPDIR", folder).env("HOME", folder).env_remove("XDG_CONFIG_HOME");
    command
}

/// A process with all its children. Dropping it kills them.
struct Guarded {
    guard: Child,
    lifeline: Option<ChildStdin>,
}

impl Guarded {
    fn spawn(command: &mut Command) -> Result<(Guarded, ChildStdout)> {
        let mut guard = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("cannot start a shell to run a driver in")?;
        let lifeline = guard.stdin.take();
        let stdout = guard.stdout.take().context("the driver has no output")?;
        Ok((Guarded { guard, lifeline }, stdout))
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        let _ = self.guard.wait();
    }
}

/// The text that a program prints after these words, up to the end of the line or a full stop.
fn announced(stdout: ChildStdout, words: &'static str) -> Option<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        // It reads to the end, as a full pipe would stop the program in the middle of a test.
        for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
            if let Some((_, rest)) = String::from_utf8_lossy(&line).split_once(words) {
                let _ = sender.send(rest.trim().trim_end_matches('.').to_owned());
            }
        }
    });
    receiver.recv_timeout(PATIENCE).ok()
}
