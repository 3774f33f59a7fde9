//! Handles the messages of a comparison.

use antes_sim::scenario::{Action, Which};
use antes_sim::trace::{Happening, MessageId};
use gloo_timers::callback::Timeout;
use yew::Context;

use super::page::last_side;
use super::{App, MAX_FRAME_US, Message, NOTICE_MS, SETTLE_MS, pair_at};
use crate::acts;
use crate::address::Address;
use crate::app::scenario_at;
use crate::chart::scale::ZOOMS;
use crate::chart::walk::{self, Way};
use crate::compare::asked::{self, Versus};
use crate::dom;
use crate::host::place;
use crate::language::Language;
use crate::message::{Ask, Dialog, Selection, Target};
use crate::visit;
use crate::words as w;
use crate::words::recorded as r;

/// How long the runs play before the address is updated, in microseconds.
const ADDRESS_US: u64 = 1_000_000;

/// The most changes that can be undone.
const MAX_LEVELS: usize = 200;

impl App {
    /// Handles a message. Returns whether the page has to be redrawn.
    pub(super) fn obey(&mut self, ctx: &Context<Self>, ask: Ask) -> bool {
        match ask {
            Ask::Frame(at_us) => return self.frame_came(ctx, at_us),
            Ask::Settled => {
                self.settling = None;
                self.tell_address();
                return false;
            }
            Ask::Hold => return self.pair.hold(true),
            Ask::LetGo => return self.pair.hold(false),
            Ask::Hover(pointed) => return self.hover(pointed),
            Ask::Measured(faces) => {
                self.faces = faces;
                return true;
            }
            Ask::Host(message) => return self.obey_host(ctx, message),
            Ask::Faded => {
                self.fading = None;
                return self.notice.take().is_some();
            }
            Ask::Dismiss | Ask::HandedOver => return self.menu.take().is_some(),
            Ask::Resized { ring, chart } => {
                self.sizes = [ring, chart];
                self.lay_out();
                return true;
            }
            Ask::Undo => return self.undo(ctx),
            Ask::Redo => return self.redo(ctx),
            Ask::Revisit => self.revisit(),
            Ask::Menu(target) => self.open_menu(target),
            Ask::Close => self.close(),
            Ask::Select(selection) => self.select(selection),
            Ask::Inspect(id) => self.inspect(id),
            Ask::Show(seq) => self.show(seq),
            Ask::Compare => {
                visit::open(&self.single().write());
                return false;
            }
            Ask::Open(Dialog::Find) => return false,
            Ask::Open(dialog) => {
                self.menu = None;
                self.copied = None;
                self.pair.pause();
                self.dialog = if self.dialog == Some(dialog) { None } else { Some(dialog) };
            }
            Ask::Copy => {
                let address = dom::address_with(&self.query());
                ctx.link().send_future(async move {
                    Message::Asked(Ask::Copied(dom::copy(address).await))
                });
            }
            Ask::Copied(done) => self.copied = Some(done),
            Ask::Skip => {
                dom::focus_first(".transport .play");
                return false;
            }
            Ask::FullScreen => {
                dom::fill_screen();
                return false;
            }
            Ask::Walk(way) => self.walk(way),
            Ask::Zoom(_) | Ask::Pan(_) | Ask::Follow => self.move_camera(&ask),
            ask if self.moves_time(&ask) => {}
            ask if self.changes_view(ctx, &ask) => {}
            ask => return self.act_on(ctx, &ask),
        }
        self.touch(ctx);
        true
    }

    fn act_on(&mut self, ctx: &Context<Self>, ask: &Ask) -> bool {
        let side = last_side();
        let Some(actions) = acts::meant(ask, self.pair.player(side).run()) else { return false };
        self.act(ctx, side, &actions);
        self.touch(ctx);
        true
    }

    fn hover(&mut self, pointed: Option<crate::pointed::Pointed>) -> bool {
        if self.selection == Selection::Latest && self.menu.is_none() {
            self.side = last_side();
            return std::mem::replace(&mut self.hovered, pointed) != pointed;
        }
        let here = pointed.filter(|_| self.side == last_side());
        std::mem::replace(&mut self.hovered, here) != here
    }

