//! The least that can be said of the page.

use antes_e2e::{Result, Visitor, ensure};

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
