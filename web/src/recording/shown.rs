//! A recording, as the page shows it: opening files, and the recording itself.

mod draw;
mod host;

use std::rc::Rc;

use antes_sim::scenario::Action;
use yew::Html;
use yew::html::Scope;

use super::address::Address;
use super::deck::Deck;
use super::files;
use super::inbox::{Inbox, Origin};
use super::reader::{self, Brought, Refusal};
use super::tape::Tape;
use crate::address::Stamps;
use crate::app::subject::{Handles, Parts};
use crate::app::{App, Effect, Page, Picture, Subject};
use crate::control::Ask;
use crate::dom;
use crate::host::link;
use crate::host::order::{Format, Place, Refusal as HostRefusal, Selected, Source};
use crate::host::report::State;
use crate::host::value::Value;
use crate::library::BROUGHT_SLUG;
use crate::message::{Dialog, Selection};
use crate::speed::Speed;
use crate::timeline::Timeline;
use crate::view::log;
use crate::view::ring::Clicks;
use crate::visit;
use crate::whole::subject;
use crate::words::recorded as r;
use crate::words::{BAD_RANGE, Word};

pub struct ShownRecording {
    /// The file beside the page, and the moment that its address names.
    address: Address,
    /// The open recording. `None` before one was opened.
    deck: Option<Deck>,
    /// The name of the file that is being read.
    reading: Option<String>,
    inbox: Rc<Inbox>,
    refusal: Option<Refusal>,
    /// The origin of the host that handed the recording over. `None` if the user opened it.
    handed: Option<String>,
}

impl ShownRecording {
    /// The page with the recording in its address, or the one that was open before a reload. With a refusal, the page
    /// shows that, and opens no file by itself.
    pub fn open_page(
        link: Scope<App>,
        address: Address,
        refusal: Option<Refusal>,
    ) -> (Page, Box<dyn Subject>) {
        let mut page = Page::new(link, &address.page, address.language());
        (page.autoplays, page.touched) = (false, true);
        let inbox = Inbox::listen(page.link.clone());
        let is_refused = refusal.is_some();
        let mut recording =
            Self { address, deck: None, reading: None, inbox, refusal, handed: None };
        if !is_refused {
            recording.load_first(&page);
        }
        (page, Box::new(recording))
    }

    fn load_first(&mut self, page: &Page) {
        let link = page.link.clone();
        if let Some(name) = self.address.file.clone() {
            self.reading = Some(name.clone());
            self.inbox
                .read(link, async move { (files::fetched(&name).await, Origin::Beside(name)) });
        } else if self.address.was_open() {
            self.reading = Some(String::new());
            self.inbox.read(link, async move {
                let host = files::host_of_kept().await;
                (files::kept_files().await.read().await, Origin::Kept(host))
            });
        }
    }

    /// Handles the files that the browser has delivered.
    fn take_files(&mut self, page: &mut Page) -> Effect {
        if let Some(files) = self.inbox.take_chosen() {
            self.refusal = None;
            self.reading = Some(files.names());
            self.inbox.read_chosen(page.link.clone(), files);
            return Effect::Redraw;
        }
        let Some((files, origin)) = self.inbox.take_read() else { return Effect::Nothing };
        self.reading = None;
        let is_gone = matches!((&files, &origin), (Ok(files), Origin::Kept(_)) if files.is_empty());
        if is_gone {
            self.refusal = Some(Refusal::new(r::GONE, String::new()));
            return Effect::Redraw;
        }
        match files.and_then(reader::read) {
            Ok(Brought::Tape(tape)) => {
                self.open(page, *tape, &origin);
                return Effect::Moment;
            }
            Ok(Brought::Scenario(..)) => self.run_scenario(page, &origin),
            Err(refusal) => self.refusal = Some(refusal),
        }
        Effect::Redraw
    }

    /// Loads the page anew with the scenario that was read: a run is another page than a recording.
    fn run_scenario(&mut self, page: &Page, origin: &Origin) {
        let slug = match origin {
            Origin::Chosen | Origin::Kept(_) => BROUGHT_SLUG,
            Origin::Beside(name) => name,
        };
        let mut address = self.addressed(page).page;
        (address.scenario, address.at_us, address.events) = (Some(dom::escape(slug)), None, None);
        self.reading = Some(String::new());
        visit::open_instead(&address.write());
    }

