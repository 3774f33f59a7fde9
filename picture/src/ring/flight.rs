//! Messages on the ring: those on their way, and those that died a short while ago.

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

/// More messages than this are drawn without their names.
const MAX_NAMED: usize = 24;

/// Of what a message on the ring looks like, all but its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Flight {
    /// The message.
    pub message: MessageRecord,
    /// Whether it died.
    pub lost: bool,
    /// Whether it is a write that the resource refused.
    pub refused: bool,
    /// Whether it is pointed out.
    pub pointed: bool,
    /// Where the middle of the baseline of its name is, from the message, if it has room.
    pub name: Option<Point>,
    /// The language.
    pub language: Language,
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
    /// Whether nodes have buttons for menus.
    pub has_menus: bool,
    /// The language.
    pub language: Language,
}

/// Some messages, each with its key and its place.
pub type Placed = Vec<(u64, Flight, Point)>;

/// The messages of a scene that died, and those on their way.
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

/// What is written at a message: its name, or what became of it.
fn text(message: &MessageRecord, refused: bool, language: Language) -> &'static str {
    if refused { w::REFUSED.say(language) } else { message.content.name() }
}

/// Where the names stand of those that died and then of those on their way.
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
    /// It, drawn around the origin.
    pub fn drawn(&self) -> Element {
        let content = &self.message.content;
        let traffic = content.traffic();
        // The family has a group of its own: whoever moves what brings colours along has them
        // reckoned out again.
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
