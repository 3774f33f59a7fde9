//! Access to the browser: events except [keys](crate::keys), the address, sizes, preferences.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue, wasm_bindgen};
use web_sys::{
    Element, Event, HtmlDialogElement, HtmlDocument, HtmlElement, HtmlInputElement,
    HtmlSelectElement, Response, SvgGraphicsElement, SvgTextContentElement, SvgTransform, Window,
};

use crate::address::{Motion, Theme};
use crate::face::{Face, Faces, MEASURED};
use crate::language::Language;
use crate::message::{Ask, from_control};
use crate::pointed::Pointed;
use crate::px::Point;
use crate::room::{keep_fold, rem, unit};
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

/// A table for JavaScript.
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

/// The browser's preferred language.
pub fn language_tag() -> String {
    window().navigator().language().unwrap_or_default()
}

/// The events that the page listens to, except keys.
const DEEDS: [&str; 8] =
    ["click", "input", "change", "mouseover", "focusin", "wheel", "pointermove", "pointerdown"];

/// The message for an event.
fn ask_of_deed(event: &Event) -> Option<Ask> {
    match event.type_().as_str() {
        "click" => {
            if let Some(panel) = under(event, ".panel > summary").and_then(|it| it.parent_element())
            {
                keep_fold(&panel);
            }
            Some(ask_of_click(event).unwrap_or(Ask::Dismiss))
        }
        "input" => ask_of_input(event),
        "change" => ask_of_choice(event),
        "mouseover" | "focusin" => Some(Ask::Hover(pointed_under(event))),
        "pointerdown" if under(event, "[data-action=seek]").is_some() => Some(Ask::Hold),
        kind => {
            under(event, ".chart")?;
            if kind == "wheel" {
                ask_of_wheel(event.unchecked_ref())
            } else {
                ask_of_drag(event.unchecked_ref())
            }
        }
    }
}

/// The message for a click, from the nearest control around the clicked element.
fn ask_of_click(event: &Event) -> Option<Ask> {
    control_of(event)
        .filter(|control| !is_slider(control) && !is_list(control))
        .as_ref()
        .and_then(ask_of)
}

/// The message for a slider's new value.
fn ask_of_input(event: &Event) -> Option<Ask> {
    let slider = control_of(event).filter(is_slider)?.unchecked_into::<HtmlInputElement>();
    from_control(&slider.get_attribute("data-action")?, &slider.value())
}

/// The message for the chosen entry of a list.
fn ask_of_choice(event: &Event) -> Option<Ask> {
    let list = control_of(event).filter(is_list)?.unchecked_into::<HtmlSelectElement>();
    from_control(&list.get_attribute("data-action")?, &list.value())
}

fn is_list(control: &Element) -> bool {
    control.tag_name() == "SELECT"
}

fn is_slider(control: &Element) -> bool {
    control.tag_name() == "INPUT"
}

/// The message for a turn of the wheel. It moves the diagram if the turn is sideways, and zooms if Control is
/// held.
fn ask_of_wheel(event: &web_sys::WheelEvent) -> Option<Ask> {
    if event.ctrl_key() {
        event.prevent_default();
        return Some(Ask::Zoom(if event.delta_y() > 0.0 { -1 } else { 1 }));
    }
    let sideways =
        if event.shift_key() { event.delta_y() + event.delta_x() } else { event.delta_x() };
    if sideways == 0.0 {
        return None;
    }
    event.prevent_default();
    Some(Ask::Pan(sideways))
}

/// How far a pointer must move before its direction counts, in CSS pixels.
const SLOP_PX: i32 = 6;

/// The message for a drag, which moves the diagram. A finger that moves up or down scrolls the page instead.
fn ask_of_drag(event: &web_sys::PointerEvent) -> Option<Ask> {
    thread_local! {
        /// Where the drag began, and the diagram's position since then. The position is `None` if the drag
        /// scrolls the page.
        static DRAG: std::cell::Cell<Option<(i32, i32, Option<i32>)>> =
            const { std::cell::Cell::new(None) };
    }
    let (x, y) = (event.client_x(), event.client_y());
    if event.type_() == "pointerdown" {
        DRAG.set(Some((x, y, None)));
        return None;
    }
    if event.buttons() & 1 == 0 {
        DRAG.set(None);
    }
    let (from_x, from_y, at) = DRAG.get()?;
    let (across, along) = ((x - from_x).abs(), (y - from_y).abs());
    let is_finger = event.pointer_type() == "touch";
    if at.is_none() && is_finger && along > SLOP_PX && along > across {
        DRAG.set(None);
        return None;
    }
    if at.is_none() && is_finger && across <= SLOP_PX {
        return None;
    }
    let by = x - at.unwrap_or(from_x);
    DRAG.set(Some((from_x, from_y, Some(x))));
    (by != 0).then(|| Ask::Pan(-f64::from(by) / unit()))
}

/// The event, node or message under the pointer.
fn pointed_under(event: &Event) -> Option<Pointed> {
    ["data-event", "data-node", "data-message"].into_iter().find_map(|name| {
        let element = under(event, &["[", name, "]"].concat())?;
        Pointed::from_handle(name, &element.get_attribute(name)?)
    })
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

/// Calls `asked` for all events of the page, as long as the page exists.
pub fn listen(asked: impl Fn(Ask) + 'static) {
    // The listeners are not on the document, because browsers do not let those cancel a turn of the wheel.
    let Some(app) = first::<Element>("#app") else { return };
    let closure = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        let ask = match event.type_().as_str() {
            "pointerup" | "pointercancel" => Some(Ask::LetGo),
            _ => ask_of_deed(&event),
        };
        if let Some(ask) = ask {
            asked(ask);
        }
    });
    let listener = closure.as_ref().unchecked_ref();
    for deed in DEEDS {
        let _ = app.add_event_listener_with_callback(deed, listener);
    }
    // The pointer may be released outside of the element.
    for deed in ["pointerup", "pointercancel"] {
        let _ = window().add_event_listener_with_callback(deed, listener);
    }
    closure.forget();
}

/// The number of different fresh seeds. It is small enough that a seed can be said aloud.
const FRESH_SEEDS: u64 = 100_000;

/// A random seed from 0 to 99,999. A browser without secure random numbers uses the current time instead.
pub fn fresh_seed() -> u64 {
    getrandom::u64().unwrap_or_else(|_| js_sys::Date::now() as u64) % FRESH_SEEDS
}

/// The nearest element for a selector around the target of an event.
fn under(event: &Event, css: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(css).ok()?
}

fn control_of(event: &Event) -> Option<Element> {
    under(event, "[data-action]")
}

/// The message of a control.
pub fn ask_of(control: &Element) -> Option<Ask> {
    let action = control.get_attribute("data-action")?;
    from_control(&action, &control.get_attribute("data-about").unwrap_or_default())
}
