//! The containers of one test, as Compose starts them.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use crate::command::{Compose, check, docker, image, printed, wait};

/// All the nodes.
pub const ALL: [u8; 4] = [1, 2, 3, 4];

/// Pauses of the applications that let much happen in a short time; tests of the lock use them.
const BUSY: &str = "{ WAIT: 0ms..200ms, HOLD: 0ms..50ms }";

static CLUSTERS: AtomicU32 = AtomicU32::new(0);

/// Whom a node says that it follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leader {
    /// Nobody, so far.
    Nobody,
    /// This one, which may be itself.
    Node(u8),
}

/// The containers of one test, and the names of everything that they have.
pub struct Cluster {
    compose: Compose,
    project: String,
    /// What the tests change of `docker-compose.yml`.
    changes: PathBuf,
    variables: Vec<(String, String)>,
}

impl Cluster {
    /// A cluster with these variables in the environment of Compose, none of which runs yet.
    ///
    /// # Panics
    ///
    /// The folder for temporary files cannot be written to.
    pub fn new(compose: Compose, variables: &[(&str, &str)]) -> Self {
        let number = CLUSTERS.fetch_add(1, Ordering::Relaxed);
        let project = format!("antes-test-{}-{number}", std::process::id());
        let changes = env::temp_dir().join(format!("{project}.yml"));
        let nodes = ALL.map(|node| format!("  node{node}: {{ environment: {BUSY} }}\n"));
        let text = format!("version: \"3.8\"\nservices:\n{}", nodes.concat());
        fs::write(&changes, text).expect("a file for the test");
        let own = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        Self { compose, project, changes, variables: variables.iter().map(own).collect() }
    }

    /// The same, once all of its containers run.
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

    /// Has Compose do something.
    ///
    /// # Panics
    ///
    /// It fails.
    pub fn compose(&self, arguments: &[&str]) -> String {
        printed(self.command().args(arguments)).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The name of a service's container, which is that of its life as well.
    ///
    /// # Panics
    ///
    /// It has none.
    pub fn container(&self, service: &str) -> String {
        // Composes of the two generations put another character between the parts.
        let filters = [
            format!("label=com.docker.compose.project={}", self.project),
            format!("label=com.docker.compose.service={service}"),
        ];
        let named = docker(&["ps", "-aq", "-f", &filters[0], "-f", &filters[1]]);
        let id = named.unwrap_or_else(|error| panic!("{error}")).trim().to_owned();
        assert!(!id.is_empty(), "{service} has no container");
        id
    }

    /// The container of a node.
    pub fn node(&self, node: u8) -> String {
        self.container(&format!("node{node}"))
    }

    /// Whom a node says that it follows, asked by the image's own client; none if there is no answer.
    pub fn leader_of(&self, node: u8) -> Option<Leader> {
        let answer = docker(&["exec", &self.node(node), "/antes", "health"]).ok()?;
        // What follows tells of others that are refused, or that it is paused.
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

    /// Waits until all of `nodes` say the same of their leader.
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

    /// Waits until the engine's own health checks find all of these services well.
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

    /// The log of a node, over all its lives.
    pub fn log(&self, node: u8) -> String {
        docker(&["logs", &self.node(node)]).unwrap_or_else(|error| panic!("{error}"))
    }

    fn tail(&self, node: u8) -> String {
        docker(&["logs", "--tail", "15", &self.node(node)]).unwrap_or_else(|error| error)
    }

    /// How often a node has written this into its log.
    pub fn count(&self, node: u8, words: &str) -> usize {
        self.log(node).matches(words).count()
    }

    /// Waits until each of `nodes` has written this once more than it has so far.
    pub fn wait_for_more(&self, nodes: &[u8], words: &str) {
        let before: Vec<usize> = nodes.iter().map(|&node| self.count(node, words)).collect();
        wait(
            &format!("each of {nodes:?} says once more \"{words}\""),
            || nodes.iter().zip(&before).all(|(&node, &before)| self.count(node, words) > before),
            || nodes.iter().map(|&node| format!("{node}:\n{}\n", self.tail(node))).collect(),
        );
    }

    /// Waits until each of `nodes` has been let in once more.
    pub fn wait_for_entries(&self, nodes: &[u8]) {
        self.wait_for_more(nodes, "ENTERS with request");
    }

    /// A network of the cluster.
    pub fn network(&self, name: &str) -> String {
        format!("{}_{name}", self.project)
    }

    /// Makes a second network, in which these nodes are from then on; all the others stay together
    /// in the first one.
    ///
    /// # Panics
    ///
    /// The engine refuses.
    pub fn split_off(&self, nodes: &[u8]) {
        let other = self.network("other");
        let label = format!("com.docker.compose.project={}", self.project);
        let made = docker(&["network", "create", "--label", &label, &other]);
        made.unwrap_or_else(|error| panic!("{error}"));
        for &node in nodes {
            self.move_node(node, "default", "other");
        }
        // Both sides reach the resource: nothing but its fence keeps them from each other's way.
        let resource = self.container("resource");
        let connected = docker(&["network", "connect", "--alias", "resource", &other, &resource]);
        connected.unwrap_or_else(|error| panic!("{error}"));
        println!("  nodes {nodes:?} are in a network of their own");
    }

    /// Takes these nodes back.
    ///
    /// # Panics
    ///
    /// The engine refuses.
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

    /// Stops everything in good order, joins the traces and has the run judged; where there is a
    /// lock, the resource's own books as well.
    ///
    /// # Panics
    ///
    /// The traces cannot be joined, or there is something to complain of.
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

    /// Looks through what the resource has written of itself.
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
        // A test that has failed has said why; what can still be removed is.
        let _ = printed(self.command().args(["kill"]));
        let _ = printed(self.command().args(["down", "--volumes", "--remove-orphans"]));
        let _ = docker(&["network", "rm", &self.network("other")]);
        let _ = fs::remove_file(&self.changes);
    }
}
