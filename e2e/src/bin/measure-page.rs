//! Measures the published page in `ANTES_DIST` and prints tables; docs/benchmarks.md explains them.
//!
//! The measured runs are not in the library. So this replaces the file from which the page fetches its
//! scenarios.

use std::fs;
use std::time::Duration;

use antes_core::{Algorithm, ClusterSize, NodeId};
use antes_e2e::{Context, Key, Page, Result, Visitor, ensure, page_folder};
use antes_sim::export::jsonl;
use antes_sim::library::LIBRARY;
use antes_sim::run::Run;
use antes_sim::scenario::{Action, Latency, Scenario, Step, packed};

/// How long messages take in the runs with many messages.
const FLIGHT: Duration = Duration::from_secs(2);

/// How often the page is opened.
const VISITS: usize = 15;

/// How many frames are drawn before the measurement, and how many are measured.
const WARM_UP: u64 = 10;
const FRAMES: u64 = 200;

/// The number of events of the long run, and of steps back at each measured moment.
const EVENTS: u64 = 100_000;
const STEPS: usize = 40;

/// The lines of the recording whose memory is measured.
const LINES: usize = 100_000;

fn main() -> Result<()> {
    let long = long_run()?;
    let scenarios = [crowd(4, 50)?, crowd(8, 500)?, long.clone()];
    replace_library(&scenarios)?;
    first_visit()?;
    println!(
        "\n| frames | median | 99 of 100 below | longest | all that the main thread did, mean |\n\
         | --- | ---: | ---: | ---: | ---: |"
    );
    frames("4 nodes, 50 messages in flight", LIBRARY[0].0)?;
    frames("8 nodes, 500 messages in flight", LIBRARY[1].0)?;
    step_back(long.duration)?;
    recording(&long)?;
    memory()
}

/// A run with `flying` messages on their way from two seconds on. Each message that arrives is followed by
/// another one.
fn crowd(nodes: u8, flying: u32) -> Result<Scenario> {
    let size = ClusterSize::new(nodes).expect("a size that there is");
    let mut scenario = Scenario::new(Algorithm::Clock, size);
    scenario.network.latency = Latency::Fixed(FLIGHT);
    scenario.duration = Duration::from_secs(8);
    let pace = FLIGHT / flying;
    let ids: Vec<NodeId> = size.nodes().collect();
    let mut at = Duration::ZERO;
    for place in 0.. {
        if at >= scenario.duration {
            break;
        }
        let from = ids[place % ids.len()];
        let to = ids[(place + 1 + place / ids.len() % (ids.len() - 1)) % ids.len()];
        let action = Action::Send { from, to, latency: None };
        scenario.steps.push(Step::new(at, 0, action));
        at += pace;
    }
    Ok(scenario)
}

/// Four nodes that request the lock repeatedly, until there are enough events.
fn long_run() -> Result<Scenario> {
    let mut scenario = Scenario::new(Algorithm::Mutex, ClusterSize::new(4).expect("a size"));
    scenario.config.application.auto = true;
    scenario.duration = Duration::from_secs(24 * 60 * 60);
    let mut run = Run::new(scenario.clone());
    while run.done() < EVENTS {
        ensure!(run.step(), "the long run ends after {} events", run.done());
    }
    scenario.duration = Duration::from_micros(run.now_us());
    Ok(scenario)
}

/// Inserts these scenarios at the beginning of the library.
fn replace_library(scenarios: &[Scenario]) -> Result<()> {
    let mut all = scenarios.to_vec();
    all.resize(LIBRARY.len(), scenarios[0].clone());
    let packed = packed::pack(&all);
    for entry in fs::read_dir(page_folder())?.flatten() {
        if entry.file_name().to_string_lossy().starts_with("library-") {
            fs::write(entry.path(), &packed)?;
        }
    }
    Ok(())
}

