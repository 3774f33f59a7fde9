//! The areas of the diagram that are occupied. They are sorted into cells, so that a search for a free place
//! looks at few of them. What a cell can hold is bounded: labels do not overlap, and events that touch are one
//! area. So the search takes as long with thousands of events as with a few.

use core::ops::RangeInclusive;

use crate::chart::scale::Scale;
use crate::face::Face;
use crate::px::{Point, Rect, Size};

/// The size of a cell.
const CELL: Size = Size { width: 32.0, height: 16.0 };

/// The smallest horizontal gap between two labels.
const GAP_PX: f64 = 2.0;

/// How far labels may reach below the last line. Time labels are below that.
const ROOM_BELOW_PX: f64 = 10.0;

/// The largest distance of a label from its first place, in label heights.
const FARTHEST: u8 = 6;

#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    pub text: String,
    /// The middle of the baseline.
    pub at: Point,
}

/// The areas in which no further label may be placed.
#[derive(Clone, Debug)]
pub struct Taken {
    left: f64,
    lowest: f64,
    columns: usize,
    /// For each cell, the index of its latest entry in `entries`.
    latest: Vec<Option<u32>>,
    /// The areas, once for each cell that they touch.
    entries: Vec<Entry>,
    /// How many areas were compared with a place.
    #[cfg(test)]
    pub(super) compared: core::cell::Cell<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    piece: Piece,
    /// The previous entry of the same cell.
    previous: Option<u32>,
}

/// The area of a label, an event or a sign.
#[derive(Clone, Copy, Debug)]
struct Piece {
    rect: Rect,
    /// Whether it is a label. A label may cover an event or a sign, but not another label.
    is_text: bool,
}

impl Default for Taken {
    fn default() -> Self {
        Self::empty(0.0, 0.0, 0.0)
    }
}

impl Taken {
    /// Nothing is occupied. Labels must be between these edges.
    pub fn new(left: f64, right: f64, scale: &Scale) -> Self {
        Self::empty(left, right - left, scale.bottom() + ROOM_BELOW_PX)
    }

    /// Nothing is occupied. Labels must be inside a surface of this size.
    pub fn within(size: Size) -> Self {
        let mut taken = Self::empty(0.0, size.width, size.height);
        for left in [-size.width, size.width] {
            let rect = Rect { corner: Point::new(left, 0.0), size };
            taken.add(Piece { rect, is_text: true });
        }
        taken
    }

    fn empty(left: f64, width: f64, lowest: f64) -> Self {
        let count = |length: f64, of: f64| (length.max(0.0) / of) as usize + 1;
        let (columns, rows) = (count(width, CELL.width), count(lowest, CELL.height));
        Self {
            left,
            lowest,
            columns,
            latest: vec![None; columns * rows],
            entries: Vec::new(),
            #[cfg(test)]
            compared: core::cell::Cell::default(),
        }
    }

    /// Occupies the area of an event or a sign.
    pub fn take(&mut self, rect: Rect) {
        self.add(Piece { rect, is_text: false });
    }

    /// Occupies these areas of events, which have one size. Those in one line that touch become one area.
    pub fn take_all(&mut self, rects: impl Iterator<Item = Rect>) {
        // The last area of each line.
        let mut open: Vec<Rect> = Vec::new();
        for rect in rects {
            match open.iter_mut().find(|line| line.corner.y == rect.corner.y) {
                Some(line) if line.corner.x <= rect.corner.x && rect.corner.x <= line.right() => {
                    line.size.width = line.size.width.max(rect.right() - line.corner.x);
                }
                Some(line) => self.take(std::mem::replace(line, rect)),
                None => open.push(rect),
            }
        }
        open.into_iter().for_each(|rect| self.take(rect));
    }

    fn add(&mut self, piece: Piece) {
        for cell in self.cells_of(&piece.rect) {
            let index = u32::try_from(self.entries.len()).ok();
            let previous = std::mem::replace(&mut self.latest[cell], index);
            self.entries.push(Entry { piece, previous });
        }
    }

    /// Whether a label fits there without covering anything.
    pub fn is_free(&self, rect: &Rect) -> bool {
        self.is_clear(rect, |_| true)
    }

    /// Whether a label there is inside the edges and covers no other label.
    fn is_legible(&self, rect: &Rect) -> bool {
        self.is_clear(rect, |piece| piece.is_text)
    }

    fn is_clear(&self, rect: &Rect, of: impl Fn(&Piece) -> bool) -> bool {
        let covers = |entry: &Entry| {
            #[cfg(test)]
            self.compared.set(self.compared.get() + 1);
            of(&entry.piece) && entry.piece.rect.overlaps(rect)
        };
        rect.corner.y >= 0.0
            && rect.bottom() <= self.lowest
            && self.cells_of(rect).all(|cell| !self.entries_in(cell).any(covers))
    }

