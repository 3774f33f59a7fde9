//! Handles the messages of a recording's page.

use core::ops::RangeInclusive;

use gloo_timers::callback::Timeout;
use yew::Context;

use super::{App, MAX_FRAME_US, Message, SETTLE_MS};
use crate::alike;
use crate::chart::walk::{self, Way};
use crate::dom;
use crate::language::Language;
use crate::message::{Ask, Dialog, Selection};
use crate::recording::address::Address;
use crate::ring::layout::Layout;
use crate::room;
use crate::shared::Shared;
use crate::speed::Speed;
use crate::view::log;
use crate::visit;
use crate::whole::subject;
use crate::words as w;

/// The allowed zoom steps, from a whole run to one message.
const ZOOMS: RangeInclusive<i8> = -36..=12;

/// The largest number of lines in the visible part of the diagram. With more, browsers become slow.
const MAX_SEEN: usize = 4_000;

/// How long the recording plays before the address is updated, in microseconds.
const ADDRESS_US: u64 = 1_000_000;

impl App {
    /// Handles a message. Returns whether the page has to be redrawn. It is long because it has an arm for each
    /// message.
    pub(super) fn obey(&mut self, ctx: &Context<Self>, ask: Ask) -> bool {
        match ask {
            Ask::Frame(at_us) => return self.frame_came(ctx, at_us),
            Ask::Settled => {
                self.settling = None;
                self.tell_address();
                return false;
            }
            Ask::Hold => return self.deck.as_mut().is_some_and(|deck| deck.hold(true)),
            Ask::LetGo => return self.deck.as_mut().is_some_and(|deck| deck.hold(false)),
            Ask::Hover(pointed) => {
                return std::mem::replace(&mut self.hovered, pointed) != pointed;
            }
            Ask::Measured(faces) => {
                self.faces = faces;
                return true;
            }
            Ask::Resized { ring, chart } => {
                (self.ring_size, self.chart_size) = (ring, chart);
                self.lay_out();
                return true;
            }
            Ask::Play
            | Ask::Pause
            | Ask::Toggle
            | Ask::Step
            | Ask::Back
            | Ask::Jump
            | Ask::JumpBack
            | Ask::Reset
            | Ask::End
            | Ask::Seek(_)
            | Ask::Speed(_)
            | Ask::Faster(_) => self.move_time(ask),
            Ask::Alike { later } => self.go_to_alike(later),
            Ask::Click(node) => {
                if self.deck.as_ref().is_some_and(|deck| deck.tape().size().contains(node)) {
                    self.select(Selection::Node(node));
                }
            }
            Ask::Select(selection) => self.select(selection),
            Ask::Inspect(id) | Ask::Menu(crate::message::Target::Message(id)) => self.inspect(id),
            Ask::Show(seq) => self.show(seq),
            Ask::Close => self.close(),
            // A recording has no other scenarios.
            Ask::Open(Dialog::Find) => return false,
            Ask::Open(dialog) => {
                if let Some(deck) = &mut self.deck {
                    deck.pause();
                }
                self.dialog = if self.dialog == Some(dialog) { None } else { Some(dialog) };
            }
            Ask::Language => {
                let other = self.language.other();
                ctx.link().send_future(async move {
                    w::fetch(other).await;
                    Message::Asked(Ask::Speak(other))
                });
                return false;
            }
            Ask::Speak(language) => self.speak(language),
            Ask::Theme => {
                self.address.page.theme = Some(dom::other_theme(self.address.page.theme));
                self.mark_document();
            }
            Ask::Colours(theme) => {
                self.address.page.theme = theme;
                self.mark_document();
            }
            Ask::TypeSize(type_size) => {
                self.address.page.type_size = type_size;
                self.mark_document();
            }
            Ask::Motion(motion) => {
                self.address.page.motion = motion;
                if let Some(deck) = &mut self.deck {
                    deck.set_still(dom::is_still(motion));
                }
                self.mark_document();
            }
            Ask::FullScreen => {
                dom::fill_screen();
                return false;
            }
            Ask::Skip => {
                dom::focus_first(".transport .play");
                return false;
            }
            Ask::Walk(way) => self.walk(way),
            Ask::Stamps(stamps) => self.stamps = stamps,
            Ask::Heartbeats => self.hidden.heartbeats = !self.hidden.heartbeats,
            Ask::Repetitions => self.hidden.repetitions = !self.hidden.repetitions,
            Ask::Earlier => self.log_count += log::PAGE,
            Ask::Zoom(_) | Ask::Pan(_) | Ask::Follow => self.move_camera(&ask),
            // A recording has no menus, no narrator and no other seeds, and its events cannot be changed.
            Ask::Menu(_)
            | Ask::Dismiss
            | Ask::Next
            | Ask::NewSeed
            | Ask::Algorithm(_)
            | Ask::Scenario(_)
            | Ask::Query(_)
            | Ask::Found(_)
            | Ask::Fetched(_)
            | Ask::Act(_)
            | Ask::Stop(_)
            | Ask::Undo
            | Ask::Redo
            | Ask::Story
            | Ask::LeaveOut
            | Ask::Revisit
            | Ask::Previous
            | Ask::Isolate(_)
            | Ask::CutBoth(..)
            | Ask::Split(_)
            | Ask::Copy
            | Ask::Compare
            | Ask::Copied(_)
            | Ask::Profile(_)
            | Ask::Faded
            | Ask::HandedOver => return false,
            Ask::TakeAway => self.take_away(),
            Ask::Host(message) => return self.obey_host(ctx, message),
            Ask::Characters(on) => self.address.page.settings.no_characters = !on,
        }
        self.touch(ctx);
        true
    }

