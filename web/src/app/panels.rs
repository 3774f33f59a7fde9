//! The panels of one side: the log, the explanation, the strip of invariants and waits, and the marks on the
//! scrubber. Each is drawn again only when its inputs have changed.

use antes_core::Profile;
use yew::Html;

use super::Page;
use crate::address::Stamps;
use crate::language::Language;
use crate::message::Selection;
use crate::pointed::Pointed;
use crate::routine::Hidden;
use crate::timeline::{Side, Timeline};
use crate::view::part::Kept;
use crate::view::strip::{self, Verdict, WaitShown};
use crate::view::{log, transport, why as inspector};
use crate::why;

/// The part of the past that a panel shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Past {
    run: u32,
    lines: usize,
    generation: u32,
    language: Language,
}

/// The inputs of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LogKey {
    past: Past,
    count: usize,
    hidden: Hidden,
    selected: Option<u64>,
    hovered: Option<Pointed>,
    stamps: Stamps,
}

/// The inputs of the explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct WhyKey {
    past: Past,
    selection: Selection,
    told: Option<u64>,
    playing: bool,
}

#[derive(Default)]
pub struct Panels {
    log: Kept<LogKey>,
    why: Kept<WhyKey>,
    strip: Kept<(Vec<Verdict>, Vec<WaitShown>, Language)>,
    verdict: Kept<(Vec<Verdict>, Option<WaitShown>, Language)>,
    marks: Kept<([Option<u32>; 2], u32, u64, u64)>,
    /// The sentence about overdue waits.
    pub overdue: String,
    /// The explanation of the selection, as text.
    pub explained: String,
}

impl Panels {
    pub fn log(&self) -> Html {
        self.log.show()
    }

    pub fn why(&self) -> Html {
        self.why.show()
    }

    pub fn strip(&self) -> Html {
        self.strip.show()
    }

    /// The strip in one line.
    pub fn verdict(&self) -> Html {
        self.verdict.show()
    }

    pub fn marks(&self) -> Html {
        self.marks.show()
    }

    pub fn derive(&mut self, page: &Page, timeline: &dyn Timeline) {
        self.derive_marks(page, timeline);
        if timeline.sides() > 1 {
            // A comparison has a table of numbers instead.
            return;
        }
        let facts = timeline.side(0);
        let past = Past {
            run: page.runs,
            lines: facts.past.len(),
            generation: facts.generation,
            language: page.language,
        };
        self.derive_log(page, timeline, &facts, past);
        self.derive_why(page, timeline, past);
        self.derive_strip(page, timeline);
    }

    fn derive_log(&mut self, page: &Page, timeline: &dyn Timeline, facts: &Side<'_>, past: Past) {
        let key = LogKey {
            past,
            count: page.log_count,
            hidden: page.hidden,
            selected: page.selected(0),
            hovered: page.hovered,
            stamps: page.stamps,
        };
        if !self.log.turns(key) {
            return;
        }
        let wanted = log::Wanted {
            routines: facts.routines,
            hidden: key.hidden,
            count: key.count,
            selected: key.selected,
            pointed: key.hovered,
            stamps: key.stamps,
            nodes: facts.size.get(),
            language: page.language,
        };
        let (lines, earlier) = log::lines(facts.past, &wanted);
        self.log.keep(log::log(&log::Shown {
            lines: &lines,
            earlier,
            selected: key.selected,
            hidden: key.hidden,
            has_repetitions: facts.profile == Profile::Hardened,
            tell: &|told_us| timeline.tell(told_us, page.language),
            language: page.language,
        }));
    }

    fn derive_why(&mut self, page: &Page, timeline: &dyn Timeline, past: Past) {
        let key = WhyKey {
            past,
            selection: page.selection,
            told: timeline.told(0, page.hidden),
            playing: timeline.is_playing(),
        };
        // The state of a node also changes between events, since its timers run.
        let is_node = matches!(page.selection, Selection::Node(_));
        if !self.why.turns(key) && !is_node {
            return;
        }
        let why = timeline.why(page.selection, key.told, page.language);
        let selected = page.selection != Selection::Latest;
        self.explained = why.as_ref().filter(|_| selected).map(why::said).unwrap_or_default();
        self.why.keep(inspector::inspector(why.as_ref(), selected, page.language));
    }

    fn derive_strip(&mut self, page: &Page, timeline: &dyn Timeline) {
        let language = page.language;
        let (verdicts, waits) = (timeline.verdicts(0), timeline.waits(language));
        if self.strip.turns((verdicts.clone(), waits.clone(), language)) {
            self.strip.keep(strip::strip(&verdicts, &waits, language));
        }
        let overdue = waits.iter().filter(|wait| wait.late);
        let overdue = overdue.map(|wait| strip::said(wait, language));
        self.overdue = overdue.collect::<Vec<_>>().join(" ");
        let late = waits.into_iter().find(|wait| wait.late);
        let drawn = strip::verdict(&verdicts, late.as_ref(), language);
        if self.verdict.turns((verdicts, late, language)) {
            self.verdict.keep(drawn);
        }
    }

    fn derive_marks(&mut self, page: &Page, timeline: &dyn Timeline) {
        let (start_us, end_us) = (timeline.start_us(), timeline.end_us());
        let generation =
            |side: usize| (side < timeline.sides()).then(|| timeline.side(side).generation);
        if self.marks.turns(([0, 1].map(generation), page.runs, start_us, end_us)) {
            self.marks.keep(transport::marks(&timeline.marks(), start_us, end_us));
        }
    }
}
