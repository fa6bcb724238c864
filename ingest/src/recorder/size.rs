//! How much room an event takes in the queue.

use annals_schemas::Event;

/// What an event takes in memory, roughly: its texts and what holds them.
pub(super) fn size_bytes(event: &Event) -> usize {
    const FIXED: usize = 512;
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let principal = |p: &annals_schemas::Principal| text(&p.id) + text(&p.name) + text(&p.email);
    let json = |j: &Option<annals_schemas::JsonText>| j.as_ref().map_or(0, |j| j.as_str().len());
    let resource =
        |r: &annals_schemas::Resource| 96 + r.resource_type.len() + r.id.len() + text(&r.name);
    let change = |c: &annals_schemas::Change| 96 + c.path.len() + json(&c.before) + json(&c.after);
    let context = &event.context;
    let context = [
        &context.ip,
        &context.user_agent,
        &context.request_id,
        &context.trace_id,
        &context.service,
        &context.origin,
    ];
    FIXED
        + event.action.len()
        + principal(&event.actor.principal)
        + event.actor.on_behalf_of.as_ref().map_or(0, principal)
        + event.resources.iter().map(resource).sum::<usize>()
        + event.changes.iter().map(change).sum::<usize>()
        + context.into_iter().map(text).sum::<usize>()
        + text(&event.description)
        + json(&event.metadata)
}
