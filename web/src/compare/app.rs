//! The component of a comparison. It owns both runs, the frame loop, the selection and the settings.

mod host;
mod page;
mod update;

use antes_core::NodeSet;
use antes_sim::compare::Comparison;
use antes_sim::scenario::Step;
use antes_sim::trace::TraceEvent;
use gloo_render::{AnimationFrame, request_animation_frame};
use gloo_timers::callback::Timeout;
use yew::{Component, Context, Html, NodeRef, Properties};

use super::asked::{self, Compared, Refused, Versus};
use super::pair::{Pair, Place};
use super::picture::{Given, Picture, has_resource};
use crate::address::{Address, Stamps, Trouble, quoted};
use crate::app::{concerns, scenario_at};
use crate::chart::camera::{self, Camera};
use crate::chart::scale::Scale;
use crate::dom;
use crate::face::Faces;
use crate::focus;
use crate::host::link;
use crate::host::report::Reporter;
use crate::interventions;
use crate::keys;
use crate::language::Language;
use crate::library::Shelf;
use crate::message::{Ask, Dialog, Selection, Target};
use crate::pointed::Pointed;
use crate::px::Size;
use crate::ring::layout::Layout;
use crate::room;
use crate::shared::Shared;
use crate::speed::Speed;
use crate::view::dialog::View;
use crate::visit;
use crate::words as w;

/// The most time that passes with a late frame, in microseconds.
const MAX_FRAME_US: u64 = 100_000;

const FIRST_ZOOM: i8 = -1;

/// How long changes must stop before the address is updated, in milliseconds.
const SETTLE_MS: u32 = 300;

/// How long a notice stays, in milliseconds.
const NOTICE_MS: u32 = 9_000;

#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    /// The scenarios of the library.
    pub shelf: Shared<Shelf>,
}

pub enum Message {
    /// A message of the page's controls.
    Asked(Ask),
    /// Compare the run with another one.
    Versus(Versus),
    /// Go to where the runs part.
    Parting,
    /// Show the numbers up to this moment, or those of the whole runs.
    SoFar(bool),
}

/// One of the two runs, as it is drawn.
struct Side {
    picture: Picture,
    layout: Layout,
}

pub struct App {
    shelf: Shared<Shelf>,
    address: Address,
    compared: Compared,
    pair: Pair,
    sides: [Side; 2],
    /// The comparison of the whole runs.
    comparison: Comparison,
    /// The numbers of this moment, if they are shown.
    so_far: Option<Comparison>,
    undone: Vec<Place>,
    before: Vec<Place>,
    reporters: [Reporter; 2],
    /// The number of comparisons shown before this one.
    runs: u32,
    was_playing: bool,
    /// Whether its slide has been entered or left.
    slid: bool,
    opened_us: u64,
    language: Language,
    view: View,
    stamps: Stamps,
    /// The side of the selection, the menu and the pointer.
    side: usize,
    selection: Selection,
    hovered: Option<Pointed>,
    menu: Option<Target>,
    menu_opens: bool,
    dialog: Option<Dialog>,
    copied: Option<bool>,
    /// The sentence about the last act, and the action of its button.
    notice: Option<(String, Option<&'static str>)>,
    refused: Option<Refused>,
    troubles: Vec<Trouble>,
    faces: Faces,
    camera: Camera,
    sizes: [Size; 2],
    ring_ref: NodeRef,
    chart_ref: NodeRef,
    other_refs: [NodeRef; 2],
    last_frame_us: Option<u64>,
    addressed_us: u64,
    frame: Option<AnimationFrame>,
    settling: Option<Timeout>,
    fading: Option<Timeout>,
    is_seen: bool,
}

impl Component for App {
    type Message = Message;
    type Properties = Props;

