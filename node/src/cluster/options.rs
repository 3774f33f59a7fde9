//! The options of `antes node`, also given by the environment.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use antes_core::{DurationRange, Ppm};
use antes_sim::scenario::duration;
use clap::{ArgAction, Args, ValueEnum};

use super::record::LEAST_BOUND;

/// The options of `antes node`. Each can also be given by the environment variable that the help
/// shows
#[derive(Args, Clone, Debug)]
pub struct NodeArguments {
    /// The id of this node
    #[arg(long, env = "NODE_ID", value_name = "NUMBER", value_parser = node_number)]
    pub id: u8,
    /// All nodes of the cluster, including this one, such as 1=localhost:7001,2=localhost:7002
    #[arg(long, env = "PEERS", value_name = "ID=HOST:PORT,...")]
    pub peers: String,
    /// The address to listen on [default: the port of the own entry in --peers; on all addresses
    /// with a secret, on loopback without one]
    #[arg(long, env = "LISTEN", value_name = "ADDRESS:PORT", value_parser = own_address)]
    pub listen: Option<SocketAddr>,
    /// What the cluster does
    #[arg(long, env = "DS_TEST", value_enum, ignore_case = true, default_value = "mutex")]
    pub test: Test,
    /// Which version of the algorithms runs
    #[arg(long, env = "PROFILE", value_enum, ignore_case = true, default_value = "hardened")]
    pub profile: Profile,
    /// The folder for stable storage; required in the hardened profile
    #[arg(long, env = "DATA_DIR", value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
    /// The seed of the applications' random numbers [default: a fresh one]
    #[arg(long, env = "SEED", value_parser = seed)]
    pub seed: Option<u64>,
    #[command(flatten)]
    pub behaviour: Behaviour,
    #[command(flatten)]
    pub common: Common,
    /// The address of the shared resource; without one, writes are lost
    #[arg(long, env = "RESOURCE", value_name = "HOST:PORT")]
    pub resource: Option<String>,
    /// The file for the summary that is written when the node stops in order: how often it had the
    /// lock and how long it waited, in JSON
    #[arg(long, env = "SUMMARY", value_name = "FILE")]
    pub summary: Option<PathBuf>,
    /// The file with the token for commands over HTTP; HTTP_TOKEN in the environment gives the
    /// token itself. Without a token there are no commands
    #[arg(long, env = "HTTP_TOKEN_FILE", value_name = "FILE", requires = "http")]
    pub http_token_file: Option<PathBuf>,
    /// The origins of web pages that may read over HTTP, such as http://localhost:8080, or * for
    /// all; pages cannot send commands
    #[arg(
        long,
        env = "HTTP_ORIGIN",
        value_name = "ORIGIN,...",
        value_delimiter = ',',
        requires = "http"
    )]
    pub http_origin: Vec<String>,
    /// The address under which browsers reach --http, for the log, if a port is published under
    /// another one; such as http://127.0.0.1:8001/
    #[arg(long, env = "HTTP_SHOWN", value_name = "URL", requires = "http")]
    pub http_shown: Option<String>,
}

/// The options of all processes of a cluster, including the resource
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// The name of the cluster; processes of another cluster are refused
    #[arg(long, env = "CLUSTER_NAME", default_value = "antes")]
    pub cluster: String,
    /// The file with the cluster's secret; CLUSTER_SECRET in the environment gives the secret
    /// itself
    #[arg(long, env = "CLUSTER_SECRET_FILE", value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
    /// Create the secret's file with a fresh secret if there is none, for processes that share its
    /// folder
    #[arg(long, env = "MAKE_SECRET")]
    pub make_secret: bool,
    /// The file for the trace in JSON Lines, or - for standard output
    #[arg(long, env = "TRACE", value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// The largest size of the trace's file, such as 32MB; the oldest lines are removed [default:
    /// unlimited]
    #[arg(long, env = "TRACE_MAX", value_name = "SIZE", value_parser = size)]
    pub trace_max: Option<u64>,
    /// The address of the HTTP server, such as 127.0.0.1:8001; without it there is none
    #[arg(long, env = "HTTP", value_name = "ADDRESS:PORT", value_parser = own_address)]
    pub http: Option<SocketAddr>,
    /// The format of the log on standard error
    #[arg(long, env = "LOG_FORMAT", value_enum, ignore_case = true, default_value = "text")]
    pub log_format: LogFormat,
    /// How much is logged; debug includes all messages
    #[arg(long, env = "LOG", value_enum, ignore_case = true, default_value = "info")]
    pub log: LogLevel,
}

