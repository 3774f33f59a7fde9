//! Separates the runs in the files of a cluster.
//!
//! A process that is restarted with another profile or algorithm appends to the same file, under a
//! new header. Its earlier lines belong to another run with other rules.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::ops::Range;

use antes_core::NodeId;

use super::part::{MergeError, Part};
use crate::export::Header;
use crate::trace::TraceEvent;

/// The header fields that all processes of a run share.
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

    fn told(&self) -> String {
        format!("{} nodes, {}, {}", self.nodes, self.profile, self.algorithm)
    }
}

/// The parts of the run with number `which`, from 1, or of the latest run.
///
/// Runs are separated only if some file contains more than one. Files that each contain a different
/// run are not of one cluster, which is reported later.
///
/// # Errors
///
/// If there is no such run.
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
    let held = held(&parts, &runs);
    let lives = Lives::of(&parts, &held);
    let parts = parts.into_iter().zip(held).filter(|(_, held)| held.contains(&(wanted - 1)));
    let parts = parts.map(|(mut part, held)| {
        if held.len() > 1 {
            part.events.retain(|line| lives.are_of(wanted - 1, &line.event));
        }
        part
    });
    Ok(parts.collect())
}

/// The runs of each node's lives. The resource's header does not say which run its lines are of.
/// Each of its lines names the life of a node, which the node's own file assigns to a run.
struct Lives(BTreeMap<(NodeId, u32), Vec<usize>>);

impl Lives {
    fn of(parts: &[Part], held: &[Range<usize>]) -> Self {
        let mut runs: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (part, held) in parts.iter().zip(held) {
            if let Some(node) = part.header.writer().filter(|_| part.life > 0) {
                runs.entry((node, part.life)).or_default().extend(held.clone());
            }
        }
        Self(runs)
    }

    /// Whether an event may belong to a run. A life without lines counts to the run of the life
    /// before it, or, as the first, to that of the life after it.
    fn are_of(&self, run: usize, event: &TraceEvent) -> bool {
        let Some(node) = event.node else { return true };
        let life = (node, event.incarnation.get());
        let before = self.0.range((node, 0)..=life).next_back();
        let known = before.or_else(|| self.0.range(life..=(node, u32::MAX)).next());
        known.is_none_or(|(_, runs)| runs.contains(&run))
    }
}

/// The runs in the order in which they follow each other in the files, since clocks may be wrong.
/// Files lose their oldest lines, so they are aligned at their ends.
fn runs(parts: &[Part]) -> Vec<Run> {
    let mut files: BTreeMap<&str, Vec<Run>> = BTreeMap::new();
    for part in parts.iter().filter(|part| part.header.writer().is_some()) {
        let file = files.entry(&part.name).or_default();
        let run = Run::of(&part.header);
        if file.last() != Some(&run) {
            file.push(run);
        }
    }
    let mut files: Vec<Vec<Run>> = files.into_values().collect();
    files.sort_by_key(|file| Reverse(file.len()));
    let mut runs = Vec::new();
    for file in files {
        let mut end = runs.len();
        for run in file.into_iter().rev() {
            match runs[..end].iter().rposition(|other| *other == run) {
                Some(place) => end = place,
                None => runs.insert(end, run),
            }
        }
    }
    runs
}

/// The range of runs that each part may belong to.
fn held(parts: &[Part], runs: &[Run]) -> Vec<Range<usize>> {
    let of_nodes = places(parts, |part| part.header.writer().map(|_| Run::of(&part.header)), runs);
    // The resource knows only the profile, and in old traces not even that.
    let mut profiles: Vec<&str> = runs.iter().map(|run| run.profile.as_str()).collect();
    profiles.dedup();
    let of_resource = places(
        parts,
        |part| part.header.writer().is_none().then_some(part.header.profile.as_str()),
        &profiles,
    );
    let stretch = |place: usize| {
        let lengths = runs.chunk_by(|one, next| one.profile == next.profile).map(<[Run]>::len);
        let begin = lengths.clone().take(place).sum();
        begin..lengths.take(place + 1).sum()
    };
    let held = parts.iter().zip(of_nodes).zip(of_resource).map(|((part, node), resource)| {
        match (node, resource) {
            (Some(place), _) => place..place + 1,
            (None, Some(place)) => stretch(place),
            (None, None) if part.header.profile.is_empty() => 0..runs.len(),
            (None, None) => 0..0,
        }
    });
    held.collect()
}

/// The position of each part that has a kind in a sequence of kinds, aligned at the ends of the
/// files.
fn places<'a, Kind: PartialEq>(
    parts: &'a [Part],
    kind: impl Fn(&'a Part) -> Option<Kind>,
    sequence: &[Kind],
) -> Vec<Option<usize>> {
    let mut reached: BTreeMap<&str, usize> = BTreeMap::new();
    let mut places = vec![None; parts.len()];
    for (at, part) in parts.iter().enumerate().rev() {
        let Some(kind) = kind(part) else { continue };
        let later = reached.get(part.name.as_str()).copied();
        // Consecutive parts of a file with the same kind belong to the same run.
        let end =
            later.map_or(sequence.len(), |place| place + usize::from(sequence[place] == kind));
        let place = sequence[..end].iter().rposition(|other| *other == kind);
        places[at] = place;
        reached.extend(place.map(|place| (part.name.as_str(), place)));
    }
    places
}

/// Whether a file contains lines of two runs.
fn some_file_holds_two(parts: &[Part]) -> bool {
    parts.iter().any(|part| {
        parts.iter().any(|other| {
            part.name == other.name
                && part.header.writer().is_some()
                && Run::of(&part.header) != Run::of(&other.header)
        })
    })
}
