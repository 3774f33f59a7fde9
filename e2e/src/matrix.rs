//! Views of the page in many sizes and moments, and an automatic check of their layout.

use anyhow::{Context, Result, ensure};

use crate::Page;

/// A view: the page in this size, language, theme and moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The width of the page in CSS pixels.
    pub width: u32,
    /// The height of the page in CSS pixels.
    pub height: u32,
    /// The zoom of the browser, as if the screen had so many times the pixels.
    pub zoom: u32,
    /// The type size that the reader has chosen, in percent of the normal one.
    pub text: u32,
    /// The language of the page, `en` or `pt`.
    pub language: &'static str,
    /// The colours of the page, `light` or `dark`.
    pub theme: &'static str,
    /// Further parts of the address, such as `&embed=1`.
    pub more: &'static str,
    pub moment: Moment,
}

/// A moment at which the page is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The page as it opens.
    First,
    /// An event is selected, with vector stamps.
    Selected,
    /// An invariant is broken, and the explanation and the log are open.
    Broken,
    /// A node's menu is open.
    Menu,
    /// The panel with the settings is open.
    Panel,
    /// A node has just crashed.
    Notice,
    /// Nine nodes elect.
    Nine,
    /// Sixteen nodes, of which one waits for the lock.
    Sixteen,
    /// The menu of a node of two digits, among sixteen nodes.
    SixteenMenu,
}

impl Moment {
    pub const ALL: [Moment; 9] = [
        Moment::First,
        Moment::Selected,
        Moment::Broken,
        Moment::Menu,
        Moment::Panel,
        Moment::Notice,
        Moment::Nine,
        Moment::Sixteen,
        Moment::SixteenMenu,
    ];

    fn name(self) -> &'static str {
        match self {
            Moment::First => "first",
            Moment::Selected => "selected",
            Moment::Broken => "broken",
            Moment::Menu => "menu",
            Moment::Panel => "panel",
            Moment::Notice => "notice",
            Moment::Nine => "nine",
            Moment::Sixteen => "sixteen",
            Moment::SixteenMenu => "sixteen-menu",
        }
    }

    fn query(self) -> &'static str {
        match self {
            Moment::First => "",
            Moment::Selected => "&scenario=lock-and-queue&t=2000000&stamps=vector",
            Moment::Broken => "&scenario=lock-through-a-leader-crash&t=3500000",
            Moment::Menu => "&scenario=lock-and-queue&t=900000",
            Moment::Panel => "&scenario=leader-dies&t=1000000",
            Moment::Notice => "&scenario=lock-and-queue&t=1200000",
            Moment::Nine => "&scenario=nine-elect&t=1350000",
            Moment::Sixteen => "&scenario=sixteen-ask&t=1350000&stamps=vector",
            Moment::SixteenMenu => "&scenario=sixteen-ask&t=1350000",
        }
    }

    /// The script that brings the page to this moment.
    fn setting(self) -> &'static str {
        match self {
            Moment::First | Moment::Nine | Moment::Sixteen => "",
            Moment::Broken => {
                "for (const panel of document.querySelectorAll('.why, .log')) panel.open = true;"
            }
            Moment::Selected => {
                "const dot = [...document.querySelectorAll('.diagram .dot')].at(-2);
                 if (dot) dot.dispatchEvent(new MouseEvent('click', { bubbles: true }));"
            }
            Moment::Menu => {
                "document.querySelector('[data-action=node-menu][data-about=\"2\"]')
                     ?.dispatchEvent(new MouseEvent('click', { bubbles: true }));"
            }
            Moment::SixteenMenu => {
                "document.querySelector('[data-action=node-menu][data-about=\"13\"]')
                     ?.dispatchEvent(new MouseEvent('click', { bubbles: true }));"
            }
            Moment::Panel => "document.querySelector('[data-action=more]')?.click();",
            Moment::Notice => {
                "document.querySelector('[data-node=\"4\"]')
                     .dispatchEvent(new MouseEvent('click', { bubbles: true }));"
            }
        }
    }

    /// The element that shows the moment. Small frames have no diagram, menus or panels, so there the script
    /// has no effect.
    fn sign(self) -> &'static str {
        match self {
            Moment::First | Moment::Broken => ".ring [data-node]",
            Moment::Nine => ".ring [data-node='9']",
            Moment::Sixteen => ".ring [data-node='16']",
            Moment::Selected => "body:not(:has(.diagram .dot)), .lit .dot.selected",
            Moment::Menu | Moment::SixteenMenu => {
                "body:not(:has([data-action=node-menu])), .menu button"
            }
            Moment::Panel => "body:not(:has([data-action=more])), dialog[open]",
            Moment::Notice => ".notice",
        }
    }
}

impl View {
    /// This size and moment, in English with light colours.
    pub const fn new(width: u32, height: u32, moment: Moment) -> View {
        let (zoom, text, language, theme, more) = (1, 100, "en", "light", "");
        View { width, height, zoom, text, language, theme, more, moment }
    }

