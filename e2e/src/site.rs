//! A server for one folder, as strict as the strictest host the page should work on.
//!
//! It also keeps what went wrong, for browsers whose drivers do not show their console: what it could
//! not serve, and what the page tells of. For that, the page's first script gets `watch.js` in front.
//! A test can put a script there as well, and have a page of its own served, without the policy.

use std::mem;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS,
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

/// What the page may do; the published page states the same itself.
const POLICY: &str = include_str!("../../web/policy.txt");

/// The page is not at the top of the host, so that an absolute address in it fails.
const BASE: &str = "/some/folder";

/// Tells the server of what goes wrong in the page.
const WATCH: &str = include_str!("watch.js");

/// Where the page tells it.
const TELL: &str = "/told";

/// Where the page is that a test has served.
const HOST: &str = "/host";

/// How the name of the page's first script begins.
const FIRST_SCRIPT: &str = "boot";

/// The most bytes of it, and of what is told.
const MOST: usize = 1 << 20;

/// What went wrong in the page, as far as the server knows.
#[derive(Clone, Default)]
pub struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn push(&self, sentence: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(sentence);
    }

    /// What has come since the last call.
    pub fn take(&self) -> Vec<String> {
        mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a test has the server serve besides the folder.
#[derive(Clone, Default)]
pub struct Extra(Arc<Mutex<(String, String)>>);

impl Extra {
    /// Puts a script in front of the page's first one, from now on.
    pub fn set_front(&self, script: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 = script.into();
    }

    /// Has these elements served as a page, which may do anything.
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

/// A server that lives as long as this value.
pub struct Site {
    address: String,
    told: Told,
    line: Line,
    extra: Extra,
    server: JoinHandle<()>,
}

impl Site {
    /// Serves a folder on a free port of this machine; watches the page if the browser does not tell
    /// of its errors.
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

    /// Where the page is, with a slash at the end.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The line to it.
    pub fn line(&self) -> Line {
        self.line.clone()
    }

    /// What it serves besides the folder.
    pub fn extra(&self) -> Extra {
        self.extra.clone()
    }

    /// What goes wrong in the page.
    pub fn told(&self) -> Told {
        self.told.clone()
    }
}

/// What the server does beyond serving files.
#[derive(Clone)]
struct Watcher {
    told: Told,
    extra: Extra,
    /// The script that watches the page, if the browser does not tell of its errors.
    watch: &'static str,
}

/// Keeps what could not be served, and puts scripts in front of the page's first one.
async fn watched(State(watcher): State<Watcher>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    if response.status().is_client_error() || response.status().is_server_error() {
        watcher.told.push(format!("{path}: {}", response.status()));
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_first = name.starts_with(FIRST_SCRIPT) && name.ends_with(".js");
    if !is_first || !response.status().is_success() {
        return response;
    }
    let (mut head, body) = response.into_parts();
    head.headers.remove(CONTENT_LENGTH);
    let script = to_bytes(body, MOST).await.unwrap_or_default();
    let front = watcher.extra.front();
    Response::from_parts(
        head,
        Body::from([watcher.watch.as_bytes(), front.as_bytes(), &script].concat()),
    )
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}
