//! The layout of the page: a pure function of the window and of the type size. `web/style/page.css`
//! uses [`Fit::tokens`] as the value of `html[data-fit]`.
//!
//! Lengths are in units. A unit is a CSS pixel at the normal type size, and larger with larger
//! type.

use antes_picture::px::Size;

/// Below this width, the ring is not beside the columns.
const WIDE_PX: f64 = 900.0;

/// Below this height, two columns do not show everything at once, so the page scrolls.
const WIDE_LOW_PX: f64 = 500.0;

/// Below this height, the explanation and the log of a wide page are folded at first.
const SHORT_PX: f64 = 680.0;

/// From this width, the header has room for all controls.
const ROOMY_PX: f64 = 1240.0;

/// Below this width, the header of a wide page has room for the selected items only.
const SNUG_PX: f64 = 1060.0;

/// Below this width, the page has one column, and its header and bar have two lines.
const SLIM_PX: f64 = 560.0;

/// Below this width, the header has no choice of the profile.
const NARROW_PX: f64 = 820.0;

/// Below this width, the header's controls have smaller type.
const TIGHT_PX: f64 = 360.0;

/// Below this width, the header's controls wrap onto as many lines as they need.
const THIN_PX: f64 = 300.0;

/// From this width, an embedded page shows the ring and the diagram side by side.
const PAIR_PX: f64 = 560.0;

/// From this height, an embedded page shows the diagram below the ring.
const STACK_PX: f64 = 420.0;

/// Below this height, an embedded page has no controls of the diagram.
const EMBED_SHORT_PX: f64 = 420.0;

/// Below this width, an embedded page has no slider for the speed.
const EMBED_SLIM_PX: f64 = 680.0;

/// Below this width, an embedded page has no button "back to the start".
const EMBED_THIN_PX: f64 = 400.0;

/// Above this ratio of width to height, the ring and the diagram of a small page are side by side.
const LOW_RATIO: f64 = 1.15;

/// A part that has no room, or that has room only now.
struct Part {
    token: &'static str,
    /// Whether the width decides, otherwise the height.
    by_width: bool,
    px: f64,
    /// Whether the token stands for less than this length, otherwise for at least as much.
    below: bool,
    /// The only layout with this part.
    only: Option<Fit>,
}

const fn below(token: &'static str, by_width: bool, px: f64) -> Part {
    Part { token, by_width, px, below: true, only: None }
}

/// The parts of a page that is not embedded, in the order of their tokens.
const PARTS: [Part; 7] = [
    below("short", false, SHORT_PX),
    below("slim", true, SLIM_PX),
    below("thin", true, THIN_PX),
    below("narrow", true, NARROW_PX),
    below("tight", true, TIGHT_PX),
    Part { below: false, ..below("roomy", true, ROOMY_PX) },
    Part { only: Some(Fit::Wide), ..below("snug", true, SNUG_PX) },
];

const PARTS_OF_EMBEDDED: [Part; 3] = [
    below("short", false, EMBED_SHORT_PX),
    below("slim", true, EMBED_SLIM_PX),
    below("thin", true, EMBED_THIN_PX),
];

/// The layouts of a page that is not embedded, as JSON. `web/boot.js` chooses by it until the program runs.
pub fn table() -> String {
    let rows = PARTS.map(|Part { token, by_width, px, below, only }| {
        let side = if by_width { "width" } else { "height" };
        let only = only.map(|fit| format!(",\"{}\"", fit.name())).unwrap_or_default();
        format!("[\"{token}\",\"{side}\",{px},{below}{only}]")
    });
    let wide = format!("[{WIDE_PX},{WIDE_LOW_PX}]");
    format!("{{\"wide\":{wide},\"low\":{LOW_RATIO},\"parts\":[{}]}}", rows.join(","))
}

/// A layout of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Two columns that fill the window without scrolling.
    Wide,
    /// One column; the ring and the diagram share the first screen.
    Tall,
    /// The ring and the diagram side by side fill the first screen; the rest is below.
    Low,
    /// Embedded: the ring and the diagram side by side.
    EmbedPair,
    /// Embedded: the diagram below the ring.
    EmbedStack,
    /// Embedded: only the ring has room.
    EmbedRing,
}

impl Fit {
    /// The layout for a window of this size.
    pub fn of(window: Size, embed: bool) -> Self {
        let Size { width, height } = window;
        if embed {
            return if width >= PAIR_PX && width > height {
                Self::EmbedPair
            } else if height >= STACK_PX {
                Self::EmbedStack
            } else {
                Self::EmbedRing
            };
        }
        if width >= WIDE_PX && height >= WIDE_LOW_PX {
            Self::Wide
        } else if width > height * LOW_RATIO {
            Self::Low
        } else {
            Self::Tall
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Tall => "tall",
            Self::Low => "low",
            Self::EmbedPair => "embed pair",
            Self::EmbedStack => "embed stack",
            Self::EmbedRing => "embed ring",
        }
    }

    /// The value of `html[data-fit]` for a window of this size: the layout, and the parts that have
    /// no room.
    pub fn tokens(window: Size, embed: bool) -> String {
        let fit = Self::of(window, embed);
        let parts = if embed { &PARTS_OF_EMBEDDED[..] } else { &PARTS };
        let mut tokens = fit.name().to_owned();
        for part in parts {
            let length = if part.by_width { window.width } else { window.height };
            if (length < part.px) == part.below && part.only.is_none_or(|only| only == fit) {
                tokens.push(' ');
                tokens += part.token;
            }
        }
        tokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(width: f64, height: f64) -> Fit {
        Fit::of(Size { width, height }, false)
    }

    #[test]
    fn laptops_and_projectors_have_two_columns_and_phones_have_one() {
        for (width, height) in
            [(900.0, 700.0), (960.0, 540.0), (1024.0, 600.0), (1280.0, 720.0), (3840.0, 2160.0)]
        {
            assert_eq!(fit(width, height), Fit::Wide, "{width}x{height}");
        }
        for (width, height) in [(320.0, 568.0), (375.0, 812.0), (768.0, 1024.0), (188.0, 406.0)] {
            assert_eq!(fit(width, height), Fit::Tall, "{width}x{height}");
        }
        for (width, height) in [(812.0, 375.0), (600.0, 338.0), (400.0, 300.0), (640.0, 360.0)] {
            assert_eq!(fit(width, height), Fit::Low, "{width}x{height}");
        }
    }

    #[test]
    fn an_embedded_page_gives_up_the_diagram_only_where_both_pictures_have_no_room() {
        let embedded = |width, height| Fit::of(Size { width, height }, true);
        assert_eq!(embedded(900.0, 560.0), Fit::EmbedPair);
        assert_eq!(embedded(560.0, 315.0), Fit::EmbedPair);
        assert_eq!(embedded(375.0, 600.0), Fit::EmbedStack);
        assert_eq!(embedded(480.0, 320.0), Fit::EmbedRing);
        assert_eq!(embedded(320.0, 240.0), Fit::EmbedRing);
    }

    #[test]
    fn parts_that_have_no_room_have_tokens_of_their_own() {
        let tokens = |width, height| Fit::tokens(Size { width, height }, false);
        assert_eq!(tokens(1280.0, 720.0), "wide roomy");
        assert_eq!(tokens(960.0, 540.0), "wide short snug");
        assert_eq!(tokens(375.0, 812.0), "tall slim narrow");
        let embedded = Fit::tokens(Size { width: 320.0, height: 240.0 }, true);
        assert_eq!(embedded, "embed ring short slim thin");
    }
}
