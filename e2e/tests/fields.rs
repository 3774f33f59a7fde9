//! Text fields of the page in a frame: their keys are never handed to the page around it.

mod common;

use antes_e2e::{Host, Key, Page, Pages, Result, Visitor, ensure};
use common::host::{around, frame, hears};
use common::{events, now_us};

/// All keys that the frame hands over elsewhere, at the beginning of the run.
const KEYS: [&str; 6] = ["f", "F", ".", " ", "n", "1"];
const NAMED: [Key; 8] =
    [Key::Left, Key::Right, Key::Up, Key::Down, Key::PageUp, Key::PageDown, Key::Home, Key::End];

/// Opens a page with the whole program in a frame, and enters the frame.
fn visit_framed(query: &str, test: impl AsyncFnOnce(&Page) -> Result<()>) -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        let wide = "style=\"width: 1240px; height: 700px\"";
        let host = Host::serve(Pages::one(around(&frame(&page.address(query), wide)))).await?;
        page.goto(host.address("")).await?;
        hears(page, "ready").await?;
        page.find("iframe").await?.enter_frame().await?;
        test(page).await
    })
}

/// The keys that the page around has been told, in both forms.
async fn handed_over(page: &Page) -> Result<Vec<String>> {
    page.enter_default_frame().await?;
    let told = page.script(
        "return heard.filter(it => it?.antes === 'key' || typeof it === 'string')
           .map(it => it.key ?? JSON.parse(it).method);",
    );
    let told = serde_json::from_value(told.await?)?;
    page.find("iframe").await?.enter_frame().await?;
    Ok(told)
}

async fn has_focus(page: &Page, css: &str) -> Result<bool> {
    Ok(page.script(&format!("return document.activeElement.matches({css:?})")).await? == true)
}

/// Presses every key in a field. The focus is put back, since arrows may leave the field for a list.
async fn press_all(page: &Page, css: &str) -> Result<()> {
    let focus = format!("document.querySelector({css:?}).focus()");
    for key in NAMED.map(char::from).map(String::from).into_iter().chain(KEYS.map(String::from)) {
        page.script(&focus).await?;
        ensure!(has_focus(page, css).await?, "{css} does not get the focus");
        page.press(key).await?;
    }
    Ok(())
}

const WHOLE: &str = "?embed=1&controls=full&scenario=leader-dies&lang=en";

/// Shows that nothing was handed over, and that a key outside of the fields is.
async fn only_outside_of_fields(page: &Page) -> Result<()> {
    let told = handed_over(page).await?;
    ensure!(told.is_empty(), "the page around is told {told:?}");
    ensure!(now_us(page).await? == 0 && events(page).await? == 0, "a key has moved the run");
    ensure!(page.count("[data-state=crashed]").await? == 0, "a key has crashed a node");
    page.press(char::from(Key::Escape)).await?;
    page.wait_until("the panel is closed", async || Ok(page.count("dialog[open]").await? == 0))
        .await?;
    let told = handed_over(page).await?;
    ensure!(told.is_empty(), "Escape closes the panel, and the page around is told {told:?}");
    page.click(".ring").await?;
    page.press(char::from(Key::Left)).await?;
    page.wait_until("the arrow is handed over", async || {
        let mut told = handed_over(page).await?;
        told.sort();
        Ok(told == ["ArrowLeft", "left"])
    })
    .await
}

#[test]
fn keys_in_the_field_of_the_finder_stay_there() -> Result<()> {
    visit_framed(WHOLE, async |page| {
        page.click("[data-action=find]").await?;
        press_all(page, ".finder input").await?;
        let typed = page.script("return document.querySelector('.finder input').value").await?;
        ensure!(typed == "fF. n1", "the field has {typed}");
        only_outside_of_fields(page).await
    })
}

#[test]
fn keys_in_the_field_with_the_address_stay_there() -> Result<()> {
    visit_framed(WHOLE, async |page| {
        page.click("[data-action=share]").await?;
        press_all(page, ".share input").await?;
        only_outside_of_fields(page).await
    })
}

#[test]
fn keys_in_a_field_for_a_number_stay_there() -> Result<()> {
    visit_framed(WHOLE, async |page| {
        common::away::open_panel(page).await?;
        press_all(page, ".away input[type=number]").await?;
        only_outside_of_fields(page).await
    })
}

#[test]
fn escape_on_a_button_of_a_panel_closes_the_panel_and_is_not_handed_over() -> Result<()> {
    visit_framed(WHOLE, async |page| {
        page.click("[data-action=share]").await?;
        page.script("document.querySelector('dialog [data-action=copy]').focus()").await?;
        only_outside_of_fields(page).await
    })
}
