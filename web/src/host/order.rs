//! Requests of the host. Messages are read like files: unknown fields are refused with a sentence
//! that says what would be right. `docs/embedding.md` has the table.

use antes_core::{ClusterSize, NodeId};
use antes_sim::export::Tool;
use antes_sim::trace::MessageId;

use crate::address::Theme;
use crate::host::settings;
use crate::host::value::Value;
use crate::language::Language;
use crate::speed::Speed;

/// The key of a message's name. Messages without it are not for this page.
pub const NAME: &str = "antes";

/// The key of a message's id, which the answer repeats.
pub const ID: &str = "id";

/// Why a message was refused, for the host.
pub type Refusal = String;

/// A message of the host.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The name, or an empty text.
    pub name: String,
    /// The id, if there is one.
    pub id: Option<Value>,
    /// The request, or why it is refused.
    pub order: Result<Order, Refusal>,
    /// The origin of the host.
    pub origin: String,
}

/// A moment to go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// An instant of the run, in microseconds.
    At(u64),
    /// Right after the event with this number.
    Event(u64),
    /// A note of the narrator, counted from 1.
    Note(usize),
}

/// The content that the host wants the page to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A scenario of the library, by its name in addresses.
    Scenario(String),
    Address(String),
    Toml(String),
    Trace(String),
}

/// The thing that the host wants the page to select.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selected {
    /// The event with this number.
    Event(u64),
    Node(NodeId),
    /// The send of this message.
    Message(MessageId),
    Nothing,
}

/// The format of an exported run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The address of this moment.
    Address,
    /// A header and one event per line, as `antes run` writes them.
    Jsonl,
    /// The format of another tool.
    Tool(Tool),
    /// A picture of this moment.
    Svg,
    /// A picture of this moment in pixels.
    Png,
    /// The scenario file that makes the run, with all that was done.
    Scenario,
    /// The numbers of two runs side by side, as JSON.
    Comparison,
}

impl Format {
    fn all() -> impl Iterator<Item = Self> {
        let tools = Tool::ALL.into_iter().map(Self::Tool);
        let others = [Self::Svg, Self::Png, Self::Scenario, Self::Comparison];
        [Self::Address, Self::Jsonl].into_iter().chain(tools).chain(others)
    }

    /// The format with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|format| format.name() == name)
    }

    /// The names of all formats, as a refusal tells them.
    pub fn expected() -> String {
        let names: Vec<_> = Self::all().map(Self::name).collect();
        ["\"format\" is wrong: expected one of: ", &names.join(", ")].concat()
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Jsonl => "jsonl",
            Self::Tool(tool) => tool.name(),
            Self::Svg => "svg",
            Self::Png => "png",
            Self::Scenario => "scenario",
            Self::Comparison => "comparison",
        }
    }

    /// The ending of a file's name.
    pub const fn end(self) -> &'static str {
        match self {
            Self::Address => ".url",
            Self::Jsonl => ".jsonl",
            Self::Tool(tool) => tool.end(),
            Self::Svg => ".svg",
            Self::Png => ".png",
            Self::Scenario => ".toml",
            Self::Comparison => ".json",
        }
    }

    /// The type of its content.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Svg => "image/svg+xml",
            Self::Png => "image/png",
            Self::Comparison => "application/json",
            Self::Tool(tool) => tool.kind(),
            Self::Address | Self::Jsonl | Self::Scenario => "text/plain",
        }
    }
}

