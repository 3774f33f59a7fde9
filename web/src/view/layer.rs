//! Layers of the pictures, as elements that are changed in place.
//! A browser reports a click only if the pressed element still exists when the pointer is released. In
//! between, something may be highlighted because it is pointed at. So elements are kept, and only their
//! attributes change.

use std::cell::{LazyCell, RefCell};

use antes_picture::element::{Child, Element as Drawn};
use web_sys::Element;
use yew::Html;

use crate::dom;

/// A group whose content is drawn repeatedly.
pub struct Layer {
    /// Created when it is first shown.
    group: LazyCell<Element>,
    drawn: RefCell<Drawn>,
}

impl Default for Layer {
    fn default() -> Self {
        Self { group: LazyCell::new(|| dom::svg("g")), drawn: RefCell::new(Drawn::new("g")) }
    }
}

impl Layer {
    /// Shows these elements in this order, and removes all others.
    pub fn show(&self, elements: impl IntoIterator<Item = Drawn>) -> Html {
        let drawn = Drawn::new("g").holding(elements);
        become_like(&self.group, &self.drawn.replace(drawn.clone()), &drawn);
        Html::VRef(Element::clone(&self.group).into())
    }
}

#[derive(Default)]
pub struct Layers {
    /// The ring, below lost messages.
    pub ring: Layer,
    /// The nodes of the ring.
    pub nodes: Layer,
    /// The names of the diagram's lines.
    pub names: Layer,
    /// The diagram, below the events.
    pub below: Layer,
    /// The diagram, above the events.
    pub above: Layer,
}

/// A new element that shows `drawn`.
pub fn made(drawn: &Drawn) -> Element {
    let element = dom::svg(drawn.tag);
    become_like(&element, &Drawn::new(drawn.tag), drawn);
    element
}

/// Changes an element that shows `old` so that it shows `new`. Equal children in the same place are kept.
pub fn become_like(element: &Element, old: &Drawn, new: &Drawn) {
    for (name, value) in &new.attributes {
        if old.attribute(name) != Some(value) {
            dom::set(element, name, value);
        }
    }
    for (name, _) in &old.attributes {
        if new.attribute(name).is_none() {
            let _ = element.remove_attribute(name);
        }
    }
    // An element contains either one text or elements.
    if let [Child::Text(text)] = &new.children[..] {
        if old.children != new.children {
            element.set_text_content(Some(text));
        }
        return;
    }
    if let [Child::Text(_)] = &old.children[..] {
        element.set_text_content(None);
    }
    let mut here = element.first_element_child();
    let mut olds = old.elements();
    for wanted in new.elements() {
        let known = olds.next().filter(|known| known.tag == wanted.tag);
        here = match (here, known) {
            (Some(child), Some(known)) => {
                become_like(&child, known, wanted);
                child.next_element_sibling()
            }
            (child, _) => {
                let made = made(wanted);
                let _ = element.insert_before(&made, child.as_deref());
                child.and_then(|child| {
                    let next = child.next_element_sibling();
                    child.remove();
                    next
                })
            }
        };
    }
    while let Some(child) = here {
        here = child.next_element_sibling();
        child.remove();
    }
}