    fn create(ctx: &Context<Self>) -> Self {
        listen(ctx);
        let shelf = ctx.props().shelf.clone();
        let query = dom::query();
        let (address, mut troubles) = Address::read(&query);
        let base = scenario_at(&shelf, &address, &mut troubles);
        let (compared, refused) = asked::compared(&shelf, &address, base, &query);
        let pair = pair_at(&compared, &address, &mut troubles);
        let view = View {
            theme: address.theme,
            type_size: address.type_size,
            motion: address.motion,
            can_fill: dom::can_fill(),
            no_characters: address.settings.no_characters,
        };
        let zoom = address.zoom.map_or(FIRST_ZOOM, camera::possible);
        let side = || Side {
            picture: Picture::default(),
            layout: Layout::new(Size::default(), antes_core::ClusterSize::MAX, false),
        };
        let mut app = Self {
            shelf,
            stamps: address.stamps.unwrap_or(compared.scenarios[0].stamps),
            comparison: pair.comparison(),
            so_far: None,
            opened_us: pair.now_us(),
            compared,
            pair,
            sides: [side(), side()],
            undone: Vec::new(),
            before: Vec::new(),
            reporters: Default::default(),
            runs: 0,
            was_playing: false,
            slid: false,
            language: address.language.unwrap_or_else(crate::app::language_asked_for),
            view,
            side: 0,
            selection: Selection::Latest,
            hovered: None,
            menu: None,
            menu_opens: false,
            dialog: None,
            copied: None,
            notice: None,
            refused,
            troubles,
            faces: Faces::default(),
            camera: Camera { zoom, left: None },
            sizes: [Size::default(); 2],
            ring_ref: NodeRef::default(),
            chart_ref: NodeRef::default(),
            other_refs: [NodeRef::default(), NodeRef::default()],
            last_frame_us: None,
            addressed_us: 0,
            frame: None,
            settling: None,
            fading: None,
            is_seen: false,
            address,
        };
        app.pair.set_still(dom::is_still(app.view.motion));
        app.lay_out();
        app.mark_document();
        app.derive();
        app.tell_keys();
        app
    }

    fn update(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        let redraw = match message {
            Message::Asked(ask) => self.obey(ctx, ask),
            Message::Versus(versus) => self.compare_with(ctx, versus),
            Message::Parting => self.go_to_parting(ctx),
            Message::SoFar(so_far) => {
                self.so_far = so_far.then(|| self.pair.comparison_so_far());
                true
            }
        };
        if redraw {
            self.derive();
            self.tell_host();
        }
        if self.pair.is_playing() && self.frame.is_none() {
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

    fn rendered(&mut self, ctx: &Context<Self>, first_render: bool) {
        if self.dialog.is_some() {
            dom::open_dialog();
        }
        if let Some(corner) = self.menu_corner() {
            dom::place_menu(corner, self.menu_opens);
            self.menu_opens = false;
        }
        let [ring, chart] = self.sizes;
        if !self.is_seen && ring.width.max(chart.width) > 0.0 {
            self.is_seen = true;
            dom::mark_root("data-boot", "ready");
            self.tell_host();
            if self.address.settings.autoplay {
                ctx.link().send_message(Message::Asked(Ask::Play));
            }
        }
        if !self.pair.is_playing()
            && let Some(faces) = dom::faces(&self.faces)
        {
            ctx.link().send_message(Message::Asked(Ask::Measured(faces)));
        }
        focus::keep();
        if !self.pair.is_playing() {
            focus::settle();
        }
        if first_render {
            let link = ctx.link().clone();
            room::watch(&self.ring_ref, &self.chart_ref, move |ring, chart| {
                link.send_message(Message::Asked(Ask::Resized { ring, chart }));
            });
        }
    }
}

fn listen(ctx: &Context<App>) {
    let asked = || {
        let link = ctx.link().clone();
        move |ask| link.send_message(Message::Asked(ask))
    };
    keys::listen(asked());
    visit::listen(asked());
    let link = ctx.link().clone();
    visit::when_left(move || link.get_component().map(|app| app.query()));
    focus::listen();
    page::listen_for_sides();
    dom::listen(asked());
    let asked = asked();
    link::listen(move |message| asked(Ask::Host(message)));
}

/// Both runs at the moment of an address.
fn pair_at(compared: &Compared, address: &Address, troubles: &mut Vec<Trouble>) -> Pair {
    let sizes = compared.scenarios.each_ref().map(|scenario| scenario.config.size);
    let is_known = |step: &Step| sizes.iter().all(|&size| concerns(size, &step.action));
    let (acts, strangers): (Vec<_>, Vec<_>) = address.acts.iter().cloned().partition(is_known);
    let quote = |step: &Step| quoted(&interventions::encode_one(step));
    troubles.extend(strangers.iter().map(|step| (w::BAD_NODE, quote(step))));
    let speed = address.settings.speed.unwrap_or(Speed::DEFAULT);
    let mut pair = Pair::new(compared.scenarios.clone(), &acts, speed, address.settings.range());
    if let Some(at_us) = address.at_us {
        if at_us > pair.end_us() || at_us < pair.start_us() {
            troubles.push((w::BAD_MOMENT, at_us.to_string()));
        }
        pair.seek(at_us);
    } else if let Some(number) = address.settings.note {
        match pair.player(0).note_us(number) {
            Some(at_us) => pair.seek(at_us),
            None => troubles.push((w::NO_NOTE, number.to_string())),
        }
    }
    pair
}

impl App {
    /// Computes both pictures anew if their inputs have changed.
    fn derive(&mut self) {
        for side in [0, 1] {
            self.pair.player_mut(side).watch();
            self.sides[side].picture.read(self.pair.player(side));
        }
        if self.so_far.is_some() {
            self.so_far = Some(self.pair.comparison_so_far());
        }
        for side in [0, 1] {
            let mut picture = std::mem::take(&mut self.sides[side].picture);
            picture.derive(&self.given(side, &picture));
            self.sides[side].picture = picture;
        }
    }

    /// The inputs of the pictures of one side.
    fn given<'a>(&'a self, side: usize, picture: &Picture) -> Given<'a> {
        let player = self.pair.player(side);
        let scale = self.scale(side);
        let is_here = self.side == side;
        let selected = match self.selection {
            Selection::Event(seq) if is_here => Some(seq),
            _ => None,
        };
        let in_menu = match self.menu {
            Some(Target::Message(id)) if is_here => Some(id),
            _ => None,
        };
        let hovered = self.hovered.filter(|_| is_here);
        let parting = self.comparison.parting.as_ref();
        Given {
            player,
            sizes: self.sizes,
            layout: &self.sides[side].layout,
            faces: &self.faces,
            cursor: picture.cursor(&scale, self.pair.now_us()),
            left: self.camera.left_edge(&scale, self.pair.now_us()),
            scale,
            selected,
            hovered,
            in_menu,
            pointed: self.pointed(side, selected, hovered),
            stamps: self.stamps,
            parting: parting.map(|parting| (parting.at_us(), parting.next[side].as_ref())),
            language: self.language,
        }
    }

