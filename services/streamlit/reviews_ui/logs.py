"""The page's log lines: the fields of the API's, so that one request id leads through both.

Only what the page itself says, and Streamlit; the address of a request never, for it may hold what
somebody typed.
"""

import json
import logging
import os
import re
import sys
from datetime import UTC, datetime

FIELDS = ("request_id", "user", "method", "path", "status", "error", "duration_ms")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_SECRETS = re.compile(
    r"(\w+://)[^\s/'\"<>]*@"
    r"|((?:authorization|password|secret|token|key)[\"']?\s*[=:]\s*)"
    r"[\"']?(?:basic |bearer )?[^\s\"'&,;)}]+",
    re.IGNORECASE,
)
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

log = logging.getLogger("reviews_ui")


class Lines(logging.Formatter):
    """One line per record: JSON, or for a terminal text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without secrets and without what could pass for another line."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "timestamp": moment.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _masked(record.getMessage()),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = _masked(self.formatException(record.exc_info))
        if _as_json():
            return _escaped(json.dumps(line, ensure_ascii=False, default=str))
        more = " ".join(f"{name}={_escaped(str(value))}" for name, value in line.items())
        return more.partition("level=")[2]


class _Output(logging.Handler):
    """Writes to the standard error as it is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(f"{self.format(record)}\n")
        sys.stderr.flush()


def install() -> None:
    """Let the page and Streamlit write such lines; Streamlit makes loggers later too, so often."""
    if not log.handlers:
        output = _Output()
        output.setFormatter(Lines())
        log.addHandler(output)
        level = os.environ.get("SATISPY_LOG_LEVEL", "INFO")
        log.setLevel(level if level in LEVELS else "INFO")
    for name, logger in list(logging.Logger.manager.loggerDict.items()):
        if isinstance(logger, logging.Logger) and name.partition(".")[0] == "streamlit":
            for handler in logger.handlers:
                handler.setFormatter(Lines())


def _as_json() -> bool:
    chosen = os.environ.get("SATISPY_LOG_FORMAT")
    return chosen == "json" or (chosen != "console" and not sys.stderr.isatty())


def _masked(text: str) -> str:
    return _SECRETS.sub(lambda found: f"{found[1] or found[2]}***{'@' if found[1] else ''}", text)


def _escaped(text: str) -> str:
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
