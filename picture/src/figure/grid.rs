//! Where the events of a figure are: each one as far to the left as its predecessors and the messages allow.

use std::collections::BTreeMap;

use antes_sim::figure::{Figure, FigureKind, Stamped};

use crate::px::{Point, within};

/// The smallest distance between an event and a message that passes it.
const CLEARANCE: f64 = 13.0;

/// How often an event moves by half a column to get out of the way of messages.
const MOVES: u32 = 48;

/// How far the control point of an arc, of a message to its own sender, is above the line. The arc reaches half
/// of that.
const ARC: f64 = 60.0;

/// The size of an arrow whose message is not received.
const OPEN: Point = Point::new(34.0, 26.0);

/// How far the ends of two such arrows of one event are apart, and the most that they spread together. The ends
/// of many such arrows are closer to each other.
const SPREAD: f64 = 20.0;
const WIDEST_SPREAD: f64 = 160.0;

/// The space to the right of the last arrow.
const EDGE: f64 = 6.0;

/// The places of all events of a figure, and its messages.
pub struct Grid {
    /// The process of each event.
    lanes: Vec<usize>,
    /// The distance of each event from the left, in half columns.
    halves: Vec<u32>,
    messages: Vec<Message>,
    column: f64,
    lane: f64,
}

/// A message, by its events.
struct Message {
    name: String,
    sent: usize,
    /// `None` if it is not received.
    received: Option<usize>,
    /// How many messages of the same send before it are not received either, and how many are not in all.
    open: [u32; 2],
}

/// The arrow of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrow {
    pub name: String,
    pub from: Point,
    pub to: Point,
    pub way: Way,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Across,
    /// To its own sender, in an arc above the line.
    Arc,
    /// No process receives the message.
    Open,
}

impl Grid {
    /// The places for columns of at least this width, and lines at this distance.
    pub fn new(figure: &Figure, stamped: &Stamped<'_>, column: f64, lane: f64) -> Self {
        let lanes = figure.events.iter().map(|event| event.process).collect();
        let halves = vec![0; figure.events.len()];
        let mut grid = Self { lanes, halves, messages: messages(figure), column, lane };
        let mut last = vec![None; figure.processes.len()];
        let mut placed = Vec::new();
        let mut shafts: Vec<[usize; 2]> = Vec::new();
        for event in stamped.total_order() {
            let sent_by = match figure.events[event].kind {
                FigureKind::Receive { sent_by, .. } => Some(sent_by),
                FigureKind::Local | FigureKind::Send { .. } => None,
            };
            let before = last[grid.lanes[event]].into_iter().chain(sent_by);
            let first = before.map(|before: usize| grid.halves[before] + 2).max().unwrap_or(1);
            let shaft = sent_by.map(|sent_by| [sent_by, event]);
            let is_clear = |half: &u32| {
                grid.halves[event] = *half;
                shafts.iter().all(|&shaft| grid.is_passed(event, shaft))
                    && shaft
                        .is_none_or(|shaft| placed.iter().all(|&dot| grid.is_passed(dot, shaft)))
            };
            grid.halves[event] = (first..first + MOVES).find(is_clear).unwrap_or(first);
            last[grid.lanes[event]] = Some(event);
            placed.push(event);
            shafts.extend(shaft);
        }
        grid
    }

    /// The number of columns, at least 1.
    pub fn columns(&self) -> f64 {
        f64::from(self.halves.iter().max().map_or(2, |half| half + 1)) / 2.0
    }

    /// The width of all columns, and of what is to the right of them.
    pub fn width(&self) -> f64 {
        let tips = self.messages.iter().map(|message| self.arrow(message).to.x + EDGE);
        tips.fold(self.columns() * self.column, f64::max)
    }

    /// Makes the columns this wide.
    pub fn widen(&mut self, column: f64) {
        self.column = column.max(self.column);
    }

    /// The line of a process.
    pub fn y(&self, process: usize) -> f64 {
        self.lane * process as f64
    }

