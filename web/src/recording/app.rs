//! The root component of recordings. It owns the recording, the frame loop and the selection.

mod derived;
mod host;
mod page;
mod update;

use std::cell::Cell;
use std::rc::Rc;

use gloo_render::{AnimationFrame, request_animation_frame};
use gloo_timers::callback::Timeout;
use yew::{Component, Context, Html, NodeRef, Properties};

use self::derived::Derived;
use super::address::Address;
use super::deck::Deck;
use super::files::{self, Chosen};
use super::reader::{self, Brought, File, Refusal};
use super::tape::Tape;
use crate::address::Stamps;
use crate::chart::camera::Camera;
use crate::dom;
use crate::face::Faces;
use crate::focus;
use crate::host::link;
use crate::host::report::Reporter;
use crate::keys;
use crate::language::Language;
use crate::library::BROUGHT_SLUG;
use crate::message::{Ask, Dialog, Selection};
use crate::outlook::Mark;
use crate::pointed::Pointed;
use crate::px::Size;
use crate::ring::layout::Layout;
use crate::room;
use crate::routine::Hidden;
use crate::shared::Shared;
use crate::speed::Speed;
use crate::view::dialog::View;
use crate::view::layer::Layers;
use crate::view::log;
use crate::visit;
use crate::words::BAD_RANGE;

/// The most time that passes with a late frame, in microseconds. So a page that becomes visible again
/// continues where it was, and a slow machine plays slowly.
const MAX_FRAME_US: u64 = 100_000;

const FIRST_ZOOM: i8 = -1;

/// How long changes must stop before the address is updated, in milliseconds.
const SETTLE_MS: u32 = 300;

pub enum Message {
    /// A message of the page's controls.
    Asked(Ask),
    /// The user has chosen files.
    Chosen(Chosen),
    /// The files' contents were read, or could not be read. The number is that of the attempt.
    Loaded(u32, Result<Vec<File>, Refusal>, Origin),
    /// Switches whether quiet times are shortened.
    Quiet,
}

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

#[derive(Clone, Default, Properties, PartialEq)]
pub struct Props {
    /// The reason why the page shows nothing else. Then it opens no file by itself.
    pub refusal: Option<Refusal>,
}

pub struct App {
    address: Address,
    /// The open recording. `None` before one was opened.
    deck: Option<Deck>,
    /// The name of the file that is being read.
    reading: Option<String>,
    /// How many times files have begun to be read. Only the latest files are opened and kept: a large file that
    /// was chosen first may be read last.
    reads: Rc<Cell<u32>>,
    refusal: Option<Refusal>,
    /// The origin of the host that handed the recording over. `None` if the user opened it.
    handed: Option<String>,
    /// Reports changes to the host.
    reporter: Reporter,
    /// The number of recordings opened so far.
    tapes: u32,
    /// Whether the recording was playing when its slide was left.
    was_playing: bool,
    /// Whether autoplay is still to begin, when the recording becomes visible.
    autoplays: bool,
    /// The instant at which the page opened it, by the trace's clock. `None` after its slide began or was
    /// left.
    opened_us: Option<u64>,
    marks: Shared<Vec<Mark>>,
    language: Language,
    stamps: Stamps,
    selection: Selection,
    hovered: Option<Pointed>,
    faces: Faces,
    layers: Layers,
    dialog: Option<Dialog>,
    hidden: Hidden,
    log_count: usize,
    camera: Camera,
    derived: Derived,
    ring_size: Size,
    chart_size: Size,
    layout: Layout,
    ring_ref: NodeRef,
    chart_ref: NodeRef,
    /// Whether the sizes of the drawings are being observed.
    watches: bool,
    last_frame_us: Option<u64>,
    /// The recording's instant at the last update of the address, while it plays.
    addressed_us: u64,
    /// Dropping it would cancel the frame.
    frame: Option<AnimationFrame>,
    settling: Option<Timeout>,
}

impl Component for App {
    type Message = Message;
    type Properties = Props;

