//! Actions can be undone, prepared ones are kept, and the browser's buttons return to earlier addresses.

mod common;

use std::time::Duration;

use antes_e2e::{Context, Key, Page, Result, Visitor, ensure};
use common::{chord, node, now_us, picture};

/// Waits until the address contains these actions. It is updated with a short delay.
async fn acts_are(page: &Page, expected: &str) -> Result<()> {
    let acts = "return new URLSearchParams(location.search).get('do') ?? '';";
    let told = async || Ok(page.script(acts).await?.as_str().unwrap_or_default() == expected);
    let waited = page.wait_until(&format!("the address tells of {expected:?}"), told).await;
    let told = page.script(acts).await?;
    waited.with_context(|| format!("it tells of {told}"))
}

const PREPARED: &str = "c3@1000000~r3@3000000~c2@4000000";

#[test]
fn an_act_before_prepared_ones_keeps_them_and_undo_brings_back_all() -> Result<()> {
    let query = format!("?scenario=leader-dies&do={PREPARED}&t=600000");
    Visitor::laptop().visit(&query, async |page| {
        let before = picture(page).await?;
        page.click("[data-node='1']").await?;
        ensure!(node(page, 1, "data-state").await? == "crashed", "a click crashes");
        acts_are(page, &format!("c1@600000~{PREPARED}")).await?;
        page.click("[data-action=undo]").await?;
        ensure!(picture(page).await? == before, "the moment is back");
        acts_are(page, PREPARED).await?;
        page.click("[data-action=redo]").await?;
        ensure!(node(page, 1, "data-state").await? == "crashed", "it can be done again");
        Ok(())
    })
}

#[test]
fn a_prepared_act_that_makes_no_sense_any_more_is_left_out_told_and_brought_back() -> Result<()> {
    let query = format!("?scenario=leader-dies&do={PREPARED}&t=600000");
    Visitor::laptop().visit(&query, async |page| {
        page.click("[data-node='3']").await?;
        page.wait_for_text(".notice", "left out: 1").await?;
        acts_are(page, "c3@600000~r3@3000000~c2@4000000").await?;
        chord(page, Key::Control, 'z').await?;
        acts_are(page, PREPARED).await
    })
}

#[test]
fn acting_differently_in_the_past_is_told_and_can_be_undone() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=1100000", async |page| {
        page.click("[data-node='2']").await?;
        page.press(char::from(Key::Home)).await?;
        page.press("1").await?;
        page.wait_for_text(".notice", "left out: 1").await?;
        acts_are(page, "c1@0").await?;
        chord(page, Key::Control, 'z').await?;
        acts_are(page, "c2@1100000").await
    })
}

#[test]
fn several_acts_a_profile_a_seed_and_a_scenario_are_undone_one_by_one_and_done_again() -> Result<()>
{
    Visitor::laptop().visit("?scenario=leader-dies&t=1000000", async |page| {
        let shown = async || -> Result<String> {
            let scenario = page.attribute(".app", "data-scenario").await?;
            let seed = page.attribute(".app", "data-seed").await?;
            Ok(format!("{scenario} {seed} {}", picture(page).await?))
        };
        // The twin of a scenario may come later than the new profile.
        let settled = async || -> Result<String> {
            loop {
                let before = shown().await?;
                page.wait_until("nothing is loaded", async || Ok(page.count(".busy").await? == 0))
                    .await?;
                if shown().await? == before {
                    return Ok(before);
                }
            }
        };
        let mut seen = vec![shown().await?];
        for control in [
            "[data-node='1']",
            "[data-node='2']",
            "[data-action=seed]",
            "[data-node='3']",
            "[data-about=hardened]",
            "[data-about=clock]",
        ] {
            let before = shown().await?;
            page.click(control).await?;
            page.wait_until(control, async || Ok(shown().await? != before)).await?;
            seen.push(settled().await?);
        }
        for (level, expected) in seen.iter().enumerate().rev().skip(1) {
            chord(page, Key::Control, 'z').await?;
            page.wait_until(&format!("level {level} is shown"), async || {
                Ok(shown().await? == *expected)
            })
            .await?;
        }
        chord(page, Key::Control, 'z').await?;
        ensure!(shown().await? == seen[0], "beyond the first there is nothing to undo");
        for expected in &seen[1..] {
            chord(page, Key::Control, 'y').await?;
            page.wait_until("it is done again", async || Ok(shown().await? == *expected)).await?;
        }
        Ok(())
    })
}

