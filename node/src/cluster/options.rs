//! What `antes node` is told, by options or by the environment.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use antes_core::{DurationRange, Ppm};
use antes_sim::scenario::duration;
use clap::{ArgAction, Args, ValueEnum};

use super::record::LEAST_BOUND;

/// The options of `antes node`. Each can be given by the environment as well, under the name that
/// the help shows.
#[derive(Args, Clone, Debug)]
pub struct NodeArguments {
    /// Which node of the cluster this is.
    #[arg(long, env = "NODE_ID", value_name = "NUMBER", value_parser = node_number)]
    pub id: u8,
    /// Every node of the cluster, this one included, such as 1=localhost:7001,2=localhost:7002.
    #[arg(long, env = "PEERS", value_name = "ID=HOST:PORT,...")]
    pub peers: String,
    /// Where the others connect [default: the port of the own entry in --peers; on all addresses
    /// with a secret, on loopback without one]
    #[arg(long, env = "LISTEN", value_name = "ADDRESS:PORT", value_parser = own_address)]
    pub listen: Option<SocketAddr>,
    /// What the cluster does.
    #[arg(long, env = "DS_TEST", value_enum, ignore_case = true, default_value = "mutex")]
    pub test: Test,
    /// Which form of the algorithms runs.
    #[arg(long, env = "PROFILE", value_enum, ignore_case = true, default_value = "hardened")]
    pub profile: Profile,
    /// Where the node keeps what must outlive it; needed by the hardened profile.
    #[arg(long, env = "DATA_DIR", value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
    /// Where the applications' chance starts from [default: a fresh one]
    #[arg(long, env = "SEED", value_parser = seed)]
    pub seed: Option<u64>,
    /// How the node and its applications behave.
    #[command(flatten)]
    pub behaviour: Behaviour,
    /// What every process of a cluster is told.
    #[command(flatten)]
    pub common: Common,
    /// The address of the shared resource; without one, writes go nowhere.
    #[arg(long, env = "RESOURCE", value_name = "HOST:PORT")]
    pub resource: Option<String>,
    /// The file that tells, once the node has stopped in good order, how often it had the lock and
    /// how long it waited for it; JSON.
    #[arg(long, env = "SUMMARY", value_name = "FILE")]
    pub summary: Option<PathBuf>,
    /// The file with the token that commands over HTTP need; the environment can give the token
    /// itself as HTTP_TOKEN. Without one there are no commands.
    #[arg(long, env = "HTTP_TOKEN_FILE", value_name = "FILE", requires = "http")]
    pub http_token_file: Option<PathBuf>,
    /// The origins of web pages that may read over HTTP, such as http://localhost:8080, or * for
    /// all; commands are for no page.
    #[arg(
        long,
        env = "HTTP_ORIGIN",
        value_name = "ORIGIN,...",
        value_delimiter = ',',
        requires = "http"
    )]
    pub http_origin: Vec<String>,
    /// The address under which browsers reach --http, for the log, where a port is published under
    /// another one; such as http://127.0.0.1:8001/.
    #[arg(long, env = "HTTP_SHOWN", value_name = "URL", requires = "http")]
    pub http_shown: Option<String>,
}

/// What every process of a cluster is told, the resource included.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// The name of the cluster; processes of another one are refused.
    #[arg(long, env = "CLUSTER_NAME", default_value = "antes")]
    pub cluster: String,
    /// The file with the cluster's secret; the environment can give the secret itself as
    /// CLUSTER_SECRET.
    #[arg(long, env = "CLUSTER_SECRET_FILE", value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
    /// Makes the secret's file, with a fresh secret, where there is none: for processes that share
    /// its folder.
    #[arg(long, env = "MAKE_SECRET")]
    pub make_secret: bool,
    /// Where the trace goes, in JSON Lines: a file, or - for standard output.
    #[arg(long, env = "TRACE", value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// How long the trace's file may become, such as 32MB: then its oldest lines go [default: as long
    /// as the disk allows]
    #[arg(long, env = "TRACE_MAX", value_name = "SIZE", value_parser = size)]
    pub trace_max: Option<u64>,
    /// Where the HTTP side listens, such as 127.0.0.1:8001; without it there is none.
    #[arg(long, env = "HTTP", value_name = "ADDRESS:PORT", value_parser = own_address)]
    pub http: Option<SocketAddr>,
    /// What the log on standard error looks like.
    #[arg(long, env = "LOG_FORMAT", value_enum, ignore_case = true, default_value = "text")]
    pub log_format: LogFormat,
    /// How much the log says; every message shows at debug.
    #[arg(long, env = "LOG", value_enum, ignore_case = true, default_value = "info")]
    pub log: LogLevel,
}