    fn create(ctx: &Context<Self>) -> Self {
        let address = Address::read();
        let hidden = address.page.hidden;
        let link = ctx.link().clone();
        keys::listen(move |ask| link.send_message(Message::Asked(ask)));
        let link = ctx.link().clone();
        visit::listen(move |ask| link.send_message(Message::Asked(ask)));
        let link = ctx.link().clone();
        visit::when_left(move || link.get_component().map(|app| app.addressed().write()));
        let link = ctx.link().clone();
        focus::listen();
        dom::listen(move |ask| link.send_message(Message::Asked(ask)));
        let link = ctx.link().clone();
        files::listen(move |files| link.send_message(Message::Chosen(files)));
        let link = ctx.link().clone();
        link::listen(move |message| link.send_message(Message::Asked(Ask::Host(message))));
        let mut app = Self {
            language: address.language(),
            stamps: address.page.stamps.unwrap_or_default(),
            address,
            deck: None,
            reading: None,
            reads: Rc::default(),
            refusal: ctx.props().refusal.clone(),
            handed: None,
            reporter: Reporter::default(),
            tapes: 0,
            was_playing: false,
            autoplays: false,
            opened_us: None,
            marks: Shared::default(),
            selection: Selection::Latest,
            hovered: None,
            faces: Faces::default(),
            layers: Layers::default(),
            dialog: None,
            hidden,
            log_count: log::PAGE,
            camera: Camera { zoom: FIRST_ZOOM, left: None },
            derived: Derived::default(),
            ring_size: Size::default(),
            chart_size: Size::default(),
            layout: Layout::new(Size::default(), antes_core::ClusterSize::MAX, false),
            ring_ref: NodeRef::default(),
            chart_ref: NodeRef::default(),
            watches: false,
            last_frame_us: None,
            addressed_us: 0,
            frame: None,
            settling: None,
        };
        app.mark_document();
        if app.refusal.is_none() {
            app.load_first(ctx);
        }
        app
    }

    fn update(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        let redraw = match message {
            Message::Asked(ask) => self.obey(ctx, ask),
            Message::Chosen(files) => self.read(ctx, files),
            Message::Loaded(read, ..) if read != self.reads.get() => false,
            Message::Loaded(_, files, origin) => self.loaded(ctx, files, origin),
            Message::Quiet => self.switch_quiet(),
        };
        if redraw {
            self.derive();
            self.tell_host();
        }
        if self.deck.as_ref().is_some_and(Deck::is_playing) && self.frame.is_none() {
            let link = ctx.link().clone();
            self.frame = Some(request_animation_frame(move |at_ms| {
                let frame = Ask::Frame((at_ms * 1000.0) as u64);
                link.send_message(Message::Asked(frame));
            }));
        }
        redraw
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        self.draw(ctx)
    }

    fn rendered(&mut self, ctx: &Context<Self>, _: bool) {
        if self.dialog.is_some() {
            dom::open_dialog();
        }
        focus::keep();
        if !self.deck.as_ref().is_some_and(Deck::is_playing) {
            focus::settle();
        }
        let seen = self.deck.is_none() && self.reading.is_none();
        if seen {
            room::fit();
        }
        if seen || self.is_seen() {
            dom::mark_root("data-boot", "ready");
            self.tell_host();
        }
        if self.deck.is_some() && self.is_seen() && std::mem::take(&mut self.autoplays) {
            ctx.link().send_message(Message::Asked(Ask::Play));
        }
        if !self.deck.as_ref().is_some_and(Deck::is_playing)
            && let Some(faces) = dom::faces(&self.faces)
        {
            ctx.link().send_message(Message::Asked(Ask::Measured(faces)));
        }
        if self.watches || self.deck.is_none() {
            return;
        }
        self.watches = true;
        let link = ctx.link().clone();
        room::watch(&self.ring_ref, &self.chart_ref, move |ring, chart| {
            link.send_message(Message::Asked(Ask::Resized { ring, chart }));
        });
    }
}

/// An instant as written in an address. Empty for `None`.
fn told_us(at_us: Option<u64>) -> String {
    at_us.map(|at_us| at_us.to_string()).unwrap_or_default()
}

impl App {
    /// Opens the recording in the address, or the one that was open before a reload.
    fn load_first(&mut self, ctx: &Context<Self>) {
        if let Some(name) = self.address.file.clone() {
            let read = self.begin_to_read(name.clone());
            ctx.link().send_future(async move {
                let files = files::fetched(&name).await;
                Message::Loaded(read, files, Origin::Beside(name))
            });
        } else if self.address.was_open() {
            let read = self.begin_to_read(String::new());
            ctx.link().send_future(async move {
                let host = files::host_of_kept().await;
                let files = files::kept_files().await.read().await;
                Message::Loaded(read, files, Origin::Kept(host))
            });
        }
    }

    fn read(&mut self, ctx: &Context<Self>, files: Chosen) -> bool {
        let read = self.begin_to_read(files.names());
        self.refusal = None;
        let latest = Rc::clone(&self.reads);
        ctx.link().send_future(async move {
            let contents = files.read().await;
            if contents.is_ok() && read == latest.get() {
                files.keep().await;
            }
            Message::Loaded(read, contents, Origin::Chosen)
        });
        true
    }

    /// Shows that these files are being read, in place of any earlier ones. Returns the number of the attempt.
    fn begin_to_read(&mut self, names: String) -> u32 {
        self.reading = Some(names);
        self.reads.set(self.reads.get() + 1);
        self.reads.get()
    }