    /// Opens the panel with pictures and files of the recording.
    fn take_away(&mut self) {
        let Some(deck) = &mut self.deck else { return };
        deck.pause();
        subject::keep(deck.beside());
        self.dialog = None;
        yew::platform::spawn_local(async {
            // If it fails, the panel that has been opened says so.
            let _ = dom::from_whole("panel", &"".into()).await;
        });
    }

    fn frame_came(&mut self, ctx: &Context<Self>, at_us: u64) -> bool {
        self.frame = None;
        let last = self.last_frame_us.replace(at_us);
        let Some(deck) = self.deck.as_mut().filter(|deck| deck.is_playing()) else {
            self.last_frame_us = None;
            return false;
        };
        let passed = last.map_or(0, |last| at_us.saturating_sub(last)).min(MAX_FRAME_US);
        if let Some(violation) = deck.frame(passed) {
            self.selection = Selection::Event(violation);
            room::unfold(".why");
        }
        if !deck.is_playing() {
            self.last_frame_us = None;
            self.touch(ctx);
        } else if at_us.abs_diff(self.addressed_us) >= ADDRESS_US {
            self.addressed_us = at_us;
            self.tell_address();
        }
        true
    }

    fn move_time(&mut self, ask: Ask) {
        let Some(deck) = &mut self.deck else { return };
        match ask {
            Ask::Play => deck.play(),
            Ask::Pause => deck.pause(),
            Ask::Toggle if deck.is_playing() => deck.pause(),
            Ask::Toggle => deck.play(),
            Ask::Step => deck.step(),
            Ask::Back => deck.step_back(),
            Ask::Jump => deck.jump(),
            Ask::JumpBack => deck.jump_back(),
            Ask::Reset => deck.reset(),
            Ask::End => deck.finish(),
            Ask::Seek(at_us) => deck.seek(at_us),
            Ask::Speed(speed) => deck.set_speed(speed),
            Ask::Faster(stops) => deck.set_speed(deck.speed().faster(stops)),
            _ => unreachable!("only what moves time comes here"),
        }
        if !matches!(ask, Ask::Speed(_) | Ask::Faster(_) | Ask::Pause) {
            self.camera.left = None;
            self.selection = Selection::Latest;
        }
    }

    /// Switches whether quiet times are shortened. Returns whether the page has to be redrawn.
    pub(super) fn switch_quiet(&mut self) -> bool {
        let Some(deck) = &mut self.deck else { return false };
        deck.set_quiet(deck.tape().quiet().other());
        self.camera.left = None;
        self.marks = Shared::new(deck.tape().outlook().marks.clone());
        true
    }

    fn move_camera(&mut self, ask: &Ask) {
        let Some(deck) = &self.deck else { return };
        let (now_us, mut camera) = (deck.now_us(), self.camera);
        match ask {
            Ask::Zoom(steps) => {
                camera.stretch(*steps, &ZOOMS, now_us, |zoom| self.scale_at(deck, zoom));
                let scale = self.scale_at(deck, camera.zoom);
                let left = camera.left_edge(&scale, now_us);
                let lines = |x: f64| deck.tape().done_at(scale.instant(x)).min(deck.past().len());
                if *steps < 0 && lines(left + scale.inner_width()) - lines(left) > MAX_SEEN {
                    return;
                }
            }
            Ask::Pan(by) => camera.pan(*by, &self.scale(deck), now_us, self.cursor(deck)),
            _ => camera.left = None,
        }
        self.camera = camera;
    }

