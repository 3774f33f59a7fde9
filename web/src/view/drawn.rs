//! What the crate of pictures has drawn, as elements of the page.

use antes_picture::element::{Child, Element};
use yew::Html;
use yew::virtual_dom::{AttrValue, VNode, VTag};

/// An element of a picture.
pub fn drawn(element: &Element) -> Html {
    let mut tag = VTag::new(element.tag);
    for (name, value) in &element.attributes {
        tag.add_attribute(name, AttrValue::from(value.clone()));
    }
    tag.key = element.key.clone().map(|key| key.into_owned().into());
    tag.add_children(element.children.iter().map(|child| match child {
        Child::Element(element) => drawn(element),
        Child::Text(text) => VNode::from(text.clone().into_owned()),
    }));
    tag.into()
}

/// Elements of a picture, one after the other.
pub fn all_drawn(elements: &[Element]) -> Html {
    elements.iter().map(drawn).collect()
}
