//! Reads the traces that the cluster's nodes have written.

use std::collections::{HashSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// The path of a node's trace.
pub fn path(folder: &Path, id: usize) -> PathBuf {
    folder.join(format!("trace-{id}.jsonl"))
}

/// The needed parts of a header.
#[derive(Deserialize)]
struct Header {
    epoch_us: u64,
}

/// The needed parts of a line.
#[derive(Deserialize)]
pub struct Line {
    /// The instant in microseconds: from the start of the trace in files, since 1970 as returned by
    /// [`lines`].
    pub at_us: u64,
    /// The kind of the event.
    pub kind: String,
    /// The leader that the node follows.
    pub leader: Option<u64>,
    message: Option<Message>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: String,
    request: Option<String>,
}

/// The complete lines of a node's trace that contain one of `wanted`.
pub fn lines(folder: &Path, id: usize, wanted: &[&str]) -> Result<Vec<Line>> {
    let text = fs::read_to_string(path(folder, id)).context("a node has no trace")?;
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let mut all = whole.lines();
    let header: Header = serde_json::from_str(all.next().context("an empty trace")?)?;
    let wanted = all.filter(|line| wanted.iter().any(|part| line.contains(part)));
    wanted
        .map(|line| {
            let line: Line = serde_json::from_str(line)?;
            Ok(Line { at_us: header.epoch_us + line.at_us, ..line })
        })
        .collect()
}

/// How often the coordinator granted a request that had arrived after one that still waited.
/// Repetitions of a request do not count, and lines that a busy node has left out are not seen.
pub fn overtakings(folder: &Path, coordinator: usize) -> Result<u64> {
    let lines = lines(folder, coordinator, &["\"REQUEST\"", "\"GRANT\""])?;
    let messages = || lines.iter().filter_map(|line| Some((line, line.message.as_ref()?)));
    let granted: HashSet<&str> = messages()
        .filter(|(line, message)| line.kind == "send" && message.kind == "GRANT")
        .filter_map(|(_, message)| message.request.as_deref())
        .collect();
    let (mut known, mut queue) = (HashSet::new(), VecDeque::new());
    let (mut grants, mut overtakings) = (0, 0);
    for (line, message) in messages() {
        let Some(request) = message.request.as_deref() else { continue };
        match (line.kind.as_str(), message.kind.as_str()) {
            ("receive", "REQUEST") if granted.contains(request) && known.insert(request) => {
                queue.push_back(request);
            }
            ("send", "GRANT") => {
                if let Some(place) = queue.iter().position(|&waiting| waiting == request) {
                    overtakings += u64::from(place > 0);
                    grants += 1;
                    queue.remove(place);
                }
            }
            _ => {}
        }
    }
    ensure!(grants > 0, "the coordinator's trace has no grants");
    Ok(overtakings)
}
