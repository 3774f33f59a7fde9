//! Undo and redo, and the browser's Back button.

use antes_sim::scenario::{Scenario, Step};
use gloo_timers::callback::Timeout;
use yew::Context;

use super::opening::{Opened, asked_for, find, open, varied};
use super::{App, Choice, FIRST_ZOOM, NOTICE_MS, Notice, Offer, Wanted};
use crate::address::Address;
use crate::dom;
use crate::library::{self, Shelf};
use crate::message::{Ask, Selection};
use crate::player::Player;
use crate::shared::Shared;
use crate::view::log;
use crate::visit;
use crate::words as w;

/// The most steps that can be undone.
const MAX_LEVELS: usize = 200;

/// A run and a moment of it: all that is needed to make the run again.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    choice: Choice,
    /// All acts of users, including future ones.
    acts: Vec<Step>,
    /// The acts among them that the address has prepared.
    prepared: Vec<Step>,
    at_us: u64,
    done: u64,
}

/// The places for undo and redo. The latest is the last.
#[derive(Debug, Default)]
pub(super) struct Past {
    before: Vec<Place>,
    undone: Vec<Place>,
}

impl App {
    fn place(&self) -> Place {
        let run = self.player.run();
        Place {
            choice: self.choice,
            acts: run.interventions().cloned().collect(),
            prepared: self.player.prepared().to_vec(),
            at_us: run.now_us(),
            done: run.done(),
        }
    }

    /// Remembers the present place before a change.
    pub(super) fn remember(&mut self) {
        let place = self.place();
        let Past { before, undone } = &mut self.past;
        undone.clear();
        if before.len() == MAX_LEVELS {
            before.remove(0);
        }
        before.push(place);
    }

    /// Restores the place before the last change. Returns whether there was one.
    pub(super) fn undo(&mut self, ctx: &Context<Self>) -> bool {
        let Some(place) = self.past.before.pop() else { return false };
        let here = self.place();
        self.past.undone.push(here);
        self.go_to_place(place);
        self.notify(ctx, w::UNDONE.say(self.language).to_owned(), Offer::Redo);
        true
    }

    /// Restores the place that was undone last. Returns whether there was one.
    pub(super) fn redo(&mut self) -> bool {
        let Some(place) = self.past.undone.pop() else { return false };
        let here = self.place();
        self.past.before.push(here);
        self.go_to_place(place);
        true
    }

    fn go_to_place(&mut self, place: Place) {
        let Place { choice, acts, prepared, at_us, done } = place;
        // It was loaded when it was shown.
        let Some(scenario) = self.shelf.get(choice.place) else { return };
        self.enter(choice, |app| {
            app.load(scenario, &acts);
            app.player.set_prepared(prepared);
            app.player.go_to(done, at_us);
        });
    }

    /// Restores the place before the first act, without acts and with the seed of the story.
    pub(super) fn back_to_story(&mut self) {
        let Some(scenario) = self.shelf.get(self.choice.place) else { return };
        let first = self.player.run().interventions().next().cloned();
        let now_us = self.player.run().now_us();
        self.remember();
        self.enter(Choice { seed: None, profile: None, ..self.choice }, |app| {
            app.load(scenario, &[]);
            match first {
                Some(step) => app.player.go_to_before(&step),
                None => app.player.seek(now_us),
            }
        });
    }

    /// Shows a choice, now or as soon as it is loaded.
    pub(super) fn choose(&mut self, ctx: &Context<Self>, choice: Choice) {
        let Some(scenario) = self.shelf.get(choice.place) else {
            self.want(ctx, Wanted::Choice(choice));
            return;
        };
        self.wanted = None;
        if choice == self.choice {
            return;
        }
        let (acts, before) = (self.player.run().interventions().count(), self.choice);
        self.remember();
        self.enter(choice, |app| app.load(scenario, &[]));
        let seed = self.player.run().scenario().seed;
        let reseeded = before.seed != choice.seed && before.place == choice.place;
        let told = reseeded.then(|| w::SEED_CHOSEN.fill(self.language, &[&seed]));
        let gone = (acts > 0).then(|| w::ACTS_GONE.fill(self.language, &[&acts]));
        let told: Vec<_> = told.into_iter().chain(gone).collect();
        if !told.is_empty() {
            self.notify(ctx, told.join(" "), Offer::Undo);
        }
    }

