//! The panel in which a run is taken away: a preview of its picture, the choices, and what can be saved.

use std::cell::Cell;
use std::rc::Rc;

use antes_picture::document::{View, Wanted};
use antes_picture::style::Theme;
use antes_sim::export::Tool;
use gloo_timers::callback::Timeout;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Blob, BlobPropertyBag, Event, HtmlAnchorElement, HtmlInputElement, HtmlSelectElement, Url,
};
use yew::{Callback, Component, Context, Html, Properties, TargetCast, html};

use super::away::{Request, SCALE};
use super::film::{self, Film, Kind, Watch};
use super::painted;
use super::subject::Subject;
use crate::dom;
use crate::host::order::Format;
use crate::language::Language;
use crate::words::Word;
use crate::words::recorded as r;

#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    /// The address of the run at the moment of the picture.
    pub address: String,
}

pub enum Message {
    /// The run has been made again from its address.
    Ready(Subject),
    View(View),
    Theme(Theme),
    Language(Language),
    Scale(u8),
    Save(Format),
    /// The content to save, or the reason why there is none.
    Made(Format, Result<String, String>),
    /// Where the film begins, in seconds of the run.
    FilmFrom(f64),
    FilmTo(f64),
    FilmSpeed(f64),
    Film(Kind),
    /// So much of the film is done, in percent.
    Progress(u32),
    Cancel,
    Filmed(Kind, Result<Blob, String>),
}

/// The choices for the film, in seconds of the run and times real time.
#[derive(Clone, Copy, Debug, PartialEq)]
struct FilmChoice {
    from: f64,
    to: f64,
    speed: f64,
}

/// How much of the run a film shows at first, in microseconds.
const FILM_US: u64 = 2_000_000;

const SPEEDS: [(f64, &str); 4] = [(0.125, "⅛×"), (0.25, "¼×"), (0.5, "½×"), (1.0, "1×")];

