//! Time: held, stopped, shown. The narrator's notes are true, and errors in an address are reported briefly.

mod common;

use antes_e2e::{Key, Move, Page, Result, Visitor, ensure};
use common::{node, now_us, play_until};

async fn is_playing(page: &Page) -> Result<bool> {
    Ok(page.attribute(".app", "data-playing").await? == "true")
}

/// A time in which the page could have drawn many frames.
const FRAMES: &str = "return new Promise(done => {
    let left = 20;
    const frame = () => left-- > 0 ? requestAnimationFrame(frame) : done(true);
    frame();
});";

async fn stands_still(page: &Page) -> Result<bool> {
    let before = now_us(page).await?;
    page.script(FRAMES).await?;
    Ok(now_us(page).await? == before)
}

#[test]
fn dragging_the_scrubber_holds_the_time_and_letting_go_lets_it_pass() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies", async |page| {
        page.click("[data-action=play]").await?;
        page.wait_until("time passes", async || Ok(now_us(page).await? > 100_000)).await?;
        let [x, y] = page.middle("input[data-action=seek]").await?;
        page.mouse(&[Move::To(x, y), Move::Down, Move::To(x + 40.0, y)]).await?;
        ensure!(stands_still(page).await?, "it passes while the scrubber is held");
        let held = now_us(page).await?;
        page.mouse(&[Move::To(x - 40.0, y)]).await?;
        page.wait_until("it follows", async || Ok(now_us(page).await? < held)).await?;
        ensure!(stands_still(page).await?, "it passes while the scrubber is dragged");
        let held = now_us(page).await?;
        page.mouse(&[Move::To(x - 40.0, y - 200.0), Move::Up]).await?;
        page.wait_until("time passes again", async || Ok(now_us(page).await? > held)).await?;
        ensure!(is_playing(page).await?, "it plays on");
        Ok(())
    })
}

#[test]
fn share_and_help_stop_the_time() -> Result<()> {
    for opener in ["share", "help"] {
        Visitor::laptop().visit("?scenario=leader-dies", async |page| {
            page.click("[data-action=play]").await?;
            page.wait_until("time passes", async || Ok(now_us(page).await? > 100_000)).await?;
            page.click(&format!("[data-action={opener}]")).await?;
            page.find("dialog[open]").await?;
            ensure!(stands_still(page).await?, "time passes behind {opener}");
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn a_visitor_who_acts_leaves_the_story_and_can_go_back_to_it() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&t=1000000", async |page| {
        let story = page.text(".narration .told").await?;
        for key in ["1", "2", "3", "4"] {
            page.press(key).await?;
        }
        page.press(char::from(Key::End)).await?;
        page.wait_for_text(".narration", "not the story").await?;
        let told = page.text(".narration").await?;
        ensure!(!told.contains("COORDINATOR"), "it is told on: {told}");
        ensure!(page.count("[data-action=next]").await? == 0, "there are further notes");
        page.click("[data-action=story]").await?;
        ensure!(page.text(".narration .told").await? == story, "the story is back");
        for number in 1..=4 {
            ensure!(node(page, number, "data-state").await? == "alive", "node {number} is down");
        }
        ensure!(now_us(page).await? == 1_000_000, "it goes on from where it was left");
        Ok(())
    })
}

#[test]
fn at_a_violation_the_narrator_speaks_of_it() -> Result<()> {
    Visitor::laptop().visit("?scenario=lock-through-a-leader-crash", async |page| {
        play_until(page, 12, "it stops by itself", async || {
            Ok(page.attribute(".app", "data-violations").await? != "0" && !is_playing(page).await?)
        })
        .await?;
        let broken = page.text(".narration .broken").await?;
        let sentence = page.text(".why .sentence").await?;
        ensure!(broken.contains(&sentence), "the narrator says: {broken}");
        Ok(())
    })
}

#[test]
fn notes_are_walked_both_ways() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies", async |page| {
        let mut told = Vec::new();
        for _ in 0..4 {
            told.push(page.text(".narration .told").await?);
            page.click("[data-action=next]").await?;
        }
        for expected in told.iter().rev() {
            page.click("[data-action=previous]").await?;
            ensure!(
                page.text(".narration .told").await? == *expected,
                "another note on the way back"
            );
        }
        page.press("n").await?;
        ensure!(page.text(".narration .told").await? == told[1], "n leads on");
        page.press("p").await?;
        ensure!(page.text(".narration .told").await? == told[0], "p leads back");
        Ok(())
    })
}

