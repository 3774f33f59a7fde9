//! Two runs side by side.

mod common;

use antes_e2e::{Page, Result, Visitor, ensure};
use common::fits_sideways;

const PAIR: &str = "?scenario=holder-dies&compare=hardened";

async fn now_us(page: &Page) -> Result<u64> {
    Ok(page.attribute(".app", "data-time-us").await?.parse()?)
}

async fn state(page: &Page, side: &str, node: u8) -> Result<String> {
    page.attribute(&format!("[data-side='{side}'] [data-node='{node}']"), "data-state").await
}

#[test]
fn a_run_is_compared_by_a_button_of_its_page_and_a_button_leads_back() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=700ms", async |page| {
        page.click("[data-action=compare]").await?;
        page.wait_for_text(".compare .difference", "part at").await?;
        ensure!(now_us(page).await? == 700_000, "both runs are at the moment of the run");
        ensure!(page.count(".trouble").await? == 0, "the address makes sense");
        page.click("[data-action=compare]").await?;
        page.find(".app:not(.compare) .narration").await?;
        ensure!(now_us(page).await? == 700_000, "the run is at the moment of the comparison");
        Ok(())
    })
}

#[test]
fn the_first_difference_is_marked_in_both_pictures_and_can_be_gone_to() -> Result<()> {
    Visitor::laptop().visit(PAIR, async |page| {
        page.click("[data-action=parting]").await?;
        page.wait_until("both are where they part", async || Ok(now_us(page).await? == 5_850_000))
            .await?;
        for side in ["A", "B"] {
            let mark = format!("[data-side='{side}'] .diagram .parting .line");
            ensure!(page.count(&mark).await? == 1, "{side} has the mark");
        }
        ensure!(page.count("[data-side='B'] .parting .place").await? == 1, "its event is marked");
        Ok(())
    })
}

#[test]
fn an_act_on_one_side_happens_on_both_and_undo_takes_both_back() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&compare=hardened&t=300ms", async |page| {
        page.click("[data-side='B'] [data-node='2']").await?;
        for side in ["A", "B"] {
            ensure!(state(page, side, 2).await? == "crashed", "node 2 of {side} is down");
        }
        page.click("[data-action=undo]").await?;
        for side in ["A", "B"] {
            ensure!(state(page, side, 2).await? == "alive", "node 2 of {side} is back");
        }
        Ok(())
    })
}

#[test]
fn a_wrong_value_is_named_with_what_would_be_right_in_both_languages() -> Result<()> {
    for (value, language, said) in [
        ("harder", "en", "expected classic, hardened"),
        ("without:99", "pt", "esperava-se o número"),
        ("classic", "en", "would be the same"),
    ] {
        let query = format!("?scenario=leader-dies&compare={value}&lang={language}");
        Visitor::laptop().visit(&query, async |page| {
            let told = page.text(".trouble").await?;
            ensure!(told.contains(said), "{told}");
            ensure!(page.count("[data-side]").await? == 2, "another comparison is shown");
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn both_sides_fit_every_screen_sideways() -> Result<()> {
    for (width, height) in [(320, 568), (375, 812), (600, 338), (960, 540), (1280, 720)] {
        for language in ["en", "pt"] {
            let query = format!("{PAIR}&t=2s&lang={language}");
            Visitor::with_screen(width, height).visit(&query, async |page| {
                fits_sideways(page).await?;
                page.screenshot(&format!("compare-{width}x{height}-{language}")).await
            })?;
        }
    }
    Ok(())
}
