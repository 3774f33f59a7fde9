//! The page in slides made with reveal.js, in both major versions that are in use.

mod common;

use std::path::PathBuf;

use antes_e2e::{Context, Engine, Host, Key, Page, Pages, Result, Visitor, ensure};
use common::now_us;
use serde_json::json;

/// The package folders of both versions of reveal.js.
fn lines() -> Result<[PathBuf; 2]> {
    let named = |name| {
        let folder = std::env::var_os(name).map(PathBuf::from);
        folder.with_context(|| format!("{name} names no folder: run `cargo xtask test e2e`"))
    };
    Ok([named("ANTES_REVEAL_5")?, named("ANTES_REVEAL_6")?])
}

/// A deck of three slides. The second one contains this frame.
fn deck(frame: &str) -> String {
    format!(
        r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A deck</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="reveal/dist/reveal.css"></head><body>
<div class="reveal"><div class="slides">
<section id="one"><h2>One</h2></section>
<section id="two">{frame}</section>
<section id="three"><h2>Three</h2></section>
</div></div>
<script src="reveal/dist/reveal.js"></script>
<script>
  window.heard = [];
  addEventListener("message", ({{ data }}) => heard.push(data));
  Reveal.initialize({{ hash: true, transition: "none", width: 1100, height: 640 }});
</script></body></html>"#
    )
}

/// A frame with the page, which can be loaded in several ways.
fn frame(address: &str, source: &str) -> String {
    format!(
        r#"<iframe {source}="{address}" width="900" height="560" title="The leader dies"
           allow="clipboard-write; fullscreen" style="border: 0"></iframe>"#
    )
}

/// Opens such a deck at its second slide, with each version of reveal.js.
fn visit(query: &str, source: &str, test: impl AsyncFn(&Page) -> Result<()>) -> Result<()> {
    for line in lines()? {
        Visitor::laptop().visit_unopened(async |page| {
            let html = deck(&frame(&page.address(query).replace('&', "&amp;"), source));
            let host = Host::serve(Pages::one(html).folder("reveal", &line)).await?;
            page.goto(host.address("#/two")).await?;
            page.wait_until("the deck is there", async || {
                Ok(page.script("return Reveal.isReady()").await? == true)
            })
            .await?;
            page.wait_until("the run is there", async || {
                Ok(page.script("return heard.some(it => it?.antes === 'ready')").await? == true)
            })
            .await?;
            test(page).await
        })?;
    }
    Ok(())
}

async fn enter(page: &Page) -> Result<()> {
    page.enter_default_frame().await?;
    Ok(page.find("iframe").await?.enter_frame().await?)
}

/// Checks something inside the frame.
async fn inside<T>(page: &Page, look: impl AsyncFnOnce() -> Result<T>) -> Result<T> {
    enter(page).await?;
    let seen = look().await;
    page.enter_default_frame().await?;
    seen
}

/// Presses a key in the focused frame. Only Chromium's driver sends keys to the frame with the focus.
async fn press(page: &Page, key: Key) -> Result<()> {
    let in_frame = page.script("return document.activeElement.tagName").await? == "IFRAME";
    match page.engine() {
        Engine::Firefox | Engine::WebKit if in_frame => {
            inside(page, async || page.press(char::from(key)).await).await
        }
        _ => page.press(char::from(key)).await,
    }
}

async fn slide(page: &Page) -> Result<String> {
    let id = page.script("return Reveal.getCurrentSlide().id").await?;
    Ok(id.as_str().unwrap_or_default().to_owned())
}

async fn wait_for_slide(page: &Page, id: &str) -> Result<()> {
    page.wait_until(&format!("the deck is at {id}"), async || Ok(slide(page).await? == id)).await
}

/// Whether this is what the run has reported last. The deck is asked: WebKit's driver would move the focus
/// into a frame that it enters.
async fn is_playing(page: &Page, playing: bool) -> Result<bool> {
    let told = "return heard.findLast(it => it?.antes === 'state')?.playing";
    Ok(page.script(told).await? == playing)
}

const RANGE: &str = "?embed=1&scenario=leader-dies&from=1s&to=1.3s";

/// Clicks an empty place of the run.
async fn click_into(page: &Page) -> Result<()> {
    inside(page, async || page.click(".told, .narration, .say").await).await
}

/// Presses the right arrow until the range ends.
async fn step_to_end(page: &Page) -> Result<()> {
    for _ in 0..200 {
        press(page, Key::Right).await?;
        let now = inside(page, async || now_us(page).await).await?;
        if now == 1_300_000 {
            return Ok(());
        }
        ensure!(slide(page).await? == "two", "the deck goes on at {now}, before the range ends");
    }
    ensure!(false, "the range does not end");
    Ok(())
}

