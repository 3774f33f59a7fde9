//! The page's one component. It owns what is shown (a run, a recording, or two runs side by side), the frame
//! loop, the selection, the open panels and the settings.

mod draw;
mod host;
mod menu;
mod panels;
mod picture;
mod scroll;
pub mod side;
pub mod subject;
mod update;

use gloo_render::{AnimationFrame, request_animation_frame};
use gloo_timers::callback::Timeout;
use yew::html::Scope;
use yew::{Callback, Component, Context, Html, NodeRef, Properties};

use self::panels::Panels;
pub use self::picture::Picture;
pub use self::subject::{Effect, Subject};
use crate::address::{Address, Stamps, Trouble};
use crate::chart::camera::{self, Camera, FIRST_ZOOM};
use crate::control::{Ask, Control};
use crate::dom;
use crate::face::Faces;
use crate::focus;
use crate::host::link;
use crate::host::report::Reporter;
use crate::host::settings::Settings;
use crate::keys;
use crate::language::Language;
use crate::message::{Dialog, Selection, Target, Time};
use crate::pointed::Pointed;
use crate::px::Size;
use crate::room;
use crate::routine::Hidden;
use crate::speed::Speed;
use crate::timeline::Timeline;
use crate::view::dialog::View;
use crate::view::log;
use crate::visit;
use crate::words::{self as w, Word};

/// How long a notice stays, in milliseconds.
const NOTICE_MS: u32 = 9_000;

/// A message about something that was done, shown for a while. It may offer to undo it.
#[derive(Clone, Debug)]
pub struct Notice {
    pub text: String,
    pub offer: Option<&'static Control>,
}

/// How the diagram shows the moment that the page has chosen at its start.
#[derive(Clone, Copy, Debug, Default)]
pub struct Opening {
    /// The beginning of the events that led to the moment.
    pub since_us: Option<u64>,
    /// The zoom chosen for the moment.
    pub zoom: Option<i8>,
}

/// The state of the page that does not depend on what it shows.
pub struct Page {
    /// Sends requests to the page.
    pub link: Scope<App>,
    pub language: Language,
    /// The language that the user or the address has asked for. Only this one is written into the address.
    pub asked_language: Option<Language>,
    /// Whether something is being fetched.
    pub is_fetching: bool,
    pub view: View,
    pub embed: bool,
    /// The parts of the address that concern embedding.
    pub settings: Settings,
    /// The stamps that were asked for. `None` means the scenario's choice.
    pub asked_stamps: Option<Stamps>,
    /// The stamps that are shown.
    pub stamps: Stamps,
    /// The side of the selection, the menu and the pointer.
    pub side: usize,
    pub selection: Selection,
    pub hovered: Option<Pointed>,
    pub menu: Option<Target>,
    /// Whether the menu has just been opened, and should take the focus.
    pub menu_opens: bool,
    pub dialog: Option<Dialog>,
    pub copied: Option<bool>,
    /// The text in the search for scenarios.
    pub query: String,
    pub notice: Option<Notice>,
    fading: Option<Timeout>,
    pub troubles: Vec<Trouble>,
    pub hidden: Hidden,
    pub log_count: usize,
    pub camera: Camera,
    pub opening: Opening,
    pub faces: Faces,
    /// The sizes of the ring and of the diagram.
    pub sizes: [Size; 2],
    /// The elements of the ring and of the diagram, of each side.
    pub surfaces: [[NodeRef; 2]; 2],
    /// The number of runs or recordings shown before this one.
    pub runs: u32,
    /// Whether the run was playing when its slide was left.
    pub was_playing: bool,
    /// Whether its slide has been entered or left.
    pub slid: bool,
    /// The instant at which the page was opened.
    pub opened_us: u64,
    /// Whether playing is to begin as soon as the first picture is seen.
    pub autoplays: bool,
    /// Whether the address should be updated: something was done since the page was opened.
    pub touched: bool,
    /// Whether the first picture has been drawn. The sizes are known only after it.
    pub is_seen: bool,
}

