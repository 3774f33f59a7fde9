//! The peers that this process has met: the birth and the latest life of each node.
//! A node that is new here, or in a later life, is written down before it is let in. So a peer that met the
//! first process detects a second one with the same number, and a node that lost its disk.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use antes_core::hardened;
use antes_core::{Identity, Incarnation, MAX_NODES, NodeId};
use serde::{Deserialize, Serialize};

use super::folder::{self, Folder};
use super::link::{Being, Hello, Party, Refusal, Seen};
use crate::Failure;

const FILE: &str = "peers.json";

/// The content of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    /// The owner of the file. `None` if an older version wrote it, which did not name the owner.
    owner: Option<Owner>,
    /// Indexed by node. `None`: the node was never met.
    met: Vec<Option<Known>>,
    /// Indexed by node: the latest life with a memory that was forgotten on order. `None`: no memory was.
    forgotten: Vec<Option<Incarnation>>,
}

/// A file of this or an older version.
#[derive(Deserialize)]
#[serde(untagged)]
enum Found {
    Book(Book),
    /// Older versions wrote only this part.
    Met(Vec<Option<Known>>),
}

impl Book {
    /// The content of the file in a folder. `None` if there is no file.
    fn read(folder: &Path) -> Result<Option<Self>, Failure> {
        let found = folder::read::<Found>(folder, FILE, "acquaintances")?;
        Ok(found.map(|found| match found {
            Found::Book(book) => book.of_all(),
            Found::Met(met) => Self { met, ..Self::empty() }.of_all(),
        }))
    }

    fn empty() -> Self {
        Self { owner: None, met: Vec::new(), forgotten: Vec::new() }.of_all()
    }

    /// The same content, with an entry for every node.
    fn of_all(mut self) -> Self {
        self.met.resize(usize::from(MAX_NODES), None);
        self.forgotten.resize(usize::from(MAX_NODES), None);
        self
    }
}

/// The process that owns a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// `None`: the owner is the resource.
    pub node: Option<NodeId>,
    /// The random number drawn when the node's memory began. `None`: safety does not depend on its memory.
    pub birth: Option<u64>,
    /// The life that wrote the file when it started.
    pub incarnation: Incarnation,
}

impl Owner {
    /// The resource. Its lives are not counted.
    pub const RESOURCE: Self = Self { node: None, birth: None, incarnation: Incarnation::FIRST };

    /// The owner of the file of this life of a node.
    pub const fn node(me: Identity, being: &Being) -> Self {
        let Identity { node, incarnation } = me;
        Self { node: Some(node), birth: Some(being.birth), incarnation }
    }

    /// Whether `found`, as the owner in the file, is an earlier life of this process. `least` is the latest
    /// life that is known to have written the file.
    fn accepts(self, found: Self, least: Option<Incarnation>) -> Result<(), String> {
        let name = |owner: Self| match owner.node {
            Some(node) => format!("node {node}"),
            None => "the resource".to_owned(),
        };
        if found.node != self.node {
            return Err(format!("is of {}; expected that of {}", name(found), name(self)));
        }
        let lost = format!(
            "what {} had in this folder is lost (docs/cluster.md, \"A disk that is replaced\")",
            name(self)
        );
        if found.birth != self.birth {
            return Err(format!("is of another memory than state.json: {lost}"));
        }
        if least.is_some_and(|least| found.incarnation < least) {
            return Err(format!("is an older copy: {lost}"));
        }
        Ok(())
    }
}

/// What this process knows of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    birth: u64,
    /// The latest life that it has met.
    incarnation: Incarnation,
    /// The random number of that life.
    life: u64,
}

/// The peers that this process has met.
#[derive(Debug)]
pub struct Acquaintances {
    /// The folder of the file. `None` if nothing is kept.
    folder: Option<PathBuf>,
    met: Mutex<Met>,
}

