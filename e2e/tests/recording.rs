//! A trace of the simulator or of a cluster is opened: by a button, by dropping it, or by the address.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use antes_e2e::{Key, Page, Result, Visitor, bail, ensure};
use antes_sim::export::{Header, jsonl};
use antes_sim::run::Run;
use antes_sim::{library, scenario};
use common::{fits_sideways, leaders, node, now_us, play_until};
use tempfile::TempDir;

/// The run of three nodes of a real cluster, until their leader was killed and replaced.
const CLUSTER: &str = include_str!("../traces/cluster.jsonl");

/// The run of three nodes of a real cluster. Node 3 was stopped by SIGTERM and started again; later nodes 1
/// and 2 were stopped.
const STOPPED: &str = include_str!("../traces/stopped.jsonl");

/// The traces of two nodes.
const PARTS: [&str; 2] = [
    r#"{"antes_trace":1,"source":"cluster","nodes":2,"profile":"classic","algorithm":"clock","node":1,"epoch_us":1764000000000000}
{"seq":0,"at_us":1000,"node":1,"inc":1,"kind":"send","lamport":1,"vector":[1,0],"message":{"id":"1:1","from":1,"to":2,"type":"MESSAGE"}}
{"seq":1,"at_us":5000,"node":1,"inc":1,"kind":"receive","lamport":4,"vector":[2,2],"message":{"id":"2:1","from":2,"to":1,"type":"MESSAGE"},"sent":3,"before":1}
"#,
    r#"{"antes_trace":1,"source":"cluster","nodes":2,"profile":"classic","algorithm":"clock","node":2,"epoch_us":1764003600000000}
{"seq":0,"at_us":2000,"node":2,"inc":1,"kind":"receive","lamport":2,"vector":[1,1],"message":{"id":"1:1","from":1,"to":2,"type":"MESSAGE"},"sent":1,"before":0}
{"seq":1,"at_us":4000,"node":2,"inc":1,"kind":"send","lamport":3,"vector":[1,2],"message":{"id":"2:1","from":2,"to":1,"type":"MESSAGE"}}
"#,
];

/// A scenario of the library after its end, and its trace.
fn played(slug: &str) -> Result<(Run, String)> {
    let text = library::find(slug).expect("the library has it");
    let mut run = Run::new(scenario::read(text)?);
    run.finish();
    let header = Header::of(run.scenario());
    let events = run.trace().iter().map(|event| jsonl::line(event, header.size()));
    let text = [header.to_json()].into_iter().chain(events).collect::<Vec<_>>().join("\n");
    Ok((run, text))
}

fn written(folder: &TempDir, name: &str, text: &str) -> Result<PathBuf> {
    let path = folder.path().join(name);
    fs::write(&path, text)?;
    Ok(path)
}

/// The page under test with a trace next to it.
fn page_with(name: &str, trace: &str) -> Result<TempDir> {
    let copy = common::copy_of_the_page()?;
    fs::write(copy.path().join(name), trace)?;
    Ok(copy)
}

async fn choose(page: &Page, files: &[&Path]) -> Result<()> {
    let names: Vec<_> = files.iter().map(|path| path.display().to_string()).collect();
    Ok(page.find("input[type=file]").await?.send_keys(names.join("\n")).await?)
}

async fn lines_done(page: &Page) -> Result<usize> {
    Ok(page.attribute(".app", "data-events").await?.parse()?)
}

#[test]
fn a_trace_of_the_simulator_is_chosen_and_ends_as_the_run_did() -> Result<()> {
    let (run, text) = played("leader-dies")?;
    let folder = TempDir::new()?;
    let file = written(&folder, "run.jsonl", &text)?;
    Visitor::laptop().visit("?lang=pt&theme=dark", async |page| {
        page.click(".top a").await?;
        page.wait_for_text("main", "Abrir um arquivo").await?;
        ensure!(page.attribute("html", "data-theme").await? == "dark", "the colours come along");
        choose(page, &[&file]).await?;
        page.find(".app[data-recording=sim]").await?;
        let lines = run.trace().len().to_string();
        ensure!(page.attribute(".app", "data-lines").await? == lines, "every line is there");
        page.wait_for_text(".about", "do simulador").await?;
        page.press(char::from(Key::End)).await?;
        ensure!(page.attribute(".app", "data-events").await? == lines, "End goes to the end");
        let known: Vec<_> = run
            .world()
            .size()
            .nodes()
            .map(|id| run.world().leader_of(id).map(|it| it.to_string()).unwrap_or_default())
            .collect();
        ensure!(leaders(page).await? == known, "the nodes follow whom they followed");
        page.press(char::from(Key::Left)).await?;
        ensure!(lines_done(page).await? == run.trace().len() - 1, "an arrow steps back");
        page.press(char::from(Key::Right)).await?;
        ensure!(lines_done(page).await? == run.trace().len(), "and forth");
        Ok(())
    })
}