/// A request of the host.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// Ask whether the page is there.
    Ping,
    Play,
    Pause,
    Toggle,
    /// Go to the next event.
    Step,
    Back,
    Seek(Place),
    Speed(Speed),
    Load(Source),
    /// Act on the run: an action of scenario files and its object.
    Act(String, Value),
    Select(Selected),
    GetState,
    /// A format, and the appearance of a picture: `view`, `theme`, `language` and `scale`.
    Export(Format, Vec<(&'static str, Value)>),
    Language(Language),
    /// Use these colours. `None` means the system's.
    Theme(Option<Theme>),
    /// The slide with the page is shown.
    SlideStart,
    /// The slide with the page is hidden.
    SlideStop,
}

/// Reads a message: a text of reveal.js, or a table with a name. `None` if it is not for this page.
pub fn read(message: &Value, origin: &str) -> Option<Message> {
    let slide = |name: &str, order| {
        Some(Message {
            name: name.to_owned(),
            id: None,
            order: Ok(order),
            origin: origin.to_owned(),
        })
    };
    match message.text() {
        Some("slide:start") => return slide("slide:start", Order::SlideStart),
        Some("slide:stop") => return slide("slide:stop", Order::SlideStop),
        _ => {}
    }
    let name = message.get(NAME)?.text()?;
    let fields = Fields { name, message };
    Some(Message {
        name: name.chars().take(40).collect(),
        id: message.get(ID).cloned(),
        order: fields.order(),
        origin: origin.to_owned(),
    })
}

/// The fields of a message, all of which must be known.
struct Fields<'a> {
    name: &'a str,
    message: &'a Value,
}

