//! The page without a mouse: keys reach every control, the focus is always visible, and keys can do
//! everything that clicks can.

mod common;

use antes_e2e::{Key, Page, Result, Visitor, bail, ensure};
use common::{chord, events, node, now_us};
use serde_json::json;

/// Records which elements get the focus, and finds the controls that never got it.
const WATCH: &str = "
    window.seen = new Set();
    addEventListener('focusin', event => seen.add(named(event.target)), true);
    window.named = it => it.localName + ['action', 'about', 'node'].map(key => it.dataset[key])
        .filter(Boolean).map(value => ' ' + value).join('') + ' “' + (it.getAttribute('aria-label') ?? it.textContent)
        .trim().slice(0, 30) + '”';
    window.controls = () => {
        const panel = document.querySelector('dialog[open], .menu') ?? document;
        const css = ':is(button, [role=button]):not(:disabled), a[href], select, input, summary';
        return [...panel.querySelectorAll(css)].filter(it =>
            it.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !it.closest('.diagram'));
    };";

/// Why the focused element is not visible. Empty if it is visible.
const HIDDEN: &str = "
    const it = document.activeElement;
    if (!it || it === document.body || it === document.documentElement) return 'nothing has the focus';
    if (!it.matches(':focus-visible')) return named(it) + ' does not show the focus';
    const style = getComputedStyle(it);
    const has_outline = it => getComputedStyle(it).outlineStyle !== 'none' && parseFloat(getComputedStyle(it).outlineWidth) > 0;
    const probe = document.body.appendChild(Object.assign(document.createElement('i'), { className: 'sr-only' }));
    probe.style.color = 'var(--clock)';
    const colour = getComputedStyle(probe).color;
    probe.remove();
    const is_drawn = it.ownerSVGElement
        && [...it.querySelectorAll('.halo, .hit')].some(mark => getComputedStyle(mark).stroke === colour);
    // A file is chosen by an input inside of what looks like a button.
    const frame = it.type === 'file' ? it.parentElement : it;
    if (!is_drawn && !has_outline(frame)) return named(it) + ' has no ring around it';
    const box = frame.getBoundingClientRect();
    if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth)
        return named(it) + ' is out of the window';
    const shares = [0.02, 0.25, 0.5, 0.75, 0.98];
    const places = shares.flatMap(x => shares.map(y => [
        Math.min(Math.max(box.left + box.width * x, 1), innerWidth - 2),
        Math.min(Math.max(box.top + box.height * y, 1), innerHeight - 2)]));
    const is_free = places.some(([x, y]) => {
        const hit = document.elementFromPoint(x, y);
        return frame.contains(hit) || hit?.contains(frame) || hit?.closest('label')?.contains(frame);
    });
    return is_free ? '' : named(it) + ' is covered';";

/// A user without a mouse.
struct Walker<'a> {
    page: &'a Page,
}