#[test]
fn a_node_that_was_stopped_in_order_is_called_stopped_everywhere() -> Result<()> {
    let site = page_with("run.jsonl", STOPPED)?;
    let said = [
        ("en", ["stopped", "Node 3: stopped.", "Node 3 stops in good order.", "resigns"]),
        ("pt", ["parado", "Nó 3: parado.", "O nó 3 para em boa ordem.", "renuncia"]),
    ];
    for (language, [state, label, sentence, meaning]) in said {
        let stopped_us = 2_479_000;
        let query = format!("?trace=run.jsonl&lang={language}&t={stopped_us}");
        let visitor = Visitor::laptop().to_folder(site.path());
        visitor.visit(&query, async |page| {
            page.find("[data-node='3'][data-state=stopped]").await?;
            let caption = page.text(".around.stopped .caption").await?;
            ensure!(caption == state, "the ring calls node 3 {caption:?}");
            let name = page.attribute("[data-node='3']", "aria-label").await?;
            ensure!(name.starts_with(label), "the node is called {name:?}");
            ensure!(page.count(".sign.stop").await? == 1, "the diagram shows a stop");
            ensure!(page.count(".sign.crash").await? == 0, "the diagram shows no crash");
            page.wait_for_text(".log", sentence).await?;
            page.click(".log button.fault").await?;
            page.wait_for_text(".why", sentence).await?;
            page.wait_for_text(".why", meaning).await?;
            page.click("[data-node='3']").await?;
            page.wait_for_text(".why", state).await?;
            page.screenshot(&format!("recording-stopped-{language}")).await
        })?;
    }
    Ok(())
}

#[test]
fn a_real_clusters_trace_beside_the_page_is_played_seeked_and_inspected() -> Result<()> {
    let site = page_with("run.jsonl", CLUSTER)?;
    let visitor = Visitor::laptop().to_folder(site.path());
    visitor.visit("?trace=run.jsonl", async |page| {
        ensure!(page.attribute(".app", "data-recording").await? == "cluster", "it says so");
        play_until(page, 3, "it plays", async || Ok(lines_done(page).await? > 20)).await?;
        page.find(".flight").await?;
        page.press(char::from(Key::Home)).await?;
        for _ in 0..200 {
            let keys = page.action_chain().key_down(Key::Shift).key_down(Key::Right);
            keys.key_up(Key::Right).key_up(Key::Shift).perform().await?;
            if node(page, 3, "data-state").await? == "crashed" {
                break;
            }
        }
        ensure!(node(page, 3, "data-state").await? == "crashed", "jumps lead to the crash");
        page.script(
            "const slider = document.querySelector('[data-action=seek]');
             slider.value = slider.max;
             slider.dispatchEvent(new Event('input', { bubbles: true }));",
        )
        .await?;
        page.wait_until("the survivors follow one", async || {
            Ok(leaders(page).await?[..2].iter().all(|leader| leader == "2"))
        })
        .await?;
        page.click(".log li:last-child button").await?;
        page.wait_for_text(".why .causality", "happened before it").await?;
        ensure!(page.count(".lit .dot.past").await? > 0, "its past is lit");
        page.click("[data-node='2']").await?;
        page.wait_for_text(".why", "vector").await?;
        ensure!(node(page, 2, "data-state").await? == "alive", "a click does it no harm");
        ensure!(page.count("[data-action=node-menu]").await? == 0, "and nothing else is offered");
        page.screenshot("recording-cluster").await
    })
}

