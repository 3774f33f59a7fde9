//! The origins of web pages that may read the node's state.

use axum::http::{HeaderName, HeaderValue, Method, Uri};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// The origins of pages that may read. No page may send commands.
#[derive(Clone, Debug)]
pub enum Origins {
    All,
    These(Vec<HeaderValue>),
}

impl Origins {
    /// Parses origins; `*` means all.
    ///
    /// # Errors
    ///
    /// If a text is no origin: what would be right.
    pub fn parse(texts: &[String]) -> Result<Self, String> {
        if texts.iter().any(|text| text == "*") {
            return Ok(Self::All);
        }
        let origin = |text: &String| {
            is_origin(text).then(|| text.parse().ok()).flatten().ok_or_else(|| {
                format!(
                    "\"{}\" is not an origin of a page; expected one such as http://localhost:8080, or *",
                    text.escape_debug()
                )
            })
        };
        texts.iter().map(origin).collect::<Result<_, _>>().map(Self::These)
    }

    /// The CORS layer for these origins.
    pub fn layer(&self) -> CorsLayer {
        let origin = match self {
            Self::All => AllowOrigin::any(),
            Self::These(origins) => AllowOrigin::list(origins.iter().cloned()),
        };
        CorsLayer::new()
            .allow_origin(origin)
            .allow_methods([Method::GET])
            .allow_headers([HeaderName::from_static("last-event-id")])
            // A page on the internet may read from a node in this network.
            .allow_private_network(true)
    }
}

/// Whether a browser could send this: a scheme and a host, and nothing after it.
fn is_origin(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let whole =
        uri.scheme().zip(uri.authority()).map(|(scheme, host)| format!("{scheme}://{host}"));
    whole.as_deref() == Some(text) && text == text.to_ascii_lowercase() && !text.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_and_a_host() {
        let parse = |text: &str| Origins::parse(&[text.to_owned()]);
        for right in ["http://localhost:8080", "https://antes.example", "http://[::1]:80", "*"] {
            assert!(parse(right).is_ok(), "{right}");
        }
        for wrong in ["", "localhost:8080", "http://localhost/", "http://a/b", "HTTP://A", "null"] {
            assert!(parse(wrong).is_err_and(|told| told.contains("expected")), "{wrong}");
        }
    }
}
