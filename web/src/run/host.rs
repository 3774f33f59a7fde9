//! A run inside another page: what the host may ask of it, and what is reported of it.

use antes_sim::export::jsonl;

use super::ShownRun;
use crate::address::{Address, Trouble};
use crate::app::subject::node_states;
use crate::app::{Effect, Page, Picture, Subject};
use crate::control::Ask;
use crate::dom;
use crate::host::order::{Format, Place, Refusal, Selected, Source};
use crate::host::range::Range;
use crate::host::report::{self, State};
use crate::host::settings::Settings;
use crate::host::value::Value;
use crate::library;
use crate::message::Time;
use crate::player::Player;
use crate::timeline::Timeline;
use crate::visit;
use crate::words as w;

/// The range of the run that the address asks for. The whole run if the range contains nothing.
pub(super) fn range(address: &Address, player: &Player, troubles: &mut Vec<Trouble>) -> Range {
    let Settings { from_us, to_us, .. } = address.settings;
    let (range, end_us) = (address.settings.range(), player.run().end_us());
    let is_empty = range.start_us() >= to_us.unwrap_or(u64::MAX).min(end_us);
    if is_empty && (from_us.is_some() || to_us.is_some()) {
        let told = |at_us: Option<u64>| at_us.map_or(String::new(), |at_us| at_us.to_string());
        troubles.push((w::BAD_RANGE, [&told(from_us), "–", &told(to_us)].concat()));
        return Range { from_us: None, to_us: None, ..range };
    }
    if let Some(to_us) = to_us.filter(|&to_us| to_us > end_us) {
        troubles.push((w::BAD_MOMENT, to_us.to_string()));
    }
    range
}

/// The moment that the address asks for: an instant, a note, or the beginning of a range. Otherwise the
/// telling moment given here.
pub(super) fn moment(
    address: &Address,
    player: &Player,
    telling: Option<u64>,
    troubles: &mut Vec<Trouble>,
) -> u64 {
    if let Some(at_us) = address.at_us {
        return at_us;
    }
    if let Some(number) = address.settings.note {
        match player.note_us(number) {
            Some(at_us) => return at_us,
            None => troubles.push((w::NO_NOTE, number.to_string())),
        }
    }
    let has_range = address.settings.from_us.or(address.settings.to_us).is_some();
    telling.filter(|_| !has_range).unwrap_or_else(|| player.start_us())
}

impl ShownRun {
    pub(super) fn place_for_host(&self, place: Place) -> Result<Ask, Refusal> {
        match place {
            Place::At(at_us) => Ok(Ask::Time(Time::Seek(at_us))),
            Place::Event(seq) => {
                let known = self.player.run().known_trace().len() as u64;
                let unknown = || format!("of the run, {known} events are known, from 0 on");
                (seq < known).then_some(Ask::Show(seq)).ok_or_else(unknown)
            }
            Place::Note(number) => {
                let at_us = self.player.note_us(number);
                let seek = at_us.map(|at_us| Ask::Time(Time::Seek(at_us)));
                seek.ok_or_else(|| format!("the narrator has no sentence {number}"))
            }
        }
    }

    pub(super) fn has_for_host(&self, selected: &Selected) -> Result<(), Refusal> {
        let run = self.player.run();
        match *selected {
            Selected::Event(seq) if seq >= run.trace().len() as u64 => {
                Err("that event has not happened at this moment".into())
            }
            Selected::Node(node) if !run.world().size().contains(node) => {
                Err(format!("there is no node {node}"))
            }
            Selected::Nothing | Selected::Event(_) | Selected::Node(_) | Selected::Message(_) => {
                Ok(())
            }
        }
    }

    pub(super) fn load(&mut self, page: &mut Page, source: Source) -> Result<Effect, Refusal> {
        match source {
            Source::Scenario(slug) => {
                let place = library::find(&slug);
                let place = place.ok_or_else(|| format!("there is no scenario {slug:?}"))?;
                self.choose_place(page, Some(place));
                Ok(Effect::Redraw)
            }
            Source::Address(query) => {
                let query = query.split_once('?').map_or(query.as_str(), |(_, query)| query);
                visit::set_query(&["?", query].concat());
                self.revisit(page);
                page.told_troubles().map_or(Ok(Effect::Redraw), Err)
            }
            // web/boot.js handles them and loads the other program.
            Source::Trace(_) | Source::Toml(_) => Ok(Effect::Nothing),
        }
    }

    /// Sends the host the run in this format. Only the whole program has the further formats.
    pub(super) fn send(
        &self,
        page: &Page,
        format: Format,
        looks: &[(&'static str, Value)],
        id: Option<&Value>,
    ) {
        let run = self.player.run();
        let content = match format {
            Format::Address => dom::address_with(&self.query(page)),
            Format::Jsonl => jsonl::write(run.scenario(), run.trace()),
            _ => {
                let mut wanted =
                    vec![("address", self.query(page)), ("format", format.name().into())];
                wanted.extend(looks.iter().map(|(name, value)| (*name, value.written())));
                let id = id.cloned();
                yew::platform::spawn_local(async move {
                    let told = match dom::from_whole("content", &dom::table(&wanted)).await {
                        Ok(content) => report::export(format.name(), &content, id.as_ref()),
                        Err(reason) => report::error("export", &reason, id.as_ref()),
                    };
                    told.post();
                });
                return;
            }
        };
        report::export(format.name(), &content, id).post();
    }

    pub(super) fn state_for_host(&self, page: &Page, pictures: &[Picture; 2]) -> State {
        let run = self.player.run();
        let config = run.scenario().config;
        let texts = vec![
            ("scenario", self.entry().slug.to_owned()),
            ("profile", crate::address::profile_name(config.profile).to_owned()),
            ("address", self.query(page)),
            ("language", page.language.code().to_owned()),
            ("theme", page.view.theme.map_or("system", crate::address::Theme::name).to_owned()),
        ];
        let told = self.narrated(page);
        let numbers = vec![
            ("at", run.now_us() as f64),
            ("from", self.player.start_us() as f64),
            ("to", self.player.end_us() as f64),
            ("events", run.done() as f64),
            ("seed", run.scenario().seed as f64),
            ("speed", self.player.speed().times()),
            ("violations", f64::from(run.world().violations())),
            ("note", told.place as f64),
            ("notes", told.count as f64),
        ];
        let flags = vec![("playing", self.player.is_playing()), ("over", self.player.is_over())];
        State { texts, numbers, flags, nodes: node_states(&pictures[0], None) }
    }
}
