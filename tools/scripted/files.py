"""The files of the embedded world (docs/embedded-world.md) as a simulated world would have written them."""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import JsonValue

from incident.evidence import ErrorLog, Missing
from tools.scripted.world import ScriptedWorld

OUTCOMES: tuple[Literal["failed"], Literal["ok"]] = ("failed", "ok")
"""Outcomes of a recorded request."""

PID = 1
"""Process id in the names of the files: there is no process."""


class Files:
    """Log, span and capture files that grow up to the present when they are told to."""

    def __init__(self, world: ScriptedWorld, root: Path) -> None:
        self.folders = {name: root / name for name in ("logs", "spans", "captures", "repository")}
        """By the names that ``GET /world`` gives them."""
        self._world = world
        self._root = root
        self._until: datetime | None = None
        self._pending: dict[Path, list[str]] = {}

    def grow(self) -> None:
        """Write what happened since the last time; the first time what happened in the last minute."""
        now = self._world.stage.clock.now()
        self._pending.clear()
        if self._until is None:
            self._start(now)
        since = self._until or now - timedelta(minutes=1)
        if now <= since:
            return
        # The ports' windows include both ends, and what happened at `since` was written the last time.
        after = since + timedelta(microseconds=1)
        for service, found in sorted(self._world.stage.state.services.items()):
            for version in found.workload.versions:
                self._hello(service, version.name, version.started_at)
            logged = self._world.logs.errors(service, after, now)
            for error in () if isinstance(logged, Missing) else logged:
                self._write("logs", service, error.version, self._log(error))
            for capture in self._recorded(service, after, now):
                self._write("captures", service, capture["version"], capture)
        self._spans(after, now)
        self._flush()
        self._until = now

    def _start(self, now: datetime) -> None:
        """Write one healthy trace that shows the call graph."""
        for folder in self.folders.values():
            folder.mkdir(parents=True, exist_ok=True)
        services = self._world.stage.state.services
        for service, found in sorted(services.items()):
            for number, peer in enumerate(found.calls):
                serving = found.workload.serving
                name = "" if serving is None else serving.name
                kind = self._world.stage.state.kinds.get(peer)
                self._write("spans", service, name, _call((service, name, peer), number, now, kind))

    def _hello(self, service: str, version: str, now: datetime) -> None:
        """Write the first line of every process: that it started, and where its source lies."""
        place = self._place("logs", service, version)
        if place in self._pending or place.exists():
            return
        root = str(self._root / "checkouts" / service / version)
        line: dict[str, JsonValue] = {"ts": now.isoformat(), "level": "INFO", "message": "started", "root": root}
        self._write("logs", service, version, {**line, "service": service, "version": version})

    def _recorded(self, service: str, start: datetime, end: datetime) -> list[dict[str, JsonValue]]:
        captures = self._world.captures
        answers = [captures.recorded(service, outcome, start, end, limit=1000) for outcome in OUTCOMES]
        found = [capture for answer in answers if not isinstance(answer, Missing) for capture in answer]
        return [capture.model_dump(mode="json") for capture in sorted(found, key=lambda one: one.at)]

    def _spans(self, start: datetime, end: datetime) -> None:
        seen = set()
        for service in sorted(self._world.stage.state.services):
            for trace in self._world.traces.whole(service, start, end, limit=1000):
                if trace[0].trace_id not in seen:
                    seen.add(trace[0].trace_id)
                    for span in trace:
                        self._write("spans", span.service, span.version, span.model_dump(mode="json"))

    def _log(self, error: ErrorLog) -> dict[str, JsonValue]:
        root = self._root / "checkouts" / error.service / error.version
        return {
            "ts": error.at.isoformat(),
            "level": "ERROR",
            "service": error.service,
            "version": error.version,
            "logger": error.service,
            "message": "request failed",
            "trace_id": error.trace_id,
            "span_id": error.trace_id[:16],
            "route": error.route,
            "status": 500,
            "exception": {
                "type": error.exception,
                "message": error.message,
                "stack": [
                    {"file": str(root / one.path), "line": one.line, "function": one.function, "code": one.code}
                    for one in error.frames
                ],
            },
        }

    def _place(self, folder: str, service: str, version: JsonValue) -> Path:
        return self.folders[folder] / f"{service}.{version}.{PID}.jsonl"

    def _write(self, folder: str, service: str, version: JsonValue, line: dict[str, JsonValue]) -> None:
        self._pending.setdefault(self._place(folder, service, version), []).append(json.dumps(line) + "\n")

    def _flush(self) -> None:
        """Append what is pending, readable by its owner only where requests are kept."""
        # One opening for each file: a minute has thousands of lines.
        for place, lines in self._pending.items():
            mode = 0o600 if place.parent == self.folders["captures"] else 0o644
            handle = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, mode)
            with os.fdopen(handle, "a", encoding="utf-8") as file:
                file.writelines(lines)


def _call(
    names: tuple[str, str, str], number: int, now: datetime, kind: Literal["database", "queue"] | None
) -> dict[str, JsonValue]:
    service, version, peer = names
    system = {"database": "db.system.name", "queue": "messaging.system"}
    told: dict[str, JsonValue] = {system[kind]: "other"} if kind else {"http.response.status_code": 200}
    return {
        # A trace id of zeros alone is not valid (W3C Trace Context).
        "trace_id": "0" * 31 + "1",
        "span_id": f"{number:016x}",
        "parent_id": None,
        "service": service,
        "version": version,
        "name": f"GET {peer}",
        "kind": "client",
        "start": (now - timedelta(minutes=1)).isoformat(),
        "duration_ms": 1.0,
        "status": "unset",
        "attributes": {"peer.service": peer, **told},
    }
