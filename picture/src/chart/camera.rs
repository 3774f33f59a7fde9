//! Which part of the diagram is seen.

use core::ops::RangeInclusive;

use crate::chart::index::Index;
use crate::chart::scale::{Scale, ZOOMS};

/// How many of the latest events may stand right of their instant.
const LATEST_DOTS: usize = 40;

/// How far the cursor keeps from the latest event.
const CURSOR_GAP_PX: f64 = 9.0;

/// How far an event keeps from the edges to be in view.
const EDGE_PX: f64 = 20.0;

/// How the diagram is zoomed, and where it was moved to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// By how many steps time is stretched.
    pub zoom: i8,
    /// The left edge, where the diagram does not follow the run.
    pub left: Option<f64>,
}

/// The step of zoom that comes nearest to this one.
pub fn possible(zoom: i8) -> i8 {
    zoom.clamp(*ZOOMS.start(), *ZOOMS.end())
}

impl Camera {
    /// The left edge: where it was moved to, or where the run is in view.
    pub fn left_edge(&self, scale: &Scale, now_us: u64) -> f64 {
        self.left.unwrap_or_else(|| scale.following(now_us))
    }

    /// Moves the diagram by so many pixels, but not past the cursor.
    pub fn pan(&mut self, by: f64, scale: &Scale, now_us: u64, cursor: f64) {
        let left = self.left_edge(scale, now_us) + by;
        self.left = Some(left.min(cursor - 60.0).max(-14.0));
    }

    /// Stretches time around the middle of what is seen. `scale` is that of a zoom.
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

    /// Has the diagram show an instant that is out of sight.
    pub fn bring_into_view(&mut self, at_us: u64, scale: &Scale, now_us: u64) {
        let x = scale.x_of(at_us);
        let seen = EDGE_PX..=scale.inner_width() - EDGE_PX;
        if !seen.contains(&(x - self.left_edge(scale, now_us))) {
            self.left = Some(x - scale.inner_width() / 2.0);
        }
    }
}

/// Where the cursor is in the diagram: at the moment, and right of all that has happened, since
/// events of one instant stand side by side.
pub fn cursor(index: &Index, scale: &Scale, now_us: u64) -> f64 {
    let latest = index.dots().iter().rev().take(LATEST_DOTS);
    let right = latest.map(|dot| scale.x(dot.spot) + CURSOR_GAP_PX);
    right.fold(scale.x_of(now_us), f64::max)
}
