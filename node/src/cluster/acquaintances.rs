//! The peers that this process has met: the birth and the latest life of each node.
//! A node that is new here, or in a later life, is written down before it is let in. So a peer that met the
//! first process detects a second one with the same number, and a node that lost its disk.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use antes_core::hardened;
use antes_core::{Identity, Incarnation, MAX_NODES, NodeId};
use serde::{Deserialize, Serialize};

use super::folder::{self, Folder};
use super::link::{Ancestry, Being, Hello, Party, RecordsIntroductions, Refusal, Seen};
use super::lives::{Introduced, Known, Life, recognize};
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
    /// The owner's own lives. `None` for the resource, and if an older version wrote the file.
    #[serde(default)]
    introduced: Option<Introduced>,
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
        Self { owner: None, met: Vec::new(), forgotten: Vec::new(), introduced: None }.of_all()
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

/// The current life of an owner, and the one before if there was one with a number.
#[derive(Clone, Copy, Debug)]
pub struct Lives {
    pub this: Life,
    pub before: Option<Life>,
}

/// The peers that this process has met.
#[derive(Debug)]
pub struct Acquaintances {
    /// The folder of the file. `None` if nothing is kept.
    folder: Option<PathBuf>,
    /// This life of the owner. `None` if its lives are not kept.
    this: Option<Life>,
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
        Self { folder: None, this: None, met }
    }

    /// Acquaintances in a folder that belongs to the owner. Writes the file. `lives` are those of a node whose
    /// safety depends on its memory. `least` is the latest life that is known to have written the file, or
    /// `None` if it may be missing.
    ///
    /// # Errors
    ///
    /// The file cannot be read, belongs to another process, or is older than `least`.
    pub fn open(
        folder: &Path,
        owner: Owner,
        lives: Option<Lives>,
        least: Option<Incarnation>,
    ) -> Result<Self, Failure> {
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
        let mut book = Book { owner: Some(owner), ..found.clone().unwrap_or_else(Book::empty) };
        if let Some(Lives { this, before }) = lives {
            book.introduced.get_or_insert_with(|| Introduced::taken_over(this, before));
        }
        if found.as_ref() != Some(&book) {
            folder::replace(folder, FILE, &book).map_err(|error| folder::cannot(folder, &error))?;
        }
        let met = Mutex::new(Met { book, latest: [None; MAX_NODES as usize] });
        let this = lives.map(|lives| lives.this);
        Ok(Self { folder: Some(folder.to_owned()), this, met })
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

    /// The earlier lives of the owner that others may have met.
    pub fn ancestry(&self) -> Ancestry {
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let introduced = self.this.zip(met.book.introduced.as_ref());
        introduced.map(|(this, introduced)| introduced.ancestry(this)).unwrap_or_default()
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
        let now = recognize(known, them, being, &hello.ancestry)?;
        if known != Some(now) {
            let mut book = met.book.clone();
            book.met[them.node.index()] = Some(now);
            self.keep(&book).map_err(|_| Refusal::NotKept)?;
            met.book = book;
        }
        Ok(())
    }

    fn keep(&self, book: &Book) -> io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        folder::replace(folder, FILE, book).map_err(|error| {
            tracing::error!("{}: {FILE} cannot be written: {error}", folder.display());
            io::Error::new(error.kind(), format!("{FILE} cannot be written: {error}"))
        })
    }
}

impl RecordsIntroductions for Acquaintances {
    fn record_introduction(&self) -> io::Result<()> {
        let Some(this) = self.this else { return Ok(()) };
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let mut introduced = met.book.introduced.clone();
        if introduced.as_mut().is_some_and(|introduced| introduced.add(this)) {
            let book = Book { introduced, ..met.book.clone() };
            self.keep(&book)?;
            met.book = book;
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn them(incarnation: u32) -> Identity {
        let node = NodeId::new(1).expect("1 is a node");
        Identity { node, incarnation: Incarnation::new(incarnation).expect("a life") }
    }

    #[test]
    fn a_file_names_its_owner_and_one_of_somebody_else_is_refused() {
        let folder = std::env::temp_dir().join(format!("antes-owners-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let being = |birth| Being { birth, life: 1 };
        let owner = |node, birth, incarnation| {
            let node = NodeId::new(node).expect("a node");
            Owner::node(Identity { node, ..them(incarnation) }, &being(birth))
        };
        let opened = |owner, least| {
            let opened = Acquaintances::open(&folder, owner, None, Incarnation::new(least));
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
}
