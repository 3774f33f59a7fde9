//! Points and lengths on the screen, and how attributes spell them.

/// A point, in CSS pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Downwards.
    pub y: f64,
}

impl Point {
    /// The point at `x`, `y`.
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// The point that lies `by` times `direction` further.
    pub fn plus(self, direction: Self, by: f64) -> Self {
        Self { x: self.x + direction.x * by, y: self.y + direction.y * by }
    }

    /// The point at `share` of the way to `other`.
    pub fn towards(self, other: Self, share: f64) -> Self {
        Self { x: self.x + (other.x - self.x) * share, y: self.y + (other.y - self.y) * share }
    }

    /// The direction to `other`, of length 1; to the right if they are the same point.
    pub fn direction(self, other: Self) -> Self {
        let (x, y) = (other.x - self.x, other.y - self.y);
        let length = (x * x + y * y).sqrt();
        if length < f64::EPSILON {
            return Self { x: 1.0, y: 0.0 };
        }
        Self { x: x / length, y: y / length }
    }

    /// The direction a quarter turn clockwise, as seen on a screen.
    pub const fn right_hand(self) -> Self {
        Self { x: -self.y, y: self.x }
    }

    /// How far `other` is.
    pub fn distance(self, other: Self) -> f64 {
        let (x, y) = (other.x - self.x, other.y - self.y);
        (x * x + y * y).sqrt()
    }
}

/// A size, in CSS pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    /// The width.
    pub width: f64,
    /// The height.
    pub height: f64,
}

/// A length as attributes have it: to a tenth of a pixel, which no eye can tell from more.
pub fn px(length: f64) -> String {
    let tenths = (length * 10.0).round() as i64;
    let sign = if tenths < 0 { "-" } else { "" };
    let (whole, tenth) = (tenths.abs() / 10, tenths.abs() % 10);
    if tenth == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{tenth}") }
}

/// A transform that moves something from the origin to `point`.
pub fn moved_to(point: Point) -> String {
    ["translate(", &px(point.x), " ", &px(point.y), ")"].concat()
}

/// The path of a straight line.
pub fn line(from: Point, to: Point) -> String {
    ["M", &px(from.x), " ", &px(from.y), "L", &px(to.x), " ", &px(to.y)].concat()
}

/// `length`, but at least `least`, and at most `most`: `most` wins where they contradict each other.
/// `f64::clamp` would panic there, and bring the whole art of writing numbers along to say so.
pub const fn within(length: f64, least: f64, most: f64) -> f64 {
    length.max(least).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_spelled_to_a_tenth() {
        assert_eq!([px(12.0), px(-0.26), px(3.24), px(-7.0)], ["12", "-0.3", "3.2", "-7"]);
    }

    #[test]
    fn a_length_is_kept_within_its_bounds_of_which_the_upper_wins() {
        assert_eq!(
            [within(5.0, 0.0, 9.0), within(-1.0, 0.0, 9.0), within(10.0, 0.0, 9.0)],
            [5.0, 0.0, 9.0]
        );
        assert_eq!(within(5.0, 3.0, 2.0), 2.0);
    }

    #[test]
    fn the_right_hand_of_what_goes_right_is_below() {
        assert_eq!(Point::new(1.0, 0.0).right_hand(), Point::new(0.0, 1.0));
    }
}
