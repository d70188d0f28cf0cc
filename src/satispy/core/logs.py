"""Every log line of ours: JSON for machines, or text for a terminal; never a secret.

The code speaks to the standard library's `logging`; structlog renders what it says, and what the
libraries say, through its `ProcessorFormatter`. What a request or a task is bound to (`bound`)
stands in each of its lines. docs/observability.md lists the fields.
"""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars
from structlog.stdlib import ExtraAdder, ProcessorFormatter

from satispy.core.secrecy import masking, secrets_in
from satispy.core.settings import Settings, load_settings

OURS = ("satispy", "reviews_api", "uvicorn")
"""Loggers that speak from SATISPY_LOG_LEVEL on; of all others their warnings."""

# What moves a terminal's cursor or hides text, and what no UTF-8 can hold; JSON itself escapes
# C0. Written as JSON writes it, so that a reader of JSON gets back what was sent.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_FIRST = ("timestamp", "level", "logger", "event")

_NOT_OURS = ("message", "asctime", "color_message")
"""What other handlers leave in a record, and uvicorn's text for terminals."""

_json = json.JSONEncoder(ensure_ascii=False, default=str).encode

Line = MutableMapping[str, Any]


def bound(**fields: Any) -> None:
    """Let these fields, and none from before, stand in each line of this request or task."""
    clear_contextvars()
    bind_contextvars(**fields)


def formatter(kind: str, secrets: Iterable[str] = ()) -> logging.Formatter:
    """Return what turns a record into one line.

    Parameters
    ----------
    kind
        ``json``, or ``console``: then a traceback follows, indented, so that no line of it can
        pass for one of ours.
    secrets
        Known secrets, masked beside what looks like one.
    """
    clean = masking(secrets)

    def mask(_logger: Any, _method: str, line: Line) -> Line:
        return dict(clean(line))

    return ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            ExtraAdder(),
            _when,
        ],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            mask,
            _as_json if kind == "json" else _as_text,
        ],
    )


def line_formatter(settings: Settings, stream: TextIO) -> logging.Formatter:
    """Return the formatter that the settings ask for, or that suits the stream."""
    kind = settings.log_format or ("console" if stream.isatty() else "json")
    return formatter(kind, secrets_in(settings))


def set_levels(level: str) -> None:
    """Let ours speak from a level on."""
    for name in OURS:
        logging.getLogger(name).setLevel(level)


def for_uvicorn() -> logging.Handler:
    """Return the handler that `log_config.json` names, for uvicorn reads its logging from there.

    It is called in each of uvicorn's processes before the application is built.
    """
    settings = load_settings()
    set_levels(settings.log_level)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(line_formatter(settings, sys.stderr))
    return handler


def masker(settings: Settings) -> Callable[[str], str]:
    """Return what masks the secrets in a text that does not pass through a log."""
    clean = masking(secrets_in(settings))
    return lambda text: str(clean(text))


def printable(text: str) -> str:
    """Return a text on one line: what cannot be printed is written as JSON writes it."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _when(_logger: Any, _method: str, line: Line) -> Line:
    record: logging.LogRecord = line["_record"]
    moment = datetime.fromtimestamp(record.created, UTC)
    line["timestamp"] = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    for name in _NOT_OURS:
        line.pop(name, None)
    return line


def _ordered(line: Mapping[str, Any]) -> dict[str, Any]:
    return {name: line[name] for name in _FIRST if name in line} | {
        name: value for name, value in line.items() if name not in _FIRST and value is not None
    }


def _as_json(_logger: Any, _method: str, line: Line) -> str:
    return printable(_json(_ordered(line)))


def _as_text(_logger: Any, _method: str, line: Line) -> str:
    trace = line.pop("exception", "")
    found = _ordered(line)
    clock, level, logger, event = (str(found.pop(name, "")) for name in _FIRST)
    more = " ".join(f"{name}={_word(value)}" for name, value in found.items())
    head = f"{clock[11:19]} {level:<7} {printable(logger)}: {printable(event)}"
    tail = "".join(f"\n    {printable(part)}" for part in trace.splitlines())
    return f"{head}{f'  [{more}]' if more else ''}{tail}"


def _word(value: Any) -> str:
    text = printable(str(value))
    return f'"{text}"' if " " in text else text
