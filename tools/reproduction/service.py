"""Holds a service's application and sends it requests.  Runs inside the sandbox, as the service's own process would.

The application is imported once; each request runs in a fork of that, start-up included, so no request sees another's
state, and one that never ends is killed alone.  Orders come as lines of JSON, each with a token that its answer begins
with.  Nothing of this is to be seen when the application is imported: a patch that could tell it from a server could be
right here and wrong there.
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

from tools.reproduction import observe

Json = Dict[str, Any]  # noqa: UP006 (as above)
App = Callable[[Json, Callable[[], Awaitable[Json]], Callable[[Json], Awaitable[None]]], Awaitable[None]]

_BODY = 65536
"""Longest body that is reported whole; longer ones by digest alone."""


class Channel:
    """Pipes for orders and answers; the service's own input and output are neither."""

    def __init__(self) -> None:
        self._orders = os.fdopen(os.dup(0), "rb")
        self._answers = os.dup(1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        # What the service prints goes to standard error: the pipe of answers is not its to write to.
        os.dup2(2, 1)

    def next(self) -> Json | None:
        """The next order; None when nobody gives any more."""
        line = self._orders.readline()
        found: Json | None = json.loads(line) if line else None
        return found

    def answer(self, order: Json, text: str) -> None:
        """Answer an order with a line of JSON."""
        _write(self._answers, f"{order['token']} {text}")

    def close(self) -> None:
        """Close both ends."""
        self._orders.close()
        os.close(self._answers)


def main() -> None:
    """Take an order to settle in, one to import the application, and then one for each request."""
    channel = Channel()
    settings = channel.next() or {}
    _settle(settings)
    channel.answer(settings, "{}")
    order = channel.next() or {}
    logged = observe.Logged(settings["root"])
    try:
        app = _imported(settings["app"])
    except BaseException as error:  # noqa: BLE001 (whatever the service does at import is the result)
        channel.answer(order, json.dumps({"import_failed": observe.describe(error, settings["root"])}))
        os._exit(0)
    channel.answer(order, "{}")
    gc.freeze()  # the forks would copy every page that a collection touches
    while True:
        case = channel.next()
        if case is None:
            os._exit(0)
        channel.answer(case, _apart(app, settings, case, logged, channel))


def _imported(target: str) -> Any:
    module, _, name = target.partition(":")
    app: Any = importlib.import_module(module)
    for part in (name or "app").split("."):
        app = getattr(app, part)
    return app


def _settle(settings: Json) -> None:
    """Leave the import path, the modules, the arguments and the variables that the service's own process has."""
    for name in [name for name in sys.modules if name.partition(".")[0] in ("tools", "uvicorn")]:
        del sys.modules[name]
    for name in settings["added"]:
        os.environ.pop(name, None)
    for path in [path for path in sys.path_importer_cache if path.startswith(sys.path[0])]:
        del sys.path_importer_cache[path]
    sys.path[0] = settings["root"]
    os.chdir(settings["root"])
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    sys.argv[0] = f"{sys.prefix}/lib/{version}/site-packages/uvicorn/__main__.py"
    started = sys.modules["__main__"]
    vars(started).update(__file__=sys.argv[0], __cached__=None)
    if started.__spec__ is not None:
        started.__spec__.origin = sys.argv[0]


def _apart(app: App, settings: Json, case: Json, logged: observe.Logged, channel: Channel) -> str:
    """Run one request in a fork, and kill that with everything it started when its time is up."""
    reading, writing = os.pipe()
    start = time.monotonic()
    process = os.fork()
    if process == 0:
        # A group of its own, so that everything that the request starts can be killed with it.
        os.setpgid(0, 0)
        os.close(reading)
        channel.close()
        resource.setrlimit(resource.RLIMIT_CPU, (settings["cpu_per_case"], settings["cpu_per_case"] + 1))
        try:
            _write(writing, f"{case['token']} {json.dumps(_case(app, settings, case, logged))}")
        finally:
            os._exit(0)
    os.close(writing)
    text = _collect(reading, start + settings["seconds_per_case"] + 1.0)
    os.close(reading)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)  # it is not reaped yet, so its number is still its own
    _, status = os.waitpid(process, 0)
    token, _, said = text.partition(" ")
    if token == case["token"] and said.endswith("\n"):
        return said[:-1]
    spent = os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)
    return json.dumps({"status": None, "timed_out": spent, "crashed": True})


def _collect(descriptor: int, until: float) -> str:
    text = b""
    while (left := until - time.monotonic()) > 0:
        ready, _, _ = select.select([descriptor], [], [], left)
        part = os.read(descriptor, 65536) if ready else b""
        if not part:
            break
        text += part
        if text.endswith(b"\n"):
            break
    return text.decode("ascii", "replace")


def _write(descriptor: int, text: str) -> None:
    line = text.encode() + b"\n"
    while line:
        line = line[os.write(descriptor, line) :]


def _case(app: App, settings: Json, case: Json, logged: observe.Logged) -> Json:
    random.seed(case["seed"])
    logged.found.clear()
    result: Json = {"status": None, "raised": None, "timed_out": False}
    chunks: list[bytes] = []
    replay = _recorder()
    try:
        with replay(case["reads"]) if replay else contextlib.nullcontext():
            asyncio.run(_bounded(_drive(app, case, result, chunks), settings["seconds_per_case"], result))
    except BaseException as error:  # noqa: BLE001 (whatever the service raises is the result)
        result["raised"] = observe.describe(error, settings["root"])
    body = b"".join(chunks)
    result.update(sha256=hashlib.sha256(body).hexdigest(), length=len(body), **_readable(body))
    result.update(logged=logged.found, replayed=replay is not None or not case["reads"])
    return result


async def _bounded(work: Coroutine[Any, Any, None], seconds: float, result: Json) -> None:
    """Run work for so many seconds.

    Not wait_for: its TimeoutError could not be told from one that the service raises.
    """
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
        # Looked at, so that asyncio does not warn about an exception that nobody fetched.
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
        "client": ("127.0.0.1", case["port"]),
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
