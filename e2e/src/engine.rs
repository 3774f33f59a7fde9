//! The three browser engines, and how each one's driver is given a visitor's settings.

use std::env;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::json;
use thirtyfour::common::capabilities::firefox::FirefoxPreferences;
use thirtyfour::{
    Capabilities, ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel,
};

use crate::visitor::Visitor;

/// The screen size of the X server in pixels. Its mouse is in the middle.
pub const SCREEN: [u32; 2] = [4000, 2400];

/// The engine that the tests drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The engine of Chrome and Edge.
    Chromium,
    Firefox,
    /// The engine of Safari and of all browsers on an iPad. The tests use its port to GTK.
    WebKit,
}

impl Engine {
    /// The engine in `ANTES_ENGINE`, by default Chromium.
    pub fn chosen() -> Result<Engine> {
        match env::var("ANTES_ENGINE").as_deref() {
            Err(_) | Ok("chromium") => Ok(Engine::Chromium),
            Ok("firefox") => Ok(Engine::Firefox),
            Ok("webkit") => Ok(Engine::WebKit),
            Ok(other) => {
                bail!("ANTES_ENGINE is {other:?}; expected \"chromium\", \"firefox\" or \"webkit\"")
            }
        }
    }

    /// The upper left corner of a window of this width. WebKit's window gets the keyboard only from the X
    /// server's mouse, so the mouse must be on the bar above the page.
    pub fn corner(self, width: u32) -> (i64, i64) {
        let [middle, height] = SCREEN.map(|side| i64::from(side / 2));
        match self {
            Engine::Chromium | Engine::Firefox => (0, 0),
            Engine::WebKit => (middle - i64::from(width / 2), height - 3),
        }
    }

    /// The capabilities of a session for a visitor: no network except the test's, and the visitor's
    /// preferences unless the driver's environment sets them. `profile` is a folder for the browser's
    /// settings.
    pub fn capabilities(self, visitor: &Visitor, profile: &Path) -> Result<Capabilities> {
        match self {
            Engine::Chromium => chromium(visitor),
            Engine::Firefox => firefox(visitor, profile),
            Engine::WebKit => webkit(),
        }
    }
}

/// The program in a variable, if it is a path. The driver finds other programs by itself.
fn program(variable: &str) -> Option<String> {
    env::var(variable).ok().filter(|name| name.contains('/'))
}

fn chromium(visitor: &Visitor) -> Result<Capabilities> {
    let mut wanted = DesiredCapabilities::chrome();
    for flag in [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--disable-breakpad",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ] {
        wanted.add_arg(flag)?;
    }
    if !visitor.scroll_bars {
        wanted.add_arg("--hide-scrollbars")?;
    }
    wanted.add_arg(&format!("--accept-lang={}", visitor.language))?;
    if let Some(program) = program("CHROMIUM") {
        wanted.set_binary(&program)?;
    }
    wanted.set_browser_log_level(LoggingPrefsLogLevel::Severe)?;
    Ok(wanted.into())
}

/// Firefox's window without its bars, as these would keep it wider than a phone.
const NARROW: &str =
    "* { min-width: 0 !important } #navigator-toolbox { display: none !important }";

fn firefox(visitor: &Visitor, profile: &Path) -> Result<Capabilities> {
    let mut wanted = DesiredCapabilities::firefox();
    wanted.set_headless()?;
    let chrome = profile.join("chrome");
    fs::create_dir_all(&chrome)?;
    fs::write(chrome.join("userChrome.css"), NARROW)?;
    wanted.add_arg("-profile")?;
    wanted.add_arg(profile.to_str().context("the folder has an impossible name")?)?;
    if let Some(program) = program("FIREFOX") {
        wanted.set_firefox_binary(&program)?;
    }
    let mut preferences = FirefoxPreferences::new();
    preferences.set("toolkit.legacyUserProfileCustomizations.stylesheets", true)?;
    preferences.set("intl.accept_languages", visitor.language.as_str())?;
    let scheme = if visitor.dark { 0 } else { 1 };
    preferences.set("layout.css.prefers-color-scheme.content-override", scheme)?;
    preferences.set("ui.prefersReducedMotion", i32::from(visitor.reduced_motion))?;
    preferences.set("ui.useOverlayScrollbars", i32::from(!visitor.scroll_bars))?;
    preferences.set("dom.w3c_touch_events.enabled", i32::from(visitor.touch))?;
    // A finger is a coarse pointer (1). A mouse is fine (2) and can hover (4).
    let pointer = if visitor.touch { 1 } else { 2 | 4 };
    preferences.set("ui.primaryPointerCapabilities", pointer)?;
    preferences.set("ui.allPointerCapabilities", pointer)?;
    wanted.set_preferences(preferences)?;
    Ok(wanted.into())
}

fn webkit() -> Result<Capabilities> {
    let mut wanted = Capabilities::new();
    wanted.set("browserName", "MiniBrowser")?;
    wanted.set("webkitgtk:browserOptions", json!({ "args": ["--automation"] }))?;
    Ok(wanted)
}