    fn loaded(
        &mut self,
        ctx: &Context<Self>,
        files: Result<Vec<File>, Refusal>,
        origin: Origin,
    ) -> bool {
        self.reading = None;
        let is_gone = matches!((&files, &origin), (Ok(files), Origin::Kept(_)) if files.is_empty());
        if is_gone {
            self.refusal = Some(Refusal::new(crate::words::recorded::GONE, String::new()));
            return true;
        }
        match files.and_then(reader::read) {
            Ok(Brought::Tape(tape)) => self.open(ctx, *tape, &origin),
            Ok(Brought::Scenario(..)) => self.run_scenario(&origin),
            Err(refusal) => self.refusal = Some(refusal),
        }
        true
    }

    /// Loads the page anew with the scenario that was read: a run is another page than a recording.
    fn run_scenario(&mut self, origin: &Origin) {
        let slug = match origin {
            Origin::Chosen | Origin::Kept(_) => BROUGHT_SLUG,
            Origin::Beside(name) => name,
        };
        let mut page = self.address.page.clone();
        (page.scenario, page.at_us, page.events) = (Some(dom::escape(slug)), None, None);
        self.reading = Some(String::new());
        visit::open_instead(&page.write());
    }

    /// Whether the drawings have sizes.
    fn is_seen(&self) -> bool {
        self.ring_size.width.max(self.chart_size.width) > 0.0
    }

    /// Shows a recording at the address's moment. Without one, at the beginning of the address's range, at
    /// the first violation, at the end of a figure or a log, or at the beginning. The range only applies to the
    /// first recording.
    fn open(&mut self, ctx: &Context<Self>, tape: Tape, origin: &Origin) {
        if self.tapes > 0 {
            let settings = &mut self.address.page.settings;
            (settings.from_us, settings.to_us) = (None, None);
        }
        let moment = match origin {
            Origin::Chosen => {
                self.address.file = None;
                None
            }
            // At instant 0, the file may have been dropped onto the other program.
            Origin::Kept(_) => self.address.page.at_us.filter(|&told_us| told_us > 0),
            Origin::Beside(_) => self.address.page.at_us,
        };
        self.handed = match origin {
            Origin::Kept(host) => host.clone(),
            Origin::Chosen | Origin::Beside(_) => None,
        };
        self.tapes += 1;
        if let Some(host) = &self.handed {
            link::speak_only_to(host);
        }
        let settings = &self.address.page.settings;
        let range = settings.range();
        let starts = settings.autoplay || (range.from_us, range.to_us) != (None, None);
        let violation = tape.violations().1.filter(|_| !starts);
        let mut deck = Deck::new(tape);
        deck.set_still(dom::is_still(self.address.page.motion));
        deck.set_speed(settings.speed.unwrap_or(Speed::DEFAULT));
        let about = || [range.from_us, range.to_us].map(told_us).join("–");
        self.refusal = (!deck.set_range(range)).then(|| Refusal::new(BAD_RANGE, about()));
        self.autoplays = settings.autoplay && self.tapes == 1;
        self.selection = Selection::Latest;
        match (moment, violation) {
            (Some(told_us), _) => {
                let at_us = deck.tape().on_tape_us(told_us);
                match self.address.page.events.and_then(|done| usize::try_from(done).ok()) {
                    Some(done) => deck.go_to_and_wait(done, at_us),
                    None => deck.seek(at_us),
                }
                let is_there = match self.address.page.selection {
                    Selection::Latest => true,
                    Selection::Event(seq) => seq < deck.past().len() as u64,
                    Selection::Node(node) => deck.tape().size().contains(node),
                };
                if is_there {
                    self.selection = self.address.page.selection;
                }
            }
            (None, Some(seq)) => {
                deck.go_to_line(seq);
                self.selection = Selection::Event(seq);
            }
            // A figure or a log has been brought to be looked at as a whole.
            (None, None) if deck.tape().given().is_some() && !starts => {
                deck.seek(deck.tape().end_us());
            }
            (None, None) => deck.reset(),
        }
        self.opened_us = Some(deck.tape().told_us(deck.now_us()));
        self.hovered = None;
        self.log_count = log::PAGE;
        self.camera.left = None;
        self.derived = Derived::default();
        self.marks = Shared::new(deck.tape().outlook().marks.clone());
        self.deck = Some(deck);
        self.lay_out();
        self.touch(ctx);
    }

    /// Updates the attributes of the document's root element.
    fn mark_document(&self) {
        dom::mark_root("lang", self.language.tag());
        dom::mark_view(&self.view_settings());
        self.mark_frame();
    }

    fn view_settings(&self) -> View {
        let page = &self.address.page;
        View {
            theme: page.theme,
            type_size: page.type_size,
            motion: page.motion,
            can_fill: dom::can_fill(),
            no_characters: page.settings.no_characters,
        }
    }
}
