//! The messages on their way. Their arrows grow up to the cursor, and get names as soon as these fit.

use antes_core::Traffic;
use antes_sim::trace::{MessageId, MessageRecord, TraceEvent};

use crate::chart::index::{Arrow, Index, receiver};
use crate::chart::labels::{Label, Taken, beside_line};
use crate::chart::scale::Scale;
use crate::chart::scene::{Light, light};
use crate::face::Face;
use crate::look;
use crate::pointed::Pointed;
use crate::px::Point;

/// If more messages are on their way, only those that are selected or pointed at have names.
pub const MAX_NAMED: usize = 24;

/// The distance between the beginning of an arrow and its name.
const START_PX: f64 = 9.0;

/// The distance between two possible places of a name on its arrow, and their number.
const STEP_PX: f64 = 12.0;
const PLACES: u8 = 10;

/// A message on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Growing {
    pub message: MessageRecord,
    /// The line of its send.
    pub sent_seq: u64,
    /// The beginning of its arrow.
    pub from: Point,
    /// The end of the part drawn so far.
    pub to: Point,
    /// Its name. `None` if it does not fit.
    pub name: Option<Label>,
    /// Its relation to the selected event.
    pub light: Light,
    /// Whether it is selected or pointed at.
    pub pinned: bool,
}

/// Settings for the arrows of messages on their way.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    pub scale: &'a Scale,
    /// The position of the cursor.
    pub cursor: f64,
    /// The trace up to the current moment.
    pub trace: &'a [TraceEvent],
    /// The line of the selected event.
    pub selected: Option<u64>,
    /// The thing under the pointer.
    pub hovered: Option<Pointed>,
}

/// The arrows of messages on their way, without names. `progress` gives the completed part of a message's
/// way. A message that has reached a paused node waits at its line.
pub fn growing(
    index: &Index,
    look: &Look<'_>,
    progress: impl Fn(MessageId) -> f64,
) -> Vec<Growing> {
    let Look { scale, cursor, trace, .. } = *look;
    let selected = look.selected.and_then(|seq| trace.get(usize::try_from(seq).ok()?));
    let grow = |arrow: &Arrow| {
        let Arrow { message, sent_seq, .. } = *arrow;
        let from = Point::new(scale.x(arrow.sent), scale.y(message.id.from));
        let lane = receiver(arrow).map_or(scale.resource_y(), |node| scale.y(node));
        let share = progress(message.id);
        let to = Point::new(cursor.max(from.x), from.y + (lane - from.y) * share);
        // Its end has not happened yet, so the arrow is not in the past of any event.
        let light = match light(selected, trace, sent_seq) {
            Light::Past => Light::Concurrent,
            Light::Selected => Light::Future,
            light @ (Light::Plain | Light::Future | Light::Concurrent) => light,
        };
        let hovered = match look.hovered {
            Some(Pointed::Event(event)) => event == sent_seq,
            Some(Pointed::Message(id)) => id == message.id,
            Some(Pointed::Node(_)) | None => false,
        };
        let pinned = hovered || look.selected == Some(sent_seq);
        Growing { message, sent_seq, from, to, name: None, light, pinned }
    };
    index.open().map(grow).collect()
}

/// Names the arrows that have room beside the occupied areas. Arrows that are selected or pointed at are
/// first.
pub fn name(arrows: &mut [Growing], mut taken: Taken, face: &Face) {
    let has_few = arrows.len() <= MAX_NAMED;
    for arrow in arrows.iter_mut().filter(|arrow| arrow.pinned) {
        let name = arrow.message.content.name();
        let mut places = places(arrow, face, face.width(name));
        if places.is_empty() {
            let direction = arrow.from.direction(arrow.to);
            places.extend(beside_line(arrow.to, direction, face, face.width(name)));
        }
        arrow.name = taken.force(face, name, &places);
    }
    let is_told = |arrow: &Growing| {
        let is_quiet = arrow.message.content.traffic() == Traffic::Heartbeat;
        !arrow.pinned && !is_quiet && arrow.light != Light::Concurrent
    };
    for arrow in arrows.iter_mut().filter(|arrow| has_few && is_told(arrow)) {
        let name = arrow.message.content.name();
        arrow.name = [name, look::short(name)].into_iter().find_map(|text| {
            taken.put(face, text, places(arrow, face, face.width(text)).into_iter())
        });
    }
}

/// The places for a name of this width on the arrow so far, beginning at its start. So the name does not move
/// while the arrow grows.
fn places(arrow: &Growing, face: &Face, width: f64) -> Vec<Point> {
    let (direction, length) = (arrow.from.direction(arrow.to), arrow.from.distance(arrow.to));
    let height = face.above() + face.below();
    let half = (direction.x.abs() * width + direction.y.abs() * height) / 2.0;
    let far = |step: u8| START_PX + half + STEP_PX * f64::from(step);
    (0..PLACES)
        .map(far)
        .take_while(|&far| far <= length)
        .flat_map(|far| beside_line(arrow.from.plus(direction, far), direction, face, width))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::labels::Taken;
    use crate::px::Size;
    use crate::watched::Watched;
    use antes_core::{Algorithm, NodeId};
    use antes_sim::scenario::Action;

    fn at(at_us: u64, hovered: Option<Pointed>) -> Vec<Growing> {
        let mut watched = Watched::new(Algorithm::Leader);
        let latency = watched.run.scenario().network.latency;
        watched.seek(700_000);
        watched.act(Action::Crash(NodeId::new(4).unwrap()));
        watched.seek(at_us);
        let mut index = Index::default();
        watched.read_by(&mut index);
        let scale = Scale::new(Size { width: 700.0, height: 320.0 }, 4, false, latency, 0);
        let look = Look {
            scale: &scale,
            cursor: scale.x_of(at_us),
            trace: watched.run.trace(),
            selected: None,
            hovered,
        };
        let mut arrows = growing(&index, &look, |_| 0.5);
        let face = Face::guessed(12.5);
        name(&mut arrows, Taken::new(0.0, 3_000.0, &scale), &face);
        arrows
    }

    /// The first instant at which an ELECTION message has been on its way for some time.
    fn in_election() -> u64 {
        let is_there = |&at_us: &u64| {
            at(at_us, None)
                .iter()
                .any(|it| it.message.content.name() == "ELECTION" && it.to.x - it.from.x > 40.0)
        };
        (1_500_000..4_000_000).step_by(5_000).find(is_there).unwrap()
    }

    #[test]
    fn a_message_that_is_on_its_way_has_its_name() {
        let arrows = at(in_election(), None);
        assert!(arrows.iter().any(|arrow| arrow.name.is_some()), "{arrows:?}");
        for (place, arrow) in arrows.iter().enumerate() {
            let is_same = |other: &Growing| other.name.is_some() && other.name == arrow.name;
            assert!(!arrows[place + 1..].iter().any(is_same), "two names in one place");
        }
    }

    #[test]
    fn a_message_that_is_pointed_at_has_its_whole_name_however_short_its_arrow_is() {
        for at_us in (in_election() - 60_000..in_election()).step_by(5_000) {
            for arrow in at(at_us, None) {
                let named = at(at_us, Some(Pointed::Message(arrow.message.id)));
                let is_it = |it: &&Growing| it.message.id == arrow.message.id;
                let name = named.iter().find(is_it).unwrap().name.clone().unwrap();
                assert_eq!(name.text, arrow.message.content.name());
            }
        }
    }
}