impl Walker<'_> {
    /// A user who has just opened the page.
    async fn on<'a>(page: &'a Page, query: &str) -> Result<Walker<'a>> {
        page.open(query).await?;
        page.script(WATCH).await?;
        Ok(Walker { page })
    }

    async fn press(&self, key: Key) -> Result<()> {
        self.page.press(char::from(key)).await
    }

    /// Fails unless a visible element has the focus.
    async fn sees_the_focus(&self) -> Result<()> {
        self.looks_for("#none").await.map(|_| ())
    }

    /// The same. Returns whether the focused control matches a selector, and whether the walk around its
    /// group is back at its beginning.
    async fn looks_for(&self, css: &str) -> Result<[bool; 2]> {
        // An element that was drawn again returns the focus in the same frame.
        let look = format!(
            "return new Promise(done => requestAnimationFrame(() => setTimeout(() => {{
                 const hidden = (() => {{ {HIDDEN} }})();
                 done([hidden, document.activeElement.matches({css:?}), document.activeElement === window.start]);
             }})));"
        );
        let seen = self.page.script(&look).await?;
        ensure!(seen[0] == "", "{}", seen[0]);
        Ok([1, 2].map(|at| seen[at] == true))
    }

    async fn has(&self, css: &str) -> Result<bool> {
        let is_it = format!("return document.activeElement?.matches({css:?}) ?? false;");
        Ok(self.page.script(&is_it).await? == true)
    }

    /// Moves the focus to the first control for a selector, by Tab and, within a group, by arrows.
    async fn reach(&self, css: &str) -> Result<()> {
        self.page.find(css).await?;
        let where_to = format!(
            "const [wanted, from] = [document.querySelector({css:?}), document.activeElement];
             return from === document.body || from.compareDocumentPosition(wanted) & 4 ? 'on' : 'back';"
        );
        for _ in 0..40 {
            if self.has(css).await? || self.walk_in_group(css).await? {
                return Ok(());
            }
            match self.page.script(&where_to).await? == "on" {
                true => self.press(Key::Tab).await?,
                false => chord(self.page, Key::Shift, Key::Tab).await?,
            }
            self.sees_the_focus().await?;
        }
        bail!("no key leads to {css}")
    }

    /// Walks once around the focused group by arrows, until the focused control matches this selector.
    /// Returns whether one does.
    async fn walk_in_group(&self, css: &str) -> Result<bool> {
        // These controls use the arrows themselves.
        if self.has("select, input, .chart, body").await? {
            return Ok(false);
        }
        let before = events(self.page).await.unwrap_or_default();
        self.page.script("window.start = document.activeElement;").await?;
        for count in 1..80 {
            self.press(Key::Right).await?;
            let [is_it, is_start] = self.looks_for(css).await?;
            if is_start {
                if count == 1 && events(self.page).await.unwrap_or_default() != before {
                    // The group has only one control, so the arrow moved the time.
                    self.press(Key::Left).await?;
                }
                return Ok(false);
            }
            if is_it {
                return Ok(true);
            }
        }
        bail!("the arrows do not come back to where they began")
    }

    /// Walks through everything that Tab and the arrows reach. Fails with the controls that they do not
    /// reach.
    async fn tour(&self, stops: usize) -> Result<()> {
        let mut first = String::new();
        for _ in 0..stops {
            self.press(Key::Tab).await?;
            // After the last control, the browser has a stop of its own.
            if self.has("body").await? {
                continue;
            }
            self.sees_the_focus().await?;
            let name = self.page.script("return named(document.activeElement);").await?.to_string();
            if name == first {
                break;
            }
            if first.is_empty() {
                first = name;
            }
            self.walk_in_group("#none").await?;
        }
        let missing = self
            .page
            .script("return controls().map(named).filter(name => !seen.has(name));")
            .await?;
        ensure!(missing == json!([]), "no key leads to {missing}");
        Ok(())
    }

    /// Presses the control for a selector by keys.
    async fn choose(&self, css: &str) -> Result<()> {
        self.reach(css).await?;
        self.press(Key::Enter).await
    }

    /// Waits until an attribute has a value.
    async fn becomes(&self, css: &str, name: &str, value: &str) -> Result<()> {
        self.page
            .wait_until(&format!("{name} of {css} is {value}"), async || {
                Ok(self.page.attribute(css, name).await? == value)
            })
            .await
    }

    async fn is_gone(&self, css: &str) -> Result<()> {
        self.page
            .wait_until(&format!("{css} is gone"), async || Ok(self.page.count(css).await? == 0))
            .await
    }
}

#[test]
fn keys_lead_to_every_control_of_the_page_and_the_focus_is_always_seen() -> Result<()> {
    for query in [
        "?lang=en",
        "?lang=pt&scenario=lock-through-a-leader-crash&t=3500000&select=40&log=1",
        "?lang=en&scenario=leader-dies&do=c3@1000000&t=1500000&type=projector",
    ] {
        for visitor in [Visitor::laptop(), Visitor::phone()] {
            visitor.visit_unopened(async |page| {
                let walker = Walker::on(page, query).await?;
                page.unfold().await?;
                walker.tour(60).await
            })?;
        }
    }
    Ok(())
}

