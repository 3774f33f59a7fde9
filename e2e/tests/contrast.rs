//! Forced colours and increased contrast: information shown by colour stays visible.

use antes_e2e::{Page, Result, Visitor, ensure};
use serde_json::{Value, json};

/// Sets a preference of the browser, such as `forced-colors: active`.
async fn wish(page: &Page, wishes: &[(&str, &str)]) -> Result<()> {
    let features: Vec<_> =
        wishes.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    page.cdp().send_raw("Emulation.setEmulatedMedia", json!({ "features": features })).await?;
    Ok(())
}

/// The colours of an element, each as `[red, green, blue, share]`, the most frequent first. `rows` is the
/// part of its height that counts.
async fn colours(page: &Page, css: &str, rows: [f64; 2]) -> Result<Vec<[f64; 4]>> {
    let element = page.find(css).await?;
    element.scroll_into_view().await?;
    let picture = element.screenshot_as_png_base64().await?;
    let told = page
        .script(&format!(
            "return new Promise(done => {{
                 const image = new Image();
                 image.onload = () => {{
                     const canvas = document.createElement('canvas');
                     [canvas.width, canvas.height] = [image.width, image.height];
                     const pen = canvas.getContext('2d');
                     pen.drawImage(image, 0, 0);
                     const [top, bottom] = {rows:?}.map(share => Math.floor(share * image.height));
                     const {{ data }} = pen.getImageData(0, top, image.width, Math.max(1, bottom - top));
                     const counts = new Map();
                     for (let place = 0; place < data.length; place += 4) {{
                         const colour = data.slice(place, place + 3).join();
                         counts.set(colour, (counts.get(colour) ?? 0) + 4 / data.length);
                     }}
                     done([...counts].sort((a, b) => b[1] - a[1]).slice(0, 40)
                         .map(([colour, share]) => [...colour.split(',').map(Number), share]));
                 }};
                 image.src = 'data:image/png;base64,{picture}';
             }});"
        ))
        .await?;
    Ok(serde_json::from_value(told)?)
}

/// Counts the whole height of an element, like `rows`.
const ALL: [f64; 2] = [0.0, 1.0];

/// The contrast of two colours as WCAG defines it, from 1 to 21.
fn contrast(one: &[f64; 4], other: &[f64; 4]) -> f64 {
    let light = |colour: &[f64; 4]| {
        let linear = |part: f64| {
            let part = part / 255.0;
            if part <= 0.03928 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]) + 0.05
    };
    let (one, other) = (light(one), light(other));
    one.max(other) / one.min(other)
}

const FORCED: (&str, &str) = ("forced-colors", "active");

/// A moment with a refused write, an overdue invariant and a selected event.
const MOMENT: &str = "?scenario=stale-holder-hardened&t=10600000&lang=en";