impl Page {
    /// The page with the settings of this address.
    pub fn new(link: Scope<App>, address: &Address, language: Language) -> Self {
        Self {
            link,
            language,
            asked_language: address.language,
            is_fetching: false,
            view: View {
                theme: address.theme,
                type_size: address.type_size,
                motion: address.motion,
                can_fill: dom::can_fill(),
                no_characters: address.settings.no_characters,
            },
            embed: address.embed,
            settings: address.settings.clone(),
            asked_stamps: address.stamps,
            stamps: Stamps::default(),
            side: 0,
            selection: Selection::Latest,
            hovered: None,
            menu: None,
            menu_opens: false,
            dialog: None,
            copied: None,
            query: String::new(),
            notice: None,
            fading: None,
            troubles: Vec::new(),
            hidden: address.hidden,
            log_count: log::PAGE,
            camera: Camera { zoom: address.zoom.map_or(FIRST_ZOOM, camera::possible), left: None },
            opening: Opening::default(),
            faces: Faces::default(),
            sizes: [Size::default(); 2],
            surfaces: Default::default(),
            runs: 0,
            was_playing: false,
            slid: false,
            opened_us: 0,
            autoplays: address.settings.autoplay,
            touched: false,
            is_seen: false,
        }
    }

    /// The parts of the address that do not depend on what is shown.
    pub fn address(&self, speed: Speed, own_stamps: Stamps) -> Address {
        let asked = &self.settings;
        let speed = Some(speed).filter(|&speed| asked.speed.is_some() || speed != Speed::DEFAULT);
        Address {
            embed: self.embed,
            language: self.asked_language,
            theme: self.view.theme,
            type_size: self.view.type_size,
            motion: self.view.motion,
            stamps: self.asked_stamps.filter(|&asked| asked != own_stamps),
            settings: Settings { speed, note: None, ..asked.clone() },
            selection: self.selection,
            zoom: Some(self.camera.zoom).filter(|&zoom| zoom != FIRST_ZOOM),
            hidden: self.hidden,
            ..Address::default()
        }
    }

    /// The line of the selected event of a side.
    pub fn selected(&self, side: usize) -> Option<u64> {
        match self.selection {
            Selection::Event(seq) if self.side == side => Some(seq),
            Selection::Event(_) | Selection::Latest | Selection::Node(_) => None,
        }
    }

    /// Deselects, closes the menu, and lets the diagram follow time.
    pub fn look_at_present(&mut self) {
        self.menu = None;
        self.camera.left = None;
        self.selection = Selection::Latest;
    }

    /// Shows a notice for a while.
    pub fn notify(&mut self, text: String, offer: Option<&'static Control>) {
        self.notice = Some(Notice { text, offer });
        let link = self.link.clone();
        self.fading = Some(Timeout::new(NOTICE_MS, move || link.send_message(Ask::Faded)));
    }

    /// The sentence about invalid parts of the address. `None` if there are none.
    pub fn told_troubles(&self) -> Option<String> {
        /// How many invalid parts of an address are shown one by one.
        const MOST: usize = 3;
        let told = |(word, part): &Trouble| word.fill(self.language, &[part]);
        let mut parts: Vec<_> = self.troubles.iter().take(MOST).map(told).collect();
        if let Some(more @ 1..) = self.troubles.len().checked_sub(MOST) {
            parts.push(w::MORE_TROUBLES.fill(self.language, &[&more]));
        }
        (!parts.is_empty()).then(|| w::BAD_ADDRESS.fill(self.language, &[&parts.join("; ")]))
    }

    pub fn say(&self, word: Word) -> &'static str {
        word.say(self.language)
    }

    /// Updates the attributes of the document's root element.
    pub fn mark_document(&self) {
        dom::mark_root("lang", self.language.tag());
        dom::mark_view(&self.view);
        self.settings.mark(self.embed);
    }
}

/// The first content of the page, and its settings. The subject is made when the page is.
#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    pub open: Callback<Scope<App>, (Page, Box<dyn Subject>)>,
}

pub struct App {
    page: Page,
    subject: Box<dyn Subject>,
    pictures: [Picture; 2],
    panels: Panels,
    /// Report changes of each side to the host.
    reporters: [Reporter; 2],
    /// Whether the sizes of the drawings are being observed.
    watches: bool,
    last_frame_us: Option<u64>,
    /// The instant of the last update of the address, while time passes.
    addressed_us: u64,
    /// Dropping it would cancel the frame.
    frame: Option<AnimationFrame>,
    settling: Option<Timeout>,
}

