//! Icons, and buttons that show only an icon.

use yew::{AttrValue, Html, html};

use crate::look::Icon;

/// An icon, hidden from screen readers.
pub fn icon(icon: Icon) -> Html {
    html! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d={icon.path()} /></svg>
    }
}

/// A button with an icon and an accessible name.
pub fn icon_button(
    action: &'static str,
    shown: Icon,
    name: impl Into<AttrValue>,
    class: &'static str,
) -> Html {
    let name = name.into();
    html! {
        <button type="button" class={class} data-action={action} title={name.clone()} aria-label={name}>
            { icon(shown) }
        </button>
    }
}