#[test]
fn the_ring_stays_where_it_is_whatever_the_narrator_says() -> Result<()> {
    let place = "const it = document.querySelector(\"[data-node='4']\").getBoundingClientRect();
         return [it.x, it.y, it.width];";
    Visitor::laptop().visit("?scenario=leader-dies", async |page| {
        let before = page.script(place).await?;
        for step in ["n", "n", "n", "1", "\u{e012}", "\u{e010}", "p"] {
            page.press(step).await?;
            ensure!(page.script(place).await? == before, "it moves with {step:?}");
        }
        Ok(())
    })
}

#[test]
fn the_end_of_a_run_is_told() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies", async |page| {
        ensure!(page.count(".narration .end").await? == 0, "the run has ended");
        page.press(char::from(Key::End)).await?;
        page.wait_for_text(".narration .end", "The run ends here").await?;
        page.press(" ").await?;
        page.wait_until("it starts again", async || Ok(now_us(page).await? < 4_000_000)).await
    })
}

#[test]
fn a_name_in_an_address_that_does_not_exist_is_told() -> Result<()> {
    for (query, expected) in [
        ("?scenario=leader-dies&do=c8@1000000~S9@2000000", &["c8@1000000", "S9@2000000"][..]),
        ("?scenario=leader-dies&t=1000.99", &["1000.99"]),
        ("?scenario=leader-dies&t=1000.999999999", &["1000.999999999"]),
        ("?scenario=leader-dies&t=99000000", &["99000000"]),
        ("?scenario=leader-dies&do=c4@99000000", &["c4@99000000"]),
        ("?scenario=leader-dies&embed=2&theme=pink", &["embed=2", "theme=pink"]),
    ] {
        Visitor::laptop().visit(query, async |page| {
            let told = page.text(".trouble").await?;
            ensure!(expected.iter().all(|part| told.contains(part)), "{query}: {told}");
            Ok(())
        })?;
    }
    Visitor::laptop().visit("?scenario=leader-dies&t=1000.99", async |page| {
        ensure!(now_us(page).await? == 1000, "it shows the instant: {}", now_us(page).await?);
        Ok(())
    })
}

#[test]
fn three_thousand_bad_parameters_are_told_in_a_few_lines() -> Result<()> {
    let seeds: Vec<_> = (0..3000).map(|place| format!("seed=x{place}")).collect();
    let acts: Vec<_> = (0..3000).map(|place| format!("x{place}@")).collect();
    let cases = [
        (seeds.join("&"), ["\"x0\" is not a seed", "\"seed\" is given twice"]),
        (format!("do={}", acts.join("~")), ["\"x0@\"", "and 2997 more"]),
    ];
    for ((bad, parts), visitor) in
        cases.iter().flat_map(|case| [(case, Visitor::laptop()), (case, Visitor::phone())])
    {
        visitor.visit(&format!("?scenario=leader-dies&{bad}"), async |page| {
            let told = page.text(".trouble").await?;
            ensure!(parts.iter().all(|part| told.contains(part)), "{told}");
            let height = "return document.querySelector('.trouble').offsetHeight / innerHeight;";
            let share = page.script(height).await?.as_f64().unwrap_or(1.0);
            ensure!(share < 0.25, "{share} of the screen");
            page.press(char::from(Key::Right)).await?;
            ensure!(page.count("[data-node]").await? == 4, "the page works");
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn where_every_frame_comes_late_a_run_plays_slowly_and_does_play() -> Result<()> {
    Visitor::laptop().visit("?scenario=leader-dies&speed=1", async |page| {
        page.script(
            "const request = window.requestAnimationFrame.bind(window);
             window.requestAnimationFrame = callback => request(() => setTimeout(() => request(callback), 150));
             window.moments = [];
             new MutationObserver(() => moments.push(Number(document.querySelector('.app').dataset.timeUs)))
                 .observe(document.querySelector('.app'), { attributes: true, attributeFilter: ['data-time-us'] });",
        )
        .await?;
        page.click("[data-action=play]").await?;
        page.wait_until("time passes", async || Ok(now_us(page).await? > 500_000)).await?;
        page.press(" ").await?;
        let moments: Vec<u64> = serde_json::from_value(page.script("return moments;").await?)?;
        let steps = moments.windows(2).map(|pair| pair[1] - pair[0]);
        let longest = steps.max().unwrap_or_default();
        ensure!(longest <= 100_000, "in one frame, {longest} µs passed");
        Ok(())
    })
}
