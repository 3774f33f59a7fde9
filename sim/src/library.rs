//! The scenario library: the files of `scenarios/`, in teaching order.

#[cfg(feature = "files")]
use alloc::{format, string::String, vec::Vec};

#[cfg(feature = "files")]
use crate::scenario::{self, Scenario};

macro_rules! library {
    ($($slug:literal from $file:literal),* $(,)?) => {
        /// The name of each scenario in addresses, and its file.
        pub static LIBRARY: &[(&str, &str)] =
            &[$(($slug, include_str!(concat!("../../scenarios/", $file, ".toml")))),*];
    };
}

library! {
    "first-clock" from "01-first-clock",
    "overtaking" from "02-overtaking",
    "concurrent-but-ordered" from "03-concurrent-but-ordered",
    "vector-clocks-tell" from "04-vector-clocks-tell",
    "random-calls" from "05-random-calls",
    "leader-dies" from "06-leader-dies",
    "three-die" from "07-three-die",
    "highest-comes-back" from "08-highest-comes-back",
    "highest-comes-back-hardened" from "08-highest-comes-back-hardened",
    "two-start-at-once" from "09-two-start-at-once",
    "winner-dies-after-ok" from "10-winner-dies-after-ok",
    "t-too-short" from "11-t-too-short",
    "t-too-short-hardened" from "11-t-too-short-hardened",
    "report-leader-killed" from "12-report-leader-killed",
    "report-repeated-kills" from "13-report-repeated-kills",
    "report-candidates-dead" from "14-report-candidates-dead",
    "lock-and-queue" from "15-lock-and-queue",
    "report-granted-at-once" from "16-report-granted-at-once",
    "report-queued-when-held" from "17-report-queued-when-held",
    "report-handed-on" from "18-report-handed-on",
    "report-freed" from "19-report-freed",
    "report-at-random" from "20-report-at-random",
    "asked-first-served-second" from "21-asked-first-served-second",
    "lock-through-a-leader-crash" from "22-lock-through-a-leader-crash",
    "lock-through-a-leader-crash-hardened" from "22-lock-through-a-leader-crash-hardened",
    "holder-dies" from "23-holder-dies",
    "holder-dies-hardened" from "23-holder-dies-hardened",
    "partition" from "24-partition",
    "partition-hardened" from "24-partition-hardened",
    "lost-grant" from "25-lost-grant",
    "lost-grant-hardened" from "25-lost-grant-hardened",
    "paused-leader" from "26-paused-leader",
    "paused-leader-hardened" from "26-paused-leader-hardened",
    "stale-holder" from "27-stale-holder",
    "stale-holder-hardened" from "27-stale-holder-hardened",
    "two-of-four-dead" from "28-two-of-four-dead",
    "two-of-four-dead-hardened" from "28-two-of-four-dead-hardened",
    "late-answers" from "29-late-answers",
    "late-answers-hardened" from "29-late-answers-hardened",
    "two-holders" from "30-two-holders",
    "two-holders-hardened" from "30-two-holders-hardened",
    "short-wait" from "31-short-wait",
    "ask-all" from "32-ask-all",
    "smaller-stamp-first" from "33-smaller-stamp-first",
    "one-crash-stops-all" from "34-one-crash-stops-all",
    "nine-elect" from "35-nine-elect",
    "sixteen-ask" from "36-sixteen-ask",
}

/// The scenario that the page opens with.
pub const FIRST: &str = "leader-dies";

/// The file of the scenario with this name.
pub fn find(slug: &str) -> Option<&'static str> {
    LIBRARY.iter().find(|(name, _)| *name == slug).map(|(_, text)| *text)
}

/// Reads all scenarios, in the order of [`LIBRARY`].
///
/// # Errors
///
/// The first file that is not a valid scenario, with the reason.
#[cfg(feature = "files")]
pub fn scenarios() -> Result<Vec<Scenario>, String> {
    let read = |&(slug, text): &(&str, &str)| {
        scenario::read(text).map_err(|error| format!("{slug}: {error}"))
    };
    LIBRARY.iter().map(read).collect()
}

/// The suffix of a twin's name.
const TWIN: &str = "-hardened";

/// The scenario with the same faults in the other profile, if there is one. The hardened scenario
/// of a pair has the name of the classic one with the suffix `-hardened`.
pub fn twin(slug: &str) -> Option<&'static str> {
    let mut names = LIBRARY.iter().map(|(name, _)| *name);
    match slug.strip_suffix(TWIN) {
        Some(classic) => names.find(|&name| name == classic),
        None => names.find(|name| name.strip_suffix(TWIN) == Some(slug)),
    }
}
