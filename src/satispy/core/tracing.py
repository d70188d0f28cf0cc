"""Spans: named stretches of work that a trace is made of; nothing at all where nobody traces.

The code says ``with span("ingest.validate"):``. Only where an adapter has called `trace_with` is
anything opened, and only `core.otel` knows OpenTelemetry.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

Opener = Callable[..., AbstractContextManager[Any]]

_NOTHING: AbstractContextManager[None] = nullcontext()
_opener: Opener | None = None


def span(name: str, **attributes: str | int) -> AbstractContextManager[Any]:
    """Return a context manager around a stretch of work.

    Parameters
    ----------
    name
        Such as ``ingest.validate``.
    **attributes
        What distinguishes it, from small sets; never what a person sent.
    """
    return _NOTHING if _opener is None else _opener(name, attributes)


def trace_with(opener: Opener | None) -> None:
    """Open spans with this from now on; with None, no longer."""
    global _opener
    _opener = opener
