//! How the page is laid out in the room that it has: a pure function of the window and of the size
//! of type. `web/style/page.css` obeys what [`Fit::tokens`] puts into `html[data-fit]`.
//!
//! Lengths are in units: a unit is a CSS pixel at the normal size of type, and larger where the
//! type is.

use crate::px::Size;

/// Below this width, the ring and the columns beside it are not side by side.
const WIDE_PX: f64 = 900.0;

/// Below this height, two columns do not hold everything at once: the page scrolls instead.
const WIDE_LOW_PX: f64 = 500.0;

/// Below this height, the explanation and the log of a wide page are folded at first.
const SHORT_PX: f64 = 680.0;

/// From this width, the header has room for every control.
const ROOMY_PX: f64 = 1240.0;

/// Below this width, the header of a wide page has room for what is chosen alone.
const SNUG_PX: f64 = 1060.0;

/// Below this width, a page has one column, and its header and its bar have two lines.
const SLIM_PX: f64 = 560.0;

/// Below this width, the choice of the profile is not in the header.
const NARROW_PX: f64 = 820.0;

/// Below this width, the header's controls have smaller type.
const TIGHT_PX: f64 = 360.0;

/// Below this width, each control of the header takes what it needs, on as many lines as it takes.
const THIN_PX: f64 = 300.0;

/// From this width, an embedded page has room for the ring and the diagram side by side.
const PAIR_PX: f64 = 560.0;

/// From this height, an embedded page has room for the diagram below the ring.
const STACK_PX: f64 = 420.0;

/// Below this height, an embedded page has no room for the diagram's controls.
const EMBED_SHORT_PX: f64 = 420.0;

/// Below this width, an embedded page has no room for the slider of the speed.
const EMBED_SLIM_PX: f64 = 680.0;

/// Below this width, an embedded page has no room for "back to the start".
const EMBED_THIN_PX: f64 = 400.0;

/// A way to lay out the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Two columns that fill the window, which does not scroll.
    Wide,
    /// One column; the ring and the diagram share the first screen.
    Tall,
    /// The ring and the diagram side by side fill the first screen; the rest is below.
    Low,
    /// In another page: the ring and the diagram side by side.
    EmbedPair,
    /// In another page: the diagram below the ring.
    EmbedStack,
    /// In another page: the ring alone.
    EmbedRing,
}

impl Fit {
    /// The way for a window of this size.
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
        } else if width > height * 1.15 {
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

    /// What `html[data-fit]` says for a window of this size: the way, and what there is no room
    /// for in it.
    pub fn tokens(window: Size, embed: bool) -> String {
        let Size { width, height } = window;
        let fit = Self::of(window, embed);
        let (short, slim, thin) = match embed {
            true => (EMBED_SHORT_PX, EMBED_SLIM_PX, EMBED_THIN_PX),
            false => (SHORT_PX, SLIM_PX, THIN_PX),
        };
        let mut tokens = fit.name().to_owned();
        for (holds, token) in [
            (height < short, " short"),
            (width < slim, " slim"),
            (width < thin, " thin"),
            (!embed && width < NARROW_PX, " narrow"),
            (!embed && width < TIGHT_PX, " tight"),
            (!embed && width >= ROOMY_PX, " roomy"),
            (!embed && fit == Self::Wide && width < SNUG_PX, " snug"),
        ] {
            if holds {
                tokens += token;
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
    fn what_has_no_room_is_told_by_tokens_of_its_own() {
        let tokens = |width, height| Fit::tokens(Size { width, height }, false);
        assert_eq!(tokens(1280.0, 720.0), "wide roomy");
        assert_eq!(tokens(960.0, 540.0), "wide short snug");
        assert_eq!(tokens(375.0, 812.0), "tall slim narrow");
        let embedded = Fit::tokens(Size { width: 320.0, height: 240.0 }, true);
        assert_eq!(embedded, "embed ring short slim thin");
    }
}
