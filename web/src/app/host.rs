//! The page inside another page: the host's requests, and the reports to the host.

use antes_sim::trace::Happening;

use super::{App, Effect};
use crate::control::Ask;
use crate::host::keys::{self, Situation};
use crate::host::link;
use crate::host::order::{Message, Order, Refusal, Selected};
use crate::host::report::{self, News};
use crate::host::value::Value;
use crate::message::{Act, Look, Selection, Time};
use crate::visit;

impl App {
    /// Carries out a request of the host.
    pub(super) fn obey_host(&mut self, message: Message) -> Effect {
        let Message { name, id, order, origin } = message;
        match order.and_then(|order| self.carry_out(order, id.as_ref(), &origin)) {
            Ok(effect) => effect,
            Err(reason) => {
                report::error(&name, &reason, id.as_ref()).post();
                Effect::Nothing
            }
        }
    }

    fn carry_out(
        &mut self,
        order: Order,
        id: Option<&Value>,
        origin: &str,
    ) -> Result<Effect, Refusal> {
        let ask = match order {
            Order::Ping => {
                report::pong(id, self.page.is_seen).post();
                return Ok(Effect::Nothing);
            }
            Order::GetState | Order::Export(..)
                if let Some(reason) = self.subject.is_secret_to(origin) =>
            {
                return Err(reason.into());
            }
            Order::GetState => {
                self.subject.state(&self.page, &self.pictures).message(id).post();
                return Ok(Effect::Nothing);
            }
            Order::Export(format, looks) => {
                self.subject.export(&self.page, format, looks, id)?;
                return Ok(Effect::Nothing);
            }
            Order::Play => Ask::Time(Time::Play),
            Order::Pause => Ask::Time(Time::Pause),
            Order::Toggle => Ask::Time(Time::Toggle),
            Order::Step => Ask::Time(Time::Step),
            Order::Back => Ask::Time(Time::Back),
            Order::Speed(speed) => Ask::Time(Time::Speed(speed)),
            Order::Seek(place) => self.subject.asked_place(place)?,
            Order::Select(selected) => return self.select_for_host(&selected),
            Order::Load(source) => return self.subject.load_for_host(&mut self.page, source),
            Order::Act(verb, about) => return self.act_for_host(&verb, &about),
            Order::Language(language) if language == self.page.language => {
                return Ok(Effect::Nothing);
            }
            Order::Language(_) => Ask::Look(Look::Language),
            Order::Theme(theme) => Ask::Look(Look::Colours(theme)),
            Order::SlideStart => return Ok(self.slide_starts()),
            Order::SlideStop => {
                self.page.was_playing = self.is_playing();
                self.page.slid = true;
                link::give_focus_back();
                let effect = self.obey(Ask::Time(Time::Pause));
                self.tell_address();
                return Ok(effect);
            }
        };
        Ok(self.obey(ask))
    }

    /// Continues where the slide was left. With autoplay, playing begins with the slide.
    fn slide_starts(&mut self) -> Effect {
        let opened_us = self.page.opened_us;
        let Some(timeline) = self.subject.timeline_mut() else { return Effect::Nothing };
        if self.page.settings.autoplay && !self.page.slid {
            self.page.slid = true;
            timeline.seek(opened_us);
            return self.obey(Ask::Time(Time::Play));
        }
        let goes_on = std::mem::take(&mut self.page.was_playing) && !timeline.is_at_end();
        if goes_on { self.obey(Ask::Time(Time::Play)) } else { Effect::Nothing }
    }

    fn select_for_host(&mut self, selected: &Selected) -> Result<Effect, Refusal> {
        self.subject.can_select(selected)?;
        let selection = match *selected {
            Selected::Nothing => Selection::Latest,
            Selected::Event(seq) => Selection::Event(seq),
            Selected::Node(node) => Selection::Node(node),
            Selected::Message(id) => return Ok(self.obey(Ask::Inspect(id))),
        };
        // Selecting the same thing again would deselect it.
        Ok(match self.page.selection == selection {
            true => Effect::Nothing,
            false => self.obey(Ask::Select(selection)),
        })
    }

    fn act_for_host(&mut self, verb: &str, about: &Value) -> Result<Effect, Refusal> {
        let action = self.subject.action_for_host(&self.page, verb, about)?;
        let lines = |app: &Self| {
            let timeline = app.subject.timeline();
            let lines = |side| timeline.map_or(0, |timeline| timeline.side(side).past.len());
            let sides = timeline.map_or(0, |timeline| timeline.sides());
            (0..sides).map(lines).collect::<Vec<_>>()
        };
        let known = lines(self);
        let effect = self.obey(Ask::Act(Act::Do(action)));
        let is_ignored = |(side, known): (usize, usize)| {
            let timeline = self.subject.timeline();
            let new = timeline.and_then(|timeline| timeline.side(side).past.get(known..));
            new.unwrap_or_default()
                .iter()
                .any(|event| matches!(event.happening, Happening::Ignored { .. }))
        };
        if known.into_iter().enumerate().all(is_ignored) {
            return Err(format!("\"{verb}\" has no effect at this moment"));
        }
        Ok(effect)
    }

    /// Reports which control the next key goes to.
    pub(super) fn tell_keys(&self) {
        let ends = self.subject.timeline().map(|it| (it.is_at_start(), it.is_at_end()));
        let (at_start, at_end) = ends.unwrap_or((true, true));
        keys::tell(Situation {
            is_framed: visit::is_framed(),
            at_start,
            at_end,
            has_menu: self.page.menu.is_some(),
            no_characters: self.page.view.no_characters,
        });
    }

    /// Sends the host what has changed, and reports which control the next key goes to.
    pub(super) fn tell_host(&mut self) {
        self.tell_keys();
        if !visit::is_framed() {
            return;
        }
        let page = &self.page;
        let Some(timeline) = self.subject.timeline().filter(|_| self.subject.is_public()) else {
            self.reporters[0].tell_frame(page.is_seen, self.subject.kind_of_secret());
            return;
        };
        let state = self.subject.state(page, &self.pictures);
        let news = |side: usize| News {
            state: state.clone(),
            trace: timeline.side(side).past,
            run: page.runs,
            note: self.subject.note(page),
            is_over: timeline.is_over(),
            is_playing: timeline.is_playing(),
            side: if timeline.sides() > 1 { ["a", "b"][side] } else { "" },
            is_seen: page.is_seen,
            language: page.language,
        };
        self.reporters[0].tell(&news(0), self.last_frame_us.unwrap_or_default());
        if timeline.sides() > 1 {
            self.reporters[1].tell_only_events(&news(1));
        }
    }
}
