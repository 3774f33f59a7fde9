//! Access to the browser: events except [keys](crate::keys), the address, sizes, preferences.

mod events;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use web_sys::{
    Element, HtmlDialogElement, HtmlDocument, HtmlElement, HtmlInputElement, HtmlSelectElement,
    Response, SvgGraphicsElement, SvgTextContentElement, SvgTransform, Window,
};

pub use self::events::{ask_of, listen};
use crate::address::{Motion, Theme};
use crate::face::{Face, Faces, MEASURED};
use crate::language::Language;
use crate::px::Point;
use crate::room::rem;
use crate::view::dialog::View;

/// The browser's window.
///
/// # Panics
///
/// If there is no window, as in a worker.
pub fn window() -> Window {
    web_sys::window().expect("the page runs in a browser's window")
}

pub fn root() -> Option<Element> {
    window().document()?.document_element()
}

/// Sets an attribute of the document's root element. An empty value removes it.
pub fn mark_root(name: &str, value: &str) {
    let Some(root) = root() else { return };
    let _ = match value {
        "" => root.remove_attribute(name),
        value => root.set_attribute(name, value),
    };
}

/// A new SVG element that is not in the document yet.
///
/// # Panics
///
/// If there is no document.
pub fn svg(tag: &str) -> Element {
    let document = window().document().expect("a window has a document");
    document
        .create_element_ns(Some("http://www.w3.org/2000/svg"), tag)
        .expect("a name that is valid")
}

pub fn set(element: &Element, name: &str, value: &str) {
    // Only invalid names are refused.
    let _ = element.set_attribute(name, value);
}

/// The transform of a drawing.
pub fn shift(drawing: &Element) -> Option<SvgTransform> {
    set(drawing, "transform", "translate(0)");
    let drawing: &SvgGraphicsElement = drawing.unchecked_ref();
    drawing.transform().base_val().get_item(0).ok()
}

/// The type size of a drawn text, in pixels. `css` selects the text.
fn size_of_text(css: &str) -> Option<f64> {
    let style = window().get_computed_style(&first(css)?).ok()??;
    let size = style.get_property_value("font-size").ok()?;
    Some(js_sys::parse_float(&size)).filter(|pixels| pixels.is_finite())
}

/// The measured widths of characters of a drawn text. `css` selects a text that is used for measuring.
fn measured(css: &str, em: f64) -> Option<Face> {
    let text: SvgTextContentElement = first(css)?;
    text.set_text_content(Some(MEASURED));
    let width = |place: usize| {
        let width = text.get_sub_string_length(u32::try_from(place).ok()?, 1);
        width.ok().map(f64::from)
    };
    let widths: Option<Vec<f64>> = (0..MEASURED.len()).map(width).collect();
    Some(Face::measured(em, widths?))
}

/// The faces of the pictures. `None` if they are equal to the known ones.
pub fn faces(known: &Faces) -> Option<Faces> {
    let face = |css: &str, known: &Face| {
        let em = size_of_text(css)?;
        if em == known.em() && known.is_measured() { None } else { measured(css, em) }
    };
    let ring = face(".ring .probe .flight text", &known.ring);
    let caption = face(".ring .probe .caption", &known.caption);
    let chart = face(".diagram .probe text", &known.chart);
    if ring.is_none() && caption.is_none() && chart.is_none() {
        return None;
    }
    Some(Faces {
        ring: ring.unwrap_or_else(|| known.ring.clone()),
        caption: caption.unwrap_or_else(|| known.caption.clone()),
        chart: chart.unwrap_or_else(|| known.chart.clone()),
    })
}

/// Whether the page was opened from disk. Browsers let such a page change only the fragment of its address,
/// so its query is in the fragment.
pub fn is_on_disk() -> bool {
    window().location().protocol().is_ok_and(|protocol| protocol == "file:")
}

/// The query in the address.
pub fn query() -> String {
    let location = window().location();
    let fragment = location.hash().unwrap_or_default();
    match fragment.strip_prefix('#') {
        Some(query) if is_on_disk() => format!("?{query}"),
        _ => location.search().unwrap_or_default(),
    }
}

