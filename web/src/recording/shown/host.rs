//! A recording embedded in another page. Its content is reported only to the host that provided it;
//! files that the user opened are private.

use antes_sim::export::Tool;

use super::ShownRecording;
use crate::app::Page;
use crate::control::Ask;
use crate::host::order::{Format, Place, Refusal};
use crate::host::report::{self, State};
use crate::host::value::Value;
use crate::message::Time;
use crate::timeline::Timeline;
use crate::whole::away::Request;
use crate::whole::subject::Subject;

/// The reason why a host gets no report.
pub(super) const PRIVATE: &str =
    "this recording was not handed over by this page, and so stays private";

/// The reason why nothing can be run.
pub(super) const RUNS_NOTHING: &str = "a recording shows what happened: it runs nothing";

impl ShownRecording {
    pub(super) fn place_for_host(&self, place: Place) -> Result<Ask, Refusal> {
        let deck = self.deck.as_ref().ok_or("no recording is open")?;
        match place {
            Place::At(told_us) => Ok(Ask::Time(Time::Seek(deck.tape().on_tape_us(told_us)))),
            Place::Event(seq) if seq < deck.tape().events().len() as u64 => Ok(Ask::Show(seq)),
            Place::Event(_) => Err("the recording has no such event".into()),
            Place::Note(_) => Err("a recording has no narrator".into()),
        }
    }

    /// Sends the host the recording in this format.
    pub(super) fn send(
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

    pub(super) fn state_for_host(&self, page: &Page) -> State {
        let texts = vec![("language", page.language.code().to_owned())];
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
}
