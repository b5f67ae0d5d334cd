"""The shop's environment: made once, by whoever comes first, and startable by anybody."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from evals.lab import command, runtime

pytestmark = pytest.mark.timeout(180)
ROOT = Path(__file__).parents[3]
ENSURE = """
import json, sys
from pathlib import Path
from evals.lab import runtime
shop = runtime.ensure(Path(sys.argv[1]), Path(sys.argv[2]))
print(json.dumps([str(shop.python), *map(str, shop.mounts)]))
"""


def ensuring(requirements: Path, place: Path) -> subprocess.Popen[str]:
    command_line = [sys.executable, "-c", ENSURE, str(requirements), str(place)]
    return subprocess.Popen(command_line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_labs_that_start_together_make_it_once(tmp_path: Path) -> None:
    both = [ensuring(command.REQUIREMENTS, tmp_path) for _ in range(2)]
    answers = [process.communicate(timeout=150) for process in both]
    assert [process.returncode for process in both] == [0, 0], answers
    assert answers[0][0] == answers[1][0]
    python = json.loads(answers[0][0])[0]
    ran = subprocess.run([python, "-c", "import starlette, uvicorn, prometheus_client"], check=False)
    assert ran.returncode == 0
    assert len(list(tmp_path.glob("shop-*/.complete"))) == 1


def test_one_that_was_left_half_made_is_made_again(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("")
    first = runtime.ensure(requirements, tmp_path)
    (first.mounts[0] / ".complete").unlink()
    (first.mounts[0] / "half").touch()
    assert runtime.ensure(requirements, tmp_path) == first
    assert not (first.mounts[0] / "half").exists()


def test_a_package_without_its_hash_is_refused(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("idna==3.10\n")
    with pytest.raises(runtime.NoRuntime):
        runtime.ensure(requirements, tmp_path)
    assert not list(tmp_path.glob("shop-*/.complete"))


def test_the_shops_python_sees_none_of_our_packages() -> None:
    shop = runtime.ensure(command.REQUIREMENTS, runtime.home())
    for name in ("incident", "langchain_openai", "pydantic"):
        ran = subprocess.run([str(shop.python), "-c", f"import {name}"], capture_output=True, cwd="/", check=False)
        assert ran.returncode == 1, name
