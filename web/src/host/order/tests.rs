use super::*;

pub fn table(fields: &[(&str, Value)]) -> Value {
    Value::Table(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn order(name: &str, fields: &[(&str, Value)]) -> Result<Order, Refusal> {
    let named = [("antes", text(name))];
    read(&table(&[&named, fields].concat()), "").unwrap().order
}

#[test]
fn each_message_asks_for_what_it_says() {
    let number = Value::Number;
    for (name, fields, asked) in [
        ("play", vec![], Order::Play),
        ("getState", vec![], Order::GetState),
        ("seek", vec![("at", text("1.8s"))], Order::Seek(Place::At(1_800_000))),
        ("seek", vec![("at", number(5.0))], Order::Seek(Place::At(5))),
        ("seek", vec![("event", number(0.0))], Order::Seek(Place::Event(0))),
        ("seek", vec![("note", number(3.0))], Order::Seek(Place::Note(3))),
        ("speed", vec![("speed", number(0.25))], Order::Speed(Speed::new(-2))),
        ("speed", vec![("speed", text("2"))], Order::Speed(Speed::new(1))),
        ("load", vec![("scenario", text("a"))], Order::Load(Source::Scenario("a".into()))),
        ("act", vec![("crash", number(4.0))], Order::Act("crash".into(), number(4.0))),
        ("select", vec![("event", number(7.0))], Order::Select(Selected::Event(7))),
        ("select", vec![("nothing", Value::Flag(true))], Order::Select(Selected::Nothing)),
        (
            "export",
            vec![("format", text("mermaid"))],
            Order::Export(Format::Tool(Tool::Mermaid), Vec::new()),
        ),
        ("setLanguage", vec![("language", text("pt-BR"))], Order::Language(Language::Portuguese)),
        ("setTheme", vec![("theme", text("system"))], Order::Theme(None)),
    ] {
        assert_eq!(order(name, &fields), Ok(asked), "{name}");
    }
}

#[test]
fn a_message_that_makes_no_sense_is_refused_with_what_would_be_right() {
    let number = Value::Number;
    for (name, fields, told) in [
        ("fly", vec![], "expected ping"),
        ("play", vec![("loud", Value::Null)], "no field \"loud\""),
        ("seek", vec![], "needs one of: at, event, note"),
        ("seek", vec![("at", number(1.0)), ("note", number(1.0))], "needs one of"),
        ("seek", vec![("at", number(-1.0))], "microseconds"),
        ("seek", vec![("at", number(f64::NAN))], "microseconds"),
        ("seek", vec![("note", number(0.0))], "from 1"),
        ("speed", vec![("speed", number(3.0))], "power of two"),
        ("load", vec![("toml", number(1.0))], "a text"),
        ("act", vec![], "one verb"),
        ("act", vec![("crash", number(1.0)), ("heal", Value::Flag(true))], "one verb"),
        ("select", vec![("node", number(17.0))], "number of an event"),
        ("export", vec![("format", text("docx"))], "mermaid"),
        ("setLanguage", vec![("language", text("tlh"))], "\"en\" or \"pt\""),
    ] {
        let refusal = order(name, &fields).unwrap_err();
        assert!(refusal.contains(told), "{name}: {refusal}");
    }
}

#[test]
fn messages_of_others_are_left_alone_and_revealjs_is_understood() {
    for foreign in
        [Value::Null, text("hello"), Value::Number(1.0), table(&[("method", text("next"))])]
    {
        assert_eq!(read(&foreign, ""), None, "{foreign:?}");
    }
    assert_eq!(read(&text("slide:start"), "").unwrap().order, Ok(Order::SlideStart));
    assert_eq!(read(&text("slide:stop"), "").unwrap().order, Ok(Order::SlideStop));
}

#[test]
fn the_id_of_a_message_is_kept() {
    let message = table(&[("antes", text("ping")), ("id", Value::Number(7.0))]);
    assert_eq!(read(&message, "").unwrap().id, Some(Value::Number(7.0)));
}
