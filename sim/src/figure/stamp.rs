//! Computes the stamps of a figure's events.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use antes_core::{Causality, LamportTime};

use super::{Figure, FigureKind};
use crate::export::object::{Object, list, string};

/// A figure with the stamps of its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamped<'a> {
    figure: &'a Figure,
    /// The Lamport stamp of each event, in the order of [`Figure::events`].
    pub lamport: Vec<LamportTime>,
    /// The vector stamp of each event: how many events of each process are known.
    pub vector: Vec<Vec<u32>>,
}

/// Stamps all events of `figure`. An event ticks once, even if it sends several messages.
pub fn stamp(figure: &Figure) -> Stamped<'_> {
    let none = alloc::vec![0; figure.processes.len()];
    let mut clocks: Vec<_> = figure.start.iter().map(|&start| (start, none.clone())).collect();
    let mut lamport = alloc::vec![LamportTime::default(); figure.events.len()];
    let mut vector = alloc::vec![Vec::new(); figure.events.len()];
    for place in figure.causal_order() {
        let event = &figure.events[place];
        let (clock, counts) = &mut clocks[event.process];
        match event.kind {
            FigureKind::Local | FigureKind::Send { .. } => clock.tick(),
            FigureKind::Receive { sent_by, .. } => {
                clock.witness(lamport[sent_by]);
                for (own, theirs) in counts.iter_mut().zip(&vector[sent_by]) {
                    *own = u32::max(*own, *theirs);
                }
            }
        }
        counts[event.process] += 1;
        lamport[place] = *clock;
        vector[place].clone_from(counts);
    }
    Stamped { figure, lamport, vector }
}

impl Stamped<'_> {
    /// The causal order of two events, by their vector stamps.
    pub fn relation(&self, a: usize, b: usize) -> Causality {
        let pairs = || self.vector[a].iter().zip(&self.vector[b]);
        match (pairs().any(|(a, b)| a < b), pairs().any(|(a, b)| a > b)) {
            (false, false) => Causality::Same,
            (true, false) => Causality::Before,
            (false, true) => Causality::After,
            (true, true) => Causality::Concurrent,
        }
    }

    /// The index pairs of all concurrent events.
    pub fn concurrent_pairs(&self) -> Vec<(usize, usize)> {
        let places = 0..self.figure.events.len();
        let pairs = places.clone().flat_map(|a| (a + 1..places.end).map(move |b| (a, b)));
        pairs.filter(|&(a, b)| self.relation(a, b) == Causality::Concurrent).collect()
    }

    /// The indices of all events in the total order: by Lamport stamp, then by process.
    pub fn total_order(&self) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.figure.events.len()).collect();
        places.sort_by_key(|&place| (self.lamport[place], self.figure.events[place].process));
        places
    }

    fn id(&self, place: usize) -> &str {
        &self.figure.events[place].id
    }

    /// The stamps, concurrent pairs and total order as a JSON object.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        let mut object = Object::open(&mut out);
        object.string("title", &self.figure.title);
        list(object.key("processes"), &self.figure.processes, |out, name| string(out, name));
        let mut expected = Object::open(object.key("expected"));
        for place in 0..self.figure.events.len() {
            let mut stamps = Object::open(expected.key(self.id(place)));
            stamps.literal("lamport", self.lamport[place]);
            stamps.numbers("vector", &self.vector[place]);
            stamps.close();
        }
        expected.close();
        list(object.key("concurrent_pairs"), self.concurrent_pairs(), |out, (a, b)| {
            list(out, [a, b], |out, place| string(out, self.id(place)));
        });
        list(object.key("total_order"), self.total_order(), |out, place| {
            string(out, self.id(place));
        });
        object.close();
        out
    }
}

impl fmt::Display for Stamped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.figure.title.is_empty() {
            writeln!(f, "{}", self.figure.title)?;
        }
        let longest = |texts: &mut dyn Iterator<Item = &str>| {
            texts.map(|text| text.chars().count()).max().unwrap_or(0)
        };
        let ids = longest(&mut (0..self.figure.events.len()).map(|place| self.id(place)));
        let names = longest(&mut self.figure.processes.iter().map(String::as_str));
        for (place, event) in self.figure.events.iter().enumerate() {
            let what = match &event.kind {
                FigureKind::Local => "local".into(),
                FigureKind::Send { messages } => format!("sends {}", messages.join(", ")),
                FigureKind::Receive { message, .. } => format!("receives {message}"),
            };
            let name = &self.figure.processes[event.process];
            let (lamport, vector) = (self.lamport[place].0, &self.vector[place]);
            writeln!(f, "{:ids$}  {name:names$}  L {lamport:>3}  {vector:?}  {what}", event.id)?;
        }
        let pairs = self.concurrent_pairs();
        let pairs = pairs.iter().map(|&(a, b)| format!("{} || {}", self.id(a), self.id(b)));
        let pairs: Vec<String> = pairs.collect();
        let none = if pairs.is_empty() { "none" } else { "" };
        writeln!(f, "concurrent: {none}{}", pairs.join(", "))?;
        let order: Vec<&str> = self.total_order().into_iter().map(|place| self.id(place)).collect();
        writeln!(f, "total order: {}", order.join(" < "))
    }
}
