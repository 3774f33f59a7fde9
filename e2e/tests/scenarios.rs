//! Choosing what is shown: scenarios, profiles, and what is told of them.

mod common;

use antes_e2e::{Key, Page, Result, Visitor, ensure};
use common::node;

/// The names of the files that the page has loaded, itself not among them.
const LOADED: &str = "return performance.getEntriesByType('resource')
    .map(entry => new URL(entry.name).pathname.split('/').pop());";

async fn is_shown(page: &Page, scenario: &str) -> Result<()> {
    page.wait_until(scenario, async || {
        Ok(page.attribute(".app", "data-scenario").await? == scenario)
    })
    .await
}

#[test]
fn the_first_visit_loads_six_files_and_the_library_comes_when_it_is_needed() -> Result<()> {
    Visitor::laptop().visit("", async |page| {
        let loaded = page.script(LOADED).await?;
        let files = loaded.as_array().map_or(0, Vec::len);
        ensure!(files <= 5, "{files} files beside the page itself: {loaded}");
        ensure!(!loaded.to_string().contains("library"), "all scenarios were loaded: {loaded}");
        page.click("[data-about=mutex]").await?;
        is_shown(page, "lock-and-queue").await?;
        let loaded = page.script(LOADED).await?;
        ensure!(loaded.to_string().contains("library"), "where did it come from: {loaded}");
        Ok(())
    })
}

#[test]
fn after_a_scenario_was_chosen_from_the_list_the_keys_are_for_the_run() -> Result<()> {
    Visitor::laptop().visit("", async |page| {
        page.click("select option[value=three-die]").await?;
        is_shown(page, "three-die").await?;
        page.press(char::from(Key::Right)).await?;
        is_shown(page, "three-die").await?;
        page.press(" ").await?;
        ensure!(page.attribute(".app", "data-playing").await? == "true", "a space plays");
        Ok(())
    })
}

#[test]
fn who_chooses_a_scenario_by_keyboard_stays_in_the_list() -> Result<()> {
    let focused = "return document.activeElement.dataset.action ?? '';";
    Visitor::laptop().visit("", async |page| {
        for _ in 0..20 {
            if page.script(focused).await?.as_str() == Some("scenario") {
                break;
            }
            page.press(char::from(Key::Tab)).await?;
        }
        page.press(char::from(Key::Down)).await?;
        is_shown(page, "three-die").await?;
        let focused = page.script(focused).await?;
        ensure!(focused.as_str() == Some("scenario"), "the focus went to {focused}");
        Ok(())
    })
}

#[test]
fn in_the_other_profile_a_scenario_is_told_by_its_twin() -> Result<()> {
    Visitor::laptop().visit("?scenario=holder-dies", async |page| {
        let classic = page.text(".narration .note p").await?;
        page.click("[data-about=hardened]").await?;
        is_shown(page, "holder-dies-hardened").await?;
        ensure!(
            page.text(".narration .note p").await? != classic,
            "told as in the classic profile"
        );
        page.click("[data-about=classic]").await?;
        is_shown(page, "holder-dies").await?;
        ensure!(page.text(".narration .note p").await? == classic, "the story has changed");
        Ok(())
    })
}

#[test]
fn where_no_story_fits_the_profile_none_is_told_and_the_page_says_why() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies", async |page| {
        ensure!(page.count("[data-action=next]").await? == 1, "the story has notes");
        page.click("[data-about=hardened]").await?;
        page.wait_for_text(".narration", "told for the profile “Classic”").await?;
        ensure!(page.count("[data-action=next]").await? == 0, "notes of another profile");
        ensure!(
            page.count(".narration details").await? == 0,
            "what to look for in another profile"
        );
        page.click("[data-about=classic]").await?;
        page.find("[data-action=next]").await?;
        Ok(())
    })
}

#[test]
fn a_hardened_node_that_crashes_is_not_said_to_lose_its_clock() -> Result<()> {
    Visitor::laptop().visit("?scenario=holder-dies-hardened&t=1000000", async |page| {
        let clock = node(page, 2, "data-clock").await?;
        page.click("[data-node='2']").await?;
        let told = page.text(".notice").await?;
        ensure!(told.contains(&format!("saved its clock ({clock})")), "what is said: {told}");
        ensure!(!told.contains("starts at 0"), "what is said: {told}");
        page.click("[data-node='2']").await?;
        let later: u64 = node(page, 2, "data-clock").await?.parse()?;
        ensure!(later >= clock.parse()?, "its clock went back from {clock} to {later}");
        Ok(())
    })
}
