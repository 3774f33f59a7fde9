//! A client of a node's HTTP server that controls every byte it sends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

use crate::harness::{LIMIT, eventually};

/// The answer to a request.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Self { status, head: head.to_ascii_lowercase(), body: body.to_owned() })
    }
}

/// Connects, and retries until the node listens.
pub fn connect(address: &str) -> TcpStream {
    let connect = || TcpStream::connect(address).map_err(|error| format!("{address}: {error}"));
    let stream = eventually(connect);
    stream.set_read_timeout(Some(LIMIT)).expect("a limit");
    stream
}

/// Sends these bytes, and reads until the node closes the connection. `None` if the node answers nothing.
pub fn send(address: &str, bytes: &[u8]) -> Option<Answer> {
    let mut stream = connect(address);
    // It may answer and close before it has read everything.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    Answer::parse(&answer)
}

/// Sends a request in HTTP/1.0, so that the answer ends with the connection and is not chunked.
pub fn ask(address: &str, method: &str, path: &str, fields: &[&str], body: &str) -> Answer {
    let mut head = format!("{method} {path} HTTP/1.0\r\nHost: {address}\r\n");
    for field in fields {
        head += &format!("{field}\r\n");
    }
    let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    send(address, request.as_bytes()).expect("it answers")
}

pub fn get(address: &str, path: &str) -> Answer {
    ask(address, "GET", path, &[], "")
}

/// Repeats a request for this path until the answer satisfies a condition. Returns that answer.
pub fn wait_for(address: &str, path: &str, what: &str, holds: impl Fn(&Answer) -> bool) -> Answer {
    eventually(|| {
        let answer = get(address, path);
        if answer.status == 200 && holds(&answer) {
            return Ok(answer);
        }
        Err(format!("{address}{path}: {what}; last: {answer:?}"))
    })
}

/// Waits until the node's state satisfies a condition. Returns that state.
pub fn wait_for_state(address: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    wait_for(address, "/state", what, |answer| holds(&answer.json())).json()
}

/// Waits until the metrics have this line.
pub fn wait_for_metric(address: &str, line: &str) {
    wait_for(address, "/metrics", line, |answer| answer.body.lines().any(|each| each == line));
}

/// A server-sent event: its number, its name and its data.
#[derive(Debug, Default)]
pub struct Event {
    pub id: Option<u64>,
    pub name: String,
    pub data: Value,
}

/// The events of a node in the order of their arrival.
pub struct Events(BufReader<TcpStream>);

impl Events {
    /// Requests the events, and reads the head of the answer.
    pub fn open(address: &str, path: &str, fields: &[&str]) -> Result<Self, Answer> {
        let mut stream = connect(address);
        let fields: String = fields.iter().map(|field| format!("{field}\r\n")).collect();
        let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n{fields}\r\n");
        stream.write_all(request.as_bytes()).expect("it is taken");
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(reader.read_line(&mut head).expect("a head"), 0, "{head}");
        }
        if head.starts_with("HTTP/1.0 200") {
            assert!(head.contains("text/event-stream"), "{head}");
            return Ok(Self(reader));
        }
        let mut body = String::new();
        reader.read_to_string(&mut body).expect("a body");
        Err(Answer::parse((head + &body).as_bytes()).expect("an answer"))
    }
}

impl Iterator for Events {
    type Item = Event;

    /// The next event. `None` if the node has closed the connection.
    fn next(&mut self) -> Option<Event> {
        let mut event = Event::default();
        let mut line = String::new();
        loop {
            line.clear();
            if self.0.read_line(&mut line).expect("a line in time") == 0 {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some(("id", id)) => event.id = Some(id.parse().expect("a number")),
                Some(("event", name)) => event.name = name.to_owned(),
                Some(("data", data)) => event.data = serde_json::from_str(data).expect("JSON"),
                // The time to wait before reconnecting, or a comment that shows that the node is alive.
                Some(("retry" | "", _)) => {}
                Some(_) => panic!("no field of an event: {line}"),
                None if event.data.is_null() => {}
                None => return Some(event),
            }
        }
    }
}
