//! Undo and redo in a comparison, and the choice of the other run.

use super::ShownPair;
use crate::app::{Effect, Page, Subject};
use crate::compare::asked::Versus;
use crate::compare::pair::Place;
use crate::control;
use crate::dom;
use crate::host::place;
use crate::timeline::Timeline;
use crate::visit;
use crate::words as w;

/// The most changes that can be undone.
const MAX_LEVELS: usize = 200;

impl ShownPair {
    pub(super) fn remember(&mut self) {
        self.undone.clear();
        if self.before.len() == MAX_LEVELS {
            self.before.remove(0);
        }
        self.before.push(self.pair.place());
    }

    pub(super) fn take_back(&mut self, page: &mut Page) -> Effect {
        let Some(place) = self.before.pop() else { return Effect::Nothing };
        self.undone.push(self.pair.place());
        self.restore(page, place);
        page.notify(page.say(w::UNDONE).to_owned(), Some(&control::REDO));
        Effect::Moment
    }

    pub(super) fn do_again(&mut self, page: &mut Page) -> Effect {
        let Some(place) = self.undone.pop() else { return Effect::Nothing };
        self.before.push(self.pair.place());
        self.restore(page, place);
        page.notice = None;
        Effect::Moment
    }

    fn restore(&mut self, page: &mut Page, place: Place) {
        self.pair.restore(place);
        self.began(page);
    }

    /// The runs are other ones than before.
    fn began(&mut self, page: &mut Page) {
        self.pair.set_still(dom::is_still(page.view.motion));
        self.comparison = self.pair.comparison();
        page.runs += 1;
        page.hovered = None;
        page.look_at_present();
    }

    /// Compares the first run with another one, at this moment and with what was done.
    pub(super) fn compare_with(&mut self, page: &mut Page, versus: Versus) -> Effect {
        let query = self.query_of(page, versus);
        visit::set_query(&self.query(page));
        if visit::is_framed() {
            place::keep(&self.query(page));
        }
        visit::push_query(&query);
        self.revisit(page);
        Effect::Moment
    }

    /// Shows what the address says now.
    pub(super) fn revisit(&mut self, page: &mut Page) {
        let (address, shown, troubles) = Self::at_address(self.shelf.clone());
        *self = shown;
        page.settings = address.settings;
        (page.troubles, page.notice) = (troubles, None);
        self.began(page);
    }
}
