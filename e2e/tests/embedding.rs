//! The page inside another page: its parameters, its messages in both directions, and its texts where it
//! cannot run.

mod common;

use antes_e2e::{Host, Key, Page, Pages, Result, Visitor, bail, ensure};
use common::host::{around, asks, frame, hears};
use common::{node, now_us};

async fn enter(page: &Page) -> Result<()> {
    page.enter_default_frame().await?;
    Ok(page.find("iframe").await?.enter_frame().await?)
}

/// Opens a page with the run in a frame, and waits until the run has started.
fn visit_framed(
    query: &str,
    more: &str,
    test: impl AsyncFnOnce(&Page) -> Result<()>,
) -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        let html = around(&frame(&page.address(query), more));
        let host = Host::serve(Pages::one(html)).await?;
        page.goto(host.address("")).await?;
        hears(page, "ready").await?;
        test(page).await
    })
}

#[test]
fn an_address_says_which_controls_and_pictures_there_are() -> Result<()> {
    let parts = [".transport", ".ring", ".space-time", ".told", ".log", ".top"];
    for (query, shown) in [
        ("?embed=1", [true, true, true, true, false, false]),
        ("?embed=1&controls=none", [false, true, true, true, false, false]),
        ("?controls=bar&narration=0", [true, true, true, false, false, false]),
        ("?embed=1&views=ring", [true, true, false, true, false, false]),
        ("?embed=1&views=diagram&log=1", [true, false, true, true, true, false]),
        ("?embed=1&controls=full", [true, true, true, true, true, true]),
        ("?controls=full&views=diagram&log=0", [true, false, true, true, false, true]),
    ] {
        Visitor::with_screen(1000, 700).visit(query, async |page| {
            ensure!(
                page.count(".trouble").await? == 0,
                "{query}: {}",
                page.text(".trouble").await?
            );
            for (css, is_shown) in parts.into_iter().zip(shown) {
                let seen = match page.count(css).await? {
                    0 => false,
                    _ => page.find(css).await?.is_displayed().await?,
                };
                ensure!(seen == is_shown, "{query}: {css} is shown: {seen}");
            }
            common::fits_sideways(page).await
        })?;
    }
    Ok(())
}

#[test]
fn a_range_begins_plays_and_ends_where_the_address_says() -> Result<()> {
    let query = "?embed=1&scenario=leader-dies&from=1s&to=1.3s&speed=4&autoplay=1";
    Visitor::laptop().visit(query, async |page| {
        page.wait_until("the range is over", async || Ok(now_us(page).await? == 1_300_000)).await?;
        ensure!(page.attribute(".app", "data-playing").await? == "false", "it plays on");
        page.press(char::from(Key::Home)).await?;
        ensure!(now_us(page).await? == 1_000_000, "it begins at {}", now_us(page).await?);
        let range = page.attribute("[data-action=seek]", "min").await?;
        ensure!(range == "1000000", "the scrubber begins at {range}");
        Ok(())
    })
}

#[test]
fn a_run_that_repeats_begins_again_by_itself() -> Result<()> {
    let query = "?embed=1&scenario=leader-dies&from=1s&to=1.3s&speed=1&autoplay=1&loop=1";
    Visitor::laptop().visit(query, async |page| {
        let mut before = 0;
        for _ in 0..400 {
            let now = now_us(page).await?;
            ensure!((1_000_000..=1_300_000).contains(&now), "it is at {now}");
            if now < before {
                return Ok(());
            }
            before = now;
        }
        bail!("it has not begun again")
    })
}

#[test]
fn a_run_begins_at_a_sentence_of_the_narrator() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&note=3", async |page| {
        page.wait_for_text("[data-action=next]", "3/").await
    })
}

#[test]
fn wrong_values_are_told_in_one_place_and_the_rest_is_done() -> Result<()> {
    let query = "?scenario=leader-dies&speed=0.3&from=9s&to=4s&views=map&note=99&profle=hardened";
    Visitor::laptop().visit("?scenario=leader-dies&from=1s&to=2s&t=3s", async |page| {
        page.wait_for_text(".trouble", "3000000").await?;
        ensure!(now_us(page).await? == 2_000_000, "it is at {}", now_us(page).await?);
        Ok(())
    })?;
    Visitor::laptop().visit(query, async |page| {
        let told = page.text(".trouble").await?;
        for part in ["speed=0.3", "views=map", "profle", "2 more"] {
            ensure!(told.contains(part), "nothing is said of {part}: {told}");
        }
        ensure!(
            page.attribute(".app", "data-scenario").await? == "leader-dies",
            "another scenario"
        );
        Ok(())
    })
}

