//! The narrator shows one note at a time, with its number, and can be skipped. Notes are shown only while
//! they are true. If the run has left the story or breaks an invariant, the narrator says that instead.

use core::time::Duration;

use antes_core::Profile;
use antes_sim::run::Run;
use antes_sim::scenario::Text;
use yew::{Html, html};

use crate::acts;
use crate::control;
use crate::language::Language;
use crate::player::Player;
use crate::sentence;
use crate::timeline::Timeline;
use crate::view::icon::text_button;
use crate::words as w;

/// How many future actions of the user are described one by one.
const MAX_AHEAD: usize = 2;

/// The narrator's content at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The notes of the latest instant with notes. Before the first one, the description of the scenario.
    pub text: Vec<String>,
    /// The number of that instant among those with notes, from 1; 0 before the first.
    pub place: usize,
    /// How many such instants there are. 0 if the run has left the story.
    pub count: usize,
    /// Whether the run has left the story, and can return to it.
    pub is_left: bool,
    /// The sentence about a broken invariant.
    pub broken: Option<String>,
    /// The sentence about user actions that will happen again.
    pub again: Option<String>,
    /// The sentence at the end of the run.
    pub end: Option<&'static str>,
    /// The warning that a request is to hold the lock for longer than its lease allows.
    pub hold: Option<String>,
    /// A hint on what to watch in this scenario.
    pub look_for: Option<String>,
    /// A remark on what the model simplifies.
    pub simplifies: Option<String>,
}

/// The narrator's content at this moment. The scenario's notes are written for `told_seed`, and for another
/// profile than the current one if `other` says so.
pub fn told(
    player: &Player,
    told_seed: u64,
    other: Option<(Profile, Profile)>,
    language: Language,
) -> Told {
    let run = player.run();
    let mut told = match other {
        Some((told_for, profile)) => untold(told_for, profile, language),
        None => match departure(player, told_seed, language) {
            Some(text) => Told { text: vec![text], is_left: true, ..Told::default() },
            None => story(run, language),
        },
    };
    let broken = player.violation_here().and_then(|seq| {
        let event = run.trace().get(usize::try_from(seq).ok()?)?;
        Some(sentence::told(event, run.trace(), language))
    });
    if let Some(sentence) = broken {
        // Beside a violation, only the notes of this instant are shown. If a note says the same as the
        // sentence, it replaces the sentence.
        let is_of_now = told.place > 0 && groups(run).nth(told.place - 1) == Some(run.now_us());
        if !is_of_now {
            told.text.clear();
        }
        let same = told.text.iter().position(|note| note.contains(&sentence));
        told.broken = Some(same.map_or(sentence, |place| told.text.remove(place)));
    }
    told.again = again(player, language);
    told.hold = hold_beyond_lease(run, language);
    told.end = player.is_over().then(|| match run.is_full() {
        true => w::RUN_FULL.say(language),
        false => w::RUN_ENDS.say(language),
    });
    told
}

/// The warning that the lease may end before the work does. The guaranteed time is rounded down.
fn hold_beyond_lease(run: &Run, language: Language) -> Option<String> {
    let (hold, certain) = run.scenario().hold_beyond_lease(run.interventions())?;
    let told = |span: Duration| {
        let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        language.span(millis.saturating_mul(1000))
    };
    Some(w::HOLD_BEYOND_LEASE.fill(language, &[&told(hold), &told(certain)]))
}

/// Why the run has left the story. `None` if it has not.
fn departure(player: &Player, told_seed: u64, language: Language) -> Option<String> {
    let seed = player.run().scenario().seed;
    match player.acted_us() {
        Some(at_us) => Some(w::STORY_LEFT.fill(language, &[&language.seconds(at_us)])),
        None if seed != told_seed => Some(w::STORY_OTHER_SEED.fill(language, &[&told_seed, &seed])),
        None => None,
    }
}

fn story(run: &Run, language: Language) -> Told {
    let scenario = run.scenario();
    let say = |text: &Text| language.of(text).to_owned();
    let count = groups(run).count();
    let latest = groups(run).take_while(|&at_us| at_us <= run.now_us()).enumerate().last();
    let text = match latest {
        Some((_, at_us)) => {
            notes(run).filter(|note| note.0 == at_us).map(|note| say(note.1)).collect()
        }
        None => scenario.summary.iter().map(say).collect(),
    };
    Told {
        text,
        place: latest.map_or(0, |(place, _)| place + 1),
        count,
        look_for: scenario.look_for.as_ref().map(say),
        simplifies: scenario.simplifies.as_ref().map(say),
        ..Told::default()
    }
}

/// The notes with their instants.
fn notes(run: &Run) -> impl Iterator<Item = (u64, &Text)> {
    run.script().iter().filter_map(|step| {
        let at_us = u64::try_from(step.at.as_micros()).unwrap_or(u64::MAX);
        Some((at_us, step.note.as_ref()?))
    })
}

