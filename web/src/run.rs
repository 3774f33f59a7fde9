//! A run of a scenario, as the page shows it: the choice of the scenario, acting, undoing, and the narrator.

mod choose;
mod draw;
mod host;
pub mod opening;

use antes_core::Profile;
use antes_sim::scenario::Action;
use yew::Html;
use yew::html::Scope;

use self::choose::{Past, Wanted};
use self::opening::{Opened, find, language_asked_for, open, varied};
use crate::acts;
use crate::address::{Address, Stamps};
use crate::app::subject::{Handles, Parts};
use crate::app::{App, Effect, Opening, Page, Picture, Subject};
use crate::control;
use crate::control::Ask;
use crate::dom;
use crate::host::order::{Format, Place, Refusal, Selected, Source};
use crate::host::report::State;
use crate::host::value::Value;
use crate::library::{self, Entry, Shelf};
use crate::loss;
use crate::message::Dialog;
use crate::player::Player;
use crate::shared::Shared;
use crate::timeline::Timeline;
use crate::view::narration::{self, Told};
use crate::view::part::Kept;
use crate::view::ring::{ACTS, Clicks};
use crate::visit;
use crate::words::{self as w, Word};

/// A scenario of the library, and how to run it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Choice {
    /// The index in the library.
    place: usize,
    /// `None` for the scenario's own profile.
    profile: Option<Profile>,
    /// `None` for the scenario's own seed.
    seed: Option<u64>,
}

pub struct ShownRun {
    shelf: Shared<Shelf>,
    /// The scenario that is shown.
    choice: Choice,
    /// The content that will be shown once a file has been fetched.
    wanted: Option<Wanted>,
    player: Player,
    /// The seed for which the scenario's notes are written.
    told_seed: u64,
    past: Past,
    /// The index of the scenario to which the address's range belongs.
    ranged: usize,
    header: Kept<draw::HeaderKey>,
    narration: Kept<(Told, crate::language::Language)>,
}

impl ShownRun {
    /// The page with the run that its address names.
    pub fn open(link: Scope<App>, shelf: Shared<Shelf>) -> (Page, Box<dyn Subject>) {
        let (address, mut troubles) = Address::read(&dom::query());
        let (choice, scenario, trouble) = find(&shelf, &address);
        troubles.splice(0..0, trouble);
        let told_seed = scenario.seed;
        let Opened { player, selection, since_us } =
            open(varied(scenario, choice), &address, &mut troubles);
        let mut page = Page::new(link, &address, language_asked_for());
        page.opened_us = player.run().now_us();
        page.opening =
            Opening { since_us: since_us.filter(|_| address.zoom.is_none()), zoom: None };
        page.touched = address.scenario.is_some();
        (page.selection, page.troubles) = (selection, troubles);
        let run = Self {
            shelf,
            choice,
            wanted: None,
            player,
            told_seed,
            past: Past::default(),
            ranged: choice.place,
            header: Kept::default(),
            narration: Kept::default(),
        };
        (page, Box::new(run))
    }

    fn entry(&self) -> &'static Entry {
        library::entry(self.choice.place)
    }

    /// The address of the current moment.
    fn address(&self, page: &Page) -> Address {
        let run = self.player.run();
        // If only some events of this instant have happened, the address needs their number.
        let torn = run.next_event_us() == Some(run.now_us());
        let mut address = page.address(self.player.speed(), self.own_stamps());
        if self.choice.place != self.ranged {
            (address.settings.from_us, address.settings.to_us) = (None, None);
        }
        Address {
            scenario: Some(self.entry().slug.to_owned()),
            profile: self.choice.profile,
            seed: self.choice.seed,
            at_us: Some(run.now_us()),
            events: torn.then(|| run.done()),
            acts: run.interventions().cloned().collect(),
            ..address
        }
    }

    fn narrated(&self, page: &Page) -> Told {
        let other = self.choice.profile.map(|other| (self.entry().profile, other));
        narration::told(&self.player, self.told_seed, other, page.language)
    }

    fn take_away(&mut self, page: &mut Page) -> Effect {
        self.player.pause();
        page.dialog = None;
        let address = self.query(page);
        yew::platform::spawn_local(async move {
            // If it fails, the panel that has been opened says so.
            let _ = dom::from_whole("panel", &address.into()).await;
        });
        Effect::Moment
    }
}

impl Subject for ShownRun {
    fn timeline(&self) -> Option<&dyn Timeline> {
        Some(&self.player)
    }

    fn timeline_mut(&mut self) -> Option<&mut dyn Timeline> {
        Some(&mut self.player)
    }