#[test]
fn an_address_that_programs_have_mangled_shows_the_same_moment() -> Result<()> {
    for query in [
        "?scenario=leader-dies&amp;t=1800000&amp;do=c1%40900000%7Er1%401000000).",
        "?scenario%3Dleader-dies%26t%3D1800000%26do%3Dc1%2540900000%257Er1%25401000000",
    ] {
        Visitor::laptop().visit(query, async |page| {
            ensure!(page.count(".trouble").await? == 0, "{}", page.text(".trouble").await?);
            ensure!(now_us(page).await? == 1_800_000, "{query}: {}", now_us(page).await?);
            page.press(char::from(Key::Right)).await?;
            page.wait_until("the address is whole again", async || {
                let address = page.script("return location.search").await?.to_string();
                Ok(address.contains("&t=") && !address.contains("amp;"))
            })
            .await?;
            Ok(())
        })?;
    }
    Visitor::laptop().visit("?scenario=holder-dies...", async |page| {
        page.wait_for_text(".trouble", "there is no scenario").await
    })
}

#[test]
fn a_host_moves_the_run_and_hears_of_it() -> Result<()> {
    visit_framed("?embed=1&scenario=leader-dies", "", async |page| {
        let pong = asks(page, "{ antes: 'ping', id: 'a' }", "pong").await?;
        ensure!(pong["id"] == "a" && pong["ready"] == true, "{pong}");
        let state = asks(page, "{ antes: 'seek', at: '1.8s' }", "state").await?;
        ensure!(state["at"] == 1_800_000 && state["nodes"][3]["state"] == "crashed", "{state}");
        let state = asks(page, "{ antes: 'seek', note: 3 }", "state").await?;
        ensure!(state["note"] == 3, "{state}");
        let event = asks(page, "{ antes: 'act', crash: 1 }", "event").await?;
        ensure!(
            event["node"] == 1 && event["text"].as_str().is_some_and(|it| !it.is_empty()),
            "{event}"
        );
        let state = asks(page, "{ antes: 'getState', id: 7 }", "state").await?;
        ensure!(state["id"] == 7 && state["nodes"][0]["state"] == "crashed", "{state}");
        let state = asks(page, "{ antes: 'play' }", "state").await?;
        ensure!(state["playing"] == true, "{state}");
        asks(page, "{ antes: 'pause' }", "state").await?;
        let export = asks(page, "{ antes: 'export', format: 'jsonl', id: 1 }", "export").await?;
        ensure!(
            export["content"].as_str().is_some_and(|it| it.starts_with("{\"antes_trace\":1")),
            "{export}"
        );
        let error = asks(page, "{ antes: 'export', format: 'docx' }", "error").await?;
        ensure!(error["reason"].as_str().is_some_and(|it| it.contains("jsonl")), "{error}");
        let export = asks(page, "{ antes: 'export', format: 'address' }", "export").await?;
        ensure!(export["content"].as_str().is_some_and(|it| it.contains("do=c1@")), "{export}");
        let state = asks(page, "{ antes: 'load', scenario: 'lock-and-queue' }", "state").await?;
        ensure!(state["scenario"] == "lock-and-queue", "{state}");
        let end = asks(page, "{ antes: 'seek', at: '1h' }", "end").await?;
        ensure!(end["at"].as_u64().is_some_and(|at| at > 1_000_000), "{end}");
        Ok(())
    })
}

