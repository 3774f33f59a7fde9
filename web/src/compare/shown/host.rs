//! A comparison embedded in another page: what the host may ask of it, and what is reported of it.

use antes_sim::compare::Parting;
use antes_sim::scenario::Action;

use super::ShownPair;
use crate::app::subject::node_states;
use crate::app::{Effect, Page, Picture, Subject};
use crate::compare::asked;
use crate::control::Ask;
use crate::dom;
use crate::host::act::Cluster;
use crate::host::order::{Format, Place, Refusal, Source};
use crate::host::report::{self, State};
use crate::host::value::Value;
use crate::library;
use crate::message::Time;
use crate::timeline::Timeline;
use crate::visit;

impl ShownPair {
    pub(super) fn place_for_host(&self, place: Place) -> Result<Ask, Refusal> {
        match place {
            Place::At(at_us) => Ok(Ask::Time(Time::Seek(at_us))),
            Place::Event(_) => {
                Err("the sides have different events; expected at, or note of the first run".into())
            }
            Place::Note(number) => {
                let at_us = self.pair.player(0).note_us(number);
                let seek = at_us.map(|at_us| Ask::Time(Time::Seek(at_us)));
                seek.ok_or_else(|| {
                    format!("the narrator of the first run has no sentence {number}")
                })
            }
        }
    }

    pub(super) fn load(&mut self, page: &mut Page, source: Source) -> Result<Effect, Refusal> {
        let query = match source {
            Source::Scenario(slug) => {
                let place = library::find(&slug);
                place.ok_or_else(|| format!("there is no scenario {slug:?}"))?;
                let versus = self.compared.versus.name();
                ["?scenario=", &slug, "&", asked::NAME, "=", &versus].concat()
            }
            Source::Address(query) => {
                let query = query.split_once('?').map_or(query.as_str(), |(_, query)| query);
                ["?", query].concat()
            }
            // web/boot.js handles them.
            Source::Trace(_) | Source::Toml(_) => return Ok(Effect::Nothing),
        };
        if !query.contains(&[asked::NAME, "="].concat()) {
            // A single run is shown by the same page, loaded anew.
            visit::open(&query);
            return Ok(Effect::Nothing);
        }
        visit::set_query(&query);
        self.revisit(page);
        self.told_troubles(page).map_or(Ok(Effect::Moment), Err)
    }

    pub(super) fn action(&self, page: &Page, verb: &str, about: &Value) -> Result<Action, Refusal> {
        let clusters = [0, 1].map(|side| {
            let config = self.pair.player(side).run().scenario().config;
            Cluster { size: config.size, setting: config.setting() }
        });
        let action = clusters[0].action(verb, about)?;
        clusters[1].action(verb, about)?;
        self.can_act(page, 0, std::slice::from_ref(&action))?;
        Ok(action)
    }

    pub(super) fn send(
        &self,
        page: &Page,
        format: Format,
        id: Option<&Value>,
    ) -> Result<(), Refusal> {
        let content = match format {
            Format::Address => dom::address_with(&self.query(page)),
            Format::Comparison => self.comparison.to_json(),
            _ => {
                return Err(
                    "a comparison is given as comparison or address; load one of its runs \
                            for the rest"
                        .into(),
                );
            }
        };
        report::export(format.name(), &content, id).post();
        Ok(())
    }

    pub(super) fn state_for_host(&self, page: &Page, pictures: &[Picture; 2]) -> State {
        let texts = vec![
            ("scenario", library::entry(self.compared.place).slug.to_owned()),
            (asked::NAME, self.compared.versus.name()),
            ("a", self.compared.name(0, page.language)),
            ("b", self.compared.name(1, page.language)),
            ("address", self.query(page)),
            ("language", page.language.code().to_owned()),
            ("theme", page.view.theme.map_or("system", crate::address::Theme::name).to_owned()),
        ];
        let violations =
            [0, 1].map(|side| f64::from(self.pair.player(side).run().world().violations()));
        let mut numbers = vec![
            ("at", self.pair.now_us() as f64),
            ("from", self.pair.start_us() as f64),
            ("to", self.pair.end_us() as f64),
            ("speed", self.pair.speed().times()),
            ("violations", violations[0] + violations[1]),
            ("violations_a", violations[0]),
            ("violations_b", violations[1]),
        ];
        let part = self.comparison.parting.as_ref().map(Parting::at_us);
        numbers.extend(part.map(|at_us| ("part", at_us as f64)));
        let flags = vec![("playing", self.pair.is_playing()), ("over", self.pair.is_over())];
        let nodes = pictures.iter().zip(["a", "b"]);
        let nodes = nodes.flat_map(|(picture, name)| node_states(picture, Some(name)));
        State { texts, numbers, flags, nodes: nodes.collect() }
    }
}
