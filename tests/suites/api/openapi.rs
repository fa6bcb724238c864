//! The document of the API: what it says is true.

use serde_json::{Value, json};

use crate::server::{Server, numbered, resource};

fn document(server: &Server) -> Value {
    server.annals.anonymous().get_json("/openapi.json")
}

#[test]
fn the_document_is_the_one_that_was_reviewed() {
    let server = Server::start();
    let mut document = document(&server);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    document["info"]["version"] = json!("[version]");
    insta::assert_json_snapshot!(document);
}

#[test]
fn the_page_of_the_document_needs_nothing_from_elsewhere() {
    let server = Server::start();
    let get = |path: &str| server.annals.anonymous().get(path);
    for (path, kind) in [
        ("/docs/", "text/html; charset=utf-8"),
        ("/docs/docs.js", "text/javascript; charset=utf-8"),
        ("/docs/docs.css", "text/css; charset=utf-8"),
    ] {
        let answer = get(path);
        assert_eq!((answer.status, answer.header("content-type")), (200, kind), "{path}");
        assert!(!answer.text().contains("//cdn") && !answer.text().contains("https://"), "{path}");
    }
    // The client follows the redirection.
    assert_eq!(get("/docs").status, 200);
}

/// Each parameter that is drawn is one that is read: none is refused as unknown.
#[test]
fn documented_parameters_are_parameters() {
    let server = Server::with_events(&[numbered(
        1,
        json!({
            "event_id": ID, "resources": [resource("segment", "s1", "VIP")],
        }),
    )]);
    let document = document(&server);
    let client = server
        .annals
        .client_with("*", &["audit:read", "audit:export", "audit:verify", "audit:admin"]);
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let Some(operation) = methods.get("get") else { continue };
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        for parameter in parameters.iter().filter(|parameter| parameter["in"] == "query") {
            let name = parameter["name"].as_str().unwrap();
            let answer = client.get(&format!("{}?{name}=%01", filled(path)));
            let errors = answer.json()["errors"].to_string();
            assert!(!errors.contains("is not a parameter here"), "{path} {name}: {errors}");
            asked += 1;
        }
        if path.starts_with("/v1/workspaces") {
            let answer = client.get(&format!("{}?not_a_parameter=1", filled(path)));
            assert_eq!(answer.status, 400, "{path}");
            assert!(answer.text().contains("is not a parameter here"), "{path}");
        }
    }
    assert!(asked > 100, "{asked}");
}

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// A path with what is there in the place of its parameters.
fn filled(path: &str) -> String {
    let values = [("workspace", "acme"), ("event_id", ID), ("type", "segment"), ("id", "s1")];
    values
        .iter()
        .fold(path.to_owned(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value))
}

/// Members of answers are the drawn ones, and all required ones are there.
#[test]
fn answers_have_the_drawn_shape() {
    let server = Server::with_events(&[
        numbered(
            1,
            json!({
                "event_id": ID, "actor": {"kind": "user", "id": "u1", "name": "Ana"},
                "resources": [resource("segment", "s1", "VIP")],
                "changes": [{"path": "a", "before": 1, "after": null}],
            }),
        ),
        numbered(2, json!({"action": "thing"})),
    ]);
    let document = document(&server);
    let mut checked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let Some(operation) = methods.get("get") else { continue };
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        if path.contains("/exports/") || schema.is_null() {
            continue;
        }
        let answer = server.admin.get_json::<Value>(&filled(path));
        check(&document, schema, &answer, path);
        checked += 1;
    }
    assert!(checked >= 18, "{checked}");
}

/// As much of JSON schema as the document uses.
fn check(document: &Value, schema: &Value, value: &Value, place: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let schema = document.pointer(name.trim_start_matches('#')).expect(name);
        return check(document, schema, value, place);
    }
    if let Some(either) = schema["oneOf"].as_array() {
        let one = either.iter().find(|schema| (schema["type"] == "null") == value.is_null());
        return check(document, one.unwrap_or_else(|| panic!("{place}: {value}")), value, place);
    }
    for schema in schema["allOf"].as_array().into_iter().flatten() {
        check_members(document, schema, value, place);
    }
    if let Some(names) = schema["enum"].as_array() {
        assert!(names.contains(value), "{place}: {value} is none of {names:?}");
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.clone(),
        Value::Null => return,
        one => vec![one.clone()],
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(types.contains(&json!(kind)), "{place}: {value} is no {types:?}");
    match value {
        Value::Array(items) => {
            items.iter().for_each(|item| check(document, &schema["items"], item, place));
        }
        Value::Object(members) if schema["properties"].is_object() => {
            check_members(document, schema, value, place);
            for name in members.keys() {
                assert!(schema["properties"].get(name).is_some(), "{place}: {name} is not drawn");
            }
        }
        _ => {}
    }
}

fn check_members(document: &Value, schema: &Value, value: &Value, place: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let schema = document.pointer(name.trim_start_matches('#')).expect(name);
        return check_members(document, schema, value, place);
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap();
        assert!(value.get(name).is_some(), "{place}: {name} is missing in {value}");
    }
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(value) = value.get(name) {
            check(document, member, value, &format!("{place} {name}"));
        }
    }
}
