//! The page's root component. It owns the simulation, the frame loop, the selection, the open panels and the
//! settings.

mod derived;
mod host;
mod opening;
mod page;
mod past;
mod update;

use self::derived::Derived;
use self::opening::{Opened, find, open, size_of, varied};
pub use self::opening::{concerns, first_asked_for, language_asked_for, player_at, scenario_at};
use self::past::Past;
use antes_core::Profile;
use gloo_render::{AnimationFrame, request_animation_frame};
use gloo_timers::callback::Timeout;
use yew::{Component, Context, Html, NodeRef, Properties};

use crate::address::{Address, Stamps, Trouble};
use crate::chart::camera::{self, Camera, FIRST_ZOOM};
use crate::dom;
use crate::face::Faces;
use crate::focus;
use crate::host::link;
use crate::host::report::Reporter;
use crate::host::settings::Settings;
use crate::keys;
use crate::language::Language;
use crate::library::{self, Entry, Shelf};
use crate::message::{Ask, Dialog, Selection, Target};
use crate::outlook::Mark;
use crate::player::Player;
use crate::pointed::Pointed;
use crate::px::Size;
use crate::ring::layout::Layout;
use crate::room;
use crate::routine::Hidden;
use crate::shared::Shared;
use crate::view::dialog::View;
use crate::view::layer::Layers;
use crate::view::log;
use crate::visit;

/// The most time that passes with a late frame, in microseconds. So a page that becomes visible again
/// continues where it was, and a slow machine plays slowly.
const MAX_FRAME_US: u64 = 100_000;

/// How long changes must stop before the address is updated, in milliseconds.
const SETTLE_MS: u32 = 300;

/// How long a notice stays, in milliseconds.
const NOTICE_MS: u32 = 9_000;

/// A message about something that was done, shown for a while. It may offer to undo it.
#[derive(Clone, Debug, PartialEq)]
struct Notice {
    text: String,
    offer: Offer,
}

/// The button of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Offer {
    Undo,
    Redo,
}

#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    /// The scenarios that have been fetched.
    pub shelf: Shared<Shelf>,
}

/// A scenario of the library, and how to run it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Choice {
    /// The index in the library.
    place: usize,
    /// `None` for the scenario's own profile.
    profile: Option<Profile>,
    /// `None` for the scenario's own seed.
    seed: Option<u64>,
}

/// How the diagram shows the moment that the page has chosen at its start.
#[derive(Clone, Copy, Debug)]
struct Opening {
    /// The beginning of the events that led to the moment.
    since_us: Option<u64>,
    /// The zoom chosen for the moment.
    zoom: Option<i8>,
}

/// The content that will be shown once a file has been fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Choice(Choice),
    /// The moment in the address at that time.
    Address,
}

pub struct App {
    shelf: Shared<Shelf>,
    /// The scenario that is shown.
    choice: Choice,
    /// The content that will be shown once a file has been fetched.
    wanted: Option<Wanted>,
    player: Player,
    /// The seed for which the scenario's notes are written.
    told_seed: u64,
    past: Past,
    marks: Shared<Vec<Mark>>,
    language: Language,
    /// Whether the texts of the other language are being fetched.
    is_translating: bool,
    /// The language that the user or the address has asked for. Only this one is written into the address.
    asked_language: Option<Language>,
    view: View,
    embed: bool,
    /// The parts of the address that concern embedding.
    settings: Settings,
    /// The index of the scenario to which the address's range belongs.
    ranged: usize,
    /// Reports changes to the host.
    reporter: Reporter,
    /// The number of runs shown before this one.
    runs: u32,
    /// Whether the run was playing when its slide was left.
    was_playing: bool,
    /// Whether its slide has been entered or left.
    slid: bool,
    /// The instant at which the page was opened.
    opened_us: u64,
    /// The stamps that were asked for. `None` means the scenario's choice.
    asked_stamps: Option<Stamps>,
    selection: Selection,
    hovered: Option<Pointed>,
    faces: Faces,
    layers: Layers,
    menu: Option<Target>,
    /// Whether the menu has just been opened, and should take the focus.
    menu_opens: bool,
    dialog: Option<Dialog>,
    copied: Option<bool>,
    /// The text in the search for scenarios.
    query: String,
    notice: Option<Notice>,
    troubles: Vec<Trouble>,
    hidden: Hidden,
    log_count: usize,
    camera: Camera,
    opening: Opening,
    derived: Derived,
    ring_size: Size,
    chart_size: Size,
    layout: Shared<Layout>,
    ring_ref: NodeRef,
    chart_ref: NodeRef,
    last_frame_us: Option<u64>,
    /// The run's instant at the last update of the address, while the run plays.
    addressed_us: u64,
    /// Dropping it would cancel the frame.
    frame: Option<AnimationFrame>,
    settling: Option<Timeout>,
    fading: Option<Timeout>,
    /// Whether the address should be updated: something was done since the page was opened.
    touched: bool,
    /// Whether the first picture has been drawn. The sizes are known only after it.
    is_seen: bool,
}

impl Component for App {
    type Message = Ask;
    type Properties = Props;

