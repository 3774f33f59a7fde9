//! A slow network between the page and its server, for every engine.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::time::sleep;

/// The interval between two pieces of a file.
const BEAT: Duration = Duration::from_millis(100);

/// The largest file that is sent slowly, in bytes.
const MOST: usize = 16 << 20;

/// The speed of a network.
#[derive(Clone, Copy)]
struct Pace {
    latency: Duration,
    bytes_per_s: usize,
}

/// The network of a site. It takes no time unless a test sets a speed.
#[derive(Clone, Default)]
pub struct Line(Arc<Mutex<Option<Pace>>>);

impl Line {
    /// Sets for all later requests how long each answer takes to begin, and how many bytes per second follow.
    pub fn slow(&self, latency: Duration, bytes_per_s: usize) {
        self.set(Some(Pace { latency, bytes_per_s }));
    }

    /// Sends answers without delay again.
    pub fn fast(&self) {
        self.set(None);
    }

    fn set(&self, pace: Option<Pace>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = pace;
    }

    fn pace(&self) -> Option<Pace> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends an answer at the network's speed.
pub async fn paced(State(line): State<Line>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let Some(Pace { latency, bytes_per_s }) = line.pace() else { return response };
    sleep(latency).await;
    let (head, body) = response.into_parts();
    let Ok(body) = to_bytes(body, MOST).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let piece = bytes_per_s / 10;
    let pieces = stream::unfold(body, move |mut rest: Bytes| async move {
        if rest.is_empty() {
            return None;
        }
        sleep(BEAT).await;
        let sent = rest.split_to(piece.min(rest.len()));
        Some((Ok::<_, std::convert::Infallible>(sent), rest))
    });
    Response::from_parts(head, Body::from_stream(pieces))
}
