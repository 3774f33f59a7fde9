//! Files are brought into the page: chosen, dropped or pasted. Their content counts, not their names.

mod common;

use std::fs;

use antes_e2e::{Key, Page, Result, Visitor, ensure, page_folder};
use antes_sim::{library, scenario};
use common::{now_us, play_until};
use tempfile::TempDir;

/// Drops a file of these bytes onto the page.
async fn drop_bytes(page: &Page, name: &str, bytes: &[u8]) -> Result<()> {
    let numbers: Vec<_> = bytes.iter().map(u8::to_string).collect();
    page.script(&format!(
        "const data = new DataTransfer();
         data.items.add(new File([new Uint8Array([{}])], {name:?}));
         document.querySelector('.app').dispatchEvent(new DragEvent('drop',
           {{ dataTransfer: data, bubbles: true, cancelable: true }}));",
        numbers.join(",")
    ))
    .await?;
    Ok(())
}

async fn paste(page: &Page, text: &str) -> Result<()> {
    page.script(&format!(
        "const data = new DataTransfer();
         data.setData('text/plain', {text:?});
         document.body.dispatchEvent(new ClipboardEvent('paste',
           {{ clipboardData: data, dataType: 'text/plain', data: {text:?}, bubbles: true }}));"
    ))
    .await?;
    Ok(())
}

/// A scenario of one's own, which is not in the library.
const MINE: &str = "title.en = \"My own leader dies\"\ntitle.pt = \"Meu líder morre\"\nnodes = 3\nduration = \"8s\"\n\n\
                    [[step]]\nat = \"1s\"\ncrash = 3\nnote.en = \"Mine says so.\"\n";

const FIGURE: &str = r#"{"title": "Two messages", "processes": ["P", "Q", "R"], "events": [
  {"id": "p1", "proc": "P", "kind": "send", "msgs": ["a", "b"]},
  {"id": "q1", "proc": "Q", "kind": "recv", "msg": "a"},
  {"id": "q2", "proc": "Q", "kind": "local"},
  {"id": "r1", "proc": "R", "kind": "recv", "msg": "b"}]}"#;

/// A log with a regular expression of its own.
const LOG: &str = "(?<date>\\d+) (?<event>.*)\\n(?<host>\\w+) (?<clock>\\{.*\\})\n\n\
                   10 asks\nclient {\"client\":1}\n11 answers\nserver {\"client\":1,\"server\":1}\n\
                   12 hears\nclient {\"client\":2,\"server\":1}\n";

