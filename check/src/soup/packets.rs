//! Sets of packets, as bit sets of their numbers.

/// A set of packets with numbers below 64 times `WORDS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Packets<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> Default for Packets<WORDS> {
    fn default() -> Self {
        Self([0; WORDS])
    }
}

impl<const WORDS: usize> Packets<WORDS> {
    /// The largest number of different packets.
    pub const MOST: usize = 64 * WORDS;

    pub(super) fn insert(&mut self, packet: usize) {
        self.0[packet / 64] |= 1 << (packet % 64);
    }

    /// Whether the packet with this number is in the set.
    pub const fn contains(&self, packet: usize) -> bool {
        self.0[packet / 64] & (1 << (packet % 64)) != 0
    }

    /// Whether `other` is a subset of this set.
    pub fn includes(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(mine, theirs)| theirs & !mine == 0)
    }

    /// Adds all packets of `other`.
    pub fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine |= theirs);
    }

    /// Removes all packets of `other` except for those in `kept`.
    pub fn remove(&mut self, other: &Self, kept: &Self) {
        let theirs = other.0.iter().zip(&kept.0);
        self.0.iter_mut().zip(theirs).for_each(|(mine, (out, kept))| *mine &= !out | kept);
    }

    /// Removes all packets of `other`.
    pub fn take_out(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine &= !theirs);
    }

    /// The intersection of both sets.
    #[must_use]
    pub fn both(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine &= theirs);
        self
    }

    /// The packets that are not in `other`.
    #[must_use]
    pub fn without(mut self, other: &Self) -> Self {
        self.take_out(other);
        self
    }

    /// The numbers of the packets in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + use<WORDS> {
        self.0.into_iter().enumerate().flat_map(|(place, word)| {
            let after = |&rest: &u64| Some(rest & rest.wrapping_sub(1));
            let rests = std::iter::successors(Some(word), after).take_while(|&rest| rest != 0);
            rests.map(move |rest| 64 * place + rest.trailing_zeros() as usize)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_lists_what_was_put_in_and_not_taken_out() {
        let of = |numbers: &[usize]| {
            let mut set = Packets::<2>::default();
            numbers.iter().for_each(|&number| set.insert(number));
            set
        };
        let set = of(&[0, 5, 63, 64, 127]);
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 5, 63, 64, 127]);
        assert_eq!(set.without(&of(&[5, 64, 70])), of(&[0, 63, 127]));
        assert_eq!(set.both(&of(&[5, 64, 70])), of(&[5, 64]));
        assert!(set.includes(&of(&[63, 127])) && !set.includes(&of(&[1])));
    }
}
