//! The page inside another page: the host's requests, and the reports to the host.

use antes_sim::export::jsonl;
use antes_sim::trace::Happening;
use yew::Context;

use super::App;
use crate::address::{Address, Trouble};
use crate::dom;
use crate::host::act::Cluster;
use crate::host::keys::{self, Situation};
use crate::host::order::{Format, Message, Order, Place, Refusal, Selected, Source};
use crate::host::place;
use crate::host::range::Range;
use crate::host::report::{self, News, NodeState, State};
use crate::host::settings::Settings;
use crate::host::{link, value::Value};
use crate::library;
use crate::message::{Ask, Selection};
use crate::player::Player;
use crate::speed::Speed;
use crate::view::narration;
use crate::visit;
use crate::words::{self as w};

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

impl App {
    /// Carries out a request of the host. Returns whether the page has to be redrawn.
    pub(super) fn obey_host(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        let Message { name, id, order, origin: _ } = message;
        let done = order.and_then(|order| self.carry_out(ctx, order, id.as_ref()));
        match done {
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
            Order::Export(format, looks) => {
                self.export(format, &looks, id);
                return Ok(false);
            }
            Order::Play => Ask::Play,
            Order::Pause => Ask::Pause,
            Order::Toggle => Ask::Toggle,
            Order::Step => Ask::Step,
            Order::Back => Ask::Back,
            Order::Speed(speed) => Ask::Speed(speed),
            Order::Seek(place) => self.asked_place(place)?,
            Order::Select(selected) => return self.select_for_host(ctx, selected),
            Order::Load(source) => return self.load_for_host(ctx, source),
            Order::Act(verb, about) => return self.act_for_host(ctx, &verb, &about),
            Order::Language(language) if language == self.language => return Ok(false),
            Order::Language(_) => Ask::Language,
            Order::Theme(theme) => Ask::Colours(theme),
            Order::SlideStart => return Ok(self.slide_starts(ctx)),
            Order::SlideStop => {
                self.was_playing = self.player.is_playing();
                self.slid = true;
                link::give_focus_back();
                self.player.pause();
                self.tell_address();
                return Ok(true);
            }
        };
        Ok(self.obey(ctx, ask))
    }

    /// Continues where the slide was left. With autoplay, the run begins with the slide.
    fn slide_starts(&mut self, ctx: &Context<Self>) -> bool {
        if self.settings.autoplay && !self.slid {
            self.slid = true;
            self.player.seek(self.opened_us);
            return self.obey(ctx, Ask::Play);
        }
        let goes_on = std::mem::take(&mut self.was_playing);
        goes_on && !self.player.is_at_end() && self.obey(ctx, Ask::Play)
    }

    fn asked_place(&self, place: Place) -> Result<Ask, Refusal> {
        match place {
            Place::At(at_us) => Ok(Ask::Seek(at_us)),
            Place::Event(seq) => {
                let known = self.player.run().known_trace().len() as u64;
                let unknown = || format!("of the run, {known} events are known, from 0 on");
                (seq < known).then_some(Ask::Show(seq)).ok_or_else(unknown)
            }
            Place::Note(number) => {
                let at_us = self.player.note_us(number);
                at_us.map(Ask::Seek).ok_or_else(|| format!("the narrator has no sentence {number}"))
            }
        }
    }

    fn select_for_host(&mut self, ctx: &Context<Self>, what: Selected) -> Result<bool, Refusal> {
        let run = self.player.run();
        let selection = match what {
            Selected::Nothing => Selection::Latest,
            Selected::Event(seq) if seq < run.trace().len() as u64 => Selection::Event(seq),
            Selected::Event(_) => return Err("that event has not happened at this moment".into()),
            Selected::Node(node) if run.world().size().contains(node) => Selection::Node(node),
            Selected::Node(node) => return Err(format!("there is no node {node}")),
            Selected::Message(id) => return Ok(self.obey(ctx, Ask::Inspect(id))),
        };
        // Selecting the same thing again would deselect it.
        Ok(self.selection != selection && self.obey(ctx, Ask::Select(selection)))
    }

    fn load_for_host(&mut self, ctx: &Context<Self>, source: Source) -> Result<bool, Refusal> {
        match source {
            Source::Scenario(slug) => {
                let place = library::find(&slug);
                let place = place.ok_or_else(|| format!("there is no scenario {slug:?}"))?;
                self.choose_place(ctx, Some(place));
                Ok(true)
            }
            Source::Address(query) => {
                let query = query.split_once('?').map_or(query.as_str(), |(_, query)| query);
                visit::set_query(&["?", query].concat());
                self.revisit(ctx);
                match self.troubles.is_empty() {
                    true => Ok(true),
                    false => Err(self.told_troubles()),
                }
            }
            // web/boot.js handles them and loads the other program.
            Source::Trace(_) | Source::Toml(_) => Ok(false),
        }
    }