    pub fn at(&self, event: usize) -> Point {
        Point::new(f64::from(self.halves[event]) * self.column / 2.0, self.y(self.lanes[event]))
    }

    /// Whether a message passes an event at a distance. Events of its sender and of its receiver do not count:
    /// a long message is close to its neighbours there, however far it goes.
    fn is_passed(&self, event: usize, shaft: [usize; 2]) -> bool {
        if shaft.iter().any(|&end| self.lanes[end] == self.lanes[event]) {
            return true;
        }
        let [from, to] = shaft.map(|end| self.at(end));
        let at = self.at(event);
        let along = from.direction(to);
        let share = (at.x - from.x) * along.x + (at.y - from.y) * along.y;
        let nearest = from.plus(along, within(share, 0.0, from.distance(to)));
        nearest.distance(at) >= CLEARANCE
    }

    /// The arrows of all messages.
    pub fn arrows(&self) -> Vec<Arrow> {
        self.messages.iter().map(|message| self.arrow(message)).collect()
    }

    fn arrow(&self, message: &Message) -> Arrow {
        let from = self.at(message.sent);
        let (to, way) = match message.received {
            Some(receipt) if self.lanes[receipt] == self.lanes[message.sent] => {
                (self.at(receipt), Way::Arc)
            }
            Some(receipt) => (self.at(receipt), Way::Across),
            None => {
                let [before, all] = message.open.map(f64::from);
                let step = SPREAD.min(WIDEST_SPREAD / (all - 1.0).max(1.0));
                (Point::new(from.x + OPEN.x + step * before, from.y + OPEN.y), Way::Open)
            }
        };
        Arrow { name: message.name.clone(), from, to, way }
    }
}

/// All messages, in the order of their sends.
fn messages(figure: &Figure) -> Vec<Message> {
    let receipts = figure.events.iter().enumerate();
    let receipts = receipts.filter_map(|(place, event)| match &event.kind {
        FigureKind::Receive { message, .. } => Some((&**message, place)),
        FigureKind::Local | FigureKind::Send { .. } => None,
    });
    let receipts: BTreeMap<&str, usize> = receipts.collect();
    let mut all = Vec::new();
    for (sent, event) in figure.events.iter().enumerate() {
        let FigureKind::Send { messages } = &event.kind else { continue };
        let is_open = |name: &String| !receipts.contains_key(&**name);
        let in_all = messages.iter().filter(|name| is_open(name)).count();
        let in_all = u32::try_from(in_all).unwrap_or(u32::MAX);
        let mut before = 0;
        for name in messages {
            let received = receipts.get(&**name).copied();
            all.push(Message { name: name.clone(), sent, received, open: [before, in_all] });
            before += u32::from(received.is_none());
        }
    }
    all
}

impl Arrow {
    /// The highest point of an arc.
    pub fn top(&self) -> Point {
        let middle = self.from.towards(self.to, 0.5);
        Point::new(middle.x, middle.y - ARC / 2.0)
    }

    /// The control point of an arc, by which its path is written.
    pub fn control(&self) -> Point {
        let middle = self.from.towards(self.to, 0.5);
        Point::new(middle.x, middle.y - ARC)
    }

    /// Points of the arrow at this distance from each other.
    pub fn points(&self, stride: f64) -> impl Iterator<Item = Point> {
        let count = (self.from.distance(self.to) / stride).max(1.0) as u32;
        (1..count).map(move |step| {
            let share = f64::from(step) / f64::from(count);
            match self.way {
                Way::Across | Way::Open => self.from.towards(self.to, share),
                Way::Arc => {
                    let first = self.from.towards(self.control(), share);
                    first.towards(self.control().towards(self.to, share), share)
                }
            }
        })
    }

    /// The arrow moved by `shift`.
    pub fn moved(self, shift: Point) -> Self {
        let moved = |at: Point| Point::new(at.x + shift.x, at.y + shift.y);
        Self { from: moved(self.from), to: moved(self.to), ..self }
    }
}
