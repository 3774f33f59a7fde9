//! A server for one folder, as strict as the strictest host the page should work on.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

/// What the page may do; the published page states the same itself.
const POLICY: &str = include_str!("../../web/policy.txt");

/// The page is not at the top of the host, so that an absolute address in it fails.
const BASE: &str = "/some/folder";

/// A server that lives as long as this value.
pub struct Site {
    address: String,
    server: JoinHandle<()>,
}

impl Site {
    /// Serves a folder on a free port of this machine.
    pub async fn serve(dir: &Path) -> Result<Site> {
        ensure!(
            dir.join("index.html").is_file(),
            "{} holds no built page: `cargo xtask test e2e` builds it, or `cargo xtask dist`",
            dir.display()
        );
        let policy = POLICY.split_whitespace().collect::<Vec<_>>().join(" ");
        let always = |name, value| SetResponseHeaderLayer::overriding(name, value);
        let router = Router::new()
            .nest_service(BASE, ServeDir::new(dir).precompressed_gzip())
            .layer(always(CONTENT_SECURITY_POLICY, HeaderValue::try_from(policy)?))
            .layer(always(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
            .layer(always(CACHE_CONTROL, HeaderValue::from_static("no-store")));

        let listener = TcpListener::bind("127.0.0.1:0").await.context("no free port")?;
        let address = format!("http://{}{BASE}/", listener.local_addr()?);
        let server = tokio::spawn(async {
            // It ends only with the task.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Site { address, server })
    }

    /// Where the page is, with a slash at the end.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}
