//! Dependencies that no line of their crate names.

use toml::Table;

use crate::source::SourceFile;
use crate::violation::Violation;

const SECTIONS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Whatever a manifest lists is named somewhere in its crate.
pub fn check(files: &[SourceFile]) -> Vec<Violation> {
    let manifests = files.iter().filter_map(|file| {
        let directory = file.path.strip_suffix("/Cargo.toml")?;
        (!directory.contains('/')).then_some((directory, file))
    });
    manifests.flat_map(|(directory, file)| check_manifest(directory, file, files)).collect()
}

fn check_manifest(directory: &str, manifest: &SourceFile, files: &[SourceFile]) -> Vec<Violation> {
    let within = format!("{directory}/");
    let is_code = |file: &&SourceFile| file.syntax.is_some() && file.path.starts_with(&within);
    let code: Vec<&SourceFile> = files.iter().filter(is_code).collect();
    let table: Table = manifest.text.parse().expect("a manifest is TOML");
    let names = SECTIONS.iter().filter_map(|section| table.get(*section)?.as_table());
    names
        .flat_map(Table::keys)
        .filter(|name| !code.iter().any(|file| names_crate(&file.text, &name.replace('-', "_"))))
        .map(|name| Violation::new(&manifest.path, 1, format!("nothing names `{name}`")))
        .collect()
}

/// Whether a text has the name as a word of its own.
fn names_crate(text: &str, name: &str) -> bool {
    let is_part = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    text.match_indices(name).any(|(at, _)| {
        let bytes = text.as_bytes();
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        !is_part(before) && !is_part(bytes.get(at + name.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nothing_names_is_found_in_every_section() {
        for section in SECTIONS {
            let manifest = format!("[{section}]\nserde-bytes = '1'\n");
            for (code, expected) in
                [("use serde_bytes::Bytes;", 0), ("use serde_bytes_more::Bytes;", 1)]
            {
                let files = [
                    SourceFile::new("a/Cargo.toml", manifest.clone()),
                    SourceFile::new("a/src/lib.rs", code.to_owned()),
                    SourceFile::new("b/src/lib.rs", "use serde_bytes::Bytes;".to_owned()),
                ];
                assert_eq!(check(&files).len(), expected, "{section}: {code}");
            }
        }
    }
}
