//! Derived content that is too expensive to compute in each frame. It is kept until its inputs change.

use antes_core::Profile;
use antes_sim::trace::MessageId;

use super::App;
use crate::address::Stamps;
use crate::chart::camera;
use crate::chart::draw::{Still, stills};
use crate::chart::growing::{self, Growing};
use crate::chart::index::Index;
use crate::chart::labels::Taken;
use crate::chart::scale::Scale;
use crate::chart::scene::{Look, Scene, SpanShape};
use crate::language::Language;
use crate::message::{Selection, Target};
use crate::outlook::Mark;
use crate::pointed::Pointed;
use crate::px::Size;
use crate::ring::flight::{Manner, flights};
use crate::ring::scene::Scene as RingScene;
use crate::routine::{Hidden, Routines};
use crate::shared::Shared;
use crate::view::crowd::Crowd;
use crate::view::flight::{self, Sprite};
use crate::view::narration::{self, Told};
use crate::view::part::Kept;
use crate::view::ring::ACTS;
use crate::view::strip::{self, Verdict, WaitShown};
use crate::view::{header, log, transport, why as inspector};
use crate::waits::{Bounds, Waits};
use crate::why;
use crate::words as w;

/// The diagram's scene is computed again when it has moved by this many pixels. In between it is only
/// shifted.
const BLOCK_PX: f64 = 240.0;

/// The inputs of the diagram's scene.
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

/// The inputs of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LogKey {
    lines: usize,
    generation: u32,
    count: usize,
    hidden: Hidden,
    selected: Option<u64>,
    hovered: Option<Pointed>,
    stamps: Stamps,
    language: Language,
}

/// The inputs of the explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WhyKey {
    selection: Selection,
    told: Option<u64>,
    lines: usize,
    done: u64,
    generation: u32,
    playing: bool,
    language: Language,
}

/// The inputs of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HeaderKey {
    current: usize,
    profile: Profile,
    language: Language,
}

/// The derived content, and the inputs that it was computed from.
#[derive(Default)]
pub(super) struct Derived {
    index: Index,
    routines: Routines,
    pub ring: RingScene,
    pub flying: Crowd<Sprite>,
    pub lost: Crowd<Sprite>,
    chart_key: Option<ChartKey>,
    pub spans: Vec<SpanShape>,
    pub ticks: Vec<u64>,
    /// The areas that the labels and events of the diagram occupy.
    taken: Taken,
    pub still: Crowd<Still>,
    pub header: Kept<HeaderKey>,
    pub log: Kept<LogKey>,
    pub why: Kept<WhyKey>,
    waits: Waits,
    /// The sentence about overdue invariants.
    pub overdue: String,
    /// The explanation of the selection, as text.
    pub explained: String,
    pub strip: Kept<(Vec<Verdict>, Vec<WaitShown>, Language)>,
    pub verdict: Kept<(Vec<Verdict>, Option<WaitShown>, Language)>,
    pub narration: Kept<(Told, Language)>,
    pub marks: Kept<(Shared<Vec<Mark>>, u64, u64)>,
}

impl Derived {
    /// The diagram's index of the trace.
    pub(super) const fn index(&self) -> &Index {
        &self.index
    }
}

impl App {
    /// Updates everything whose inputs have changed.
    pub(super) fn derive(&mut self) {
        self.player.watch();
        let player = &self.player;
        let trace = player.run().trace();
        self.derived.index.read(trace, player.generation(), player.outlook());
        self.derived.routines.read(trace, player.generation());
        let scenario = player.run().scenario();
        let (nodes, bounds) = (scenario.config.size.get(), Bounds::of(scenario));
        self.derived.waits.read(trace, player.generation(), nodes, bounds);
        self.derive_ring();
        self.derive_header();
        self.derive_chart();
        self.derive_log();
        self.derive_why();
        self.derive_strip();
        self.derive_narration();
        self.derive_marks();
    }

    pub(super) fn scale(&self) -> Scale {
        self.scale_at(self.camera.zoom)
    }

    /// The scale of the diagram with this zoom.
    pub(super) fn scale_at(&self, zoom: i8) -> Scale {
        let run = self.player.run();
        let scenario = run.scenario();
        let nodes = scenario.config.size.get();
        Scale::new(self.chart_size, nodes, self.has_resource(), scenario.network.latency, zoom)
    }