    fn want(&mut self, ctx: &Context<Self>, wanted: Wanted) {
        if self.wanted.replace(wanted).is_none() {
            ctx.link().send_future(async { Ask::Fetched(Shelf::fetch().await) });
        }
    }

    pub(super) fn fetched(&mut self, ctx: &Context<Self>, shelf: Option<Shelf>) {
        let wanted = self.wanted.take();
        match (shelf, wanted) {
            (Some(shelf), wanted) => {
                self.shelf = Shared::new(shelf);
                match wanted {
                    Some(Wanted::Choice(choice)) => self.choose(ctx, choice),
                    Some(Wanted::Address) => self.revisit(ctx),
                    None => {}
                }
            }
            (None, Some(Wanted::Choice(choice))) => {
                self.troubles = vec![(w::NO_LIBRARY, library::entry(choice.place).slug.to_owned())];
                dom::set_list(library::entry(library::listed_as(self.choice.place)).slug);
            }
            (None, Some(Wanted::Address) | None) => {}
        }
    }

    /// Shows the address that the browser has gone back or forward to.
    pub(super) fn revisit(&mut self, ctx: &Context<Self>) {
        let (address, mut troubles) = Address::read(&dom::query());
        if asked_for(&address).is_some_and(|choice| self.shelf.get(choice.place).is_none()) {
            self.want(ctx, Wanted::Address);
            return;
        }
        self.remember();
        let (choice, scenario, trouble) = find(&self.shelf, &address);
        troubles.splice(0..0, trouble);
        self.choice = choice;
        self.settings = address.settings.clone();
        self.ranged = choice.place;
        self.mark_frame();
        let Opened { player, selection, .. } =
            open(varied(scenario.clone(), choice), &address, &mut troubles);
        self.begin(scenario, player);
        self.selection = selection;
        self.troubles = troubles;
    }

    /// Makes another choice. For another scenario, adds an entry to the browser's history.
    fn enter(&mut self, choice: Choice, load: impl FnOnce(&mut Self)) {
        let Choice { place, profile, .. } = self.choice;
        let is_other = (place, profile) != (choice.place, choice.profile);
        if is_other && self.touched {
            self.tell_address();
        }
        self.choice = choice;
        load(self);
        match (is_other, self.embed) {
            (true, false) => visit::push_query(&self.address().write()),
            (true, true) => self.tell_address(),
            (false, _) => {}
        }
    }

    /// Starts the chosen scenario with these future acts. `scenario` is in the profile of its
    /// story.
    fn load(&mut self, scenario: Scenario, acts: &[Step]) {
        let player = Player::new(varied(scenario.clone(), self.choice), acts, self.player.speed());
        self.begin(scenario, player);
    }

    fn begin(&mut self, told: Scenario, mut player: Player) {
        self.told_seed = told.seed;
        player.set_speed(self.player.speed());
        player.set_still(dom::is_still(self.view.motion));
        player.set_range(self.range_now());
        self.player = player;
        self.runs += 1;
        self.log_count = log::PAGE;
        self.camera.left = None;
        if self.opening.zoom.take() == Some(self.camera.zoom) {
            self.camera.zoom = FIRST_ZOOM;
        }
        self.menu = None;
        self.notice = None;
        self.forget_future();
        self.lay_out();
    }

    /// Discards the known future and a selection in it.
    pub(super) fn forget_future(&mut self) {
        self.marks = Shared::new(self.player.outlook().marks.clone());
        self.selection = Selection::Latest;
        self.hovered = None;
    }

    /// Shows a notice for a while.
    pub(super) fn notify(&mut self, ctx: &Context<Self>, text: String, offer: Offer) {
        self.notice = Some(Notice { text, offer });
        let link = ctx.link().clone();
        self.fading = Some(Timeout::new(NOTICE_MS, move || link.send_message(Ask::Faded)));
    }

    /// Updates the address to this moment.
    pub(super) fn tell_address(&self) {
        visit::set_query(&self.address().write());
        self.keep_place();
    }
}