/// The instants that have notes, without repetition.
fn groups(run: &Run) -> impl Iterator<Item = u64> {
    let mut before = None;
    let instants = notes(run).map(|(at_us, _)| at_us);
    instants.filter(move |&at_us| before.replace(at_us) != Some(at_us))
}

/// The sentence about user actions that will happen again.
fn again(player: &Player, language: Language) -> Option<String> {
    let again = player.again();
    let mut parts: Vec<_> =
        again.iter().take(MAX_AHEAD).map(|step| acts::ahead(step, language)).collect();
    if let Some(more @ 1..) = again.len().checked_sub(MAX_AHEAD) {
        parts.push(w::AND_MORE.fill(language, &[&more]));
    }
    (!parts.is_empty()).then(|| w::PLAYED_AGAIN.fill(language, &[&parts.join(" ")]))
}

/// The narrator's content if the scenario runs in another profile than its notes describe. The events differ
/// from the story then.
fn untold(told_for: Profile, profile: Profile, language: Language) -> Told {
    let name = |profile| match profile {
        Profile::Classic => w::CLASSIC.say(language),
        Profile::Hardened => w::HARDENED.say(language),
    };
    let text = w::OTHER_PROFILE.fill(language, &[&name(told_for), &name(profile)]);
    Told { text: vec![text], is_left: true, ..Told::default() }
}

pub fn narration(told: &Told, language: Language) -> Html {
    let more = |name: &'static str, text: &Option<String>| {
        text.as_ref().map(|text| {
            html! { <details name="more"><summary>{ name }</summary><p>{ text.clone() }</p></details> }
        })
    };
    let is_silent = told.text.is_empty() && told.broken.is_none() && told.end.is_none();
    if is_silent && told.again.is_none() && told.hold.is_none() && told.count == 0 {
        return Html::default();
    }
    html! {
        <section class="narration" aria-label={w::NARRATION.say(language)}>
            <div class="told" tabindex="0" role="group" aria-label={w::NARRATION.say(language)}>
                { for told.broken.as_ref().map(|text| html! {
                    <p class="broken">{ text.clone() }</p>
                }) }
                { for told.text.iter().map(|text| html! { <p>{ text.clone() }</p> }) }
                { for told.end.map(|text| html! { <p class="end">{ text }</p> }) }
                { for told.hold.as_ref().map(|text| html! { <p class="hold">{ text.clone() }</p> }) }
                { for told.again.as_ref().map(|text| html! {
                    <p class="again">
                        { text.clone() }{ " " }
                        { text_button(&control::LEAVE_OUT, language, "small") }
                    </p>
                }) }
            </div>
            <div class="more">
                { for more(w::LOOK_FOR.say(language), &told.look_for) }
                { for more(w::SIMPLIFIES.say(language), &told.simplifies) }
            </div>
            <div class="steps">{ steps(told, language) }</div>
        </section>
    }
}

