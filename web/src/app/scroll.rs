//! The visible part of the diagram.

use super::{App, Effect};
use crate::chart::camera::{self, opening_zoom};
use crate::px::Size;

impl App {
    pub(super) fn resize(&mut self, ring: Size, chart: Size) -> Effect {
        self.page.sizes = [ring, chart];
        if !self.page.is_seen && chart.width > 0.0 {
            self.open_diagram();
        }
        Effect::Redraw
    }

    /// Sets the diagram's zoom at the opening, as large as possible with all events that led to the moment.
    /// Then makes the selected event visible.
    fn open_diagram(&mut self) {
        let (page, Some(timeline)) = (&mut self.page, self.subject.timeline()) else { return };
        if let Some(since_us) = page.opening.since_us.take() {
            let now_us = timeline.now_us();
            let zoom = opening_zoom(since_us, now_us, |zoom| page.scale_at(timeline, 0, zoom));
            page.camera.zoom = zoom;
            page.opening.zoom = Some(zoom);
        }
        if let Some(seq) = page.selected(0) {
            self.bring_into_view(seq);
        }
    }

    pub(super) fn zoom(&mut self, steps: i8) {
        let (page, Some(timeline)) = (&self.page, self.subject.timeline()) else { return };
        let (mut camera, now_us) = (page.camera, timeline.now_us());
        let scale_at = |zoom| page.scale_at(timeline, 0, zoom);
        camera.stretch(steps, &timeline.zooms(), now_us, scale_at);
        let scale = scale_at(camera.zoom);
        let left = camera.left_edge(&scale, now_us);
        let [from_us, to_us] = [left, left + scale.inner_width()].map(|x| scale.instant(x));
        if steps > 0 || !timeline.is_crowded(from_us, to_us) {
            self.page.camera = camera;
        }
    }

    pub(super) fn pan(&mut self, by: f64) {
        let Some(timeline) = self.subject.timeline() else { return };
        let (now_us, scale) = (timeline.now_us(), self.page.scale(timeline, 0));
        let cursor = |side| camera::cursor(timeline.side(side).index, &scale, now_us);
        let cursor = (0..timeline.sides()).map(cursor).fold(0.0, f64::max);
        self.page.camera.pan(by, &scale, now_us, cursor);
    }

    /// Moves the diagram so that an event of the selected side becomes visible.
    pub(super) fn bring_into_view(&mut self, seq: u64) {
        let (page, Some(timeline)) = (&mut self.page, self.subject.timeline()) else { return };
        let side = timeline.side(page.side);
        if side.line(seq).is_some() {
            let scale = page.scale(timeline, page.side);
            page.camera.bring_into_view(timeline.at_us(page.side, seq), &scale, timeline.now_us());
        }
    }
}