/// Measures the time until the first picture is drawn, and until the program has drawn its own: each is the
/// frame after the page says so.
const WATCH_START: &str = "
    window.seen = {};
    const saw = name => {
        if (name in window.seen) return;
        window.seen[name] = null;
        requestAnimationFrame(() => setTimeout(() => window.seen[name] = performance.now()));
    };
    new MutationObserver(() => {
        const { first, boot } = document.documentElement?.dataset ?? {};
        if (first === 'shown') saw('picture');
        if (boot === 'ready') saw('usable');
    }).observe(document, { attributes: true, subtree: true, attributeFilter: ['data-first', 'data-boot'] });";

/// The empty page of the same weight, and its script: it loads as many bytes in as many files.
const EMPTY: &str = "empty.html";
const LOAD_ALL: &str = "
    const root = document.documentElement;
    root.dataset.first = 'shown';
    const files = [...document.querySelectorAll('link[data-weight]')].map(link => link.href);
    const load = async file => (await fetch(file)).arrayBuffer();
    Promise.all(files.map(load)).then(() => root.dataset.boot = 'ready');\n";

/// Writes the empty page beside the measured one.
fn write_empty_page() -> Result<()> {
    let folder = page_folder();
    let page = fs::read_to_string(folder.join("index.html"))?;
    let links = page.split('<').filter_map(|tag| {
        let named = ["href=\"", "src=\""].iter().find_map(|name| tag.split_once(name));
        let file = named?.1.split('"').next()?;
        let is_loaded = tag.starts_with("link") || tag.starts_with("script");
        let is_loaded = is_loaded && file.starts_with("./");
        is_loaded.then(|| match file.ends_with(".css") {
            true => format!("<link rel=\"stylesheet\" href=\"{file}\">"),
            false => format!(
                "<link data-weight rel=\"preload\" as=\"fetch\" crossorigin href=\"{file}\">"
            ),
        })
    });
    let head: String = links.collect();
    let script = "<script defer src=\"load-all.js\"></script>";
    let mut empty = format!(
        "<!doctype html><title>Empty</title><link rel=\"icon\" href=\"data:,\">{head}{script}<!--"
    );
    // The server sends the page compressed, and this one as it is.
    let weight = fs::metadata(folder.join("index.html.gz"))?.len();
    while (empty.len() as u64) < weight {
        empty.push('.');
    }
    fs::write(folder.join(EMPTY), empty + "-->")?;
    fs::write(folder.join("load-all.js"), LOAD_ALL)?;
    Ok(())
}

/// A network that Chromium emulates: latency in milliseconds and bytes per second.
const SLOW: (u32, u32) = (150, 200_000);

fn first_visit() -> Result<()> {
    write_empty_page()?;
    println!(
        "\n| first visit, medians of {VISITS} | first picture | longest | usable | longest |\n\
         | --- | ---: | ---: | ---: | ---: |"
    );
    for (line, slow) in [("on this machine", None), ("200,000 bytes/s, 150 ms", Some(SLOW))] {
        Visitor::laptop().visit_unopened(async |page| {
            inject(page, WATCH_START).await?;
            page.cdp().send_raw("Network.enable", serde_json::json!({})).await?;
            if let Some((latency, speed)) = slow {
                let line = serde_json::json!({
                    "offline": false, "latency": latency,
                    "downloadThroughput": speed, "uploadThroughput": speed,
                });
                page.cdp().send_raw("Network.emulateNetworkConditions", line).await?;
            }
            let pages = [("the page", ""), ("an empty page of the same weight", EMPTY)];
            let mut times = [(Vec::new(), Vec::new()), (Vec::new(), Vec::new())];
            for _ in 0..VISITS {
                for ((_, query), (picture, usable)) in pages.iter().zip(&mut times) {
                    let [seen, ready] = start(page, query).await?;
                    picture.push(seen);
                    usable.push(ready);
                }
            }
            for ((name, _), (picture, usable)) in pages.iter().zip(times) {
                let [(seen, _, latest), (ready, _, last)] = [spread(picture), spread(usable)];
                println!(
                    "| {name}, {line} | {seen:.0} ms | {latest:.0} ms | {ready:.0} ms | {last:.0} ms |"
                );
            }
            weigh(page).await
        })?;
    }
    Ok(())
}

