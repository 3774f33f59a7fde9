//! A comparison, as the page shows it: two runs, their first difference, and their numbers.

mod draw;
mod host;
mod past;

use antes_sim::compare::Comparison;
use antes_sim::scenario::{Action, Step, Which};
use antes_sim::trace::{MessageId, TraceEvent};
use yew::Html;
use yew::html::Scope;

use super::asked::{self, Compared, Refused, Versus};
use super::pair::{Pair, Place};
use crate::acts;
use crate::address::{Address, Stamps, Trouble, quoted};
use crate::app::subject::{Handles, Parts};
use crate::app::{App, Effect, Page, Picture, Subject, side};
use crate::control;
use crate::control::Ask;
use crate::dom;
use crate::host::order::{self, Format, Refusal, Selected, Source};
use crate::host::report::State;
use crate::host::value::Value;
use crate::interventions;
use crate::library::{self, Shelf};
use crate::message::{Dialog, Selection};
use crate::run::opening::{concerns, language_asked_for, scenario_at};
use crate::shared::Shared;
use crate::speed::Speed;
use crate::timeline::Timeline;
use crate::view::ring::{ACTS, Clicks};
use crate::visit;
use crate::words as w;
use crate::words::Word;
use crate::words::recorded as r;

pub struct ShownPair {
    shelf: Shared<Shelf>,
    compared: Compared,
    pair: Pair,
    /// The comparison of the whole runs.
    comparison: Comparison,
    /// The numbers of this moment, if they are shown.
    so_far: Option<Comparison>,
    undone: Vec<Place>,
    before: Vec<Place>,
    refused: Option<Refused>,
}

/// Both runs at the moment of an address.
fn pair_at(compared: &Compared, address: &Address, troubles: &mut Vec<Trouble>) -> Pair {
    let sizes = compared.scenarios.each_ref().map(|scenario| scenario.config.size);
    let is_known = |step: &Step| sizes.iter().all(|&size| concerns(size, &step.action));
    let (acts, strangers): (Vec<_>, Vec<_>) = address.acts.iter().cloned().partition(is_known);
    let quote = |step: &Step| quoted(&interventions::encode_one(step));
    troubles.extend(strangers.iter().map(|step| (w::BAD_NODE, quote(step))));
    let speed = address.settings.speed.unwrap_or(Speed::DEFAULT);
    let mut pair = Pair::new(compared.scenarios.clone(), &acts, speed, address.settings.range());
    if let Some(at_us) = address.at_us {
        if at_us > pair.end_us() || at_us < pair.start_us() {
            troubles.push((w::BAD_MOMENT, at_us.to_string()));
        }
        pair.seek(at_us);
    } else if let Some(number) = address.settings.note {
        match pair.player(0).note_us(number) {
            Some(at_us) => pair.seek(at_us),
            None => troubles.push((w::NO_NOTE, number.to_string())),
        }
    }
    pair
}

impl ShownPair {
    /// The page with the comparison that its address names.
    pub fn open(link: Scope<App>, shelf: Shared<Shelf>) -> (Page, Box<dyn Subject>) {
        side::listen();
        let (address, shown, troubles) = Self::at_address(shelf);
        let mut page = Page::new(link, &address, language_asked_for());
        // The address of a comparison selects nothing.
        (page.selection, page.troubles) = (Selection::Latest, troubles);
        page.opened_us = shown.pair.now_us();
        page.touched = true;
        (page, Box::new(shown))
    }

    /// The comparison that the page's address names now.
    fn at_address(shelf: Shared<Shelf>) -> (Address, Self, Vec<Trouble>) {
        let query = dom::query();
        let (address, mut troubles) = Address::read(&query);
        let base = scenario_at(&shelf, &address, &mut troubles);
        let (compared, refused) = asked::compared(&shelf, &address, base, &query);
        let pair = pair_at(&compared, &address, &mut troubles);
        let comparison = pair.comparison();
        let (before, undone) = (Vec::new(), Vec::new());
        let so_far = None;
        let shown = Self { shelf, compared, pair, comparison, so_far, undone, before, refused };
        (address, shown, troubles)
    }

