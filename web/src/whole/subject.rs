//! The run or the recording that is exported.

use std::cell::RefCell;

use antes_picture::document::{Wanted, document, document_of_recording};
use antes_sim::export::{Header, jsonl};
use antes_sim::scenario;

use crate::host::order::Format;
use crate::player::Player;
use crate::recording::deck::Deck;
use crate::run::opening;
use crate::timeline::Timeline;

thread_local! {
    static OPEN: RefCell<Option<Deck>> = const { RefCell::new(None) };
}

/// Keeps the recording whose panel is opened next. A recording is not determined by its address.
pub fn keep(deck: Deck) {
    OPEN.set(Some(deck));
}

/// Frees that recording, because its panel is closed.
pub fn forget() {
    OPEN.take();
}

/// A run or a recording, which can be moved in time.
pub enum Subject {
    Run(Box<Player>),
    Recording(Box<Deck>),
}

impl Subject {
    /// The run at this address; without an address, the recording that was kept.
    pub async fn at(address: &str) -> Self {
        let kept =
            OPEN.with_borrow(|open| open.as_ref().filter(|_| address.is_empty()).map(Deck::beside));
        match kept {
            Some(deck) => Self::Recording(Box::new(deck)),
            None => Self::Run(Box::new(opening::player_at(address).await)),
        }
    }

    /// The instant, in microseconds of the run, or of the trace's clock.
    pub fn now_us(&self) -> u64 {
        match self {
            Self::Run(player) => player.run().now_us(),
            Self::Recording(deck) => deck.shown().told_us,
        }
    }

    /// The end, likewise.
    pub fn end_us(&self) -> u64 {
        match self {
            Self::Run(player) => player.end_us(),
            Self::Recording(deck) => deck.tape().told_us(deck.tape().end_us()),
        }
    }

    /// The time of a film for an instant. A recording plays in stretched time, as in the page.
    pub fn film_us(&self, told_us: u64) -> u64 {
        match self {
            Self::Run(_) => told_us,
            Self::Recording(deck) => deck.tape().on_tape_us(told_us),
        }
    }

    /// The instant that a film shows at its time: the opposite.
    pub fn told_us(&self, film_us: u64) -> u64 {
        match self {
            Self::Run(_) => film_us,
            Self::Recording(deck) => deck.tape().told_us(film_us),
        }
    }

    /// Goes to a time of the film.
    pub fn seek(&mut self, film_us: u64) {
        match self {
            Self::Run(player) => player.seek(film_us),
            Self::Recording(deck) => deck.seek(film_us),
        }
    }

    /// The picture of the moment.
    pub fn svg(&self, wanted: Wanted) -> String {
        match self {
            Self::Run(player) => document(player.run(), player.outlook(), wanted),
            Self::Recording(deck) => document_of_recording(&deck.shown(), wanted),
        }
    }

    /// The events so far as a text, or the moment as SVG.
    ///
    /// # Errors
    ///
    /// A recording is the result of no scenario that is known, and two runs can be compared only side by side.
    pub fn text(&self, format: Format, wanted: Wanted) -> Result<String, String> {
        if format == Format::Comparison {
            return Err(
                "only a comparison has this format; expected compare=… in the address".into()
            );
        }
        let (header, trace) = match self {
            Self::Run(player) => (Header::of(player.run().scenario()), player.run().trace()),
            Self::Recording(deck) => (deck.tape().header().clone(), deck.past()),
        };
        Ok(match (format, self) {
            (Format::Svg | Format::Png, _) => self.svg(wanted),
            (Format::Jsonl, Self::Run(player)) => jsonl::write(player.run().scenario(), trace),
            (Format::Jsonl, Self::Recording(_)) => {
                let mut text = header.to_json() + "\n";
                for event in trace {
                    text += &jsonl::line(event, header.size());
                    text.push('\n');
                }
                text
            }
            (Format::Tool(tool), _) => tool.write(&header, trace),
            (Format::Scenario, Self::Run(player)) => scenario::write(&player.run().as_scenario()),
            (Format::Scenario, Self::Recording(_)) => {
                return Err("a recording has no scenario; expected jsonl, its trace".into());
            }
            (Format::Address | Format::Comparison, _) => {
                return Err("this format is made elsewhere; expected jsonl or a picture".into());
            }
        })
    }
}
