//! The panel in which a run is taken away: a preview of its picture, the choices, and what can be saved.

use antes_picture::document::{View, Wanted};
use antes_picture::style::Theme;
use gloo_timers::callback::Timeout;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, Event, HtmlAnchorElement, HtmlSelectElement, Url};
use yew::{Callback, Component, Context, Html, Properties, TargetCast, html};

use super::away::{Request, SCALE};
use super::painted;
use crate::app;
use crate::dom;
use crate::host::order::Format;
use crate::language::Language;
use crate::player::Player;
use crate::words::Word;
use crate::words::recorded as r;

#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    /// The address of the run at the moment of the picture.
    pub address: String,
}

pub enum Message {
    /// The run has been made again from its address.
    Ready(Box<Player>),
    View(View),
    Theme(Theme),
    Language(Language),
    Scale(u8),
    Save(Format),
    /// The content to save, or the reason why there is none.
    Made(Format, Result<String, String>),
}

pub struct Panel {
    player: Option<Box<Player>>,
    request: Request,
    /// The picture as the address of an image. Empty before it has been drawn.
    preview: String,
    /// The last thing that was done.
    told: Option<Result<String, String>>,
    /// The language of the page.
    language: Language,
}

impl Component for Panel {
    type Message = Message;
    type Properties = Props;

    fn create(ctx: &Context<Self>) -> Self {
        let address = ctx.props().address.clone();
        let language = dom::root_language();
        let theme = if dom::is_dark() { Theme::Dark } else { Theme::Light };
        let wanted = Wanted { theme, language, ..Wanted::default() };
        let request =
            Request { address: address.clone(), format: Format::Svg, wanted, scale: SCALE };
        ctx.link()
            .send_future(async move { Message::Ready(Box::new(app::player_at(&address).await)) });
        Self { player: None, request, preview: String::new(), told: None, language }
    }

    fn update(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        match message {
            Message::Ready(player) => self.player = Some(player),
            Message::View(view) => self.request.wanted.view = view,
            Message::Theme(theme) => self.request.wanted.theme = theme,
            Message::Language(language) => self.request.wanted.language = language,
            Message::Scale(scale) => self.request.scale = scale,
            Message::Save(format) => {
                let request = Request { format, ..self.request.clone() };
                ctx.link().send_future(async move {
                    let content = request.content().await;
                    Message::Made(format, content)
                });
                return false;
            }
            Message::Made(format, content) => {
                let name = self.file_name(format);
                let refused = |_| "this browser saves no files here".to_owned();
                self.told = Some(content.and_then(|content| {
                    save(&name, format, &content).map_err(refused)?;
                    Ok(name)
                }));
                return true;
            }
        }
        if let Some(player) = &self.player {
            self.preview = painted::address(&self.request.svg(player));
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let say = |word: Word| word.say(self.language);
        let Wanted { view, theme, language } = self.request.wanted;
        let views = [
            (View::Both, r::BOTH_VIEWS),
            (View::Ring, r::RING_ALONE),
            (View::Diagram, r::DIAGRAM_ALONE),
        ];
        let themes = [
            (Theme::Light, crate::words::COLOURS_LIGHT),
            (Theme::Dark, crate::words::COLOURS_DARK),
        ];
        let languages = [(Language::English, "English"), (Language::Portuguese, "Português")];
        let scales = [1, 2, 3, 4].map(|scale| (scale, format!("{scale}×")));
        let views = views.map(|(value, word)| (value, say(word).to_owned()));
        let themes = themes.map(|(value, word)| (value, say(word).to_owned()));
        let languages = languages.map(|(value, name)| (value, name.to_owned()));
        let link = ctx.link();
        html! {
            <div class="away-body">
                <figure>
                    if self.preview.is_empty() {
                        <p role="status">{ say(r::DRAWING) }</p>
                    } else {
                        <img src={self.preview.clone()} alt={say(r::PREVIEW)} />
                    }
                </figure>
                <div class="choices">
                    { choice(say(r::PICTURE_OF), &views, view, link.callback(Message::View)) }
                    { choice(say(crate::words::COLOURS), &themes, theme, link.callback(Message::Theme)) }
                    { choice(say(r::ITS_LANGUAGE), &languages, language, link.callback(Message::Language)) }
                    { choice(say(r::PNG_SIZE), &scales, self.request.scale, link.callback(Message::Scale)) }
                </div>
                <div class="actions">
                    { self.button(ctx, Format::Svg, say(r::SAVE_SVG), true) }
                    { self.button(ctx, Format::Png, say(r::SAVE_PNG), true) }
                </div>
                <h3>{ say(r::FOR_TOOLS) }</h3>
                <div class="actions">
                    { self.button(ctx, Format::Jsonl, say(r::AS_TRACE), false) }
                    { self.button(ctx, Format::Scenario, say(r::AS_SCENARIO), false) }
                    { self.button(ctx, Format::Mermaid, "Mermaid", false) }
                    { self.button(ctx, Format::Plantuml, "PlantUML", false) }
                    { self.button(ctx, Format::Shiviz, "ShiViz", false) }
                    { self.button(ctx, Format::Perfetto, "Perfetto", false) }
                </div>
                <p role="status" class="saved">
                    { match &self.told {
                        None => String::new(),
                        Some(Ok(name)) => r::SAVED.fill(self.language, &[name]),
                        Some(Err(reason)) => r::NOT_SAVED.fill(self.language, &[reason]),
                    } }
                </p>
            </div>
        }
    }
}

impl Panel {
    fn button(
        &self,
        ctx: &Context<Self>,
        format: Format,
        name: &'static str,
        is_main: bool,
    ) -> Html {
        let save = ctx.link().callback(move |_| Message::Save(format));
        html! {
            <button type="button" class={is_main.then_some("main")} onclick={save}
                data-action="save" data-about={format.name()}
                disabled={self.player.is_none()}>{ name }</button>
        }
    }

