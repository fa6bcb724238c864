//! Events as rows of CSV (RFC 4180): what a product's own table of them would hold.
//!
//! `seq` numbers a workspace's events in the order of the log, as Annals does; `name_folded` is
//! the name as Annals compares it. Both would be the application's work; they are given, so that
//! every contestant answers the same.

use std::collections::HashMap;
use std::fmt::Write as _;

use annals_schemas::{Event, WorkspaceId};
use annals_store::fold_name;

/// Writes rows and counts them by workspace.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    counts: HashMap<WorkspaceId, u64>,
    line: String,
}

impl Rows {
    /// The names of the columns.
    pub(crate) const HEAD: &str = "workspace,seq,at,event_id,action,kind,outcome,actor_kind,\
        actor_id,actor_name,on_behalf_of,resource_type,resource_id,resource_name,name_folded,\
        ip,request_id,metadata\n";

    /// Appends an event, which is of the generator and has everything.
    pub(crate) fn write(&mut self, event: &Event, out: &mut Vec<u8>) {
        let count = self.counts.entry(event.workspace_id.clone()).or_default();
        *count += 1;
        let seq = *count;
        let Event { actor, resources, context, metadata, .. } = event;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let behalf = actor.on_behalf_of.as_ref().map(
            |one| serde_json::json!({"kind": one.kind.as_str(), "id": one.id, "name": one.name}),
        );
        let resource = resources.first();
        let name = resource.and_then(|resource| resource.name.clone()).unwrap_or_default();
        self.line.clear();
        // Writing to a string does not fail.
        let _ = write!(self.line, "{},{seq},", event.workspace_id);
        let at = event.occurred_at.map(|at| at.to_string()).unwrap_or_default();
        let fields: [&str; 16] = [
            &at,
            &event.event_id.to_string(),
            &event.action,
            event.kind().as_str(),
            event.outcome.as_str(),
            actor.principal.kind.as_str(),
            &text(&actor.principal.id),
            &text(&actor.principal.name),
            &behalf.map(|one| one.to_string()).unwrap_or_default(),
            resource.map_or("", |resource| &resource.resource_type),
            resource.map_or("", |resource| &resource.id),
            &name,
            &fold_name(&name),
            &text(&context.ip),
            &text(&context.request_id),
            metadata.as_ref().map_or("", |metadata| metadata.as_str()),
        ];
        for (index, field) in fields.into_iter().enumerate() {
            if index > 0 {
                self.line.push(',');
            }
            self.push(field);
        }
        self.line.push('\n');
        out.extend_from_slice(self.line.as_bytes());
    }

    fn push(&mut self, field: &str) {
        if !field.contains(['"', ',', '\n', '\r']) {
            return self.line.push_str(field);
        }
        self.line.push('"');
        self.line.push_str(&field.replace('"', "\"\""));
        self.line.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::{IdVersion, Plan, World};

    #[test]
    fn rows_have_all_columns_and_count_by_workspace() {
        let plan = Plan { events: 2_000, resources: 100, seed: 7, ids: IdVersion::V7 };
        let world = World::new(plan);
        let (mut rows, mut text) = (Rows::default(), Vec::new());
        let mut counts: HashMap<String, u64> = HashMap::new();
        for generated in world.events() {
            text.clear();
            rows.write(&generated.event, &mut text);
            let line = std::str::from_utf8(&text).unwrap();
            let mut fields = line.split(',');
            let count = counts.entry(fields.next().unwrap().to_owned()).or_default();
            *count += 1;
            assert_eq!(fields.next(), Some(count.to_string().as_str()), "{line}");
            // Metadata is the last column, and always in quotation marks that are doubled inside.
            let (plain, quoted) = line.trim_end().split_once(",\"{\"\"request_id").unwrap();
            assert!(quoted.ends_with("}\""), "{line}");
            if !plain.contains('"') {
                assert_eq!(plain.split(',').count(), Rows::HEAD.split(',').count() - 1, "{line}");
            }
        }
        assert!(counts.len() > 100, "{} workspaces", counts.len());
    }
}
