//! The panel of the space-time diagram, and the elements that only the page adds to it.

use antes_picture::chart::draw::{self, Frame, Still};
use antes_picture::element::Element;
use yew::{Html, NodeRef, html};

use crate::address::Stamps;
use crate::chart::scale::GUTTER;
use crate::control::{self, Control};
use crate::language::Language;
use crate::look::{classes, when};
use crate::px::{Point, moved_to, px, view_box};
use crate::view::crowd::Figure;
use crate::view::icon::icon_button;
use crate::view::layer::Layers;
use crate::words as w;

/// The content of the diagram.
pub struct Shown<'a> {
    /// The part that moves with time.
    pub frame: Frame<'a>,
    /// The layers to draw into.
    pub layers: &'a Layers,
    /// The part that changes only with events, as elements.
    pub still: Html,
    pub lit: bool,
    /// Whether the pointer is at a node.
    pub points_at_node: bool,
    pub language: Language,
}

/// The diagram in its panel, with the buttons that move and zoom it. `surface` is the drawing's element.
pub fn panel(
    diagram: Html,
    surface: &NodeRef,
    follows: bool,
    stamps: Stamps,
    language: Language,
) -> Html {
    let say = |word: w::Word| word.say(language);
    let choice = |control: &Control, shown: Stamps| {
        html! {
            <button type="button" data-action={control.handle}
                aria-pressed={(stamps == shown).to_string()}>{ control.label.say(language) }</button>
        }
    };
    html! {
        <section class="panel space-time" aria-label={say(w::DIAGRAM)}>
            <header>
                <h2>{ say(w::DIAGRAM) }</h2>
                <span class="grow"></span>
                if !follows {
                    { icon_button(&control::FOLLOW, language, "quiet small") }
                }
                { icon_button(&control::ZOOM_OUT, language, "quiet small") }
                { icon_button(&control::ZOOM_IN, language, "quiet small") }
                <div class="segments small" role="group" aria-label={say(w::STAMPS)}>
                    { choice(&control::LAMPORT, Stamps::Lamport) }
                    { choice(&control::VECTOR, Stamps::Vector) }
                </div>
            </header>
            <div class="chart" ref={surface.clone()} tabindex="0" role="group"
                aria-label={say(w::DIAGRAM_KEYS)}>{ diagram }</div>
        </section>
    }
}

pub fn chart(shown: &Shown<'_>) -> Html {
    let Shown { frame, layers, lit, points_at_node, .. } = shown;
    let scale = &frame.scale;
    let shift = moved_to(Point::new(-frame.left, 0.0));
    html! {
        <svg class={classes(&["diagram", when(*lit, "lit"), when(*points_at_node, "pointing")])}
            role="img" viewBox={view_box(scale.size)} aria-label={w::DIAGRAM_LABEL.say(shown.language)}>
            { layers.names.show(draw::names(frame)) }
            <svg x={px(GUTTER)} y="0" width={px(scale.inner_width())} height={px(scale.size.height)}>
                <g transform={shift}>
                    { layers.below.show(draw::below(frame)) }
                    { shown.still.clone() }
                    { layers.above.show(draw::above(frame)) }
                </g>
            </svg>
            // Invisible. It is used to measure the widths of texts.
            <svg class="probe" width="0" height="0" aria-hidden="true">
                <g class="dot"><text></text></g>
            </svg>
        </svg>
    }
}

impl Figure for Still {
    fn drawn(&self) -> Element {
        let seq = self.seq().to_string();
        let drawn = Self::drawn(self).with("data-event", seq.clone());
        drawn.with("data-action", "select").with("data-about", seq)
    }
}
