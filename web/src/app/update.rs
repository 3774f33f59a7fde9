//! Handles the requests to the page. Each is carried out here alike for runs, recordings and comparisons; those
//! that only some of them know go to the [subject](super::Subject).

use antes_sim::trace::{Happening, MessageId};
use gloo_timers::callback::Timeout;

use super::{App, Effect, side};
use crate::acts;
use crate::alike;
use crate::chart::walk::{self, Way};
use crate::control::Ask;
use crate::dom;
use crate::host::place;
use crate::language::Language;
use crate::message::{Act, Dialog, Look, Selection, Time};
use crate::pointed::Pointed;
use crate::room;
use crate::view::log;
use crate::visit;
use crate::words as w;

/// The most time that passes with a late frame, in microseconds. So a page that becomes visible again
/// continues where it was, and a slow machine plays slowly.
const MAX_FRAME_US: u64 = 100_000;

/// How long changes must stop before the address is updated, in milliseconds.
const SETTLE_MS: u32 = 300;

/// How long time passes before the address is updated, in microseconds.
const ADDRESS_US: u64 = 1_000_000;

impl App {
    /// Handles a request. It is long because it has an arm for each.
    pub(super) fn obey(&mut self, ask: Ask) -> Effect {
        match ask {
            Ask::Time(time) => self.move_time(time),
            Ask::Look(look) => self.look(look),
            Ask::Act(act) => self.act(&act),
            Ask::Frame(at_us) => self.frame_came(at_us),
            Ask::Settled => {
                self.settling = None;
                self.tell_address();
                Effect::Nothing
            }
            Ask::Hold => self.hold(true),
            Ask::LetGo => self.hold(false),
            Ask::Hover(pointed) => self.hover(pointed),
            Ask::Measured(faces) => {
                self.page.faces = faces;
                Effect::Redraw
            }
            Ask::Resized { ring, chart } => self.resize(ring, chart),
            Ask::Host(message) => self.obey_host(message),
            Ask::HandedOver | Ask::Dismiss => Effect::redraw(self.page.menu.take().is_some()),
            Ask::Faded => {
                self.page.fading = None;
                Effect::redraw(self.page.notice.take().is_some())
            }
            Ask::Alike { later } => self.go_to_alike(later),
            Ask::Menu(target) => self.open_menu(target),
            Ask::Close => self.close(),
            Ask::Select(selection) => self.select(side::last(), selection),
            Ask::Inspect(id) => self.inspect(id),
            Ask::Show(seq) => self.show(seq),
            Ask::Walk(way) => self.walk(way),
            Ask::Open(dialog) => self.open(dialog),
            Ask::Copy => {
                let address = dom::address_with(&self.subject.query(&self.page));
                self.page.link.send_future(async move { Ask::Copied(dom::copy(address).await) });
                Effect::Moment
            }
            Ask::Copied(done) => {
                self.page.copied = Some(done);
                Effect::Moment
            }
            Ask::Query(query) => {
                self.page.query = query;
                Effect::Moment
            }
            Ask::Found(slug) => {
                self.close();
                self.subject.own(&mut self.page, Ask::Found(slug))
            }
            Ask::Undo => self.subject.undo(&mut self.page),
            Ask::Redo => self.subject.redo(&mut self.page),
            Ask::NewSeed
            | Ask::Algorithm(_)
            | Ask::Scenario(_)
            | Ask::Profile(_)
            | Ask::Fetched(_)
            | Ask::Story
            | Ask::LeaveOut
            | Ask::Compare
            | Ask::TakeAway
            | Ask::Revisit
            | Ask::Quiet
            | Ask::Files
            | Ask::Versus(_)
            | Ask::Parting
            | Ask::SoFar(_) => self.subject.own(&mut self.page, ask),
        }
    }

    fn move_time(&mut self, time: Time) -> Effect {
        let Some(timeline) = self.subject.timeline_mut() else { return Effect::Nothing };
        let lines = timeline.side(0).past.len();
        if !timeline.obey(time) {
            return Effect::Nothing;
        }
        if timeline.side(0).past.len() < lines {
            // The noticed event may lie in the future now.
            self.page.notice = None;
        }
        if !matches!(time, Time::Speed(_) | Time::Faster(_) | Time::Pause) {
            self.page.look_at_present();
        }
        Effect::Moment
    }

