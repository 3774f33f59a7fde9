//! The main use: watch the nodes, crash one, see the others elect a leader, go back in time.

mod common;

use antes_e2e::{Key, Page, Result, Visitor, ensure};
use common::{leaders, node, now_us, picture, play_until};

/// More than the number of speed steps.
const FASTEST: usize = 12;
/// This is slow enough that a machine which draws few frames in a second still draws enough of them.
const FAST: usize = 10;

#[test]
fn a_clicked_leader_dies_the_others_elect_the_next_and_it_comes_back_to_lead() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&seed=3", async |page| {
        ensure!(leaders(page).await? == ["4", "4", "4", "4"], "everyone follows 4 at first");
        page.click("[data-node='4']").await?;
        ensure!(node(page, 4, "data-state").await? == "crashed", "a click crashes a node");
        ensure!(page.text("[role=status].notice").await?.contains("loses"), "what is lost is said");
        // The scenario itself crashes node 4 at 1.8 s. The node returns after that.
        play_until(page, 2, "3 leads everywhere", async || {
            Ok(leaders(page).await?[..3] == ["3", "3", "3"] && now_us(page).await? > 1_800_000)
        })
        .await?;
        let led = page
            .script(
                "const told = [...document.querySelectorAll('.log li')];
                 const line = told.find(li => li.textContent.includes('Node 3 leads.'));
                 return parseFloat(line.querySelector('.at').textContent);",
            )
            .await?;
        // A follower suspects the leader after 1.2 s of silence, and an election takes a few hundred
        // milliseconds.
        ensure!(led.as_f64() < Some(2.5), "it took {led} s, longer than the timeouts");
        ensure!(node(page, 3, "data-role").await? == "leader", "3 looks like a leader");
        page.click("[data-node='4']").await?;
        play_until(page, 0, "4 leads everywhere", async || {
            Ok(leaders(page).await? == ["4", "4", "4", "4"])
        })
        .await?;
        let log = page.script("return document.querySelector('.log').textContent;").await?;
        let log = log.as_str().unwrap_or_default();
        ensure!(log.contains("Node 4 leads."), "the log tells of it: {log}");
        page.screenshot("story").await
    })
}

#[test]
fn stepping_back_restores_the_earlier_picture_exactly() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies", async |page| {
        let mut pictures = vec![picture(page).await?];
        for _ in 0..45 {
            page.press(char::from(Key::Right)).await?;
            pictures.push(picture(page).await?);
        }
        for expected in pictures.iter().rev().skip(1) {
            page.press(char::from(Key::Left)).await?;
            ensure!(picture(page).await? == *expected, "a step back shows something else");
        }
        Ok(())
    })
}

#[test]
fn a_click_can_be_undone_by_a_step_back() -> Result<()> {
    Visitor::laptop().visit("?scenario=lock-and-queue&t=1500000", async |page| {
        let before = picture(page).await?;
        page.click("[data-node='2']").await?;
        ensure!(picture(page).await? != before, "the click did something");
        page.click("[data-action=back]").await?;
        ensure!(picture(page).await? == before, "and it is undone");
        Ok(())
    })
}

#[test]
fn without_faults_no_frame_ever_shows_two_holders() -> Result<()> {
    Visitor::laptop().visit("?scenario=report-at-random&seed=11", async |page| {
        page.script(
            "window.frames_seen = 0; window.most_holders = 0;
             const look = () => {
               const holders = document.querySelectorAll('[data-lock=holding]').length;
               window.most_holders = Math.max(window.most_holders, holders);
               window.frames_seen += 1;
               requestAnimationFrame(look);
             };
             requestAnimationFrame(look);",
        )
        .await?;
        play_until(page, FAST, "the run is over", async || {
            Ok(page.attribute(".app", "data-playing").await? == "false")
        })
        .await?;
        let most = page.script("return window.most_holders;").await?;
        let frames = page.script("return window.frames_seen;").await?;
        ensure!(most.as_i64() == Some(1), "{most} nodes held the lock at once");
        ensure!(frames.as_i64() > Some(30), "only {frames} frames were looked at");
        ensure!(page.attribute(".app", "data-violations").await? == "0", "nothing is broken");
        Ok(())
    })
}

