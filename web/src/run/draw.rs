//! Draws what only the page of a run has: the choice of scenarios, the narrator, and its panels.

use antes_core::Profile;
use yew::{Html, html};

use super::ShownRun;
use crate::app::Page;
use crate::app::subject::Parts;
use crate::dom;
use crate::language::Language;
use crate::message::Dialog;
use crate::view::{dialog, header, narration, transport};
use crate::words::Word;

/// The inputs of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HeaderKey {
    current: usize,
    profile: Profile,
    language: Language,
}

impl ShownRun {
    pub(super) fn derive_parts(&mut self, page: &Page) {
        let profile = self.player.run().scenario().config.profile;
        let (current, language) = (self.choice.place, page.language);
        if self.header.turns(HeaderKey { current, profile, language }) {
            self.header.keep(header::header(&header::Shown { current, profile, language }));
        }
        let told = self.narrated(page);
        if self.narration.turns((told.clone(), language)) {
            self.narration.keep(narration::narration(&told, language));
        }
    }

    pub(super) fn draw_main(&self, parts: &Parts<'_>) -> Html {
        parts.one_side(html! {
            <>
                { self.narration.show() }
                { parts.panels.verdict() }
                { parts.page.draw_notice() }
            </>
        })
    }

    pub(super) fn draw_transport_end(&self, page: &Page) -> Html {
        match (page.embed, page.view.can_fill) {
            (false, _) => transport::seed(self.player.run().scenario().seed, page.language),
            (true, true) => transport::full_screen(page.language),
            (true, false) => Html::default(),
        }
    }

    pub(super) fn draw_dialog(&self, page: &Page, shown: Dialog) -> (Word, Html) {
        let scenario = self.player.run().scenario();
        let config = scenario.config;
        dialog::sheet(&dialog::Shown {
            dialog: shown,
            query: &page.query,
            current: self.choice.place,
            runs: config.profile,
            address: dom::address_with(&self.address(page).write()),
            copied: page.copied,
            view: page.view,
            algorithm: config.algorithm,
            profile: config.setting().has_election().then_some(config.profile),
            seed: scenario.seed,
            language: page.language,
        })
    }
}
