//! The picture that is in the page's HTML, and what becomes of it.

use antes_e2e::{Engine, Page, Result, Visitor, ensure};
use serde_json::Value;

/// Holds the program back until the test calls `let_go()`, and keeps what the browser reports as shifts.
const HOLD: &str = "
    const held = new Promise(done => self.let_go = done);
    const load = self.fetch;
    self.fetch = async (...asked) => {
        if (String(asked[0]).endsWith('.wasm')) await held;
        return load(...asked);
    };
    self.shifts = [];
    if (PerformanceObserver.supportedEntryTypes.includes('layout-shift')) {
        new PerformanceObserver(list => shifts.push(...list.getEntries().map(it => [it.value,
            it.sources.map(({ node }) => node?.className?.baseVal ?? node?.className)])))
            .observe({ type: 'layout-shift', buffered: true });
    }\n";

/// The middles and widths of the nodes and events that can be seen below this element, the cursor, and the
/// corners of the panes, in pixels.
const SEEN: &str = "
    const inside = document.querySelector(WHERE);
    const all = css => [...inside.querySelectorAll(css)].map(it => it.getBoundingClientRect());
    const chart = all('.chart')[0];
    const near = it => it.width > 0 && it.x > chart.x + 40 && it.right < chart.right;
    const middle = it => [it.x + it.width / 2, it.y + it.height / 2];
    const corners = it => [it.x, it.y, it.right, it.bottom];
    return {
        nodes: all('.node .disc').filter(it => it.width > 0).map(it => [...middle(it), it.width]),
        messages: all('.flight > g > path:last-of-type').filter(it => it.width > 0).map(middle),
        events: all('.dot > path').filter(near).map(middle),
        cursor: all('.cursor > path').filter(it => it.height > 0).map(it => [it.x, it.y]),
        panes: all('.ring-surface, .chart, .transport, .play, .top').map(corners),
    };";

async fn seen(page: &Page, within: &str) -> Result<Value> {
    page.script(&SEEN.replace("WHERE", &format!("'{within}'"))).await
}

/// Opens the page with its program held back, and waits until the first picture is shown or left out.
async fn open_held(page: &Page, query: &str) -> Result<bool> {
    page.extra().set_front(HOLD);
    page.goto(page.address(query)).await?;
    let state = "return document.documentElement.dataset.first ?? '';";
    page.wait_until("the page has decided", async || Ok(page.script(state).await? != "")).await?;
    Ok(page.script(state).await? == "shown")
}

/// Lets the program start, and waits until it has drawn.
async fn let_go(page: &Page) -> Result<()> {
    page.script("let_go();").await?;
    page.find("html[data-boot=ready]").await?;
    Ok(())
}

/// Fails unless all numbers of two values are as close as this, in pixels.
fn ensure_close(one: &Value, other: &Value, px: f64, what: &str) -> Result<()> {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.iter().try_for_each(|(name, it)| ensure_close(it, &other[name], px, name))
        }
        (Value::Array(one), Value::Array(other)) => {
            ensure!(one.len() == other.len(), "{what}: {one:?} became {other:?}");
            let mut pairs = one.iter().zip(other);
            pairs.try_for_each(|(one, other)| ensure_close(one, other, px, what))
        }
        _ => {
            let apart = one.as_f64().zip(other.as_f64()).map(|(one, other)| (one - other).abs());
            ensure!(apart.is_some_and(|apart| apart <= px), "{what}: {one} became {other}");
            Ok(())
        }
    }
}

#[test]
fn the_first_picture_is_there_before_the_program_and_is_replaced_without_a_shift() -> Result<()> {
    for (width, height) in [(320, 568), (375, 812), (768, 1024), (1280, 720), (1920, 1080)] {
        for language in ["en-US", "pt-BR"] {
            let visitor = Visitor::with_screen(width, height).language(language);
            visitor.visit_unopened(async |page| {
                ensure!(open_held(page, "").await?, "no picture at {width}x{height}");
                let before = seen(page, "#first").await?;
                ensure!(before["nodes"].as_array().is_some_and(|it| it.len() == 4), "{before}");
                ensure!(before["events"].as_array().is_some_and(|it| it.len() > 8), "{before}");
                let fit = page.attribute("html", "data-fit").await?;
                let_go(page).await?;
                ensure!(page.count("#first").await? == 0, "the first picture stays");
                ensure_close(&before, &seen(page, "#app").await?, 3.0, "the picture")?;
                ensure!(page.attribute("html", "data-fit").await? == fit, "another layout");
                let shifts = page.script("return shifts;").await?;
                ensure!(shifts == Value::Array(Vec::new()), "{width}x{height}: {shifts}");
                Ok(())
            })?;
        }
    }
    Ok(())
}

