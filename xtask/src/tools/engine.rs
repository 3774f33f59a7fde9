//! Docker's engine: the user's if it answers, otherwise one that is started if possible.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::{apt, cached, on_path};
use crate::command::{ask, say, spoken};
use crate::lock::Lock;

/// The folder of the socket, the process id and the state of an engine that was started here.
const OWN: &str = "/run/antes-engine";

/// The longest time for an engine to answer, and to end.
const LIMIT: Duration = Duration::from_secs(60);

/// A Docker engine that answers.
pub struct Engine {
    program: PathBuf,
    own: bool,
    /// The engine's process if it was started here. Dropping this value ends and removes it.
    daemon: Option<Child>,
    /// Keeps other commands from an engine that ends with this value, and from its containers.
    _lock: Option<Lock>,
}

/// How long an engine that was started here stays.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// It ends with the command that started it.
    No,
    /// It runs until [`Engine::end_own`], also after the command has ended.
    Yes,
}

impl Engine {
    /// The engine that answers, if there is one.
    pub fn that_runs() -> Option<Self> {
        let program = on_path(&["docker"])?;
        // A user who has exported what `cluster up` prints reaches our engine as if it were theirs.
        let shown = env::var("DOCKER_HOST").is_ok_and(|host| host == socket());
        [shown, true].into_iter().find_map(|own| {
            let engine = Self { program: program.clone(), own, daemon: None, _lock: None };
            engine.answers().then_some(engine)
        })
    }

    /// The engine that answers. Otherwise Debian's engine, installed if necessary, and started.
    pub fn get(keep: Keep) -> Result<Self> {
        let lock = Lock::of(&data()?)?;
        let mut engine = Self::found_or_started(keep)?;
        engine._lock = (keep == Keep::No).then_some(lock);
        Ok(engine)
    }

    fn found_or_started(keep: Keep) -> Result<Self> {
        if let Some(engine) = Self::that_runs() {
            return Ok(engine);
        }
        let missing = "no engine of Docker answers: install Docker (docs.docker.com), or start it";
        if ask("id", &["-u"]).as_deref() != Some("0") {
            bail!("{missing}; as root on Debian, this command would do so by itself");
        }
        if on_path(&["docker"]).is_none() || on_path(&["dockerd"]).is_none() {
            apt::install(&["docker.io", "iptables"], "about a minute").context(missing)?;
            // A service manager, if there is one, has started it by now.
            if let Some(engine) = Self::that_runs() {
                return Ok(engine);
            }
        }
        Self::start(keep).context(missing)
    }

    fn start(keep: Keep) -> Result<Self> {
        let program = on_path(&["docker"]).context("there is no `docker`")?;
        let data = data()?;
        fs::create_dir_all(&data).context("cannot make a folder in the cache")?;
        fs::create_dir_all(OWN).with_context(|| format!("cannot make {OWN}"))?;
        let log = data.join("log");
        let mut command = Command::new("dockerd");
        command.arg("--data-root").arg(data.join("data"));
        for (option, name) in [("--exec-root", "exec"), ("--pidfile", "pid")] {
            command.arg(option).arg(Path::new(OWN).join(name));
        }
        command.args(["--host", &socket()]);
        command.stdout(File::create(&log)?).stderr(File::options().append(true).open(&log)?);
        #[cfg(unix)]
        if keep == Keep::Yes {
            // Signals from the terminal to this command must not reach the engine.
            std::os::unix::process::CommandExt::process_group(&mut command, 0);
        }
        say("starting an engine of Docker: some seconds");
        let start = Instant::now();
        let mut daemon = command.spawn().context("`dockerd` did not start")?;
        let mut engine = Self { program, own: true, daemon: None, _lock: None };
        while !engine.answers() {
            let ended = daemon.try_wait()?.is_some();
            if ended || start.elapsed() > LIMIT {
                stop(&mut daemon);
                bail!("`dockerd` does not answer; its log is {}", log.display());
            }
            thread::sleep(Duration::from_millis(200));
        }
        say(&format!("the engine answers after {}", spoken(start.elapsed())));
        if keep == Keep::No {
            engine.daemon = Some(daemon);
        }
        Ok(engine)
    }

    fn answers(&self) -> bool {
        self.ask(&["version", "--format", "{{.Server.Version}}"]).is_some()
    }

    /// The output of `docker`. `None` if it fails.
    pub fn ask(&self, arguments: &[&str]) -> Option<String> {
        let mut command = self.docker(arguments);
        let output = command.stderr(std::process::Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// A command that runs `docker` with these arguments against this engine.
    pub fn docker(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments);
        self.show(&mut command);
        command
    }

    /// Makes a command use this engine.
    pub fn show(&self, command: &mut Command) {
        if self.own {
            command.env("DOCKER_HOST", socket());
        }
    }

    /// The address of the engine. `None` if docker finds it by itself.
    pub fn host(&self) -> Option<String> {
        self.own.then(socket)
    }

    /// Ends an engine that [`Keep::Yes`] has left running, if no container runs. Its stored data
    /// stays in the cache, above all the image.
    pub fn end_own(self) -> Result<()> {
        let id = fs::read_to_string(Path::new(OWN).join("pid")).unwrap_or_default();
        if !self.own || id.trim().is_empty() || self.ask(&["ps", "-q"]) != Some(String::new()) {
            return Ok(());
        }
        say("ending the engine that was started for the cluster");
        let _ = ask("kill", &["-TERM", id.trim()]);
        let start = Instant::now();
        while ask("kill", &["-0", id.trim()]).is_some() && start.elapsed() < LIMIT {
            thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let Some(daemon) = &mut self.daemon else { return };
        say("ending the engine, and removing what it has stored");
        stop(daemon);
        // Files that cannot be removed are in the user's cache and in a folder that a restart
        // empties.
        let _ = data().map(fs::remove_dir_all);
        let _ = fs::remove_dir_all(OWN);
    }
}

/// Asks the engine to end, and kills it if it does not.
fn stop(daemon: &mut Child) {
    let _ = ask("kill", &["-TERM", &daemon.id().to_string()]);
    let start = Instant::now();
    while matches!(daemon.try_wait(), Ok(None)) {
        if start.elapsed() > LIMIT {
            let _ = daemon.kill();
        }
        thread::sleep(Duration::from_millis(100));
    }
}

fn socket() -> String {
    format!("unix://{OWN}/docker.sock")
}

fn data() -> Result<PathBuf> {
    cached("engine", "own")
}