    pub(super) fn has_resource(&self) -> bool {
        self.player.run().scenario().config.algorithm == antes_core::Algorithm::Mutex
    }

    pub(super) fn left_edge(&self) -> f64 {
        self.camera.left_edge(&self.scale(), self.player.run().now_us())
    }

    /// The position of the cursor in the diagram.
    pub(super) fn cursor(&self) -> f64 {
        camera::cursor(&self.derived.index, &self.scale(), self.player.run().now_us())
    }

    /// The line that the current moment is about.
    pub(super) fn told(&self) -> Option<u64> {
        self.player.told(|line| !self.hidden.hides(self.derived.routines.of(line)))
    }

    /// The line of the selected event.
    pub(super) const fn selected(&self) -> Option<u64> {
        match self.selection {
            Selection::Event(seq) => Some(seq),
            Selection::Latest | Selection::Node(_) => None,
        }
    }

    /// The arrows of messages on their way.
    pub(super) fn growing(&self) -> Vec<Growing> {
        let (ring, scale) = (&self.derived.ring, self.scale());
        let look = growing::Look {
            scale: &scale,
            cursor: self.cursor(),
            trace: self.player.run().trace(),
            selected: self.selected(),
            hovered: self.hovered,
        };
        let mut arrows =
            growing::growing(&self.derived.index, &look, |id| ring.progress(id).unwrap_or(1.0));
        growing::name(&mut arrows, self.derived.taken.clone(), &self.faces.chart);
        arrows
    }

    fn derive_ring(&mut self) {
        let scene = RingScene::new(self.player.run(), self.player.outlook());
        let pointed = self.pointed_messages();
        let manner = Manner {
            now_us: self.player.run().now_us(),
            layout: &self.layout,
            size: self.ring_size,
            faces: &self.faces,
            pointed: &pointed,
            has_menus: ACTS.menus,
            language: self.language,
        };
        let [dead, alive] = flights(&scene, &manner);
        flight::show(&mut self.derived.lost, dead, &ACTS);
        flight::show(&mut self.derived.flying, alive, &ACTS);
        self.derived.ring = scene;
    }

    /// The messages to highlight because of the menu, the selection or the pointer.
    fn pointed_messages(&self) -> Vec<MessageId> {
        let trace = self.player.run().trace();
        let sent = |seq: u64| {
            let event = trace.get(usize::try_from(seq).ok()?)?;
            event.message().map(|message| message.id)
        };
        let in_menu = match self.menu {
            Some(Target::Message(id)) => Some(id),
            Some(Target::Node(_) | Target::Links(_) | Target::Crash(_) | Target::Sides(..))
            | None => None,
        };
        let hovered = match self.hovered {
            Some(Pointed::Message(id)) => Some(id),
            Some(Pointed::Event(seq)) => sent(seq),
            Some(Pointed::Node(_)) | None => None,
        };
        [in_menu, hovered, self.selected().and_then(sent)].into_iter().flatten().collect()
    }

    fn derive_chart(&mut self) {
        let scale = self.scale();
        let block = (self.left_edge() / BLOCK_PX).floor();
        let trace = self.player.run().trace();
        let key = ChartKey {
            block: block as i64,
            lines: trace.len(),
            generation: self.player.generation(),
            selected: self.selected(),
            hovered: self.hovered,
            stamps: self.stamps(),
            em: self.faces.chart.em(),
            zoom: self.camera.zoom,
            size: self.chart_size,
        };
        if self.derived.chart_key.replace(key) == Some(key) {
            return;
        }
        let left = block * BLOCK_PX;
        let look = Look {
            left: left - 40.0,
            right: left + BLOCK_PX + scale.inner_width() + 40.0,
            stamps: self.stamps(),
            selected: key.selected,
            hovered: self.hovered,
            face: &self.faces.chart,
            refused: w::REFUSED.say(self.language),
            nodes: self.player.run().world().size().get(),
        };
        let Scene { spans, arrows, signs, dots, ticks, taken } =
            Scene::new(&self.derived.index, trace, &scale, &look);
        let derived = &mut self.derived;
        (derived.spans, derived.ticks, derived.taken) = (spans, ticks, taken);
        self.derived.still.show(stills(arrows, signs, dots));
    }

