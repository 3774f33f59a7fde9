//! The narrator: one note at a time, skippable, with its place among the others.

use antes_core::Profile;
use antes_sim::run::Run;
use yew::{Html, html};

use crate::language::Language;
use crate::words as w;

/// What the narrator says at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The note, or what the scenario is about before the first one.
    pub text: String,
    /// Which note it is, from 1; 0 before the first.
    pub place: usize,
    /// How many there are.
    pub count: usize,
    /// What to look for.
    pub look_for: Option<String>,
    /// What the model simplifies.
    pub simplifies: Option<String>,
}

/// What is told at this moment; nothing, where the scenario says nothing.
pub fn told(run: &Run, language: Language) -> Option<Told> {
    let scenario = run.scenario();
    let now_us = u128::from(run.now_us());
    let say = |text: &antes_sim::scenario::Text| language.of(text).to_owned();
    let notes: Vec<_> = run.script().iter().filter(|step| step.note.is_some()).collect();
    let place = notes.iter().filter(|step| step.at.as_micros() <= now_us).count();
    let note = place.checked_sub(1).and_then(|last| notes[last].note.as_ref());
    let text = note.or(scenario.summary.as_ref()).map(say)?;
    Some(Told {
        text,
        place,
        count: notes.len(),
        look_for: scenario.look_for.as_ref().map(say),
        simplifies: scenario.simplifies.as_ref().map(say),
    })
}

/// What is said where a scenario runs in another profile than it is told for: what happens there
/// is not what the story says.
pub fn untold(told_for: Profile, profile: Profile, language: Language) -> Told {
    let name = |profile| match profile {
        Profile::Classic => w::CLASSIC.say(language),
        Profile::Hardened => w::HARDENED.say(language),
    };
    let text = w::OTHER_PROFILE.fill(language, &[&name(told_for), &name(profile)]);
    Told { text, ..Told::default() }
}

/// The narrator.
pub fn narration(told: &Told, language: Language) -> Html {
    let more = |name: &'static str, text: &Option<String>| {
        text.as_ref().map(|text| {
            html! { <details name="more"><summary>{ name }</summary><p>{ text.clone() }</p></details> }
        })
    };
    html! {
        <section class="narration" aria-label={w::NARRATION.say(language)}>
            <div class="note">
                <p>{ told.text.clone() }</p>
                if told.count > 0 {
                    <button type="button" class="small" data-action="next"
                        disabled={told.place == told.count}>
                        { w::NEXT.say(language) }
                        <span>{ format!("{}/{}", told.place, told.count) }</span>
                    </button>
                }
            </div>
            <div class="more">
                { for more(w::LOOK_FOR.say(language), &told.look_for) }
                { for more(w::SIMPLIFIES.say(language), &told.simplifies) }
            </div>
        </section>
    }
}
