//! Messages on the ring: those on their way, and those that were lost shortly before.

use antes_core::Traffic;
use antes_sim::trace::{MessageId, MessageRecord};

use crate::element::Element;
use crate::face::Faces;
use crate::language::Language;
use crate::look::{self, when};
use crate::px::{Point, Size};
use crate::ring::layout::Layout;
use crate::ring::names::{self, Named};
use crate::ring::scene::{FlightScene, Scene, receiver};
use crate::ring::written::written;
use crate::words as w;

/// If there are more messages than this, none has a name.
const MAX_NAMED: usize = 24;

/// The appearance of a message on the ring, without its position.
#[derive(Clone, Debug, PartialEq)]
pub struct Flight {
    pub message: MessageRecord,
    pub lost: bool,
    /// Whether the resource refused it. Only for writes.
    pub refused: bool,
    /// Whether it is highlighted, because the pointer is at it or at its node.
    pub pointed: bool,
    /// The middle of the name's baseline, relative to the message. `None` if the name is left out.
    pub name: Option<Point>,
    pub language: Language,
}

/// The moment, and how all messages are drawn.
pub struct Manner<'a> {
    /// The shown moment, in microseconds.
    pub now_us: u64,
    pub layout: &'a Layout,
    pub size: Size,
    /// For the widths of names.
    pub faces: &'a Faces,
    pub pointed: &'a [MessageId],
    /// Whether nodes have menu buttons, which names must not cover.
    pub has_menus: bool,
    pub language: Language,
}

/// Messages, each with its key and its position.
pub type Placed = Vec<(u64, Flight, Point)>;

/// The lost messages of a scene, and those on their way.
pub fn flights(scene: &Scene, manner: &Manner<'_>) -> [Placed; 2] {
    let mut names = names(scene, manner).into_iter();
    [(&scene.lost, true), (&scene.flights, false)].map(|(flights, lost)| {
        let place = |flight: &FlightScene| {
            let FlightScene { key, message, refused, progress, .. } = *flight;
            let pointed = !lost && manner.pointed.contains(&message.id);
            let name = names.next().flatten();
            let (start, end) = way(flight, manner);
            let language = manner.language;
            let flight = Flight { message, lost, refused, pointed, name, language };
            (key, flight, start.towards(end, progress))
        };
        flights.iter().map(place).collect()
    })
}

fn way(flight: &FlightScene, manner: &Manner<'_>) -> (Point, Point) {
    manner.layout.lane(flight.message.id.from, receiver(&flight.message))
}

/// The text at a message: its name, or what happened to it.
fn text(message: &MessageRecord, refused: bool, language: Language) -> &'static str {
    if refused { w::REFUSED.say(language) } else { message.content.name() }
}

/// The positions of names: first for lost messages, then for those on their way.
fn names(scene: &Scene, manner: &Manner<'_>) -> Vec<Option<Point>> {
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
            let width = face.width(text(&flight.message, flight.refused, language));
            Some((place, Named { start, end, sent_us, lands_us, width, pinned }))
        })
        .collect();
    let taken = written(scene, layout, faces, manner.has_menus, language);
    let messages: Vec<_> = named.iter().map(|&(_, message)| message).collect();
    let places = names::place(&messages, manner.now_us, face, &taken, manner.size);
    let mut names: Vec<Option<Point>> = all().map(|_| None).collect();
    for ((place, _), middle) in named.into_iter().zip(places) {
        let baseline = (face.above() - face.below()) / 2.0;
        names[place] = middle.map(|middle| Point::new(middle.x, middle.y + baseline));
    }
    names
}

impl Flight {
    /// The message, drawn around the origin.
    pub fn drawn(&self) -> Element {
        let content = &self.message.content;
        let traffic = content.traffic();
        // The family has a group inside the moving one. If colours were set on a moving element, the browser
        // would compute them again in each frame.
        let family = Element::group(&[look::class(traffic)]);
        let family = if self.lost {
            family.holding([Element::path("", "M-7-7L7 7M-7 7L7-7")])
        } else {
            let radius = if traffic == Traffic::Heartbeat { 6 } else { 9 };
            let shape = look::shape(traffic, radius, Point::default());
            family.holding([Element::circle("hit", 15.0), Element::path("", shape)])
        };
        let said = text(&self.message, self.refused, self.language);
        let named = family.holding(self.name.map(|at| Element::text("", at, said)));
        let names = [
            "flight",
            when(content.is_reply(), "reply"),
            when(self.lost, "dead"),
            when(self.refused, "refused"),
            when(self.pointed, "pointed"),
        ];
        Element::group(&names).holding([named])
    }
}
