//! The style of a picture that has no style sheet: the rules of the page's style sheet become attributes of
//! the elements that they select. `build.rs` takes the rules from there.

use simplecss::{AttributeOperator, PseudoClass, StyleSheet};

use crate::element::{Child, Element, Text};
use crate::px::px;

include!(concat!(env!("OUT_DIR"), "/style.rs"));

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    Light,
    Dark,
}

impl Theme {
    /// The name in addresses, in options and in `html[data-theme]`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The properties that SVG also has as attributes, and whether children inherit them.
const PROPERTIES: [(&str, bool); 10] = [
    ("fill", true),
    ("stroke", true),
    ("stroke-width", true),
    ("stroke-dasharray", true),
    ("stroke-linecap", true),
    ("stroke-linejoin", true),
    ("font-size", true),
    ("font-weight", true),
    ("letter-spacing", true),
    ("opacity", false),
];

/// Classes that only the page needs: areas that can be clicked, and the ring around the focus.
const OF_THE_PAGE: [&str; 2] = ["hit", "halo"];

/// `picture` with the style of a theme as attributes. Attributes for programs and invisible elements are left
/// out. `None` if nothing is visible.
pub fn styled(picture: &Element, theme: Theme) -> Option<Element> {
    let tailor = Tailor { sheet: StyleSheet::parse(RULES), theme };
    tailor.dress(picture, &mut Vec::new(), &Scope::default()).pop()
}

/// The properties that an element inherits from its ancestors.
#[derive(Clone, Default)]
struct Scope {
    /// The colours that a message's family sets for its parts.
    lent: Vec<(&'static str, String)>,
    inherited: Vec<(&'static str, String)>,
}

struct Tailor {
    sheet: StyleSheet<'static>,
    theme: Theme,
}

impl Tailor {
    /// The elements that show this one with its style: none if it is invisible, two if its outline has to be
    /// below its fill.
    fn dress<'a>(
        &self,
        element: &'a Element,
        around: &mut Vec<&'a Element>,
        scope: &Scope,
    ) -> Vec<Element> {
        let class = element.attribute("class").unwrap_or_default();
        if class.split(' ').any(|name| OF_THE_PAGE.contains(&name)) {
            return Vec::new();
        }
        let declared = self.declared(Place { element, around });
        let mut scope = scope.clone();
        for (name, value) in &declared {
            if name.starts_with("kind") {
                let value = self.resolved(value, &scope);
                scope.lent.retain(|(other, _)| other != name);
                scope.lent.push((name, value));
            }
        }
        let mut dressed = self.plain(element, &scope);
        let mut outlined = false;
        for (name, value) in &declared {
            let value = self.resolved(value, &scope);
            outlined |= *name == "paint-order";
            set_property(&mut dressed, name, &value, &mut scope);
        }
        around.push(element);
        for child in &element.children {
            match child {
                Child::Element(inside) => {
                    let inside = self.dress(inside, around, &scope);
                    dressed.children.extend(inside.into_iter().map(Child::Element));
                }
                Child::Text(text) if !text.is_empty() => {
                    dressed.children.push(Child::Text(text.clone()));
                }
                Child::Text(_) => {}
            }
        }
        around.pop();
        if is_nothing(&dressed) {
            return Vec::new();
        }
        if outlined { below_and_above(dressed) } else { vec![dressed] }
    }

    /// A copy with only the attributes that place it, and no children.
    fn plain(&self, element: &Element, scope: &Scope) -> Element {
        let is_told = |name: &str| {
            name == "class"
                || name == "tabindex"
                || name.starts_with("data-")
                || name == "aria-hidden"
        };
        let shown = element.attributes.iter().filter(|(name, _)| !is_told(name));
        let resolve = |(name, value): &(&'static str, Text)| match value.contains("var(") {
            true => (*name, Text::from(self.resolved(value, scope))),
            false => (*name, value.clone()),
        };
        let mut plain = Element::new(element.tag);
        plain.attributes = shown.map(resolve).collect();
        measure_dashes(&mut plain);
        plain
    }

    /// The declarations that apply to an element. If a name occurs twice, the last one counts.
    fn declared(&self, place: Place<'_>) -> Vec<(&'static str, &'static str)> {
        let mut declared: Vec<(&str, &str)> = Vec::new();
        for rule in self.sheet.rules.iter().filter(|rule| rule.selector.matches(&place)) {
            for declaration in &rule.declarations {
                declared.retain(|(name, _)| *name != declaration.name);
                // build.rs has written values as strings.
                declared.push((declaration.name, declaration.value.trim_matches('\'')));
            }
        }
        declared
    }

    /// A value in which variables are replaced by their colours.
    fn resolved(&self, value: &str, scope: &Scope) -> String {
        let Some((before, rest)) = value.split_once("var(--") else { return value.to_owned() };
        let end = closing(rest);
        let (inside, after) = (&rest[..end], rest.get(end + 1..).unwrap_or_default());
        let (name, otherwise) = inside.split_once(',').unwrap_or((inside, ""));
        let found = match scope.lent.iter().find(|(other, _)| *other == name) {
            Some((_, value)) => value.clone(),
            None => self.token(name).unwrap_or_else(|| self.resolved(otherwise.trim(), scope)),
        };
        [before, &found, &self.resolved(after, scope)].concat()
    }

    /// The value of a colour variable in this theme.
    fn token(&self, name: &str) -> Option<String> {
        let (_, value) = TOKENS.iter().find(|(other, _)| *other == name)?;
        let Some(both) = value.strip_prefix("light-dark(").and_then(|it| it.strip_suffix(')'))
        else {
            return Some((*value).to_owned());
        };
        let (light, dark) = both.split_once(',')?;
        Some(match self.theme {
            Theme::Light => light.trim().to_owned(),
            Theme::Dark => dark.trim().to_owned(),
        })
    }
}

/// Whether an element shows nothing. Some programs complain about such elements.
fn is_nothing(element: &Element) -> bool {
    match element.tag {
        "g" | "text" | "svg" => element.children.is_empty(),
        "rect" => element.attribute("width") == Some("0"),
        "path" => element.attribute("d") == Some(""),
        _ => false,
    }
}

/// The index of the parenthesis that closes the one before `text`.
fn closing(text: &str) -> usize {
    let mut open = 1;
    for (place, letter) in text.char_indices() {
        match letter {
            '(' => open += 1,
            ')' if open == 1 => return place,
            ')' => open -= 1,
            _ => {}
        }
    }
    text.len()
}

/// Sets a property as an attribute, if SVG has that attribute and the element does not inherit the same
/// value.
fn set_property(element: &mut Element, name: &str, value: &str, scope: &mut Scope) {
    let Some(&(name, inherits)) = PROPERTIES.iter().find(|(other, _)| *other == name) else {
        return;
    };
    let (value, share) = plain_value(name, value);
    if let Some(share) = share {
        element.attributes.push(("fill-opacity", share.into()));
    }
    let is_known = scope.inherited.iter().any(|(other, known)| *other == name && *known == value);
    if inherits && is_known {
        return;
    }
    if inherits {
        scope.inherited.retain(|(other, _)| *other != name);
        scope.inherited.push((name, value.clone()));
    }
    element.attributes.push((name, value.into()));
}

/// A value in the form that SVG attributes need, and the opacity if it is below 1.
fn plain_value(name: &str, value: &str) -> (String, Option<String>) {
    if value == "transparent" {
        return ("none".to_owned(), None);
    }
    if let Some(mixed) =
        value.strip_prefix("color-mix(in srgb,").and_then(|it| it.strip_suffix(')'))
    {
        return mix(mixed).unwrap_or_else(|| (value.to_owned(), None));
    }
    if name == "font-weight" {
        // Fonts, and most programs that read SVG, only have weights in steps of 100.
        let weight: u32 = value.parse().unwrap_or(400);
        return (((weight + 50) / 100 * 100).to_string(), None);
    }
    (value.strip_suffix("px").unwrap_or(value).to_owned(), None)
}

/// The mix of two colours, weighted by the first one's percentage. If the second is `transparent`, the first
/// colour and its opacity.
fn mix(colours: &str) -> Option<(String, Option<String>)> {
    let (first, second) = colours.split_once(',')?;
    let (first, percent) = first.trim().split_once(' ')?;
    let percent: u32 = percent.strip_suffix('%')?.parse().ok()?;
    let second = second.trim();
    if second == "transparent" {
        return Some((first.to_owned(), Some(format!("0.{percent:02}"))));
    }
    let part =
        |colour: &str, from: usize| u32::from_str_radix(colour.get(from..from + 2)?, 16).ok();
    let mut mixed = "#".to_owned();
    for from in [1, 3, 5] {
        let (a, b) = (part(first, from)?, part(second, from)?);
        mixed += &format!("{:02x}", (a * percent + b * (100 - percent) + 50) / 100);
    }
    Some((mixed, None))
}

/// Converts dashes from hundredths of a circle to pixels, since few programs support `pathLength`.
fn measure_dashes(element: &mut Element) {
    let radius = element.attribute("r").and_then(|r| r.parse::<f64>().ok());
    let (Some(radius), Some("100")) = (radius, element.attribute("pathLength")) else { return };
    element.attributes.retain(|(name, _)| *name != "pathLength");
    let whole = core::f64::consts::TAU * radius / 100.0;
    for (_, dashes) in element.attributes.iter_mut().filter(|(name, _)| *name == "stroke-dasharray")
    {
        let lengths = dashes.split(' ').filter_map(|dash| dash.parse::<f64>().ok());
        *dashes = lengths.map(|dash| px(dash * whole)).collect::<Vec<_>>().join(" ").into();
    }
}

/// Splits an element whose outline is below its fill into two, since few programs support `paint-order`.
fn below_and_above(element: Element) -> Vec<Element> {
    let stroke = element.attribute("stroke").map(str::to_owned);
    let (mut below, mut above) = (element.clone(), element);
    above.attributes.retain(|(name, _)| !name.starts_with("stroke"));
    if let Some(stroke) = stroke {
        below.attributes.retain(|(name, _)| *name != "fill");
        below.attributes.extend([("fill", stroke.into()), ("aria-hidden", "true".into())]);
    }
    vec![below, above]
}

/// An element and its ancestors, the parent last.
#[derive(Clone, Copy)]
struct Place<'a> {
    element: &'a Element,
    around: &'a [&'a Element],
}

impl simplecss::Element for Place<'_> {
    fn parent_element(&self) -> Option<Self> {
        let (element, around) = self.around.split_last()?;
        Some(Self { element, around })
    }

    fn prev_sibling_element(&self) -> Option<Self> {
        None
    }

    fn has_local_name(&self, name: &str) -> bool {
        self.element.tag == name
    }

    fn attribute_matches(&self, name: &str, operator: AttributeOperator<'_>) -> bool {
        self.element.attribute(name).is_some_and(|value| operator.matches(value))
    }

    fn pseudo_class_matches(&self, _: PseudoClass<'_>) -> bool {
        false
    }
}