    /// Shows a recording at the address's moment. Without one, at the beginning of the address's range, at
    /// the first violation, at the end of a figure or a log, or at the beginning. The range only applies to the
    /// first recording.
    fn open(&mut self, page: &mut Page, tape: Tape, origin: &Origin) {
        if page.runs > 0 {
            (page.settings.from_us, page.settings.to_us) = (None, None);
        }
        let moment = match origin {
            Origin::Chosen => {
                self.address.file = None;
                None
            }
            // At instant 0, the file may have been dropped onto the other program.
            Origin::Kept(_) => self.address.page.at_us.filter(|&told_us| told_us > 0),
            Origin::Beside(_) => self.address.page.at_us,
        };
        self.handed = match origin {
            Origin::Kept(host) => host.clone(),
            Origin::Chosen | Origin::Beside(_) => None,
        };
        if let Some(host) = &self.handed {
            link::speak_only_to(host);
        }
        let settings = &page.settings;
        let range = settings.range();
        let starts = settings.autoplay || (range.from_us, range.to_us) != (None, None);
        let mut deck = Deck::new(tape);
        deck.set_still(dom::is_still(page.view.motion));
        deck.set_speed(settings.speed.unwrap_or(Speed::DEFAULT));
        let about = || [range.from_us, range.to_us].map(told_us).join("–");
        self.refusal = (!deck.set_range(range)).then(|| Refusal::new(BAD_RANGE, about()));
        page.autoplays = settings.autoplay && page.runs == 0;
        page.selection = self.go_to_first(&mut deck, moment, starts);
        page.runs += 1;
        page.opened_us = deck.now_us();
        page.slid = false;
        page.hovered = None;
        page.log_count = log::PAGE;
        page.camera.left = None;
        self.deck = Some(deck);
    }

    /// Goes to the moment that a recording is opened with. Returns the selection there.
    fn go_to_first(&self, deck: &mut Deck, moment: Option<u64>, starts: bool) -> Selection {
        let address = &self.address.page;
        let violation = deck.tape().violations().1.filter(|_| !starts);
        match (moment, violation) {
            (Some(told_us), _) => {
                let at_us = deck.tape().on_tape_us(told_us);
                match address.events.and_then(|done| usize::try_from(done).ok()) {
                    Some(done) => deck.go_to_and_wait(done, at_us),
                    None => deck.seek(at_us),
                }
                let is_there = match address.selection {
                    Selection::Latest => true,
                    Selection::Event(seq) => seq < deck.past().len() as u64,
                    Selection::Node(node) => deck.tape().size().contains(node),
                };
                return if is_there { address.selection } else { Selection::Latest };
            }
            (None, Some(seq)) => {
                deck.show(0, seq);
                return Selection::Event(seq);
            }
            // A figure or a log has been brought to be looked at as a whole.
            (None, None) if deck.tape().given().is_some() && !starts => {
                deck.seek(deck.tape().end_us());
            }
            (None, None) => deck.reset(),
        }
        Selection::Latest
    }

    /// Opens the panel with pictures and files of the recording.
    fn take_away(&mut self, page: &mut Page) -> Effect {
        let Some(deck) = &mut self.deck else { return Effect::Nothing };
        deck.pause();
        subject::keep(deck.beside());
        page.dialog = None;
        yew::platform::spawn_local(async {
            // If it fails, the panel that has been opened says so.
            let _ = dom::from_whole("panel", &"".into()).await;
        });
        Effect::Moment
    }

    /// The address of the current moment.
    fn addressed(&self, page: &Page) -> Address {
        let speed = self.deck.as_ref().map_or(Speed::DEFAULT, Deck::speed);
        let mut address = page.address(speed, self.own_stamps());
        // The zoom of a recording depends on its number of lines.
        address.zoom = None;
        match &self.deck {
            Some(deck) => {
                let done = deck.past().len();
                let torn = deck.tape().done_at(deck.now_us()) != done;
                address.at_us = Some(deck.tape().told_us(deck.now_us()));
                address.events = torn.then_some(done as u64);
            }
            None => {
                let asked = &self.address.page;
                (address.at_us, address.events) = (asked.at_us, asked.events);
                (address.selection, address.settings) = (asked.selection, page.settings.clone());
            }
        }
        Address { file: self.address.file.clone(), page: address }
    }
}

