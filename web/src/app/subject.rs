//! The page shows a run, a recording or a comparison. Everything that the three do not share is here.

use antes_core::NodeSet;
use antes_sim::scenario::Action;
use antes_sim::trace::TraceEvent;
use yew::{Html, html};

use super::picture::Given;
use super::{Page, Picture, panels::Panels};
use crate::address::Stamps;
use crate::control::Ask;
use crate::host::order::{Format, Place, Refusal, Selected, Source};
use crate::host::report::{NodeState, State};
use crate::host::value::Value;
use crate::message::{Dialog, Selection, Target};
use crate::pointed::Pointed;
use crate::sentence;
use crate::timeline::Timeline;
use crate::view::ring::Clicks;
use crate::view::{chart, menu};
use crate::words::{self as w, Word};

/// How many lines are searched for the latest decision.
const MAX_LOOK_BACK: usize = 10_000;

/// The effect of a request on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Nothing,
    /// The page has to be drawn again.
    Redraw,
    /// The page has to be drawn again, and the address may have changed.
    Moment,
}

impl Effect {
    /// [`Self::Redraw`], if something has changed.
    pub const fn redraw(changed: bool) -> Self {
        if changed { Self::Redraw } else { Self::Nothing }
    }
}

/// The handles of the page's element, beside those that all subjects have.
#[derive(Debug, Default)]
pub struct Handles {
    pub class: &'static str,
    pub scenario: Option<&'static str>,
    pub seed: Option<String>,
    pub recording: Option<&'static str>,
    pub lines: Option<String>,
    pub compare: Option<String>,
    pub events: Option<String>,
    pub violations: u32,
}

/// A run, a recording, or two runs side by side.
pub trait Subject {
    /// The timeline that is played. `None` before a recording is open.
    fn timeline(&self) -> Option<&dyn Timeline>;

    fn timeline_mut(&mut self) -> Option<&mut dyn Timeline>;

    /// The effects of clicks on the ring.
    fn clicks(&self) -> &'static Clicks;

    /// The stamps that are shown if nobody asks for others.
    fn own_stamps(&self) -> Stamps;

    /// Whether the first file is still being read.
    fn is_loading(&self) -> bool {
        false
    }

    /// Handles a request that not every subject knows.
    fn own(&mut self, page: &mut Page, ask: Ask) -> Effect;

    /// Acts on the run, where somebody pointed at this side.
    fn act(&mut self, page: &mut Page, side: usize, actions: Vec<Action>) -> Effect;

    /// Restores the place before the last change.
    fn undo(&mut self, _page: &mut Page) -> Effect {
        Effect::Nothing
    }

    /// Restores the place that was undone last.
    fn redo(&mut self, _page: &mut Page) -> Effect {
        Effect::Nothing
    }

    /// Draws parts anew whose inputs have changed.
    fn derive(&mut self, page: &Page);

    /// The query of the moment.
    fn query(&self, page: &Page) -> String;

    /// Whether an embedding page may have the moment restored that it removes.
    fn is_kept_in_frames(&self) -> bool {
        true
    }

    fn handles(&self, page: &Page) -> Handles;

    fn header(&self, page: &Page) -> Html;

    /// The sentence about what cannot be shown as it was asked for.
    fn trouble(&self, page: &Page) -> Option<String> {
        page.told_troubles()
    }

    /// Forgets that sentence.
    fn forget_trouble(&mut self) {}

    /// The page between the header and the transport bar.
    fn main(&self, parts: &Parts<'_>) -> Html;

    /// The controls at the end of the transport bar.
    fn transport_end(&self, page: &Page) -> Html;

    /// Further drawings on the scrubber, beside the marks.
    fn further_marks(&self) -> Html {
        Html::default()
    }

    fn speed_name(&self) -> Word {
        w::SPEED
    }

    /// The title and the body of a panel. `None` if the subject has no such panel.
    fn dialog(&self, page: &Page, dialog: Dialog) -> Option<(Word, Html)>;

    /// The text for screen readers, unless something is selected.
    fn announced(&self, parts: &Parts<'_>) -> String {
        [&parts.told_latest(0), " ", &parts.panels.overdue].concat()
    }

    /// The event with which a side parts from the other one, and its instant.
    fn parting(&self, _side: usize) -> Option<(u64, Option<&TraceEvent>)> {
        None
    }

    /// The narrator's note at this moment: its number, the number of notes, and its text.
    fn note(&self, _page: &Page) -> (usize, usize, String) {
        (0, 0, String::new())
    }

    /// Why this host may not be told what is shown. `None` if it may.
    fn is_secret_to(&self, _origin: &str) -> Option<&'static str> {
        None
    }

    /// The flag of messages to an embedding page that must not hear of the rest.
    fn kind_of_secret(&self) -> &'static str {
        "private"
    }

    /// Whether the embedding page may be told what is shown.
    fn is_public(&self) -> bool {
        true
    }

    fn state(&self, page: &Page, pictures: &[Picture; 2]) -> State;

    /// The request that leads to a place.
    ///
    /// # Errors
    ///
    /// If there is no such place.
    fn asked_place(&self, place: Place) -> Result<Ask, Refusal>;

    /// Whether a host can select this.
    ///
    /// # Errors
    ///
    /// If it does not exist.
    fn can_select(&self, selected: &Selected) -> Result<(), Refusal>;

    /// # Errors
    ///
    /// If it does not exist, or the subject cannot be replaced.
    fn load_for_host(&mut self, page: &mut Page, source: Source) -> Result<Effect, Refusal>;

    /// The action for a host's verb.
    ///
    /// # Errors
    ///
    /// If it cannot be done.
    fn action_for_host(&self, page: &Page, verb: &str, about: &Value) -> Result<Action, Refusal>;

    /// Sends the host what is shown in this format.
    ///
    /// # Errors
    ///
    /// If there is no such format of it.
    fn export(
        &self,
        page: &Page,
        format: Format,
        looks: Vec<(&'static str, Value)>,
        id: Option<&Value>,
    ) -> Result<(), Refusal>;
}

