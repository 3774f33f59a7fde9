//! Answers with JSON, and refusals.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A response with `value` as one line of JSON.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    // Serialization cannot fail: all keys are strings.
    let body = serde_json::to_string(value).unwrap_or_default() + "\n";
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body).into_response()
}

/// An error answer with a sentence that says what is wrong and what would be right.
pub(crate) fn refuse(status: StatusCode, sentence: &str) -> Response {
    json(status, &serde_json::json!({ "error": sentence }))
}
