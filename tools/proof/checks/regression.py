"""Writes a reproduction as a regression test for the service's own suite, for people to read and keep.

It needs pytest and nothing else.  The application runs in an interpreter of its own, because its settings may be read
at import, with its downstream services played by the test.
"""

import json
import pprint
import re

from incident.capture import Call
from incident.proof import Reproduction
from incident.remedy import FileEdit
from tools import ports

_TEMPLATE = '''"""{title}

Recorded from live traffic: {route} failed with {exception} in {function} ({path}).
All values are stand-ins; keys, types, nulls and lengths are as they were.
"""

import asyncio
import importlib
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

APP = {app!r}

REQUEST = {request}

# What the services behind this one answered: (method, path, status, body).
ANSWERS = {answers}

# Variables that hold the addresses of those services.
ADDRESSES = {addresses}

# Readings of the clock and of local state, in order.
READS = {reads}


def test_{name}():
    with ThreadingHTTPServer(("127.0.0.1", 0), Downstream) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{{server.server_port}}"
        surroundings = {{**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [os.getcwd(), *sys.path]))}}
        surroundings.update({{name: here + path for name, path in ADDRESSES.items()}})
        ran = subprocess.run(
            [sys.executable, __file__], env=surroundings, capture_output=True, text=True, timeout=30, check=False
        )
        server.shutdown()
    assert ran.returncode == 0, ran.stderr
    answer = json.loads(ran.stdout.splitlines()[-1])
    assert {accepted}, answer


class Downstream(BaseHTTPRequestHandler):
    """Plays the services behind this one."""

    left = list(ANSWERS)

    def answer(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        asked = (self.command, self.path.partition("?")[0])
        found = next((item for item in self.left if item[:2] == asked), (*asked, 599, {{"error": "not recorded"}}))
        if found in self.left:
            self.left.remove(found)
        body = json.dumps(found[3]).encode()
        self.send_response(found[2])
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *args):
        """Keep the test's output quiet."""


async def ask(app):
    """Start the application, and send the request in process; an exception of the application is raised."""
    body = b"" if REQUEST["body"] is None else json.dumps(REQUEST["body"]).encode()
    inbox, started, answer = asyncio.Queue(), asyncio.Event(), {{"status": None, "body": ""}}

    async def send(message):
        if message["type"].startswith("lifespan."):
            started.set()
        answer["status"] = message.get("status", answer["status"])
        answer["body"] += message.get("body", b"").decode("utf-8", "replace")

    inbox.put_nowait({{"type": "lifespan.startup"}})
    life = asyncio.ensure_future(app({{"type": "lifespan", "asgi": {{"version": "3.0"}}, "state": {{}}}}, inbox.get, send))
    life.add_done_callback(lambda done: (done.cancelled() or done.exception(), started.set()))  # not every application has a lifespan
    await started.wait()
    requests = asyncio.Queue()
    requests.put_nowait({{"type": "http.request", "body": body, "more_body": False}})
    scope = {{
        "type": "http",
        "asgi": {{"version": "3.0"}},
        "http_version": "1.1",
        "method": REQUEST["method"],
        "scheme": "http",
        "path": REQUEST["path"],
        "raw_path": REQUEST["path"].encode(),
        "query_string": REQUEST["query"].encode(),
        "root_path": "",
        "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }}
    await app(scope, requests.get, send)
    life.cancel()
    return answer
{replay}

if __name__ == "__main__":
    module, _, name = APP.partition(":")
    application = getattr(importlib.import_module(module), name)
    {main}
'''

_REPLAY = '''

def recorder():
    """The service's flight recorder, which gives recorded readings again."""
    return next(module for name, module in sorted(sys.modules.items()) if name.split(".")[-1] == "flight_recorder")

'''


def write(reproduction: Reproduction, component: ports.Component, *, refuses: bool = False) -> FileEdit:
    """The test as a new file.  The same reproduction always makes the same bytes.

    A refusal is an answer where requests of the route were refused like that before, and where the patch `refuses`.
    """
    capture, signature = reproduction.capture, reproduction.signature
    reads = (*capture.reads, *reproduction.lent_reads)
    subject = _words(f"{capture.route} {signature.function}")
    text = _TEMPLATE.format(
        title=f"{_prose(capture.route)} answers a request that once failed.",
        route=_prose(capture.route),
        exception=_prose(signature.exception),
        function=_prose(signature.function),
        path=_prose(signature.path),
        app=component.app,
        request=_python({"method": capture.method, "path": capture.path, "query": capture.query, "body": capture.body}),
        answers=_python([_answer(call) for call in _answered(reproduction)]),
        addresses=_python(_suffixes(reproduction)),
        reads=_python([read.model_dump(mode="json") for read in reads]),
        accepted=_accepted(reproduction, refuses=refuses),
        name=f"{subject}_answers_a_request_that_once_failed",
        replay=_REPLAY if reads else "",
        main="with recorder().replay(READS):\n        print(json.dumps(asyncio.run(ask(application))))"
        if reads
        else "print(json.dumps(asyncio.run(ask(application))))",
    )
    if not reads:
        text = text.replace("# Readings of the clock and of local state, in order.\nREADS = []\n\n\n", "\n")
    path = f"{component.tests}/test_regression_{subject}_{capture.digest()[:8]}.py"
    return FileEdit(path=path, before=None, after=text)


def _accepted(reproduction: Reproduction, *, refuses: bool) -> str:
    if refuses:
        return 'answer["status"] < 500'
    known = f' or answer["status"] in {reproduction.refusals}' if reproduction.refusals else ""
    return f'answer["status"] < 400{known}'


def _answered(reproduction: Reproduction) -> tuple[Call, ...]:
    # A call without a status got no answer, and the test's server can only play answers.
    return tuple(call for call in (*reproduction.capture.calls, *reproduction.borrowed) if call.status is not None)


def _answer(call: Call) -> tuple[object, ...]:
    return (call.method, call.path, call.status, call.body)


def _suffixes(reproduction: Reproduction) -> dict[str, str]:
    """Each variable's path behind the address (usually none)."""
    return {
        name: re.sub(r"^[a-z]+://[^/]+", "", value).rstrip("/")
        for name, value in sorted(reproduction.environment.items())
    }


def _python(value: object) -> str:
    """A literal as people write it.  JSON first, so that nothing but plain data can get in."""
    plain = json.loads(json.dumps(value))
    if isinstance(value, list):
        plain = [tuple(item) if isinstance(item, list) else item for item in plain]
    return pprint.pformat(plain, width=110, sort_dicts=False)


def _prose(text: str) -> str:
    """Text that the service wrote, for a docstring: nothing in it may end the string."""
    return re.sub(r"[^\w /{}.:<>*+-]", "?", text)[:120]


def _words(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:60] or "request"
