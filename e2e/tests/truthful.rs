//! The page shows true and complete information: tokens, refusals, vectors, stamps, filters, labels.

mod common;

use antes_e2e::{Key, Page, Result, Visitor, ensure};

/// Selects the event of the first log line with this text.
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

/// The moment at which node 4's old write arrives.
const REFUSED: &str = "?scenario=stale-holder&profile=hardened&t=10550000";

#[test]
fn a_token_is_told_with_its_term_everywhere() -> Result<()> {
    Visitor::laptop().visit(REFUSED, async |page| {
        let resource = page.attribute(".ring .resource", "aria-label").await?;
        ensure!(resource.contains("token 2.1"), "the resource says: {resource}");
        ensure!(resource.contains("token 1.1"), "what it refused: {resource}");
        page.unfold().await?;
        page.wait_for_text(".log", "with token 2.1").await
    })?;
    let inside = "?scenario=stale-holder&profile=hardened&t=900000";
    Visitor::laptop().visit(inside, async |page| {
        page.wait_for_text(".ring", "holds the lock (1.1)").await?;
        page.click("[data-action=node-menu][data-about='4']").await?;
        page.click("[role=menu] [data-action=inspect]").await?;
        page.wait_for_text(".why dl", "1.1").await?;
        page.wait_for_text(".space-time .span.holds", "1.1").await
    })
}

#[test]
fn a_refused_write_is_drawn_as_refused_and_why_gives_both_tokens_and_the_rule() -> Result<()> {
    Visitor::laptop().visit(REFUSED, async |page| {
        page.find(".ring .flight.refused[data-lost=true]").await?;
        page.wait_for_text(".ring .refusal", "1.1 refused").await?;
        page.find(".space-time .sign.refused").await?;
        page.wait_for_text(".space-time .sign.refused", "refused").await?;
        page.find(".space-time .arrow.refused").await?;
        let colour =
            |css: &str| format!("return getComputedStyle(document.querySelector('{css}')).stroke;");
        let refused = page.script(&colour(".space-time .sign.refused path:last-of-type")).await?;
        let taken = page.script(&colour(".space-time .arrow:not(.refused) .shaft")).await?;
        ensure!(refused != taken, "refused is {refused}, like what was taken");
        page.find(".log .refused").await?;
        select(page, "refuses a write of node 4").await?;
        let told = page.text(".why").await?;
        ensure!(told.contains("its token 1.1 is older than 2.1"), "why says: {told}");
        ensure!(told.contains("fencing rule"), "why says: {told}");
        ensure!(told.contains("1.1 < 2.1: refused"), "why says: {told}");
        Ok(())
    })
}

#[test]
fn a_vector_has_a_place_for_every_node_in_the_inspector_too() -> Result<()> {
    let address = "?scenario=vector-clocks-tell&t=600000";
    Visitor::laptop().visit(address, async |page| {
        page.wait_for_text(".space-time", "(0,1,0)").await?;
        page.wait_for_text(".narration", "(0,1,0)").await?;
        select(page, "Node 2 sends").await?;
        page.wait_for_text(".why", "(0,0,0) + 1 = (0,1,0)").await
    })
}

/// The kind of stamps that the diagram shows.
const SWITCHED: &str = "return document.querySelector(
    ':is([data-action=lamport], [data-action=vector])[aria-pressed=true]').dataset.action;";

#[test]
fn the_scenario_about_vectors_opens_with_them_and_the_address_can_say_otherwise() -> Result<()> {
    Visitor::laptop().visit("?scenario=vector-clocks-tell", async |page| {
        ensure!(page.script(SWITCHED).await? == "vector", "it opens with Lamport's stamps");
        page.click("[data-action=lamport]").await?;
        page.wait_until("the address says so", async || {
            let query = page.script("return location.search;").await?;
            Ok(query.as_str().is_some_and(|query| query.contains("stamps=lamport")))
        })
        .await?;
        page.reload().await?;
        ensure!(page.script(SWITCHED).await? == "lamport", "a reload shows other stamps");
        Ok(())
    })?;
    Visitor::laptop().visit("?scenario=first-clock", async |page| {
        ensure!(page.script(SWITCHED).await? == "lamport", "every scenario opens with vectors");
        page.click("select option[value=vector-clocks-tell]").await?;
        page.wait_until("vectors are shown", async || Ok(page.script(SWITCHED).await? == "vector"))
            .await
    })
}