    fn select(&mut self, selection: Selection) {
        self.selection = if self.selection == selection { Selection::Latest } else { selection };
        let Some(deck) = &mut self.deck else { return };
        if self.selection != Selection::Latest {
            deck.pause();
        }
        if let Selection::Event(seq) = self.selection {
            self.bring_into_view(seq);
        }
        if self.selection != Selection::Latest {
            room::unfold(".why");
        }
    }

    /// Goes to the next or previous event like the selected one. Selects that event, unless a node is
    /// selected.
    fn go_to_alike(&mut self, later: bool) {
        let Some(deck) = &mut self.deck else { return };
        let (trace, done) = (deck.tape().events(), deck.past().len());
        let told = done.checked_sub(1).map(|line| line as u64);
        let Some(seq) = alike::find(trace, done, self.selection, told, later) else { return };
        if matches!(self.selection, Selection::Node(_)) {
            deck.go_to_line(seq);
            self.camera.left = None;
        } else {
            self.show(seq);
        }
    }

    /// Selects the next event in this direction.
    fn walk(&mut self, way: Way) {
        let from = self.selected();
        let Some(deck) = &mut self.deck else { return };
        if let Some(seq) = walk::next(deck.index(), from, way) {
            deck.pause();
            self.selection = Selection::Event(seq);
            self.bring_into_view(seq);
            room::unfold(".why");
        }
    }

    /// Moves the diagram so that an event outside of it becomes visible.
    fn bring_into_view(&mut self, seq: u64) {
        let (Some(deck), Ok(line)) = (&self.deck, usize::try_from(seq)) else { return };
        if line < deck.past().len() {
            let (mut camera, scale) = (self.camera, self.scale(deck));
            camera.bring_into_view(deck.tape().at_us(line), &scale, deck.now_us());
            self.camera = camera;
        }
    }

    /// Goes to the moment after a line, and selects it.
    fn show(&mut self, seq: u64) {
        let Some(deck) = &mut self.deck else { return };
        deck.go_to_line(seq);
        self.camera.left = None;
        self.selection = Selection::Event(seq);
        room::unfold(".why");
    }

    /// Selects the send of a message that is on its way.
    fn inspect(&mut self, id: antes_sim::trace::MessageId) {
        let Some(deck) = &self.deck else { return };
        let is_it = |way: &&super::super::tape::Way| way.message.id == id;
        let sent = super::super::scene::flying(&deck.shown()).find(is_it).map(|way| way.sent);
        if let Some(line) = sent {
            self.select(Selection::Event(line as u64));
        }
    }

    fn close(&mut self) {
        if self.dialog.take().is_some() {
            dom::close_dialog();
            return;
        }
        self.selection = Selection::Latest;
        self.refusal = None;
    }

    fn speak(&mut self, language: Language) {
        if w::are_at_hand(language) {
            self.language = language;
            self.address.page.language = Some(language);
            self.mark_document();
        }
    }

    pub(super) fn lay_out(&mut self) {
        let Some(deck) = &self.deck else { return };
        self.layout = Layout::new(self.ring_size, deck.tape().size(), false);
    }

    /// Updates the address once changes have stopped.
    pub(super) fn touch(&mut self, ctx: &Context<Self>) {
        let link = ctx.link().clone();
        let settled = move || link.send_message(Message::Asked(Ask::Settled));
        self.settling = Some(Timeout::new(SETTLE_MS, settled));
    }

    fn tell_address(&mut self) {
        self.address = self.addressed();
        visit::set_query(&self.address.write());
    }

    /// The address of the current moment.
    pub(super) fn addressed(&self) -> Address {
        let mut address = self.address.clone();
        let page = &mut address.page;
        page.stamps =
            Some(self.stamps).filter(|&stamps| stamps != crate::address::Stamps::default());
        if let Some(deck) = &self.deck {
            let done = deck.past().len();
            let torn = deck.tape().done_at(deck.now_us()) != done;
            page.at_us = Some(deck.tape().told_us(deck.now_us()));
            page.events = torn.then_some(done as u64);
            page.selection = self.selection;
            page.settings.speed = Some(deck.speed()).filter(|&speed| speed != Speed::DEFAULT);
            page.hidden = self.hidden;
        }
        address
    }
}