    /// The same view in Portuguese with dark colours.
    pub const fn portuguese(self) -> View {
        View { language: "pt", theme: "dark", ..self }
    }

    /// The same view, embedded in another page.
    pub const fn embedded(self) -> View {
        View { more: "&embed=1", ..self }
    }

    /// The same view with type for a projector.
    pub const fn projected(self) -> View {
        View { more: "&type=projector", ..self }
    }

    /// The same view with type of this size, in percent.
    pub const fn with_text(self, text: u32) -> View {
        View { text, ..self }
    }

    /// The same window when the page is zoomed to 200 %.
    pub const fn zoomed(self) -> View {
        View { width: self.width / 2, height: self.height / 2, zoom: 2, ..self }
    }

    /// The name of its picture.
    pub fn name(&self) -> String {
        let View { width, height, zoom, text, language, theme, more, moment } = self;
        let more = more.replace(['&', '='], "-");
        let zoom = if *zoom > 1 { "-zoomed" } else { "" };
        let text = if *text == 100 { String::new() } else { format!("-text-{text}") };
        format!("{width}x{height}{zoom}{text}{more}-{language}-{theme}-{}", moment.name())
    }

    /// Whether the moment exists in this view. Embedded pages have no button for the panel.
    pub fn is_possible(&self) -> bool {
        !(self.more.contains("embed") && self.moment == Moment::Panel)
    }
}

/// Opens the view. If the driver cannot zoom, the page only gets the same size in CSS pixels.
pub async fn show(page: &Page, view: &View) -> Result<()> {
    let View { width, height, zoom, text, language, theme, more, moment } = view;
    page.resize(*width, *height, *zoom).await?;
    page.open(&format!("?lang={language}&theme={theme}{more}{}", moment.query())).await?;
    if *text != 100 {
        page.script(&format!("document.documentElement.style.fontSize = '{text}%';")).await?;
    }
    // The page computes its layout in one frame, and draws it in the next one.
    let settled = "return new Promise(done => requestAnimationFrame(() =>
        requestAnimationFrame(() => requestAnimationFrame(() => done(true)))));";
    page.script(settled).await?;
    page.script(moment.setting()).await?;
    page.find(moment.sign()).await.with_context(|| view.name())?;
    page.script(settled).await?;
    Ok(())
}

/// The faults of the current layout: overlaps, cut text, horizontal scrolling, and controls that are too
/// small.
pub async fn faults(page: &Page) -> Result<Vec<String>> {
    let found = page.script(include_str!("faults.js")).await?;
    let found = found.as_array().context("the script told nothing")?;
    Ok(found.iter().filter_map(|fault| fault.as_str().map(str::to_owned)).collect())
}

/// Fails with all faults of a view.
pub async fn is_fine(page: &Page, view: &View) -> Result<()> {
    show(page, view).await?;
    let faults = faults(page).await?;
    if !faults.is_empty() {
        page.screenshot(&view.name()).await?;
    }
    ensure!(faults.is_empty(), "{}:\n  {}", view.name(), faults.join("\n  "));
    Ok(())
}

/// The sizes of windows that the page supports, in CSS pixels.
pub const WINDOWS: [(u32, u32); 13] = [
    (320, 568),
    (375, 812),
    (812, 375),
    (600, 338),
    (400, 300),
    (768, 1024),
    (900, 700),
    (960, 540),
    (1024, 600),
    (1024, 768),
    (1280, 720),
    (1920, 1080),
    (3840, 2160),
];

/// The sizes of frames in other pages that the page supports, in CSS pixels.
pub const FRAMES: [(u32, u32); 8] = [
    (320, 240),
    (400, 300),
    (480, 320),
    (560, 315),
    (640, 360),
    (900, 560),
    (375, 600),
    (1280, 720),
];

/// All views: sizes, languages, themes, moments.
pub fn all() -> Vec<View> {
    let mut views = Vec::new();
    let mut both = |view: View, alternate: bool| {
        // Each language has pictures with light and with dark colours.
        let (en, pt) = if alternate { ("light", "dark") } else { ("dark", "light") };
        views.push(View { theme: en, ..view });
        views.push(View { language: "pt", theme: pt, ..view });
    };
    for (place, moment) in Moment::ALL.into_iter().enumerate() {
        let alternate = place % 2 == 0;
        for (width, height) in WINDOWS {
            both(View::new(width, height, moment), alternate);
        }
        for (width, height) in FRAMES {
            both(View::new(width, height, moment).embedded(), alternate);
        }
        both(View::new(1920, 1080, moment).projected(), alternate);
        both(View::new(1280, 720, moment).zoomed(), alternate);
        both(View::new(375, 812, moment).with_text(200), alternate);
        both(View::new(1280, 720, moment).with_text(200), alternate);
    }
    views.retain(View::is_possible);
    views
}