    fn frame_came(&mut self, ctx: &Context<Self>, at_us: u64) -> bool {
        self.frame = None;
        let last = self.last_frame_us.replace(at_us);
        if !self.pair.is_playing() {
            self.last_frame_us = None;
            return false;
        }
        let passed = last.map_or(0, |last| at_us.saturating_sub(last)).min(MAX_FRAME_US);
        if let Some((side, violation)) = self.pair.frame(passed) {
            (self.side, self.selection) = (side, Selection::Event(violation));
        }
        if !self.pair.is_playing() {
            self.last_frame_us = None;
            self.touch(ctx);
        } else if at_us.abs_diff(self.addressed_us) >= ADDRESS_US {
            self.addressed_us = at_us;
            self.tell_address();
        }
        true
    }

    /// Whether a request moves time. If so, it is carried out.
    fn moves_time(&mut self, ask: &Ask) -> bool {
        let pair = &mut self.pair;
        match *ask {
            Ask::Play => pair.play(),
            Ask::Pause => pair.pause(),
            Ask::Toggle if pair.is_playing() => pair.pause(),
            Ask::Toggle => pair.play(),
            Ask::Step => pair.step(),
            Ask::Back => pair.step_back(),
            Ask::Jump => pair.jump(),
            Ask::JumpBack => pair.jump_back(),
            Ask::Reset => pair.reset(),
            Ask::End => pair.finish(),
            Ask::Seek(at_us) => pair.seek(at_us),
            Ask::Speed(speed) => pair.set_speed(speed),
            Ask::Faster(stops) => pair.set_speed(pair.speed().faster(stops)),
            _ => return false,
        }
        if !matches!(ask, Ask::Speed(_) | Ask::Faster(_) | Ask::Pause) {
            self.look_at_present();
        }
        true
    }

    fn look_at_present(&mut self) {
        self.menu = None;
        self.camera.left = None;
        self.selection = Selection::Latest;
    }

    /// Whether a request changes how the page looks. If so, it is carried out.
    fn changes_view(&mut self, ctx: &Context<Self>, ask: &Ask) -> bool {
        match *ask {
            Ask::Language => {
                let other = self.language.other();
                ctx.link().send_future(async move {
                    w::fetch(other).await;
                    Message::Asked(Ask::Speak(other))
                });
            }
            Ask::Speak(language) => self.speak(language),
            Ask::Theme => self.view.theme = Some(dom::other_theme(self.view.theme)),
            Ask::Colours(theme) => self.view.theme = theme,
            Ask::TypeSize(type_size) => self.view.type_size = type_size,
            Ask::Motion(motion) => {
                self.view.motion = motion;
                self.pair.set_still(dom::is_still(motion));
            }
            Ask::Characters(on) => {
                self.view.no_characters = !on;
                self.tell_keys();
            }
            Ask::Stamps(stamps) => self.stamps = stamps,
            _ => return false,
        }
        self.mark_document();
        true
    }

    fn speak(&mut self, language: Language) {
        if w::are_at_hand(language) {
            self.language = language;
            self.address.language = Some(language);
        } else {
            self.troubles = vec![(w::NO_LANGUAGE, language.tag().to_owned())];
        }
    }

    fn move_camera(&mut self, ask: &Ask) {
        let (mut camera, now_us) = (self.camera, self.pair.now_us());
        match *ask {
            Ask::Zoom(steps) => {
                camera.stretch(steps, &ZOOMS, now_us, |zoom| self.scale_at(0, zoom));
            }
            Ask::Pan(by) => {
                let scale = self.scale(0);
                let cursor = |side: usize| self.sides[side].picture.cursor(&scale, now_us);
                camera.pan(by, &scale, now_us, cursor(0).max(cursor(1)));
            }
            _ => camera.left = None,
        }
        self.camera = camera;
    }

    /// Applies actions to both runs, and shows a notice about the result.
    pub(super) fn act(&mut self, ctx: &Context<Self>, side: usize, actions: &[Action]) {
        self.menu = None;
        if let Err(reason) = self.can_act(side, actions) {
            self.notify(ctx, reason, None);
            return;
        }
        self.remember();
        let known = [0, 1].map(|side| self.pair.player(side).run().trace().len());
        for action in actions {
            self.pair.act(action);
        }
        self.comparison = self.pair.comparison();
        self.look_at_present();
        let planned = acts::planned(actions, self.language);
        let told = [0, 1].map(|side| {
            let trace = self.pair.player(side).run().trace();
            acts::told(trace, known[side], self.language).unwrap_or_default()
        });
        let text = match (planned, told) {
            (Some(planned), _) => planned,
            (None, [one, other]) if one == other => one,
            (None, told) => {
                let told = [0, 1].map(|side| [&self.named(side), ": ", &told[side]].concat());
                told.join(" ")
            }
        };
        self.notify(ctx, text, Some("undo"));
    }

