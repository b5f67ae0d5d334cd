"""Sends recorded requests to a service's application and reports the answers.  Runs inside the sandbox, isolated.

A process of the service's own interpreter holds the application (``service``).  It gets one request at a time, without
the recorded answers: its downstream services are played here, where it cannot change what it has called.

The job (JSON): ``python``, ``app``, ``root``, ``environment``, ``seconds_per_case``, ``cpu_per_case`` and ``cases``,
each with id, seed, port, method, path, query, headers, body, calls, borrowed and reads.
"""

from __future__ import annotations

import hmac
import json
import os
import subprocess
import time
from typing import Any, Dict  # noqa: UP035 (evaluated below; Python 3.9)

from tools.reproduction import answers, layout, report

Json = Dict[str, Any]  # noqa: UP006 (as above)

_ASKED = ("id", "seed", "port", "method", "path", "query", "headers", "body", "reads")
"""Keys of a request that the service's process is given."""

_SERVER = ("--host", "127.0.0.1", "--port", "8000")

_OURS = ("service.py", "observe.py")
_SERVED = {
    "uvicorn/__init__.py": "",
    "uvicorn/__main__.py": '__import__("tools.reproduction.service", fromlist=["main"]).main()\n',
    "tools/__init__.py": "",
    "tools/reproduction/__init__.py": "",
}
"""Our part of the service's process stands in the place of the server."""


def main() -> None:
    """Start the service's process, ask it, and report each answer with the calls that were made for it."""
    job, reporter = report.begin()
    hosts = [call["host"] for case in job["cases"] for call in (*case["calls"], *case["borrowed"])]
    ports, environment = answers.addresses(hosts, job["environment"])
    service = Service(job, environment)
    imported = service.start(job)
    if imported is None:
        os._exit(1)
    if "import_failed" in imported:
        reporter.send(imported)
        os._exit(0)
    downstream = answers.Downstream(ports)
    for case in job["cases"]:
        book = downstream.turn_to(case["calls"], case["borrowed"])
        begun = time.monotonic()
        said = service.ask({name: case[name] for name in _ASKED})
        if said is None:
            break
        seconds = round(time.monotonic() - begun, 4)
        reporter.send({**said, **book.told(), "case": case["id"], "seconds": seconds})
    os._exit(0)


class Service:
    """The process that runs the service's code, started as a server of ASGI applications usually is.

    It is untrusted: a line of it counts when it begins with the token of what was asked last.
    """

    def __init__(self, job: Json, environment: dict[str, str]) -> None:
        self._folder = layout.place()
        ours = {f"tools/reproduction/{name}": layout.source(name) for name in _OURS}
        layout.lay_out(self._folder, {**_SERVED, **ours})
        self._process = subprocess.Popen(  # noqa: S603 (the service's own interpreter)
            [job["python"], "-m", "uvicorn", job["app"], *_SERVER],
            cwd=self._folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def start(self, job: Json) -> Json | None:
        """Let the process load what we laid out, remove that, and let it import the application.

        None when it ended.
        """
        settings = {name: job[name] for name in ("app", "root", "added", "seconds_per_case", "cpu_per_case")}
        if self.ask(settings) is None:
            return None
        layout.take_away(self._folder)
        return self.ask({})

    def ask(self, order: Json) -> Json | None:
        """The process's answer; None when it has ended, and nothing but a crash when nobody can read it."""
        if self._process.stdin is None or self._process.stdout is None:
            return None
        # A new one for each question: the service may print what it likes, but cannot know the next token.
        token = os.urandom(16).hex().encode()
        try:
            report.write(self._process.stdin.fileno(), json.dumps({**order, "token": token.decode()}).encode())
        except BrokenPipeError:
            return None
        for line in self._process.stdout:
            said, _, text = line.partition(b" ")
            if hmac.compare_digest(said, token):
                return _read(text)
        return None


def _read(text: bytes) -> Json:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {"crashed": True}