    /// The nodes to highlight: of the selection or the pointer, and of the first difference at its moment.
    fn pointed(&self, side: usize, selected: Option<u64>, hovered: Option<Pointed>) -> NodeSet {
        let trace = self.pair.player(side).run().trace();
        let node_of = |seq: u64| trace.get(usize::try_from(seq).ok()?)?.node;
        let selected = match self.selection {
            Selection::Node(node) if self.side == side => Some(node),
            _ => selected.and_then(node_of),
        };
        let hovered = match hovered {
            Some(Pointed::Event(seq)) => node_of(seq),
            Some(Pointed::Node(node)) => Some(node),
            Some(Pointed::Message(_)) | None => None,
        };
        let parting = self.comparison.parting.as_ref();
        let parting = parting.and_then(|parting| parting.next[side].as_ref());
        let is_now = |event: &&TraceEvent| event.at_us == self.pair.now_us();
        let parted = parting.filter(is_now).and_then(|event| event.node);
        selected.into_iter().chain(hovered).chain(parted).collect()
    }

    fn scale(&self, side: usize) -> Scale {
        self.scale_at(side, self.camera.zoom)
    }

    /// The scale of a diagram with this zoom. Both sides have the time axis of the first one.
    fn scale_at(&self, side: usize, zoom: i8) -> Scale {
        let player = self.pair.player(side);
        let nodes = player.run().world().size().get();
        let latency = self.compared.scenarios[0].network.latency;
        Scale::new(self.sizes[1], nodes, has_resource(player), latency, zoom)
    }

    fn lay_out(&mut self) {
        for side in [0, 1] {
            let player = self.pair.player(side);
            let size = player.run().world().size();
            self.sides[side].layout = Layout::new(self.sizes[0], size, has_resource(player));
        }
    }

    /// Updates the attributes of the document's root element.
    fn mark_document(&self) {
        dom::mark_root("lang", self.language.tag());
        dom::mark_view(&self.view);
        self.address.settings.mark(self.address.embed);
    }

    /// The address of the first run at the present moment.
    fn single(&self) -> Address {
        let mut address = self.address.clone();
        address.scenario = Some(crate::library::entry(self.compared.place).slug.to_owned());
        address.at_us = Some(self.pair.now_us());
        address.events = None;
        address.acts = self.pair.acts();
        address.theme = self.view.theme;
        address.type_size = self.view.type_size;
        address.motion = self.view.motion;
        address.stamps =
            Some(self.stamps).filter(|&stamps| stamps != self.compared.scenarios[0].stamps);
        address.selection = Selection::Latest;
        address.zoom = Some(self.camera.zoom).filter(|&zoom| zoom != FIRST_ZOOM);
        address.settings.note = None;
        address.settings.no_characters = self.view.no_characters;
        let speed = self.pair.speed();
        address.settings.speed =
            Some(speed).filter(|&it| address.settings.speed.is_some() || it != Speed::DEFAULT);
        address
    }

    /// The query of this moment of the comparison.
    fn query(&self) -> String {
        [&self.single().write(), "&", asked::NAME, "=", &self.compared.versus.name()].concat()
    }
}