#[test]
fn a_host_sets_the_speed_the_language_the_colours_and_the_selection() -> Result<()> {
    visit_framed("?embed=1&scenario=leader-dies&t=1.8s&lang=en", "", async |page| {
        let state = asks(page, "{ antes: 'speed', speed: 0.5 }", "state").await?;
        ensure!(state["speed"] == 0.5, "{state}");
        let state = asks(page, "{ antes: 'setTheme', theme: 'dark' }", "state").await?;
        ensure!(state["theme"] == "dark", "{state}");
        let state = asks(page, "{ antes: 'setLanguage', language: 'pt' }", "state").await?;
        ensure!(state["language"] == "pt", "{state}");
        page.script("tell({ antes: 'select', event: 3 });").await?;
        enter(page).await?;
        page.find("html[lang=pt-BR][data-theme=dark]").await?;
        page.find("[data-event='3'].selected, [data-event='3'] .selected").await?;
        page.enter_default_frame().await?;
        page.script("tell({ antes: 'select', nothing: true });").await?;
        enter(page).await?;
        page.wait_until("nothing is selected", async || Ok(page.count(".diagram.lit").await? == 0))
            .await
    })
}

#[test]
fn a_host_is_told_the_wanted_height_once_for_each_width_in_both_forms() -> Result<()> {
    visit_framed("?embed=1&scenario=leader-dies", "", async |page| {
        let heights = "return heard.filter(it => it?.antes === 'resize').length";
        page.wait_until("a height is told", async || Ok(page.script(heights).await? == 1)).await?;
        let splice = "return heard.filter(it => it?.subject === 'lti.frameResize' && it.height > 100).length";
        ensure!(page.script(splice).await? == 1, "SPLICE hears {}", page.script(splice).await?);
        for height in [700, 300] {
            page.script(&format!("document.querySelector('iframe').height = {height}")).await?;
            asks(page, "{ antes: 'ping' }", "pong").await?;
            let told = page.script(heights).await?;
            ensure!(told == 0, "the same width is told {told} times more");
        }
        page.script("document.querySelector('iframe').width = 500").await?;
        hears(page, "resize").await?;
        Ok(())
    })
}

#[test]
fn keys_are_told_once_in_both_forms_and_never_tab_or_a_key_with_a_modifier() -> Result<()> {
    visit_framed("?embed=1&scenario=leader-dies", "", async |page| {
        enter(page).await?;
        page.click(".ring").await?;
        page.press(char::from(Key::Left)).await?;
        page.press(char::from(Key::PageDown)).await?;
        page.press(char::from(Key::Home)).await?;
        common::chord(page, Key::Control, char::from(Key::PageUp)).await?;
        page.press(char::from(Key::Tab)).await?;
        page.press("f").await?;
        page.enter_default_frame().await?;
        let told = page
            .script(
                "return heard.filter(it => it?.antes === 'key' || typeof it === 'string')
                   .map(it => it.key ?? JSON.parse(it).method);",
            )
            .await?;
        let expected = ["ArrowLeft", "Home", "PageDown", "f", "left", "next", "slide"];
        let mut told: Vec<String> = serde_json::from_value(told)?;
        told.sort();
        ensure!(told == expected, "the page around is told {told:?}");
        Ok(())
    })
}

#[test]
fn a_host_hears_of_a_violation_and_of_the_narrator() -> Result<()> {
    let query = "?embed=1&scenario=lock-through-a-leader-crash&t=3.3s&speed=1&autoplay=1";
    visit_framed(query, "", async |page| {
        let violation = hears(page, "violation").await?;
        ensure!(violation["at"] == 3_400_000, "{violation}");
        let note = asks(page, "{ antes: 'seek', note: 2 }", "note").await?;
        ensure!(
            note["note"] == 2 && note["text"].as_str().is_some_and(|it| it.len() > 20),
            "{note}"
        );
        Ok(())
    })
}

#[test]
fn an_impossible_request_of_a_host_is_refused_with_a_reason() -> Result<()> {
    visit_framed("?embed=1&scenario=leader-dies", "", async |page| {
        for (message, told) in [
            ("{ antes: 'fly', id: 3 }", "there is no message"),
            ("{ antes: 'seek', id: 3 }", "at, event, note"),
            ("{ antes: 'act', crash: 9, id: 3 }", "a node from 1 to 4"),
            ("{ antes: 'act', restart: 1, id: 3 }", "no effect"),
            ("{ antes: 'act', release: 1, id: 3 }", "needs the lock"),
            ("{ antes: 'load', scenario: 'nowhere', id: 3 }", "no scenario"),
            ("{ antes: 'load', address: '?scenario=nowhere', id: 3 }", "no scenario"),
        ] {
            let error = asks(page, message, "error").await?;
            ensure!(error["id"] == 3, "{message}: {error}");
            let reason = error["reason"].as_str().unwrap_or_default();
            ensure!(reason.contains(told), "{message}: {reason}");
        }
        // All other posted messages belong to other programs.
        page.script(
            "heard.length = 0; tell('hello'); tell({ method: 'next' }); tell(null); tell([1]);",
        )
        .await?;
        asks(page, "{ antes: 'ping' }", "pong").await?;
        ensure!(page.script("return first('error') ?? null").await?.is_null(), "it has answered");
        Ok(())
    })
}

