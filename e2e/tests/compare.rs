//! Two runs side by side.

mod common;

use antes_e2e::{Page, Result, Visitor, ensure};
use common::{command, fits_sideways};

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

/// The table that `antes compare` prints: names and numbers, without the marks of differences.
fn printed(output: &str) -> Vec<Vec<String>> {
    let table = output.split("\n\n").nth(1).unwrap_or_default();
    let rows = table.lines().filter(|row| !row.starts_with("profile")).skip(1);
    rows.map(|row| row.split_whitespace().filter(|&it| it != "*").map(str::to_owned).collect())
        .collect()
}

#[test]
fn two_forms_of_bully_are_drawn_with_the_numbers_that_the_command_prints() -> Result<()> {
    for (file, scenario, form) in [
        ("scenarios/06-leader-dies.toml", "leader-dies", "sequential"),
        ("scenarios/12-report-leader-killed.toml", "report-leader-killed", "parallel"),
    ] {
        let told = command(&["compare", file, form])?;
        let expected = printed(&told);
        ensure!(expected.len() >= 5 && told.contains("part at"), "{form}: {told}");
        let query = format!("?scenario={scenario}&compare={form}&lang=en");
        Visitor::laptop().visit(&query, async |page| {
            ensure!(page.count(".trouble").await? == 0, "{}", page.text(".trouble").await?);
            let rows = page.script(
                "return [...document.querySelectorAll('.numbers .row:not(.heads)')]
                   .map(row => [...row.children].map(cell => cell.textContent.trim()));",
            );
            let rows: Vec<Vec<String>> = serde_json::from_value(rows.await?)?;
            ensure!(rows == expected, "the page has {rows:?}, the command {expected:?}");
            page.click("[data-action=parting]").await?;
            let parted = told.split("part at ").nth(1).and_then(|it| it.split(" s").next());
            let parted_us = (parted.unwrap_or_default().parse::<f64>()? * 1e6).round();
            page.wait_until("both are where they part", async || {
                Ok(now_us(page).await?.to_string() == parted_us.to_string())
            })
            .await?;
            for side in ["A", "B"] {
                let events = format!("[data-side='{side}'] .diagram [data-event]");
                ensure!(page.count(&events).await? > 10, "{side} has a diagram");
                let nodes = page.count(&format!("[data-side='{side}'] .ring [data-node]")).await?;
                ensure!(nodes == 4, "{side} has {nodes} nodes in its ring");
            }
            page.screenshot(&format!("compare-forms-{form}")).await
        })?;
    }
    Ok(())
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
