//! The containers of one test, started by Compose.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use crate::command::{Compose, check, docker, image, printed, wait};

/// The numbers of the nodes.
pub const ALL: [u8; 4] = [1, 2, 3, 4];

/// Short pauses of the applications, so that much happens in a short time.
const BUSY: &str = "WAIT: 0ms..200ms, HOLD: 0ms..50ms";

static CLUSTERS: AtomicU32 = AtomicU32::new(0);

/// The leader that a node reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leader {
    /// The node answers that it follows no leader.
    Nobody,
    /// The node follows this node, which may be itself.
    Node(u8),
}

/// The containers of one test, with their names.
pub struct Cluster {
    compose: Compose,
    project: String,
    /// The changes that tests make to `docker-compose.yml`.
    changes: PathBuf,
    variables: Vec<(String, String)>,
}

impl Cluster {
    /// A cluster with these variables in the environment of Compose. No container runs yet.
    ///
    /// # Panics
    ///
    /// If the folder for temporary files cannot be written to.
    pub fn new(compose: Compose, variables: &[(&str, &str)]) -> Self {
        let number = CLUSTERS.fetch_add(1, Ordering::Relaxed);
        let project = format!("antes-test-{}-{number}", std::process::id());
        let changes = env::temp_dir().join(format!("{project}.yml"));
        let own = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        let variables = variables.iter().map(own).collect();
        let cluster = Self { compose, project, changes, variables };
        cluster.set(&[]);
        cluster
    }

    /// Sets these variables of these nodes, beside those of all tests, from their next start on.
    ///
    /// # Panics
    ///
    /// The folder for temporary files cannot be written to.
    pub fn set(&self, more: &[(u8, &str)]) {
        let nodes = ALL.map(|node| {
            let own = more.iter().filter(|&&(other, _)| other == node);
            let own: String = own.map(|(_, variable)| format!(", {variable}")).collect();
            format!("  node{node}: {{ environment: {{ {BUSY}{own} }} }}\n")
        });
        let text = format!("version: \"3.8\"\nservices:\n{}", nodes.concat());
        fs::write(&self.changes, text).expect("a file for the test");
    }

    /// Like `new`, but all containers run.
    pub fn running(compose: Compose, variables: &[(&str, &str)]) -> Self {
        let cluster = Self::new(compose, variables);
        cluster.compose(&["up", "-d"]);
        cluster
    }

