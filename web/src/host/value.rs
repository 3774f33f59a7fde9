//! The content of a host's message as plain data, with bounds.

use wasm_bindgen::{JsCast, JsValue};

/// The greatest depth of tables and lists.
const MAX_DEPTH: u8 = 4;

/// The most entries of a table or list.
const MAX_ENTRIES: u32 = 64;

/// The longest text. Scenario files and traces may be this long.
pub const MAX_TEXT: u32 = 16 << 20;

/// A value of a host's message, with the types of JSON.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Flag(bool),
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Table(Vec<(String, Value)>),
}

impl Value {
    /// The content of a JavaScript value. `None` if it is too large or has another type.
    pub fn of(value: &JsValue) -> Option<Self> {
        Self::within(value, MAX_DEPTH)
    }

    fn within(value: &JsValue, depth: u8) -> Option<Self> {
        if value.is_null() || value.is_undefined() {
            return Some(Self::Null);
        }
        if let Some(flag) = value.as_bool() {
            return Some(Self::Flag(flag));
        }
        if let Some(number) = value.as_f64() {
            return Some(Self::Number(number));
        }
        if let Some(text) = value.dyn_ref::<js_sys::JsString>() {
            return (text.length() <= MAX_TEXT).then(|| Self::Text(String::from(text)));
        }
        let depth = depth.checked_sub(1)?;
        if js_sys::Array::is_array(value) {
            let list: &js_sys::Array = value.unchecked_ref();
            let all = (list.length() <= MAX_ENTRIES).then(|| list.iter())?;
            return all
                .map(|item| Self::within(&item, depth))
                .collect::<Option<_>>()
                .map(Self::List);
        }
        let table: &js_sys::Object = value.dyn_ref()?;
        let entries = js_sys::Object::entries(table);
        if entries.length() > MAX_ENTRIES {
            return None;
        }
        let entry = |pair: JsValue| {
            let pair: js_sys::Array = pair.unchecked_into();
            Some((pair.get(0).as_string()?, Self::within(&pair.get(1), depth)?))
        };
        entries.iter().map(entry).collect::<Option<_>>().map(Self::Table)
    }

    /// The entry with this name, if it is a table.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Table(entries) => {
                entries.iter().find(|(other, _)| other == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// A text or a number as a text. Empty for anything else.
    pub fn written(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            // The browser formats it: Rust's code for this would add 4 kB to the page.
            Self::Number(number) => {
                let text = js_sys::Number::from(*number).to_string_with_radix(10);
                text.map(String::from).unwrap_or_default()
            }
            _ => String::new(),
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, as a number or as a text.
    pub fn whole(&self) -> Option<u64> {
        match self {
            Self::Number(number) if number.fract() == 0.0 && (0.0..=9e15).contains(number) => {
                Some(*number as u64)
            }
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }
}
