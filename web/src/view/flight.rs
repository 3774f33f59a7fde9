//! Messages on the ring: those on their way, and those that died a short while ago.

use antes_core::Traffic;
use antes_sim::trace::{MessageId, MessageRecord};
use web_sys::Element;

use crate::dom::set;
use crate::language::Language;
use crate::look::{self, classes, when};
use crate::px::{Point, Size};
use crate::ring::layout::{Beside, Layout};
use crate::ring::scene::{FlightScene, receiver};
use crate::view::crowd::{Crowd, Figure};
use crate::view::ring::Clicks;
use crate::words as w;

/// More messages than this are drawn without their names.
const MAX_NAMED: usize = 24;

/// On a ring that is smaller than this, names would lie upon each other.
const LEAST_NAMED_PX: f64 = 310.0;

/// How wide a letter of a message's name is, at most.
const LETTER_PX: f64 = 9.6;

/// Of what a message on the ring looks like, all but its place.
#[derive(PartialEq)]
pub struct Flight {
    message: MessageRecord,
    lost: bool,
    pointed: bool,
    /// Where its name stands, if it has room.
    name: Option<Beside>,
    clicks: &'static Clicks,
    language: Language,
}

/// How all of them are shown.
pub struct Manner<'a> {
    /// Where things are.
    pub layout: &'a Layout,
    /// The size of the surface.
    pub size: Size,
    /// Whether they are lost.
    pub lost: bool,
    /// The one to point out.
    pub pointed: Option<MessageId>,
    /// What a click does.
    pub clicks: &'static Clicks,
    /// The language.
    pub language: Language,
}

/// Shows these messages and no others.
pub fn show(crowd: &mut Crowd<Flight>, scenes: &[FlightScene], manner: &Manner<'_>) {
    let Manner { layout, size, lost, pointed, clicks, language } = *manner;
    let way = |flight: &FlightScene| layout.lane(flight.message.id.from, receiver(&flight.message));
    let narrowest = size.width.min(size.height);
    let named = !lost && scenes.len() <= MAX_NAMED && narrowest >= LEAST_NAMED_PX;
    crowd.show(scenes.iter().map(|flight| {
        let content = &flight.message.content;
        let name = if named && content.traffic() != Traffic::Heartbeat {
            layout.name_place(way(flight), LETTER_PX * content.name().len() as f64, size)
        } else {
            None
        };
        let pointed = pointed == Some(flight.message.id);
        (flight.key, Flight { message: flight.message, lost, pointed, name, clicks, language })
    }));
    crowd.place(scenes.iter().map(|flight| {
        let (start, end) = way(flight);
        start.towards(end, flight.progress)
    }));
}

impl Figure for Flight {
    fn draw(&self, element: &Element) {
        let content = &self.message.content;
        let (name, traffic) = (content.name(), content.traffic());
        let id = self.message.id.to_string();
        let set = |name, value: &str| set(element, name, value);
        let class = classes(&[
            "flight",
            when(content.is_reply(), "reply"),
            when(self.lost, "dead"),
            when(self.pointed, "pointed"),
        ]);
        set("class", &class);
        set("aria-label", &self.label(name));
        set("data-message", &id);
        set("data-kind", name);
        if self.lost {
            set("role", "img");
            set("data-lost", "true");
        } else {
            set("role", "button");
            set("tabindex", "0");
            set("data-action", "message-menu");
            set("data-about", &id);
        }
        let (hit, shape) = if self.lost {
            ("", "M-7-7L7 7M-7 7L7-7".to_owned())
        } else {
            let radius = if traffic == Traffic::Heartbeat { 6 } else { 9 };
            ("<circle class='hit' r='15' />", look::shape(traffic, radius, Point::default()))
        };
        let (family, name) = (look::class(traffic), self.name.map(|place| beside(place, name)));
        // The family has a group of its own: whoever moves what brings colours along has them
        // reckoned out again.
        element.set_inner_html(&format!(
            "<g class='{family}'>{hit}<path d='{shape}' />{}</g>",
            name.unwrap_or_default()
        ));
    }
}

impl Flight {
    fn label(&self, name: &'static str) -> String {
        let (from, language) = (self.message.id.from, self.language);
        match (self.lost, receiver(&self.message)) {
            (true, Some(to)) => w::MESSAGE_DIED.fill(language, &[&name, &from, &to]),
            (true, None) => {
                w::MESSAGE_DIED.fill(language, &[&name, &from, &w::THE_RESOURCE.say(language)])
            }
            (false, Some(to)) => self.clicks.message.fill(language, &[&name, &from, &to]),
            (false, None) => self.clicks.write.fill(language, &[&from]),
        }
    }
}

/// The name of a message, beside it.
fn beside(place: Beside, name: &'static str) -> String {
    let (anchor, x, y) = match place {
        Beside::Right => ("start", "16", "5"),
        Beside::Left => ("end", "-16", "5"),
        Beside::Above => ("middle", "0", "-21"),
        Beside::Below => ("middle", "0", "31"),
    };
    ["<text text-anchor='", anchor, "' x='", x, "' y='", y, "'>", name, "</text>"].concat()
}
