//! Handles the messages of the page.

use antes_sim::scenario::Action;
use antes_sim::trace::Happening;
use gloo_timers::callback::Timeout;
use yew::Context;

use super::{App, Choice, MAX_FRAME_US, Offer, SETTLE_MS, size_of};
use crate::acts;
use crate::alike;
use crate::chart::camera::opening_zoom;
use crate::chart::scale::ZOOMS;
use crate::chart::walk::{self, Way};
use crate::dom;
use crate::language::Language;
use crate::library;
use crate::loss;
use crate::message::{Ask, Selection, Target};
use crate::ring::layout::Layout;
use crate::room;
use crate::shared::Shared;
use crate::view::log;
use crate::visit;
use crate::words as w;

/// How long the run plays before the address is updated, in microseconds.
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
            Ask::Hold => return self.player.hold(true),
            Ask::LetGo => return self.player.hold(false),
            Ask::Hover(pointed) => {
                return std::mem::replace(&mut self.hovered, pointed) != pointed;
            }
            Ask::Measured(faces) => {
                self.faces = faces;
                return true;
            }
            Ask::Host(message) => return self.obey_host(ctx, message),
            Ask::HandedOver => return self.menu.take().is_some(),
            Ask::Characters(on) => {
                (self.settings.no_characters, self.view.no_characters) = (!on, !on);
                self.tell_keys();
            }
            Ask::Faded => {
                self.fading = None;
                return self.notice.take().is_some();
            }
            Ask::Dismiss => return self.menu.take().is_some(),
            Ask::Resized { ring, chart } => {
                (self.ring_size, self.chart_size) = (ring, chart);
                self.lay_out();
                if !self.is_seen && chart.width > 0.0 {
                    self.open_diagram();
                }
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
            | Ask::Faster(_)
            | Ask::Next
            | Ask::Previous => self.move_time(ask),
            Ask::Alike { later } => self.go_to_alike(later),
            Ask::NewSeed => {
                self.choose(ctx, Choice { seed: Some(dom::fresh_seed()), ..self.choice });
            }
            Ask::Profile(profile) => {
                let (place, profile) = library::in_profile(self.choice.place, Some(profile));
                self.choose(ctx, Choice { place, profile, ..self.choice });
            }
            Ask::Algorithm(algorithm) => {
                let place = library::first_of(algorithm);
                if self.entry().algorithm != algorithm {
                    self.choose_place(ctx, place);
                }
            }
            Ask::Scenario(slug) => {
                let shown = self.player.run().scenario().config.profile;
                let place = library::find(&slug).map(|place| library::meant_by(place, shown));
                self.choose_place(ctx, place);
            }
            Ask::Query(query) => self.query = query,
            Ask::Found(slug) => {
                self.close();
                self.choose_place(ctx, library::find(&slug));
            }
            Ask::Fetched(shelf) => self.fetched(ctx, shelf),
            Ask::Click(_)
            | Ask::Act(_)
            | Ask::Isolate(_)
            | Ask::CutBoth(..)
            | Ask::Split(_)
            | Ask::Stop(_) => {
                if let Some(actions) = acts::meant(&ask, self.player.run()) {
                    self.act(ctx, actions);
                }
            }
            Ask::Undo => return self.undo(ctx) && self.touch(ctx),
            Ask::Redo => return self.redo() && self.touch(ctx),
            Ask::Story => self.back_to_story(),
            Ask::LeaveOut => {
                self.remember();
                self.player.leave_out_again();
                self.forget_future();
                self.notify(ctx, w::LEFT_AHEAD.say(self.language).to_owned(), Offer::Undo);
            }
            Ask::Revisit => self.revisit(ctx),
            Ask::Menu(target) => self.open_menu(target),
            Ask::Close => self.close(),
            Ask::Select(selection) => self.select(selection),
            Ask::Inspect(id) => self.inspect(id),
            Ask::Show(seq) => {
                self.player.go_to_line(seq);
                // Otherwise `select` would deselect an event that is selected already.
                self.selection = Selection::Latest;
                self.select(Selection::Event(seq));
            }
            Ask::Open(dialog) => {
                self.menu = None;
                self.copied = None;
                self.query.clear();
                self.player.pause();
                self.dialog = if self.dialog == Some(dialog) { None } else { Some(dialog) };
            }
            Ask::Copy => self.copy(ctx),
            Ask::Compare => {
                let address = self.address().write();
                // Otherwise the address that is kept when the page is left would come back.
                self.touched = false;
                visit::open(&[&address, "&compare"].concat());
                return false;
            }
            Ask::TakeAway => {
                self.player.pause();
                self.dialog = None;
                let address = self.address().write();
                yew::platform::spawn_local(async move {
                    // If it fails, the panel that has been opened says so.
                    let _ = dom::from_whole("panel", &address.into()).await;
                });
            }
            Ask::Copied(done) => self.copied = Some(done),
            Ask::Language => {
                let other = self.language.other();
                ctx.link().send_future(async move {
                    w::fetch(other).await;
                    Ask::Speak(other)
                });
                self.is_translating = true;
                return true;
            }
            Ask::Speak(language) => self.speak(language),
            Ask::Theme => {
                self.view.theme = Some(dom::other_theme(self.view.theme));
                self.mark_document();
            }
            Ask::Colours(theme) => {
                self.view.theme = theme;
                self.mark_document();
            }
            Ask::TypeSize(type_size) => {
                self.view.type_size = type_size;
                self.mark_document();
            }
            Ask::Motion(motion) => {
                self.view.motion = motion;
                self.player.set_still(dom::is_still(motion));
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
            Ask::Stamps(stamps) => self.asked_stamps = Some(stamps),
            Ask::Heartbeats => self.hidden.heartbeats = !self.hidden.heartbeats,
            Ask::Repetitions => self.hidden.repetitions = !self.hidden.repetitions,
            Ask::Earlier => self.log_count += log::PAGE,
            Ask::Zoom(steps) => {
                let (mut camera, now_us) = (self.camera, self.player.run().now_us());
                camera.stretch(steps, &ZOOMS, now_us, |zoom| self.scale_at(zoom));
                self.camera = camera;
            }
            Ask::Pan(by) => {
                let (scale, cursor) = (self.scale(), self.cursor());
                self.camera.pan(by, &scale, self.player.run().now_us(), cursor);
                return true;
            }
            Ask::Follow => self.camera.left = None,
        }
        self.touch(ctx)
    }

    fn frame_came(&mut self, ctx: &Context<Self>, at_us: u64) -> bool {
        self.frame = None;
        let last = self.last_frame_us.replace(at_us);
        if !self.player.is_playing() {
            self.last_frame_us = None;
            return false;
        }
        let passed = last.map_or(0, |last| at_us.saturating_sub(last)).min(MAX_FRAME_US);
        if let Some(violation) = self.player.frame(passed) {
            self.selection = Selection::Event(violation);
            room::unfold(".why");
        }
        if !self.player.is_playing() {
            self.last_frame_us = None;
            self.touch(ctx);
        } else if at_us.abs_diff(self.addressed_us) >= ADDRESS_US {
            self.addressed_us = at_us;
            self.tell_address();
        }
        true
    }

    fn move_time(&mut self, ask: Ask) {
        let done = self.player.run().done();
        let player = &mut self.player;
        match ask {
            Ask::Play => player.play(),
            Ask::Pause => player.pause(),
            Ask::Toggle if player.is_playing() => player.pause(),
            Ask::Toggle => player.play(),
            Ask::Step => player.step(),
            Ask::Back => player.step_back(),
            Ask::Jump => player.jump(),
            Ask::JumpBack => player.jump_back(),
            Ask::Reset => player.reset(),
            Ask::End => player.finish(),
            Ask::Seek(at_us) => player.seek(at_us),
            Ask::Speed(speed) => player.set_speed(speed),
            Ask::Faster(stops) => player.set_speed(player.speed().faster(stops)),
            Ask::Next => player.next_note(),
            Ask::Previous => player.previous_note(),
            _ => unreachable!("only what moves time comes here"),
        }
        if self.player.run().done() < done {
            // The noticed event lies in the future now.
            self.notice = None;
        }
        if !matches!(ask, Ask::Speed(_) | Ask::Faster(_) | Ask::Pause) {
            self.menu = None;
            self.camera.left = None;
            self.selection = Selection::Latest;
        }
    }

    /// Goes to the next or previous event like the selected one. Selects that event, unless a node is
    /// selected.
    fn go_to_alike(&mut self, later: bool) {
        let (told, run) = (self.told(), self.player.run());
        let (trace, done) = (run.known_trace(), run.trace().len());
        let Some(seq) = alike::find(trace, done, self.selection, told, later) else { return };
        self.player.go_to_line(seq);
        self.menu = None;
        self.camera.left = None;
        if !matches!(self.selection, Selection::Node(_)) {
            self.selection = Selection::Latest;
            self.select(Selection::Event(seq));
        }
    }

    /// Moves the diagram so that an event outside of it becomes visible.
    fn bring_into_view(&mut self, seq: u64) {
        let trace = self.player.run().trace();
        let Some(event) = usize::try_from(seq).ok().and_then(|place| trace.get(place)) else {
            return;
        };
        let (at_us, scale) = (event.at_us, self.scale());
        self.camera.bring_into_view(at_us, &scale, self.player.run().now_us());
    }

    /// Sets the diagram's zoom at the opening, as large as possible with all events that led to the moment.
    /// Then makes the selected event visible.
    fn open_diagram(&mut self) {
        if let Some(since_us) = self.opening.since_us.take() {
            let now_us = self.player.run().now_us();
            let zoom = opening_zoom(since_us, now_us, |zoom| self.scale_at(zoom));
            self.camera.zoom = zoom;
            self.opening.zoom = Some(zoom);
        }
        if let Some(seq) = self.selected() {
            self.bring_into_view(seq);
        }
    }

    pub(super) fn choose_place(&mut self, ctx: &Context<Self>, place: Option<usize>) {
        if let Some(place) = place {
            self.choose(ctx, Choice { place, profile: None, seed: None });
        }
    }

    /// Applies actions to the run, and shows a notice about the result.
    fn act(&mut self, ctx: &Context<Self>, actions: Vec<Action>) {
        let (language, run) = (self.language, self.player.run());
        // No line of the trace shows this.
        let loss = actions.iter().find_map(|action| match action {
            Action::Crash(node) => loss::sentence(run, *node, language),
            _ => None,
        });
        let moved = actions.iter().find_map(|action| acts::lands_us(run, action));
        let known = run.trace().len();
        let planned = acts::planned(&actions, language);
        self.remember();
        let left_out: usize = actions.into_iter().map(|action| self.player.act(action)).sum();
        self.menu = None;
        self.forget_future();
        let run = self.player.run();
        let told = planned.or_else(|| acts::told(run.trace(), known, language));
        let moved = moved.and_then(|moved| acts::retimed(run, moved, language));
        let left_out = (left_out > 0).then(|| w::LEFT_OUT.fill(language, &[&left_out]));
        let text: Vec<_> = [told, moved, loss, left_out].into_iter().flatten().collect();
        self.notify(ctx, text.join(" "), Offer::Undo);
    }

    fn open_menu(&mut self, target: Target) {
        let goes_on = matches!((self.menu, target), (Some(Target::Sides(..)), Target::Sides(..)));
        self.menu = if self.menu == Some(target) { None } else { Some(target) };
        // If the user chooses further, the focus stays in the menu.
        self.menu_opens = self.menu.is_some() && !goes_on;
        if let Target::Message(_) = target {
            self.player.pause();
        }
    }

    fn close(&mut self) {
        if self.dialog.take().is_some() {
            dom::close_dialog();
            return;
        }
        match self.menu.take() {
            Some(
                Target::Node(node)
                | Target::Links(node)
                | Target::Crash(node)
                | Target::Sides(node, _),
            ) => {
                dom::focus_first(&format!("[data-action=node-menu][data-about='{node}']"));
            }
            Some(Target::Message(message)) => {
                dom::focus_first(&format!("[data-message='{message}']"));
            }
            None => self.selection = Selection::Latest,
        }
        self.troubles.clear();
    }

    fn select(&mut self, selection: Selection) {
        self.menu = None;
        self.selection = if self.selection == selection { Selection::Latest } else { selection };
        if self.selection != Selection::Latest {
            self.player.pause();
        }
        if let Selection::Event(seq) = self.selection {
            self.bring_into_view(seq);
        }
        if self.selection != Selection::Latest {
            room::unfold(".why");
        }
    }

    fn inspect(&mut self, id: antes_sim::trace::MessageId) {
        let is_send = |happening: &Happening| match happening {
            Happening::Send(message) | Happening::Duplicate { message } => message.id == id,
            _ => false,
        };
        let trace = self.player.run().trace();
        let sent = trace.iter().rev().find(|event| is_send(&event.happening));
        if let Some(seq) = sent.map(|event| event.seq) {
            self.select(Selection::Event(seq));
        }
    }

    fn copy(&mut self, ctx: &Context<Self>) {
        let address = dom::address_with(&self.address().write());
        ctx.link().send_future(async move { Ask::Copied(dom::copy(address).await) });
    }

    /// Selects the next event in this direction.
    fn walk(&mut self, way: Way) {
        let (selected, told) = (self.selected(), self.told());
        let next = walk::next(self.derived.index(), selected.or(told), way);
        // If nothing is selected and no event lies in this direction, selects the event that the moment is
        // about.
        if let Some(seq) = next.or(told.filter(|_| selected.is_none())) {
            self.player.pause();
            self.selection = Selection::Event(seq);
            self.bring_into_view(seq);
            room::unfold(".why");
        }
    }

    fn speak(&mut self, language: Language) {
        self.is_translating = false;
        if !w::are_at_hand(language) {
            self.troubles = vec![(w::NO_LANGUAGE, language.tag().to_owned())];
            return;
        }
        self.language = language;
        self.asked_language = Some(language);
        self.mark_document();
    }

    pub(super) fn lay_out(&mut self) {
        let (size, nodes) = (self.ring_size, size_of(&self.player));
        self.layout = Shared::new(Layout::new(size, nodes, self.has_resource()));
    }

    /// Updates the address once changes have stopped. Returns that the page has to be redrawn.
    fn touch(&mut self, ctx: &Context<Self>) -> bool {
        self.touched = true;
        if !self.player.is_playing() {
            self.keep_place();
        }
        let link = ctx.link().clone();
        self.settling = Some(Timeout::new(SETTLE_MS, move || link.send_message(Ask::Settled)));
        true
    }
}