    /// The name under which the content is saved: scenario and moment.
    fn file_name(&self, format: Format) -> String {
        let Some(player) = &self.player else { return format.end().to_owned() };
        let slug = dom::first::<web_sys::Element>(".app")
            .and_then(|app| app.get_attribute("data-scenario"))
            .unwrap_or_else(|| "antes".to_owned());
        let at_ms = player.run().now_us() / 1_000;
        [&slug, "-", &at_ms.to_string(), "ms", format.end()].concat()
    }
}

/// A list with a name, from which one value is chosen.
fn choice<T: Copy + PartialEq + 'static>(
    name: &'static str,
    values: &[(T, String)],
    chosen: T,
    choose: Callback<T>,
) -> Html {
    let all: Vec<T> = values.iter().map(|(value, _)| *value).collect();
    let change = Callback::from(move |event: Event| {
        let list: HtmlSelectElement = event.target_unchecked_into();
        if let Some(&value) = all.get(usize::try_from(list.selected_index()).unwrap_or(0)) {
            choose.emit(value);
        }
    });
    let option = |(value, name): &(T, String)| {
        html! { <option selected={*value == chosen}>{ name }</option> }
    };
    html! {
        <label>
            <span>{ name }</span>
            <select onchange={change}>{ for values.iter().map(option) }</select>
        </label>
    }
}

/// Lets the browser save this content.
fn save(name: &str, format: Format, content: &str) -> Result<(), JsValue> {
    let document = dom::window().document().ok_or("there is no document")?;
    let link: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    link.set_download(name);
    if format == Format::Png {
        link.set_href(content);
        link.click();
        return Ok(());
    }
    let kind = BlobPropertyBag::new();
    kind.set_type(format.kind());
    let file =
        Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&content.into()), &kind)?;
    let address = Url::create_object_url_with_blob(&file)?;
    link.set_href(&address);
    link.click();
    // The browser has begun to save by then.
    Timeout::new(KEPT_MS, move || drop(Url::revoke_object_url(&address))).forget();
    Ok(())
}

/// How long a file is kept for the browser to save it, in milliseconds.
const KEPT_MS: u32 = 60_000;
