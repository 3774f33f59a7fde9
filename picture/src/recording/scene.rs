//! The scene of the ring at one moment of a recording.

use antes_core::{NodeId, Setting};
use antes_sim::trace::{Happening, Loss, TraceEvent};

use super::Shown;
use super::moment::Seat;
use super::pace::MESSAGE_US;
use super::tape::Way;
use crate::ring::layout::progress;
use crate::ring::scene::{
    CutScene, FlightScene, LINGER_US, NodeScene, Part, ResourceScene, Scene, dead, flight,
    in_order, refusal, refused_write,
};

/// How long a message is shown if no line tells its end: its flight, and a little longer.
const UNENDED_US: u64 = 2 * MESSAGE_US;

/// The scene of the ring.
pub fn scene(shown: &Shown<'_>) -> Scene {
    let (tape, moment) = (shown.tape, shown.moment);
    let size = tape.size();
    let setting = tape.setting();
    let node = |id: NodeId| node(shown, id, setting);
    let flights = in_order(flying(shown), |way| way.message.id);
    let cut = |a: NodeId, b: NodeId| moment.seat(a).cuts.contains(b);
    let cuts = size.nodes().flat_map(|a| {
        size.above(a).map(move |b| CutScene { a, b, there: cut(a, b), back: cut(b, a) })
    });
    Scene {
        nodes: size.nodes().map(node).collect(),
        flights: flights.iter().map(|way| flown(shown, way)).collect(),
        lost: recently_lost(shown),
        cuts: cuts.filter(|cut| cut.there || cut.back).collect(),
        resource: tape.has_resource().then(|| resource(shown)),
    }
}

/// The messages in flight. A message whose end no line tells is in flight as long as a typical
/// message; after that its fate is unknown.
pub fn flying<'a>(shown: &Shown<'a>) -> impl Iterator<Item = &'a Way> {
    let (tape, moment) = (shown.tape, shown.moment);
    let recent_us = shown.now_us.saturating_sub(UNENDED_US);
    let unended = tape.unended_since(recent_us, moment.done());
    moment.flying().iter().chain(unended).map(|&way| tape.way(way))
}

fn flown(shown: &Shown<'_>, way: &Way) -> FlightScene {
    let tape = shown.tape;
    flight(way.message, (tape.at_us(way.sent), tape.lands_us(way)), shown.now_us)
}

/// The messages that were lost shortly before, at the places where they were lost.
fn recently_lost(shown: &Shown<'_>) -> Vec<FlightScene> {
    let (tape, now_us) = (shown.tape, shown.now_us);
    let past = shown.past().iter().enumerate().rev();
    let recent = past.take_while(move |&(line, _)| tape.at_us(line) + LINGER_US > now_us);
    let died = |(line, event): (usize, &TraceEvent)| {
        let Happening::Lost { message, loss } = &event.happening else {
            return refused_write(event);
        };
        let sent = tape.way_to(line);
        let progress = match (loss, sent) {
            (Loss::Down | Loss::Doubled, _) => 1.0,
            (Loss::Full, _) => 0.0,
            (Loss::Chance | Loss::Dropped | Loss::Cut, None) => 0.5,
            (Loss::Chance | Loss::Dropped | Loss::Cut, Some(way)) => {
                progress(tape.at_us(line), tape.at_us(way.sent), tape.lands_us(way))
            }
        };
        Some(dead(event, *message, progress))
    };
    let mut lost: Vec<_> = recent.filter_map(died).collect();
    lost.reverse();
    lost
}

fn node(shown: &Shown<'_>, id: NodeId, setting: Setting) -> NodeScene {
    let seat = shown.moment.seat(id);
    NodeScene {
        id,
        status: seat.status,
        is_unknown: shown.tape.unseen().contains(id),
        part: part(id, seat, setting),
        leader: seat.leader,
        clock: seat.stamp.lamport().0,
        lock: seat.lock(),
        token: seat.token,
        missing: seat.missing.clone(),
        timers: Vec::new(),
        queue: None,
        inbox: 0,
        life: seat.life.get(),
    }
}

/// The role of a node in an election, as far as the trace shows it.
pub fn part(id: NodeId, seat: &Seat, setting: Setting) -> Part {
    match setting.has_election() {
        false => Part::Peer,
        true if seat.status.is_down() => Part::Follower,
        true if seat.leader == Some(id) => Part::Leader,
        true if seat.campaigns => Part::Candidate,
        true => Part::Follower,
    }
}

fn resource(shown: &Shown<'_>) -> ResourceScene {
    let resource = shown.moment.resource();
    ResourceScene {
        writer: resource.last_accepted().map(|write| write.request.by.node),
        token: resource.highest_token(),
        refused: resource.highest_token().and_then(|_| refusal(shown.past())),
        open: resource.open().map(|section| section.by.node).collect(),
    }
}
