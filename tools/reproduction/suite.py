"""Runs a service's own tests under pytest and reports each test by name.  Runs inside the sandbox, isolated.

The verdict is taken from pytest's exit code and its JUnit file together.  Both are made by a process of the service's
own interpreter that imports the tests, and the code under test may tamper with that.  So tests that must fail are laid
beside the service's own: where one passes, or the exit code says that nothing failed, the report is in doubt.

The job (JSON): ``python``, ``environment``, ``root``, ``targets`` (folders and files), ``added`` (paths of what
is no test of the service's own), ``cpu`` (seconds) and ``cover``: the file whose lines are noted as the tests run them, or an empty string.
"""

from __future__ import annotations

import contextlib
import os
import re
import resource
import subprocess
from pathlib import Path
from typing import Any, Dict  # noqa: UP035 (evaluated below; Python 3.9)
from xml.etree import ElementTree

from tools.reproduction import covered, layout, report

Json = Dict[str, Any]  # noqa: UP006 (as above)

_BAD = ("failed", "error")

_ABSENT = b"No module named pytest\n"
"""The end of what an interpreter says that has none."""


def main() -> None:
    """Have the tests run, look at what came of it, and report."""
    job, reporter = report.begin()
    resource.setrlimit(resource.RLIMIT_CPU, (job["cpu"], job["cpu"] + 1))
    planted = plant(job["targets"], job["added"])
    mark = layout.place()
    file, hits = f"{mark}.xml", f"{mark}.txt"
    done = _run(job, _watching(job, mark, hits) if job["cover"] else job["environment"], file)
    if done.returncode == 1 and done.stderr.endswith(_ABSENT):
        reporter.send({"missing": "pytest is not installed in the service's environment"})
    else:
        reporter.send({**judged(done, outcomes(file), planted), "lines": lines(hits) if job["cover"] else None})
    os._exit(0)


def _watching(job: Json, folder: str, hits: str) -> Dict[str, str]:  # noqa: UP006 (as above)
    """The variables with which every interpreter that the tests start notes what it runs of the covered file."""
    told = f"{job['root']}/{job['cover']}\n{hits}\n"
    layout.lay_out(folder, {"sitecustomize.py": layout.source("covered.py"), covered.WATCHED: told})
    paths = filter(None, (folder, job["environment"].get("PYTHONPATH", "")))
    return {**job["environment"], "PYTHONPATH": os.pathsep.join(paths)}


def _run(job: Json, environment: dict[str, str], file: str) -> subprocess.CompletedProcess[bytes]:
    """Pytest, which the service may want to stop at the first test that fails."""
    line = [job["python"], "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={file}", "--maxfail=0"]
    line += [f"./{target}" for target in job["targets"]]  # a folder's name is no option
    return subprocess.run(line, env=environment, cwd=job["root"], capture_output=True, check=False)  # noqa: S603 (the service's own interpreter)


def judged(done: subprocess.CompletedProcess[bytes], tests: dict[str, list[str]], planted: list[str]) -> Json:
    """The service's own tests without those that were laid among them, and what these say of the rest."""
    wrong = {name: tests.pop(name) for name in list(tests) if name.rpartition(".")[2] in planted}
    seen = {name.rpartition(".")[2]: said[0] for name, said in wrong.items()}
    # 1 means that tests failed: those that must, if none of the service's own did.
    well = done.returncode == 1 and not any(outcome in _BAD for outcome, _ in tests.values())
    return {
        "exit": 0 if well else done.returncode,
        "tests": tests,
        "doubt": doubt(planted, seen, done.returncode),
        "tail": (done.stdout[-1500:] + done.stderr[-500:]).decode("utf-8", "replace"),
    }


def plant(targets: list[str], added: list[str]) -> list[str]:
    """Lay a test that must fail into every folder of tests; return their names.

    Hooks of a ``conftest.py`` hold for its own folder, and what a test does to pytest holds from then on.  So each runs
    behind one of the folder's own tests, and is named like it and not like the `added` ones: a name that is always the
    same would tell which tests to leave alone.
    """
    folders = [Path(target) for target in targets if Path(target).is_dir()]
    folders += [path.parent for folder in tuple(folders) for path in sorted(folder.rglob("test_*.py"))]
    names = []
    for folder in dict.fromkeys(folders):
        own = sorted(path.stem for path in folder.glob("test_*.py") if str(path) not in added)
        letters = "".join(chr(ord("a") + byte % 26) for byte in os.urandom(8))
        names.append(re.sub(r"\W", "_", f"{own[-1] if own else 'test_z'}_{letters}"))
        (folder / f"{names[-1]}.py").write_text(f"def {names[-1]}():\n    assert {os.urandom(1)[0]} == 256\n")
    return names


def doubt(planted: list[str], seen: dict[str, str], exit_code: int) -> str:
    """Reason that the report cannot be believed; empty when it can.

    The first of the planted lies where the added test lies; a service may leave other folders out.
    """
    if exit_code == 0:
        return "pytest says that no test failed, although one that must fail was laid among them"
    if any(outcome not in _BAD for outcome in seen.values()):
        return "a test that must fail is reported as one that did not"
    if planted[:1] and planted[0] not in seen:
        return "a test that must fail was laid among them and did not run"
    return ""


def lines(hits: str) -> list[int]:
    """The numbers of the lines that were noted, in order; none when the file was never run."""
    with contextlib.suppress(FileNotFoundError), open(hits, encoding="ascii") as noted:  # noqa: PTH123 (few imports)
        return sorted({int(line) for line in noted if line.strip().isdigit()})
    return []


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
