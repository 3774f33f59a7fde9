//! The speed of simulated time: a scale of doublings, so that all steps feel equally large.

/// A step of the scale: 2 to this power, times real time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Speed(i8);

impl Speed {
    /// Slow enough to follow a single message.
    pub const DEFAULT: Self = Self(-2);
    pub const MIN: Self = Self(-6);
    pub const MAX: Self = Self(4);

    /// The step with this exponent, or the nearest one.
    pub const fn new(exponent: i8) -> Self {
        if exponent < Self::MIN.0 {
            Self::MIN
        } else if exponent > Self::MAX.0 {
            Self::MAX
        } else {
            Self(exponent)
        }
    }

    /// All steps, the slowest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (Self::MIN.0..=Self::MAX.0).map(Self)
    }

    pub const fn exponent(self) -> i8 {
        self.0
    }

    /// The step that is `stops` steps faster.
    #[must_use]
    pub const fn faster(self, stops: i8) -> Self {
        Self::new(self.0.saturating_add(stops))
    }

    /// The simulated time that passes in this real time.
    pub const fn simulated_us(self, real_us: u64) -> u64 {
        if self.0 >= 0 { real_us << self.0 } else { real_us >> -self.0 }
    }

    /// How many times real time: an exact power of 2.
    pub fn times(self) -> f64 {
        2.0_f64.powi(i32::from(self.0))
    }

    /// Its label: `¼×`, `1×`, `8×`.
    pub const fn name(self) -> &'static str {
        match self.0 {
            -6 => "1/64×",
            -5 => "1/32×",
            -4 => "1/16×",
            -3 => "⅛×",
            -2 => "¼×",
            -1 => "½×",
            0 => "1×",
            1 => "2×",
            2 => "4×",
            3 => "8×",
            _ => "16×",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stop_is_twice_as_fast_as_the_one_before() {
        assert_eq!(Speed::new(-2).simulated_us(16_000), 4_000);
        assert_eq!(Speed::new(-1).simulated_us(16_000), 8_000);
        assert_eq!(Speed::new(3).simulated_us(16_000), 128_000);
    }

    #[test]
    fn beyond_the_ends_is_the_end() {
        assert_eq!(Speed::MAX.faster(1), Speed::MAX);
        assert_eq!(Speed::new(-128), Speed::MIN);
    }

    #[test]
    fn every_stop_has_a_name_of_its_own() {
        let stops = Speed::MIN.exponent()..=Speed::MAX.exponent();
        let mut names: Vec<_> = stops.clone().map(|stop| Speed::new(stop).name()).collect();
        names.dedup();
        assert_eq!(names.len(), stops.count());
    }
}
