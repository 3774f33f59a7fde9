//! The README's first instructions work.

mod common;

use antes_e2e::{Key, Result, Visitor, ensure};
use common::{leaders, node, now_us, play_until};

#[test]
fn on_the_first_screen_the_leader_is_dead_and_play_elects_the_next() -> Result<()> {
    Visitor::laptop().visit("", async |page| {
        ensure!(node(page, 4, "data-state").await? == "crashed", "node 4 is up");
        play_until(page, 0, "3 leads", async || Ok(leaders(page).await?[..3] == ["3", "3", "3"]))
            .await?;
        page.click("[data-node='4']").await?;
        play_until(page, 0, "4 leads again", async || {
            Ok(leaders(page).await? == ["4", "4", "4", "4"])
        })
        .await?;
        let before = now_us(page).await?;
        for _ in 0..3 {
            page.press(char::from(Key::Left)).await?;
        }
        ensure!(now_us(page).await? < before, "the left arrow does not go back");
        Ok(())
    })
}

#[test]
fn a_lock_breaks_in_a_leader_crash_and_hardened_it_holds() -> Result<()> {
    Visitor::laptop().visit("", async |page| {
        // Presses keys before the list has the focus, since the list would take them.
        page.press("]".repeat(12)).await?;
        page.click("[data-action=algorithm][data-about=mutex]").await?;
        page.find("[data-action=scenario]").await?.send_keys("Coordinator crashes").await?;
        ensure!(
            page.attribute(".app", "data-scenario").await? == "lock-through-a-leader-crash",
            "the list does not choose"
        );
        play_until(page, 0, "it stops at a violation", async || {
            Ok(page.attribute(".app", "data-violations").await? != "0"
                && page.attribute(".app", "data-playing").await? == "false")
        })
        .await?;
        page.click("[data-action=profile][data-about=hardened]").await?;
        play_until(page, 0, "the run is over", async || {
            let end = page.attribute("[data-action=seek]", "max").await?;
            Ok(now_us(page).await?.to_string() == end)
        })
        .await?;
        ensure!(page.attribute(".app", "data-violations").await? == "0", "hardened breaks too");
        Ok(())
    })
}
