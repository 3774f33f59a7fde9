//! Stable storage: what a node must find again after a crash.
//!
//! What is to be kept is put together in memory and written at once ([`Store::commit`]), before
//! anything that depends on it can be seen outside of the node.
//!
//! Clocks and message numbers change too often to be saved each time. They are reserved in blocks:
//! the file says up to where this life may go, and the next life begins there.

use std::io;
use std::path::Path;

use antes_core::{Incarnation, LamportTime, NodeId, Stable, Stamp, VectorClock};
use serde::{Deserialize, Serialize};

use super::folder::{FILE, Folder, cannot};
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
    /// Whether the state is another one than that on the disk.
    dirty: bool,
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
            let store = Self { folder: None, state: fresh, block: FIRST_BLOCK, dirty: false };
            let legacy = store.legacy();
            return Ok((store, legacy));
        };
        let folder = Folder::lock(path, "a node", FILE)?;
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
        let mut store = Self { folder: Some(folder), state, block: FIRST_BLOCK, dirty: true };
        let legacy = store.legacy();
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
        }
    }

    /// Keeps `stable`, once it is [committed](Self::commit).
    pub const fn save(&mut self, stable: Stable) {
        self.state.stable = stable;
        self.dirty = true;
    }

    /// Lets the next life begin behind these clocks and this many messages, once that is
    /// [committed](Self::commit).
    pub fn cover(&mut self, stamp: &Stamp, messages: u32) {
        let state = &self.state;
        let covered = stamp.lamport <= state.lamport
            && stamp.vector.of(state.node) <= state.events
            && messages <= state.messages;
        if !covered {
            self.block = self.block.saturating_mul(2).min(LARGEST_BLOCK);
            self.reserve(stamp, messages);
        }
    }

    /// Puts what is to be kept where a crash cannot reach it. Says whether it had to wait for the
    /// disk.
    ///
    /// # Errors
    ///
    /// It may be there or not.
    pub fn commit(&mut self) -> io::Result<bool> {
        if !std::mem::take(&mut self.dirty) {
            return Ok(false);
        }
        match &self.folder {
            Some(folder) => folder.write(&self.state).map(|()| true),
            None => Ok(false),
        }
    }

    /// Says where exactly the next life is to begin, because this one ends in good order.
    ///
    /// # Errors
    ///
    /// The next life may begin further on.
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
