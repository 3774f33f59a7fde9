//! Stable storage: the data that a node needs after a crash.
//! Changes are collected in memory and written together ([`Store::commit`]), before any effect that depends
//! on them is visible outside of the node.
//! Clocks and message numbers change too often to be saved each time. They are reserved in blocks: the file
//! says how far this life may go, and the next life begins there.

use std::io;
use std::path::Path;
use std::time::Duration;

use antes_core::hardened::{Acquaintances, Birth, Memory};
use antes_core::{
    Algorithm, Config, Incarnation, LamportTime, NodeId, Profile, Stable, Stamp, VectorClock,
};
use serde::{Deserialize, Serialize};

use super::folder::{FILE, Folder, cannot};
use super::link::Being;
use super::lives::Life;
use crate::Failure;

/// The first block of clock readings that is reserved. Each further block is twice as large. So a slow node
/// leaves a small gap when it crashes, and a fast one rarely waits for the disk.
const FIRST_BLOCK: u32 = 1 << 10;

const LARGEST_BLOCK: u32 = 1 << 22;

/// How far above all clocks that others have seen a node with a new memory begins. Its earlier memory may
/// have reached higher clocks that nobody has seen.
const BEYOND: u64 = 1 << 24;

/// The content of the file. Counts are those with which the next life begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    node: NodeId,
    incarnation: Incarnation,
    stable: Stable,
    lamport: LamportTime,
    events: u64,
    messages: u32,
    /// The spans of grants that may still be in force. `None` in the classic profile, and in files of older
    /// versions.
    #[serde(default)]
    spans: Option<Spans>,
    /// The number of nodes in the latest life. `None` in files of older versions.
    #[serde(default)]
    nodes: Option<u8>,
    /// The birth. `None` if safety does not depend on the memory, and in files of older versions.
    #[serde(default)]
    birth: Option<u64>,
    /// A random number of the latest life.
    #[serde(default)]
    life: Option<u64>,
    /// Whether more than half of the other nodes have written the birth down.
    #[serde(default)]
    attested: bool,
    /// Whether lives and clocks are above those of all earlier memories that the others were told to forget.
    #[serde(default)]
    placed: bool,
    /// The latest life that is known to have written its acquaintances.
    #[serde(default)]
    kept_acquaintances: Option<Incarnation>,
    /// Whether a later life was met than this file knows of, so the file is an older copy.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    outdated: bool,
}

/// The settings that limit how long a leader's grants can last after the last contact with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spans {
    suspect_after_us: u64,
    lease_us: u64,
    drift_ppm: u32,
}

impl Spans {
    /// The spans of a node with these settings. `None` in the classic profile, which has no leases.
    pub fn of(config: &Config) -> Option<Self> {
        let micros = |span: Duration| u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        match config.profile {
            Profile::Classic => None,
            Profile::Hardened => Some(Self {
                suspect_after_us: micros(config.election.suspect_after),
                lease_us: micros(config.hardened.lease),
                drift_ppm: config.hardened.drift.0,
            }),
        }
    }

    /// The necessary duration of a recovery: (X + L)(1 + ρ).
    fn grace(self) -> Duration {
        let span = u128::from(self.suspect_after_us) + u128::from(self.lease_us);
        let micros = span * (1_000_000 + u128::from(self.drift_ppm)) / 1_000_000;
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}

impl State {
    /// Begins a new life, and a new memory if there is none.
    fn be_born(&mut self) -> Result<Being, Failure> {
        if self.birth.is_none() {
            self.birth = Some(draw()?);
            // A folder of an older version, which drew no births, is taken over.
            self.attested = self.incarnation > Incarnation::FIRST;
        }
        let life = draw()?;
        self.life = Some(life);
        Ok(Being { birth: self.birth.unwrap_or_default(), life })
    }
}

/// A random number of 53 bits, which every JSON parser reads exactly.
fn draw() -> Result<u64, Failure> {
    getrandom::u64().map(|drawn| drawn >> 11).map_err(|error| {
        Failure::CannotGoOn(format!("the operating system gives no random number: {error}"))
    })
}

/// The data with which a new life begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Legacy {
    pub incarnation: Incarnation,
    /// The data that earlier lives have saved.
    pub stable: Stable,
    /// The clocks from which this life continues.
    pub stamp: Stamp,
    /// The largest number of messages that earlier lives can have sent.
    pub messages: u32,
    /// The least duration of the first recovery, because earlier lives had longer spans. Zero if they had
    /// not.
    pub least_grace: Duration,
    /// Whether the list of the cluster's nodes has changed.
    pub listens: bool,
    /// Distinguishes the node from others with its number. `None` if safety does not depend on its memory.
    pub being: Option<Being>,
    /// The life before. `None` in the first life of a memory, and after an older version that drew no numbers.
    pub before: Option<Life>,
    /// Whether the other nodes know its birth.
    pub attested: bool,
    /// Whether the node has to ask others for the lives and clocks of an earlier memory.
    pub seeks_place: bool,
    /// The latest life that is known to have written its acquaintances.
    pub kept_acquaintances: Option<Incarnation>,
}

