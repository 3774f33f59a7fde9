//! The panel that exports a run.

use antes_e2e::{Page, Result, ensure};
use serde_json::Value;

/// Catches what the page saves: names and contents, in the order in which they were saved.
pub const CATCH: &str = "window.saved = [];
    const made = URL.createObjectURL;
    let file;
    URL.createObjectURL = it => { file = it; return made(it); };
    HTMLAnchorElement.prototype.click = function () {
        const at = saved.push([this.download, null]) - 1;
        const keep = content => saved[at] = [this.download, content];
        if (this.href.startsWith('data:')) keep(atob(this.href.split(',')[1]));
        else file.arrayBuffer().then(buffer => {
            const bytes = new Uint8Array(buffer);
            const binary = () => bytes.reduce((text, byte) => text + String.fromCharCode(byte), '');
            keep(/gif|webm/.test(file.type) ? binary() : new TextDecoder().decode(bytes));
        });
    };";

/// Opens the panel from Share.
pub async fn open_panel(page: &Page) -> Result<()> {
    page.script(CATCH).await?;
    page.click("[data-action=share]").await?;
    page.click("[data-action=take-away]").await?;
    page.find(".away img").await?;
    Ok(())
}

/// Saves by this button. Each byte of a picture or a film is a character.
pub async fn saved_by(page: &Page, button: &str, format: &str) -> Result<(String, String)> {
    let count = page.script("return saved.length;").await?;
    page.click(button).await?;
    let last = format!("return saved.length > {count} ? saved.at(-1) : null;");
    page.wait_until(&format!("the {format} is saved"), async || {
        Ok(page.script(&last).await?[1].is_string())
    })
    .await?;
    let saved = page.script(&last).await?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok((text(&saved[0]), text(&saved[1])))
}

/// Chooses an entry of the panel's lists by its text.
pub async fn choose(page: &Page, entry: &str) -> Result<()> {
    let chosen = page
        .script(&format!(
            "for (const list of document.querySelectorAll('.away select'))
                for (const option of list.options)
                    if (option.text.toLowerCase() === {entry:?}) {{
                        list.selectedIndex = option.index;
                        list.dispatchEvent(new Event('change', {{ bubbles: true }}));
                        return true;
                    }}
             return false;"
        ))
        .await?;
    ensure!(chosen == true, "there is no {entry}");
    Ok(())
}

/// Sets where the film begins and ends, in seconds.
pub async fn set_film(page: &Page, from: f64, to: f64) -> Result<()> {
    page.script(&format!(
        "const set = (field, value) => {{
             field.value = value;
             field.dispatchEvent(new Event('change', {{ bubbles: true }}));
         }};
         const [from, to] = document.querySelectorAll('.away input[type=number]');
         set(from, {from});
         set(to, {to});"
    ))
    .await?;
    Ok(())
}
