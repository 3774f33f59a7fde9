//! Keys, languages, themes, menus, messages, addresses.

mod common;

use antes_e2e::{Key, Page, Result, Visitor, ensure};
use common::{fits_sideways, node, now_us, picture};

#[test]
fn everything_can_be_done_from_the_keyboard() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies", async |page| {
        page.press(char::from(Key::Right)).await?;
        let stepped = now_us(page).await?;
        ensure!(stepped > 0, "an arrow steps");
        page.press(char::from(Key::Left)).await?;
        ensure!(now_us(page).await? < stepped, "and back");
        page.press("4").await?;
        ensure!(node(page, 4, "data-state").await? == "crashed", "a digit crashes a node");
        page.press("4").await?;
        ensure!(node(page, 4, "data-state").await? == "alive", "and restarts it");
        page.press(".").await?;
        ensure!(page.attribute(".app", "data-playing").await? == "true", "a dot plays");
        page.press(" ").await?;
        ensure!(page.attribute(".app", "data-playing").await? == "false", "a space pauses");
        page.press("?").await?;
        ensure!(page.text("[role=dialog]").await?.contains("Shift"), "? shows the keys");
        page.press(char::from(Key::Escape)).await?;
        ensure!(page.count("[role=dialog]").await? == 0, "Escape closes them");
        Ok(())
    })
}

/// Marks the ring, a node and the diagram, so that a test can tell whether they were replaced.
const MARK: &str = "for (const css of ['.ring', \"[data-node='3']\", '.diagram'])
    document.querySelector(css).marked = true;";

/// Fails unless the marked elements still exist and are visible.
async fn marked_is_in_place(page: &Page) -> Result<()> {
    for css in [".ring", "[data-node='3']", ".diagram"] {
        let look = format!(
            "const it = document.querySelector(\"{css}\");
             return it?.marked === true && it.getBoundingClientRect().width > 0;"
        );
        ensure!(page.script(&look).await? == true, "{css} is not what it was");
    }
    Ok(())
}

#[test]
fn a_panel_above_the_page_leaves_the_ring_and_the_diagram_where_they_are() -> Result<()> {
    for (opener, query) in
        [("help", ""), ("share", ""), ("help", "?scenario=lock-and-queue&lang=pt")]
    {
        Visitor::laptop().visit(query, async |page| {
            page.script(MARK).await?;
            page.click(&format!("[data-action={opener}]")).await?;
            page.find("dialog[open]").await?;
            marked_is_in_place(page).await?;
            page.press(char::from(Key::Escape)).await?;
            ensure!(page.count("dialog").await? == 0, "Escape closes the panel");
            marked_is_in_place(page).await
        })?;
    }
    Ok(())
}

#[test]
fn the_moment_can_be_read_at_the_very_beginning_of_a_run() -> Result<()> {
    for visitor in [Visitor::laptop(), Visitor::phone()] {
        visitor.visit("?scenario=leader-dies", async |page| {
            let hidden = page
                .script(
                    "const part = document.querySelector('.diagram > svg > g').parentElement;
                     const m = part.ownerSVGElement.getScreenCTM();
                     const edge = m.e + m.a * part.x.baseVal.value;
                     // Without the stroke around it, which only some browsers count.
                     const label = document.querySelector('.cursor rect');
                     const place = label.getScreenCTM();
                     return edge - place.e - place.a * label.getBBox().x;",
                )
                .await?;
            let hidden = hidden.as_f64().unwrap_or(f64::INFINITY);
            ensure!(hidden <= 0.5, "{hidden} pixels of it are cut off");
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn a_node_has_a_menu_for_everything_else() -> Result<()> {
    Visitor::laptop().visit("?scenario=lock-and-queue&t=400000", async |page| {
        page.click("[data-action=node-menu][data-about='1']").await?;
        page.click("[role=menu] [data-action=request]").await?;
        ensure!(node(page, 1, "data-lock").await? == "waiting", "it asks for the lock");
        page.click("[data-action=node-menu][data-about='3']").await?;
        page.click("[role=menu] [data-action=freeze]").await?;
        ensure!(node(page, 3, "data-state").await? == "paused", "it is paused");
        Ok(())
    })
}

#[test]
fn links_are_cut_one_way_both_ways_and_between_sides_and_all_of_them_are_named() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=700000", async |page| {
        let open = async |action: &str| -> Result<()> {
            page.click("[data-action=node-menu][data-about='1']").await?;
            page.click(&format!("[role=menu] [data-action={action}]")).await
        };
        open("links").await?;
        page.click("[role=menu] [data-action=cut-to][data-about='1-2']").await?;
        page.wait_for_text(".notice", "1 → 2.").await?;
        open("links").await?;
        page.click("[role=menu] [data-action=cut-both][data-about='1-4']").await?;
        page.wait_for_text(".notice", "1 ↔ 4.").await?;
        page.click("[data-action=undo]").await?;
        ensure!(page.count(".cut").await? == 1, "both ways are undone at once");
        open("sides").await?;
        page.click("[role=menu] [role=menuitemcheckbox]:nth-of-type(2)").await?;
        page.find("[role=menuitemcheckbox][aria-checked=true]").await?;
        page.click("[role=menu] [data-action=split]").await?;
        page.wait_for_text(".notice", "1 ↔ 4").await?;
        ensure!(page.count(".cut").await? == 4, "{} links are cut", page.count(".cut").await?);
        Ok(())
    })
}

#[test]
fn a_clicked_message_freezes_the_world_and_can_be_dropped() -> Result<()> {
    Visitor::laptop().visit("", async |page| {
        let id = page.attribute("[data-kind=OK]", "data-message").await?;
        page.click(&format!("[data-message='{id}']")).await?;
        ensure!(page.attribute(".app", "data-playing").await? == "false", "the world is frozen");
        page.click("[role=menu] [data-action=drop]").await?;
        page.find(&format!("[data-message='{id}'][data-lost=true]")).await?;
        Ok(())
    })
}

#[test]
fn the_fate_of_a_delayed_or_hurried_message_is_told() -> Result<()> {
    for action in ["delay", "deliver"] {
        Visitor::laptop().visit("", async |page| {
            let id = page.attribute("[data-kind=OK]", "data-message").await?;
            page.click(&format!("[data-message='{id}']")).await?;
            page.click(&format!("[role=menu] [data-action={action}]")).await?;
            page.wait_for_text(".notice", "arrives").await
        })?;
    }
    Ok(())
}

#[test]
fn a_selected_event_lights_its_past_and_future_and_says_so() -> Result<()> {
    Visitor::laptop().visit("", async |page| {
        page.unfold().await?;
        // The last line is selected already, so this takes another one.
        page.click(".log li:nth-last-child(3) button").await?;
        ensure!(page.text(".why .causality").await?.contains("happened before it"), "in words");
        ensure!(page.count(".lit .dot.past, .lit .dot.selected").await? > 0, "and in the diagram");
        Ok(())
    })
}

#[test]
fn the_page_speaks_two_languages() -> Result<()> {
    Visitor::laptop().language("pt-BR").visit("", async |page| {
        page.wait_for_text(".transport", "Rodar").await?;
        page.click("[data-action=language]").await?;
        page.wait_for_text(".transport", "Play").await
    })?;
    Visitor::laptop().visit("?lang=pt", async |page| {
        ensure!(page.attribute("html", "lang").await? == "pt-BR", "the address decides");
        page.unfold().await?;
        page.wait_for_text(".log", "O nó").await
    })
}

#[test]
fn a_reload_shows_the_very_same_moment() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&seed=42", async |page| {
        for _ in 0..20 {
            page.press(char::from(Key::Right)).await?;
        }
        page.click("[data-node='2']").await?;
        for _ in 0..7 {
            page.press(char::from(Key::Right)).await?;
        }
        let before = picture(page).await?;
        page.wait_until("the address tells of it", async || {
            let address = page.script("return location.search;").await?;
            let at = format!("t={}", now_us(page).await?);
            Ok(address.as_str().is_some_and(|query| query.contains(&at) && query.contains("do=")))
        })
        .await?;
        page.reload().await?;
        let after = picture(page).await?;
        ensure!(after == before, "the reloaded page shows something else:\n{before}\n{after}");
        Ok(())
    })
}

