//! Somebody else's site, which embeds the page: of another origin and another site than the page's, so
//! that browsers keep the two apart as they would on the web.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower_http::services::ServeDir;

/// A site that lives as long as this value.
pub struct Host {
    address: String,
    server: JoinHandle<()>,
}

/// What a server does to the files of one kind.
#[derive(Clone, Debug)]
pub enum Odd {
    /// It sends them as this type.
    Type(&'static str),
    /// It sends a page in their place, as servers do that know no other answer.
    Html,
}

/// What a site has: pages by their names, and folders.
#[derive(Clone, Default)]
pub struct Pages {
    pages: Vec<(String, String)>,
    folders: Vec<(String, std::path::PathBuf)>,
    headers: Vec<(HeaderName, String)>,
    odd: Vec<(&'static str, Odd)>,
}

impl Pages {
    /// One page, which is the site's first.
    pub fn one(html: impl Into<String>) -> Self {
        Self::default().page("", html)
    }

    /// And this page.
    #[must_use]
    pub fn page(mut self, name: &str, html: impl Into<String>) -> Self {
        self.pages.push((format!("/{name}"), html.into()));
        self
    }

    /// And the files of a folder, below a name.
    #[must_use]
    pub fn folder(mut self, name: &str, folder: &Path) -> Self {
        self.folders.push((format!("/{name}"), folder.into()));
        self
    }

    /// With this header for all that it sends.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With this done to files whose names end so.
    #[must_use]
    pub fn odd(mut self, end: &'static str, odd: Odd) -> Self {
        self.odd.push((end, odd));
        self
    }

    /// What it sends for a path, made of what it would send.
    fn sent(&self, path: &str, mut response: Response) -> Response {
        for (end, odd) in self.odd.iter().filter(|(end, _)| path.ends_with(end)) {
            if let Odd::Html = odd {
                response = Html(format!("<title>{end}</title>")).into_response();
            }
            if let Odd::Type(kind) = odd {
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            }
        }
        for (name, value) in &self.headers {
            let value = value.parse().expect("it is a header");
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl Host {
    /// Serves it.
    pub async fn serve(pages: Pages) -> Result<Host> {
        let mut router = Router::new();
        for (name, folder) in &pages.folders {
            router = router.nest_service(name, ServeDir::new(folder));
        }
        let pages = Arc::new(pages);
        let sent = pages.clone();
        let router = router
            .fallback(async move |request: Request| page(&pages, request.uri().path()))
            .layer(from_fn(move |request: Request, next: Next| {
                let sent = sent.clone();
                async move {
                    let path = request.uri().path().to_owned();
                    sent.sent(&path, next.run(request).await)
                }
            }));
        let listener = TcpListener::bind("127.0.0.1:0").await.context("no free port")?;
        // The page is at 127.0.0.1: to a browser, that is another site.
        let address = format!("http://localhost:{}/", listener.local_addr()?.port());
        let server = tokio::spawn(async {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Host { address, server })
    }

    /// Where a page of it is.
    pub fn address(&self, name: &str) -> String {
        format!("{}{name}", self.address)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn page(pages: &Pages, path: &str) -> Response {
    let Some((_, html)) = pages.pages.iter().find(|(name, _)| name == path) else {
        return axum::http::StatusCode::NOT_FOUND.into_response();
    };
    let mut response = html.clone().into_response();
    let kind = if path.ends_with(".js") { "text/javascript" } else { "text/html; charset=utf-8" };
    response.headers_mut().insert(CONTENT_TYPE, kind.parse().expect("it is a header"));
    response
}