    fn derive_log(&mut self) {
        let trace = self.player.run().trace();
        let key = LogKey {
            lines: trace.len(),
            generation: self.player.generation(),
            count: self.log_count,
            hidden: self.hidden,
            selected: self.selected(),
            hovered: self.hovered,
            stamps: self.stamps(),
            language: self.language,
        };
        if !self.derived.log.turns(key) {
            return;
        }
        let wanted = log::Wanted {
            routines: &self.derived.routines,
            hidden: key.hidden,
            count: key.count,
            selected: key.selected,
            pointed: key.hovered,
            stamps: key.stamps,
            nodes: self.player.run().world().size().get(),
            language: key.language,
        };
        let (lines, earlier) = log::lines(trace, &wanted);
        self.derived.log.keep(log::log(&log::Shown {
            lines: &lines,
            earlier,
            selected: key.selected,
            hidden: key.hidden,
            has_repetitions: self.player.run().scenario().config.profile == Profile::Hardened,
            tell: &|at_us| key.language.seconds(at_us),
            language: key.language,
        }));
    }

    fn derive_why(&mut self) {
        let run = self.player.run();
        let key = WhyKey {
            selection: self.selection,
            told: self.told(),
            lines: run.trace().len(),
            done: run.done(),
            generation: self.player.generation(),
            playing: self.player.is_playing(),
            language: self.language,
        };
        // The state of a node also changes between events, since its timers run.
        let is_node = matches!(self.selection, Selection::Node(_));
        if !self.derived.why.turns(key) && !is_node {
            return;
        }
        let why = match self.selection {
            Selection::Node(node) => Some(why::of_node(run, node, self.language)),
            Selection::Event(seq) => self.explain(seq, true),
            Selection::Latest => key.told.and_then(|seq| self.explain(seq, false)),
        };
        let selected = self.selection != Selection::Latest;
        self.derived.explained =
            why.as_ref().filter(|_| selected).map(why::said).unwrap_or_default();
        self.derived.why.keep(inspector::inspector(why.as_ref(), selected, self.language));
    }

    fn explain(&mut self, seq: u64, selected: bool) -> Option<why::Why> {
        let around = if self.player.is_playing() { None } else { self.player.around(seq) };
        why::of_event(self.player.run(), seq, around.as_ref(), selected, self.language)
    }

    fn derive_header(&mut self) {
        let key = HeaderKey {
            current: self.choice.place,
            profile: self.player.run().scenario().config.profile,
            language: self.language,
        };
        if self.derived.header.turns(key) {
            self.derived.header.keep(header::header(&header::Shown {
                current: key.current,
                profile: key.profile,
                language: key.language,
            }));
        }
    }

    fn derive_narration(&mut self) {
        let told = self.narrated();
        if self.derived.narration.turns((told.clone(), self.language)) {
            self.derived.narration.keep(narration::narration(&told, self.language));
        }
    }

    fn derive_marks(&mut self) {
        let (start_us, end_us) = (self.player.start_us(), self.player.end_us());
        if self.derived.marks.turns((self.marks.clone(), start_us, end_us)) {
            self.derived.marks.keep(transport::marks(&self.marks, start_us, end_us));
        }
    }

    fn derive_strip(&mut self) {
        let run = self.player.run();
        let verdicts = strip::verdicts(run);
        let bounds = Bounds::of(run.scenario());
        let waits = match bounds {
            Some(_) => {
                let waits = self.derived.waits.at(run.now_us());
                strip::told(&waits, bounds, run.scenario().config.setting(), self.language)
            }
            None => Vec::new(),
        };
        if self.derived.strip.turns((verdicts.clone(), waits.clone(), self.language)) {
            self.derived.strip.keep(strip::strip(&verdicts, &waits, self.language));
        }
        let overdue = waits.iter().filter(|wait| wait.late);
        let overdue = overdue.map(|wait| strip::said(wait, self.language));
        self.derived.overdue = overdue.collect::<Vec<_>>().join(" ");
        let late = waits.into_iter().find(|wait| wait.late);
        let drawn = strip::verdict(&verdicts, late.as_ref(), self.language);
        if self.derived.verdict.turns((verdicts, late, self.language)) {
            self.derived.verdict.keep(drawn);
        }
    }
}
