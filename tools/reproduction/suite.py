"""Runs a service's own tests under pytest and reports each test by name.  Runs inside the sandbox.

The verdict is taken from pytest's exit code and its JUnit file together, by a process that never imports the tests.
The job (JSON): ``targets`` (folders and files), ``paths``, ``cpu`` (seconds), ``root`` and ``cover``: the file whose
lines are noted as the tests run them, or an empty string.
"""

from __future__ import annotations

import importlib.util
import os
import resource
import subprocess
import sys
from xml.etree import ElementTree

from tools.reproduction import covered, report


def main() -> None:
    """Fork off the part that starts the tests; the rest reports."""
    job = report.read_job()
    results = report.split()
    sys.path[:0] = job["paths"]
    if importlib.util.find_spec("pytest") is None:
        report.send(results, {"missing": "pytest is not installed in the service's environment"})
        os._exit(0)
    resource.setrlimit(resource.RLIMIT_CPU, (job["cpu"], job["cpu"] + 1))
    mark = f"/tmp/suture-{os.urandom(8).hex()}"  # noqa: S108 (the sandbox's own)
    file, hits = f"{mark}.xml", f"{mark}.hits"
    line = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={file}", *job["targets"]]
    first, switches = [], {}
    if job.get("cover"):
        first, switches = [mark], covered.prepare(mark, f"{job['root']}/{job['cover']}", hits)
    paths = os.pathsep.join([*first, *job["paths"], *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
    done = subprocess.run(  # noqa: S603 (the service's own interpreter)
        line,
        env={**os.environ, **switches, "PYTHONPATH": paths.rstrip(os.pathsep)},
        stdout=subprocess.PIPE,
        check=False,
    )
    report.send(
        results,
        {
            "exit": done.returncode,
            "tests": _tests(file),
            "tail": done.stdout[-1500:].decode("utf-8", "replace"),
            "lines": covered.lines(hits) if job.get("cover") else None,
        },
    )
    os._exit(0)


def _tests(file: str) -> dict[str, list[str]]:
    """{name: [outcome, message]} of the JUnit file; empty when there is none or it cannot be read."""
    try:
        cases = ElementTree.parse(file).getroot().iter("testcase")  # noqa: S314 (written by pytest in this sandbox)
    except (OSError, ElementTree.ParseError):
        return {}
    found = {}
    for case in cases:
        name = f"{case.get('classname')}.{case.get('name')}"
        bad = next((child for child in case if child.tag in ("failure", "error", "skipped")), None)
        outcome = "passed" if bad is None else {"failure": "failed"}.get(bad.tag, bad.tag)
        found[name] = [outcome, "" if bad is None else (bad.get("message") or "")[:300]]
    return found
