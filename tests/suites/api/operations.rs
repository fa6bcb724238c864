//! The operations of the served document, each to be made into a request.

use annals_tests::http::{Answer, Http, encode};
use serde_json::{Value, json};

/// One method of one path, as the document draws it.
pub struct Operation {
    pub method: String,
    pub path: String,
    /// The scope it needs; without one it is for anybody.
    pub scope: Option<String>,
    /// The query string of the drawn examples.
    query: String,
    /// Media type and drawn example.
    body: Option<(String, Value)>,
}

/// What stands in the place of a path's parameters.
#[derive(Clone)]
pub struct Things {
    pub workspace: String,
    pub event_id: String,
    pub export_id: String,
    pub ticket: String,
    pub key_id: String,
}

/// All operations of a document.
pub fn all(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().unwrap().iter();
    let of_path = paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().iter();
        methods.map(move |(method, drawn)| Operation::new(document, method, path, drawn))
    });
    of_path.collect()
}

impl Operation {
    fn new(document: &Value, method: &str, path: &str, drawn: &Value) -> Self {
        let of_query = |parameter: &&Value| parameter["in"] == "query";
        let parameters = drawn["parameters"].as_array().into_iter().flatten().filter(of_query);
        let examples = parameters.filter_map(|parameter| {
            let example = parameter["example"].as_str().or(parameter["schema"]["example"].as_str());
            Some(format!("{}={}", parameter["name"].as_str()?, example?))
        });
        let body = drawn["requestBody"]["content"].as_object().and_then(|content| {
            let schema = &content.get("application/json")?["schema"];
            Some(("application/json".to_owned(), example(document, schema)?))
        });
        let needs_body = drawn["requestBody"]["required"] == true;
        assert!(body.is_some() || !needs_body, "{method} {path}: no example of its body");
        Self {
            method: method.to_uppercase(),
            path: path.to_owned(),
            scope: drawn["security"][0]["bearer"][0].as_str().map(str::to_owned),
            query: examples.collect::<Vec<_>>().join("&"),
            body,
        }
    }

    /// Whether it is for those who administer everything, and about no workspace.
    pub fn is_for_everything(&self) -> bool {
        self.path.starts_with("/v1/admin/")
    }

    /// Asks for it, about these things.
    pub fn ask(&self, client: &Http, things: &Things) -> Answer {
        let address = format!("{}?{}", self.filled(things), self.query);
        let request = client.request(&self.method, address.trim_end_matches('?'));
        client.send(match &self.body {
            Some((media_type, body)) => {
                let body = about(body.clone(), &things.workspace).to_string();
                request.header("content-type", media_type).body(body)
            }
            None => request,
        })
    }

    /// The path, its parameters told apart by what stands before them.
    ///
    /// # Panics
    /// When it has one that is not known here: then nobody has said what a stranger may see of it.
    fn filled(&self, things: &Things) -> String {
        let mut before = "";
        let segments = self.path.split('/').map(|segment| {
            let value = match (before, segment) {
                ("workspaces", "{workspace}") => &things.workspace,
                ("events", "{event_id}") => &things.event_id,
                ("resources", "{type}") => "segment",
                ("{type}", "{id}") => "s1",
                ("exports", "{id}") => &things.export_id,
                ("exports", "{ticket}") => &things.ticket,
                ("api-keys", "{id}") => &things.key_id,
                ("log", "{partition}") => "0",
                ("tile", "{tile}") => "0/000.p/1",
                _ => {
                    assert!(!segment.contains('{'), "{}: what is {segment}?", self.path);
                    before = segment;
                    return segment.to_owned();
                }
            };
            before = segment;
            encode(value)
        });
        segments.collect::<Vec<_>>().join("/")
    }
}

/// The example of a schema: its own, or that of its items.
fn example(document: &Value, schema: &Value) -> Option<Value> {
    if let Some(name) = schema["$ref"].as_str() {
        return example(document, document.pointer(name.trim_start_matches('#'))?);
    }
    if schema["type"] == "array" {
        return Some(json!([example(document, &schema["items"])?]));
    }
    schema.get("example").cloned()
}

/// A body that names this workspace where the example names one.
fn about(mut body: Value, workspace: &str) -> Value {
    match &mut body {
        Value::Array(items) => {
            items.iter_mut().for_each(|item| *item = about(item.take(), workspace));
        }
        members => {
            for name in ["workspace", "workspace_id"] {
                if let Some(member) = members.get_mut(name) {
                    *member = json!(workspace);
                }
            }
        }
    }
    body
}
