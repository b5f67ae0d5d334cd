"""Logs as JSON lines with trace ids and whole tracebacks."""

import json
import logging
import traceback
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from shopkit import settings, tracing

FRAMES = 24
"""Innermost frames of a traceback that are written."""

CHAINED = 5
"""Most exceptions behind one that are written."""


class JsonFormatter(logging.Formatter):
    """One record as one line."""

    def __init__(self, service: str, version: str) -> None:
        super().__init__()
        self._service, self._version = service, version

    def format(self, record: logging.LogRecord) -> str:
        trace_id, span_id = tracing.ids()
        line: dict[str, object] = {
            "ts": datetime.fromtimestamp(record.created, tz=timezone.utc).isoformat(),
            "level": record.levelname.lower(),
            "service": self._service,
            "version": self._version,
            "logger": record.name,
            "message": record.getMessage(),
            "trace_id": trace_id,
            "span_id": span_id,
        }
        line.update({key: value for key in ("route", "status", "root") if (value := getattr(record, key, None))})
        if record.exc_info and record.exc_info[1]:
            line["exception"] = _exception(record.exc_info[1])
        return json.dumps(line, separators=(",", ":"))


def _exception(error: BaseException) -> dict[str, object]:
    found = _one(error)
    chain = list(_behind(error))
    return {**found, "chain": chain} if chain else found


def _behind(error: BaseException) -> Iterator[dict[str, object]]:
    """Exceptions that stand behind one, as a traceback shows them; the nearest first."""
    for _ in range(CHAINED):
        above = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if above is None:
            return
        yield {"relation": "cause" if error.__cause__ else "context", **_one(above)}
        error = above


def _one(error: BaseException) -> dict[str, object]:
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return {
        "type": type(error).__name__,
        "message": str(error),
        "stack": [
            {"file": frame.filename, "line": frame.lineno, "function": frame.name, "code": frame.line or ""}
            for frame in frames
        ],
    }


def start(path: Path | None, service: str, version: str) -> None:
    """Write warnings of every library and everything of ours, to a file or to standard error.

    LOG_LEVEL is the least level that is written at all.
    """
    handler = logging.StreamHandler() if path is None else logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(JsonFormatter(service, version))
    handler.setLevel(settings.text("LOG_LEVEL", "INFO"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("shopkit").setLevel(logging.INFO)
    # The server logs an unhandled exception once more without its trace; `telemetry` has logged it by then.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
