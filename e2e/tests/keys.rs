//! A click or a tap gives the keys to the run; the Tab key gives them to the control that it reaches.

mod common;

use antes_e2e::{Key, Move, Page, Result, Visitor, ensure};
use common::{chord, events, node, now_us, picture};

async fn is_playing(page: &Page) -> Result<bool> {
    Ok(page.attribute(".app", "data-playing").await? == "true")
}

/// Groups of controls. Each group is one stop of the Tab key.
const GROUPS: [&str; 2] = [".ring", ".space-time > header"];

/// Presses Tab until this control has the focus, and arrows inside its group.
async fn tab_to(page: &Page, css: &str) -> Result<()> {
    let reached = format!("return document.activeElement?.matches({css:?}) ?? false;");
    let is_near = format!(
        "const [wanted, focused] = [document.querySelector({css:?}), document.activeElement];
         return {GROUPS:?}.some(css => wanted.closest(css)?.contains(focused));"
    );
    for _ in 0..150 {
        if page.script(&reached).await? == true {
            return Ok(());
        }
        let is_near = page.script(&is_near).await? == true;
        page.press(char::from(if is_near { Key::Right } else { Key::Tab })).await?;
    }
    antes_e2e::bail!("neither Tab nor an arrow leads to {css}")
}

#[test]
fn after_a_click_anywhere_space_and_the_arrows_mean_time() -> Result<()> {
    let controls = [
        "[data-node='4']",
        "[data-action=seed]",
        "[data-action=vector]",
        "[data-action=heartbeats]",
        "[data-action=theme]",
        ".log li:last-child button",
        ".narration summary",
        "[data-action=zoom-out]",
        "[data-about=classic]",
        "input[data-action=seek]",
        "input[data-action=speed]",
        "[data-action=play]",
        ".chip",
        ".diagram",
    ];
    Visitor::laptop().visit_unopened(async |page| {
        for control in controls {
            page.open("?scenario=leader-dies&t=1000000").await?;
            page.unfold().await?;
            page.click(control).await?;
            if is_playing(page).await? {
                page.press(" ").await?;
                ensure!(!is_playing(page).await?, "{control}: a space pauses");
            }
            let (state, seed) =
                (node(page, 4, "data-state").await?, page.attribute(".app", "data-seed").await?);
            let before = events(page).await?;
            page.press(char::from(Key::Right)).await?;
            ensure!(events(page).await? == before + 1, "{control}: an arrow steps on");
            page.press(char::from(Key::Left)).await?;
            ensure!(events(page).await? == before, "{control}: and back");
            page.press(" ").await?;
            ensure!(is_playing(page).await?, "{control}: a space plays");
            page.press(".").await?;
            ensure!(!is_playing(page).await?, "{control}: a dot pauses");
            page.press(char::from(Key::Enter)).await?;
            ensure!(node(page, 4, "data-state").await? == state, "{control}: node 4 was acted on");
            ensure!(page.attribute(".app", "data-seed").await? == seed, "{control}: a new seed");
            ensure!(page.count("dialog").await? == 0, "{control}: a panel has opened");
        }
        Ok(())
    })
}

#[test]
fn after_a_panel_was_closed_by_pointer_space_means_time() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies", async |page| {
        for opener in ["share", "help"] {
            page.click(&format!("[data-action={opener}]")).await?;
            page.click("dialog button[data-action=close]").await?;
            page.wait_until("it is closed", async || Ok(page.count("dialog").await? == 0)).await?;
            page.press(" ").await?;
            ensure!(is_playing(page).await?, "a space plays after {opener}");
            page.press(" ").await?;
        }
        Ok(())
    })
}

#[test]
fn after_a_tap_space_and_the_arrows_mean_time() -> Result<()> {
    Visitor::phone().visit("?scenario=leader-dies&t=1000000", async |page| {
        let [x, y] = page.middle("[data-node='4']").await?;
        page.fingers(&[&[Move::To(x, y), Move::Down, Move::Up]]).await?;
        page.find("[data-node='4'][data-state=crashed]").await?;
        page.press(" ").await?;
        ensure!(is_playing(page).await?, "a space plays");
        ensure!(node(page, 4, "data-state").await? == "crashed", "and restarts nothing");
        Ok(())
    })
}

