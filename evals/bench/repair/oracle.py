"""Hidden tests: requests whose answers must be those of the service without the bug.

The right service is laid out in a folder of its own that no world knows of.  It is our own code and is driven directly;
a patched one is somebody else's and runs in the sandbox.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue

from evals.bench.repair import layout, observations
from evals.bench.repair.planted import Bug, Request, Traffic
from incident.capture import Capture
from incident.errors import Unavailable
from incident.remedy import FileEdit
from incident.value import Value
from tools import ports
from tools.git.repository import GitRepository
from tools.proof.checks import trial
from tools.sandbox.bwrap import Bubblewrap

WHEN = datetime(2025, 3, 3, tzinfo=UTC)


class Answer(Value):
    """An answer as the hidden tests compare it; None for a status: none came."""

    status: int | None
    body: JsonValue = None


class Marked(Value):
    """Result of the hidden tests: the requests that a service answers otherwise than the right one."""

    asked: int
    wrong: tuple[str, ...] = ()

    @property
    def correct(self) -> bool:
        """True when every hidden test passes; none at all is no pass."""
        return self.asked > 0 and not self.wrong


class Oracle:
    """The hidden tests of one bug."""

    def __init__(self, folder: Path, bug: Bug, traffic: Traffic, runtime: ports.Runtime) -> None:
        """Lay the right service out below `folder` and ask it.  Raises Unavailable."""
        self._bug, self._runtime = bug, runtime
        self.requests = requests(bug, traffic)
        layout.lay_out(folder / "right", bug.service, None)
        timed = tuple((request, WHEN) for request in self.requests)
        job = observations.Job(tree=folder / "right", service=bug.service, requests=timed)
        (driven,) = observations.drive((job,), runtime)
        self.right = tuple(map(answer, driven.answers))

    def mark(self, found: tuple[Answer, ...]) -> Marked:
        """Compare answers with the right ones."""
        pairs = zip(self.requests, self.right, found, strict=True)
        wrong = [
            f"{request.method} {request.path} [{number}]"
            for number, (request, expected, given) in enumerate(pairs)
            if given != expected
        ]
        return Marked(asked=len(self.requests), wrong=tuple(wrong))

    def judge(self, repository: Path, commit: str, scratch: Path, edits: tuple[FileEdit, ...]) -> Marked:
        """Mark a patched service, asked in the sandbox.  One that cannot be asked is wrong throughout."""
        scratch.mkdir(parents=True, exist_ok=True)
        git = GitRepository(repository)
        component = git.component(self._bug.service)
        if not isinstance(component, ports.Component):
            raise Unavailable(component.reason)
        subject = trial.Subject(commit=commit, component=component, runtime=self._runtime)
        cases = tuple(_case(self._bug.service, request) for request in self.requests)
        changed = {edit.path: edit.after for edit in edits}
        batch = trial.Bench(git, Bubblewrap(), scratch).drive(subject, changed, cases)
        if batch.broken or len(batch.replies) != len(cases):
            return self.mark(tuple(Answer(status=None) for _ in cases))
        return self.mark(tuple(map(_answer, batch.replies)))


def requests(bug: Bug, traffic: Traffic) -> tuple[Request, ...]:
    """The failing request, more of its kind, and everything that worked before."""
    return tuple(dict.fromkeys((bug.failing, *bug.hidden, *traffic.healthy)))


def answer(said: observations.Said) -> Answer:
    """The answer of a service that was driven directly."""
    return Answer(status=None if said.raised else said.status, body=_json(said.body))


def _answer(reply: trial.Reply) -> Answer:
    if reply.failures or reply.timed_out or reply.crashed or not reply.is_json:
        return Answer(status=None)
    return Answer(status=reply.status, body=reply.body)


def _json(text: str) -> JsonValue:
    try:
        found: JsonValue = json.loads(text)
    except ValueError:
        return text
    return found


def _case(service: str, request: Request) -> Capture:
    return Capture(
        at=WHEN,
        service=service,
        version="patched",
        route=f"{request.method} {request.path}",
        trace_id="",
        outcome="ok",
        status=200,
        method=request.method,
        path=request.path,
        headers={"content-type": "application/json"},
        body=request.body,
    )
