"""Plain JSON values of the objects that programs have: copies, so that later changes do no harm."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import uuid
from collections.abc import Mapping
from typing import Any

# Levels of `metadata`; an event may have 32, itself the first.
DEPTH_MAX = 31


def plain(value: Any, depth_left: int = DEPTH_MAX) -> Any:
    """A copy made of dictionaries, lists, texts, numbers, booleans and None.

    Dataclasses, pydantic models, enumerations, dates, UUIDs and decimals are understood.
    Raises TypeError for anything else, ValueError for what is nested too deep.
    """
    if value is None or isinstance(value, (bool, str)):
        return str(value) if isinstance(value, enum.Enum) else value
    if isinstance(value, enum.Enum):
        return plain(value.value, depth_left)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return None if value != value or value in (float("inf"), float("-inf")) else float(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (uuid.UUID, decimal.Decimal)):
        return str(value)
    if depth_left == 0:
        raise ValueError("a value is nested too deep for an event")
    return _gone_into(value, depth_left - 1)


def _gone_into(value: Any, depth_left: int) -> Any:
    if isinstance(value, Mapping):
        return {_name(name): plain(item, depth_left) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, depth_left) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item, depth_left) for item in value), key=repr)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {field.name: plain(getattr(value, field.name), depth_left) for field in fields}
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        return plain(dump(mode="json"), depth_left + 1)
    raise TypeError(f"{type(value).__name__} is no value of an event")


def _name(name: Any) -> str:
    if isinstance(name, enum.Enum):
        name = name.value
    if isinstance(name, str):
        return name
    raise TypeError(f"a member's name is {type(name).__name__}, no text")