impl Legacy {
    /// The core's knowledge of births. `met` are the births of others that are written down.
    pub fn memory(&self, met: Acquaintances) -> Memory {
        match self.being {
            Some(Being { birth, .. }) => {
                Memory { birth: Birth(birth), is_new: !self.attested, met }
            }
            None => Memory::default(),
        }
    }
}

/// The error for a folder that is an older copy.
pub fn outdated(folder: &Path, node: NodeId) -> Failure {
    Failure::BadInput(format!(
        "{} is an older copy: a later life of node {node} is known than {FILE} contains. What node {node} \
         had in this folder is lost (docs/cluster.md, \"A disk that is replaced\")",
        folder.display()
    ))
}

/// The stable storage of a node. It may keep nothing.
#[derive(Debug)]
pub struct Store {
    folder: Option<Folder>,
    state: State,
    block: u32,
    /// The spans of this life.
    spans: Option<Spans>,
    /// Whether grants with longer spans of earlier lives may still be in force.
    minds_earlier_spans: bool,
    /// Whether the state differs from the one on the disk.
    dirty: bool,
}

impl Store {
    /// Opens the storage of `me` in `folder` and begins a new life with the settings `config`. Without a
    /// folder nothing is kept, and every life is the first one.
    ///
    /// # Errors
    ///
    /// The folder cannot be used, is in use, or belongs to another node.
    pub fn open(
        folder: Option<&Path>,
        me: NodeId,
        config: &Config,
    ) -> Result<(Self, Legacy), Failure> {
        let spans = Spans::of(config);
        let nodes = config.size.get();
        let fresh = State {
            node: me,
            incarnation: Incarnation::FIRST,
            stable: Stable::default(),
            lamport: LamportTime::default(),
            events: 0,
            messages: 0,
            spans,
            nodes: None,
            birth: None,
            life: None,
            attested: false,
            placed: false,
            kept_acquaintances: None,
            outdated: false,
        };
        let Some(path) = folder else {
            let (state, block) = (fresh, FIRST_BLOCK);
            let store = Self {
                folder: None,
                state,
                block,
                spans,
                minds_earlier_spans: false,
                dirty: false,
            };
            let legacy = store.legacy();
            return Ok((store, legacy));
        };
        let folder = Folder::lock(path, "a node", FILE)?;
        let elects = config.algorithm != Algorithm::Clock;
        let rests_on_memory = spans.is_some() && elects;
        let found = folder.read::<State>()?;
        let before = found.as_ref().and_then(|state| {
            state.life.map(|number| Life { incarnation: state.incarnation, number })
        });
        let mut state = match found {
            None => fresh,
            Some(state) if state.node == me => {
                State { incarnation: state.incarnation.next(), ..state }
            }
            Some(state) => {
                return Err(Failure::BadInput(format!(
                    "{} belongs to node {}; expected a folder of node {me}'s own",
                    path.display(),
                    state.node
                )));
            }
        };
        if rests_on_memory && state.outdated {
            return Err(outdated(path, me));
        }
        let being = if rests_on_memory { Some(state.be_born()?) } else { None };
        let (folder, block) = (Some(folder), FIRST_BLOCK);
        let minds_earlier_spans = false;
        let mut store = Self { folder, state, block, spans, minds_earlier_spans, dirty: true };
        let listens = rests_on_memory && store.state.nodes != Some(nodes);
        let seeks_place = being.is_some() && !store.state.attested && !store.state.placed;
        let legacy = Legacy { listens, being, before, seeks_place, ..store.legacy() };
        store.state.nodes = Some(nodes);
        if legacy.least_grace.is_zero() {
            store.forget_earlier_spans();
        } else {
            store.minds_earlier_spans = true;
        }
        store.reserve(&legacy.stamp, legacy.messages);
        store.commit().map_err(|error| cannot(path, &error))?;
        Ok((store, legacy))
    }

    fn legacy(&self) -> Legacy {
        let mut counts = [0; antes_core::MAX_NODES as usize];
        counts[self.state.node.index()] = self.state.events;
        let vector = VectorClock::from_counts(&counts);
        Legacy {
            incarnation: self.state.incarnation,
            stable: self.state.stable,
            stamp: Stamp { lamport: self.state.lamport, vector },
            messages: self.state.messages,
            least_grace: self.least_grace(),
            listens: false,
            being: None,
            before: None,
            attested: self.state.attested,
            seeks_place: false,
            kept_acquaintances: self.state.kept_acquaintances,
        }
    }

