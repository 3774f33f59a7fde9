//! The page for tests: selectors, clicks, keys, texts, pictures.

use std::cell::Cell;
use std::fs;
use std::ops::Deref;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::{By, WebDriver, WebElement};
use tokio::time::{Instant, sleep};

use crate::engine::Engine;
use crate::line::Line;
use crate::site::{Extra, Site, Told};

/// How long a test waits for the page, even on a busy machine without a graphics card.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// The interval between two checks of the page.
pub const GLANCE: Duration = Duration::from_millis(50);

/// An open page. All WebDriver functions are available through [`Deref`].
pub struct Page {
    session: WebDriver,
    engine: Engine,
    address: String,
    /// The errors that the page has reported to its server.
    told: Told,
    line: Line,
    extra: Extra,
    /// The position of the mouse, and whether its button is down.
    mouse: Cell<(f64, f64, bool)>,
}

impl Deref for Page {
    type Target = WebDriver;

    fn deref(&self) -> &WebDriver {
        &self.session
    }
}

impl Page {
    pub(crate) fn new(session: WebDriver, engine: Engine, site: &Site) -> Page {
        let (address, told) = (site.address().into(), site.told());
        Page {
            session,
            engine,
            address,
            told,
            line: site.line(),
            extra: site.extra(),
            mouse: Cell::default(),
        }
    }

    /// The full address of the page for a query such as `?seed=7`, a file name, or nothing.
    pub fn address(&self, query: &str) -> String {
        format!("{}{query}", self.address)
    }

    /// Opens the page and waits until it has started. If it cannot start, the error contains its message.
    pub async fn open(&self, query: &str) -> Result<()> {
        self.session.goto(self.address(query)).await?;
        self.wait_for_start().await
    }

    /// Reloads the page from its current address.
    pub async fn reload(&self) -> Result<()> {
        self.session.refresh().await?;
        self.wait_for_start().await
    }

    /// Opens the explanation and the log, which then stay open.
    pub async fn unfold(&self) -> Result<()> {
        self.script(
            "for (const panel of document.querySelectorAll('.why:not([open]), .log:not([open])'))
                 panel.querySelector('summary').click();",
        )
        .await?;
        let folded = ":is(.why, .log):not([open])";
        self.wait_until("nothing is folded", async || Ok(self.count(folded).await? == 0)).await
    }

    async fn wait_for_start(&self) -> Result<()> {
        let state = "return document.documentElement.dataset.boot";
        self.wait_until(
            "the page has started",
            async || Ok(self.script(state).await? != "loading"),
        )
        .await?;
        if self.script(state).await? == "failed" {
            bail!("the page did not start: {}", self.text("#boot").await?);
        }
        Ok(())
    }

    /// Waits for the first element for a CSS selector.
    pub async fn find(&self, css: &str) -> Result<WebElement> {
        self.wait_until(&format!("there is {css}"), async || Ok(self.count(css).await? > 0))
            .await?;
        Ok(self.session.find(By::Css(css)).await?)
    }

    /// The current number of elements for a CSS selector.
    pub async fn count(&self, css: &str) -> Result<usize> {
        Ok(self.session.find_all(By::Css(css)).await?.len())
    }

    /// Clicks the middle of an element as a mouse does, so an element above it would get the click. An
    /// invisible element is first scrolled to the middle, since on phones the bar covers the edge.
    pub async fn click(&self, css: &str) -> Result<()> {
        let element = self.find(css).await?;
        element.scroll_into_view().await?;
        let is_drawn = "return arguments[0] instanceof SVGElement;";
        let clicked = match self.engine {
            // The other drivers cannot click parts of a drawing.
            Engine::Firefox | Engine::WebKit if self.ask(is_drawn, &element).await? == true => {
                self.click_at_middle(&element).await
            }
            _ => element.click().await.map_err(Into::into),
        };
        clicked.with_context(|| format!("could not click {css}"))
    }

    /// Moves the mouse to the middle of an element and clicks.
    async fn click_at_middle(&self, element: &WebElement) -> Result<()> {
        let middle = "const it = arguments[0].getBoundingClientRect();
             const [x, y] = [it.x + it.width / 2, it.y + it.height / 2].map(Math.round);
             const hit = document.elementFromPoint(x, y);
             return arguments[0].contains(hit) ? [x, y] : String(hit?.outerHTML).slice(0, 200);";
        let middle = self.ask(middle, element).await?;
        let [Some(x), Some(y)] = [0, 1].map(|axis| middle[axis].as_i64()) else {
            bail!("something else would get the click: {middle}");
        };
        Ok(self.session.action_chain().move_to(x, y).click().perform().await?)
    }

    /// Runs the body of a function with an element as its argument, and returns its result.
    pub(crate) async fn ask(&self, body: &str, element: &WebElement) -> Result<Value> {
        Ok(self.session.execute(body, vec![element.to_json()?]).await?.json().clone())
    }

    /// Presses keys for the focused element: text, or a [`crate::Key`] as text.
    pub async fn press(&self, keys: impl Into<String>) -> Result<()> {
        let chain = self.session.action_chain();
        Ok(chain.send_keys(keys.into()).perform().await?)
    }

