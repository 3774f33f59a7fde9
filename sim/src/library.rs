//! The scenario library: the files of `scenarios/`, in the order in which a class meets them.

macro_rules! library {
    ($($slug:literal from $file:literal),* $(,)?) => {
        /// Each scenario's name, as addresses have it, and its file.
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
    "two-start-at-once" from "09-two-start-at-once",
    "winner-dies-after-ok" from "10-winner-dies-after-ok",
    "t-too-short" from "11-t-too-short",
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
    "holder-dies" from "23-holder-dies",
    "partition" from "24-partition",
    "lost-grant" from "25-lost-grant",
    "paused-leader" from "26-paused-leader",
}

/// The file of the scenario with this name.
pub fn find(slug: &str) -> Option<&'static str> {
    LIBRARY.iter().find(|(name, _)| *name == slug).map(|(_, text)| *text)
}
