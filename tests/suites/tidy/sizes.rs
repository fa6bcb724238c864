//! Sizes: files, functions, test modules, lines.

use crate::source::SourceFile;
use crate::violation::Violation;
use syn::visit::{self, Visit};

const MAX_FILE_LINES: usize = 500;
const MAX_INLINE_TEST_LINES: usize = 200;
const MAX_FUNCTION_LINES: usize = 70;
const MAX_COLUMNS: usize = 100;
/// Files whose lines people read as code.
const CODE: [&str; 5] = [".rs", ".js", ".mjs", ".css", ".ts"];

/// A file has at most 500 lines, tests not counted.
pub fn file_length(file: &SourceFile) -> Vec<Violation> {
    if file.is_test() || !is_code(file) {
        return vec![];
    }
    let tests: usize = file.test_lines().into_iter().map(Iterator::count).sum();
    let lines = file.text.lines().count() - tests;
    let message = format!("{lines} lines without tests, more than {MAX_FILE_LINES}");
    (lines > MAX_FILE_LINES).then(|| Violation::new(&file.path, 1, message)).into_iter().collect()
}

/// A test module of more than 200 lines is a file of its own.
pub fn inline_test_length(file: &SourceFile) -> Vec<Violation> {
    let long = |(name, range): (String, std::ops::RangeInclusive<usize>)| {
        let (line, lines) = (*range.start(), range.count());
        let message = format!("test module `{name}` of {lines} lines: move it to its own file");
        (lines > MAX_INLINE_TEST_LINES).then(|| Violation::new(&file.path, line, message))
    };
    file.test_modules().into_iter().filter_map(long).collect()
}

/// A function has at most 70 lines from `fn` to `}`.
pub fn function_length(file: &SourceFile) -> Vec<Violation> {
    let mut functions = Functions { path: &file.path, violations: vec![] };
    if let Some(syntax) = &file.syntax {
        functions.visit_file(syntax);
    }
    functions.violations
}

/// A line of code has at most 100 columns; one unbreakable word may be longer.
pub fn columns(file: &SourceFile) -> Vec<Violation> {
    if !is_code(file) {
        return vec![];
    }
    let wide = |line: &str| {
        let breakable = line.trim().trim_start_matches(['/', '!', ' ']).contains(' ');
        line.chars().count() > MAX_COLUMNS && breakable
    };
    let lines = file.text.lines().enumerate().filter(|(_, line)| wide(line));
    lines
        .map(|(index, line)| {
            let message = format!("{} columns, more than {MAX_COLUMNS}", line.chars().count());
            Violation::new(&file.path, index + 1, message)
        })
        .collect()
}

fn is_code(file: &SourceFile) -> bool {
    CODE.iter().any(|extension| file.path.ends_with(extension))
}

struct Functions<'a> {
    path: &'a str,
    violations: Vec<Violation>,
}

impl Functions<'_> {
    fn check(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let start = signature.fn_token.span.start().line;
        let lines = block.brace_token.span.close().end().line - start + 1;
        if lines > MAX_FUNCTION_LINES {
            let name = &signature.ident;
            let message = format!("`{name}` has {lines} lines, more than {MAX_FUNCTION_LINES}");
            self.violations.push(Violation::new(self.path, start, message));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.check(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.check(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.check(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rust(text: String) -> SourceFile {
        SourceFile::new("store/src/a.rs", text)
    }

    fn count(violations: &[Violation]) -> usize {
        violations.len()
    }

    #[test]
    fn a_file_over_500_lines_is_found_and_its_tests_are_not_counted() {
        let body = |lines: usize| format!("//! x\n{}", "fn a() {}\n".repeat(lines - 1));
        assert_eq!(count(&file_length(&rust(body(500)))), 0);
        assert_eq!(count(&file_length(&rust(body(501)))), 1);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "fn b() {}\n".repeat(150));
        assert_eq!(count(&file_length(&rust(body(500) + &tests))), 0);
        assert_eq!(count(&file_length(&rust(body(501) + &tests))), 1);
        let script = SourceFile::new("ui/src/a.ts", "let a;\n".repeat(501));
        assert_eq!(count(&file_length(&script)), 1);
    }

    #[test]
    fn a_test_module_over_200_lines_is_found() {
        let module = |lines: usize| {
            format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "fn b() {}\n".repeat(lines - 3))
        };
        assert_eq!(count(&inline_test_length(&rust(module(200)))), 0);
        assert_eq!(count(&inline_test_length(&rust(module(201)))), 1);
    }

    #[test]
    fn a_function_over_70_lines_is_found_wherever_it_stands() {
        let function = |lines: usize| format!("fn a() {{\n{}}}\n", "b();\n".repeat(lines - 2));
        assert_eq!(count(&function_length(&rust(function(70)))), 0);
        assert_eq!(count(&function_length(&rust(function(71)))), 1);
        let long = function(71);
        for outer in ["impl A", "trait A", "mod a", "impl B for A"] {
            let text = format!("{outer} {{\n{long}}}\n");
            assert_eq!(function_length(&rust(text)).len(), 1, "{outer}");
        }
        let inner_counts_too = format!("fn a() {{\n{long}}}\n");
        assert_eq!(function_length(&rust(inner_counts_too)).len(), 2);
    }

    #[test]
    fn a_line_over_100_columns_is_found_unless_it_is_one_word() {
        let wide = format!("// a {}\n", "é".repeat(96));
        assert_eq!(count(&columns(&rust(wide))), 1);
        let fits = format!("// a {}\n", "é".repeat(95));
        assert_eq!(count(&columns(&rust(fits))), 0);
        let link = format!("//! https://example.com/{}\n", "a".repeat(100));
        assert_eq!(count(&columns(&rust(link))), 0);
    }
}