#[test]
fn only_the_page_around_is_listened_to() -> Result<()> {
    visit_framed("?embed=1&scenario=leader-dies", "", async |page| {
        page.script(
            "const other = document.createElement('iframe');
             document.body.append(other);
             const script = other.contentDocument.createElement('script');
             script.textContent = `parent.frames[0].postMessage({ antes: 'seek', at: '2s' }, '*')`;
             other.contentDocument.body.append(script);",
        )
        .await?;
        let state = asks(page, "{ antes: 'getState' }", "state").await?;
        ensure!(state["at"] == 0, "a frame beside it has moved it: {state}");
        Ok(())
    })
}

#[test]
fn keys_of_one_character_can_be_switched_off_by_the_address_and_in_the_page() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&keys=0", async |page| {
        page.press("1").await?;
        page.press("n").await?;
        ensure!(node(page, 1, "data-state").await? == "alive", "a key has crashed a node");
        ensure!(now_us(page).await? == 0, "a key has moved time");
        page.press(char::from(Key::Right)).await?;
        ensure!(now_us(page).await? > 0, "the arrow does nothing");
        page.click("[data-action=more]").await?;
        page.click("[data-action=characters][data-about=on]").await?;
        page.press(char::from(Key::Escape)).await?;
        page.press("1").await?;
        page.find("[data-node='1'][data-state=crashed]").await?;
        Ok(())
    })
}

#[test]
fn frames_of_every_size_show_the_nodes_and_play_and_never_scroll() -> Result<()> {
    let sizes =
        [(320, 240), (480, 270), (640, 360), (800, 600), (960, 540), (1280, 720), (1920, 1080)];
    Visitor::projector().visit_unopened(async |page| {
        let html = around(&frame(&page.address("?embed=1&scenario=leader-dies&t=1800000"), ""));
        let host = Host::serve(Pages::one(html)).await?;
        page.goto(host.address("")).await?;
        hears(page, "ready").await?;
        for (width, height) in sizes {
            let size = format!("const f = document.querySelector('iframe'); [f.width, f.height] = [{width}, {height}]");
            page.script(&size).await?;
            enter(page).await?;
            page.wait_until("the frame has this size", async || {
                Ok(page.script("return [innerWidth, innerHeight].join()").await? == format!("{width},{height}"))
            })
            .await?;
            page.wait_until("nodes and Play are inside", async || {
                let inside = page.script(
                    "const root = document.documentElement;
                     const fits = (it) => { const r = it.getBoundingClientRect();
                       return r.width > 0 && r.left >= 0 && r.top >= 0 && r.right <= innerWidth && r.bottom <= innerHeight; };
                     const all = [...document.querySelectorAll('[data-node] .disc, .transport .play')];
                     return all.length === 5 && all.every(fits)
                       && root.scrollHeight <= innerHeight && root.scrollWidth <= innerWidth;",
                );
                Ok(inside.await? == true)
            })
            .await?;
            page.enter_default_frame().await?;
        }
        Ok(())
    })
}

