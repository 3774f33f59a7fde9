//! Accepts HTTP connections: a bounded number, none of which may be slow for long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rand::seq::IteratorRandom as _;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, yield_now};
use tokio::time::sleep;
use tokio_io_timeout::TimeoutStream;

use super::shared::MAX_STREAMS;
use crate::cluster::descriptors::MIN_HTTP;

const _: () = assert!(MAX_STREAMS < MIN_HTTP, "there is always a connection that can be ended");

/// The longest time for a client to send the head of a request, or its next request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest time in which a client accepts no data.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// The operating system's send buffer. A slow reader of events must block here, where it costs a
/// position in the recent events, and not after megabytes have been buffered.
const SEND_BUFFER: usize = 64 * 1024;

/// The most header fields of a request.
const MAX_FIELDS: usize = 32;

/// The most bytes of a request's head and of read or write buffers. This is hyper's minimum.
const MAX_AHEAD: usize = 8192;

/// How long to wait after the operating system failed to accept a connection.
const BREATHER: Duration = Duration::from_millis(50);

/// Tells the acceptor what a connection is used for.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    streams: Arc<AtomicBool>,
}

impl Connection {
    /// Marks the connection as one that must not be ended to make room.
    pub fn streams(&self) -> Streaming {
        self.streams.store(true, Ordering::Relaxed);
        Streaming(self.clone())
    }

    fn may_end(&self) -> bool {
        !self.streams.load(Ordering::Relaxed)
    }
}

/// Exists as long as the connection reads events.
#[derive(Debug)]
pub struct Streaming(Connection);

impl Drop for Streaming {
    fn drop(&mut self) {
        self.0.streams.store(false, Ordering::Relaxed);
    }
}

/// Accepts connections until the process ends, at most `most` at a time. A further connection ends a random
/// one that reads no events. So clients that hold many idle connections cannot exclude others.
pub async fn serve(listener: TcpListener, router: Router, most: usize) {
    let mut open: Vec<(AbortHandle, Connection)> = Vec::with_capacity(most);
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::debug!("no HTTP connection can be accepted: {error}");
                sleep(BREATHER).await;
                continue;
            }
        };
        open.retain(|(task, _)| !task.is_finished());
        if open.len() >= most {
            let may_end = |&at: &usize| open[at].1.may_end();
            let chosen = (0..open.len()).filter(may_end).choose(&mut rand::rng());
            if let Some(chosen) = chosen {
                open.swap_remove(chosen).0.abort();
            }
        }
        let connection = Connection::default();
        let router = router.clone().layer(Extension(connection.clone()));
        let task = tokio::spawn(answer(stream, router, WRITE_TIMEOUT)).abort_handle();
        open.push((task, connection));
        // Lets a request that has arrived be answered before the next connection is accepted.
        // Otherwise a burst of idle connections would end connections with unread requests.
        yield_now().await;
    }
}

/// Answers the requests of a client, one after the other, until it accepts no data for `patience`.
async fn answer(stream: TcpStream, router: Router, patience: Duration) {
    if let Err(error) = SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER) {
        tracing::debug!("an HTTP connection has a buffer of another size: {error}");
    }
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(patience));
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(MAX_FIELDS)
        .max_buf_size(MAX_AHEAD);
    let service = TowerToHyperService::new(router);
    let served = builder.serve_connection(TokioIo::new(Box::pin(stream)), service).await;
    if let Err(error) = served {
        tracing::debug!("an HTTP connection ends: {error}");
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::{Body, Bytes};
    use axum::routing::get;
    use futures_util::stream;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn a_request_that_has_arrived_is_answered_however_many_connect_after_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        // All connections wait at the listener before any is accepted.
        let connect = || std::net::TcpStream::connect(address).expect("it is listened on");
        let mut client = connect();
        std::io::Write::write_all(&mut client, b"GET / HTTP/1.0\r\n\r\n").expect("it is taken");
        let _idle: Vec<_> = (0..100).map(|_| connect()).collect();
        let router = Router::new().route("/", get(|| async { "here" }));
        tokio::spawn(serve(listener, router, 4));
        client.set_nonblocking(true).expect("it can be watched");
        let mut answer = String::new();
        let mut client = TcpStream::from_std(client).expect("a connection");
        client.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.ends_with("here"), "{answer}");
    }

    #[tokio::test]
    async fn a_client_that_takes_nothing_is_closed() {
        let endless = || async {
            Body::from_stream(stream::repeat(Ok::<_, Infallible>(Bytes::from_static(
                &[b'.'; 4096],
            ))))
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let mut client = TcpStream::connect(address).await.expect("it is listened on");
        client.write_all(b"GET / HTTP/1.0\r\n\r\n").await.expect("it is taken");
        let (accepted, _) = listener.accept().await.expect("a connection");
        let router = Router::new().route("/", get(endless));
        // Otherwise it would continue for ever.
        answer(accepted, router, Duration::from_millis(20)).await;
        let mut taken = Vec::new();
        client.read_to_end(&mut taken).await.expect("what was sent, and the end");
        assert!(taken.starts_with(b"HTTP/1.0 200 OK"));
    }
}
