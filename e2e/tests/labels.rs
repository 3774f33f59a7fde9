//! Visible labels on the ring and in the diagram never overlap. A label without a place appears when it is
//! pointed at, focused or selected.

use antes_e2e::{Move, Page, Result, Visitor, ensure};

/// Visits `MOMENTS` moments of the run. Returns the overlaps at the first moment that has any, and the
/// number of labels that were visible. A label's area reaches from the height of a capital above its
/// baseline to the lowest part below it.
const LOOK: &str = "
    const ink = text => {
        const box = text.getBBox(), m = text.getScreenCTM();
        const em = parseFloat(getComputedStyle(text).fontSize);
        const y = text.getStartPositionOfChar(0).y;
        const [left, top] = [m.a * box.x + m.e, m.d * (y - 0.74 * em) + m.f];
        return { left, top, right: left + m.a * box.width, bottom: top + m.d * 0.94 * em,
            text: text.textContent };
    };
    const shown = css => {
        const svg = document.querySelector(css);
        const frame = svg.getBoundingClientRect();
        return [...svg.querySelectorAll('text')]
            .filter(text => text.textContent && !text.closest('.probe') && text.checkVisibility())
            .map(text => {
                // What reaches beyond the part that scrolls is not seen.
                const owner = text.ownerSVGElement, m = svg.getScreenCTM(), one = ink(text);
                const [left, width] = [owner.x.baseVal.value, owner.width.baseVal.value];
                const part = { left: m.e + m.a * left, right: m.e + m.a * (left + width) };
                const clipped = owner !== svg ? part : frame;
                return { ...one, left: Math.max(one.left, clipped.left),
                    right: Math.min(one.right, clipped.right) };
            })
            .filter(one => one.right > one.left);
    };
    const pairs = labels => {
        const found = [];
        labels.forEach((a, i) => labels.slice(i + 1).forEach(b => {
            const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            if (wide > 0.75 && high > 0.75) found.push(a.text + ' / ' + b.text);
        }));
        return found;
    };
    const frame = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const scrubber = document.querySelector('[data-action=seek]');
    const end = Number(scrubber.max);
    let seen = 0;
    for (let step = 1; step <= MOMENTS; step += 1) {
        // Not at round instants, since few messages are on their way then.
        scrubber.value = Math.round(end * step / (MOMENTS + 1) / 1000) * 1000 + 37000;
        scrubber.dispatchEvent(new Event('input', { bubbles: true }));
        await frame();
        for (const css of ['.ring', '.diagram']) {
            const labels = shown(css);
            seen += labels.length;
            const found = pairs(labels);
            if (found.length) {
                const at = document.querySelector('.app').dataset.timeUs;
                return [seen, `${css} at ${at}: ${found.join(', ')}`];
            }
        }
    }
    return [seen, ''];";

async fn look(page: &Page, moments: u32, at_least: u64) -> Result<()> {
    let body = LOOK.replace("MOMENTS", &moments.to_string());
    let told = page.script(&format!("return (async () => {{ {body} }})();")).await?;
    ensure!(told[1] == "", "labels lie on each other in {}", told[1]);
    ensure!(told[0].as_u64() >= Some(at_least), "only {} labels were seen", told[0]);
    Ok(())
}

#[test]
fn no_label_lies_on_another_one_at_any_moment_of_any_scenario() -> Result<()> {
    Visitor::laptop().visit("", async |page| {
        for slug in [
            "leader-dies",
            "three-die",
            "highest-comes-back",
            "two-start-at-once",
            "t-too-short-hardened",
            "report-repeated-kills",
            "lock-and-queue",
            "report-at-random",
            "lock-through-a-leader-crash-hardened",
            "partition-hardened",
            "stale-holder-hardened",
            "two-holders",
            "random-calls",
            "overtaking",
        ] {
            page.open(&format!("?scenario={slug}")).await?;
            look(page, 30, 300).await?;
        }
        for query in ["?scenario=random-calls&stamps=vector", "?scenario=partition&stamps=vector"] {
            page.open(query).await?;
            look(page, 30, 300).await?;
        }
        Ok(())
    })
}

#[test]
fn labels_keep_apart_on_a_phone_and_on_a_projector_and_in_portuguese() -> Result<()> {
    let portuguese = Visitor::laptop().language("pt-BR");
    for visitor in [Visitor::phone(), Visitor::projector(), portuguese] {
        visitor.visit("", async |page| {
            for slug in ["leader-dies", "lock-and-queue", "stale-holder-hardened"] {
                page.open(&format!("?scenario={slug}")).await?;
                look(page, 15, 100).await?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// The names on the diagram's arrows.
const NAMES: &str = "return [...document.querySelectorAll('.diagram .arrow text')]
    .map(text => text.textContent);";

#[test]
fn arrows_have_names_short_ones_when_it_is_crowded_and_whole_ones_when_selected() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=3400000", async |page| {
        let names = page.script(NAMES).await?.to_string();
        for name in ["ELECTION", "OK", "COORDINATOR"] {
            ensure!(names.contains(name), "no arrow says {name}: {names}");
        }
        for _ in 0..4 {
            page.press("-").await?;
        }
        page.wait_until("names are short", async || {
            let names = page.script(NAMES).await?.to_string();
            Ok(names.contains("\"ELE\"") || names.contains("\"COO\""))
        })
        .await?;
        // Every selected arrow shows its full name.
        let selected = page
            .script(
                "const lines = [...document.querySelectorAll('.log [data-event]')];
                 const line = lines.find(line => line.textContent.includes('receives COORDINATOR'));
                 line.click();
                 return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>
                     done([...document.querySelectorAll('.diagram .arrow text')]
                         .filter(text => text.textContent === 'COORDINATOR').length))));",
            )
            .await?;
        ensure!(selected.as_u64() >= Some(1), "the selected arrow has no name");
        Ok(())
    })
}

#[test]
fn a_message_that_is_pointed_at_or_focused_has_its_name() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=550000", async |page| {
        let named = "return document.querySelectorAll('.flight[data-kind=HEARTBEAT] text').length;";
        ensure!(page.script(named).await? == 0, "heartbeats are named without being asked");
        page.point_at(".flight[data-kind=HEARTBEAT]").await?;
        page.wait_until("it is named", async || Ok(page.script(named).await? == 1)).await?;
        page.mouse(&[Move::To(5.0, 5.0)]).await?;
        page.wait_until("and not any more", async || Ok(page.script(named).await? == 0)).await?;
        page.script("document.querySelector('.flight[data-kind=HEARTBEAT]').focus();").await?;
        page.wait_until("the focus names it", async || Ok(page.script(named).await? == 1)).await
    })
}

#[test]
fn the_events_of_the_node_that_is_pointed_at_light_up() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=3400000", async |page| {
        page.point_at("[data-node='2']").await?;
        page.find(".diagram.pointing .arrow.belongs").await?;
        page.find(".diagram .dot.belongs").await?;
        let lines = page
            .script(
                "return [...document.querySelectorAll('.log .hovered')].map(line => line.textContent);",
            )
            .await?;
        let lines = lines.as_array().cloned().unwrap_or_default();
        ensure!(!lines.is_empty(), "no line lights up");
        let of_two = |line: &&serde_json::Value| {
            line.as_str().is_some_and(|told| told.contains('2'))
        };
        ensure!(lines.iter().all(|line| of_two(&line)), "others light up too: {lines:?}");
        Ok(())
    })
}
