//! Draws the page, from the header to the transport bar.

use yew::{Html, html};

use super::subject::{Handles, Parts};
use super::{App, Notice, Page};
use crate::control;
use crate::timeline::Timeline;
use crate::view::icon::{icon_button, text_button};
use crate::view::{dialog, transport};
use crate::words as w;

impl App {
    fn parts(&self) -> Parts<'_> {
        Parts {
            subject: &*self.subject,
            page: &self.page,
            timeline: self.subject.timeline(),
            pictures: &self.pictures,
            panels: &self.panels,
        }
    }

    pub(super) fn draw(&self) -> Html {
        let (page, subject, parts) = (&self.page, &self.subject, self.parts());
        let timeline = parts.timeline;
        let shown_us = timeline.map(|timeline| timeline.told_us(timeline.now_us()).to_string());
        let playing = timeline.map(|timeline| timeline.is_playing().to_string());
        let Handles { class, scenario, seed, recording, lines, compare, events, violations } =
            subject.handles(page);
        html! {
            <div class={yew::classes!("app", class)} data-time-us={shown_us} data-events={events}
                data-seed={seed} data-scenario={scenario} data-recording={recording}
                data-lines={lines} data-compare={compare} data-playing={playing}
                data-violations={timeline.map(|_| violations.to_string())}>
                { subject.header(page) }
                { self.draw_trouble() }
                if page.is_fetching {
                    <p class="busy" role="status">{ w::LOADING.say(page.language) }</p>
                }
                { subject.main(&parts) }
                { for timeline.map(|timeline| self.draw_transport(timeline)) }
                <div class="sr-only" aria-live="polite">{ self.announced(&parts) }</div>
                // There must always be one child here. Yew matches children from the end, so an iterator of
                // zero or one children would recreate all elements before it.
                if let Some((title, body)) = page.dialog.and_then(|it| subject.dialog(page, it)) {
                    { dialog::frame(title, body, page.language) }
                }
            </div>
        }
    }

    fn draw_trouble(&self) -> Html {
        let Some(told) = self.subject.trouble(&self.page) else { return Html::default() };
        html! {
            <div class="trouble" role="alert">
                <p>{ told }</p>
                { icon_button(&control::CLOSE, self.page.language, "quiet small") }
            </div>
        }
    }

    fn draw_transport(&self, timeline: &dyn Timeline) -> Html {
        let language = self.page.language;
        let (now_us, start_us, end_us) =
            (timeline.now_us(), timeline.start_us(), timeline.end_us());
        transport::transport(&transport::Shown {
            now_us,
            start_us,
            end_us,
            told: [now_us, end_us].map(|at_us| timeline.tell(timeline.told_us(at_us), language)),
            playing: timeline.is_playing(),
            speed: timeline.speed(),
            speed_name: self.subject.speed_name().say(language),
            last: self.subject.transport_end(&self.page),
            marks: html! { <>{ self.panels.marks() }{ self.subject.further_marks() }</> },
            language,
        })
    }

    /// The text for screen readers: the explanation of the selection, otherwise what has happened last.
    fn announced(&self, parts: &Parts<'_>) -> String {
        match self.panels.explained.as_str() {
            "" => self.subject.announced(parts),
            explained => explained.to_owned(),
        }
    }
}

impl Page {
    /// The notice about the last act.
    pub fn draw_notice(&self) -> Html {
        let Some(Notice { text, offer }) = &self.notice else { return Html::default() };
        html! {
            <div class="notice" role="status">
                <p>{ text.clone() }</p>
                { for offer.map(|offer| text_button(offer, self.language, "small")) }
            </div>
        }
    }
}
