//! The positions of instants and nodes in the diagram. They depend only on its size and its zoom.

use core::time::Duration;

use antes_core::NodeId;
use antes_sim::scenario::Latency;

use crate::chart::index::Spot;
use crate::px::{Size, within};

/// The space at the left for the names of the lines.
pub const GUTTER: f64 = 34.0;

/// The space above the first line for its stamps, on high and on low surfaces.
const TOP: f64 = 34.0;
const LOW_TOP: f64 = 24.0;

/// The space below the last line for time labels, on high and on low surfaces.
const BOTTOM: f64 = 42.0;
const LOW_BOTTOM: f64 = 37.0;

/// A surface below this height counts as low.
const LOW_PX: f64 = 170.0;

/// The typical width of a message's arrow without zoom, in pixels.
const MESSAGE_PX: f64 = 56.0;

/// The largest distance between two events of one node and instant.
const MAX_RANK_PX: f64 = 16.0;

/// The factor by which one zoom step stretches time.
const ZOOM_STEP: f64 = 1.3;

/// The zoom steps that a user can choose.
pub const ZOOMS: core::ops::RangeInclusive<i8> = -12..=8;

/// The position of the cursor while the diagram follows the run, as a part of its width.
const CURSOR_SHARE: f64 = 0.8;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The size of the whole surface.
    pub size: Size,
    /// The width of a second, in pixels.
    pub second_px: f64,
    /// The distance between two events of one node and instant, in pixels.
    pub rank_px: f64,
    /// The number of lines: the nodes, and the resource if there is one.
    lanes: u8,
    nodes: u8,
}

impl Scale {
    /// The scale for `nodes` lines, plus one for the resource if there is one.
    pub fn new(size: Size, nodes: u8, has_resource: bool, latency: Latency, zoom: i8) -> Self {
        let typical_s = within(typical(latency).as_secs_f64(), 0.001, 10.0);
        let stretch = ZOOM_STEP.powi(i32::from(zoom));
        let message_px = MESSAGE_PX * stretch;
        Self {
            size,
            second_px: message_px / typical_s,
            rank_px: within(message_px * 0.27, 1.0, MAX_RANK_PX),
            lanes: nodes + u8::from(has_resource),
            nodes,
        }
    }

    /// The position of an instant, from the beginning of the run.
    pub fn x_of(&self, at_us: u64) -> f64 {
        at_us as f64 / 1e6 * self.second_px
    }

    /// The position of an event, from the beginning of the run.
    pub fn x(&self, spot: Spot) -> f64 {
        self.x_of(spot.at_us) + f64::from(spot.rank.min(24)) * self.rank_px
    }

    /// The instant at a position.
    pub fn instant(&self, x: f64) -> u64 {
        (x.max(0.0) / self.second_px * 1e6) as u64
    }

    pub fn y(&self, node: NodeId) -> f64 {
        self.y_of(node.index())
    }

    pub fn resource_y(&self) -> f64 {
        self.y_of(usize::from(self.nodes))
    }

    pub fn bottom(&self) -> f64 {
        self.size.height - if self.size.height < LOW_PX { LOW_BOTTOM } else { BOTTOM }
    }

    pub fn top(&self) -> f64 {
        if self.size.height < LOW_PX { LOW_TOP } else { TOP }
    }

    fn y_of(&self, lane: usize) -> f64 {
        if self.lanes < 2 {
            return (self.top() + self.bottom()) / 2.0;
        }
        let gap = (self.bottom() - self.top()) / f64::from(self.lanes - 1);
        self.top() + gap * lane as f64
    }

    /// The width of the part that scrolls.
    pub fn inner_width(&self) -> f64 {
        (self.size.width - GUTTER).max(0.0)
    }

    /// The left edge with which the instant `now_us` is visible.
    pub fn following(&self, now_us: u64) -> f64 {
        (self.x_of(now_us) - self.inner_width() * CURSOR_SHARE).max(-14.0)
    }

    /// The distance between two time labels, in microseconds. It is a round number, large enough that labels
    /// do not overlap.
    pub fn tick_us(&self) -> u64 {
        const STEPS_MS: [u64; 11] =
            [10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000];
        let wide = |&ms: &u64| ms as f64 / 1e3 * self.second_px >= 88.0;
        STEPS_MS.into_iter().find(wide).unwrap_or(60_000) * 1_000
    }
}

/// The typical duration of a message.
pub const fn typical(latency: Latency) -> Duration {
    match latency {
        Latency::Fixed(span) => span,
        Latency::Uniform { min, max } => {
            Duration::from_micros(((min.as_micros() + max.as_micros()) / 2) as u64)
        }
        Latency::Exponential { mean, .. } => mean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(zoom: i8) -> Scale {
        let latency = Latency::Fixed(Duration::from_millis(100));
        Scale::new(Size { width: 680.0, height: 320.0 }, 4, false, latency, zoom)
    }

    #[test]
    fn a_message_is_long_enough_to_be_seen() {
        assert!((scale(0).x_of(100_000) - MESSAGE_PX).abs() < 0.01);
    }

    #[test]
    fn places_and_instants_undo_each_other() {
        let scale = scale(3);
        assert!(scale.instant(scale.x_of(1_234_567)).abs_diff(1_234_567) <= 1);
    }

    #[test]
    fn lines_lie_between_the_margins_in_the_order_of_ids() {
        let heights: Vec<_> =
            [1, 2, 3, 4].map(|number| scale(0).y(NodeId::new(number).unwrap())).to_vec();
        assert!(heights.is_sorted());
        assert!((heights[0] - TOP).abs() < 0.01 && (heights[3] - scale(0).bottom()).abs() < 0.01);
    }

    #[test]
    fn the_followed_moment_is_in_view_at_every_zoom() {
        for zoom in ZOOMS {
            let scale = scale(zoom);
            for now_us in [0, 100_000, 20_000_000] {
                let x = scale.x_of(now_us) - scale.following(now_us);
                assert!((0.0..=scale.inner_width()).contains(&x));
            }
        }
    }

    #[test]
    fn events_of_one_instant_never_reach_as_far_as_a_message_does() {
        for zoom in ZOOMS {
            let scale = scale(zoom);
            assert!(3.0 * scale.rank_px < scale.x_of(100_000) || scale.rank_px <= 1.0);
        }
    }
}
