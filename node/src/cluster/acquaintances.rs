//! Whom this process has met: which birth and which life of each node.
//!
//! It is written down before a node that is new here, or in a later life, is welcomed. So a node that
//! has lost its memory, or a second process with its number, is found out by whoever has met the
//! first one.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use antes_core::hardened;
use antes_core::{Identity, Incarnation, MAX_NODES, NodeId};
use serde::{Deserialize, Serialize};

use super::folder;
use super::link::{Being, Hello, Party, Refusal};
use crate::Failure;

/// The name of the file.
const FILE: &str = "peers.json";

/// What is known of each node, by node index.
type Book = Vec<Option<Known>>;

/// What is known of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    birth: u64,
    /// The latest life that was met.
    incarnation: Incarnation,
    /// The number that this life has drawn.
    life: u64,
}

/// Whom this process has met.
#[derive(Debug)]
pub struct Acquaintances {
    /// Where it is kept; nowhere, if there is nothing to be kept.
    folder: Option<PathBuf>,
    met: Mutex<Met>,
}

#[derive(Debug)]
struct Met {
    book: Book,
    /// The latest life that was met of each node, also of those that have no memory.
    latest: [Option<Incarnation>; MAX_NODES as usize],
}

impl Acquaintances {
    /// Those that are kept in a folder, which is this process's own.
    ///
    /// # Errors
    ///
    /// They cannot be read.
    pub fn open(folder: Option<&Path>) -> Result<Self, Failure> {
        let known = folder.map(|folder| folder::read::<Book>(folder, FILE, "acquaintances"));
        let mut book = known.transpose()?.flatten().unwrap_or_default();
        book.resize(usize::from(MAX_NODES), None);
        let met = Mutex::new(Met { book, latest: [None; MAX_NODES as usize] });
        Ok(Self { folder: folder.map(Path::to_owned), met })
    }

    /// Which births are written down.
    pub fn births(&self) -> hardened::Acquaintances {
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let mut births = hardened::Acquaintances::nobody();
        for (known, node) in met.book.iter().zip(1..) {
            if let (Some(known), Some(node)) = (known, NodeId::new(node)) {
                births.meet(node, hardened::Birth(known.birth));
            }
        }
        births
    }

    /// A process shows itself. Whoever is let in is written down.
    ///
    /// # Errors
    ///
    /// It is not who it should be.
    pub fn meet(&self, hello: &Hello) -> Result<(), Refusal> {
        let Party::Node(them) = hello.party else { return Ok(()) };
        // Nothing panics while it holds the lock.
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = met.latest[them.node.index()];
        if let Some(known) = latest.filter(|&known| known > them.incarnation) {
            return Err(Refusal::OlderLife { known });
        }
        if let Some(being) = &hello.being {
            let known = met.book[them.node.index()];
            let now = recognize(known, them, being)?;
            if known != Some(now) {
                let mut book = met.book.clone();
                book[them.node.index()] = Some(now);
                self.keep(&book)?;
                met.book = book;
            }
        }
        met.latest[them.node.index()] = Some(them.incarnation);
        Ok(())
    }

    fn keep(&self, book: &Book) -> Result<(), Refusal> {
        let Some(folder) = &self.folder else { return Ok(()) };
        folder::replace(folder, FILE, book).map_err(|error| {
            tracing::error!("{}: {FILE} cannot be written: {error}", folder.display());
            Refusal::NotKept
        })
    }
}

/// Forgets what a folder knows of a node, so that it may be born anew.
///
/// # Errors
///
/// The folder is in use, or cannot be used.
pub fn forget(folder: &Path, node: NodeId) -> Result<bool, Failure> {
    let _locked = folder::Folder::lock(folder, "a process", folder::FILE)?;
    let Some(mut book) = folder::read::<Book>(folder, FILE, "acquaintances")? else {
        return Ok(false);
    };
    let known = book.get_mut(node.index()).and_then(Option::take).is_some();
    folder::replace(folder, FILE, &book).map_err(|error| folder::cannot(folder, &error))?;
    Ok(known)
}

/// What is known of a node after it has shown itself.
fn recognize(known: Option<Known>, them: Identity, being: &Being) -> Result<Known, Refusal> {
    let Being { birth, life, previous } = *being;
    let incarnation = them.incarnation;
    let Some(known) = known else { return Ok(Known { birth, incarnation, life }) };
    if known.birth != birth {
        return Err(Refusal::OtherBirth);
    }
    if known.incarnation > incarnation {
        return Err(Refusal::OlderLife { known: known.incarnation });
    }
    let same = known.incarnation == incarnation;
    let next = known.incarnation.next() == incarnation;
    let follows = previous.is_none_or(|previous| previous == known.life);
    if same && known.life != life || next && !follows {
        return Err(Refusal::OtherLife);
    }
    Ok(Known { birth, incarnation, life })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn them(incarnation: u32) -> Identity {
        let node = NodeId::new(1).expect("1 is a node");
        Identity { node, incarnation: Incarnation::new(incarnation).expect("a life") }
    }

    /// What becomes of lives that show themselves one after the other: each is an incarnation, a
    /// birth, a life and the one before.
    fn told(lives: &[(u32, u64, u64, Option<u64>)]) -> Vec<Option<Refusal>> {
        let mut known = None;
        let mut told = Vec::new();
        for &(incarnation, birth, life, previous) in lives {
            let being = Being { birth, life, previous };
            match recognize(known, them(incarnation), &being) {
                Ok(now) => {
                    known = Some(now);
                    told.push(None);
                }
                Err(refusal) => told.push(Some(refusal)),
            }
        }
        told
    }

    #[test]
    fn a_node_that_keeps_its_folder_is_known_in_every_life() {
        let lives = [(1, 7, 1, None), (1, 7, 1, None), (2, 7, 2, Some(1)), (9, 7, 9, Some(8))];
        assert_eq!(told(&lives), [None, None, None, None]);
    }

    #[test]
    fn a_lost_folder_is_another_birth_even_in_the_first_life() {
        let lives = [(1, 7, 1, None), (1, 8, 2, None), (1, 7, 1, None)];
        assert_eq!(told(&lives), [None, Some(Refusal::OtherBirth), None]);
    }

    #[test]
    fn an_older_copy_of_a_folder_counts_as_lost() {
        let known = Incarnation::new(3).expect("a life");
        let lives =
            [(3, 7, 3, Some(2)), (2, 7, 9, Some(1)), (3, 7, 8, Some(9)), (4, 7, 5, Some(8))];
        let older = Some(Refusal::OlderLife { known });
        let other = Some(Refusal::OtherLife);
        assert_eq!(told(&lives), [None, older, other.clone(), other]);
    }
}
