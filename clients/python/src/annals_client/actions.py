"""`actions.json`, as far as a client needs it: which fields of which actions are secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .paths import index_of, parts_of

MASK = "••••"
_MEMBERS = {"label", "kind", "aliases", "secret"}


class InvalidActions(ValueError):
    """A text that is no `actions.json`."""


class Actions:
    """Masks the values of fields that are secret under an event's action."""

    def __init__(self, entries: dict[str, dict[str, Any]]) -> None:
        if not isinstance(entries, dict):
            raise InvalidActions("an actions file is an object of entries by action")
        self._secrets: dict[str, list[list[str]]] = {}
        owners = dict.fromkeys(entries)
        for action, entry in entries.items():
            secrets = _secrets_of(action, entry)
            for key in [action, *entry.get("aliases", [])]:
                other = owners.get(key, key)
                if key != action and key in owners:
                    raise InvalidActions(
                        f"alias `{key}` of action `{action}` already belongs to `{other or key}`"
                    )
                owners[key] = action
                self._secrets[key] = secrets

    @classmethod
    def parse(cls, text: str) -> Actions:
        """Reads the text of an `actions.json`."""
        try:
            return cls(json.loads(text))
        except json.JSONDecodeError as error:
            raise InvalidActions(f"not an actions file: {error}") from error

    @classmethod
    def read(cls, file: str | Path) -> Actions:
        """Reads an `actions.json`."""
        return cls.parse(Path(file).read_text(encoding="utf-8"))

    def mask(self, event: dict[str, Any]) -> None:
        """Replaces what is secret in the event's changes and metadata. Null stays."""
        for secret in self._secrets.get(event.get("action", ""), ()):
            for change in event.get("changes", ()):
                path = [] if change["path"] == "/" else parts_of(change["path"])
                below = _below(path, secret)
                for side in ("before", "after"):
                    if below is not None and side in change:
                        change[side] = _masked(change[side], below)
            if "metadata" in event:
                event["metadata"] = _masked(event["metadata"], secret)


def _secrets_of(action: str, entry: Any) -> list[list[str]]:
    if not isinstance(entry, dict) or not entry.keys() <= _MEMBERS:
        raise InvalidActions(f"action `{action}`: an entry has {', '.join(sorted(_MEMBERS))}")
    for name in ("aliases", "secret"):
        texts = entry.get(name, [])
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise InvalidActions(f"action `{action}`: {name} is a list of texts")
    if "" in entry.get("secret", []):
        raise InvalidActions(f"action `{action}`: a secret has an empty path")
    return [parts_of(path) for path in entry.get("secret", [])]


def _below(path: list[str], secret: list[str]) -> list[str] | None:
    """What of a secret's path is left below a field's; None if they have nothing in common.

    A field may be an item of a list of which the secret tells no index.
    """
    left = secret
    for part in path:
        if not left:
            break
        if left[0] == part:
            left = left[1:]
        elif index_of(part) is None:
            return None
    return left


def _masked(value: Any, path: list[str]) -> Any:
    if value is None:
        return None
    if not path:
        return MASK
    if isinstance(value, dict):
        if path[0] not in value:
            return value
        return {**value, path[0]: _masked(value[path[0]], path[1:])}
    if isinstance(value, list):
        at = index_of(path[0])
        if at is None:
            return [_masked(item, path) for item in value]
        return [_masked(v, path[1:]) if i == at else v for i, v in enumerate(value)]
    return value
