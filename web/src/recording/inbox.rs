//! Files on their way from the browser to the page. A message could not carry them: it may be copied.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use yew::html::Scope;

use super::files::{self, Chosen};
use super::reader::{File, Refusal};
use crate::app::App;
use crate::control::Ask;

/// The origin of a recording.
#[derive(Clone, Debug)]
pub enum Origin {
    /// The user has opened a file.
    Chosen,
    /// It was kept in this browser when the page was reloaded. If a host had handed it over, this is the
    /// host's origin.
    Kept(Option<String>),
    /// A file next to the page, with its name.
    Beside(String),
}

/// The contents of files, or why they could not be read.
type Contents = (Result<Vec<File>, Refusal>, Origin);

/// Files that the browser has delivered, until [`Ask::Files`] is handled.
#[derive(Default)]
pub struct Inbox {
    chosen: RefCell<Option<Chosen>>,
    read: RefCell<Option<Contents>>,
    /// How many times files have begun to be read. Only the latest files are opened and kept: a large file that
    /// was chosen first may be read last.
    attempts: Cell<u32>,
}

impl Inbox {
    /// Receives all files that are chosen or dropped, as long as the page exists.
    pub fn listen(link: Scope<App>) -> Rc<Self> {
        let inbox = Rc::<Self>::default();
        let kept = Rc::clone(&inbox);
        files::listen(move |files| {
            kept.chosen.replace(Some(files));
            link.send_message(Ask::Files);
        });
        inbox
    }

    /// Reads files in place of any earlier ones.
    pub fn read(
        self: &Rc<Self>,
        link: Scope<App>,
        reading: impl Future<Output = Contents> + 'static,
    ) {
        let attempt = self.attempts.get() + 1;
        self.attempts.set(attempt);
        let inbox = Rc::clone(self);
        yew::platform::spawn_local(async move {
            let read = reading.await;
            if attempt == inbox.attempts.get() {
                inbox.read.replace(Some(read));
                link.send_message(Ask::Files);
            }
        });
    }

    /// Reads files of the user, and keeps them for a reload unless others are chosen meanwhile.
    pub fn read_chosen(self: &Rc<Self>, link: Scope<App>, files: Chosen) {
        let (inbox, attempt) = (Rc::clone(self), self.attempts.get() + 1);
        self.read(link, async move {
            let contents = files.read().await;
            if contents.is_ok() && attempt == inbox.attempts.get() {
                files.keep().await;
            }
            (contents, Origin::Chosen)
        });
    }

    /// The files that were chosen since the last call.
    pub fn take_chosen(&self) -> Option<Chosen> {
        self.chosen.take()
    }

    /// The contents that were read since the last call.
    pub fn take_read(&self) -> Option<Contents> {
        self.read.take()
    }
}
