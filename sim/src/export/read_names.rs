//! Reads values that are written as numbers or names.

use alloc::format;
use alloc::string::{String, ToString};
use core::str::FromStr;

use antes_core::{CallId, ElectionId, Identity, Incarnation, NodeId, RequestId, Term, Token};

use crate::trace::MessageId;

/// The value of a required field.
pub(super) fn field<T>(name: &str, value: Option<T>) -> Result<T, String> {
    value.ok_or_else(|| format!("the line has no \"{name}\""))
}

/// The node with this number.
pub(super) fn node(number: u8) -> Result<NodeId, String> {
    NodeId::try_from(number).map_err(|error| error.to_string())
}

/// The token from its term and sequence in the file.
pub(super) const fn token((term, sequence): (u64, u64)) -> Token {
    Token { term: Term(term), sequence }
}

/// The member of `values` with this name.
pub(super) fn named<T, const N: usize>(
    field_name: &str,
    value: Option<String>,
    values: [T; N],
    name_of: impl Fn(T) -> &'static str,
) -> Result<T, String>
where
    T: Copy,
{
    let text = field(field_name, value)?;
    let found = values.into_iter().find(|&value| name_of(value) == text);
    found.ok_or_else(|| format!("\"{field_name}\" is \"{}\"", text.escape_debug()))
}

/// Reads a name such as `2:4` or `2#3:7`.
pub(super) fn parsed<T: Named>(name: &str, value: Option<String>) -> Result<T, String> {
    let text = field(name, value)?;
    let wrong = || format!("\"{name}\" is \"{}\": this names nothing", text.escape_debug());
    T::named(&text).ok_or_else(wrong)
}

/// A value that is written as a name.
pub(super) trait Named: Sized {
    fn named(text: &str) -> Option<Self>;
}

impl Named for MessageId {
    fn named(text: &str) -> Option<Self> {
        Self::from_str(text).ok()
    }
}

/// Splits a name such as `2#3:7` into the life and the number.
fn life_and_number(text: &str) -> Option<(Identity, u32)> {
    let (life, number) = text.split_once(':')?;
    let (node, incarnation) = life.split_once('#').unwrap_or((life, "1"));
    let node = NodeId::new(node.parse().ok()?)?;
    let incarnation = Incarnation::new(incarnation.parse().ok()?)?;
    Some((Identity { node, incarnation }, number.parse().ok()?))
}

macro_rules! named {
    ($($name:ident),*) => {
        $(impl Named for $name {
            fn named(text: &str) -> Option<Self> {
                let (by, number) = life_and_number(text)?;
                Some(Self { by, number })
            }
        })*
    };
}

named!(CallId, ElectionId, RequestId);