/// Opens a page, and returns when its first picture and when its program was there, in milliseconds.
async fn start(page: &Page, query: &str) -> Result<[f64; 2]> {
    page.goto(page.address(query)).await?;
    let seen = "return [window.seen.picture ?? 0, window.seen.usable ?? 0];";
    page.wait_until("the page is there", async || {
        Ok(page.script(seen).await?[1].as_f64().is_some_and(|at| at > 0.0))
    })
    .await?;
    let seen = page.script(seen).await?;
    Ok([0, 1].map(|at| seen[at].as_f64().unwrap_or(f64::NAN)))
}

/// Prints how much a first visit loads.
async fn weigh(page: &Page) -> Result<()> {
    start(page, "").await?;
    let loaded = page
        .script(
            "const all = [...performance.getEntriesByType('navigation'),
                          ...performance.getEntriesByType('resource')];
             return [all.length, all.reduce((sum, file) => sum + file.encodedBodySize, 0)];",
        )
        .await?;
    println!("| {} requests, {} bytes without headers | | | | |", loaded[0], loaded[1]);
    Ok(())
}

/// Measures each frame, from the beginning of the page's callback to the end of style and layout. Work that
/// the page defers to a timer of zero duration is included.
const WATCH_FRAMES: &str = "
    window.frames_ms = [];
    const lay_out = () => document.documentElement.getBoundingClientRect();
    const request = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = callback => {
        let began;
        const id = request(at => { began = performance.now(); callback(at); });
        request(() => {
            if (began === undefined) return;
            lay_out();
            window.frames_ms.push(performance.now() - began);
        });
        return id;
    };
    const set_timer = window.setTimeout.bind(window);
    window.setTimeout = (callback, delay, ...given) => {
        if (delay > 0) return set_timer(callback, delay, ...given);
        return set_timer(() => {
            const began = performance.now();
            callback(...given);
            const channel = new MessageChannel();
            channel.port1.onmessage = () => {
                lay_out();
                window.frames_ms[window.frames_ms.length - 1] += performance.now() - began;
            };
            channel.port2.postMessage(0);
        }, 0);
    };";

fn frames(name: &str, slug: &str) -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        inject(page, WATCH_FRAMES).await?;
        page.cdp().send_raw("Performance.enable", serde_json::json!({})).await?;
        page.open(&format!("?scenario={slug}&t=3000000")).await?;
        page.click("[data-action=play]").await?;
        let drawn = async || -> Result<u64> {
            let count = page.script("return window.frames_ms.length;").await?;
            Ok(count.as_u64().unwrap_or_default())
        };
        page.wait_until("a few frames were drawn", async || Ok(drawn().await? >= WARM_UP)).await?;
        let (first, busy_s) = (drawn().await?, main_thread_busy_s(page).await?);
        page.wait_until("enough frames were drawn", async || Ok(drawn().await? >= first + FRAMES))
            .await?;
        let (last, busy_s) = (drawn().await?, main_thread_busy_s(page).await? - busy_s);
        let flying = page.count("[data-message]").await?;
        let times = page.script(&format!("return window.frames_ms.slice({first}, {last});")).await?;
        let times: Vec<f64> = serde_json::from_value(times)?;
        let (median, most, longest) = spread(times);
        let all = busy_s * 1e3 / (last - first) as f64;
        println!(
            "| {name} ({flying} seen) | {median:.1} ms | {most:.1} ms | {longest:.1} ms | {all:.1} ms |"
        );
        Ok(())
    })
}

