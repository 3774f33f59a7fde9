//! Ways to use the page: Tab, arrows, the focus after actions, the clipboard, dropped files, slow networks,
//! and places where the page cannot run.

mod common;

use std::time::Duration;

use antes_e2e::{Context, Key, Move, Page, Result, Visitor, bail, ensure, page_folder};

/// The focused element: its action and its subject, or "BODY" if nothing has the focus.
async fn focus(page: &Page) -> Result<String> {
    let told = page
        .script(
            "const it = document.activeElement;
             return it === document.body ? 'BODY'
                 : [it.dataset.action ?? it.className.baseVal ?? it.className, it.dataset.about ?? ''].join(' ').trim();",
        )
        .await?;
    Ok(told.as_str().unwrap_or_default().to_owned())
}

async fn press_key(page: &Page, key: Key) -> Result<()> {
    page.press(char::from(key)).await
}

#[test]
fn every_group_is_at_most_twelve_tabs_away() -> Result<()> {
    let groups = [
        ".choices",
        ".tools",
        ".picker",
        ".ring",
        ".narration",
        ".space-time",
        ".why",
        ".log",
        ".transport .buttons",
    ];
    // On phones the log is folded. An arrow leads to it from the explanation.
    let on_phone: Vec<_> = groups.into_iter().filter(|css| *css != ".log").collect();
    for (query, visitor, groups) in [
        ("", Visitor::laptop(), &groups[..]),
        ("?scenario=lock-through-a-leader-crash&t=3500000", Visitor::laptop(), &groups),
        ("?scenario=lock-through-a-leader-crash&t=3500000", Visitor::phone(), &on_phone),
    ] {
        visitor.visit(query, async |page| {
            page.unfold().await?;
            let mut missing: Vec<_> = groups.to_vec();
            for _ in 0..12 {
                press_key(page, Key::Tab).await?;
                let inside = page
                    .script(&format!(
                        "return {groups:?}.filter(css => document.activeElement.closest(css));"
                    ))
                    .await?;
                let inside = inside.as_array().cloned().unwrap_or_default();
                missing.retain(|group| !inside.iter().any(|css| css == group));
            }
            ensure!(missing.is_empty(), "not within twelve Tabs: {missing:?}");
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn arrows_walk_through_a_group_and_one_key_skips_to_the_time() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=1000000", async |page| {
        press_key(page, Key::Tab).await?;
        ensure!(focus(page).await? == "skip", "the first stop skips");
        press_key(page, Key::Enter).await?;
        ensure!(focus(page).await? == "play", "to the time");
        press_key(page, Key::Right).await?;
        ensure!(focus(page).await? == "step", "an arrow leads to the next control");
        press_key(page, Key::Left).await?;
        press_key(page, Key::Left).await?;
        ensure!(focus(page).await? == "back", "and back");
        ensure!(common::now_us(page).await? == 1_000_000, "no arrow has moved the time");
        Ok(())
    })
}

#[test]
fn arrows_walk_through_the_events_of_the_diagram() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=3000000", async |page| {
        page.script("document.querySelector('.segments [data-action=vector]').focus();").await?;
        press_key(page, Key::Tab).await?;
        ensure!(focus(page).await? == "chart", "the diagram is a stop: {}", focus(page).await?);
        press_key(page, Key::Left).await?;
        let first = page.attribute(".dot.selected, .sign.pointed", "data-event").await?;
        press_key(page, Key::Left).await?;
        page.wait_until("another event is selected", async || {
            Ok(page.attribute(".dot.selected, .sign.pointed", "data-event").await? != first)
        })
        .await?;
        ensure!(common::now_us(page).await? == 3_000_000, "no arrow has moved the time");
        // The announcement begins with the event's sentence, and continues with its relations to other
        // events.
        let told = page.text(".why .sentence").await?;
        let said = page.script("return document.querySelector('[aria-live]').textContent;").await?;
        ensure!(
            !told.is_empty() && said.as_str().is_some_and(|said| said.starts_with(&told)),
            "{told:?} is not said: {said}"
        );
        Ok(())
    })
}

