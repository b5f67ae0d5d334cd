"""Files, variables and environments that stand in the way of what reports: they write the proof of a naive start, not ours."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from incident.proof import Check, Reproduction
from tests.integration.sandbox import sample
from tests.integration.sandbox.conftest import NEEDS_BWRAP
from tests.integration.sandbox.trials import BASE, WRONG
from tools import ports
from tools.proof.prover import Prover
from tools.sandbox.bwrap import Bubblewrap

pytestmark = [
    NEEDS_BWRAP,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not sample.same_minor(), reason="the system's interpreter cannot use our pytest"),
]

FORGING = """
import json

def forged(message):
    tests = {name: said if "regression" in name else ["passed", ""] for name, said in message["tests"].items()}
    bad = any(said[0] != "passed" for said in tests.values())
    return {**message, "tests": tests, "doubt": "", "exit": int(bad)}

if not hasattr(json, "honest"):
    json.honest = json.dumps
    def dumps(message, **options):
        return json.honest(forged(message) if isinstance(message, dict) and "doubt" in message else message, **options)
    json.dumps = dumps
"""
"""Makes every test of a report good, but for the added one, wherever it is run before a report is written."""

SHADOW = f"""
import importlib.machinery, importlib.util, os, sys
here = os.path.dirname(os.path.abspath(__file__))
here = os.path.dirname(here) if __file__.endswith("__init__.py") else here
spec = importlib.machinery.PathFinder.find_spec(__name__, [path for path in sys.path if os.path.abspath(path) != here])
real = sys.modules[__name__] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(real)
{FORGING}
"""
"""The same from a module that stands before another of its name, and is that one otherwise."""

TREES: Mapping[str, Mapping[str, str]] = {
    **{
        path: {f".suture/{path}": SHADOW}
        for path in ("hmac.py", "json/__init__.py", "resource.py")
    },
    "a package": {".suture/xml/__init__.py": SHADOW},
    "a module that is imported late": {".suture/pkgutil.py": SHADOW},
    "an interpreter's start": {"sitecustomize.py": FORGING},
    "our own package": {".suture/tools/__init__.py": FORGING},
    "the start itself": {".suture/__main__.py": f"{FORGING}\nfrom tools.reproduction import run\nrun.main()\n"},
}  # fmt: skip
"""What a repository may hold, by what it stands for."""

SITES: Mapping[str, Mapping[str, str]] = {
    "an interpreter's start": {"sitecustomize.py": FORGING},
    "a module": {"hmac.py": SHADOW},
}
"""What the environment of a service may hold, at the beginning of its import path."""


class Naive:
    """The control: what reports lies in the tree and is started as the service is, by its interpreter, with its variables."""

    def __init__(self) -> None:
        self._sandbox = Bubblewrap()

    def run(self, job: ports.Job) -> ports.Ran:
        request = json.loads(job.stdin.encode()[12 : 12 + int(job.stdin[:12])])
        line = (request["python"], f"{job.place}/.suture/__main__.py", *job.argv)
        first = f"{job.place}:{request['environment'].get('PYTHONPATH', '')}"
        files = {
            f".suture/{path}": text for path, text in job.runner.items() if f".suture/{path}" not in self.held(job)
        }
        started = {"argv": line, "runner": {}, "files": {**files, **job.files}}
        return self._sandbox.run(
            job.model_copy(update={**started, "environment": {**request["environment"], "PYTHONPATH": first}})
        )

    @staticmethod
    def held(job: ports.Job) -> set[str]:
        """The paths that the tree itself holds."""
        return {str(path.relative_to(job.tree)) for path in Path(job.tree).rglob("*")}


def checks(
    scratch: Path, sandbox: ports.Sandbox, files: Mapping[str, str], runtime: ports.Runtime | None = None
) -> dict[str, Check]:
    """A proof of the wrong patch, on a service that is otherwise in order."""
    runtime = runtime or sample.runtime()
    prover = Prover(sample.Shelf({**BASE, **files}), sandbox, scratch)
    found = prover.reproduce(
        sample.COMMIT, sample.COMPONENT, runtime, (sample.GUEST,), sample.SIGNATURE, sample.HEALTHY
    )
    assert isinstance(found, Reproduction), found
    patch = sample.patch(WRONG, prover.regression_test(found, sample.COMPONENT))
    proof = prover.prove(patch, sample.COMPONENT, runtime, found, sample.HEALTHY)
    return {check.name: check for check in proof.checks}


def test_without_such_a_file_the_naive_start_finds_the_mistake(tmp_path: Path) -> None:
    found = checks(tmp_path, Naive(), {})
    assert {name for name, check in found.items() if check.outcome != "passed"} == {"own_tests"}
    assert found["own_tests"].outcome == "failed"


@pytest.mark.parametrize("name", sorted(TREES))
def test_a_repository_writes_no_proof(tmp_path: Path, name: str) -> None:
    control = checks(tmp_path / "control", Naive(), TREES[name])
    found = checks(tmp_path / "scratch", Bubblewrap(), TREES[name])
    assert found["own_tests"].outcome in ("failed", "unknown"), found
    if all(path.startswith(".suture/") for path in TREES[name]):
        assert "test_bulk" in found["own_tests"].detail  # nobody cares for it
    assert control["own_tests"].outcome == "passed", control["own_tests"]


@pytest.mark.parametrize("name", sorted(SITES))
def test_an_environment_writes_no_proof(tmp_path: Path, public: Path, name: str) -> None:
    site = public / "site"
    for path, text in SITES[name].items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text)
    given = sample.runtime()
    first = {**given.environment, "PYTHONPATH": f"{site}:{given.environment['PYTHONPATH']}"}
    runtime = given.model_copy(update={"environment": first, "mounts": (*given.mounts, str(site))})
    found = checks(tmp_path / "scratch", Bubblewrap(), {}, runtime)
    assert "test_bulk" in found["own_tests"].detail
    assert checks(tmp_path / "control", Naive(), {}, runtime)["own_tests"].outcome == "passed"


def test_a_virtual_environment_writes_no_proof(tmp_path: Path, public: Path) -> None:
    """Its interpreter runs every ``.pth`` of its own at its start."""
    given = sample.runtime()
    shutil.copytree(given.mounts[0], public / "env" / "lib" / f"{_version()}" / "site-packages")
    (public / "env" / "pyvenv.cfg").write_text(f"home = {Path(sample.system_python()).parent}\n")
    (public / "env" / "bin").mkdir()
    (public / "env" / "bin" / "python").symlink_to(sample.system_python())
    site = public / "env" / "lib" / _version() / "site-packages"
    (site / "forging.py").write_text(FORGING)
    (site / "forging.pth").write_text("import forging\n")
    environment = {**given.environment, "PYTHONPATH": "/srv/checkouts/orders-v1"}
    runtime = ports.Runtime(
        python=str(public / "env" / "bin" / "python"), mounts=(str(public / "env"),), environment=environment
    )
    found = checks(tmp_path / "scratch", Bubblewrap(), {}, runtime)
    assert "test_bulk" in found["own_tests"].detail
    assert checks(tmp_path / "control", Naive(), {}, runtime)["own_tests"].outcome == "passed"


def _version() -> str:
    return Path(sample.system_python()).resolve().name


def test_variables_for_the_tests_alone_change_none(tmp_path: Path) -> None:
    """Control: without our leaving them out, what they deselect is not run."""
    given = sample.runtime()
    skipping = {**given.environment, "PYTEST_ADDOPTS": "--deselect services/orders/tests/test_bulk.py"}
    runtime = given.model_copy(update={"environment": skipping})
    assert "test_bulk" in checks(tmp_path / "scratch", Bubblewrap(), {}, runtime)["own_tests"].detail

    class Passing(Naive):
        def run(self, job: ports.Job) -> ports.Ran:
            size = int(job.stdin[:12])
            request, key = json.loads(job.stdin.encode()[12 : 12 + size]), job.stdin.encode()[12 + size :].decode()
            text = json.dumps({**request, "environment": {**request["environment"], **skipping}})
            return super().run(job.model_copy(update={"stdin": f"{len(text.encode()):012d}{text}{key}"}))

    assert checks(tmp_path / "control", Passing(), {}, runtime)["own_tests"].outcome == "passed"