/// The settings that a scenario has as well.
#[derive(Args, Clone, Debug)]
pub struct Behaviour {
    /// Whether the applications act on their own.
    #[arg(long, env = "AUTO", default_value_t = true, action = ArgAction::Set)]
    pub auto: bool,
    /// Whether applications that act on their own also call each other.
    #[arg(long, env = "CALLS", default_value_t = true, action = ArgAction::Set)]
    pub calls: bool,
    /// How long applications wait before they act again.
    #[arg(long, env = "WAIT", value_parser = range, default_value = "1s..3s")]
    pub wait: DurationRange,
    /// How long the lock is held.
    #[arg(long, env = "HOLD", value_parser = range, default_value = "500ms..2s")]
    pub hold: DurationRange,
    /// How often the leader shows that it is alive.
    #[arg(long, env = "HEARTBEAT", value_parser = positive, default_value = "500ms")]
    pub heartbeat: Duration,
    /// How long the leader may be silent [default: 1200ms; in the hardened profile what fits the
    /// heartbeat, the lease and the drift]
    #[arg(long, env = "SUSPECT_AFTER", value_parser = positive)]
    pub suspect_after: Option<Duration>,
    /// T: how long a candidate waits for an OK.
    #[arg(long, env = "ANSWER_TIMEOUT", value_parser = positive, default_value = "300ms")]
    pub answer_timeout: Duration,
    /// T': how long a candidate that got an OK waits for COORDINATOR [default: 600ms; in the
    /// hardened profile at least what fits T, the form and the drift]
    #[arg(long, env = "COORDINATOR_TIMEOUT", value_parser = positive)]
    pub coordinator_timeout: Option<Duration>,
    /// How long a grant of the lock lasts (hardened).
    #[arg(long, env = "LEASE", value_parser = positive, default_value = "5s")]
    pub lease: Duration,
    /// How often a waiter repeats its request (hardened); a quarter of the lease at most [default:
    /// 1s, or that quarter]
    #[arg(long, env = "RETRY", value_parser = positive)]
    pub retry: Option<Duration>,
    /// By how much clocks may run fast or slow (hardened), 0 to 0.5.
    #[arg(long, env = "DRIFT", value_parser = drift, default_value = "0.01")]
    pub drift: Ppm,
    /// How a candidate asks those above it.
    #[arg(long, env = "FORM", value_enum, ignore_case = true, default_value = "parallel")]
    pub form: Form,
    /// Whom a winner tells, in the parallel form.
    #[arg(long, env = "ANNOUNCE", value_enum, ignore_case = true, default_value = "lower")]
    pub announce: Announce,
    /// How the death of a leader is noticed (classic).
    #[arg(long, env = "DETECTOR", value_enum, ignore_case = true, default_value = "heartbeat")]
    pub detector: Detector,
    /// Whether a higher node takes over from a leader that works (hardened).
    #[arg(long, env = "PREEMPT", value_enum, ignore_case = true, default_value = "true")]
    pub preempt: Preempt,
    /// How long a node must have been up before it may take over, where --preempt is stable.
    #[arg(long, env = "PROBATION", value_parser = positive, default_value = "2s")]
    pub probation: Duration,
    /// Whether a closed connection lets its node be suspected at once.
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
    /// What a cluster does: the three tests of the course report.
    Test for antes_core::Algorithm {
        /// Remote calls, stamped by logical clocks.
        Clock => Clock,
        /// Leader election.
        Leader => Leader,
        /// Mutual exclusion, with the elected leader as coordinator.
        Mutex => Mutex,
    }
}
choices! {
    /// Which form of the algorithms runs.
    Profile for antes_core::Profile {
        /// As published, including how they fail.
        Classic => Classic,
        /// Made safe under faults.
        Hardened => Hardened,
    }
}
choices! {
    /// How a candidate asks those above it.
    Form for antes_core::Form {
        /// All at once.
        Parallel => Parallel,
        /// One at a time, the highest first.
        Sequential => Sequential,
    }
}
choices! {
    /// Whom a winner tells.
    Announce for antes_core::Announce {
        /// Those below it.
        Lower => Lower,
        /// Everybody.
        All => All,
    }
}
choices! {
    /// How the death of a leader is noticed.
    Detector for antes_core::Detector {
        /// The leader shows that it is alive.
        Heartbeat => Heartbeat,
        /// The leader is asked whether it is alive.
        Poll => Poll,
        /// Nobody looks.
        Off => Off,
    }
}
choices! {
    /// Whether a higher node takes over.
    Preempt for antes_core::Preempt {
        /// At once.
        True => Always,
        /// Never.
        False => Never,
        /// Once it has been up for the probation.
        Stable => Stable,
    }
}

/// What the log looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// JSON, one object a line.
    Json,
}

/// How much the log says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// What ends the node.
    Error,
    /// What should not be.
    Warn,
    /// Elections, leaders, the lock.
    Info,
    /// Every message and timer.
    Debug,
}

/// The number of a node.
pub(crate) fn node_number(text: &str) -> Result<u8, String> {
    let number =
        text.trim().parse().ok().filter(|&number| antes_core::NodeId::new(number).is_some());
    number
        .ok_or_else(|| format!("expected the number of a node from 1 to {}", antes_core::MAX_NODES))
}

/// An address of this machine, to listen on.
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
            // At most 500,000: it fits.
            Ok(Ppm((share * 1e6).round() as u32))
        }
        _ => Err("expected a number from 0 to 0.5, such as 0.01".into()),
    }
}

/// A number of bytes, such as `32MB`.
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
