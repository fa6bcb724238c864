"""Where a field is: dotted (`filter.countries[0]`) or a JSON pointer (RFC 6901)."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[^.\[\]/]+")
_INDEX = re.compile(r"\+?[0-9]+")


def parts_of(path: str) -> list[str]:
    """The names that a path is made of, the outermost first."""
    if path.startswith("/"):
        return [part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/")]
    parts: list[str] = []
    for part in path.split(".") if path else []:
        name, bracket, rest = part.partition("[")
        if bracket and rest.endswith("]"):
            parts.extend([name] if name else [])
            parts.extend(index.strip("\"'") for index in rest.rstrip("]").split("]["))
        else:
            parts.append(part)
    return parts


def path_of(parts: list[str]) -> str:
    """Dotted if no name has a character that means something there, else a pointer; `/` of all."""
    if parts and all(_PLAIN.fullmatch(part) for part in parts):
        return ".".join(parts)
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts) or "/"


def index_of(part: str) -> int | None:
    """The place in a list that a part of a path tells, if it tells one."""
    return int(part) if _INDEX.fullmatch(part) else None