#[test]
fn acts_that_will_happen_again_are_told_and_can_be_left_out() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=1000000", async |page| {
        page.click("[data-node='2']").await?;
        page.press(char::from(Key::Left)).await?;
        ensure!(node(page, 2, "data-state").await? == "alive", "a step back undoes it");
        page.wait_for_text(".narration", "Played again").await?;
        page.wait_for_text(".narration", "1.00 s: Node 2 crashes.").await?;
        page.click("[data-action=leave-out]").await?;
        page.wait_until("it is not said any more", async || {
            Ok(page.count(".narration .again").await? == 0)
        })
        .await?;
        page.press(char::from(Key::End)).await?;
        ensure!(node(page, 2, "data-state").await? == "alive", "nor does it happen");
        Ok(())
    })
}

async fn is_shown(page: &Page, scenario: &str) -> Result<()> {
    page.wait_until(scenario, async || {
        Ok(page.attribute(".app", "data-scenario").await? == scenario)
    })
    .await
}

#[test]
fn the_way_back_leads_to_the_scenario_before_with_all_that_was_done_to_it() -> Result<()> {
    Visitor::laptop().visit("?scenario=three-die&t=700000", async |page| {
        page.click("[data-node='1']").await?;
        let left = picture(page).await?;
        page.click("[data-about=mutex]").await?;
        is_shown(page, "lock-and-queue").await?;
        page.click("[data-about=clock]").await?;
        is_shown(page, "first-clock").await?;
        page.back().await?;
        is_shown(page, "lock-and-queue").await?;
        page.back().await?;
        is_shown(page, "three-die").await?;
        ensure!(picture(page).await? == left, "it is not as it was left");
        page.forward().await?;
        is_shown(page, "lock-and-queue").await?;
        Ok(())
    })
}

#[test]
fn an_embedded_page_adds_nothing_to_the_way_back() -> Result<()> {
    let query = "?embed=1&scenario=leader-dies&t=1000000";
    Visitor::with_screen(900, 560).visit(query, async |page| {
        let entries = "return history.length;";
        let before = page.script(entries).await?;
        page.click("[data-node='1']").await?;
        chord(page, Key::Control, 'z').await?;
        acts_are(page, "").await?;
        ensure!(page.script(entries).await? == before, "there are more entries");
        Ok(())
    })
}

#[test]
fn a_reload_while_time_passes_comes_back_to_now() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&speed=1", async |page| {
        page.press(char::from(Key::Right)).await?;
        page.press(" ").await?;
        page.wait_until("two seconds have passed", async || Ok(now_us(page).await? > 2_000_000))
            .await?;
        let before = now_us(page).await?;
        page.reload().await?;
        let after = now_us(page).await?;
        ensure!((before..before + 3_000_000).contains(&after), "from {before} to {after}");
        let state = node(page, 4, "data-state").await?;
        ensure!(state == "crashed", "node 4 is {state} at {after}");
        Ok(())
    })
}

#[test]
fn a_reload_that_takes_long_comes_back_to_where_the_page_was_left() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&speed=1", async |page| {
        page.press(" ").await?;
        page.wait_until("time passes", async || Ok(now_us(page).await? > 200_000)).await?;
        page.script(
            "addEventListener('pagehide', () =>
                 localStorage.left = document.querySelector('.app').dataset.timeUs);",
        )
        .await?;
        // Meanwhile the page plays on and may change its address.
        page.line().slow(Duration::from_millis(2500), 50_000_000);
        page.reload().await?;
        let left = page.script("return Number(localStorage.left);").await?.as_u64().unwrap_or(0);
        let now = now_us(page).await?;
        ensure!(left > 200_000 && now == left, "left at {left}, it comes back to {now}");
        Ok(())
    })
}

#[test]
fn an_address_that_is_opened_again_shows_what_it_says() -> Result<()> {
    let address = "?scenario=leader-dies&t=1000000";
    Visitor::laptop().visit(address, async |page| {
        page.press(char::from(Key::Right)).await?;
        page.press(" ").await?;
        page.wait_until("time passes", async || Ok(now_us(page).await? > 2_000_000)).await?;
        page.open(address).await?;
        ensure!(now_us(page).await? == 1_000_000, "it shows {}", now_us(page).await?);
        Ok(())
    })
}