fn utf_16(text: &str) -> Vec<u8> {
    format!("\u{FEFF}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_scenario_that_is_dropped_runs_with_all_controls_and_outlives_a_reload() -> Result<()> {
    Visitor::laptop().visit("?lang=en", async |page| {
        drop_bytes(page, "holiday.jpg", MINE.as_bytes()).await?;
        page.find(".app[data-scenario=file]").await?;
        ensure!(page.count("[data-node]").await? == 3, "it has three nodes");
        page.wait_for_text(".picker select", "My own leader dies").await?;
        let leads = async || Ok(page.attribute("[data-node='1']", "data-leader").await? == "2");
        play_until(page, 2, "2 leads", leads).await?;
        page.wait_for_text(".narration", "Mine says so.").await?;
        page.click("[data-node='1']").await?;
        page.find("[data-node='1'][data-state=crashed]").await?;
        let moment = now_us(page).await?;
        page.wait_until("it is in the address", async || {
            let query = page.script("return location.search;").await?.to_string();
            Ok(query.contains("scenario=file") && query.contains("do=c1"))
        })
        .await?;
        page.reload().await?;
        page.find(".app[data-scenario=file] [data-node='1'][data-state=crashed]").await?;
        ensure!(now_us(page).await? == moment, "it is at another moment");
        page.click("[data-action=profile][data-about=hardened]").await?;
        page.find("[data-action=profile][data-about=hardened][aria-pressed=true]").await?;
        page.click("[data-action=share]").await?;
        page.wait_for_text(".share", "works only in this browser").await?;
        page.press(char::from(Key::Escape)).await?;
        page.screenshot("brought-scenario").await?;
        // It can be left for the library, and come back to.
        page.click("[data-action=algorithm][data-about=mutex]").await?;
        page.wait_until("a scenario of the library", async || {
            Ok(page.attribute(".app", "data-scenario").await? != "file")
        })
        .await?;
        page.script("history.back();").await?;
        page.find(".app[data-scenario=file]").await?;
        Ok(())
    })
}

#[test]
fn a_scenario_that_was_brought_is_compared_with_its_hardened_form() -> Result<()> {
    Visitor::laptop().visit("?lang=en", async |page| {
        paste(page, MINE).await?;
        page.find(".app[data-scenario=file]").await?;
        page.click("[data-action=compare]").await?;
        page.find(".app[data-compare] [data-side=B] [data-node='3']").await?;
        ensure!(page.count("[data-side=A] [data-node]").await? == 3, "it has three nodes");
        Ok(())
    })
}

#[test]
fn a_scenario_beside_the_page_is_run_by_its_name_in_the_address() -> Result<()> {
    let site = common::copy_of_the_page()?;
    fs::write(site.path().join("mine.toml"), utf_16(MINE))?;
    fs::write(site.path().join("mine.txt"), MINE)?;
    fs::write(site.path().join("bad.toml"), "nodes = 40\n")?;
    Visitor::laptop().to_folder(site.path()).visit(
        "?scenario=mine.toml&t=2s&lang=pt",
        async |page| {
            page.find(".app[data-scenario='mine.toml'] [data-node='3'][data-state=crashed]")
                .await?;
            page.wait_for_text(".picker select", "Meu líder morre").await?;
            // An address that takes it for a recording leads to it as well, whatever its ending.
            page.open("?trace=mine.txt&lang=en").await?;
            page.find(".app[data-scenario='mine.txt'] [data-node='3']").await?;
            page.open("?scenario=bad.toml").await?;
            page.wait_for_text(".trouble", "bad.toml:1:9: \"nodes\" is 40").await?;
            page.open("?scenario=none.toml").await?;
            page.wait_for_text(".trouble", "none.toml").await?;
            // The browser itself reports the missing file.
            page.take_errors().await?;
            Ok(())
        },
    )
}

#[test]
fn a_scenario_with_a_mistake_gets_the_sentence_of_the_command() -> Result<()> {
    let bad = "nodes = 4\n\n[netwrok]\nloss = 0.1\n";
    let expected = format!("bad.toml:{}", scenario::read(bad).unwrap_err());
    Visitor::laptop().visit("?lang=en", async |page| {
        drop_bytes(page, "bad.toml", bad.as_bytes()).await?;
        page.wait_for_text(".trouble", &expected).await?;
        page.find("input[type=file]").await?;
        // The right one, from the same page.
        let folder = TempDir::new()?;
        let path = folder.path().join("right.txt");
        fs::write(&path, MINE)?;
        page.find("input[type=file]").await?.send_keys(path.display().to_string()).await?;
        page.find(".app[data-scenario=file]").await?;
        Ok(())
    })
}

#[test]
fn a_figure_is_drawn_stamped_and_explored() -> Result<()> {
    Visitor::laptop().visit("?lang=en", async |page| {
        drop_bytes(page, "figure.txt", FIGURE.as_bytes()).await?;
        page.find(".app[data-recording] [data-node='3']").await?;
        page.wait_for_text(".about", "of a figure").await?;
        page.wait_for_text(".about", "Two messages").await?;
        page.press(char::from(Key::End)).await?;
        page.find("[data-node='2'][data-clock='3']").await?;
        page.wait_for_text(".names", "Q").await?;
        ensure!(page.count(".diagram [data-event]").await? >= 4, "its events are drawn");
        page.click(".log [data-event='4']").await?;
        page.wait_for_text(".why", "q2").await?;
        page.screenshot("brought-figure").await
    })
}

#[test]
fn of_two_files_the_one_that_was_dropped_last_is_shown_though_the_first_takes_longer() -> Result<()>
{
    Visitor::laptop().visit("?trace&lang=en", async |page| {
        // The browser reads the first file only when it is told to.
        page.script(
            "const read = Blob.prototype.arrayBuffer;
             Blob.prototype.arrayBuffer = async function () {
               if (this.name === 'slow') await new Promise((done) => (window.go_on = done));
               const bytes = await read.call(this);
               if (this.name === 'slow') window.is_read = true;
               return bytes;
             };",
        )
        .await?;
        drop_bytes(page, "slow", FIGURE.replace("Two messages", "Too late").as_bytes()).await?;
        page.wait_until("the first is being read", async || {
            Ok(page.script("return !!window.go_on;").await? == true)
        })
        .await?;
        drop_bytes(page, "fast", FIGURE.as_bytes()).await?;
        page.wait_for_text(".about", "Two messages").await?;
        page.script("window.go_on();").await?;
        page.wait_until("the first was read", async || {
            Ok(page.script("return !!window.is_read;").await? == true)
        })
        .await?;
        // The page handles this press after it has read the file.
        page.press(char::from(Key::End)).await?;
        page.find("[data-node='2'][data-clock='3']").await?;
        page.wait_for_text(".about", "Two messages").await?;
        page.reload().await?;
        page.wait_for_text(".about", "Two messages").await
    })
}

#[test]
fn remarks_about_a_figure_are_told_in_the_language_of_the_page() -> Result<()> {
    let figure = FIGURE.replace(
        r#""q2", "proc": "Q", "kind": "local""#,
        r#""q2", "proc": "Q", "kind": "send", "msgs": ["c"]"#,
    );
    for (language, told) in [
        ("en", "Message “c” of event “q2” is never received"),
        ("pt", "A mensagem “c” do evento “q2” nunca é recebida"),
    ] {
        Visitor::laptop().visit(&format!("?lang={language}"), async |page| {
            drop_bytes(page, "x.json", figure.as_bytes()).await?;
            page.wait_until("the remark is there", async || {
                let texts = page.script(
                    "return [...document.querySelectorAll('.narration li')].map(it => it.textContent).join();",
                );
                Ok(texts.await?.as_str().is_some_and(|it| it.contains(told)))
            })
            .await
        })?;
    }
    Ok(())
}

#[test]
fn a_log_for_shiviz_is_drawn_with_its_own_regular_expression_or_the_default_one() -> Result<()> {
    let mut run = antes_sim::run::Run::new(scenario::read(library::find("first-clock").unwrap())?);
    run.finish();
    let own = antes_sim::export::shiviz::write(run.trace());
    let (_, plain) = own.split_once("\n\n").unwrap();
    Visitor::laptop().visit("?lang=en", async |page| {
        for log in [own.as_str(), plain] {
            drop_bytes(page, "x.log", log.as_bytes()).await?;
            page.wait_for_text(".about", "of a log for ShiViz").await?;
            page.press(char::from(Key::End)).await?;
            page.find("[data-node='1']").await?;
            page.open("?lang=en").await?;
        }
        // The description follows the clock, and a long line at the end is no event.
        let long = ["N1 {\"N1\":1}\nInit\n", &"x".repeat(200_000), "\n"].concat();
        drop_bytes(page, "x.log", long.as_bytes()).await?;
        page.wait_for_text(".about", "of a log for ShiViz").await?;
        page.open("?lang=en").await?;
        paste(page, "N1 {\"N1\":1}\nInit\n").await?;
        page.wait_for_text(".about", "of a log for ShiViz").await?;
        page.open("?lang=en").await?;
        paste(page, LOG).await?;
        page.wait_for_text(".about", "of a log for ShiViz").await?;
        page.press(char::from(Key::End)).await?;
        page.click(".log [data-event='3']").await?;
        page.wait_for_text(".why", "hears").await?;
        drop_bytes(page, "x.log", LOG.replace("(?<date>", "((?<date>").as_bytes()).await?;
        page.wait_for_text(".trouble", "is no regular expression; expected one of JavaScript").await
    })
}

#[test]
fn a_regular_expression_that_takes_for_ever_is_given_up_and_the_page_lives() -> Result<()> {
    let slow = |head: &str| [head, &"a".repeat(60), "!\nP {\"P\":1}\n"].concat();
    Visitor::laptop().visit("?lang=en", async |page| {
        for head in [
            "(?<event>(a+)+)$\\n(?<host>\\S*) (?<clock>{.*})\n\n",
            // The delimiter of several runs, in the second line.
            "(?<event>.*)\\n(?<host>\\S*) (?<clock>{.*})\n(a+)+$\n",
        ] {
            drop_bytes(page, "x.log", slow(head).as_bytes()).await?;
            page.wait_for_text(".trouble", "takes too long; expected one in which no repetition")
                .await?;
            // The page was not reloaded, so it was not frozen.
            drop_bytes(page, "x.log", LOG.as_bytes()).await?;
            page.wait_for_text(".about", "of a log for ShiViz").await?;
        }
        Ok(())
    })
}

/// A copy of the page under test without the whole program.
fn page_without_whole() -> Result<TempDir> {
    let copy = TempDir::new()?;
    for entry in fs::read_dir(page_folder())? {
        let path = entry?.path();
        let name = path.file_name().filter(|name| path.is_file() && *name != "whole.js");
        if let Some(name) = name {
            fs::copy(&path, copy.path().join(name))?;
        }
    }
    Ok(copy)
}

#[test]
fn a_file_that_needs_a_missing_part_of_the_program_is_told_of_and_opened_at_the_next_attempt()
-> Result<()> {
    for (language, told) in [("en", "could not be loaded"), ("pt", "não pôde ser carregada")] {
        let folder = page_without_whole()?;
        Visitor::laptop().to_folder(folder.path()).visit(
            &format!("?lang={language}"),
            async |page| {
                drop_bytes(page, "x.toml", MINE.as_bytes()).await?;
                page.wait_for_text("dialog[data-missing]", told).await?;
                page.screenshot(&format!("missing-part-{language}")).await?;
                page.click("dialog[data-missing] button").await?;
                paste(page, MINE).await?;
                page.wait_for_text("dialog[data-missing]", told).await?;
                page.take_errors().await?;
                page.click("dialog[data-missing] button").await?;
                fs::copy(page_folder().join("whole.js"), folder.path().join("whole.js"))?;
                drop_bytes(page, "x.toml", MINE.as_bytes()).await?;
                page.find(".app[data-scenario=file]").await?;
                Ok(())
            },
        )?;
    }
    Ok(())
}

#[test]
fn a_comparison_without_the_part_of_the_program_that_it_needs_is_told_of() -> Result<()> {
    let folder = page_without_whole()?;
    Visitor::laptop().to_folder(folder.path()).visit_unopened(async |page| {
        page.goto(page.address("?lang=en&compare=hardened")).await?;
        page.wait_for_text("#boot", "a part of its program is not on this server").await?;
        page.take_errors().await?;
        Ok(())
    })
}

#[test]
fn hostile_files_are_told_of_in_one_sentence_and_the_page_lives() -> Result<()> {
    let huge = "x = 1\n".repeat(1_000_000);
    let cut: Vec<u8> = FIGURE.bytes().take(120).collect();
    let trace = "{\"antes_trace\":1,\"source\":\"sim\",\"nodes\":2,\"profile\":\"classic\",\"algorithm\":\"clock\"}\n";
    for (language, empty) in [("en", "the file is empty"), ("pt", "o arquivo está vazio")] {
        Visitor::laptop().visit(&format!("?trace&lang={language}"), async |page| {
            let mut files: Vec<(&[u8], &str)> = vec![(b"", empty), (b" \n\n", empty)];
            if language == "en" {
                files.extend([
                    (&b"\x89PNG\r\n\x1a\n\0\0"[..], "this is a picture"),
                    (b"PK\x03\x04\0\0\0\0", "the file is compressed"),
                    (b"<!doctype html><p>", "this is HTML or SVG"),
                    (b"{\"name\": \"x\"}", "JSON of another kind"),
                    (b"[1, 2]", "not a line for each event"),
                    (b"\0\0\0\0\0\0", "this is no text"),
                    (b"nodes = 4\0", "this is no text"),
                    (b"\xFF\xFE\0\xD8", "this is no text"),
                    (b"Dear all,\n", "text of another kind"),
                    (&cut, "hostile"),
                    (trace.as_bytes(), "There is no event in hostile"),
                    (huge.as_bytes(), "hostile:1"),
                ]);
            }
            for (bytes, expected) in files {
                let name = "hostile";
                if bytes.len() > 100_000 {
                    page.script(
                        "const data = new DataTransfer();
                         data.items.add(new File(['x = 1\\n'.repeat(9000000)], 'hostile'));
                         document.querySelector('.app').dispatchEvent(new DragEvent('drop',
                           { dataTransfer: data, bubbles: true, cancelable: true }));",
                    )
                    .await?;
                } else {
                    drop_bytes(page, name, bytes).await?;
                }
                page.wait_for_text(".trouble", expected).await?;
                page.find("input[type=file]").await?;
            }
            page.screenshot(&format!("brought-hostile-{language}")).await
        })?;
    }
    Ok(())
}
