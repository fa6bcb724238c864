"""In which fields two states differ."""

from __future__ import annotations

from typing import Any

from .canonical import canonical
from .paths import path_of

_ABSENT: Any = object()


def changes_between(before: Any, after: Any) -> list[dict[str, Any]]:
    """The fields in which two plain values differ, in the order of their names.

    Objects are gone into, also where the other side has nothing there, unless they are empty;
    lists and plain values are compared as a whole. Of a field that only one of them has the other
    side is absent.
    """
    changes: list[dict[str, Any]] = []
    _collect([], before, after, changes)
    return changes


def _collect(path: list[str], before: Any, after: Any, changes: list[dict[str, Any]]) -> None:
    if _is_object_or_nothing(before) and _is_object_or_nothing(after):
        sides = [side for side in (before, after) if isinstance(side, dict)]
        if sides:
            names = sorted({name for side in sides for name in side})
            if not names and not _same(before, after):
                _add(path, before, after, changes)
            for name in names:
                _collect([*path, name], _member(before, name), _member(after, name), changes)
            return
    if not _same(before, after):
        _add(path, before, after, changes)


def _is_object_or_nothing(side: Any) -> bool:
    # A resource that was made or removed: each of its fields was.
    return side is _ABSENT or side is None or isinstance(side, dict)


def _member(side: Any, name: str) -> Any:
    return side.get(name, _ABSENT) if isinstance(side, dict) else _ABSENT


def _same(before: Any, after: Any) -> bool:
    if before is _ABSENT or after is _ABSENT:
        return before is after
    # To Python, True equals 1.
    return canonical(before) == canonical(after)


def _add(path: list[str], before: Any, after: Any, changes: list[dict[str, Any]]) -> None:
    sides = {"before": before, "after": after}
    there = {name: side for name, side in sides.items() if side is not _ABSENT}
    changes.append({"path": path_of(path), **there})
