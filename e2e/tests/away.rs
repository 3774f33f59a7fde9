//! The panel that exports a run: pictures, films, and files for other tools.

mod common;

use antes_e2e::{Host, Key, Page, Pages, Result, Visitor, ensure};
use common::away::{CATCH, choose, open_panel, saved_by, set_film};
use common::command;
use common::host::{around, asks, frame, hears};

/// Saves in this format, and returns the name and the content of the file.
async fn saved(page: &Page, format: &str) -> Result<(String, String)> {
    saved_by(page, &format!("[data-action=save][data-about={format}]"), format).await
}

#[test]
fn the_page_saves_the_picture_that_the_command_writes_to_the_byte() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=1800000&lang=en", async |page| {
        open_panel(page).await?;
        choose(page, "light").await?;
        let file = "scenarios/06-leader-dies.toml";
        let expected = command(&["run", file, "--format", "svg", "--at", "1800000"])?;
        let (name, picture) = saved(page, "svg").await?;
        ensure!(name == "leader-dies-1800ms.svg", "it is named {name}");
        ensure!(picture == expected, "the page draws another picture than the command");
        choose(page, "dark").await?;
        choose(page, "português").await?;
        choose(page, "ring").await?;
        let options = ["--theme", "dark", "--lang", "pt", "--view", "ring"];
        let arguments = ["run", file, "--format", "svg", "--at", "1800000"];
        let expected = command(&[&arguments[..], &options].concat())?;
        let (_, picture) = saved(page, "svg").await?;
        ensure!(picture == expected, "the choices give another picture than the options");
        page.screenshot("away").await
    })
}

#[test]
fn acts_of_the_visitor_are_in_the_picture_and_in_every_file() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=500000&lang=en", async |page| {
        page.click("[data-node='1']").await?;
        open_panel(page).await?;
        let (_, picture) = saved(page, "svg").await?;
        ensure!(picture.contains("Node 1: crashed"), "the crash is not in the picture");
        for (format, expected) in [
            ("jsonl", "\"kind\":\"crash\""),
            ("scenario", "crash = 1"),
            ("mermaid", "sequenceDiagram"),
            ("plantuml", "@startuml"),
            ("shiviz", "(?<event>"),
            ("perfetto", "traceEvents"),
        ] {
            let (name, content) = saved(page, format).await?;
            let begin: String = content.chars().take(2_000).collect();
            ensure!(content.contains(expected), "{name} does not contain {expected}: {begin}");
        }
        Ok(())
    })
}

#[test]
fn a_png_is_as_many_times_larger_as_was_chosen() -> Result<()> {
    Visitor::laptop().visit("?scenario=lock-and-queue&t=2000000&lang=en", async |page| {
        open_panel(page).await?;
        for scale in [1, 3] {
            choose(page, &format!("{scale}×")).await?;
            let (name, content) = saved(page, "png").await?;
            let bytes: Vec<u8> = content.chars().map(|byte| byte as u8).collect();
            ensure!(bytes.starts_with(b"\x89PNG") && name.ends_with(".png"), "{name} is no PNG");
            let width = u32::from_be_bytes(bytes[16..20].try_into()?);
            ensure!(width == 880 * scale, "it is {width} pixels wide");
        }
        Ok(())
    })
}

#[test]
fn a_part_of_a_run_is_saved_as_a_film() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=2400000&lang=en", async |page| {
        open_panel(page).await?;
        choose(page, "ring").await?;
        set_film(page, 2.4, 2.6).await?;
        let (name, gif) = saved_by(page, "[data-action=film][data-about='.gif']", "GIF").await?;
        ensure!(name == "leader-dies-2400ms.gif", "it is named {name}");
        let bytes: Vec<u8> = gif.chars().map(|byte| byte as u8).collect();
        let mut film = gif::DecodeOptions::new().read_info(&*bytes)?;
        ensure!(film.width() == 880, "it is {} pixels wide", film.width());
        let (mut frames, mut hundredths) = (0, 0);
        while let Some(frame) = film.read_next_frame()? {
            frames += 1;
            hundredths += u32::from(frame.delay);
        }
        // 0.2 s of the run at a quarter of real time, and the last picture.
        ensure!(frames > 5, "it has {frames} pictures");
        ensure!((220..=240).contains(&hundredths), "it takes {hundredths} hundredths of a second");
        film_of_nothing(page).await?;
        set_film(page, 2.4, 2.6).await?;
        if page.count("[data-action=film][data-about='.webm']").await? > 0 {
            let (_, webm) =
                saved_by(page, "[data-action=film][data-about='.webm']", "WebM").await?;
            let begin: Vec<u8> = webm.chars().take(4).map(|byte| byte as u8).collect();
            ensure!(begin == [0x1a, 0x45, 0xdf, 0xa3], "it begins with {begin:x?}");
            ensure!(webm.len() > 5_000, "it has {} bytes", webm.len());
        }
        Ok(())
    })
}

/// A film that ends before it begins is refused.
async fn film_of_nothing(page: &Page) -> Result<()> {
    set_film(page, 3.0, 2.0).await?;
    page.click("[data-action=film][data-about='.gif']").await?;
    page.wait_for_text(".away .saved", "a film needs a beginning before its end").await
}

