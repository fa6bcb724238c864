//! JSON pointers (RFC 6901), built only when a fault has to be named.

/// A place in a document as a chain of borrowed steps; costs nothing until it is printed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    /// A pointer to start from, already escaped.
    Root(&'a str),
    Member(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    /// A document's root, or the place in a larger document where it starts.
    pub fn root(pointer: &'a str) -> Self {
        Self { parent: None, step: Step::Root(pointer) }
    }

    /// A member of the object here.
    pub fn member(&'a self, name: &'a str) -> Self {
        Self { parent: Some(self), step: Step::Member(name) }
    }

    /// An item of the array here.
    pub fn index(&'a self, index: usize) -> Self {
        Self { parent: Some(self), step: Step::Index(index) }
    }

    /// The pointer as text.
    pub fn pointer(&self) -> String {
        let mut text = self.parent.map(Path::pointer).unwrap_or_default();
        match self.step {
            Step::Root(pointer) => text.push_str(pointer),
            Step::Member(name) => push_step(&mut text, name),
            Step::Index(index) => push_step(&mut text, &index.to_string()),
        }
        text
    }
}

/// Appends one reference token to a JSON pointer (RFC 6901), escaped.
pub fn push_step(pointer: &mut String, step: &str) {
    pointer.push('/');
    for character in step.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_escaped() {
        let root = Path::root("/data");
        let changes = root.member("changes");
        let first = changes.index(0);
        assert_eq!(first.member("a/b~c").pointer(), "/data/changes/0/a~1b~0c");
        assert_eq!(Path::root("").pointer(), "");
    }
}
