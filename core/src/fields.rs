//! The fields of messages, in one list for all forms in which a message is written or read.
//!
//! Each kind of message carries its fields to a [`FieldForm`], in the order of files. A form that is written takes
//! their values. A form that is read starts from the simplest message of the kind and replaces its values.

use crate::application::Phase;
use crate::clock::LamportTime;
use crate::hardened::Birth;
use crate::id::{CallId, ElectionId, Identity, Incarnation, NodeId, RequestId, Term, Token};

/// A field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name in files.
    pub name: &'static str,
    /// The values that it can have.
    pub shape: Shape,
    /// The meaning of a message that lacks it.
    pub absence: Absence,
}

/// The values that a field can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A whole number of 64 bits.
    Number,
    /// A whole number of 32 bits.
    Count {
        /// The smallest number that makes sense.
        least: u32,
    },
    /// The number of a life.
    Life,
    /// Yes or no.
    Flag,
    /// The number of a call, an election or a request, with the life that gave it.
    Name,
    /// A fencing token.
    Token,
    /// A node.
    Node,
    /// One of these words.
    Word(&'static [&'static str]),
}

/// The meaning of a message that lacks a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// The message is not complete.
    Refused,
    /// There is no value, or it is unknown, as in files of earlier versions.
    LeftOut,
    /// There is no value, which files say with `null`.
    Null,
}

/// The value of a field.
#[allow(missing_docs, reason = "the names are those of the shapes")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number or a count.
    Number(u64),
    Flag(bool),
    Name(Identity, u32),
    Token(Token),
    Node(NodeId),
    Word(&'static str),
}

/// A form in which fields are written or read.
pub trait FieldForm {
    /// Writes the value, or replaces it by the value that is read. `None` means that the message lacks it.
    fn field(&mut self, field: Field, value: &mut Option<Value>);
}

impl dyn FieldForm + '_ {
    /// A field that each message of the kind has.
    pub fn needed<T: Fit>(&mut self, name: &'static str, value: &mut T) {
        let mut carried = Some(value.value());
        self.field(Field { name, shape: T::SHAPE, absence: Absence::Refused }, &mut carried);
        if let Some(read) = carried.and_then(T::of) {
            *value = read;
        }
    }

    /// A field that a message may lack.
    pub fn optional<T: Fit>(
        &mut self,
        name: &'static str,
        absence: Absence,
        value: &mut Option<T>,
    ) {
        let mut carried = value.map(T::value);
        self.field(Field { name, shape: T::SHAPE, absence }, &mut carried);
        *value = carried.and_then(T::of);
    }

    /// A number whose absence means 0.
    pub fn unless_zero(&mut self, name: &'static str, value: &mut u64) {
        let mut carried = Some(*value).filter(|&number| number != 0);
        self.optional(name, Absence::LeftOut, &mut carried);
        *value = carried.unwrap_or(0);
    }

    /// A count that may be 0.
    pub fn from_zero(&mut self, name: &'static str, value: &mut u32) {
        let mut carried = Some(value.value());
        let shape = Shape::Count { least: 0 };
        self.field(Field { name, shape, absence: Absence::Refused }, &mut carried);
        *value = carried.and_then(u32::of).unwrap_or(*value);
    }
}

/// A type of fields.
pub trait Fit: Copy {
    /// The values that it can have.
    const SHAPE: Shape;

    /// This as the value of a field.
    fn value(self) -> Value;

    /// The value of a field as this type. `None` if it has another shape or is out of range.
    fn of(value: Value) -> Option<Self>;
}

macro_rules! fit {
    ($($type:ty: $shape:expr, $value:pat => $of:expr, $this:pat => $to:expr;)*) => {
        $(impl Fit for $type {
            const SHAPE: Shape = $shape;

            fn value(self) -> Value {
                let $this = self;
                $to
            }

            fn of(value: Value) -> Option<Self> {
                match value {
                    $value => $of,
                    _ => None,
                }
            }
        })*
    };
}

const COUNT: Shape = Shape::Count { least: 1 };

fit! {
    u64: Shape::Number, Value::Number(it) => Some(it), it => Value::Number(it);
    Term: Shape::Number, Value::Number(it) => Some(Self(it)), Self(it) => Value::Number(it);
    LamportTime: Shape::Number, Value::Number(it) => Some(Self(it)), Self(it) => Value::Number(it);
    Birth: Shape::Number, Value::Number(it) => Some(Self(it)), Self(it) => Value::Number(it);
    u32: COUNT, Value::Number(it) => it.try_into().ok(), it => Value::Number(it.into());
    Incarnation: Shape::Life, Value::Number(it) => it.try_into().ok().and_then(Self::new),
        it => Value::Number(it.get().into());
    bool: Shape::Flag, Value::Flag(it) => Some(it), it => Value::Flag(it);
    CallId: Shape::Name, Value::Name(by, number) => Some(Self { by, number }),
        Self { by, number } => Value::Name(by, number);
    ElectionId: Shape::Name, Value::Name(by, number) => Some(Self { by, number }),
        Self { by, number } => Value::Name(by, number);
    RequestId: Shape::Name, Value::Name(by, number) => Some(Self { by, number }),
        Self { by, number } => Value::Name(by, number);
    Token: Shape::Token, Value::Token(it) => Some(it), it => Value::Token(it);
    NodeId: Shape::Node, Value::Node(it) => Some(it), it => Value::Node(it);
    Phase: Shape::Word(&Phase::NAMES), Value::Word(it) => Phase::named(it),
        it => Value::Word(it.name());
}
