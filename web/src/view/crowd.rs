//! Drawings that may exist in hundreds. Each has an element of its own that lives as long as the thing it
//! shows.
//! They are not drawn through Yew, which would write all attributes of all elements again in each frame. Only
//! their crowd changes their elements.

use std::cell::LazyCell;

use antes_picture::element::Element as Drawn;
use web_sys::{Element, SvgTransform};
use yew::Html;

use crate::dom;
use crate::px::Point;
use crate::view::layer::{become_like, made};

/// The content of an element.
pub trait Figure: PartialEq {
    /// The content as a drawing.
    fn drawn(&self) -> Drawn;
}

struct Member<F> {
    key: u64,
    figure: F,
    drawn: Drawn,
    element: Element,
    /// The transform that moves it. It exists from the first placement on.
    shift: Option<SvgTransform>,
}

/// A group of drawings of one type.
pub struct Crowd<F> {
    /// Created when it is first shown.
    group: LazyCell<Element>,
    members: Vec<Member<F>>,
}

impl<F> Default for Crowd<F> {
    fn default() -> Self {
        Self { group: LazyCell::new(|| dom::svg("g")), members: Vec::new() }
    }
}

impl<F: Figure> Crowd<F> {
    /// Shows exactly these figures, in ascending order of their keys. A figure that was shown before keeps
    /// its element.
    pub fn show(&mut self, figures: impl Iterator<Item = (u64, F)>) {
        let mut before = std::mem::take(&mut self.members).into_iter().peekable();
        for (key, figure) in figures {
            while let Some(gone) = before.next_if(|member| member.key < key) {
                gone.element.remove();
            }
            let member = match before.next_if(|member| member.key == key) {
                Some(member) if member.figure == figure => member,
                Some(member) => {
                    let drawn = figure.drawn();
                    become_like(&member.element, &member.drawn, &drawn);
                    Member { figure, drawn, ..member }
                }
                None => {
                    let drawn = figure.drawn();
                    let element = made(&drawn);
                    let next = before.peek().map(|member| &*member.element);
                    let _ = self.group.insert_before(&element, next);
                    Member { key, figure, drawn, element, shift: None }
                }
            };
            self.members.push(member);
        }
        before.for_each(|gone| gone.element.remove());
    }

    /// Moves each figure to its place, in the order of [`show`](Self::show).
    ///
    /// The numbers are set through the SVG interface, since an attribute would have to be written and parsed
    /// for each figure.
    pub fn place(&mut self, places: impl Iterator<Item = Point>) {
        for (member, place) in self.members.iter_mut().zip(places) {
            if member.shift.is_none() {
                member.shift = dom::shift(&member.element);
            }
            if let Some(shift) = &member.shift {
                // It fails only for read-only values, which this is not.
                let _ = shift.set_translate(place.x as f32, place.y as f32);
            }
        }
    }

    /// The group of all figures, to be inserted into the page.
    pub fn group(&self) -> Html {
        Html::VRef(Element::clone(&self.group).into())
    }
}