#[test]
fn the_arrow_that_finds_nothing_to_step_turns_the_slide_and_the_run_keeps_its_moment() -> Result<()>
{
    visit(RANGE, "src", async |page| {
        click_into(page).await?;
        step_to_end(page).await?;
        page.script("heard.length = 0").await?;
        press(page, Key::Right).await?;
        wait_for_slide(page, "three").await?;
        let told = page.script(
            "return heard.filter(it => it?.antes === 'key' || String(it).includes('method'))
               .map(it => it.key ?? it)",
        );
        let told = told.await?;
        ensure!(
            told.as_array().map(Vec::len) == Some(2) && told.to_string().contains("ArrowRight"),
            "not one message of each form: {told}"
        );
        // The deck shows another slide, so the focus has left the run and the deck gets the keys again.
        press(page, Key::Left).await?;
        wait_for_slide(page, "two").await?;
        let now = inside(page, async || now_us(page).await).await?;
        ensure!(now == 1_300_000, "the run has come back at {now}");
        Ok(())
    })
}

#[test]
fn a_frame_that_the_deck_empties_comes_back_at_its_moment() -> Result<()> {
    visit(RANGE, "data-src", async |page| {
        click_into(page).await?;
        for _ in 0..3 {
            press(page, Key::Right).await?;
        }
        let left = inside(page, async || now_us(page).await).await?;
        ensure!(left > 1_000_000, "nothing was stepped");
        press(page, Key::PageDown).await?;
        wait_for_slide(page, "three").await?;
        press(page, Key::Left).await?;
        wait_for_slide(page, "two").await?;
        inside(page, async || {
            page.find("[data-boot=ready] [data-node='4']").await?;
            let now = now_us(page).await?;
            ensure!(now == left, "the run was at {left} and has come back at {now}");
            Ok(())
        })
        .await
    })
}

#[test]
fn a_slide_that_goes_pauses_its_run_which_goes_on_with_it() -> Result<()> {
    let query = "?embed=1&scenario=leader-dies&from=1s&to=20s&speed=0.25";
    visit(query, "src", async |page| {
        inside(page, async || page.click("[data-action=play]").await).await?;
        press(page, Key::PageDown).await?;
        wait_for_slide(page, "three").await?;
        page.wait_until("the run is paused", async || is_playing(page, false).await).await?;
        press(page, Key::Left).await?;
        wait_for_slide(page, "two").await?;
        page.wait_until("the run goes on", async || is_playing(page, true).await).await
    })
}

#[test]
fn nothing_in_a_slide_takes_the_focus_or_a_key_by_itself() -> Result<()> {
    for source in ["src", "data-src", "data-preload data-src"] {
        visit("?embed=1&scenario=leader-dies&autoplay=1&loop=1", source, async |page| {
            let focused = page.script("return document.activeElement.tagName").await?;
            ensure!(focused != "IFRAME", "the frame has the focus ({source})");
            press(page, Key::Right).await?;
            wait_for_slide(page, "three").await
        })?;
    }
    Ok(())
}

#[test]
fn escape_gives_the_focus_back_to_the_deck() -> Result<()> {
    visit(RANGE, "src", async |page| {
        click_into(page).await?;
        let focused = "return document.activeElement.tagName";
        ensure!(page.script(focused).await? == "IFRAME", "the click gave no focus");
        press(page, Key::Escape).await?;
        page.wait_until("the frame has the focus no more", async || {
            Ok(page.script(focused).await? != "IFRAME")
        })
        .await?;
        press(page, Key::Right).await?;
        wait_for_slide(page, "three").await
    })
}

#[test]
fn a_deck_that_is_printed_has_the_run_whole_and_light() -> Result<()> {
    for line in lines()? {
        Visitor::laptop().dark().visit_unopened(async |page| {
            let query = "?embed=1&amp;scenario=leader-dies&amp;t=1800000&amp;theme=dark";
            let html = deck(&frame(&page.address(query), "src"));
            let host = Host::serve(Pages::one(html).folder("reveal", &line)).await?;
            page.goto(host.address("?print-pdf")).await?;
            page.wait_until("the run is there", async || {
                Ok(page.script("return heard.some(it => it?.antes === 'ready')").await? == true)
            })
            .await?;
            let whole = page.script(
                "const it = document.querySelector('iframe').getBoundingClientRect();
                 const sheet = document.querySelector('iframe').closest('.pdf-page, section').getBoundingClientRect();
                 return it.left >= sheet.left - 1 && it.right <= sheet.right + 1 && it.bottom <= sheet.bottom + 1;",
            );
            ensure!(whole.await? == true, "the sheet cuts the frame");
            let paper = json!({ "printBackground": true, "preferCSSPageSize": true });
            let paper = page.cdp().send_raw("Page.printToPDF", paper).await?;
            let pdf = paper["data"].as_str().unwrap_or_default();
            // This is `%PDF` in base 64.
            ensure!(pdf.starts_with("JVBERi") && pdf.len() > 20_000, "nothing was printed");
            Ok(())
        })?;
    }
    Ok(())
}