#[test]
fn a_control_that_was_reached_by_keyboard_reacts_as_its_role_says() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=1000000", async |page| {
        tab_to(page, "[data-node='2']").await?;
        page.press(" ").await?;
        ensure!(node(page, 2, "data-state").await? == "crashed", "a space crashes the node");
        page.press(char::from(Key::Enter)).await?;
        ensure!(node(page, 2, "data-state").await? == "alive", "Enter restarts it");
        ensure!(!is_playing(page).await?, "time stands");
        tab_to(page, "[data-action=vector]").await?;
        page.press(" ").await?;
        ensure!(page.attribute("[data-action=vector]", "aria-pressed").await? == "true", "pressed");
        ensure!(!is_playing(page).await?, "time stands");
        // After a click elsewhere, the control no longer gets the keys.
        page.click("[data-node='3']").await?;
        page.press(" ").await?;
        ensure!(is_playing(page).await?, "a space plays");
        ensure!(node(page, 3, "data-state").await? == "crashed", "and restarts nothing");
        Ok(())
    })
}

#[test]
fn in_groups_arrows_walk_and_shift_with_an_arrow_and_n_mean_time() -> Result<()> {
    let focused = "return document.activeElement.dataset.about ?? '';";
    Visitor::laptop().visit("?scenario=leader-dies", async |page| {
        tab_to(page, "[data-about=leader]").await?;
        let before = picture(page).await?;
        page.press(char::from(Key::Right)).await?;
        ensure!(page.script(focused).await?.as_str() == Some("mutex"), "on to the next");
        page.press(char::from(Key::Right)).await?;
        ensure!(page.script(focused).await?.as_str() == Some("clock"), "and around");
        page.press(char::from(Key::Left)).await?;
        ensure!(page.script(focused).await?.as_str() == Some("mutex"), "and back");
        ensure!(picture(page).await? == before, "time stands");
        chord(page, Key::Shift, Key::Right).await?;
        ensure!(events(page).await? > 1, "Shift and an arrow jump");
        let jumped = now_us(page).await?;
        page.press("n").await?;
        ensure!(now_us(page).await? != jumped, "n goes to the next note");
        ensure!(page.script(focused).await?.as_str() == Some("mutex"), "the focus stays");
        Ok(())
    })
}

#[test]
fn the_scrubber_steps_by_event() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=1000000", async |page| {
        tab_to(page, "input[data-action=seek]").await?;
        let before = events(page).await?;
        for (key, expected) in [
            (Key::Right, before + 1),
            (Key::Up, before + 2),
            (Key::Left, before + 1),
            (Key::Down, before),
        ] {
            page.press(char::from(key.clone())).await?;
            let led = events(page).await?;
            ensure!(led == expected, "{key:?} leads to {led}");
        }
        chord(page, Key::Shift, Key::Right).await?;
        ensure!(now_us(page).await? == 1_800_000, "Shift and an arrow jump to the crash");
        page.press(" ").await?;
        ensure!(is_playing(page).await?, "a space plays");
        Ok(())
    })
}

#[test]
fn a_menu_that_was_opened_by_key_is_walked_by_arrows_and_chosen_from_by_enter() -> Result<()> {
    Visitor::laptop().visit("?scenario=lock-and-queue&t=400000", async |page| {
        tab_to(page, "[data-node='3']").await?;
        page.press("m").await?;
        page.find("[role=menu]").await?;
        let wanted = "return document.activeElement.dataset.action ?? '';";
        for _ in 0..10 {
            if page.script(wanted).await?.as_str() == Some("freeze") {
                break;
            }
            page.press(char::from(Key::Down)).await?;
        }
        page.press(char::from(Key::Enter)).await?;
        ensure!(node(page, 3, "data-state").await? == "paused", "it is paused");
        Ok(())
    })
}