/// The settings that scenarios have too
#[derive(Args, Clone, Debug)]
pub struct Behaviour {
    /// Whether the applications act by themselves
    #[arg(long, env = "AUTO", default_value_t = true, action = ArgAction::Set)]
    pub auto: bool,
    /// Whether applications that act by themselves also make remote calls
    #[arg(long, env = "CALLS", default_value_t = true, action = ArgAction::Set)]
    pub calls: bool,
    /// How long applications wait before they act again
    #[arg(long, env = "WAIT", value_parser = range, default_value = "1s..3s")]
    pub wait: DurationRange,
    /// How nodes exclude each other
    #[arg(long, env = "LOCK", value_enum, ignore_case = true, default_value = "centralized")]
    pub lock: Lock,
    /// How long the lock is held
    #[arg(long, env = "HOLD", value_parser = range, default_value = "500ms..2s")]
    pub hold: DurationRange,
    /// How often the leader sends a heartbeat
    #[arg(long, env = "HEARTBEAT", value_parser = positive, default_value = "500ms")]
    pub heartbeat: Duration,
    /// How long the leader may be silent before it is suspected [default: 1200ms; in the hardened
    /// profile what fits the heartbeat, the lease and the drift]
    #[arg(long, env = "SUSPECT_AFTER", value_parser = positive)]
    pub suspect_after: Option<Duration>,
    /// T: how long a candidate waits for OK
    #[arg(long, env = "ANSWER_TIMEOUT", value_parser = positive, default_value = "300ms")]
    pub answer_timeout: Duration,
    /// T': how long a candidate that received OK waits for COORDINATOR [default: 600ms; in the
    /// hardened profile at least what fits T, the form and the drift]
    #[arg(long, env = "COORDINATOR_TIMEOUT", value_parser = positive)]
    pub coordinator_timeout: Option<Duration>,
    /// How long a grant of the lock lasts (hardened)
    #[arg(long, env = "LEASE", value_parser = positive, default_value = "5s")]
    pub lease: Duration,
    /// How often a node repeats an unanswered request (hardened); at most a quarter of the lease
    /// [default: 1s, or that quarter]
    #[arg(long, env = "RETRY", value_parser = positive)]
    pub retry: Option<Duration>,
    /// How much clocks may run fast or slow (hardened), 0 to 0.5
    #[arg(long, env = "DRIFT", value_parser = drift, default_value = "0.01")]
    pub drift: Ppm,
    /// How a candidate asks the nodes with higher ids
    #[arg(long, env = "FORM", value_enum, ignore_case = true, default_value = "parallel")]
    pub form: Form,
    /// Which nodes a winner tells, in the parallel form
    #[arg(long, env = "ANNOUNCE", value_enum, ignore_case = true, default_value = "lower")]
    pub announce: Announce,
    /// How followers notice that the leader has died (classic)
    #[arg(long, env = "DETECTOR", value_enum, ignore_case = true, default_value = "heartbeat")]
    pub detector: Detector,
    /// Whether a higher node takes over from a live leader (hardened)
    #[arg(long, env = "PREEMPT", value_enum, ignore_case = true, default_value = "true")]
    pub preempt: Preempt,
    /// How long a node must have been up before it takes over, if --preempt is stable
    #[arg(long, env = "PROBATION", value_parser = positive, default_value = "2s")]
    pub probation: Duration,
    /// Whether a node is suspected as soon as its connection closes
    #[arg(long, env = "CLOSED_IS_SUSPECT", default_value_t = true, action = ArgAction::Set)]
    pub closed_is_suspect: bool,
}

