//! A comparison embedded in another page: the host's requests, and the reports to the host.

use antes_sim::compare::Parting;
use antes_sim::trace::Happening;
use yew::Context;

use super::{App, Message};
use crate::compare::asked;
use crate::dom;
use crate::host::act::Cluster;
use crate::host::keys::{self, Situation};
use crate::host::link;
use crate::host::order::{self, Format, Order, Place, Refusal, Selected, Source};
use crate::host::report::{self, News, NodeState, State};
use crate::host::value::Value;
use crate::library;
use crate::message::{Ask, Selection};
use crate::visit;

impl App {
    /// Carries out a request of the host. Returns whether the page has to be redrawn.
    pub(super) fn obey_host(&mut self, ctx: &Context<Self>, message: order::Message) -> bool {
        let order::Message { name, id, order, origin: _ } = message;
        match order.and_then(|order| self.carry_out(ctx, order, id.as_ref())) {
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
    ) -> Result<bool, Refusal> {
        let ask = match order {
            Order::Ping => {
                report::pong(id, self.is_seen).post();
                return Ok(false);
            }
            Order::GetState => {
                self.state().message(id).post();
                return Ok(false);
            }
            Order::Export(format, _) => {
                report::export(format.name(), &self.exported(format)?, id).post();
                return Ok(false);
            }
            Order::Play => Ask::Play,
            Order::Pause => Ask::Pause,
            Order::Toggle => Ask::Toggle,
            Order::Step => Ask::Step,
            Order::Back => Ask::Back,
            Order::Speed(speed) => Ask::Speed(speed),
            Order::Seek(place) => Ask::Seek(self.asked_place(place)?),
            Order::Select(Selected::Nothing) => {
                self.selection = Selection::Latest;
                return Ok(true);
            }
            Order::Select(_) => {
                return Err("in a comparison the message does not say on which side to select; \
                            expected nothing: true"
                    .into());
            }
            Order::Load(source) => return self.load_for_host(ctx, source),
            Order::Act(verb, about) => return self.act_for_host(ctx, &verb, &about),
            Order::Language(language) if language == self.language => return Ok(false),
            Order::Language(_) => Ask::Language,
            Order::Theme(theme) => Ask::Colours(theme),
            Order::SlideStart => return Ok(self.slide_starts(ctx)),
            Order::SlideStop => {
                self.was_playing = self.pair.is_playing();
                self.slid = true;
                link::give_focus_back();
                Ask::Pause
            }
        };
        Ok(self.obey(ctx, ask))
    }

    /// Continues where the slide was left. With autoplay, the runs begin with the slide.
    fn slide_starts(&mut self, ctx: &Context<Self>) -> bool {
        if self.address.settings.autoplay && !self.slid {
            self.slid = true;
            self.pair.seek(self.opened_us);
            return self.obey(ctx, Ask::Play);
        }
        let goes_on = std::mem::take(&mut self.was_playing);
        goes_on && !self.pair.is_over() && self.obey(ctx, Ask::Play)
    }

    fn asked_place(&self, place: Place) -> Result<u64, Refusal> {
        match place {
            Place::At(at_us) => Ok(at_us),
            Place::Event(_) => {
                Err("the sides have different events; expected at, or note of the first run".into())
            }
            Place::Note(number) => {
                let at_us = self.pair.player(0).note_us(number);
                at_us.ok_or_else(|| {
                    format!("the narrator of the first run has no sentence {number}")
                })
            }
        }
    }

    fn load_for_host(&mut self, ctx: &Context<Self>, source: Source) -> Result<bool, Refusal> {
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
            Source::Trace(_) | Source::Toml(_) => return Ok(false),
        };
        if !query.contains(&[asked::NAME, "="].concat()) {
            // A single run is shown by the same page, loaded anew.
            visit::open(&query);
            return Ok(false);
        }
        visit::set_query(&query);
        self.revisit();
        self.tell_host();
        ctx.link().send_message(Message::Asked(Ask::Follow));
        match self.told_troubles() {
            None => Ok(true),
            Some(troubles) => Err(troubles),
        }
    }

    fn act_for_host(
        &mut self,
        ctx: &Context<Self>,
        verb: &str,
        about: &Value,
    ) -> Result<bool, Refusal> {
        let clusters = [0, 1].map(|side| {
            let config = self.pair.player(side).run().scenario().config;
            Cluster { size: config.size, setting: config.setting() }
        });
        let action = clusters[0].action(verb, about)?;
        clusters[1].action(verb, about)?;
        self.can_act(0, std::slice::from_ref(&action))?;
        let known = [0, 1].map(|side| self.pair.player(side).run().trace().len());
        let redraw = self.obey(ctx, Ask::Act(action));
        let has_effect = [0, 1].into_iter().any(|side| {
            let new = self.pair.player(side).run().trace().get(known[side]..).unwrap_or_default();
            !new.iter().any(|event| matches!(event.happening, Happening::Ignored { .. }))
        });
        match has_effect {
            true => Ok(redraw),
            false => Err(format!("\"{verb}\" has no effect at this moment")),
        }
    }

    fn exported(&self, format: Format) -> Result<String, Refusal> {
        match format {
            Format::Address => Ok(dom::address_with(&self.query())),
            Format::Comparison => Ok(self.comparison.to_json()),
            _ => Err(
                "a comparison is given as comparison or address; load one of its runs for the rest"
                    .into(),
            ),
        }
    }

    /// Reports which control the next key goes to.
    pub(super) fn tell_keys(&self) {
        keys::tell(Situation {
            is_framed: visit::is_framed(),
            at_start: self.pair.is_at_start(),
            at_end: self.pair.is_over(),
            has_menu: self.menu.is_some(),
            no_characters: self.view.no_characters,
        });
    }

    /// Sends the host what has changed, and reports which control the next key goes to.
    pub(super) fn tell_host(&mut self) {
        self.tell_keys();
        if !visit::is_framed() {
            return;
        }
        let state = self.state();
        let sides = [0, 1].map(|side| News {
            state: state.clone(),
            trace: self.pair.player(side).run().trace(),
            run: self.runs,
            note: (0, 0, String::new()),
            is_over: self.pair.is_over(),
            is_playing: self.pair.is_playing(),
            side: ["a", "b"][side],
            is_seen: self.is_seen,
            language: self.language,
        });
        let now_us = self.last_frame_us.unwrap_or_default();
        self.reporters[0].tell(&sides[0], now_us);
        self.reporters[1].tell_only_events(&sides[1]);
    }

    fn state(&self) -> State {
        let texts = vec![
            ("scenario", library::entry(self.compared.place).slug.to_owned()),
            (asked::NAME, self.compared.versus.name()),
            ("a", self.compared.name(0, self.language)),
            ("b", self.compared.name(1, self.language)),
            ("address", self.query()),
            ("language", self.language.code().to_owned()),
            ("theme", self.view.theme.map_or("system", crate::address::Theme::name).to_owned()),
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
        let nodes = self.sides.iter().zip(["a", "b"]).flat_map(|(side, name)| {
            side.picture.ring.nodes.iter().map(move |node| NodeState {
                id: node.id.get(),
                clock: node.clock,
                handles: vec![
                    ("state", node.state().to_owned()),
                    ("role", node.part.name().to_owned()),
                    ("leader", node.leader.map(|leader| leader.to_string()).unwrap_or_default()),
                    ("lock", node.lock.name().to_owned()),
                    ("side", name.to_owned()),
                ],
            })
        });
        State { texts, numbers, flags, nodes: nodes.collect() }
    }
}
