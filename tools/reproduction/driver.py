"""Drives a service's ASGI application in process with recorded requests.  Runs inside the sandbox.

The application is imported once; each case runs in a fork of that, so no case sees another's state, and one that never
ends is killed alone.  The job (JSON): ``app``, ``root``, ``paths``, ``seconds_per_case``, ``cpu_per_case`` and ``cases``, each with id,
method, path, query, headers, body, calls, borrowed and reads.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import importlib
import json
import os
import random  # noqa: TID251 (seeded, so that the service's own randomness repeats)
import resource
import select
import signal
import sys
import time
from typing import Any, Awaitable, Callable, Coroutine, Dict  # noqa: UP035 (evaluated below; Python 3.9)

from tools.reproduction import answers, observe, report

Json = Dict[str, Any]  # noqa: UP006 (as above)
App = Callable[[Json, Callable[[], Awaitable[Json]], Callable[[Json], Awaitable[None]]], Awaitable[None]]

_BODY = 65536
"""Longest body that is reported whole; longer ones by digest alone."""


def main() -> None:
    """Fork off the part that runs the service's code; the rest reports."""
    job = report.read_job()
    results = report.split()
    _forget_ourselves()
    hosts = [call["host"] for case in job["cases"] for call in (*case["calls"], *case["borrowed"])]
    ports, environment = answers.addresses(hosts, dict(os.environ))
    os.environ.update(environment)
    sys.path[:0] = job["paths"]
    logged = observe.Logged(job["root"])
    try:
        module, _, name = job["app"].partition(":")
        app: Any = importlib.import_module(module)
        for part in (name or "app").split("."):
            app = getattr(app, part)
    except BaseException as error:  # noqa: BLE001 (whatever the service does at import is the result)
        report.send(results, {"import_failed": observe.describe(error, job["root"])})
        os._exit(0)
    gc.freeze()  # the forks would copy every page that a collection touches
    for case in job["cases"]:
        report.send(results, _apart(app, job, case, ports, logged, results))
    os._exit(0)


def _forget_ourselves() -> None:
    """The service may have packages of our names."""
    for name in [name for name in sys.modules if name == "tools" or name.startswith("tools.")]:
        del sys.modules[name]


def _apart(
    app: App, job: Json, case: Json, ports: dict[str, int], logged: observe.Logged, results: report.Results
) -> Json:
    """Run one case in a fork, and kill that with everything it started when its time is up.

    The result carries a token that only this file's frames hold: writing to every descriptor forges nothing.
    """
    reading, writing = os.pipe()
    token = os.urandom(16).hex()
    start = time.monotonic()
    process = os.fork()
    if process == 0:
        os.setpgid(0, 0)
        os.close(reading)
        os.close(results.descriptor)
        resource.setrlimit(resource.RLIMIT_CPU, (job["cpu_per_case"], job["cpu_per_case"] + 1))
        try:
            report.write(writing, json.dumps({token: _case(app, job, case, ports, logged)}).encode())
        finally:
            os._exit(0)
    os.close(writing)
    text = _collect(reading, start + job["seconds_per_case"] + 1.0)
    os.close(reading)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)  # it is not reaped yet, so its number is still its own
    _, status = os.waitpid(process, 0)
    seconds = round(time.monotonic() - start, 4)
    try:
        said: Json = json.loads(text)[token]
    except (ValueError, LookupError, TypeError):
        spent = os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)
        said = {"status": None, "timed_out": spent, "crashed": True}
    return {**said, "case": case["id"], "seconds": seconds}


def _collect(descriptor: int, until: float) -> bytes:
    text = b""
    while (left := until - time.monotonic()) > 0:
        ready, _, _ = select.select([descriptor], [], [], left)
        part = os.read(descriptor, 65536) if ready else b""
        if not part:
            break
        text += part
        if text.endswith(b"\n"):
            break
    return text