#[test]
fn the_focus_comes_back_from_menus_and_panels_and_from_what_goes_away() -> Result<()> {
    Visitor::laptop().visit("?scenario=lock-and-queue&t=400000", async |page| {
        // A menu that is closed without a choice, and one with a choice.
        for act in [Key::Escape, Key::Enter] {
            page.script(
                "document.querySelector('[data-action=node-menu][data-about=\"1\"]').focus();",
            )
            .await?;
            press_key(page, Key::Enter).await?;
            page.find(".menu").await?;
            page.wait_until("the menu has the focus", async || {
                Ok(page.count(".menu :focus").await? == 1)
            })
            .await?;
            page.press(char::from(act.clone())).await?;
            page.wait_until("the menu is gone", async || Ok(page.count(".menu").await? == 0))
                .await?;
            ensure!(focus(page).await? == "node-menu 1", "{act:?}: {}", focus(page).await?);
        }
        // A panel that opens another panel.
        page.script("document.querySelector('.tools [data-action=more]').focus();").await?;
        press_key(page, Key::Enter).await?;
        page.find("dialog[open] [data-action=share]").await?;
        page.script("document.querySelector('dialog [data-action=share]').focus();").await?;
        press_key(page, Key::Enter).await?;
        page.find("dialog[open] [data-action=copy]").await?;
        press_key(page, Key::Escape).await?;
        page.wait_until("no panel is open", async || Ok(page.count("dialog").await? == 0)).await?;
        ensure!(focus(page).await? == "more", "{}", focus(page).await?);
        // A notice whose button was used.
        page.click("[data-node='2']").await?;
        page.find("[data-action=undo]").await?;
        page.script("document.querySelector('[data-action=undo]').focus();").await?;
        press_key(page, Key::Enter).await?;
        page.wait_until("the notice is gone", async || Ok(page.count(".notice").await? == 0))
            .await?;
        ensure!(focus(page).await? != "BODY", "the focus is lost");
        Ok(())
    })
}

#[test]
fn a_copy_that_the_browser_refuses_is_told_and_the_address_is_selected() -> Result<()> {
    Visitor::laptop().visit("?lang=en", async |page| {
        page.script(
            "Object.defineProperty(navigator, 'clipboard', { value: undefined });
             window.copied = []; document.execCommand = name => (window.copied.push(name), window.allows);
             window.allows = true;",
        )
        .await?;
        page.click("[data-action=share]").await?;
        page.click("[data-action=copy]").await?;
        page.wait_for_text("[data-action=copy]", "Copied").await?;
        page.script("window.allows = false;").await?;
        page.click("[data-action=copy]").await?;
        page.wait_for_text(".copy-failed", "does not let the page copy").await?;
        let selected = page.script("return getSelection().toString();").await?;
        let address = page.script("return document.querySelector('dialog input').value;").await?;
        ensure!(selected == address, "{selected} is selected");
        Ok(())
    })
}

#[test]
fn a_page_opened_from_disk_says_at_once_what_is_wrong() -> Result<()> {
    Visitor::laptop().language("pt-BR").visit_unopened(async |page| {
        let file = page_folder().canonicalize()?.join("index.html");
        page.goto(format!("file://{}", file.display())).await?;
        page.wait_for_text("#boot", "aberto como arquivo do disco").await?;
        ensure!(!page.text("#boot").await?.contains("Carregando"), "it still says that it loads");
        page.take_errors().await?;
        Ok(())
    })
}

#[test]
fn a_sandboxed_frame_says_at_once_what_is_wrong() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        let frame =
            format!("<iframe sandbox='allow-scripts' src='{}'></iframe>", page.address("?lang=en"));
        page.open_host(&frame).await?;
        page.enter_frame(0).await?;
        page.wait_for_text("#boot", "allow-same-origin").await?;
        page.take_errors().await?;
        Ok(())
    })
}