/// How long the page's main thread has been busy, in seconds.
async fn main_thread_busy_s(page: &Page) -> Result<f64> {
    let told = page.cdp().send_raw("Performance.getMetrics", serde_json::json!({})).await?;
    let metrics = told["metrics"].as_array().map(Vec::as_slice).unwrap_or_default();
    let busy = metrics.iter().find(|metric| metric["name"] == "TaskDuration");
    let busy = busy.and_then(|metric| metric["value"].as_f64());
    busy.context("the browser does not say how long it was busy")
}

/// Steps back by key. For each step, measures the time until the layout is done, and counts the events that
/// have happened at the shown moment.
const STEP_BACK: &str = "
    const times = [];
    const later = () => new Promise(done => {
        const channel = new MessageChannel();
        channel.port1.onmessage = done;
        channel.port2.postMessage(0);
    });
    const seen = () => Number(document.querySelector('.app').dataset.events);
    const step = async () => {
        const before = seen();
        const began = performance.now();
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', bubbles: true }));
        while (seen() === before) {
            if (performance.now() - began > 5000) throw new Error('a step back does not happen');
            await later();
        }
        document.documentElement.getBoundingClientRect();
        times.push([performance.now() - began, seen()]);
    };
    return (async () => { for (let i = 0; i < STEPS; i++) await step(); return times; })();";

fn step_back(duration: Duration) -> Result<()> {
    println!(
        "\n| step back in a run of {EVENTS} events | median | longest |\n| --- | ---: | ---: |"
    );
    for (name, share) in [("at a quarter", 0.25), ("in the middle", 0.5), ("at the end", 1.0)] {
        let at_us = duration.mul_f64(share).as_micros() as u64;
        Visitor::laptop().visit(
            &format!("?scenario={}&t={at_us}", LIBRARY[2].0),
            async |page| {
                let script = STEP_BACK.replace("STEPS", &STEPS.to_string());
                let began_us: u64 = page.attribute(".app", "data-time-us").await?.parse()?;
                ensure!(began_us == at_us, "the page is at {began_us} us instead of {at_us} us");
                let events: u64 = page.attribute(".app", "data-events").await?.parse()?;
                let steps: Vec<(f64, u64)> = serde_json::from_value(page.script(&script).await?)?;
                ensure!(steps.len() == STEPS, "{} steps back instead of {STEPS}", steps.len());
                for (before, &(_, after)) in (1..=events).rev().zip(&steps) {
                    ensure!(
                        after == before - 1,
                        "{name}: a step back from event {before} led to event {after}"
                    );
                }
                let (median, _, longest) = spread(steps.iter().map(|&(took, _)| took).collect());
                println!("| {name} | {median:.1} ms | {longest:.1} ms |");
                Ok(())
            },
        )?;
    }
    Ok(())
}

/// Opens the trace of the long run as a recording, and steps back at its end.
fn recording(long: &Scenario) -> Result<()> {
    let mut run = Run::new(long.clone());
    run.finish();
    let lines = run.trace().len();
    let trace = jsonl::write(run.scenario(), run.trace());
    fs::write(page_folder().join("long.jsonl"), &trace)?;
    let megabytes = trace.len() as f64 / 1e6;
    Visitor::laptop().visit_unopened(async |page| {
        page.open("?trace=long.jsonl").await?;
        let opened = page
            .script(
                "return new Promise(done => {
                     const look = () => document.querySelector('.app[data-recording=sim]')
                         ? done(performance.now()) : setTimeout(look);
                     look();
                 });",
            )
            .await?;
        page.press(char::from(Key::End)).await?;
        let at_end = lines.to_string();
        page.wait_until("the recording is at its end", async || {
            Ok(page.attribute(".app", "data-events").await? == at_end)
        })
        .await?;
        let script = STEP_BACK.replace("STEPS", &STEPS.to_string());
        let steps: Vec<(f64, u64)> = serde_json::from_value(page.script(&script).await?)?;
        let (median, _, longest) = spread(steps.iter().map(|&(took, _)| took).collect());
        println!("\n| recording of {lines} lines, {megabytes:.0} MB | |\n| --- | ---: |");
        println!(
            "| from the navigation to the picture | {:.1} s |",
            opened.as_f64().unwrap_or(f64::NAN) / 1e3
        );
        println!("| step back at its end, median | {median:.1} ms |");
        println!("| step back at its end, longest | {longest:.1} ms |");
        Ok(())
    })
}

