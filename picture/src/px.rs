//! Points and lengths on the screen, and their spelling in attributes.

/// A point, in CSS pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    pub x: f64,
    /// Positive values are below the origin.
    pub y: f64,
}

impl Point {
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// The point moved by `by` times `direction`.
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

    /// The direction turned clockwise by 90°, as seen on a screen.
    pub const fn right_hand(self) -> Self {
        Self { x: -self.y, y: self.x }
    }

    pub fn distance(self, other: Self) -> f64 {
        let (x, y) = (other.x - self.x, other.y - self.y);
        (x * x + y * y).sqrt()
    }
}

/// A size, in CSS pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    pub width: f64,
    pub height: f64,
}

/// A rectangle with horizontal and vertical edges.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    pub corner: Point,
    pub size: Size,
}

impl Rect {
    /// The rectangle of this size with its centre at `middle`.
    pub fn around(middle: Point, width: f64, height: f64) -> Self {
        let corner = Point::new(middle.x - width / 2.0, middle.y - height / 2.0);
        Self { corner, size: Size { width, height } }
    }

    pub fn right(&self) -> f64 {
        self.corner.x + self.size.width
    }

    pub fn bottom(&self) -> f64 {
        self.corner.y + self.size.height
    }

    /// Whether both share an area. Touching edges do not count.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.corner.x < other.right()
            && other.corner.x < self.right()
            && self.corner.y < other.bottom()
            && other.corner.y < self.bottom()
    }

    /// The area that both share, in square pixels.
    pub fn shared(&self, other: &Self) -> f64 {
        let width = self.right().min(other.right()) - self.corner.x.max(other.corner.x);
        let height = self.bottom().min(other.bottom()) - self.corner.y.max(other.corner.y);
        width.max(0.0) * height.max(0.0)
    }
}

/// The text of a path, with lengths to a tenth of a pixel. A frame may write thousands of messages, so
/// numbers are appended digit by digit instead of being formatted into strings of their own.
#[derive(Debug, Default)]
pub struct Path(pub String);

impl Path {
    /// Appends a command such as `M` or `L` and its point.
    pub fn go(&mut self, step: char, to: Point) {
        self.0.push(step);
        self.length(to.x);
        self.0.push(' ');
        self.length(to.y);
    }

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

/// A length, spelled for an attribute.
pub fn px(length: f64) -> String {
    let mut text = Path::default();
    text.length(length);
    text.0
}

/// A `transform` that moves a drawing from the origin to `point`.
pub fn moved_to(point: Point) -> String {
    let mut text = Path("translate".to_owned());
    text.go('(', point);
    text.0 + ")"
}

/// A `viewBox` that shows the whole surface of this size.
pub fn view_box(size: Size) -> String {
    ["0 0 ", &px(size.width), " ", &px(size.height)].concat()
}

pub fn line(from: Point, to: Point) -> String {
    let mut path = Path::default();
    path.line(from, to);
    path.0
}

/// `length`, limited to `least..=most`; `most` wins if `least` is larger. `f64::clamp` would panic in that
/// case, and its panic message would add number formatting to the WebAssembly file.
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
