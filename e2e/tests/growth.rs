//! A page that runs for long does not grow: no element and no listener is left behind.

mod common;

use std::fs;
use std::time::Duration;

use antes_core::{Algorithm, ClusterSize};
use antes_e2e::{Context, Key, Page, Result, Visitor, ensure};
use antes_sim::export::jsonl;
use antes_sim::run::Run;
use antes_sim::scenario::Scenario;
use common::now_us;
use serde_json::json;

/// The number of lines of the long recording.
const LINES: usize = 100_000;

/// How often a run is played from beginning to end.
const LAPS: u32 = 15;

/// Chromium's counts after garbage collection.
async fn counted(page: &Page) -> Result<[u64; 3]> {
    page.cdp().send_raw("HeapProfiler.collectGarbage", json!({})).await?;
    let told = page.cdp().send_raw("Memory.getDOMCounters", json!({})).await?;
    let count = |what: &str| told[what].as_u64().unwrap_or_default();
    Ok(["documents", "nodes", "jsEventListeners"].map(count))
}

/// Repeats the run this many times, then returns to the earlier moment.
async fn repeats(page: &Page, laps: u32, at_us: u64) -> Result<()> {
    page.click("[data-action=play]").await?;
    page.script(&format!(
        "window.laps = 0;
         let last = 0;
         window.counting = new MutationObserver(() => {{
             const now = Number(document.querySelector('.app').dataset.timeUs);
             if (now < last && ++laps === {laps}) document.querySelector('[data-action=pause]').click();
             last = now;
         }});
         counting.observe(document.querySelector('.app'), {{ attributes: true, attributeFilter: ['data-time-us'] }});"
    ))
    .await?;
    page.wait_until("the run has repeated itself", async || {
        Ok(page.script("return laps;").await? == json!(laps))
    })
    .await?;
    page.script("counting.disconnect();").await?;
    page.press(char::from(Key::Home)).await?;
    for _ in 0..20 {
        page.press(char::from(Key::Right)).await?;
    }
    ensure!(now_us(page).await? == at_us || at_us == 0, "it is at another moment");
    Ok(())
}

#[test]
fn a_run_that_repeats_itself_leaves_nothing_behind() -> Result<()> {
    for slug in ["lock-and-queue", "random-calls"] {
        let query = format!("?scenario={slug}&speed=16&loop=1&stamps=vector");
        Visitor::laptop().visit(&query, async |page| {
            page.unfold().await?;
            repeats(page, 3, 0).await?;
            let (at_us, before) = (now_us(page).await?, counted(page).await?);
            repeats(page, LAPS, at_us).await?;
            let after = counted(page).await?;
            ensure!(
                before == after,
                "{slug}: documents, nodes and listeners were {before:?} and are {after:?}"
            );
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn acts_panels_and_selections_leave_nothing_behind() -> Result<()> {
    Visitor::laptop().visit("?scenario=lock-and-queue&t=2000000&lang=en", async |page| {
        page.unfold().await?;
        // A script does this as fast as it can. By hand it would take an hour.
        let some_minutes =
            "return (async () => {
                     const click = css => document.querySelector(css)
                         ?.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
                     const key = key => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
                     const drawn = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
                     for (let time = 0; time < 3; time++) {
                         for (const css of ['[data-node=\"2\"]', '[data-node=\"2\"]', '[data-action=undo]',
                             '[data-action=node-menu]', '.menu [data-action=links]', '.menu [data-action=cut-both]',
                             '[data-action=undo]', '.diagram .dot', '.log li button', '.tools [data-action=more]',
                             'dialog button[data-action=close]', '.tools [data-action=share]',
                             'dialog button[data-action=close]', '[data-action=zoom-out]', '[data-action=zoom-in]']) {
                             click(css);
                             await drawn();
                         }
                         for (const name of ['Escape', 'PageUp', 'End', 'Home', 'ArrowRight', 'n', 'Escape']) {
                             key(name);
                             await drawn();
                         }
                         for (let undone = 0; undone < 8; undone++) {
                             document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'z', ctrlKey: true, bubbles: true }));
                             await drawn();
                         }
                         document.querySelector('[data-action=follow]')?.click();
                         const slider = document.querySelector('[data-action=seek]');
                         slider.value = 2000000;
                         slider.dispatchEvent(new Event('input', { bubbles: true }));
                         await drawn();
                     }
                 })();";
        page.script(some_minutes).await?;
        let before = counted(page).await?;
        for _ in 0..6 {
            page.script(some_minutes).await?;
        }
        let after = counted(page).await?;
        ensure!(before == after, "documents, nodes and listeners were {before:?} and are {after:?}");
        // The counts do grow if something is left behind.
        let left = page.script("window.left = document.createElement('p'); addEventListener('x', () => left); return 1;").await?;
        ensure!(left == 1 && counted(page).await? != before, "the counters count nothing");
        Ok(())
    })
}

#[test]
fn a_recording_of_a_hundred_thousand_lines_has_no_larger_page_than_a_short_one() -> Result<()> {
    let mut scenario = Scenario::new(Algorithm::Mutex, ClusterSize::new(4).context("a size")?);
    scenario.config.application.auto = true;
    scenario.duration = Duration::from_secs(24 * 60 * 60);
    let mut run = Run::new(scenario);
    while run.trace().len() < LINES {
        ensure!(run.step(), "the run ends after {} lines", run.trace().len());
    }
    let copy = common::copy_of_the_page()?;
    fs::write(copy.path().join("long.jsonl"), jsonl::write(run.scenario(), run.trace()))?;
    Visitor::laptop().to_folder(copy.path()).visit("?trace=long.jsonl&speed=16", async |page| {
        page.find(".app[data-recording=sim]").await?;
        page.unfold().await?;
        let mut counts = Vec::new();
        for share in [1, 10, 100] {
            page.script(&format!(
                "const slider = document.querySelector('[data-action=seek]');
                 slider.value = slider.max / 100 * {share};
                 slider.dispatchEvent(new Event('input', {{ bubbles: true }}));"
            ))
            .await?;
            page.wait_until("it is there", async || {
                Ok(common::events(page).await? as usize >= LINES / 150 * share)
            })
            .await?;
            counts.push(counted(page).await?);
        }
        // The number of elements on the surface depends on the moment, but not on how many there were before.
        let most = counts[0].map(|count| count * 3 / 2 + 100);
        ensure!(
            counts.iter().all(|count| count.iter().zip(&most).all(|(count, most)| count <= most)),
            "after a hundredth, a tenth and all of it: {counts:?}"
        );
        Ok(())
    })
}
