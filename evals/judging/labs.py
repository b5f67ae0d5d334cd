"""Reads a running world from outside: its interface, its repository, its users' door."""

import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from pydantic import TypeAdapter

from evals.judging.seen import ChangedFile, Snapshot
from incident.evidence import Change, Missing, Signals
from incident.workload import Routing, Workload

_CHANGES: TypeAdapter[tuple[Change, ...]] = TypeAdapter(tuple[Change, ...])
JsonObject = dict[str, Any]
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Lab:
    """A world that answers at an address.  Every method raises httpx.HTTPError when it does not."""

    def __init__(self, url: str, timeout: float = 10.0) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=timeout, trust_env=False)
        self.repository = Path(str(self._get("/world")["repository"]))

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def workload(self, service: str) -> Workload:
        """One service as it is now."""
        return Workload.model_validate(self._get(f"/services/{service}"))

    def snapshot(self) -> Snapshot:
        """Everything that judges compare."""
        names: list[str] = list(self._get("/services"))
        return Snapshot(
            at=datetime.now(UTC),
            workloads={name: self.workload(name) for name in names},
            routed={name: sum(item.requests for item in self._routing(name).versions) for name in names},
            refs=refs(self.repository),
            history={name: self._history(name) for name in names},
        )

    def signals(self, service: str, start: datetime, end: datetime) -> Signals | Missing:
        """Golden signals of a service between two instants."""
        answer = self._get("/signals", service=service, start=start.isoformat(), end=end.isoformat())
        if "missing" in answer:
            return Missing(reason=str(answer["missing"]))
        return Signals.model_validate(answer)

    def doors(self) -> Mapping[str, str]:
        """The address at which each service is reached through its router, as its callers know it."""
        names: list[str] = list(self._get("/services"))
        environment: dict[str, str] = self._get(f"/services/{names[0]}/runtime")["environment"]
        return {name: environment[f"{name.upper().replace('-', '_')}_URL"] for name in names}

    def _routing(self, service: str) -> Routing:
        return Routing.model_validate(self._get(f"/services/{service}/routing"))

    def _history(self, service: str) -> tuple[Change, ...]:
        return _CHANGES.validate_python(self._get(f"/services/{service}/history", since=_EPOCH.isoformat()))

    def _get(self, path: str, **query: str) -> JsonObject:
        answer = self._http.get(path, params=query)
        answer.raise_for_status()
        found: JsonObject = answer.json()
        return found


def refs(repository: Path) -> dict[str, str]:
    """Every ref and the object it names."""
    listed = _git(repository, "for-each-ref", "--format=%(refname) %(objectname)")
    return dict(line.split(" ", 1) for line in listed.splitlines())


def changed(repository: Path, before: str, after: str) -> tuple[ChangedFile, ...]:
    """The files that differ between two commits, with both texts."""
    if before == after:
        return ()
    listed = _git(repository, "diff", "--name-status", "--no-renames", before, after)
    found = [line.split("\t", 1) for line in listed.splitlines()]
    return tuple(
        ChangedFile(
            path=path,
            before=None if how == "A" else _git(repository, "show", f"{before}:{path}"),
            after=None if how == "D" else _git(repository, "show", f"{after}:{path}"),
        )
        for how, path in found
    )


def _git(repository: Path, *arguments: str) -> str:
    ran = subprocess.run(
        ("/usr/bin/env", "git", "-C", str(repository), "-c", "safe.directory=*", *arguments),
        capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip
    return ran.stdout
