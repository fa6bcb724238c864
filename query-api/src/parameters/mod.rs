//! Query parameters, read strictly: a misspelt filter must never widen a compliance query.

mod list;
mod none;
mod pairs;
mod values;

pub(crate) use list::ListParameters;
pub(crate) use none::NoParameters;
pub(crate) use pairs::Pairs;
