//! A server for one folder, as strict as the strictest host on which the page should work.
//! Some drivers do not show the console, so the server also collects errors: paths that it could not serve,
//! and errors that the page reports. For that, it inserts `watch.js` before the page's first script. A test
//! can insert a script there too, and can add a page without the policy.

use std::mem;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::engine::Engine;
use crate::line::{Line, paced};

/// The policy. The published page has it too.
const POLICY: &str = include_str!("../../web/policy.txt");

/// The page is not at the root of the host, so absolute addresses in it fail.
const BASE: &str = "/some/folder";

/// The script that reports errors of the page to the server.
const WATCH: &str = include_str!("watch.js");

/// The path to which the page reports them.
const TELL: &str = "/told";

/// The path of the page that a test has added.
const HOST: &str = "/host";

/// The beginning of the name of the page's first script.
const FIRST_SCRIPT: &str = "boot";

/// The largest size of that script and of a report, in bytes.
const MOST: usize = 1 << 20;

/// The errors of the page that the server knows.
#[derive(Clone, Default)]
pub struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn push(&self, sentence: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(sentence);
    }

    /// The errors since the last call.
    pub fn take(&self) -> Vec<String> {
        mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Content that a test adds to the folder.
#[derive(Clone, Default)]
pub struct Extra(Arc<Mutex<(String, String)>>);

impl Extra {
    /// Inserts a script before the page's first one, from now on.
    pub fn set_front(&self, script: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 = script.into();
    }

    /// Adds a page with these elements, without the policy.
    pub fn set_host(&self, body: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1 = body.into();
    }

    fn front(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    fn host(&self) -> String {
        let body = self.0.lock().unwrap_or_else(PoisonError::into_inner).1.clone();
        format!(
            "<!doctype html><meta charset=utf-8><title>host</title><link rel=icon href=data:,><body>{body}"
        )
    }
}

/// A server that runs as long as this value exists.
pub struct Site {
    address: String,
    told: Told,
    line: Line,
    extra: Extra,
    server: JoinHandle<()>,
}

impl Site {
    /// Serves a folder on a free port of this machine. If the engine's driver does not show the console, the
    /// page reports its errors.
    pub async fn serve(dir: &Path, engine: Engine) -> Result<Site> {
        ensure!(
            dir.join("index.html").is_file(),
            "{} holds no built page: `cargo xtask test e2e` builds it, or `cargo xtask dist`",
            dir.display()
        );
        let policy = POLICY.split_whitespace().collect::<Vec<_>>().join(" ");
        let always = |name, value| SetResponseHeaderLayer::overriding(name, value);
        let (told, line, extra) = (Told::default(), Line::default(), Extra::default());
        let (teller, host) = (told.clone(), extra.clone());
        let watch = if engine == Engine::Chromium { "" } else { WATCH };
        let watcher = Watcher { told: told.clone(), extra: extra.clone(), watch };
        let router = Router::new()
            .nest_service(BASE, ServeDir::new(dir).precompressed_gzip())
            .route(TELL, post(async move |text: String| teller.push(text)))
            .layer(from_fn_with_state(watcher, watched))
            .layer(from_fn_with_state(line.clone(), paced))
            .layer(always(CONTENT_SECURITY_POLICY, HeaderValue::try_from(policy)?))
            .layer(always(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
            .layer(always(CACHE_CONTROL, HeaderValue::from_static("no-store")))
            .route(HOST, get(async move || Html(host.host())));

        let listener = TcpListener::bind("127.0.0.1:0").await.context("no free port")?;
        let address = format!("http://{}{BASE}/", listener.local_addr()?);
        let server = tokio::spawn(async {
            // It ends only with the task.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Site { address, told, line, extra, server })
    }

    /// The page's address, with a slash at the end.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The network between the page and the server.
    pub fn line(&self) -> Line {
        self.line.clone()
    }

    /// The content that tests can add.
    pub fn extra(&self) -> Extra {
        self.extra.clone()
    }

    /// The errors of the page.
    pub fn told(&self) -> Told {
        self.told.clone()
    }
}

/// The state of the server besides its files.
#[derive(Clone)]
struct Watcher {
    told: Told,
    extra: Extra,
    /// The script that reports errors. Empty if the driver shows the console.
    watch: &'static str,
}

/// Collects paths that could not be served, and inserts scripts before the page's first one.
async fn watched(State(watcher): State<Watcher>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_first = name.starts_with(FIRST_SCRIPT) && name.ends_with(".js");
    let inserted = [watcher.watch, &watcher.extra.front()].concat();
    let inserts = is_first && !inserted.is_empty();
    if inserts {
        // Nothing can be inserted before compressed bytes.
        request.headers_mut().remove(ACCEPT_ENCODING);
    }
    let response = next.run(request).await;
    if response.status().is_client_error() || response.status().is_server_error() {
        watcher.told.push(format!("{path}: {}", response.status()));
    }
    if !inserts || !response.status().is_success() {
        return response;
    }
    let (mut head, body) = response.into_parts();
    head.headers.remove(CONTENT_LENGTH);
    let script = to_bytes(body, MOST).await.unwrap_or_default();
    Response::from_parts(head, Body::from([inserted.as_bytes(), &script].concat()))
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}
