//! Which crate may depend on which, as drawn in the architecture.

use crate::source::SourceFile;
use crate::violation::Violation;
use toml::{Table, Value};

/// Directory and the crates of this workspace that it may depend on. Others are not in the table.
const MAY_DEPEND_ON: [(&str, &[&str]); 9] = [
    ("schemas", &[]),
    ("verify", &["schemas"]),
    ("broker", &["schemas"]),
    ("store", &["schemas", "verify"]),
    ("index", &["schemas", "store"]),
    ("service", &[]),
    ("ingest", &["schemas", "broker", "service"]),
    ("projector", &["schemas", "broker", "store", "index", "service"]),
    ("query-api", &["schemas", "verify", "broker", "store", "index", "service"]),
];
/// May depend on every crate.
const ANYTHING: [&str; 3] = ["annals", "tests", "bench"];
/// Outside crates and the only directories that may name them.
const OUTSIDE: [(&str, &str); 2] = [("rdkafka", "broker"), ("tantivy", "index")];
/// No network and no async: schemas/ is pure, verify/ reads files and nothing else.
const OFFLINE: [&str; 2] = ["schemas", "verify"];
const NOT_OFFLINE: [&str; 4] = ["tokio", "futures", "async-trait", "reqwest"];

/// Every manifest keeps to the table.
pub fn check(files: &[SourceFile]) -> Vec<Violation> {
    let manifests = files.iter().filter_map(|file| {
        let directory = file.path.strip_suffix("/Cargo.toml")?;
        // fuzz/ stands outside the workspace and links whatever it fuzzes.
        (!directory.contains('/') && directory != "fuzz").then_some((directory, file))
    });
    manifests.flat_map(|(directory, file)| check_manifest(directory, file)).collect()
}

fn check_manifest(directory: &str, file: &SourceFile) -> Vec<Violation> {
    let violation = |message: String| Violation::new(&file.path, 1, message);
    let row = MAY_DEPEND_ON.iter().find(|(name, _)| *name == directory);
    if row.is_none() && !ANYTHING.contains(&directory) {
        return vec![violation(format!("`{directory}` is not in the dependency table"))];
    }
    let mut found = Vec::new();
    for name in dependencies(&file.text) {
        if let (Some((_, allowed)), Some(ours)) = (row, name.strip_prefix("annals-"))
            && !allowed.contains(&ours)
        {
            found.push(violation(format!("`{directory}` may not depend on `{name}`")));
        }
        let owner = OUTSIDE.iter().find(|(outside, _)| *outside == name);
        if let Some((outside, owner)) = owner.filter(|(_, owner)| *owner != directory) {
            found.push(violation(format!("`{outside}` belongs to `{owner}` alone")));
        }
        if OFFLINE.contains(&directory) && NOT_OFFLINE.contains(&name.as_str()) {
            found.push(violation(format!("`{directory}` may not use `{name}`")));
        }
    }
    found
}

/// The names of all dependencies, those of builds, tests and targets included.
fn dependencies(manifest: &str) -> Vec<String> {
    let manifest: Table = manifest.parse().expect("a manifest is TOML");
    let targets = manifest.get("target").and_then(Value::as_table);
    let inner = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    std::iter::once(&manifest)
        .chain(inner)
        .flat_map(|table| {
            ["dependencies", "dev-dependencies", "build-dependencies"].map(|kind| table.get(kind))
        })
        .filter_map(|section| section?.as_table())
        .flat_map(|section| section.iter().map(|(key, value)| package(key, value)))
        .collect()
}

/// A renamed dependency goes by its package.
fn package(key: &str, value: &Value) -> String {
    value.get("package").and_then(Value::as_str).unwrap_or(key).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(directory: &str, manifest: &str) -> Vec<String> {
        let path = format!("{directory}/Cargo.toml");
        let file = SourceFile::new(&path, manifest.to_owned());
        check(&[file]).into_iter().map(|found| found.message).collect()
    }

    #[test]
    fn a_dependency_against_the_drawing_is_found_in_every_section() {
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let manifest = format!("[{section}]\nannals-store.workspace = true\n");
            let expected = ["`schemas` may not depend on `annals-store`"];
            assert_eq!(violations("schemas", &manifest), expected, "{section}");
            assert!(violations("query-api", &manifest).is_empty(), "{section}");
        }
        let hidden = "[target.'cfg(unix)'.dependencies]\nx = { package = 'annals-ingest' }\n";
        assert_eq!(violations("store", hidden).len(), 1);
    }

    #[test]
    fn no_process_crate_may_depend_on_another() {
        for (crate_name, other) in
            [("ingest", "projector"), ("projector", "query-api"), ("query-api", "ingest")]
        {
            let manifest = format!("[dependencies]\nannals-{other}.workspace = true\n");
            assert_eq!(violations(crate_name, &manifest).len(), 1, "{crate_name}");
        }
    }

    #[test]
    fn outside_crates_stay_with_their_owner() {
        let kafka = "[dependencies]\nrdkafka.workspace = true\n";
        assert_eq!(violations("ingest", kafka), ["`rdkafka` belongs to `broker` alone"]);
        assert!(violations("broker", kafka).is_empty());
        assert_eq!(violations("store", "[dependencies]\ntantivy = '0.25'\n").len(), 1);
        for offline in OFFLINE {
            assert_eq!(violations(offline, "[dependencies]\ntokio = '1'\n").len(), 1);
        }
    }

    #[test]
    fn a_crate_that_nobody_drew_is_found() {
        assert_eq!(violations("common", ""), ["`common` is not in the dependency table"]);
        assert!(violations("fuzz", "").is_empty());
    }
}
