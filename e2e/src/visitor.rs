//! Visitors of the page, with their screens and preferences.

use std::path::{Path, PathBuf};

/// A person with a screen and preferences. The constructors are the common screens.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) touch: bool,
    pub(crate) dark: bool,
    pub(crate) reduced_motion: bool,
    pub(crate) scroll_bars: bool,
    pub(crate) language: String,
    pub(crate) folder: PathBuf,
}

impl Visitor {
    /// 1280 by 720 pixels, with a mouse.
    pub fn laptop() -> Visitor {
        Visitor::with_screen(1280, 720)
    }

    /// 1920 by 1080 pixels, with a mouse.
    pub fn projector() -> Visitor {
        Visitor::with_screen(1920, 1080)
    }

    /// 375 by 812 pixels, with a touch screen.
    pub fn phone() -> Visitor {
        Visitor { touch: true, ..Visitor::with_screen(375, 812) }
    }

    /// Another screen size, with a mouse, light colours and English.
    pub fn with_screen(width: u32, height: u32) -> Visitor {
        Visitor {
            width,
            height,
            touch: false,
            dark: false,
            reduced_motion: false,
            scroll_bars: false,
            language: "en-US".into(),
            folder: crate::page_folder(),
        }
    }

    /// The visitor's system asks for dark colours.
    pub fn dark(self) -> Visitor {
        Visitor { dark: true, ..self }
    }

    /// The visitor's system asks for little motion.
    pub fn reduced_motion(self) -> Visitor {
        Visitor { reduced_motion: true, ..self }
    }

    /// The visitor's browser has scroll bars that are always visible.
    pub fn scroll_bars(self) -> Visitor {
        Visitor { scroll_bars: true, ..self }
    }

    /// The visitor prefers this language, such as `pt-BR`.
    pub fn language(self, language: &str) -> Visitor {
        Visitor { language: language.into(), ..self }
    }

    /// Visits another page than the one under test.
    pub fn to_folder(self, folder: &Path) -> Visitor {
        Visitor { folder: folder.into(), ..self }
    }
}