    fn clicks(&self) -> &'static Clicks {
        &ACTS
    }

    fn own_stamps(&self) -> Stamps {
        self.player.run().scenario().stamps
    }

    fn own(&mut self, page: &mut Page, ask: Ask) -> Effect {
        match ask {
            Ask::NewSeed => {
                let seed = Some(dom::fresh_seed());
                self.choose(page, Choice { seed, ..self.choice });
            }
            Ask::Profile(profile) => {
                let (place, profile) = library::in_profile(self.choice.place, Some(profile));
                self.choose(page, Choice { place, profile, ..self.choice });
            }
            Ask::Algorithm(algorithm) => {
                let place = library::first_of(algorithm);
                if self.entry().algorithm != algorithm {
                    self.choose_place(page, place);
                }
            }
            Ask::Scenario(slug) => {
                let shown = self.player.run().scenario().config.profile;
                let place = library::find(&slug).map(|place| library::meant_by(place, shown));
                self.choose_place(page, place);
            }
            Ask::Found(slug) => self.choose_place(page, library::find(&slug)),
            Ask::Fetched(shelf) => self.fetched(page, shelf),
            Ask::Story => self.back_to_story(page),
            Ask::LeaveOut => {
                self.remember();
                self.player.leave_out_again();
                self.forget_future(page);
                page.notify(page.say(w::LEFT_AHEAD).to_owned(), Some(&control::UNDO));
            }
            Ask::Revisit => self.revisit(page),
            Ask::Compare => {
                // Otherwise the address that is kept when the page is left would come back.
                page.touched = false;
                visit::open(&[&self.query(page), "&compare"].concat());
                return Effect::Nothing;
            }
            Ask::TakeAway => return self.take_away(page),
            // The rest belongs to recordings and comparisons.
            _ => return Effect::Nothing,
        }
        Effect::Moment
    }

    /// Applies actions to the run, and shows a notice about the result.
    fn act(&mut self, page: &mut Page, _: usize, actions: Vec<Action>) -> Effect {
        let (language, run) = (page.language, self.player.run());
        // No line of the trace shows this.
        let loss = actions.iter().find_map(|action| match action {
            Action::Crash(node) => loss::sentence(run, *node, language),
            _ => None,
        });
        let moved = actions.iter().find_map(|action| acts::lands_us(run, action));
        let known = run.trace().len();
        let planned = acts::planned(&actions, language);
        self.remember();
        let left_out: usize = actions.into_iter().map(|action| self.player.act(action)).sum();
        page.menu = None;
        self.forget_future(page);
        let run = self.player.run();
        let told = planned.or_else(|| acts::told(run.trace(), known, language));
        let moved = moved.and_then(|moved| acts::retimed(run, moved, language));
        let left_out = (left_out > 0).then(|| w::LEFT_OUT.fill(language, &[&left_out]));
        let text: Vec<_> = [told, moved, loss, left_out].into_iter().flatten().collect();
        page.notify(text.join(" "), Some(&control::UNDO));
        Effect::Moment
    }

    fn undo(&mut self, page: &mut Page) -> Effect {
        self.take_back(page)
    }

    fn redo(&mut self, page: &mut Page) -> Effect {
        self.do_again(page)
    }

    fn derive(&mut self, page: &Page) {
        self.derive_parts(page);
    }

    fn query(&self, page: &Page) -> String {
        self.address(page).write()
    }

    fn handles(&self, _: &Page) -> Handles {
        let run = self.player.run();
        Handles {
            scenario: Some(self.entry().slug),
            seed: Some(run.scenario().seed.to_string()),
            events: Some(run.done().to_string()),
            violations: run.world().violations(),
            ..Handles::default()
        }
    }

    fn header(&self, _: &Page) -> Html {
        self.header.show()
    }

    fn main(&self, parts: &Parts<'_>) -> Html {
        self.draw_main(parts)
    }

    fn transport_end(&self, page: &Page) -> Html {
        self.draw_transport_end(page)
    }

    fn dialog(&self, page: &Page, dialog: Dialog) -> Option<(Word, Html)> {
        Some(self.draw_dialog(page, dialog))
    }

    fn note(&self, page: &Page) -> (usize, usize, String) {
        let told = self.narrated(page);
        (told.place, told.count, told.text.join(" "))
    }

    fn is_secret_to(&self, origin: &str) -> Option<&'static str> {
        library::is_secret_to(self.choice.place, origin)
    }

    fn is_public(&self) -> bool {
        library::is_public(self.choice.place)
    }

    fn state(&self, page: &Page, pictures: &[Picture; 2]) -> State {
        self.state_for_host(page, pictures)
    }

    fn asked_place(&self, place: Place) -> Result<Ask, Refusal> {
        self.place_for_host(place)
    }

    fn can_select(&self, selected: &Selected) -> Result<(), Refusal> {
        self.has_for_host(selected)
    }

    fn load_for_host(&mut self, page: &mut Page, source: Source) -> Result<Effect, Refusal> {
        self.load(page, source)
    }

    fn action_for_host(&self, _: &Page, verb: &str, about: &Value) -> Result<Action, Refusal> {
        let config = self.player.run().scenario().config;
        let cluster = crate::host::act::Cluster { size: config.size, setting: config.setting() };
        cluster.action(verb, about)
    }

    fn export(
        &self,
        page: &Page,
        format: Format,
        looks: Vec<(&'static str, Value)>,
        id: Option<&Value>,
    ) -> Result<(), Refusal> {
        self.send(page, format, &looks, id);
        Ok(())
    }
}
