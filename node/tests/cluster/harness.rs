//! A cluster of real processes on loopback. All are killed when the test ends, however it ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::ports::free_port;

/// How long a condition may take to become true. Even on a busy machine, only a mistake takes longer.
pub const LIMIT: Duration = Duration::from_secs(300);

/// The interval between two checks of a condition.
const GLANCE: Duration = Duration::from_millis(20);

/// Options with which a busy machine causes no elections: only the test itself starts them.
pub const PATIENT: [&str; 4] = ["--suspect-after", "50s", "--lease", "50s"];

/// The file with the resource's trace.
const RESOURCE_TRACE: &str = "resource.jsonl";

static CLUSTERS: AtomicU32 = AtomicU32::new(0);

/// The processes of one test, and a folder of their own.
pub struct Cluster {
    pub ports: Vec<u16>,
    /// The address of each node's HTTP server, if it is given as an option.
    pub http: Vec<String>,
    folder: PathBuf,
    options: Vec<String>,
    nodes: Vec<Option<Child>>,
    /// The process of the resource.
    resource: Option<Child>,
}

impl Cluster {
    /// A cluster of `nodes` nodes. No process runs yet.
    pub fn new(nodes: usize, options: &[&str]) -> Self {
        let number = CLUSTERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("antes-cluster-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("a folder for the test");
        let ports: Vec<u16> = (0..2 * nodes).map(|_| free_port()).collect();
        let (ports, of_http) = ports.split_at(nodes);
        Self {
            ports: ports.to_vec(),
            http: of_http.iter().map(|port| format!("127.0.0.1:{port}")).collect(),
            folder,
            options: options.iter().map(|&option| option.to_owned()).collect(),
            nodes: (0..nodes).map(|_| None).collect(),
            resource: None,
        }
    }

    /// Adds options for all nodes.
    pub fn with(mut self, options: &[&str]) -> Self {
        self.options.extend(options.iter().map(|&option| option.to_owned()));
        self
    }

    /// Like [`new`](Self::new), and starts the nodes `which`.
    pub fn running(nodes: usize, which: &[usize], options: &[&str]) -> Self {
        let mut cluster = Self::new(nodes, options);
        for &node in which {
            cluster.start(node, &[]);
        }
        cluster
    }

    /// The value of the option `--peers` for a cluster of the first `count` nodes.
    pub fn peers(&self, count: usize) -> String {
        let ports = (1..).zip(&self.ports).take(count);
        ports.map(|(id, port)| format!("{id}=127.0.0.1:{port}")).collect::<Vec<_>>().join(",")
    }

    /// The command that runs a node with the cluster's options and `more`.
    pub fn command(&self, node: usize, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_antes"));
        command.args(["node", "--id", &node.to_string()]);
        if !more.contains(&"--peers") {
            command.args(["--peers", &self.peers(self.ports.len())]);
        }
        if !more.contains(&"--log") {
            command.args(["--log", "error"]);
        }
        if !more.contains(&"--data-dir") {
            command.arg("--data-dir").arg(self.folder.join(node.to_string()));
            command.arg("--trace").arg(self.trace_of(node));
        }
        command.args(&self.options).args(more).stdin(Stdio::null());
        command
    }

    pub fn start(&mut self, node: usize, more: &[&str]) {
        let child = self.command(node, more).spawn().expect("the node starts");
        self.nodes[node - 1] = Some(child);
    }

    /// Starts a node with the test's own command.
    pub fn adopt(&mut self, node: usize, mut command: Command) {
        self.nodes[node - 1] = Some(command.spawn().expect("the node starts"));
    }

    /// Takes over a running process of a node, which then ends with the cluster.
    pub fn give(&mut self, node: usize, child: Child) {
        self.nodes[node - 1] = Some(child);
    }

    /// Starts a node with an HTTP server.
    pub fn start_with_http(&mut self, node: usize, more: &[&str]) {
        let address = self.http[node - 1].clone();
        self.start(node, &[&["--http", &address], more].concat());
    }

    /// Starts a node with an HTTP server, and keeps its log at the default level in a file.
    pub fn start_logged(&mut self, node: usize, more: &[&str]) {
        let address = self.http[node - 1].clone();
        let log = fs::File::create(self.log_of(node)).expect("a file for the log");
        let more = [&["--http", &address, "--log", "info"], more].concat();
        let child = self.command(node, &more).stderr(log).spawn().expect("the node starts");
        self.nodes[node - 1] = Some(child);
    }

    /// Waits until the log of a node has a line with this text. Returns that line.
    pub fn wait_for_log(&self, node: usize, text: &str) -> String {
        wait_for_line(&self.log_of(node), text)
    }

    /// The path of the log that [`start_logged`](Self::start_logged) keeps.
    pub fn log_of(&self, node: usize) -> PathBuf {
        self.folder.join(format!("{node}.log"))
    }

    /// The command that runs the resource on this port.
    pub fn resource_command(&self, port: u16, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_antes"));
        command.args(["resource", "--listen", &format!("127.0.0.1:{port}")]);
        if !more.contains(&"--log") {
            command.args(["--log", "error"]);
        }
        command.arg("--data-dir").arg(self.path("resource"));
        command.arg("--trace").arg(self.path(RESOURCE_TRACE)).args(more).stdin(Stdio::null());
        command
    }

    pub fn start_resource(&mut self, port: u16, more: &[&str]) {
        let child = self.resource_command(port, more).spawn().expect("the resource starts");
        self.resource = Some(child);
    }

    /// Hands the resource's process over to the test.
    pub fn take_resource(&mut self) -> Child {
        self.resource.take().expect("the resource runs")
    }

    /// Takes the resource's process back, which then ends with the cluster.
    pub fn give_resource(&mut self, resource: Child) {
        self.resource = Some(resource);
    }

    /// The whole lines of the resource's trace, without the header.
    pub fn resource_trace(&self) -> Vec<Value> {
        lines(&self.path(RESOURCE_TRACE))
    }

    /// Waits until the resource has accepted `more` further writes. Returns all lines of its trace.
    pub fn wait_for_writes(&self, more: usize) -> Vec<Value> {
        let taken = |trace: &[Value]| trace.iter().filter(|line| line["accepted"] == true).count();
        let before = taken(&self.resource_trace());
        eventually(|| {
            let trace = self.resource_trace();
            match taken(&trace) >= before + more {
                true => Ok(trace),
                false => Err(format!("the resource takes no writes: {}", trace.len())),
            }
        })
    }

    /// Waits until the lines of the resource's trace satisfy a condition.
    pub fn wait_for_resource(&self, what: &str, holds: impl Fn(&[Value]) -> bool) {
        let holds = || holds(&self.resource_trace()).then_some(());
        eventually(|| holds().ok_or_else(|| format!("the resource: {what}")));
    }

    /// Stops all running processes and merges their traces. Returns the violations that the judge finds.
    pub fn violations(&mut self) -> Vec<Value> {
        for node in 1..=self.nodes.len() {
            if self.nodes[node - 1].is_some() {
                self.signal(node, "TERM");
                assert_eq!(self.ended(node).code(), Some(0), "node {node} stops in good order");
            }
        }
        if let Some(mut resource) = self.resource.take() {
            send(&resource, "TERM");
            assert!(resource.wait().expect("it can be waited for").success());
        }
        self.merged_with(&[]).0
    }

    /// Merges the traces of all processes with these files of the folder. Returns the violations, and the
    /// notes about the traces.
    pub fn merged_with(&self, more: &[&str]) -> (Vec<Value>, String) {
        let output = self.merge(more);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let summary: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("the traces cannot be merged: {said}"));
        (summary["violations"].as_array().expect("a list").clone(), said)
    }

