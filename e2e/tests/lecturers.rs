//! The lessons and the slide of docs/lecturers.md work as described.

mod common;

use antes_e2e::{Key, Page, Result, Visitor, ensure};
use axum::Router;
use axum::response::Html;
use common::{leaders, node, now_us, play_until};
use tokio::net::TcpListener;

/// Selects the event of this log line.
async fn select(page: &Page, line: &str) -> Result<()> {
    page.unfold().await?;
    page.wait_for_text(".log", line).await?;
    let found = page
        .script(&format!(
            "const all = [...document.querySelectorAll('.log [data-event]')];
             const line = all.find(each => each.textContent.includes({line:?}));
             line?.scrollIntoView({{ block: 'center' }});
             return line?.dataset.event;"
        ))
        .await?;
    let event = found.as_str().unwrap_or_default().to_owned();
    page.click(&format!(".log [data-event='{event}']")).await
}

#[test]
fn a_smaller_stamp_proves_nothing_and_vectors_show_it() -> Result<()> {
    let address = "?scenario=concurrent-but-ordered&t=3000000";
    Visitor::laptop().visit(address, async |page| {
        let clocks = [node(page, 1, "data-clock").await?, node(page, 2, "data-clock").await?];
        ensure!(clocks == ["1", "3"], "the clocks show {clocks:?}");
        select(page, "Node 1 has a local event").await?;
        ensure!(page.count(".lit .dot.selected").await? == 1, "the event is marked");
        ensure!(page.count(".lit .dot:is(.past, .future)").await? == 0, "node 2's are lit as well");
        let told = page.text(".why .causality").await?;
        ensure!(told.contains("concurrent"), "the inspector says: {told}");
        page.click("[data-action=vector]").await?;
        page.wait_for_text(".space-time", "(1,0,0)").await?;
        page.wait_for_text(".space-time", "(0,3,0)").await?;
        page.press(char::from(Key::End)).await?;
        select(page, "Node 2 receives").await?;
        page.wait_for_text(".why", "max(3, 2) + 1").await
    })
}

#[test]
fn a_node_that_crashes_while_it_announces_itself_does_not_win() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=1800000", async |page| {
        ensure!(node(page, 4, "data-state").await? == "crashed", "node 4 is up");
        page.press(char::from(Key::Right)).await?;
        play_until(page, 0, "node 3 announces itself", async || {
            Ok(page.count("[data-kind=COORDINATOR]").await? > 0)
        })
        .await?;
        page.click("[data-node='3']").await?;
        play_until(page, 0, "node 2 leads in the end", async || {
            Ok(leaders(page).await?[..2] == ["2", "2"])
        })
        .await?;
        page.press("4").await?;
        play_until(page, 0, "the highest takes over", async || {
            let leaders = leaders(page).await?;
            Ok([&leaders[0], &leaders[1], &leaders[3]] == ["4", "4", "4"])
        })
        .await
    })
}

#[test]
fn the_lock_breaks_at_three_and_four_tenths_and_hardened_it_waits() -> Result<()> {
    let address = "?scenario=lock-through-a-leader-crash";
    Visitor::laptop().visit(address, async |page| {
        play_until(page, 12, "it stops at a violation", async || {
            Ok(page.attribute(".app", "data-violations").await? != "0"
                && page.attribute(".app", "data-playing").await? == "false")
        })
        .await?;
        ensure!(now_us(page).await? == 3_400_000, "it stops at {}", now_us(page).await?);
        Ok(())
    })?;
    let hardened = format!("{address}&profile=hardened");
    for (at_us, lock) in [(9_860_000, "waiting"), (9_900_000, "holding")] {
        Visitor::laptop().visit(&format!("{hardened}&t={at_us}"), async |page| {
            let seen = node(page, 2, "data-lock").await?;
            ensure!(seen == lock, "at {at_us} us node 2 is {seen}");
            Ok(())
        })?;
    }
    Ok(())
}

/// Serves a deck with a slide from another origin than the page's.
async fn deck(slide: String) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/", listener.local_addr()?);
    let deck = Router::new().fallback(async move || Html(slide.clone()));
    tokio::spawn(async { axum::serve(listener, deck).await });
    Ok(address)
}

#[test]
fn a_slide_shows_the_moment_and_takes_no_key_before_it_is_clicked() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        let address = page.address("?embed=1&scenario=leader-dies&t=1800000");
        let frame = format!(
            "<!doctype html><link rel=icon href=data:,><iframe src=\"{address}\" width=900 height=560
             title=\"The leader dies\" style=\"border: 0\"></iframe><script>
             onmessage = ({{ data }}) => {{ if (data.antes === 'ready') document.title = 'ready'; }};
             </script>"
        );
        page.goto(deck(frame).await?).await?;
        // WebKit's driver moves the focus into a frame that it enters. So no frame is entered before the key
        // is pressed.
        page.wait_until("the run is there", async || {
            Ok(page.script("return document.title;").await? == "ready")
        })
        .await?;
        page.press(char::from(Key::Right)).await?;
        page.find("iframe").await?.enter_frame().await?;
        page.find("[data-node='4'][data-state=crashed]").await?;
        ensure!(!page.find(".top").await?.is_displayed().await?, "there is a header");
        ensure!(now_us(page).await? == 1_800_000, "it has taken the key");
        page.click("[data-node='4']").await?;
        page.find("[data-node='4'][data-state=alive]").await?;
        Ok(())
    })
}