#[test]
fn at_a_violation_the_run_stops_and_says_what_is_wrong() -> Result<()> {
    let query = "?scenario=lock-through-a-leader-crash";
    Visitor::laptop().visit(query, async |page| {
        play_until(page, FASTEST, "it stops by itself", async || {
            Ok(page.attribute(".app", "data-violations").await? != "0"
                && page.attribute(".app", "data-playing").await? == "false")
        })
        .await?;
        ensure!(
            page.text(".why .sentence").await?
                == "Nodes 1 and 2 are in the critical section at the same time.",
            "the inspector says it in one sentence"
        );
        ensure!(page.count(".chip.broken").await? >= 1, "the strip is red");
        Ok(())
    })?;
    let hardened = "?scenario=lock-through-a-leader-crash&profile=hardened";
    Visitor::laptop().visit(hardened, async |page| {
        play_until(page, FASTEST, "the run is over", async || {
            Ok(page.attribute(".app", "data-playing").await? == "false"
                && now_us(page).await? >= 10_000_000)
        })
        .await?;
        ensure!(page.attribute(".app", "data-violations").await? == "0", "hardened holds");
        Ok(())
    })
}

/// Fails unless the page is paused at `at_us`, with this many violations so far.
async fn stands_at(page: &Page, at_us: u64, violations: &str) -> Result<()> {
    let now = now_us(page).await?;
    ensure!(now == at_us, "it stands at {now}");
    ensure!(page.attribute(".app", "data-playing").await? == "false", "it does not stand still");
    let found = page.attribute(".app", "data-violations").await?;
    ensure!(found == violations, "{found} violations by then");
    Ok(())
}

#[test]
fn the_address_of_a_counterexample_opens_it_where_the_invariant_breaks() -> Result<()> {
    for (slug, at_us, invariant, sentence) in [
        (
            "late-answers",
            1_000_000,
            "one-leader",
            "All is quiet, and node 1 follows node 2, which does not lead.",
        ),
        (
            "two-holders",
            820_000,
            "one-holder",
            "Nodes 1 and 2 are in the critical section at the same time.",
        ),
    ] {
        let address = format!("?scenario={slug}&t={at_us}");
        Visitor::laptop().visit(&address, async |page| {
            stands_at(page, at_us, "1").await?;
            page.unfold().await?;
            page.wait_for_text(".log", sentence).await?;
            let told = page.text(".why .sentence").await?;
            ensure!(told == sentence, "the inspector says at first: {told}");
            page.click(&format!("[data-invariant={invariant}] .chip.broken")).await?;
            let told = page.text(".why .sentence").await?;
            ensure!(told == sentence, "the inspector says: {told}");
            page.press(char::from(Key::Left)).await?;
            ensure!(page.count(".chip.broken").await? == 0, "it was broken one event earlier");
            Ok(())
        })?;
        Visitor::laptop().visit(&format!("{address}&profile=hardened"), async |page| {
            let shown = page.attribute(".app", "data-scenario").await?;
            ensure!(shown == format!("{slug}-hardened"), "it is told as {shown}");
            stands_at(page, at_us, "0").await?;
            page.press(char::from(Key::End)).await?;
            let end: u64 = page.attribute("[data-action=seek]", "max").await?.parse()?;
            stands_at(page, end, "0").await?;
            ensure!(page.count(".chip.broken").await? == 0, "a chip is red");
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn the_address_of_a_needless_election_opens_it_where_it_starts_and_nothing_is_broken() -> Result<()>
{
    Visitor::laptop().visit("?scenario=short-wait&t=850000", async |page| {
        stands_at(page, 850_000, "0").await?;
        page.unfold().await?;
        page.wait_for_text(".log", "Node 1 starts again: nobody has won.").await?;
        page.press(char::from(Key::End)).await?;
        ensure!(leaders(page).await?[..2] == ["2", "2"], "node 2 wins in the end");
        ensure!(page.count(".chip.broken").await? == 0, "a chip is red");
        Ok(())
    })
}
