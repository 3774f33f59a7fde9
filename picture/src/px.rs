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

/// A rectangle that stands upright.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Its top left corner.
    pub corner: Point,
    /// Its size.
    pub size: Size,
}

impl Rect {
    /// The rectangle of this size around a point.
    pub fn around(middle: Point, width: f64, height: f64) -> Self {
        let corner = Point::new(middle.x - width / 2.0, middle.y - height / 2.0);
        Self { corner, size: Size { width, height } }
    }

    /// The right edge.
    pub fn right(&self) -> f64 {
        self.corner.x + self.size.width
    }

    /// The lower edge.
    pub fn bottom(&self) -> f64 {
        self.corner.y + self.size.height
    }

    /// Whether it lies on another one, touching aside.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.corner.x < other.right()
            && other.corner.x < self.right()
            && self.corner.y < other.bottom()
            && other.corner.y < self.bottom()
    }

    /// How large the area is that it shares with another one.
    pub fn shared(&self, other: &Self) -> f64 {
        let width = self.right().min(other.right()) - self.corner.x.max(other.corner.x);
        let height = self.bottom().min(other.bottom()) - self.corner.y.max(other.corner.y);
        width.max(0.0) * height.max(0.0)
    }
}

/// Text that grows by lengths as attributes have them: to a tenth of a pixel, which no eye can
/// tell from more. Of the messages on their way there are thousands in every frame, so each is
/// written where it belongs, digit by digit.
#[derive(Debug, Default)]
pub struct Path(pub String);

impl Path {
    /// Goes on with `step`, such as `M` or `L`, to a point.
    pub fn go(&mut self, step: char, to: Point) {
        self.0.push(step);
        self.length(to.x);
        self.0.push(' ');
        self.length(to.y);
    }

    /// Adds a straight line.
    pub fn line(&mut self, from: Point, to: Point) {
        self.go('M', from);
        self.go('L', to);
    }

    fn length(&mut self, length: f64) {
        let tenths = (length * 10.0).round() as i32;
        if tenths < 0 {
            self.0.push('-');
        }
        let (whole, tenth) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
        self.digits(whole);
        if tenth > 0 {
            self.0.push('.');
            self.digits(tenth);
        }
    }

    fn digits(&mut self, number: u32) {
        if number > 9 {
            self.digits(number / 10);
        }
        self.0.push(char::from(b'0' + (number % 10) as u8));
    }
}

/// A length as an attribute.
pub fn px(length: f64) -> String {
    let mut text = Path::default();
    text.length(length);
    text.0
}

/// A transform that moves something from the origin to `point`.
pub fn moved_to(point: Point) -> String {
    let mut text = Path("translate".to_owned());
    text.go('(', point);
    text.0 + ")"
}

/// What is seen of a drawing's surface: all of it, whatever it measures on the screen.
pub fn view_box(size: Size) -> String {
    ["0 0 ", &px(size.width), " ", &px(size.height)].concat()
}

/// The path of a straight line.
pub fn line(from: Point, to: Point) -> String {
    let mut path = Path::default();
    path.line(from, to);
    path.0
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
    fn a_path_goes_from_point_to_point() {
        let mut path = Path::default();
        path.line(Point::new(1.0, -2.5), Point::new(10_240.0, 0.04));
        assert_eq!(path.0, "M1 -2.5L10240 0");
        assert_eq!(moved_to(Point::new(0.5, 30.0)), "translate(0.5 30)");
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
    fn rectangles_that_touch_do_not_overlap() {
        let one = Rect::around(Point::new(0.0, 0.0), 10.0, 4.0);
        assert!(one.overlaps(&Rect::around(Point::new(9.0, 3.0), 10.0, 4.0)));
        assert!(!one.overlaps(&Rect::around(Point::new(10.0, 0.0), 10.0, 4.0)));
        assert!(!one.overlaps(&Rect::around(Point::new(0.0, 4.0), 10.0, 4.0)));
    }

    #[test]
    fn the_right_hand_of_what_goes_right_is_below() {
        assert_eq!(Point::new(1.0, 0.0).right_hand(), Point::new(0.0, 1.0));
    }
}
