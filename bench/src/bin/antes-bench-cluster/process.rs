//! Programs that are started for one turn and never outlive this one.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// The ids of running programs. A signal or a panic ends this program without unwinding, so `drop`
/// would not run.
static RUNNING: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// Makes sure that no started program is left, however this one ends (except by SIGKILL).
pub fn leave_nobody_behind() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot hear signals")?;
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            end_all();
            std::process::exit(128 + signal);
        }
    });
    let panicked = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        panicked(info);
        end_all();
    }));
    Ok(())
}

fn end_all() {
    for &id in &*RUNNING.lock().unwrap_or_else(PoisonError::into_inner) {
        send(id, Signal::KILL);
    }
}

/// A program that runs until this value is dropped.
pub struct Process(Child);

impl Process {
    /// Starts it without input and output.
    pub fn start(command: &mut Command) -> Result<Self> {
        Self::spawn(command.stdout(Stdio::null()))
    }

    /// Starts it, and returns the first line that it prints.
    pub fn start_and_hear(command: &mut Command) -> Result<(Self, String)> {
        let mut process = Self::spawn(command.stdout(Stdio::piped()))?;
        let output = process.0.stdout.take().context("the program's output is piped")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        Ok((process, line.trim().to_owned()))
    }

    /// Starts it, to be [waited for](Self::finish).
    pub fn start_and_keep(command: &mut Command) -> Result<Self> {
        Self::spawn(command.stdout(Stdio::piped()))
    }

    fn spawn(command: &mut Command) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("`{program}` did not start"))?;
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).insert(child.id());
        Ok(Self(child))
    }

    /// Waits for its end, and returns its output.
    pub fn finish(mut self) -> Result<String> {
        let output = self.0.stdout.take().context("the program's output is piped")?;
        let text = std::io::read_to_string(output)?;
        let status = self.0.wait()?;
        if !status.success() {
            bail!("a program failed ({status})");
        }
        Ok(text)
    }

    /// Fails if it has ended.
    pub fn still_runs(&mut self) -> Result<()> {
        match self.0.try_wait()? {
            Some(status) => bail!("a program ended too early ({status})"),
            None => Ok(()),
        }
    }

    pub fn signal(&self, signal: Signal) {
        send(self.0.id(), signal);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL also ends a frozen program.
        let _ = self.0.kill();
        let _ = self.0.wait();
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0.id());
    }
}

fn send(id: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        // A program that has ended needs no signal.
        let _ = kill_process(pid, signal);
    }
}

/// Unused addresses on loopback, all different.
pub fn free_addresses(count: usize) -> Result<Vec<SocketAddr>> {
    let listeners: Vec<_> = (0..count)
        .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .collect::<Result<_, _>>()
        .context("no free port")?;
    Ok(listeners.iter().map(TcpListener::local_addr).collect::<Result<_, _>>()?)
}
