//! Parts of the page that are drawn anew only when what they show has changed.
//!
//! The page has two components: this one, and the page. Everything else are functions, since each
//! further component would add a copy of Yew's machinery to what visitors load.

use yew::{Component, Context, Html, Properties, html};

/// A drawing, kept until what it depends on changes.
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
    /// Whether what it depends on is not `key` any more; from then on, it is.
    pub fn turns(&mut self, key: K) -> bool {
        let turns = self.key.as_ref() != Some(&key);
        self.key = Some(key);
        turns
    }

    /// Keeps this drawing instead.
    pub fn keep(&mut self, drawn: Html) {
        self.drawn = drawn;
        self.version = self.version.wrapping_add(1);
    }

    /// The drawing, which costs next to nothing if it is the one that is seen already.
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
    /// Drawings are long to compare: the version stands for them.
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
