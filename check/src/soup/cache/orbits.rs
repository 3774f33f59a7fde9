//! States and packets under all renamings of the nodes.

use super::state_id::{Packets, StateId};
use crate::soup::lock::rules::Rules;
use crate::soup::renaming::Renaming;

/// The renamings, and their effect on everything found so far.
#[derive(Debug)]
pub struct Orbits {
    /// All renamings; the first one is the identity.
    pub renamings: Vec<Renaming>,
    /// Composition of renamings: row after column, by index.
    products: Vec<usize>,
    places: Table,
    packets: Table,
}

/// For each number: its number under each renaming.
#[derive(Debug, Default)]
struct Table(Vec<u32>);

/// An entry that is not computed yet.
const UNKNOWN: u32 = u32::MAX;

impl Orbits {
    pub(super) fn new(rules: &Rules) -> Self {
        let renamings = Renaming::all(rules);
        let all = || renamings.iter();
        let which = |renaming| all().position(|other| *other == renaming);
        let products = all().flat_map(|second| all().map(move |first| second.after(first)));
        let products = products.map(|both| which(both).expect("two renamings make one"));
        let products = products.collect();
        Self { renamings, products, places: Table::default(), packets: Table::default() }
    }

    pub const fn len(&self) -> usize {
        self.renamings.len()
    }

    /// The state that `place` becomes when the nodes are renamed.
    pub fn place(&self, place: StateId, renaming: usize) -> StateId {
        StateId(self.places.0[place.0 as usize * self.len() + renaming])
    }

    /// The packet that `packet` becomes when the nodes are renamed.
    pub fn packet(&self, packet: usize, renaming: usize) -> usize {
        self.packets.0[packet * self.len() + renaming] as usize
    }

    /// The set of packets that `soup` becomes when the nodes are renamed.
    pub fn soup(&self, soup: &Packets, renaming: usize) -> Packets {
        let mut renamed = Packets::default();
        soup.iter().for_each(|packet| renamed.insert(self.packet(packet, renaming)));
        renamed
    }

    /// Adds a state under all renamings. Returns whether this is consistent with the known entries.
    pub(super) fn add_places(&mut self, places: &[StateId]) -> bool {
        let numbers: Vec<_> = places.iter().map(|place| place.0).collect();
        self.places.add(&numbers, &self.products)
    }

    /// Adds a packet under all renamings.
    pub(super) fn add_packets(&mut self, packets: &[usize]) {
        let numbers: Vec<_> = packets.iter().map(|&packet| packet as u32).collect();
        assert!(self.packets.add(&numbers, &self.products), "names of packets are names alone");
    }
}

impl Table {
    fn add(&mut self, orbit: &[u32], products: &[usize]) -> bool {
        let renamings = orbit.len();
        let mut fits = true;
        for (first, &number) in orbit.iter().enumerate() {
            let row = number as usize * renamings;
            self.0.resize(self.0.len().max(row + renamings), UNKNOWN);
            for second in 0..renamings {
                let renamed = orbit[products[second * renamings + first]];
                let known = &mut self.0[row + second];
                fits &= *known == UNKNOWN || *known == renamed;
                *known = renamed;
            }
        }
        fits
    }
}