#[derive(Debug)]
struct Met {
    book: Book,
    /// The latest life met of each node without a memory.
    latest: [Option<Incarnation>; MAX_NODES as usize],
}

impl Acquaintances {
    /// Acquaintances that are not kept, for a process whose safety does not depend on them.
    pub fn unkept() -> Self {
        let met = Mutex::new(Met { book: Book::empty(), latest: [None; MAX_NODES as usize] });
        Self { folder: None, met }
    }

    /// Acquaintances in a folder that belongs to the owner. Writes the file. `least` is the latest life that
    /// is known to have written it, or `None` if it may be missing.
    ///
    /// # Errors
    ///
    /// The file cannot be read, belongs to another process, or is older than `least`.
    pub fn open(folder: &Path, owner: Owner, least: Option<Incarnation>) -> Result<Self, Failure> {
        let unfit = |problem: String| {
            Failure::BadInput(format!("{} {problem}", folder.join(FILE).display()))
        };
        let found = Book::read(folder)?;
        match (&found, least) {
            (Some(Book { owner: Some(found), .. }), _) => {
                owner.accepts(*found, least).map_err(unfit)?;
            }
            (Some(_), _) | (None, None) => {}
            (None, Some(_)) => {
                return Err(unfit(
                    "is missing: whom this node has met is lost, and so is its memory \
                     (docs/cluster.md, \"A disk that is replaced\")"
                        .into(),
                ));
            }
        }
        let book = Book { owner: Some(owner), ..found.clone().unwrap_or_else(Book::empty) };
        if found.as_ref() != Some(&book) {
            folder::replace(folder, FILE, &book).map_err(|error| folder::cannot(folder, &error))?;
        }
        let met = Mutex::new(Met { book, latest: [None; MAX_NODES as usize] });
        Ok(Self { folder: Some(folder.to_owned()), met })
    }