    fn command(&self) -> Command {
        let mut command = self.compose.command().expect("it was chosen because it is there");
        command.args(["-p", &self.project, "-f", "docker-compose.yml", "-f"]).arg(&self.changes);
        command.env("ANTES_IMAGE", image()).env_remove("DS_TEST").env_remove("PROFILE");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs Compose with these arguments and returns its output.
    ///
    /// # Panics
    ///
    /// Compose ends with an error. The message is its output.
    pub fn compose(&self, arguments: &[&str]) -> String {
        printed(self.command().args(arguments)).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Like `compose`, with more variables in the environment of Compose.
    ///
    /// # Panics
    ///
    /// Compose ends with an error. The message is its output.
    pub fn compose_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> String {
        let mut command = self.command();
        command.envs(variables.iter().copied()).args(arguments);
        printed(&mut command).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The volume of a service.
    pub fn volume(&self, service: &str) -> String {
        format!("{}_{service}", self.project)
    }

    /// The name of a service's container. A new container has another name.
    ///
    /// # Panics
    ///
    /// The service has no container.
    pub fn container(&self, service: &str) -> String {
        // The two versions of Compose use different separators in names.
        let filters = [
            format!("label=com.docker.compose.project={}", self.project),
            format!("label=com.docker.compose.service={service}"),
        ];
        let named = docker(&["ps", "-aq", "-f", &filters[0], "-f", &filters[1]]);
        let id = named.unwrap_or_else(|error| panic!("{error}")).trim().to_owned();
        assert!(!id.is_empty(), "{service} has no container");
        id
    }

    /// The id of the container that runs this node.
    pub fn node(&self, node: u8) -> String {
        self.container(&format!("node{node}"))
    }

    /// The leader that a node reports to the image's own client. `None` if it does not answer.
    pub fn leader_of(&self, node: u8) -> Option<Leader> {
        let answer = docker(&["exec", &self.node(node), "/antes", "health"]).ok()?;
        // The rest of the answer reports refused peers or a pause.
        let answer = answer.trim().split(';').next()?;
        if answer.ends_with("follows nobody") {
            return Some(Leader::Nobody);
        }
        if answer.ends_with("leads") {
            return Some(Leader::Node(node));
        }
        let (_, leader) = answer.rsplit_once("follows node ")?;
        leader.parse().ok().map(Leader::Node)
    }

    /// Waits until all of `nodes` report this leader.
    pub fn wait_for(&self, nodes: &[u8], leader: Leader) {
        let said = match leader {
            Leader::Nobody => "nobody".to_owned(),
            Leader::Node(node) => format!("node {node}"),
        };
        wait(
            &format!("nodes {nodes:?} follow {said}"),
            || nodes.iter().all(|&node| self.leader_of(node) == Some(leader)),
            || {
                let logs = nodes.iter().map(|&node| (node, self.leader_of(node), self.tail(node)));
                logs.map(|(node, leader, tail)| format!("{node}: {leader:?}\n{tail}\n")).collect()
            },
        );
    }

    /// Waits until the engine's health checks pass for all these services.
    pub fn wait_until_well(&self, services: &[&str]) {
        let health = |service: &&str| {
            let container = self.container(service);
            docker(&["inspect", "-f", "{{.State.Health.Status}}", &container])
        };
        wait(
            &format!("the engine finds {services:?} well"),
            || {
                services
                    .iter()
                    .all(|service| health(service).is_ok_and(|it| it.trim() == "healthy"))
            },
            || format!("{:?}", services.iter().map(health).collect::<Vec<_>>()),
        );
    }

    /// The log of a node in all its lives.
    pub fn log(&self, node: u8) -> String {
        docker(&["logs", &self.node(node)]).unwrap_or_else(|error| panic!("{error}"))
    }

    fn tail(&self, node: u8) -> String {
        docker(&["logs", "--tail", "15", &self.node(node)]).unwrap_or_else(|error| error)
    }

    /// How often this text is in a node's log.
    pub fn count(&self, node: u8, words: &str) -> usize {
        self.log(node).matches(words).count()
    }

    /// Waits until this text is in the log of a node.
    pub fn wait_for_words(&self, node: u8, words: &str) {
        wait(
            &format!("node {node} says \"{words}\""),
            || self.count(node, words) > 0,
            || self.tail(node),
        );
    }

    /// Waits until this text is in the log of each of `nodes` once more than now.
    pub fn wait_for_more(&self, nodes: &[u8], words: &str) {
        let before: Vec<usize> = nodes.iter().map(|&node| self.count(node, words)).collect();
        wait(
            &format!("each of {nodes:?} says once more \"{words}\""),
            || nodes.iter().zip(&before).all(|(&node, &before)| self.count(node, words) > before),
            || nodes.iter().map(|&node| format!("{node}:\n{}\n", self.tail(node))).collect(),
        );
    }

    /// Waits until each of `nodes` has entered once more.
    pub fn wait_for_entries(&self, nodes: &[u8]) {
        self.wait_for_more(nodes, "ENTERS with request");
    }

    /// The full name of a network of the cluster.
    pub fn network(&self, name: &str) -> String {
        format!("{}_{name}", self.project)
    }

    /// Moves these nodes to a second network. The others stay in the first one.
    ///
    /// # Panics
    ///
    /// The engine cannot connect a container to a network.
    pub fn split_off(&self, nodes: &[u8]) {
        let other = self.network("other");
        let label = format!("com.docker.compose.project={}", self.project);
        let made = docker(&["network", "create", "--label", &label, &other]);
        made.unwrap_or_else(|error| panic!("{error}"));
        for &node in nodes {
            self.move_node(node, "default", "other");
        }
        // Both sides reach the resource, so only its fence separates them.
        let resource = self.container("resource");
        let connected = docker(&["network", "connect", "--alias", "resource", &other, &resource]);
        connected.unwrap_or_else(|error| panic!("{error}"));
        println!("  nodes {nodes:?} are in a network of their own");
    }

    /// Moves these nodes back to the first network.
    ///
    /// # Panics
    ///
    /// The engine cannot connect a container to a network.
    pub fn rejoin(&self, nodes: &[u8]) {
        for &node in nodes {
            self.move_node(node, "other", "default");
        }
        println!("  nodes {nodes:?} are back");
    }

    fn move_node(&self, node: u8, from: &str, to: &str) {
        let (from, to, container) = (self.network(from), self.network(to), self.node(node));
        let alias = format!("node{node}");
        let left = docker(&["network", "disconnect", &from, &container]);
        left.and_then(|_| docker(&["network", "connect", "--alias", &alias, &to, &container]))
            .unwrap_or_else(|error| panic!("{error}"));
    }

    /// Stops everything in order, merges the traces and judges the run. With a lock, also checks
    /// the resource's own records.
    ///
    /// # Panics
    ///
    /// If the traces cannot be merged, or a check fails.
    pub fn judge(&self) {
        self.compose(&["stop"]);
        let mut writers = ALL.map(|node| format!("node{node}")).to_vec();
        // Only the lock's application writes to the resource.
        let locks = !self.variables.iter().any(|(name, _)| name == "DS_TEST");
        writers.extend(locks.then(|| "resource".to_owned()));
        let mut arguments = vec!["run".to_owned(), "--rm".to_owned()];
        for writer in &writers {
            let volume = format!("{}_{writer}:/{writer}:ro", self.project);
            arguments.extend(["-v".to_owned(), volume]);
        }
        arguments.extend([
            image(),
            "merge".to_owned(),
            "--format".to_owned(),
            "summary".to_owned(),
        ]);
        arguments.extend(writers.iter().map(|writer| format!("/{writer}/trace.jsonl")));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let judgement = docker(&arguments).unwrap_or_else(|error| panic!("{error}"));
        check("the judge finds nothing wrong", judgement.contains("\"violations\":[]"), &judgement);
        if locks {
            self.audit();
        }
    }

    /// Checks the trace of the resource.
    fn audit(&self) {
        let file = self.changes.with_extension("jsonl");
        let from = format!("{}:/data/trace.jsonl", self.container("resource"));
        let copied = docker(&["cp", &from, &file.to_string_lossy()]);
        copied.unwrap_or_else(|error| panic!("{error}"));
        let text = fs::read_to_string(&file).expect("it has been copied");
        fs::remove_file(&file).expect("it is removed");
        let lines = text.lines().map(|line| serde_json::from_str(line).expect("JSON"));
        let accepted = lines.filter(|line: &Value| line["accepted"] == true);
        let tokens: Vec<(u64, u64)> = accepted
            .map(|line| {
                let part = |place: usize| line["message"]["token"][place].as_u64();
                part(0).zip(part(1)).expect("an accepted write has a token")
            })
            .collect();
        let what = format!("the tokens of {} accepted writes never go down", tokens.len());
        check(&what, !tokens.is_empty() && tokens.is_sorted(), &tokens);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // A failed test has reported its failure. The remaining containers are removed as far as
        // possible.
        let _ = printed(self.command().args(["kill"]));
        let _ = printed(self.command().args(["down", "--volumes", "--remove-orphans"]));
        let _ = docker(&["network", "rm", &self.network("other")]);
        let _ = fs::remove_file(&self.changes);
    }
}
