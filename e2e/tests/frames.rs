//! Frames in host pages: scaled, hidden at first, several at once, printed, and made by the element
//! `<antes-run>`.

mod common;

use std::path::Path;
use std::process::Command;

use antes_e2e::{Host, Odd, Page, Pages, Result, Visitor, ensure, header, page_folder};
use common::now_us;
use serde_json::{Value, json};

const QUERY: &str = "?embed=1&amp;scenario=leader-dies&amp;t=1000000";

fn around(body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Around</title><link rel=icon href=data:,>
         <body style=\"margin: 0\"><script>
           window.heard = [];
           addEventListener('message', ({{ data }}) => heard.push(data));
         </script>{body}"
    )
}

fn frame(page: &Page, more: &str) -> String {
    let address = page.address(QUERY);
    format!("<iframe src=\"{address}\" width=900 height=560 {more}></iframe>")
}

async fn is_ready(page: &Page) -> Result<()> {
    page.wait_until("the run is there", async || {
        Ok(page.script("return heard.some(it => it?.antes === 'ready')").await? == true)
    })
    .await
}

async fn inside<T>(page: &Page, look: impl AsyncFnOnce() -> Result<T>) -> Result<T> {
    page.find("iframe").await?.enter_frame().await?;
    let seen = look().await;
    page.enter_default_frame().await?;
    seen
}

/// Uses the mouse at a point of the outer page.
async fn mouse(page: &Page, kind: &str, [x, y]: [f64; 2], more: Value) -> Result<()> {
    let mut event = json!({ "type": kind, "x": x, "y": y });
    event.as_object_mut().into_iter().for_each(|event| {
        event.extend(more.as_object().cloned().unwrap_or_default());
    });
    page.cdp().send_raw("Input.dispatchMouseEvent", event).await?;
    Ok(())
}

async fn click_at(page: &Page, at: [f64; 2]) -> Result<()> {
    let left = json!({ "button": "left", "clickCount": 1 });
    mouse(page, "mousePressed", at, left.clone()).await?;
    mouse(page, "mouseReleased", at, left).await
}

#[test]
fn a_frame_that_was_hidden_and_is_scaled_is_sharp_and_clicks_hit_what_they_point_at() -> Result<()>
{
    Visitor::laptop().visit_unopened(async |page| {
        let body = frame(page, "style=\"display: none; transform-origin: 40px 30px\"");
        let host = Host::serve(Pages::one(around(&body))).await?;
        page.goto(host.address("")).await?;
        let show = "Object.assign(document.querySelector('iframe').style, { display: 'block', transform: 'scale(.6)' })";
        page.script(show).await?;
        is_ready(page).await?;
        let middle = inside(page, async || {
            page.script(
                "const it = document.querySelector(\"[data-node='2'] .disc\").getBoundingClientRect();
                 return [it.x + it.width / 2, it.y + it.height / 2, document.querySelector('.ring').getBoundingClientRect().width]",
            )
            .await
        })
        .await?;
        let number = |place: usize| middle[place].as_f64().unwrap_or_default();
        ensure!(number(2) > 300.0, "the ring is {} pixels wide", number(2));
        let corner = page.script("const it = document.querySelector('iframe').getBoundingClientRect(); return [it.x, it.y]");
        let corner = corner.await?;
        let at = |place: usize| corner[place].as_f64().unwrap_or_default() + number(place) * 0.6;
        click_at(page, [at(0), at(1)]).await?;
        inside(page, async || {
            page.find("[data-node='2'][data-state=crashed]").await?;
            ensure!(page.count("[data-state=crashed]").await? == 1, "another node was hit as well");
            Ok(())
        })
        .await?;
        page.screenshot("frame-scaled").await
    })
}

#[test]
fn a_wheel_over_the_frame_scrolls_the_page_around_it() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        let body = frame(page, "") + "<p style=\"height: 3000px\">Further down</p>";
        let host = Host::serve(Pages::one(around(&body))).await?;
        page.goto(host.address("")).await?;
        is_ready(page).await?;
        page.wait_until("the page around it has scrolled", async || {
            mouse(page, "mouseWheel", [300.0, 200.0], json!({ "deltaX": 0, "deltaY": 200 }))
                .await?;
            Ok(page.script("return scrollY").await?.as_f64().is_some_and(|y| y > 100.0))
        })
        .await
    })
}

