//! How high a frame should be: from a fixed table by its width, so that a host that obeys cannot bring
//! about another wish.

/// The wanted height for each width of a frame, in CSS pixels: from this width on, this height.
const HEIGHTS: [(u32, u32); 6] =
    [(1600, 900), (1200, 720), (900, 560), (700, 460), (560, 400), (0, 560)];

/// The height that a frame of this width should have.
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
