//! A run in the form in which it is taken away: a picture, or a text for another tool.

use antes_picture::document::{View, Wanted};
use antes_picture::style::Theme;
use wasm_bindgen::JsValue;

use super::painted;
use super::subject::Subject;
use crate::host::order::Format;
use crate::host::value::Value;
use crate::language::Language;

/// By how much a PNG is larger than the picture, if nothing is said.
pub const SCALE: u8 = 2;

/// The address of a run at a moment, and the wanted form.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub address: String,
    pub format: Format,
    pub wanted: Wanted,
    /// How many times larger a PNG is than the picture, from 1 to 4.
    pub scale: u8,
}

impl Request {
    /// Reads a table with `address`, `format`, and for pictures `view`, `theme`, `language` and `scale`.
    ///
    /// # Errors
    ///
    /// Names the field that makes no sense, and the values that would.
    pub fn read(table: &JsValue) -> Result<Self, String> {
        match Value::of(table) {
            Some(Value::Table(fields)) => Self::of(&fields),
            _ => Err("expected a table with an address and a format".to_owned()),
        }
    }

    pub fn of(fields: &[(String, Value)]) -> Result<Self, String> {
        let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        let text = |name: &str| field(name).and_then(Value::text);
        let format = text("format").and_then(Format::named).ok_or_else(Format::expected)?;
        let view = chosen("view", field("view"), &View::ALL.map(|view| (view.name(), view)))?;
        let themes = [Theme::Light, Theme::Dark].map(|theme| (theme.name(), theme));
        let theme = chosen("theme", field("theme"), &themes)?;
        let languages = [("en", Language::English), ("pt", Language::Portuguese)];
        let language = chosen("language", field("language"), &languages)?;
        let scale = match field("scale") {
            None | Some(Value::Null) => SCALE,
            Some(value) => value
                .whole()
                .and_then(|scale| u8::try_from(scale).ok())
                .filter(|scale| (1..=4).contains(scale))
                .ok_or("\"scale\" is none; expected a whole number from 1 to 4")?,
        };
        let wanted = Wanted {
            view: view.unwrap_or_default(),
            theme: theme.unwrap_or_default(),
            language: language.unwrap_or_default(),
        };
        let address = text("address").unwrap_or_default().to_owned();
        Ok(Self { address, format, wanted, scale })
    }

    /// The run in the wanted form. A PNG is a `data:` address.
    ///
    /// # Errors
    ///
    /// If there is no such form of it, or the browser cannot paint the picture.
    pub async fn content(&self) -> Result<String, String> {
        match self.format {
            Format::Address => Ok(self.address.clone()),
            _ => self.content_of(&Subject::at(&self.address).await).await,
        }
    }

    /// A run or a recording in the wanted form.
    ///
    /// # Errors
    ///
    /// The same as those of [`content`](Self::content).
    pub async fn content_of(&self, subject: &Subject) -> Result<String, String> {
        match self.format {
            Format::Png => painted::png(&subject.svg(self.wanted), self.scale).await,
            format => subject.text(format, self.wanted),
        }
    }
}

/// The value of a field with a fixed choice. `None` if the field is missing.
fn chosen<T: Copy>(
    field: &str,
    value: Option<&Value>,
    choices: &[(&str, T)],
) -> Result<Option<T>, String> {
    let Some(value) = value.filter(|value| **value != Value::Null) else { return Ok(None) };
    let found = value.text().and_then(|name| choices.iter().find(|choice| choice.0 == name));
    found.map(|choice| Some(choice.1)).ok_or_else(|| {
        let names: Vec<_> = choices.iter().map(|choice| choice.0).collect();
        [&quoted(field), " is none; expected one of: ", &names.join(", ")].concat()
    })
}

fn quoted(field: &str) -> String {
    ["\"", field, "\""].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    fn read(fields: &[(&str, Value)]) -> Result<Request, String> {
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Request::of(&fields)
    }

    #[test]
    fn a_picture_is_light_english_and_of_both_views_if_nothing_else_is_said() {
        let request = read(&[("address", text("?t=1")), ("format", text("svg"))]).unwrap();
        assert_eq!(request.wanted, Wanted::default());
        assert_eq!((request.scale, &*request.address), (2, "?t=1"));
    }

    #[test]
    fn a_wrong_field_is_named_with_the_right_values() {
        for (field, value, said) in [
            ("format", text("docx"), "svg, png"),
            ("view", text("square"), "ring, diagram, both"),
            ("theme", Value::Number(1.0), "light, dark"),
            ("language", text("fr"), "en, pt"),
            ("scale", Value::Number(5.0), "1 to 4"),
        ] {
            let mut fields = vec![("format", text("png")), (field, value)];
            if field == "format" {
                fields.remove(0);
            }
            let refusal = read(&fields).unwrap_err();
            assert!(refusal.contains(said) && refusal.contains(field), "{refusal}");
        }
    }
}