#[test]
fn two_windows_with_the_same_page_do_not_disturb_each_other() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        let body = frame(page, "").repeat(2);
        let host = Host::serve(Pages::one(around(&body))).await?;
        page.goto(host.address("")).await?;
        is_ready(page).await?;
        inside(page, async || page.click("[data-action=step]").await).await?;
        let moved = inside(page, async || now_us(page).await).await?;
        ensure!(moved > 1_000_000, "nothing was stepped");
        let first = page.window().await?;
        let second = page.new_tab().await?;
        page.switch_to_window(second).await?;
        page.goto(host.address("")).await?;
        is_ready(page).await?;
        let other = inside(page, async || now_us(page).await).await?;
        ensure!(other == 1_000_000, "the second window begins at {other}");
        page.switch_to_window(first).await?;
        let kept = inside(page, async || now_us(page).await).await?;
        ensure!(kept == moved, "the first window has gone to {kept}");
        // Two frames with the same address in one page stay independent too.
        let frames = page.find_all(antes_e2e::thirtyfour::By::Css("iframe")).await?;
        frames[1].clone().enter_frame().await?;
        let beside = now_us(page).await?;
        page.enter_default_frame().await?;
        ensure!(beside == 1_000_000, "the frame beside it is at {beside}");
        Ok(())
    })
}

#[test]
fn paper_is_light_and_has_the_pictures_whole() -> Result<()> {
    for query in [
        "?embed=1&scenario=leader-dies&t=1800000&theme=dark",
        "?scenario=leader-dies&t=1800000&theme=dark",
    ] {
        Visitor::laptop().dark().visit(query, async |page| {
            let media = json!({ "media": "print" });
            page.cdp().send_raw("Emulation.setEmulatedMedia", media).await?;
            page.wait_until("the pictures are whole on white", async || {
                let seen = page.script(
                    "const white = getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)';
                     const shown = (css) => document.querySelector(css).getBoundingClientRect();
                     const inside = ['.ring', '.diagram'].every((css) => { const it = shown(css);
                       return it.width > 200 && it.left >= 0 && it.right <= innerWidth + 1 && it.top >= 0 && it.bottom <= document.documentElement.scrollHeight + 1; });
                     return white && inside && shown('.transport').height === 0;",
                );
                Ok(seen.await? == true)
            })
            .await
        })?;
    }
    Ok(())
}

/// A page with the element, which collects its messages.
fn with_element(script: &str, element: &str) -> String {
    around(&format!(
        "<script src=\"{script}\"></script>{element}<script>
           window.told = [];
           const run = document.querySelector('antes-run');
           for (const name of ['ready', 'state', 'event', 'violation', 'end', 'error'])
             run?.addEventListener(name, ({{ detail }}) => told.push([name, detail]));
         </script>"
    ))
}

#[test]
fn the_element_loads_its_run_when_it_comes_into_view_and_moves_it() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        let element = "<p style=\"height: 3000px\"></p>
            <antes-run scenario=\"leader-dies\" from=\"1s\" to=\"1.5s\" title=\"The leader dies\"></antes-run>";
        let html = with_element(&page.address("antes-run.js"), element);
        let host = Host::serve(Pages::one(html)).await?;
        page.goto(host.address("")).await?;
        let has_frame = "return !!document.querySelector('antes-run').shadowRoot.querySelector('iframe')";
        ensure!(page.script(has_frame).await? == false, "it has loaded before it was seen");
        page.script("document.querySelector('antes-run').scrollIntoView()").await?;
        page.wait_until("it is ready", async || {
            Ok(page.script("return document.querySelector('antes-run').ready").await? == true)
        })
        .await?;
        page.script(
            "const run = document.querySelector('antes-run');
             window.results = Promise.all([
               run.getState(), run.act({ crash: 1 }), run.act({ crash: 9 }).catch((error) => error.message), run.export('jsonl')]);
             results.then((all) => (window.all = all));",
        )
        .await?;
        page.wait_until("it answers", async || {
            Ok(page.script("return window.all !== undefined").await? == true)
        })
        .await?;
        let [before, after, refused, text] = serde_json::from_value(page.script("return all").await?)?;
        let (before, after, refused, text): (Value, Value, Value, Value) = (before, after, refused, text);
        ensure!(before["at"] == 1_000_000 && before["to"] == 1_500_000, "{before}");
        ensure!(after["nodes"][0]["state"] == "crashed", "{after}");
        ensure!(refused.as_str().is_some_and(|it| it.contains("a node from 1 to 4")), "{refused}");
        ensure!(text.as_str().is_some_and(|it| it.contains("antes_trace")), "{text}");
        let told = page.script("return told.some(([name, detail]) => name === 'event' && detail.node === 1)");
        ensure!(told.await? == true, "no event of the DOM tells of the crash");
        Ok(())
    })
}