#[test]
fn keys_lead_to_every_control_of_every_panel_and_menu() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        for panel in ["share", "help", "more", "find"] {
            let walker = Walker::on(page, "?scenario=lock-and-queue&t=900000").await?;
            walker.choose(&format!(".top [data-action={panel}]")).await?;
            page.find("dialog[open]").await?;
            walker.sees_the_focus().await?;
            walker.tour(90).await?;
            walker.press(Key::Escape).await?;
            walker.is_gone("dialog").await?;
            ensure!(
                walker.has(&format!("[data-action={panel}]")).await?,
                "{panel}: the focus is elsewhere"
            );
            walker.sees_the_focus().await?;
        }
        let walker = Walker::on(page, "?scenario=lock-and-queue&t=900000").await?;
        walker.choose("[data-action=node-menu][data-about='2']").await?;
        let count = page.count(".menu button").await?;
        for _ in 0..count {
            walker.press(Key::Down).await?;
            walker.sees_the_focus().await?;
        }
        let missing =
            page.script("return controls().map(named).filter(name => !seen.has(name));").await?;
        ensure!(missing == json!([]), "no arrow leads to {missing}");
        walker.press(Key::Escape).await?;
        walker.is_gone(".menu").await?;
        ensure!(
            walker.has("[data-action=node-menu][data-about='2']").await?,
            "the focus is elsewhere"
        );
        Ok(())
    })
}

#[test]
fn keys_lead_to_every_control_of_a_recording() -> Result<()> {
    let trace = concat!(env!("CARGO_MANIFEST_DIR"), "/traces/cluster.jsonl");
    Visitor::laptop().visit_unopened(async |page| {
        page.open("?trace").await?;
        page.script(WATCH).await?;
        page.find("input[type=file]").await?.send_keys(trace).await?;
        page.find("[data-node]").await?;
        page.unfold().await?;
        page.press(char::from(Key::End)).await?;
        Walker { page }.tour(60).await
    })
}

#[test]
fn a_run_is_chosen_moved_and_changed_by_keys_alone() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        let walker = Walker::on(page, "?lang=en").await?;
        // The first stop of Tab goes to the time; play and pause.
        walker.press(Key::Tab).await?;
        walker.press(Key::Enter).await?;
        ensure!(walker.has(".play").await?, "the first stop does not lead to the time");
        for playing in ["true", "false"] {
            walker.press(Key::Space).await?;
            walker.becomes(".app", "data-playing", playing).await?;
        }
        // Another algorithm; another scenario from the list; another one from the search.
        walker.choose(".choices [data-about=mutex]").await?;
        walker.becomes("[data-about=mutex]", "aria-pressed", "true").await?;
        let first = page.attribute(".app", "data-scenario").await?;
        walker.reach("select").await?;
        walker.press(Key::Down).await?;
        page.wait_until("another scenario is shown", async || {
            Ok(page.attribute(".app", "data-scenario").await? != first)
        })
        .await?;
        walker.sees_the_focus().await?;
        walker.choose("[data-action=find]").await?;
        page.find("dialog .finder").await?;
        page.press("two lock holders").await?;
        walker.press(Key::Down).await?;
        walker.press(Key::Enter).await?;
        walker.becomes(".app", "data-scenario", "lock-through-a-leader-crash").await?;
        walker.is_gone("dialog").await?;
        walker.sees_the_focus().await?;
        walker.choose(".profile [data-about=hardened]").await?;
        walker.becomes(".profile [data-about=hardened]", "aria-pressed", "true").await?;
        walker.choose(".profile [data-about=classic]").await?;
        walker.becomes(".profile [data-about=classic]", "aria-pressed", "true").await?;
        // Another seed, and back.
        let seed = page.attribute(".app", "data-seed").await?;
        walker.choose("[data-action=seed]").await?;
        page.wait_until("there is another seed", async || {
            Ok(page.attribute(".app", "data-seed").await? != seed)
        })
        .await?;
        chord(page, Key::Control, 'z').await?;
        walker.becomes(".app", "data-seed", &seed).await?;
        // The scrubber sets the moment; another control goes to a violation.
        walker.reach("input[data-action=seek]").await?;
        walker.press(Key::End).await?;
        walker.choose(".chip.broken").await?;
        page.find(".why[open] .sentence").await?;
        ensure!(now_us(page).await? < 4_000_000, "the chip does not lead to what broke");
        walker.reach("input[data-action=speed]").await?;
        let speed = page.attribute("input[data-action=speed]", "aria-valuetext").await?;
        walker.press(Key::Right).await?;
        page.wait_until("time runs faster", async || {
            Ok(page.attribute("input[data-action=speed]", "aria-valuetext").await? != speed)
        })
        .await?;
        for (control, count) in [("reset", "0"), ("step", "1"), ("back", "0")] {
            walker.choose(&format!(".transport [data-action={control}]")).await?;
            walker.becomes(".app", "data-events", count).await?;
            walker.sees_the_focus().await?;
        }
        Ok(())
    })
}