    fn create(ctx: &Context<Self>) -> Self {
        let (address, mut troubles) = Address::read(&dom::query());
        let shelf = ctx.props().shelf.clone();
        let (choice, scenario, trouble) = find(&shelf, &address);
        troubles.splice(0..0, trouble);
        let language = language_asked_for();
        let told_seed = scenario.seed;
        let Opened { player, selection, since_us } =
            open(varied(scenario, choice), &address, &mut troubles);
        let opened_us = player.run().now_us();
        let layout = Shared::new(Layout::new(Size::default(), size_of(&player), false));
        let link = ctx.link().clone();
        keys::listen(move |ask| link.send_message(ask));
        let link = ctx.link().clone();
        visit::listen(move |ask| link.send_message(ask));
        let link = ctx.link().clone();
        visit::when_left(move || {
            link.get_component().filter(|app| app.touched).map(|app| app.address().write())
        });
        let link = ctx.link().clone();
        focus::listen();
        dom::listen(move |ask| link.send_message(ask));
        let link = ctx.link().clone();
        link::listen(move |message| link.send_message(Ask::Host(message)));
        let mut app = Self {
            shelf,
            choice,
            wanted: None,
            marks: Shared::new(player.outlook().marks.clone()),
            player,
            told_seed,
            past: Past::default(),
            language,
            is_translating: false,
            asked_language: address.language,
            view: View {
                theme: address.theme,
                type_size: address.type_size,
                motion: address.motion,
                can_fill: dom::can_fill(),
                no_characters: address.settings.no_characters,
            },
            embed: address.embed,
            settings: address.settings,
            ranged: choice.place,
            reporter: Reporter::default(),
            runs: 0,
            was_playing: false,
            slid: false,
            opened_us,
            asked_stamps: address.stamps,
            selection,
            hovered: None,
            faces: Faces::default(),
            layers: Layers::default(),
            menu: None,
            menu_opens: false,
            dialog: None,
            copied: None,
            query: String::new(),
            notice: None,
            troubles,
            hidden: address.hidden,
            log_count: log::PAGE,
            camera: Camera { zoom: address.zoom.map_or(FIRST_ZOOM, camera::possible), left: None },
            derived: Derived::default(),
            opening: Opening { since_us: since_us.filter(|_| address.zoom.is_none()), zoom: None },
            ring_size: Size::default(),
            chart_size: Size::default(),
            layout,
            ring_ref: NodeRef::default(),
            chart_ref: NodeRef::default(),
            last_frame_us: None,
            addressed_us: 0,
            frame: None,
            settling: None,
            fading: None,
            touched: address.scenario.is_some(),
            is_seen: false,
        };
        app.mark_document();
        app.derive();
        app.tell_keys();
        app
    }

    fn update(&mut self, ctx: &Context<Self>, ask: Ask) -> bool {
        let redraw = self.obey(ctx, ask);
        if redraw {
            self.derive();
            self.tell_host();
        }
        if self.player.is_playing() && self.frame.is_none() {
            let link = ctx.link().clone();
            self.frame = Some(request_animation_frame(move |at_ms| {
                link.send_message(Ask::Frame((at_ms * 1000.0) as u64));
            }));
        }
        redraw
    }

    fn view(&self, _: &Context<Self>) -> Html {
        self.draw()
    }

    fn rendered(&mut self, ctx: &Context<Self>, first_render: bool) {
        if self.dialog.is_some() {
            dom::open_dialog();
        }
        if let Some(corner) = self.menu_corner() {
            dom::place_menu(corner, self.menu_opens);
            self.menu_opens = false;
        }
        if !self.is_seen && self.ring_size.width.max(self.chart_size.width) > 0.0 {
            self.is_seen = true;
            dom::mark_root("data-boot", "ready");
            self.tell_host();
            if self.settings.autoplay {
                ctx.link().send_message(Ask::Play);
            }
        }
        if !self.player.is_playing()
            && let Some(faces) = dom::faces(&self.faces)
        {
            ctx.link().send_message(Ask::Measured(faces));
        }
        focus::keep();
        if !self.player.is_playing() {
            focus::settle();
        }
        if !first_render {
            return;
        }
        let link = ctx.link().clone();
        room::watch(&self.ring_ref, &self.chart_ref, move |ring, chart| {
            link.send_message(Ask::Resized { ring, chart });
        });
    }
}

impl App {
    fn entry(&self) -> &'static Entry {
        library::entry(self.choice.place)
    }

    fn stamps(&self) -> Stamps {
        self.asked_stamps.unwrap_or(self.player.run().scenario().stamps)
    }

    /// Updates the attributes of the document's root element.
    fn mark_document(&self) {
        dom::mark_root("lang", self.language.tag());
        dom::mark_view(&self.view);
        self.mark_frame();
    }

    /// The address of the current moment.
    fn address(&self) -> Address {
        let run = self.player.run();
        // If only some events of this instant have happened, the address needs their number.
        let torn = run.next_event_us() == Some(run.now_us());
        Address {
            scenario: Some(self.entry().slug.to_owned()),
            profile: self.choice.profile,
            seed: self.choice.seed,
            at_us: Some(run.now_us()),
            events: torn.then(|| run.done()),
            acts: run.interventions().cloned().collect(),
            embed: self.embed,
            language: self.asked_language,
            theme: self.view.theme,
            type_size: self.view.type_size,
            motion: self.view.motion,
            stamps: self.asked_stamps.filter(|&asked| asked != run.scenario().stamps),
            settings: self.settings_now(),
            selection: self.selection,
            zoom: Some(self.camera.zoom).filter(|&zoom| zoom != FIRST_ZOOM),
            hidden: self.hidden,
        }
    }
}