    /// Whether these actions can be done, and mean the same in both runs.
    pub(super) fn can_act(&self, side: usize, actions: &[Action]) -> Result<(), String> {
        if let Some(over) = [0, 1].into_iter().find(|&it| self.pair.over_since_us(it).is_some()) {
            return Err(r::ACT_AFTER_END.fill(self.language, &[&self.named(over)]));
        }
        let flight = |side: usize, id: MessageId| {
            let mut flights = self.pair.player(side).run().world().flights();
            flights.find(|flight| flight.message.id == id).map(|flight| flight.message.content)
        };
        for action in actions {
            let Action::Tamper { which: Which::Id(id), .. } = action else { continue };
            let (here, there) = (flight(side, *id), flight(1 - side, *id));
            if here.or(there).is_none() {
                return Err(w::IGNORED_NOT_ON_ITS_WAY.say(self.language).to_owned());
            }
            // A run without the message tells that the act has no effect there.
            if here.zip(there).is_some_and(|(here, there)| here.name() != there.name()) {
                return Err(r::ONE_SIDED.fill(self.language, &[&self.named(1 - side)]));
            }
        }
        Ok(())
    }

    pub(super) fn notify(
        &mut self,
        ctx: &Context<Self>,
        text: String,
        offer: Option<&'static str>,
    ) {
        self.notice = Some((text, offer));
        let link = ctx.link().clone();
        let faded = move || link.send_message(Message::Asked(Ask::Faded));
        self.fading = Some(Timeout::new(NOTICE_MS, faded));
    }

    fn remember(&mut self) {
        self.undone.clear();
        if self.before.len() == MAX_LEVELS {
            self.before.remove(0);
        }
        self.before.push(self.pair.place());
    }

    fn undo(&mut self, ctx: &Context<Self>) -> bool {
        let Some(place) = self.before.pop() else { return false };
        self.undone.push(self.pair.place());
        self.restore(place);
        self.notify(ctx, w::UNDONE.say(self.language).to_owned(), Some("redo"));
        self.touch(ctx);
        true
    }

    fn redo(&mut self, ctx: &Context<Self>) -> bool {
        let Some(place) = self.undone.pop() else { return false };
        self.before.push(self.pair.place());
        self.restore(place);
        self.notice = None;
        self.touch(ctx);
        true
    }

    fn restore(&mut self, place: crate::compare::pair::Place) {
        self.pair.restore(place);
        self.pair.set_still(dom::is_still(self.view.motion));
        self.began();
    }

    /// The runs are other ones than before.
    fn began(&mut self) {
        self.comparison = self.pair.comparison();
        self.sides.iter_mut().for_each(|side| side.picture = super::Picture::default());
        self.hovered = None;
        self.look_at_present();
        self.lay_out();
    }

    /// Compares the first run with another one, at this moment and with what was done.
    pub(super) fn compare_with(&mut self, ctx: &Context<Self>, versus: Versus) -> bool {
        let single = self.single().write();
        self.tell_address();
        visit::push_query(&[&single, "&", asked::NAME, "=", &versus.name()].concat());
        self.revisit();
        self.touch(ctx);
        true
    }

    /// Shows what the address says now.
    pub(super) fn revisit(&mut self) {
        let query = dom::query();
        let (address, mut troubles) = Address::read(&query);
        let base = scenario_at(&self.shelf, &address, &mut troubles);
        let (compared, refused) = asked::compared(&self.shelf, &address, base, &query);
        self.pair = pair_at(&compared, &address, &mut troubles);
        self.pair.set_still(dom::is_still(self.view.motion));
        (self.compared, self.refused, self.troubles) = (compared, refused, troubles);
        self.address = address;
        (self.before, self.undone, self.notice) = (Vec::new(), Vec::new(), None);
        self.runs += 1;
        self.began();
    }