#[test]
fn a_host_loads_the_text_of_a_scenario_or_hears_what_is_wrong_with_it() -> Result<()> {
    visit_framed("?embed=1&scenario=leader-dies&lang=en", "", async |page| {
        let bad = serde_json::json!({ "antes": "load", "toml": "nodes = 40\n", "id": 7 });
        let error = asks(page, &bad.to_string(), "error").await?;
        ensure!(error["id"] == 7 && error["of"] == "load", "{error}");
        let reason = error["reason"].as_str().unwrap_or_default();
        ensure!(reason.contains("1:9: ") && reason.contains("from 1 to 16"), "{reason}");
        // The page still shows the run from before.
        let state = asks(page, "{ antes: 'getState' }", "state").await?;
        ensure!(state["scenario"] == "leader-dies", "{state}");
        let toml = "nodes = 3\nduration = \"8s\"\n[[step]]\nat = \"1s\"\ncrash = 3\n";
        let good = serde_json::json!({ "antes": "load", "toml": toml });
        let ready = asks(page, &good.to_string(), "ready").await?;
        ensure!(ready["scenario"] == "file", "{ready}");
        ensure!(ready["nodes"].as_array().is_some_and(|nodes| nodes.len() == 3), "{ready}");
        let state = asks(page, "{ antes: 'act', crash: 1 }", "state").await?;
        ensure!(state["nodes"][0]["state"] == "crashed", "{state}");
        let export = asks(page, "{ antes: 'export', format: 'scenario' }", "export").await?;
        ensure!(export["content"].as_str().is_some_and(|it| it.contains("crash")), "{export}");
        let bad = serde_json::json!({ "antes": "load", "trace": "nothing", "id": 8 });
        let error = asks(page, &bad.to_string(), "error").await?;
        ensure!(error["id"] == 8, "{error}");
        Ok(())
    })
}

#[test]
fn a_scenario_that_the_user_drops_into_a_frame_is_told_to_no_host() -> Result<()> {
    visit_framed("?embed=1&scenario=leader-dies&lang=en", "", async |page| {
        page.script("heard.length = 0").await?;
        page.find("iframe").await?.enter_frame().await?;
        page.script(
            "const data = new DataTransfer();
             data.items.add(new File(['nodes = 3\\nseed = 4711\\nduration = \"8s\"\\n'], 'mine.toml'));
             document.querySelector('.app').dispatchEvent(new DragEvent('drop',
               { dataTransfer: data, bubbles: true, cancelable: true }));",
        )
        .await?;
        page.find(".app[data-scenario=file]").await?;
        page.enter_default_frame().await?;
        let ready = hears(page, "ready").await?;
        ensure!(ready["private"] == true && ready["seed"].is_null(), "{ready}");
        for message in
            ["{ antes: 'getState', id: 1 }", "{ antes: 'export', format: 'scenario', id: 1 }"]
        {
            let error = asks(page, message, "error").await?;
            ensure!(error["reason"].as_str().is_some_and(|it| it.contains("private")), "{error}");
        }
        // The run may be moved, but nothing of it is told.
        page.script("heard.length = 0; tell({ antes: 'step' }); tell({ antes: 'ping' });").await?;
        hears(page, "pong").await?;
        let told = page.script(
            "return heard.filter(it => it.antes === 'state' || it.antes === 'event').length",
        );
        ensure!(told.await? == 0, "the host is told of the run");
        Ok(())
    })
}

#[test]
fn a_recording_tells_only_the_host_that_handed_it_over() -> Result<()> {
    let trace =
        std::fs::read_to_string(format!("{}/traces/cluster.jsonl", env!("CARGO_MANIFEST_DIR")))?;
    visit_framed("?embed=1&scenario=leader-dies", "", async |page| {
        let message = serde_json::json!({ "antes": "load", "trace": trace });
        page.script(&format!("heard.length = 0; tell({message});")).await?;
        let ready = hears(page, "ready").await?;
        ensure!(ready["recording"] == true, "{ready}");
        page.wait_until("the recording is open", async || {
            let state = asks(page, "{ antes: 'getState', id: 1 }", "state").await?;
            Ok(state["to"].as_u64().is_some_and(|to| to > 0))
        })
        .await?;
        asks(page, "{ antes: 'step' }", "state").await?;
        let export = asks(page, "{ antes: 'export', format: 'shiviz' }", "export").await?;
        ensure!(export["content"].as_str().is_some_and(|it| !it.is_empty()), "{export}");
        Ok(())
    })?;
    // The host has not handed this recording over. The user may have opened it.
    visit_framed("?trace&embed=1", "", async |page| {
        for message in
            ["{ antes: 'getState', id: 1 }", "{ antes: 'export', format: 'shiviz', id: 1 }"]
        {
            let error = asks(page, message, "error").await?;
            ensure!(error["reason"].as_str().is_some_and(|it| it.contains("private")), "{error}");
        }
        Ok(())
    })
}
