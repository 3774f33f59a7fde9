//! A site that embeds the page. It has another origin and is another site than the page's, so browsers
//! separate both as on the web.

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

/// A site that runs as long as this value exists.
pub struct Host {
    address: String,
    server: JoinHandle<()>,
}

/// How a server treats the files of one kind.
#[derive(Clone, Debug)]
pub enum Odd {
    /// Sends them with this content type.
    Type(&'static str),
    /// Sends a page instead, like servers that answer every unknown path with their first page.
    Html,
}

/// The content of a site: pages by their names, and folders.
#[derive(Clone, Default)]
pub struct Pages {
    pages: Vec<(String, String)>,
    folders: Vec<(String, std::path::PathBuf)>,
    headers: Vec<(HeaderName, String)>,
    odd: Vec<(&'static str, Odd)>,
}

impl Pages {
    /// A site with one page, which is its first one.
    pub fn one(html: impl Into<String>) -> Self {
        Self::default().page("", html)
    }

    /// Adds a page that is served at `/name`.
    #[must_use]
    pub fn page(mut self, name: &str, html: impl Into<String>) -> Self {
        self.pages.push((format!("/{name}"), html.into()));
        self
    }

    /// Adds the files of a folder, below a name.
    #[must_use]
    pub fn folder(mut self, name: &str, folder: &Path) -> Self {
        self.folders.push((format!("/{name}"), folder.into()));
        self
    }

    /// Adds this header to all answers.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Treats files whose names end like this in this way.
    #[must_use]
    pub fn odd(mut self, end: &'static str, odd: Odd) -> Self {
        self.odd.push((end, odd));
        self
    }

    /// The answer for a path, made from the ordinary answer.
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
        // The page is at 127.0.0.1, which browsers consider another site.
        let address = format!("http://localhost:{}/", listener.local_addr()?.port());
        let server = tokio::spawn(async {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Host { address, server })
    }

    /// The address of one of its pages.
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
