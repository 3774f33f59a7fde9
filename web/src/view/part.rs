//! Parts of the page that are drawn again only when their content has changed.
//!
//! The page has two components: this one and the page itself. All other parts are functions, since
//! each component adds a copy of Yew's machinery to the program.

use yew::{Component, Context, Html, Properties, html};

/// A drawing that is kept until its key changes.
pub struct Kept<K> {
    key: Option<K>,
    drawn: Html,
    version: u32,
}

impl<K> Default for Kept<K> {
    fn default() -> Self {
        Self { key: None, drawn: Html::default(), version: 0 }
    }
}

impl<K: PartialEq> Kept<K> {
    /// Whether the key differs from `key`. Sets it to `key`.
    pub fn turns(&mut self, key: K) -> bool {
        let turns = self.key.as_ref() != Some(&key);
        self.key = Some(key);
        turns
    }

    /// Replaces the drawing that is kept.
    pub fn keep(&mut self, drawn: Html) {
        self.drawn = drawn;
        self.version = self.version.wrapping_add(1);
    }

    /// The drawing. Showing an unchanged one costs almost nothing.
    pub fn show(&self) -> Html {
        show(&self.drawn, self.version)
    }
}

fn show(drawn: &Html, version: u32) -> Html {
    html! { <Part drawn={drawn.clone()} {version} /> }
}

#[derive(Clone, Properties)]
struct Props {
    drawn: Html,
    version: u32,
}

impl PartialEq for Props {
    /// Drawings take long to compare, so their versions are compared.
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
    }
}

struct Part;

impl Component for Part {
    type Message = ();
    type Properties = Props;

    fn create(_: &Context<Self>) -> Self {
        Self
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        ctx.props().drawn.clone()
    }
}
