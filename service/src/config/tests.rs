//! Tests of the loader.

use super::*;
use serde::Deserialize;
use std::collections::BTreeMap;

const KNOWN: Known = Known {
    keys: &[&[
        Key::new("http.listen", Kind::Text),
        Key::new("http.allowed_origins", Kind::List),
        Key::new("auth.roles", Kind::Table),
        Key::new("kafka.properties", Kind::Properties),
        Key::new("storage.seal_bytes", Kind::Integer),
        Key::new("limits.strict", Kind::Boolean),
    ]],
    other_variables: &["ANNALS_TOKEN"],
};

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
struct Example {
    http: Http,
    auth: Auth,
    kafka: Kafka,
    storage: Storage,
    limits: Limits,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(default)]
struct Http {
    listen: std::net::SocketAddr,
    allowed_origins: Vec<String>,
}

impl Default for Http {
    fn default() -> Self {
        Self { listen: ([127, 0, 0, 1], 8080).into(), allowed_origins: vec![] }
    }
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
struct Auth {
    roles: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
struct Kafka {
    properties: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
struct Storage {
    seal_bytes: u32,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
struct Limits {
    strict: bool,
}

/// Loads the text as a file named annals.toml; errors come back as text without the directory.
fn from(
    text: &str,
    variables: &[(&str, &str)],
    flags: &[(&str, Value)],
) -> Result<Example, String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("annals.toml");
    std::fs::write(&path, text).unwrap();
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let variables: Vec<_> = variables.iter().map(pair).collect();
    let prefix = format!("{}/", directory.path().display());
    load_with(&KNOWN, Some(&path), &variables, flags)
        .map_err(|error| error.to_string().replace(&prefix, ""))
}

#[test]
fn later_sources_win_over_earlier_ones() {
    let text = "[http]\nlisten = '127.0.0.1:1'\n[storage]\nseal_bytes = 5\n";
    let listen = |config: Example| config.http.listen.port();
    assert_eq!(listen(from("", &[], &[]).unwrap()), 8080);
    assert_eq!(listen(from(text, &[], &[]).unwrap()), 1);
    let variables = [("ANNALS_HTTP_LISTEN", "127.0.0.1:2"), ("ANNALS_TOKEN", "left alone")];
    assert_eq!(listen(from(text, &variables, &[]).unwrap()), 2);
    let flags = [("http.listen", Value::String("127.0.0.1:3".to_owned()))];
    let config = from(text, &variables, &flags).unwrap();
    assert_eq!(config.storage.seal_bytes, 5, "what nobody overrides stays");
    assert_eq!(listen(config), 3);
}

#[test]
fn every_kind_is_read_from_file_and_variable() {
    let text = "limits.strict = true\n[http]\nallowed_origins = ['https://a', 'https://b']\n\
                [auth]\nroles = { admin = ['audit:*'] }\n\
                [kafka.properties]\nsasl.mechanism = 'PLAIN'\n'security.protocol' = 'SSL'\n\
                linger.ms = 5\n";
    let config = from(text, &[], &[]).unwrap();
    assert!(config.limits.strict);
    assert_eq!(config.http.allowed_origins, ["https://a", "https://b"]);
    assert_eq!(config.auth.roles["admin"], ["audit:*"]);
    let property = |config: &Example, name: &str| config.kafka.properties[name].clone();
    assert_eq!(property(&config, "sasl.mechanism"), "PLAIN");
    assert_eq!(property(&config, "security.protocol"), "SSL");
    assert_eq!(property(&config, "linger.ms"), "5");
    let variables = [
        ("ANNALS_HTTP_ALLOWED_ORIGINS", "https://c, https://d"),
        ("ANNALS_KAFKA_PROPERTIES_SASL_MECHANISM", "SCRAM-SHA-512"),
        ("ANNALS_LIMITS_STRICT", "false"),
        ("ANNALS_STORAGE_SEAL_BYTES", "7"),
    ];
    let config = from(text, &variables, &[]).unwrap();
    assert_eq!(config.http.allowed_origins, ["https://c", "https://d"]);
    assert_eq!(property(&config, "sasl.mechanism"), "SCRAM-SHA-512");
    assert_eq!(property(&config, "security.protocol"), "SSL", "other properties stay");
    assert_eq!((config.limits.strict, config.storage.seal_bytes), (false, 7));
}

#[test]
fn what_nobody_knows_is_refused_with_the_nearest_name() {
    let cases = [
        (
            "[http]\n\nlisen = ''",
            "annals.toml:3: unknown key `http.lisen`; did you mean `http.listen`?",
        ),
        ("[htpp]\nlisten = ''", "annals.toml:1: unknown key `htpp`"),
        ("[http.listen]\nx = 1", "annals.toml:1: `http.listen`: must be a text, not table"),
        ("quite_other = 1", "annals.toml:1: unknown key `quite_other`"),
    ];
    for (text, expected) in cases {
        let error = from(text, &[], &[]).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
    let error = from("", &[("ANNALS_HTTP_LISEN", "x")], &[]).unwrap_err();
    let expected = "ANNALS_HTTP_LISEN: unknown key `ANNALS_HTTP_LISEN`; \
                    did you mean `ANNALS_HTTP_LISTEN`?";
    assert_eq!(error, expected);
    let error = from("", &[], &[("http.lsten", Value::Integer(1))]).unwrap_err();
    assert_eq!(error, "flag: unknown key `http.lsten`; did you mean `http.listen`?");
}

#[test]
fn a_wrong_value_is_named_with_its_place() {
    type Case = (&'static str, &'static [(&'static str, &'static str)], &'static str);
    let cases: [Case; 6] = [
        (
            "[storage]\nseal_bytes = '5'",
            &[],
            "annals.toml:2: `storage.seal_bytes`: must be a whole number, not string",
        ),
        ("[storage]\nseal_bytes = -1", &[], "annals.toml:2: `storage.seal_bytes`: "),
        ("[http]\nlisten = 'nowhere'", &[], "annals.toml:2: `http.listen`: invalid socket address"),
        ("", &[("ANNALS_STORAGE_SEAL_BYTES", "5k")], "ANNALS_STORAGE_SEAL_BYTES: `storage.seal_"),
        ("", &[("ANNALS_HTTP_LISTEN", "x")], "ANNALS_HTTP_LISTEN: `http.listen`: invalid socket"),
        ("[auth]\nroles = { admin = 'x' }", &[], "annals.toml:2: `auth.roles.admin`: "),
    ];
    for (text, variables, expected) in cases {
        let error = from(text, variables, &[]).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn broken_toml_and_missing_files_are_errors() {
    let error = from("[http]\nlisten = \n", &[], &[]).unwrap_err();
    assert!(error.starts_with("annals.toml:2: "), "{error}");
    let missing = Path::new("/nonexistent/annals.toml");
    let error = load_with::<Example>(&KNOWN, Some(missing), &[], &[]).unwrap_err();
    assert_eq!(error.to_string(), "cannot read /nonexistent/annals.toml");
}
