"""A list query and its answer by looking at every event of the workspace."""
from urllib.parse import quote

from event import micros
from fold import fold


class Query:
    """Filters as parameter pairs. Different parameters are and-ed, values of one parameter or-ed."""

    def __init__(self, pairs):
        self.pairs = pairs
        self.values = {}
        for name, value in pairs:
            self.values.setdefault(name, []).append(value)

    def text(self):
        """The query string, percent-encoded."""
        return "&".join(f"{name}={quote(value, safe='')}" for name, value in self.pairs)

    def one(self, name, default=None):
        return self.values.get(name, [default])[0]

    def answer(self, workspace):
        """The matching events, newest first."""
        events = list(workspace.events)
        for test in (*self._fields(), self._what(), self._when(), self._resource(workspace)):
            if test is not None:
                events = [event for event in events if test(event)]
        return events

    def _fields(self):
        for name, field in (("actor", "actor"), ("actor_kind", "actor_kind"), ("on_behalf_of", "behalf"), ("kind", "kind"), ("outcome", "outcome")):
            if name in self.values:
                yield lambda event, field=field, values=set(self.values[name]): getattr(event, field) in values

    def _what(self):
        actions = self.values.get("action")
        return (lambda event: any(action_matches(event.action, pattern) for pattern in actions)) if actions else None

    def _when(self):
        start = micros(self.one("from")) if "from" in self.values else None
        end = micros(self.one("to")) if "to" in self.values else None
        if start is None and end is None:
            return None
        return lambda event: (start is None or event.effective >= start) and (end is None or event.effective < end)

    def _resource(self, workspace):
        """Type, id and name must hold on one and the same resource of the event."""
        types, ids = self.values.get("resource_type"), self.values.get("resource_id")
        text = fold(self.one("resource_name", ""))
        if types is None and ids is None and text == "":
            return None
        bears = self._name_test(workspace, text)
        matching = {(kind, identity, name) for kind, identity, name in workspace.resources
                    if (types is None or kind in types) and (ids is None or identity in ids) and bears(kind, identity, name)}
        return lambda event: not matching.isdisjoint(event.resources)

    def _name_test(self, workspace, text):
        if text == "":
            return lambda kind, identity, name: True
        mode = self.one("name_match", "contains")
        matching = {name for name, folded in workspace.folded.items() if name_matches(folded, text, mode)}
        if self.one("name_scope", "ever") == "event":
            return lambda kind, identity, name: name in matching
        bearers = {resource for resource, names in workspace.names.items() if not names.isdisjoint(matching)}
        return lambda kind, identity, name: (kind, identity) in bearers


def action_matches(action, pattern):
    """`segment.*` stands for every action that begins with `segment.`; any other pattern for itself."""
    return action.startswith(pattern[:-1]) if pattern.endswith(".*") else action == pattern


def name_matches(folded, text, mode):
    """Whether a folded name matches a folded text in one of the three modes."""
    if mode == "exact":
        return folded == text
    if mode == "prefix":
        return folded.startswith(text)
    return all(part in folded for part in text.split(" "))
