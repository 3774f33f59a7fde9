//! Figures: what is read, and the errors for invalid files.

use antes_sim::figure::{read, stamp};

fn lamport(text: &str) -> Vec<(String, u64)> {
    let figure = read(text).unwrap_or_else(|error| panic!("{error}"));
    let stamped = stamp(&figure);
    let ids = figure.events.iter().map(|event| event.id.clone());
    ids.zip(stamped.lamport.iter().map(|lamport| lamport.0)).collect()
}

fn refused(text: &str) -> String {
    read(text).err().map(|error| error.to_string()).unwrap_or_else(|| panic!("it is read: {text}"))
}

fn with_events(events: &str) -> String {
    format!(r#"{{"processes": ["A", "B", "C"], "events": [{events}]}}"#)
}

const TWO_SENDS: &str = r#"{"id":"a1","proc":"A","kind":"send","msgs":["m1"]},
    {"id":"b1","proc":"B","kind":"send","msgs":["m2"]},"#;

#[test]
fn a_file_may_begin_with_a_byte_order_mark() {
    let text = with_events(r#"{"id":"a1","proc":"A","kind":"local"}"#);
    assert_eq!(lamport(&format!("\u{FEFF}{text}")), lamport(&text));
}

#[test]
fn clocks_start_from_the_values_that_a_figure_gives_them() {
    let text = r#"{"title":"Clocks that do not start at zero","processes":["A","B","C"],
        "start":{"A":10,"C":5},
        "events":[
          {"id":"a1","proc":"A","kind":"send","msgs":["m1"]},
          {"id":"b1","proc":"B","kind":"recv","msg":"m1"},
          {"id":"b2","proc":"B","kind":"send","msgs":["m2"]},
          {"id":"c1","proc":"C","kind":"recv","msg":"m2"}]}"#;
    let expected = [("a1", 11), ("b1", 12), ("b2", 13), ("c1", 14)];
    assert_eq!(lamport(text), expected.map(|(id, lamport)| (id.to_string(), lamport)));
    let figure = read(text).unwrap();
    assert_eq!(stamp(&figure).vector[3], [1, 2, 1], "a vector clock counts events");
}

#[test]
fn start_values_that_mean_nothing_are_refused_with_what_would_be_right() {
    let with_start = |start: &str| {
        refused(&format!(r#"{{"processes": ["A"], "start": {start}, "events": []}}"#))
    };
    for (start, said) in [
        ("[10]", "expected the Lamport clock of each process before its first event"),
        (r#"{"A": -1}"#, r#"such as "start": {"A": 10}"#),
        (r#"{"A": [1, 0]}"#, "\"start\" is not what it should be"),
        (r#"{"a": 1}"#, "\"start\" is about \"a\"; did you mean \"A\"?"),
        (r#"{"A": 9007199254740993}"#, "expected 4503599627370496 at most"),
    ] {
        let error = with_start(start);
        assert!(error.starts_with("1:") && error.contains(said), "{start}: {error}");
    }
}

#[test]
fn a_field_that_is_not_known_is_named_and_answers_are_not() {
    let text = r#"{"processes": ["A"], "events": [], "initial": {"A": 3}, "expected": {}}"#;
    assert_eq!(read(text).unwrap().unknown, ["initial"]);
}

#[test]
fn a_figure_of_more_messages_than_a_picture_can_show_is_refused() {
    let send = |count: usize| {
        let names: Vec<_> = (0..count).map(|number| format!("\"m{number}\"")).collect();
        with_events(&format!(
            r#"{{"id":"a","proc":"A","kind":"send","msgs":[{}]}}"#,
            names.join(",")
        ))
    };
    assert!(read(&send(1_000)).is_ok());
    assert_eq!(refused(&send(1_001)), "1:1: there are 1001 messages; expected 1000 at most");
}

#[test]
fn an_event_that_receives_and_sends_is_to_be_two_events() {
    let events = r#"{"id":"a1","proc":"A","kind":"send","msgs":["m1"]},
        {"id":"b1","proc":"B","kind":"recv","msg":"m1","msgs":["m2"]},
        {"id":"c1","proc":"C","kind":"recv","msg":"m2"}"#;
    let error = refused(&with_events(events));
    assert_eq!(
        error,
        "2:9: \"b1\" receives \"m1\" and sends \"m2\", but an event does one of both; expected two \
         events, {\"id\": \"b1\", \"proc\": \"B\", \"kind\": \"recv\", \"msg\": \"m1\"} and behind it \
         {\"id\": \"b1-send\", \"proc\": \"B\", \"kind\": \"send\", \"msgs\": [\"m2\"]}"
    );
    // The form that the error suggests can be read, in either order.
    let right = r#"{"id":"a1","proc":"A","kind":"send","msgs":["m1"]},
        {"id": "b1", "proc": "B", "kind": "recv", "msg": "m1"},
        {"id": "b1-send", "proc": "B", "kind": "send", "msgs": ["m2"]},
        {"id":"c1","proc":"C","kind":"recv","msg":"m2"}"#;
    assert_eq!(lamport(&with_events(right)).last(), Some(&("c1".into(), 4)));
    let sends = events.replace(r#""kind":"recv","msg":"m1","#, r#""kind":"send","msg":"m1","#);
    assert!(refused(&with_events(&sends)).contains("expected two events"));
}

#[test]
fn an_event_that_receives_two_messages_is_to_be_two_events() {
    for two in [r#""msgs":["m1","m2"]"#, r#""msg":["m1","m2"]"#] {
        let events = format!(r#"{TWO_SENDS} {{"id":"c1","proc":"C","kind":"recv",{two}}}"#);
        let error = refused(&with_events(&events));
        assert!(error.starts_with("2:57: "), "{error}");
        let said = [
            "\"c1\" receives \"m1\" and \"m2\"",
            "{\"id\": \"c1-1\", \"proc\": \"C\", \"kind\": \"recv\", \"msg\": \"m1\"}",
            "{\"id\": \"c1-2\", \"proc\": \"C\", \"kind\": \"recv\", \"msg\": \"m2\"}",
        ];
        assert!(said.iter().all(|said| error.contains(said)), "{error}");
    }
    let one = format!(r#"{TWO_SENDS} {{"id":"c1","proc":"C","kind":"recv","msgs":["m1"]}}"#);
    assert_eq!(lamport(&with_events(&one)).last(), Some(&("c1".into(), 2)));
}

#[test]
fn a_message_to_two_receivers_is_to_be_two_messages_of_one_send() {
    let events = r#"{"id":"x1","proc":"B","kind":"send","msgs":["m1"]},
        {"id":"x2","proc":"A","kind":"recv","msg":"m1"},
        {"id":"x4","proc":"C","kind":"recv","msg":"m1"}"#;
    assert_eq!(
        refused(&with_events(events)),
        "3:9: message \"m1\" is received twice, by \"x2\" and by \"x4\", but a message has one \
         receiver; expected a message for each receipt: a send may have several, such as \"msgs\": \
         [\"m1\", \"m1-C\"]"
    );
}

#[test]
fn json_that_is_no_figure_and_text_that_is_no_json_are_told_apart() {
    for (text, said) in [
        ("", "1:1: the file is empty; expected a figure"),
        ("[1, 2]", "1:1: this is no figure, because it is no JSON object; expected a figure"),
        ("3", "this is no figure, because it is no JSON object"),
        ("{}", "this is no figure: missing field `processes`; expected a figure"),
        (r#"{"processes": "A", "events": []}"#, "expected a sequence; expected a figure"),
        ("processes: [A]", "1:1: this is no JSON: expected value; expected a figure"),
        (r#"{"start": NaN}"#, "1:11: NaN is no number of JSON; expected a whole number"),
        (r#"{"start": -Infinity}"#, "-Infinity is no number of JSON"),
        (
            r#"{"processes": ["A",], "events": []}"#,
            "1:20: this is no JSON: nothing follows the last comma",
        ),
    ] {
        let error = refused(text);
        assert!(error.contains(said), "{text}: {error}");
    }
    let event = refused(&with_events(r#"{"id":"a1","proc":"A","kind":"send","msg":3}"#));
    assert!(event.contains("expected an event such as {\"id\": \"p1\""), "{event}");
    for (event, said) in [
        (r#"{"id":"a1","proc":"A","kind":"send"}"#, "\"a1\" is a send without a message"),
        (r#"{"id":"a1","proc":"A","kind":"recv"}"#, "\"a1\" is a receipt without a message"),
        (
            r#"{"id":"a1","proc":"A","kind":"local","msg":"m"}"#,
            "\"a1\" is local, but has \"m\"; expected no message",
        ),
    ] {
        let error = refused(&with_events(event));
        assert!(error.contains(said), "{event}: {error}");
    }
}
