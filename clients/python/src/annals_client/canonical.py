"""One spelling of every JSON value: RFC 8785, but integers of 64 bits stay exact.

All clients write events this way, so that they can be compared byte for byte.
"""

from __future__ import annotations

import json
import re
from typing import Any

_INTEGERS = range(-(2**63), 2**64)
_SURROGATES = re.compile("[\ud800-\udfff]")


def canonical(value: Any) -> str:
    """The text of a plain value; members of objects are sorted by UTF-16 code units."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: well_formed(name).encode("utf-16-be"))
        return "{" + ",".join(f"{text(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(canonical, value)) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value in _INTEGERS else number(float(value))
    return number(value)


def text(value: str) -> str:
    """A string literal."""
    return json.dumps(well_formed(value), ensure_ascii=False)


def well_formed(value: str) -> str:
    """The same text, with U+FFFD for halves of surrogate pairs, which no UTF-8 can hold."""
    return value if value.isascii() else _SURROGATES.sub("\ufffd", value)


def number(value: float) -> str:
    """A double as ECMAScript writes it. NaN and infinities, which JSON does not know, are null."""
    if value != value or value in (float("inf"), float("-inf")):
        return "null"
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    written = (whole + fraction).lstrip("0")
    # The number is 0.DIGITS times ten to the power of `point`.
    leading = len(whole + fraction) - len(written)
    point = int(exponent or 0) + len(whole) - leading
    digits = written.rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = "." + digits[1:] if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}e{'+' if point > 0 else '-'}{abs(point - 1)}"