#[test]
fn nodes_links_and_messages_are_acted_on_by_keys_alone() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        let walker = Walker::on(page, "?lang=en&scenario=leader-dies&t=2990000").await?;
        walker.reach("[data-node='2']").await?;
        for state in ["crashed", "alive"] {
            walker.press(Key::Space).await?;
            ensure!(node(page, 2, "data-state").await? == state, "node 2 is not {state}");
            walker.sees_the_focus().await?;
        }
        walker.choose("[data-action=undo]").await?;
        ensure!(node(page, 2, "data-state").await? == "crashed", "nothing is undone");
        walker.sees_the_focus().await?;
        chord(page, Key::Control, 'z').await?;
        ensure!(node(page, 2, "data-state").await? == "alive", "the crash is not undone");
        // A link is cut in one direction, through a menu that opens another menu.
        walker.reach("[data-node='3']").await?;
        page.press("m").await?;
        for item in ["links", "cut-to"] {
            page.find(&format!(".menu [data-action={item}]")).await?;
            walk_menu_to(&walker, item).await?;
            walker.press(Key::Enter).await?;
        }
        page.find(".ring .cut").await?;
        walker.is_gone(".menu").await?;
        walker.sees_the_focus().await?;
        // A partition with chosen sides.
        walker.choose("[data-action=node-menu][data-about='1']").await?;
        walk_menu_to(&walker, "sides").await?;
        walker.press(Key::Enter).await?;
        page.find(".menu [role=menuitemcheckbox]").await?;
        walk_menu_to(&walker, "sides").await?;
        walker.press(Key::Enter).await?;
        page.find(".menu [aria-checked=true]").await?;
        walker.sees_the_focus().await?;
        walk_menu_to(&walker, "split").await?;
        walker.press(Key::Enter).await?;
        page.wait_until("links are cut", async || Ok(page.count(".ring .cut").await? > 2)).await?;
        walker.sees_the_focus().await?;
        // A message.
        chord(page, Key::Control, 'z').await?;
        page.find(".ring .flight:not(.dead)").await?;
        let flying = page.count(".ring .flight:not(.dead)").await?;
        walker.choose(".ring .flight:not(.dead)").await?;
        walk_menu_to(&walker, "drop").await?;
        walker.press(Key::Enter).await?;
        page.wait_until("it is lost", async || {
            Ok(page.count(".ring .flight:not(.dead)").await? < flying)
        })
        .await?;
        walker.sees_the_focus().await
    })
}

