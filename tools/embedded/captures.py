"""`ports.Captures` over the capture files of the embedded world."""

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Literal

from pydantic import ValidationError

from incident.capture import Capture
from incident.evidence import Missing
from tools.embedded import lines
from tools.embedded.shelf import Shelves
from tools.embedded.tail import Written

MAX_CAPTURES = 5_000
"""Requests of one service that are remembered, the newest; only the newest are ever asked for."""

SLACK = timedelta(seconds=30)
"""A request is recorded when it ended and dated when it began."""


class EmbeddedCaptures:
    """Recorded requests, from the files of all processes of a service.  Their values are the recorder's stand-ins and stay as they are: they are to be replayed."""

    def __init__(self, folder: lines.Folder) -> None:
        self._folder = folder
        self._shelves = Shelves(folder, "at", _capture, _same, MAX_CAPTURES)

    def recorded(
        self,
        service: str,
        outcome: Literal["failed", "ok"],
        start: datetime,
        end: datetime,
        version: str | None = None,
        limit: int = 200,
    ) -> tuple[Capture, ...] | Missing:
        """The newest `limit` requests of one outcome, oldest first; empty when none was recorded in that time."""
        files = self._folder.files(service)
        if isinstance(files, Missing):
            return files
        if limit <= 0:
            return ()
        shelf = self._shelves.of(service)
        shelf.catch_up(start - SLACK)
        fits = (capture for capture in shelf.between(start, end, version) if capture.outcome == outcome)
        return tuple(fits)[-limit:]


def _capture(written: Written) -> Capture | None:
    """The line's capture; None when it is malformed or says to be somebody else's."""
    file, body = written
    if (body.get("service"), body.get("version")) != (file.service, file.version):
        return None
    try:
        return Capture.model_validate(body)
    except (ValidationError, RecursionError):
        return None


def _same(_: Capture) -> Hashable | None:
    return None
