//! The page as one file, opened from disk: `cargo xtask dist --single`.

mod common;

use std::fs;

use antes_e2e::{Context, Engine, Page, Result, Visitor, ensure, page_folder};
use common::{leaders, node, now_us, play_until};
use tempfile::TempDir;

/// Opens the single file from disk with this fragment, and waits until it has started.
async fn open(page: &Page, fragment: &str) -> Result<()> {
    let file = page_folder().canonicalize()?.join("antes.html");
    ensure!(file.is_file(), "{} was not built", file.display());
    // Browsers load nothing if only the fragment changes.
    page.goto("about:blank").await?;
    page.goto(format!("file://{}#{fragment}", file.display())).await?;
    let state = "return document.documentElement.dataset.boot;";
    page.wait_until("the one file has started", async || {
        let state = page.script(state).await?;
        ensure!(state != "failed", "it failed: {}", page.text("#boot").await?);
        Ok(state == "ready")
    })
    .await
}

async fn fragment(page: &Page) -> Result<String> {
    Ok(page.script("return location.hash;").await?.as_str().unwrap_or_default().to_owned())
}

#[test]
fn one_file_shows_every_scenario_in_both_languages_and_loads_nothing() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        open(page, "lang=en").await?;
        let listed = "return [...document.querySelectorAll('select option')].map(it => it.value);";
        let mut names = Vec::new();
        for algorithm in ["clock", "leader", "mutex"] {
            page.click(&format!("[data-action=algorithm][data-about={algorithm}]")).await?;
            page.find(&format!("[data-about={algorithm}][aria-pressed=true]")).await?;
            let list = page.script(listed).await?;
            let list = list.as_array().context("there is no list")?;
            names.extend(list.iter().filter_map(|name| name.as_str().map(str::to_owned)));
        }
        ensure!(names.len() > 30, "{names:?}");
        for name in &names {
            page.script(&format!("location.hash = 'scenario={name}';")).await?;
            page.wait_until(name, async || {
                Ok(page.attribute(".app", "data-scenario").await? == *name)
            })
            .await?;
        }
        let loaded = "return performance.getEntriesByType('resource').map(it => it.name);";
        let loaded = page.script(loaded).await?;
        ensure!(loaded.as_array().is_some_and(Vec::is_empty), "it loaded {loaded}");
        open(page, "scenario=lock-and-queue&lang=pt").await?;
        page.wait_for_text("[data-action=share]", "Compartilhar").await
    })
}

#[test]
fn acts_in_one_file_are_in_its_fragment_and_outlive_a_reload() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        open(page, "scenario=leader-dies").await?;
        page.click("[data-node='4']").await?;
        page.wait_until("the act is in the fragment", async || {
            Ok(fragment(page).await?.contains("do=c4"))
        })
        .await?;
        play_until(page, 2, "3 leads", async || Ok(leaders(page).await?[..3] == ["3", "3", "3"]))
            .await?;
        page.wait_until("the moment is in the fragment", async || {
            Ok(fragment(page).await?.contains(&format!("t={}", now_us(page).await?)))
        })
        .await?;
        let kept = fragment(page).await?;
        open(page, kept.trim_start_matches('#')).await?;
        ensure!(node(page, 4, "data-state").await? == "crashed", "{kept} does not say it all");
        ensure!(leaders(page).await?[..3] == ["3", "3", "3"], "{kept} does not say when");
        Ok(())
    })
}

#[test]
fn the_link_of_one_file_is_said_to_work_only_where_the_file_is() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        open(page, "scenario=lock-and-queue").await?;
        page.click("[data-action=share]").await?;
        page.wait_for_text(".share-from-disk", "works only where the file is").await?;
        let link = page.script("return document.querySelector('dialog input').value;").await?;
        let link = link.as_str().unwrap_or_default().to_owned();
        ensure!(link.starts_with("file:///") && link.contains("#scenario="), "{link}");
        let (_, fragment) = link.split_once('#').context("there is no fragment")?;
        open(page, fragment).await?;
        ensure!(page.attribute(".app", "data-scenario").await? == "lock-and-queue", "{link}");
        Ok(())
    })
}

