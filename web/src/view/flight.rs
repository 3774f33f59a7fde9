//! Messages on the ring as elements.

use antes_core::Write;
use antes_picture::element::Element;
use antes_picture::ring::flight::{Flight, Placed};
use antes_sim::trace::Content;

use crate::ring::scene::receiver;
use crate::view::crowd::{Crowd, Figure};
use crate::view::ring::Clicks;
use crate::words as w;

/// A message on the ring, and the effect of a click on it.
#[derive(PartialEq)]
pub struct Sprite {
    flight: Flight,
    clicks: &'static Clicks,
}

/// Shows exactly these messages, and moves each to its place.
pub fn show(crowd: &mut Crowd<Sprite>, placed: Placed, clicks: &'static Clicks) {
    let places: Vec<_> = placed.iter().map(|&(.., place)| place).collect();
    crowd.show(placed.into_iter().map(|(key, flight, _)| (key, Sprite { flight, clicks })));
    crowd.place(places.into_iter());
}

impl Figure for Sprite {
    fn drawn(&self) -> Element {
        let message = &self.flight.message;
        let id = message.id.to_string();
        let drawn = self
            .flight
            .drawn()
            .with("aria-label", self.label(message.content.name()))
            .with("data-message", id.clone())
            .with("data-kind", message.content.name());
        if self.flight.lost {
            return drawn.with("role", "img").with("data-lost", "true");
        }
        drawn
            .with("role", "button")
            .with("tabindex", "0")
            .with("data-action", "message-menu")
            .with("data-about", id)
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