    fn entries_in(&self, cell: usize) -> impl Iterator<Item = &Entry> {
        let entry = |index: u32| self.entries.get(index as usize);
        std::iter::successors(self.latest[cell].and_then(entry), move |it| {
            it.previous.and_then(entry)
        })
    }

    /// The cells that a rectangle touches. Those at the edges have no outer limit.
    fn cells_of(&self, rect: &Rect) -> impl Iterator<Item = usize> + use<> {
        let (columns, rows) = (self.columns, self.latest.len() / self.columns);
        let across = self.column(rect.corner.x)..=self.column(rect.right());
        let row = |y: f64| ((y / CELL.height).max(0.0) as usize).min(rows - 1);
        let down: RangeInclusive<usize> = row(rect.corner.y)..=row(rect.bottom());
        down.flat_map(move |row| across.clone().map(move |column| row * columns + column))
    }

    /// The number of columns of cells.
    pub(super) const fn columns(&self) -> usize {
        self.columns
    }

    /// The column of cells at this position.
    pub(super) fn column(&self, x: f64) -> usize {
        (((x - self.left) / CELL.width).max(0.0) as usize).min(self.columns - 1)
    }

    /// Puts a text at the first free place.
    pub fn put(
        &mut self,
        face: &Face,
        text: &str,
        places: impl Iterator<Item = Point>,
    ) -> Option<Label> {
        self.put_where(face, text, places, Self::is_free)
    }

    /// Puts a text at the first free place. If there is none, the text may cover events and signs, but no
    /// label, at one of these places or close to the first one.
    pub fn force(&mut self, face: &Face, text: &str, places: &[Point]) -> Option<Label> {
        let first = *places.first()?;
        let near = around(first, face.width(text), face.above() + face.below());
        self.put(face, text, places.iter().copied())
            .or_else(|| self.put_where(face, text, places.iter().copied(), Self::is_legible))
            .or_else(|| self.put_where(face, text, near, Self::is_legible))
    }

    fn put_where(
        &mut self,
        face: &Face,
        text: &str,
        mut places: impl Iterator<Item = Point>,
        fits: impl Fn(&Self, &Rect) -> bool,
    ) -> Option<Label> {
        let width = face.width(text);
        let at = places.find(|&at| fits(self, &rect_of(face, width, at)))?;
        self.add(Piece { rect: rect_of(face, width, at), is_text: true });
        Some(Label { text: text.to_owned(), at })
    }
}

/// Places around `at` for a text of this size, the nearest first.
fn around(at: Point, width: f64, height: f64) -> impl Iterator<Item = Point> {
    const AROUND: [(f64, f64); 8] = [
        (0.0, -1.0),
        (0.0, 1.0),
        (0.5, -1.0),
        (-0.5, -1.0),
        (0.5, 1.0),
        (-0.5, 1.0),
        (1.0, 0.0),
        (-1.0, 0.0),
    ];
    (1..=FARTHEST).flat_map(move |ring| {
        AROUND.map(|(x, y)| {
            let far = f64::from(ring);
            Point::new(at.x + far * x * (width + GAP_PX), at.y + far * y * (height + GAP_PX))
        })
    })
}

/// The area of a text with this width whose baseline has its middle at `at`.
fn rect_of(face: &Face, width: f64, at: Point) -> Rect {
    let width = width + GAP_PX;
    Rect {
        corner: Point::new(at.x - width / 2.0, at.y - face.above()),
        size: Size { width, height: face.above() + face.below() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_that_touch_occupy_what_each_of_them_would() {
        let size = Size { width: 900.0, height: 300.0 };
        let dot = |at: u32| {
            // Three lines, with gaps of all widths from an overlap to more than a label.
            let (line, place) = (f64::from(at % 3), f64::from(at / 3));
            Rect::around(Point::new(place * place * 0.7, 60.0 + 90.0 * line), 12.0, 12.0)
        };
        let [mut one_by_one, mut together] = [Taken::within(size), Taken::within(size)];
        (0..90).map(dot).for_each(|rect| one_by_one.take(rect));
        together.take_all((0..90).map(dot));
        assert!(together.entries.len() < one_by_one.entries.len());
        let mut free = 0;
        for x in 0..890 {
            for y in (0..300).step_by(7) {
                let label = Rect::around(Point::new(f64::from(x), f64::from(y)), 20.0, 15.0);
                let is_free = one_by_one.is_free(&label);
                assert_eq!(together.is_free(&label), is_free, "{label:?}");
                free += usize::from(is_free);
            }
        }
        assert!(free > 1_000, "{free}");
    }
}