    /// The merged run of all processes in the text format.
    pub fn merged_text(&self) -> String {
        let output = self.merge_as("text", &[]);
        String::from_utf8(output.stdout).expect("it prints text")
    }

    /// The lines of the merged run, without the header.
    pub fn merged_lines(&self) -> Vec<Value> {
        let output = self.merge_as("jsonl", &[]);
        let text = String::from_utf8(output.stdout).expect("it prints text");
        text.lines().skip(1).map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    fn merge(&self, more: &[&str]) -> Output {
        self.merge_as("summary", more)
    }

    fn merge_as(&self, format: &str, more: &[&str]) -> Output {
        let nodes = (1..=self.nodes.len()).map(|node| self.trace_of(node));
        let more = more.iter().map(|name| self.path(name));
        let traces = nodes.chain([self.path(RESOURCE_TRACE)]).chain(more);
        let traces = traces.filter(|path| path.exists());
        let mut command = Command::new(env!("CARGO_BIN_EXE_antes"));
        command.arg("merge").args(traces).args(["--format", format]);
        command.output().expect("it runs")
    }

    /// The notes about the traces that `antes merge` prints.
    pub fn told_by_merge(&self) -> String {
        String::from_utf8(self.merge(&[]).stderr).expect("it prints text")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn trace_of(&self, node: usize) -> PathBuf {
        self.folder.join(format!("{node}.jsonl"))
    }

    /// Kills a node, as `kill -9` does.
    pub fn kill(&mut self, node: usize) {
        let mut child = self.nodes[node - 1].take().expect("the node runs");
        child.kill().expect("it can be killed");
        child.wait().expect("it has ended");
    }

    /// Sends a signal, such as `STOP`.
    pub fn signal(&self, node: usize, signal: &str) {
        send(self.nodes[node - 1].as_ref().expect("the node runs"), signal);
    }

    /// The number that the operating system gives to a node's process.
    pub fn process_id(&self, node: usize) -> u32 {
        self.nodes[node - 1].as_ref().expect("the node runs").id()
    }

    /// Waits until a node has ended by itself.
    pub fn ended(&mut self, node: usize) -> ExitStatus {
        let mut child = self.nodes[node - 1].take().expect("the node runs");
        let deadline = Instant::now() + LIMIT;
        loop {
            if let Some(status) = child.try_wait().expect("it can be asked for") {
                return status;
            }
            if Instant::now() > deadline {
                child.kill().expect("it can be killed");
                panic!("node {node} does not end");
            }
            std::thread::sleep(GLANCE);
        }
    }

    /// The whole lines of a node's trace, without its headers.
    pub fn trace(&self, node: usize) -> Vec<Value> {
        lines(&self.trace_of(node))
    }

    /// The first line of a node's trace.
    pub fn header(&self, node: usize) -> Value {
        let text = fs::read_to_string(self.trace_of(node)).expect("there is a trace");
        let (header, _) = text.split_once('\n').expect("a whole line");
        serde_json::from_str(header).expect("JSON")
    }

    /// Waits until the trace of a node satisfies a condition.
    pub fn wait(&self, node: usize, what: &str, holds: impl Fn(&[Value]) -> bool) {
        eventually(|| {
            let trace = self.trace(node);
            if holds(&trace) {
                return Ok(());
            }
            let last = trace.iter().rev().take(20).map(Value::to_string).collect::<Vec<_>>();
            Err(format!("node {node}: {what}; last:\n{}", last.join("\n")))
        });
    }

    /// Waits until all of `nodes` follow `leader`.
    pub fn wait_for_leader(&self, nodes: &[usize], leader: usize) {
        for &node in nodes {
            let what = format!("follows {leader}");
            self.wait(node, &what, |trace| leader_of(trace) == Some(leader as u64));
        }
    }

    /// Waits until each of `nodes` has entered the critical section once more.
    pub fn wait_for_entries(&self, nodes: &[usize]) {
        let before: Vec<usize> =
            nodes.iter().map(|&node| count(&self.trace(node), "enter")).collect();
        for (&node, before) in nodes.iter().zip(before) {
            self.wait(node, "enters", |trace| count(trace, "enter") > before);
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for child in self.nodes.iter_mut().chain([&mut self.resource]).flatten() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Waits until a file has a line with this text. Returns that line.
pub fn wait_for_line(path: &Path, text: &str) -> String {
    eventually(|| {
        let log = fs::read_to_string(path).unwrap_or_default();
        let found = log.lines().find(|line| line.contains(text));
        found.map(str::to_owned).ok_or_else(|| {
            let warnings = log.lines().filter(|line| line.contains("WARN")).take(50);
            let told = warnings.collect::<Vec<_>>().join("\n");
            format!("{}: no \"{text}\"; warnings:\n{told}", path.display())
        })
    })
}

/// Repeats `look` until it succeeds, and returns its result. If it never does, fails with the latest error.
pub fn eventually<T>(mut look: impl FnMut() -> Result<T, String>) -> T {
    let deadline = Instant::now() + LIMIT;
    loop {
        match look() {
            Ok(found) => return found,
            Err(seen) => assert!(Instant::now() < deadline, "{seen}"),
        }
        std::thread::sleep(GLANCE);
    }
}

/// Sends a signal, such as `STOP`.
pub fn send(child: &Child, signal: &str) {
    let (signal, id) = (format!("-{signal}"), child.id().to_string());
    let sent = Command::new("kill").args([signal, id]).status().expect("kill runs");
    assert!(sent.success());
}

/// The whole lines of a trace, without its headers.
fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let lines = whole.lines().filter(|line| !line.starts_with("{\"antes_trace\""));
    lines.map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The leader that the node follows, according to the last line about it.
pub fn leader_of(trace: &[Value]) -> Option<u64> {
    let last = trace.iter().rev().find(|line| matches!(kind(line), "leader" | "restart"))?;
    last["leader"].as_u64()
}

pub fn count(trace: &[Value], wanted: &str) -> usize {
    trace.iter().filter(|line| kind(line) == wanted).count()
}

pub fn kind(line: &Value) -> &str {
    line["kind"].as_str().expect("every line has a kind")
}

pub fn is_message(line: &Value, wanted: &str, name: &str) -> bool {
    kind(line) == wanted && line["message"]["type"] == name
}
