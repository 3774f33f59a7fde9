//! Stable storage: what a node must find again after a crash.
//!
//! Clocks and message numbers change too often to be saved each time. They are reserved in blocks:
//! the file says up to where this life may go, and the next life begins there.

use std::io;
use std::path::Path;

use antes_core::{Incarnation, LamportTime, NodeId, Stable, Stamp, VectorClock};
use serde::{Deserialize, Serialize};

use super::folder::{Folder, cannot};
use crate::Failure;

/// The first block of clock readings that is reserved. Each further one is twice as large, so that
/// a slow node leaves small gaps when it crashes, and a fast one rarely waits for the disk.
const FIRST_BLOCK: u32 = 1 << 10;

/// The largest block.
const LARGEST_BLOCK: u32 = 1 << 22;

/// What is kept. The counts are those that the next life begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    node: NodeId,
    incarnation: Incarnation,
    stable: Stable,
    lamport: LamportTime,
    events: u64,
    messages: u32,
}

/// What a new life begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Legacy {
    /// Which life it is.
    pub incarnation: Incarnation,
    /// What earlier lives have saved.
    pub stable: Stable,
    /// The clocks to go on from.
    pub stamp: Stamp,
    /// How many messages earlier lives can have sent.
    pub messages: u32,
}

/// Stable storage of one node, or none at all.
#[derive(Debug)]
pub struct Store {
    folder: Option<Folder>,
    state: State,
    block: u32,
}

impl Store {
    /// Opens the storage of `me` in `folder` and begins a new life. Without a folder nothing is
    /// kept, and every life is the first.
    ///
    /// # Errors
    ///
    /// The folder cannot be used, is in use, or is of another node.
    pub fn open(folder: Option<&Path>, me: NodeId) -> Result<(Self, Legacy), Failure> {
        let fresh = State {
            node: me,
            incarnation: Incarnation::FIRST,
            stable: Stable::default(),
            lamport: LamportTime::default(),
            events: 0,
            messages: 0,
        };
        let Some(path) = folder else {
            let store = Self { folder: None, state: fresh, block: FIRST_BLOCK };
            let legacy = store.legacy();
            return Ok((store, legacy));
        };
        let folder = Folder::lock(path, "a node")?;
        let state = match folder.read::<State>()? {
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
        let mut store = Self { folder: Some(folder), state, block: FIRST_BLOCK };
        let legacy = store.legacy();
        store.reserve(&legacy.stamp, me, legacy.messages).map_err(|error| cannot(path, &error))?;
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
        }
    }

    /// Puts `stable` where a crash cannot reach it.
    ///
    /// # Errors
    ///
    /// It is not there.
    pub fn save(&mut self, stable: Stable) -> io::Result<()> {
        self.state.stable = stable;
        self.write()
    }

    /// Makes sure that the next life begins behind these clocks and this many messages.
    ///
    /// # Errors
    ///
    /// It would not.
    pub fn cover(&mut self, stamp: &Stamp, messages: u32) -> io::Result<()> {
        let state = &self.state;
        let covered = stamp.lamport <= state.lamport
            && stamp.vector.of(state.node) <= state.events
            && messages <= state.messages;
        if covered || self.folder.is_none() {
            return Ok(());
        }
        self.block = self.block.saturating_mul(2).min(LARGEST_BLOCK);
        self.reserve(stamp, self.state.node, messages)
    }

    /// Says where exactly the next life is to begin, because this one ends in good order.
    ///
    /// # Errors
    ///
    /// The next life will begin further on.
    pub fn close(mut self, stamp: &Stamp, messages: u32) -> io::Result<()> {
        self.block = 0;
        self.reserve(stamp, self.state.node, messages)
    }

    fn reserve(&mut self, stamp: &Stamp, me: NodeId, messages: u32) -> io::Result<()> {
        let block = u64::from(self.block);
        self.state.lamport = LamportTime(stamp.lamport.0.saturating_add(block));
        self.state.events = stamp.vector.of(me).saturating_add(block);
        self.state.messages = messages.saturating_add(self.block);
        self.write()
    }

    fn write(&self) -> io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        folder.write(&self.state)
    }
}
