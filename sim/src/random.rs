//! Random numbers from a seed. They are the same on all machines and with all versions of the
//! dependencies, so that a seed in a shared link keeps its meaning.

use rand_pcg::Pcg32;
use rand_pcg::rand_core::Rng;

/// A stream of random numbers. PCG (O'Neill 2014) is specified to the bit. The reductions below are
/// this project's own, since those of `rand` may change between versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Random(Pcg32);

impl Random {
    /// Stream number `stream` of `seed`. Streams of a seed are independent of each other, so that
    /// the draws of one node do not affect those of others.
    pub fn new(seed: u64, stream: u64) -> Self {
        Self(Pcg32::new(seed, stream))
    }

    /// A whole number from `low` to `high`, both included, by multiplication (Lemire 2019) without
    /// the rejection step. The bias is below 2^-32 for the ranges that occur in a run.
    ///
    /// Returns `low` if the range is empty.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        let Some(span) = high.checked_sub(low) else { return low };
        let Some(count) = span.checked_add(1) else { return self.0.next_u64() };
        let scaled = (u128::from(self.0.next_u64()) * u128::from(count)) >> 64;
        low + scaled as u64
    }

    /// Whether an event of this probability happens. Draws nothing for probability 0 or 1.
    pub fn happens(&mut self, probability: f64) -> bool {
        if probability <= 0.0 {
            return false;
        }
        probability >= 1.0 || self.fraction() < probability
    }

    /// An exponentially distributed number with this mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * libm::log(1.0 - self.fraction())
    }

    /// A number from 0 (included) to 1 (excluded) with 53 bits.
    fn fraction(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn a_seed_keeps_its_meaning() {
        let mut random = Random::new(7, 1);
        let drawn: Vec<u64> = (0..5).map(|_| random.between(1, 1000)).collect();
        assert_eq!(drawn, SEED_7_STREAM_1);
    }

    const SEED_7_STREAM_1: [u64; 5] = [74, 977, 413, 604, 807];

    #[test]
    fn both_ends_of_a_span_are_drawn() {
        let mut random = Random::new(1, 1);
        let drawn: Vec<u64> = (0..100).map(|_| random.between(3, 5)).collect();
        assert!(
            [3, 4, 5].iter().all(|n| drawn.contains(n))
                && drawn.iter().all(|n| (3..=5).contains(n))
        );
    }

    #[test]
    fn the_whole_span_of_64_bits_can_be_drawn_from() {
        assert_ne!(Random::new(1, 1).between(0, u64::MAX), Random::new(2, 1).between(0, u64::MAX));
    }

    #[test]
    fn the_exponential_has_its_mean() {
        let mut random = Random::new(1, 1);
        let sum: f64 = (0..10_000).map(|_| random.exponential(100.0)).sum();
        assert!((95.0..105.0).contains(&(sum / 10_000.0)));
    }

    #[test]
    fn certainties_are_certain() {
        let mut random = Random::new(1, 1);
        assert!(random.happens(1.0) && !random.happens(0.0));
    }
}