#[test]
fn a_film_can_be_cancelled() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=0&lang=en", async |page| {
        open_panel(page).await?;
        set_film(page, 0.0, 6.0).await?;
        page.click("[data-action=film][data-about='.gif']").await?;
        page.click("[data-action=cancel-film]").await?;
        page.wait_for_text(".away .saved", "it was cancelled").await
    })
}

#[test]
fn the_panel_is_left_by_escape_and_the_page_goes_on() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=500000&lang=pt", async |page| {
        open_panel(page).await?;
        page.wait_for_text(".away", "Figura ou arquivo desta execução").await?;
        page.press(char::from(antes_e2e::Key::Escape)).await?;
        page.wait_until("the panel is gone", async || Ok(page.count(".away").await? == 0)).await?;
        let focused = page.script("return document.activeElement.dataset.action ?? '';").await?;
        ensure!(focused == "share", "the focus is at {focused}");
        page.click("[data-node='4']").await?;
        page.find("[data-node='4'][data-state=crashed]").await?;
        // The second time the program is there.
        open_panel(page).await
    })
}

#[test]
fn a_host_gets_pictures_and_files_of_the_run() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        let query = "?embed=1&scenario=leader-dies&t=1800000&lang=en";
        let host = Host::serve(Pages::one(around(&frame(&page.address(query), "")))).await?;
        page.goto(host.address("")).await?;
        hears(page, "ready").await?;
        let told = asks(page, "{ antes: 'export', format: 'svg' }", "export").await?;
        let file = "scenarios/06-leader-dies.toml";
        let expected = command(&["run", file, "--format", "svg", "--at", "1800000"])?;
        ensure!(told["content"] == expected, "the host gets another picture than the command");
        let message = "{ antes: 'export', format: 'png', view: 'ring', theme: 'dark', scale: 1 }";
        let told = asks(page, message, "export").await?;
        let png = told["content"].as_str().unwrap_or_default();
        ensure!(png.starts_with("data:image/png;base64,"), "{png}");
        let told = asks(page, "{ antes: 'export', format: 'mermaid' }", "export").await?;
        ensure!(told["content"].as_str().is_some_and(|it| it.starts_with("sequenceDiagram")));
        for (message, said) in [
            ("{ antes: 'export', format: 'svg', view: 'square' }", "ring, diagram, both"),
            ("{ antes: 'export', format: 'jsonl', scale: 2 }", "svg or png"),
            ("{ antes: 'export', format: 'png', scale: 9 }", "from 1 to 4"),
        ] {
            let told = asks(page, message, "error").await?;
            let reason = told["reason"].as_str().unwrap_or_default();
            ensure!(reason.contains(said), "{message}: {reason}");
        }
        Ok(())
    })
}

#[test]
fn a_recording_and_a_figure_are_saved_as_a_run_is() -> Result<()> {
    let figure = r#"{"title": "Mine", "processes": ["P", "Q"], "events": [
        {"id": "p", "proc": "P", "kind": "send", "msgs": ["a"]},
        {"id": "q", "proc": "Q", "kind": "recv", "msg": "a"}]}"#;
    let cluster =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/traces/cluster.jsonl"))?;
    for (text, is_figure) in [(figure, true), (&*cluster, false)] {
        Visitor::laptop().visit("?lang=en", async |page| {
            page.script(&format!(
                "const data = new DataTransfer();
                 data.items.add(new File([{text:?}], 'any'));
                 document.querySelector('.app').dispatchEvent(new DragEvent('drop',
                   {{ dataTransfer: data, bubbles: true, cancelable: true }}));"
            ))
            .await?;
            page.find(".app[data-recording] [data-node='2']").await?;
            page.press(char::from(Key::End)).await?;
            page.script(CATCH).await?;
            page.click("[data-action=take-away]").await?;
            page.find(".away img").await?;
            let (name, svg) = saved(page, "svg").await?;
            ensure!(name.ends_with(".svg") && svg.starts_with("<svg"), "{name}: {svg}");
            ensure!(!is_figure || svg.contains("Mine"), "{svg}");
            let (_, png) = saved(page, "png").await?;
            ensure!(png.contains("PNG"), "it is no PNG");
            let (_, trace) = saved(page, "jsonl").await?;
            ensure!(trace.starts_with("{\"antes_trace\":1"), "{trace}");
            ensure!(!is_figure || trace.lines().count() == 3, "{trace}");
            ensure!(saved(page, "mermaid").await?.1.starts_with("sequenceDiagram"), "Mermaid");
            ensure!(saved(page, "plantuml").await?.1.starts_with("@startuml"), "PlantUML");
            ensure!(saved(page, "shiviz").await?.1.starts_with("(?<event>"), "ShiViz");
            let (_, perfetto) = saved(page, "perfetto").await?;
            serde_json::from_str::<serde_json::Value>(&perfetto)?;
            ensure!(page.count("[data-about=scenario]").await? == 0, "it has no scenario");
            if is_figure {
                let (_, gif) =
                    saved_by(page, "[data-action=film][data-about='.gif']", "film").await?;
                ensure!(gif.starts_with("GIF89a"), "it is no GIF");
            }
            page.screenshot(&format!("away-recording-{is_figure}")).await
        })?;
    }
    Ok(())
}
