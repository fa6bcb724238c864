"""The trace id of the current OpenTelemetry span, where its API is installed."""

from __future__ import annotations

import importlib
from typing import Any

_trace: Any = None
try:
    _trace = importlib.import_module("opentelemetry.trace")
except ImportError:
    pass


def current_trace_id() -> str | None:
    """32 hexadecimal digits; None without a span."""
    if _trace is None:
        return None
    context = _trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None
