//! Drawing anew without taking away what is there.
//!
//! A browser tells of a click only if the element that was pressed is still there when the pointer comes
//! up. Something may light up in between, because it is pointed at. So elements stay, and get new
//! attributes.

use antes_picture::element::Element as Drawn;
use web_sys::Element;

use crate::dom;

/// Draws `drawn` in place of what an element is and holds. Children of the same kind at the same place
/// stay, and so do attributes that `drawn` does not have.
pub fn redraw(element: &Element, drawn: &Drawn) {
    for (name, value) in &drawn.attributes {
        dom::set(element, name, value);
    }
    let mut inside = String::new();
    drawn.write_inside(&mut inside);
    let wanted = dom::drawing();
    wanted.set_inner_html(&inside);
    become_like(element, &wanted);
}

/// Gives an element the children of `wanted`, or its text if it has none.
fn become_like(element: &Element, wanted: &Element) {
    let (mut here, mut there) = (element.first_element_child(), wanted.first_element_child());
    if here.is_none() || there.is_none() {
        element.set_inner_html(&wanted.inner_html());
        return;
    }
    while let Some(new) = there {
        there = new.next_element_sibling();
        match here {
            Some(old) if old.tag_name() == new.tag_name() => {
                copy_attributes(&old, &new);
                become_like(&old, &new);
                here = old.next_element_sibling();
            }
            // Another kind from here on: what is there of the old ones goes.
            rest => {
                remove_from(rest);
                let _ = element.append_child(&new);
                here = None;
            }
        }
    }
    remove_from(here);
}

/// Removes an element and all siblings after it.
fn remove_from(mut rest: Option<Element>) {
    while let Some(element) = rest {
        rest = element.next_element_sibling();
        element.remove();
    }
}

/// Gives an element the attributes of `wanted`, and no others.
fn copy_attributes(element: &Element, wanted: &Element) {
    for name in element.get_attribute_names() {
        let name = name.as_string().unwrap_or_default();
        if !wanted.has_attribute(&name) {
            let _ = element.remove_attribute(&name);
        }
    }
    for name in wanted.get_attribute_names() {
        let name = name.as_string().unwrap_or_default();
        let value = wanted.get_attribute(&name).unwrap_or_default();
        if element.get_attribute(&name).as_deref() != Some(&value) {
            dom::set(element, &name, &value);
        }
    }
}
