//! The settings of a node: its checked options.

use std::fs::File;
use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use antes_core::{
    ApplicationConfig, ClusterSize, Config, ElectionConfig, HardenedConfig, MutexConfig, NodeId,
    Profile,
};

use super::addresses::{address, default_listen, is_same, peers};
use super::http::{Bearer, Origins};
use super::link::Key;
use super::options::{Behaviour, Common, LogFormat, LogLevel, NodeArguments, Test};
use super::{fitting, secret};
use crate::Failure;
use crate::environment::quotes;

/// How long a client waits for a reply, as in `docs/formats.md`.
const CALL_TIMEOUT: Duration = Duration::from_secs(2);

/// The most bytes of a secret's file.
const MAX_SECRET_BYTES: u64 = 4096;

const RESOURCE: &str = "--resource (RESOURCE)";

/// The settings of a node.
#[derive(Clone, Debug)]
pub struct Settings {
    pub me: NodeId,
    /// The address of each node, by node index.
    pub addresses: Vec<String>,
    pub listen: SocketAddr,
    pub config: Arc<Config>,
    pub cluster: String,
    /// Derived from the cluster's secret.
    pub key: Key,
    /// The folder for stable storage.
    pub data_dir: Option<PathBuf>,
    /// The seed of the applications' random numbers.
    pub seed: u64,
    /// Whether a closed connection is reported to the protocols.
    pub closed_is_suspect: bool,
    /// Host and port. `None`: writes are lost.
    pub resource: Option<String>,
    pub trace: Option<PathBuf>,
    /// The largest size of the trace's file, in bytes.
    pub trace_max: Option<u64>,
    pub summary: Option<PathBuf>,
    pub log_format: LogFormat,
    pub log: LogLevel,
    /// The address of the HTTP server.
    pub http: Option<SocketAddr>,
    /// The token for commands over HTTP.
    pub http_token: Option<Bearer>,
    /// The origins whose pages may read over HTTP.
    pub http_origins: Option<Origins>,
}

impl Settings {
    /// The settings from `arguments` and the secrets in the environment.
    ///
    /// # Errors
    ///
    /// If a setting is wrong: what would be right.
    pub fn new(arguments: &NodeArguments) -> Result<Self, Failure> {
        let addresses = peers(&arguments.peers)?;
        let me = own_id(arguments.id, addresses.len())?;
        let secret = cluster_secret(&arguments.common)?;
        let listen = match arguments.listen {
            Some(listen) => listen,
            None => default_listen(&addresses[me.index()], secret.is_some())?,
        };
        let key = key(secret.as_deref(), listen)?;
        let config = config(arguments, addresses.len());
        if let Some(refusal) = config.setting().refusal() {
            return Err(bad(&format!(
                "{}; expected --profile (PROFILE) classic or --lock (LOCK) centralized",
                refusal.problem
            )));
        }
        fitting::check(&config)?;
        if config.profile == Profile::Hardened
            && arguments.test != Test::Clock
            && arguments.data_dir.is_none()
        {
            return Err(bad(
                "the hardened profile keeps its term and vote through crashes; expected \
                 --data-dir (DATA_DIR), a folder of this node's own",
            ));
        }
        let resource = arguments.resource.as_deref().map(|text| address(RESOURCE, text));
        if let Some(Ok(resource)) = &resource
            && addresses.iter().any(|node| is_same(node, resource))
        {
            return Err(bad(&format!(
                "{resource} is the address of a node and of the resource; expected another one in \
                 {RESOURCE}"
            )));
        }
        let seed = match arguments.seed {
            Some(seed) => seed,
            None => getrandom::u64().map_err(|error| {
                Failure::CannotGoOn(format!("cannot get a seed from the operating system: {error}"))
            })?,
        };
        let http_token = self::secret(arguments.http_token_file.as_deref(), "HTTP_TOKEN")?;
        let http_token = http_token.as_deref().map(Bearer::parse).transpose();
        let http_token = http_token.map_err(|sentence| bad(&sentence))?;
        let origins = arguments.http_origin.iter().filter(|origin| !origin.is_empty());
        let origins: Vec<String> = origins.cloned().collect();
        let origins = (!origins.is_empty()).then(|| Origins::parse(&origins));
        Ok(Self {
            me,
            addresses,
            listen,
            config: Arc::new(config),
            cluster: arguments.common.cluster.clone(),
            key,
            data_dir: arguments.data_dir.clone(),
            seed,
            closed_is_suspect: arguments.behaviour.closed_is_suspect,
            resource: resource.transpose()?,
            trace: arguments.common.trace.clone(),
            trace_max: arguments.common.trace_max,
            summary: arguments.summary.clone(),
            log_format: arguments.common.log_format,
            log: arguments.common.log,
            http: arguments.common.http,
            http_token,
            http_origins: origins.transpose().map_err(|sentence| bad(&sentence))?,
        })
    }

    /// The hosts of the cluster, as written in the list of peers.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.addresses.iter().filter_map(|address| Some(address.rsplit_once(':')?.0))
    }
}

