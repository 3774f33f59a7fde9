//! Why a process cannot be reached or is refused, and log lines about it.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use antes_sim::trace::Recipient;
use serde::Serialize;

use super::link::{Difference, LinkError, Party, Refusal, Setting, sentence};
use super::record::unix_us;
use super::time::Moment;

/// How often a lasting condition is logged again.
const AGAIN: Duration = Duration::from_secs(60);

/// How long a process must be unreachable before this is logged. Processes of a cluster do not
/// start at the same moment, and a restarted one is back soon.
const PATIENCE: Duration = Duration::from_secs(1);

/// The most parties that are remembered: each node and the resource, both as dialled and as
/// dialling.
const MAX_ENTRIES: usize = 2 * (antes_core::MAX_NODES as usize + 1);

/// Why there is no link, for programs: they read it in `/state` and as a label of the metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// No process listens at the address.
    Refused,
    /// The name in the address does not resolve.
    Unresolved,
    /// The other side's address does not answer in time.
    Silent,
    /// The network or the operating system reports another error.
    Network,
    /// The other side closed the connection without an answer, probably because it has another secret.
    Secret,
    /// A setting that matters for safety differs.
    Settings,
    Cluster,
    /// The other process speaks another version of the link protocol.
    Protocol,
    /// The process is not the one that was expected or met before.
    Identity,
}

impl Reason {
    /// The value of `reason` in `/state`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Unresolved => "unresolved",
            Self::Silent => "silent",
            Self::Network => "network",
            Self::Secret => "secret",
            Self::Settings => "settings",
            Self::Cluster => "cluster",
            Self::Protocol => "protocol",
            Self::Identity => "identity",
        }
    }

    /// Whether a process with the secret is there, and one of the two refuses the other.
    pub const fn is_refusal(self) -> bool {
        match self {
            Self::Settings | Self::Cluster | Self::Protocol | Self::Identity => true,
            Self::Refused | Self::Unresolved | Self::Silent | Self::Network | Self::Secret => false,
        }
    }

    const fn of(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::OtherProtocol { .. } => Self::Protocol,
            Refusal::OtherCluster { .. } => Self::Cluster,
            Refusal::OtherSettings(_) => Self::Settings,
            Refusal::OlderLife { .. }
            | Refusal::OtherParty { .. }
            | Refusal::OtherBirth
            | Refusal::OtherLife
            | Refusal::NotKept => Self::Identity,
        }
    }
}

/// Why two processes have no link, for programs and for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    pub reason: Reason,
    /// One sentence for people, with the address or the process that it is about.
    pub sentence: String,
    /// Whether the two processes have different lists of the cluster's nodes.
    pub other_nodes: bool,
    /// Whether the other process says that this one has another identity than before.
    pub denies_identity: bool,
    /// Whether the other process has met a later life of this node than its data folder knows of.
    pub knows_later_life: bool,
}

impl Why {
    /// The reason why two processes with the secret have no link.
    pub fn turned_away(who: Party, refusal: &Refusal, by_them: bool) -> Self {
        let denies_identity = by_them && refusal.is_of_identity();
        let knows_later_life = by_them && refusal.is_of_a_later_life();
        // Different settings are refused by both.
        let sentence = match by_them && Reason::of(refusal) == Reason::Identity {
            true => format!("{who} refuses this node: {refusal}"),
            false => format!("{who} is refused: {refusal}"),
        };
        let (reason, other_nodes) = (Reason::of(refusal), lists_others(refusal));
        Self { reason, sentence, other_nodes, denies_identity, knows_later_life }
    }

    /// The reason why `address` is not reached.
    pub fn not_reached(address: &str, error: &LinkError) -> Self {
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
        let (reason, sentence) = match error {
            LinkError::Unresolved(error) => {
                (Reason::Unresolved, format!("the name {host} does not resolve: {error}"))
            }
            LinkError::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => (
                Reason::Refused,
                format!("no process listens at {address}: the connection is refused"),
            ),
            LinkError::TooSlow => (Reason::Silent, format!("{address} is silent: {error}")),
            LinkError::Dismissed | LinkError::Stranger => {
                (Reason::Secret, format!("{address}: {error}"))
            }
            LinkError::Io(_) | LinkError::Closed | LinkError::TooLarge | LinkError::Recording => {
                (Reason::Network, format!("{address} is not reached: {error}"))
            }
            LinkError::Unwanted { who, refusal } => {
                return Self::turned_away(*who, refusal, false);
            }
            LinkError::Refused { who, refusal } => return Self::turned_away(*who, refusal, true),
        };
        Self {
            reason,
            sentence,
            other_nodes: false,
            denies_identity: false,
            knows_later_life: false,
        }
    }
}

fn lists_others(refusal: &Refusal) -> bool {
    let Refusal::OtherSettings(differences) = refusal else { return false };
    differences.iter().any(|difference| difference.setting == Setting::Nodes)
}

/// A missing link: why, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Down {
    pub why: Why,
    /// On the node's own clock.
    pub since: Moment,
    /// By the wall clock, in microseconds since 1970.
    pub since_us: u64,
}