    /// The visible text of an element.
    pub async fn text(&self, css: &str) -> Result<String> {
        loop {
            match self.find(css).await?.text().await {
                // The page has drawn a new element in place of this one since it was found.
                Err(error) if matches!(*error, WebDriverErrorInner::StaleElementReference(_)) => {}
                text => return Ok(text?),
            }
        }
    }

    /// An attribute of an element. Empty if it is missing.
    pub async fn attribute(&self, css: &str, name: &str) -> Result<String> {
        Ok(self.find(css).await?.attr(name).await?.unwrap_or_default())
    }

    /// Runs the body of a function in the page, and returns its result.
    pub async fn script(&self, body: &str) -> Result<Value> {
        let outcome = self.session.execute(body, Vec::new()).await;
        Ok(outcome.with_context(|| format!("the script failed: {body}"))?.json().clone())
    }

    /// Waits until an element's text contains this text.
    pub async fn wait_for_text(&self, css: &str, part: &str) -> Result<()> {
        let waited = self
            .wait_until(&format!("{css} says {part:?}"), async || {
                Ok(self.text(css).await?.contains(part))
            })
            .await;
        match waited {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(format!("{css} says {:?}", self.text(css).await?))),
        }
    }

    /// Waits until a check succeeds. An error counts as "not yet", since an element may have just been drawn
    /// again.
    pub async fn wait_until(
        &self,
        what: &str,
        is_so: impl AsyncFn() -> Result<bool>,
    ) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let seen = is_so().await;
            if matches!(seen, Ok(true)) {
                return Ok(());
            }
            if Instant::now() >= deadline {
                seen.with_context(|| format!("waited in vain until {what}"))?;
                bail!("waited {} s in vain until {what}", PATIENCE.as_secs());
            }
            sleep(GLANCE).await;
        }
    }

    /// Sets the size of the page in CSS pixels. Chromium also draws it as if each CSS pixel were `zoom`
    /// pixels of the screen.
    pub async fn resize(&self, width: u32, height: u32, zoom: u32) -> Result<()> {
        if self.engine == Engine::Chromium {
            let screen = json!({
                "width": width, "height": height, "deviceScaleFactor": zoom, "mobile": false,
            });
            self.cdp().send_raw("Emulation.setDeviceMetricsOverride", screen).await?;
            return Ok(());
        }
        let wanted = [i64::from(width), i64::from(height)];
        self.wait_until(&format!("the page is {width} by {height} pixels large"), async || {
            let told =
                self.script("return [innerWidth, innerHeight, document.hasFocus()];").await?;
            let seen = [0, 1].map(|side| told[side].as_i64().unwrap_or_default());
            if seen == wanted && told[2] == true {
                return Ok(true);
            }
            let (x, y) = self.engine.corner(width);
            let window = self.get_window_rect().await?;
            let [width, height] =
                [window.width + wanted[0] - seen[0], window.height + wanted[1] - seen[1]];
            self.set_window_rect(x, y, u32::try_from(width)?, u32::try_from(height)?).await?;
            Ok(false)
        })
        .await
    }

    /// Saves a screenshot as `target/e2e/NAME.png`.
    pub async fn screenshot(&self, name: &str) -> Result<()> {
        let folder = crate::picture_folder();
        fs::create_dir_all(&folder).context("no folder for pictures")?;
        Ok(self.session.screenshot(&folder.join(format!("{name}.png"))).await?)
    }

    /// The console errors since the last call. The returned errors do not fail the test any more.
    pub async fn take_errors(&self) -> Result<Vec<String>> {
        if self.engine != Engine::Chromium {
            return Ok(self.told.take());
        }
        let entries = self.session.browser_log().await?;
        let severe = entries.into_iter().filter(|entry| entry.level == "SEVERE");
        Ok(severe.map(|entry| entry.message).collect())
    }

    /// The extra files of the page's server.
    pub fn extra(&self) -> &Extra {
        &self.extra
    }

    /// Opens a page on the same host that consists of these elements, without the policy.
    pub async fn open_host(&self, body: &str) -> Result<()> {
        self.extra.set_host(body);
        let address = self.address.replace("/some/folder/", "/host");
        Ok(self.session.goto(address).await?)
    }

    /// The network between the page and its server.
    pub fn line(&self) -> &Line {
        &self.line
    }

    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The position of the mouse, and whether its button is down.
    pub(crate) fn held(&self) -> (f64, f64, bool) {
        self.mouse.get()
    }

    /// Saves the position of the mouse, and whether its button is down.
    pub(crate) fn hold(&self, mouse: (f64, f64, bool)) {
        self.mouse.set(mouse);
    }

    /// Saves a screenshot named after the test, which is the name of its thread.
    pub(crate) async fn picture_failure(&self) {
        let thread = std::thread::current();
        let name = thread.name().unwrap_or("test").replace("::", "-");
        match self.screenshot(&format!("{name}-failed")).await {
            Ok(()) => eprintln!("a picture of the page: target/e2e/{name}-failed.png"),
            Err(error) => eprintln!("no picture of the page: {error:#}"),
        }
    }
}