macro_rules! choices {
    ($(#[$meta:meta])* $name:ident for $core:ty { $($(#[$about:meta])* $variant:ident => $value:ident),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
        pub enum $name { $($(#[$about])* $variant),* }

        impl From<$name> for $core {
            fn from(name: $name) -> Self {
                match name { $($name::$variant => Self::$value),* }
            }
        }
    };
}

choices! {
    /// What a cluster does: the three tests of the course report
    Test for antes_core::Algorithm {
        /// Remote calls, stamped by logical clocks
        Clock => Clock,
        /// Leader election
        Leader => Leader,
        /// Mutual exclusion, with the elected leader as coordinator
        Mutex => Mutex,
    }
}
choices! {
    /// Which version of the algorithms runs
    Profile for antes_core::Profile {
        /// As published, including their failures
        Classic => Classic,
        /// Safe under faults
        Hardened => Hardened,
    }
}
choices! {
    /// How a candidate asks the nodes with higher ids
    Form for antes_core::Form {
        /// All at once
        Parallel => Parallel,
        /// One at a time, the highest first
        Sequential => Sequential,
    }
}
choices! {
    /// How nodes exclude each other
    Lock for antes_core::Lock {
        /// The elected leader grants
        Centralized => Centralized,
        /// Each node asks all others, and no election runs (classic)
        Distributed => Distributed,
    }
}
choices! {
    /// Which nodes a winner tells
    Announce for antes_core::Announce {
        /// All nodes with lower ids
        Lower => Lower,
        /// All other nodes
        All => All,
    }
}
choices! {
    /// How followers notice that the leader has died
    Detector for antes_core::Detector {
        /// The leader sends heartbeats
        Heartbeat => Heartbeat,
        /// Followers ask the leader whether it is alive
        Poll => Poll,
        /// Followers never suspect the leader
        Off => Off,
    }
}
choices! {
    /// Whether a higher node takes over from a live leader
    Preempt for antes_core::Preempt {
        /// After it has followed that leader for T'
        True => Always,
        /// Never
        False => Never,
        /// After it has been up for the probation
        Stable => Stable,
    }
}

/// The format of the log
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people
    Text,
    /// One JSON object per line
    Json,
}

/// How much is logged
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// Errors that end the node
    Error,
    /// Unexpected conditions
    Warn,
    /// Elections, leaders, the lock
    Info,
    /// All messages and timers
    Debug,
}

/// Parses the number of a node.
pub(crate) fn node_number(text: &str) -> Result<u8, String> {
    let number =
        text.trim().parse().ok().filter(|&number| antes_core::NodeId::new(number).is_some());
    number
        .ok_or_else(|| format!("expected the number of a node from 1 to {}", antes_core::MAX_NODES))
}

/// Parses an address of this machine to listen on.
pub(crate) fn own_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "expected a numeric address and a port, such as 127.0.0.1:8001, or 0.0.0.0:8001 for all \
         addresses of this machine"
            .to_owned()
    })
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("expected a whole number from 0 to {}", u64::MAX))
}

fn range(text: &str) -> Result<DurationRange, String> {
    let (min, max) = text.split_once("..").unwrap_or((text, text));
    let parse = |text: &str| match text.trim() {
        // Zero needs no unit.
        "0" => Ok(Duration::ZERO),
        text => duration::parse(text).map_err(|error| error.to_string()),
    };
    let (min, max) = (parse(min)?, parse(max)?);
    if min > max {
        return Err("the range ends before it begins; expected the shorter one first".into());
    }
    Ok(DurationRange { min, max })
}

fn positive(text: &str) -> Result<Duration, String> {
    match duration::parse(text) {
        Ok(span) if span < Duration::from_millis(1) => Err("expected at least 1ms".into()),
        Ok(span) => Ok(span),
        Err(error) => Err(error.to_string()),
    }
}

fn drift(text: &str) -> Result<Ppm, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=0.5).contains(&share) => {
            // At most 500,000, so it fits.
            Ok(Ppm((share * 1e6).round() as u32))
        }
        _ => Err("expected a number from 0 to 0.5, such as 0.01".into()),
    }
}

/// Parses a number of bytes, such as `32MB`.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => 0,
    };
    let size = number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    size.filter(|&size| size >= LEAST_BOUND)
        .ok_or_else(|| format!("expected a size of at least {LEAST_BOUND} bytes, such as 32MB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_two_durations_or_one() {
        let ms = Duration::from_millis;
        assert_eq!(range("5ms..2s"), Ok(DurationRange { min: ms(5), max: ms(2000) }));
        assert_eq!(range("0ms"), Ok(DurationRange { min: ms(0), max: ms(0) }));
        assert!(range("2s..1s").is_err() && range("1s...2s").is_err() && range("").is_err());
    }

    #[test]
    fn drift_is_given_as_a_share() {
        assert_eq!(drift("0.01"), Ok(Ppm(10_000)));
        assert!(drift("0.6").is_err() && drift("-0.1").is_err() && drift("NaN").is_err());
    }

    #[test]
    fn a_size_has_a_unit() {
        assert_eq!((size("66kB"), size("1GB")), (Ok(66_000), Ok(1_000_000_000)));
        for wrong in ["", "1", "MB", "32", "32 MB", "65kB", "-1MB", "1.5MB", "99999999999999GB"] {
            assert!(size(wrong).is_err_and(|error| error.contains("32MB")), "{wrong}");
        }
    }
}
