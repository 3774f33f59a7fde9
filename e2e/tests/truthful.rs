//! What is shown is true and complete: tokens, refusals, vectors, stamps, filters, labels.

mod common;

use antes_e2e::{Key, Page, Result, Visitor, ensure};

/// Selects the event of the first log line that says this.
async fn select(page: &Page, line: &str) -> Result<()> {
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
        page.wait_for_text(".log", "with token 2.1").await
    })?;
    let inside = "?scenario=stale-holder&profile=hardened&t=900000";
    Visitor::laptop().visit(inside, async |page| {
        page.wait_for_text(".ring", "holds the lock (1.1)").await?;
        page.click("[data-action=node-menu][data-about='4']").await?;
        page.click("[role=menu] [data-action=inspect]").await?;
        page.wait_for_text(".why dl", "1.1").await?;
        page.wait_for_text(".space-time .span", "1.1").await
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

/// Which stamps the diagram is switched to.
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
fn what_a_node_that_is_cut_off_repeats_has_a_filter_of_its_own() -> Result<()> {
    let lines = "return document.querySelectorAll('.log li').length;";
    let probes = "return [...document.querySelectorAll('.log li')]
        .filter(line => /PROBE|retr|tries|TERM/.test(line.textContent)).length;";
    Visitor::laptop().visit("?scenario=partition&profile=hardened&t=9000000", async |page| {
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

/// How far the trap is from being seen as a whole, in pixels; and the classes of what is before it.
const TRAP: &str = "const trap = document.querySelector('.why .trap').getBoundingClientRect();
    const box = document.querySelector('.why .scroll').getBoundingClientRect();
    return [Math.max(trap.bottom - box.bottom, box.top - trap.top, trap.right - box.right),
        document.querySelector('.why .scroll').firstElementChild.className];";

#[test]
fn a_smaller_stamp_that_proves_nothing_is_told_first_from_both_sides_and_never_cut_off()
-> Result<()> {
    for visitor in [Visitor::laptop(), Visitor::projector(), Visitor::phone()] {
        visitor.visit("?scenario=concurrent-but-ordered&t=3000000", async |page| {
            for (line, trap) in [
                ("Node 1 has a local event", "This event has L = 1 < 3, yet neither happened"),
                ("Node 2 has a local event", "Node 1’s event has L = 1 < 2, yet neither happened"),
            ] {
                // Of node 2's, the first is stamped 1 as well.
                match line.contains("Node 2") {
                    true => page
                        .script(
                            "[...document.querySelectorAll('.log [data-event]')]
                             .filter(line => line.textContent.includes('Node 2'))[1].click();",
                        )
                        .await
                        .map(drop)?,
                    false => select(page, line).await?,
                }
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