/// The buttons that lead to other notes.
fn steps(told: &Told, language: Language) -> Html {
    html! {
        <>
            if told.is_left {
                { text_button(&control::STORY, language, "small") }
            }
            if told.count > 0 {
                <button type="button" class="small" data-action={control::PREVIOUS.handle}
                    disabled={told.place == 0}>{ control::PREVIOUS.label.say(language) }</button>
                <button type="button" class="small" data-action={control::NEXT.handle}
                    disabled={told.place == told.count}>
                    { control::NEXT.label.say(language) }
                    <span>{ format!("{}/{}", told.place, told.count) }</span>
                </button>
            }
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library;
    use crate::speed::Speed;
    use antes_core::{Command, Hold, NodeId};
    use antes_picture::telling::{Telling, telling_moment};
    use antes_sim::network::Flight;
    use antes_sim::scenario::{Action, Scenario, Step};
    use antes_sim::trace::{Happening, TraceEvent};

    fn scenarios() -> Vec<Scenario> {
        antes_sim::library::scenarios().unwrap()
    }

    fn playing(slug: &str) -> Player {
        let scenario = scenarios().swap_remove(library::find(slug).unwrap());
        Player::new(scenario, &[], Speed::DEFAULT)
    }

    fn at(player: &Player) -> Told {
        told(player, player.run().scenario().seed, None, Language::English)
    }

    #[test]
    fn no_note_of_any_scenario_is_swallowed() {
        for scenario in scenarios() {
            let mut player = Player::new(scenario.clone(), &[], Speed::DEFAULT);
            let mut seen = Vec::new();
            loop {
                let told = at(&player);
                seen.extend(told.broken.into_iter().chain(told.text));
                let before = player.run().now_us();
                player.next_note();
                if player.run().now_us() == before {
                    break;
                }
            }
            let seen = seen.join("\n");
            for note in scenario.steps.iter().filter_map(|step| step.note.as_ref()) {
                assert!(seen.contains(&note.en), "{}: {}", scenario.title.en, note.en);
            }
        }
    }
    #[test]
    fn a_step_from_note_to_note_leads_back_over_the_same_ones() {
        let mut player = playing("leader-dies");
        let mut there = Vec::new();
        for _ in 0..4 {
            there.push(at(&player));
            player.next_note();
        }
        player.seek(player.run().now_us() + 20_000);
        for told in there.into_iter().rev() {
            player.previous_note();
            assert_eq!(at(&player), told);
        }
    }

    #[test]
    fn once_somebody_has_acted_the_story_is_not_told_on() {
        let mut player = playing("leader-dies");
        player.seek(1_000_000);
        let before = at(&player);
        player.act(Action::Crash(NodeId::new(1).unwrap()));
        player.next_note();
        let told = at(&player);
        assert!(told.is_left && told.count == 0, "{told:?}");
        assert_eq!(told.text.len(), 1);
        assert!(told.text[0].starts_with("Somebody acted at 1.00\u{a0}s"), "{told:?}");
        player.seek(999_999);
        let back = at(&player);
        assert_eq!((back.text, back.count), (before.text, before.count));
        assert_eq!(
            back.again.as_deref(),
            Some("Played again when time goes on: 1.00\u{a0}s: Node 1 crashes.")
        );
    }

    #[test]
    fn another_seed_is_not_what_the_story_is_told_for() {
        let player = playing("leader-dies");
        assert!(!told(&player, 7, None, Language::English).is_left);
        assert!(told(&player, 8, None, Language::English).is_left);
    }

    #[test]
    fn at_a_violation_the_narrator_speaks_of_it() {
        let mut player = playing("lock-through-a-leader-crash");
        player.seek(3_399_000);
        player.play();
        while player.is_playing() {
            player.frame(20_000);
        }
        let told = at(&player);
        let broken = told.broken.unwrap();
        assert!(broken.contains("Nodes 1 and 2 are in the critical section at the same time."));
        assert!(told.text.is_empty(), "what came before is told still: {:?}", told.text);
    }

    #[test]
    fn a_hold_that_is_longer_than_the_lease_allows_is_told() {
        let mut scenario = playing("lock-and-queue").run().scenario().clone();
        assert_eq!(at(&Player::new(scenario.clone(), &[], Speed::DEFAULT)).hold, None);
        scenario.config.profile = Profile::Hardened;
        scenario.config.application.auto = true;
        scenario.config.mutex.hold.max = Duration::from_secs(60);
        let told = at(&Player::new(scenario, &[], Speed::DEFAULT));
        let hold = told.hold.unwrap();
        assert!(hold.starts_with("A request holds the lock for 60.00\u{a0}s"), "{hold}");
        // A hold that somebody asks for is warned about too.
        let scenario = playing("lock-through-a-leader-crash-hardened").run().scenario().clone();
        assert_eq!(at(&Player::new(scenario.clone(), &[], Speed::DEFAULT)).hold, None);
        let hold = Hold::For(Duration::from_secs(9));
        let command = Command::Request { hold };
        let action = Action::Command { node: NodeId::new(2).unwrap(), command };
        let ahead = [Step::new(Duration::from_secs(1), 0, action)];
        let hold = at(&Player::new(scenario, &ahead, Speed::DEFAULT)).hold.unwrap();
        assert!(hold.starts_with("A request holds the lock for 9.00\u{a0}s"), "{hold}");
    }

    #[test]
    fn the_end_of_a_run_is_told() {
        let mut player = playing("leader-dies");
        assert_eq!(at(&player).end, None);
        player.seek(u64::MAX);
        assert!(at(&player).end.is_some());
    }

    #[test]
    fn the_first_picture_is_what_the_narrator_speaks_of() {
        let scenario = scenarios().swap_remove(library::FIRST);
        let Telling { at_us, seq, .. } = telling_moment(&scenario);
        let mut player = Player::new(scenario, &[], Speed::DEFAULT);
        player.seek(at_us);
        let run = player.run();
        let told = at(&player).text.join(" ");
        assert!(told.contains("answers OK"), "{at_us}: {told}");
        let is_ok = |it: &Flight| it.message.content.name() == "OK";
        assert!(run.world().flights().any(is_ok), "no OK is on its way at {at_us}");
        let selected = &run.trace()[usize::try_from(seq.unwrap()).unwrap()];
        assert!(matches!(selected.happening, Happening::Receive { .. }), "{selected:?}");
        assert_eq!(selected.message().unwrap().content.name(), "OK");
        let is_lost = |it: &TraceEvent| matches!(it.happening, Happening::Lost { .. });
        let lost = run.trace().iter().rev().find(|it| is_lost(it)).unwrap();
        assert!(at_us - lost.at_us < 100_000, "nothing was lost shortly before {at_us}");
    }
}