#[test]
fn a_reload_of_a_named_trace_shows_the_very_same_moment() -> Result<()> {
    let site = page_with("a run.jsonl", CLUSTER)?;
    let visitor = Visitor::laptop().to_folder(site.path());
    visitor.visit("?trace=a%20run.jsonl", async |page| {
        for _ in 0..40 {
            page.press(char::from(Key::Right)).await?;
        }
        let before = common::picture(page).await?;
        page.wait_until("the address tells of it", async || {
            let address = page.script("return location.search;").await?;
            let at = format!("t={}", now_us(page).await?);
            Ok(address.as_str().is_some_and(|query| query.contains(&at)))
        })
        .await?;
        page.reload().await?;
        page.find("[data-node]").await?;
        ensure!(lines_done(page).await? == 40, "as many lines have happened");
        ensure!(common::picture(page).await? == before, "and the picture is the same");
        Ok(())
    })
}

#[test]
fn a_part_of_a_recording_is_played_as_the_address_says() -> Result<()> {
    let events = CLUSTER.lines().skip(1).map(|line| Ok(serde_json::from_str(line)?));
    let events = events.collect::<Result<Vec<serde_json::Value>>>()?;
    let at_us = |line: usize| events[line]["at_us"].as_u64().unwrap_or_default();
    let (from_us, to_us) = (at_us(20), at_us(40));
    let site = page_with("run.jsonl", CLUSTER)?;
    let visitor = || Visitor::laptop().to_folder(site.path());
    let range = format!("?trace=run.jsonl&from={from_us}&to={to_us}&speed=4");
    let is_inside = async |page: &Page| {
        let now = now_us(page).await?;
        ensure!((from_us..=to_us).contains(&now), "{now} is not from {from_us} to {to_us}");
        Ok(now)
    };
    visitor().visit(&format!("{range}&autoplay=1"), async |page| {
        page.wait_until("it has played to its end", async || {
            let is_over = page.count(".narration .end").await? > 0;
            Ok(is_over && page.attribute(".app", "data-playing").await? == "false")
        })
        .await?;
        ensure!(is_inside(page).await? == to_us, "it ends before its end");
        for key in [Key::End, Key::Right, Key::Home, Key::Left] {
            page.press(char::from(key)).await?;
            is_inside(page).await?;
        }
        Ok(())
    })?;
    visitor().visit(&format!("{range}&autoplay=1&loop=1"), async |page| {
        let mut before = 0;
        for _ in 0..400 {
            let now = is_inside(page).await?;
            if now < before {
                return Ok(());
            }
            before = now;
        }
        bail!("it has not begun again")
    })?;
    // An empty range is reported, and the whole recording is played.
    visitor().visit("?trace=run.jsonl&from=9000s&to=1s", async |page| {
        page.wait_for_text(".trouble", "9000000000").await?;
        ensure!(page.attribute("[data-action=seek]", "min").await? == "0", "nothing can be played");
        Ok(())
    })
}

#[test]
fn the_traces_of_a_clusters_nodes_are_joined_in_the_page() -> Result<()> {
    let folder = TempDir::new()?;
    let first = written(&folder, "node1.jsonl", PARTS[0])?;
    let second = written(&folder, "node2.jsonl", PARTS[1])?;
    Visitor::laptop().visit("?trace", async |page| {
        choose(page, &[&first, &second]).await?;
        page.find(".app[data-lines='4']").await?;
        page.click(".narration details:last-child summary").await?;
        page.wait_for_text(".narration ul", "the clock of node 2").await
    })
}

#[test]
fn a_broken_invariant_is_found_in_a_trace_and_shown() -> Result<()> {
    let (run, text) = played("lock-through-a-leader-crash")?;
    let first = run.trace().iter().find(|event| event.kind() == "violation").expect("it breaks");
    let site = page_with("run.jsonl", &text)?;
    let visitor = Visitor::laptop().to_folder(site.path());
    visitor.visit("?trace=run.jsonl", async |page| {
        let violations = page.attribute(".app", "data-violations").await?;
        ensure!(violations == run.world().violations().to_string(), "all are found");
        ensure!(now_us(page).await? == first.at_us, "it opens where the first one is");
        ensure!(page.count(".chip.broken").await? > 0, "the strip tells of it");
        ensure!(page.count(".marks .violation").await? > 0, "the scrubber has a mark");
        page.press(char::from(Key::Home)).await?;
        page.click(".narration [data-action=show]").await?;
        page.wait_for_text(".why .sentence", "critical section").await?;
        ensure!(now_us(page).await? == first.at_us, "and it can be found again");
        page.screenshot("recording-violation").await
    })
}