impl Down {
    /// A link that is missing from now on.
    pub fn now(why: Why) -> Self {
        Self { why, since: Moment::now(), since_us: unix_us() }
    }
}

/// Logs what keeps this process and others apart: at once, and then once a minute.
#[derive(Debug, Default)]
pub struct Notices(Mutex<Vec<Entry>>);

/// The process on the other side, and which side opens the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Other {
    Dialled(Recipient),
    Dials(Party),
}

#[derive(Debug)]
struct Entry {
    other: Other,
    sentence: String,
    since: Moment,
    /// When it was last logged.
    told: Option<Moment>,
}

impl Notices {
    /// Logs that the dialled process `name` is not reached.
    pub fn not_reached(&self, to: Recipient, name: &str, why: &Why) {
        let patience = if why.reason.is_refusal() { Duration::ZERO } else { PATIENCE };
        if self.is_due(Other::Dialled(to), &why.sentence, patience) {
            tell(name, why);
        }
    }

    /// Logs that the dialled process is reached, if its absence was logged.
    pub fn reached(&self, to: Recipient, name: &str) {
        let mut entries = self.entries();
        let Some(place) = entries.iter().position(|entry| entry.other == Other::Dialled(to)) else {
            return;
        };
        let entry = entries.swap_remove(place);
        if entry.told.is_some() {
            tracing::info!("{name} is reached again");
        }
    }

    /// Logs that a process has dialled and is refused.
    pub fn turned_away(&self, who: Party, why: &Why) {
        if self.is_due(Other::Dials(who), &why.sentence, Duration::ZERO) {
            tracing::warn!("{}", why.sentence);
        }
    }

    /// Whether a log line is due. If it was logged for one direction, it need not be logged for the
    /// other.
    fn is_due(&self, other: Other, sentence: &str, patience: Duration) -> bool {
        let now = Moment::now();
        let mut entries = self.entries();
        let recently = entries.iter().any(|entry| {
            entry.sentence == sentence && entry.told.is_some_and(|told| now.since(told) < AGAIN)
        });
        let place = entries.iter().position(|entry| entry.other == other);
        let entry = match place {
            Some(place) => &mut entries[place],
            None => {
                if entries.len() >= MAX_ENTRIES {
                    entries.remove(0);
                }
                let since = now;
                entries.push(Entry { other, sentence: String::new(), since, told: None });
                entries.last_mut().expect("it was just put there")
            }
        };
        if entry.sentence != sentence {
            sentence.clone_into(&mut entry.sentence);
            entry.told = None;
        }
        if recently || now.since(entry.since) < patience {
            return false;
        }
        entry.told = Some(now);
        true
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, Vec<Entry>> {
        // No code panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An absent process is logged at info level, a refusal at warn level.
fn tell(name: &str, why: &Why) {
    let sentence = &why.sentence;
    match why.reason {
        Reason::Refused | Reason::Unresolved | Reason::Silent | Reason::Network => {
            tracing::info!("{name} is not reached: {sentence}");
        }
        Reason::Secret => tracing::warn!("{name} is not reached: {sentence}"),
        Reason::Settings | Reason::Cluster | Reason::Protocol | Reason::Identity => {
            tracing::warn!("{sentence}");
        }
    }
}

/// Logs harmless differences to a process once a minute.
pub async fn tell_differences(name: String, differences: Vec<Difference>) {
    let told = sentence(&differences);
    loop {
        tracing::warn!("{name} has other settings: {told}; expected the same in the whole cluster");
        tokio::time::sleep(AGAIN).await;
    }
}

#[cfg(test)]
mod tests {
    use antes_core::NodeId;

    use super::*;

    fn why(address: &str, error: &LinkError) -> (Reason, String) {
        let Why { reason, sentence, .. } = Why::not_reached(address, error);
        (reason, sentence)
    }

    #[test]
    fn a_name_that_does_not_resolve_is_named() {
        let error = LinkError::Unresolved(io::Error::other("no such host"));
        let expected = "the name node-9 does not resolve: no such host";
        assert_eq!(why("node-9:7000", &error), (Reason::Unresolved, expected.into()));
    }

    #[test]
    fn the_same_is_told_once_whichever_side_has_dialled() {
        let notices = Notices::default();
        let node = NodeId::new(2).expect("2 is a node");
        let dialled = Other::Dialled(Recipient::Node(node));
        assert!(notices.is_due(dialled, "a", Duration::ZERO));
        assert!(!notices.is_due(dialled, "a", Duration::ZERO));
        assert!(!notices.is_due(Other::Dials(Party::Resource), "a", Duration::ZERO));
        assert!(notices.is_due(dialled, "b", Duration::ZERO), "it is another reason");
    }

    #[test]
    fn a_process_that_is_not_there_yet_is_logged_after_a_while() {
        let notices = Notices::default();
        let dialled = Other::Dialled(Recipient::Resource);
        assert!(!notices.is_due(dialled, "a", Duration::from_secs(3600)));
        notices.reached(Recipient::Resource, "the resource");
        assert!(notices.entries().is_empty());
    }
}