impl Fields<'_> {
    fn order(&self) -> Result<Order, Refusal> {
        let plain = |order: Order| self.only(&[]).map(|()| order);
        match self.name {
            "ping" => plain(Order::Ping),
            "play" => plain(Order::Play),
            "pause" => plain(Order::Pause),
            "toggle" => plain(Order::Toggle),
            "step" => plain(Order::Step),
            "back" => plain(Order::Back),
            "getState" => plain(Order::GetState),
            "seek" => self.seek().map(Order::Seek),
            "speed" => self.speed().map(Order::Speed),
            "load" => self.load().map(Order::Load),
            "act" => self.act(),
            "select" => self.select().map(Order::Select),
            "export" => self.export(),
            "setLanguage" => self.language().map(Order::Language),
            "setTheme" => self.theme().map(Order::Theme),
            _ => Err(format!(
                "there is no message {:?}; expected ping, play, pause, toggle, step, back, seek, \
                 speed, load, act, select, getState, export, setLanguage or setTheme",
                short(self.name)
            )),
        }
    }

    /// Refuses fields with other names.
    fn only(&self, names: &[&str]) -> Result<(), Refusal> {
        let Value::Table(entries) = self.message else { return Ok(()) };
        let is_known = |name: &str| name == NAME || name == ID || names.contains(&name);
        match entries.iter().find(|(name, _)| !is_known(name)) {
            Some((name, _)) if names.is_empty() => {
                Err(format!("\"{}\" has no field {:?}", self.name, short(name)))
            }
            Some((name, _)) => {
                let names = names.join(", ");
                Err(format!("\"{}\" has no field {:?}; expected {names}", self.name, short(name)))
            }
            None => Ok(()),
        }
    }

    /// The only field, which must be one of these.
    fn one<'a>(&'a self, names: &[&'static str]) -> Result<(&'static str, &'a Value), Refusal> {
        self.only(names)?;
        let mut given = names.iter().filter_map(|name| Some((*name, self.message.get(name)?)));
        match (given.next(), given.next()) {
            (Some(field), None) => Ok(field),
            _ => Err(format!("\"{}\" needs one of: {}", self.name, names.join(", "))),
        }
    }

    fn wrong(&self, field: &str, expected: &str) -> Refusal {
        format!("\"{}\" of \"{}\" is wrong: expected {expected}", field, self.name)
    }

    fn seek(&self) -> Result<Place, Refusal> {
        let (field, value) = self.one(&["at", "event", "note"])?;
        match field {
            "at" => {
                let at_us = match value {
                    Value::Text(text) => settings::instant(text),
                    value => value.whole(),
                };
                let expected = "microseconds, or a duration such as \"1.8s\"";
                at_us.map(Place::At).ok_or_else(|| self.wrong(field, expected))
            }
            "event" => {
                let number = value.whole().map(Place::Event);
                number.ok_or_else(|| self.wrong(field, "the number of an event, from 0"))
            }
            _ => {
                let number = value.whole().and_then(|number| usize::try_from(number).ok());
                let number = number.filter(|&number| number > 0).map(Place::Note);
                number.ok_or_else(|| self.wrong(field, "the number of a sentence, from 1"))
            }
        }
    }

    fn speed(&self) -> Result<Speed, Refusal> {
        let (field, value) = self.one(&["speed"])?;
        let speed = match value {
            Value::Text(text) => settings::speed(text).ok(),
            Value::Number(number) => Speed::all().find(|speed| speed.times() == *number),
            _ => None,
        };
        speed.ok_or_else(|| self.wrong(field, "a power of two from 1/64 to 16, such as 0.25"))
    }

    fn load(&self) -> Result<Source, Refusal> {
        let (field, value) = self.one(&["scenario", "address", "toml", "trace"])?;
        let text = value.text().ok_or_else(|| self.wrong(field, "a text"))?.to_owned();
        Ok(match field {
            "scenario" => Source::Scenario(text),
            "address" => Source::Address(text),
            "toml" => Source::Toml(text),
            _ => Source::Trace(text),
        })
    }

    fn act(&self) -> Result<Order, Refusal> {
        let Value::Table(entries) = self.message else { return Err(String::new()) };
        let mut verbs = entries.iter().filter(|(name, _)| name != NAME && name != ID);
        match (verbs.next(), verbs.next()) {
            (Some((verb, about)), None) => Ok(Order::Act(verb.clone(), about.clone())),
            _ => Err("\"act\" needs one verb of scenario files, such as crash: 4".to_owned()),
        }
    }

    fn select(&self) -> Result<Selected, Refusal> {
        let (field, value) = self.one(&["event", "node", "message", "nothing"])?;
        match field {
            "event" => value.whole().map(Selected::Event),
            "node" => node(value, ClusterSize::MAX).map(Selected::Node),
            "message" => value.text().and_then(|text| text.parse().ok()).map(Selected::Message),
            _ => Some(Selected::Nothing),
        }
        .ok_or_else(|| self.wrong(field, "the number of an event or of a node, or \"2:4\""))
    }

    fn export(&self) -> Result<Order, Refusal> {
        self.only(&["format", "view", "theme", "language", "scale"])?;
        let name = self.message.get("format").and_then(Value::text).unwrap_or_default();
        let format = Format::named(name).ok_or_else(Format::expected)?;
        let looks =
            Self::LOOKS.iter().filter_map(|&name| Some((name, self.message.get(name)?.clone())));
        let looks: Vec<_> = looks.collect();
        match looks.first() {
            Some((name, _)) if !matches!(format, Format::Svg | Format::Png) => {
                Err(format!("\"{name}\" is for pictures; expected it with the format svg or png"))
            }
            _ => Ok(Order::Export(format, looks)),
        }
    }

    /// The fields for the appearance of an exported picture.
    const LOOKS: [&'static str; 4] = ["view", "theme", "language", "scale"];

    fn language(&self) -> Result<Language, Refusal> {
        let (field, value) = self.one(&["language"])?;
        let language = value.text().and_then(Language::from_tag);
        language.ok_or_else(|| self.wrong(field, "\"en\" or \"pt\""))
    }

    fn theme(&self) -> Result<Option<Theme>, Refusal> {
        let (field, value) = self.one(&["theme"])?;
        match value.text() {
            Some("light") => Ok(Some(Theme::Light)),
            Some("dark") => Ok(Some(Theme::Dark)),
            Some("system") => Ok(None),
            _ => Err(self.wrong(field, "\"light\", \"dark\" or \"system\"")),
        }
    }
}

/// The node that a value names, if it exists.
pub fn node(value: &Value, size: ClusterSize) -> Option<NodeId> {
    let node = NodeId::new(u8::try_from(value.whole()?).ok()?)?;
    size.contains(node).then_some(node)
}

/// The beginning of a text from the host.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests;