    pub(super) fn go_to_parting(&mut self, ctx: &Context<Self>) -> bool {
        let Some(parting) = &self.comparison.parting else { return false };
        let (at_us, next) = (parting.at_us(), parting.next.clone());
        self.pair.seek(at_us);
        self.look_at_present();
        let first = next.iter().position(|it| it.as_ref().is_some_and(|it| it.at_us == at_us));
        if let Some(side) = first
            && let Some(event) = &next[side]
            && (event.seq as usize) < self.pair.player(side).run().trace().len()
        {
            (self.side, self.selection) = (side, Selection::Event(event.seq));
        }
        self.touch(ctx);
        true
    }

    fn open_menu(&mut self, target: Target) {
        let side = last_side();
        let goes_on = matches!((self.menu, target), (Some(Target::Sides(..)), Target::Sides(..)));
        let is_open = self.menu == Some(target) && self.side == side;
        self.side = side;
        self.selection = Selection::Latest;
        self.menu = if is_open { None } else { Some(target) };
        self.menu_opens = self.menu.is_some() && !goes_on;
        if let Target::Message(_) = target {
            self.pair.pause();
        }
    }

    fn close(&mut self) {
        if self.dialog.take().is_some() {
            dom::close_dialog();
            return;
        }
        let control = match self.menu.take() {
            Some(
                Target::Node(node)
                | Target::Links(node)
                | Target::Crash(node)
                | Target::Sides(node, _),
            ) => format!("[data-action=node-menu][data-about='{node}']"),
            Some(Target::Message(message)) => format!("[data-message='{message}']"),
            None => {
                self.selection = Selection::Latest;
                self.troubles.clear();
                self.refused = None;
                return;
            }
        };
        dom::focus_first(&[&super::page::selector(self.side), " ", &control].concat());
    }

    fn select(&mut self, selection: Selection) {
        let side = last_side();
        self.menu = None;
        let is_same = self.selection == selection && self.side == side;
        self.side = side;
        self.selection = if is_same { Selection::Latest } else { selection };
        if self.selection != Selection::Latest {
            self.pair.pause();
        }
    }

    fn inspect(&mut self, id: MessageId) {
        let is_send = |happening: &Happening| match happening {
            Happening::Send(message) | Happening::Duplicate { message } => message.id == id,
            _ => false,
        };
        let trace = self.pair.player(last_side()).run().trace();
        let sent = trace.iter().rev().find(|event| is_send(&event.happening));
        if let Some(seq) = sent.map(|event| event.seq) {
            self.select(Selection::Event(seq));
        }
    }

    /// Goes to the instant of a line of the last side, and selects it.
    pub(super) fn show(&mut self, seq: u64) {
        let side = last_side();
        let trace = self.pair.player(side).run().known_trace();
        let Some(event) = usize::try_from(seq).ok().and_then(|place| trace.get(place)) else {
            return;
        };
        self.pair.seek(event.at_us);
        self.look_at_present();
        (self.side, self.selection) = (side, Selection::Event(seq));
    }

    /// Selects the next event of this side in this direction.
    fn walk(&mut self, way: Way) {
        let side = last_side();
        let selected = match self.selection {
            Selection::Event(seq) if self.side == side => Some(seq),
            _ => None,
        };
        let run = self.pair.player(side).run();
        let latest = run.trace().iter().rev().find(|event| event.node.is_some());
        let told = selected.or(latest.map(|event| event.seq));
        let next = walk::next(self.sides[side].picture.index(), told, way);
        if let Some(seq) = next.or(told) {
            self.pair.pause();
            (self.side, self.selection) = (side, Selection::Event(seq));
            let event = usize::try_from(seq)
                .ok()
                .and_then(|at| self.pair.player(side).run().trace().get(at));
            if let Some(at_us) = event.map(|event| event.at_us) {
                let scale = self.scale(side);
                self.camera.bring_into_view(at_us, &scale, self.pair.now_us());
            }
        }
    }

    /// Updates the address once changes have stopped.
    fn touch(&mut self, ctx: &Context<Self>) {
        if !self.pair.is_playing() && visit::is_framed() {
            place::keep(&self.query());
        }
        let link = ctx.link().clone();
        let settled = move || link.send_message(Message::Asked(Ask::Settled));
        self.settling = Some(Timeout::new(SETTLE_MS, settled));
    }

    pub(super) fn tell_address(&self) {
        visit::set_query(&self.query());
        if visit::is_framed() {
            place::keep(&self.query());
        }
    }
}
