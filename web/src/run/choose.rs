//! The choice of the scenario; undo, redo, and the browser's Back button.

use antes_sim::scenario::{Scenario, Step};

use super::opening::{Opened, asked_for, find, open, varied};
use super::{Choice, ShownRun};
use crate::address::Address;
use crate::app::{Effect, Page, Subject};
use crate::chart::camera::FIRST_ZOOM;
use crate::control;
use crate::control::Ask;
use crate::dom;
use crate::host::place;
use crate::library::{self, Shelf};
use crate::message::Selection;
use crate::player::Player;
use crate::shared::Shared;
use crate::timeline::Timeline;
use crate::view::log;
use crate::visit;
use crate::words as w;

/// The most steps that can be undone.
const MAX_LEVELS: usize = 200;

/// The content that will be shown once a file has been fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Choice(Choice),
    /// The moment in the address at that time.
    Address,
}

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

impl ShownRun {
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

    /// Restores the place before the last change.
    pub(super) fn take_back(&mut self, page: &mut Page) -> Effect {
        let Some(place) = self.past.before.pop() else { return Effect::Nothing };
        let here = self.place();
        self.past.undone.push(here);
        self.go_to_place(page, place);
        page.notify(page.say(w::UNDONE).to_owned(), Some(&control::REDO));
        Effect::Moment
    }

    /// Restores the place that was undone last.
    pub(super) fn do_again(&mut self, page: &mut Page) -> Effect {
        let Some(place) = self.past.undone.pop() else { return Effect::Nothing };
        let here = self.place();
        self.past.before.push(here);
        self.go_to_place(page, place);
        Effect::Moment
    }

    fn go_to_place(&mut self, page: &mut Page, place: Place) {
        let Place { choice, acts, prepared, at_us, done } = place;
        // It was loaded when it was shown.
        let Some(scenario) = self.shelf.get(choice.place) else { return };
        self.enter(page, choice, |run, page| {
            run.start(page, scenario, &acts);
            run.player.set_prepared(prepared);
            run.player.go_to(done, at_us);
        });
    }

    /// Restores the place before the first act, without acts and with the seed of the story.
    pub(super) fn back_to_story(&mut self, page: &mut Page) {
        let Some(scenario) = self.shelf.get(self.choice.place) else { return };
        let first = self.player.run().interventions().next().cloned();
        let now_us = self.player.run().now_us();
        self.remember();
        let choice = Choice { seed: None, profile: None, ..self.choice };
        self.enter(page, choice, |run, page| {
            run.start(page, scenario, &[]);
            match first {
                Some(step) => run.player.go_to_before(&step),
                None => run.player.seek(now_us),
            }
        });
    }

    pub(super) fn choose_place(&mut self, page: &mut Page, place: Option<usize>) {
        if let Some(place) = place {
            self.choose(page, Choice { place, profile: None, seed: None });
        }
    }

    /// Shows a choice, now or as soon as it is loaded.
    pub(super) fn choose(&mut self, page: &mut Page, choice: Choice) {
        let Some(scenario) = self.shelf.get(choice.place) else {
            self.want(page, Wanted::Choice(choice));
            return;
        };
        self.wanted = None;
        page.is_fetching = false;
        if choice == self.choice {
            return;
        }
        let (acts, before) = (self.player.run().interventions().count(), self.choice);
        self.remember();
        self.enter(page, choice, |run, page| run.start(page, scenario, &[]));
        let seed = self.player.run().scenario().seed;
        let reseeded = before.seed != choice.seed && before.place == choice.place;
        let told = reseeded.then(|| w::SEED_CHOSEN.fill(page.language, &[&seed]));
        let gone = (acts > 0).then(|| w::ACTS_GONE.fill(page.language, &[&acts]));
        let told: Vec<_> = told.into_iter().chain(gone).collect();
        if !told.is_empty() {
            page.notify(told.join(" "), Some(&control::UNDO));
        }
    }

    fn want(&mut self, page: &mut Page, wanted: Wanted) {
        page.is_fetching = true;
        if self.wanted.replace(wanted).is_none() {
            page.link.send_future(async { Ask::Fetched(Shelf::fetch().await) });
        }
    }

    pub(super) fn fetched(&mut self, page: &mut Page, shelf: Option<Shelf>) {
        let wanted = self.wanted.take();
        page.is_fetching = false;
        match (shelf, wanted) {
            (Some(shelf), wanted) => {
                self.shelf = Shared::new(shelf);
                match wanted {
                    Some(Wanted::Choice(choice)) => self.choose(page, choice),
                    Some(Wanted::Address) => self.revisit(page),
                    None => {}
                }
            }
            (None, Some(Wanted::Choice(choice))) => {
                page.troubles = vec![(w::NO_LIBRARY, library::entry(choice.place).slug.to_owned())];
                dom::set_list(library::entry(library::listed_as(self.choice.place)).slug);
            }
            (None, Some(Wanted::Address) | None) => {}
        }
    }

    /// Shows the address that the browser has gone back or forward to.
    pub(super) fn revisit(&mut self, page: &mut Page) {
        let (address, mut troubles) = Address::read(&dom::query());
        if asked_for(&address).is_some_and(|choice| self.shelf.get(choice.place).is_none()) {
            self.want(page, Wanted::Address);
            return;
        }
        self.remember();
        let (choice, scenario, trouble) = find(&self.shelf, &address);
        troubles.splice(0..0, trouble);
        self.choice = choice;
        page.settings = address.settings.clone();
        self.ranged = choice.place;
        page.mark_document();
        let Opened { player, selection, .. } =
            open(varied(scenario.clone(), choice), &address, &mut troubles);
        self.begin(page, &scenario, player);
        page.selection = selection;
        page.troubles = troubles;
    }

    /// Makes another choice. For another scenario, adds an entry to the browser's history.
    fn enter(&mut self, page: &mut Page, choice: Choice, start: impl FnOnce(&mut Self, &mut Page)) {
        let Choice { place, profile, .. } = self.choice;
        let is_other = (place, profile) != (choice.place, choice.profile);
        if is_other && page.touched {
            self.tell_address(page);
        }
        self.choice = choice;
        start(self, page);
        match (is_other, page.embed) {
            (true, false) => visit::push_query(&self.query(page)),
            (true, true) => self.tell_address(page),
            (false, _) => {}
        }
    }

    /// Starts the chosen scenario with these future acts. `scenario` is in the profile of its
    /// story.
    fn start(&mut self, page: &mut Page, scenario: Scenario, acts: &[Step]) {
        let player = Player::new(varied(scenario.clone(), self.choice), acts, self.player.speed());
        self.begin(page, &scenario, player);
    }

    fn begin(&mut self, page: &mut Page, told: &Scenario, mut player: Player) {
        self.told_seed = told.seed;
        player.set_speed(self.player.speed());
        player.set_still(dom::is_still(page.view.motion));
        self.player = player;
        let range = self.address(page).settings.range();
        self.player.set_range(range);
        page.runs += 1;
        page.log_count = log::PAGE;
        page.camera.left = None;
        if page.opening.zoom.take() == Some(page.camera.zoom) {
            page.camera.zoom = FIRST_ZOOM;
        }
        page.menu = None;
        page.notice = None;
        self.forget_future(page);
    }

    /// Discards a selection in the future that is no longer known.
    pub(super) fn forget_future(&self, page: &mut Page) {
        page.selection = Selection::Latest;
        page.hovered = None;
    }

    /// Updates the address to this moment.
    fn tell_address(&self, page: &Page) {
        let query = self.query(page);
        visit::set_query(&query);
        if visit::is_framed() {
            place::keep(&query);
        }
    }
}