    fn act_for_host(
        &mut self,
        ctx: &Context<Self>,
        verb: &str,
        about: &Value,
    ) -> Result<bool, Refusal> {
        let config = self.player.run().scenario().config;
        let cluster = Cluster { size: config.size, setting: config.setting() };
        let action = cluster.action(verb, about)?;
        let known = self.player.run().trace().len();
        let redraw = self.obey(ctx, Ask::Act(action));
        let new = self.player.run().trace().get(known..).unwrap_or_default();
        if new.iter().any(|event| matches!(event.happening, Happening::Ignored { .. })) {
            return Err(format!("\"{verb}\" has no effect at this moment"));
        }
        Ok(redraw)
    }

    /// Sends the host the run in this format. Only the whole program has the further formats.
    fn export(&self, format: Format, looks: &[(&'static str, Value)], id: Option<&Value>) {
        let run = self.player.run();
        let content = match format {
            Format::Address => dom::address_with(&self.address().write()),
            Format::Jsonl => jsonl::write(run.scenario(), run.trace()),
            _ => {
                let mut wanted =
                    vec![("address", self.address().write()), ("format", format.name().into())];
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

    /// The current embedding settings, including the speed.
    pub(super) fn settings_now(&self) -> Settings {
        let is_ranged = self.choice.place == self.ranged;
        let asked = &self.settings;
        Settings {
            speed: Some(self.player.speed())
                .filter(|&speed| asked.speed.is_some() || speed != Speed::DEFAULT),
            from_us: asked.from_us.filter(|_| is_ranged),
            to_us: asked.to_us.filter(|_| is_ranged),
            note: None,
            ..asked.clone()
        }
    }

    /// The range of the current run that is played.
    pub(super) fn range_now(&self) -> Range {
        self.settings_now().range()
    }

    /// Tells the style sheet which parts of the page are visible.
    pub(super) fn mark_frame(&self) {
        self.settings.mark(self.embed);
    }

    /// Saves the current moment, in case the host removes the page and adds it again.
    pub(super) fn keep_place(&self) {
        if visit::is_framed() {
            place::keep(&self.address().write());
        }
    }

    /// Reports which control the next key goes to.
    pub(super) fn tell_keys(&self) {
        keys::tell(Situation {
            is_framed: visit::is_framed(),
            at_start: self.player.is_at_start(),
            at_end: self.player.is_at_end(),
            has_menu: self.menu.is_some(),
            no_characters: self.settings.no_characters,
        });
    }

    /// Sends the host what has changed, and reports which control the next key goes to.
    pub(super) fn tell_host(&mut self) {
        self.tell_keys();
        if !visit::is_framed() {
            return;
        }
        let told = self.narrated();
        let state = self.state();
        let news = News {
            state,
            trace: self.player.run().trace(),
            run: self.runs,
            note: (told.place, told.count, told.text.join(" ")),
            is_over: self.player.is_over(),
            is_playing: self.player.is_playing(),
            side: "",
            is_seen: self.is_seen,
            language: self.language,
        };
        let now_us = self.last_frame_us.unwrap_or_default();
        self.reporter.tell(&news, now_us);
    }

    pub(super) fn narrated(&self) -> narration::Told {
        let other = self.choice.profile.map(|other| (self.entry().profile, other));
        narration::told(&self.player, self.told_seed, other, self.language)
    }

    fn state(&self) -> State {
        let run = self.player.run();
        let config = run.scenario().config;
        let texts = vec![
            ("scenario", self.entry().slug.to_owned()),
            ("profile", crate::address::profile_name(config.profile).to_owned()),
            ("address", self.address().write()),
            ("language", self.language.code().to_owned()),
            ("theme", self.view.theme.map_or("system", crate::address::Theme::name).to_owned()),
        ];
        let told = self.narrated();
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
        let nodes = self.derived.ring.nodes.iter().map(|node| NodeState {
            id: node.id.get(),
            clock: node.clock,
            handles: vec![
                ("state", node.state().to_owned()),
                ("role", node.part.name().to_owned()),
                ("leader", node.leader.map(|leader| leader.to_string()).unwrap_or_default()),
                ("lock", node.lock.name().to_owned()),
            ],
        });
        State { texts, numbers, flags, nodes: nodes.collect() }
    }
}
