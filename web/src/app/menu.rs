//! The menus of nodes and messages: opening, closing, and their place.

use super::{App, Effect, side};
use crate::control::Ask;
use crate::dom;
use crate::message::{Selection, Target};
use crate::px::Point;
use crate::ring::layout::progress;
use crate::ring::scene::receiver;
use crate::view::menu;

impl App {
    pub(super) fn open_menu(&mut self, target: Target) -> Effect {
        if !self.subject.clicks().menus {
            return match target {
                Target::Message(id) => self.obey(Ask::Inspect(id)),
                Target::Node(_) | Target::Links(_) | Target::Crash(_) | Target::Sides(..) => {
                    Effect::Nothing
                }
            };
        }
        let page = &mut self.page;
        let goes_on = matches!((page.menu, target), (Some(Target::Sides(..)), Target::Sides(..)));
        let is_open = page.menu == Some(target) && page.side == side::last();
        if page.side != side::last() {
            // The selection is on the other side.
            page.selection = Selection::Latest;
        }
        page.side = side::last();
        page.menu = if is_open { None } else { Some(target) };
        // If the user chooses further, the focus stays in the menu.
        page.menu_opens = page.menu.is_some() && !goes_on;
        if let (Target::Message(_), Some(timeline)) = (target, self.subject.timeline_mut()) {
            timeline.pause();
        }
        Effect::Moment
    }

    /// Closes the menu and returns the focus. Returns whether one was open.
    pub(super) fn close_menu(&mut self) -> bool {
        let control = match self.page.menu.take() {
            Some(
                Target::Node(node)
                | Target::Links(node)
                | Target::Crash(node)
                | Target::Sides(node, _),
            ) => format!("[data-action=node-menu][data-about='{node}']"),
            Some(Target::Message(message)) => format!("[data-message='{message}']"),
            None => return false,
        };
        let is_pair = self.subject.timeline().is_some_and(|timeline| timeline.sides() > 1);
        let side = if is_pair { side::selector(self.page.side) + " " } else { String::new() };
        dom::focus_first(&(side + &control));
        true
    }

    /// The position of the open menu.
    pub(super) fn menu_corner(&self) -> Option<Point> {
        let target = self.page.menu?;
        let side = self.page.side;
        let facts = self.subject.timeline()?.side(side);
        let (layout, run) = (&self.pictures[side].layout, facts.run?);
        let (at, gap) = match target {
            Target::Node(node)
            | Target::Links(node)
            | Target::Crash(node)
            | Target::Sides(node, _) => (layout.centre(node), layout.radius + 14.0),
            Target::Message(id) => {
                let flight = run.world().flights().find(|flight| flight.message.id == id)?;
                let (start, end) = layout.lane(id.from, receiver(&flight.message));
                let share = progress(run.now_us(), flight.sent_us, flight.lands_us);
                (start.towards(end, share), 22.0)
            }
        };
        let count = menu::items(target, run, self.page.language).len();
        Some(menu::corner(count, at, gap, self.page.sizes[0]))
    }
}
