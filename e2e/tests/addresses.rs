//! Malformed addresses: the page responds quickly and stays usable.

mod common;

use antes_e2e::{Key, Result, Visitor, ensure};
use common::{chord, now_us, picture};

#[test]
fn absurd_numbers_in_an_address_end_within_the_run() -> Result<()> {
    let queries = [
        "?t=18446744073709551615".to_owned(),
        "?t=0.18446744073709551615".to_owned(),
        "?seed=18446744073709551615&t=99999999999.9999999999".to_owned(),
        "?scenario=random-calls&do=c4@18446744073709551615".to_owned(),
        "?do=c4@1.18446744073709551615~r4@0".to_owned(),
        format!("?do={}", ["c4@1000", "r4@1000"].repeat(500).join("~")),
        format!("?scenario={}", "a".repeat(20_000)),
        "?scenario=%F0%9F%92%A5%00%0A&do=%FF~%00@1&stamps=&lang=&theme=&embed=2&seed=&t="
            .to_owned(),
        "?do=c9@1~c0@1~x@~@@~~.~c4@-1~c4@1e9".to_owned(),
    ];
    Visitor::laptop().visit_unopened(async |page| {
        for query in &queries {
            page.open(query).await?;
            let end: u64 = page.attribute("[data-action=seek]", "max").await?.parse()?;
            ensure!(now_us(page).await? <= end, "beyond the end with {query:.60}");
            page.press(char::from(Key::Home)).await?;
            ensure!(now_us(page).await? == 0, "no way back with {query:.60}");
            page.press(char::from(Key::Right)).await?;
            ensure!(page.count("[data-node]").await? == 4, "no picture with {query:.60}");
        }
        Ok(())
    })
}

#[test]
fn markup_in_an_address_is_shown_as_text() -> Result<()> {
    let query = "?scenario=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E";
    Visitor::laptop().visit(query, async |page| {
        page.wait_for_text(".trouble", "<img").await?;
        ensure!(page.count(".trouble img").await? == 0, "it became an element");
        Ok(())
    })
}

#[test]
fn same_address_gives_the_same_run_and_another_seed_another() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        let mut seen = Vec::new();
        for seed in [5, 5, 6] {
            page.open(&format!("?scenario=random-calls&seed={seed}&t=9000000")).await?;
            seen.push(picture(page).await?);
        }
        ensure!(seen[0] == seen[1], "the same seed shows something else");
        ensure!(seen[0] != seen[2], "another seed shows the same");
        Ok(())
    })
}

#[test]
fn jumps_go_from_decision_to_decision_and_back() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies", async |page| {
        let mut instants = vec![now_us(page).await?];
        for _ in 0..3 {
            chord(page, Key::Shift, Key::Right).await?;
            instants.push(now_us(page).await?);
        }
        ensure!(instants.is_sorted() && instants[3] > instants[0], "forwards: {instants:?}");
        chord(page, Key::Shift, Key::Left).await?;
        ensure!(now_us(page).await? == instants[2], "back to the decision before: {instants:?}");
        Ok(())
    })
}

#[test]
fn a_visitor_who_wants_less_motion_can_play_as_well() -> Result<()> {
    Visitor::laptop().reduced_motion().visit("?scenario=leader-dies", async |page| {
        let lasting = page
            .script(
                "return document.getAnimations().filter(a => a.playState === 'running').length;",
            )
            .await?;
        ensure!(lasting == 0, "{lasting} animations run by themselves");
        page.click("[data-action=play]").await?;
        page.wait_until("time passes", async || Ok(now_us(page).await? > 100_000)).await
    })
}
