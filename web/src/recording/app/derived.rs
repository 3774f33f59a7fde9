//! Derived content that is too expensive to compute in each frame. It is kept until its inputs change.

use core::time::Duration;

use antes_core::Profile;
use antes_sim::scenario::Latency;
use antes_sim::trace::{Invariant, TraceEvent};

use super::super::deck::Deck;
use super::super::pace::MESSAGE_US;
use super::super::{scene, tell};
use super::App;
use super::page::INSPECTS;
use crate::address::Stamps;
use crate::chart::camera;
use crate::chart::draw::{Still, stills};
use crate::chart::growing::{self, Growing};
use crate::chart::labels::Taken;
use crate::chart::scale::Scale;
use crate::chart::scene::{Look, Scene, SpanShape};
use crate::language::Language;
use crate::message::Selection;
use crate::outlook::Mark;
use crate::pointed::Pointed;
use crate::px::Size;
use crate::ring::flight::{Manner, flights};
use crate::ring::scene::Scene as RingScene;
use crate::routine::Hidden;
use crate::shared::Shared;
use crate::view::crowd::Crowd;
use crate::view::flight::{self, Sprite};
use crate::view::part::Kept;
use crate::view::strip::{self, Verdict};
use crate::view::{log, transport, why as inspector};
use crate::why::Why;
use crate::words as w;

