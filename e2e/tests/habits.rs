//! Differences between browsers: clicks that do not focus, scroll bars, sliders.

mod common;

use antes_e2e::{Key, Page, Result, Visitor, bail, ensure};
use common::{events, node};
use serde_json::{Value, json};

/// From now on, a click on a button takes the focus away and gives it to nothing, as in Safari.
const SAFARI: &str = "addEventListener('mousedown', event => {
    event.preventDefault();
    document.activeElement?.blur();
}, true);";

async fn is_playing(page: &Page) -> Result<bool> {
    Ok(page.attribute(".app", "data-playing").await? == "true")
}

async fn focus_by_key(page: &Page, css: &str) -> Result<()> {
    page.press(char::from(Key::Tab)).await?;
    page.script(&format!("document.querySelector({css:?}).focus();")).await?;
    Ok(())
}

#[test]
fn after_a_click_that_moves_no_focus_space_and_the_arrows_mean_time() -> Result<()> {
    let keeps = "addEventListener('mousedown', event => event.preventDefault(), true);";
    for habit in [SAFARI, keeps] {
        Visitor::laptop().visit("?scenario=leader-dies&t=1000000", async |page| {
            page.unfold().await?;
            page.script(habit).await?;
            for control in ["[data-action=vector]", "[data-node='3']", ".log li button"] {
                focus_by_key(page, "[data-node='2']").await?;
                page.click(control).await?;
                let before = events(page).await?;
                page.press(char::from(Key::Right)).await?;
                ensure!(events(page).await? == before + 1, "{control}: an arrow steps on");
                page.press(char::from(Key::Left)).await?;
                page.press(" ").await?;
                ensure!(is_playing(page).await?, "{control}: a space plays");
                page.press(" ").await?;
                ensure!(!is_playing(page).await?, "{control}: and pauses");
                ensure!(node(page, 2, "data-state").await? == "alive", "{control}: node 2 dies");
            }
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn a_panel_gives_the_focus_to_the_button_that_was_clicked_though_the_click_moved_none() -> Result<()>
{
    Visitor::laptop().visit("?scenario=leader-dies&t=1000000", async |page| {
        page.script(SAFARI).await?;
        focus_by_key(page, "[data-action=node-menu][data-about='1']").await?;
        page.press(char::from(Key::Enter)).await?;
        page.find(".menu :focus").await?;
        page.press(char::from(Key::Escape)).await?;
        page.find("[data-action=node-menu][data-about='1']:focus").await?;
        page.click("[data-action=share]").await?;
        page.find("dialog[open] :focus").await?;
        page.press(char::from(Key::Escape)).await?;
        page.wait_until("no panel is open", async || Ok(page.count("dialog").await? == 0)).await?;
        page.find("[data-action=share]:focus").await?;
        Ok(())
    })
}

/// The colours at these places, in CSS pixels. Afterwards the page is no longer open.
async fn colours(page: &Page, places: &[[f64; 2]]) -> Result<Vec<[u64; 3]>> {
    let size = page.script("return innerWidth;").await?;
    let picture = page.screenshot_as_png_base64().await?;
    page.open_host("").await?;
    let read = "const [picture, places, width] = arguments;
        const image = new Image();
        image.src = 'data:image/png;base64,' + picture;
        return image.decode().then(() => {
            const canvas = document.createElement('canvas');
            [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
            const pen = canvas.getContext('2d'), scale = image.naturalWidth / width;
            pen.drawImage(image, 0, 0);
            return places.map(([x, y]) =>
                [...pen.getImageData(Math.floor(x * scale), Math.floor(y * scale), 1, 1).data].slice(0, 3));
        });";
    let told = page.execute(read, vec![json!(picture), json!(places), size]).await?;
    let told: Vec<[u64; 3]> = told.convert()?;
    ensure!(told.len() == places.len(), "some places have no colour");
    Ok(told)
}

fn numbers(told: &Value) -> Result<Vec<f64>> {
    let Some(list) = told.as_array() else { bail!("{told} is no list") };
    Ok(list.iter().filter_map(Value::as_f64).collect())
}

#[test]
fn in_the_dark_no_scroll_bar_is_white() -> Result<()> {
    let query = "?scenario=lock-and-queue&t=4000000";
    Visitor::laptop().dark().scroll_bars().visit(query, async |page| {
        let frame = "const it = document.querySelector('.log .scroll').getBoundingClientRect();
            return [it.right, it.top, it.bottom];";
        let frame = numbers(&page.script(frame).await?)?;
        let [right, top, bottom] = frame[..] else { bail!("there is no log: {frame:?}") };
        let mut places = Vec::new();
        for across in [1.5, 4.5, 7.5, 10.5] {
            for down in [0.05, 0.25, 0.5, 0.75, 0.95] {
                places.push([right - across, top + (bottom - top) * down]);
            }
        }
        let white = |colour: &[u64; 3]| colour.iter().all(|&part| part > 200);
        let seen = colours(page, &places).await?;
        let found = seen.iter().filter(|colour| white(colour)).count();
        ensure!(found == 0, "{found} places are as good as white: {seen:?}");
        Ok(())
    })
}

#[test]
fn sliders_are_alike() -> Result<()> {
    for visitor in [Visitor::laptop(), Visitor::laptop().dark()] {
        visitor.visit("?scenario=leader-dies&t=1000000", async |page| {
            // On the thumb, and on the track to its right.
            let places = "return ['seek', 'speed'].flatMap(name => {
                const it = document.querySelector(`input[data-action=${name}]`);
                const box = it.getBoundingClientRect(), thumb = 18;
                const share = (it.value - it.min) / (it.max - it.min);
                const middle = box.x + thumb / 2 + share * (box.width - thumb);
                return [middle, box.y + box.height / 2, box.right - thumb, box.y + box.height / 2];
            });";
            let places = numbers(&page.script(places).await?)?;
            let places: Vec<[f64; 2]> =
                places.chunks(2).map(|place| [place[0], place[1]]).collect();
            let seen = colours(page, &places).await?;
            ensure!(seen[0] == seen[2], "the thumbs differ: {seen:?}");
            ensure!(seen[1] == seen[3], "the tracks differ: {seen:?}");
            ensure!(seen[0] != seen[1], "thumb and track are the same: {seen:?}");
            Ok(())
        })?;
    }
    Ok(())
}