impl Component for App {
    type Message = Ask;
    type Properties = Props;

    fn create(ctx: &Context<Self>) -> Self {
        listen(ctx);
        let (page, subject) = ctx.props().open.emit(ctx.link().clone());
        let mut app = Self {
            page,
            subject,
            pictures: Default::default(),
            panels: Panels::default(),
            reporters: Default::default(),
            watches: false,
            last_frame_us: None,
            addressed_us: 0,
            frame: None,
            settling: None,
        };
        if let Some(timeline) = app.subject.timeline_mut() {
            timeline.set_still(dom::is_still(app.page.view.motion));
        }
        app.page.mark_document();
        app.derive();
        app.tell_keys();
        app
    }

    fn update(&mut self, ctx: &Context<Self>, ask: Ask) -> bool {
        let effect = self.obey(ask);
        if effect == Effect::Moment {
            self.touch();
        }
        if effect != Effect::Nothing {
            self.derive();
            self.tell_host();
        }
        if self.is_playing() && self.frame.is_none() {
            let link = ctx.link().clone();
            self.frame = Some(request_animation_frame(move |at_ms| {
                link.send_message(Ask::Frame((at_ms * 1000.0) as u64));
            }));
        }
        effect != Effect::Nothing
    }

    fn view(&self, _: &Context<Self>) -> Html {
        self.draw()
    }

    fn rendered(&mut self, ctx: &Context<Self>, _: bool) {
        if self.page.dialog.is_some() {
            dom::open_dialog();
        }
        if let Some(corner) = self.menu_corner() {
            dom::place_menu(corner, self.page.menu_opens);
            self.page.menu_opens = false;
        }
        self.look_if_seen(ctx);
        if !self.is_playing()
            && let Some(faces) = dom::faces(&self.page.faces)
        {
            ctx.link().send_message(Ask::Measured(faces));
        }
        focus::keep();
        if !self.is_playing() {
            focus::settle();
        }
        if !self.watches && self.subject.timeline().is_some() {
            self.watches = true;
            let [ring, chart] = &self.page.surfaces[0];
            let link = ctx.link().clone();
            room::watch(ring, chart, move |ring, chart| {
                link.send_message(Ask::Resized { ring, chart });
            });
        }
    }
}

impl App {
    fn is_playing(&self) -> bool {
        self.subject.timeline().is_some_and(<dyn Timeline>::is_playing)
    }

    /// Notes when the first picture has been drawn, and then begins to play if the address asks for it.
    fn look_if_seen(&mut self, ctx: &Context<Self>) {
        let is_empty = self.subject.timeline().is_none();
        let is_drawn = match is_empty {
            true => !self.subject.is_loading(),
            false => self.page.sizes.iter().any(|size| size.width > 0.0),
        };
        if is_empty && is_drawn {
            room::fit();
        }
        if is_drawn && !self.page.is_seen {
            self.page.is_seen = true;
            dom::mark_root("data-boot", "ready");
            self.tell_host();
        }
        if is_drawn && !is_empty && std::mem::take(&mut self.page.autoplays) {
            ctx.link().send_message(Ask::Time(Time::Play));
        }
    }

    /// Updates everything whose inputs have changed.
    fn derive(&mut self) {
        self.page.stamps = self.page.asked_stamps.unwrap_or(self.subject.own_stamps());
        let Some(timeline) = self.subject.timeline_mut() else { return };
        timeline.watch();
        self.subject.derive(&self.page);
        let Some(timeline) = self.subject.timeline() else { return };
        for side in 0..timeline.sides() {
            let given = subject::given(&*self.subject, &self.page, timeline, side);
            self.pictures[side].derive(&given);
        }
        self.panels.derive(&self.page, timeline);
    }
}

fn listen(ctx: &Context<App>) {
    let asked = || {
        let link = ctx.link().clone();
        move |ask| link.send_message(ask)
    };
    keys::listen(asked());
    visit::listen(asked());
    let link = ctx.link().clone();
    visit::when_left(move || {
        link.get_component().filter(|app| app.page.touched).map(|app| app.subject.query(&app.page))
    });
    focus::listen();
    dom::listen(asked());
    let asked = asked();
    link::listen(move |message| asked(Ask::Host(message)));
}