#[test]
fn with_forced_colours_what_is_chosen_what_is_selected_and_the_tracks_are_seen() -> Result<()> {
    for scheme in ["light", "dark"] {
        Visitor::laptop().visit_unopened(async |page| {
            wish(page, &[FORCED, ("prefers-color-scheme", scheme)]).await?;
            page.open(MOMENT).await?;
            page.unfold().await?;
            page.click(".log li:nth-last-child(3) button").await?;
            for group in [".choices .segments:not(.profile)", ".profile", ".space-time .segments"] {
                let chosen = colours(page, &format!("{group} [aria-pressed=true]"), ALL).await?;
                let other = colours(page, &format!("{group} [aria-pressed=false]"), ALL).await?;
                let between = contrast(&chosen[0], &other[0]);
                ensure!(between >= 3.0, "{group}, {scheme}: {between}, {:?}", chosen[0]);
            }
            let selected = colours(page, ".log li .selected", ALL).await?;
            let ground = selected[0];
            let other = colours(page, ".log li:nth-last-child(2) button", ALL).await?;
            let is_new = |colour: &&[f64; 4]| {
                colour[3] > 0.01
                    && contrast(colour, &ground) >= 3.0
                    && !other.iter().any(|it| it[..3] == colour[..3] && it[3] > 0.005)
            };
            let marked = selected.iter().find(is_new);
            ensure!(marked.is_some(), "{scheme}: the selected line looks like the others");
            for slider in ["input[data-action=speed]", ".scrubber"] {
                let track = colours(page, slider, [0.47, 0.53]).await?;
                let ground = colours(page, slider, [0.0, 0.1]).await?[0];
                let seen: f64 =
                    track.iter().filter(|it| contrast(it, &ground) >= 3.0).map(|it| it[3]).sum();
                ensure!(seen > 0.7, "{scheme}: of {slider} one sees {seen}");
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// The elements whose text has less contrast than this with its background, if the background has one colour.
const PALE: &str = "const canvas = document.createElement('canvas').getContext('2d');
    const parts = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
    const light = ([r, g, b]) => [r, g, b].map(part => part / 255)
        .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0.05);
    const contrast = (a, b) => Math.max(light(a), light(b)) / Math.min(light(a), light(b));
    const ground = element => {
        if (!element) return parts('canvas');
        const [r, g, b, a] = getComputedStyle(element).backgroundColor.match(/[\\d.]+/g).map(Number);
        const share = a ?? 1;
        if (share === 1) return [r, g, b];
        const behind = ground(element.parentElement);
        return [r, g, b].map((part, place) => part * share + behind[place] * (1 - share)); };
    const drawn = element => element.ownerSVGElement;
    return [...document.querySelectorAll('body *')].filter(element =>
        [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())
        && element.checkVisibility() && !element.closest('option, #boot, .sr-only, :disabled') && !drawn(element))
        .map(element => [contrast(parts(getComputedStyle(element).color), ground(element)), element])
        .filter(([value]) => value < LEAST)
        .map(([value, element]) => value.toFixed(1) + ' ' + element.className + ' ' + element.textContent.slice(0, 30));";

#[test]
fn with_forced_colours_all_text_can_be_read() -> Result<()> {
    for scheme in ["light", "dark"] {
        Visitor::laptop().visit_unopened(async |page| {
            wish(page, &[FORCED, ("prefers-color-scheme", scheme)]).await?;
            for query in [MOMENT, "?scenario=lock-through-a-leader-crash&t=3500000"] {
                page.open(query).await?;
                page.unfold().await?;
                let pale = page.script(&PALE.replace("LEAST", "4.5")).await?;
                ensure!(pale == Value::Array(Vec::new()), "{scheme}, {query}: {pale}");
                // The drawings show refused writes and violations in colour. With forced colours, their text has the
                // colour of all text.
                for css in [".ring .refusal text", ".diagram .sign.refused text"] {
                    if page.count(css).await? > 0 {
                        let drawn = format!(
                            "const text = document.querySelector('{css}');
                             return [getComputedStyle(text).fill, getComputedStyle(document.body).color];"
                        );
                        let told = page.script(&drawn).await?;
                        ensure!(told[0] == told[1], "{scheme}: {css} is {told}");
                    }
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn a_visitor_who_asks_for_more_contrast_gets_it() -> Result<()> {
    for scheme in ["light", "dark"] {
        Visitor::laptop().visit_unopened(async |page| {
            wish(page, &[("prefers-color-scheme", scheme)]).await?;
            page.open(MOMENT).await?;
            page.unfold().await?;
            let usual = page.script(&PALE.replace("LEAST", "7")).await?;
            ensure!(
                usual.as_array().is_some_and(|all| !all.is_empty()),
                "nothing is pale without it"
            );
            wish(page, &[("prefers-contrast", "more"), ("prefers-color-scheme", scheme)]).await?;
            // The page is opened again, since a change of colours is animated.
            page.open(MOMENT).await?;
            let pale = page.script(&PALE.replace("LEAST", "7")).await?;
            ensure!(pale == Value::Array(Vec::new()), "{scheme}: {pale}");
            // The edges of panels must be visible as well.
            let line = page
                .script(
                    "const style = getComputedStyle(document.querySelector('.space-time'));
                     return [style.borderTopColor, style.backgroundColor].map(colour =>
                         colour.match(/[\\d.]+/g).slice(0, 3).map(Number));",
                )
                .await?;
            let [line, ground]: [[f64; 3]; 2] = serde_json::from_value(line)?;
            let between = contrast(
                &[line[0], line[1], line[2], 1.0],
                &[ground[0], ground[1], ground[2], 1.0],
            );
            ensure!(between >= 4.5, "{scheme}: {between} between a panel and its edge");
            Ok(())
        })?;
    }
    Ok(())
}