#[test]
fn the_first_picture_follows_the_window_and_the_panels_that_were_left_open() -> Result<()> {
    Visitor::laptop().visit("", async |page| {
        page.unfold().await?;
        page.goto("about:blank").await?;
        ensure!(open_held(page, "").await?, "there is no picture");
        page.resize(1440, 900, 1).await?;
        page.wait_until("the picture fits the window", async || {
            let fits = "const pane = document.querySelector('#first .ring-surface');
                const drawn = pane.querySelector('svg:not([hidden])').getAttribute('viewBox');
                return innerWidth === 1440 && drawn === `0 0 ${pane.clientWidth} ${pane.clientHeight}`;";
            Ok(page.script(fits).await? == true)
        })
        .await?;
        let before = seen(page, "#first").await?;
        let_go(page).await?;
        ensure_close(&before["panes"], &seen(page, "#app").await?["panes"], 1.0, "the panes")
    })
}

#[test]
fn the_first_picture_cannot_be_read_or_reached() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        ensure!(open_held(page, "").await?, "there is no picture");
        let hidden = "return document.getElementById('first').ariaHidden === 'true'
            && [...document.querySelectorAll('#first :is(a, button, input, select, summary, [tabindex])')]
                .every(it => it.closest('[inert]') || it.tabIndex === -1);";
        ensure!(page.script(hidden).await? == true, "something in it can be reached");
        for _ in 0..4 {
            page.press("\u{e004}").await?;
            let inside = "return !!document.activeElement.closest('#first');";
            ensure!(page.script(inside).await? == false, "the Tab key leads into it");
        }
        if page.engine() == Engine::Chromium {
            let none = serde_json::json!({});
            let tree = page.cdp().send_raw("Accessibility.getFullAXTree", none).await?;
            let nodes = tree["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
            let told: Vec<_> = nodes
                .iter()
                .filter(|node| node["ignored"] == false)
                .map(|node| (node["role"]["value"].to_string(), node["name"]["value"].to_string()))
                .collect();
            ensure!(told.iter().any(|(_, name)| name.contains("Loading Antes")), "{told:?}");
            let is_part = |(role, name): &&(String, String)| {
                role.contains("button") || role.contains("Svg") || name.trim_matches('"') == "1"
            };
            ensure!(!told.iter().any(|it| is_part(&it)), "{told:?}");
        }
        Ok(())
    })
}

#[test]
fn a_click_on_play_before_the_program_is_there_is_kept() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        ensure!(open_held(page, "").await?, "there is no picture");
        page.click("#first .play").await?;
        page.find("#first .play[data-pressed]").await?;
        let_go(page).await?;
        page.find(".app[data-playing=true]").await?;
        // A second click takes the first one back.
        open_held(page, "").await?;
        page.click("#first .play").await?;
        page.click("#first .play").await?;
        let_go(page).await?;
        page.find(".app[data-playing=false]").await?;
        Ok(())
    })
}

#[test]
fn an_address_with_another_picture_has_no_first_picture() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        for query in [
            "?scenario=leader-dies",
            "?scenario=lock-and-queue",
            "?t=1s",
            "?seed=8",
            "?profile=hardened",
            "?theme=dark",
            "?type=projector",
            "?embed=1",
            "?do=c4@1s",
            "?compare=hardened",
            "?trace",
            "?zoom=3",
            "?lang=pt&amp;t=1s",
        ] {
            ensure!(!open_held(page, query).await?, "{query} has the first picture");
            ensure!(page.count("#first").await? == 0, "{query} keeps it");
            page.wait_for_text("#boot", "Antes…").await?;
        }
        for query in ["", "?lang=pt", "?lang=en"] {
            ensure!(open_held(page, query).await?, "{query} has no first picture");
        }
        Ok(())
    })
}

#[test]
fn a_page_that_comes_back_where_it_was_left_has_no_first_picture() -> Result<()> {
    Visitor::laptop().visit("", async |page| {
        page.click("[data-action=step]").await?;
        let state = "return document.documentElement.dataset.first;";
        page.reload().await?;
        ensure!(page.script(state).await? == "none", "the first moment was shown");
        Ok(())
    })
}

#[test]
fn the_first_picture_has_the_colours_that_the_visitor_prefers() -> Result<()> {
    let ground = "return getComputedStyle(document.querySelector('#first .disc')).fill;";
    let mut fills = Vec::new();
    for visitor in [Visitor::phone(), Visitor::phone().dark()] {
        visitor.visit_unopened(async |page| {
            ensure!(open_held(page, "").await?, "there is no picture");
            let before = page.script(ground).await?;
            let_go(page).await?;
            let after = page.script(&ground.replace("#first", "#app")).await?;
            ensure!(before == after, "{before} becomes {after}");
            fills.push(before);
            Ok(())
        })?;
    }
    ensure!(fills[0] != fills[1], "light and dark are both {}", fills[0]);
    Ok(())
}
