//! The view of the inspector.

use yew::{Html, html};

use crate::control;
use crate::language::Language;
use crate::view::icon::icon_button;
use crate::why::Why;
use crate::words as w;

/// The inspector with an explanation. `None` before anything has happened. `selected`: whether
/// something is selected and can be deselected.
pub fn inspector(why: Option<&Why>, selected: bool, language: Language) -> Html {
    let about = why.map(|why| why.about.clone());
    let about_key = about.clone().unwrap_or_default();
    html! {
        <details class="panel why" open=true>
            <summary>
                <h2>
                    { w::WHY.say(language) }
                    if let Some(about) = about { <small>{ " · " }{ about }</small> }
                </h2>
            </summary>
            if selected {
                <div class="panel-tools">
                    { icon_button(&control::DESELECT, language, "quiet small") }
                </div>
            }
            // Each explanation is an element of its own, so that it is read from its beginning.
            <div key={about_key} class="scroll" tabindex="0" role="region"
                aria-label={w::WHY.say(language)}>
                if let Some(why) = why {
                    { explain(why, language) }
                } else {
                    <p class="empty">{ w::WHY_EMPTY.say(language) }</p>
                }
            </div>
        </details>
    }
}

fn explain(why: &Why, language: Language) -> Html {
    html! {
        <>
            if let Some(trap) = &why.trap { <p class="trap">{ trap.clone() }</p> }
            <p class="sentence">{ why.sentence.clone() }</p>
            { for why.rules.iter().map(|rule| html! {
                <p class="rule"><span>{ rule.told.clone() }</span>{ " " }
                    if !rule.formula.is_empty() { <code>{ rule.formula.clone() }</code> }</p>
            }) }
            if let Some(meaning) = &why.meaning { <p class="meaning">{ meaning.clone() }</p> }
            if let Some(causality) = &why.causality {
                <p class="causality">{ causality.clone() }</p>
                <p class="lights" aria-hidden="true">
                    <span class="past">{ w::PAST.say(language) }</span>
                    <span class="future">{ w::FUTURE.say(language) }</span>
                    <span class="concurrent">{ w::CONCURRENT.say(language) }</span>
                </p>
            }
            <dl>
                { for why.facts.iter().map(|fact| html! {
                    <><dt>{ fact.name.clone() }</dt><dd>{ fact.value.clone() }</dd></>
                }) }
                if !why.changes.is_empty() {
                    <dt>{ w::CHANGED.say(language) }</dt>
                    <dd>{ for why.changes.iter().map(|change| html! {
                        <p>{ change.name.clone() }{ ": " }<s>{ change.before.clone() }</s>
                            { " → " }<b>{ change.after.clone() }</b></p>
                    }) }</dd>
                }
                { several(w::SENT.say(language), &why.sent) }
                { several(w::TIMERS.say(language), &why.timers) }
            </dl>
        </>
    }
}

fn several(name: &'static str, values: &[String]) -> Html {
    if values.is_empty() {
        return Html::default();
    }
    html! {
        <>
            <dt>{ name }</dt>
            <dd>{ for values.iter().map(|value| html! { <p>{ value.clone() }</p> }) }</dd>
        </>
    }
}