#[test]
fn on_a_slow_line_the_page_shows_that_it_is_coming() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        page.line().slow(Duration::from_millis(150), 200_000);
        page.goto("about:blank").await?;
        let address = page.address("?lang=en&scenario=lock-and-queue");
        page.script(&format!("setTimeout(() => location.href = {address:?});")).await?;
        page.wait_for_text("#boot", "Loading Antes").await?;
        page.wait_for_text(".boot-bytes", "kB").await?;
        ensure!(page.find(".boot-picture").await?.is_displayed().await?, "there is a picture");
        page.line().fast();
        page.find("[data-node='4']").await?;
        Ok(())
    })
}

#[test]
fn a_language_that_is_being_fetched_shows_that_it_is_coming() -> Result<()> {
    Visitor::laptop().visit("?lang=en", async |page| {
        page.line().slow(Duration::from_millis(1500), 200_000);
        // The page records this, since a driver may be slower than the network.
        page.script(
            "window.seen = '';
             new MutationObserver(() => window.seen += document.querySelector('.busy')?.textContent ?? '')
                 .observe(document.body, { childList: true, subtree: true, characterData: true });",
        )
        .await?;
        page.click(".tools [data-action=language]").await?;
        page.wait_until("it says that it loads", async || {
            let seen = page.script("return seen;").await?;
            Ok(seen.as_str().is_some_and(|seen| seen.contains("Loading")))
        })
        .await?;
        page.wait_until("it is gone", async || Ok(page.count(".busy").await? == 0)).await?;
        ensure!(page.attribute("html", "lang").await? == "pt-BR", "the page has changed");
        Ok(())
    })
}

#[test]
fn less_motion_is_a_switch() -> Result<()> {
    Visitor::laptop().visit("?lang=en&scenario=leader-dies", async |page| {
        page.click("[data-action=more]").await?;
        page.click("dialog [data-action=motion][data-about=reduced]").await?;
        press_key(page, Key::Escape).await?;
        ensure!(page.attribute("html", "data-motion").await? == "reduced", "it is switched");
        page.click("[data-action=play]").await?;
        let seen = page
            .script(
                "return new Promise(done => {
                     const places = new Set();
                     const look = left => {
                         for (const message of document.querySelectorAll('[data-message]:not([data-lost])'))
                             places.add(message.dataset.message + message.getAttribute('transform'));
                         if (left) requestAnimationFrame(() => look(left - 1));
                         else done([places.size, document.querySelectorAll('[data-message]').length]);
                     };
                     look(90);
                 });",
            )
            .await?;
        // From event to event, a message is drawn in few places; smoothly, it is drawn in a new place in each
        // frame.
        let [Some(places), Some(_)] = [0, 1].map(|at| seen[at].as_u64()) else {
            bail!("nothing was seen: {seen}");
        };
        ensure!(places < 60, "messages were drawn at {places} places in 90 frames");
        Ok(())
    })
}

#[test]
fn an_element_that_lights_up_while_it_is_pressed_is_clicked_nevertheless() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=2990000", async |page| {
        for css in [".diagram .dot:last-of-type", ".ring .flight:not(.dead) .hit"] {
            let [x, y] = page.middle(css).await?;
            page.script(
                "window.clicked = null;
                 addEventListener('click', e => window.clicked = !!e.target.closest('[data-action]'), { once: true, capture: true });",
            )
            .await?;
            // Presses as soon as the node is pointed at, and releases after the page has drawn the highlight.
            page.mouse(&[Move::To(2.0, 2.0), Move::To(x, y), Move::Down]).await?;
            page.script(
                "return new Promise(seen => {
                     let frames = 5;
                     const next = () => frames-- ? requestAnimationFrame(next) : seen();
                     next();
                 });",
            )
            .await?;
            page.mouse(&[Move::Up]).await?;
            page.wait_until("the click is one of what was pressed", async || {
                Ok(page.script("return clicked;").await? == true)
            })
            .await
            .with_context(|| css)?;
        }
        Ok(())
    })
}