/// Keeps the memories of the page's WebAssembly programs.
const WATCH_MEMORY: &str = "
    window.memories = [];
    for (const name of ['instantiate', 'instantiateStreaming']) {
        const made = WebAssembly[name].bind(WebAssembly);
        WebAssembly[name] = async (...given) => {
            const got = await made(...given);
            const { exports } = got.instance ?? got;
            window.memories.push(...Object.values(exports).filter(it => it instanceof WebAssembly.Memory));
            return got;
        };
    }";

/// Measures the memory of the page at rest, after a run, and with a part of the long recording, beside that of
/// an empty page. The long recording's file must be there.
fn memory() -> Result<()> {
    let long = fs::read_to_string(page_folder().join("long.jsonl"))?;
    let header_and_lines = long.lines().take(1 + LINES);
    let part: String = header_and_lines.flat_map(|line| [line, "\n"]).collect();
    fs::write(page_folder().join("part.jsonl"), part)?;
    Visitor::laptop().visit_unopened(async |page| {
        inject(page, WATCH_MEMORY).await?;
        println!(
            "\n| memory after garbage collection | JavaScript's heap | as a multiple of an empty page's | WebAssembly |\n\
             | --- | ---: | ---: | ---: |"
        );
        page.open_host("").await?;
        let empty = used(page).await?.0;
        let tell = async |what: &str| -> Result<()> {
            let (heap, wasm) = used(page).await?;
            let (kb, times) = (heap / 1e3, heap / empty);
            println!("| {what} | {kb:.0} kB | {times:.1} | {:.1} MB |", wasm / 1e6);
            Ok(())
        };
        tell("an empty page").await?;
        page.open("").await?;
        tell("the page at rest").await?;
        page.open(&format!("?scenario={}&speed=16", LIBRARY[0].0)).await?;
        page.click("[data-action=play]").await?;
        page.find(".end").await?;
        tell("after a run of 4 nodes, 50 messages in flight").await?;
        page.open("?trace=part.jsonl").await?;
        page.find(".app[data-recording=sim]").await?;
        page.press(char::from(Key::End)).await?;
        page.find(".end").await?;
        tell(&format!("a recording of {LINES} lines, at its end")).await
    })
}

/// The bytes in use of JavaScript's heap, and of the WebAssembly memories, after garbage collection.
async fn used(page: &Page) -> Result<(f64, f64)> {
    page.cdp().send_raw("HeapProfiler.collectGarbage", serde_json::json!({})).await?;
    let heap = page.cdp().send_raw("Runtime.getHeapUsage", serde_json::json!({})).await?;
    let heap = heap["usedSize"].as_f64().context("the browser does not tell its heap")?;
    let wasm = page
        .script("return memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);")
        .await?;
    Ok((heap, wasm.as_f64().unwrap_or(f64::NAN)))
}

/// Runs a script in every page before the page's own scripts.
async fn inject(page: &Page, script: &str) -> Result<()> {
    let source = serde_json::json!({ "source": script });
    page.cdp().send_raw("Page.addScriptToEvaluateOnNewDocument", source).await?;
    Ok(())
}

/// The median, the 99th percentile and the maximum.
fn spread(mut times: Vec<f64>) -> (f64, f64, f64) {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied();
    let largest = times.last().copied().unwrap_or(f64::NAN);
    (at(0.5).unwrap_or(f64::NAN), at(0.99).unwrap_or(largest), largest)
}