#[test]
fn one_file_that_knows_its_published_page_shares_links_to_that_page() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        let folder = TempDir::new()?;
        let file = folder.path().join("antes.html");
        let text = fs::read_to_string(page_folder().join("antes.html"))?;
        // This is what `cargo xtask dist --single --published` adds.
        let named = "<html data-published=\"https://host/antes/\" ";
        fs::write(&file, text.replacen("<html ", named, 1))?;
        page.goto(format!("file://{}#scenario=lock-and-queue&lang=en", file.display())).await?;
        page.find("html[data-boot=ready]").await?;
        page.click("[data-action=share]").await?;
        let link = page.script("return document.querySelector('dialog input').value;").await?;
        let link = link.as_str().unwrap_or_default();
        ensure!(link.starts_with("https://host/antes/?scenario=lock-and-queue"), "{link}");
        ensure!(page.count(".share-from-disk").await? == 0, "the link works everywhere");
        Ok(())
    })
}

#[test]
fn a_trace_that_is_dropped_onto_one_file_is_shown() -> Result<()> {
    let trace = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/traces/cluster.jsonl"))?;
    Visitor::laptop().visit_unopened(async |page| {
        open(page, "lang=en").await?;
        page.script(&format!(
            "const data = new DataTransfer();
             data.items.add(new File([{trace:?}], 'trace.jsonl'));
             document.body.dispatchEvent(new DragEvent('drop', {{ dataTransfer: data, bubbles: true }}));"
        ))
        .await?;
        page.find("[data-recording] [data-node='3']").await?;
        Ok(())
    })
}

#[test]
fn one_file_reads_a_log_with_its_own_regular_expression_and_gives_up_one_that_takes_for_ever()
-> Result<()> {
    let log = r"(?<date>\d+) (?<event>.*)\n(?<host>\w+) (?<clock>\{.*\})";
    let log = [log, "\n\n10 asks\nP {\"P\":1}\n"].concat();
    let slow = r"(?<event>(a+)+)$\n(?<host>\S*) (?<clock>{.*})";
    let slow = [slow, "\n\n", &"a".repeat(60), "!\nP {\"P\":1}\n"].concat();
    Visitor::laptop().visit_unopened(async |page| {
        let given_up = match page.engine() {
            Engine::Chromium | Engine::Firefox => "takes too long",
            // It bounds the steps of a search by itself, and then finds nothing.
            Engine::WebKit => "finds no event",
        };
        for (text, css, told) in
            [(log, ".about", "of a log for ShiViz"), (slow, ".trouble", given_up)]
        {
            open(page, "lang=en").await?;
            page.script(&format!(
                "const data = new DataTransfer();
                 data.items.add(new File([{text:?}], 'x.log'));
                 document.querySelector('.app').dispatchEvent(new DragEvent('drop',
                   {{ dataTransfer: data, bubbles: true, cancelable: true }}));"
            ))
            .await?;
            page.wait_for_text(css, told).await?;
        }
        Ok(())
    })
}

#[test]
fn one_file_exports_a_run_as_a_picture() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        open(page, "scenario=lock-and-queue&lang=en").await?;
        page.click("[data-action=share]").await?;
        page.click("[data-action=take-away]").await?;
        page.find(".away img").await?;
        page.click("[data-action=save][data-about=svg]").await?;
        page.wait_for_text(".away .saved", "is saved").await
    })
}

#[test]
fn one_file_compares_two_runs_and_leads_back_to_one() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        open(page, "scenario=holder-dies&compare=hardened&t=2s&lang=pt").await?;
        for side in ["A", "B"] {
            page.find(&format!("[data-side='{side}'] [data-node='4']")).await?;
        }
        page.click("[data-action=parting]").await?;
        page.wait_until("both are where they part", async || Ok(now_us(page).await? == 5_850_000))
            .await?;
        page.click("[data-action=compare]").await?;
        page.find(".app:not(.compare) .narration").await?;
        ensure!(fragment(page).await?.contains("scenario=holder-dies"), "another run is shown");
        Ok(())
    })
}

#[test]
fn one_file_runs_in_a_sandboxed_frame() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        let folder = TempDir::new()?;
        fs::copy(page_folder().join("antes.html"), folder.path().join("antes.html"))?;
        let host = folder.path().join("host.html");
        fs::write(&host, "<iframe sandbox='allow-scripts' src='antes.html#lang=en'></iframe>")?;
        page.goto(format!("file://{}", host.display())).await?;
        page.enter_frame(0).await?;
        page.find("html[data-boot=ready] [data-node='4']").await?;
        Ok(())
    })
}
