//! A recording embedded in another page. Its content is reported only to the host that provided it;
//! files that the user opened are private.

use antes_sim::export::Tool;
use yew::Context;

use super::App;
use crate::host::keys::{self, Situation};
use crate::host::link;
use crate::host::order::{Format, Message, Order, Place, Refusal, Selected, Source};
use crate::host::report::{self, News, State};
use crate::host::value::Value;
use crate::message::{Ask, Selection};
use crate::visit;
use crate::whole::away::Request;
use crate::whole::subject::Subject;

/// The reason why a host gets no report.
const PRIVATE: &str = "this recording was not handed over by this page, and so stays private";

impl App {
    /// Carries out a request of the host. Returns whether the page has to be redrawn.
    pub(super) fn obey_host(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        let Message { name, id, order, origin } = message;
        let is_handed = self.handed.as_ref().is_some_and(|handed| *handed == origin);
        match order.and_then(|order| self.carry_out(ctx, order, id.as_ref(), is_handed)) {
            Ok(redraw) => redraw,
            Err(reason) => {
                report::error(&name, &reason, id.as_ref()).post();
                false
            }
        }
    }

    fn carry_out(
        &mut self,
        ctx: &Context<Self>,
        order: Order,
        id: Option<&Value>,
        is_handed: bool,
    ) -> Result<bool, Refusal> {
        let ask = match order {
            Order::Ping => {
                report::pong(id, self.is_told_ready()).post();
                return Ok(false);
            }
            Order::GetState | Order::Export(..) if !is_handed => return Err(PRIVATE.into()),
            Order::GetState => {
                self.state().message(id).post();
                return Ok(false);
            }
            Order::Export(format, looks) => {
                self.export(format, looks, id)?;
                return Ok(false);
            }
            Order::Play => Ask::Play,
            Order::Pause => Ask::Pause,
            Order::Toggle => Ask::Toggle,
            Order::Step => Ask::Step,
            Order::Back => Ask::Back,
            Order::Speed(speed) => Ask::Speed(speed),
            Order::Seek(place) => self.asked_place(place)?,
            Order::Select(Selected::Nothing) => Ask::Select(Selection::Latest),
            Order::Select(Selected::Event(seq)) => Ask::Select(Selection::Event(seq)),
            Order::Select(Selected::Node(node)) => Ask::Select(Selection::Node(node)),
            Order::Select(Selected::Message(id)) => Ask::Inspect(id),
            // web/boot.js handles them.
            Order::Load(Source::Trace(_) | Source::Toml(_)) => return Ok(false),
            Order::Load(_) | Order::Act(..) => {
                return Err("a recording shows what happened: it runs nothing".into());
            }
            Order::Language(language) if language == self.language => return Ok(false),
            Order::Language(_) => Ask::Language,
            Order::Theme(theme) => Ask::Colours(theme),
            Order::SlideStart => return Ok(self.slide_starts(ctx)),
            Order::SlideStop => {
                self.was_playing = self.is_playing();
                self.opened_us = None;
                link::give_focus_back();
                Ask::Pause
            }
        };
        Ok(self.obey(ctx, ask))
    }

    /// Continues where the slide was left. With autoplay, the recording begins with the slide.
    fn slide_starts(&mut self, ctx: &Context<Self>) -> bool {
        if let Some(opened_us) = self.opened_us.take()
            && self.address.page.settings.autoplay
            && let Some(deck) = &mut self.deck
        {
            deck.seek(deck.tape().on_tape_us(opened_us));
            return self.obey(ctx, Ask::Play);
        }
        let goes_on = std::mem::take(&mut self.was_playing);
        goes_on && self.obey(ctx, Ask::Play)
    }

    fn asked_place(&self, place: Place) -> Result<Ask, Refusal> {
        let deck = self.deck.as_ref().ok_or("no recording is open")?;
        match place {
            Place::At(told_us) => Ok(Ask::Seek(deck.tape().on_tape_us(told_us))),
            Place::Event(seq) if seq < deck.tape().events().len() as u64 => Ok(Ask::Show(seq)),
            Place::Event(_) => Err("the recording has no such event".into()),
            Place::Note(_) => Err("a recording has no narrator".into()),
        }
    }

    /// Sends the host the recording in this format.
    fn export(
        &self,
        format: Format,
        looks: Vec<(&'static str, Value)>,
        id: Option<&Value>,
    ) -> Result<(), Refusal> {
        let deck = self.deck.as_ref().ok_or("no recording is open")?;
        if matches!(format, Format::Address | Format::Comparison | Format::Scenario) {
            let tools = Tool::ALL.map(Tool::name).join(", ");
            return Err(format!("a recording can be given back as jsonl, {tools}, svg or png"));
        }
        let mut fields = vec![("format".to_owned(), Value::Text(format.name().to_owned()))];
        fields.extend(looks.into_iter().map(|(name, value)| (name.to_owned(), value)));
        let request = Request::of(&fields)?;
        let subject = Subject::Recording(Box::new(deck.beside()));
        let id = id.cloned();
        yew::platform::spawn_local(async move {
            let told = match request.content_of(&subject).await {
                Ok(content) => report::export(format.name(), &content, id.as_ref()),
                Err(reason) => report::error("export", &reason, id.as_ref()),
            };
            told.post();
        });
        Ok(())
    }

    fn is_playing(&self) -> bool {
        self.deck.as_ref().is_some_and(super::Deck::is_playing)
    }

    fn is_told_ready(&self) -> bool {
        self.reporter.is_ready()
    }

    /// Reports which control the next key goes to, and sends the host the state that it may know.
    pub(super) fn tell_host(&mut self) {
        let ends = self.deck.as_ref().map(|deck| (deck.is_at_start(), deck.is_over()));
        let (at_start, at_end) = ends.unwrap_or((true, true));
        keys::tell(Situation {
            is_framed: visit::is_framed(),
            at_start,
            at_end,
            has_menu: false,
            no_characters: self.address.page.settings.no_characters,
        });
        if !visit::is_framed() {
            return;
        }
        let is_seen = self.is_seen();
        let Some(deck) = self.deck.as_ref().filter(|_| self.handed.is_some()) else {
            self.reporter.tell_frame(is_seen || self.deck.is_none());
            return;
        };
        let news = News {
            state: self.state(),
            trace: deck.past(),
            run: self.tapes,
            note: (0, 0, String::new()),
            is_over: at_end,
            is_playing: deck.is_playing(),
            side: "",
            is_seen,
            language: self.language,
        };
        self.reporter.tell(&news, self.last_frame_us.unwrap_or_default());
    }

    fn state(&self) -> State {
        let texts = vec![("language", self.language.code().to_owned())];
        let Some(deck) = &self.deck else { return State { texts, ..State::default() } };
        let numbers = vec![
            ("at", deck.tape().told_us(deck.now_us()) as f64),
            ("from", deck.tape().told_us(deck.start_us()) as f64),
            ("to", deck.tape().told_us(deck.end_us()) as f64),
            ("events", deck.past().len() as f64),
            ("speed", deck.speed().times()),
            ("violations", f64::from(deck.tape().violations().0)),
        ];
        let flags =
            vec![("playing", deck.is_playing()), ("over", deck.is_over()), ("recording", true)];
        State { texts, numbers, flags, nodes: Vec::new() }
    }

    /// Tells the style sheet which parts of the page are visible.
    pub(super) fn mark_frame(&self) {
        let page = &self.address.page;
        page.settings.mark(page.embed);
    }
}
