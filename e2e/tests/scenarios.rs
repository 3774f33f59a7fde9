//! The choice of scenario and profile, and the texts about them.

mod common;

use antes_e2e::{Key, Page, Result, Visitor, ensure};
use common::node;

/// The names of the files that the page has loaded, without the page itself.
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
fn a_visitor_who_chooses_a_scenario_by_keyboard_stays_in_the_list() -> Result<()> {
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
        let classic = page.text(".narration .told p").await?;
        page.click("[data-about=hardened]").await?;
        is_shown(page, "holder-dies-hardened").await?;
        ensure!(
            page.text(".narration .told p").await? != classic,
            "told as in the classic profile"
        );
        page.click("[data-about=classic]").await?;
        is_shown(page, "holder-dies").await?;
        ensure!(page.text(".narration .told p").await? == classic, "the story has changed");
        Ok(())
    })
}

#[test]
fn where_no_story_fits_the_profile_none_is_told_and_the_page_says_why() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies", async |page| {
        ensure!(page.count("[data-action=next]").await? == 1, "the story has notes");
        page.click("[data-about=hardened]").await?;
        page.wait_for_text(".narration", "written for the “Classic” profile").await?;
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

/// The slugs of the scenarios in the search panel.
const FOUND: &str = "return [...document.querySelectorAll('.finder [data-action=found]')]
    .map(each => each.dataset.about);";

async fn finds(page: &Page, words: &str, wanted: &str) -> Result<()> {
    let field = page.find(".finder input").await?;
    field.clear().await?;
    field.send_keys(words).await?;
    page.wait_until(words, async || {
        let found = page.script(FOUND).await?;
        let found: Vec<&str> =
            found.as_array().into_iter().flatten().filter_map(|f| f.as_str()).collect();
        Ok(found.contains(&wanted) && found.len() < 12)
    })
    .await?;
    Ok(())
}

#[test]
fn a_scenario_is_found_by_what_it_teaches_in_either_language_and_told_for_its_profile() -> Result<()>
{
    for visitor in [Visitor::laptop(), Visitor::laptop().language("pt-BR")] {
        visitor.visit("", async |page| {
            page.click("[data-action=find]").await?;
            page.find("dialog[open] .finder input").await?;
            for (words, wanted) in [
                ("lease", "holder-dies-hardened"),
                ("fencing", "stale-holder-hardened"),
                ("two leaders", "partition"),
                ("dois lideres", "partition"),
                ("região crítica", "lock-and-queue"),
                ("Lamport", "first-clock"),
            ] {
                finds(page, words, wanted).await?;
            }
            finds(page, "token de fencing", "stale-holder-hardened").await?;
            page.click("[data-action=found][data-about=stale-holder-hardened]").await?;
            is_shown(page, "stale-holder-hardened").await?;
            ensure!(page.count("dialog[open]").await? == 0, "the panel stays");
            let pressed = page.attribute("[data-about=hardened]", "aria-pressed").await?;
            ensure!(pressed == "true", "it is told in the classic profile");
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn scenarios_are_found_by_keys_alone() -> Result<()> {
    Visitor::laptop().visit("", async |page| {
        page.press("/").await?;
        page.find("dialog[open] .finder input").await?;
        page.press("queue empty").await?;
        page.wait_until("one is left", async || {
            Ok(page.script(FOUND).await? == serde_json::json!(["report-freed"]))
        })
        .await?;
        page.press(char::from(Key::Enter)).await?;
        is_shown(page, "report-freed").await?;
        page.press("/").await?;
        page.find("dialog[open] .finder input").await?;
        page.press("fairness").await?;
        page.press(char::from(Key::Down)).await?;
        page.press(char::from(Key::Down)).await?;
        page.press(char::from(Key::Up)).await?;
        page.press(char::from(Key::Down)).await?;
        let chosen = page.script("return document.activeElement.dataset.about;").await?;
        page.press(char::from(Key::Enter)).await?;
        is_shown(page, chosen.as_str().unwrap_or_default()).await?;
        page.press("/").await?;
        page.find("dialog[open] .finder input").await?;
        page.press("paxos").await?;
        page.wait_for_text(".finder", "No scenario").await?;
        page.press(char::from(Key::Escape)).await?;
        ensure!(page.count("dialog[open]").await? == 0, "Escape closes it");
        Ok(())
    })
}

#[test]
fn a_touch_finds_a_scenario_on_a_phone() -> Result<()> {
    Visitor::phone().visit("", async |page| {
        page.click("[data-action=find]").await?;
        finds(page, "quorum", "partition-hardened").await?;
        page.click("[data-action=found][data-about=partition-hardened]").await?;
        is_shown(page, "partition-hardened").await
    })
}

#[test]
fn a_pair_of_twins_is_one_entry_beside_the_profile_switch() -> Result<()> {
    const VALUES: &str =
        "return [...document.querySelectorAll('select option')].map(option => option.value);";
    const SHOWN: &str = "return document.querySelector('[data-action=scenario]').value;";
    Visitor::laptop().visit("?scenario=holder-dies-hardened", async |page| {
        let values = page.script(VALUES).await?.to_string();
        ensure!(!values.contains("-hardened"), "twins are entries of their own: {values}");
        ensure!(page.script(SHOWN).await? == "holder-dies", "the list shows something else");
        page.click("select option[value=lost-grant]").await?;
        is_shown(page, "lost-grant-hardened").await?;
        page.click("select option[value=report-freed]").await?;
        is_shown(page, "report-freed").await?;
        page.click("select option[value=lost-grant]").await?;
        is_shown(page, "lost-grant").await
    })
}