#[test]
fn a_malformed_address_gets_a_clear_message_and_a_usable_page() -> Result<()> {
    let hostile = "?scenario=nope&seed=%3Cscript%3E&do=zz~~&t=-1&theme=%00&lang=xx&profile=x";
    Visitor::laptop().visit(hostile, async |page| {
        let said = page.text(".trouble").await?;
        ensure!(
            said.contains("nope") && said.contains("<script>"),
            "it says what is wrong: {said}"
        );
        page.click(".trouble [data-action=close]").await?;
        ensure!(page.count(".trouble").await? == 0, "and can be closed");
        page.press(char::from(Key::Right)).await?;
        ensure!(page.count("[data-node]").await? == 4, "the page works");
        Ok(())
    })
}

#[test]
fn an_embedded_page_shows_the_pictures_and_the_bar_alone() -> Result<()> {
    Visitor::with_screen(900, 560).visit("?embed=1&scenario=leader-dies", async |page| {
        ensure!(!page.find(".top").await?.is_displayed().await?, "no header");
        ensure!(page.find(".ring").await?.is_displayed().await?, "the ring");
        ensure!(page.attribute(".app", "data-playing").await? == "false", "paused at first");
        page.screenshot("embedded").await
    })
}

#[test]
fn the_theme_can_be_switched() -> Result<()> {
    let ground = "return getComputedStyle(document.body).backgroundColor;";
    Visitor::laptop().visit("", async |page| {
        let light = page.script(ground).await?;
        page.click("[data-action=theme]").await?;
        ensure!(page.script(ground).await? != light, "the colours change");
        Ok(())
    })
}

#[test]
fn nothing_is_wider_than_the_screen_smaller_than_a_finger_or_too_small_to_read() -> Result<()> {
    let portuguese = Visitor::laptop().language("pt-BR");
    let screens = [Visitor::phone(), Visitor::laptop().dark(), portuguese, Visitor::projector()];
    let names = ["phone", "laptop-dark", "laptop-pt", "projector"];
    for (visitor, name) in screens.into_iter().zip(names) {
        visitor.visit("", async |page| {
            fits_sideways(page).await?;
            let small = page
                .script(
                    "return [...document.querySelectorAll('button, select, input, [role=button]')]
                       .filter(e => e.checkVisibility())
                       .filter(e => { const r = e.getBoundingClientRect(); return r.width < 24 || r.height < 24; })
                       .map(e => e.outerHTML.slice(0, 90));",
                )
                .await?;
            ensure!(small.as_array().is_some_and(Vec::is_empty), "too small to hit: {small}");
            let tiny = page
                .script(
                    "const shows = e => [...e.childNodes].some(c => c.nodeType === 3 && c.data.trim());
                     return [...document.querySelectorAll('body *')]
                       .filter(e => e.checkVisibility() && shows(e))
                       .filter(e => parseFloat(getComputedStyle(e).fontSize) < 12.5)
                       .map(e => e.outerHTML.slice(0, 90));",
                )
                .await?;
            ensure!(tiny.as_array().is_some_and(Vec::is_empty), "too small to read: {tiny}");
            page.screenshot(name).await
        })?;
    }
    Ok(())
}
