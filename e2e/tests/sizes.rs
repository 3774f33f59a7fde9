//! The page in small and large windows, with large type, and in other pages. These are some views of `cargo
//! xtask matrix`, with interaction.

mod common;

use antes_e2e::matrix::{self, Moment, View};
use antes_e2e::{Move, Page, Result, Visitor, bail, ensure};
use common::node;

const fn view(width: u32, height: u32, moment: Moment) -> View {
    View::new(width, height, moment)
}

/// Fails with all faults of these views.
fn are_fine(views: &[View]) -> Result<()> {
    let mut wrong = Vec::new();
    Visitor::laptop().visit_unopened(async |page| {
        for view in views {
            if let Err(error) = matrix::is_fine(page, view).await {
                wrong.push(error.to_string());
            }
        }
        Ok(())
    })?;
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn nothing_overlaps_and_no_text_is_cut_in_windows_of_any_size() -> Result<()> {
    are_fine(&[
        view(320, 568, Moment::Broken).portuguese(),
        view(375, 812, Moment::First),
        view(812, 375, Moment::Menu).portuguese(),
        view(600, 338, Moment::Panel),
        view(400, 300, Moment::Notice).portuguese(),
        view(768, 1024, Moment::Broken),
        view(900, 700, Moment::Menu).portuguese(),
        view(960, 540, Moment::Broken).portuguese(),
        view(1280, 720, Moment::Notice),
        view(3840, 2160, Moment::Broken),
    ])
}

#[test]
fn nothing_overlaps_with_nine_and_with_sixteen_nodes() -> Result<()> {
    are_fine(&[
        view(320, 568, Moment::Nine).portuguese(),
        view(320, 568, Moment::Sixteen),
        view(375, 812, Moment::Sixteen).portuguese(),
        view(375, 812, Moment::SixteenMenu),
        view(600, 338, Moment::Nine),
        view(600, 338, Moment::Sixteen),
        view(1280, 720, Moment::Nine).portuguese(),
        view(1280, 720, Moment::Sixteen),
        view(1280, 720, Moment::SixteenMenu).portuguese(),
        view(1920, 1080, Moment::Sixteen),
        view(640, 360, Moment::Sixteen).embedded(),
    ])
}

#[test]
fn nothing_overlaps_with_large_type_or_a_page_that_is_zoomed() -> Result<()> {
    are_fine(&[
        view(375, 812, Moment::Selected).portuguese().with_text(200),
        view(1280, 720, Moment::Broken).with_text(200),
        view(1280, 720, Moment::Broken).portuguese().zoomed(),
        view(1920, 1080, Moment::Broken).portuguese().projected(),
    ])
}

#[test]
fn nothing_overlaps_in_frames_of_any_size() -> Result<()> {
    are_fine(&[
        view(320, 240, Moment::Broken).portuguese().embedded(),
        view(320, 240, Moment::Menu).embedded(),
        view(480, 320, Moment::Notice).portuguese().embedded(),
        view(640, 360, Moment::First).embedded(),
        view(900, 560, Moment::Broken).embedded(),
    ])
}

#[test]
fn the_machine_that_looks_for_faults_finds_them() -> Result<()> {
    Visitor::laptop().visit("", async |page| {
        for (damage, said) in [
            ("document.querySelector('.transport').style.width = '2000px';", "too wide"),
            (
                "document.querySelector('.play').style.transform = 'translateX(60px)';",
                "lie upon each other",
            ),
            (
                "document.querySelector('.top h1').style.cssText = 'width: 20px; overflow: hidden'",
                "cut off",
            ),
            ("document.querySelector('.told p').style.fontSize = '9px';", "too small to read"),
        ] {
            page.open("").await?;
            page.script(damage).await?;
            let faults = matrix::faults(page).await?.join("\n");
            ensure!(faults.contains(said), "{damage}: {faults}");
        }
        Ok(())
    })
}

#[test]
fn a_phone_shows_the_ring_the_diagram_and_the_time_on_its_first_screen() -> Result<()> {
    for (width, height) in [(320, 568), (375, 812), (812, 375), (768, 1024), (400, 300)] {
        Visitor::with_screen(width, height).visit("", async |page| {
            let ends = page
                .script(
                    "const bar = document.querySelector('.transport').getBoundingClientRect();
                     const ends = ['.ring-surface', '.space-time']
                         .map(css => document.querySelector(css).getBoundingClientRect().bottom);
                     return Math.max(...ends) <= bar.top && bar.bottom <= innerHeight + 1;",
                )
                .await?;
            ensure!(ends == true, "not at {width}x{height}");
            Ok(())
        })?;
    }
    Ok(())
}

/// The centre of a node, in the window.
async fn middle(page: &Page, number: u8) -> Result<(i64, i64)> {
    let told = page
        .script(&format!(
            "const it = document.querySelector(\"[data-node='{number}'] .disc\").getBoundingClientRect();
             return [it.x + it.width / 2, it.y + it.height / 2].map(Math.round);"
        ))
        .await?;
    let [Some(x), Some(y)] = [0, 1].map(|axis| told[axis].as_i64()) else {
        bail!("node {number} is nowhere: {told}");
    };
    Ok((x, y))
}

#[test]
fn a_notice_leaves_the_ring_where_it_is_so_that_a_second_click_hits() -> Result<()> {
    let embedded = "?embed=1&scenario=leader-dies";
    for (width, height, query) in [
        (900, 560, embedded),
        (320, 240, embedded),
        (560, 315, embedded),
        (1280, 720, "?scenario=leader-dies"),
        (960, 540, "?scenario=leader-dies"),
    ] {
        Visitor::with_screen(width, height).visit(query, async |page| {
            for number in [4, 1] {
                let (x, y) = middle(page, number).await?;
                let click = || async { page.action_chain().move_to(x, y).click().perform().await };
                click().await?;
                page.find(".notice").await?;
                ensure!(node(page, number, "data-state").await? == "crashed", "one click crashes");
                ensure!(middle(page, number).await? == (x, y), "the ring has moved");
                click().await?;
                ensure!(node(page, number, "data-state").await? == "alive", "the next restarts");
            }
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn a_frame_that_stops_at_a_violation_says_so_in_words() -> Result<()> {
    let query = "?embed=1&lang=en&scenario=lock-through-a-leader-crash&t=3300000";
    for (width, height) in [(320, 240), (640, 360), (900, 560)] {
        Visitor::with_screen(width, height).visit(query, async |page| {
            page.wait_for_text(".verdict", "invariants hold").await?;
            page.click("[data-action=play]").await?;
            page.wait_for_text(".verdict", "broken").await?;
            ensure!(
                page.find(".narration .told p").await?.is_displayed().await?,
                "the caption stays"
            );
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn a_frame_that_may_not_fill_the_screen_has_no_button_for_it() -> Result<()> {
    Visitor::with_screen(640, 360).visit_unopened(async |page| {
        let forbid = "Object.defineProperty(document, 'fullscreenEnabled', { value: false });";
        page.extra().set_front(forbid);
        page.open("?embed=1").await?;
        ensure!(page.count("[data-action=full-screen]").await? == 0, "a dead button");
        Ok(())
    })
}

/// A finger that moves from `from` by `by`, in ten steps.
async fn swipe(page: &Page, from: [f64; 2], by: [f64; 2]) -> Result<()> {
    let to = |share: f64| Move::To(from[0] + by[0] * share, from[1] + by[1] * share);
    let mut moves = vec![to(0.0), Move::Down];
    moves.extend((1..=10).map(|step| to(f64::from(step) / 10.0)));
    moves.push(Move::Up);
    page.fingers(&[&moves]).await
}

/// Whether a finger that moves from the diagram's middle by `by` scrolls the page, and whether it moves the
/// diagram.
async fn moved(page: &Page, by: [f64; 2]) -> Result<[bool; 2]> {
    let place = "return JSON.stringify([scrollY,
        document.querySelector('.diagram > svg:not(.probe) > g').getAttribute('transform')]);";
    let place = async || -> Result<(f64, String)> {
        let told = page.script(place).await?;
        Ok(serde_json::from_str(told.as_str().unwrap_or_default())?)
    };
    let before = place().await?;
    swipe(page, page.middle(".chart").await?, by).await?;
    let after = place().await?;
    Ok([before.0 != after.0, before.1 != after.1])
}

#[test]
fn a_finger_across_the_diagram_moves_the_diagram_and_not_the_page() -> Result<()> {
    Visitor::phone().visit("?scenario=leader-dies&t=3000000", async |page| {
        let [page_moved, diagram_moved] = moved(page, [140.0, 8.0]).await?;
        ensure!(diagram_moved, "the diagram stays");
        ensure!(!page_moved, "the page moves");
        Ok(())
    })
}

#[test]
fn a_finger_down_the_diagram_moves_the_page_and_not_the_diagram() -> Result<()> {
    Visitor::phone().visit("?scenario=leader-dies&t=3000000", async |page| {
        let [page_moved, diagram_moved] = moved(page, [3.0, -160.0]).await?;
        ensure!(page_moved, "the page stays");
        ensure!(!diagram_moved, "the diagram moves");
        Ok(())
    })
}

#[test]
fn type_for_a_projector_is_a_switch_and_part_of_the_address() -> Result<()> {
    Visitor::projector().visit("?lang=en", async |page| {
        page.click("[data-action=more]").await?;
        page.click("dialog [data-action=type][data-about=projector]").await?;
        page.press(char::from(antes_e2e::Key::Escape)).await?;
        page.wait_until("the address has it", async || {
            let query = page.script("return location.search;").await?;
            Ok(query.as_str().is_some_and(|query| query.contains("type=projector")))
        })
        .await?;
        page.reload().await?;
        let size =
            page.script("return parseFloat(getComputedStyle(document.body).fontSize);").await?;
        ensure!(size.as_f64() >= Some(20.0), "the type is {size} px");
        Ok(())
    })
}