/// An instant as written in an address. Empty for `None`.
fn told_us(at_us: Option<u64>) -> String {
    at_us.map(|at_us| at_us.to_string()).unwrap_or_default()
}

impl Subject for ShownRecording {
    fn timeline(&self) -> Option<&dyn Timeline> {
        self.deck.as_ref().map(|deck| deck as &dyn Timeline)
    }

    fn timeline_mut(&mut self) -> Option<&mut dyn Timeline> {
        self.deck.as_mut().map(|deck| deck as &mut dyn Timeline)
    }

    fn clicks(&self) -> &'static Clicks {
        &draw::INSPECTS
    }

    fn own_stamps(&self) -> Stamps {
        Stamps::default()
    }

    fn is_loading(&self) -> bool {
        self.reading.is_some()
    }

    fn own(&mut self, page: &mut Page, ask: Ask) -> Effect {
        match ask {
            Ask::Files => self.take_files(page),
            Ask::Quiet => {
                let Some(deck) = &mut self.deck else { return Effect::Nothing };
                deck.set_quiet(deck.tape().quiet().other());
                page.camera.left = None;
                Effect::Redraw
            }
            Ask::TakeAway => self.take_away(page),
            // The rest belongs to runs: a recording has no other scenarios, and nothing to undo.
            _ => Effect::Nothing,
        }
    }

    fn act(&mut self, _: &mut Page, _: usize, _: Vec<Action>) -> Effect {
        Effect::Nothing
    }

    fn derive(&mut self, _: &Page) {}

    fn query(&self, page: &Page) -> String {
        self.addressed(page).write()
    }

    fn is_kept_in_frames(&self) -> bool {
        false
    }

    fn handles(&self, _: &Page) -> Handles {
        self.handles_of_deck()
    }

    fn header(&self, page: &Page) -> Html {
        self.draw_header(page)
    }

    fn trouble(&self, page: &Page) -> Option<String> {
        let refused = self.refusal.as_ref().map(|refusal| refusal.tell(page.language));
        refused.or_else(|| page.told_troubles())
    }

    fn forget_trouble(&mut self) {
        self.refusal = None;
    }

    fn main(&self, parts: &Parts<'_>) -> Html {
        match &self.deck {
            Some(deck) => parts.one_side(draw::note(deck, parts.page)),
            None => self.doorway(parts.page),
        }
    }

    fn transport_end(&self, _: &Page) -> Html {
        Html::default()
    }

    fn speed_name(&self) -> Word {
        r::SPEED
    }

    fn dialog(&self, page: &Page, dialog: Dialog) -> Option<(Word, Html)> {
        self.draw_dialog(page, dialog)
    }

    fn is_secret_to(&self, origin: &str) -> Option<&'static str> {
        let is_handed = self.handed.as_ref().is_some_and(|handed| *handed == origin);
        (!is_handed).then_some(host::PRIVATE)
    }

    fn is_public(&self) -> bool {
        self.handed.is_some()
    }

    fn kind_of_secret(&self) -> &'static str {
        "recording"
    }

    fn state(&self, page: &Page, _: &[Picture; 2]) -> State {
        self.state_for_host(page)
    }

    fn asked_place(&self, place: Place) -> Result<Ask, HostRefusal> {
        self.place_for_host(place)
    }

    fn can_select(&self, _: &Selected) -> Result<(), HostRefusal> {
        Ok(())
    }

    fn load_for_host(&mut self, _: &mut Page, source: Source) -> Result<Effect, HostRefusal> {
        match source {
            // web/boot.js handles them.
            Source::Trace(_) | Source::Toml(_) => Ok(Effect::Nothing),
            Source::Scenario(_) | Source::Address(_) => Err(host::RUNS_NOTHING.into()),
        }
    }

    fn action_for_host(&self, _: &Page, _: &str, _: &Value) -> Result<Action, HostRefusal> {
        Err(host::RUNS_NOTHING.into())
    }

    fn export(
        &self,
        _: &Page,
        format: Format,
        looks: Vec<(&'static str, Value)>,
        id: Option<&Value>,
    ) -> Result<(), HostRefusal> {
        self.send(format, looks, id)
    }
}