    /// A side's letter and name.
    fn named(&self, side: usize, page: &Page) -> String {
        [side::LETTERS[side], " (", &self.compared.name(side, page.language), ")"].concat()
    }

    /// The query of the first run at the present moment.
    fn single(&self, page: &Page) -> String {
        let scenario = &self.compared.scenarios[0];
        let asked = Address::read(&dom::query()).0;
        let address = page.address(self.pair.speed(), scenario.stamps);
        let address = Address {
            scenario: Some(library::entry(self.compared.place).slug.to_owned()),
            profile: asked.profile,
            seed: asked.seed,
            at_us: Some(self.pair.now_us()),
            acts: self.pair.acts(),
            selection: Selection::Latest,
            ..address
        };
        address.write()
    }

    /// The query of this moment beside another run.
    fn query_of(&self, page: &Page, versus: Versus) -> String {
        [&self.single(page), "&", asked::NAME, "=", &versus.name()].concat()
    }

    /// Whether these actions can be done, and mean the same in both runs.
    fn can_act(&self, page: &Page, side: usize, actions: &[Action]) -> Result<(), String> {
        if let Some(over) = [0, 1].into_iter().find(|&it| self.pair.over_since_us(it).is_some()) {
            return Err(r::ACT_AFTER_END.fill(page.language, &[&self.named(over, page)]));
        }
        let flight = |side: usize, id: MessageId| {
            let mut flights = self.pair.player(side).run().world().flights();
            flights.find(|flight| flight.message.id == id).map(|flight| flight.message.content)
        };
        for action in actions {
            let Action::Tamper { which: Which::Id(id), .. } = action else { continue };
            let (here, there) = (flight(side, *id), flight(1 - side, *id));
            if here.or(there).is_none() {
                return Err(page.say(w::IGNORED_NOT_ON_ITS_WAY).to_owned());
            }
            // A run without the message tells that the act has no effect there.
            if here.zip(there).is_some_and(|(here, there)| here.name() != there.name()) {
                return Err(r::ONE_SIDED.fill(page.language, &[&self.named(1 - side, page)]));
            }
        }
        Ok(())
    }

    fn go_to_parting(&mut self, page: &mut Page) -> Effect {
        let Some(parting) = &self.comparison.parting else { return Effect::Nothing };
        let (at_us, next) = (parting.at_us(), parting.next.clone());
        self.pair.seek(at_us);
        page.look_at_present();
        let first = next.iter().position(|it| it.as_ref().is_some_and(|it| it.at_us == at_us));
        if let Some(side) = first
            && let Some(event) = &next[side]
            && self.pair.side(side).line(event.seq).is_some()
        {
            (page.side, page.selection) = (side, Selection::Event(event.seq));
        }
        Effect::Moment
    }
}

impl Subject for ShownPair {
    fn timeline(&self) -> Option<&dyn Timeline> {
        Some(&self.pair)
    }

    fn timeline_mut(&mut self) -> Option<&mut dyn Timeline> {
        Some(&mut self.pair)
    }