    /// Whether a later life of the owner than this one has written the file in a folder.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn are_of_a_later_life(folder: &Path, owner: Owner) -> Result<bool, Failure> {
        let found = Book::read(folder)?.and_then(|book| book.owner);
        Ok(found.is_some_and(|found| {
            (found.node, found.birth) == (owner.node, owner.birth)
                && found.incarnation >= owner.incarnation
        }))
    }

    /// What the process tells others about memories that it was told to forget.
    pub fn seen(&self) -> Seen {
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let mut seen = Seen::default();
        for (seen, &forgotten) in seen.forgotten.iter_mut().zip(&met.book.forgotten) {
            *seen = forgotten;
        }
        seen
    }

    /// The births that are written down.
    pub fn births(&self) -> hardened::Acquaintances {
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let mut births = hardened::Acquaintances::nobody();
        for (known, node) in met.book.met.iter().zip(1..) {
            if let (Some(known), Some(node)) = (known, NodeId::new(node)) {
                births.meet(node, hardened::Birth(known.birth));
            }
        }
        births
    }

    /// Checks a process that has introduced itself, and writes it down if it is let in.
    ///
    /// # Errors
    ///
    /// The process is not the one that was met before.
    pub fn meet(&self, hello: &Hello) -> Result<(), Refusal> {
        let Party::Node(them) = hello.party else { return Ok(()) };
        // No code panics while it holds the lock.
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(being) = &hello.being else {
            let latest = met.latest[them.node.index()];
            if let Some(known) = latest.filter(|&known| known > them.incarnation) {
                return Err(Refusal::OlderLife { known });
            }
            met.latest[them.node.index()] = Some(them.incarnation);
            return Ok(());
        };
        let known = met.book.met[them.node.index()];
        let now = recognize(known, them, being)?;
        if known != Some(now) {
            let mut book = met.book.clone();
            book.met[them.node.index()] = Some(now);
            self.keep(&book)?;
            met.book = book;
        }
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

/// Deletes the entry of a node, so that the node may start with a new disk. Its next life is later than all
/// that were met.
///
/// # Errors
///
/// The folder is in use, or cannot be read or written.
pub fn forget(folder: &Path, node: NodeId) -> Result<bool, Failure> {
    let _locked = Folder::lock(folder, "a process", folder::FILE)?;
    let Some(mut book) = Book::read(folder)? else { return Ok(false) };
    let Some(known) = book.met[node.index()].take() else { return Ok(false) };
    let forgotten = &mut book.forgotten[node.index()];
    *forgotten = (*forgotten).max(Some(known.incarnation));
    folder::replace(folder, FILE, &book).map_err(|error| folder::cannot(folder, &error))?;
    Ok(true)
}

/// The entry of a node after it has introduced itself.
fn recognize(known: Option<Known>, them: Identity, being: &Being) -> Result<Known, Refusal> {
    let Being { birth, life, previous } = *being;
    let incarnation = them.incarnation;
    let Some(known) = known else { return Ok(Known { birth, incarnation, life }) };
    if known.birth != birth {
        return Err(Refusal::OtherBirth);
    }
    if known.life == life {
        // It is the same process, which has meanwhile learned the number of its life.
        return Ok(Known { incarnation: incarnation.max(known.incarnation), ..known });
    }
    if known.incarnation > incarnation {
        return Err(Refusal::OlderLife { known: known.incarnation });
    }
    let same = known.incarnation == incarnation;
    let next = known.incarnation.next() == incarnation;
    let follows = previous.is_none_or(|previous| previous == known.life);
    if same || next && !follows {
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

    /// The answers to lives that introduce themselves one after the other. Each has an incarnation, a birth,
    /// a number of its life, and that of the life before.
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
    fn a_process_that_learns_which_life_is_its_own_is_the_same_one() {
        let lives = [(1, 7, 1, None), (5, 7, 1, None), (1, 7, 1, None), (6, 7, 2, Some(1))];
        assert_eq!(told(&lives), [None, None, None, None]);
        let lives = [(5, 7, 1, None), (1, 7, 1, None), (5, 7, 2, None)];
        assert_eq!(told(&lives), [None, None, Some(Refusal::OtherLife)]);
    }

    #[test]
    fn a_file_names_its_owner_and_one_of_somebody_else_is_refused() {
        let folder = std::env::temp_dir().join(format!("antes-owners-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let being = |birth| Being { birth, life: 1, previous: None };
        let owner = |node, birth, incarnation| {
            let node = NodeId::new(node).expect("a node");
            Owner::node(Identity { node, ..them(incarnation) }, &being(birth))
        };
        let opened = |owner, least| {
            let opened = Acquaintances::open(&folder, owner, Incarnation::new(least));
            opened.err().map(|failure| match failure {
                Failure::BadInput(told) => told,
                _ => panic!("another failure"),
            })
        };
        let refused = |owner, least, with: &str| {
            let told = opened(owner, least).expect("it is refused");
            assert!(told.contains("peers.json") && told.contains(with), "{told}");
        };
        refused(owner(1, 7, 2), 1, "is missing");
        assert_eq!(opened(owner(1, 7, 1), 0), None);
        assert_eq!(opened(owner(1, 7, 2), 1), None);
        refused(owner(2, 7, 3), 2, "is of node 1; expected that of node 2");
        refused(Owner::RESOURCE, 0, "is of node 1; expected that of the resource");
        refused(owner(1, 8, 1), 0, "is of another memory than state.json");
        refused(owner(1, 7, 4), 3, "is an older copy");
        // A file of an older version, without an owner, is taken over.
        let before = serde_json::json!([{"birth": 9, "incarnation": 4, "life": 1}]);
        folder::replace(&folder, FILE, &before).expect("it is written");
        assert_eq!(opened(owner(2, 7, 3), 2), None);
        refused(owner(1, 7, 3), 2, "is of node 2; expected that of node 1");
        std::fs::remove_dir_all(folder).expect("it is removed");
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
