"""Runs a service's own tests under pytest and reports each test by name.  Runs inside the sandbox.

The verdict is taken from pytest's exit code and its JUnit file together, by a process that never imports the tests and
that others of its user cannot inspect.  Both are written by one that does import them, and the code under test may
tamper with that.  So tests that must fail are laid beside the service's own: where one passes, or the exit code says
that nothing failed, the report is in doubt.

The job (JSON): ``targets`` (folders and files), ``paths``, ``cpu`` (seconds), ``root`` and ``cover``: the file whose
lines are noted as the tests run them, or an empty string.
"""

from __future__ import annotations

import importlib.util
import os
import resource
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from tools.reproduction import covered, report

_BAD = ("failed", "error")


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
    line = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={file}"]
    line += ["--maxfail=0", *job["targets"]]  # the service may want to stop at the first that fails
    first, switches = [], {}
    if job.get("cover"):
        first, switches = [mark], covered.prepare(mark, f"{job['root']}/{job['cover']}", hits)
    paths = os.pathsep.join([*first, *job["paths"], *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
    planted = plant(job["targets"])
    done = subprocess.run(  # noqa: S603 (the service's own interpreter)
        line,
        env={**os.environ, **switches, "PYTHONPATH": paths.rstrip(os.pathsep)},
        stdout=subprocess.PIPE,
        check=False,
    )
    tests = outcomes(file)
    wrong = {name: tests.pop(name) for name in list(tests) if name.rpartition(".")[2] in planted}
    well = done.returncode == 1 and not any(outcome in _BAD for outcome, _ in tests.values())
    report.send(
        results,
        {
            "exit": 0 if well else done.returncode,
            "tests": tests,
            "doubt": doubt(
                planted, {name.rpartition(".")[2]: said[0] for name, said in wrong.items()}, done.returncode
            ),
            "tail": done.stdout[-1500:].decode("utf-8", "replace"),
            "lines": covered.lines(hits) if job.get("cover") else None,
        },
    )
    os._exit(0)


def plant(targets: list[str]) -> list[str]:
    """Lay a test that must fail into every folder of tests, to be run after the others there; return their names.

    Hooks of a ``conftest.py`` hold for its own folder, and what a test does to pytest holds from then on.
    """
    folders = [Path(target) for target in targets if Path(target).is_dir()]
    folders += [path.parent for folder in tuple(folders) for path in sorted(folder.rglob("test_*.py"))]
    names = []
    for folder in dict.fromkeys(folders):
        names.append(f"test_zz_{os.urandom(6).hex()}")
        (folder / f"{names[-1]}.py").write_text(f"def {names[-1]}():\n    assert False\n")
    return names


def doubt(planted: list[str], seen: dict[str, str], exit_code: int) -> str:
    """Why the report cannot be believed; empty when it can.

    The first of the planted lies where the added test lies; a service may leave other folders out.
    """
    if exit_code == 0:
        return "pytest says that no test failed, although one that must fail was laid among them"
    if any(outcome not in _BAD for outcome in seen.values()):
        return "a test that must fail is reported as one that did not"
    if planted[:1] and planted[0] not in seen:
        return "a test that must fail was laid among them and did not run"
    return ""


def outcomes(file: str) -> dict[str, list[str]]:
    """{name: [outcome, message]} of the JUnit file; empty when there is none or it cannot be read."""
    try:
        cases = ElementTree.parse(file).getroot().iter("testcase")  # noqa: S314 (written by pytest in this sandbox)
    except (OSError, ElementTree.ParseError):
        return {}
    found: dict[str, list[str]] = {}
    for case in cases:
        name = f"{case.get('classname')}.{case.get('name')}"
        bad = next((child for child in case if child.tag in ("failure", "error", "skipped")), None)
        outcome = "passed" if bad is None else {"failure": "failed"}.get(bad.tag, bad.tag)
        if name in found and (outcome not in _BAD or found[name][0] in _BAD):
            continue  # a test that fails and then cannot be torn down stands there twice: the worse one counts
        found[name] = [outcome, "" if bad is None else (bad.get("message") or "")[:300]]
    return found
