//! The first screen for new users: its moment, its panels, and the way from an event to similar ones.

mod common;

use antes_e2e::{Page, Result, Visitor, ensure};
use common::now_us;

async fn is_open(page: &Page, css: &str) -> Result<bool> {
    Ok(page.script(&format!("return document.querySelector('{css}').open;")).await? == true)
}

/// The inspector's text, visible or folded.
async fn sentence(page: &Page) -> Result<String> {
    let told = page.script("return document.querySelector('.why .sentence').textContent;").await?;
    Ok(told.as_str().unwrap_or_default().to_owned())
}

#[test]
fn the_first_screen_is_what_its_narrator_speaks_of() -> Result<()> {
    Visitor::laptop().visit("", async |page| {
        let told = page.text(".narration .told").await?;
        ensure!(told.contains("answers OK"), "the narrator says: {told}");
        ensure!(page.count("[data-kind=OK]:not([data-lost])").await? > 0, "no OK is on its way");
        ensure!(page.count("[data-kind=ELECTION][data-lost]").await? > 0, "no ELECTION is lost");
        page.find(".diagram.lit .dot.selected").await?;
        ensure!(page.count(".diagram .dot.past").await? > 5, "its past is not lit");
        ensure!(page.count(".diagram .arrow.past").await? > 1, "no message of its past is lit");
        // The events that led to the moment take a large part of the diagram.
        let share = page
            .script(
                "const chart = document.querySelector('.chart').getBoundingClientRect();
                 const dots = [...document.querySelectorAll('.diagram .dot')]
                     .map(dot => dot.getBoundingClientRect().x).filter(x => x > chart.x);
                 return (Math.max(...dots) - Math.min(...dots)) / chart.width;",
            )
            .await?;
        ensure!(share.as_f64() > Some(0.3), "{share} of the diagram");
        page.press(" ").await?;
        page.wait_until("nothing is selected any more", async || {
            Ok(page.count(".diagram.lit").await? == 0)
        })
        .await
    })
}

#[test]
fn a_newcomer_sees_the_pictures_the_time_and_the_narrator_and_what_is_opened_stays_open()
-> Result<()> {
    Visitor::laptop().visit("", async |page| {
        for css in [".ring", ".diagram", ".transport", ".narration .told"] {
            ensure!(page.find(css).await?.is_displayed().await?, "{css} is not seen");
        }
        for css in [".why", ".log"] {
            ensure!(!is_open(page, css).await?, "{css} is open");
        }
        page.click(".diagram .dot.past").await?;
        page.wait_until("a selection opens Why", async || is_open(page, ".why").await).await?;
        ensure!(!is_open(page, ".log").await?, "a selection opens the log");
        page.click(".log > summary").await?;
        for query in ["?scenario=lock-and-queue", "?scenario=partition&lang=pt"] {
            page.open(query).await?;
            ensure!(is_open(page, ".log").await?, "the log was opened, and is folded");
            ensure!(!is_open(page, ".why").await?, "nobody has opened Why here");
        }
        page.click(".log > summary").await?;
        page.reload().await?;
        ensure!(!is_open(page, ".log").await?, "the log was folded, and is open");
        Ok(())
    })
}

#[test]
fn at_a_violation_why_is_opened() -> Result<()> {
    Visitor::laptop().visit("?scenario=lock-through-a-leader-crash&t=3390000", async |page| {
        page.press(" ").await?;
        page.wait_for_text(".why .sentence", "in the critical section at the same time").await
    })
}

#[test]
fn two_keys_lead_to_the_next_and_the_last_event_of_a_kind_and_of_a_node() -> Result<()> {
    Visitor::laptop().visit("", async |page| {
        // The first moment shows a receipt of OK.
        let mut instants = vec![now_us(page).await?];
        for _ in 0..2 {
            page.press("l").await?;
            ensure!(sentence(page).await?.contains("receives OK"), "{}", sentence(page).await?);
            instants.push(now_us(page).await?);
        }
        ensure!(instants.is_sorted() && instants[1] < instants[2], "{instants:?}");
        page.press("j").await?;
        ensure!(now_us(page).await? == instants[1], "it does not lead back");
        // With a node selected, the buttons go to any event of the node.
        page.click("[data-action=node-menu][data-about='2']").await?;
        page.click("[role=menu] [data-action=inspect]").await?;
        for (key, later) in [("l", true), ("l", true), ("j", false), ("j", false)] {
            let before = now_us(page).await?;
            page.press(key).await?;
            let now = now_us(page).await?;
            ensure!(if later { now > before } else { now < before }, "{key}: {before} to {now}");
            ensure!(page.text(".why h2").await?.contains("node 2"), "the node is let go");
        }
        Ok(())
    })
}