def _case(app: App, job: Json, case: Json, ports: dict[str, int], logged: observe.Logged) -> Json:
    random.seed(0)
    logged.found.clear()
    downstream = answers.Downstream(ports, case["calls"], case["borrowed"])
    result: Json = {"status": None, "raised": None, "timed_out": False}
    chunks: list[bytes] = []
    replay = _recorder()
    try:
        with replay(case["reads"]) if replay else contextlib.nullcontext():
            asyncio.run(_bounded(_drive(app, case, result, chunks), job["seconds_per_case"], result))
    except BaseException as error:  # noqa: BLE001 (whatever the service raises is the result)
        result["raised"] = observe.describe(error, job["root"])
    body = b"".join(chunks)
    result.update(sha256=hashlib.sha256(body).hexdigest(), length=len(body), **_readable(body))
    result.update(logged=logged.found, replayed=replay is not None or not case["reads"])
    result.update(unexpected=downstream.unexpected, borrowed=downstream.borrowed)
    result.update(made=downstream.made, unmade=downstream.left)
    return result


async def _bounded(work: Coroutine[Any, Any, None], seconds: float, result: Json) -> None:
    """Not wait_for: its TimeoutError could not be told from one that the service raises."""
    task = asyncio.ensure_future(work)
    await asyncio.wait([task], timeout=seconds)
    result["timed_out"] = not task.done()
    if task.done():
        task.result()


def _recorder() -> Any:
    """The recorder's own replay of local reads, if the service has the recorder."""
    for name, module in sorted(sys.modules.items()):
        if name.rpartition(".")[2] == "flight_recorder" and hasattr(module, "replay"):
            return module.replay
    return None


def _readable(body: bytes) -> Json:
    if len(body) > _BODY:
        return {"is_json": False, "body": None}
    try:
        return {"is_json": True, "body": json.loads(body)}
    except ValueError:
        return {"is_json": False, "body": body[:2000].decode("utf-8", "replace")}


async def _drive(app: App, case: Json, result: Json, chunks: list[bytes]) -> None:
    """Start the application's lifespan, then make the one request."""
    stop, task = await _lifespan(app)
    try:
        await _request(app, case, result, chunks)
    finally:
        stop.set()
        if task is not None:
            await asyncio.wait([task], timeout=1.0)


async def _lifespan(app: App) -> tuple[asyncio.Event, asyncio.Future[None] | None]:
    """Run start-up to its end.  An application without a lifespan refuses it with an exception, which is no failure."""
    stop, ready = asyncio.Event(), asyncio.Event()
    told = iter(("lifespan.startup",))

    async def receive() -> Json:
        for kind in told:
            return {"type": kind}
        await stop.wait()
        return {"type": "lifespan.shutdown"}

    async def send(message: Json) -> None:
        if message["type"].startswith("lifespan.startup"):
            ready.set()

    task = asyncio.ensure_future(app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send))
    waiting = asyncio.ensure_future(ready.wait())
    await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if task.done():
        task.exception()
        return stop, None
    return stop, task


async def _request(app: App, case: Json, result: Json, chunks: list[bytes]) -> None:
    body, headers = _body(case)
    sent = iter(({"type": "http.request", "body": body, "more_body": False},))

    async def receive() -> Json:
        for message in sent:
            return message
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Json) -> None:
        if message["type"] == "http.response.start":
            result["status"] = message["status"]
        elif message["type"] == "http.response.body":
            chunks.append(bytes(message.get("body", b"")))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": case["method"],
        "scheme": "http",
        "path": case["path"],
        "raw_path": case["path"].encode(),
        "query_string": case["query"].encode(),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 40000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
    await app(scope, receive, send)


def _body(case: Json) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    headers = {name.lower(): value for name, value in case["headers"].items()}
    if case["body"] is None and case["method"] in ("GET", "HEAD", "DELETE", "OPTIONS"):
        body = b""
    elif isinstance(case["body"], str) and "json" not in headers.get("content-type", ""):
        body = case["body"].encode()
    else:
        body = json.dumps(case["body"]).encode()
        headers.setdefault("content-type", "application/json")
    headers["content-length"] = str(len(body))
    headers.setdefault("host", "127.0.0.1:8000")
    return body, [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()]
