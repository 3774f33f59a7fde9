//! Icons, and buttons that show only an icon.

use yew::{Html, html};

use crate::control::Control;
use crate::language::Language;
use crate::look::Icon;

/// An icon, hidden from screen readers.
pub fn icon(icon: Icon) -> Html {
    html! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d={icon.path()} /></svg>
    }
}

/// A button with an icon and an accessible name.
pub fn icon_button(control: &Control, language: Language, class: &'static str) -> Html {
    let name = control.label.say(language);
    html! {
        <button type="button" {class} data-action={control.handle} title={name} aria-label={name}>
            { for control.icon.map(icon) }
        </button>
    }
}

/// A button with an icon and its name.
pub fn named_button(control: &Control, language: Language, class: &'static str) -> Html {
    button(control, control.icon, language, class)
}

/// A button with only a name.
pub fn text_button(control: &Control, language: Language, class: &'static str) -> Html {
    button(control, None, language, class)
}

fn button(control: &Control, shown: Option<Icon>, language: Language, class: &'static str) -> Html {
    let class = Some(class).filter(|class| !class.is_empty());
    html! {
        <button type="button" {class} data-action={control.handle}>
            { for shown.map(icon) }{ control.label.say(language) }
        </button>
    }
}
