//! The minimum, for every engine and for the published page.

mod common;

use antes_e2e::{Result, Visitor, ensure};
use common::{leaders, node, play_until};

#[test]
fn page_starts_and_is_not_empty() -> Result<()> {
    Visitor::laptop().visit("", async |page| {
        let text = page.text("body").await?;
        ensure!(!text.is_empty(), "the page is empty");
        ensure!(page.count("#app > *").await? > 0, "the program drew nothing into #app");
        let loading = page.find("#boot").await?.is_displayed().await?;
        ensure!(!loading, "the page still says that it is loading");
        page.screenshot("smoke").await
    })
}

#[test]
fn a_clicked_leader_dies_and_the_others_elect_the_next() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies", async |page| {
        page.click("[data-node='4']").await?;
        ensure!(node(page, 4, "data-state").await? == "crashed", "a click crashes a node");
        play_until(page, 2, "3 leads", async || Ok(leaders(page).await?[..3] == ["3", "3", "3"]))
            .await
    })
}
