//! Commands to a node, for clients with the token.

use std::sync::Arc;
use std::time::Duration;

use antes_core::{Command, Hold, NodeId};
use antes_sim::scenario::duration;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::timeout;

use super::answer::{json, refuse};
use super::shared::Shared;
use crate::cluster::order::{Declined, Order, Wish};

/// The largest body of a command, in bytes.
const MAX_BODY: usize = 1024;

/// The longest time for a body to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest time for the driver to carry out a command.
const PATIENCE: Duration = Duration::from_secs(5);

/// A command: its name in the path, an example of its body, and the parser of its body.
struct Known {
    name: &'static str,
    example: &'static str,
    wish: fn(&[u8]) -> serde_json::Result<Wish>,
}

const COMMANDS: [Known; 15] = [
    Known { name: "elect", example: "{}", wish: |body| plain(body, Wish::Command(Command::Elect)) },
    Known { name: "request", example: "{\"hold\":\"500ms\"}", wish: request },
    Known { name: "withdraw", example: "{\"request\":2}", wish: withdraw },
    Known {
        name: "release",
        example: "{}",
        wish: |body| plain(body, Wish::Command(Command::Release)),
    },
    Known { name: "write", example: "{}", wish: |body| plain(body, Wish::Command(Command::Write)) },
    Known {
        name: "event",
        example: "{}",
        wish: |body| plain(body, Wish::Command(Command::LocalEvent)),
    },
    Known {
        name: "send",
        example: "{\"to\":3}",
        wish: |body| to(body, |to| Wish::Command(Command::Send { to })),
    },
    Known {
        name: "call",
        example: "{\"to\":3}",
        wish: |body| to(body, |to| Wish::Command(Command::Call { to })),
    },
    Known { name: "pause", example: "{}", wish: |body| plain(body, Wish::Pause) },
    Known { name: "resume", example: "{}", wish: |body| plain(body, Wish::Resume) },
    Known { name: "crash", example: "{}", wish: |body| plain(body, Wish::Crash) },
    Known { name: "cut", example: "{\"to\":3}", wish: |body| to(body, |to| Wish::Cut { to }) },
    Known { name: "delay", example: "{\"to\":3,\"by\":\"200ms\"}", wish: delay },
    Known { name: "drop", example: "{\"to\":3,\"count\":5}", wish: drops },
    Known { name: "heal", example: "{}", wish: |body| plain(body, Wish::Heal) },
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    hold: Option<Span>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenUp {
    #[serde(default)]
    request: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Receiver {
    to: NodeId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delay {
    to: NodeId,
    by: Span,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Drops {
    to: NodeId,
    count: u32,
}

/// A duration as in scenarios.
struct Span(Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        duration::parse(&text).map(Self).map_err(D::Error::custom)
    }
}

/// Carries out the command in the path, and answers when it is done.
pub async fn command(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(bearer) = &shared.bearer else {
        let sentence = "the node takes no commands over HTTP; expected it to be started with a \
                        token: --http-token-file (HTTP_TOKEN_FILE) or HTTP_TOKEN";
        return refuse(StatusCode::FORBIDDEN, sentence);
    };
    if !bearer.is_shown(headers.get(header::AUTHORIZATION)) {
        let sentence = "the token is wrong or missing; expected Authorization: Bearer and the token \
                        that the node was started with";
        let refusal = refuse(StatusCode::UNAUTHORIZED, sentence);
        return ([(header::WWW_AUTHENTICATE, "Bearer")], refusal).into_response();
    }
    let Some(known) = COMMANDS.iter().find(|known| known.name == name) else {
        let names = COMMANDS.map(|known| known.name).join(", ");
        let sentence = format!("there is no such command; expected one of {names}");
        return refuse(StatusCode::NOT_FOUND, &sentence);
    };
    let example = known.example;
    let body = match timeout(BODY_TIMEOUT, to_bytes(body, MAX_BODY)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => {
            let sentence = format!("the body has more than {MAX_BODY} bytes; expected {example}");
            return refuse(StatusCode::PAYLOAD_TOO_LARGE, &sentence);
        }
        Err(_) => return refuse(StatusCode::REQUEST_TIMEOUT, "the body takes too long"),
    };
    match (known.wish)(&body) {
        Ok(wish) => carry_out(&shared, known.name, wish).await,
        Err(error) => {
            let status = match error.classify() {
                Category::Data => StatusCode::UNPROCESSABLE_ENTITY,
                Category::Io | Category::Syntax | Category::Eof => StatusCode::BAD_REQUEST,
            };
            refuse(status, &format!("{error}; expected {example}"))
        }
    }
}

fn plain(body: &[u8], wish: Wish) -> serde_json::Result<Wish> {
    read::<Nothing>(body).map(|Nothing {}| wish)
}

fn to(body: &[u8], wish: fn(NodeId) -> Wish) -> serde_json::Result<Wish> {
    read::<Receiver>(body).map(|Receiver { to }| wish(to))
}

/// Without a duration, the lock is held until it is released, as in a scenario.
fn request(body: &[u8]) -> serde_json::Result<Wish> {
    let hold = read::<Asked>(body)?.hold.map_or(Hold::UntilReleased, |Span(hold)| Hold::For(hold));
    Ok(Wish::Command(Command::Request { hold }))
}

/// Without a number, the latest request that waits.
fn withdraw(body: &[u8]) -> serde_json::Result<Wish> {
    let GivenUp { request } = read(body)?;
    Ok(Wish::Command(Command::Withdraw { request }))
}

fn delay(body: &[u8]) -> serde_json::Result<Wish> {
    read::<Delay>(body).map(|Delay { to, by: Span(by) }| Wish::Delay { to, by })
}

fn drops(body: &[u8]) -> serde_json::Result<Wish> {
    read::<Drops>(body).map(|Drops { to, count }| Wish::Drop { to, count })
}

/// An empty body is the same as an empty object.
fn read<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(if body.trim_ascii().is_empty() { b"{}" } else { body })
}

async fn carry_out(shared: &Shared, name: &str, wish: Wish) -> Response {
    let (order, answered) = Order::new(wish);
    let busy = |sentence: &str| {
        let refusal = refuse(StatusCode::SERVICE_UNAVAILABLE, sentence);
        ([(header::RETRY_AFTER, "1")], refusal).into_response()
    };
    match shared.orders.try_send(order) {
        Ok(()) => {}
        Err(TrySendError::Full(_)) => return busy("too many commands wait already"),
        Err(TrySendError::Closed(_)) => return busy("the node has ended"),
    }
    match timeout(PATIENCE, answered).await {
        Ok(Ok(Ok(()))) => json(StatusCode::OK, &serde_json::json!({ "done": name })),
        Ok(Ok(Err(declined))) => {
            let status = match declined {
                Declined::NoSuchLink => StatusCode::UNPROCESSABLE_ENTITY,
                Declined::TakesNoPart
                | Declined::Paused
                | Declined::NotPaused
                | Declined::Nothing => StatusCode::CONFLICT,
            };
            refuse(status, &declined.to_string())
        }
        Ok(Err(_)) => busy("the node has ended"),
        Err(_) => {
            let sentence = "the node has not answered; the command may still be carried out";
            refuse(StatusCode::GATEWAY_TIMEOUT, sentence)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(name: &str, body: &str) -> Result<Wish, Category> {
        let known = COMMANDS.iter().find(|known| known.name == name).expect("a command");
        (known.wish)(body.as_bytes()).map_err(|error| error.classify())
    }

    #[test]
    fn every_command_takes_the_body_that_is_its_example() {
        for Known { name, example, .. } in COMMANDS {
            assert!(read_as(name, example).is_ok(), "{name} {example}");
        }
    }

    #[test]
    fn a_body_that_is_no_json_and_one_that_says_something_else_differ() {
        assert_eq!(read_as("elect", ""), Ok(Wish::Command(Command::Elect)));
        assert_eq!(read_as("elect", "{\"to\":1}"), Err(Category::Data));
        assert_eq!(read_as("cut", "{"), Err(Category::Eof));
        assert_eq!(read_as("cut", "to=3"), Err(Category::Syntax));
        for body in ["", "{\"to\":0}", "{\"to\":17}", "{\"to\":\"3\"}", "{\"to\":3,\"by\":1}"] {
            assert_eq!(read_as("cut", body), Err(Category::Data), "{body}");
        }
        assert_eq!(read_as("delay", "{\"to\":3,\"by\":\"fast\"}"), Err(Category::Data));
        assert_eq!(read_as("drop", "{\"to\":3,\"count\":-1}"), Err(Category::Data));
    }
}