#[test]
fn the_element_shows_its_poster_until_the_run_is_there() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        let picture = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='5'/%3E";
        let element = format!(
            "<p style=\"height: 3000px\"></p>
             <antes-run scenario=\"leader-dies\" poster=\"{picture}\" title=\"The leader dies\"></antes-run>"
        );
        let host = Host::serve(Pages::one(with_element(&page.address("antes-run.js"), &element))).await?;
        page.goto(host.address("")).await?;
        let inside = "const inside = document.querySelector('antes-run').shadowRoot;";
        page.wait_until("the poster is shown in place of a frame", async || {
            let script = format!(
                "{inside} const image = inside.querySelector('.poster img');
                 return [image.naturalWidth, image.alt, image.clientWidth > 300, !inside.querySelector('iframe')].join();"
            );
            Ok(page.script(&script).await? == "9,The leader dies,true,true")
        })
        .await?;
        // A press on the poster loads the run at once.
        page.script(&format!("{inside} inside.querySelector('.poster').click();")).await?;
        ensure!(
            page.script(&format!("{inside} return !!inside.querySelector('iframe')")).await? == true,
            "the press loads nothing"
        );
        page.script("document.querySelector('antes-run').scrollIntoView()").await?;
        page.wait_until("the run has replaced the poster", async || {
            let script = format!(
                "{inside} return document.querySelector('antes-run').ready && !inside.querySelector('.poster')"
            );
            Ok(page.script(&script).await? == true)
        })
        .await
    })
}

#[test]
fn an_element_whose_run_cannot_be_shown_says_so_in_words() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        let pages = Pages::default()
            .folder("antes", &page_folder())
            .header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")
            .odd(".wasm", Odd::Html);
        let server = Host::serve(pages).await?;
        let element = format!("<antes-run src=\"{}\"></antes-run>", server.address("antes/index.html"));
        let html = with_element(&page.address("antes-run.js"), &element);
        let host = Host::serve(Pages::one(html)).await?;
        page.goto(host.address("")).await?;
        page.wait_until("it says what is wrong", async || {
            let told = "return document.querySelector('antes-run').shadowRoot.querySelector('.told')?.innerText ?? ''";
            Ok(page.script(told).await?.as_str().is_some_and(|it| it.contains("web page")))
        })
        .await?;
        page.take_errors().await?;
        Ok(())
    })
}

#[test]
fn npm_packs_the_element_with_what_it_needs() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../integrations/antes-run");
    let packed =
        Command::new("npm").args(["pack", "--dry-run", "--json"]).current_dir(folder).output()?;
    ensure!(packed.status.success(), "{}", String::from_utf8_lossy(&packed.stderr));
    let packed: Value = serde_json::from_slice(&packed.stdout)?;
    let files = packed[0]["files"].as_array().cloned().unwrap_or_default();
    let mut names: Vec<_> = files.iter().filter_map(|file| file["path"].as_str()).collect();
    names.sort_unstable();
    ensure!(names == ["README.md", "antes-run.js", "package.json"], "{names:?}");
    ensure!(packed[0]["size"].as_u64().is_some_and(|size| size < 10_000), "it is heavy");
    Ok(())
}
