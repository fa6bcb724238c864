//! How one answer leads to the next request, as OpenAPI draws it: readers of the document see it,
//! and programs that try the API out of the document follow it.

use utoipa::openapi::link::Link;
use utoipa::openapi::{OpenApi, RefOr};

/// From an operation's answer to another operation, whose parameters are found in request and
/// answer.
struct Lead {
    from: (&'static str, &'static str),
    to: &'static str,
    parameters: &'static [(&'static str, &'static str)],
}

const WORKSPACE: (&str, &str) = ("workspace", "$request.path.workspace");
const FIRST_ROW: (&str, &str) = ("event_id", "$response.body#/data/0/event_id");

const LEADS: [Lead; 6] = [
    Lead {
        from: ("post_event", "202"),
        to: "event",
        parameters: &[
            ("workspace", "$request.body#/workspace_id"),
            ("event_id", "$response.body#/items/0/event_id"),
        ],
    },
    Lead { from: ("events", "200"), to: "event", parameters: &[WORKSPACE, FIRST_ROW] },
    Lead { from: ("events", "200"), to: "event_proof", parameters: &[WORKSPACE, FIRST_ROW] },
    Lead { from: ("events", "200"), to: "undo", parameters: &[WORKSPACE, FIRST_ROW] },
    Lead {
        from: ("exports", "201"),
        to: "export_manifest",
        parameters: &[WORKSPACE, ("id", "$response.body#/id")],
    },
    Lead {
        from: ("resources", "200"),
        to: "resource",
        parameters: &[
            WORKSPACE,
            ("type", "$response.body#/data/0/type"),
            ("id", "$response.body#/data/0/id"),
        ],
    },
];

/// Draws them. An operation that is not in the document leads nowhere.
pub(super) fn draw(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post].into_iter().flatten();
        for operation in operations {
            for Lead { from: (id, status), to, parameters } in &LEADS {
                let is_from = operation.operation_id.as_deref() == Some(id);
                let response = operation.responses.responses.get_mut(*status);
                let (true, Some(RefOr::T(response))) = (is_from, response) else { continue };
                let link = Link::builder().operation_id(*to);
                let link = parameters
                    .iter()
                    .fold(link, |link, (name, value)| link.parameter(*name, *value));
                response.links.insert((*to).to_owned(), link.build().into());
            }
        }
    }
}
