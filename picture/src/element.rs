//! A drawing as a tree of SVG elements. The page builds DOM elements from it, and a
//! [document](crate::document) its markup.

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

use crate::look::classes;
use crate::px::{Point, px};

/// A static text, or an owned one.
pub type Text = Cow<'static, str>;

/// An SVG element. It is boxed, because pictures have many and each is moved several times.
#[derive(Clone, Debug, PartialEq)]
pub struct Element(Box<Parts>);

#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    pub tag: &'static str,
    /// Attributes; each name occurs once.
    pub attributes: Vec<(&'static str, Text)>,
    pub children: Vec<Child>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Child {
    Element(Element),
    Text(Text),
}

impl Deref for Element {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl DerefMut for Element {
    fn deref_mut(&mut self) -> &mut Parts {
        &mut self.0
    }
}

impl Element {
    pub fn new(tag: &'static str) -> Self {
        Self(Box::new(Parts { tag, attributes: Vec::new(), children: Vec::new() }))
    }

    /// A `g` element with these classes.
    pub fn group(names: &[&str]) -> Self {
        Self::new("g").wearing(names)
    }

    pub fn path(class: &'static str, d: impl Into<Text>) -> Self {
        Self::new("path").wearing(&[class]).with("d", d)
    }

    pub fn circle(class: &'static str, radius: f64) -> Self {
        Self::new("circle").wearing(&[class]).with("r", px(radius))
    }

    /// A text that is centred at `at`, its baseline at that height.
    pub fn text(class: &'static str, at: Point, text: impl Into<Text>) -> Self {
        let element = Self::new("text").wearing(&[class]).with("text-anchor", "middle");
        element.with("x", px(at.x)).with("y", px(at.y)).saying(text)
    }

    /// Adds an attribute that the element does not have yet.
    pub fn with(mut self, name: &'static str, value: impl Into<Text>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// Sets the classes. Empty names are ignored.
    pub fn wearing(self, names: &[&str]) -> Self {
        match names {
            [] | [""] => self,
            names => self.with("class", classes(names)),
        }
    }

    /// Appends these elements to the children.
    pub fn holding(mut self, elements: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(elements.into_iter().map(Child::Element));
        self
    }

    /// Appends a text to the children. Markup characters in it are escaped.
    pub fn saying(mut self, text: impl Into<Text>) -> Self {
        self.children.push(Child::Text(text.into()));
        self
    }

    /// The value of an attribute, if the element has it.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(other, _)| *other == name).map(|(_, value)| &**value)
    }

    /// The child elements, without texts.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|child| match child {
            Child::Element(element) => Some(element),
            Child::Text(_) => None,
        })
    }

    /// Appends the element as markup.
    pub fn write(&self, markup: &mut String) {
        markup.push('<');
        markup.push_str(self.tag);
        for (name, value) in &self.attributes {
            for part in [" ", name, "=\""] {
                markup.push_str(part);
            }
            escape(value, markup);
            markup.push('"');
        }
        if self.children.is_empty() {
            markup.push_str("/>");
            return;
        }
        markup.push('>');
        self.write_inside(markup);
        markup.push_str("</");
        markup.push_str(self.tag);
        markup.push('>');
    }

    /// Appends the children as markup.
    pub fn write_inside(&self, markup: &mut String) {
        for child in &self.children {
            match child {
                Child::Element(element) => element.write(markup),
                Child::Text(text) => escape(text, markup),
            }
        }
    }
}

/// Appends a text to markup. It is escaped for element content and for quoted attributes.
fn escape(text: &str, markup: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => markup.push_str("&amp;"),
            '<' => markup.push_str("&lt;"),
            '>' => markup.push_str("&gt;"),
            '"' => markup.push_str("&quot;"),
            // XML forbids these characters, even escaped.
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            letter => markup.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_written_with_what_is_in_it() {
        let inside = Element::text("", Point::new(0.0, 2.5), "a < b & c\u{1}");
        let element = Element::group(&["node", "", "up"]).holding([inside]).with("data-a", "\"1\"");
        let mut markup = String::new();
        element.write(&mut markup);
        assert_eq!(
            markup,
            "<g class=\"node up\" data-a=\"&quot;1&quot;\"><text text-anchor=\"middle\" x=\"0\" \
             y=\"2.5\">a &lt; b &amp; c</text></g>"
        );
        markup.clear();
        Element::circle("hit", 3.0).write(&mut markup);
        assert_eq!(markup, "<circle class=\"hit\" r=\"3\"/>");
    }
}
