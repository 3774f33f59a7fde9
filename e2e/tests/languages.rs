//! In each language, every scenario shows only texts of that language until its end.

use antes_e2e::{Key, Result, Visitor, ensure};
use antes_sim::library::LIBRARY;

/// Words that occur in only one of the two languages.
const ENGLISH: &[&str] =
    &["the", "and", "is", "of", "was", "from", "with", "its", "node", "nobody"];
const PORTUGUESE: &[&str] = &["o", "os", "da", "de", "que", "uma", "não", "nó", "ninguém", "para"];

/// Chooses a scenario through the search panel.
const CHOOSE: &str = "const control = document.createElement('button');
    control.dataset.action = 'found';
    control.dataset.about = arguments[0];
    document.querySelector('#app').append(control);
    control.click();
    control.remove();";

/// All texts and names, except those marked as belonging to the other language.
const TEXTS: &str = "const app = document.querySelector('.app').cloneNode(true);
    app.querySelectorAll('[lang]').forEach(each => each.remove());
    const names = [...app.querySelectorAll('*')].flatMap(each => ['title', 'aria-label', 'placeholder']
        .map(name => each.getAttribute(name)).filter(Boolean));
    const texts = [...app.querySelectorAll('*')].flatMap(each => [...each.childNodes]
        .filter(child => child.nodeType === Node.TEXT_NODE).map(child => child.textContent));
    return [...names, ...texts];";

fn has_any(text: &str, words: &[&str]) -> bool {
    let mut spoken = text.split(|letter: char| !letter.is_alphabetic());
    spoken.any(|word| words.contains(&word.to_lowercase().as_str()))
}

#[test]
fn no_text_is_in_the_other_language_in_any_scenario_played_to_its_end() -> Result<()> {
    for (tag, foreign) in [("pt", ENGLISH), ("en", PORTUGUESE)] {
        Visitor::laptop().visit(&format!("?lang={tag}"), async |page| {
            for (slug, _) in LIBRARY {
                page.execute(CHOOSE, vec![(*slug).into()]).await?;
                page.wait_until(slug, async || {
                    Ok(page.attribute(".app", "data-scenario").await? == *slug)
                })
                .await?;
                page.press(char::from(Key::End)).await?;
                let told = page.script(TEXTS).await?;
                let told: Vec<&str> = told
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|text| text.as_str())
                    .collect();
                ensure!(told.len() > 50, "{slug}: the page says little: {told:?}");
                for text in told {
                    ensure!(!has_any(text, foreign), "{slug}, {tag}: {text}");
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}
