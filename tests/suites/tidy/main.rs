//! The house style, checked: sizes, dependencies, owners of dangerous calls, wording, acceptance.
//!
//! Each rule is a function from files to violations. Here it runs over the repository; in its own
//! module it is shown samples that break it, so that a rule that cannot fail is noticed.

mod acceptance;
mod dependencies;
mod owners;
mod paths;
mod sizes;
mod source;
mod test_names;
mod tree;
mod unused;
mod verifier;
mod violation;
mod wording;

use std::collections::BTreeSet;

use source::SourceFile;
use violation::{Violation, assert_none};

fn each(rule: impl Fn(&SourceFile) -> Vec<Violation>) -> Vec<Violation> {
    tree::repository().iter().flat_map(rule).collect()
}

#[test]
fn the_walk_finds_the_repository() {
    let files = tree::repository();
    for expected in ["Cargo.toml", "tests/suites/tidy/main.rs", "service/src/clock.rs"] {
        assert!(files.iter().any(|file| file.path == expected), "{expected}");
    }
    assert!(files.iter().all(|file| !file.path.starts_with("target/")));
}

/// What a product's service links for the recorder alone, as cargo resolves it.
#[test]
fn the_recorder_alone_stays_small() {
    let crates = linked_by("annals-ingest");
    assert!(crates.contains("annals-schemas") && crates.contains("tokio"), "{crates:?}");
    for other in ["rdkafka", "reqwest", "axum", "hyper", "jsonschema", "schema_registry_converter"]
    {
        assert!(!crates.contains(other), "{other}");
    }
    assert!(crates.len() <= 90, "{} crates", crates.len());
}

/// What a verifier trusts beside this repository: nothing that could ask anybody.
#[test]
fn the_verifier_links_nothing_of_networks() {
    let crates = linked_by("annals-verify");
    assert!(crates.contains("annals-schemas") && crates.contains("ed25519-dalek"), "{crates:?}");
    let networks = ["tokio", "mio", "socket2", "hyper", "reqwest", "rdkafka", "object_store"];
    let others = ["rustls", "ring", "openssl", "futures-core", "async-trait", "annals-store"];
    for other in networks.iter().chain(&others) {
        assert!(!crates.contains(*other), "{other}");
    }
    assert!(crates.len() <= 50, "{} crates", crates.len());
}

/// The crates that a package of the workspace links, itself among them.
fn linked_by(package: &str) -> BTreeSet<String> {
    let mut cargo = std::process::Command::new("cargo");
    cargo.args(["tree", "--offline", "--locked", "-p", package, "-e", "normal"]);
    cargo.args(["--prefix", "none"]).current_dir(annals_tests::environment::repository());
    let said = cargo.output().expect("cargo can be run, since it runs this");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let said = String::from_utf8_lossy(&said.stdout);
    said.lines().filter_map(|line| Some(line.split(' ').next()?.to_owned())).collect()
}

#[test]
fn files_stay_small() {
    assert_none(&each(sizes::file_length));
}

#[test]
fn test_modules_stay_small_or_move_out() {
    assert_none(&each(sizes::inline_test_length));
}

#[test]
fn functions_stay_short() {
    assert_none(&each(sizes::function_length));
}

#[test]
fn lines_stay_narrow() {
    assert_none(&each(sizes::columns));
}

#[test]
fn every_module_says_what_it_is_for() {
    assert_none(&each(wording::module_head));
}

#[test]
fn nothing_is_left_to_do() {
    assert_none(&each(wording::unfinished));
}

#[test]
fn no_machine_is_named() {
    assert_none(&each(wording::machine_paths));
}

#[test]
fn crates_depend_only_as_drawn() {
    assert_none(&dependencies::check(&tree::repository()));
}

#[test]
fn every_dependency_is_used() {
    assert_none(&unused::check(&tree::repository()));
}

#[test]
fn dangerous_calls_stay_with_their_owners() {
    assert_none(&each(owners::check));
}

#[test]
fn the_verifier_asks_nobody() {
    assert_none(&each(verifier::check));
    assert_none(&verifier::forbids_unsafe(&tree::repository()));
}

#[test]
fn acceptance_names_tests_that_exist() {
    assert_none(&acceptance::check(&tree::repository()));
}
