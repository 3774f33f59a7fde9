//! A part of a run as a film: an animated GIF, or WebM, which the browser records.

use std::cell::Cell;
use std::rc::Rc;

use antes_picture::document::Wanted;
use gloo_timers::future::TimeoutFuture;
use js_sys::Promise;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobEvent, BlobPropertyBag, MediaRecorder, MediaRecorderOptions};

use super::gif;
use super::painted::Painter;
use super::subject::Subject;
use crate::dom;

/// How long a frame of a GIF is shown, in hundredths of a second.
const FRAME_HUNDREDTHS: u16 = 8;

/// The time between two frames of a WebM film, in milliseconds.
const FRAME_MS: u32 = 40;

/// The most frames of a GIF.
const MAX_FRAMES: u64 = 1_500;

/// The frames of which the palette is made.
const SAMPLES: u64 = 9;

/// How long the last picture of a film stays, in hundredths of a second.
const LAST_HUNDREDTHS: u16 = 150;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Film {
    pub from_us: u64,
    pub to_us: u64,
    /// How many seconds of the run pass in a second.
    pub speed: f64,
    pub wanted: Wanted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Gif,
    Webm,
}

impl Kind {
    /// The end of the file's name.
    pub const fn end(self) -> &'static str {
        match self {
            Self::Gif => ".gif",
            Self::Webm => ".webm",
        }
    }
}

/// The kinds of WebM, of which the first one is taken that the browser can record.
const WEBM: [&str; 3] = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"];

/// The kind of WebM that this browser can record.
pub fn webm_kind() -> Option<&'static str> {
    let has_recorder = js_sys::Reflect::has(&dom::window(), &"MediaRecorder".into());
    has_recorder.unwrap_or(false).then_some(())?;
    WEBM.into_iter().find(|kind| MediaRecorder::is_type_supported(kind))
}

/// Hears how much of a film is done, in percent, and may cancel it.
pub struct Watch {
    pub told: Box<dyn Fn(u32)>,
    pub cancelled: Rc<Cell<bool>>,
}

impl Watch {
    /// Tells that so much of the film is done. Refuses to go on if the film was cancelled.
    fn tell(&self, done: u64, of: u64) -> Result<(), String> {
        (self.told)(u32::try_from(100 * done / of.max(1)).unwrap_or(100));
        if self.cancelled.get() { Err(CANCELLED.to_owned()) } else { Ok(()) }
    }
}

/// The reason of a film that was cancelled.
pub const CANCELLED: &str = "it was cancelled";

fn refused(_: JsValue) -> String {
    "this browser cannot paint the pictures; expected a part of them, such as the ring alone"
        .to_owned()
}

impl Film {
    /// How long the film is, in microseconds.
    fn length_us(&self) -> u64 {
        (self.to_us.saturating_sub(self.from_us) as f64 / self.speed) as u64
    }

    /// The run's instant after so much of the film.
    fn instant_us(&self, shown_us: u64) -> u64 {
        (self.from_us + (shown_us as f64 * self.speed) as u64).min(self.to_us)
    }

    fn picture(&self, subject: &mut Subject, shown_us: u64) -> String {
        subject.seek(self.instant_us(shown_us));
        subject.svg(self.wanted)
    }

    /// Makes the film.
    ///
    /// # Errors
    ///
    /// If it would be too long, if it was cancelled, or if the browser cannot make it.
    pub async fn make(self, subject: Subject, kind: Kind, watch: &Watch) -> Result<Blob, String> {
        match kind {
            Kind::Gif => self.gif(subject, watch).await,
            Kind::Webm => self.webm(subject, watch).await,
        }
    }

