//! Two runs side by side in other pages, on paper, on a phone, and where one of them refuses an act.

mod common;

use antes_e2e::{Context, Host, Page, Pages, Result, Visitor, ensure};
use common::host::{around, asks, frame, hears};
use serde_json::json;

/// Opens a page with a comparison in a frame, and waits until both runs are there.
fn visit_framed(query: &str, test: impl AsyncFnOnce(&Page) -> Result<()>) -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        let host = Host::serve(Pages::one(around(&frame(&page.address(query), "")))).await?;
        page.goto(host.address("")).await?;
        let ready = hears(page, "ready").await?;
        ensure!(ready["compare"] == "hardened" && ready["version"] == 1, "{ready}");
        test(page).await
    })
}

/// Tells the page something that makes it play or pause. While it plays, it also reports its state unasked, so the
/// first report need not be the answer.
async fn turns(page: &Page, message: &str, plays: bool) -> Result<()> {
    page.script(&format!("heard.length = 0; tell({message});")).await?;
    let told = format!("return heard.some(it => it?.antes === 'state' && it.playing === {plays})");
    page.wait_until(message, async || Ok(page.script(&told).await? == true)).await
}

const FRAMED: &str = "?embed=1&scenario=leader-dies&compare=hardened&lang=en";

#[test]
fn a_host_moves_a_comparison_by_the_messages_that_move_a_run() -> Result<()> {
    visit_framed(FRAMED, async |page| {
        let pong = asks(page, "{ antes: 'ping', id: 'a' }", "pong").await?;
        ensure!(pong["id"] == "a" && pong["ready"] == true, "{pong}");
        let state = asks(page, "{ antes: 'seek', at: '1.8s' }", "state").await?;
        ensure!(state["at"] == 1_800_000, "{state}");
        let nodes = state["nodes"].as_array().map_or(0, Vec::len);
        ensure!(nodes == 8 && state["nodes"][7]["side"] == "b", "{state}");
        ensure!(state["a"] == "Classic" && state["b"] == "Hardened", "{state}");
        ensure!(state["part"].is_u64() && state["violations_a"] == 0, "{state}");
        for name in ["events", "note", "notes", "seed", "profile"] {
            ensure!(state.get(name).is_none(), "{name} is told: {state}");
        }
        let state = asks(page, "{ antes: 'seek', note: 3 }", "state").await?;
        let at = state["at"].as_u64().unwrap_or_default();
        let stepped = asks(page, "{ antes: 'step' }", "state").await?;
        ensure!(stepped["at"].as_u64() > Some(at), "{stepped}");
        let back = asks(page, "{ antes: 'back' }", "state").await?;
        ensure!(back["at"].as_u64() <= Some(at), "{back}");
        let fast = asks(page, "{ antes: 'speed', speed: 0.5 }", "state").await?;
        ensure!(fast["speed"] == 0.5, "{fast}");
        for (message, plays) in [("toggle", true), ("pause", false), ("play", true)] {
            turns(page, &format!("{{ antes: '{message}' }}"), plays).await?;
        }
        turns(page, "'slide:stop'", false).await?;
        let still = asks(page, "{ antes: 'getState', id: 7 }", "state").await?;
        ensure!(still["id"] == 7 && still["playing"] == false, "{still}");
        turns(page, "'slide:start'", true).await?;
        turns(page, "{ antes: 'pause' }", false).await?;
        let spoken = asks(page, "{ antes: 'setLanguage', language: 'pt' }", "state").await?;
        ensure!(spoken["language"] == "pt" && spoken["b"] == "Robusto", "{spoken}");
        let dark = asks(page, "{ antes: 'setTheme', theme: 'dark' }", "state").await?;
        ensure!(dark["theme"] == "dark", "{dark}");
        let end = asks(page, "{ antes: 'seek', at: '1h' }", "end").await?;
        ensure!(end["at"].as_u64().is_some_and(|at| at > 1_000_000), "{end}");
        Ok(())
    })
}

#[test]
fn a_host_acts_on_both_runs_and_hears_the_events_of_each() -> Result<()> {
    visit_framed(FRAMED, async |page| {
        asks(page, "{ antes: 'seek', at: '300ms' }", "state").await?;
        page.script("heard.length = 0; tell({ antes: 'act', crash: 2 });").await?;
        for side in ["a", "b"] {
            let told = format!(
                "return heard.some(it => it?.antes === 'event' && it.side === '{side}' && it.node === 2)"
            );
            page.wait_until("the side tells it", async || Ok(page.script(&told).await? == true))
                .await?;
        }
        let state = asks(page, "{ antes: 'getState' }", "state").await?;
        for node in [1, 5] {
            ensure!(state["nodes"][node]["state"] == "crashed", "{state}");
        }
        let told = asks(page, "{ antes: 'export', format: 'address' }", "export").await?;
        let address = told["content"].as_str().unwrap_or_default();
        ensure!(address.contains("compare=hardened") && address.contains("do=c2@"), "{address}");
        let told = asks(page, "{ antes: 'export', format: 'comparison' }", "export").await?;
        let numbers: serde_json::Value =
            serde_json::from_str(told["content"].as_str().unwrap_or_default())?;
        ensure!(numbers.is_object(), "{numbers}");
        let state = asks(page, "{ antes: 'load', scenario: 'two-holders' }", "state").await?;
        ensure!(state["scenario"] == "two-holders", "{state}");
        page.script("heard.length = 0; tell({ antes: 'seek', at: '1h' });").await?;
        let violation = hears(page, "violation").await?;
        ensure!(violation["side"] == "a", "{violation}");
        Ok(())
    })
}