/// The inputs of the pictures of one side.
pub fn given<'a>(
    subject: &'a dyn Subject,
    page: &'a Page,
    timeline: &'a dyn Timeline,
    side: usize,
) -> Given<'a> {
    let facts = timeline.side(side);
    let is_here = page.side == side;
    let parting = subject.parting(side);
    let now_us = timeline.now_us();
    let is_now = |event: &&TraceEvent| event.at_us == now_us;
    let parted = parting.and_then(|(_, event)| event).filter(is_now).and_then(|event| event.node);
    let selected = match page.selection {
        Selection::Node(node) if is_here => Some(node),
        _ => page.selected(side).and_then(|seq| facts.node_of(seq)),
    };
    let hovered = page.hovered.filter(|_| is_here);
    let pointed_at = match hovered {
        Some(Pointed::Event(seq)) => facts.node_of(seq),
        Some(Pointed::Node(node)) => Some(node),
        Some(Pointed::Message(_)) | None => None,
    };
    let pointed: NodeSet = selected.into_iter().chain(pointed_at).chain(parted).collect();
    let in_menu = match page.menu {
        Some(Target::Message(id)) if is_here => Some(id),
        _ => None,
    };
    Given {
        clicks: subject.clicks(),
        page,
        timeline,
        selected: page.selected(side),
        hovered,
        in_menu,
        pointed,
        parting,
        scale: page.scale(timeline, side),
        facts,
        side,
    }
}

/// The drawn parts of the page, from which a subject makes its own.
pub struct Parts<'a> {
    pub subject: &'a dyn Subject,
    pub page: &'a Page,
    /// `None` before a recording is open.
    pub timeline: Option<&'a dyn Timeline>,
    pub pictures: &'a [Picture; 2],
    pub panels: &'a Panels,
}

impl Parts<'_> {
    /// The stage with ring and sentences, and beside it the diagram, the explanation and the log.
    pub fn one_side(&self, said: Html) -> Html {
        html! {
            <main>
                <section class="stage">
                    { self.ring(0) }
                    <div class="say">{ said }</div>
                    { self.panels.strip() }
                </section>
                <section class="side">
                    { chart::panel(
                        self.chart(0),
                        &self.page.surfaces[0][1],
                        self.page.camera.left.is_none(),
                        self.page.stamps,
                        self.page.language,
                    ) }
                    <div class="pair">
                        { self.panels.why() }
                        { self.panels.log() }
                    </div>
                </section>
            </main>
        }
    }

    /// The ring of a side, with its menu.
    pub fn ring(&self, side: usize) -> Html {
        let Some(timeline) = self.timeline else { return Html::default() };
        html! {
            <div class="ring-surface" ref={self.page.surfaces[side][0].clone()}>
                if self.page.sizes[0].width > 0.0 {
                    { self.pictures[side].ring(&given(self.subject, self.page, timeline, side)) }
                    { self.menu(timeline, side) }
                }
            </div>
        }
    }

    fn menu(&self, timeline: &dyn Timeline, side: usize) -> Html {
        let Some(target) = self.page.menu.filter(|_| self.page.side == side) else {
            return Html::default();
        };
        let language = self.page.language;
        let Some(run) = timeline.side(side).run else { return Html::default() };
        let title = match target {
            Target::Node(node)
            | Target::Links(node)
            | Target::Crash(node)
            | Target::Sides(node, _) => w::NODE.fill(language, &[&node]),
            Target::Message(id) => {
                let mut flights = self.pictures[side].ring.flights.iter();
                let Some(flight) = flights.find(|flight| flight.message.id == id) else {
                    return Html::default();
                };
                format!("{} {id}", flight.message.content.name())
            }
        };
        menu::menu(title, &menu::items(target, run, language))
    }

    /// The diagram of a side, without its panel.
    pub fn chart(&self, side: usize) -> Html {
        match self.timeline {
            Some(timeline) if self.page.sizes[1].width > 0.0 => {
                self.pictures[side].chart(&given(self.subject, self.page, timeline, side))
            }
            _ => Html::default(),
        }
    }

    /// The selected event of a side, otherwise its latest decision.
    pub fn latest(&self, side: usize) -> Option<&TraceEvent> {
        let past = self.timeline?.side(side).past;
        let selected =
            self.page.selected(side).and_then(|seq| past.get(usize::try_from(seq).ok()?));
        let decided =
            || past.iter().rev().take(MAX_LOOK_BACK).find(|event| sentence::is_decision(event));
        selected.or_else(decided)
    }

    /// The sentence about it.
    pub fn told_latest(&self, side: usize) -> String {
        let told = |event| {
            let past = self.timeline.map_or(&[][..], |timeline| timeline.side(side).past);
            sentence::told(event, past, self.page.language)
        };
        self.latest(side).map(told).unwrap_or_default()
    }
}

/// The nodes of a side in a report to the host, with the name of the side if there are two.
pub fn node_states(picture: &Picture, side: Option<&str>) -> Vec<NodeState> {
    let nodes = picture.ring.nodes.iter().map(|node| {
        let mut handles = vec![
            ("state", node.state().to_owned()),
            ("role", node.part.name().to_owned()),
            ("leader", node.leader.map(|leader| leader.to_string()).unwrap_or_default()),
            ("lock", node.lock.name().to_owned()),
        ];
        handles.extend(side.map(|side| ("side", side.to_owned())));
        NodeState { id: node.id.get(), clock: node.clock, handles }
    });
    nodes.collect()
}
