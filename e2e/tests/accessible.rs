//! The rules of axe-core, which check the page for users with disabilities.

use std::fs;

use antes_e2e::{Key, Page, Result, Visitor, ensure};

/// Fails with every rule that the current page breaks, and where. This includes the rules for good practice,
/// and one experimental rule: a control's name must begin with its visible text, since users of voice control
/// say that text.
async fn obeys_the_rules(page: &Page) -> Result<()> {
    let Some(place) = std::env::var_os("ANTES_AXE") else {
        antes_e2e::bail!("ANTES_AXE names no axe.min.js: `cargo xtask test e2e` fetches it");
    };
    // Scripts of the driver are not subject to the page's policy.
    page.script(&fs::read_to_string(place)?).await?;
    let broken = page
        .execute_async(
            "const done = arguments[arguments.length - 1];
             axe.run(document, {
               resultTypes: ['violations'],
               rules: { 'label-content-name-mismatch': { enabled: true } },
             }).then(found => done(
               found.violations
                 .map(rule => rule.id + ': ' + rule.help + '\\n' + rule.nodes.slice(0, 5)
                   .map(node => '  ' + node.html.slice(0, 120) + ' ' + node.any
                     .map(check => check.message).join(' ')).join('\\n'))
                 .join('\\n')), error => done('axe failed: ' + error));",
            Vec::new(),
        )
        .await?;
    let broken = broken.json().as_str().unwrap_or("axe told nothing").to_owned();
    ensure!(broken.is_empty(), "{broken}");
    Ok(())
}

#[test]
fn first_screen_obeys_the_rules_in_light_and_dark_and_on_a_phone() -> Result<()> {
    for visitor in [Visitor::laptop(), Visitor::laptop().dark(), Visitor::phone()] {
        visitor.visit("", obeys_the_rules)?;
    }
    Ok(())
}

#[test]
fn a_broken_invariant_a_crash_and_a_selection_obey_the_rules() -> Result<()> {
    for visitor in [Visitor::laptop(), Visitor::laptop().dark()] {
        visitor.visit("?scenario=lock-through-a-leader-crash", async |page| {
            page.press(char::from(Key::End)).await?;
            page.press("2").await?;
            page.unfold().await?;
            page.click(".log li:last-child button").await?;
            obeys_the_rules(page).await
        })?;
    }
    Ok(())
}

#[test]
fn a_comparison_its_menus_and_its_sentences_obey_the_rules() -> Result<()> {
    for (visitor, language) in [
        (Visitor::laptop(), "en"),
        (Visitor::laptop().dark(), "pt"),
        (Visitor::phone(), "pt"),
        (Visitor::phone().dark(), "en"),
    ] {
        let query = format!("?scenario=two-holders&compare=hardened&lang={language}");
        visitor.visit(&query, async |page| {
            obeys_the_rules(page).await?;
            page.press(char::from(Key::End)).await?;
            obeys_the_rules(page).await?;
            page.press(char::from(Key::Home)).await?;
            page.press("1").await?;
            page.find(".notice").await?;
            obeys_the_rules(page).await?;
            page.click("[data-side='B'] [data-action=node-menu]").await?;
            page.find("[data-side='B'] .menu").await?;
            obeys_the_rules(page).await?;
            page.press(char::from(Key::Escape)).await?;
            page.press("?").await?;
            page.find("[role=dialog]").await?;
            obeys_the_rules(page).await
        })?;
    }
    Visitor::laptop().visit("?scenario=two-holders&compare=harder", obeys_the_rules)
}

#[test]
fn a_recording_and_the_way_to_open_one_obey_the_rules() -> Result<()> {
    let trace = concat!(env!("CARGO_MANIFEST_DIR"), "/traces/cluster.jsonl");
    for visitor in [Visitor::laptop(), Visitor::laptop().dark(), Visitor::phone()] {
        visitor.visit("?trace", async |page| {
            obeys_the_rules(page).await?;
            page.find("input[type=file]").await?.send_keys(trace).await?;
            page.find("[data-node]").await?;
            page.press(char::from(Key::End)).await?;
            page.unfold().await?;
            page.click(".log li:last-child button").await?;
            obeys_the_rules(page).await
        })?;
    }
    Ok(())
}

#[test]
fn help_and_a_complaint_about_the_address_obey_the_rules() -> Result<()> {
    for visitor in [Visitor::laptop(), Visitor::phone().dark()] {
        visitor.visit("?scenario=nope&lang=pt", async |page| {
            obeys_the_rules(page).await?;
            page.press("?").await?;
            page.find("[role=dialog]").await?;
            obeys_the_rules(page).await?;
            page.press(char::from(Key::Escape)).await?;
            page.press("/").await?;
            page.find("[role=dialog] .finder").await?;
            obeys_the_rules(page).await
        })?;
    }
    Ok(())
}