    async fn gif(self, mut subject: Subject, watch: &Watch) -> Result<Blob, String> {
        let frame_us = u64::from(FRAME_HUNDREDTHS) * 10_000;
        let frames = self.length_us().div_ceil(frame_us) + 1;
        if frames > MAX_FRAMES {
            return Err(format!(
                "the film would have {frames} frames; expected at most {MAX_FRAMES}: choose a shorter part, \
                 or a higher speed"
            ));
        }
        let first = self.picture(&mut subject, 0);
        let painter = Painter::of(&first, 1).await.map_err(refused)?;
        let mut colours = gif::Colours::default();
        for sample in 0..SAMPLES {
            let shown_us = self.length_us() * sample / (SAMPLES - 1);
            painter.paint(&self.picture(&mut subject, shown_us)).await.map_err(refused)?;
            colours.count(&painter.pixels().map_err(refused)?);
            watch.tell(0, frames)?;
            take_turns().await;
        }
        let failed = |error: ::gif::EncodingError| error.to_string();
        let mut film = gif::Film::new(painter.size(), colours.palette()).map_err(failed)?;
        for frame in 0..frames {
            painter.paint(&self.picture(&mut subject, frame * frame_us)).await.map_err(refused)?;
            let is_last = frame + 1 == frames;
            let hundredths = if is_last { LAST_HUNDREDTHS } else { FRAME_HUNDREDTHS };
            film.add(&painter.pixels().map_err(refused)?, hundredths).map_err(failed)?;
            watch.tell(frame + 1, frames)?;
            take_turns().await;
        }
        let file = film.finish().map_err(failed)?;
        blob(&js_sys::Array::of1(&js_sys::Uint8Array::from(&*file)), "image/gif").map_err(refused)
    }

    /// Recording takes as long as the film is. What the browser cannot paint in time is left out.
    async fn webm(self, mut subject: Subject, watch: &Watch) -> Result<Blob, String> {
        let kind = webm_kind().ok_or("this browser records no WebM; expected GIF")?;
        let first = self.picture(&mut subject, 0);
        let painter = Painter::of(&first, 1).await.map_err(refused)?;
        let recording = Recording::begin(&painter, kind).map_err(refused)?;
        let length_us = self.length_us();
        let clock =
            || dom::window().performance().map_or(0, |clock| (clock.now() * 1_000.0) as u64);
        let begin_us = clock();
        // The last picture stays a moment. Recorders notice only what is painted.
        let whole_us = length_us + u64::from(LAST_HUNDREDTHS) * 10_000;
        let mut passed_us = 0;
        while passed_us < whole_us {
            passed_us = clock().saturating_sub(begin_us);
            let shown_us = passed_us.min(length_us);
            painter.paint(&self.picture(&mut subject, shown_us)).await.map_err(refused)?;
            watch.tell(shown_us, length_us)?;
            TimeoutFuture::new(FRAME_MS).await;
        }
        let parts = recording.end().await.map_err(refused)?;
        blob(&parts, "video/webm").map_err(refused)
    }
}

/// Lets the browser draw, and hear the user.
async fn take_turns() {
    TimeoutFuture::new(0).await;
}

fn blob(parts: &js_sys::Array, kind: &str) -> Result<Blob, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    Blob::new_with_buffer_source_sequence_and_options(parts, &options)
}

/// A recording of a canvas by the browser.
struct Recording {
    recorder: MediaRecorder,
    parts: js_sys::Array,
    /// Resolved when the recorder has given its last part.
    stopped: Promise,
    _hears: Closure<dyn Fn(BlobEvent)>,
}

impl Recording {
    fn begin(painter: &Painter, kind: &str) -> Result<Self, JsValue> {
        let options = MediaRecorderOptions::new();
        options.set_mime_type(kind);
        options.set_video_bits_per_second(6_000_000);
        let stream = painter.canvas().capture_stream()?;
        let recorder =
            MediaRecorder::new_with_media_stream_and_media_recorder_options(&stream, &options)?;
        let parts = js_sys::Array::new();
        let kept = parts.clone();
        let hears = Closure::<dyn Fn(BlobEvent)>::new(move |event: BlobEvent| {
            if let Some(part) = event.data() {
                kept.push(&part);
            }
        });
        recorder.set_ondataavailable(Some(hears.as_ref().unchecked_ref()));
        let listening = recorder.clone();
        let stopped = Promise::new(&mut |done, _| listening.set_onstop(Some(&done)));
        recorder.start()?;
        Ok(Self { recorder, parts, stopped, _hears: hears })
    }

    async fn end(self) -> Result<js_sys::Array, JsValue> {
        self.recorder.stop()?;
        self.stopped.clone().await?;
        Ok(self.parts.clone())
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.recorder.set_ondataavailable(None);
        self.recorder.set_onstop(None);
        // It fails if the recorder has been stopped.
        let _ = self.recorder.stop();
    }
}
