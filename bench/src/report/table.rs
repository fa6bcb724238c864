//! Tables of Markdown, printed row by row while the work goes on.

/// A table whose head has been printed.
pub(crate) struct Table {
    columns: usize,
}

impl Table {
    /// Prints title and head; all columns but the first hold numbers.
    pub(crate) fn new(title: &str, columns: &[String]) -> Self {
        say(&format!("\n{title}\n\n| {} |", columns.join(" | ")));
        let rules = columns.iter().enumerate().map(|(n, _)| if n == 0 { "---" } else { "--:" });
        say(&format!("|{}|", rules.collect::<Vec<_>>().join("|")));
        Self { columns: columns.len() }
    }

    /// A table of two columns: what, and its figure.
    pub(crate) fn of_figures(title: &str) -> Self {
        Self::new(title, &["What".to_owned(), "Figure".to_owned()])
    }

    /// Prints a row; cells that are missing stay empty.
    pub(crate) fn row(&self, what: &str, cells: &[String]) {
        let mut cells = cells.to_vec();
        cells.resize(self.columns - 1, String::new());
        Self::print_row(what, &cells);
    }

    /// Prints a row of a table whose head another process has printed.
    pub(crate) fn print_row(what: &str, cells: &[String]) {
        say(&format!("| {what} | {} |", cells.join(" | ")));
    }
}

/// Prints a line.
#[expect(clippy::print_stdout, reason = "figures are the output")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// A whole number with commas.
pub(crate) fn thousands(number: impl Into<u128>) -> String {
    let digits = number.into().to_string();
    let mut out = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Bytes in mebibytes, or kibibytes if few.
pub(crate) fn bytes(number: u64) -> String {
    let kibibytes = number as f64 / 1024.0;
    if kibibytes < 1024.0 {
        return format!("{kibibytes:.1} KiB");
    }
    format!("{:.1} MiB", kibibytes / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_for_people() {
        assert_eq!(thousands(7_u64), "7");
        assert_eq!(thousands(1_234_567_u64), "1,234,567");
        assert_eq!(bytes(1_536), "1.5 KiB");
        assert_eq!(bytes(3 << 20), "3.0 MiB");
    }
}
