//! The trace as server-sent events, while it is written.
//!
//! A reader costs a position in the recent events and a piece of a few lines. A reader that is
//! slower than the trace is told which lines it has missed. A reader that takes nothing is
//! disconnected, and can continue where it stopped, since each line has a number.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::timeout;

use super::acceptor::{Connection, Streaming};
use super::answer::refuse;
use super::shared::{MAX_STREAMS, Shared};
use crate::cluster::record::{CAPACITY, Line, RecentEvents};

const MAX_PIECE: usize = 64;

/// How often a comment is sent while nothing happens. It shows readers and proxies that the node is
/// alive.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// The query of a request.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// The last line that the reader has.
    after: Option<u64>,
}

/// Streams the lines of the trace, beginning after the last one that the reader has.
pub async fn events(
    State(shared): State<Arc<Shared>>,
    Extension(connection): Extension<Connection>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let Some(known) = last_known(&headers, asked.ok().map(|Query(asked)| asked)) else {
        let sentence = "the position to begin at is invalid; expected ?after= or Last-Event-ID with the \
                        number of the last line that is known, such as 41, or neither";
        return refuse(StatusCode::BAD_REQUEST, sentence);
    };
    let Ok(permit) = Arc::clone(&shared.streams).try_acquire_owned() else {
        let sentence =
            format!("{MAX_STREAMS} clients read the events already; expected a later attempt");
        let refusal = refuse(StatusCode::SERVICE_UNAVAILABLE, &sentence);
        return ([(header::RETRY_AFTER, "5")], refusal).into_response();
    };
    let reader = Reader::new(&shared.recent_events, known, permit, connection.streams());
    let body = Body::from_stream(stream::unfold(reader, Reader::piece));
    let headers =
        [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    (headers, body).into_response()
}

/// The last line that the reader has, if any. `None` if it is no number. A browser that reconnects
/// uses the same address, so its `Last-Event-ID` has priority.
fn last_known(headers: &HeaderMap, asked: Option<Asked>) -> Option<Option<u64>> {
    match headers.get("last-event-id") {
        Some(id) => Some(Some(id.to_str().ok()?.trim().parse().ok()?)),
        None => Some(asked?.after),
    }
}

/// The state of one reader.
struct Reader {
    recent_events: Arc<RecentEvents>,
    news: watch::Receiver<u64>,
    /// The next line that it needs.
    next: u64,
    /// The text to send first.
    preface: Option<String>,
    _permit: OwnedSemaphorePermit,
    _streaming: Streaming,
}

impl Reader {
    fn new(
        recent_events: &Arc<RecentEvents>,
        known: Option<u64>,
        permit: OwnedSemaphorePermit,
        streaming: Streaming,
    ) -> Self {
        let news = recent_events.subscribe();
        let end = *news.borrow();
        let mut preface =
            format!("retry: 1000\n\nevent: header\ndata: {}\n\n", recent_events.header());
        let mut next = known.map_or(0, |known| known.saturating_add(1));
        if next > end {
            // Only another trace can have had that line.
            let _ = write!(
                preface,
                "event: reset\ndata: {{\"after\":{},\"next\":{end},\"sentence\":\"the trace has no \
                 such line yet: it began again when the node was restarted; all lines that are \
                 kept follow\"}}\n\n",
                next - 1,
            );
            next = recent_events.since(0, 1).first().map_or(end, |line| line.seq);
        }
        Self {
            recent_events: Arc::clone(recent_events),
            news,
            next,
            preface: Some(preface),
            _permit: permit,
            _streaming: streaming,
        }
    }

    /// The next piece of the stream.
    async fn piece(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        let mut text = self.preface.take().unwrap_or_default();
        while text.is_empty() {
            // Marked before the lines are read, so that no line is missed.
            self.news.mark_unchanged();
            self.next = tell(&mut text, self.next, &self.recent_events.since(self.next, MAX_PIECE));
            if text.is_empty() {
                match timeout(SIGN_OF_LIFE, self.news.changed()).await {
                    Ok(Ok(())) => {}
                    // The node has ended.
                    Ok(Err(_)) => return None,
                    Err(_) => text.push_str(": nothing happens\n\n"),
                }
            }
        }
        Some((Ok(text.into()), self))
    }
}

/// Writes lines, and which lines are missing from `next` on. Returns the number after the last
/// line.
fn tell(text: &mut String, mut next: u64, lines: &[Line]) -> u64 {
    for Line { seq, json } in lines {
        let told = match *seq > next {
            true => write!(
                text,
                "event: gap\ndata: {{\"first\":{next},\"last\":{},\"sentence\":\"these lines are \
                 not kept: the node keeps the latest {CAPACITY}, and leaves lines out if it cannot \
                 keep up\"}}\n\n",
                seq - 1,
            ),
            false => Ok(()),
        };
        told.and_then(|()| write!(text, "id: {seq}\ndata: {json}\n\n"))
            .expect("a text takes everything");
        next = seq + 1;
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(seq: u64) -> Line {
        Line { seq, json: format!("{{\"seq\":{seq}}}").into() }
    }

    #[test]
    fn missing_lines_are_told_where_they_are_missing() {
        let mut text = String::new();
        assert_eq!(tell(&mut text, 0, &[line(3), line(4), line(6)]), 7);
        let events: Vec<&str> = text.split("\n\n").collect();
        assert!(events[0].contains("{\"first\":0,\"last\":2,"), "{}", events[0]);
        assert_eq!(events[1..3], ["id: 3\ndata: {\"seq\":3}", "id: 4\ndata: {\"seq\":4}"]);
        assert!(events[3].contains("{\"first\":5,\"last\":5,"), "{}", events[3]);
        assert_eq!(tell(&mut String::new(), 7, &[]), 7);
    }

    #[test]
    fn a_browser_that_connects_again_goes_on_behind_what_it_has_seen() {
        let mut headers = HeaderMap::new();
        let asked = |after| Some(Asked { after });
        assert_eq!(last_known(&headers, asked(None)), Some(None));
        assert_eq!(last_known(&headers, asked(Some(5))), Some(Some(5)));
        assert_eq!(last_known(&headers, None), None);
        headers.insert("last-event-id", "9".parse().expect("a value"));
        assert_eq!(last_known(&headers, asked(Some(5))), Some(Some(9)));
        headers.insert("last-event-id", "nine".parse().expect("a value"));
        assert_eq!(last_known(&headers, asked(Some(5))), None);
    }
}
