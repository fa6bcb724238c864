//! Calls that only their owners may make: the log's client, the index, file writes, the
//! environment, the clock. Test code is free.

use crate::paths;
use crate::source::SourceFile;
use crate::violation::Violation;

/// What is owned, how it is recognised, and the path prefixes that own it.
struct Ownership {
    what: &'static str,
    names: &'static [&'static str],
    owners: &'static [&'static str],
}

const OWNERSHIPS: [Ownership; 6] = [
    Ownership { what: "the Kafka client", names: &["rdkafka"], owners: &["broker/src/kafka/"] },
    Ownership { what: "tantivy", names: &["tantivy"], owners: &["index/"] },
    Ownership { what: "the environment", names: &ENVIRONMENT, owners: &["service/"] },
    Ownership { what: "the wall clock", names: &CLOCK, owners: &["service/src/clock.rs"] },
    Ownership { what: "writing files", names: &FILE_WRITES, owners: &FILE_WRITERS },
    Ownership { what: "a route that is not drawn", names: &ROUTES, owners: &ROUTERS },
];

const ENVIRONMENT: [&str; 7] = [
    "std::env::var",
    "std::env::var_os",
    "std::env::vars",
    "std::env::vars_os",
    "std::env::set_var",
    "std::env::remove_var",
    "std::env::*",
];

/// `routes!` draws a route where it is made; these make one that the document does not have.
const ROUTES: [&str; 1] = ["axum::routing"];

/// Pages, `/metrics`, and the tests of layers.
const ROUTERS: [&str; 3] =
    ["query-api/src/pages.rs", "annals/src/up/serving.rs", "service/src/http/"];

const CLOCK: [&str; 3] = ["std::time::SystemTime::now", "chrono::Utc::now", "chrono::Local::now"];

const FILE_WRITES: [&str; 18] = [
    "std::fs::write",
    "std::fs::rename",
    "std::fs::copy",
    "std::fs::remove_file",
    "std::fs::remove_dir",
    "std::fs::remove_dir_all",
    "std::fs::create_dir",
    "std::fs::create_dir_all",
    "std::fs::hard_link",
    "std::fs::set_permissions",
    "std::fs::DirBuilder",
    "std::fs::OpenOptions",
    "std::fs::File::create",
    "std::fs::File::create_new",
    "std::fs::File::options",
    "std::fs::*",
    "std::os::unix::fs::symlink",
    "tokio::fs",
];

const FILE_WRITERS: [&str; 7] = [
    "store/src/storage/",
    "broker/src/local/",
    "ingest/src/spool/",
    "index/",
    "annals/",
    // Hashes for proofs: derived, may be removed at any time.
    "query-api/src/evidence/hash_tiles.rs",
    // Token key and API keys: small secrets, written by one file alone.
    "service/src/access/secret_file.rs",
];

/// Nobody but the owners makes the call.
pub fn check(file: &SourceFile) -> Vec<Violation> {
    let Some(syntax) = &file.syntax else { return vec![] };
    if file.is_test() {
        return vec![];
    }
    let tests = file.test_lines();
    let named = paths::of(syntax, &file.text)
        .into_iter()
        .filter(|named| tests.iter().all(|lines| !lines.contains(&named.line)));
    let mut found: Vec<Violation> =
        named.filter_map(|named| violation(file, &named.path, named.line)).collect();
    // An import is seen as a `use` and as tokens.
    found.sort_by(|a, b| (a.line, &a.message).cmp(&(b.line, &b.message)));
    found.dedup();
    found
}

fn violation(file: &SourceFile, path: &str, line: usize) -> Option<Violation> {
    let within = |name: &&str| paths::is_within(path, name);
    let owned = OWNERSHIPS.iter().find(|ownership| ownership.names.iter().any(within))?;
    if owned.owners.iter().any(|owner| file.path.starts_with(owner)) {
        return None;
    }
    let message = format!("`{path}`: {} belongs to {}", owned.what, owned.owners.join(", "));
    Some(Violation::new(&file.path, line, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        check(&SourceFile::new(path, text.to_owned())).len()
    }

    #[test]
    fn each_owned_name_is_found_outside_and_allowed_inside() {
        for ownership in OWNERSHIPS {
            for name in ownership.names {
                let text = format!("//! x\nuse {name};\n");
                assert_eq!(count("projector/src/a.rs", &text), 1, "{name}");
                let owner = ownership.owners[0];
                let inside =
                    if owner.ends_with('/') { format!("{owner}a.rs") } else { owner.into() };
                assert_eq!(count(&inside, &text), 0, "{name} in {inside}");
            }
        }
    }

    #[test]
    fn calls_through_imports_are_found_and_reads_are_free() {
        let through = "//! x\nuse std::fs::{self, File};\n\
                       fn a() { File::create(p); fs::rename(p, q); }\n";
        assert_eq!(count("query-api/src/a.rs", through), 2);
        let reading = "//! x\nuse std::fs::{self, File};\n\
                       fn a() { File::open(p); fs::read(q); std::env::args(); }\n";
        assert_eq!(count("query-api/src/a.rs", reading), 0);
        let clock = "//! x\nuse std::time::SystemTime;\nfn a() { SystemTime::now(); }\n";
        assert_eq!(count("service/src/http/a.rs", clock), 1);
    }

    #[test]
    fn test_code_is_free_and_the_rest_of_its_file_is_not() {
        let call = "fn a() { std::fs::write(p, b); }";
        let text = format!("//! x\n#[cfg(test)]\nmod tests {{ {call} }}\n");
        assert_eq!(count("projector/src/a.rs", &text), 0);
        assert_eq!(count("projector/src/a.rs", &format!("{text}{call}\n")), 1);
        assert_eq!(count("projector/src/a_tests.rs", call), 0);
    }
}
