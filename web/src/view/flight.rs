//! Messages on the ring: those on their way, and those that died a short while ago.

use antes_core::{Traffic, Write};
use antes_sim::trace::{Content, MessageId, MessageRecord};
use web_sys::Element;

use crate::dom::set;
use crate::face::Faces;
use crate::language::Language;
use crate::look::{self, classes, when};
use crate::px::{Point, Size, px};
use crate::ring::layout::Layout;
use crate::ring::names::{self, Named};
use crate::ring::scene::{FlightScene, Scene, receiver};
use crate::view::crowd::{Crowd, Figure};
use crate::view::redraw::redraw;
use crate::view::ring::Clicks;
use crate::view::ring_written::written;
use crate::words as w;

/// More messages than this are drawn without their names.
const MAX_NAMED: usize = 24;

/// Of what a message on the ring looks like, all but its place.
#[derive(PartialEq)]
pub struct Flight {
    message: MessageRecord,
    lost: bool,
    refused: bool,
    pointed: bool,
    /// Where its name stands, if it has room.
    name: Option<Name>,
    clicks: &'static Clicks,
    language: Language,
}

/// The name of a message.
#[derive(PartialEq)]
struct Name {
    /// The middle of its baseline, from its message.
    at: Point,
}

/// How all of them are shown.
pub struct Manner<'a> {
    /// The moment.
    pub now_us: u64,
    /// Where things are.
    pub layout: &'a Layout,
    /// The size of the surface.
    pub size: Size,
    /// How wide texts are.
    pub faces: &'a Faces,
    /// Those to point out.
    pub pointed: &'a [MessageId],
    /// What a click does.
    pub clicks: &'static Clicks,
    /// The language.
    pub language: Language,
}

/// Shows the messages of a scene and no others: those on their way, and those that have died.
pub fn show(
    flying: &mut Crowd<Flight>,
    lost: &mut Crowd<Flight>,
    scene: &Scene,
    manner: &Manner<'_>,
) {
    let mut names = names(scene, manner).into_iter();
    for (crowd, scenes, is_lost) in [(lost, &scene.lost, true), (flying, &scene.flights, false)] {
        crowd.show(scenes.iter().map(|flight| {
            let FlightScene { key, message, refused, .. } = *flight;
            let Manner { clicks, language, .. } = *manner;
            let pointed = !is_lost && manner.pointed.contains(&message.id);
            let name = names.next().flatten();
            (key, Flight { message, lost: is_lost, refused, pointed, name, clicks, language })
        }));
        crowd.place(scenes.iter().map(|flight| {
            let (start, end) = way(flight, manner);
            start.towards(end, flight.progress)
        }));
    }
}

fn way(flight: &FlightScene, manner: &Manner<'_>) -> (Point, Point) {
    manner.layout.lane(flight.message.id.from, receiver(&flight.message))
}

/// What is written at a message: its name, or what became of it.
fn text(flight: &FlightScene, language: Language) -> &'static str {
    match flight.refused {
        true => w::REFUSED.say(language),
        false => flight.message.content.name(),
    }
}

/// The names of those that died and then of those on their way, with a place or without.
fn names(scene: &Scene, manner: &Manner<'_>) -> Vec<Option<Name>> {
    let Manner { layout, faces, language, .. } = *manner;
    let face = &faces.ring;
    let few = scene.flights.len() <= MAX_NAMED;
    let all = || scene.lost.iter().chain(&scene.flights);
    let is_named = |place: usize, flight: &FlightScene| {
        let is_lost = place < scene.lost.len();
        let is_quiet = flight.message.content.traffic() == Traffic::Heartbeat;
        let pinned = !is_lost && manner.pointed.contains(&flight.message.id);
        let named = flight.refused || pinned || !is_lost && few && !is_quiet;
        named.then_some(pinned)
    };
    let named: Vec<_> = all()
        .enumerate()
        .filter_map(|(place, flight)| {
            let pinned = is_named(place, flight)?;
            let (start, end) = way(flight, manner);
            let (sent_us, lands_us) = flight.way_us;
            let width = face.width(text(flight, language));
            Some((place, Named { start, end, sent_us, lands_us, width, pinned }))
        })
        .collect();
    let taken = written(scene, layout, faces, manner.clicks.menus, language);
    let messages: Vec<_> = named.iter().map(|&(_, message)| message).collect();
    let places = names::place(&messages, manner.now_us, face, &taken, manner.size);
    let mut names: Vec<Option<Name>> = all().map(|_| None).collect();
    for ((place, _), middle) in named.into_iter().zip(places) {
        names[place] = middle.map(|middle| {
            let y = middle.y + (face.above() - face.below()) / 2.0;
            Name { at: Point::new(middle.x, y) }
        });
    }
    names
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
            when(self.refused, "refused"),
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
        let said = if self.refused { w::REFUSED.say(self.language) } else { name };
        let (family, name) = (look::class(traffic), self.name.as_ref().map(|it| it.write(said)));
        // The family has a group of its own: whoever moves what brings colours along has them
        // reckoned out again.
        redraw(
            element,
            &format!(
                "<g class='{family}'>{hit}<path d='{shape}' />{}</g>",
                name.unwrap_or_default()
            ),
        );
    }
}

impl Flight {
    fn label(&self, name: &'static str) -> String {
        let (from, language) = (self.message.id.from, self.language);
        if let (true, Content::Write(Write { token: Some(token), .. })) =
            (self.refused, self.message.content)
        {
            return w::WRITE_REFUSED_LABEL.fill(language, &[&from, &token]);
        }
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

impl Name {
    fn write(&self, name: &'static str) -> String {
        let (x, y) = (px(self.at.x), px(self.at.y));
        ["<text text-anchor='middle' x='", &x, "' y='", &y, "'>", name, "</text>"].concat()
    }
}
