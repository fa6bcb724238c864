//! A JSON value, borrowed from the text it stands in.

use std::borrow::Cow;

/// A value and the very text it was read from, without white space around it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node<'a> {
    /// The value.
    pub value: Value<'a>,
    /// Its text.
    pub text: &'a str,
}

/// One of JSON's six kinds of value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    /// The literal; it fits a double.
    Number(&'a str),
    String(Cow<'a, str>),
    Array(Vec<Node<'a>>),
    /// In the order of the text; no name twice.
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
}

impl Value<'_> {
    /// The kind of value with its article, for error texts.
    pub fn described(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

impl<'a> Node<'a> {
    /// The members, if this is an object.
    pub fn members(&self) -> Option<&[(Cow<'a, str>, Self)]> {
        match &self.value {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The member of that name, if this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.members()?.iter().find(|(key, _)| key == name).map(|(_, node)| node)
    }
}
