//! Messages on the ring, as elements of the page.

use antes_core::Write;
use antes_picture::ring::flight::{Flight, Placed};
use antes_sim::trace::Content;
use web_sys::Element;

use crate::dom::set;
use crate::ring::scene::receiver;
use crate::view::crowd::{Crowd, Figure};
use crate::view::redraw::redraw;
use crate::view::ring::Clicks;
use crate::words as w;

/// A message on the ring, and what a click on it does.
#[derive(PartialEq)]
pub struct Sprite {
    flight: Flight,
    clicks: &'static Clicks,
}

/// Shows these messages and no others.
pub fn show(crowd: &mut Crowd<Sprite>, placed: Placed, clicks: &'static Clicks) {
    let places: Vec<_> = placed.iter().map(|&(.., place)| place).collect();
    crowd.show(placed.into_iter().map(|(key, flight, _)| (key, Sprite { flight, clicks })));
    crowd.place(places.into_iter());
}

impl Figure for Sprite {
    fn draw(&self, element: &Element) {
        let message = &self.flight.message;
        let id = message.id.to_string();
        let set = |name, value: &str| set(element, name, value);
        set("aria-label", &self.label(message.content.name()));
        set("data-message", &id);
        set("data-kind", message.content.name());
        if self.flight.lost {
            set("role", "img");
            set("data-lost", "true");
        } else {
            set("role", "button");
            set("tabindex", "0");
            set("data-action", "message-menu");
            set("data-about", &id);
        }
        redraw(element, &self.flight.drawn());
    }
}

impl Sprite {
    fn label(&self, name: &'static str) -> String {
        let Flight { message, lost, refused, language, .. } = self.flight;
        let from = message.id.from;
        if let (true, Content::Write(Write { token: Some(token), .. })) = (refused, message.content)
        {
            return w::WRITE_REFUSED_LABEL.fill(language, &[&from, &token]);
        }
        match (lost, receiver(&message)) {
            (true, Some(to)) => w::MESSAGE_DIED.fill(language, &[&name, &from, &to]),
            (true, None) => {
                w::MESSAGE_DIED.fill(language, &[&name, &from, &w::THE_RESOURCE.say(language)])
            }
            (false, Some(to)) => self.clicks.message.fill(language, &[&name, &from, &to]),
            (false, None) => self.clicks.write.fill(language, &[&from]),
        }
    }
}