    fn clicks(&self) -> &'static Clicks {
        &ACTS
    }

    fn own_stamps(&self) -> Stamps {
        self.compared.scenarios[0].stamps
    }

    fn own(&mut self, page: &mut Page, ask: Ask) -> Effect {
        match ask {
            Ask::Revisit => {
                self.revisit(page);
                Effect::Moment
            }
            Ask::Compare => {
                visit::open(&self.single(page));
                Effect::Nothing
            }
            Ask::Versus(name) => match Versus::read(&name) {
                Some(versus) => self.compare_with(page, versus),
                None => Effect::Nothing,
            },
            Ask::Parting => self.go_to_parting(page),
            Ask::SoFar(so_far) => {
                self.so_far = so_far.then(|| self.pair.comparison_so_far());
                Effect::Redraw
            }
            // The rest belongs to a single run or a recording.
            _ => Effect::Nothing,
        }
    }

    /// Applies actions to both runs, and shows a notice about the result.
    fn act(&mut self, page: &mut Page, side: usize, actions: Vec<Action>) -> Effect {
        page.menu = None;
        if let Err(reason) = self.can_act(page, side, &actions) {
            page.notify(reason, None);
            return Effect::Moment;
        }
        self.remember();
        let known = [0, 1].map(|side| self.pair.side(side).past.len());
        for action in &actions {
            self.pair.act(action);
        }
        self.comparison = self.pair.comparison();
        page.look_at_present();
        let planned = acts::planned(&actions, page.language);
        let told = [0, 1].map(|side| {
            let trace = self.pair.side(side).past;
            acts::told(trace, known[side], page.language).unwrap_or_default()
        });
        let text = match (planned, told) {
            (Some(planned), _) => planned,
            (None, [one, other]) if one == other => one,
            (None, told) => {
                let told = [0, 1].map(|side| [&self.named(side, page), ": ", &told[side]].concat());
                told.join(" ")
            }
        };
        page.notify(text, Some(&control::UNDO));
        Effect::Moment
    }

    fn undo(&mut self, page: &mut Page) -> Effect {
        self.take_back(page)
    }

    fn redo(&mut self, page: &mut Page) -> Effect {
        self.do_again(page)
    }

    fn derive(&mut self, _: &Page) {
        if self.so_far.is_some() {
            self.so_far = Some(self.pair.comparison_so_far());
        }
    }

    fn query(&self, page: &Page) -> String {
        self.query_of(page, self.compared.versus)
    }

    fn handles(&self, _: &Page) -> Handles {
        let violations = [0, 1].map(|side| self.pair.player(side).run().world().violations());
        Handles {
            class: "compare",
            scenario: Some(library::entry(self.compared.place).slug),
            compare: Some(self.compared.versus.name()),
            violations: violations.iter().sum(),
            ..Handles::default()
        }
    }

    fn header(&self, page: &Page) -> Html {
        self.draw_header(page)
    }

    fn trouble(&self, page: &Page) -> Option<String> {
        self.told_troubles(page)
    }

    fn forget_trouble(&mut self) {
        self.refused = None;
    }

    fn main(&self, parts: &Parts<'_>) -> Html {
        self.draw_main(parts)
    }

    fn transport_end(&self, page: &Page) -> Html {
        self.draw_transport_end(page)
    }

    fn further_marks(&self) -> Html {
        self.draw_parting()
    }

    fn dialog(&self, page: &Page, dialog: Dialog) -> Option<(Word, Html)> {
        self.draw_dialog(page, dialog)
    }

    fn announced(&self, parts: &Parts<'_>) -> String {
        if self.pair.is_playing() {
            return String::new();
        }
        let told = [0, 1].map(|side| {
            [&self.named(side, parts.page), ": ", &self.told_now(parts, side)].concat()
        });
        told.join(" ")
    }

    fn parting(&self, side: usize) -> Option<(u64, Option<&TraceEvent>)> {
        let parting = self.comparison.parting.as_ref()?;
        Some((parting.at_us(), parting.next[side].as_ref()))
    }

    fn is_secret_to(&self, origin: &str) -> Option<&'static str> {
        self.compared.places().find_map(|place| library::is_secret_to(place, origin))
    }

    fn is_public(&self) -> bool {
        self.compared.places().all(library::is_public)
    }

    fn state(&self, page: &Page, pictures: &[Picture; 2]) -> State {
        self.state_for_host(page, pictures)
    }

    fn asked_place(&self, place: order::Place) -> Result<Ask, Refusal> {
        self.place_for_host(place)
    }

    fn can_select(&self, selected: &Selected) -> Result<(), Refusal> {
        match selected {
            Selected::Nothing => Ok(()),
            Selected::Event(_) | Selected::Node(_) | Selected::Message(_) => {
                Err("in a comparison the message does not say on which side to select; \
                     expected nothing: true"
                    .into())
            }
        }
    }

    fn load_for_host(&mut self, page: &mut Page, source: Source) -> Result<Effect, Refusal> {
        self.load(page, source)
    }

    fn action_for_host(&self, page: &Page, verb: &str, about: &Value) -> Result<Action, Refusal> {
        self.action(page, verb, about)
    }

    fn export(
        &self,
        page: &Page,
        format: Format,
        _: Vec<(&'static str, Value)>,
        id: Option<&Value>,
    ) -> Result<(), Refusal> {
        self.send(page, format, id)
    }
}