/// The page's full address with this query.
pub fn address_with(query: &str) -> String {
    if !is_on_disk() {
        return address() + query;
    }
    // A file that was written with `--published` names that page.
    if let Some(published) = root().and_then(|root| root.get_attribute("data-published")) {
        return published + query;
    }
    let whole = window().location().href().unwrap_or_default();
    let file = whole.split(['?', '#']).next().unwrap_or_default();
    [file, &fragment(query)].concat()
}

/// A link from the page to itself with this query.
pub fn path_with(query: &str) -> String {
    match is_on_disk() {
        true => fragment(query),
        false => window().location().pathname().unwrap_or_default() + query,
    }
}

fn fragment(query: &str) -> String {
    format!("#{}", query.trim_start_matches('?'))
}

pub fn address() -> String {
    let location = window().location();
    let (origin, path) = (location.origin(), location.pathname());
    origin.unwrap_or_default() + &path.unwrap_or_default()
}

/// The address of the page that led here. Empty if the browser does not tell.
pub fn referrer() -> String {
    window().document().map(|document| document.referrer()).unwrap_or_default()
}

/// A text escaped for a query.
pub fn escape(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

/// The content of one of the page's own files. `None` if it cannot be fetched.
pub async fn fetch(name: &str) -> Option<Vec<u8>> {
    let response = window().fetch_with_str(name).await.ok()?.unchecked_into::<Response>();
    let content = response.array_buffer().ok()?.await.ok()?;
    response.ok().then(|| js_sys::Uint8Array::new(&content).to_vec())
}

#[wasm_bindgen]
extern "C" {
    /// Calls a function of web/whole.js, which loads the whole program first if need be.
    #[wasm_bindgen(js_name = antes_whole)]
    fn call_whole(name: &str, about: &JsValue) -> js_sys::Promise;
}

/// The answer of the whole program. An error is a sentence.
pub async fn from_whole(name: &str, about: &JsValue) -> Result<String, String> {
    let told = |value: JsValue| value.as_string().unwrap_or_default();
    call_whole(name, about).await.map(told).map_err(told)
}

/// A JavaScript object with these text fields.
pub fn table(entries: &[(&str, String)]) -> JsValue {
    let table = js_sys::Object::new();
    for (name, value) in entries {
        let _ = js_sys::Reflect::set(&table, &(*name).into(), &value.into());
    }
    table.into()
}

/// The language of the page.
pub fn root_language() -> Language {
    let tag = root().and_then(|root| root.get_attribute("lang"));
    tag.and_then(|tag| Language::from_tag(&tag)).unwrap_or_default()
}

/// Whether the page is dark.
pub fn is_dark() -> bool {
    let theme = root().and_then(|root| root.get_attribute("data-theme"));
    theme.map_or_else(|| prefers("(prefers-color-scheme: dark)"), |theme| theme == "dark")
}

/// Whether a media query matches.
pub fn prefers(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|list| list.matches())
}

/// The browser's preferred language, such as `pt-BR`. Empty if it names none.
pub fn language_tag() -> String {
    window().navigator().language().unwrap_or_default()
}

/// Selects a scenario in the list.
pub fn set_list(slug: &str) {
    if let Some(list) = first::<HtmlSelectElement>("select[data-action=scenario]") {
        list.set_value(slug);
    }
}

/// Whether a dialog is open. If so, it handles the keys.
pub fn has_dialog() -> bool {
    first::<Element>("dialog[open]").is_some()
}

/// Opens the drawn dialog as a modal one, so that the browser keeps the focus inside.
pub fn open_dialog() {
    if let Some(dialog) = first::<HtmlDialogElement>("dialog:not([open])") {
        let _ = dialog.show_modal();
    }
}

/// Moves the drawn menu to its position. If it has just been opened, its first entry gets the focus.
pub fn place_menu(corner: Point, opens: bool) {
    let Some(menu) = first::<HtmlElement>("div.menu") else { return };
    // The policy forbids style attributes, but allows properties that are set this way.
    let style = menu.style();
    let _ = style.set_property("left", &rem(corner.x));
    let _ = style.set_property("top", &rem(corner.y));
    if opens {
        focus_first(".menu button");
    }
}

/// Closes the open dialog. The browser returns the focus to where it was.
pub fn close_dialog() {
    if let Some(dialog) = first::<HtmlDialogElement>("dialog[open]") {
        dialog.close();
    }
}

