//! The raw name=value pairs, and the faults found on the way.

use std::collections::BTreeMap;

use annals_service::problem::{Problem, ProblemKind};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::values;

/// Page size unless given.
const DEFAULT_LIMIT: usize = 50;
/// Values one parameter may have at most.
const MAX_VALUES: usize = 100;
/// Faults named in one answer at most.
const MAX_FAULTS: usize = 20;

/// Pairs in order, taken out one name after the other; what is left is unknown.
pub(crate) struct Pairs {
    pairs: Vec<(String, String)>,
    faults: Vec<(String, String)>,
}

impl Pairs {
    /// Decodes a query string: `+` is a space, everything else percent-encoded UTF-8.
    pub(crate) fn parse(query: &str) -> Self {
        let mut parsed = Self { pairs: Vec::new(), faults: Vec::new() };
        for part in query.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match (decode(name), decode(value)) {
                (Some(name), Some(value)) => parsed.pairs.push((name, value)),
                (Some(name), None) => parsed.fault(&name, "is not UTF-8"),
                (None, _) => parsed.fault(name, "the name is not UTF-8"),
            }
        }
        parsed
    }

    /// The values of some parameters as they were given, sorted.
    pub(crate) fn given(&self, names: &[&str]) -> BTreeMap<String, Vec<String>> {
        let mut given: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in self.pairs.iter().filter(|(name, _)| names.contains(&name.as_str())) {
            given.entry(name.clone()).or_default().push(value.clone());
        }
        given.values_mut().for_each(|values| values.sort_unstable());
        given
    }

    /// Takes in the members of a JSON object as further parameters: texts, numbers and booleans,
    /// and lists of them.
    pub(crate) fn extend_from_json(&mut self, members: serde_json::Map<String, Value>) {
        for (name, value) in members {
            let values = match value {
                Value::Null => continue,
                Value::Array(values) => values,
                other => vec![other],
            };
            for value in values {
                match value {
                    Value::String(text) => self.pairs.push((name.clone(), text)),
                    Value::Number(number) => self.pairs.push((name.clone(), number.to_string())),
                    Value::Bool(value) => self.pairs.push((name.clone(), value.to_string())),
                    _ => self.fault(&name, "is neither a text nor a list of texts"),
                }
            }
        }
    }

    /// Notes what is wrong with a parameter.
    pub(crate) fn fault(&mut self, name: &str, detail: impl Into<String>) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push((name.to_owned(), detail.into()));
        }
    }

    /// All values of a repeatable parameter.
    pub(crate) fn many(&mut self, name: &str) -> Vec<String> {
        let mut values = Vec::new();
        self.pairs.retain_mut(|(other, value)| {
            let wanted = other == name;
            if wanted {
                values.push(std::mem::take(value));
            }
            !wanted
        });
        if values.len() > MAX_VALUES {
            self.fault(name, format!("has {} values, the limit is {MAX_VALUES}", values.len()));
            values.truncate(MAX_VALUES);
        }
        values
    }

    /// The value of a parameter that may stand once.
    pub(crate) fn one(&mut self, name: &str) -> Option<String> {
        let mut values = self.many(name);
        if values.len() > 1 {
            self.fault(name, "may be given once");
        }
        values.pop()
    }

    /// Reads a parameter that may stand once with a function that says what is wrong.
    pub(crate) fn read<T>(
        &mut self,
        name: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.one(name)?;
        read(&value).map_err(|detail| self.fault(name, detail)).ok()
    }

    /// Reads all values of a repeatable parameter.
    pub(crate) fn read_many<T>(
        &mut self,
        name: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        let values = self.many(name);
        let outcomes: Vec<_> = values.iter().map(|value| read(value)).collect();
        let (good, bad): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        bad.into_iter().filter_map(Result::err).for_each(|detail| self.fault(name, detail));
        good.into_iter().filter_map(Result::ok).collect()
    }

    /// The page size: 50 unless given.
    pub(crate) fn limit(&mut self) -> usize {
        self.limit_or(DEFAULT_LIMIT)
    }

    /// The greatest number of things, with a default of its own.
    pub(crate) fn limit_or(&mut self, default: usize) -> usize {
        self.read("limit", values::limit).unwrap_or(default)
    }

    /// Ends reading: every parameter not taken is unknown; any fault refuses the request.
    pub(crate) fn finish(mut self, known: &[&str]) -> Result<(), Problem> {
        for (name, _) in std::mem::take(&mut self.pairs) {
            let near = known.iter().find(|known| is_near(known, &name));
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            self.fault(&name, format!("is not a parameter here{hint}"));
        }
        if self.faults.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = self.faults.iter().map(|(name, _)| name.as_str()).collect();
        let problem = Problem::new(ProblemKind::InvalidParameter)
            .detail(format!("wrong: {}", names.join(", ")));
        Err(self.faults.iter().fold(problem, |problem, (name, detail)| {
            problem.parameter(name.as_str(), detail.as_str())
        }))
    }
}

fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

/// Equal but for an ending `s`, case, or `-` for `_`.
fn is_near(known: &str, given: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().replace('-', "_").trim_end_matches('s').to_owned();
    plain(known) == plain(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_parameter_is_named_with_the_one_meant() {
        let mut pairs = Pairs::parse("actors=u1&limit=5");
        assert_eq!(pairs.one("limit").as_deref(), Some("5"));
        let problem = pairs.finish(&["actor", "limit"]).unwrap_err();
        let expected = Problem::new(ProblemKind::InvalidParameter)
            .detail("wrong: actors")
            .parameter("actors", "is not a parameter here; did you mean `actor`?");
        assert_eq!(problem, expected);
    }

    #[test]
    fn commas_and_plus_signs_are_part_of_values() {
        let mut pairs = Pairs::parse("actor=a%2Cb&actor=c,d&name=C%2B%2B+x");
        assert_eq!(pairs.many("actor"), ["a,b", "c,d"]);
        assert_eq!(pairs.one("name").as_deref(), Some("C++ x"));
        assert!(pairs.finish(&[]).is_ok());
    }

    #[test]
    fn a_hundred_values_pass_and_one_more_does_not() {
        let query = |count: usize| vec!["actor=u"; count].join("&");
        let mut pairs = Pairs::parse(&query(100));
        assert_eq!(pairs.many("actor").len(), 100);
        assert!(pairs.finish(&[]).is_ok());
        let mut pairs = Pairs::parse(&query(101));
        pairs.many("actor");
        assert!(pairs.finish(&[]).is_err());
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        assert!(Pairs::parse("actor=%ff").finish(&["actor"]).is_err());
    }
}
