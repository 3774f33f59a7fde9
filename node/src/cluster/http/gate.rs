//! Where clients connect: as many as are bearable, none of which can be slow for long.

use std::collections::VecDeque;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio::time::sleep;

/// The most connections. One more ends the oldest of them, so that whoever holds many and asks
/// nothing cannot keep others out.
const MAX_CONNECTIONS: usize = 64;

/// How long a client may take to send a request's head, or to send another request after one.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// The most header fields of a request.
const MAX_FIELDS: usize = 32;

/// The most bytes of a request's head, and of what is read or written ahead. Hyper's least.
const MAX_AHEAD: usize = 8192;

/// How long to wait when the operating system has no more connections to give.
const BREATHER: Duration = Duration::from_millis(50);

/// Accepts connections for ever.
pub async fn serve(listener: TcpListener, router: Router) {
    let mut open: VecDeque<AbortHandle> = VecDeque::with_capacity(MAX_CONNECTIONS);
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::debug!("no HTTP connection can be accepted: {error}");
                sleep(BREATHER).await;
                continue;
            }
        };
        open.retain(|connection| !connection.is_finished());
        if open.len() >= MAX_CONNECTIONS
            && let Some(oldest) = open.pop_front()
        {
            oldest.abort();
        }
        open.push_back(tokio::spawn(answer(stream, router.clone())).abort_handle());
    }
}

/// Answers what one client asks, one request after the other.
async fn answer(stream: TcpStream, router: Router) {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(MAX_FIELDS)
        .max_buf_size(MAX_AHEAD);
    let service = TowerToHyperService::new(router);
    let served = builder.serve_connection(TokioIo::new(stream), service).await;
    if let Err(error) = served {
        tracing::debug!("an HTTP connection ends: {error}");
    }
}