#[test]
fn each_of_sixteen_nodes_is_acted_on_by_keys_alone() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        let walker = Walker::on(page, "?lang=en&scenario=sixteen-ask&t=2000000").await?;
        page.press("9").await?;
        page.wait_until("node 9 has crashed", async || {
            Ok(node(page, 9, "data-state").await? == "crashed")
        })
        .await?;
        for number in [10, 16] {
            walker.reach(&format!("[data-node='{number}']")).await?;
            walker.press(Key::Space).await?;
            ensure!(node(page, number, "data-state").await? == "crashed", "node {number} lives");
            walker.sees_the_focus().await?;
        }
        walker.choose("[data-action=node-menu][data-about='13']").await?;
        walk_menu_to(&walker, "sides").await?;
        walker.press(Key::Enter).await?;
        walk_menu_to(&walker, "sides").await?;
        walker.press(Key::Enter).await?;
        page.find(".menu [aria-checked=true]").await?;
        walk_menu_to(&walker, "split").await?;
        walker.sees_the_focus().await?;
        walker.press(Key::Enter).await?;
        page.wait_until("links are cut", async || Ok(page.count(".ring .cut").await? > 2)).await
    })
}

/// Moves down a menu to an item.
async fn walk_menu_to(walker: &Walker<'_>, action: &str) -> Result<()> {
    for _ in 0..20 {
        if walker.has(&format!(".menu [data-action={action}]")).await? {
            return walker.sees_the_focus().await;
        }
        walker.press(Key::Down).await?;
    }
    bail!("no arrow leads to {action}")
}

#[test]
fn events_the_log_and_how_the_page_is_seen_are_chosen_by_keys_alone() -> Result<()> {
    Visitor::laptop().visit_unopened(async |page| {
        let walker = Walker::on(page, "?lang=en&scenario=lock-and-queue&t=2000000").await?;
        walker.choose(".space-time [data-action=vector]").await?;
        walker.becomes("[data-action=vector]", "aria-pressed", "true").await?;
        walker.choose("[data-action=zoom-out]").await?;
        walker.reach(".chart").await?;
        walker.press(Key::Left).await?;
        page.find(".why[open] .sentence").await?;
        page.find(".lit .dot.selected, .lit .sign.selected").await?;
        walker.press(Key::Escape).await?;
        walker.is_gone(".lit").await?;
        // The diagram is moved, and then follows the run again.
        walker.press(Key::PageUp).await?;
        walker.choose("[data-action=follow]").await?;
        walker.is_gone("[data-action=follow]").await?;
        walker.sees_the_focus().await?;
        // The log is opened and filtered, and one of its lines is selected.
        walker.choose(".log > summary").await?;
        page.find(".log[open]").await?;
        let filter = ".log [data-action=heartbeats]";
        let before = page.attribute(filter, "aria-pressed").await?;
        walker.choose(filter).await?;
        let after = if before == "true" { "false" } else { "true" };
        walker.becomes(filter, "aria-pressed", after).await?;
        walker.choose(".log .scroll li button").await?;
        page.find(".log button.selected, .log [aria-pressed=true]").await?;
        walker.sees_the_focus().await?;
        // The narrator.
        walker.choose("[data-action=next]").await?;
        walker.sees_the_focus().await?;
        // The settings.
        walker.choose(".tools [data-action=theme]").await?;
        page.find("html[data-theme]").await?;
        walker.choose(".tools [data-action=more]").await?;
        walker.choose("dialog [data-action=type][data-about=projector]").await?;
        page.find("html[data-type=projector]").await?;
        walker.sees_the_focus().await?;
        walker.choose("dialog [data-action=type][data-about=normal]").await?;
        walker.press(Key::Escape).await?;
        walker.choose(".tools [data-action=share]").await?;
        walker.reach("dialog [data-action=copy]").await?;
        walker.press(Key::Escape).await?;
        walker.is_gone("dialog").await?;
        walker.choose(".tools [data-action=language]").await?;
        walker.becomes("html", "lang", "pt-BR").await?;
        walker.sees_the_focus().await?;
        page.wait_until("the address tells of it", async || {
            let query = page.script("return location.search;").await?;
            Ok(query.as_str().is_some_and(|query| query.contains("lang=pt")))
        })
        .await?;
        walker.choose(".tools a[href]").await?;
        page.wait_for_text("main", "Abrir um arquivo").await
    })
}