pub struct Panel {
    subject: Option<Subject>,
    request: Request,
    /// The picture as the address of an image. Empty before it has been drawn.
    preview: String,
    /// The last thing that was done.
    told: Option<Result<String, String>>,
    film: FilmChoice,
    /// How much of a film is done, in percent, and how to cancel it.
    filming: Option<(u32, Rc<Cell<bool>>)>,
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
        ctx.link().send_future(async move { Message::Ready(Subject::at(&address).await) });
        let film = FilmChoice { from: 0.0, to: 0.0, speed: 0.25 };
        let preview = String::new();
        Self { subject: None, request, preview, told: None, film, filming: None, language }
    }

    fn update(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        match message {
            Message::Ready(subject) => {
                let (end_us, now_us) = (subject.end_us(), subject.now_us());
                let [end_us, now_us] = [end_us, now_us].map(|told_us| subject.film_us(told_us));
                let from_us = now_us.min(end_us.saturating_sub(FILM_US));
                let to_us = (from_us + FILM_US).min(end_us);
                let [from, to] = [from_us, to_us].map(|film_us| subject.told_us(film_us));
                (self.film.from, self.film.to) = (from as f64 / 1e6, to as f64 / 1e6);
                self.subject = Some(subject);
            }
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
                let refused = |_| NO_FILES.to_owned();
                self.told = Some(content.and_then(|content| {
                    save(&name, format, &content).map_err(refused)?;
                    Ok(name)
                }));
                return true;
            }
            Message::FilmFrom(from) => self.film.from = from,
            Message::FilmTo(to) => self.film.to = to,
            Message::FilmSpeed(speed) => self.film.speed = speed,
            Message::Film(kind) => self.begin_film(ctx, kind),
            Message::Progress(percent) => {
                if let Some((done, _)) = &mut self.filming {
                    *done = percent;
                }
                return true;
            }
            Message::Cancel => {
                if let Some((_, cancelled)) = &self.filming {
                    cancelled.set(true);
                }
                return false;
            }
            Message::Filmed(kind, file) => {
                self.filming = None;
                let name = self.name_with(kind.end());
                self.told = Some(file.and_then(|file| {
                    save_file(&name, &file).map_err(|_| NO_FILES.to_owned())?;
                    Ok(name)
                }));
                return true;
            }
        }
        self.draw();
        true
    }

    fn destroy(&mut self, _: &Context<Self>) {
        if let Some((_, cancelled)) = &self.filming {
            cancelled.set(true);
        }
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
                { self.film_part(ctx) }
                <h3>{ say(r::FOR_TOOLS) }</h3>
                <div class="actions">
                    { self.button(ctx, Format::Jsonl, say(r::AS_TRACE), false) }
                    if !matches!(self.subject, Some(Subject::Recording(_))) {
                        { self.button(ctx, Format::Scenario, say(r::AS_SCENARIO), false) }
                    }
                    { for Tool::ALL.into_iter().map(|tool| {
                        self.button(ctx, Format::Tool(tool), tool.title(), false)
                    }) }
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
                disabled={self.subject.is_none()}>{ name }</button>
        }
    }

    /// Draws the picture again if a choice has changed it.
    fn draw(&mut self) {
        if let Some(subject) = &self.subject {
            self.preview = painted::address(&subject.svg(self.request.wanted));
        }
    }

    /// Begins to make a film. A film of nothing is refused, and there is one film at a time.
    fn begin_film(&mut self, ctx: &Context<Self>, kind: Kind) {
        let FilmChoice { from, to, speed } = self.film;
        let Some(subject) = self.subject.as_ref().filter(|_| self.filming.is_none()) else {
            return;
        };
        let end = subject.end_us() as f64 / 1e6;
        if !(from >= 0.0 && to > from && to <= end) {
            let reason = r::BAD_FILM.fill(self.language, &[&end]);
            self.told = Some(Err(reason));
            return;
        }
        let micros = |seconds: f64| subject.film_us((seconds * 1e6).round() as u64);
        let film =
            Film { from_us: micros(from), to_us: micros(to), speed, wanted: self.request.wanted };
        let cancelled = Rc::new(Cell::new(false));
        self.filming = Some((0, cancelled.clone()));
        self.told = None;
        let link = ctx.link().clone();
        let told = Box::new(move |percent| link.send_message(Message::Progress(percent)));
        let watch = Watch { told, cancelled };
        let address = self.request.address.clone();
        ctx.link().send_future(async move {
            let subject = Subject::at(&address).await;
            Message::Filmed(kind, film.make(subject, kind, &watch).await)
        });
    }

    fn film_part(&self, ctx: &Context<Self>) -> Html {
        let say = |word: Word| word.say(self.language);
        let link = ctx.link();
        let speeds = SPEEDS.map(|(speed, name)| (speed, name.to_owned()));
        let film = |kind: Kind, name: Word| {
            let make = link.callback(move |_| Message::Film(kind));
            html! {
                <button type="button" onclick={make} data-action="film" data-about={kind.end()}
                    disabled={self.subject.is_none()}>{ say(name) }</button>
            }
        };
        html! {
            <>
                <h3>{ say(r::FILM) }</h3>
                <div class="choices">
                    { instant(say(r::FILM_FROM), self.film.from, link.callback(Message::FilmFrom)) }
                    { instant(say(r::FILM_TO), self.film.to, link.callback(Message::FilmTo)) }
                    { choice(say(r::FILM_SPEED), &speeds, self.film.speed, link.callback(Message::FilmSpeed)) }
                </div>
                <div class="actions">
                    if let Some((percent, _)) = &self.filming {
                        <progress max="100" value={percent.to_string()} aria-label={say(r::FILMING)} />
                        <button type="button" data-action="cancel-film"
                            onclick={link.callback(|_| Message::Cancel)}>{ say(r::CANCEL) }</button>
                    } else {
                        { film(Kind::Gif, r::SAVE_GIF) }
                        if film::webm_kind().is_some() { { film(Kind::Webm, r::SAVE_WEBM) } }
                    }
                </div>
            </>
        }
    }

    /// The name under which the content is saved: scenario and moment.
    fn file_name(&self, format: Format) -> String {
        self.name_with(format.end())
    }

    fn name_with(&self, end: &str) -> String {
        let Some(subject) = &self.subject else { return end.to_owned() };
        let slug = dom::first::<web_sys::Element>(".app")
            .and_then(|app| app.get_attribute("data-scenario"))
            .unwrap_or_else(|| "antes".to_owned());
        let at_ms = subject.now_us() / 1_000;
        [&slug, "-", &at_ms.to_string(), "ms", end].concat()
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

/// A field for an instant in seconds.
fn instant(name: &'static str, seconds: f64, choose: Callback<f64>) -> Html {
    let change = Callback::from(move |event: Event| {
        let field: HtmlInputElement = event.target_unchecked_into();
        choose.emit(field.value_as_number());
    });
    html! {
        <label>
            <span>{ name }</span>
            <input type="number" min="0" step="any" value={seconds.to_string()} onchange={change} />
        </label>
    }
}

/// Why nothing is saved where the browser saves nothing.
const NO_FILES: &str = "this browser saves no files here";

/// Lets the browser save this content. A PNG is given as its `data:` address.
fn save(name: &str, format: Format, content: &str) -> Result<(), JsValue> {
    if format == Format::Png {
        return save_at(name, content);
    }
    let kind = BlobPropertyBag::new();
    kind.set_type(format.kind());
    let parts = js_sys::Array::of1(&content.into());
    save_file(name, &Blob::new_with_str_sequence_and_options(&parts, &kind)?)
}

fn save_file(name: &str, file: &Blob) -> Result<(), JsValue> {
    let address = Url::create_object_url_with_blob(file)?;
    save_at(name, &address)?;
    // The browser has begun to save by then.
    Timeout::new(KEPT_MS, move || drop(Url::revoke_object_url(&address))).forget();
    Ok(())
}

fn save_at(name: &str, address: &str) -> Result<(), JsValue> {
    let document = dom::window().document().ok_or("there is no document")?;
    let link: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    link.set_download(name);
    link.set_href(address);
    link.click();
    Ok(())
}

/// How long a file is kept for the browser to save it, in milliseconds.
const KEPT_MS: u32 = 60_000;