/// Copies a text to the clipboard. Returns whether that succeeded.
///
/// Browsers provide a clipboard only to pages by HTTPS or on this machine. Elsewhere, the field with the text
/// is selected and copied. If that is refused too, the text stays selected for the user.
pub async fn copy(text: String) -> bool {
    let navigator = window().navigator();
    let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into());
    if clipboard.is_ok_and(|clipboard| clipboard.is_object())
        && navigator.clipboard().write_text(&text).await.is_ok()
    {
        return true;
    }
    let Some(field) = first::<HtmlInputElement>("dialog input[readonly]") else { return false };
    focus(Some(field.clone().into()));
    field.select();
    let document: Option<HtmlDocument> = window().document().map(JsCast::unchecked_into);
    document.is_some_and(|document| document.exec_command("copy").unwrap_or(false))
}

/// Whether the browser supports full screen.
pub fn can_fill() -> bool {
    window().document().is_some_and(|document| document.fullscreen_enabled())
}

/// Switches full screen on or off.
pub fn fill_screen() {
    let Some(document) = window().document() else { return };
    if document.fullscreen_element().is_some() {
        document.exit_fullscreen();
    } else if let Some(root) = root() {
        // If the browser refuses, nothing changes.
        let _ = root.request_fullscreen();
    }
}

/// Sets the attributes of the document for these settings.
pub fn mark_view(view: &View) {
    mark_root("data-theme", view.theme.map_or("", Theme::name));
    mark_root("data-type", view.type_size.name());
    mark_root("data-motion", view.motion.map_or("", Motion::name));
}

/// Whether time moves from event to event, without movement in between.
pub fn is_still(motion: Option<Motion>) -> bool {
    match motion {
        Some(motion) => motion == Motion::Reduced,
        None => prefers("(prefers-reduced-motion: reduce)"),
    }
}

/// The theme that is not shown now.
pub fn other_theme(theme: Option<Theme>) -> Theme {
    let dark = match theme {
        Some(theme) => theme == Theme::Dark,
        None => prefers("(prefers-color-scheme: dark)"),
    };
    if dark { Theme::Light } else { Theme::Dark }
}

/// Moves the focus through the results of a search and back to its field. Enter in the field chooses the
/// first result. Returns whether the key was handled.
pub fn move_in_finder(name: &str) -> bool {
    let Some(document) = window().document() else { return false };
    let Some(focused) = document.active_element() else { return false };
    if focused.closest(".finder").ok().flatten().is_none() {
        return false;
    }
    let Ok(all) = document.query_selector_all(".finder input, .finder button") else {
        return false;
    };
    let all: Vec<Element> =
        (0..all.length()).filter_map(|place| all.item(place)?.dyn_into().ok()).collect();
    let Some(place) = all.iter().position(|each| *each == focused) else { return false };
    match name {
        "ArrowDown" => focus(all.get(place + 1).cloned()),
        "ArrowUp" => focus(place.checked_sub(1).and_then(|place| all.get(place)).cloned()),
        "Enter" if place == 0 => {
            if let Some(first) = all.get(1) {
                first.unchecked_ref::<HtmlElement>().click();
            }
        }
        _ => return false,
    }
    true
}

/// Focuses the first element for a selector, if there is one.
pub fn focus_first(css: &str) {
    focus(first(css));
}

/// The first element for a selector, if it has this type.
pub fn first<T: JsCast>(css: &str) -> Option<T> {
    window().document()?.query_selector(css).ok()?.map(JsCast::unchecked_into)
}

pub fn focus(element: Option<Element>) {
    // SVG elements have a `focus` method of their own.
    if let Some(element) = element {
        let _ = element.unchecked_ref::<HtmlElement>().focus();
    }
}

/// The number of different fresh seeds. It is small enough that a seed can be said aloud.
const FRESH_SEEDS: u64 = 100_000;

/// A random seed from 0 to 99,999. A browser without secure random numbers uses the current time instead.
pub fn fresh_seed() -> u64 {
    getrandom::u64().unwrap_or_else(|_| js_sys::Date::now() as u64) % FRESH_SEEDS
}