    /// Changes how the page looks.
    fn look(&mut self, look: Look) -> Effect {
        let page = &mut self.page;
        match look {
            Look::Language => {
                let other = page.language.other();
                page.link.send_future(async move {
                    w::fetch(other).await;
                    Ask::Look(Look::Speak(other))
                });
                page.is_fetching = true;
                return Effect::Redraw;
            }
            Look::Speak(language) => self.speak(language),
            Look::Theme => page.view.theme = Some(dom::other_theme(page.view.theme)),
            Look::Colours(theme) => page.view.theme = theme,
            Look::TypeSize(type_size) => page.view.type_size = type_size,
            Look::Motion(motion) => {
                page.view.motion = motion;
                if let Some(timeline) = self.subject.timeline_mut() {
                    timeline.set_still(dom::is_still(motion));
                }
            }
            Look::Characters(on) => {
                (page.settings.no_characters, page.view.no_characters) = (!on, !on);
            }
            Look::FullScreen => {
                dom::fill_screen();
                return Effect::Nothing;
            }
            Look::Skip => {
                dom::focus_first(".transport .play");
                return Effect::Nothing;
            }
            Look::Stamps(stamps) => page.asked_stamps = Some(stamps),
            Look::Heartbeats => page.hidden.heartbeats = !page.hidden.heartbeats,
            Look::Repetitions => page.hidden.repetitions = !page.hidden.repetitions,
            Look::Earlier => page.log_count += log::PAGE,
            Look::Zoom(steps) => self.zoom(steps),
            Look::Pan(by) => {
                self.pan(by);
                return Effect::Redraw;
            }
            Look::Follow => page.camera.left = None,
        }
        self.page.mark_document();
        Effect::Moment
    }

    fn speak(&mut self, language: Language) {
        let page = &mut self.page;
        page.is_fetching = false;
        if w::are_at_hand(language) {
            page.language = language;
            page.asked_language = Some(language);
        } else {
            page.troubles = vec![(w::NO_LANGUAGE, language.tag().to_owned())];
        }
    }

    fn act(&mut self, act: &Act) -> Effect {
        let side = side::last();
        let Some(timeline) = self.subject.timeline() else { return Effect::Nothing };
        let facts = timeline.side(side);
        let Some(run) = facts.run else {
            return match act {
                Act::Click(node) if facts.size.contains(*node) => {
                    self.select(side, Selection::Node(*node))
                }
                // Nobody can act on a recording.
                _ => Effect::Nothing,
            };
        };
        match acts::meant(act, run) {
            Some(actions) => self.subject.act(&mut self.page, side, actions),
            None => Effect::Nothing,
        }
    }

    fn hold(&mut self, held: bool) -> Effect {
        let timeline = self.subject.timeline_mut();
        Effect::redraw(timeline.is_some_and(|timeline| timeline.hold(held)))
    }

    fn hover(&mut self, pointed: Option<Pointed>) -> Effect {
        let page = &mut self.page;
        if page.selection == Selection::Latest && page.menu.is_none() {
            page.side = side::last();
        }
        let here = pointed.filter(|_| page.side == side::last());
        Effect::redraw(std::mem::replace(&mut page.hovered, here) != here)
    }

    fn frame_came(&mut self, at_us: u64) -> Effect {
        self.frame = None;
        let last = self.last_frame_us.replace(at_us);
        let timeline = self.subject.timeline_mut().filter(|timeline| timeline.is_playing());
        let Some(timeline) = timeline else {
            self.last_frame_us = None;
            return Effect::Nothing;
        };
        let passed = last.map_or(0, |last| at_us.saturating_sub(last)).min(MAX_FRAME_US);
        if let Some((side, violation)) = timeline.frame(passed) {
            (self.page.side, self.page.selection) = (side, Selection::Event(violation));
            room::unfold(".why");
        }
        if !timeline.is_playing() {
            self.last_frame_us = None;
            return Effect::Moment;
        }
        if at_us.abs_diff(self.addressed_us) >= ADDRESS_US {
            self.addressed_us = at_us;
            self.tell_address();
        }
        Effect::Redraw
    }

    fn select(&mut self, side: usize, selection: Selection) -> Effect {
        let page = &mut self.page;
        page.menu = None;
        let is_same = page.selection == selection && page.side == side;
        page.side = side;
        page.selection = if is_same { Selection::Latest } else { selection };
        if page.selection != Selection::Latest {
            if let Some(timeline) = self.subject.timeline_mut() {
                timeline.pause();
            }
            room::unfold(".why");
        }
        if let Selection::Event(seq) = self.page.selection {
            self.bring_into_view(seq);
        }
        Effect::Moment
    }

