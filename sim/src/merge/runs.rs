//! The runs that the files of a cluster hold.
//!
//! A process that is started again with another profile or test goes on in the same file, under a
//! header of its own. What it did before belongs to another run, which is not judged by the same rules.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{MergeError, Part};
use crate::export::Header;

/// What all processes of one run have in their headers.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    nodes: u8,
    profile: String,
    algorithm: String,
}

impl Run {
    fn of(header: &Header) -> Self {
        let Header { nodes, profile, algorithm, .. } = header.clone();
        Self { nodes, profile, algorithm }
    }

    /// Whether a part is of this run. The resource knows its profile, or in old traces not even that.
    fn has(&self, part: &Part) -> bool {
        let header = &part.header;
        match header.writer() {
            Some(_) => Self::of(header) == *self,
            None => header.profile.is_empty() || header.profile == self.profile,
        }
    }

    fn told(&self) -> String {
        format!("{} nodes, {}, {}", self.nodes, self.profile, self.algorithm)
    }
}

/// The parts of one run: of run `which`, from 1, or of the latest.
///
/// Only runs that some file holds beside another one are told apart. Files of which each holds another
/// run are not of one cluster, which is an error that is found later.
///
/// # Errors
///
/// There is no such run.
pub(super) fn chosen(
    parts: Vec<Part>,
    which: Option<usize>,
    notes: &mut Vec<String>,
) -> Result<Vec<Part>, MergeError> {
    let runs = runs(&parts);
    let wanted = which.unwrap_or(runs.len());
    let Some(run) = wanted.checked_sub(1).and_then(|place| runs.get(place)) else {
        if which.is_none() {
            return Ok(parts);
        }
        let problem = format!("there is no run {wanted}; expected 1 to {}", runs.len());
        return Err(parts[0].error(parts[0].line, problem));
    };
    if runs.len() == 1 || !some_file_holds_two(&parts) {
        return Ok(parts);
    }
    for (place, other) in runs.iter().enumerate().filter(|&(place, _)| place + 1 != wanted) {
        notes.push(format!(
            "run {} of {} ({}) is left out; run {wanted} ({}) is joined",
            place + 1,
            runs.len(),
            other.told(),
            run.told()
        ));
    }
    Ok(parts.into_iter().filter(|part| run.has(part)).collect())
}

/// The runs, in the order of their beginnings.
fn runs(parts: &[Part]) -> Vec<Run> {
    let mut nodes: Vec<&Part> =
        parts.iter().filter(|part| part.header.writer().is_some()).collect();
    nodes.sort_by_key(|part| part.header.epoch_us);
    let mut runs = Vec::new();
    for part in nodes {
        let run = Run::of(&part.header);
        if !runs.contains(&run) {
            runs.push(run);
        }
    }
    runs
}

/// Whether a file has lines of two runs.
fn some_file_holds_two(parts: &[Part]) -> bool {
    parts.iter().any(|part| {
        parts.iter().any(|other| {
            part.name == other.name
                && part.header.writer().is_some()
                && Run::of(&part.header) != Run::of(&other.header)
        })
    })
}
