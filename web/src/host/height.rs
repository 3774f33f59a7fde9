//! The preferred height of a frame, from a fixed table by its width. So a host that applies it
//! cannot cause another wish.

/// Pairs of a width and the preferred height from that width on, in CSS pixels.
const HEIGHTS: [(u32, u32); 6] =
    [(1600, 900), (1200, 720), (900, 560), (700, 460), (560, 400), (0, 560)];

/// The preferred height of a frame with this width.
pub fn wanted_px(width_px: u32) -> u32 {
    let height = HEIGHTS.iter().find(|(from, _)| width_px >= *from);
    height.map_or(HEIGHTS[0].1, |(_, height)| *height)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::Fit;
    use crate::px::Size;

    #[test]
    fn a_frame_of_the_wanted_height_has_room_for_both_pictures() {
        for width in [320, 480, 560, 699, 700, 900, 1280, 1920] {
            let height = wanted_px(width);
            let size = Size { width: f64::from(width), height: f64::from(height) };
            assert_ne!(Fit::of(size, true), Fit::EmbedRing, "{width} by {height}");
        }
    }
}