    /// Notes with the next [commit](Self::commit) that the folder is an older copy. No later life starts
    /// from it.
    pub const fn mark_outdated(&mut self) {
        if !self.state.outdated {
            self.state.outdated = true;
            self.dirty = true;
        }
    }

    /// Notes that this life has written its acquaintances.
    pub fn keeps_acquaintances(&mut self) {
        self.state.kept_acquaintances = Some(self.state.incarnation);
        self.dirty = true;
    }

    /// Notes that no other node knows of an earlier memory, so lives and clocks need no change.
    pub const fn begin_here(&mut self) {
        self.state.placed = true;
        self.dirty = true;
    }

    /// Continues above an earlier memory: with life `life`, and with clocks above `seen`, the highest Lamport
    /// time that others have heard of. Returns the clocks and the number of messages to continue from.
    pub fn begin_behind(&mut self, life: Incarnation, seen: LamportTime) -> (Stamp, u32) {
        // A node's Lamport clock is never below the count of its own events, and that count is never below
        // the number of its messages. These numbers wrap.
        let count = seen.0.saturating_add(BEYOND);
        let mut counts = [0; antes_core::MAX_NODES as usize];
        counts[self.state.node.index()] = count;
        let vector = VectorClock::from_counts(&counts);
        let stamp = Stamp { lamport: LamportTime(count), vector };
        let messages = u32::try_from(count).unwrap_or(u32::MAX);
        self.state.incarnation = life;
        self.state.placed = true;
        self.reserve(&stamp, messages);
        (stamp, messages)
    }

    /// The highest Lamport time that this node has heard of.
    pub const fn seen(&self) -> LamportTime {
        self.state.lamport
    }

    /// Notes that more than half of the other nodes know this node's birth.
    pub const fn attest(&mut self) {
        self.state.attested = true;
        self.dirty = true;
    }

    /// The least duration of a recovery because of spans that are longer than those of this life.
    fn least_grace(&self) -> Duration {
        let grace = |spans: Option<Spans>| spans.map(Spans::grace).unwrap_or_default();
        let (before, now) = (grace(self.state.spans), grace(self.spans));
        if before > now { before } else { Duration::ZERO }
    }

    /// Whether grants with longer spans of earlier lives may still be in force.
    pub const fn minds_earlier_spans(&self) -> bool {
        self.minds_earlier_spans
    }

    /// Notes that no grant with other spans than those of this life can be in force.
    pub fn forget_earlier_spans(&mut self) {
        self.minds_earlier_spans = false;
        // The classic profile has no leases, so it cannot tell whether earlier ones are over.
        if self.spans.is_some() {
            self.state.spans = self.spans;
            self.dirty = true;
        }
    }

    /// Saves `stable` with the next [commit](Self::commit).
    pub const fn save(&mut self, stable: Stable) {
        self.state.stable = stable;
        self.dirty = true;
    }

    /// Reserves these clocks and this many messages with the next [commit](Self::commit): the next life
    /// begins after them. Returns whether they were not reserved yet.
    pub fn ensure_reserved(&mut self, stamp: &Stamp, messages: u32) -> bool {
        let state = &self.state;
        let is_reserved = stamp.lamport <= state.lamport
            && stamp.vector.of(state.node) <= state.events
            && messages <= state.messages;
        if !is_reserved {
            self.block = self.block.saturating_mul(2).min(LARGEST_BLOCK);
            self.reserve(stamp, messages);
        }
        !is_reserved
    }

    /// Writes changes to the disk and waits for it. Returns whether there were any.
    ///
    /// # Errors
    ///
    /// The disk fails. The changes may have been written or not.
    pub fn commit(&mut self) -> io::Result<bool> {
        if !std::mem::take(&mut self.dirty) {
            return Ok(false);
        }
        match &self.folder {
            Some(folder) => folder.write(&self.state).map(|()| true),
            None => Ok(false),
        }
    }

    /// Saves where exactly the next life begins, because this one ends in good order.
    ///
    /// # Errors
    ///
    /// The disk fails. The next life may begin further on.
    pub fn close(mut self, stamp: &Stamp, messages: u32) -> io::Result<()> {
        self.block = 0;
        self.reserve(stamp, messages);
        self.commit().map(drop)
    }

    fn reserve(&mut self, stamp: &Stamp, messages: u32) {
        let block = u64::from(self.block);
        self.state.lamport = LamportTime(stamp.lamport.0.saturating_add(block));
        self.state.events = stamp.vector.of(self.state.node).saturating_add(block);
        self.state.messages = messages.saturating_add(self.block);
        self.dirty = true;
    }
}

#[cfg(test)]
mod tests;