#[test]
fn a_bad_file_gets_a_clear_message_and_a_usable_page() -> Result<()> {
    let folder = TempDir::new()?;
    let bad = CLUSTER.replacen("\"kind\":\"receive\"", "\"kind\":\"recieve\"", 1);
    let line = 1 + bad.lines().position(|line| line.contains("recieve")).expect("it is there");
    let bad = written(&folder, "bad.jsonl", &bad)?;
    let good = written(&folder, "good.jsonl", CLUSTER)?;
    Visitor::laptop().visit("?trace", async |page| {
        choose(page, &[&bad]).await?;
        page.wait_for_text(".trouble", &format!("bad.jsonl:{line}: \"recieve\"")).await?;
        page.screenshot("recording-bad").await?;
        choose(page, &[&good]).await?;
        page.find(".app[data-recording=cluster]").await?;
        ensure!(page.count(".trouble").await? == 0, "the complaint is gone");
        choose(page, &[&bad]).await?;
        page.find(".trouble").await?;
        ensure!(page.count("[data-node]").await? == 3, "what was open stays open");
        Ok(())
    })
}

#[test]
fn a_name_of_no_file_is_told_of() -> Result<()> {
    Visitor::laptop().visit("?trace=none.jsonl", async |page| {
        page.wait_for_text(".trouble", "none.jsonl").await?;
        page.find("input[type=file]").await?;
        // The browser itself reports the missing file.
        page.take_errors().await?;
        Ok(())
    })
}

#[test]
fn a_trace_that_is_dropped_onto_the_page_is_shown_and_outlives_a_reload() -> Result<()> {
    Visitor::laptop().visit("", async |page| {
        let dropped = format!(
            "const data = new DataTransfer();
             data.items.add(new File([{CLUSTER:?}], 'dropped.jsonl'));
             document.body.dispatchEvent(new DragEvent('drop',
               {{ dataTransfer: data, bubbles: true, cancelable: true }}));"
        );
        page.script(&dropped).await?;
        page.find(".app[data-recording=cluster]").await?;
        page.press(char::from(Key::Right)).await?;
        page.reload().await?;
        page.find(".app[data-recording=cluster]").await?;
        page.click(".top a").await?;
        page.find(".app[data-scenario]").await?;
        Ok(())
    })
}

#[test]
fn the_end_of_a_recording_is_told_and_moves_nothing() -> Result<()> {
    let site = page_with("run.jsonl", CLUSTER)?;
    Visitor::laptop().to_folder(site.path()).visit("?trace=run.jsonl", async |page| {
        let place =
            "const it = document.querySelector(\"[data-node='1']\").getBoundingClientRect();
            return [it.x, it.y, it.width];";
        let before = page.script(place).await?;
        ensure!(page.count(".narration .end").await? == 0, "it has ended at its beginning");
        page.press(char::from(Key::End)).await?;
        page.wait_for_text(".narration .end", "The recording ends here").await?;
        ensure!(page.script(place).await? == before, "the ring has moved");
        page.press(char::from(Key::Left)).await?;
        page.wait_until("it goes on", async || Ok(page.count(".narration .end").await? == 0)).await
    })
}

#[test]
fn a_word_that_was_pasted_by_mistake_is_no_file() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies", async |page| {
        page.script(
            "const data = new DataTransfer();
             data.setData('text/plain', 'a word');
             document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));",
        )
        .await?;
        page.press(char::from(Key::Right)).await?;
        page.find(".app[data-scenario=leader-dies]").await?;
        Ok(())
    })
}

#[test]
fn a_recording_fits_every_screen() -> Result<()> {
    let site = page_with("run.jsonl", CLUSTER)?;
    let portuguese = Visitor::laptop().language("pt-BR");
    let screens = [Visitor::phone(), Visitor::laptop().dark(), portuguese, Visitor::projector()];
    let names = ["phone", "laptop-dark", "laptop-pt", "projector"];
    for (visitor, name) in screens.into_iter().zip(names) {
        visitor.to_folder(site.path()).visit("?trace=run.jsonl&t=1600000", async |page| {
            page.find("[data-node]").await?;
            fits_sideways(page).await?;
            page.screenshot(&format!("recording-{name}")).await
        })?;
    }
    Ok(())
}