/// The key for a secret. Without a secret, only loopback is allowed.
///
/// # Errors
///
/// If there is no secret and `listen` is reachable from elsewhere, or if the secret is too short.
pub fn key(secret: Option<&str>, listen: SocketAddr) -> Result<Key, Failure> {
    match secret {
        Some(secret) => Key::from_secret(secret).map_err(|error| bad(&error.to_string())),
        None if listen.ip().is_loopback() => Ok(Key::of_nobody()),
        None => Err(bad(&format!(
            "without a secret, {listen} would let anybody in; expected CLUSTER_SECRET or \
             --secret-file, or a loopback address to listen on"
        ))),
    }
}

/// The cluster's secret, if there is one. Creates it first if requested.
///
/// # Errors
///
/// If its file cannot be created or read.
pub fn cluster_secret(common: &Common) -> Result<Option<String>, Failure> {
    let file = common.secret_file.as_deref();
    if let Some(path) = file.filter(|_| common.make_secret) {
        secret::make(path)?;
    }
    secret(file, "CLUSTER_SECRET")
}

/// The content of the file. Without a file, the environment variable.
///
/// # Errors
///
/// If the file cannot be read, or the variable's value has quotes around it.
pub fn secret(file: Option<&Path>, variable: &str) -> Result<Option<String>, Failure> {
    let Some(path) = file else {
        let found = std::env::var(variable).ok().filter(|secret| !secret.trim().is_empty());
        return match found.as_deref().and_then(|secret| quotes(variable, secret)) {
            Some(sentence) => Err(bad(&sentence)),
            None => Ok(found),
        };
    };
    let bytes = read_at_most(path, MAX_SECRET_BYTES).map_err(|error| {
        bad(&format!(
            "{}, the file of {variable}, cannot be read: {error}; expected its path in \
             {variable}_FILE",
            path.display()
        ))
    })?;
    match antes_sim::encoding::text(&bytes) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(problem) => Err(bad(&format!("{}:{problem}", path.display()))),
    }
}

/// Reads a file of at most `most` bytes. The file may be an endless device.
fn read_at_most(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let problem = format!("it has more than {most} bytes");
        return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
    }
    Ok(bytes)
}

fn bad(sentence: &str) -> Failure {
    Failure::BadInput(sentence.to_owned())
}

fn own_id(id: u8, nodes: usize) -> Result<NodeId, Failure> {
    let size = u8::try_from(nodes).ok().and_then(ClusterSize::new);
    NodeId::new(id).filter(|&me| size.is_some_and(|size| size.contains(me))).ok_or_else(|| {
        bad(&format!(
            "node {id} is not among --peers (PEERS); expected --id (NODE_ID) from 1 to {nodes}"
        ))
    })
}

fn config(arguments: &NodeArguments, nodes: usize) -> Config {
    let size = u8::try_from(nodes).ok().and_then(ClusterSize::new);
    let size = size.expect("the number of peers is that of a cluster");
    let Behaviour { auto, calls, wait, hold, .. } = arguments.behaviour;
    let behaviour = &arguments.behaviour;
    let usual = Config::new(arguments.test.into(), size);
    let config = Config {
        size,
        algorithm: arguments.test.into(),
        profile: arguments.profile.into(),
        election: ElectionConfig {
            form: behaviour.form.into(),
            announce: behaviour.announce.into(),
            detector: behaviour.detector.into(),
            heartbeat: behaviour.heartbeat,
            suspect_after: behaviour.suspect_after.unwrap_or(usual.election.suspect_after),
            answer_timeout: behaviour.answer_timeout,
            coordinator_timeout: behaviour
                .coordinator_timeout
                .unwrap_or(usual.election.coordinator_timeout),
        },
        mutex: MutexConfig { lock: behaviour.lock.into(), hold },
        hardened: HardenedConfig {
            preempt: behaviour.preempt.into(),
            probation: behaviour.probation,
            lease: behaviour.lease,
            retry: behaviour.retry.unwrap_or(usual.hardened.retry),
            drift: behaviour.drift,
        },
        application: ApplicationConfig { auto, calls, wait, call_timeout: CALL_TIMEOUT },
    };
    fitting::fitted(&config, behaviour)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(failure: Failure) -> String {
        match failure {
            Failure::BadInput(sentence) => sentence,
            other => panic!("{other:?} is no bad input"),
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_secret() {
        let path = std::env::temp_dir().join(format!("antes-marked-{}", std::process::id()));
        std::fs::write(&path, "\u{FEFF}0123456789abcdef\n").expect("it is written");
        let found = super::secret(Some(&path), "CLUSTER_SECRET").expect("it is read");
        std::fs::remove_file(&path).expect("it is removed");
        assert_eq!(found.as_deref(), Some("0123456789abcdef"));
    }

    #[test]
    fn a_file_that_is_no_secret_is_not_read_to_its_end() {
        let endless = super::secret(Some(Path::new("/dev/zero")), "CLUSTER_SECRET");
        let told = sentence(endless.expect_err("it is refused"));
        assert!(told.contains("more than 4096 bytes"), "{told}");
    }

    #[test]
    fn without_a_secret_only_loopback_is_listened_on() {
        let everywhere = SocketAddr::from(([0, 0, 0, 0], 7000));
        let loopback = SocketAddr::from(([127, 0, 0, 1], 7000));
        assert!(sentence(key(None, everywhere).expect_err("refused")).contains("CLUSTER_SECRET"));
        assert!(key(None, loopback).is_ok());
        assert!(key(Some("9f2c41d07be85a36e1b4"), everywhere).is_ok());
        assert!(sentence(key(Some("short"), loopback).expect_err("refused")).contains("at least"));
    }
}
