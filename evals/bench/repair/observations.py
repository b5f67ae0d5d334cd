"""Runs the service that is wrong, with the flight recorder around it, and keeps what recorder and log would hold."""

import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, JsonValue

from evals.bench.repair.planted import Bug, Request, Traffic
from incident.capture import Capture
from incident.errors import Unavailable
from incident.stacks import Frame
from incident.value import Value
from tools import ports

ROOT = Path(__file__).parents[3]
VERSION = "v1"
SECONDS = 1_700
"""For all jobs together, on a busy machine."""


class Raised(Value):
    """An exception that left the service, innermost frame last."""

    type: str
    message: str
    frames: tuple[Frame, ...]


class Said(Value):
    """The service's answer to one request, with its log."""

    status: int | None
    body: str
    raised: Raised | None = None


class Seen(Value):
    """A service's good requests and the failing one, as they were recorded."""

    captures: tuple[Capture, ...]
    failure: Raised
    route: str


def witness(tree: Path, runtime: ports.Runtime, bug: Bug, traffic: Traffic, wakes: datetime) -> Seen:
    """Drive the service: a minute of good requests before `wakes`, and the failing kind from then on.

    Raises LookupError when the failing request does not fail, Unavailable when the service cannot be driven.
    """
    good = [(request, wakes - timedelta(seconds=50 - at)) for at, request in enumerate(traffic.healthy)]
    again = [(request, wakes + timedelta(seconds=1 + at / 4)) for at, request in enumerate(traffic.healthy)]
    bad = [(bug.failing, wakes + timedelta(seconds=2 + at)) for at in range(3)]
    job = Job(tree=tree, service=bug.service, requests=(*good, *again, *bad), private=traffic.private)
    (driven,) = drive((job,), runtime)
    # Before `wakes` nobody sent what fails.
    captures = tuple(sorted((item for item in driven.captures if item.outcome == "ok" or item.at >= wakes), key=_time))
    failure = driven.answers[-1].raised
    if failure is None:
        raise LookupError(f"{bug.name}: the failing request does not fail")
    return Seen(captures=captures, failure=failure, route=_failed(bug, captures).route)


def _failed(bug: Bug, captures: Sequence[Capture]) -> Capture:
    """The newest recorded failure of the failing request's own kind; a healthy request may have come after it."""
    own = [
        item
        for item in captures
        if (item.outcome, item.method) == ("failed", bug.failing.method)
        and _lengths(item.path) == _lengths(bug.failing.path)
    ]
    if not own:
        raise LookupError(f"{bug.name}: the recorder kept no failure of {bug.failing.path}")
    return own[-1]


def _lengths(path: str) -> list[int]:
    """Lengths of the path's segments, which the recorder keeps where it puts a stand-in."""
    return [len(part) for part in path.split("/")]


def _time(capture: Capture) -> datetime:
    return capture.at


class Job(Value):
    """A tree to drive with requests at their times."""

    tree: Path
    service: str
    requests: tuple[tuple[Request, AwareDatetime], ...]
    private: frozenset[str] = frozenset()
    """Keys whose values the recorder replaces."""
    suite: bool = False
    """True when the service's own tests are run, too."""
    seconds: int | None = None
    """Processor time that it may take, and three times as long by the clock; None for a service that ends by itself."""


class Driven(Value):
    """Answers of the service, the recorder's lines, and the exit code of the tests."""

    answers: tuple[Said, ...]
    captures: tuple[Capture, ...] = ()
    suite: int | None = None


def drive(jobs: Sequence[Job], runtime: ports.Runtime) -> tuple[Driven, ...]:
    """Do the jobs, each in a process of its own.  Raises Unavailable, also when one of them did not end."""
    found, errors = _drive(jobs, runtime)
    for job, driven in zip(jobs, found, strict=True):
        if driven is None:
            raise Unavailable(f"{job.service} cannot be driven: {errors.strip()[-300:]}")
    return tuple(driven for driven in found if driven is not None)


def attempt(jobs: Sequence[Job], runtime: ports.Runtime) -> tuple[Driven | None, ...]:
    """Do the jobs as `drive` does; None for one that did not end well in its time.  Raises Unavailable."""
    return _drive(jobs, runtime)[0]


def _drive(jobs: Sequence[Job], runtime: ports.Runtime) -> tuple[tuple[Driven | None, ...], str]:
    with tempfile.TemporaryDirectory() as folder:
        outs = [Path(folder) / f"{number}.json" for number in range(len(jobs))]
        asked = [_asked(job, out) for job, out in zip(jobs, outs, strict=True)]
        command = [runtime.python, "-I", "-B", str(Path(__file__).with_name("witness.py"))]
        try:
            ran = subprocess.run(
                command, input=json.dumps(asked), capture_output=True, text=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise Unavailable(f"{jobs[0].service} does not end within {SECONDS} s") from error
        return tuple(map(_driven, outs)), ran.stderr


def _asked(job: Job, out: Path) -> JsonValue:
    keep = {key for request, _ in job.requests for key in _keys(request.body)} | {"key"}
    requests: list[JsonValue] = [request.model_dump(mode="json") for request, _ in job.requests]
    return {
        "tree": str(job.tree),
        "recorder": str(ROOT / "tools" / "recorder" / "flight_recorder.py"),
        "app": f"services.{job.service}.app:app",
        "out": str(out),
        "tape": str(out.with_suffix(".jsonl")),
        "service": job.service,
        "version": VERSION,
        "keep": [key for key in sorted(keep) if key not in job.private],
        "times": [at.timestamp() for _, at in job.requests],
        "requests": requests,
        "suite": job.suite,
        "seconds": job.seconds,
    }


def _driven(out: Path) -> Driven | None:
    """The answers that a job wrote; None when it wrote nothing."""
    if not out.exists():
        return None
    tape = out.with_suffix(".jsonl")
    lines = tape.read_text(encoding="utf-8").splitlines() if tape.exists() else []
    captures = tuple(Capture.model_validate_json(line) for line in lines)
    return Driven.model_validate({**json.loads(out.read_text(encoding="utf-8")), "captures": captures})


def _keys(value: JsonValue) -> Iterator[str]:
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, dict):
            yield from item
            todo.extend(item.values())
        elif isinstance(item, list):
            todo.extend(item)
