//! The visible part of the diagram.

use core::ops::RangeInclusive;

use crate::chart::index::Index;
use crate::chart::scale::{Scale, ZOOMS};

/// The largest number of latest events that may be to the right of their instant.
const LATEST_DOTS: usize = 40;

/// The distance between the latest event and the cursor.
const CURSOR_GAP_PX: f64 = 9.0;

/// An event counts as visible if it is at least this far from both edges.
const EDGE_PX: f64 = 20.0;

/// The zoom of the diagram at first. It shows enough of the past to explain the moment.
pub const FIRST_ZOOM: i8 = -1;

/// The largest zoom that the page chooses for its first moment.
const MOST_OPENING_ZOOM: i8 = 3;

/// The largest part of the diagram that the events that led to the first moment take.
const OPENING_SHARE: f64 = 0.6;

/// The largest zoom with all events since `since_us` that led to the moment `now_us`. `scale` gives the scale
/// for a zoom.
pub fn opening_zoom(since_us: u64, now_us: u64, scale: impl Fn(i8) -> Scale) -> i8 {
    let fits = |&zoom: &i8| {
        let scale = scale(zoom);
        scale.x_of(now_us) - scale.x_of(since_us) <= scale.inner_width() * OPENING_SHARE
    };
    (FIRST_ZOOM..=MOST_OPENING_ZOOM).rev().find(fits).unwrap_or(FIRST_ZOOM)
}

/// The zoom of the diagram, and its position if the user moved it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// The number of zoom steps. Positive values stretch time.
    pub zoom: i8,
    /// The left edge. `None` while the diagram follows the run.
    pub left: Option<f64>,
}

/// `zoom`, limited to [`ZOOMS`].
pub fn possible(zoom: i8) -> i8 {
    zoom.clamp(*ZOOMS.start(), *ZOOMS.end())
}

impl Camera {
    /// The left edge of the visible part: as the user moved it, or so that the current moment is visible.
    pub fn left_edge(&self, scale: &Scale, now_us: u64) -> f64 {
        self.left.unwrap_or_else(|| scale.following(now_us))
    }

    /// Moves the diagram by this many pixels, but not past the cursor.
    pub fn pan(&mut self, by: f64, scale: &Scale, now_us: u64, cursor: f64) {
        let left = self.left_edge(scale, now_us) + by;
        self.left = Some(left.min(cursor - 60.0).max(-14.0));
    }

    /// Zooms around the middle of the visible part. `scale` gives the scale for a zoom.
    pub fn stretch(
        &mut self,
        steps: i8,
        zooms: &RangeInclusive<i8>,
        now_us: u64,
        scale: impl Fn(i8) -> Scale,
    ) {
        let before = scale(self.zoom);
        let middle = before.inner_width() / 2.0;
        let instant = before.instant(self.left_edge(&before, now_us) + middle);
        self.zoom = self.zoom.saturating_add(steps).min(*zooms.end()).max(*zooms.start());
        if self.left.is_some() {
            self.left = Some(scale(self.zoom).x_of(instant) - middle);
        }
    }

    /// Moves the diagram so that an instant outside of it becomes visible.
    pub fn bring_into_view(&mut self, at_us: u64, scale: &Scale, now_us: u64) {
        let x = scale.x_of(at_us);
        let seen = EDGE_PX..=scale.inner_width() - EDGE_PX;
        if !seen.contains(&(x - self.left_edge(scale, now_us))) {
            self.left = Some(x - scale.inner_width() / 2.0);
        }
    }
}

/// The position of the cursor. It is at the current moment, but to the right of all events so far, because
/// events of one instant are drawn side by side.
pub fn cursor(index: &Index, scale: &Scale, now_us: u64) -> f64 {
    let latest = index.dots().iter().rev().take(LATEST_DOTS);
    let right = latest.map(|dot| scale.x(dot.spot) + CURSOR_GAP_PX);
    right.fold(scale.x_of(now_us), f64::max)
}