#[test]
fn heartbeats_that_die_are_hidden_with_the_others_and_the_latest_event_is_what_the_log_shows()
-> Result<()> {
    for slug in ["partition", "three-die", "holder-dies"] {
        Visitor::laptop().visit(&format!("?scenario={slug}"), async |page| {
            page.unfold().await?;
            page.press(char::from(Key::End)).await?;
            let log = page.script("return document.querySelector('.log ol').textContent;").await?;
            ensure!(!log.to_string().contains("HEARTBEAT"), "{slug}: {log}");
            ensure!(!log.to_string().contains("alive"), "{slug}: {log}");
            let latest = page.text(".why .sentence").await?;
            ensure!(log.to_string().contains(&latest), "{slug}: {latest} is not in the log");
            page.click("[data-action=heartbeats]").await?;
            page.wait_for_text(".log ol", "HEARTBEAT").await?;
            let latest = page.text(".why .sentence").await?;
            let log = page.script("return document.querySelector('.log ol').textContent;").await?;
            ensure!(log.to_string().contains(&latest), "{slug}: {latest} is not in the log");
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn repetitions_of_a_node_that_is_cut_off_have_a_filter_of_their_own() -> Result<()> {
    let lines = "return document.querySelectorAll('.log li').length;";
    let probes = "return [...document.querySelectorAll('.log li')]
        .filter(line => /PROBE|retr|tries|TERM/.test(line.textContent)).length;";
    Visitor::laptop().visit("?scenario=partition&profile=hardened&t=9000000", async |page| {
        page.unfold().await?;
        let hidden = page.script(probes).await?;
        ensure!(hidden.as_u64() < Some(40), "{hidden} lines of retries are left");
        page.click("[data-action=repetitions]").await?;
        let shown = page.script(lines).await?;
        let retries = page.script(probes).await?;
        ensure!(retries.as_u64() > Some(30), "{retries} of {shown} lines are retries");
        page.click("[data-action=repetitions]").await?;
        ensure!(page.script(probes).await? == hidden, "they do not go again");
        Ok(())
    })
}

/// How many pixels of the trap are outside of the visible part, and the classes of the elements before it.
const TRAP: &str = "const trap = document.querySelector('.why .trap').getBoundingClientRect();
    const box = document.querySelector('.why .scroll').getBoundingClientRect();
    return [Math.max(trap.bottom - box.bottom, box.top - trap.top, trap.right - box.right),
        document.querySelector('.why .scroll').firstElementChild.className];";

#[test]
fn a_smaller_stamp_that_proves_nothing_is_told_first_from_both_sides_and_never_cut_off()
-> Result<()> {
    for visitor in [Visitor::laptop(), Visitor::projector(), Visitor::phone()] {
        visitor.visit("?scenario=concurrent-but-ordered&t=3000000", async |page| {
            page.unfold().await?;
            for (node, place, trap) in [
                (1, 0, "This event has L = 1 < 3, yet neither happened"),
                // The first local event of node 2 has stamp 1, so the second one is selected.
                (2, 1, "Node 1’s event has L = 1 < 2, yet neither happened"),
            ] {
                page.script(&format!(
                    "[...document.querySelectorAll('.log [data-event]')].filter(line =>
                         line.textContent.includes('Node {node} has a local event'))[{place}].click();"
                ))
                .await?;
                let told = page.text(".why .trap").await?;
                ensure!(told.starts_with(trap), "the inspector says: {told}");
                ensure!(
                    told.contains("A smaller stamp does not prove that an event came first."),
                    "{told}"
                );
                let seen = page.script(TRAP).await?;
                ensure!(seen[0].as_f64() <= Some(0.5), "{seen} is cut off: {told}");
                ensure!(seen[1] == "trap", "what is first: {seen}");
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// The strip's text about a wait.
async fn wait(page: &Page, name: &str) -> Result<(String, bool)> {
    let css = format!(".strip [data-wait={name}]");
    let late = page.attribute(&css, "data-late").await? == "true";
    Ok((page.text(&css).await?, late))
}

#[test]
fn a_wait_that_outlives_its_bound_is_overdue_and_looks_unlike_a_broken_invariant() -> Result<()> {
    for slug in ["lost-grant", "holder-dies"] {
        Visitor::laptop().visit(&format!("?scenario={slug}&t=2200000"), async |page| {
            let (told, late) = wait(page, "lock").await?;
            ensure!(!late && told.contains("for the lock"), "{slug} at 2.2 s: {told}");
            page.press(char::from(Key::End)).await?;
            page.wait_for_text(".strip [data-wait=lock]", "overdue").await?;
            let (told, late) = wait(page, "lock").await?;
            ensure!(late, "{slug}: {told}");
            ensure!(page.count(".chip.broken").await? == 0, "{slug}: an invariant is broken");
            let look = "const style = getComputedStyle(document.querySelector('CSS'));
                return style.color + style.borderTopLeftRadius + style.backgroundColor;";
            let late = page.script(&look.replace("CSS", ".strip .chip.late")).await?;
            let fine = page.script(&look.replace("CSS", ".strip .chip:not(.wait)")).await?;
            ensure!(late != fine, "it looks like an invariant that holds");
            let said = page
                .script("return document.querySelector('[aria-live=polite]').textContent;")
                .await?;
            ensure!(said.to_string().contains("Overdue"), "what is said: {said}");
            page.click(".strip [data-wait=lock] button").await?;
            page.wait_for_text(".why", "lock").await
        })?;
        Visitor::laptop().visit(&format!("?scenario={slug}&profile=hardened"), async |page| {
            page.press(char::from(Key::End)).await?;
            let (told, late) = wait(page, "lock").await?;
            ensure!(!late, "{slug}, hardened: {told}");
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn several_leaders_at_once_are_told_of_and_how_long_nobody_led() -> Result<()> {
    Visitor::laptop().visit("?scenario=t-too-short&t=1000000", async |page| {
        let (told, late) = wait(page, "leader").await?;
        ensure!(!late && told.contains("no leader for 0.5"), "at 1 s: {told}");
        page.press(char::from(Key::End)).await?;
        let (told, late) = wait(page, "leaders").await?;
        ensure!(late && told.contains("3 led at once"), "at the end: {told}");
        Ok(())
    })?;
    Visitor::laptop().visit("?scenario=highest-comes-back", async |page| {
        page.press(char::from(Key::End)).await?;
        let (told, late) = wait(page, "leaders").await?;
        ensure!(!late, "a hand-over is overdue: {told}");
        Ok(())
    })
}

#[test]
fn the_log_tells_stamps_and_relations_and_an_explanation_is_said() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=3400000", async |page| {
        let stamps = page.script("return [...document.querySelectorAll('.log .stamp')].length;").await?;
        ensure!(stamps.as_u64() > Some(5), "{stamps} lines have stamps");
        select(page, "receives COORDINATOR").await?;
        for relation in ["before", "concurrent"] {
            page.wait_until(relation, async || {
                let told = page
                    .script("return [...document.querySelectorAll('.log .sr-only')].map(it => it.textContent);")
                    .await?;
                Ok(told.to_string().contains(relation))
            })
            .await?;
        }
        let said = page.script("return document.querySelector('[aria-live=polite]').textContent;").await?;
        ensure!(said.to_string().contains("receives COORDINATOR"), "what is said: {said}");
        page.click("[data-action=vector]").await?;
        page.wait_until("the log tells vectors", async || {
            let told = page.script("return document.querySelector('.log .stamp').textContent;").await?;
            Ok(told.as_str().is_some_and(|told| told.starts_with('(')))
        })
        .await
    })
}

#[test]
fn the_legend_explains_everything_that_is_drawn() -> Result<()> {
    Visitor::laptop().visit("", async |page| {
        page.press("?").await?;
        let told = page.text("[role=dialog]").await?;
        for sign in [
            "band",
            "bar:",
            "arc",
            "hourglass",
            "(L)",
            "(C)",
            "key",
            "queue",
            "cross",
            "dashed",
            "dotted",
            "triangle",
            "square",
            "ELE",
            "overdue",
            "N  P",
            "PageUp",
            "+  −",
        ] {
            ensure!(told.contains(sign), "nothing explains {sign:?}: {told}");
        }
        Ok(())
    })
}