/// The diagram's scene is computed again when it has moved by this many pixels. In between it is only
/// shifted.
const BLOCK_PX: f64 = 240.0;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ChartKey {
    block: i64,
    lines: usize,
    generation: u32,
    selected: Option<u64>,
    hovered: Option<Pointed>,
    stamps: Stamps,
    em: f64,
    zoom: i8,
    size: Size,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LogKey {
    lines: usize,
    count: usize,
    hidden: Hidden,
    selected: Option<u64>,
    hovered: Option<Pointed>,
    stamps: Stamps,
    language: Language,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WhyKey {
    selection: Selection,
    hidden: Hidden,
    lines: usize,
    language: Language,
}

/// The derived content, and the inputs that it was computed from.
#[derive(Default)]
pub(super) struct Derived {
    pub ring: RingScene,
    pub flying: Crowd<Sprite>,
    pub lost: Crowd<Sprite>,
    chart_key: Option<ChartKey>,
    pub spans: Vec<SpanShape>,
    pub ticks: Vec<u64>,
    /// The areas that the labels and events of the diagram occupy.
    taken: Taken,
    pub still: Crowd<Still>,
    pub log: Kept<LogKey>,
    pub why: Kept<WhyKey>,
    /// The explanation of the selection, as text.
    pub explained: String,
    pub strip: Kept<Language>,
    pub marks: Kept<(Shared<Vec<Mark>>, u64, u64)>,
}

impl App {
    /// Updates everything whose inputs have changed.
    pub(super) fn derive(&mut self) {
        let Some(deck) = &self.deck else { return };
        let mut derived = std::mem::take(&mut self.derived);
        self.derive_ring(deck, &mut derived);
        self.derive_chart(deck, &mut derived);
        self.derive_log(deck, &mut derived);
        self.derive_why(deck, &mut derived);
        self.derive_strip(deck, &mut derived);
        let (start_us, end_us) = (deck.start_us(), deck.end_us());
        if derived.marks.turns((self.marks.clone(), start_us, end_us)) {
            derived.marks.keep(transport::marks(&self.marks, start_us, end_us));
        }
        self.derived = derived;
    }

    pub(super) fn scale(&self, deck: &Deck) -> Scale {
        self.scale_at(deck, self.camera.zoom)
    }

    /// The scale of the diagram with this zoom.
    pub(super) fn scale_at(&self, deck: &Deck, zoom: i8) -> Scale {
        let nodes = deck.tape().size().get();
        let typical = Latency::Fixed(Duration::from_micros(MESSAGE_US));
        Scale::new(self.chart_size, nodes, deck.tape().has_resource(), typical, zoom)
    }

    pub(super) fn left_edge(&self, deck: &Deck) -> f64 {
        self.camera.left_edge(&self.scale(deck), deck.now_us())
    }

    /// The position of the cursor in the diagram.
    pub(super) fn cursor(&self, deck: &Deck) -> f64 {
        camera::cursor(deck.index(), &self.scale(deck), deck.now_us())
    }

    /// The line of the selected event.
    pub(super) const fn selected(&self) -> Option<u64> {
        match self.selection {
            Selection::Event(seq) => Some(seq),
            Selection::Latest | Selection::Node(_) => None,
        }
    }

    /// The arrows of messages on their way.
    pub(super) fn growing(&self, deck: &Deck) -> Vec<Growing> {
        let share = |id| self.derived.ring.progress(id);
        let scale = self.scale(deck);
        let look = growing::Look {
            scale: &scale,
            cursor: self.cursor(deck),
            trace: deck.past(),
            selected: self.selected(),
            hovered: self.hovered,
        };
        let mut arrows = growing::growing(deck.index(), &look, |id| share(id).unwrap_or(1.0));
        // No line tells how the other messages ended.
        arrows.retain(|arrow| share(arrow.message.id).is_some());
        growing::name(&mut arrows, self.derived.taken.clone(), &self.faces.chart);
        arrows
    }

    fn derive_ring(&self, deck: &Deck, derived: &mut Derived) {
        let scene = scene::scene(&deck.shown());
        let sent = |seq: u64| {
            let event = deck.past().get(usize::try_from(seq).ok()?)?;
            event.message().map(|message| message.id)
        };
        let hovered = match self.hovered {
            Some(Pointed::Message(id)) => Some(id),
            Some(Pointed::Event(seq)) => sent(seq),
            Some(Pointed::Node(_)) | None => None,
        };
        let pointed: Vec<_> =
            [hovered, self.selected().and_then(sent)].into_iter().flatten().collect();
        let manner = Manner {
            now_us: deck.now_us(),
            layout: &self.layout,
            size: self.ring_size,
            faces: &self.faces,
            pointed: &pointed,
            has_menus: INSPECTS.menus,
            language: self.language,
        };
        let [dead, alive] = flights(&scene, &manner);
        flight::show(&mut derived.lost, dead, &INSPECTS);
        flight::show(&mut derived.flying, alive, &INSPECTS);
        derived.ring = scene;
    }

    fn derive_chart(&self, deck: &Deck, derived: &mut Derived) {
        let scale = self.scale(deck);
        let block = (self.left_edge(deck) / BLOCK_PX).floor();
        let key = ChartKey {
            block: block as i64,
            lines: deck.past().len(),
            generation: deck.generation(),
            selected: self.selected(),
            hovered: self.hovered,
            stamps: self.stamps,
            em: self.faces.chart.em(),
            zoom: self.camera.zoom,
            size: self.chart_size,
        };
        if derived.chart_key.replace(key) == Some(key) {
            return;
        }
        let left = block * BLOCK_PX;
        let look = Look {
            left: left - 40.0,
            right: left + BLOCK_PX + scale.inner_width() + 40.0,
            stamps: self.stamps,
            selected: key.selected,
            hovered: self.hovered,
            face: &self.faces.chart,
            refused: w::REFUSED.say(self.language),
            nodes: deck.tape().size().get(),
        };
        let Scene { spans, arrows, signs, dots, mut ticks, taken } =
            Scene::new(deck.index(), deck.past(), &scale, &look);
        ticks.retain(|&tick| tick <= deck.tape().end_us());
        (derived.spans, derived.ticks, derived.taken) = (spans, ticks, taken);
        derived.still.show(stills(arrows, signs, dots));
    }

    fn derive_log(&self, deck: &Deck, derived: &mut Derived) {
        let key = LogKey {
            lines: deck.past().len(),
            count: self.log_count,
            hidden: self.hidden,
            selected: self.selected(),
            hovered: self.hovered,
            stamps: self.stamps,
            language: self.language,
        };
        if !derived.log.turns(key) {
            return;
        }
        let wanted = log::Wanted {
            routines: deck.routines(),
            hidden: key.hidden,
            count: key.count,
            selected: key.selected,
            pointed: key.hovered,
            stamps: key.stamps,
            nodes: deck.tape().size().get(),
            language: key.language,
        };
        let (lines, earlier) = log::lines(deck.past(), &wanted);
        derived.log.keep(log::log(&log::Shown {
            lines: &lines,
            earlier,
            selected: key.selected,
            hidden: key.hidden,
            has_repetitions: deck.tape().setting().profile == Profile::Hardened,
            tell: &|at_us| key.language.fine_seconds(at_us, deck.tape().decimals()),
            language: key.language,
        }));
    }

    fn derive_why(&self, deck: &Deck, derived: &mut Derived) {
        let key = WhyKey {
            selection: self.selection,
            hidden: self.hidden,
            lines: deck.past().len(),
            language: self.language,
        };
        if !derived.why.turns(key) {
            return;
        }
        let why = self.explain(deck);
        let selected = self.selection != Selection::Latest;
        derived.explained =
            why.as_ref().filter(|_| selected).map(crate::why::said).unwrap_or_default();
        derived.why.keep(inspector::inspector(why.as_ref(), selected, self.language));
    }

    fn explain(&self, deck: &Deck) -> Option<Why> {
        match self.selection {
            Selection::Node(node) => Some(tell::of_node(deck, node, self.language)),
            Selection::Event(seq) => tell::of_event(deck, seq, true, self.language),
            Selection::Latest => {
                let routines = deck.routines();
                let is_shown = |event: &&TraceEvent| !self.hidden.hides(routines.of(event));
                let latest = deck.past().iter().rev().find(is_shown);
                latest.and_then(|event| tell::of_event(deck, event.seq, false, self.language))
            }
        }
    }

    /// The strip shows the verdicts of the whole recording.
    fn derive_strip(&self, deck: &Deck, derived: &mut Derived) {
        if !derived.strip.turns(self.language) {
            return;
        }
        let verdict = |invariant: Invariant| {
            let (broken, first) = deck.tape().broken(invariant);
            Verdict { invariant, broken, first }
        };
        let verdicts: Vec<_> = deck.tape().judged_by().map(verdict).collect();
        let tape = deck.tape();
        let waits = strip::told(deck.waits(), None, tape.setting(), self.language);
        derived.strip.keep(strip::strip(&verdicts, &waits, self.language));
    }
}
