"""Drives a service with requests and writes down what its recorder and its log would: run by the service's interpreter.

Nothing of ours is imported; it reads a JSON list of jobs from standard input and writes a file for each.
"""

import asyncio
import contextlib
import importlib
import importlib.util
import io
import json
import os
import resource
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

MEMORY = 2 << 30
"""Bytes of a service whose time is limited."""


def main() -> None:
    """Do every job in a fork of its own, so that what several services share is imported once."""
    jobs = json.load(sys.stdin)
    importlib.import_module("starlette.applications")
    if any(job["suite"] for job in jobs):
        importlib.import_module("pytest")
    for job in jobs:
        child = os.fork()
        if child == 0:
            try:
                _limit(job["seconds"])
                Path(job["out"]).write_text(json.dumps(_done(job)), encoding="utf-8")
            finally:
                os._exit(0)
        os.waitpid(child, 0)


def _limit(seconds: int | None) -> None:
    """End a service that loops or takes memory without end."""
    if seconds is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        signal.alarm(3 * seconds)


def _done(job: dict[str, Any]) -> dict[str, Any]:
    """Ask the service, and run its own tests where that is asked for."""
    sys.path.insert(0, job["tree"])
    recorder = _module("flight_recorder", job["recorder"])
    name, _, attribute = job["app"].partition(":")
    now = [0.0]
    app = recorder.FlightRecorder(
        getattr(importlib.import_module(name), attribute),
        path=job["tape"],
        service=job["service"],
        version=job["version"],
        keep=frozenset(job["keep"]),
        ok_every=1,
        clock=lambda: now[0],
    )
    answers = []
    for request, now[0] in zip(job["requests"], job["times"], strict=True):
        answers.append(asyncio.run(_ask(app, request, job["tree"])))
    return {"answers": answers, "suite": _suite(job) if job["suite"] else None}


def _suite(job: dict[str, Any]) -> int:
    pytest = importlib.import_module("pytest")
    os.chdir(job["tree"])
    with contextlib.redirect_stdout(io.StringIO()):
        return int(pytest.main(["-q", "-p", "no:cacheprovider", f"services/{job['service']}/tests"]))


def _module(name: str, path: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


async def _ask(app: Any, request: dict[str, Any], tree: str) -> dict[str, Any]:
    body = b"" if request["body"] is None else json.dumps(request["body"]).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request["method"],
        "scheme": "http",
        "path": request["path"],
        "raw_path": request["path"].encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    inbox = [{"type": "http.request", "body": body, "more_body": False}]
    said: dict[str, Any] = {"status": None, "body": "", "raised": None}

    async def receive() -> dict[str, Any]:
        return inbox.pop(0) if inbox else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        said["status"] = message.get("status", said["status"])
        said["body"] += message.get("body", b"").decode("utf-8", "replace")

    try:
        await app(scope, receive, send)
    except Exception as error:  # noqa: BLE001 (whatever the service raises is what is to be written down)
        own = _own(error, tree)
        said["raised"] = {"type": type(own).__name__, "message": str(own), "frames": _frames(own, tree)}
    return said


def _own(error: BaseException, tree: str) -> BaseException:
    """The service's own exception.

    Where asyncio has wrapped it (StopIteration), it is the wrapped one, as a log that prints the chain shows it.
    """
    while not any(frame["path"].startswith("services/") for frame in _frames(error, tree)) and error.__cause__:
        error = error.__cause__
    return error


def _frames(error: BaseException, tree: str) -> list[dict[str, Any]]:
    return [
        {
            "path": str(Path(frame.filename).relative_to(tree))
            if Path(frame.filename).is_relative_to(tree)
            else frame.filename,
            "line": frame.lineno or 0,
            "function": frame.name,
            "code": frame.line or "",
        }
        for frame in traceback.extract_tb(error.__traceback__)
    ]


if __name__ == "__main__":
    main()