#[test]
fn what_a_host_asks_of_a_comparison_in_vain_is_refused_with_a_reason() -> Result<()> {
    visit_framed(FRAMED, async |page| {
        for (message, told) in [
            ("{ antes: 'select', node: 1, id: 3 }", "expected nothing: true"),
            ("{ antes: 'seek', event: 4, id: 3 }", "different events; expected at"),
            ("{ antes: 'seek', note: 99, id: 3 }", "no sentence 99"),
            ("{ antes: 'export', format: 'svg', id: 3 }", "comparison or address"),
            ("{ antes: 'act', crash: 9, id: 3 }", "a node from 1 to 4"),
            ("{ antes: 'act', restart: 1, id: 3 }", "no effect"),
            ("{ antes: 'act', drop: '1:999', id: 3 }", "No effect: the message"),
            ("{ antes: 'load', scenario: 'nowhere', id: 3 }", "no scenario"),
        ] {
            let error = asks(page, message, "error").await.context(message)?;
            ensure!(error["id"] == 3, "{message}: {error}");
            let reason = error["reason"].as_str().unwrap_or_default();
            ensure!(reason.contains(told), "{message}: {reason}");
        }
        Ok(())
    })
}

#[test]
fn an_act_that_one_run_refuses_happens_in_the_other_and_a_sentence_says_which_and_why() -> Result<()>
{
    // The script crashes node 4. Without it, node 4 is up in the second run.
    let query = "?scenario=leader-dies&compare=without:1&t=2s&lang=en";
    Visitor::laptop().visit(query, async |page| {
        let state = async |side: &str| {
            page.attribute(&format!("[data-side='{side}'] [data-node='4']"), "data-state").await
        };
        ensure!(state("A").await? == "crashed" && state("B").await? == "alive", "they are alike");
        page.click("[data-side='A'] [data-node='4']").await?;
        let told = page.text(".notice").await?;
        let is_told = told.contains("Node 4 restarts") && told.contains("No effect: node 4 is up");
        ensure!(is_told && told.contains("A (") && told.contains("B ("), "{told}");
        ensure!(state("A").await? == "alive" && state("B").await? == "alive", "A did not do it");
        page.click("[data-action=undo]").await?;
        ensure!(state("A").await? == "crashed", "undo did not take it back");
        Ok(())
    })
}

#[test]
fn paper_has_both_runs_whole_and_light_with_their_numbers() -> Result<()> {
    // A frame of this width has the rings alone.
    for (query, pictures) in [
        (
            "?scenario=holder-dies&compare=hardened&t=2s&theme=dark",
            "'.ring', '.diagram', '.numbers'",
        ),
        ("?scenario=holder-dies&compare=hardened&t=2s&theme=dark&embed=1", "'.ring'"),
    ] {
        Visitor::laptop().dark().visit(query, async |page| {
            page.cdp()
                .send_raw("Emulation.setEmulatedMedia", json!({ "media": "print" }))
                .await?;
            // A sheet of A4 at 96 pixels an inch, without its margins.
            page.resize(718, 1047, 1).await?;
            page.wait_until("both are whole on white", async || {
                let script = "const white = getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)';
                     const root = document.documentElement;
                     const all = ['A', 'B'].flatMap(side => [PICTURES]
                       .map(css => (document.querySelector(`[data-side=${side}] ${css}`)
                         ?? document.querySelector(css))?.getBoundingClientRect()));
                     const whole = all.every(it => it && it.width > 100 && it.height > 60 && it.left >= 0
                       && it.right <= innerWidth + 1 && it.bottom <= root.scrollHeight + 1);
                     const cut = [...document.querySelectorAll('main, .runs, .one')]
                       .some(it => it.scrollHeight > it.clientHeight + 1 && getComputedStyle(it).overflowY !== 'visible');
                     return white && whole && !cut && document.querySelector('.transport').getBoundingClientRect().height === 0;".replace("PICTURES", pictures);
                Ok(page.script(&script).await? == true)
            })
            .await?;
            page.screenshot("compare-paper").await?;
            let paper = page.cdp().send_raw("Page.printToPDF", json!({})).await?;
            let pdf = paper["data"].as_str().unwrap_or_default();
            ensure!(pdf.starts_with("JVBERi") && pdf.len() > 20_000, "nothing was printed");
            Ok(())
        })?;
    }
    Ok(())
}

/// The areas of both runs: left, top, width and bottom, and the width of the window.
async fn areas(page: &Page) -> Result<[[f64; 5]; 2]> {
    let told = page
        .script(
            "return ['A', 'B'].map(side => {
               const it = document.querySelector(`[data-side=${side}]`).getBoundingClientRect();
               return [it.left, it.top, it.width, it.bottom, innerWidth]; });",
        )
        .await?;
    Ok(serde_json::from_value(told)?)
}

#[test]
fn a_phone_has_one_run_above_the_other_and_a_low_window_has_them_beside_each_other() -> Result<()> {
    let query = "?scenario=holder-dies&compare=hardened&t=2s";
    Visitor::phone().visit(query, async |page| {
        let [a, b] = areas(page).await?;
        ensure!(b[1] >= a[3] && a[2] == b[2] && a[2] > 0.9 * a[4], "{a:?} {b:?}");
        for side in ["A", "B"] {
            for picture in ["ring", "diagram"] {
                page.find(&format!("[data-side='{side}'] .{picture}")).await?;
            }
        }
        page.screenshot("compare-phone").await
    })?;
    Visitor::with_screen(600, 338).visit(query, async |page| {
        let [a, b] = areas(page).await?;
        ensure!(a[1] == b[1] && a[2] == b[2] && b[0] > a[0] + a[2], "{a:?} {b:?}");
        ensure!(b[0] + b[2] > a[4] - 16.0, "both leave room at the right: {a:?} {b:?}");
        Ok(())
    })
}
