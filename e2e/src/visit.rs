//! A visit: the site is served, a browser is started, and the test runs with the page.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use anyhow::{Context, Error, Result, anyhow, bail};
use futures_util::FutureExt;
use serde_json::json;
use thirtyfour::{Capabilities, WebDriver};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use crate::driver::Driver;
use crate::engine::Engine;
use crate::page::{GLANCE, PATIENCE, Page};
use crate::site::Site;
use crate::visitor::Visitor;

/// The time limit for a test's script. It is shorter than the time in which a driver must answer.
const SCRIPT_PATIENCE: Duration = Duration::from_secs(100);

/// The time limit for a visit. A page or a browser that hangs fails one test and does not stop all others.
const LONGEST_VISIT: Duration = Duration::from_secs(420);

/// The time in which a browser must answer after a failed visit, before it is killed.
const FAREWELL: Duration = Duration::from_secs(20);

impl Visitor {
    /// Opens the page with a query such as `?seed=7`, or none, and waits until it has started. Then runs the
    /// test. Also fails if the page has written errors to its console.
    pub fn visit(self, query: &str, test: impl AsyncFnOnce(&Page) -> Result<()>) -> Result<()> {
        self.visit_unopened(async |page| {
            page.open(query).await?;
            test(page).await
        })
    }

    /// The same, but the test opens the page itself.
    pub fn visit_unopened(self, test: impl AsyncFnOnce(&Page) -> Result<()>) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let engine = Engine::chosen()?;
            let site = Site::serve(&self.folder, engine).await?;
            // It is declared before the session, so it is dropped after it.
            let driver = Driver::start(engine, &self)?;
            let session = open(&driver, engine.capabilities(&self, &driver.profile())?).await?;
            let page = Page::new(session.clone(), engine, &site);
            match engine {
                Engine::Chromium => self.emulate(&session).await?,
                Engine::Firefox | Engine::WebKit => page.resize(self.width, self.height, 1).await?,
            }

            let tested = timeout(LONGEST_VISIT, AssertUnwindSafe(test(&page)).catch_unwind()).await;
            let tested = tested.unwrap_or_else(|_| Ok(Err(too_long())));
            let errors = timeout(FAREWELL, page.take_errors()).await;
            let errors = errors.unwrap_or_else(|_| Err(silent()));
            if !matches!(tested, Ok(Ok(()))) || !matches!(&errors, Ok(errors) if errors.is_empty())
            {
                let pictured = timeout(FAREWELL, page.picture_failure()).await;
                pictured.unwrap_or_else(|_| eprintln!("no picture of the page: {}", silent()));
            }
            // If this fails, the browser still ends with the driver. A session that has not ended waits for
            // the driver when it is dropped, so the driver goes first.
            let _ = timeout(FAREWELL, session.quit()).await;
            drop(driver);
            match tested {
                Ok(tested) => conclude(tested, errors),
                Err(panic) => {
                    report(&errors);
                    std::panic::resume_unwind(panic)
                }
            }
        })
    }

    /// Gives Chromium this visitor's screen and preferences.
    async fn emulate(&self, session: &WebDriver) -> Result<()> {
        let cdp = session.cdp();
        let screen = json!({
            "width": self.width,
            "height": self.height,
            "deviceScaleFactor": 1,
            "mobile": self.touch,
        });
        cdp.send_raw("Emulation.setDeviceMetricsOverride", screen).await?;
        let touch = json!({ "enabled": self.touch });
        cdp.send_raw("Emulation.setTouchEmulationEnabled", touch).await?;
        let scheme = if self.dark { "dark" } else { "light" };
        let motion = if self.reduced_motion { "reduce" } else { "no-preference" };
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": motion },
        ] });
        cdp.send_raw("Emulation.setEmulatedMedia", media).await?;
        Ok(())
    }
}

/// Opens a session as soon as the driver listens.
async fn open(driver: &Driver, wanted: Capabilities) -> Result<WebDriver> {
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(&driver.address).await.is_err() && Instant::now() < deadline {
        sleep(GLANCE).await;
    }
    let session = WebDriver::new(format!("http://{}", driver.address), wanted).await;
    let session = session.context("the driver could not start the browser")?;
    session.set_script_timeout(SCRIPT_PATIENCE).await?;
    Ok(session)
}

fn too_long() -> Error {
    anyhow!("the visit was given up after {} s", LONGEST_VISIT.as_secs())
}

fn silent() -> Error {
    anyhow!("the browser has not answered for {} s", FAREWELL.as_secs())
}

/// Combines both errors. The test's own error comes first; console errors often explain it.
fn conclude(tested: Result<()>, errors: Result<Vec<String>>) -> Result<()> {
    if tested.is_err() {
        report(&errors);
    }
    tested?;
    let errors = errors?;
    if !errors.is_empty() {
        bail!("the page put errors on its console:\n{}", errors.join("\n"));
    }
    Ok(())
}

fn report(errors: &Result<Vec<String>>) {
    match errors {
        Ok(errors) => errors.iter().for_each(|error| eprintln!("on the console: {error}")),
        Err(error) => eprintln!("the console could not be read: {error:#}"),
    }
}
