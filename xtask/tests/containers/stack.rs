//! The cluster as a stack of a one-machine Swarm.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::command::{docker, image, printed};

/// The name of the secret in `docker-stack.yml`.
const SECRET: &str = "antes-cluster";

/// A valid secret. It protects nothing and is removed with the stack.
const RANDOM: &str = "3f9a61c87be24d05a1e6";

/// The longest time for a removed stack to go. Its nodes have 10 seconds to stop.
const LIMIT: Duration = Duration::from_secs(60);

/// A deployed stack on a machine that was no Swarm before.
pub struct Stack {
    name: String,
}

impl Stack {
    /// Makes the machine a Swarm and deploys the stack. `None` if the machine is in a Swarm
    /// already, whose secrets and services belong to the user.
    ///
    /// # Panics
    ///
    /// The engine cannot make the machine a Swarm, or refuses the stack.
    pub fn deployed() -> Option<Self> {
        let state = docker(&["info", "--format", "{{.Swarm.LocalNodeState}}"]);
        if state.unwrap_or_else(|error| panic!("{error}")).trim() != "inactive" {
            return None;
        }
        let stack = Self { name: format!("antes-test-{}", std::process::id()) };
        stack.deploy().unwrap_or_else(|error| panic!("{error}"));
        Some(stack)
    }

    fn deploy(&self) -> Result<String, String> {
        docker(&["swarm", "init", "--advertise-addr", "127.0.0.1"])?;
        let file = env::temp_dir().join(format!("{}-secret", self.name));
        fs::write(&file, RANDOM).expect("a file for the test");
        let made = docker(&["secret", "create", SECRET, &file.to_string_lossy()]);
        fs::remove_file(&file).expect("it is removed");
        made?;
        let mut deploy = Command::new("docker");
        deploy.args(["stack", "deploy", "--resolve-image", "never"]);
        deploy.args(["-c", "docker-compose.yml", "-c", "docker-stack.yml"]).arg(&self.name);
        deploy.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
        deploy.env("ANTES_IMAGE", image()).env_remove("DS_TEST").env_remove("PROFILE");
        deploy.env("CLUSTER_SECRET_FILE", format!("/run/secrets/{SECRET}"));
        printed(&mut deploy)
    }

    /// The full name of a service.
    pub fn service(&self, name: &str) -> String {
        format!("{}_{name}", self.name)
    }

    /// The state of each task, and the engine's reason if it does not run.
    pub fn tasks(&self) -> String {
        let format = "{{.Name}}: {{.CurrentState}} {{.Error}}";
        let told = docker(&["stack", "ps", "--no-trunc", "--format", format, &self.name]);
        told.unwrap_or_else(|error| error)
    }

    /// The health of a service. `None` while it has no container.
    pub fn health(&self, service: &str) -> Option<String> {
        let name = format!("name={}", self.service(service));
        let id = docker(&["ps", "-q", "-f", &name]).ok()?;
        docker(&["exec", id.trim(), "/antes", "health"]).ok()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let _ = docker(&["stack", "rm", &self.name]);
        let filter = format!("name={}_", self.name);
        // If the engine left the Swarm before the last task and the network are gone, an interface of that network
        // could stay on the machine, and no later Swarm here could start a task.
        let is_gone = || {
            [["ps", "-aq", "-f", &filter], ["network", "ls", "-qf", &filter]]
                .iter()
                .all(|left| docker(left).is_ok_and(|left| left.trim().is_empty()))
        };
        let start = Instant::now();
        while !is_gone() && start.elapsed() < LIMIT {
            thread::sleep(Duration::from_millis(100));
        }
        // Leaving removes the Swarm's objects, including the secret, but not what containers leave
        // behind.
        let _ = docker(&["swarm", "leave", "--force"]);
        let left = docker(&["ps", "-aq", "-f", &filter]).unwrap_or_default();
        for container in left.split_whitespace() {
            let _ = docker(&["rm", "-f", container]);
        }
        let volumes = docker(&["volume", "ls", "-q", "-f", &filter]).unwrap_or_default();
        for volume in volumes.split_whitespace() {
            let _ = docker(&["volume", "rm", volume]);
        }
    }
}