    /// Goes to the moment after a line, and selects the line.
    fn show(&mut self, seq: u64) -> Effect {
        let Some(timeline) = self.subject.timeline_mut() else { return Effect::Nothing };
        timeline.show(side::last(), seq);
        self.page.look_at_present();
        self.select(side::last(), Selection::Event(seq))
    }

    /// Goes to the next or previous event like the selected one. Selects that event, unless a node is
    /// selected.
    fn go_to_alike(&mut self, later: bool) -> Effect {
        let (page, Some(timeline)) = (&mut self.page, self.subject.timeline_mut()) else {
            return Effect::Nothing;
        };
        if timeline.sides() > 1 {
            return Effect::Nothing;
        }
        let (facts, told) = (timeline.side(0), timeline.told(0, page.hidden));
        let done = facts.past.len();
        let Some(seq) = alike::find(facts.known, done, page.selection, told, later) else {
            return Effect::Moment;
        };
        if !matches!(page.selection, Selection::Node(_)) {
            return self.show(seq);
        }
        timeline.show(0, seq);
        page.menu = None;
        page.camera.left = None;
        Effect::Moment
    }

    /// Selects the send of a message.
    fn inspect(&mut self, id: MessageId) -> Effect {
        let is_send = |happening: &Happening| match happening {
            Happening::Send(message) | Happening::Duplicate { message } => message.id == id,
            _ => false,
        };
        let Some(timeline) = self.subject.timeline() else { return Effect::Nothing };
        let trace = timeline.side(side::last()).past;
        let sent = trace.iter().rev().find(|event| is_send(&event.happening));
        match sent.map(|event| event.seq) {
            Some(seq) => self.select(side::last(), Selection::Event(seq)),
            None => Effect::Nothing,
        }
    }

    /// Selects the next event in this direction.
    fn walk(&mut self, way: Way) -> Effect {
        let side = side::last();
        let (page, Some(timeline)) = (&mut self.page, self.subject.timeline_mut()) else {
            return Effect::Nothing;
        };
        let (selected, told) = (page.selected(side), timeline.told(side, page.hidden));
        let next = walk::next(timeline.side(side).index, selected.or(told), way);
        // If nothing is selected and no event lies in this direction, selects the event that the moment is
        // about.
        if let Some(seq) = next.or(told.filter(|_| selected.is_none())) {
            timeline.pause();
            (page.side, page.selection) = (side, Selection::Event(seq));
            self.bring_into_view(seq);
            room::unfold(".why");
        }
        Effect::Moment
    }

    fn open(&mut self, dialog: Dialog) -> Effect {
        if self.subject.dialog(&self.page, dialog).is_none() {
            return Effect::Nothing;
        }
        if let Some(timeline) = self.subject.timeline_mut() {
            timeline.pause();
        }
        let page = &mut self.page;
        page.menu = None;
        page.copied = None;
        page.query.clear();
        page.dialog = if page.dialog == Some(dialog) { None } else { Some(dialog) };
        Effect::Moment
    }

    fn close(&mut self) -> Effect {
        if self.page.dialog.take().is_some() {
            dom::close_dialog();
            return Effect::Moment;
        }
        if !self.close_menu() {
            self.page.selection = Selection::Latest;
        }
        self.page.troubles.clear();
        self.subject.forget_trouble();
        Effect::Moment
    }

    /// Updates the address to this moment.
    pub(super) fn tell_address(&self) {
        let query = self.subject.query(&self.page);
        visit::set_query(&query);
        self.keep_place(&query);
    }

    /// Saves the current moment, in case the host removes the page and adds it again.
    fn keep_place(&self, query: &str) {
        if visit::is_framed() && self.subject.is_kept_in_frames() {
            place::keep(query);
        }
    }

    /// Updates the address once changes have stopped.
    pub(super) fn touch(&mut self) {
        self.page.touched = true;
        if !self.is_playing() && visit::is_framed() {
            self.keep_place(&self.subject.query(&self.page));
        }
        let link = self.page.link.clone();
        self.settling = Some(Timeout::new(SETTLE_MS, move || link.send_message(Ask::Settled)));
    }
}
